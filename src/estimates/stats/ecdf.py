"""Are these numbers uniform between 0 and 1?  Bands and p-values for their empirical CDF.

The statistic and its simultaneous bands are those of Säilynoja, Bürkner & Vehtari 2022 (Statistics
and Computing 32:32): at each of a grid of points the count below it is binomial, and the smallest
of the pointwise tail probabilities, γ, is judged by its own distribution, found by simulation.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

Array = NDArray[np.float64]
_SIMULATIONS = 20_000
_POINTS = 100  # at most; neighbouring points say nearly the same
_SEED = 1


@dataclass(frozen=True)
class Ecdf:
    """An empirical CDF with its simultaneous band.

    Attributes
    ----------
    points : (point,) where it is evaluated
    values : (point,) share of the numbers at or below each
    low, high : (point,) the band, which holds all of a uniform sample's with `probability`
    p : probability of a γ as small, were the numbers uniform
    """

    points: Array
    values: Array
    low: Array
    high: Array
    probability: float
    p: float


def ecdf(numbers: Array, probability: float) -> Ecdf:
    """Return the empirical CDF of numbers in [0, 1], its band and its p-value.

    Parameters
    ----------
    numbers : (n,), n at least 2
    probability : with which the band holds the whole curve, were the numbers uniform
    """
    from arviz_stats.ecdf_utils import get_pointwise_confidence_band  # slow to import

    count = len(numbers)
    points = grid(count)
    below = np.searchsorted(np.sort(numbers), points, side="right")
    null = _null(count)
    gamma = _gamma(below, count, points)
    # With the observed one among them the p-value is never 0 (Davison & Hinkley 1997, §4.2).
    p = (1 + np.count_nonzero(null <= gamma * (1 + 1e-9))) / (1 + len(null))
    pointwise = 1 - float(np.quantile(null, 1 - probability))
    low, high = get_pointwise_confidence_band(pointwise, count, points)
    return Ecdf(points, below / count, low, high, probability, float(p))


def grid(count: int) -> Array:
    """Return the points at which the CDF of `count` numbers is looked at."""
    parts = min(count, _POINTS)
    return np.arange(1, parts) / parts


@functools.lru_cache(maxsize=8)
def _null(count: int) -> Array:
    """Simulate γ for uniform samples: their counts between the points are multinomial."""
    points = grid(count)
    rng = np.random.default_rng(_SEED)
    parts = len(points) + 1
    cells = rng.multinomial(count, np.full(parts, 1 / parts), size=_SIMULATIONS)
    below = np.cumsum(cells, axis=1)[:, :-1]
    return np.sort(_gamma(below, count, points))


def _gamma(below: NDArray[np.int64], count: int, points: Array) -> Array:
    """Return twice the smallest of the pointwise tail probabilities, over the last axis."""
    lower = bdtr(below.astype(float), count, points)
    upper = 1 - np.where(below > 0, bdtr(np.maximum(below - 1, 0).astype(float), count, points), 0)
    return np.asarray(2 * np.minimum(lower, upper).min(axis=-1))
