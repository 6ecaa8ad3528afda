"""Where a conflict is, and which bodies could be what is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np

from estimates.analysis.conflict.bodies import PRIOR, Body, connected
from estimates.analysis.conflict.contrast import Side
from estimates.analysis.conflict.head_to_head import Pair
from estimates.analysis.conflict.leave_out import MOST, Involved, Scope, drops
from estimates.analysis.conflict.node_split import Judged
from estimates.analysis.conflict.sentences import worth_saying
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers
from estimates.model.combinations import Distinct

#: A reading lighter than this hides nothing that matters to the mixture.
_LIGHT = 0.01


@dataclass(frozen=True)
class Resolved:
    """What leaving out would do.

    Attributes
    ----------
    rows : the answer as it is, then one a body that was left out
    agreeing : bodies not left out because they agree with the rest
    not_tried : bodies that disagree and were not left out, being too many
    failed : why any of the fits must not be trusted
    """

    rows: tuple[dict[str, Any], ...]
    agreeing: int
    not_tried: int
    failed: tuple[str, ...] = ()


def scope_of(
    rows: Sequence[Mapping[str, Any]],
    by_reading: Sequence[Mapping[str, Any]],
    paired: Sequence[Mapping[str, Any]],
    pairs: Sequence[Pair],
) -> Scope | None:
    """Where there is a conflict to be resolved: in the mixture, or under a reading alone."""
    if any(row["conflict"] for row in rows):
        return Scope(None, "")
    worst = next((row for row in paired if row["conflict"]), None)
    if worst is not None and not worst["under"]:
        return Scope(None, "")
    found = [row for row in by_reading if worth_saying(row)]
    if found:
        sharpest = min(found, key=lambda row: row["p_adjusted"])
        return Scope(sharpest["members"][0], sharpest["under"])
    if worst is not None:
        pair = next(
            one for one in pairs
            if (one.one.name, one.other.name) == (worst["first"], worst["second"])
        )  # fmt: skip
        return Scope(pair.members[0], worst["under"])
    return None


def resolve(
    engine: Engine,
    bodies: Sequence[Body],
    sides: Mapping[str, Side],
    splits: Sequence[Judged],
    pairs: Sequence[Pair],
    against: Mapping[str, str],
    evident: Sequence[AbstractSet[str]],
    readings: Sequence[Distinct],
    weights: Any,
    scope: Scope,
    level: float,
    workers: Workers | None,
    progress: Progress | None,
) -> Resolved:
    """What leaving out each body that could be wrong would do.

    A body that by itself agrees with the rest cannot be what is wrong: without it there is less to
    see the conflict by, which is no resolution.  So only those are left out whose own p is below
    the level, unadjusted, and both of two in conflict head to head.
    """
    p = {one.comparison.name: _log_p(one, scope) for one in splits}
    # What disagrees under one reading only may hide in the mixture behind the others.
    lowest = p
    if scope.reading is None:
        lowest = {one.comparison.name: _lowest(one, p) for one in splits}
    heavy = {int(i) for i in np.flatnonzero(np.asarray(weights) > 0)}
    under = heavy if scope.reading is None else {scope.reading}
    standing = [pair for pair in pairs if under <= set(pair.members)]
    apart = {
        name
        for pair in standing
        if pair.log_p < math.log(level)
        for name in (pair.one.name, pair.other.name)
    }
    sharpest = min(p, key=lambda name: p[name])
    islands = connected(engine.model, bodies)
    here = sorted(
        (b for b in bodies if islands[b.name] == islands[sharpest]),
        key=lambda b: p.get(b.name, math.inf),
    )
    suspects = [b for b in here if lowest.get(b.name, 0.0) < math.log(level) or b.name in apart]
    involved = Involved(
        here, sides, {b.name: against.get(b.name, PRIOR) for b in here}, standing, evident
    )
    rows, failed = drops(
        engine, involved, suspects[:MOST], readings, scope, level, workers, progress
    )
    return Resolved(tuple(rows), len(here) - len(suspects), len(suspects[MOST:]), tuple(failed))


def _lowest(one: Judged, p: Mapping[str, float]) -> float:
    """Of the mixture and of each reading that has some weight."""
    heavy = [t.log_p for t, w in zip(one.tails, one.comparison.shares, strict=True) if w > _LIGHT]
    return min([p[one.comparison.name], *heavy])


def _log_p(one: Judged, scope: Scope) -> float:
    """Of a split where the conflict is."""
    if scope.reading is None:
        return one.log_p
    part = int(one.comparison.part[scope.reading])
    return one.tails[part].log_p if part >= 0 else math.inf
