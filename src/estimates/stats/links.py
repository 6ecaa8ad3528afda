"""The scale that a claim speaks on: a map onto the real line.

A claim about a share errs on the logit scale, one about a positive quantity on the log scale,
anything else as it stands.  What it takes is a number, or with an array library's own operations
NumPy draws or a PyTensor graph: nothing here imports either.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

type ScaleName = Literal["identity", "log", "logit"]

#: Numbers stay below this, and above its inverse: their squares are then finite.
LARGEST = 1e150


@dataclass(frozen=True)
class Scale:
    """A monotone map g onto the real line.

    Attributes
    ----------
    name : `identity`, `log` or `logit`
    forward : g(x) of a number, nan outside the domain
    inverse : g⁻¹(y)
    slope : g′(x)
    low, high : the open domain
    """

    name: ScaleName
    forward: Callable[[float], float]
    inverse: Callable[[float], float]
    slope: Callable[[float], float]
    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether the value is inside the domain."""
        return self.low < value < self.high

    def of_array(self, values: Any, ops: Any) -> Any:
        """Return g of an array of draws or a symbolic vector; nan outside the domain."""
        if self.name == "identity":
            return values
        inside = (values > self.low) & (values < self.high)
        return ops.where(inside, self.within(ops.where(inside, values, 0.5), ops), math.nan)

    def within(self, values: Any, ops: Any) -> Any:
        """Return g of values that are all inside the domain."""
        match self.name:
            case "identity":
                return values
            case "log":
                return ops.log(values)
            case "logit":
                return ops.log(values) - ops.log1p(-values)


def _exp(y: float) -> float:
    """Return e^y, infinite beyond the largest number there is."""
    try:
        return math.exp(y)
    except OverflowError:
        return math.inf


def _expit(y: float) -> float:
    return 1 / (1 + math.exp(-y)) if y >= 0 else math.exp(y) / (1 + math.exp(y))


IDENTITY = Scale("identity", lambda x: x, lambda y: y, lambda x: 1.0, low=-math.inf, high=math.inf)
LOG = Scale("log", math.log, _exp, lambda x: 1 / x, low=0.0, high=math.inf)
LOGIT = Scale(
    "logit",
    lambda x: math.log(x) - math.log1p(-x),
    _expit,
    lambda x: 1 / (x * (1 - x)),
    low=0.0,
    high=1.0,
)
SCALES: dict[str, Scale] = {scale.name: scale for scale in (IDENTITY, LOG, LOGIT)}
#: By the support of a quantity.
OF_SUPPORT: dict[str, Scale] = {"real": IDENTITY, "positive": LOG, "share": LOGIT}
