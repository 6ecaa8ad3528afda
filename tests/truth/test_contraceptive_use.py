"""A panel from another field, beside the model that is used there: FPEM, of the same surveys."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit

from estimates import Sampling, fit, load

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "models" / "contraceptive-use"


def fpem() -> dict[tuple[str, int], tuple[float, float, float]]:
    """FPEM's 10 % quantile, median and 90 % quantile by country and year."""
    with (FOLDER / "fpem.csv").open(encoding="utf-8") as file:
        return {
            (row["id"].split("-")[1], int(row["when"])): (
                float(row["low"]) / 100, float(row["median"]) / 100, float(row["high"]) / 100,
            )
            for row in csv.DictReader(file)
        }  # fmt: skip


def test_the_figures_that_are_known() -> None:
    """FPEM's stored results at three dates, and one record of each kind of row."""
    known = fpem()
    assert len(known) == 12 * 9
    assert known["lesotho", 2014] == pytest.approx((0.581, 0.601, 0.620), abs=6e-4)
    assert known["kenya", 2008] == pytest.approx((0.370, 0.391, 0.414), abs=6e-4)
    assert known["nigeria", 2018] == pytest.approx((0.117, 0.123, 0.132), abs=6e-4)
    model = load(FOLDER)
    evidence = {use.id: use for use in model.uses if not use.held_out}
    assert len(evidence) == 133
    assert all(use.scale == "logit" and use.kind for use in evidence.values())
    assert str(evidence["kenya-2003-dhs"].claim.says) == "31.54 ± 0.91 %"
    assert evidence["uganda-2011-dhs"].sigma == pytest.approx(0.0158 / (0.26 * 0.74))


@pytest.mark.long
def test_it_agrees_with_fpem_where_there_are_surveys() -> None:
    """By what two models of the same surveys may differ, whose processes are not the same.

    Between 1995 and 2016 there are surveys on both sides of nearly every cell.  There the level is
    the surveys', and medians differ by no more than one survey's error: the middle standard error
    of the extract is 0.9 points.  Before and after them the walk has no trend, and FPEM has one.
    """
    found = fit(load(FOLDER), seed=1, sampling=Sampling(draws=500, tune=500))
    use = found["posterior"]["use"]
    between, shift, within, width = [], [], [], []
    for (country, year), (low, median, high) in fpem().items():
        draws = use.sel(country=country, year=year).values.ravel()
        ours = np.quantile(draws, (0.1, 0.5, 0.9))
        if 1995 <= year <= 2016:
            between.append(abs(ours[1] - median))
            within.append(ours[0] <= median <= ours[2])
            width.append(np.ptp(logit(ours[[0, 2]])) / np.ptp(logit((low, high))))
        if year == 2018:
            shift.append(ours[1] - median)
    assert np.mean(between) < 0.009
    assert np.max(between) < 0.045  # five of them, in the worst of 84 cells
    assert np.mean(within) > 0.9  # FPEM's median in what holds 80 % here
    assert 1 < np.median(width) < 2.5  # no trend is known here, so more is open
    assert -0.03 < np.mean(shift) < 0  # FPEM goes on growing after the last survey
