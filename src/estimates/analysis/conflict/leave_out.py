"""What leaving out a body would do: whether the conflict is gone, and what the answer would be.

Nothing is ever left out by itself.  For each body that is left out every other one has to be set
against a rest without both, a refit a pair.  Most bodies need one only: where the sharpest of the
others is still in conflict however the rest turns out, the conflict remains, and no more is asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from estimates.analysis.conflict.bodies import PRIOR, Body
from estimates.analysis.conflict.contrast import Side
from estimates.analysis.conflict.head_to_head import Pair
from estimates.analysis.conflict.multiplicity import (
    Test,
    adjust,
    one_comparison,
    pair_test,
    split_key,
)
from estimates.analysis.conflict.node_split import Comparison, judge
from estimates.analysis.conflict.refits import LEAVE, Left
from estimates.inference.engine import Engine
from estimates.inference.fitting import Change
from estimates.inference.jobs import Progress, Workers, sweep
from estimates.inference.program import variable
from estimates.inference.refit import refit
from estimates.model.combinations import Distinct

#: Bodies that are left out in turn at most, those in the sharpest conflict first.
MOST = 40


@dataclass(frozen=True)
class Scope:
    """Where a conflict is: in the mixture (None), or under one distinct reading."""

    reading: int | None
    words: str


@dataclass(frozen=True)
class Involved:
    """The bodies that a conflict may involve.

    Attributes
    ----------
    bodies : those on its island, in the sharpest conflict first
    sides : by body what it says by itself
    against : by body what it is compared with; those against the prior alone take no part
    pairs : those that stand under the readings of the scope
    evident : see `families.families`
    """

    bodies: Sequence[Body]
    sides: Mapping[str, Side]
    against: Mapping[str, str]
    pairs: Sequence[Pair]
    evident: Sequence[AbstractSet[str]]

    def others(self, body: Body) -> list[Body]:
        """Those that are judged where a body is left out."""
        return [b for b in self.bodies if b is not body and self.against[b.name] != PRIOR]

    def pairs_without(self, body: Body) -> list[Pair]:
        """Those that do not have it, both on the island."""
        here = {b.name for b in self.bodies} - {body.name}
        return [pair for pair in self.pairs if {pair.one.name, pair.other.name} <= here]


def drops(
    engine: Engine,
    involved: Involved,
    tried: Sequence[Body],
    readings: Sequence[Distinct],
    scope: Scope,
    level: float,
    workers: Workers | None,
    progress: Progress | None,
) -> tuple[list[dict[str, Any]], list[str]]:
    """One row a body that is tried, left out, and why any of the fits must not be trusted.

    A body resolves the conflict if without it no comparison of the others (each against the rest,
    and two by two, as one family) has an adjusted p below the level.
    """
    pending = _Pending(engine, involved, readings, scope, workers, progress)
    first = {body.name: involved.others(body)[:1] for body in tried}
    pending.judge([(body, other) for body in tried for other in first[body.name]])
    found: dict[str, tuple[float, int]] = {}
    undecided = []
    for body in tried:
        at_most = pending.at_most(body)
        if at_most < level:
            found[body.name] = at_most, len(first[body.name])
        else:
            undecided.append(body)
    pending.judge([(body, other) for body in undecided for other in involved.others(body)])
    for body in undecided:
        found[body.name] = pending.smallest(body), len(involved.others(body))
    # The first row is the fit itself, which whoever has it fills in.
    changes = [Change(b.name, without=b.ids) for b in tried]
    answers = refit(engine.model, changes, seed=engine.seed, workers=workers, progress=progress)
    failed = pending.failed + [sentence for answer in answers for sentence in answer.failed]
    target = variable(engine.model.targets[0])
    rows = []
    for out, answer in zip([None, *tried], [None, *answers], strict=True):
        numbers: Mapping[str, Any] = {} if answer is None else answer.targets[target]
        if answer is not None and scope.reading is not None:
            numbers = answer.readings[scope.reading]["targets"][target]
        smallest, judged = (None, 0) if out is None else found[out.name]
        rows.append(
            {
                "without": "" if out is None else out.name,
                "claims": "" if out is None else ", ".join(c.id for c in out.claims),
                "under": scope.words,
                **{key: numbers.get(key) for key in ("median", "q05", "q95")},
                "mcse_median": numbers.get("mcse_median"),
                "smallest_p_adjusted": smallest,
                "judged": judged,
                "others": 0 if out is None else len(involved.others(out)),
                "resolves": smallest is not None and smallest >= level,
            }
        )
    order = {one.name: i for i, one in enumerate(in_order(engine, tried))}
    rest = sorted(rows[1:], key=lambda row: (not row["resolves"], order[str(row["without"])]))
    return [rows[0], *rest], failed


def in_order(engine: Engine, bodies: Sequence[Body]) -> list[Body]:
    """Bodies in the order of the model's claims."""
    place = {use.id: i for i, use in enumerate(engine.model.uses)}
    return sorted(bodies, key=lambda body: place[body.first.id])


