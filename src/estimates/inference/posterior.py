"""What a fit returns: an xarray DataTree in the ArviZ schema, which ArviZ takes as it is.

Groups
------
posterior, prior : chain, draw; every quantity, basic and derived.  Draws of the mixture over
    readings: each draw is of one reading, and readings have the shares that their weights give
    them.  A quantity over dimensions is one array with them, its labels as coordinates
posterior_links, prior_links : chain, draw; of a model with dimensions what the program made to link
    cells, such as the size of steps, and cells at dates that only claims need; known numbers as one
    number
posterior_predictive : chain, draw, claim; what each claim would say, were it made again
log_likelihood : chain, draw, claim; the log density of each claim that is evidence
log_prior : chain, draw; the log prior density, on the scales on which quantities are drawn, up to a
    constant
observed_data : claim; the datum of each claim on its own scale
sample_stats : chain, draw; the sampler's statistics of each draw of the posterior, and `reading`,
    the index of its reading.  Of several fits `energy` and `lp` are those of normalised densities;
    draws that follow one another are then of different fits, and a BFMI of them tells nothing
sample_stats_prior : chain, draw; `reading`
by_reading, prior_by_reading : the draws under each reading, where these differ (see `ByReading`)
readings : reading; stated and posterior weights, evidence, errors, status, each axis's option
options : option; the weight of each option of each axis

Groups of claims are absent where no claim is evidence; where claims are very many, they have evenly
thinned draws.  https://python.arviz.org/projects/base/en/latest/how_to/InferenceData_schema.html
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.inference.by_reading import Rows
from estimates.inference.engine import Engine
from estimates.inference.fit_job import draws_kept, thinned, thinned_rows
from estimates.inference.fitting import Fitted, fit_readings
from estimates.inference.forward import quantities, simulate
from estimates.inference.grids import dataset, links_dataset
from estimates.inference.jobs import Progress, Workers
from estimates.inference.mixture import Mixture, Statistics
from estimates.inference.origin import FORMAT
from estimates.inference.pointwise import along_draws, claim_groups, prior_predictive
from estimates.inference.program import names_of, target_text
from estimates.inference.question import Fit
from estimates.inference.sampling import Draws, Sampling
from estimates.inference.tables import options_table, readings_table
from estimates.model import Model
from estimates.model.dimensions import variable
from estimates.model.panel.lookup import label_of

Array = NDArray[np.float64]


def fit(
    model: Model,
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> xr.DataTree:
    """Draw the posterior of a model under every reading, and of their mixture.

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
    DataTree in the ArviZ schema, which every function of ArviZ takes as it is.  `posterior` and
    `prior` (chain, draw) hold every quantity, basic and derived, mixed over readings by their
    weights; `log_likelihood`, `posterior_predictive`, `prior_predictive` (chain, draw, claim) and
    `observed_data` (claim) each claim, on its own scale; `readings` the weights and evidence.
    `by_reading(fit)` gives the draws under each reading.  `attrs["converged"]` is 0 where the
    result must not be trusted, and `attrs["failed"]` says why, a sentence each.

    Raises
    ------
    InputError : where no draw of the priors is possible under the claims

    Notes
    -----
    Draws that readings share are stored once.  Memory is bounded: where there are very many
    readings, fewer draws of each are kept.  The mixture always has as many as were asked for.

    See Also
    --------
    by_reading : the draws under each reading
    summary : the fit in numbers, each reading by its weight

    Examples
    --------
    >>> import arviz as az
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> list(az.summary(fit, var_names=["revenue"]).index)
    ['revenue']
    >>> fit.attrs["targets"]
    ['revenue', 'take_per_worker']
    """
    sampling = sampling or Sampling()
    fitted = fit_readings(model, seed=seed, sampling=sampling, workers=workers, progress=progress)
    return to_datatree(fitted, sampling)


def fitted(
    what: Model | xr.DataTree, workers: Workers | None = None, progress: Progress | None = None
) -> xr.DataTree:
    """Return a fit unchanged; fit a model with its own seed."""
    return fit(what, workers=workers, progress=progress) if isinstance(what, Model) else what


def to_datatree(fitted: Fitted, sampling: Sampling) -> xr.DataTree:
    """Return a finished fit as a tree of labelled arrays."""
    engine, model = fitted.engine, fitted.engine.model
    tree = {
        **_posterior(fitted, sampling),
        **_prior(fitted, sampling),
        "readings": readings_table(fitted),
        "options": options_table(fitted),
    }
    result = xr.DataTree.from_dict({name: one for name, one in tree.items() if one})
    failed = fitted.failed
    result.attrs = {
        "inference_library": "estimates",
        "inference_library_version": version("estimates"),
        "estimates_format": FORMAT,
        "model": model.to_json(),
        "slug": model.slug,
        "seed": engine.seed,
        "digest": model.digest,
        "targets": [variable(target) for target in model.targets],
        "sampling": sampling.lengths,
        "converged": int(not failed),
        "failed": list(failed),
    }
    return result


def _posterior(fitted: Fitted, sampling: Sampling) -> dict[str, xr.Dataset | None]:
    """Return draws under each reading and of their mixture, with its groups about the claims."""
    engine = fitted.engine
    mixed = _Mixed(fitted, fitted.weights.mean, sampling, "mixture")
    statistics = Statistics(mixed.mixture)
    alone = len({fitted.readings[number].fit for number in mixed.mixture.readings}) == 1
    for number, reading in enumerate(fitted.readings):
        answer = fitted.answers[reading.fit]
        draws = _draws(engine, answer, sampling, mixed.mixture.share(number))
        mixed.take(number, engine.values(draws.points, reading.choice))
        statistics.take(number, draws.stats, 0.0 if alone else answer.evidence.log)
    posterior = mixed.datasets()
    return {
        "posterior": posterior.mixed,
        "posterior_links": posterior.links,
        **claim_groups(fitted, mixed.mixture, mixed.values),
        "sample_stats": statistics.dataset(),
        "by_reading": posterior.by_reading,
    }


def _prior(fitted: Fitted, sampling: Sampling) -> dict[str, xr.Dataset | None]:
    """Return prior draws under each reading, all of them from the same basic draws."""
    engine, model = fitted.engine, fitted.engine.model
    weights = np.array([reading.prior for reading in fitted.readings])
    mixed = _Mixed(fitted, weights, sampling, "prior mixture")
    shape = mixed.mixture.which.shape
    count = shape[0] * shape[1]
    latents = simulate(model, engine.steps, count, engine.rng("prior draws", ""))
    for number, reading in enumerate(fitted.readings):
        found = quantities(model, engine.steps, latents, reading.choice, count, constrained=True)
        mixed.take(number, {name: values.reshape(shape) for name, values in found.items()})
    prior = mixed.datasets()
    return {
        "prior": prior.mixed,
        "prior_links": prior.links,
        "prior_predictive": prior_predictive(fitted, mixed.mixture, mixed.values),
        "sample_stats_prior": along_draws({"reading": mixed.mixture.which}),
        "prior_by_reading": prior.by_reading,
    }


def _draws(engine: Engine, answer: Fit, sampling: Sampling, share: int) -> Draws:
    """Draws of a fit, as many as were asked for at most; all of them where the mixture needs them.

    Draws that were not kept, for want of room, are drawn again: the same ones.
    """
    draws = answer.draws
    if draws.points.shape[1] < share:
        draws = engine.ask(answer.question, sampling).draws
    return thinned(draws, sampling.draws)


class Groups(NamedTuple):
    """The mixture's draws, the readings' own, and those of what the program made."""

    mixed: xr.Dataset
    by_reading: xr.Dataset | None
    links: xr.Dataset | None


class _Mixed:
    """Draws of every quantity under each reading, and of their mixture, taken one by one."""

    def __init__(self, fitted: Fitted, weights: Array, sampling: Sampling, purpose: str) -> None:
        self._model = fitted.engine.model
        self._labels = [reading.distinct.text for reading in fitted.readings]
        self._kept = draws_kept(self._model, sampling)
        shape = (sampling.chains, sampling.draws)
        self.mixture = Mixture(weights, shape, fitted.engine.rng(purpose, ""))
        names = names_of(self._model)
        self.values = {name: np.empty(shape) for name in names}
        self._rows = Rows(names, len(self._labels))

    def take(self, reading: int, found: Mapping[str, Array]) -> None:
        """Take the draws (chain, draw) of one reading."""
        for name, into in self.values.items():
            self.mixture.take(into, reading, found[name])
            self._rows.take(reading, name, thinned_rows(found[name], self._kept))

    def datasets(self) -> Groups:
        """Return the mixture's draws, and the readings' draws that are not among them."""
        whole = self._kept == self.mixture.which.shape[1]
        apart = self._model.panel.linking
        mixed = dataset(
            self._model, {name: one for name, one in self.values.items() if name not in apart}
        )
        links = links_dataset(self._model, self.values) if apart else None
        for group in (mixed, links):
            for name, values in group.items() if group is not None else ():
                values.attrs = attributes(self._model, str(name))
        return Groups(mixed, self._rows.dataset(self._labels, whole), links)


def attributes(model: Model, name: str) -> dict[str, str]:
    """Return unit, label and kind of a quantity, a relation or an expression that is a target.

    Of a quantity over dimensions its own, not those of a cell.
    """
    grid = model.panel.grids.get(name)
    if grid is not None:
        cell = attributes(model, next(iter(grid.cells.values())))
        return cell | {"label": label_of(model, name) or target_text(name)}
    declared = model.quantities.get(name) or model.relations.get(name)
    return {
        "unit": declared.unit if declared else model.units.show(model.unit_of(target_text(name))),
        "label": (declared.label if declared else "") or name,
        "kind": _kind(model, name),
    }


def _kind(model: Model, name: str) -> str:
    if name in model.panel.made:
        return "link"
    return "basic" if name in model.quantities else "derived"
