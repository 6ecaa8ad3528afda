"""The scale on which a quantity knows no bound: log above 0, logit between two ends, else itself.

A density is estimated there and carried back, so that nothing is smoothed past a hard bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from estimates.language.expression import Interval
from estimates.stats.weighted import quantiles

Array = NDArray[np.float64]
#: A curve is drawn over the middle 99 % of its draws.
CUT = (0.005, 0.995)
_POINTS = 240
_TAIL, _HEAVY = 0.003, 3.0
_MOST_ON_BOUND = 1e-3  # of the draws; rounding puts a few there
#: The usual bandwidth follows every ripple of the draws; to the eye ripples are findings.
_ROUNDER = 1.6


@dataclass(frozen=True)
class Natural:
    """The map from a quantity with support (low, high) onto the real line.

    Attributes
    ----------
    low, high : the hard bounds, infinite where there is none
    mapped : False where draws lie on a bound itself (as those of `max(a, 0)` do), which no map
        onto the line can show; values then stay as they are
    """

    low: float
    high: float
    mapped: bool = True

    @staticmethod
    def of(support: Interval, draws: Array) -> Natural:
        """The natural scale of a quantity and its draws (any shape, nan ignored)."""
        finite = draws[np.isfinite(draws)]
        on_bound = np.isin(finite, (support.low, support.high))
        few = not finite.size or bool(on_bound.mean() < _MOST_ON_BOUND)
        return Natural(support.low, support.high, mapped=few)

    def forward(self, x: Array) -> Array:
        """Onto the real line; infinite at a bound."""
        below, above = self._ends()
        with np.errstate(divide="ignore", invalid="ignore"):
            if below and above:
                return np.asarray(np.log(x - self.low) - np.log(self.high - x))
            if below:
                return np.asarray(np.log(x - self.low))
            if above:
                return np.asarray(-np.log(self.high - x))
        return x

    def inverse(self, z: Array) -> Array:
        """Back from the real line."""
        below, above = self._ends()
        with np.errstate(over="ignore"):
            if below and above:
                return np.asarray(self.low + (self.high - self.low) / (1 + np.exp(-z)))
            if below:
                return np.asarray(self.low + np.exp(z))
            if above:
                return np.asarray(self.high - np.exp(-z))
        return z

    def slope(self, x: Array) -> Array:
        """dz/dx."""
        below, above = self._ends()
        with np.errstate(divide="ignore"):
            slope = np.zeros_like(x)
            if below:
                slope = slope + 1 / (x - self.low)
            if above:
                slope = slope + 1 / (self.high - x)
        return slope if below or above else np.ones_like(x)

    def _ends(self) -> tuple[bool, bool]:
        return self.mapped and np.isfinite(self.low), self.mapped and np.isfinite(self.high)


@dataclass(frozen=True)
class Curve:
    """A density over its middle 99 %: `x` in the quantity's unit, `height` per unit of the axis."""

    x: Array
    height: Array


@dataclass(frozen=True)
class _Estimate:
    """A density on the natural scale, and the sorted draws that it is of."""

    z: Array
    density: Array
    sample: Array
    weight: float


def curve(draws: Array, weights: Array, natural: Natural, *, log: bool) -> Curve | None:
    """The density of the mixture of several readings.

    Parameters
    ----------
    draws : (reading, draw); rows with a nan, or without any spread, take no part
    weights : (reading,)
    log : whether heights are per unit of log x, as a log axis needs, or per unit of x

    Returns
    -------
    The weighted sum of the readings' densities, so that nothing is smoothed across them; None
    where no row has a density.
    """
    found: list[tuple[Array, float]] = []
    for row, weight in zip(draws, weights, strict=True):
        if weight <= 0 or not np.isfinite(row).all() or np.ptp(row) == 0:
            continue
        for i, (other, total) in enumerate(found):  # readings of one fit share their draws
            if np.array_equal(other, row):
                found[i] = other, total + float(weight)
                break
        else:
            found.append((row, float(weight)))
    if not found:
        return None
    whole = sum(weight for _, weight in found)
    return _drawn([_estimate(row, weight / whole, natural) for row, weight in found], natural, log)


def _estimate(row: Array, weight: float, natural: Natural) -> _Estimate:
    z = natural.forward(row)
    z = np.sort(z[np.isfinite(z)])
    core = z[int(_TAIL * z.size) : z.size - int(_TAIL * z.size)]
    kept = 1.0
    if np.ptp(z) > _HEAVY * np.ptp(core) > 0:
        # A few draws far out, as of a Cauchy, would leave the grid too coarse for all the rest.
        z, kept = core, core.size / z.size
    grid, density, _ = array_stats.kde(z, grid_len=512, bw_fct=_ROUNDER)
    return _Estimate(grid, kept * density, z, weight)


def _drawn(parts: Sequence[_Estimate], natural: Natural, log: bool) -> Curve:
    low, high = _quantiles(parts, CUT)
    z = np.linspace(low, high, _POINTS)
    density = sum(
        part.weight * np.interp(z, part.z, part.density, left=0.0, right=0.0) for part in parts
    )
    x = natural.inverse(z)
    return Curve(x, density * natural.slope(x) * (x if log else 1.0))


def _quantiles(parts: Sequence[_Estimate], probabilities: tuple[float, float]) -> Array:
    values = np.concatenate([part.sample for part in parts])
    each = np.concatenate([np.full(p.sample.size, p.weight / p.sample.size) for p in parts])
    return quantiles(values, probabilities, each)
