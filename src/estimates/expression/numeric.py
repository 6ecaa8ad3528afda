"""The operations of NumPy; where a value is undefined they say nan, and say it quietly."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from estimates.expression.evaluation import Function, FunctionTable, Ops


@dataclass(frozen=True, slots=True)
class _Quietly:
    """A function on floats, without NumPy's warnings on nan and infinity."""

    function: Function

    def __call__(self, *arguments: Any) -> Any:
        with np.errstate(all="ignore"):
            return self.function(*(np.asarray(one, dtype=float) for one in arguments))


def _log(x: Any) -> Any:
    """log, which is not defined at 0: nan, where NumPy says -inf."""
    return np.log(np.where(x > 0, x, np.nan))


NUMPY_OPS: Ops = FunctionTable(
    log=_Quietly(_log),
    exp=_Quietly(np.exp),
    sqrt=_Quietly(np.sqrt),
    minimum=_Quietly(np.minimum),
    maximum=_Quietly(np.maximum),
    abs=_Quietly(np.abs),
    sin=_Quietly(np.sin),
    cos=_Quietly(np.cos),
    power=_Quietly(np.power),
    divide=_Quietly(np.divide),
    add=_Quietly(np.add),
    subtract=_Quietly(np.subtract),
    multiply=_Quietly(np.multiply),
)
