"""The yardstick itself: it passes what is right, and fails what is wrong by little."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from numpy.typing import NDArray

from . import widths as w
from .gaussian import normal
from .quadrature import interval, posterior
from .sampling import from_prior
from .tolerance import PROBABILITIES, Truth, agree, chance, near, statistic

Array = NDArray[np.float64]


def chains(rng: np.random.Generator, correlation: float = 0.6) -> Array:
    """Four chains of 2,000 standard normal draws, each correlated with the last."""
    noise = rng.standard_normal((4, 2000)) * math.sqrt(1 - correlation**2)
    noise[:, 0] = rng.standard_normal(4)
    draws = [noise[:, 0]]
    for column in noise[:, 1:].T:
        draws.append(correlation * draws[-1] + column)
    return np.stack(draws, axis=1)


@pytest.fixture(scope="module")
def draws() -> Array:
    return chains(np.random.default_rng(1))


def test_the_truth_passes(draws: Array) -> None:
    agree("draws", 3 + 2 * draws, normal(3, 2))


@pytest.mark.parametrize(
    "wrong",
    [normal(3.4, 2), normal(2.6, 2), normal(3, 2.4), normal(3, 1.6)],
    ids=["mean too high", "mean too low", "too wide", "too narrow"],
)
def test_a_wrong_reference_fails(draws: Array, wrong: Truth) -> None:
    """By a fifth of an sd; a wrong width in a sampling model does more."""
    with pytest.raises(AssertionError, match="standard errors"):
        agree("draws", 3 + 2 * draws, wrong)


@pytest.mark.parametrize("name", ["mean", "sd", *PROBABILITIES])
def test_each_statistic_can_fail_alone(draws: Array, name: str) -> None:
    """By nine errors, from which the draws' own take four at the most; that is a fifth of an sd
    in the middle and about a third in the tails, whose error is itself known to a tenth or so."""
    truth = normal(0, 1)
    error = statistic(draws, name)[1]
    assert error < 0.05
    shifted = Truth(dict(truth.value) | {name: truth.value[name] + 9 * error})
    with pytest.raises(AssertionError, match=name):
        agree("draws", draws, shifted)


def test_too_few_draws_prove_nothing(draws: Array) -> None:
    with pytest.raises(AssertionError, match="proves nothing"):
        agree("draws", draws[:, :8], Truth({"sd": float(draws[:, :8].std())}))


def test_nothing_found_fails() -> None:
    with pytest.raises(AssertionError):
        near("nothing", None, 1.0, 0.0)  # type: ignore[arg-type]
    for value, error in ((math.nan, 1.0), (0.0, math.nan), (0.0, math.inf)):
        with pytest.raises(AssertionError):
            near("no number", value, error, 0.0)


def test_errors_are_as_large_as_they_say() -> None:
    """Over a hundred runs the standardised misses have a spread of one, itself known to 0.07."""
    rng = np.random.default_rng(2)
    true = normal(0, 1).value
    misses = {name: [] for name in ("mean", "sd", "q05", "median", "chance")}
    for _ in range(100):
        run = chains(rng)
        for name in ("mean", "sd", "q05", "median"):
            found, error = statistic(run, name)
            misses[name].append((found - true[name]) / error)
        found, error = chance(run > 1)
        misses["chance"].append((found - 0.158655) / error)
    for name, standardised in misses.items():
        assert 0.7 < np.std(standardised) < 1.35, name


def test_the_references_agree_with_each_other() -> None:
    """Quadrature and brute force, on one claim of each kind."""
    rng = np.random.default_rng(3)
    prior = interval(0.05, 0.60, "logit")
    u = (prior.low + prior.high) / 2 + (prior.high - prior.low) / 80 * rng.standard_normal(400_000)
    share = 1 / (1 + np.exp(-u))
    for likelihood in (
        w.point(0.3, 0.1, "logit"),
        w.bound(0.2, "logit", upper=True, soft=True),
        w.dispute(0.3, "logit", lower=True),
        w.count(3, 20),
    ):
        log_evidence, truth = posterior(prior, likelihood)
        sample = from_prior(u[:, None], likelihood(share))
        near("evidence", sample.log_evidence, sample.log_evidence_se, log_evidence)
        found = sample.of(u)
        for name, value in found.value.items():
            near(name, value, found.error[name], truth.value[name])


def test_a_slip_in_any_width_is_caught() -> None:
    """Wordings that a reader might take for one another differ by more than any tolerance."""
    prior = interval(20, 2000, "log")
    alike = [
        w.point(150, 10, "log"),
        w.point(150, 10, "log", "hearsay"),
        w.point(150, 10, "log", "statistics"),
        w.point(150, 100, "log"),
        w.point(150, 10, "log", student=True),
    ]
    sds = [posterior(prior, one)[1].value["sd"] for one in alike]
    for one, other in itertools.combinations(sds, 2):
        assert abs(one / other - 1) > 0.02
