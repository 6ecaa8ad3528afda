"""Simulation-based calibration of the whole pipeline (Talts et al. 2018; Modrák et al. 2023).

Quantities and readings are drawn from their priors, the claims are spoken anew about them with the
ledger's widths, and the model is fitted to what was said.  If all is right, the truth is one more
draw of the posterior: its rank among the draws is uniform, and readings to which the fit gives 70 %
are right 70 % of the time.  A reading held at its stated weights (`update: false`) is not learned
from the evidence, so each simulation is fitted under the branch that it was drawn from.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from estimates._util.records import plain, read
from estimates.errors import Fault, InputError
from estimates.inference.engine import Engine
from estimates.inference.fitting import NEGLIGIBLE, Change
from estimates.inference.jobs import Job, Progress, Workers, sweep
from estimates.inference.predictive import speak
from estimates.inference.question import Fit
from estimates.inference.sampling import Sampling
from estimates.model import Combination, Model
from estimates.model.dimensions import variable
from estimates.stats.model_weights import update

Array = NDArray[np.float64]
#: Each fit is short: what counts is how many there are.
SAMPLING = Sampling(draws=500, tune=500, chains=4)
LIKELIHOOD = "log likelihood"
_DRAWS = 99  # among which the truth is ranked, far enough apart to be independent
_BLOCK = 64  # simulations drawn together
_ATTEMPTS = 1000  # at truths that the claims can speak of at all


@dataclass(frozen=True)
class Simulation:
    """One truth, what was said of it, and where the fit put it.

    Attributes
    ----------
    ranks : by test quantity the rank of the truth among the draws, spread evenly over (0, 1);
        None where the reading drawn says nothing of it
    truth : by reading the option drawn
    weights : by updated reading and option its posterior weight
    spread : by updated reading a uniform number, which spreads ranks of options evenly
    failed : why the fit must not be trusted, a sentence each; empty where it may be
    """

    ranks: Mapping[str, float | None]
    truth: Mapping[str, str]
    weights: Mapping[str, Mapping[str, float]]
    spread: Mapping[str, float]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class _Item:
    number: int
    sampling: Sampling
    misfit: Mapping[str, float] = field(default_factory=dict)


def simulations(
    model: Model,
    count: int,
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    misfit: Mapping[str, float] | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> list[Simulation]:
    """Draw truths, speak the claims anew, fit, and rank.

    Parameters
    ----------
    count : number of simulations; more of them later begin with the same ones
    sampling : of each fit
    misfit : factors by which the fit takes claims' widths wrongly, to see that it is noticed
    seed, workers, progress : as in `fit`

    Raises
    ------
    InputError : where the model has no evidence, or hardly any draw of its priors is possible
    """
    engine = Engine(model, seed=model.seed if seed is None else seed)
    if not engine.evidence_ids:
        raise InputError([Fault("the model has no claims as evidence: nothing to calibrate")])
    items = [_Item(i, sampling or SAMPLING, dict(misfit or {})) for i in range(count)]
    return sweep(engine, _JOB, items, workers, progress)


def _run(engine: Engine, item: _Item) -> Simulation:
    rng = engine.rng("calibration", str(item.number))
    combinations = engine.model.combinations()
    point, drawn, spoken = _speak(engine, item.number, combinations, rng)
    held = [name for name, reading in engine.model.readings.items() if not reading.update]
    cell = [c for c in combinations if all(c.choice[a] == drawn.choice[a] for a in held)]
    change = Change(spoken=spoken, widened=item.misfit)
    answers, weights = _fit(engine, cell, change, item.sampling)
    if np.isnan(weights).any():
        said = "no draw of the priors is possible under what was said"
        return Simulation({}, dict(drawn.choice), {}, {}, (said,))
    failed = tuple(
        sentence
        for answer, weight in zip(answers, weights, strict=True)
        if weight >= NEGLIGIBLE
        for sentence in answer.check.failed
    )
    options = {
        axis: {
            option: float(sum(w for c, w in zip(cell, weights, strict=True)
                              if c.choice[axis] == option))
            for option in reading.options
        }
        for axis, reading in engine.model.readings.items()
        if reading.update
    }  # fmt: skip
    truth = _tested(engine, point[None, None], drawn, change)
    draws = _mixed(engine, cell, answers, weights, change, rng)
    ranks = {name: _rank(value[0], draws[name], rng) for name, value in truth.items()}
    spread = {axis: float(rng.uniform()) for axis in options}
    return Simulation(ranks, dict(drawn.choice), options, spread, failed)


def _speak(
    engine: Engine, number: int, combinations: Sequence[Combination], rng: np.random.Generator
) -> tuple[Array, Combination, dict[str, float]]:
    """Return a truth that the claims can be about, its readings, and what is said of it.

    Where the truth leaves a claim's domain the claim has probability 0: such a truth, readings and
    all, is no draw of the joint density, and is drawn again.
    """
    weights = np.array([c.weight for c in combinations])
    for attempt in range(_ATTEMPTS):
        point = _block(engine, number // _BLOCK, attempt)[number % _BLOCK]
        drawn = combinations[rng.choice(len(combinations), p=weights / weights.sum())]
        values = engine.values(point[None, None], drawn.choice)
        spoken = speak(
            engine.model,
            engine.observations,
            {name: value.ravel() for name, value in values.items()},
            point[len(point) - engine.layout.errors :],
            drawn.choice,
            Change().question(engine, drawn.choice).active,
            rng,
        )
        if spoken is not None:
            return point, drawn, spoken
    message = "the claims can speak of almost no draw of the priors: change the priors"
    raise InputError([Fault(message)])


@functools.lru_cache(maxsize=64)
def _block(engine: Engine, block: int, attempt: int) -> Array:
    """Draw the priors of several simulations at once, which is quicker than one by one."""
    return engine.prior_points(_BLOCK, f"calibration {block} {attempt}")


def _fit(
    engine: Engine, cell: Sequence[Combination], change: Change, sampling: Sampling
) -> tuple[list[Fit], Array]:
    """Return the fit of each combination (those of one density share it), and their weights."""
    questions = [change.question(engine, c.choice) for c in cell]
    keys = [engine.key(question) for question in questions]
    found: dict[str, Fit] = {}
    for key, question in zip(keys, questions, strict=True):
        if key not in found:
            found[key] = engine.ask(question, sampling)
    answers = [found[key] for key in keys]
    prior = np.array([c.weight for c in cell])
    log = np.array([answer.evidence.log for answer in answers])
    weights = np.full(len(cell), np.nan)
    if np.isfinite(log).any():
        weights = update(prior / prior.sum(), log, [()] * len(cell))
    return answers, weights


def _tested(
    engine: Engine, points: Array, combination: Combination, change: Change
) -> dict[str, Array]:
    """Return every test quantity (chain · draw,) of points (chain, draw, dimension)."""
    model = engine.model
    values = engine.values(points, combination.choice)
    names = [name for group in engine.layout.groups for name in group.members]
    names += [variable(target) for target in model.targets]
    found = {name: values[name].ravel() for name in names}
    question = change.question(engine, combination.choice)
    return found | {LIKELIHOOD: engine.log_likelihood(points, question).ravel()}


def _mixed(
    engine: Engine,
    cell: Sequence[Combination],
    answers: Sequence[Fit],
    weights: Array,
    change: Change,
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Return test quantities of the mixture's draws, far enough apart to be independent."""
    # Systematic sampling: each combination gets its share to within one draw.
    marks = (np.arange(_DRAWS) + rng.uniform()) / _DRAWS
    which = np.minimum(np.searchsorted(np.cumsum(weights), marks, side="right"), len(cell) - 1)
    parts = []
    for number, (combination, answer) in enumerate(zip(cell, answers, strict=True)):
        count = int((which == number).sum())
        if count:
            flat = answer.draws.flat
            rows = ((np.arange(count) + rng.uniform()) * len(flat) / count).astype(int)
            parts.append(_tested(engine, flat[None, rows], combination, change))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _rank(truth: float, draws: Array, rng: np.random.Generator) -> float | None:
    """Return the rank of the truth among the draws; ties and gaps are spread evenly."""
    if np.isnan(truth) or np.isnan(draws).any():
        return None
    below, same = np.count_nonzero(draws < truth), np.count_nonzero(draws == truth)
    return float((below + rng.uniform() * (same + 1)) / (len(draws) + 1))


_JOB: Job[_Item, Simulation] = Job(
    kind="calibration",
    run=_run,
    describe=asdict,
    encode=lambda found: json.dumps(plain(found), allow_nan=False).encode(),
    decode=lambda content: read(Simulation, json.loads(content)),
    label=lambda item: f"simulation {item.number + 1}",
)
