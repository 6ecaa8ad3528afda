"""Fits an estimate: every reading, its evidence, the weights, the gates.

Combinations of readings whose joint density of quantities and claims is the same share one fit
(they differ only in what is derived from it).  Each distinct density is fitted once, through one
compiled model, from a seed that depends on the question alone: neither the order nor the number
of the other fits changes its draws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray
from scipy.stats import norm

from estimates.engine import Engine
from estimates.errors import Fault, InputError
from estimates.expression import names
from estimates.model import FixedValue, Model
from estimates.questions import Answer, Move, Question
from estimates.readings import Distinct, distinct_readings
from estimates.sampling import Sampling
from estimates.weights import Weights, cells, posterior_weights, update

Array = NDArray[np.float64]
type Progress = Callable[[int, int, str], None]

LARGEST_WEIGHT_ERROR = 0.005
NEGLIGIBLE = 1e-3
#: A weight that a moved prior moves by more than this is set by the prior, not by the evidence.
LARGEST_SWAY = 0.10
_ROUNDS = 3  # attempts at the weights' accuracy, each with four times the draws
_RELIABLE = 0.7  # Pareto k below which importance weights can be trusted (Vehtari et al. 2024)
_MOVES = ((0.5, 1.0), (-0.5, 1.0), (0.0, 0.5), (0.0, 2.0))


@dataclass(frozen=True)
class Reading:
    """One combination of readings after the fit.

    Attributes
    ----------
    distinct : which branch each reading takes
    prior : the stated weight
    fit : index of the fit that it shares with the combinations of the same density
    status : `ok`, `impossible` (evidence 0), `negligible, not converged` or `not converged`
    """

    distinct: Distinct
    prior: float
    fit: int
    status: str

    @property
    def choice(self) -> Mapping[str, str]:
        return self.distinct.choice


@dataclass(frozen=True)
class OptionWeight:
    """How likely one branch of one reading is, and what that owes to the priors.

    Attributes
    ----------
    prior : the stated weight
    posterior, se : after the evidence, with its Monte Carlo error
    low, high : range when the prior of each quantity that the reading touches is moved
    """

    prior: float
    posterior: float
    se: float
    low: float
    high: float

    @property
    def set_by_prior(self) -> bool:
        """Does a moved prior move the weight by more than a tenth?"""
        return max(self.high - self.posterior, self.posterior - self.low) > LARGEST_SWAY


@dataclass(frozen=True)
class Fitted:
    """Everything a fit found, before it is put into labelled arrays.

    Attributes
    ----------
    answers : the distinct fits
    readings : the combinations of readings, those that are the same in everything merged
    weights : posterior weights, one a reading
    low, high : (reading,) range of the weights when priors are moved
    options : per axis and option the weight of all combinations with that option
    """

    engine: Engine
    answers: tuple[Answer, ...]
    readings: tuple[Reading, ...]
    weights: Weights
    low: Array
    high: Array
    options: Mapping[str, Mapping[str, OptionWeight]]

    @property
    def failed(self) -> tuple[str, ...]:
        """Why the result must not be trusted; empty where it may be."""
        sentences = []
        for reading in self.readings:
            if reading.status == "not converged":
                label = reading.distinct.text
                for sentence in self.answers[reading.fit].check.failed:
                    sentences.append(f"{label}: {sentence}" if label else sentence)
        for reading, se in zip(self.readings, self.weights.se, strict=True):
            if se > LARGEST_WEIGHT_ERROR:
                label = reading.distinct.text
                sentences.append(f"{label}: weight known only to ± {se:.3f}")
        return tuple(sentences)


def fit_readings(
    model: Model,
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    admitted: frozenset[str] = frozenset(),
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Fit every reading of a model.

    Parameters
    ----------
    seed : else the model's
    admitted : claims held out by the model that are to count as evidence all the same
    engine : an engine of this model, to be used again
    progress : called as `progress(done, total, what)`
    """
    engine = engine or Engine(model, seed=model.seed if seed is None else seed)
    sampling = sampling or Sampling()
    tell = progress or (lambda done, total, what: None)
    combinations = model.combinations()
    evidence = engine.evidence_ids | admitted
    questions = [Question(c.choice, engine.speaking(c.choice, evidence)) for c in combinations]
    keys = [engine.key(question) for question in questions]
    distinct = list(dict.fromkeys(keys))
    fit = [distinct.index(key) for key in keys]
    first = [questions[keys.index(key)] for key in distinct]

    answers: list[Answer] = []
    for number, question in enumerate(first):
        tell(number, len(first), ", ".join(question.choice.values()) or model.slug)
        answers.append(engine.ask(question, sampling))
    tell(len(first), len(first), "weights of the readings")

    prior = np.array([c.weight for c in combinations])
    held = [name for name, reading in model.readings.items() if not reading.update]
    cell = cells([c.choice for c in combinations], held)

    choices = [c.choice for c in combinations]
    _refuse_the_impossible(choices, [answers[i] for i in fit], cell)

    def weigh() -> Weights:
        log = np.array([answers[i].evidence.log for i in fit])
        se = np.array([answers[i].evidence.se for i in fit])
        return posterior_weights(prior, log, se, fit, cell, engine.rng("weights", ""))

    weights = weigh()
    longer = sampling
    for _ in range(_ROUNDS - 1):
        inaccurate = {i for i, se in zip(fit, weights.se, strict=True) if se > LARGEST_WEIGHT_ERROR}
        if not inaccurate:
            break
        longer = replace(longer, draws=4 * longer.draws)
        for i in inaccurate:
            answers[i] = engine.ask(first[i], longer)
        weights = weigh()

    moved = _moved_weights(engine, first, answers, fit, prior, cell, weights, sampling, tell)
    readings = distinct_readings(model)
    merge = np.zeros((len(combinations), len(readings)))
    for number, reading in enumerate(readings):
        merge[list(reading.members), number] = 1
    simulated = weights.simulated @ merge
    return Fitted(
        engine,
        tuple(answers),
        tuple(
            Reading(
                reading,
                float(stated),
                index := fit[reading.members[0]],
                _status(answers[index], index, weights.mean, fit, engine),
            )
            for reading, stated in zip(readings, prior @ merge, strict=True)
        ),
        Weights(weights.mean @ merge, simulated.std(axis=0), simulated),
        low=(moved @ merge).min(axis=0),
        high=(moved @ merge).max(axis=0),
        options=_option_weights(model, prior, weights, moved),
    )


