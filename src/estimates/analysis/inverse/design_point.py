"""The least surprising values of all quantities at which the target has a given value.

The yardstick is the joint posterior of the unknowns, prior and evidence together.  Its density is
taken on the scales on which the unknowns are drawn, each without bounds: the log of a positive
quantity, the log-odds of a share, the standard form of a member of a hierarchy.  On these scales a
change of units shifts the density and changes nothing.  With θ̂ the most likely values, the
surprise of θ is

    D(θ) = √(2 · [log p(θ̂ | claims) − log p(θ | claims)]),

for a normal posterior its Mahalanobis distance from θ̂, so that D counts standard deviations; for
any other it is the signed root's size in likelihood theory (Barndorff-Nielsen & Cox 1994, Inference
and Asymptotics, §3.2).  What is looked for is argmin D(θ) subject to target(θ) = q: in structural
reliability the design point (Hasofer & Lind 1974, J Eng Mech Div 100:111), found by sequential
quadratic programming (Kraft 1988, DFVLR-FB 88-28; SciPy's SLSQP).

For log target = Σ aᵢxᵢ and x normal with mean m and covariance S the answer is in closed form: x
moves by S a (log q − a·m) / (a·S a), and D = |log q − a·m| / √(a·S a); where the xᵢ are independent
and the aᵢ 1, each takes its share σᵢ² / Σσ² of the gap.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import NonlinearConstraint, minimize

from estimates.analysis.inverse.target import Posterior
from estimates.stats.modes import climb

Array = NDArray[np.float64]
_DIFFERENCE = 1e-5  # of a step in standardised coordinates, for slopes of the target
_NOWHERE = 1e10  # minus log density where there is none
_OFF = 1e3  # distance of a target that is not defined from any level
_REACHED = 1e-7  # on the target's natural scale, in posterior sds
_PINNED = 1e-3  # slope left along the level, per sd
_STARTS = 3
_SAME = 1e-6  # log density, between the ends of searches that have found the same
_STRIDE = 1.5  # posterior sds of the target from one level of the walk to the next
_STRIDES = 60


@dataclass(frozen=True)
class Spot:
    """Values of all unknowns.

    Attributes
    ----------
    point : in unconstrained space
    logp : the joint log density there
    pinned : whether nothing more is to be gained along the level, as far as slopes tell
    """

    point: Array
    logp: float
    pinned: bool = True

    def surprise(self, logp: float) -> float:
        """Return D of a log density, in sds, if this is the most likely spot."""
        return math.sqrt(max(0.0, 2 * (self.logp - logp)))


class Landscape:
    """Minus log density, and the target, in coordinates that make the posterior about standard."""

    def __init__(self, posterior: Posterior) -> None:
        self.posterior = posterior
        points = posterior.points
        self._centre = points.mean(axis=0)
        spread = np.atleast_2d(np.cov(points, rowvar=False))
        self._root = np.linalg.cholesky(spread + 1e-10 * np.diag(np.diag(spread)))
        self._columns, self._widths = posterior.columns, np.sqrt(np.diag(spread))
        z = posterior.support.forward(posterior.target)
        finite = z[np.isfinite(z)]
        # A target that is a constant under this reading lies nowhere on the scale of its support.
        self._middle = float(np.median(finite)) if finite.size else 0.0
        self._sd = (float(finite.std()) if finite.size else 0.0) or 1.0
        self.levels = (z - self._middle) / self._sd

    def point(self, v: Array) -> Array:
        """Return the unconstrained point of standardised coordinates."""
        return np.asarray(self._centre + v @ self._root.T)

    def standard(self, points: Array) -> Array:
        """Return the standardised coordinates of unconstrained points (row, dimension)."""
        return np.asarray(np.linalg.solve(self._root, (points - self._centre).T).T)

    def depth(self, v: Array) -> tuple[float, Array]:
        """Return minus log density, and its slope."""
        values, slopes = self.posterior.density.surface(self.point(v)[None])
        slope = -slopes[0] @ self._root
        if not np.isfinite(values[0]) or not np.isfinite(slope).all():
            return _NOWHERE, np.zeros_like(v)
        return -float(values[0]), slope

    def level(self, v: Array) -> float:
        """Return the target on its natural scale, in posterior sds from the median."""
        return float(self._levels_at(self.point(v[None]))[0])

    def rise(self, v: Array) -> Array:
        """Return the slope of `level`, by differences along the target's coordinates."""
        at = self.point(v)
        shifts = np.diag(self._widths)[self._columns] * _DIFFERENCE
        found = self._levels_at(np.concatenate([at + shifts, at - shifts]))
        count = len(shifts)
        slope = (found[:count] - found[count:]) / (2 * _DIFFERENCE * self._widths[self._columns])
        return np.asarray(slope @ self._root[self._columns])

    def _levels_at(self, points: Array) -> Array:
        z = self.posterior.support.forward(self.posterior.target_at(points))
        return np.clip(np.nan_to_num((z - self._middle) / self._sd, nan=_OFF), -_OFF, _OFF)

    def wanted(self, value: float) -> float:
        """Return where a value of the target lies, in posterior sds from the median."""
        return (float(self.posterior.support.forward(value)) - self._middle) / self._sd

    def spot(self, v: Array, *, pinned: bool = True) -> Spot:
        """Return the unknowns' values at standardised coordinates."""
        return Spot(self.point(v), -self.depth(v)[0], pinned)


