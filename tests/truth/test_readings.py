"""Readings and their weights, where every evidence is a closed form.

Two log-normal quantities; one phrase that may be about either of them or both, one of its
readings absurd; a second phrase that under one reading says nothing, held at its stated weights;
a third that no evidence touches; and a fourth that makes no difference whatever.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import xarray as xr

from estimates import fit, summary

from .building import build, drawn
from .gaussian import Gaussian
from .tolerance import agree, near
from .widths import point, spread

SAID = point(150, 10, "log", hedged=True)
HINT = spread(40, 60, "log", "register")
Z90 = 1.6448536269514722
CENTRE, SD = np.log([100.0, 10.0]), np.log(10) / Z90
#: What `said` is about, as log weights of a and b and an offset; and the stated weights.
ABSURD = 3e6
MEANING = {
    "first": (np.array([1.0, 0.0]), 0.0, 0.5),
    "both": (np.array([1.0, 1.0]), -np.log(10), 0.25),
    "absurd": (np.array([0.0, 1.0]), -np.log(ABSURD), 0.25),
}
HELD = {"speaks": 0.75, "silent": 0.25}
ASPECT = ("product", "sum")
COMBINATIONS = list(itertools.product(MEANING, HELD, ASPECT))


def stated(**weights: float) -> dict[str, Any]:
    return {name: {"weight": weight, "because": "-"} for name, weight in weights.items()}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    model = build(
        tmp_path_factory.mktemp("readings"),
        quantities={"a": "10 to 1000", "b": "1 to 100"},
        relations={
            "meant": {"by": "meaning", "first": "a", "both": "a * b / 10", "absurd": "b / 3e6"},
            "hinted": {"by": "held", "speaks": "b", "silent": "nothing"},
            "answer": {"by": "aspect", "product": "a * b", "sum": "a + b"},
            "twin": {"by": "idle", "left": "a / b", "right": "a / b"},
        },
        readings={
            "meaning": stated(first=2, both=1, absurd=1),
            "held": {"update": False} | stated(speaks=3, silent=1),
            "aspect": stated(product=1, sum=1),
            "idle": stated(left=1, right=4),
        },
        says={"said": "around 150", "hint": {"says": "40 to 60", "basis": "register"}},
        claims={"said": "meant", "hint": "hinted"},
        targets=["answer", "twin"],
    )
    return fit(model, seed=4)


@pytest.fixture(scope="module")
def entries(fitted: xr.DataTree) -> list[dict[str, Any]]:
    return list(summary(fitted).document["readings"])


def truth(meaning: str, held: str, centre: Any = CENTRE, sd: Any = SD) -> tuple[Gaussian, float]:
    """Posterior of log a and log b, and the log evidence."""
    weights, offset, _ = MEANING[meaning]
    data = [(weights, SAID.y - offset, SAID.sigma**2)]
    if held == "speaks":
        data.append((np.array([0.0, 1.0]), HINT.y, HINT.sigma**2))
    design, y, noise = (np.array(column) for column in zip(*data, strict=True))
    return Gaussian(np.array(centre), np.diag(np.broadcast_to(sd, 2) ** 2)).given(design, y, noise)


def weights(centre: Any = CENTRE, sd: Any = SD) -> np.ndarray:
    """Posterior weights of the combinations: evidence moves them, but not the held axis."""
    joint = {
        (meaning, held): prior * np.exp(truth(meaning, held, centre, sd)[1])
        for meaning, (_, _, prior) in MEANING.items()
        for held in HELD
    }
    total = {held: sum(joint[meaning, held] for meaning in MEANING) for held in HELD}
    return np.array([HELD[h] * joint[m, h] / total[h] / 2 for m, h, _ in COMBINATIONS])


def test_what_makes_no_difference_is_merged(entries: list[dict[str, Any]]) -> None:
    assert [entry["reading"] for entry in entries] == [
        {"meaning": meaning, "held": held, "aspect": aspect, "idle": "left|right"}
        for meaning, held, aspect in COMBINATIONS
    ]
    for entry, (meaning, held, _) in zip(entries, COMBINATIONS, strict=True):
        assert entry["prior"] == pytest.approx(MEANING[meaning][2] * HELD[held] / 2)


@pytest.mark.parametrize("number", range(len(COMBINATIONS)))
def test_evidence(entries: list[dict[str, Any]], number: int) -> None:
    """That of the absurd reading is about 1e-31, where the prior has no draws at all."""
    meaning, held, _ = COMBINATIONS[number]
    entry = entries[number]
    assert entry["log_evidence_se"] < 0.01
    true = truth(meaning, held)[1]
    near("log evidence", entry["log_evidence"], entry["log_evidence_se"], true)
    if meaning == "absurd":
        assert true < np.log(1e-30)


@pytest.mark.parametrize("number", range(len(COMBINATIONS)))
def test_posterior(fitted: xr.DataTree, number: int) -> None:
    meaning, held, aspect = COMBINATIONS[number]
    posterior, _ = truth(meaning, held)
    a, b = (np.log(drawn(fitted, name, number)) for name in "ab")
    agree("log a", a, posterior.of(np.array([1.0, 0.0])))
    agree("log b", b, posterior.of(np.array([0.0, 1.0])))
    agree("log a / b", np.log(drawn(fitted, "twin", number)), posterior.of(np.array([1.0, -1.0])))
    answer = drawn(fitted, "answer", number)
    true = np.exp(a) + np.exp(b) if aspect == "sum" else np.exp(a + b)
    np.testing.assert_allclose(answer, true, rtol=1e-12)
    hinted = drawn(fitted, "hinted", number)
    if held == "silent":
        assert np.isnan(hinted).all()
    else:
        np.testing.assert_array_equal(hinted, drawn(fitted, "b", number))
    if meaning == "absurd" and held == "silent":
        # Nowhere near the prior: ten of its sds away.
        assert posterior.mean[1] > CENTRE[1] + 10 * SD


def test_weights(entries: list[dict[str, Any]]) -> None:
    for entry, true in zip(entries, weights(), strict=True):
        assert entry["posterior_se"] <= 0.005
        near(str(entry["reading"]), entry["posterior"], entry["posterior_se"] + 1e-12, true)
    assert sum(entry["posterior"] for entry in entries) == pytest.approx(1)


def test_a_held_reading_keeps_its_weights(entries: list[dict[str, Any]]) -> None:
    for held, weight in HELD.items():
        mine = [e["posterior"] for e in entries if e["reading"]["held"] == held]
        assert sum(mine) == pytest.approx(weight, abs=1e-12)


def test_weights_if_the_priors_are_moved(entries: list[dict[str, Any]]) -> None:
    """By half an sd either way, and to half and twice the sd, one quantity at a time."""
    moved = [weights()]
    for which in np.eye(2):
        moved += [weights(centre=CENTRE + shift * SD * which) for shift in (0.5, -0.5)]
        moved += [weights(sd=SD * stretch**which) for stretch in (0.5, 2.0)]
    low, high = np.min(moved, axis=0), np.max(moved, axis=0)
    assert (high - low).max() > 0.05  # it is a range worth printing
    for entry, lowest, highest in zip(entries, low, high, strict=True):
        # Each of these rests on an evidence known to .005, or on a fit of its own.
        assert entry["posterior_range"] == pytest.approx([lowest, highest], abs=0.01)


def test_fits_are_shared_by_what_the_evidence_cannot_tell_apart(fitted: xr.DataTree) -> None:
    numbers = range(len(COMBINATIONS))
    for one, other in itertools.combinations(numbers, 2):
        same = COMBINATIONS[one][:2] == COMBINATIONS[other][:2]
        assert np.array_equal(drawn(fitted, "a", one), drawn(fitted, "a", other)) == same
    fits = fitted["readings"]["fit"].values
    assert len(set(fits)) == len(MEANING) * len(HELD)


def test_prior_only(entries: list[dict[str, Any]]) -> None:
    for entry, (meaning, held, _) in zip(entries, COMBINATIONS, strict=True):
        marked = {name for name, q in entry["quantities"].items() if q["prior_only"]}
        expected = set()
        if meaning == "first" and held == "silent":
            expected.add("b")
        if meaning == "absurd":
            expected.add("a")
        assert marked & {"a", "b"} == expected


def test_the_mixture_has_the_weights(fitted: xr.DataTree, entries: list[dict[str, Any]]) -> None:
    which = fitted["sample_stats"]["reading"].values
    for number, entry in enumerate(entries):
        assert np.mean(which == number) == pytest.approx(entry["posterior"], abs=2 / 2000)
    # The mixed draws are draws of their readings.
    for number in range(len(COMBINATIONS)):
        mine = fitted["posterior"]["a"].values[which == number]
        assert np.isin(mine, drawn(fitted, "a", number)).all()


def test_the_whole_is_to_be_trusted(fitted: xr.DataTree) -> None:
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]
