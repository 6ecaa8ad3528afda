"""Every split, pair and claim of a fit, judged under every reading.

Node-splitting (Marshall & Spiegelhalter 2007, Bayesian Analysis 2:409; Presanis et al. 2013,
Statistical Science 28:376): what one body of evidence says of a quantity by itself, beside what
everything else says of it, prior included; and every claim beside its own prediction by the rest
(leave-one-out cross-validated predictive checks, ibid.).  Every rest is an exact refit of all
readings.  Nothing is left out by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr

from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import predictive
from estimates.analysis.conflict.head_to_head import pair_row, pairs_of
from estimates.analysis.conflict.leave_out import Conflicted, LeftOut, resolve, scope_of
from estimates.analysis.conflict.multiplicity import (
    Families,
    adjust_claims,
    body_rows,
    evident_of,
    families,
)
from estimates.analysis.conflict.node_split import Comparison, Judged, judge
from estimates.analysis.conflict.refits import LEAVE, Left, Partial, answer_of
from estimates.analysis.conflict.result import (
    ANSWER,
    PRIOR,
    ClaimRow,
    Conflict,
    Curves,
    Distance,
    Grounded,
    PairRow,
    SplitRow,
    SplitUnderReading,
)
from estimates.analysis.conflict.rows import Standing, about, densities, distance, sides, standing
from estimates.analysis.conflict.sentences import sentence_of
from estimates.analysis.result import head_of
from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import fitted
from estimates.model import Model

__all__ = ["conflict"]

#: Adjusted p below which two bodies are said to be in conflict.
LEVEL = 0.05
_DRAWN = 24  # splits whose densities are in the document

#: A row with the number of a reading under which it is.
type _Part = tuple[SplitUnderReading, int]


def conflict(
    model_or_fit: Model | xr.DataTree,
    *,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Conflict:
    """Which claims of a fitted model cannot both be right.

    Parameters
    ----------
    model_or_fit : a model, which is fitted first, or what `estimates.fit` returned
    workers : who makes the refits; the results do not depend on it
    progress : called as `progress(done, total, what)`

    Returns
    -------
    Conflict with the rows `splits` (each body against the rest; `splits_by_reading` the same under
    each reading), `pairs` (two bodies about one thing, head to head), `claims` (each claim beside
    its own prediction by the rest; held-out figures beside the answer) and, where there is a
    conflict, `without` (what leaving out each body would do).  p is two-sided, z what it is worth
    in standard errors; p are adjusted by Holm's method, each kind for itself.
    """
    case = Case(fitted(model_or_fit, workers, progress), workers, progress)
    partials = case.sweep(
        LEAVE, [Left(body.ids, tuple(c.id for c in body.claims)) for body in case.bodies]
    )
    judged = _splits(case, partials)
    single = _claims(case, partials, judged)
    held = _held_out(case)
    every = [standing(case, one) for one in judged]
    # What nothing else informs is no comparison of two bodies: it is among the claims only.
    splits = [one for one in every if one.ground.against != PRIOR]
    splits.sort(key=lambda one: one.judged.log_p)
    pairs = sorted(pairs_of(case), key=lambda pair: pair.log_p)
    evident = evident_of(case, splits)
    family = families(case, splits, pairs, evident)
    rows = [_split_row(case, one, family.split(one.name)) for one in splits]
    parts = [part for one in splits for part in _parts(case, one, family)]
    paired = [pair_row(case, pair, family.pair(pair), LEVEL) for pair in pairs]
    checks = [standing(case, one) for one in single]
    corrected, counted = adjust_claims(case, checks, family)
    scope = scope_of(rows, parts, list(zip(paired, pairs, strict=True)))
    left = LeftOut()
    if scope is not None:
        left = resolve(Conflicted(case, splits, pairs, evident, scope, LEVEL))
    failed = [
        *(f"without {one.comparison.name}: {s}" for one in judged
          for s in one.comparison.partial.failed),
        *(f"{one.comparison.name}: {s}" for one in (*judged, *single, *held) for s in one.failed),
        *left.failed,
    ]  # fmt: skip
    told: list[SplitRow | PairRow] = [*rows, *paired]
    target = case.model.targets[0]
    found = Conflict(
        **head_of(case.fit, "", list(dict.fromkeys(failed))),
        level=LEVEL,
        bodies=len(case.bodies),
        smallest_p_adjusted=min((row.p_adjusted for row in told), default=None),
        conflicts=sum(row.conflict for row in told),
        families=(*body_rows(case, family), *counted),
        target=target,
        target_unit=case.model.units.show(case.model.unit_of(target)),
        splits=tuple(rows),
        splits_by_reading=tuple(row for row, _ in parts),
        pairs=tuple(paired),
        claims=(
            *(_claim_row(case, one, p) for one, p in zip(checks, corrected, strict=True)),
            *(_held_row(case, one) for one in held),
        ),
        without=left.rows,
        agreeing=left.agreeing,
        not_tried=left.not_tried,
        densities=_densities(splits, rows, parts),
    )
    return replace(found, sentence=sentence_of(found))


# Comparisons -------------------------------------------------------------------------------------


def _splits(case: Case, partials: Sequence[Partial]) -> list[Judged]:
    """Each body against the rest."""
    return _judge(
        case,
        [
            Comparison(body.name, case.sides[body.name], body.first, body.ids, partial)
            for body, partial in zip(case.bodies, partials, strict=True)
        ],
    )


def _claims(case: Case, partials: Sequence[Partial], splits: Sequence[Judged]) -> list[Judged]:
    """Each claim beside its own prediction, its body left out."""
    terms = case.engine.observations.terms
    found: dict[str, Judged | None] = {}
    new = []
    for body, partial, split in zip(case.bodies, partials, splits, strict=True):
        for claim in body.claims:
            side = predictive(terms[claim.id])
            if len(body.claims) == 1 and side.kind != "count" and body.name == claim.id:
                found[claim.id] = split  # the same comparison, seen the other way
            else:
                found[claim.id] = None
                new.append(Comparison(claim.id, side, claim, body.ids, partial))
    rest = iter(_judge(case, new))
    return [one or next(rest) for one in found.values()]


def _held_out(case: Case) -> list[Judged]:
    """Each figure that is held out beside the answer."""
    terms = case.engine.observations.terms
    return _judge(
        case,
        [
            Comparison(
                use.id,
                predictive(terms[use.id]),
                use,
                frozenset(),
                answer_of(case.fit, case.model, case.readings, use),
            )
            for use in case.model.uses
            if use.held_out
        ],
    )


def _judge(case: Case, comparisons: Sequence[Comparison]) -> list[Judged]:
    return judge(case.engine, comparisons, case.readings, case.workers, case.progress)


# Rows --------------------------------------------------------------------------------------------


def _split_row(case: Case, one: Standing, p_adjusted: float) -> SplitRow:
    """A body, all readings by weight."""
    judged, comparison = one.judged, one.comparison
    return SplitRow(
        body=one.name,
        **vars(about(case.model, comparison)),
        claims=", ".join(c.id for b in case.bodies if b.name == one.name for c in b.claims),
        **vars(one.ground.row),
        **vars(sides(comparison, comparison.shares)),
        **vars(distance(judged.log_p, judged.error, judged.above)),
        p_adjusted=p_adjusted,
        conflict=p_adjusted < LEVEL,
        spoken=comparison.spoken,
        method=judged.method,
    )


def _parts(case: Case, one: Standing, family: Families) -> Iterator[_Part]:
    """A row for each of the readings that a body tells apart."""
    comparison = one.comparison
    compared = vars(about(case.model, comparison))
    for part, (tail, ground) in enumerate(zip(one.judged.tails, one.parts, strict=True)):
        members = comparison.members(part)
        p_adjusted = family.part(one.name, members)
        row = SplitUnderReading(
            body=one.name,
            **compared,
            under=case.words_of(members),
            weight=float(case.weights[members].sum()),
            weight_without=float(comparison.partial.weights[members].sum()),
            **vars(ground.row),
            **vars(sides(comparison, comparison.alone(part))),
            **vars(distance(tail.log_p, tail.error, tail.above)),
            p_adjusted=p_adjusted,
            conflict=p_adjusted < LEVEL,
            method=tail.method,
        )
        yield row, members[0]


def _claim_row(case: Case, one: Standing, p_adjusted: float) -> ClaimRow:
    return _row_of(case, one.judged, one.ground.row, p_adjusted)


def _held_row(case: Case, one: Judged) -> ClaimRow:
    return _row_of(case, one, Grounded(against=ANSWER, prior_of="", learned=None), None)


def _row_of(case: Case, one: Judged, ground: Grounded, p_adjusted: float | None) -> ClaimRow:
    """A claim beside what the rest says, or a figure beside the answer."""
    comparison, tails = one.comparison, one.tails
    claim = case.model.ledger.claims[comparison.claim.id]
    apart = Distance(p=None, log10_p=None, mcse_p=None, z=None, lies=None)
    lowest_p, under = None, ""
    if tails:
        apart = distance(one.log_p, one.error, one.above)
        lowest = int(np.argmin([tail.log_p for tail in tails]))
        lowest_p = math.exp(tails[lowest].log_p)
        under = case.words_of(comparison.members(lowest))
    return ClaimRow(
        claim=claim.id,
        body=next((b.name for b in case.bodies if claim.id in b.ids), ""),
        source=claim.source,
        speaker=claim.speaker,
        **vars(about(case.model, comparison)),
        held_out=p_adjusted is None,
        **vars(ground),
        **vars(apart),
        p_adjusted=p_adjusted,
        lowest_p=lowest_p,
        lowest_under=under,
        method=one.method if tails else "",
    )


def _densities(
    splits: Sequence[Standing], rows: Sequence[SplitRow], parts: Sequence[_Part]
) -> dict[str, Curves]:
    """Curves of the splits, and of conflicts under a reading, those of the smallest p first."""
    comparisons = {one.name: one.comparison for one in splits}
    worst = [(row, reading) for row, reading in parts if row.under and row.worth_saying]
    shown = []
    for row, reading in worst[:_DRAWN]:
        comparison = comparisons[row.body]
        shown.append((row.curve, comparison, comparison.alone(int(comparison.part[reading]))))
    for whole in rows[:_DRAWN]:
        comparison = comparisons[whole.body]
        shown.append((whole.curve, comparison, comparison.shares))
    drawn = ((name, densities(comparison, shares)) for name, comparison, shares in shown)
    return {name: curves for name, curves in drawn if curves is not None}
