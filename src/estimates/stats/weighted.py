"""Quantiles and probabilities of weighted draws: every figure, document and page takes them here.

One convention, so that one question has one answer wherever it is put: draws are ordered, each
stands in the middle of its weight, the lowest and the highest stand for the probabilities 0 and 1,
and between them it is interpolated linearly.  With equal weights that is `numpy.quantile`, and what
xarray and pandas say (type 7 of Hyndman & Fan 1996, The American Statistician 50:361); it is the
same for −x as for x.  The report's script (`report/assets/page.js`) does the same arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def size_of(values: Array) -> float:
    """Return what to divide draws by so that their squares are numbers; usually 1."""
    largest = float(np.abs(values).max(initial=0.0))
    return 1.0 if largest == 0 or not np.isfinite(largest) or 1e-100 < largest < 1e100 else largest


class WeightedDraws:
    """Draws and their weights as one sample, sorted once for all that is asked of it."""

    def __init__(
        self, values: Array, weights: Array, chosen: NDArray[np.bool_] | None = None
    ) -> None:
        """Take values (reading, ...) and a weight for each reading, which its draws share evenly.

        Values and weights (draw,) are draws with a weight each.  Of the draws only those that are
        chosen count (a mask of the shape of the values).
        """
        each = values.size // len(weights)
        per_draw = np.repeat(weights / each, each)
        values = values.ravel()
        if chosen is not None:
            values, per_draw = values[chosen.ravel()], per_draw[chosen.ravel()]
        self._values, self._places = _ordered(values, per_draw)

    def quantile(self, probability: float) -> float:
        """Return a weighted quantile, in the draws' unit."""
        return float(np.interp(probability, self._places, self._values))

    def quantiles(self, probabilities: ArrayLike) -> Array:
        """Return weighted quantiles in the shape of the probabilities."""
        return np.asarray(np.interp(np.asarray(probabilities), self._places, self._values))


def quantiles(
    values: Array, probabilities: Sequence[float] | Array, weights: Array | None = None
) -> Array:
    """Return quantiles of draws (draw,), equally weighted by default; nan where a draw is nan."""
    if weights is None:
        weights = np.ones(values.size)
    if np.isnan(values).any():
        return np.full(np.shape(probabilities), np.nan)
    return WeightedDraws(values.ravel(), weights.ravel()).quantiles(probabilities)


def _ordered(values: Array, weights: Array) -> tuple[Array, Array]:
    """Return the values in order, and the probability that each stands for."""
    if len(values) and weights.min() == weights.max() > 0:
        return np.sort(values), np.linspace(0, 1, len(values))
    # What is lost in rounding beside another draw has no place, or it would take the lowest one.
    counts = weights > np.finfo(float).eps * weights.max(initial=0.0)
    values, weights = values[counts], weights[counts]
    if not len(values):
        return np.array([np.nan]), np.zeros(1)
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order] / weights.sum()
    middle = np.cumsum(weights) - weights / 2
    reach = middle[-1] - middle[0]
    places = (middle - middle[0]) / reach if len(middle) > 1 else middle
    return values, places