def most_likely(landscape: Landscape) -> Spot:
    """Return the maximum of the joint posterior density, sought from the likeliest draws."""
    posterior = landscape.posterior
    best = np.argsort(-posterior.logp, kind="stable")[:_STARTS]
    reached, values = climb(posterior.density.surface, posterior.points[best])
    start = landscape.standard(reached[[int(np.argmax(values))]])[0]
    found = minimize(
        landscape.depth, start, jac=True, method="L-BFGS-B",
        options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-9},
    )  # fmt: skip
    return landscape.spot(found.x if found.fun <= landscape.depth(start)[0] else start)


def least_surprising(
    landscape: Landscape, top: Spot, value: float, near: Sequence[Spot] = ()
) -> Spot | None:
    """Return the likeliest values at which the target is `value`, in its own unit.

    None where none are found: a value outside the target's support under this reading, or one that
    no search reached.  Searches start from what was found for other values (`near`), from where a
    normal posterior would have it, from the draws that come nearest, and walk there from the most
    likely values, until two of them have ended at the same depth.

    Parameters
    ----------
    top : the most likely values
    near : what was found for other values of the target
    """
    support = landscape.posterior.support
    if not support.low < value < support.high:
        return None
    wanted = landscape.wanted(value)
    usable: list[tuple[float, Array]] = []
    start = landscape.standard(top.point[None])[0]
    bound = _beyond(landscape, landscape.level(start), wanted)
    for search in _searches(landscape, start, wanted, near):
        v = search()
        if v is not None:
            usable.append((landscape.depth(v)[0], v))
        if _agreed([depth for depth, _ in usable], bound):
            break
    if not usable:
        return None
    best = min(usable, key=lambda pair: pair[0])[1]
    if _left(landscape, best) >= _PINNED:
        better = _interior(landscape, best, wanted)
        if better is not None and landscape.depth(better)[0] < landscape.depth(best)[0]:
            best = better
    return landscape.spot(best, pinned=_left(landscape, best) < _PINNED)


def _searches(
    landscape: Landscape, top: Array, wanted: float, near: Sequence[Spot]
) -> Iterator[Callable[[], Array | None]]:
    along, *draws = _starts(landscape, wanted)
    known = [landscape.standard(found.point[None])[0] for found in near]
    known.sort(key=lambda v: abs(landscape.level(v) - wanted))
    # Drawn starts come before what leans on one and the same search for another value.
    for start in (along, *draws[:1], *known[:1], *draws[1:]):
        yield partial(_search, landscape, start, wanted)
    yield partial(_walk, landscape, top, wanted)


def _beyond(landscape: Landscape, here: float, wanted: float) -> float:
    """Return the least depth of a draw on the other side of the level, as seen from the top.

    A single hill cannot be deeper on the level than behind it.
    """
    z = landscape.levels
    behind = np.isfinite(z) & (np.sign(wanted - here) * (z - wanted) >= 0)
    return -float(landscape.posterior.logp[behind].max(initial=-math.inf))


