"""The operations of NumPy; where a value is undefined they say nan, and say it quietly."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from estimates.language.expression.evaluation import Function, FunctionTable, Ops


@dataclass(frozen=True, slots=True)
class _Quietly:
    """A function on floats, without NumPy's warnings on nan and infinity."""

    function: Function

    def __call__(self, *arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            return self.function(*(np.asarray(one, dtype=float) for one in arguments))


def _log(x: Any) -> Any:
    """Return log(x), and nan at 0, where NumPy says -inf."""
    return np.log(np.where(x > 0, x, np.nan))


def _logistic(x: Any) -> Any:
    """Return 1 / (1 + e⁻ˣ), with the digits of a share however small it is."""
    return np.exp(-np.logaddexp(0, -x))


def _logit(x: Any) -> Any:
    """Return log(x / (1 - x)), which is defined strictly between 0 and 1."""
    inside = np.where((x > 0) & (x < 1), x, np.nan)
    return np.log(inside) - np.log1p(-inside)


NUMPY_OPS: Ops = FunctionTable(
    log=_Quietly(_log),
    exp=_Quietly(np.exp),
    sqrt=_Quietly(np.sqrt),
    minimum=_Quietly(np.minimum),
    maximum=_Quietly(np.maximum),
    abs=_Quietly(np.abs),
    sin=_Quietly(np.sin),
    cos=_Quietly(np.cos),
    logistic=_Quietly(_logistic),
    logit=_Quietly(_logit),
    logaddexp=_Quietly(np.logaddexp),
    power=_Quietly(np.power),
    divide=_Quietly(np.divide),
    add=_Quietly(np.add),
    subtract=_Quietly(np.subtract),
    multiply=_Quietly(np.multiply),
)
