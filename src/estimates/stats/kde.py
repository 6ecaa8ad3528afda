"""Kernel densities of draws, on a scale without hard bounds."""

from __future__ import annotations

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from estimates.stats.weighted import quantiles

Array = NDArray[np.float64]
_GRID = 2000


def kernel_density(on_scale: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """A density estimate on a grid, of draws with or without weights.

    A kernel of bandwidth h adds h² to the variance of what it smooths, which shows most in the
    tails; the estimate is drawn together about its mean until it has the draws' own variance
    (Jones 1991, Statistics & Probability Letters 12:1).

    Parameters
    ----------
    on_scale : (draw,) draws, transformed so that no hard bound is near
    weights : (draw,) summing to one

    Returns
    -------
    grid, density : (point,)
    """
    if weights is not None and np.ptp(weights) > 0:
        # Evenly spaced weighted quantiles stand for the weighted draws.
        count = max(200, int(1 / np.sum(weights**2)))
        on_scale = quantiles(on_scale, (np.arange(count) + 0.5) / count, weights)
    grid, density, bandwidth = array_stats.kde(on_scale, grid_len=_GRID)
    inflation = np.sqrt(1 + (bandwidth / on_scale.std()) ** 2)
    mean = on_scale.mean()
    return mean + (grid - mean) / inflation, density * inflation
