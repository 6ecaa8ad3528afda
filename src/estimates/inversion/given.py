"""The posterior given that the target lies in a range.

Where enough draws lie inside they are the answer.  Where they do not, the range is approached
through a sequence of wider ones, each holding about a quarter of the one before: subset simulation
(Au & Beck 2001, Probabilistic Engineering Mechanics 16:263), a sequential Monte Carlo sampler for
rare events (Cérou, Del Moral, Furon & Guyader 2012, Statistics and Computing 22:795).  The draws
inside are multiplied and moved, by preconditioned Crank–Nicolson steps (Cotter, Roberts, Stuart &
White 2013, Statistical Science 28:424) about a normal that fits them, and by random walks: both
leave the posterior inside the range as it is.  The product of the shares is the probability of the
range.

Every batch of draws is a population of its own from first to last, so that differences between
them tell the Monte Carlo error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.convergence import convergence, effective, split
from estimates.inversion.posterior import Posterior

Array = NDArray[np.float64]
#: Effective draws inside a range that make any further work needless.
ENOUGH = 400
_SHARE = 0.25  # of the draws that pass from one range to the next
_SWEEPS, _LAST_SWEEPS = 16, 60
_MOST = 150  # ranges on the way: a probability of about 1e-90
_STUCK = 4
_WANTED = 0.35  # share of steps taken
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

    @property
    def log_share(self) -> float:
        """Log of the posterior probability of the range."""
        top = float(self.log_shares.max())
        return top + math.log(float(np.mean(np.exp(self.log_shares - top))))


def given_range(
    posterior: Posterior, low: float, high: float, rng: np.random.Generator
) -> Given | None:
    """The posterior given low ≤ target ≤ high; None where nothing is known to lie there.

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
        shares = [float(inside[batch == b].mean()) for b in np.unique(batch)]
        with np.errstate(divide="ignore"):
            logs = np.log(shares)
        return Given(posterior.points[inside], batch[inside], logs, "draws", worth)
    for effort in (1, 4):
        found = _Simulation(posterior, low, high, rng, effort).run()
        if found is None or not found.failed:
            break
    return found


