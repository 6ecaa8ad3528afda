"""The rest of every body, and every body against it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from estimates.analysis.conflict.bodies import Body
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import predictive
from estimates.analysis.conflict.node_split import Comparison, Judged, judge
from estimates.analysis.conflict.refits import LEAVE, SAMPLING, Left, Partial
from estimates.analysis.conflict.result import ROUGH
from estimates.analysis.conflict.rows import grounds
from estimates.analysis.conflict.screen import RELIABLE, deleted_log_p, looks_bad, screened
from estimates.inference.origin import Origin

#: Refits that a panel gets unasked: each takes many seconds, and it has many claims.
MOST_OF_PANEL = 2


def rests(case: Case, refit_all: bool = False) -> list[Partial]:
    """Weigh each body out of the fit, and refit without it where that looks bad.

    Of a panel only the few are refitted of which weights cannot say whether they are in conflict,
    those first that may be furthest from the rest; unless all are to be.
    """
    weighed = {} if refit_all else screened(case, case.bodies)
    bad = _bad(case, weighed)
    carried = screened(case, [body for body in case.bodies if body.name in bad], carry=True)
    weighed |= {name: one for name, one in carried.items() if one.k < max(weighed[name].k, ROUGH)}
    still = _bad(case, carried, carried=True)
    bad = {name: p for name, p in bad.items() if name not in carried or name in still}
    if case.sparing:
        bad = _furthest(case, bad, weighed)
    again = [body for body in case.bodies if body.name in bad or body.name not in weighed]
    # A panel's chains are slow to agree: fewer draws fail, and are drawn again and again.
    sampling = Origin.of(case.fit).sampling if case.model.panel else SAMPLING
    items = [Left(body.ids, tuple(c.id for c in body.claims), sampling) for body in again]
    for body, partial in zip(again, case.sweep(LEAVE, items), strict=True):
        k = weighed[body.name].k if body.name in weighed else math.nan
        weighed[body.name] = replace(partial, k=k)
    return [weighed[body.name] for body in case.bodies]


def _bad(case: Case, weighed: Mapping[str, Partial], carried: bool = False) -> dict[str, float]:
    """Return the bodies that cannot be told by weights, and the lowest log p of each."""
    bodies = [body for body in case.bodies if body.name in weighed]
    bad = dict[str, float]()
    if not case.sparing:  # what weights cannot tell at all need not be asked how far it is
        worst = ROUGH if carried else RELIABLE
        bad = {body.name: 0.0 for body in bodies if weighed[body.name].k > worst}
        bodies = [body for body in bodies if body.name not in bad]
    asked = [(b, one) for b in bodies for one in comparisons(case, b, weighed[b.name])]
    found = judge(case.engine, [comparison for _, comparison in asked], follow=False)
    for (body, _), one in zip(asked, found, strict=True):
        if looks_bad(one, case.far, carried):
            bad[body.name] = min(bad.get(body.name, 0.0), _lowest_log_p(one))
    return bad


def _lowest_log_p(one: Judged) -> float:
    """Return the lowest log p that a body has, in the mixture or under a reading."""
    return min([one.log_p, *(tail.log_p for tail in one.tails)])


def _furthest(
    case: Case, bad: Mapping[str, float], weighed: Mapping[str, Partial]
) -> dict[str, float]:
    """Return the few bodies that may be in conflict and that weights are too uneven to tell of.

    How far they may be from the rest is said by the weights, and as if everything were normal; what
    is no conflict even if every body is counted once needs no refit.
    """
    found = {
        body.name: min(bad[body.name], deleted_log_p(case, body))
        for body in case.bodies
        if body.name in bad and weighed[body.name].k > ROUGH
    }
    level = -math.log(len(case.bodies))
    near = [one for one in sorted(found.items(), key=lambda one: one[1]) if one[1] < level]
    return dict(near[:MOST_OF_PANEL])


def comparisons(case: Case, body: Body, rest: Partial) -> list[Comparison]:
    """Return a body against the rest, then each of its claims beside its prediction; made once."""
    if rest not in case.compared:
        case.compared[rest] = _compared(case, body, rest)
    return case.compared[rest]


def _compared(case: Case, body: Body, rest: Partial) -> list[Comparison]:
    terms = case.engine.observations.terms
    return [
        Comparison(body.name, case.sides[body.name], body.first, body.ids, rest),
        *(
            Comparison(claim.id, predictive(terms[claim.id]), claim, body.ids, rest)
            for claim in body.claims
        ),
    ]


def splits_of(case: Case, partials: Sequence[Partial]) -> list[Judged]:
    """Return the split of each body from the rest."""
    pairs = zip(case.bodies, partials, strict=True)
    return judged_of(case, [comparisons(case, body, rest)[0] for body, rest in pairs])


def judged_of(case: Case, comparisons: Sequence[Comparison]) -> list[Judged]:
    """Return the comparisons of evidence, with what the rest of each depends on."""
    asked = case.engine, comparisons, case.workers, case.progress
    found = judge(*asked, follow=not case.sparing, far=case.far)
    return [replace(one, grounds=grounds(case, one.comparison)) for one in found]
