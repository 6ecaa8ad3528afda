"""Cited figures of every kind beside an answer whose distribution is known: a prior's."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from estimates import compare, fit

from . import widths as w
from .building import build
from .quadrature import LINKS
from .tolerance import near

Z90 = stats.norm.ppf(0.95)
DRAWS = 8000
#: Link, and median and sd on it, of the answers; the cited figures are about these.
ANSWERS = {
    "money": ("log", (math.log(50) + math.log(500)) / 2, math.log(10) / (2 * Z90)),
    "portion": ("logit", 0.0, math.log(0.7 / 0.3) / Z90),
    "level": ("identity", 50.0, 50 / Z90),
}
PRIORS: dict[str, Any] = {
    "money": {"unit": "USD", "prior": "50 to 500"},
    "portion": {"unit": "share", "prior": "30 to 70 %"},
    "level": {"unit": "USD", "support": "real", "prior": "0 to 100"},
}


def around(datum: w.Datum, coverage: float) -> tuple[float, float]:
    """The ends of a figure that names only its centre, at a coverage, on the claim's scale."""
    half = 0.5 + coverage / 2
    z = float(stats.t(4).ppf(half)) if datum.student else float(stats.norm.ppf(half))
    inverse = {"log": math.exp, "logit": expit, "identity": float}[datum.scale]
    return inverse(datum.y - z * datum.sigma), inverse(datum.y + z * datum.sigma)


