"""All of the sensitivity analyses of one target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import xarray as xr

from estimates._util.parts import Parts, check
from estimates._util.records import read
from estimates.analysis.cited import ends_in_unit_of
from estimates.analysis.result import Numbers, head_of
from estimates.analysis.sensitivity.leave_one_out import leave_out
from estimates.analysis.sensitivity.power_scaling import power_scaling
from estimates.analysis.sensitivity.regional import regional
from estimates.analysis.sensitivity.result import (
    Base,
    BrokenRow,
    CitedRange,
    ReadingWeight,
    Sensitivity,
)
from estimates.analysis.sensitivity.sentences import notes, sentence
from estimates.analysis.sensitivity.shapley import between_and_within, shapley
from estimates.analysis.sensitivity.sobol import prior_indices
from estimates.analysis.sensitivity.tornado import tornado
from estimates.analysis.sensitivity.view import View
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers
from estimates.inference.origin import Origin
from estimates.inference.posterior import fitted
from estimates.model import Model


def sensitivity(
    model_or_fit: Model | xr.DataTree,
    target: str | None = None,
    *,
    cells: bool = False,
    refit_all: bool = False,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """Find what a target depends on: quantities, readings, claims, sources.

    Parameters
    ----------
    model_or_fit : what `estimates.fit` returned; a model is fitted first, with its own seed
    target : one of the model's targets (the first, if not said)
    cells : whether the cells of a quantity over dimensions stand by themselves, instead of together
    refit_all : whether to fit anew without every claim, source, origin and speaker.  Else, where
        these are more than 60, they are weighed out of the one fit, and fitted anew only where
        weights cannot be trusted (a Pareto k̂ above 0.7, or fewer than 400 effective draws).  Of a
        panel all are weighed out, and what cannot be has no numbers; then this refits those alone
    workers, progress : of the refits that leave claims out, as in `fit`

    Returns
    -------
    Sensitivity with the tables `tornado`, `variance`, `shapley`, `sobol`, `power_scaling`,
    `leave_one_out` and `region`.  A table is empty where its question has no answer, and `notes`
    says why; one that could not be made is in `broken` too.

    Raises
    ------
    InputError : where the model has no such target

    See Also
    --------
    voi : what learning a quantity would be worth
    leave_one_out : refits without each claim alone

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> found = est.sensitivity(fit)
    >>> found.tables["tornado"]["quantity"].nunique() > 3
    True
    """
    fit = fitted(model_or_fit, workers, progress)
    view = View.of(fit, target, cells=cells)
    seed = Origin.of(fit).seed
    engine = Engine(view.whole.model, seed=seed)
    parts = Parts()
    make = partial(_made, parts)
    found = Sensitivity(
        **head_of(fit, ""),
        target=view.target,
        label=view.whole.label(view.target),
        unit=view.whole.unit(view.target),
        base=Base(**vars(Numbers.of(view.base))),
        cited=tuple(
            CitedRange(claim=figure.claim.id, low=low, high=high)
            for figure in view.cited
            for low, high in [ends_in_unit_of(view.target, figure, view.whole.model)]
        ),
        labels=view.labels,
        readings=tuple(
            ReadingWeight(reading=view.label(i), weight=float(view.whole.weights[i]))
            for i in view.usable
        ),
        scale="log" if view.logarithmic else "identity",
        tornado=make("how far the answer moves with each quantity", lambda: tornado(view)),
        variance=make(
            "how much of the variance lies between readings", lambda: between_and_within(view)
        ),
        shapley=make("the share of the variance of each quantity", lambda: shapley(view)),
        sobol=make("the Sobol indices of the prior", lambda: prior_indices(view, engine)),
        power_scaling=make(
            "how much the answer depends on each claim", lambda: power_scaling(view, engine)
        ),
        leave_one_out=make(
            "the answer without each claim",
            lambda: leave_out(view, engine, refit_all, workers, progress),
        ),
        region=make(
            "what holds where the answer is inside the cited range", lambda: regional(view)
        ),
        notes=(),
        broken=(),
    )
    failed = dict.fromkeys(
        f"without {row.without} {row.name}: {sentence}"
        for row in found.leave_one_out
        for sentence in row.failed
    )
    return replace(
        found,
        **head_of(fit, sentence(found, view.whole.model), list(failed)),
        notes=(*(one.sentence for one in parts.broken), *notes(found, view)),
        broken=tuple(read(BrokenRow, one.document()) for one in parts.broken),
    )


def _made[R](parts: Parts, what: str, work: Callable[[], list[R]]) -> tuple[R, ...]:
    """Return the rows of a table; none where it could not be made."""
    check()
    return tuple(parts.make(what, work) or ())
