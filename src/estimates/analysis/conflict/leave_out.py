"""What leaving out a body would do: whether the conflict is gone, and what the answer would be.

Nothing is ever left out by itself.  For each body that is left out every other one has to be set
against a rest without both, weighed out of one refit without the first (`without_both`), or by a
refit of its own.  Most bodies need one only: where the sharpest of the
others is still in conflict however the rest turns out, the conflict remains, and no more is asked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from estimates.analysis.conflict.bodies import Body, connected
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.head_to_head import Pair
from estimates.analysis.conflict.multiplicity import Names, Test, adjust, one_comparison, pair_tests
from estimates.analysis.conflict.node_split import Comparison, Judged, judge
from estimates.analysis.conflict.refits import LEAVE, Left, Partial
from estimates.analysis.conflict.result import (
    Middle,
    PairRow,
    SplitRow,
    WithoutRow,
)
from estimates.analysis.conflict.rows import Part
from estimates.analysis.conflict.without_both import Without
from estimates.analysis.result import Numbers
from estimates.inference.fitting import Change
from estimates.inference.refit import refit
from estimates.inference.refit_result import Refit
from estimates.inference.result import Statistics
from estimates.inference.statistics import mixture_of, statistics_of
from estimates.model.dimensions import variable

#: Bodies that are left out in turn at most, those in the sharpest conflict first.
MOST = 40
#: A reading lighter than this hides nothing that matters to the mixture.
_LIGHT = 0.01


@dataclass(frozen=True)
class Scope:
    """The place of a conflict: the mixture (None), or one distinct reading."""

    reading: int | None = None
    words: str = ""


@dataclass(frozen=True)
class LeftOut:
    """The effect of leaving a body out.

    Attributes
    ----------
    rows : the answer as it is, then one a body that was left out
    agreeing : bodies not left out because they agree with the rest
    not_tried : bodies that disagree and were not left out, being too many
    failed : why any of the fits must not be trusted
    """

    rows: tuple[WithoutRow, ...] = ()
    agreeing: int = 0
    not_tried: int = 0
    failed: tuple[str, ...] = ()


def scope_of(
    rows: Sequence[SplitRow],
    by_reading: Sequence[Part],
    paired: Sequence[tuple[PairRow, Pair]],
) -> Scope | None:
    """Return where a conflict has to be resolved: in the mixture, or under a reading alone.

    Parameters
    ----------
    by_reading : with a reading under which it is
    """
    heads = [(row, pair) for row, pair in paired if row.conflict]
    if any(row.conflict for row in rows) or (heads and not heads[0][0].under):
        return Scope()
    found = [(row, reading) for row, reading in by_reading if row.worth_saying]
    if found:
        row, reading = min(found, key=lambda one: one[0].p_adjusted)
        return Scope(reading, row.under)
    return Scope(heads[0][1].members[0], heads[0][0].under) if heads else None


@dataclass(frozen=True, eq=False)
class Conflicted:
    """A conflict, and the bodies that may be wrong.

    Attributes
    ----------
    splits : of the bodies that are compared with more than a prior
    pairs : all of them
    evident : (reading,) see `multiplicity.evident_of`
    level : adjusted p below which there is a conflict
    """

    case: Case
    splits: Sequence[Judged]
    pairs: Sequence[Pair]
    evident: Sequence[Names]
    scope: Scope
    level: float

    @cached_property
    def p(self) -> dict[str, float]:
        """The log p of each body, where the conflict is."""
        found = {one.name: one.log_p_under(self.scope.reading) for one in self.splits}
        return {name: math.inf if log_p is None else log_p for name, log_p in found.items()}

    @cached_property
    def standing(self) -> list[Pair]:
        """The pairs that exist under every reading where the conflict is."""
        reading = self.scope.reading
        under = self.case.heavy if reading is None else {reading}
        return [pair for pair in self.pairs if under <= set(pair.members)]

    @cached_property
    def bodies(self) -> list[Body]:
        """The bodies on the island of the conflict, the sharpest conflict first."""
        islands = connected(self.case.model, self.case.bodies)
        here = islands[min(self.p, key=lambda name: self.p[name])]
        kept = (body for body in self.case.bodies if islands[body.name] == here)
        return sorted(kept, key=lambda body: self.p.get(body.name, math.inf))

    @cached_property
    def suspects(self) -> list[Body]:
        """The bodies that could be wrong.

        A body that by itself agrees with the rest cannot be: without it there is less to see the
        conflict by, which is no resolution.  So only those are left out whose own p is below the
        level, unadjusted, and both of two in conflict head to head.
        """
        lowest = {one.name: self._log_p(one) for one in self.splits}
        below = math.log(self.level)
        apart = {
            body.name
            for pair in self.standing
            if pair.log_p < below
            for body in (pair.one, pair.other)
        }
        return [b for b in self.bodies if lowest.get(b.name, 0.0) < below or b.name in apart]

    def _log_p(self, one: Judged) -> float:
        if self.scope.reading is not None:
            return self.p[one.name]
        # What disagrees under one reading only may hide in the mixture behind the others.
        parts = zip(one.tails, one.comparison.shares, strict=True)
        return min([self.p[one.name], *(tail.log_p for tail, weight in parts if weight > _LIGHT)])

    def others(self, body: Body) -> list[Body]:
        """Return the bodies that are judged where one is left out."""
        return [one for one in self.bodies if one is not body and one.name in self.p]

    def pairs_without(self, body: Body) -> list[Pair]:
        """Return the pairs without a body, both of their own on the island."""
        here = {b.name for b in self.bodies} - {body.name}
        return [pair for pair in self.standing if {pair.one.name, pair.other.name} <= here]

    def in_order(self, bodies: Sequence[Body]) -> list[Body]:
        """Return bodies in the order of the model's claims."""
        return sorted(bodies, key=self.case.bodies.index)