def _agreed(depths: Sequence[float], bound: float) -> bool:
    """Return whether two searches ended at the least depth, with no draw above it."""
    return len(depths) > 1 and sorted(depths)[1] - min(depths) < _SAME and min(depths) <= bound


def _starts(landscape: Landscape, wanted: float) -> list[Array]:
    posterior = landscape.posterior
    usable = np.flatnonzero(np.isfinite(landscape.levels))
    z = landscape.levels[usable]
    v = landscape.standard(posterior.points[usable])
    # A draw must both come near the level and be likely; 9 sds apart are as bad as none.
    apart = np.minimum((z - wanted) ** 2, 81.0) * 8
    cost = -posterior.answer.draws.logp.ravel()[usable] + apart
    near = v[np.argsort(cost, kind="stable")[:_STARTS]]
    slope = v.T @ (z - z.mean()) / len(usable)
    along = slope * (wanted - z.mean()) / max(float(slope @ slope), 1e-12)
    return [along, *near]


def _walk(landscape: Landscape, start: Array, wanted: float) -> Array | None:
    """Go from level to level, each search beginning where the last one ended."""
    here = landscape.level(start)
    strides = int(min(_STRIDES, max(1, math.ceil(abs(wanted - here) / _STRIDE))))
    at: Array | None = start
    for level in np.linspace(here, wanted, strides + 1)[1:]:
        at = None if at is None else _search(landscape, at, float(level))
    return at


def _search(landscape: Landscape, start: Array, wanted: float) -> Array | None:
    """Search from one start by SLSQP; return None where it does not end on the level."""
    base = landscape.depth(start)[0]
    if base >= _NOWHERE:
        return None

    def depth(v: Array) -> tuple[float, Array]:
        value, slope = landscape.depth(v)
        return value - base, slope

    found = minimize(
        depth, start, jac=True, method="SLSQP", constraints=[_on_level(landscape, wanted)],
        options={"maxiter": 100, "ftol": 1e-10},
    )  # fmt: skip
    v = _onto(landscape, np.asarray(found.x), wanted)
    return None if v is None or landscape.depth(v)[0] >= _NOWHERE else v


def _on_level(landscape: Landscape, wanted: float) -> NonlinearConstraint:
    return NonlinearConstraint(
        landscape.level, wanted, wanted, jac=lambda v: landscape.rise(v)[None]
    )


def _onto(landscape: Landscape, v: Array, wanted: float) -> Array | None:
    """Return the nearest point on the level, by Newton's steps along the target's slope."""
    for _ in range(20):
        gap = landscape.level(v) - wanted
        if not np.isfinite(v).all() or abs(gap) >= _OFF / 2:
            return None
        if abs(gap) < _REACHED:
            return v
        slope = landscape.rise(v)
        steep = float(slope @ slope)
        if not steep > 0 or not math.isfinite(steep):
            return None
        v = v - slope * gap / steep
    return None


def _interior(landscape: Landscape, start: Array, wanted: float) -> Array | None:
    """Search more slowly where the quick search has stopped short (Byrd et al. 1999).

    None where the target does not rise: there is nothing to go along.
    """
    if not np.any(landscape.rise(start)):
        return None
    with warnings.catch_warnings():
        # Of a straight level, or one that flattens on the way, which what is found does not hide.
        warnings.filterwarnings("ignore", "delta_grad == 0.0", UserWarning)
        warnings.filterwarnings("ignore", "Singular Jacobian", UserWarning)
        found = minimize(
            landscape.depth, start, jac=True, method="trust-constr",
            constraints=[_on_level(landscape, wanted)],
            options={"maxiter": 300, "gtol": 1e-6},
        )  # fmt: skip
    return _onto(landscape, np.asarray(found.x), wanted)


def _left(landscape: Landscape, v: Array) -> float:
    """Return how steep the density still is along the level."""
    _, slope = landscape.depth(v)
    normal = landscape.rise(v)
    steep = float(normal @ normal)
    if not steep > 0:
        return math.inf
    return float(np.linalg.norm(slope - normal * (slope @ normal) / steep))
