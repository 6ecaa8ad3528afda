"""The trust gates of one fit: no number leaves without them (docs/method.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimates.inference.sampling import Draws
from estimates.stats.convergence import chance_of_shares, convergence

#: Vehtari et al. 2021 (Bayesian Analysis 16:667).
LARGEST_RHAT = 1.01
SMALLEST_ESS = 400.0
#: Equal-tailed 90 %, everywhere, passed explicitly because library defaults differ.
TAILS = (0.05, 0.95)
#: Every quantile that is reported.
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Where the bounds leave less than this (a log) of the density, a point lies beyond them.
BEYOND = -10.0
#: The share of trajectories that may end at the wall of a bound, where another fit confirms.
_FEW = 0.002
#: How often chains that agree may fail for the shares beyond the quantiles, over all of a fit.
_FALSE_ALARM = 1e-4


@dataclass(frozen=True)
class Check:
    """Diagnostics of one fit, and the sentences that say which gates it failed.

    Attributes
    ----------
    max_rhat : largest rank-normalised R-hat (None where nothing is unknown)
    min_ess_bulk, min_ess_tail : smallest effective numbers of draws
    divergences : of all chains
    failed : one sentence a failed gate, naming the quantity
    at_bound : divergences at the wall of a stated bound, which do not count (see `against_walls`)
    """

    max_rhat: float | None
    min_ess_bulk: float | None
    min_ess_tail: float | None
    divergences: int
    failed: tuple[str, ...]
    at_bound: int = 0

    @property
    def passed(self) -> bool:
        return not self.failed


def check(values: Mapping[str, NDArray[np.float64]], diverging: NDArray[np.bool_]) -> Check:
    """Check draws (chain, draw) of each watched quantity; constant draws tell nothing."""
    names = [
        name for name, v in values.items() if not np.all(np.isnan(v)) and np.ptp(v[~np.isnan(v)])
    ]
    failed: list[str] = []
    divergences = int(np.sum(diverging))
    if divergences:
        failed.append(
            f"{divergences} divergent transitions: the sampler missed a corner; narrow the priors "
            "of what the claims hardly inform"
        )
    if not names:
        return Check(None, None, None, divergences, tuple(failed))
    stacked = np.stack([values[name] for name in names])
    found = convergence(stacked, TAILS)
    for name, r, b, t in zip(names, found.rhat, found.bulk, found.tail, strict=True):
        if not r < LARGEST_RHAT:
            failed.append(
                f"{name}: R-hat {r:.3f} is not below {LARGEST_RHAT}, the chains disagree; where "
                "two answers fit the claims, make them two readings"
            )
        if not b >= SMALLEST_ESS:
            failed.append(f"{name}: {b:.0f} effective draws in the bulk, {SMALLEST_ESS:.0f} needed")
        if not t >= SMALLEST_ESS:
            failed.append(
                f"{name}: {t:.0f} effective draws in the tails, {SMALLEST_ESS:.0f} needed"
            )
    if not failed:
        failed += _uneven(names, stacked)
    worst = float(max(found.rhat)), float(min(found.bulk)), float(min(found.tail))
    return Check(*worst, divergences, tuple(failed))


def against_walls(draws: Draws, beyond: NDArray[np.bool_]) -> Draws:
    """Draws whose divergences at a bound are counted apart, as `at_bound`, if they are few.

    A one-sided claim much sharper than what is known of the rest is a wall, which is too steep
    somewhere for steps of any size.  Unlike the neck of a funnel, nothing is behind it: the further
    a trajectory is carried, the less probable is where it goes.  Such draws are to be confirmed by
    others (see `retry`).

    Parameters
    ----------
    beyond : for each divergence, in the order of the draws, whether it led beyond a bound
    """
    diverging = draws.diverging
    at_bound = np.zeros_like(diverging)
    at_bound[diverging] = beyond
    if at_bound.sum() > _FEW * diverging.size:
        at_bound[:] = False
    stats = {**draws.stats, "diverging": diverging & ~at_bound, "at_bound": at_bound}
    return replace(draws, stats=stats)


def at_walls(draws: Draws) -> bool:
    """Return whether trajectories ended at the wall of a bound."""
    return bool(np.any(draws.stats.get("at_bound", False)))


def _uneven(names: Sequence[str], values: NDArray[np.float64]) -> list[str]:
    """Return quantities of which a chain has too many, or too few, draws beyond a quantile."""
    chances = chance_of_shares(values, QUANTILES)
    worst = chances.argmin(axis=0)
    return [
        f"{name}: the chains disagree on how much lies beyond its {QUANTILES[at]:.0%} quantile"
        for name, at, chance in zip(names, worst, chances.min(axis=0), strict=True)
        if chance < _FALSE_ALARM / chances.size
    ]
