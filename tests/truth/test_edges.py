"""Readings that hardly can be, or cannot; and claims about nothing but known constants."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.special import logsumexp

from estimates import compare, fit, summary

from .building import build, drawn
from .gaussian import normal
from .headline import closed
from .quadrature import interval, of_weights
from .tolerance import agree, near
from .widths import point

SAID = point(2, 1, "log")
SMALL, LARGE = interval(1, 3, "log"), interval(10, 100, "log")
OPTIONS = {"plain": "small", "narrow": "small - large", "never": "0 - small"}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    model = build(
        tmp_path_factory.mktemp("edges"),
        quantities={"small": "1 to 3", "large": "10 to 100"},
        relations={"meant": {"by": "reading", **OPTIONS}},
        readings={"reading": {name: {"weight": 1, "because": "-"} for name in OPTIONS}},
        says={"said": "2", "cited": "1 to 4"},
        claims={"said": {"about": "meant", "scale": "log"}},
        compare={"cited": "small"},
        targets=["small"],
    )
    return fit(model, seed=14)


@pytest.fixture(scope="module")
def entries(fitted: xr.DataTree) -> list[dict[str, Any]]:
    return list(summary(fitted).document["readings"])


@functools.cache
def narrow() -> tuple[float, Any, Any]:
    """small - large must be about 2, where the prior has it above 0 once in 40,000 times."""
    grids = [np.linspace(-0.6, 5.4, 1201)] * 2
    s, g = grids[0][:, None], grids[1][None, :]
    log = SMALL.log_density(s) + LARGE.log_density(g) + SAID(np.exp(s) - np.exp(g))
    weights = np.exp(log - log.max())
    log_evidence = float(logsumexp(log)) + 2 * math.log(grids[0][1] - grids[0][0])
    margins = [of_weights(grid, weights.sum(axis=1 - i)) for i, grid in enumerate(grids)]
    return log_evidence, *margins


def test_a_reading_that_cannot_be_has_no_weight(entries: list[dict[str, Any]]) -> None:
    never = entries[2]
    assert never["posterior"] == 0
    assert never["log_evidence"] is None
    assert never["quantities"]["small"]["median"] is None


def test_a_reading_that_hardly_can_be_is_fitted_where_it_can(
    fitted: xr.DataTree, entries: list[dict[str, Any]]
) -> None:
    log_evidence, small, large = narrow()
    found = entries[1]
    near("log evidence", found["log_evidence"], found["log_evidence_se"], log_evidence)
    agree("small", np.log(drawn(fitted, "small", 1)), small)
    agree("large", np.log(drawn(fitted, "large", 1)), large)


def test_the_others_are_weighed_as_ever(fitted: xr.DataTree, entries: list[dict[str, Any]]) -> None:
    mean, sd, log_evidence = closed(SMALL, SAID)
    near("log evidence", entries[0]["log_evidence"], entries[0]["log_evidence_se"], log_evidence)
    agree("small", np.log(drawn(fitted, "small", 0)), normal(mean, sd))
    share = 1 / (1 + math.exp(narrow()[0] - log_evidence))
    assert entries[0]["posterior"] == pytest.approx(share, abs=1e-6)
    assert entries[1]["posterior"] == pytest.approx(1 - share, rel=0.05)
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]


def test_the_comparison_leaves_it_out(fitted: xr.DataTree) -> None:
    mean, sd, _ = closed(SMALL, SAID)
    answer = stats.norm(mean, sd)
    for pool in ("held-out", "independent", "redundant"):
        entries = compare(fitted, pool).document["comparisons"]
        assert entries[2]["median"] is None
        mixture = entries[-1]
        assert mixture["weight"] == 1
        if pool == "held-out":
            true = answer.cdf(math.log(4)) - answer.cdf(0)
            near("P(inside)", mixture["inside"], math.sqrt(true * (1 - true) / 2000), true)


def test_claims_about_constants_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The evidence is the likelihood, exactly; nothing is compiled."""
    model = build(
        tmp_path_factory.mktemp("constants"),
        quantities={"days": {"value": "3"}},
        says={"two": "2", "again": "5 ± 1"},
        claims={"two": "days * 1", "again": "days"},
    )
    entry = summary(fit(model, seed=1)).document["readings"][0]
    true = stats.norm.logpdf(SAID.y, math.log(3), SAID.sigma) + stats.norm.logpdf(5, 3, 1)
    assert entry["log_evidence"] == pytest.approx(true, rel=1e-9)
    assert entry["quantities"]["days"]["median"] == 3
