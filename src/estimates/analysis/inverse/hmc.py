"""Hamiltonian moves about a normal: what leaves a density as it is, in however many dimensions.

In coordinates v in which the normal is standard let Φ(v) be minus the log density without the
normal's own −|v|²/2.  Of the energy Φ(v) + |v|²/2 + |p|²/2 the last two terms turn (v, p) by an
angle, exactly; the first kicks p by −∇Φ.  Half a kick, a turn, half a kick is reversible and keeps
volumes, so that a Metropolis step on the energy is all that is needed (Beskos, Pinski, Sanz-Serna
& Stuart 2011, Stochastic Processes and their Applications 121:2201).  Where the density is normal
there are no kicks, and any angle will do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.inverse.target import Posterior

Array = NDArray[np.float64]
KICKS = 3  # of a trajectory: each takes one evaluation of the density for all draws


class Places(NamedTuple):
    """The places of draws: points (draw, dimension), their coordinates, Φ (draw,) and its slope."""

    points: Array
    v: Array
    rest: Array
    slope: Array


class Walk:
    """Draws on the move, each half about a normal (centre, root) of its own."""

    def __init__(
        self,
        posterior: Posterior,
        normals: Sequence[tuple[Array, Array]],
        half: NDArray[np.int64],
        points: Array,
    ) -> None:
        self._posterior = posterior
        self._normals = [(half == side, *normal) for side, normal in enumerate(normals)]
        v = np.empty_like(points)
        for rows, centre, root in self._normals:
            v[rows] = np.linalg.solve(root, (points[rows] - centre).T).T
        self.now = self._at(v)._replace(points=points)

    def proposed(self, angle: float, rng: np.random.Generator) -> tuple[Places, Array]:
        """Return the ends of `KICKS` turns by an angle (radians), with fresh momenta.

        With them the log of the probability with which to go there, (draw,), but for any other
        condition.
        """
        at, momentum = self.now, rng.standard_normal(self.now.v.shape)
        cosine, sine = math.cos(angle), math.sin(angle)
        before = _energy(at, momentum)
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(KICKS):
                momentum = momentum - angle / 2 * at.slope
                v, momentum = cosine * at.v + sine * momentum, cosine * momentum - sine * at.v
                at = self._at(v)
                momentum = momentum - angle / 2 * at.slope
            after = _energy(at, momentum)
            return at, np.where(np.isfinite(after), before - after, -np.inf)

    def take(self, new: Places, taken: NDArray[np.bool_]) -> None:
        """Move some of the draws to where their trajectories have ended."""
        pairs = zip(new, self.now, strict=True)
        self.now = Places(
            *(np.where(taken if a.ndim == 1 else taken[:, None], a, b) for a, b in pairs)
        )

    def _at(self, v: Array) -> Places:
        """Return the places of coordinates; Φ is infinite where there is no density."""
        points, slope = np.empty_like(v), np.empty_like(v)
        for rows, centre, root in self._normals:
            points[rows] = centre + v[rows] @ root.T
        logp, rise = self._posterior.density.surface(points)
        for rows, _, root in self._normals:
            slope[rows] = -rise[rows] @ root - v[rows]
        lost = ~(np.isfinite(logp) & np.isfinite(slope).all(axis=1))
        rest = -logp - np.vecdot(v, v) / 2
        rest[lost], slope[lost] = np.inf, 0.0  # a trajectory that comes by here is not taken
        return Places(points, v, rest, slope)


def _energy(at: Places, momentum: Array) -> Array:
    return np.asarray(at.rest + (np.vecdot(at.v, at.v) + np.vecdot(momentum, momentum)) / 2)
