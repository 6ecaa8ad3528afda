"""Leaves claims out, fits the model once to the rest, and holds each to what is foretold of it.

For claim i, P_i is the share of what is foretold that lies at or below it: uniform between 0 and 1
where the model is right (Dawid 1984, JRSS-A 147:278), randomised where a claim can say the same
again (Czado, Gneiting & Held 2009, Biometrics 65:1254).  How often claims lie in the central
intervals is binomial then, if they do not depend on each other; of those that do, the latest counts
(as Alkema & New 2014, Annals of Applied Statistics 8:2122, §5, of child mortality by country).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from estimates.analysis.result import head_of
from estimates.analysis.validate.choose import (
    Choice,
    choose,
    kind_of,
    published_of,
    subjects_of,
)
from estimates.analysis.validate.foretell import FORETELL, Left, Prediction, Predictions, datum_of
from estimates.analysis.validate.result import (
    By,
    Coverage,
    Errors,
    Foretold,
    Group,
    Validation,
    Verdict,
)
from estimates.analysis.validate.sentences import sentence_of
from estimates.errors import Fault, InputError
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers, sweep
from estimates.inference.origin import Origin, model_of
from estimates.inference.posterior import fitted
from estimates.inference.refit import SAMPLING
from estimates.inference.sampling import Sampling
from estimates.model import BoundClaim, Model
from estimates.model.dates import Date
from estimates.model.likelihood import Count, Rate, Term, Yes
from estimates.stats.links import SCALES

if TYPE_CHECKING:
    import xarray as xr

LEVEL = 0.05
#: Widths of half what they should be: a model too sure by this should be found out.
TOO_NARROW = 0.5
_LABELS = 40  # groups by label at most, the largest


def validate(
    what: Model | xr.DataTree,
    *,
    hold_out: str | None = None,
    share: float | None = None,
    as_of: str | None = None,
    kind: str | None = None,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Validation:
    """Test whether a model, fitted without some of its claims, foretells them.

    Parameters
    ----------
    what : a model, or what `estimates.fit` returned
    hold_out : `random` (the default), `latest`, or a label: all claims about it, a quantity or a
        relation.  Copies of one datum are left out together
    share : of the claims, for `random`, and for `latest` without a date; 0.2 if not said
    as_of : a date; what was published later is left out
    kind : only claims of this kind (their `kind`, else their `basis`); alone, all of them
    seed : of the choice and the refit; else that of the model or fit
    sampling : of the refit
    workers, progress : as in `fit`

    Returns
    -------
    Validation; `groups` say how often claims lay in the central 80 and 90 % that were foretold, all
    of them and by kind and label, beside where that share lies if the model is right; `claims` has
    each one's place P in its prediction.

    Raises
    ------
    InputError : where there is nothing to leave out, or a name or date is none

    Examples
    --------
    >>> import estimates as est
    >>> est.validate(est.load("scmp-2017"), share=0.3)  # doctest: +SKIP
    """
    fit = fitted(what, workers, progress)
    origin = Origin.of(fit)
    engine = Engine(_model(what, fit), seed=origin.seed if seed is None else seed)
    model = engine.model
    rng = engine.rng("validate", "choice")
    chosen = choose(model, rng, hold_out, share, as_of, kind)
    item = Left(chosen.ids, sampling or SAMPLING)
    (found,) = sweep(engine, FORETELL, [item], workers, progress)
    rows = _rows(engine, chosen, found)
    if not rows:
        message = "under no reading that has weight does any claim left out say something"
        raise InputError([Fault(message)])
    groups = list(_groups(rows, found))
    judged = next((one for one in groups if one.by == "latest"), groups[0])
    p, power = _p(judged), _power(judged.n)
    answer = Validation(
        **head_of(fit, "", [f"without what was left out: {one}" for one in found.failed]),
        rule=chosen.words.rstrip(","),
        left_out=len(rows),
        kept=len(engine.evidence_ids - chosen.ids),
        verdict=_verdict(judged, p, power),
        p=p,
        power=power,
        groups=tuple(groups),
        claims=tuple(row for _, row in sorted(rows, key=lambda one: _middling(one[1]))),
    )
    return replace(answer, seed=engine.seed, sentence=sentence_of(answer))


type _Row = tuple[BoundClaim, Foretold]


def _model(what: Model | xr.DataTree, fit: xr.DataTree) -> Model:
    return what if isinstance(what, Model) else model_of(fit)


def _middling(row: Foretold) -> float:
    return min(row.place, 1 - row.place)


def _rows(engine: Engine, chosen: Choice, found: Predictions) -> list[_Row]:
    """Return a row for each claim that counts; copies that repeat one another are one."""
    once = engine.observations.counted_once(chosen.ids)
    terms = engine.observations.terms
    rng = engine.rng("validate", "places")
    claims = [claim for body in chosen.bodies for claim in body.claims if claim.id in once]
    return [
        (claim, _row(engine.model, claim, terms[claim.id], found.claims[claim.id], rng.uniform()))
        for claim in claims
        if claim.id in found.claims
    ]


def _row(
    model: Model, claim: BoundClaim, term: Term, found: Prediction, uniform: float
) -> Foretold:
    """Return one claim beside its prediction."""
    place = min(max(found.below + uniform * found.equal, 0.0), 1.0)
    scale = SCALES[_scale_of(term)]
    datum, middle = datum_of(term), found.quantiles[2]
    error = None if isinstance(term, Yes) or middle is None else datum - middle
    ends = [None if q is None else scale.inverse(q) for q in found.quantiles]
    return Foretold(
        claim=claim.id,
        kind=kind_of(claim),
        labels=subjects_of(model, claim),
        published=published_of(model, claim),
        unit=claim.unit,
        scale=scale.name,
        says=str(claim.claim.says),
        figure=None if claim.wording.kind == "direction" else scale.inverse(datum),
        **dict(zip(("q05", "q10", "median", "q90", "q95"), ends, strict=True)),
        place=place,
        inside_80=0.1 < place < 0.9,
        inside_90=0.05 < place < 0.95,
        error=error,
        factor=math.exp(error) if error is not None and scale.name == "log" else None,
        spoken=found.spoken,
    )


def _scale_of(term: Term) -> str:
    """Return the scale on which a claim errs: a count in log-odds, events in logs."""
    match term:
        case Count():
            return "logit"
        case Rate():
            return "log"
        case _:
            return term.scale.name


def _groups(rows: Sequence[_Row], found: Predictions) -> Iterator[Group]:
    """Yield all claims, the latest of those that go together, each kind and each label."""
    yield _group("all", "", [row for _, row in rows])
    latest = _latest(rows, found)
    if len(latest) < len(rows):
        yield _group("latest", "", latest)
    for by, parts in (("kind", _by_kind(rows)), ("label", _by_label(rows))):
        order = sorted(parts.items(), key=lambda one: -len(one[1]))
        for name, group in order[:_LABELS]:
            yield _group("kind" if by == "kind" else "label", name, group)


def _by_kind(rows: Sequence[_Row]) -> dict[str, list[Foretold]]:
    found: dict[str, list[Foretold]] = {}
    for _, row in rows:
        found.setdefault(row.kind, []).append(row)
    return found


def _by_label(rows: Sequence[_Row]) -> dict[str, list[Foretold]]:
    found: dict[str, list[Foretold]] = {}
    for _, row in rows:
        for label in dict.fromkeys(map(_of_all_dates, row.labels)):
            found.setdefault(label, []).append(row)
    return found


def _of_all_dates(label: str) -> str:
    """Return a cell without its date: a path is about one thing, and a date has few claims."""
    head, *parts = label.split(".")
    return ".".join([head, *(part for part in parts if Date.of(part) is None)])


def _latest(rows: Sequence[_Row], found: Predictions) -> list[Foretold]:
    """Return claims that do not depend on each other, the latest of those that do."""
    tied: dict[str, set[str]] = {}
    for one, other in found.dependent:
        tied.setdefault(one, set()).add(other)
        tied.setdefault(other, set()).add(one)
    order = sorted(enumerate(rows), key=lambda one: (one[1][1].published, one[0]), reverse=True)
    kept: list[tuple[int, Foretold]] = []
    for number, (claim, row) in order:
        if not tied.get(claim.id, set()) & {one.claim for _, one in kept}:
            kept.append((number, row))
    return [row for _, row in sorted(kept, key=lambda one: one[0])]


def _group(by: By, name: str, rows: Sequence[Foretold]) -> Group:
    return Group(by=by, name=name, **vars(_coverage(rows)), **vars(_errors(rows)))


def _coverage(rows: Sequence[Foretold]) -> Coverage:
    n = len(rows)
    bands: dict[str, float] = {}
    for share in (80, 90):
        low, high = stats.binom.interval(0.95, n, share / 100)
        bands |= {f"band_{share}_low": float(low) / n, f"band_{share}_high": float(high) / n}
    return Coverage(
        n=n,
        inside_80=sum(row.inside_80 for row in rows) / n,
        inside_90=sum(row.inside_90 for row in rows) / n,
        below=sum(row.place <= 0.05 for row in rows) / n,
        above=sum(row.place >= 0.95 for row in rows) / n,
        **bands,
    )


def _errors(rows: Sequence[Foretold]) -> Errors:
    known = [(row.scale, row.error) for row in rows if row.error is not None]
    scales = {scale for scale, _ in known}
    if len(scales) != 1:
        return Errors(
            scale="mixed" if scales else "", median_error=None, mean_error=None,
            median_absolute_error=None, median_factor=None, mean_factor=None,
        )  # fmt: skip
    errors = [error for _, error in known]
    (scale,), middle, mean = scales, median(errors), fmean(errors)
    log = scale == "log"
    return Errors(
        scale=scale,
        median_error=middle,
        mean_error=mean,
        median_absolute_error=median(map(abs, errors)),
        median_factor=math.exp(middle) if log else None,
        mean_factor=math.exp(mean) if log else None,
    )


def _p(group: Coverage) -> float:
    """Return how surprising the two shares are, two-sided and adjusted for being two."""
    found = []
    for inside, share in ((group.inside_80, 0.8), (group.inside_90, 0.9)):
        count = round(inside * group.n)
        few = stats.binom.cdf(count, group.n, share)
        many = stats.binom.sf(count - 1, group.n, share)
        found.append(min(1.0, 2 * float(min(few, many))))
    return min(1.0, 2 * min(found))


def _power(n: int) -> float:
    """Return how probably a model is found out whose widths are half of what they should be.

    Its central 80 and 90 % hold 2Φ(z/2) − 1 of such claims; a joint count is trinomial.
    """
    inner, outer = (2 * stats.norm.cdf(TOO_NARROW * stats.norm.ppf(q)) - 1 for q in (0.9, 0.95))
    total = 0.0
    for k80 in range(n + 1):
        p80 = stats.binom.cdf(k80, n, 0.8)
        # Of those outside the 80 %, so many lie within the 90 %.
        more = np.arange(n - k80 + 1)
        p90 = stats.binom.cdf(k80 + more, n, 0.9)
        seen = 4 * np.minimum(p80, p90) < LEVEL
        rest = stats.binom.pmf(more, n - k80, (outer - inner) / (1 - inner))
        total += float(stats.binom.pmf(k80, n, inner) * rest[seen].sum())
    return total


def _verdict(group: Coverage, p: float, power: float) -> Verdict:
    if p < LEVEL:
        few = group.inside_80 < 0.8 if group.inside_80 != 1.0 else group.inside_90 < 0.9
        return "too sure" if few else "not sure enough"
    return "cannot tell" if power < 0.5 else "no sign of being too sure"
