"""Draws of something under every reading, mixed by the readings' weights, in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.result import Numbers
from estimates.inference import statistics
from estimates.inference.fitting import Fitted
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
_ENDS = (0.5, 0.05, 0.95)


def mixture_of(values: Sequence[Array], fitted: Fitted) -> Numbers:
    """Return median and 90 % interval of draws (chain, draw) under each reading, with errors.

    As `fit` has them.
    """
    fewest = min(one.shape[1] for one in values)  # a fit that was tried again has more draws
    drawn = np.stack([one[:, :fewest] for one in values])
    fits = np.array([reading.fit for reading in fitted.readings])
    weights = fitted.weights
    return Numbers.of(statistics.mixture_of(drawn, weights.mean, fits, weights.simulated))


def weighted(values: Array, weights: Array) -> Numbers:
    """Return median and 90 % interval of weighted draws (draw,)."""
    draws = WeightedDraws(values, weights)
    count = 1 / float(np.sum(weights**2))
    p = np.array(_ENDS)
    error = np.sqrt(p * (1 - p) / count)
    low, at, high = draws.quantiles((p - error, p, p + error))
    return Numbers(*at.tolist(), *((high - low) / 2).tolist())
