"""How far in the tail one side of a comparison lies of the other, however far that is.

P(δ > 0) is the mean over draws of the one side of the other side's exact tail probability
(Rao-Blackwell), so that no draw need be beyond it.  Where the mean rests on a few draws, more are
made nearer to where it comes from, and all are weighed together by the mixture of densities that
they come from (the balance heuristic: Veach & Guibas 1995; Owen & Zhou 2000, JASA 95:135), whose
weights are bounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtri_exp

from estimates.analysis.conflict.contrast import Side
from estimates.analysis.conflict.result import DRAWS, IMPORTANCE, NORMAL, Method
from estimates.stats.convergence import mcse_mean

Array = NDArray[np.float64]
#: A tail is known well enough where its relative error is no larger, and rests on so many draws.
RELATIVE, FEWEST = 0.1, 50.0
#: And to this relative error one that is so far from anything that its second digit says nothing.
_COARSE = 0.25
#: Above this relative error an estimate is given up for the tail of a normal.
_HOPELESS = 0.5


@dataclass(frozen=True)
class Stratum:
    """Draws from one density proportional to that of the rest, times the pull's likelihood.

    Attributes
    ----------
    u : (chain, draw) on the scale of the comparison
    log_pull : of values on the scale the log likelihood of the pull; None for the rest itself
    log_z, log_z_se : log of its normalising constant, evidence over that of the rest
    """

    u: Array
    log_pull: Callable[[Array], Array] | None = None
    log_z: float = 0.0
    log_z_se: float = 0.0


@dataclass(frozen=True)
class Tail:
    """The smaller tail probability of a comparison.

    Attributes
    ----------
    log_p : log of the two-sided p, twice the smaller tail
    error : Monte Carlo standard error of p
    above : whether this side lies above the other
    method : how it was found
    good : whether it needs no more draws
    centre : of the other side's values that the tail comes from
    """

    log_p: float
    error: float
    above: bool
    method: Method
    good: bool
    centre: float


def known(found: Tail, far: float) -> bool:
    """Return whether a tail is known well enough: as good as any, or far above a p, errors and all.

    Parameters
    ----------
    far : the p
    """
    p = math.exp(found.log_p)
    return found.good or (found.error <= _COARSE * p and p - 4 * found.error > far)


def tail(side: Side, strata: Sequence[Stratum]) -> Tail:
    """Return the smaller tail of a side beside draws of the rest (the first stratum) and pulled."""
    base = _tails(side, strata[0].u)
    above = bool(logsumexp(base[0]) > logsumexp(base[1]))
    which = 1 if above else 0
    mixed = [_log_mixture(stratum.u, strata) for stratum in strata]
    tails = [_tails(side, stratum.u)[which] for stratum in strata]
    with np.errstate(invalid="ignore"):  # no tail stays none, whatever it is divided by
        logs = [np.where(np.isneginf(t), t, t - m) for t, m in zip(tails, mixed, strict=True)]
    log_tail, relative, worth, centre = _weigh(logs, strata)
    if len(strata) > 1 and math.isfinite(log_tail):
        relative = math.hypot(relative, _error_of_evidence(side, which, strata, log_tail))
    good = relative <= RELATIVE and worth >= FEWEST
    method: Method = DRAWS if len(strata) == 1 else IMPORTANCE
    if np.all(strata[0].u == strata[0].u.flat[0]):  # nothing unknown: the tail is exact
        good, relative = True, 0.0
    log_p = min(0.0, log_tail + math.log(2))
    error = relative * math.exp(log_p)
    return Tail(log_p, error, above, method, good, centre)


def given_up(side: Side, found: Tail, rest: Array) -> Tail:
    """Return a tail that draws could not reach, taking the rest as normal on the scale.

    Exact where the rest is normal there; otherwise an extrapolation, and labelled as one.
    """
    if found.good or found.error <= _HOPELESS * math.exp(found.log_p):
        return found
    finite = rest[np.isfinite(rest)]
    if finite.size < 2 or np.ptp(finite) == 0:
        return found
    mean, sd = float(finite.mean()), float(finite.std())
    reach = abs(side.centre - mean) + 12 * max(sd, side.width)
    u = np.linspace(mean - reach, mean + reach, 40_001)
    log_tail = side.tails(u)[1 if found.above else 0] - ((u - mean) / sd) ** 2 / 2
    log_tail -= math.log(sd * math.sqrt(2 * math.pi))
    total = float(logsumexp(log_tail)) + math.log(u[1] - u[0])
    return replace(found, log_p=min(0.0, total + math.log(2)), error=math.nan, method=NORMAL)


def z_of(log_p: float) -> float:
    """Return the number of standard errors that a two-sided p is worth, however small."""
    if log_p >= 0:
        return 0.0
    return -float(ndtri_exp(log_p - math.log(2)))


def _tails(side: Side, u: Array) -> tuple[Array, Array]:
    """Return a side's tails; nan where the other side has no value at all."""
    above, below = side.tails(u)
    return np.where(np.isnan(u), -np.inf, above), np.where(np.isnan(u), -np.inf, below)


def _log_mixture(u: Array, strata: Sequence[Stratum]) -> Array:
    """Return the log density of all strata together, over that of the rest."""
    sizes = np.array([stratum.u.size for stratum in strata], dtype=float)
    plain = np.where(np.isnan(u), np.nan, 0.0)
    parts = [
        np.log(size / sizes.sum())
        + (plain if stratum.log_pull is None else stratum.log_pull(u) - stratum.log_z)
        for size, stratum in zip(sizes, strata, strict=True)
    ]
    return np.asarray(logsumexp(np.stack([np.nan_to_num(p, nan=-np.inf) for p in parts]), axis=0))


def _weigh(logs: Sequence[Array], strata: Sequence[Stratum]) -> tuple[float, float, float, float]:
    """Return a mean's log, its relative error, its effective draws, and where it comes from."""
    top = max(float(one.max()) for one in logs)
    if not math.isfinite(top):
        return -math.inf, math.inf, 0.0, math.nan
    total = sum(one.size for one in logs)
    scaled = [np.exp(one - top) for one in logs]
    mean = sum(float(one.sum()) for one in scaled) / total
    errors = [
        one.size / total * float(mcse_mean(one[None])[0]) for one in scaled if np.ptp(one) > 0
    ]
    flat = np.concatenate([one.ravel() for one in scaled])
    u = np.concatenate([stratum.u.ravel() for stratum in strata])
    inside = np.isfinite(u)
    weight = flat[inside].sum()
    centre = float((flat[inside] / weight) @ u[inside]) if weight > 0 else math.nan
    worth = float(flat.sum() ** 2 / (flat**2).sum())
    relative = float(np.linalg.norm(errors)) / mean if errors else 0.0
    return top + math.log(mean), relative, worth, centre


def _error_of_evidence(side: Side, which: int, strata: Sequence[Stratum], log_tail: float) -> float:
    """Return the tail's error from the pulls' normalising constants, to first order."""
    errors = []
    for number, stratum in enumerate(strata):
        if stratum.log_z_se == 0:
            continue
        moved = [
            replace(one, log_z=one.log_z + (stratum.log_z_se if i == number else 0.0))
            for i, one in enumerate(strata)
        ]
        logs = [_tails(side, one.u)[which] - _log_mixture(one.u, moved) for one in moved]
        errors.append(_weigh(logs, moved)[0] - log_tail)
    return float(np.linalg.norm(errors))
