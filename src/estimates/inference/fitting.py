"""Fits an estimate: every reading, its evidence, the weights, the gates.

Combinations of readings whose joint density of quantities and claims is the same share one fit
(they differ only in what is derived from it).  Each distinct density is fitted once, through one
compiled model, from a seed that depends on the question alone: neither the order nor the number
of the other fits changes its draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from estimates.errors import Fault, InputError
from estimates.inference.engine import Engine
from estimates.inference.fit_job import FIT, LARGEST_WEIGHT_ERROR, FitJob, draws_kept
from estimates.inference.jobs import Progress, Workers, sweep
from estimates.inference.question import Condition, Fit, Move
from estimates.inference.sampling import Sampling
from estimates.inference.starts import impossible_alone
from estimates.model import Model
from estimates.model.combinations import Distinct, distinct_readings
from estimates.stats.model_weights import Weights, cells, posterior_weights, update

Array = NDArray[np.float64]
NEGLIGIBLE = 1e-3
#: A weight that a moved prior moves by more than this is set by the prior, not by the evidence.
LARGEST_SWAY = 0.10
_ROUNDS = 3  # attempts at the weights' accuracy, each with four times the draws
_MOVES = ((0.5, 1.0), (-0.5, 1.0), (0.0, 0.5), (0.0, 2.0))


@dataclass(frozen=True)
class Change:
    """What is to be otherwise in a refit than the ledger and the model say.

    Attributes
    ----------
    label : a name for it
    without : ids of evidence that is left out
    admitted : ids of claims held out by the model that count as evidence
    widened : by claim a factor on its width
    spoken : by claim another datum: a value on its scale, a number of successes, or for a statement
        1 or 0
    fixed : by known constant another value, in its own unit
    pinned : by basic unknown a value that it is supposed to have; the density of its prior there
        stays
    certain : options of readings that are taken as certain; the others are not fitted

    See Also
    --------
    refit : what takes changes

    Examples
    --------
    >>> import estimates as est
    >>> est.Change("without Zhang", without=frozenset({"zhang"})).without
    frozenset({'zhang'})
    """

    label: str = ""
    without: frozenset[str] = frozenset()
    admitted: frozenset[str] = frozenset()
    widened: Mapping[str, float] = field(default_factory=dict)
    spoken: Mapping[str, float] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    pinned: Mapping[str, float] = field(default_factory=dict)
    certain: Mapping[str, str] = field(default_factory=dict)

    def holds(self, choice: Mapping[str, str]) -> bool:
        """Return whether a combination of readings is still possible."""
        return all(choice[axis] == option for axis, option in self.certain.items())

    def question(self, engine: Engine, choice: Mapping[str, str]) -> Condition:
        """Return the question that is asked under a combination of readings."""
        evidence = (engine.evidence_ids | self.admitted) - self.without
        return Condition(
            choice,
            engine.speaking(choice, evidence),
            widened=self.widened,
            spoken=self.spoken,
            fixed=self.fixed,
            pinned=self.pinned,
        )


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
        """Whether a moved prior moves the weight by more than a tenth."""
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
    answers: tuple[Fit, ...]
    readings: tuple[Reading, ...]
    weights: Weights
    low: Array
    high: Array
    options: Mapping[str, Mapping[str, OptionWeight]]

    @property
    def failed(self) -> tuple[str, ...]:
        """The reasons not to trust the result; empty where it may be trusted."""
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
    change: Change | None = None,
    ranges: bool = True,
    engine: Engine | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Fitted:
    """Fit every reading of a model.

    Parameters
    ----------
    seed : else the model's
    change : what is to be otherwise than the ledger and the model say
    ranges : whether to find how the weights of readings move with the priors
    engine : an engine of this model, to be used again
    workers : who fits the readings; the draws do not depend on it
    progress : called as `progress(done, total, what)`
    """
    change = change or Change()
    engine = engine or Engine(model, seed=model.seed if seed is None else seed)
    engine = engine.pinning(change.pinned)
    sampling = sampling or Sampling()
    combinations = [c for c in model.combinations() if change.holds(c.choice)]
    questions = [change.question(engine, c.choice) for c in combinations]
    keys = [engine.key(question) for question in questions]
    distinct = list(dict.fromkeys(keys))
    place = {key: number for number, key in enumerate(distinct)}
    fit = [place[key] for key in keys]
    first = [questions[fit.index(number)] for number in range(len(distinct))]
    moves = [Move(name, *move) for name in engine.movable for move in _MOVES if ranges]
    kept = draws_kept(model, sampling)

    def ask(numbers: Sequence[int], sampling: Sampling) -> list[Fit]:
        items = [FitJob(first[i], sampling, tuple(moves), kept) for i in numbers]
        return sweep(engine, FIT, items, workers, progress)

    answers = ask(range(len(first)), sampling)

    prior = np.array([c.weight for c in combinations])
    if change.certain:
        prior /= prior.sum()
    held = [name for name, reading in model.readings.items() if not reading.update]
    choices = [c.choice for c in combinations]
    cell = cells(choices, held)
    _refuse_the_impossible(engine, choices, [answers[i] for i in fit], cell)

    def weigh() -> Weights:
        log = np.array([answers[i].evidence.log for i in fit])
        se = np.array([answers[i].evidence.se for i in fit])
        return posterior_weights(prior, log, se, fit, cell, engine.rng("weights", ""))

    weights = weigh()
    longer = sampling
    for _ in range(_ROUNDS - 1):
        inaccurate = sorted(
            {i for i, se in zip(fit, weights.se, strict=True) if se > LARGEST_WEIGHT_ERROR}
        )
        if not inaccurate:
            break
        longer = replace(longer, draws=4 * longer.draws)
        for i, answer in zip(inaccurate, ask(inaccurate, longer), strict=True):
            answers[i] = answer
        weights = weigh()

    seen = [weights.mean]
    for move in moves:
        log = np.array([answers[i].moved[move] for i in fit])
        seen.append(update(prior, log, cell))
    moved = np.array(seen)
    readings = _remaining(model, change)
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
        options=_option_weights(model, choices, prior, weights, moved),
    )


def _remaining(model: Model, change: Change) -> tuple[Distinct, ...]:
    """Return the distinct combinations that are still possible, by their members still possible."""
    if not change.certain:
        return distinct_readings(model)
    combinations = model.combinations()
    left = [i for i, c in enumerate(combinations) if change.holds(c.choice)]
    place = {old: new for new, old in enumerate(left)}
    result = []
    for one in distinct_readings(model):
        choices = [combinations[i].choice for i in one.members if i in place]
        if choices:
            label = {a: "|".join(dict.fromkeys(c[a] for c in choices)) for a in choices[0]}
            members = tuple(place[i] for i in one.members if i in place)
            result.append(Distinct(choices[0], label, members))
    return tuple(result)


def _refuse_the_impossible(
    engine: Engine,
    choices: Sequence[Mapping[str, str]],
    answers: Sequence[Fit],
    cell: Sequence[tuple[str, ...]],
) -> None:
    """Raise where a branch of a held reading has no evidence above 0, and so no weights."""
    for name in dict.fromkeys(cell):
        inside = [i for i, c in enumerate(cell) if c == name]
        if any(answers[i].evidence.log > -np.inf for i in inside):
            continue
        where = ", ".join(f"{axis} is {option}" for axis, option in choices[inside[0]].items())
        question = answers[inside[0]].question
        claims = ", ".join(sorted(question.active))
        if question.pinned:
            pins = " and ".join(f"{name} = {value:g}" for name, value in question.pinned.items())
            message = (
                f"with {pins} the claims {claims} are impossible"
                f"{f' (where {where})' if where else ''}; suppose another value, or drop a claim"
            )
            raise InputError([Fault(message)])
        raise InputError([Fault(_why_impossible(engine, question, where))])


def _why_impossible(engine: Engine, question: Condition, where: str) -> str:
    """Return which claims the priors never allow, or else that they do not go together."""
    here = f" where {where}" if where else ""
    alone = impossible_alone(engine, question)
    if alone:
        claims = " and ".join(f"'{claim}' (about {about})" for claim, about in alone.items())
        return (
            f"no draw of the priors is possible{here} under the claim {claims}: it speaks of "
            "values that this, by its priors, never takes; correct the claim, what it is about, "
            "or those priors"
        )
    claims = ", ".join(sorted(question.active))
    return (
        f"each of the claims {claims} is possible under the priors{here}, but no values were found "
        "at which all are; leave out one after another to see which contradict each other"
    )


def _status(answer: Fit, index: int, weights: Array, fit: Sequence[int], engine: Engine) -> str:
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
    model: Model,
    choices: Sequence[Mapping[str, str]],
    prior: Array,
    weights: Weights,
    moved: Array,
) -> dict[str, dict[str, OptionWeight]]:
    result: dict[str, dict[str, OptionWeight]] = {}
    for axis, reading in model.readings.items():
        result[axis] = {}
        for option in reading.options:
            inside = np.array([choice[axis] == option for choice in choices])
            ranged = moved[:, inside].sum(axis=1)
            result[axis][option] = OptionWeight(
                prior=float(prior[inside].sum()),
                posterior=float(weights.mean[inside].sum()),
                se=float(weights.simulated[:, inside].sum(axis=1).std()),
                low=float(ranged.min()),
                high=float(ranged.max()),
            )
    return result
