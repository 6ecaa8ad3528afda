"""Kernel densities of draws, on a scale without hard bounds.

A density is estimated there and carried back, so that nothing is smoothed past a bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.stats.natural import Natural
from estimates.stats.weighted import quantiles

Array = NDArray[np.float64]
_GRID = 2000
_FEWEST = 200  # weighted quantiles that stand for draws
#: A curve is drawn over the middle 99 % of its draws at least, and on to where it has come down to
#: this part of its peak, if that is within the wider range.
CUT, WIDE, SEEN = (0.005, 0.995), (0.0002, 0.9998), 0.01
_POINTS = 240
_TAIL, _HEAVY = 0.003, 3.0
#: The usual bandwidth follows every ripple of the draws; to the eye ripples are findings.
_ROUNDER = 1.6


def kernel_density(on_scale: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """Return a density estimate on a grid, of draws with or without weights.

    A kernel of bandwidth h adds h² to the variance of what it smooths, which shows most in the
    tails; the estimate is drawn together about its mean until it has the draws' own variance
    (Jones 1991, Statistics & Probability Letters 12:1).  The bandwidth is that of as many draws as
    the weights leave effective (Kish 1965), a draw that stands there again counting as weight.

    Parameters
    ----------
    on_scale : (draw,) draws, transformed so that no hard bound is near
    weights : (draw,) summing to one

    Returns
    -------
    grid, density : (point,)
    """
    values, place = np.unique(on_scale, return_inverse=True)
    if values.size < on_scale.size:
        on_scale, weights = (
            values,
            np.bincount(place, weights) / (on_scale.size if weights is None else 1.0),
        )
    rounder = 1.0
    if weights is not None and np.ptp(weights) > 0:
        # Evenly spaced weighted quantiles stand for the weighted draws.
        effective = 1 / np.sum(weights**2)
        count = max(_FEWEST, int(effective))
        rounder = (count / effective) ** 0.2
        on_scale = quantiles(on_scale, (np.arange(count) + 0.5) / count, weights)
    grid, density, bandwidth = _smoothed(on_scale, _GRID, rounder)
    inflation = np.sqrt(1 + (bandwidth / on_scale.std()) ** 2)
    mean = on_scale.mean()
    return mean + (grid - mean) / inflation, density * inflation


def _smoothed(values: Array, points: int, rounder: float) -> tuple[Array, Array, float]:
    """Return a grid, the density of values there, and the bandwidth."""
    from arviz_stats.base import array_stats  # slow to import, and no answer in numbers needs it

    grid, density, bandwidth = array_stats.kde(values, grid_len=points, bw_fct=rounder)
    return grid, density, float(bandwidth)


@dataclass(frozen=True)
class Curve:
    """A density over its middle 99 % at least.

    `x` is in the quantity's unit, `height` per unit of the axis.
    """

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
    """Return the density of the mixture of several readings.

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
    grid, density, _ = _smoothed(z, 512, _ROUNDER)
    return _Estimate(grid, kept * density, z, weight)


def _drawn(parts: Sequence[_Estimate], natural: Natural, log: bool) -> Curve:
    def along(z: Array) -> Curve:
        density = sum(
            part.weight * np.interp(z, part.z, part.density, left=0.0, right=0.0) for part in parts
        )
        x = natural.inverse(z)
        return Curve(x, density * natural.slope(x) * (x if log else 1.0))

    first, low, high, last = _quantiles(parts, (WIDE[0], *CUT, WIDE[1]))
    wide = np.linspace(first, last, _POINTS)
    return along(np.linspace(*reach(wide, along(wide).height, (low, high)), _POINTS))


def reach(z: Array, height: Array, least: tuple[float, float]) -> tuple[float, float]:
    """Return where a curve known along `z` begins and ends, so that nothing looks cut off.

    Parameters
    ----------
    least : what is shown in any case
    """
    seen = z[height >= SEEN * height[(z >= least[0]) & (z <= least[1])].max(initial=0.0)]
    if not seen.size:
        return least
    return min(least[0], float(seen[0])), max(least[1], float(seen[-1]))


def _quantiles(parts: Sequence[_Estimate], probabilities: Sequence[float]) -> Array:
    values = np.concatenate([part.sample for part in parts])
    each = np.concatenate([np.full(p.sample.size, p.weight / p.sample.size) for p in parts])
    return quantiles(values, probabilities, each)
