"""The doctor: it finds nothing where nothing is wrong, and what is wrong where something is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from scipy import integrate, stats

from estimates.cli import app
from estimates.report import doctor


def test_the_known_answer_is_that_of_quadrature() -> None:
    def density(x: float) -> float:
        prior = stats.norm.pdf(x, 0, doctor.PRIOR_SD)
        return float(prior * stats.norm.pdf(doctor.SAID, x, doctor.ERROR))

    def moment(power: int) -> float:
        return float(integrate.quad(lambda x: x**power * density(x), -150, 150, limit=200)[0])

    mean = moment(1) / moment(0)
    assert mean == pytest.approx(doctor.MEAN, rel=1e-6)
    assert moment(2) / moment(0) - mean**2 == pytest.approx(doctor.SD**2, rel=1e-6)


def test_a_wrong_answer_is_told() -> None:
    assert doctor.verdict(doctor.MEAN + 0.3, doctor.SD, 0.1) == ""
    assert "its mean is" in doctor.verdict(doctor.MEAN + 0.6, doctor.SD, 0.1)
    assert "its standard deviation is" in doctor.verdict(doctor.MEAN, doctor.SD - 0.6, 0.1)
    assert "its mean is" in doctor.verdict(float("nan"), doctor.SD, 0.1)


def test_the_command_says_that_all_is_well_or_what_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["doctor", "--root", str(tmp_path), "--json"]
    told = CliRunner().invoke(app, words)
    document = json.loads(told.stdout)
    assert (told.exit_code, document["well"], document["problems"]) == (0, True, [])
    names = {one["name"]: one for one in document["packages"]}
    assert names["pymc"]["installed"]
    assert names["openpyxl"]["needed_for"] == "Excel files"
    assert [one["problem"] for one in document["places"]] == ["", "", ""]
    assert list(tmp_path.iterdir()) == []  # it leaves nothing behind

    (tmp_path / "results").write_text("a file in the way", encoding="utf-8")
    broken = doctor.Trial(problem="a small fit failed: OSError: no compiler")
    monkeypatch.setattr(doctor, "attempt", lambda: broken)
    told = CliRunner().invoke(app, words)
    found = json.loads(told.stdout)["problems"]
    assert told.exit_code == 1
    assert found[0].startswith("finished work: cannot be")
    assert found[1:] == ["a small fit failed: OSError: no compiler"]
    assert CliRunner().invoke(app, words[:-1]).stdout.startswith("Something is wrong:\n  finished")