class _Pending:
    """Splits with another body left out, made as they are asked for, each once."""

    def __init__(
        self,
        engine: Engine,
        involved: Involved,
        readings: Sequence[Distinct],
        scope: Scope,
        workers: Workers | None,
        progress: Progress | None,
    ) -> None:
        self.engine, self.involved, self.readings, self.scope = engine, involved, readings, scope
        self.workers, self.progress = workers, progress
        self.failed: list[str] = []
        self.p: dict[tuple[str, str], float | None] = {}  # (left out, judged)
        self.place = {b.name: i for i, b in enumerate(in_order(engine, involved.bodies))}

    def judge(self, wanted: Sequence[tuple[Body, Body]]) -> None:
        """Find p of (left out, judged); one refit serves both ways round."""
        new: dict[frozenset[str], tuple[Body, Body]] = {}
        for pair in wanted:
            if (pair[0].name, pair[1].name) not in self.p:
                one, other = sorted(pair, key=lambda b: self.place[b.name])
                new.setdefault(frozenset((one.name, other.name)), (one, other))
        items = [
            Left(one.ids | other.ids, (one.first.id, other.first.id)) for one, other in new.values()
        ]
        partials = sweep(self.engine, LEAVE, items, self.workers, self.progress)
        self.failed += [sentence for partial in partials for sentence in partial.failed]
        comparisons = {
            (out.name, judged.name): Comparison(
                judged.name, self.involved.sides[judged.name], judged.first, item.without, partial
            )
            for (one, other), item, partial in zip(new.values(), items, partials, strict=True)
            for out, judged in ((one, other), (other, one))
        }
        found = judge(
            self.engine, list(comparisons.values()), self.readings, None, None, follow=False
        )
        for key, one_judged in zip(comparisons, found, strict=True):
            self.p[key] = _p(one_judged, self.scope)

    def at_most(self, body: Body) -> float:
        """A bound on the smallest adjusted p without a body, by what is known of it already."""
        others, pairs = self.involved.others(body), self.involved.pairs_without(body)
        known = [self.p.get((body.name, other.name)) for other in others]
        p = [one for one in known if one is not None] + [math.exp(pair.log_p) for pair in pairs]
        return min(1.0, (len(others) + len(pairs)) * min(p)) if p else 1.0

    def smallest(self, body: Body) -> float:
        """The smallest adjusted p of the others without a body; 1 where there is none."""
        reading = self.scope.reading
        choice = self.readings[reading or 0].choice
        sure = reading is not None or len(self.readings) == 1
        alike = one_comparison(
            self.engine.model,
            [b for b in self.involved.bodies if b is not body],
            choice,
            self.involved.evident[reading or 0] if sure else frozenset(),
        )
        tests = [
            Test(split_key(other.name), p, alike.get(other.name))
            for other in self.involved.others(body)
            if (p := self.p[body.name, other.name]) is not None
        ]
        tests += [pair_test(pair, alike) for pair in self.involved.pairs_without(body)]
        return min(adjust(tests).p.values(), default=1.0)


def _p(judged: Any, scope: Scope) -> float | None:
    if scope.reading is None:
        return math.exp(judged.log_p) if judged.tails else None
    part = int(judged.comparison.part[scope.reading])
    return math.exp(judged.tails[part].log_p) if part >= 0 else None
