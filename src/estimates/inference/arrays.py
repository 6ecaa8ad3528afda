"""Named arrays of draws, and the operations on them: what leaves its domain is nan."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from estimates.inference.steps import Fixed, Pinned
from estimates.language.expression import NUMPY_OPS

Array = NDArray[np.float64]
type Value = Array | float


def _log1mexp(x: Array) -> Array:
    """Return log(1 − eˣ) for x < 0, without cancellation (Mächler 2012)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(x > -math.log(2), np.log(-np.expm1(x)), np.log1p(-np.exp(x)))


def _hazard_odds(u: Array) -> Array:
    """Return log(exp(eᵘ) − 1), the log-odds of 1 − exp(−eᵘ)."""
    small = u < -37  # then it is u, to the last digit
    w = np.exp(np.where(small, 0.0, np.minimum(u, 690.0)))
    return np.where(small, u, w + _log1mexp(-w))


class NumpyOps:
    """The operations of expressions and likelihoods; what leaves its domain is nan."""

    log = staticmethod(NUMPY_OPS.log)
    exp = staticmethod(NUMPY_OPS.exp)
    sqrt = staticmethod(NUMPY_OPS.sqrt)
    sin = staticmethod(NUMPY_OPS.sin)
    cos = staticmethod(NUMPY_OPS.cos)
    logistic = staticmethod(NUMPY_OPS.logistic)
    logit = staticmethod(NUMPY_OPS.logit)
    abs = staticmethod(NUMPY_OPS.abs)
    minimum = staticmethod(NUMPY_OPS.minimum)
    maximum = staticmethod(NUMPY_OPS.maximum)
    power = staticmethod(NUMPY_OPS.power)
    divide = staticmethod(NUMPY_OPS.divide)
    add = staticmethod(NUMPY_OPS.add)
    subtract = staticmethod(NUMPY_OPS.subtract)
    multiply = staticmethod(NUMPY_OPS.multiply)
    hazard_odds = staticmethod(_hazard_odds)
    where = staticmethod(np.where)
    logaddexp = staticmethod(np.logaddexp)
    log1p = staticmethod(np.log1p)
    log_ndtr = staticmethod(log_ndtr)
    log1mexp = staticmethod(_log1mexp)


class NumpyRegisters:
    """Named arrays of draws; a row of `gather` is a quantity, its columns are draws."""

    def __init__(self, draws: int) -> None:
        self.ops = NumpyOps()
        self.values: dict[str, Array] = {}
        self.draws = draws

    def gather(self, members: Sequence[str]) -> Value:
        if len(members) == 1:
            return self.values[members[0]]
        return np.stack([self.values[name] for name in members])

    def numbers(self, values: Sequence[float]) -> Value:
        return values[0] if len(values) == 1 else np.asarray(values)[:, None]

    def finish(self, value: Value, count: int) -> Array:
        return np.broadcast_to(np.asarray(value, dtype=float), (count, self.draws))

    def arrange(self, parts: Sequence[Array], counts: Sequence[int], order: Sequence[int]) -> Array:
        joined = np.concatenate(parts)
        result = np.empty_like(joined)
        result[np.asarray(order)] = joined
        return result

    def add(self, names: Sequence[str], rows: Array) -> None:
        self.values.update(zip(names, rows, strict=True))

    def fix(self, step: Fixed | Pinned) -> None:
        """Add constants, the same in every draw."""
        self.add(step.members, np.tile(np.array(step.values)[:, None], (1, self.draws)))
