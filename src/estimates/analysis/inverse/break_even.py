"""One quantity at a time: what it alone would have to be, and the lines on which two break even.

All other unknowns stay at their posterior medians.  That is the question of a break-even analysis
(what must this input be for the result to come out even, all else as we think it is?), not what
the others would be likely to be *given* the answer, which `surprise` and `given` tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

from estimates.analysis.inverse.result import AloneRow, Edge, LineRow
from estimates.analysis.inverse.target import Place, Posterior, finite
from estimates.stats.jackknife import error_of, standard_error

Array = NDArray[np.float64]
_NEAR, _FINE = 10.0, 801  # sds, and points, looked at closely
_COARSE = 160  # points on either side, further and further apart
_ZERO = 1e-6  # of the target's natural scale: a change of sign that is no jump
_POINTS = 41  # of a line
_REACH, _MORE = 3.0, 0.1  # sds that a line covers at the least, and the part it goes beyond
_STEP = 1e-4  # sds, for the slope at a root


def alone(
    posterior: Posterior, name: str, edge: Edge, level: float, *, errors: bool = True
) -> AloneRow:
    """Return the value of one unknown that puts the target at an edge, others at their medians.

    Of several the one nearest to its median.
    """
    support, place = posterior.support, posterior.places[name]
    never = AloneRow(
        reading={}, edge=edge, quantity=name, unit=posterior.unit(name), median=place.middle,
        possible=False,
    )  # fmt: skip
    if not support.low < level < support.high:
        return never
    solver = _Solver(posterior, name, level)
    roots, closest = solver.solve({})
    z = float(roots[0])
    if math.isnan(z):
        return replace(never, closest=finite(closest[0]))
    value, shift = float(place.natural.inverse(z)), (z - place.median) / place.sd
    found = replace(never, possible=True, value=value, shift_sd=shift)
    if not errors:
        return found
    again = solver.without_each(roots, {})[:, 0]
    below = (place.z <= z).astype(float)
    return replace(
        found,
        value_se=finite(standard_error(place.natural.inverse(again))),
        shift_se=finite(standard_error((again - place.medians) / place.sds)),
        share_below=float(below.mean()),
        share_below_se=error_of(posterior.batch, lambda kept: below[kept].mean()),
    )


def line(
    posterior: Posterior, pair: tuple[str, str], edge: Edge, level: float, through: Sequence[float]
) -> list[LineRow]:
    """Return pairs of two unknowns at which the target is at an edge, the others at medians.

    Parameters
    ----------
    through : values of x that the line is to cover, beside the middle of its posterior

    Returns
    -------
    Points in their units; x where no y will do are left out.
    """
    (x, y), support = pair, posterior.support
    across, up = posterior.places[x], posterior.places[y]
    if not support.low < level < support.high:
        return []
    half = _REACH * across.sd
    ends = [across.median - half, across.median + half]
    ends += [float(across.natural.forward(value)) for value in through]
    more = _MORE * (max(ends) - min(ends))
    values = across.natural.inverse(np.linspace(min(ends) - more, max(ends) + more, _POINTS))
    solver = _Solver(posterior, y, level)
    roots, _ = solver.solve({x: values})
    errors = standard_error(up.natural.inverse(solver.without_each(roots, {x: values})))
    units = posterior.unit(x), posterior.unit(y)
    points = zip(values, roots, up.natural.inverse(roots), errors, strict=True)
    return [
        LineRow(
            reading={}, edge=edge, x=x, x_unit=units[0], x_value=float(at), y=y, y_unit=units[1],
            y_value=float(value), y_se=finite(error),
        )
        for at, z, value, error in points
        if not math.isnan(z)
    ]  # fmt: skip


class _Solver:
    """Finds the value of one unknown at which the target is at a level."""

    def __init__(self, posterior: Posterior, name: str, level: float) -> None:
        self._posterior, self._name = posterior, name
        self._place = posterior.places[name]
        self._wanted = float(posterior.support.forward(level))

    def solve(self, given: Mapping[str, Array]) -> tuple[Array, Array]:
        """Return the root nearest to the median for each row of `given`, nan where there is none.

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
        """Return the roots (batch, row) with medians found without each batch of draws.

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
    """Return constants, and medians of the target's unknowns, of all draws or without a batch."""
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
