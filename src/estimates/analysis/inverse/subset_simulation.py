"""The posterior given that the target lies in a range.

Where enough draws lie inside they are the answer.  Where they do not, the range is approached
through a sequence of wider ones, each holding about a quarter of the one before: subset simulation
(Au & Beck 2001, Probabilistic Engineering Mechanics 16:263), a sequential Monte Carlo sampler for
rare events (Cérou, Del Moral, Furon & Guyader 2012, Statistics and Computing 22:795).  Some of the
draws inside are moved several times, and all the places that they come by are the draws of the next
range (waste-free: Dau & Chopin 2022, J R Stat Soc B 84:114).  The product of the shares is the
probability of the range.

Every batch of draws is a population of its own from first to last, so that differences between
them tell the Monte Carlo error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.inverse.hmc import KICKS, Walk
from estimates.analysis.inverse.target import Posterior
from estimates.stats.convergence import convergence, effective, split

Array = NDArray[np.float64]
#: Effective draws inside a range that make any further work needless.
ENOUGH = 400
_SHARE = 0.25  # of the draws that pass from one range to the next
_MOVED = 2000  # draws that are moved, of all batches together
_SWEEPS, _LAST_SWEEPS = 8, 24
_MOST = 150  # ranges on the way: a probability of about 1e-90
_STUCK = 4
_LONGEST = math.pi / 2  # the whole angle: after it, in a normal, nothing is remembered
_WANTED = 0.5  # share of trajectories taken
_LARGEST_RHAT = 1.05  # between populations that share nothing but their first draws' chains


@dataclass(frozen=True)
class Given:
    """Draws of the posterior given a range.

    Attributes
    ----------
    points : unconstrained (draw, dimension)
    batch : the batch of each
    log_shares : (batch,) log of the posterior probability of the range, by each batch alone; equal
        weights within a batch, batches in proportion to their shares
    method : `draws` (those of the fit) or `subset simulation`
    effective : how many independent draws the probability (and, of the fit's draws, all else) is
        worth
    failed : why it must not be trusted; "" where it may be
    """

    points: Array
    batch: NDArray[np.int64]
    log_shares: Array
    method: str
    effective: float
    failed: str = ""


def given_range(
    posterior: Posterior, low: float, high: float, rng: np.random.Generator
) -> Given | None:
    """Draw the posterior given low ≤ target ≤ high; return None where no draw can get there.

    Parameters
    ----------
    low, high : in the target's unit; infinite for an open side
    """
    support = posterior.support
    if high <= support.low or low >= support.high:
        return None
    shape = posterior.answer.draws.points.shape[:2]
    inside = (posterior.target >= low) & (posterior.target <= high)
    share = float(inside.mean())
    worth = share * float(effective(split(inside.astype(float).reshape(1, *shape)))[0])
    if worth >= ENOUGH:
        batch = posterior.batch
        with np.errstate(divide="ignore"):
            logs = np.log([inside[batch == b].mean() for b in np.unique(batch)])
        return Given(posterior.points[inside], batch[inside], logs, "draws", worth)
    for effort in (1, 4):
        found = _Simulation(posterior, low, high, rng, effort).run()
        if found is None or not found.failed:
            break
    return found


@dataclass(frozen=True, eq=False)
class _Crowd:
    """Places that the draws of all populations have reached, and how they stand to the range.

    Attributes
    ----------
    points : unconstrained (place, dimension)
    batch : the population of each
    away : how far outside the range the target lies, on its natural scale
    """

    points: Array
    batch: NDArray[np.int64]
    away: Array


class _Simulation:
    """Subset simulation from the draws of a fit."""

    def __init__(
        self, posterior: Posterior, low: float, high: float, rng: np.random.Generator, effort: int
    ) -> None:
        self._posterior, self._rng, self._effort = posterior, rng, effort
        support = posterior.support
        self._low = float(support.forward(low)) if low > support.low else -math.inf
        self._high = float(support.forward(high)) if high < support.high else math.inf
        self._populations = np.unique(posterior.batch)
        self._each = max(1, _MOVED // len(self._populations))
        self._spread = np.atleast_2d(np.cov(posterior.points, rowvar=False))
        self._angle = _LONGEST / KICKS

    def run(self) -> Given | None:
        """Go range by range to the one asked for; return None where the way is lost."""
        points = self._posterior.points
        crowd = _Crowd(points, self._posterior.batch, self._distance(points))
        # More of the posterior itself first: of the fit's draws a quarter would be few.
        everywhere = np.isfinite(crowd.away)
        if not self._shares(crowd, everywhere).all():
            return None
        crowd = self._moved(crowd, everywhere, math.inf, _SWEEPS)
        logs = np.zeros(len(self._populations))
        edge, stuck = math.inf, 0
        for _ in range(_MOST):
            now = self._next(crowd.away)
            if now is None:
                return None
            inside = crowd.away <= now
            shares = self._shares(crowd, inside)
            stuck = stuck + 1 if now >= edge * (1 - 1e-6) else 0
            if stuck > _STUCK or not shares.all():
                return None
            logs += np.log(shares)
            edge = now
            crowd = self._moved(crowd, inside, edge, _SWEEPS if edge else _LAST_SWEEPS)
            if edge == 0:
                return self._finished(crowd, logs)
        return None

    def _shares(self, crowd: _Crowd, inside: NDArray[np.bool_]) -> Array:
        """Return the share of each population that is inside."""
        return np.array([inside[crowd.batch == b].mean() for b in self._populations])

    @staticmethod
    def _next(away: Array) -> float | None:
        """Return the next threshold, which a quarter passes; None where nothing is near."""
        finite = away[np.isfinite(away)]
        if not len(finite):
            return None
        now = max(0.0, float(np.quantile(away, _SHARE, method="lower")))
        return float(finite.max()) if math.isinf(now) else now

    def _finished(self, crowd: _Crowd, logs: Array) -> Given:
        posterior = self._posterior
        values = posterior.basic(crowd.points)
        z = posterior.support.forward(posterior.target_of(values))
        rows = np.array([z, *(values[name] for name in posterior.unknowns)])
        parts = [rows[:, crowd.batch == b] for b in self._populations]
        worst = float(np.nanmax(convergence(np.stack(parts, axis=1), (0.05, 0.95)).rhat))
        # Populations that went their own ways disagree by the sum of their errors.
        shares = np.exp(logs - logs.max())
        spread = float(np.std(shares) / np.mean(shares))
        worth = len(logs) / max(spread**2, 1e-12) if spread > 0 else float(len(z))
        failed = ""
        if worst > _LARGEST_RHAT:
            failed = f"inside the range separate populations of draws disagree (R-hat {worst:.2f})"
        worth = min(worth, float(len(z)))
        return Given(crowd.points, crowd.batch, logs, "subset simulation", worth, failed)

    def _distance(self, points: Array) -> Array:
        """Return how far outside the range the target lies, on its natural scale."""
        posterior = self._posterior
        z = posterior.support.forward(posterior.target_at(points))
        away = np.maximum(np.maximum(self._low - z, z - self._high), 0.0)
        return np.where(np.isnan(away), np.inf, away)

    def _moved(self, crowd: _Crowd, inside: NDArray[np.bool_], edge: float, sweeps: int) -> _Crowd:
        """Return as many draws of every population, all inside, moved from where they were."""
        rows = np.concatenate(
            [
                np.resize(self._rng.permutation(np.flatnonzero(inside & one)), self._each)
                for one in (crowd.batch == b for b in self._populations)
            ]
        )
        batch = np.repeat(self._populations, self._each)
        normals = [self._normal(crowd.points[inside & (_half(crowd.batch) != h)]) for h in (0, 1)]
        walk = Walk(self._posterior, normals, _half(batch), crowd.points[rows])
        away = crowd.away[rows]
        points, distances = [], []
        for _ in range(sweeps * self._effort):
            # Of random length, or trajectories could return to where they began.
            new, log_chance = walk.proposed(self._angle * self._rng.uniform(0.7, 1.0), self._rng)
            there = self._distance(new.points)
            taken = (there <= edge) & (np.log(self._rng.uniform(size=len(rows))) < log_chance)
            walk.take(new, taken)
            away = np.where(taken, there, away)
            points.append(walk.now.points)
            distances.append(away)
            self._angle *= math.exp((taken.mean() - _WANTED) / 2)
            self._angle = min(self._angle, _LONGEST / KICKS)
        # Draw by draw, so that halves of a population are separate draws, not times.
        stacked = np.stack(points, axis=1).reshape(-1, crowd.points.shape[1])
        total = sweeps * self._effort
        return _Crowd(stacked, np.repeat(batch, total), np.stack(distances, axis=1).ravel())

    def _normal(self, points: Array) -> tuple[Array, Array]:
        """Return centre and root of the covariance of a normal that fits these points.

        With it the other half of the populations is moved: a normal fitted to the very draws that
        it is to move would draw them together, the more the more dimensions there are; then the
        steps would not leave the posterior as it is.  Of few distinct points the spread is drawn
        towards that of the fit.
        """
        points = np.unique(points, axis=0)
        count, size = points.shape
        spread = np.atleast_2d(np.cov(points, rowvar=False)) if count > 1 else self._spread
        towards = min(1.0, size / count)
        spread = (1 - towards) * spread + towards * self._spread
        return points.mean(axis=0), np.linalg.cholesky(spread + 1e-9 * np.diag(np.diag(spread)))


def _half(batch: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the half of the populations that each one belongs to, by chain."""
    return (batch // 2) % 2
