"""What a fit returns: an xarray DataTree in the ArviZ schema, and its summary.

Groups
------
posterior : chain, draw; every quantity, basic and derived, mixed over readings by their weights,
    and `reading`, the index of the reading that each draw comes from
by_reading : reading, chain, draw; every quantity under each reading (nan where it says `nothing`)
prior, prior_by_reading : the same before the evidence
readings : reading; stated and posterior weights, evidence, errors, status, and each axis's branch
sample_stats : fit, chain, draw; the sampler's statistics of each distinct fit
log_likelihood : chain, draw of the mixed posterior; log density of each claim that is evidence
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.engine import Engine
from estimates.fitting import Fitted, Progress, fit_readings, prior_only
from estimates.forward import quantities, simulate
from estimates.model import Model
from estimates.pointwise import log_likelihood
from estimates.program import names_of, target_text, variable
from estimates.questions import Answer
from estimates.sampling import Sampling

Array = NDArray[np.float64]
_STATISTICS = ("diverging", "left_domain", "n_steps", "energy", "depth", "logp")


def fit(
    model: Model,
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    progress: Progress | None = None,
) -> xr.DataTree:
    """The posterior of a model under every reading, and of their mixture.

    Parameters
    ----------
    model : a checked model (see `estimates.load`)
    seed : decides every draw; else the model's own, else 1
    sampling : draws, tuning draws and chains of each fit
    progress : called as `progress(done, total, what)` before each fit

    Returns
    -------
    DataTree with the groups of this module's docstring.  `attrs["converged"]` is 0 where the
    result must not be trusted, and `attrs["failed"]` says why.
    """
    sampling = sampling or Sampling()
    fitted = fit_readings(model, seed=seed, sampling=sampling, progress=progress)
    return to_datatree(fitted, sampling)


def to_datatree(fitted: Fitted, sampling: Sampling) -> xr.DataTree:
    """Labelled arrays of a finished fit."""
    engine = fitted.engine
    model = engine.model
    labels = [reading.distinct.text for reading in fitted.readings]
    names = names_of(model)
    draws = sampling.draws
    values = [_values(engine, fitted.answers[r.fit], r.choice, draws) for r in fitted.readings]
    by_reading = {name: np.stack([of_reading[name] for of_reading in values]) for name in names}
    prior_weights = np.array([r.prior for r in fitted.readings])
    prior_by_reading = _prior(engine, [r.choice for r in fitted.readings], sampling)
    shape = (sampling.chains, draws)
    from_reading = _allocate(fitted.weights.mean, shape, engine.rng("mixture", ""))
    from_prior = _allocate(prior_weights, shape, engine.rng("prior mixture", ""))
    posterior = _mix(by_reading, from_reading) | {"reading": from_reading}
    tree = {
        "posterior": _dataset(model, posterior, ("chain", "draw")),
        "by_reading": _dataset(model, by_reading, ("reading", "chain", "draw"), reading=labels),
        "prior": _dataset(
            model,
            _mix(prior_by_reading, from_prior) | {"reading": from_prior},
            ("chain", "draw"),
        ),
        "prior_by_reading": _dataset(
            model, prior_by_reading, ("reading", "chain", "draw"), reading=labels
        ),
        "readings": _readings(fitted, labels),
        "sample_stats": _statistics(fitted.answers, draws),
    }
    likelihood = _log_likelihood(engine, fitted, by_reading, from_reading)
    if likelihood:
        tree["log_likelihood"] = xr.Dataset(
            {name: (("chain", "draw"), value) for name, value in likelihood.items()}
        )
    result = xr.DataTree.from_dict(tree)
    failed = fitted.failed
    result.attrs = {
        "estimates_format": 1,
        "model": model.to_json(),
        "slug": model.slug,
        "seed": engine.seed,
        "digest": model.digest,
        "targets": json.dumps([variable(target) for target in model.targets]),
        "sampling": json.dumps([sampling.draws, sampling.tune, sampling.chains]),
        "options": json.dumps(_options(fitted)),
        "converged": int(not failed),
        "failed": json.dumps(list(failed)),
    }
    return result


def _values(engine: Engine, answer: Answer, choice: Any, draws: int) -> dict[str, Array]:
    """Quantities (chain, draw) of a fit, thinned evenly where it had to draw more than asked."""
    points = answer.draws.points
    return engine.values(points[:, :: points.shape[1] // draws][:, :draws], choice)


def _prior(engine: Engine, choices: Sequence[Any], sampling: Sampling) -> dict[str, Array]:
    model, count = engine.model, sampling.chains * sampling.draws
    latents = simulate(model, engine.steps, count, engine.rng("prior draws", ""))
    values = [
        quantities(model, engine.steps, latents, choice, count, constrained=True)
        for choice in choices
    ]
    shape = (len(values), sampling.chains, sampling.draws)
    return {name: np.stack([v[name] for v in values]).reshape(shape) for name in names_of(model)}


def _allocate(
    weights: Array, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.int64]:
    """For each mixed draw the reading that it is taken from, (chain, draw).

    Systematic sampling gives each reading its share of every chain to within one draw; the draws
    keep their places in time, so that what ArviZ says of the mixture's effective draws is honest.
    """
    chains, draws = shape
    edges = np.cumsum(weights) / np.sum(weights)
    marks = (np.arange(draws) + rng.uniform(size=(chains, 1))) / draws
    which = np.minimum(np.searchsorted(edges, marks, side="right"), len(weights) - 1)
    return rng.permuted(which, axis=1)


def _mix(by_reading: dict[str, Array], reading: NDArray[np.int64]) -> dict[str, Array]:
    """Draw t of chain c of the mixture is draw t of chain c of the reading allocated to it."""
    chain, draw = np.indices(reading.shape)
    return {name: value[reading, chain, draw] for name, value in by_reading.items()}


def _dataset(
    model: Model,
    values: dict[str, Any],
    dims: tuple[str, ...],
    reading: Sequence[str] | None = None,
) -> xr.Dataset:
    variables = {}
    for name, value in values.items():
        attrs: dict[str, Any] = {}
        if name != "reading":
            attrs = attributes(model, name)
        variables[name] = (dims, value, attrs)
    sizes = dict(zip(dims, next(iter(values.values())).shape, strict=True))
    coords: dict[str, Any] = {dim: np.arange(sizes[dim]) for dim in ("chain", "draw")}
    if reading is not None:
        coords["reading"] = list(reading)
    return xr.Dataset(variables, coords=coords)


def _readings(fitted: Fitted, labels: Sequence[str]) -> xr.Dataset:
    readings, weights = fitted.readings, fitted.weights
    answers = [fitted.answers[r.fit] for r in readings]
    model = fitted.engine.model
    untouched = [
        sorted(prior_only(model, r.choice, a.question.active))
        for r, a in zip(readings, answers, strict=True)
    ]
    columns: dict[str, Any] = {
        "prior": [r.prior for r in readings],
        "posterior": weights.mean,
        "posterior_se": weights.se,
        "posterior_low": fitted.low,
        "posterior_high": fitted.high,
        "log_evidence": [a.evidence.log for a in answers],
        "log_evidence_se": [a.evidence.se for a in answers],
        "fit": [r.fit for r in readings],
        "status": [r.status for r in readings],
        "prior_only": [json.dumps(names) for names in untouched],
        "max_rhat": [_number(a.check.max_rhat) for a in answers],
        "min_ess_bulk": [_number(a.check.min_ess_bulk) for a in answers],
        "min_ess_tail": [_number(a.check.min_ess_tail) for a in answers],
        "divergences": [a.check.divergences for a in answers],
    }
    coords: dict[str, Any] = {"reading": list(labels)}
    for axis in model.readings:
        coords[f"axis_{axis}"] = ("reading", [r.distinct.label[axis] for r in readings])
    data = {name: ("reading", np.asarray(column)) for name, column in columns.items()}
    return xr.Dataset(
        {**data, "weight_simulated": (("simulation", "reading"), weights.simulated)}, coords=coords
    )


def _options(fitted: Fitted) -> dict[str, Any]:
    return {
        axis: {
            "update": fitted.engine.model.readings[axis].update,
            "options": {
                name: {
                    "prior": weight.prior,
                    "posterior": weight.posterior,
                    "posterior_se": weight.se,
                    "posterior_range": [weight.low, weight.high],
                    "set_by_prior": weight.set_by_prior,
                }
                for name, weight in options.items()
            },
        }
        for axis, options in fitted.options.items()
    }


def _statistics(answers: Sequence[Answer], draws: int) -> xr.Dataset:
    variables = {}
    for name in _STATISTICS:
        columns = [a.draws.stats[name] for a in answers if name in a.draws.stats]
        if len(columns) == len(answers):
            thinned = [c[:, :: c.shape[1] // draws][:, :draws] for c in columns]
            variables[name] = (("fit", "chain", "draw"), np.stack(thinned))
    return xr.Dataset(variables)


def _log_likelihood(
    engine: Engine, fitted: Fitted, by_reading: dict[str, Array], mixed: NDArray[np.int64]
) -> dict[str, Array]:
    per_reading = []
    for number, reading in enumerate(fitted.readings):
        answer = fitted.answers[reading.fit]
        values = {name: value[number].ravel() for name, value in by_reading.items()}
        found = log_likelihood(
            engine.model,
            engine.observations,
            values,
            reading.choice,
            answer.question.active,
        )
        shape = next(iter(by_reading.values())).shape[1:]
        per_reading.append({name: value.reshape(shape) for name, value in found.items()})
    names = [c.id for c in engine.observations.claims if c.id in engine.evidence_ids]
    stacked = {name: np.stack([found[name] for found in per_reading]) for name in names}
    return _mix(stacked, mixed) if stacked else {}


def attributes(model: Model, name: str) -> dict[str, str]:
    """Unit, label and kind of a quantity, a relation or an expression that is a target."""
    declared = model.quantities.get(name) or model.relations.get(name)
    return {
        "unit": declared.unit if declared else model.units.show(model.unit_of(target_text(name))),
        "label": (declared.label if declared else "") or name,
        "kind": "basic" if name in model.quantities else "derived",
    }


def _number(value: float | None) -> float:
    return np.nan if value is None else value
