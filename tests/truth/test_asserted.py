"""Bounds and directions: their density and its slope against SciPy's, as far out as one likes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats
from scipy.special import log_ndtr, ndtr

from estimates.inference.log_likelihood import log_density_on_scale
from estimates.inference.tensors import Asserted
from estimates.model.likelihood import Yes
from estimates.stats.links import IDENTITY

FAR = np.array([-1e100, -1e5, -40.0, -5.0, -1.0000001, -1.0, -0.9, 0.0, 0.3, 5.0, 9.0, 1e4, 1e100])
TRUTHS = (1.0, 0.9, 0.3)
SAID = (0, 1)


@pytest.fixture(autouse=True)
def without_c() -> Iterator[None]:
    with pytensor.config.change_flags(cxx=""):
        yield


def expected(distance: np.ndarray, truth: float, said: int) -> np.ndarray:
    """The log of t·Φ(d) + (1 − t)·Φ(−d), or of what is left of 1."""
    towards = (2 * said - 1) * distance
    if truth == 1:
        return log_ndtr(towards)
    return np.log(truth * ndtr(towards) + (1 - truth) * ndtr(-towards))


@pytest.mark.parametrize("known", [True, False], ids=["sure of it", "as data"])
@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("truth", TRUTHS)
def test_the_density_and_its_slope(truth: float, said: int, known: bool) -> None:
    distance = pt.vector("distance")
    right = pt.constant(truth) if known else pytensor.shared(np.float64(truth))
    density = Asserted.logp(pt.constant(said), distance, right)
    slope = pytensor.grad(density.sum(), distance)
    both = pytensor.function([distance], [density, slope], mode="FAST_COMPILE")
    values, slopes = both(FAR)
    # Off 1 − 1e-16 the logarithm has no more digits than its argument.
    np.testing.assert_allclose(values, expected(FAR, truth, said), rtol=1e-12, atol=1e-15)
    assert np.isfinite(slopes).all()
    near, step = FAR[np.abs(FAR) < 50], 1e-6
    near = near[near != -1.0]  # where two formulas meet
    ends = [expected(near + side * step, truth, said) for side in (1, -1)]
    np.testing.assert_allclose(
        both(near)[1], (ends[0] - ends[1]) / (2 * step), rtol=1e-5, atol=1e-8
    )


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("truth", TRUTHS)
def test_draws_are_weighed_by_the_same(truth: float, said: int) -> None:
    term = Yes(IDENTITY, 2.0, 0.5, True, truth, said=bool(said))
    values = 2.0 - 0.5 * FAR
    found = log_density_on_scale(term, values)
    np.testing.assert_allclose(
        found, expected((2.0 - values) / 0.5, truth, said), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("truth", TRUTHS)
def test_it_is_drawn_as_often(truth: float) -> None:
    distance, count = 0.7, 40_000
    made = Asserted.dist(distance, pt.constant(truth))
    drawn = pm.draw(made, count, random_seed=1, mode="FAST_COMPILE")
    chance = float(np.exp(expected(np.array(distance), truth, 1)))
    assert stats.binomtest(int(drawn.sum()), count, chance).pvalue > 1e-6
