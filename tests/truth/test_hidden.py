"""What is easily missed: a second mode, and an error that is stated too small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from estimates import Sampling, fit
from estimates.bridge import bridge

from .building import build


def test_the_error_of_a_normal_posterior_is_honest() -> None:
    """The normal case, which is the commonest, over 600 repetitions: z has sd 1 ± 0.11.

    ((n − 1)s² is chi-square; the bounds are broken once in ten thousand times.)
    """
    z = []
    for seed in range(600):
        rng = np.random.default_rng(seed)
        points = rng.standard_normal((4, 200, 10))

        def density(rows: np.ndarray) -> np.ndarray:
            return stats.norm.logpdf(rows).sum(axis=1)

        found = bridge(points, density(points.reshape(-1, 10)).reshape(4, 200), density, rng)
        z.append(found.log / found.se)
    low, high = stats.chi2.ppf([5e-5, 1 - 5e-5], len(z) - 1) / (len(z) - 1)
    assert low < np.var(z, ddof=1) < high, np.std(z)


@pytest.mark.parametrize("seed", range(8))
def test_two_answers_are_never_taken_for_one(tmp_path: Path, seed: int) -> None:
    """x² is 100 ± 1: −10 and 10 are equally good, and no chain goes from one to the other."""
    model = build(
        tmp_path,
        quantities={"x": "Normal(mu=1, sigma=10)"},
        says={"square": "100 ± 1"},
        claims={"square": "x ** 2"},
    )
    fitted = fit(model, seed=seed, sampling=Sampling(draws=200, tune=300))
    share = float((fitted["posterior"]["x"].values > 0).mean())
    assert not fitted.attrs["converged"] or 0 < share < 1, share
