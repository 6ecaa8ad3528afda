"""Hamiltonian moves about a normal: what leaves a density as it is, in however many dimensions.

In coordinates v in which the normal is standard let Φ(v) be minus the log density without the
normal's own −|v|²/2.  Of the energy Φ(v) + |v|²/2 + |p|²/2 the last two terms turn (v, p) by an
angle, exactly; the first kicks p by −∇Φ.  Half a kick, a turn, half a kick is reversible and keeps
volumes, so that a Metropolis step on the energy is all that is needed (Beskos, Pinski, Sanz-Serna
& Stuart 2011, Stochastic Processes and their Applications 121:2201).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.inverse.target import Posterior

Array = NDArray[np.float64]
KICKS = 3  # of a trajectory: each takes one evaluation of the density for all draws


@dataclass(frozen=True, eq=False)
class Proposed:
    """Where trajectories end.

    Attributes
    ----------
    points : unconstrained (draw, dimension)
    log_chance : (draw,) log of the probability with which to go there, but for any other condition
    """

    points: Array
    log_chance: Array
    v: Array
    rest: Array
    slope: Array


class Walk:
    """Draws on the move, either half of them about a normal of its own."""

    def __init__(
        self,
        posterior: Posterior,
        centre: tuple[Array, ...],
        root: tuple[Array, ...],
        half: NDArray[np.int64],
        points: Array,
    ) -> None:
        self._posterior, self._centre, self._root = posterior, centre, root
        self._rows = [half == side for side in range(len(centre))]
        self.points = points.copy()
        self._v = np.empty_like(points)
        for rows, middle, factor in zip(self._rows, centre, root, strict=True):
            self._v[rows] = np.linalg.solve(factor, (points[rows] - middle).T).T
        _, self._rest, self._slope = self._at(self._v)

    def proposed(self, angle: float, rng: np.random.Generator) -> Proposed:
        """The ends of trajectories of `KICKS` turns by an angle (radians), with fresh momenta."""
        momentum = rng.standard_normal(self._v.shape)
        cosine, sine = math.cos(angle), math.sin(angle)
        v, points, rest, slope = self._v, self.points, self._rest, self._slope
        before = rest + (np.vecdot(v, v) + np.vecdot(momentum, momentum)) / 2
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(KICKS):
                momentum = momentum - angle / 2 * slope
                v, momentum = cosine * v + sine * momentum, cosine * momentum - sine * v
                points, rest, slope = self._at(v)
                momentum = momentum - angle / 2 * slope
            after = rest + (np.vecdot(v, v) + np.vecdot(momentum, momentum)) / 2
            chance = np.where(np.isfinite(after), before - after, -np.inf)
        return Proposed(points, chance, v, rest, slope)

    def take(self, new: Proposed, taken: NDArray[np.bool_]) -> None:
        """Go where the trajectories of some of the draws have ended."""
        self.points[taken], self._v[taken] = new.points[taken], new.v[taken]
        self._rest[taken], self._slope[taken] = new.rest[taken], new.slope[taken]

    def _at(self, v: Array) -> tuple[Array, Array, Array]:
        """Points of coordinates, with Φ and its slope; infinite where there is no density."""
        points, slope = np.empty_like(v), np.empty_like(v)
        for rows, middle, factor in zip(self._rows, self._centre, self._root, strict=True):
            points[rows] = middle + v[rows] @ factor.T
        logp, rise = self._posterior.density.surface(points)
        for rows, factor in zip(self._rows, self._root, strict=True):
            slope[rows] = -rise[rows] @ factor - v[rows]
        lost = ~(np.isfinite(logp) & np.isfinite(slope).all(axis=1))
        rest = -logp - np.vecdot(v, v) / 2
        rest[lost], slope[lost] = np.inf, 0.0  # a trajectory that comes by here is not taken
        return points, rest, slope
