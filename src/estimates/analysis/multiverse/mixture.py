"""Draws of something under every reading, mixed by the readings' weights, in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.result import Numbers
from estimates.inference.fitting import Fitted
from estimates.inference.statistics import mixed_error
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
_ENDS = (0.5, 0.05, 0.95)


def mixture_of(values: Sequence[Array], fitted: Fitted) -> Numbers:
    """Return median and 90 % interval of draws (chain, draw) under each reading, with errors.

    A quantile errs by the distance of those that are one standard error of its probability away (as
    in `convergence.mcse_median`).
    """
    fewest = min(one.shape[1] for one in values)  # a fit that was tried again has more draws
    spoken = fitted.weights.mean > 0
    drawn = np.stack([one[:, :fewest] for one in values])[spoken]
    if np.isnan(drawn).any():
        return Numbers()
    weights, simulated = fitted.weights.mean[spoken], fitted.weights.simulated[:, spoken]
    fits = np.array([reading.fit for reading in fitted.readings])[spoken]
    pooled = WeightedDraws(drawn, weights)

    def end(p: float) -> tuple[float | None, float | None]:
        at = pooled.quantile(p)
        error = mixed_error((drawn <= at).astype(float), weights, fits, simulated)
        if not np.isfinite(at) or not np.isfinite(error):
            return None, None
        low, high = (pooled.quantile(min(max(p + s * error, 0.0), 1.0)) for s in (-1, 1))
        return at, (high - low) / 2

    ends, errors = zip(*map(end, _ENDS), strict=True)
    return Numbers(*ends, *errors)


def weighted(values: Array, weights: Array) -> Numbers:
    """Return median and 90 % interval of weighted draws (draw,)."""
    draws = WeightedDraws(values, weights)
    count = 1 / float(np.sum(weights**2))
    p = np.array(_ENDS)
    error = np.sqrt(p * (1 - p) / count)
    low, at, high = draws.quantiles((p - error, p, p + error))
    return Numbers(*at.tolist(), *((high - low) / 2).tolist())
