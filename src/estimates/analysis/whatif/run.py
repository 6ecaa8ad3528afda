"""The question itself: fit what is supposed, and set it beside what is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import xarray as xr

from estimates.analysis.result import Analysis, head
from estimates.analysis.whatif.request import Asked, supposition
from estimates.analysis.whatif.rows import (
    compared,
    density_of,
    moved,
    option_rows,
    reading_rows,
    target_rows,
)
from estimates.analysis.whatif.sentences import sentence_of
from estimates.analysis.whatif.sides import Side
from estimates.errors import Faults
from estimates.inference.engine import Engine
from estimates.inference.fitting import fit_readings
from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import fit
from estimates.inference.refit import SAMPLING
from estimates.inference.sampling import Sampling
from estimates.model import Model
from estimates.model.io import load_json


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
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Analysis:
    """The answer if something were otherwise, beside the answer as it is.

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
    seed, sampling : as in `fit`; by default those of the fit
    workers, progress : as in `fit`

    Returns
    -------
    Analysis with the tables `supposed` (what is), `targets`, `readings` and `options` (weights),
    `comparisons` (with the cited figures, which stay held out) and `quantities` (which moved, in
    standard deviations of the base posterior on the scale of their kind: log for positive ones,
    logit for shares).  Each entry `base` is the answer as it is, `supposed` the other.

    Raises
    ------
    InputError : where nothing is supposed, a name is unknown, a value impossible, or two wishes
        contradict each other

    Notes
    -----
    Both answers are drawn from different random numbers, so that the Monte Carlo errors of
    differences are those of both added in quadrature.  Where claims are left out and nothing else
    is supposed, the answer is that of `leave_one_out` and `sensitivity`: one question, one fit.
    Under `values` a supposition is a conditioning, not an intervention (Pearl 2009, Causality,
    ch. 3): what the quantity is inferred from responds as well as what follows from it.
    """
    asked = Asked(
        values or {}, reading or {}, drop, drop_source, drop_origin, says or {}, widen or {}
    )
    if isinstance(model_or_fit, xr.DataTree):
        base = model_or_fit
        model = load_json(base.attrs["model"])
        slug = base.attrs["slug"]
        if model.slug != slug:
            model = Model.of(replace(model.parts, slug=slug), Faults())
        draws, tune, chains = json.loads(base.attrs["sampling"])
        own = sampling or Sampling(draws=draws, tune=tune, chains=chains)
        supposed = supposition(model, asked)
    else:
        model, own = model_or_fit, sampling or Sampling()
        supposed = supposition(model, asked)  # what cannot be asked is refused before anything
        base = fit(model, seed=seed, sampling=own, workers=workers, progress=progress)
    engine = Engine(supposed.model, seed=int(base.attrs["seed"]) if seed is None else seed)
    if sampling is None and supposed.leaves_out:
        own = SAMPLING
    fitted = fit_readings(
        supposed.model,
        sampling=own,
        change=supposed.change,
        ranges=False,
        engine=engine,
        workers=workers,
        progress=progress,
    )
    before = Side.of_tree(base, model, json.loads(base.attrs["options"]))
    after = Side.of_fitted(fitted, own)
    body = {
        "supposed": list(supposed.rows),
        "targets": target_rows(before, after),
        "readings": reading_rows(before, after),
        "options": option_rows(before, after),
        "comparisons": compared(before, after),
        "quantities": moved(before, after, supposed.values),
        "density": density_of(before, after),
    }
    failed = [f"as supposed: {sentence}" for sentence in fitted.failed]
    return Analysis({**head(base, sentence_of(body), failed), **body})
