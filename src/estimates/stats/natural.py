"""The scale of a quantity, by its hard bounds wherever they are: a map of draws onto the line."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from estimates.stats.interval import Interval

Array = NDArray[np.float64]
_FEW_ON_BOUND = 1e-3  # of the draws; rounding puts so many there
_REACH = 700.0  # exp of more overflows
_LOGIT_REACH = 36.0  # beyond, a share is 0 or 1 in floating point
_FAR = 1e6  # of a quantity without bounds, in posterior sds


@dataclass(frozen=True)
class Natural:
    """The map g from a quantity with support (low, high) onto the real line, increasing.

    Log above an end, logit between two, else itself: for the priors of intervals it is the scale
    on which they are normal.  Shifts are told on it, and densities estimated.

    Attributes
    ----------
    low, high : the hard bounds, infinite where there is none
    """

    low: float
    high: float

    @staticmethod
    def of(
        support: Interval, draws: Array | None = None, on_bound: float = _FEW_ON_BOUND
    ) -> Natural:
        """Return the natural scale of a quantity with this support.

        Draws (any shape, nan ignored) on a bound itself, as those of `max(a, 0)` are, no map onto
        the line can show: where more than the share `on_bound` of them lies there, values stay as
        they are.
        """
        if draws is not None:
            finite = draws[np.isfinite(draws)]
            if finite.size and np.isin(finite, (support.low, support.high)).mean() > on_bound:
                return Natural(-math.inf, math.inf)
        return Natural(support.low, support.high)

    @property
    def bounded(self) -> tuple[bool, bool]:
        """Whether there is a bound below, and whether there is one above."""
        return math.isfinite(self.low), math.isfinite(self.high)

    def forward(self, x: Array | float) -> Array:
        """Return g(x); infinite at a bound, nan beyond it."""
        x = np.asarray(x, dtype=float)
        below, above = self.bounded
        with np.errstate(divide="ignore", invalid="ignore"):
            if below and above:
                return np.asarray(np.log(x - self.low) - np.log(self.high - x))
            if below:
                return np.asarray(np.log(x - self.low))
            return np.asarray(-np.log(self.high - x)) if above else x

    def inverse(self, z: Array | float) -> Array:
        """Return g⁻¹(z)."""
        z = np.asarray(z, dtype=float)
        below, above = self.bounded
        with np.errstate(over="ignore"):
            if below and above:
                return np.asarray(self.low + (self.high - self.low) * expit(z))
            if below:
                return np.asarray(self.low + np.exp(z))
            return np.asarray(self.high - np.exp(-z)) if above else z

    def slope(self, x: Array) -> Array:
        """Return g′(x)."""
        below, above = self.bounded
        with np.errstate(divide="ignore"):
            slope = np.zeros_like(x)
            if below:
                slope = slope + 1 / (x - self.low)
            if above:
                slope = slope + 1 / (self.high - x)
        return slope if below or above else np.ones_like(x)

    def reach(self, centre: float, sd: float) -> tuple[float, float]:
        """Return the part of the line, about a centre, on which g⁻¹ can tell values apart."""
        match sum(self.bounded):
            case 0:
                return centre - _FAR * sd, centre + _FAR * sd
            case 1:
                return min(-_REACH, centre), max(_REACH, centre)
        return min(-_LOGIT_REACH, centre), max(_LOGIT_REACH, centre)


def centre_of(low: float, high: float, support: Interval, plain: bool) -> float:
    """Return the middle of a range on the scale on which a claim about it would speak.

    Geometric for a positive quantity, on the log-odds for a share, else the mean; the mean too
    where the range begins at 0.
    """
    if plain and support.low >= 0 and support.high <= 1 and low > 0 and high < 1:
        odds = math.sqrt(low / (1 - low) * high / (1 - high))
        return odds / (1 + odds)
    if support.low >= 0 and low > 0:
        return math.sqrt(low) * math.sqrt(high)
    return (low + high) / 2