def resolve(conflict: Conflicted) -> LeftOut:
    """Leave out each body that could be wrong, and return what that does.

    A body resolves the conflict if without it no comparison of the others (each against the rest,
    and two by two, as one family) has an adjusted p below the level.  Of a panel no refit is made
    unasked.
    """
    case, tried = conflict.case, conflict.suspects[:MOST]
    if case.sparing:
        return LeftOut(not_tried=len(conflict.suspects))
    pending = _Pending(conflict)
    first = {body.name: conflict.others(body)[:1] for body in tried}
    pending.judge([(body, other) for body in tried for other in first[body.name]])
    found: dict[str, tuple[float, int]] = {}
    undecided = []
    for body in tried:
        at_most = pending.at_most(body)
        if at_most < conflict.level:
            found[body.name] = at_most, len(first[body.name])
        else:
            undecided.append(body)
    pending.judge([(body, other) for body in undecided for other in conflict.others(body)])
    for body in undecided:
        found[body.name] = pending.smallest(body), len(conflict.others(body))
    changes = [Change(b.name, without=b.ids) for b in tried]
    answers = refit(
        case.model, changes, seed=case.engine.seed, workers=case.workers, progress=case.progress
    )
    rows = [
        WithoutRow(
            without=body.name,
            claims=", ".join(claim.id for claim in body.claims),
            under=conflict.scope.words,
            **vars(_middle(answer, variable(case.model.targets[0]), conflict.scope)),
            smallest_p_adjusted=found[body.name][0],
            judged=found[body.name][1],
            others=len(conflict.others(body)),
            resolves=found[body.name][0] >= conflict.level,
        )
        for body, answer in zip(tried, answers, strict=True)
    ]
    order = [one.name for one in conflict.in_order(tried)]
    rows.sort(key=lambda row: (not row.resolves, order.index(row.without)))
    return LeftOut(
        (_as_it_is(case, conflict.scope), *rows),
        len(conflict.bodies) - len(conflict.suspects),
        len(conflict.suspects[MOST:]),
        (*pending.failed, *(sentence for answer in answers for sentence in answer.failed)),
    )


def _middle(answer: Refit, target: str, scope: Scope) -> Middle:
    """Return the answer of a refit, where the conflict is."""
    if scope.reading is None:
        return _in_short(answer.targets[target])
    ends = answer.readings[scope.reading].targets[target]
    errors = ends.mcse_median, ends.mcse_q05, ends.mcse_q95
    return Middle(**vars(Numbers(ends.median, ends.q05, ends.q95, *errors)))


