"""The question itself: fit what is supposed, and set it beside what is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import xarray as xr

from estimates.analysis.fit_view import FitView
from estimates.analysis.result import Staged, head_of
from estimates.analysis.whatif.holding import holding
from estimates.analysis.whatif.reasons import why
from estimates.analysis.whatif.request import Asked, supposition
from estimates.analysis.whatif.result import WhatIf
from estimates.analysis.whatif.rows import (
    comparison_rows,
    densities,
    option_rows,
    quantity_rows,
    reading_rows,
    target_row,
    without_curves,
)
from estimates.analysis.whatif.sentences import sentence_of
from estimates.errors import InputError
from estimates.inference.engine import Engine
from estimates.inference.fitting import fit_readings
from estimates.inference.jobs import Progress, Workers
from estimates.inference.origin import Origin
from estimates.inference.posterior import fit
from estimates.inference.refit import SAMPLING
from estimates.inference.sampling import Sampling
from estimates.model import Model


def whatif(
    model_or_fit: Model | xr.DataTree,
    *,
    values: Mapping[str, float | str] | None = None,
    reading: Mapping[str, str] | None = None,
    drop: Sequence[str] = (),
    drop_source: Sequence[str] = (),
    drop_origin: Sequence[str] = (),
    says: Mapping[str, str] | None = None,
    widen: Mapping[str, float] | None = None,
    hold_readings: bool = False,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> WhatIf:
    """Compute the answer if something were otherwise, beside the answer as it is.

    Parameters
    ----------
    model_or_fit : a model, or what `estimates.fit` returned of it (which saves a fit)
    values : basic quantities set to a value: a number in the quantity's own unit, or words such as
        `"90 %"` and `"20,000 people"`.  An unknown keeps the density of its prior there, so that
        the other quantities and the weights of the readings respond: the posterior is that given
        x = v, and readings are weighed by p(claims, x = v | reading).  A known constant is changed.
    reading : options that are taken as certain, by reading
    drop, drop_source, drop_origin : claims left out, singly or all of a source or an origin
    says : words that a claim says instead, by claim; its basis, width and origin stay
    widen : factors on the widths of claims, by claim
    hold_readings : whether the weights of the readings stay as they were, so that the answer moves
        by what each reading says alone: what follows from the supposition, not what it says of how
        the phrases were meant
    seed, sampling : as in `fit`; by default those of the fit
    workers, progress : as in `fit`

    Returns
    -------
    WhatIf with the tables `supposed` (what is), `targets`, `readings` and `options` (weights),
    `comparisons` (with the cited figures, which stay held out) and `quantities` (which moved, in
    standard deviations of the base posterior on the scale of their kind: log for positive ones,
    logit for shares).  Each entry `base` is the answer as it is, `supposed` the other.

    Raises
    ------
    InputError : where nothing is supposed, a name is unknown, a value impossible, or two wishes
        contradict each other

    See Also
    --------
    reweight : other weights or intervals, without a fit
    inverse : what would have to be true for the answer to be what was cited

    Notes
    -----
    Both answers are drawn from different random numbers, so that the Monte Carlo errors of
    differences are those of both added in quadrature.  Where claims are left out and nothing else
    is supposed, the answer is that of `leave_one_out` and `sensitivity`: one question, one fit.
    Under `values` a supposition is a conditioning, not an intervention (Pearl 2009, Causality,
    ch. 3): what the quantity is inferred from responds as well as what follows from it, and the
    weights of the readings respond too, unless they are held.

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> found = est.whatif(fit, values={"skim": 0.9})
    >>> [row.target for row in found.targets]
    ['revenue', 'take_per_worker']
    """
    return in_stages(
        model_or_fit,
        values=values,
        reading=reading,
        drop=drop,
        drop_source=drop_source,
        drop_origin=drop_origin,
        says=says,
        widen=widen,
        hold_readings=hold_readings,
        seed=seed,
        sampling=sampling,
        workers=workers,
        progress=progress,
    ).whole()


def in_stages(
    model_or_fit: Model | xr.DataTree,
    *,
    values: Mapping[str, float | str] | None = None,
    reading: Mapping[str, str] | None = None,
    drop: Sequence[str] = (),
    drop_source: Sequence[str] = (),
    drop_origin: Sequence[str] = (),
    says: Mapping[str, str] | None = None,
    widen: Mapping[str, float] | None = None,
    hold_readings: bool = False,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Staged[WhatIf]:
    """Answer as `whatif` does; the curves of its figure are worked out when they are asked for."""
    asked = Asked(
        values or {}, reading or {}, drop, drop_source, drop_origin, says or {}, widen or {}
    )
    if isinstance(model_or_fit, xr.DataTree):
        base = model_or_fit
        before = FitView.of(base)
        supposed = supposition(before.model, asked)
    else:
        supposed = supposition(model_or_fit, asked)  # what cannot be asked is refused first
        base = fit(model_or_fit, seed=seed, sampling=sampling, workers=workers, progress=progress)
        before = FitView.of(base)
    if sampling is None:
        sampling = SAMPLING if supposed.leaves_out else Origin.of(base).sampling
    found = fit_readings(
        supposed.model,
        sampling=sampling,
        change=supposed.change,
        ranges=False,
        engine=Engine(supposed.model, seed=Origin.of(base).seed if seed is None else seed),
        workers=workers,
        progress=progress,
    )
    after, other = FitView.of_fits(found, sampling), None
    if before.model.readings:
        with suppress(*(() if hold_readings else (InputError,))):
            held = holding(before, found)
            other = FitView.of_fits(held, sampling)
            if hold_readings:
                found, after = held, other
    targets = tuple(target_row(before, after, other, target) for target in before.model.targets)
    options = option_rows(before, after)
    quantities = quantity_rows(before, after, supposed.values)
    comparisons = comparison_rows(before, after)
    said = WhatIf(
        **head_of(
            base,
            sentence_of(
                supposed.rows,
                targets[0],
                comparisons,
                {use.id: use.wording for use in before.model.uses},
            )
            + why(before.model, supposed.rows, targets[0], options, quantities, hold_readings),
            [f"as supposed: {sentence}" for sentence in found.failed],
        ),
        supposed=supposed.rows,
        targets=targets,
        readings=reading_rows(before, after),
        options=options,
        comparisons=comparisons,
        quantities=quantities,
        hold_readings=hold_readings,
        density=without_curves(before),
    )
    return Staged(said, lambda: replace(said, density=densities(before, after)))
