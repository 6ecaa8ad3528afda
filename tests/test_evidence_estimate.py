"""Bridge sampling, weights of readings and kernel densities against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import softmax

from estimates.inference.diagnostics import check
from estimates.stats.bridge import bridge
from estimates.stats.kde import kernel_density
from estimates.stats.model_weights import cells, posterior_weights, update


@pytest.mark.parametrize("dimension", [1, 5, 40])
def test_bridge_finds_the_constant_of_a_skewed_density(dimension: int) -> None:
    """Log-gamma margins, whose constant is Γ(3) each, from independent draws."""
    rng = np.random.default_rng(5)
    points = np.log(rng.gamma(3.0, size=(4, 2000, dimension)))

    def density(rows: np.ndarray) -> np.ndarray:
        return (3 * rows - np.exp(rows)).sum(axis=1)

    logp = density(points.reshape(-1, dimension)).reshape(4, 2000)
    found = bridge(points, logp, density, rng)
    assert found.log == pytest.approx(dimension * np.log(2), abs=4 * found.se)
    assert 0 < found.se < 0.1


def test_bridge_error_is_honest() -> None:
    """Over forty repetitions the errors are about as large as stated: z has sd 1 ± 0.45.

    (Four standard errors of a sample sd of forty, 1/√80, are 0.45.)
    """
    z = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        points = rng.standard_t(5, size=(4, 400, 3))

        def density(rows: np.ndarray) -> np.ndarray:
            return stats.t.logpdf(rows, 5).sum(axis=1)

        logp = density(points.reshape(-1, 3)).reshape(4, 400)
        found = bridge(points, logp, density, rng)
        z.append(found.log / found.se)
    assert np.std(z) == pytest.approx(1, abs=0.45)


def test_weights_follow_the_evidence_except_on_a_held_axis() -> None:
    choices = [{"a": a, "b": b} for a in "xy" for b in "pq"]
    prior = np.array([0.1, 0.3, 0.2, 0.4])
    log = np.array([0.0, 1.0, -2.0, 0.5])
    free = update(prior, log, cells(choices, []))
    np.testing.assert_allclose(free, softmax(np.log(prior) + log))
    held = update(prior, log, cells(choices, ["a"]))
    assert held[:2].sum() == pytest.approx(0.4)
    assert held[0] / held[1] == pytest.approx(0.1 / (0.3 * np.e))


def test_absurd_evidence_is_a_weight_of_nothing_not_nan() -> None:
    weights = update(np.array([0.5, 0.5]), np.array([0.0, -70.0]), [(), ()])
    assert weights[1] == pytest.approx(np.exp(-70), rel=1e-9)
    weights = update(np.array([0.5, 0.5]), np.array([0.0, -np.inf]), [(), ()])
    np.testing.assert_array_equal(weights, [1.0, 0.0])


def test_error_of_weights_of_a_shared_fit_cancels() -> None:
    prior, log, se = np.full(4, 0.25), np.zeros(4), np.full(4, 0.1)
    rng = np.random.default_rng(1)
    shared = posterior_weights(prior, log, se, [0, 0, 0, 0], [()] * 4, rng)
    np.testing.assert_allclose(shared.se, 0, atol=1e-15)
    apart = posterior_weights(np.full(2, 0.5), log[:2], se[:2], [0, 1], [()] * 2, rng)
    # w = 1/(1 + e^(δ₁−δ₂)): sd w(1 − w)·√2·0.1, the simulation's own error some 2 %.
    np.testing.assert_allclose(apart.se, 0.25 * np.sqrt(2) * 0.1, rtol=0.05)


def test_kernel_density_has_the_draws_own_spread() -> None:
    draws = np.random.default_rng(3).normal(2.0, 0.5, 8000)
    grid, density = kernel_density(draws)
    assert integrate.trapezoid(density, grid) == pytest.approx(1, abs=0.01)
    mean = integrate.trapezoid(grid * density, grid)
    sd = np.sqrt(integrate.trapezoid((grid - mean) ** 2 * density, grid))
    assert mean == pytest.approx(draws.mean(), abs=0.005)
    assert sd == pytest.approx(draws.std(), rel=0.02)


def test_gates_pass_good_chains_and_name_the_bad() -> None:
    rng = np.random.default_rng(2)
    good = rng.normal(size=(4, 500))
    fine = np.zeros((4, 500), dtype=bool)
    assert check({"x": good}, fine).passed
    apart = check({"x": good, "y": good + np.arange(4)[:, None]}, fine)
    assert not apart.passed
    assert all("y:" in sentence for sentence in apart.failed)
    slow = np.cumsum(rng.normal(size=(4, 500)), axis=1)
    assert any("effective draws" in sentence for sentence in check({"z": slow}, fine).failed)
    diverged = fine.copy()
    diverged[0, 0] = True
    (sentence,) = check({"x": good}, diverged).failed
    assert sentence.startswith("1 divergent transitions")
    constant = check({"x": np.ones((4, 500))}, fine)
    assert constant.passed
    assert constant.max_rhat is None
