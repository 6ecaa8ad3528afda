"""What leaving out a body would do: whether the conflict is gone, and what the answer would be.

Nothing is ever left out by itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from estimates.calibrated import holm
from estimates.conflict.bodies import PRIOR, Body
from estimates.conflict.judging import Comparison, judge
from estimates.conflict.pairs import Pair
from estimates.conflict.partial import LEAVE, Left
from estimates.conflict.sides import Side
from estimates.engine import Engine
from estimates.fitting import Change
from estimates.program import variable
from estimates.readings import Distinct
from estimates.refits import refit
from estimates.sweep import Progress, Workers, sweep

#: Bodies that are left out in turn, those in the sharpest conflict first.
MOST = 10


@dataclass(frozen=True)
class Scope:
    """Where a conflict is: in the mixture (None), or under one distinct reading."""

    reading: int | None
    words: str


def drops(
    engine: Engine,
    bodies: Sequence[Body],
    sides: Mapping[str, Side],
    pairs: Sequence[Pair],
    against: Mapping[str, str],
    readings: Sequence[Distinct],
    scope: Scope,
    level: float,
    workers: Workers | None,
    progress: Progress | None,
) -> tuple[list[dict[str, Any]], list[str]]:
    """One row a body that is left out, and why any of the fits must not be trusted.

    A body resolves the conflict if without it no comparison of the others (each against the rest,
    and two by two) has an adjusted p below the level.

    Parameters
    ----------
    bodies : those that may be involved, in order
    against : what each is compared with; those against the prior alone take no part
    """
    two = list(combinations(bodies, 2))
    items = [Left(one.ids | other.ids, (one.first.id, other.first.id)) for one, other in two]
    partials = sweep(engine, LEAVE, items, workers, progress)
    failed = [sentence for partial in partials for sentence in partial.failed]
    comparisons: dict[tuple[str, str], Comparison] = {}
    for (one, other), item, partial in zip(two, items, partials, strict=True):
        for out, judged in ((one, other), (other, one)):
            comparisons[out.name, judged.name] = Comparison(
                judged.name, sides[judged.name], judged.first, item.without, partial
            )
    found = dict(
        zip(
            comparisons,
            judge(engine, list(comparisons.values()), readings, None, None, follow=False),
            strict=True,
        )
    )
    changes = [Change("nothing"), *(Change(b.name, without=b.ids) for b in bodies)]
    answers = refit(engine.model, changes, seed=engine.seed, workers=workers, progress=progress)
    target = variable(engine.model.targets[0])
    rows = []
    for body, answer in zip([None, *bodies], answers, strict=True):
        failed += answer.failed
        numbers: Mapping[str, Any] = answer.targets[target]
        if scope.reading is not None:
            numbers = answer.readings[scope.reading]["targets"][target]
        row = {
            "without": "" if body is None else body.name,
            "claims": "" if body is None else ", ".join(c.id for c in body.claims),
            "under": scope.words,
            **{key: numbers[key] for key in ("median", "q05", "q95")},
            "mcse_median": numbers.get("mcse_median"),
        }
        if body is not None:
            p = [
                _p(found[body.name, other.name], scope)
                for other in bodies
                if other is not body and against[other.name] != PRIOR
            ]
            left = [one for one in p if one is not None]
            head = [
                math.exp(pair.log_p)
                for pair in pairs
                if body.name not in (pair.one.name, pair.other.name)
                and {pair.one.name, pair.other.name} <= {b.name for b in bodies}
                and (scope.reading is None or scope.reading in pair.members)
            ]
            smallest = min([*holm(left), *holm(head)] if left or head else [1.0])
            row |= {"smallest_p_adjusted": smallest, "resolves": smallest >= level}
        else:
            row |= {"smallest_p_adjusted": None, "resolves": False}
        rows.append(row)
    return [rows[0], *sorted(rows[1:], key=lambda row: not row["resolves"])], failed


def _p(judged: Any, scope: Scope) -> float | None:
    if scope.reading is None:
        return math.exp(judged.log_p) if judged.tails else None
    part = int(judged.comparison.part[scope.reading])
    return math.exp(judged.tails[part].log_p) if part >= 0 else None
