"""Draws of a density carried to where a factor of it is left out, before they are weighed.

Where a factor has pulled draws to itself, few of them lie where the others would have them, and
plain importance weights fail.  An affine map of the draws costs nothing in exactness, as its
weights know its Jacobian (Paananen, Piironen, Bürkner & Vehtari 2021, Statistics & Computing
31:16).  Theirs follows the weighted moments, which a few draws tell badly; this one goes to the
cavity of expectation propagation (Minka 2001, UAI 17:362): draws and factor are taken as normal,
and the factor's precision is taken away.  Where that leaves little, it is little known: the draws
then go part of the way, and from there to the moments that their weights tell (`matched`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
type Surface = Callable[[Array], tuple[Array, Array]]

_SEEN = 400  # points at which the factor's slope is looked at
_FEWEST = 5  # of them for each coordinate that the factor depends on
#: A cavity is at most this many times as wide as the draws; beyond, they tell nothing of it.  The
#: second is for where they tell too little: a step on the way.
_WIDEST = (30.0, 5.0)


@dataclass(frozen=True)
class Carried:
    """Draws after an affine map.

    Attributes
    ----------
    points : (draw, dimension)
    log_volume : log of the factor by which volumes grow
    on : the coordinates that the factor depends on
    """

    points: Array
    log_volume: float
    on: NDArray[np.int64]


def carried(
    points: Array, whole: Surface, left: Surface, widths: Sequence[float] = (1.0,)
) -> list[Carried]:
    """Carry draws of a density to the cavity that a factor of it leaves.

    Coordinates that the factor does not depend on keep what they are given the others, which is
    what they do where all is normal.

    Parameters
    ----------
    points : (draw, dimension)
    whole, left : log density and its gradient at points (rows), with the factor and without
    widths : times the cavity's own, of the draws after the map; a little wider than they should be
        they have lighter weights, as where a one-sided bound is left out

    Returns
    -------
    The draws for each width, and where that is a guess those that go part of the way; none where
    the factor does nothing, or depends on too much to be seen.
    """
    seen = points[:: max(1, len(points) // _SEEN)]
    slopes = whole(seen)[1] - left(seen)[1]
    fine = np.isfinite(slopes).all(axis=1)
    seen, slopes = seen[fine], slopes[fine]
    on = np.flatnonzero(np.abs(slopes).max(axis=0, initial=0.0) > 1e-12)
    if not on.size or len(seen) < _FEWEST * (on.size + 1):
        return []
    mean = points.mean(axis=0)
    centre, away = mean[on], points - mean
    beside = away[:, on].T @ away / (len(points) - 1)
    spread = beside[:, on]
    design = np.column_stack([np.ones(len(seen)), seen[:, on] - centre])
    slope, *bends = np.linalg.lstsq(design, slopes[:, on], rcond=None)[0]
    bend = np.array(bends)
    try:
        root = np.linalg.cholesky(spread)
    except np.linalg.LinAlgError:
        return []
    standard = np.linalg.solve(root, away[:, on].T)
    precision, axes = np.linalg.eigh(np.eye(on.size) + root.T @ (bend + bend.T) @ root / 2)
    others = np.linalg.solve(root.T, np.linalg.solve(root, beside))
    ways = [(width, _WIDEST[0]) for width in widths]
    if precision.min() < _WIDEST[1] ** -2:
        ways += [(width, _WIDEST[1]) for width in widths[:1]]
    found = []
    for width, widest in ways:
        kept = np.maximum(precision, widest**-2)
        stretch = width / np.sqrt(kept)
        along = axes.T @ standard * stretch[:, None]
        along -= (axes.T @ (root.T @ slope) / kept)[:, None]
        there = centre + (root @ axes @ along).T
        moved = points + (there - points[:, on]) @ others
        moved[:, on] = there
        found.append(Carried(moved, float(np.log(stretch).sum()), on))
    return found


def matched(there: Carried, weights: Array) -> Carried | None:
    """Carry draws on to where, by their weights, the factor's coordinates have mean and spread.

    The other coordinates keep what these leave of them, and follow them as the weights say.

    Parameters
    ----------
    weights : (draw,) that sum to 1

    Returns
    -------
    The draws; None where too few have weight for a spread.
    """
    points, on = there.points, there.on
    centre, middle = points.mean(axis=0), weights @ points
    away, off = points - centre, points - middle
    before = away[:, on].T @ away[:, on] / len(points)
    heavy = (weights[:, None] * off[:, on]).T
    after = heavy @ off[:, on]
    try:
        roots = [np.linalg.cholesky(one) for one in (before, after)]
        ties = np.linalg.solve(before, away[:, on].T @ away / len(points))
        new = np.linalg.solve(after, heavy @ off)
        step = np.linalg.solve(roots[0].T, roots[1].T)
    except np.linalg.LinAlgError:
        return None
    along = away[:, on] @ step
    moved = middle + away - away[:, on] @ ties + along @ new
    moved[:, on] = middle[on] + along
    volume = float(np.log(np.diag(roots[1]) / np.diag(roots[0])).sum())
    return Carried(moved, there.log_volume + volume, on)
