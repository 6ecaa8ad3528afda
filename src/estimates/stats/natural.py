"""The scale on which a quantity knows no bound: log above an end, logit between two, else itself.

Shifts are told on it: for the priors of intervals it is the scale on which they are normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from estimates.stats.interval import Interval

Array = NDArray[np.float64]
_REACH = 700.0  # exp of more overflows
_LOGIT_REACH = 36.0  # beyond, a share is 0 or 1 in floating point
_FAR = 1e6  # of a quantity without bounds, in posterior sds


@dataclass(frozen=True)
class Natural:
    """The map g from a quantity with support (low, high) onto the real line.

    Attributes
    ----------
    low, high : the hard bounds, infinite where there is none
    """

    low: float
    high: float

    @staticmethod
    def of(support: Interval) -> Natural:
        """The natural scale of a quantity with this support."""
        return Natural(support.low, support.high)

    @property
    def name(self) -> str:
        """`log`, `logit` or `identity`."""
        if math.isfinite(self.low) and math.isfinite(self.high):
            return "logit"
        return "log" if math.isfinite(self.low) or math.isfinite(self.high) else "identity"

    def forward(self, x: Array | float) -> Array:
        """g(x), increasing; infinite at a bound, nan beyond it."""
        x = np.asarray(x, dtype=float)
        below, above = math.isfinite(self.low), math.isfinite(self.high)
        with np.errstate(divide="ignore", invalid="ignore"):
            if below and above:
                return np.asarray(np.log(x - self.low) - np.log(self.high - x))
            if below:
                return np.asarray(np.log(x - self.low))
            return np.asarray(-np.log(self.high - x)) if above else x

    def inverse(self, z: Array | float) -> Array:
        """g⁻¹(z)."""
        z = np.asarray(z, dtype=float)
        below, above = math.isfinite(self.low), math.isfinite(self.high)
        with np.errstate(over="ignore"):
            if below and above:
                return np.asarray(self.low + (self.high - self.low) * expit(z))
            if below:
                return np.asarray(self.low + np.exp(z))
            return np.asarray(self.high - np.exp(-z)) if above else z

    def reach(self, centre: float, sd: float) -> tuple[float, float]:
        """The part of the line on which g⁻¹ tells values apart, about a centre."""
        match self.name:
            case "logit":
                return min(-_LOGIT_REACH, centre), max(_LOGIT_REACH, centre)
            case "log":
                return min(-_REACH, centre), max(_REACH, centre)
        return centre - _FAR * sd, centre + _FAR * sd


def centre_of(low: float, high: float, support: Interval, plain: bool) -> float:
    """The middle of a range on the scale on which a claim about it would speak.

    Geometric for a positive quantity, on the log-odds for a share, else the mean; the mean too
    where the range begins at 0.
    """
    if plain and support.low >= 0 and support.high <= 1 and low > 0 and high < 1:
        odds = math.sqrt(low / (1 - low) * high / (1 - high))
        return odds / (1 + odds)
    if support.low >= 0 and low > 0:
        return math.sqrt(low) * math.sqrt(high)
    return (low + high) / 2
