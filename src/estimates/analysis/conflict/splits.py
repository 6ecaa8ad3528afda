"""The rest of every body, and every body against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from estimates.analysis.conflict.bodies import Body
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import predictive
from estimates.analysis.conflict.node_split import Comparison, Judged, judge
from estimates.analysis.conflict.refits import LEAVE, Left, Partial
from estimates.analysis.conflict.rows import grounds
from estimates.analysis.conflict.screen import looks_bad, screened


def rests(case: Case, refit_all: bool) -> list[Partial]:
    """Weigh each body out of the fit, and refit without it where that looks bad."""
    weighed = {} if refit_all else screened(case)
    bodies = [body for body in case.bodies if body.name in weighed]
    asked = [(b, one) for b in bodies for one in comparisons(case, b, weighed[b.name])]
    found = judge(case.engine, [comparison for _, comparison in asked], follow=False)
    bad = {body.name for (body, _), one in zip(asked, found, strict=True) if looks_bad(one)}
    again = [body for body in case.bodies if body.name in bad or body.name not in weighed]
    items = [Left(body.ids, tuple(c.id for c in body.claims)) for body in again]
    for body, partial in zip(again, case.sweep(LEAVE, items), strict=True):
        k = weighed[body.name].k if body.name in weighed else math.nan
        weighed[body.name] = replace(partial, k=k)
    return [weighed[body.name] for body in case.bodies]


def comparisons(case: Case, body: Body, rest: Partial) -> list[Comparison]:
    """Return a body against the rest, then each of its claims beside its prediction."""
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
    found = judge(case.engine, comparisons, case.workers, case.progress)
    return [replace(one, grounds=grounds(case, one.comparison)) for one in found]