class _Simulation:
    """Subset simulation from the draws of a fit."""

    def __init__(
        self, posterior: Posterior, low: float, high: float, rng: np.random.Generator, effort: int
    ) -> None:
        self._posterior, self._rng, self._effort = posterior, rng, effort
        support = posterior.support
        self._low = float(support.forward(low)) if low > support.low else -math.inf
        self._high = float(support.forward(high)) if high < support.high else math.inf
        self._points = posterior.points.copy()
        self._batch = posterior.batch
        self._away = self._distance(self._points)
        self._logp = posterior.density.logp(self._points)
        self._half = (self._batch // 2) % 2  # by chain
        self._spread = np.atleast_2d(np.cov(self._points, rowvar=False))
        self._beta, self._walk = 0.5, 0.5

    def run(self) -> Given | None:
        """Range by range down to the one asked for; None where the way there is lost."""
        batches = np.unique(self._batch)
        logs = np.zeros(len(batches))
        edge, stuck = math.inf, 0
        for _ in range(_MOST):
            finite = self._away[np.isfinite(self._away)]
            if not len(finite):
                return None
            now = max(0.0, float(np.quantile(self._away, _SHARE, method="lower")))
            now = float(finite.max()) if math.isinf(now) else now
            inside = self._away <= now
            shares = np.array([inside[self._batch == b].mean() for b in batches])
            if not (shares > 0).all():
                return None
            logs += np.log(shares)
            stuck = stuck + 1 if now >= edge * (1 - 1e-6) else 0
            if stuck > _STUCK:
                return None
            edge = now
            self._multiply(inside)
            self._move(edge, (_LAST_SWEEPS if edge == 0 else _SWEEPS) * self._effort)
            if edge == 0:
                return self._finished(logs)
        return None

    def _finished(self, logs: Array) -> Given:
        posterior = self._posterior
        z = posterior.support.forward(posterior.target_at(self._points))
        values = posterior.at(self._points)
        rows = np.array([z, *(values[name] for name in posterior.unknowns)])
        parts = [rows[:, self._batch == b] for b in np.unique(self._batch)]
        least = min(part.shape[1] for part in parts)
        rhat = convergence(np.stack([p[:, :least] for p in parts], axis=1), (0.05, 0.95)).rhat
        worst = float(np.nanmax(rhat))
        # Populations that went their own ways disagree by the sum of their errors.
        spread = float(np.std(np.exp(logs - logs.max())) / np.mean(np.exp(logs - logs.max())))
        worth = len(logs) / max(spread**2, 1e-12) if spread > 0 else float(len(z))
        failed = ""
        if worst > _LARGEST_RHAT:
            failed = f"inside the range separate populations of draws disagree (R-hat {worst:.2f})"
        return Given(
            self._points, self._batch, logs, "subset simulation", min(worth, float(len(z))), failed
        )

    def _distance(self, points: Array) -> Array:
        """How far outside the range the target lies, on its natural scale; infinite if nowhere."""
        posterior = self._posterior
        z = posterior.support.forward(posterior.target_at(points))
        away = np.maximum(np.maximum(self._low - z, z - self._high), 0.0)
        return np.where(np.isnan(away), np.inf, away)

    def _multiply(self, inside: NDArray[np.bool_]) -> None:
        """As many draws as before in every batch, all of them inside."""
        chosen = np.empty(len(self._batch), dtype=np.int64)
        for b in np.unique(self._batch):
            here = np.flatnonzero(self._batch == b)
            alive = here[inside[here]]
            copies = np.resize(self._rng.permutation(alive), len(here))
            chosen[here] = copies
        self._points = self._points[chosen]
        self._away, self._logp = self._away[chosen], self._logp[chosen]

    def _references(self) -> tuple[list[Array], list[Array]]:
        """For either half of the populations the normal that fits the other half.

        A normal fitted to the very draws that it is to move would draw them together, the more the
        more dimensions there are; then the steps would not leave the posterior as it is.  Where
        the other half has few distinct draws its spread is drawn towards that of the fit.
        """
        centres, roots = [], []
        for half in (0, 1):
            others = np.unique(self._points[self._half != half], axis=0)
            size = others.shape[1]
            spread = (
                np.atleast_2d(np.cov(others, rowvar=False)) if len(others) > 1 else self._spread
            )
            towards = min(1.0, size / len(others))
            spread = (1 - towards) * spread + towards * self._spread
            centres.append(others.mean(axis=0))
            roots.append(np.linalg.cholesky(spread + 1e-9 * np.diag(np.diag(spread))))
        return centres, roots

    def _move(self, edge: float, sweeps: int) -> None:
        centre, root = self._references()
        v = np.empty_like(self._points)
        for half in (0, 1):
            here = self._half == half
            v[here] = np.linalg.solve(root[half], (self._points[here] - centre[half]).T).T
        for sweep in range(sweeps):
            noise = self._rng.standard_normal(v.shape)
            if sweep % 2:
                new = v + self._walk * noise / math.sqrt(v.shape[1])
                ratio = np.zeros(len(v))
            else:
                new = math.sqrt(1 - self._beta**2) * v + self._beta * noise
                # The step leaves the normal as it is, so its density is divided out.
                ratio = (np.vecdot(new, new) - np.vecdot(v, v)) / 2
            points = np.empty_like(new)
            for half in (0, 1):
                here = self._half == half
                points[here] = centre[half] + new[here] @ root[half].T
            away, logp = self._distance(points), np.full(len(v), -np.inf)
            inside = away <= edge
            logp[inside] = self._posterior.density.logp(points[inside])
            taken = np.log(self._rng.uniform(size=len(v))) < ratio + logp - self._logp
            v[taken], self._points[taken] = new[taken], points[taken]
            self._away[taken], self._logp[taken] = away[taken], logp[taken]
            factor = math.exp(taken.mean() - _WANTED)
            if sweep % 2:
                self._walk = min(self._walk * factor, 5.0)
            else:
                self._beta = min(self._beta * factor, 0.999)