def _refuse_the_impossible(
    choices: Sequence[Mapping[str, str]],
    answers: Sequence[Answer],
    cell: Sequence[tuple[str, ...]],
) -> None:
    """Weights need evidence above 0 somewhere under every branch of the held readings."""
    for name in dict.fromkeys(cell):
        inside = [i for i, c in enumerate(cell) if c == name]
        if any(answers[i].evidence.log > -np.inf for i in inside):
            continue
        where = ", ".join(f"{axis} is {option}" for axis, option in choices[inside[0]].items())
        claims = ", ".join(sorted(answers[inside[0]].question.active))
        message = (
            f"no draw of the priors{f' (where {where})' if where else ''} is possible under the "
            f"claims {claims}: one of them speaks where its quantity, by its prior, never is; "
            "widen the priors"
        )
        raise InputError([Fault(message)])


def _status(answer: Answer, index: int, weights: Array, fit: Sequence[int], engine: Engine) -> str:
    if answer.evidence.log == -np.inf:
        return "impossible"
    if answer.check.passed:
        return "ok"
    mine = sum(w for w, i in zip(weights, fit, strict=True) if i == index)
    if mine < NEGLIGIBLE:
        # A failed fit's own evidence proves nothing; its greatest likelihood bounds it.
        excess = engine.most_likely(answer.question) - answer.evidence.log
        if mine * np.exp(max(0.0, excess)) < NEGLIGIBLE:
            return "negligible, not converged"
    return "not converged"


