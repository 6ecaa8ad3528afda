"""Verdicts that Monte Carlo error could turn, and flips among points that are undecided."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from estimates.analysis.compare.pooling import Pooled, held_out, sides
from estimates.analysis.compare.result import OneReading
from estimates.analysis.compare.sentences import conclusions
from estimates.analysis.multiverse.width_flips import _Path, _Point, _row
from estimates.analysis.verdict import (
    NEAR,
    Sides,
    divided,
    mixed,
    only_just,
    possible,
    verdict,
)
from estimates.language.phrases import worded
from estimates.model import Conventions

USUAL = Conventions()


def _sides(below: float, above: float, se: float = 0.01) -> Sides:
    return Sides(below, above, se, se, se)


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (_sides(0.95, 0.0), {"below"}),
        (_sides(0.915, 0.0), {"below", "straddles"}),
        (_sides(0.885, 0.0), {"below", "straddles"}),
        (_sides(0.0, 0.89), {"above", "straddles"}),
        (_sides(0.2, 0.2), {"consistent"}),
        (_sides(0.29, 0.1), {"consistent", "straddles"}),
        (_sides(0.25, 0.24), {"consistent", "straddles"}),
        (_sides(0.915, 0.0, 0.0), {"below"}),
        (_sides(0.5, 0.4), {"straddles"}),
    ],
)
def test_thresholds_within_two_errors_are_undecided(one: Sides, found: set[str]) -> None:
    assert possible(one, USUAL) == found


def test_rounding_decides_nothing() -> None:
    """A tenth of the weight is a tenth, and nine tenths are nine, whatever the last bit."""
    tenth = 1 - 0.9  # 0.09999999999999998
    assert divided(["below", "above"], [0.9, tenth], USUAL)
    assert verdict(0.3 * 3, tenth, 0.0, USUAL) == "below"
    assert verdict(1 - tenth - 1e-12, tenth, 0.0, USUAL) == "below"


def _mixture(readings: list[Sides], weights: list[float], se: float) -> tuple[str, bool]:
    """The verdict over readings whose weights err by `se`, the first against the others."""
    w = np.array(weights)
    noise = se * stats.norm.ppf((np.arange(1000) + 0.5) / 1000)
    simulated = w + noise[:, None] * np.array([1.0, *(-w[1:] / w[1:].sum())])
    together = mixed(readings, w, np.arange(len(w)), simulated)
    said = [verdict(one.below, one.inside, one.above, USUAL) for one in readings]
    whole = verdict(together.below, together.inside, together.above, USUAL)
    whole = "divided" if divided(said, w, USUAL) else whole
    return whole, only_just(readings, w, simulated, together, USUAL)


LOW, HIGH, BETWEEN = _sides(1.0, 0.0, 0.0), _sides(0.0, 1.0, 0.0), _sides(0.5, 0.4)


@pytest.mark.parametrize(
    ("readings", "weights", "se", "said", "just"),
    [
        ([LOW, HIGH], [0.5, 0.5], 0.02, "divided", False),
        ([LOW, HIGH], [0.88, 0.12], 0.02, "divided", True),  # the weight is near a tenth
        ([LOW, HIGH], [0.88, 0.12], 0.005, "divided", False),
        ([LOW, HIGH], [0.92, 0.08], 0.02, "below", True),
        ([LOW, HIGH], [0.99, 0.01], 0.002, "below", False),
        # One of two readings might be another: then they would not differ.
        ([LOW, _sides(0.89, 0.0)], [0.5, 0.5], 0.0, "divided", True),
        # A reading of no weight might be another: that would change nothing.
        ([LOW, LOW, _sides(0.89, 0.0)], [0.5, 0.49, 0.01], 0.0, "below", False),
        # Two light ones that err together might between them hold a tenth.
        ([LOW, _sides(0.91, 0.0), _sides(0.91, 0.0)], [0.88, 0.06, 0.06], 0.0, "below", True),
        # Neither alone divides; the mixture's own P(below) is near nine tenths.
        ([BETWEEN, BETWEEN], [0.5, 0.5], 0.0, "straddles", False),
    ],
)
def test_over_readings_weights_and_their_errors_count(
    readings: list[Sides], weights: list[float], se: float, said: str, just: bool
) -> None:
    assert _mixture(readings, weights, se) == (said, just)


def test_the_error_of_a_mixture_is_that_of_its_parts_and_weights() -> None:
    """Readings of one fit err together, others apart, and the weights by themselves."""
    parts = [_sides(0.2, 0.1), _sides(0.6, 0.1)]
    weights, steady = np.array([0.5, 0.5]), np.full((100, 2), 0.5)
    assert mixed(parts, weights, np.array([0, 0]), steady).below_se == pytest.approx(0.01)
    apart = mixed(parts, weights, np.array([0, 1]), steady)
    assert apart.below_se == pytest.approx(0.01 / math.sqrt(2))
    assert (apart.below, apart.above) == (pytest.approx(0.4), pytest.approx(0.1))
    moving = np.array([[0.45, 0.55], [0.55, 0.45]] * 50)
    moved = mixed(parts, weights, np.array([0, 1]), moving).below_se
    assert moved == pytest.approx(math.hypot(0.01 / math.sqrt(2), 0.05 * 0.4))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_error_of_a_probability_is_that_of_repetition(weighted: bool) -> None:
    """Of 200 runs of dependent draws: the spread of their misses in their own errors is one.

    Weights e^x shift a standard normal by one.
    """
    rng = np.random.default_rng(4)
    mean = 1.0 if weighted else 0.0
    misses = []
    for _ in range(200):
        noise = rng.standard_normal((4, 500)) * math.sqrt(1 - 0.6**2)
        noise[:, 0] = rng.standard_normal(4)
        draws = noise.copy()
        for i in range(1, 500):
            draws[:, i] = 0.6 * draws[:, i - 1] + noise[:, i]
        weights = np.exp(draws.ravel()) if weighted else np.ones(2000)
        found = sides(Pooled(draws.ravel(), weights / weights.sum(), 0.0, 4), mean + 0.5, None)
        misses.append((found.below - stats.norm.cdf(0.5)) / found.below_se)
    # The spread of 200 is known to 0.05, and each error, if draws are weighted, to some tenths.
    assert 0.8 < np.std(misses) < (1.5 if weighted else 1.25)


def test_where_all_draws_agree_nothing_is_undecided() -> None:
    found = sides(held_out(np.zeros(400), 4), 1.0, 2.0)
    assert found == Sides(1.0, 0.0)


def test_it_is_said_in_words() -> None:
    assert worded("divided", True) == "divided, but only just"
    assert worded("below", False) == "below"
    row = OneReading(
        claim="cited", reading={}, weight=1.0, low=1.0, high=2.0, unit="", q05=0.1, q95=1.2,
        below=0.91, inside=0.09, above=0.0, verdict="below", only_just=True,
    )  # fmt: skip
    said = list(conclusions([row, replace(row, reading=None)], "held-out"))
    assert "Here the verdict holds only just: it lies within two Monte Carlo errors" in said[1]
    whole = replace(row, reading=None, verdict="divided")
    two = [replace(row, reading={"by": name}, only_just=False) for name in ("a", "b")]
    said = list(conclusions([*two, whole], "held-out"))
    assert any(one.startswith("The verdict is divided, but only just: readings") for one in said)
    assert any(one.startswith("Over all readings the verdict holds only just") for one in said)
    sure = [replace(one, below=0.999, inside=0.001) for one in two]
    said = " ".join(conclusions([*sure, replace(whole, verdict="below")], "held-out"))
    assert "(probability more than 0.99)" in said
    said = " ".join(conclusions([*two, replace(whole, verdict="below")], "held-out"))
    assert "(probability 0.91 or more)" in said


# Flips of widths -------------------------------------------------------------------------------


def _path(*points: tuple[float, str, bool]) -> _Path:
    made = (_Point(log, said, just, 1.0, (0.0,)) for log, said, just in points)
    return _Path("cited", "", tuple(made), ())


def test_a_flip_lies_between_points_that_are_decided() -> None:
    noisy = _path(
        (0.0, "below", False), (0.5, "below", False), (0.6, "straddles", True),
        (0.65, "below", True), (0.7, "straddles", True), (0.8, "straddles", False),
    )  # fmt: skip
    row = _row([noisy])
    assert (row.low, row.high) == (pytest.approx(math.exp(0.5)), pytest.approx(math.exp(0.8)))
    assert (row.verdict, row.only_just) == ("straddles", False)
    assert sorted(noisy.wanted()) == pytest.approx([0.55, 0.75])  # from its ends


def test_a_verdict_that_is_touched_is_no_flip() -> None:
    touched = _path(
        (0.0, "below", False), (0.5, "straddles", True), (1.0, "below", False),
        (2.0, "below", False),
    )  # fmt: skip
    assert touched.flip is None
    assert _row([touched]).factor is None


def test_undecided_to_the_end_is_said() -> None:
    row = _row([_path((0.0, "below", False), (1.0, "below", False), (2.0, "straddles", True))])
    assert row.only_just is True
    assert (row.low, row.high) == (pytest.approx(math.e), pytest.approx(math.exp(2)))
    # Undecided from the start: it may have flipped by now.
    row = _row([_path((0.0, "below", True), (1.0, "straddles", False))])
    assert (row.low, row.only_just) == (1.0, True)


def test_a_bisection_under_noise_ends_at_the_place() -> None:
    """P(below) falls from 0.98 through 0.9 with an error of 0.01 at every point anew."""
    rng = np.random.default_rng(3)
    outside = 0
    for _ in range(50):
        points = {0.0: 0.98, math.log(10): 0.5}
        for _ in range(60):
            made = []
            for log in sorted(points):
                p = points[log]
                just = len(possible(_sides(p, 0.0), USUAL)) > 1
                made.append(_Point(log, verdict(p, 1 - p, 0.0, USUAL), just, 1.0, (p,)))
            path = _Path("cited", "", tuple(made), ())
            wanted = [log for log in path.wanted() if log not in points]
            if not wanted:
                break
            slope = (0.98 - 0.5) / math.log(10)
            for log in wanted:
                points[log] = float(0.98 - slope * log + 0.01 * rng.standard_normal())
        else:
            raise AssertionError("the search does not end")
        row = _row([path])
        exact = 0.08 / slope
        reach = NEAR * 0.01 / slope
        assert row.verdict == "straddles"
        assert row.only_just is False
        # What ends the interval is clear by two errors, so that it may be off by two as well.
        assert math.log(row.low) < exact + reach
        assert math.log(row.high) > exact - reach
        outside += not row.low <= math.exp(exact) <= row.high
        # Six errors away a point is undecided once in thirty thousand times.
        assert math.log(row.high / row.low) < 6 * reach + 2 * math.log(1.03)
    # One end is wrong if a point beyond the place is clear by chance, one in forty a point.
    assert outside <= 15
