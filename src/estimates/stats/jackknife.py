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
    """The batch of each draw (chain, draw), flat: the halves of every chain."""
    half = (np.arange(draws) >= draws // 2).astype(np.int64)
    return np.asarray(2 * np.repeat(np.arange(chains), draws) + np.tile(half, chains))


def standard_error(replicates: Array) -> Array:
    """Standard error of a statistic from its replicates (batch, ...), one without each batch."""
    count = len(replicates)
    around = replicates - replicates.mean(axis=0)
    return np.asarray(np.sqrt((count - 1) / count * np.sum(around**2, axis=0)))


def without_each(
    batch: NDArray[np.int64], statistic: Callable[[NDArray[np.bool_]], Array | float]
) -> Array:
    """A statistic without each batch in turn, (batch, ...): it is told which draws are kept."""
    return np.array([statistic(batch != one) for one in np.unique(batch)])


def error_of(
    batch: NDArray[np.int64], statistic: Callable[[NDArray[np.bool_]], Array | float]
) -> float:
    """The standard error of a statistic of draws, told which of them are kept."""
    return float(standard_error(without_each(batch, statistic)))