#: About what, says, what that means, and its low and high.
CITED: dict[str, tuple[str, dict[str, Any], Any, tuple[float | None, float | None]]] = {
    "range": ("money", {"says": "100 to 200 USD"}, w.spread(100, 200, "log"), (100, 200)),
    "hedged": (
        "money",
        {"says": "around 200 USD"},
        (hedged := w.point(200, 100, "log", hedged=True)),
        around(hedged, 0.70),
    ),
    "sure": (
        "money",
        {"says": "180 USD", "basis": "register"},
        (sure := w.point(180, 10, "log", "register")),
        around(sure, 0.95),
    ),
    "vague": (
        "money",
        {"says": "a few hundred USD", "basis": "hearsay"},
        (few := w.vague(320, 0.35, "hearsay")),
        around(few, 0.50),
    ),
    "measured": (
        "money",
        {"says": "200 ± 40 USD"},
        (error := w.measured(200, 40)),
        around(error, 0.70),
    ),
    "tailed": (
        "money",
        {"says": "around 90 USD", "tails": "student-t"},
        (tailed := w.point(90, 10, "log", hedged=True, student=True)),
        around(tailed, 0.70),
    ),
    "ceiling": ("money", {"says": "up to 150 USD"}, None, (None, 150)),
    "floor": ("money", {"says": "at least 400 USD"}, None, (400, None)),
    "some": (
        "portion",
        {"says": "80 %", "basis": "statistics"},
        (most := w.point(0.8, 0.1, "logit", "statistics")),
        around(most, 0.90),
    ),
    "counted": (
        "portion",
        {"says": "12 of 40"},
        stats.beta(12.5, 28.5),
        tuple(stats.beta(12.5, 28.5).ppf([0.05, 0.95])),
    ),
    "plain": ("level", {"says": "20 to 40 USD"}, w.spread(20, 40, "identity"), (20, 40)),
    "negative": (
        "level",
        {"says": "-30 USD", "basis": "statistics"},
        (loss := w.point(-30, 10, "identity", "statistics")),
        around(loss, 0.90),
    ),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """By claim, its entry in the comparison."""
    says = {
        name: {k: v for k, v in entry.items() if k != "tails"}
        for name, (_, entry, _, _) in CITED.items()
    }
    model = build(
        tmp_path_factory.mktemp("cited"),
        quantities=PRIORS,
        says=says,
        claims={},
        compare={
            name: {"about": about} | {k: v for k, v in entry.items() if k == "tails"}
            for name, (about, entry, _, _) in CITED.items()
        },
    )
    entries = compare(fit(model, seed=21)).document["comparisons"]
    return {entry["claim"]: entry for entry in entries if entry["reading"] is not None}


def answer(about: str, scale: str) -> Any:
    """Draws would do; quantiles of the answer on a scale are exact, and as many as one likes."""
    link, mean, sd = ANSWERS[about]
    u = stats.norm(mean, sd).ppf((np.arange(200_000) + 0.5) / 200_000)
    x = {"log": np.exp, "logit": expit, "identity": np.asarray}[link](u)
    return LINKS[scale](x)


def on_identity(means: Any) -> bool:
    return isinstance(means, w.Datum) and means.scale == "identity"


def error(p: float) -> float:
    """Of a share of independent draws."""
    return math.sqrt(max(p * (1 - p), 1 / DRAWS) / DRAWS)


@pytest.mark.parametrize("name", CITED)
def test_where_the_answer_lies(found: dict[str, dict[str, Any]], name: str) -> None:
    about, _, means, (low, high) = CITED[name]
    entry, x = found[name], answer(about, "identity")
    for end, true in (("low", low), ("high", high)):
        assert entry[end] == (None if true is None else pytest.approx(true, rel=1e-9))
    below = 0.0 if low is None else float(np.mean(x < low))
    above = 0.0 if high is None else float(np.mean(x > high))
    near("P(below)", entry["below"], error(below), below)
    near("P(above)", entry["above"], error(above), above)
    assert entry["inside"] == pytest.approx(1 - entry["below"] - entry["above"], abs=1e-12)
    median = float(np.median(x))
    edge = low if low is not None and median < low else median
    edge = high if high is not None and median > high else edge
    if on_identity(means):
        assert entry["factor_to_edge"] is None
    else:
        near("factor to the edge", entry["factor_to_edge"], 0.02 * edge / median, edge / median)


@pytest.mark.parametrize("name", CITED)
def test_by_how_much_it_misses(found: dict[str, dict[str, Any]], name: str) -> None:
    """Ratios to the centre; differences where the claim speaks on the identity scale."""
    about, _, means, _ = CITED[name]
    entry, x = found[name], answer(about, "identity")
    if means is None:  # a bound has no centre
        assert entry["ratio"] is None
        return
    quantiles = dict(zip(("q05", "median", "q95"), np.quantile(x, [0.05, 0.5, 0.95]), strict=True))
    if on_identity(means):
        assert entry["ratio"] is None
        for key, value in quantiles.items():
            near(key, entry["difference"][key], 0.03 * float(np.std(x)), value - means.y)
        return
    if isinstance(means, w.Datum):
        centre = {"log": math.exp, "logit": expit}[means.scale](means.y)
    else:
        centre = float(means.median())
    for key, value in quantiles.items():
        near(key, entry["ratio"][key], 0.02 * value / centre, value / centre)


@pytest.mark.parametrize("name", CITED)
def test_whether_they_could_be_one_number(found: dict[str, dict[str, Any]], name: str) -> None:
    """Conflict, and overlap on the claim's scale; a bound states no density."""
    about, _, means, _ = CITED[name]
    entry = found[name]
    if means is None:
        assert entry["conflict_p"] is None
        assert entry["overlap"] is None
        return
    if isinstance(means, w.Datum):
        on_scale = answer(about, means.scale)
        noise = stats.t(4) if means.student else stats.norm()
        exceeds = noise.cdf((on_scale - means.y) / means.sigma)
        grid = np.linspace(on_scale.min(), on_scale.max(), 20_001)
        theirs = noise.pdf((grid - means.y) / means.sigma) / means.sigma
    else:
        on_scale = answer(about, "logit")
        exceeds = means.cdf(expit(on_scale))
        grid = np.linspace(on_scale.min(), on_scale.max(), 20_001)
        theirs = means.pdf(expit(grid)) * expit(grid) * expit(-grid)
    above = float(exceeds.mean())
    true = 2 * min(above, 1 - above)
    near("conflict p", entry["conflict_p"], 2 * float(exceeds.std()) / math.sqrt(DRAWS), true)
    # Density of the answer on the scale, by differences of its quantiles.
    ours = np.gradient((np.arange(len(on_scale)) + 0.5) / len(on_scale), on_scale)
    overlap = np.trapezoid(np.minimum(np.interp(grid, on_scale, ours), theirs), grid)
    # The kernel's bandwidth moves an overlap by a hundredth or so.
    assert entry["overlap"] == pytest.approx(float(overlap), abs=0.02)


@pytest.mark.parametrize("name", CITED)
def test_verdict(found: dict[str, dict[str, Any]], name: str) -> None:
    entry = found[name]
    below, inside, above = (entry[key] for key in ("below", "inside", "above"))
    if below >= 0.9 or above >= 0.9:
        expected = "below" if below >= 0.9 else "above"
    elif inside >= 0.5 and below < 0.3 and above < 0.3:
        expected = "consistent"
    else:
        expected = "straddles"
    assert entry["verdict"] == expected


# A figure that errs further on one side ----------------------------------------------------------


def _pooled(mean: float, sd: float, y: float, up: float, down: float) -> tuple[float, ...]:
    """Quantiles, and P(below y), of the geometric mean of a normal and two halves of normals."""
    grid = np.linspace(mean - 12 * sd, mean + 12 * sd, 200_001)
    halves = stats.norm.logpdf((grid - y) / np.where(grid < y, down, up))
    log = (stats.norm.logpdf(grid, mean, sd) + halves) / 2
    below = np.cumsum(np.exp(log - log.max()))
    below /= below[-1]
    return (*np.interp((0.05, 0.5, 0.95), below, grid), float(np.interp(y, grid, below)))


def test_the_same_evidence_again_of_a_lopsided_figure(tmp_path: Path) -> None:
    """Against quadrature; once by weights alone, once where the figure is admitted wider first.

    Beyond four Monte Carlo errors a twentieth of the spread is for the kernel density, which is a
    twentieth wider than what it estimates.
    """
    model = build(
        tmp_path,
        quantities={
            "near": {"support": "real", "prior": "-100 to 100"},
            "far": {"support": "real", "prior": "-10 to 10"},
        },
        says={"one": "2 ± 1", "close": "3 +2 -0.7", "narrow": "3 +1 -0.4"},
        claims={"one": "near"},
        compare={"close": "near", "narrow": "far"},
        targets=["near", "far"],
    )
    wide, some = 100 / Z90, 10 / Z90
    precision = 1 + wide**-2
    truths = {
        "close": _pooled(2 / precision, precision**-0.5, 3, 2, 0.7),
        "narrow": _pooled(0.0, some, 3, 1, 0.4),
    }
    for claim, (*ends, low) in truths.items():
        (row,) = compare(fit(model, seed=5), "redundant").told(claim)
        slack = 0.05 * (ends[2] - ends[0]) / (2 * Z90)
        for name, truth in zip(("q05", "median", "q95"), ends, strict=True):
            assert abs(getattr(row, name) - truth) < 4 * getattr(row, f"mcse_{name}") + slack
        share = np.interp(3, [row.q05, row.median, row.q95], [0.05, 0.5, 0.95])
        assert abs(share - low) < 0.1