def _in_short(found: Statistics) -> Middle:
    return Middle(**vars(Numbers.of(found)))


def _as_it_is(case: Case, scope: Scope) -> WithoutRow:
    """Return the answer with nothing left out, which is the fit's own."""
    view = case.view
    values = view.draws(variable(case.model.targets[0]))
    if scope.reading is not None:
        found = statistics_of(values[scope.reading])
    else:
        found = mixture_of(values, view.weights, view.fits, view.simulated)
    return WithoutRow(under=scope.words, **vars(_in_short(found)))


class _Pending:
    """Splits with another body left out, each made once, when it is asked for."""

    def __init__(self, conflict: Conflicted) -> None:
        self.conflict = conflict
        self.failed: list[str] = []
        self.p: dict[tuple[str, str], float | None] = {}  # (left out, judged)
        self._refitted: dict[str, Without | None] = {}

    def judge(self, wanted: Sequence[tuple[Body, Body]]) -> None:
        """Find p of (left out, judged): by the weights of one refit, or by one without both."""
        case, scope = self.conflict.case, self.conflict.scope
        missing = [two for two in wanted if (two[0].name, two[1].name) not in self.p]
        rests = self._weighed(missing)
        again: dict[frozenset[str], tuple[Body, Body]] = {}
        for two in missing:
            if (two[0].name, two[1].name) not in rests:
                one, other = self.conflict.in_order(two)
                again.setdefault(frozenset((one.name, other.name)), (one, other))
        items = [
            Left(one.ids | other.ids, (one.first.id, other.first.id))
            for one, other in again.values()
        ]
        for (one, other), rest in zip(again.values(), case.sweep(LEAVE, items), strict=True):
            rests |= dict.fromkeys([(one.name, other.name), (other.name, one.name)], rest)
        self.failed += dict.fromkeys(s for rest in rests.values() for s in rest.failed)
        named = {body.name: body for body in case.bodies}
        comparisons = [
            Comparison(it, case.sides[it], named[it].first, named[out].ids | named[it].ids, rest)
            for (out, it), rest in rests.items()
        ]
        judged = judge(case.engine, comparisons, follow=False)
        for pair, found in zip(rests, judged, strict=True):
            log_p = found.log_p_under(scope.reading)
            self.p[pair] = None if log_p is None else math.exp(log_p)

    def _weighed(self, wanted: Sequence[tuple[Body, Body]]) -> dict[tuple[str, str], Partial]:
        """Return the rest of (left out, judged), where one refit without the first tells it."""
        asked: dict[str, tuple[Body, list[Body]]] = {}
        for out, it in wanted:
            asked.setdefault(out.name, (out, []))[1].append(it)
        found: dict[tuple[str, str], Partial] = {}
        for out, others in asked.values():
            if out.name not in self._refitted:
                self._refitted[out.name] = Without.of(self.conflict.case, out)
            rest = self._refitted[out.name]
            partials = {} if rest is None else rest.partials(others)
            found |= {(out.name, name): one for name, one in partials.items()}
        return found

    def at_most(self, body: Body) -> float:
        """Return a bound on the smallest adjusted p without a body, from what is known already."""
        others, pairs = self.conflict.others(body), self.conflict.pairs_without(body)
        known = [self.p.get((body.name, other.name)) for other in others]
        p = [one for one in known if one is not None] + [math.exp(pair.log_p) for pair in pairs]
        return min(1.0, (len(others) + len(pairs)) * min(p)) if p else 1.0

    def smallest(self, body: Body) -> float:
        """Return the smallest adjusted p of the others without a body; 1 without any."""
        conflict, case, reading = self.conflict, self.conflict.case, self.conflict.scope.reading
        sure = reading is not None or len(case.readings) == 1
        alike = one_comparison(
            case.model,
            [b for b in conflict.bodies if b is not body],
            case.readings[reading or 0].choice,
            conflict.evident[reading or 0] if sure else frozenset(),
        )
        tests = [
            Test(other, p, alike.get(other.name))
            for other in conflict.others(body)
            if (p := self.p[body.name, other.name]) is not None
        ]
        tests += pair_tests(conflict.pairs_without(body), frozenset(), alike)
        return min(adjust(tests).p.values(), default=1.0)
