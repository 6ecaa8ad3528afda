"""Comparisons of one side with draws of the rest, each tail followed as far as it goes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from estimates.analysis.conflict.contrast import Side, from_scale, on_scale
from estimates.analysis.conflict.refits import PULL, Partial, Pull, Pulled
from estimates.analysis.conflict.result import (
    DRAWS,
    IMPORTANCE,
    NORMAL,
    PARTLY,
    Against,
    Grounded,
    Method,
)
from estimates.analysis.conflict.tail_probability import Stratum, Tail, given_up, known, tail
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers, sweep
from estimates.inference.log_likelihood import log_density
from estimates.model import BoundClaim
from estimates.model.combinations import Distinct, distinct_readings
from estimates.model.likelihood import (
    Count,
    Noisy,
    Rate,
    Skew,
    Term,
    Yes,
    respoken,
    widened,
)

Array = NDArray[np.float64]
_ROUNDS = 3  # of further draws, each nearer to where the tail comes from
#: A reading so light moves no p of the mixture, and is not followed into its tail.
_LIGHT = 1e-4


@dataclass(frozen=True, eq=False)
class Comparison:
    """A side, and the answer without it.

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
        """The part (reading,) of the draws that is a reading's; −1 for none."""
        return self.partial.part[self.claim.id]

    @cached_property
    def u(self) -> Array:
        """The rest's values (part, chain, draw) on the scale of the comparison."""
        return on_scale(self.side.scale, self.partial.values[self.claim.id])

    @cached_property
    def tails(self) -> list[Tail]:
        """The tail of each part, as the rest's own draws tell it."""
        return [tail(self.side, [Stratum(u)]) for u in self.u]

    @cached_property
    def shares(self) -> Array:
        """The weights (part,) of the readings under which the claim says something."""
        found = np.zeros(len(self.u))
        for part, weight in zip(self.part, self.partial.weights, strict=True):
            if part >= 0:
                found[part] += weight
        total = found.sum()
        return found / total if total > 0 else found

    def members(self, part: int) -> list[int]:
        """Return the readings that share a part."""
        return np.flatnonzero(self.part == part).tolist()

    def alone(self, part: int) -> Array:
        """Return weights (part,) where only one part counts."""
        return np.eye(len(self.u))[part]

    @cached_property
    def spoken(self) -> float:
        """The weight of the readings under which the claim says something."""
        return float(self.partial.weights[self.part >= 0].sum())


@dataclass(frozen=True, eq=False)
class Judged:
    """A comparison with the tail of each part, and what its rest depends on.

    Attributes
    ----------
    tails : (part,)
    failed : why a fit that it rests on must not be trusted
    grounds : (part,) what the rest rests on; of a figure that is held out, none
    """

    comparison: Comparison
    tails: tuple[Tail, ...]
    failed: tuple[str, ...] = ()
    grounds: tuple[Grounded, ...] = ()

    @property
    def name(self) -> str:
        """The name of the body or the claim."""
        return self.comparison.name

    @cached_property
    def _logs(self) -> Array:
        """The log (part,) of what each part adds to the mixture's p."""
        with np.errstate(divide="ignore"):
            return np.log(self.comparison.shares) + np.array([one.log_p for one in self.tails])

    @cached_property
    def log_p(self) -> float:
        """The log of the mixture's p.

        The mean of the readings' own p by the refitted weights: the probability of a discrepancy as
        large as this one, measured under whichever reading is drawn (a realised discrepancy:
        Gelman, Meng & Stern 1996, Statistica Sinica 6:733), in which a conflict upward and one
        downward do not cancel.
        """
        return min(0.0, float(logsumexp(self._logs))) if self.tails else 0.0

    @cached_property
    def error(self) -> float | None:
        """The Monte Carlo error of the mixture's p; None where a tail is extrapolated."""
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
        """Return log p of the mixture (None) or of a reading; None where it says nothing."""
        if reading is None:
            return self.log_p if self.tails else None
        part = int(self.comparison.part[reading])
        return self.tails[part].log_p if part >= 0 else None

    @property
    def method(self) -> Method:
        """The least direct of the methods that matter to the mixture's p."""
        matter = self._logs > self.log_p - math.log(20)
        used = {one.method for one, counts in zip(self.tails, matter, strict=True) if counts}
        return next((one for one in (NORMAL, IMPORTANCE) if one in used), DRAWS)

    @property
    def above(self) -> bool | None:
        """Whether the side lies above the rest; None where readings differ in that."""
        kept = self.comparison.shares > 0.01
        found = {one.above for one, counts in zip(self.tails, kept, strict=True) if counts}
        return found.pop() if len(found) == 1 else None

    @cached_property
    def ground(self) -> Grounded:
        """What the rest of the mixture depends on: that of all parts that have weight."""
        weighed = zip(self.grounds, self.comparison.shares.tolist(), strict=True)
        kept = [(one, weight) for one, weight in weighed if weight > 0]
        kinds: set[Against] = {one.against for one, _ in kept}
        of = {name for one, _ in kept for name in one.prior_of.split(", ")} - {""}
        known = [(one.learned, weight) for one, weight in kept if one.learned is not None]
        return Grounded(
            against=kinds.pop() if len(kinds) == 1 else PARTLY,
            prior_of=", ".join(sorted(of)),
            learned=float(sum(w * one for one, w in known)) if len(known) == len(kept) else None,
        )


