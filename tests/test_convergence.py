"""The diagnostics are ArviZ's, number for number, and tell good chains from bad ones."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats
from numpy.typing import NDArray
from scipy import stats

from estimates.stats.convergence import (
    chance_of_shares,
    convergence,
    effective,
    mcse_mean,
    mcse_median,
    mcse_quantile,
    split,
)

Array = NDArray[np.float64]
TAILS = (0.05, 0.95)
AXES = {"chain_axis": 1, "draw_axis": 2}


def autoregressive(rho: float, draws: int, seed: int) -> Array:
    """Four chains with the autocorrelation rho at lag 1, standard normal."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((4, draws))
    for t in range(1, draws):
        x[:, t] = rho * x[:, t - 1] + np.sqrt(1 - rho**2) * x[:, t]
    return x


def many(draws: int) -> Array:
    chains = [autoregressive(rho, draws, i)
              for i, rho in enumerate((-0.95, -0.5, 0, 0.3, 0.9, 0.999))]  # fmt: skip
    apart = autoregressive(0.2, draws, 10)
    apart[0] += 1
    wider = autoregressive(0.2, draws, 11)
    wider[1] *= 3
    ties = np.round(autoregressive(0.5, draws, 12), 1)
    heavy = np.exp(3 * autoregressive(0.9, draws, 13))
    return np.stack([*chains, apart, wider, ties, heavy, heavy > 1])


@pytest.mark.parametrize("draws", [4, 5, 20, 21, 57, 500, 2000])
def test_the_numbers_are_those_of_arviz(draws: int) -> None:
    values = many(draws)
    if draws < 20:  # an indicator may be constant, which ArviZ's R-hat divides by
        values = values[:-1]
    found = convergence(values, TAILS)
    # The same formulas in another order of summation: to rounding.
    expect = {"rtol": 1e-10, "atol": 0, "equal_nan": True}
    np.testing.assert_allclose(found.rhat, array_stats.rhat(values, **AXES), **expect)
    np.testing.assert_allclose(found.bulk, array_stats.ess(values, method="bulk", **AXES), **expect)
    tail = array_stats.ess(values, method="tail", prob=TAILS, **AXES)
    np.testing.assert_allclose(found.tail, tail, **expect)
    mean = array_stats.ess(values, method="mean", **AXES)
    np.testing.assert_allclose(effective(split(values)), mean, **expect)
    of_mean = array_stats.mcse(values, method="mean", **AXES)
    np.testing.assert_allclose(mcse_mean(values), of_mean, **expect)
    of_median = array_stats.mcse(values, method="median", **AXES)
    np.testing.assert_allclose(mcse_median(values), of_median, **expect)


def test_independent_draws_are_worth_themselves_and_correlated_ones_less() -> None:
    """n(1 − ρ)/(1 + ρ), the closed form of an autoregression, within the estimate's error."""
    for rho in (-0.5, 0.0, 0.5, 0.9):
        truth = 20_000 * 4 * (1 - rho) / (1 + rho)
        found = effective(split(autoregressive(rho, 20_000, 3)[None]))[0]
        # The relative error of an integrated time is about sqrt(2(2M + 1)/n), M some lags (Sokal).
        assert found == pytest.approx(truth, rel=4 * np.sqrt(2 * (2 * 60 + 1) / 80_000))


def test_bad_chains_are_seen() -> None:
    good = convergence(autoregressive(0.3, 1000, 1)[None], TAILS)
    assert good.rhat[0] < 1.01
    shifts = [convergence(_shifted(s), TAILS).rhat[0] for s in (0.0, 0.2, 0.5, 1.0)]
    assert shifts == sorted(shifts)
    assert shifts[2] > 1.01
    wide = autoregressive(0.3, 1000, 1)
    wide[0] *= 2  # the same centre: only the folded ranks tell
    assert convergence(wide[None], TAILS).rhat[0] > 1.01


def test_a_draw_that_is_no_number_makes_no_number() -> None:
    values = np.stack([autoregressive(0.3, 100, 1), autoregressive(0.3, 100, 2)])
    values[1, 2, 50] = np.nan
    found = convergence(values, TAILS)
    for numbers in (found.rhat, found.bulk, found.tail):
        assert np.isfinite(numbers[0])
        assert np.isnan(numbers[1])


def _shifted(by: float) -> Array:
    x = autoregressive(0.3, 1000, 1)
    x[0] += by
    return x[None]


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.8])
def test_chains_that_agree_are_seldom_said_to_disagree_on_shares(memory: float) -> None:
    """Of n quantities about np have a p-value below p."""
    values = np.stack([autoregressive(memory, 1000, seed) for seed in range(60)])
    chances = chance_of_shares(values, (0.05, 0.5, 0.95))
    for level in (0.1, 0.01):
        expected = 60 * level
        # What neighbouring stretches share makes them look surer than they are: twice, at most.
        assert np.all((chances < level).sum(axis=1) < 2 * expected + 6 * np.sqrt(2 * expected))


def test_a_tip_that_one_chain_alone_has_seen_is_noticed() -> None:
    """A tenth of one chain is far out where no other has been: R-hat hardly sees it."""
    rng = np.random.default_rng(12)
    values = rng.normal(size=(1, 4, 1000))
    values[0, 2, ::7] = 3 + np.abs(rng.normal(size=values[0, 2, ::7].shape))
    assert chance_of_shares(values, (0.95,))[0, 0] < 1e-6
    even = rng.normal(size=(1, 4, 1000))
    assert chance_of_shares(even, (0.95,))[0, 0] > 1e-4


@pytest.mark.parametrize("probability", [0.05, 0.5, 0.95])
def test_the_error_of_a_quantile_is_that_of_independent_draws(probability: float) -> None:
    """√(p(1 − p)/n) over the density there, to the tenth that the estimate is good for."""
    values = np.random.default_rng(13).normal(size=(40, 4, 1000))
    density = stats.norm.pdf(stats.norm.ppf(probability))
    true = np.sqrt(probability * (1 - probability) / 4000) / density
    assert np.mean(mcse_quantile(values, probability)) == pytest.approx(true, rel=0.1)
