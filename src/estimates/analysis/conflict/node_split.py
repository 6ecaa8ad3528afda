"""Comparisons of one side with draws of the rest, each tail followed as far as it goes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from estimates.analysis.conflict.contrast import Side, from_scale, on_scale
from estimates.analysis.conflict.refits import PULL, SAMPLING, Partial, Pull, Pulled
from estimates.analysis.conflict.result import DRAWS, IMPORTANCE, NORMAL, Method
from estimates.analysis.conflict.tail_probability import Stratum, Tail, given_up, tail
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers, sweep
from estimates.inference.log_likelihood import log_density
from estimates.model import BoundClaim
from estimates.model.combinations import Distinct
from estimates.model.likelihood import Count, Noisy, Term, respoken

Array = NDArray[np.float64]
_ROUNDS = 3  # of further draws, each nearer to where the tail comes from
#: A reading so light moves no p of the mixture, and is not followed into its tail.
_LIGHT = 1e-4


@dataclass(frozen=True, eq=False)
class Comparison:
    """One side, and the answer without it.

    Attributes
    ----------
    name : of the body or the claim
    claim : in whose unit the values are
    without : claims that the rest is without
    partial : the rest
    """

    name: str
    side: Side
    claim: BoundClaim
    without: frozenset[str]
    partial: Partial

    @cached_property
    def part(self) -> NDArray[np.int64]:
        """(reading,) which part of the draws is a reading's; −1 for none."""
        return self.partial.part[self.claim.id]

    @cached_property
    def u(self) -> Array:
        """(part, chain, draw) of the rest's values on the scale of the comparison."""
        return on_scale(self.side.scale, self.partial.values[self.claim.id])

    @cached_property
    def shares(self) -> Array:
        """(part,) weights, of the readings under which the claim says something."""
        found = np.zeros(len(self.u))
        for part, weight in zip(self.part, self.partial.weights, strict=True):
            if part >= 0:
                found[part] += weight
        total = found.sum()
        return found / total if total > 0 else found

    def members(self, part: int) -> list[int]:
        """The readings that share a part."""
        return [int(reading) for reading in np.flatnonzero(self.part == part)]

    def alone(self, part: int) -> Array:
        """(part,) weights where only one counts."""
        found = np.zeros(len(self.u))
        found[part] = 1.0
        return found

    @cached_property
    def spoken(self) -> float:
        """Weight of the readings under which the claim says something."""
        return float(self.partial.weights[self.part >= 0].sum())


@dataclass(frozen=True, eq=False)
class Judged:
    """A comparison with the tail of each part.

    Attributes
    ----------
    tails : (part,)
    failed : why a fit that it rests on must not be trusted
    """

    comparison: Comparison
    tails: tuple[Tail, ...]
    failed: tuple[str, ...] = ()

    @cached_property
    def log_p(self) -> float:
        """Log of the mixture's p.

        The mean of the readings' own p by the refitted weights: the probability of a discrepancy as
        large as this one, measured under whichever reading is drawn (a realised discrepancy:
        Gelman, Meng & Stern 1996, Statistica Sinica 6:733), in which a conflict upward and one
        downward do not cancel.
        """
        shares = self.comparison.shares
        with np.errstate(divide="ignore"):
            logs = np.log(shares) + np.array([one.log_p for one in self.tails])
        return min(0.0, float(logsumexp(logs))) if len(logs) else 0.0

    @cached_property
    def error(self) -> float | None:
        """Monte Carlo standard error of the mixture's p; None where a tail is extrapolated."""
        comparison = self.comparison
        errors = comparison.shares * np.array([one.error for one in self.tails])
        if not np.isfinite(errors).all():
            return None
        p = np.exp([one.log_p for one in self.tails])
        speaks = comparison.part >= 0
        moved = np.zeros(len(speaks))
        moved[speaks] = p[comparison.part[speaks]] - math.exp(self.log_p)
        moved /= max(comparison.spoken, 1e-12)
        of_weights = math.sqrt(max(0.0, float(moved @ comparison.partial.covariance @ moved)))
        return float(np.hypot(np.linalg.norm(errors), of_weights))

    def log_p_under(self, reading: int | None) -> float | None:
        """Of the mixture (None) or under a reading; None where nothing is said there."""
        if reading is None:
            return self.log_p if self.tails else None
        part = int(self.comparison.part[reading])
        return self.tails[part].log_p if part >= 0 else None

    @cached_property
    def method(self) -> Method:
        """The least direct of the methods that matter to the mixture's p."""
        with np.errstate(divide="ignore", under="ignore"):
            part = np.log(self.comparison.shares) + np.array([one.log_p for one in self.tails])
            matter = part > self.log_p - math.log(20)
        used = {one.method for one, counts in zip(self.tails, matter, strict=True) if counts}
        return NORMAL if NORMAL in used else IMPORTANCE if IMPORTANCE in used else DRAWS

    @cached_property
    def above(self) -> bool | None:
        """Whether the side lies above the rest; None where readings differ in that."""
        kept = self.comparison.shares > 0.01
        found = {one.above for one, counts in zip(self.tails, kept, strict=True) if counts}
        return found.pop() if len(found) == 1 else None


