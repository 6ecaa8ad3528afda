"""What a fit returns: an xarray DataTree in the ArviZ schema, and its summary.

Groups
------
posterior : chain, draw; every quantity, basic and derived, mixed over readings by their weights,
    and `reading`, the index of the reading that each draw comes from
by_reading : reading, chain, draw; every quantity under each reading (nan where it says `nothing`)
prior, prior_by_reading : the same before the evidence
readings : reading; stated and posterior weights, evidence, errors, status, and each axis's branch
sample_stats : fit, chain, draw; the sampler's statistics of each distinct fit
log_likelihood : chain, draw of the mixed posterior (evenly thinned where there are very many
    claims); log density of each claim that is evidence; absent where none is
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.inference.engine import Engine
from estimates.inference.fit_job import FEWEST, ROOM, draws_kept, thinned_rows
from estimates.inference.fitting import Fitted, fit_readings
from estimates.inference.forward import quantities, simulate
from estimates.inference.jobs import Progress, Workers
from estimates.inference.log_likelihood import log_likelihood
from estimates.inference.program import names_of, target_text, variable
from estimates.inference.question import Fit
from estimates.inference.sampling import Sampling
from estimates.model import Model
from estimates.model.combinations import prior_only

Array = NDArray[np.float64]
_STATISTICS = ("diverging", "left_domain", "at_bound", "n_steps", "energy", "depth", "logp")


def fit(
    model: Model,
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> xr.DataTree:
    """The posterior of a model under every reading, and of their mixture.

    Parameters
    ----------
    model : a checked model (see `estimates.load`)
    seed : decides every draw; the model's own if left out (1 where its file gives none)
    sampling : draws, tuning draws and chains of each fit
    workers : who fits the readings (threads of this process, if not said); the draws do not depend
        on it
    progress : called as `progress(done, total, what)` as fits are finished

    Returns
    -------
    DataTree in the ArviZ schema.  `posterior` and `prior` (chain, draw) hold every quantity, basic
    and derived, mixed over readings, and `reading`, the index of the reading that a draw is from;
    `by_reading` and `prior_by_reading` (reading, chain, draw) each reading's own, nan where it says
    `nothing`; `readings` (reading) their weights and evidence; `sample_stats` (fit, chain, draw)
    the sampler's statistics; `log_likelihood` (chain, draw), where there is evidence, that of each
    claim.  `attrs["converged"]` is 0 where the result must not be trusted, and `attrs["failed"]`
    says why, as JSON.

    Raises
    ------
    InputError : where no draw of the priors is possible under the claims

    Notes
    -----
    Memory is bounded: where there are very many readings, `by_reading` holds fewer draws of each.
    The mixture always has as many as were asked for.
    """
    sampling = sampling or Sampling()
    fitted = fit_readings(model, seed=seed, sampling=sampling, workers=workers, progress=progress)
    return to_datatree(fitted, sampling)


def fitted(
    what: Model | xr.DataTree, workers: Workers | None = None, progress: Progress | None = None
) -> xr.DataTree:
    """A fit itself; of a model, one with its own seed."""
    return fit(what, workers=workers, progress=progress) if isinstance(what, Model) else what


def to_datatree(fitted: Fitted, sampling: Sampling) -> xr.DataTree:
    """Labelled arrays of a finished fit."""
    engine = fitted.engine
    model = engine.model
    labels = [reading.distinct.text for reading in fitted.readings]
    kept = draws_kept(model, sampling)
    mixed = _Mixture(engine, fitted.weights.mean, sampling, engine.rng("mixture", ""))
    prior = _Mixture(
        engine, np.array([r.prior for r in fitted.readings]), sampling,
        engine.rng("prior mixture", ""),
    )  # fmt: skip
    count = sampling.chains * sampling.draws
    latents = simulate(model, engine.steps, count, engine.rng("prior draws", ""))
    shape = (sampling.chains, sampling.draws)
    told = _told(engine, sampling)
    likelihood: dict[str, Array] = {}
    for number, reading in enumerate(fitted.readings):
        answer = fitted.answers[reading.fit]
        found = engine.values(
            _points(engine, answer, sampling, mixed.share(number)), reading.choice
        )
        mixed.take(number, found, kept)
        chosen = mixed.which[:, told] == number
        if chosen.any():
            rows = mixed.at(number, found[engine.watched[0]].shape[1], told)
            said = log_likelihood(
                model,
                engine.observations,
                {name: value[rows] for name, value in found.items()},
                reading.choice,
                answer.question.active,
            )
            for claim in engine.evidence_ids:
                likelihood.setdefault(claim, np.empty(chosen.shape))[chosen] = said[claim]
        before = quantities(model, engine.steps, latents, reading.choice, count, constrained=True)
        prior.take(number, {n: v.reshape(shape) for n, v in before.items()}, kept)
    tree = {
        "posterior": _dataset(model, mixed.values | {"reading": mixed.which}, ("chain", "draw")),
        "by_reading": _dataset(
            model, mixed.by_reading, ("reading", "chain", "draw"), reading=labels
        ),
        "prior": _dataset(model, prior.values | {"reading": prior.which}, ("chain", "draw")),
        "prior_by_reading": _dataset(
            model, prior.by_reading, ("reading", "chain", "draw"), reading=labels
        ),
        "readings": _readings(fitted, labels),
        "sample_stats": _statistics(fitted.answers, kept),
    }
    if likelihood:
        tree["log_likelihood"] = xr.Dataset(
            {
                claim.id: (("chain", "draw"), likelihood[claim.id])
                for claim in engine.observations.claims
                if claim.id in likelihood
            },
            coords={"chain": np.arange(sampling.chains), "draw": told},
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


def _points(engine: Engine, answer: Fit, sampling: Sampling, share: int) -> Array:
    """Draws of a fit, as many as were asked for at most; all of them where the mixture needs them.

    Draws that were not kept, for want of room, are drawn again: the same ones.
    """
    points = answer.draws.points
    if points.shape[1] < share:
        points = engine.ask(answer.question, sampling).draws.points
    return thinned_rows(points, sampling.draws)


def _told(engine: Engine, sampling: Sampling) -> NDArray[np.int64]:
    """The draws of the mixture for which every claim's log likelihood is kept: all, if there is
    room for them."""
    room = ROOM // max(1, len(engine.evidence_ids) * sampling.chains)
    return thinned_rows(np.arange(sampling.draws)[None], max(FEWEST, room))[0]


class _Mixture:
    """Draws under each reading, and of the mixture, filled in reading by reading.

    Attributes
    ----------
    which : (chain, draw) the reading that each draw of the mixture is taken from
    values : by quantity, (chain, draw)
    by_reading : by quantity, (reading, chain, draw)
    """

    def __init__(
        self, engine: Engine, weights: Array, sampling: Sampling, rng: np.random.Generator
    ) -> None:
        self.which = _allocate(weights, (sampling.chains, sampling.draws), rng)
        self._readings = len(weights)
        names = names_of(engine.model)
        self.values = {name: np.empty(self.which.shape) for name in names}
        self.by_reading: dict[str, Array] = {}

    def share(self, number: int) -> int:
        """How many draws of a chain the mixture takes from a reading, at the most."""
        return int((self.which == number).sum(axis=1).max())

    def at(self, number: int, draws: int, times: Any = slice(None)) -> tuple[Any, Any]:
        """Which of a reading's draws the mixture takes, (chain, draw): draw t at its own time t.

        Where a reading has fewer draws than the mixture, those about the same time, each once
        before any twice.

        Parameters
        ----------
        draws : how many draws of each chain the reading has
        times : of which draws of the mixture is asked (all)
        """
        mine = self.which == number
        chain, draw = np.nonzero(mine[:, times])
        draw = np.arange(mine.shape[1])[times][draw]
        if draws == mine.shape[1]:
            return chain, draw
        order = (np.cumsum(mine, axis=1) - 1)[chain, draw]
        return chain, order * draws // max(1, self.share(number))

    def take(self, number: int, found: Mapping[str, Array], kept: int) -> None:
        """Fill in the draws (chain, draw) of one reading."""
        for name, value in found.items():
            self.values[name][self.which == number] = value[self.at(number, value.shape[1])]
            if name not in self.by_reading:
                shape = (self._readings, len(value), min(kept, value.shape[1]))
                self.by_reading[name] = np.empty(shape)
            self.by_reading[name][number] = thinned_rows(value, kept)


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
        "at_bound": [a.check.at_bound for a in answers],
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


def _statistics(answers: Sequence[Fit], draws: int) -> xr.Dataset:
    variables = {}
    for name in _STATISTICS:
        columns = [a.draws.stats[name] for a in answers if name in a.draws.stats]
        if len(columns) == len(answers):
            kept = [thinned_rows(column, draws) for column in columns]
            variables[name] = (("fit", "chain", "draw"), np.stack(kept))
    return xr.Dataset(variables)


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
