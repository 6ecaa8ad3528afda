"""The scale on which a quantity knows no bound: log above 0, logit between two ends, else itself.

A density is estimated there and carried back, so that nothing is smoothed past a hard bound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from estimates.expression import Interval

Array = NDArray[np.float64]
#: A curve is drawn over the middle 99 % of its draws.
CUT = (0.005, 0.995)
_POINTS = 400
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
        return Natural(support.low, support.high, mapped=bool(on_bound.mean() < 1e-3) if finite.size else True)

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


def curves(
    draws: Array, weights: Array, natural: Natural, *, log: bool
) -> tuple[list[Curve | None], Curve | None]:
    """The density of each row of draws, and that of their mixture.

    Parameters
    ----------
    draws : (reading, draw); a row with a nan has no density, nor has one without any spread
    weights : (reading,)
    log : whether heights are per unit of log x, as a log axis needs, or per unit of x

    Returns
    -------
    one curve a row, and the weighted sum of all of them (exact: nothing is smoothed twice)
    """
    estimated = [_estimate(row, natural) for row in draws]
    parts: list[Curve | None] = []
    for one in estimated:
        parts.append(None if one is None else _drawn([one], np.ones(1), natural, log))
    known = [(one, w) for one, w in zip(estimated, weights, strict=True) if one is not None and w > 0]
    if not known:
        return parts, None
    ones, shares = zip(*known, strict=True)
    return parts, _drawn(ones, np.array(shares) / sum(shares), natural, log)


@dataclass(frozen=True)
class _Estimate:
    z: Array
    density: Array
    sample: Array  # sorted, on the natural scale


def _estimate(row: Array, natural: Natural) -> _Estimate | None:
    if not np.isfinite(row).all() or np.ptp(row) == 0:
        return None
    z = natural.forward(row)
    z = np.sort(z[np.isfinite(z)])
    grid, density, _ = array_stats.kde(z, grid_len=512, bw_fct=_ROUNDER)
    return _Estimate(grid, density, z)


def _drawn(ones: tuple[_Estimate, ...] | list[_Estimate], weights: Array, natural: Natural, log: bool) -> Curve:
    low, high = (_quantile(ones, weights, p) for p in CUT)
    z = np.linspace(low, high, _POINTS)
    density = sum(
        w * np.interp(z, one.z, one.density, left=0.0, right=0.0)
        for one, w in zip(ones, weights, strict=True)
    )
    x = natural.inverse(z)
    height = density * natural.slope(x) * (x if log else 1.0)
    return Curve(x, height)


def _quantile(ones: tuple[_Estimate, ...] | list[_Estimate], weights: Array, p: float) -> float:
    values = np.concatenate([one.sample for one in ones])
    each = np.concatenate([np.full(o.sample.size, w / o.sample.size) for o, w in zip(ones, weights, strict=True)])
    order = np.argsort(values, kind="stable")
    return float(np.interp(p, np.cumsum(each[order]), values[order]))