def judge(
    engine: Engine,
    comparisons: Sequence[Comparison],
    readings: Sequence[Distinct],
    workers: Workers | None,
    progress: Progress | None,
    *,
    follow: bool = True,
) -> list[Judged]:
    """The tail of each part of each comparison.

    Parameters
    ----------
    readings : the model's distinct readings
    follow : whether tails that draws do not reach are followed by further fits
    """
    strata = {
        (i, part): [Stratum(u)] for i, one in enumerate(comparisons) for part, u in enumerate(one.u)
    }
    found = {key: tail(comparisons[key[0]].side, drawn) for key, drawn in strata.items()}
    pulls: dict[tuple[int, int], list[Pull]] = {key: [] for key in strata}
    failed: dict[int, list[str]] = {}
    terms = engine.observations.terms
    for _ in range(_ROUNDS if follow else 0):
        wanted: dict[tuple[int, int], Pull] = {}
        for key, one in found.items():
            comparison = comparisons[key[0]]
            if one.good or comparison.shares[key[1]] < _LIGHT:
                continue
            term = terms[comparison.claim.id]
            choice = readings[comparison.members(key[1])[0]].choice
            pull = _next_pull(comparison, term, choice, one, strata[key], pulls[key])
            if pull is not None:
                wanted[key] = pull
        if not wanted:
            break
        drawn = sweep(engine, PULL, list(wanted.values()), workers, progress)
        for (key, pull), pulled in zip(wanted.items(), drawn, strict=True):
            comparison = comparisons[key[0]]
            reading = comparison.members(key[1])[0]
            failed.setdefault(key[0], []).extend(pulled.failed)
            if not math.isfinite(pulled.log_evidence):
                continue
            pulls[key].append(pull)
            strata[key].append(_stratum(comparison, terms[pull.claim], pull, pulled, reading))
            found[key] = tail(comparison.side, strata[key])
    return [
        Judged(
            one,
            tuple(given_up(one.side, found[i, part], one.u[part]) for part in range(len(one.u))),
            tuple(failed.get(i, ())),
        )
        for i, one in enumerate(comparisons)
    ]


def _stratum(
    comparison: Comparison, term: Term, pull: Pull, pulled: Pulled, reading: int
) -> Stratum:
    pulling = respoken(term, pull.datum)
    if isinstance(pulling, Noisy):
        pulling = replace(pulling, sigma=pulling.sigma * pull.factor)
    scale, partial = comparison.side.scale, comparison.partial
    se = math.hypot(pulled.log_evidence_se, float(partial.log_evidence_se[reading]))
    return Stratum(
        on_scale(scale, pulled.values),
        lambda u: log_density(pulling, from_scale(scale, u)),
        pulled.log_evidence - float(partial.log_evidence[reading]),
        se,
    )


def _next_pull(
    comparison: Comparison,
    term: Term,
    choice: Mapping[str, str],
    found: Tail,
    strata: Sequence[Stratum],
    before: Sequence[Pull],
) -> Pull | None:
    """A pull towards where the tail comes from; None where there is none better.

    Of a rest with mean m and sd s and a side at c of width w, both normal, the tail comes from m +
    (c − m)s²/(s² + w²).  A claim of variance 2s² at three times that distance from m brings the
    draws there, with a variance of ⅔s², wide enough for the weights to have one.
    """
    side = comparison.side
    base = strata[0].u[np.isfinite(strata[0].u)]
    if base.size < 2 or np.ptp(base) == 0:
        return None
    mean, sd = float(base.mean()), float(base.std())
    last = strata[-1].u[np.isfinite(strata[-1].u)]
    ids = (comparison.without, choice, comparison.claim.id)
    match term:
        case Noisy():
            aim = mean + (side.centre - mean) * sd**2 / (sd**2 + side.width**2)
            datum = mean + 3 * (aim - mean)
            if before:
                aim = found.centre if math.isfinite(found.centre) else aim
                datum = before[-1].datum + 3 * (aim - float(last.mean()))
            return Pull(*ids, datum, math.sqrt(2) * sd / term.sigma, SAMPLING)
        case Count(successes=r, trials=n):
            if not before:
                return Pull(*ids, float(r), 1.0, SAMPLING)
            outwards = 1 if found.above else -1
            step = max(1, round(2 * math.sqrt((n + 1) * (r + 1) * (n - r + 1)) / (n + 2)))
            datum = float(np.clip(r + outwards * len(before) * step, 0, n))
            return None if datum == before[-1].datum else Pull(*ids, datum, 1.0, SAMPLING)
        case _:
            return None if before else Pull(*ids, 1.0, 1.0, SAMPLING)
