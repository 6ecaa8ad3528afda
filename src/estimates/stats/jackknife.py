"""Monte Carlo errors of whatever is computed of draws: leave out one batch of them at a time.

The delete-a-group jackknife (Quenouille 1956, Biometrika 43:353; for autocorrelated draws, in
consecutive batches: Künsch 1989, Annals of Statistics 17:1217).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def batches(chains: int, draws: int) -> NDArray[np.int64]:
    """Return the batch of each draw (chain, draw), flat: every half of a chain is one."""
    half = (np.arange(draws) >= draws // 2).astype(np.int64)
    return np.asarray(2 * np.repeat(np.arange(chains), draws) + np.tile(half, chains))


def standard_error(replicates: Array) -> Array:
    """Return the standard error of a statistic from its values (batch, ...) without each batch."""
    count = len(replicates)
    around = replicates - replicates.mean(axis=0)
    return np.asarray(np.sqrt((count - 1) / count * np.sum(around**2, axis=0)))


def without_each(
    batch: NDArray[np.int64], statistic: Callable[[NDArray[np.bool_]], Array | float]
) -> Array:
    """Return a statistic (batch, ...) without each batch in turn; it is told the draws to keep."""
    return np.array([statistic(batch != one) for one in np.unique(batch)])


def error_of(
    batch: NDArray[np.int64], statistic: Callable[[NDArray[np.bool_]], Array | float]
) -> float:
    """Return the standard error of a statistic, which is told the draws to keep."""
    return float(standard_error(without_each(batch, statistic)))