def judge(
    engine: Engine,
    comparisons: Sequence[Comparison],
    workers: Workers | None = None,
    progress: Progress | None = None,
    *,
    follow: bool = True,
    far: float = math.inf,
) -> list[Judged]:
    """Return the tail of each part of each comparison.

    Parameters
    ----------
    follow : whether tails that draws do not reach are followed by further fits
    far : a p above which a tail need be known roughly only (see `known`)
    """
    readings = distinct_readings(engine.model)
    terms = engine.observations.terms
    parts = [
        [_Part(one, number, terms[one.claim.id], readings) for number in range(len(one.u))]
        for one in comparisons
    ]
    for _ in range(_ROUNDS if follow else 0):
        wanted = [(part, pull) for own in parts for part in own if (pull := part.next_pull(far))]
        if not wanted:
            break
        drawn = sweep(engine, PULL, [pull for _, pull in wanted], workers, progress)
        for (part, pull), pulled in zip(wanted, drawn, strict=True):
            part.take(pull, pulled)
    return [
        Judged(
            one,
            tuple(given_up(one.side, part.tail, part.rest.u) for part in own),
            tuple(sentence for part in own for sentence in part.failed),
        )
        for one, own in zip(comparisons, parts, strict=True)
    ]


class _Part:
    """A part of a comparison, and what has been drawn of it so far."""

    def __init__(
        self, comparison: Comparison, number: int, term: Term, readings: Sequence[Distinct]
    ) -> None:
        self.comparison, self.side, self.term = comparison, comparison.side, term
        self.heavy = comparison.shares[number] >= _LIGHT
        self.reading = comparison.members(number)[0]
        self.choice = readings[self.reading].choice
        self.rest = Stratum(comparison.u[number])
        self.strata, self.pulls, self.failed = [self.rest], list[Pull](), list[str]()
        self.tail = comparison.tails[number]

    def next_pull(self, far: float) -> Pull | None:
        """Return a pull towards where the tail comes from; None if none is better or needed.

        Of a rest with mean m and sd s and a side at c of width w, both normal, the tail comes from
        m + (c − m)s²/(s² + w²).  A claim of variance 2s² at three times that distance from m brings
        the draws there, with a variance of ⅔s², wide enough for the weights to have one.
        """
        base = _finite(self.rest)
        if isinstance(self.term, Noisy | Yes) and self.term.spread:
            return None  # a pull would be as wide as an error that differs from draw to draw
        if known(self.tail, far) or not self.heavy or base.size < 2 or np.ptp(base) == 0:
            return None
        before, side = self.pulls, self.side
        to = partial(Pull, self.comparison.without, self.choice, self.comparison.claim.id)
        match self.term:
            case Noisy(sigma=sigma) | Skew(sigma=sigma):
                mean, sd = float(base.mean()), float(base.std())
                aim = mean + (side.centre - mean) * sd**2 / (sd**2 + side.width**2)
                datum = mean + 3 * (aim - mean)
                if before:
                    aim = self.tail.centre if math.isfinite(self.tail.centre) else aim
                    last = float(_finite(self.strata[-1]).mean())
                    datum = before[-1].datum + 3 * (aim - last)
                return to(datum, math.sqrt(2) * sd / sigma)
            case Count(successes=r, trials=n):
                outwards = 1 if self.tail.above else -1
                step = max(1, round(2 * math.sqrt((n + 1) * (r + 1) * (n - r + 1)) / (n + 2)))
                datum = float(np.clip(r + outwards * len(before) * step, 0, n))
                return None if before and datum == before[-1].datum else to(datum)
            case Rate(events=r):
                outwards = 1 if self.tail.above else -1
                step = max(1, round(2 * math.sqrt(r + 1)))
                datum = max(r + outwards * len(before) * step, 0)
                return None if before and datum == before[-1].datum else to(datum)
            case _:
                return None if before else to(1.0)

    def take(self, pull: Pull, pulled: Pulled) -> None:
        """Count the draws of a pull with those that there were."""
        self.failed += pulled.failed
        if not math.isfinite(pulled.log_evidence):
            return
        said = respoken(self.term, pull.datum)
        pulling = said if isinstance(said, Yes) else widened(said, pull.factor)
        scale, rest = self.side.scale, self.comparison.partial
        stratum = Stratum(
            on_scale(scale, pulled.values),
            lambda u: log_density(pulling, from_scale(scale, u)),
            pulled.log_evidence - float(rest.log_evidence[self.reading]),
            math.hypot(pulled.log_evidence_se, float(rest.log_evidence_se[self.reading])),
        )
        self.pulls.append(pull)
        self.strata.append(stratum)
        self.tail = tail(self.side, self.strata)


def _finite(stratum: Stratum) -> Array:
    return stratum.u[np.isfinite(stratum.u)]
