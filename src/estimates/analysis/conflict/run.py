"""Every split, pair and claim of a fit, judged under every reading.

Node-splitting (Marshall & Spiegelhalter 2007, Bayesian Analysis 2:409; Presanis et al. 2013,
Statistical Science 28:376): what one body of evidence says of a quantity by itself, beside what
everything else says of it, prior included; and every claim beside its own prediction by the rest
(leave-one-out cross-validated predictive checks, ibid.).  Each body is weighed out of the one fit;
where that looks bad, all readings are fitted exactly without it.  Nothing is left out by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import xarray as xr

from estimates.analysis.conflict.as_said import by_speaker
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import predictive
from estimates.analysis.conflict.head_to_head import pairs_of
from estimates.analysis.conflict.leave_out import Conflicted, LeftOut, resolve, scope_of
from estimates.analysis.conflict.multiplicity import (
    adjust_claims,
    body_rows,
    evident_of,
    families,
)
from estimates.analysis.conflict.node_split import Comparison, Judged, judge
from estimates.analysis.conflict.refits import Partial, answer_of
from estimates.analysis.conflict.result import LEVEL, PRIOR, Conflict, PairRow, SplitRow
from estimates.analysis.conflict.rows import (
    claim_row,
    densities,
    pair_row,
    split_parts,
    split_row,
)
from estimates.analysis.conflict.sentences import (
    sentence_of,
    sentence_of_sets,
    sentence_of_speakers,
)
from estimates.analysis.conflict.splits import comparisons, judged_of, rests, splits_of
from estimates.analysis.conflict.together import set_against_rest, sets_of
from estimates.analysis.result import head_of
from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import fitted
from estimates.model import Model
from estimates.stats.multiple_testing import holm


def conflict(
    model_or_fit: Model | xr.DataTree,
    *,
    refit_all: bool = False,
    together: Sequence[Sequence[str]] = (),
    as_said: bool = False,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Conflict:
    """Find the claims of a fitted model that cannot both be right.

    Parameters
    ----------
    model_or_fit : a model, which is fitted first, or what `estimates.fit` returned
    refit_all : fit the model anew without every body.  Else each is weighed out of the one fit, and
        only what looks bad is refitted: a Pareto k̂ above 0.5, or a p below 0.1.  Of a panel only
        two of these at most that may be in conflict are, unasked; the others keep their weights
        and show their k̂, no tail is followed, and nothing is left out in turn
    together : sets of claims, each to be taken as one body against all the rest; if there are any,
        that alone is asked
    as_said : ask alone whether what each speaker says can all be meant, by the words alone
    workers : who makes the refits; the results do not depend on it
    progress : called as `progress(done, total, what)`

    Returns
    -------
    Conflict with the rows `splits` (each body against the rest; `splits_by_reading` the same under
    each reading), `pairs` (two bodies about one thing, head to head), `claims` (each claim beside
    its own prediction by the rest; held-out figures beside the answer) and, where there is a
    conflict, `without` (what leaving out each body would do).  p is two-sided, z what it is worth
    in standard errors; p are adjusted by Holm's method, each kind for itself.

    See Also
    --------
    leave_one_out : the answer without each claim
    sensitivity : what the answer depends on

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> est.conflict(fit).bodies
    4
    """
    case = Case(fitted(model_or_fit, workers, progress), workers, progress, refit_all)
    if as_said:
        return _as_said(case)
    if together:
        return _together(case, together)
    partials = rests(case, refit_all)
    judged = splits_of(case, partials)
    checks = _claims(case, partials, judged)
    held = _held_out(case)
    # What nothing else informs is no comparison of two bodies: it is among the claims only.
    splits = [one for one in judged if one.ground.against != PRIOR]
    splits.sort(key=lambda one: one.log_p)
    pairs = sorted(pairs_of(case), key=lambda pair: pair.log_p)
    evident = evident_of(case, splits)
    family = families(case, splits, pairs, evident)
    rows = [split_row(case, one, family.mixture.p[one]) for one in splits]
    parts = [part for one in splits for part in split_parts(case, one, family)]
    paired = [pair_row(case, pair, family.pair(pair)) for pair in pairs]
    corrected, counted = adjust_claims(case, checks, family)
    scope = scope_of(rows, parts, list(zip(paired, pairs, strict=True)))
    left = LeftOut()
    if scope is not None:
        left = resolve(Conflicted(case, splits, pairs, evident, scope, LEVEL))
    failed = [
        *(f"without {one.name}: {s}" for one in judged for s in one.comparison.partial.failed),
        *(f"{one.name}: {s}" for one in (*judged, *checks, *held) for s in one.failed),
        *left.failed,
    ]
    told: list[SplitRow | PairRow] = [*rows, *paired]
    found = replace(
        _nothing(case, failed),
        smallest_p_adjusted=min((row.p_adjusted for row in told), default=None),
        conflicts=sum(row.conflict for row in told),
        families=(*body_rows(case, family), *counted),
        splits=tuple(rows),
        splits_by_reading=tuple(row for row, _ in parts),
        pairs=tuple(paired),
        claims=(
            *(claim_row(case, one, p) for one, p in zip(checks, corrected, strict=True)),
            *(claim_row(case, one) for one in held),
        ),
        without=left.rows,
        agreeing=left.agreeing,
        not_tried=left.not_tried,
        densities=densities(splits, rows, parts),
    )
    return replace(found, sentence=sentence_of(found))


def _together(case: Case, named: Sequence[Sequence[str]]) -> Conflict:
    """Ask of sets of claims alone whether each contradicts all the rest."""
    rows, things, failed = set_against_rest(case, sets_of(case, named))
    whole = [row for row in rows if not row.under]
    found = replace(_nothing(case, failed), sets=tuple(rows), things=tuple(things))
    adjusted = holm([row.p for row in whole])
    return replace(
        found,
        conflicts=sum(p < LEVEL for p in adjusted),
        smallest_p_adjusted=min(adjusted, default=None),
        sentence=sentence_of_sets(found, adjusted),
    )


def _as_said(case: Case) -> Conflict:
    """Ask alone whether what each speaker says can all be meant."""
    rows, failed = by_speaker(case)
    found = replace(_nothing(case, failed), speakers=tuple(rows))
    return replace(found, sentence=sentence_of_speakers(found))


def _nothing(case: Case, failed: Sequence[str]) -> Conflict:
    """Return the answer before anything is asked."""
    target = case.model.targets[0]
    return Conflict(
        **head_of(case.fit, "", list(dict.fromkeys(failed))),
        level=LEVEL, bodies=len(case.bodies), smallest_p_adjusted=None, conflicts=0, families=(),
        target=target, target_unit=case.model.units.show(case.model.unit_of(target)),
        splits=(), splits_by_reading=(), pairs=(), claims=(), without=(), agreeing=0, not_tried=0,
        densities={},
    )  # fmt: skip


def _claims(case: Case, partials: Sequence[Partial], splits: Sequence[Judged]) -> list[Judged]:
    """Return each claim beside its own prediction, its body left out."""
    found: list[Judged | None] = []
    new = []
    for body, partial, split in zip(case.bodies, partials, splits, strict=True):
        for comparison in comparisons(case, body, partial)[1:]:
            alone = len(body.claims) == 1 and comparison.side.kind != "count"
            if alone and body.name == comparison.name:
                found.append(split)  # the same comparison, seen the other way
            else:
                found.append(None)
                new.append(comparison)
    rest = iter(judged_of(case, new))
    return [one or next(rest) for one in found]


def _held_out(case: Case) -> list[Judged]:
    """Return each held-out figure beside the answer."""
    terms = case.engine.observations.terms
    nothing = frozenset[str]()
    comparisons = [
        Comparison(
            use.id, predictive(terms[use.id]), use, nothing, answer_of(case.fit, case.view, use)
        )
        for use in case.view.cited()
    ]
    return judge(case.engine, comparisons, case.workers, case.progress, follow=not case.sparing)
