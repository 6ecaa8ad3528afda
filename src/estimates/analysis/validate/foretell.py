"""The model fitted once without some claims, and what it then foretells of each of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logit

from estimates._util.records import plain, read
from estimates.analysis.conflict.contrast import on_scale, predictive
from estimates.analysis.conflict.refits import predicted
from estimates.inference.engine import Engine
from estimates.inference.fit_job import thinned_rows
from estimates.inference.fitting import Change, fit_readings
from estimates.inference.jobs import Job, Workers
from estimates.inference.predictive import replicate
from estimates.inference.refit import SAMPLING
from estimates.inference.sampling import Sampling
from estimates.model.likelihood import Count, Noisy, Rate, Skew, Term, Yes
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
_KEPT = 1000  # draws a chain: a probability is then known to one per cent or two
QUANTILES = (0.05, 0.1, 0.5, 0.9, 0.95)
#: Predictions that go together more than this are not independent of each other.
TOGETHER = 0.1
_HEAVY = 0.05  # a reading of such a weight decides whether predictions go together


@dataclass(frozen=True)
class Prediction:
    """What is foretold of one claim, over all readings by the weights of the refit.

    Attributes
    ----------
    below, equal : the probability that another such claim would lie below this one, and that it
        would say the very same
    quantiles : of another such claim, on the scale, at `QUANTILES`; of a statement those of what
        it is about
    spoken : the weight of the readings under which it speaks; the rest is silent
    """

    below: float
    equal: float
    quantiles: tuple[float | None, ...]
    spoken: float


@dataclass(frozen=True)
class Predictions:
    """By claim what is foretold, pairs that depend on each other, and why not to trust it."""

    claims: Mapping[str, Prediction]
    dependent: tuple[tuple[str, str], ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Left:
    """What is left out, and how the rest is fitted."""

    without: frozenset[str]
    sampling: Sampling = SAMPLING


def told(term: Term, datum: Array) -> Array:
    """Return data of a claim's sampling model on the scale on which errors are told."""
    match term:
        case Count(trials=n):
            return np.asarray(logit((datum + 0.5) / (n + 1)))
        case Rate(exposure=exposure):
            return np.log((datum + 0.5) / exposure)
        case _:
            return datum


def datum_of(term: Term) -> float:
    """Return what a claim says, on that scale; of a statement its limit."""
    match term:
        case Noisy(y=y) | Skew(y=y):
            return y
        case Count(successes=r):
            return float(told(term, np.array(float(r))))
        case Rate(events=r):
            return float(told(term, np.array(float(r))))
        case Yes(limit=limit):
            return limit


def place_of(term: Term, theta: Array) -> tuple[Array, Array]:
    """Return P(another claim < this one) and P(the same), given what it is about (any shape).

    A statement that was made lies where it does not surprise: an upper bound below its denial,
    since what would deny it lies above.
    """
    side = predictive(term)
    u = on_scale(side.scale, theta)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        up_to, _ = (np.exp(one) for one in side.tails(u))
        match term:
            case Count(successes=r, trials=n):
                equal = stats.binom.pmf(r, n, np.clip(theta, 0, 1))
            case Rate(events=r, exposure=exposure):
                equal = stats.poisson.pmf(r, exposure * theta)
            case Yes(upper=upper, said=said):
                equal = 2 * (up_to if upper else np.exp(side.tails(u)[1]))
                first = upper == said  # of the two things that may be said, in order
                return np.where(first, 0.0, 1 - equal) + 0 * u, equal
            case _:
                return up_to, np.zeros_like(up_to)
    return up_to - equal / 2, equal


def _run(engine: Engine, item: Left) -> Predictions:
    model, observations = engine.model, engine.observations
    found = fit_readings(
        model,
        sampling=item.sampling,
        change=Change(without=item.without),
        ranges=False,
        engine=engine,
        workers=Workers(count=1),
    )
    weights = found.weights.mean
    rng = engine.rng("validate", ",".join(sorted(item.without)))
    gathered: dict[str, list[_Under]] = {name: [] for name in sorted(item.without)}
    for number, reading in enumerate(found.readings):
        weight = float(weights[number])
        if weight <= 0:
            continue
        points = thinned_rows(found.answers[reading.fit].draws.points, _KEPT)
        env = {k: v.ravel() for k, v in engine.values(points, reading.choice).items()}
        active = engine.speaking(reading.choice, item.without)
        said = replicate(model, observations, env, reading.choice, active, rng)
        said |= {copy: said[one] for copy, one in observations.copies(active).items()}
        for name in active:
            theta = predicted(engine, observations.by_id[name], env, reading.choice)
            gathered[name].append(_Under(number, weight, theta, said[name]))
    return Predictions(
        {
            name: _prediction(observations.terms[name], parts)
            for name, parts in gathered.items()
            if parts
        },
        _dependent(observations.terms, gathered),
        found.failed,
    )


@dataclass(frozen=True)
class _Under:
    """What a claim is about and what it would say, (draw,) under a reading of some weight."""

    reading: int
    weight: float
    theta: Array
    said: Array


def _prediction(term: Term, parts: Sequence[_Under]) -> Prediction:
    weights = np.array([one.weight for one in parts])
    places = [[np.nanmean(one) for one in place_of(term, part.theta)] for part in parts]
    below, equal = weights @ np.array(places) / weights.sum()
    if isinstance(term, Yes):
        drawn = np.stack([on_scale(term.scale, part.theta) for part in parts])
    else:
        drawn = np.stack([told(term, part.said) for part in parts])
    there = np.isfinite(drawn)
    quantiles: tuple[float | None, ...] = (None,) * len(QUANTILES)
    if there.any():
        pooled = WeightedDraws(drawn, weights, there)
        quantiles = tuple(float(q) for q in pooled.quantiles(QUANTILES))
    return Prediction(float(below), float(equal), quantiles, float(weights.sum()))


def _dependent(
    terms: Mapping[str, Term], gathered: Mapping[str, Sequence[_Under]]
) -> tuple[tuple[str, str], ...]:
    """Return the pairs whose predictions go together under a reading that has weight."""
    found: dict[tuple[str, str], None] = {}
    under: dict[int, dict[str, Array]] = {}
    for name, parts in gathered.items():
        for part in parts:
            said = part.theta if isinstance(terms[name], Yes) else part.said
            if part.weight >= _HEAVY and np.ptp(said) > 0:
                # Ranks, so that neither the scale nor a far draw decides.
                under.setdefault(part.reading, {})[name] = stats.rankdata(said)
    for scores in under.values():
        names, together = list(scores), np.atleast_2d(np.corrcoef(list(scores.values())))
        for i, j in np.argwhere(np.triu(np.abs(together) > TOGETHER, 1)).tolist():
            found[names[i], names[j]] = None
    return tuple(found)


FORETELL: Job[Left, Predictions] = Job(
    kind="foretold",
    run=_run,
    describe=lambda item: asdict(item) | {"without": sorted(item.without)},
    encode=lambda found: json.dumps(plain(found), allow_nan=False).encode(),
    decode=lambda content: read(Predictions, json.loads(content)),
    label=lambda item: f"without {len(item.without)} claims",
)
