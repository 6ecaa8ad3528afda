"""What a fit says of its readings and of their options, as labelled tables."""

from __future__ import annotations

import numpy as np
import xarray as xr

from estimates.inference.fitting import Fitted
from estimates.inference.program import names_of
from estimates.inference.result import Axis, OptionWeight
from estimates.model.combinations import prior_only

#: Of the table of options.
OPTION_COLUMNS = (
    "axis", "name", "update", "prior", "posterior", "posterior_se", "posterior_low",
    "posterior_high", "set_by_prior",
)  # fmt: skip


def readings_table(fitted: Fitted) -> xr.Dataset:
    """Return weights, evidence, diagnostics and status of each reading (reading)."""
    readings, weights = fitted.readings, fitted.weights
    answers = [fitted.answers[r.fit] for r in readings]
    model = fitted.engine.model
    names = names_of(model)
    untouched = [
        prior_only(model, r.choice, a.question.active)
        for r, a in zip(readings, answers, strict=True)
    ]
    columns = {
        "prior": [r.prior for r in readings],
        "posterior": weights.mean,
        "posterior_se": weights.se,
        "posterior_low": fitted.low,
        "posterior_high": fitted.high,
        "log_evidence": [a.evidence.log for a in answers],
        "log_evidence_se": [a.evidence.se for a in answers],
        "fit": [r.fit for r in readings],
        "status": [r.status for r in readings],
        "max_rhat": [_number(a.check.max_rhat) for a in answers],
        "min_ess_bulk": [_number(a.check.min_ess_bulk) for a in answers],
        "min_ess_tail": [_number(a.check.min_ess_tail) for a in answers],
        "divergences": [a.check.divergences for a in answers],
        "at_bound": [a.check.at_bound for a in answers],
    }
    axes = {
        f"axis_{axis}": ("reading", [r.distinct.label[axis] for r in readings])
        for axis in model.readings
    }
    table = xr.Dataset(
        {name: ("reading", np.asarray(column)) for name, column in columns.items()},
        coords={
            "reading": [r.distinct.text for r in readings],
            "quantity": list(names),
            **axes,
        },
    )
    known = np.array([[name in one for name in names] for one in untouched])
    return table.assign(
        prior_only=(("reading", "quantity"), known),
        weight_simulated=(("simulation", "reading"), weights.simulated),
    )


def options_table(fitted: Fitted) -> xr.Dataset:
    """Return the weight of each option (option): that of all readings that have it, together."""
    readings = fitted.engine.model.readings
    rows = [
        (
            axis, option, readings[axis].update, one.prior, one.posterior, one.se, one.low,
            one.high, one.set_by_prior,
        )
        for axis, options in fitted.options.items()
        for option, one in options.items()
    ]  # fmt: skip
    columns = zip(OPTION_COLUMNS, zip(*rows, strict=True), strict=True) if rows else ()
    return xr.Dataset({name: ("option", np.array(column)) for name, column in columns})


def axes_of(options: xr.Dataset) -> dict[str, Axis]:
    """Return the ways to read each phrase, by axis, from the table of options."""
    if not options:
        return {}
    updates: dict[str, bool] = {}
    found: dict[str, dict[str, OptionWeight]] = {}
    columns = [options[name].values.tolist() for name in OPTION_COLUMNS]
    for axis, name, update, prior, posterior, se, low, high, by_prior in zip(*columns, strict=True):
        updates[axis] = update
        found.setdefault(axis, {})[name] = OptionWeight(
            prior=prior,
            posterior=posterior,
            posterior_se=se,
            posterior_range=(low, high),
            set_by_prior=by_prior,
        )
    return {axis: Axis(update=updates[axis], options=found[axis]) for axis in found}


def _number(value: float | None) -> float:
    return np.nan if value is None else value