def _option_weights(
    model: Model, prior: Array, weights: Weights, moved: Array
) -> dict[str, dict[str, OptionWeight]]:
    combinations = model.combinations()
    result: dict[str, dict[str, OptionWeight]] = {}
    for axis, reading in model.readings.items():
        result[axis] = {}
        for option in reading.options:
            inside = np.array([c.choice[axis] == option for c in combinations])
            ranged = moved[:, inside].sum(axis=1)
            result[axis][option] = OptionWeight(
                prior=float(prior[inside].sum()),
                posterior=float(weights.mean[inside].sum()),
                se=float(weights.simulated[:, inside].sum(axis=1).std()),
                low=float(ranged.min()),
                high=float(ranged.max()),
            )
    return result


def prior_only(model: Model, choice: Mapping[str, str], active: frozenset[str]) -> frozenset[str]:
    """Quantities that no claim informs under a reading: there the posterior is the prior.

    Basic quantities are informed by the claims that depend on them, and through hierarchies by
    those of their parents and children.
    """
    links: dict[str, set[str]] = {name: set() for name in model.quantities}
    for name, quantity in model.quantities.items():
        for argument in getattr(quantity.prior, "arguments", {}).values():
            for parent in names(argument):
                links[name].add(parent)
                links[parent].add(name)
    reached: set[str] = set()
    frontier = [
        name
        for claim in model.uses
        if claim.id in active
        for name in names(_resolved(model, claim.value, choice))
    ]
    while frontier:
        name = frontier.pop()
        if name not in reached:
            reached.add(name)
            frontier += links[name]
    untouched = {
        name
        for name, quantity in model.quantities.items()
        if name not in reached and not isinstance(quantity.prior, FixedValue)
    }
    for name, relation in model.bound_relations.items():
        branch = relation.branches[None if relation.by is None else choice[relation.by]]
        resolved = None if branch is None else model.resolve(branch, choice)
        if resolved is not None and names(resolved) and not (reached & set(names(resolved))):
            untouched.add(name)
    return frozenset(untouched)


def _resolved(model: Model, expression, choice):  # type: ignore[no-untyped-def]
    resolved = model.resolve(expression, choice)
    assert resolved is not None, "an active claim says something"
    return resolved


def _moved_weights(
    engine: Engine,
    questions: Sequence[Question],
    answers: Sequence[Answer],
    fit: Sequence[int],
    prior: Array,
    cell: Sequence[tuple[str, ...]],
    weights: Weights,
    sampling: Sampling,
    tell: Progress,
) -> Array:
    """Weights as they are (first row), and as the prior of each quantity touched is moved."""
    seen = [weights.mean]
    for number, name in enumerate(engine.movable):
        tell(number, len(engine.movable), f"weights if the prior of {name} is moved")
        for shift, stretch in _MOVES:
            move = Move(name, shift, stretch)
            log = np.array(
                [
                    _moved_evidence(engine, question, answer, move, sampling)
                    for question, answer in zip(questions, answers, strict=True)
                ]
            )
            seen.append(update(prior, log[list(fit)], cell))
    return np.array(seen)


def _moved_evidence(
    engine: Engine, question: Question, answer: Answer, move: Move, sampling: Sampling
) -> float:
    """Log evidence under a moved prior: by importance weights where they hold, else by a refit."""
    if answer.evidence.log == -np.inf:
        return -np.inf
    group = engine.group_of(move.quantity)
    if group.plain:
        latents = engine.layout.parts(answer.draws.flat)[group.name]
        latent = latents[group.members.index(move.quantity)]
        log_ratio = norm.logpdf(latent, move.shift, move.stretch) - norm.logpdf(latent)
        ratio = np.exp(log_ratio).reshape(answer.draws.logp.shape)
        effective = float(array_stats.ess(ratio, chain_axis=0, draw_axis=1, method="mean"))
        relative = ratio.std() / ratio.mean() / np.sqrt(effective)
        _, pareto = array_stats.psislw(-log_ratio)  # it takes −log weights
        # A relative error r of the evidence is one of w(1 − w)r ≤ r/4 of a weight w.
        if pareto < _RELIABLE and relative < 4 * LARGEST_WEIGHT_ERROR:
            return answer.evidence.log + float(np.log(ratio.mean()))
    return engine.ask(replace(question, move=move), sampling, tries=1).evidence.log
