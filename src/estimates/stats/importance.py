"""Importance weights: smoothed where they have a tail, and how far they can be trusted.

Pareto-smoothed importance sampling (Vehtari, Simpson, Gelman, Yao & Gabry 2024, JMLR 25:72) fits
the largest weights by a generalised Pareto distribution.  Weights without a tail (all the same, or
the largest of them the same, as those of a bound that is met with ease) need no smoothing and are
bounded: their k is −∞, where the library's own function raises an exception.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Array = NDArray[np.float64]
#: Log weights of a tail no further apart than this are the same: rounding, and no tail.
_SAME = 1e-9
#: Times their mean: weights no larger have no tail to speak of.
BOUNDED = 10.0
_FEWEST = 25  # draws, whose largest fifth would be too few to fit


def smoothed(log_weights: Array) -> tuple[Array, float]:
    """Normalise log weights, smooth the largest of them, and return their Pareto k as well.

    Parameters
    ----------
    log_weights : (draw,) up to a constant; −∞ is a draw without weight, one at least is finite

    Returns
    -------
    (draw,) whose exponentials sum to 1; k, −∞ for weights that have no tail, and ∞ for those whose
    tail cannot be fitted.  Above 0.7 the weights must not be trusted.
    """
    from arviz_stats.base import array_stats  # slow to import

    log_weights = np.asarray(log_weights, dtype=float)
    log_weights = log_weights - log_weights.max()
    plain = log_weights - logsumexp(log_weights)
    count = len(plain)
    tail = int(np.ceil(min(count / 5, 3 * np.sqrt(count))))
    largest = np.partition(plain, count - tail)[count - tail :]
    if np.ptp(largest) <= _SAME:
        return plain, -np.inf
    if count < _FEWEST:
        return plain, np.inf
    with np.errstate(all="ignore"):
        found, pareto = array_stats.psislw(-plain)  # it takes −log weights
    if np.isfinite(pareto):
        return np.asarray(found), float(pareto)
    # Most of the tail lies on its own lower edge, so that no distribution fits it.
    return plain, -np.inf if plain.max() <= np.log(BOUNDED / count) else np.inf


def finite(log_weights: Array) -> Array:
    """Return log weights in which −∞, a draw without weight, is a number far below all others.

    A mean or a difference of them is then a number.
    """
    there = np.isfinite(log_weights)
    if there.all():
        return log_weights
    lowest = log_weights[there].min() if there.any() else 0.0
    return np.where(there, log_weights, lowest - 700.0)
