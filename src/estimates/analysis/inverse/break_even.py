"""One quantity at a time: what it alone would have to be, and the lines on which two break even.

All other unknowns stay at their posterior medians.  That is the question of a break-even analysis
(what must this input be for the result to come out even, all else as we think it is?), not what
the others would be likely to be *given* the answer, which `surprise` and `given` tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

from estimates.analysis.inverse.target import Place, Posterior
from estimates.stats.jackknife import standard_error

Array = NDArray[np.float64]
_NEAR, _FINE = 10.0, 801  # sds, and points, looked at closely
_COARSE = 160  # points on either side, further and further apart
_ZERO = 1e-6  # of the target's natural scale: a change of sign that is no jump
_POINTS = 41  # of a line
_REACH, _MORE = 3.0, 0.1  # sds that a line covers at the least, and the part it goes beyond
_STEP = 1e-4  # sds, for the slope at a root


@dataclass(frozen=True)
class Alone:
    """What one quantity would have to be.

    Attributes
    ----------
    value, error : in its own unit, with the Monte Carlo error of the others' medians
    shift, shift_error : from its median, in its posterior sds
    share_below, share_error : of its posterior
    possible : False where no value in its support reaches the level
    closest : the target's value nearest to the level that it does reach
    """

    value: float | None = None
    error: float | None = None
    shift: float | None = None
    shift_error: float | None = None
    share_below: float | None = None
    share_error: float | None = None
    possible: bool = False
    closest: float | None = None


def alone(posterior: Posterior, name: str, level: float) -> Alone:
    """The value of one unknown at which the target is `level`, the others at their medians.

    Of several the one nearest to its median.
    """
    support = posterior.support
    place = posterior.places[name]
    solver = _Solver(posterior, name, level)
    if not support.low < level < support.high:
        return Alone()
    roots, closest = solver.solve({})
    z = float(roots[0])
    if math.isnan(z):
        return Alone(closest=float(closest[0]))
    again = solver.without_each(roots, {})[:, 0]
    below = (place.z <= z).astype(float)
    shares = [below[posterior.batch != b].mean() for b in np.unique(posterior.batch)]
    return Alone(
        value=float(place.natural.inverse(z)),
        error=_number(standard_error(place.natural.inverse(again))),
        shift=(z - place.median) / place.sd,
        shift_error=_number(standard_error((again - place.medians) / place.sds)),
        share_below=float(below.mean()),
        share_error=float(standard_error(np.array(shares))),
        possible=True,
        closest=level,
    )


def line(
    posterior: Posterior, x: str, y: str, level: float, through: Sequence[float]
) -> list[tuple[float, float, float | None]]:
    """Pairs of two unknowns at which the target is `level`, the others at their medians.

    Parameters
    ----------
    through : values of x that the line is to cover, beside the middle of its posterior

    Returns
    -------
    (x, y, Monte Carlo error of y), in their units; x where no y will do are left out.
    """
    across, up = posterior.places[x], posterior.places[y]
    support = posterior.support
    if not support.low < level < support.high:
        return []
    half = _REACH * across.sd
    ends = [across.median - half, across.median + half]
    ends += [float(across.natural.forward(value)) for value in through]
    more = _MORE * (max(ends) - min(ends))
    values = across.natural.inverse(np.linspace(min(ends) - more, max(ends) + more, _POINTS))
    solver = _Solver(posterior, y, level)
    roots, _ = solver.solve({x: values})
    again = solver.without_each(roots, {x: values})
    errors = standard_error(up.natural.inverse(again))
    found = zip(values, roots, up.natural.inverse(roots), errors, strict=True)
    return [(float(a), float(b), _number(e)) for a, z, b, e in found if not math.isnan(z)]


class _Solver:
    """Finds the value of one unknown at which the target is at a level."""

    def __init__(self, posterior: Posterior, name: str, level: float) -> None:
        self._posterior, self._name = posterior, name
        self._place = posterior.places[name]
        self._wanted = float(posterior.support.forward(level))

    def solve(self, given: Mapping[str, Array]) -> tuple[Array, Array]:
        """The root nearest to the median for each row of `given`, nan where there is none.

        With it the target's value nearest to the level on the way.
        """
        others = _medians(self._posterior, None) | dict(given)
        rows = {name: np.atleast_1d(value)[:, None] for name, value in others.items()}
        grid = _grid(self._place)
        gaps = self._gap(grid[None], rows)
        count = max(len(value) for value in rows.values()) if rows else 1
        gaps = np.broadcast_to(gaps, (count, len(grid)))
        known = np.isfinite(gaps)
        away = np.where(known, np.abs(gaps), np.inf)
        nearest = gaps[np.arange(count), np.argmin(away, axis=1)]
        closest = self._posterior.support.inverse(self._wanted + nearest)
        with np.errstate(invalid="ignore"):
            sides = np.sign(gaps)  # products of what is large would overflow
        turns = (sides[:, :-1] * sides[:, 1:] <= 0) & known[:, :-1] & known[:, 1:]
        row, left = np.nonzero(turns)
        roots = np.full(count, np.nan)
        if not len(row):
            return roots, closest
        here = {name: np.broadcast_to(v[:, 0], (count,))[row] for name, v in rows.items()}
        names = tuple(here)

        def gap(z: Array, *columns: Array) -> Array:
            return self._gap(z, dict(zip(names, columns, strict=True)))

        ends = grid[left], grid[left + 1]
        found = find_root(gap, ends, args=tuple(here.values()), tolerances={"xatol": 1e-12})
        z, off = np.asarray(found.x), np.abs(np.asarray(found.f_x))
        for number in np.argsort(-np.abs(z - self._place.median), kind="stable"):
            if off[number] < _ZERO:  # the nearest comes last and stays
                roots[row[number]] = z[number]
        return roots, closest

    def without_each(self, roots: Array, given: Mapping[str, Array]) -> Array:
        """The roots (batch, row) with the other medians found without each batch of draws.

        To first order, which errors deserve: a step along the target's slope at the root.
        """
        others = _medians(self._posterior, None) | dict(given)
        step = _STEP * self._place.sd
        slope = (self._gap(roots + step, others) - self._gap(roots - step, others)) / (2 * step)
        found = []
        for batch in range(len(self._place.medians)):
            others = _medians(self._posterior, batch) | dict(given)
            with np.errstate(divide="ignore", invalid="ignore"):
                found.append(roots - self._gap(roots, others) / slope)
        return np.array(found)

    def _gap(self, z: Array, others: Mapping[str, Array | float]) -> Array:
        support = self._posterior.support
        values = {**others, self._name: self._place.natural.inverse(z)}
        return np.asarray(support.forward(self._posterior.target_of(values)) - self._wanted)


def _medians(posterior: Posterior, without: int | None) -> dict[str, Array | float]:
    """Constants, and medians of the unknowns in the target: of all draws or without a batch."""
    found: dict[str, Array | float] = dict(posterior.constants)
    for name in posterior.of_target:
        place = posterior.places[name]
        z = place.median if without is None else place.medians[without]
        found[name] = float(place.natural.inverse(z))
    return found


def _grid(place: Place) -> Array:
    low, high = place.natural.reach(place.median, place.sd)
    parts = [place.median + place.sd * np.linspace(-_NEAR, _NEAR, _FINE)]
    for end in (low, high):
        far = abs(end - place.median)
        if far > _NEAR * place.sd:
            out = np.geomspace(_NEAR * place.sd, far, _COARSE)[1:]
            parts.append(place.median + math.copysign(1.0, end - place.median) * out)
    grid = np.unique(np.concatenate(parts))
    return grid[(grid >= low) & (grid <= high)]


def _number(value: Array) -> float | None:
    return float(value) if np.isfinite(value) else None
