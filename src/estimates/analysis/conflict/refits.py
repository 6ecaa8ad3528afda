"""The answer without some claims, and what it says of the quantity that they are about.

Both kinds of work here are exact refits through the engine, kept in the store: one of all readings
without a body, and one of a single reading in which a claim, with another datum and a width of its
own, pulls the draws to where they are needed.
"""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.inference.engine import Engine
from estimates.inference.fit_job import ROOM, thinned_rows
from estimates.inference.fitting import Change, fit_readings
from estimates.inference.jobs import Job, Workers
from estimates.inference.question import Condition
from estimates.inference.sampling import Sampling
from estimates.language.expression import NUMPY_OPS, Expression, evaluate, names
from estimates.model import BoundClaim, Model
from estimates.model.combinations import Distinct

Array = NDArray[np.float64]
type Parts = NDArray[np.int64]
type _Key = tuple[int, str]
#: A tail probability of a half is then known to about one per cent.
SAMPLING = Sampling(draws=1000, tune=500)


@dataclass(frozen=True)
class Left:
    """What is to be left out, and of which claims' quantities draws are wanted."""

    without: frozenset[str]
    about: tuple[str, ...]
    sampling: Sampling = SAMPLING


@dataclass(frozen=True, eq=False)
class Partial:
    """The answer without some claims, for each distinct reading of the model.

    Attributes
    ----------
    weights : (reading,) refitted weights
    covariance : (reading, reading) of their Monte Carlo errors
    log_evidence, log_evidence_se : (reading,) of the claims that are left
    values : by claim (part, chain, draw) of what it is about, in its own unit; readings under which
        it is the same share a part
    part : by claim (reading,) which part is a reading's; −1 where it says nothing or has no draws
    failed : why it must not be trusted
    """

    weights: Array
    covariance: Array
    log_evidence: Array
    log_evidence_se: Array
    values: Mapping[str, Array]
    part: Mapping[str, Parts]
    failed: tuple[str, ...]


def _leave(engine: Engine, item: Left) -> Partial:
    model = engine.model
    fitted = fit_readings(
        model,
        sampling=item.sampling,
        change=Change(without=item.without),
        ranges=False,
        engine=engine,
        workers=Workers(count=1),
    )
    answers = [fitted.answers[reading.fit] for reading in fitted.readings]
    kept = min(answer.draws.points.shape[1] for answer in answers)
    kept = max(50, min(kept, ROOM // (4 * item.sampling.chains * len(fitted.answers))))

    @functools.cache
    def drawn(fit: int) -> dict[str, Array]:
        # What is resolved names basic quantities only, the same whatever the reading of a fit.
        number = next(i for i, reading in enumerate(fitted.readings) if reading.fit == fit)
        points = thinned_rows(answers[number].draws.points, kept)
        return engine.values(points, fitted.readings[number].choice)

    def said(claim: BoundClaim) -> tuple[Array, Parts]:
        keys = [
            _key(model, claim, reading.choice, reading.fit)
            if reading.status != "impossible"
            else None
            for reading in fitted.readings
        ]

        def values(number: int) -> Array | None:
            resolved = model.resolve(claim.value, fitted.readings[number].choice)
            found = _evaluated(resolved, drawn(fitted.readings[number].fit))
            # Without a value under this reading, the claim rules it out.
            return None if np.isnan(found).all() else found

        return _parted(keys, values, (item.sampling.chains, kept))

    claims = {claim.id: claim for claim in engine.observations.claims}
    found = {name: said(claims[name]) for name in item.about}
    return Partial(
        fitted.weights.mean,
        np.atleast_2d(np.cov(fitted.weights.simulated, rowvar=False)),
        np.array([answer.evidence.log for answer in answers]),
        np.array([answer.evidence.se for answer in answers]),
        {name: values for name, (values, _) in found.items()},
        {name: part for name, (_, part) in found.items()},
        fitted.failed,
    )


def answer_of(
    fit: xr.DataTree, model: Model, readings: Sequence[Distinct], use: BoundClaim
) -> Partial:
    """The fit itself, as what is left when nothing is left out.

    With draws of what a figure is about that is held out, which stands beside it.
    """
    told, drawn = fit["readings"].to_dataset(), fit["by_reading"].to_dataset()
    env = {name: drawn[name].values for name in names(use.value)}
    shape = (len(readings), drawn.sizes["chain"], drawn.sizes["draw"])
    every = np.broadcast_to(np.asarray(evaluate(use.value, env, NUMPY_OPS), dtype=float), shape)
    keys = [
        _key(model, use, reading.choice, int(one)) if status == "ok" else None
        for reading, one, status in zip(
            readings, told["fit"].values, told["status"].values, strict=True
        )
    ]
    values, part = _parted(keys, lambda number: every[number], shape[1:])
    return Partial(
        np.asarray(told["posterior"].values, dtype=float),
        np.atleast_2d(np.cov(told["weight_simulated"].values, rowvar=False)),
        np.asarray(told["log_evidence"].values),
        np.asarray(told["log_evidence_se"].values),
        {use.id: values},
        {use.id: part},
        (),
    )


def _key(model: Model, claim: BoundClaim, choice: Mapping[str, str], fit: int) -> _Key | None:
    """What two readings have in common under which a claim is about the same draws."""
    resolved = model.resolve(claim.value, choice)
    return None if resolved is None else (fit, str(resolved))


def _evaluated(expression: Expression | None, env: Mapping[str, Array]) -> Array:
    assert expression is not None, "the claim says something under this reading"
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.asarray(evaluate(expression, env, NUMPY_OPS), dtype=float)
    return np.broadcast_to(value, next(iter(env.values())).shape)


def _parted(
    keys: Sequence[_Key | None], values: Callable[[int], Array | None], shape: tuple[int, ...]
) -> tuple[Array, Parts]:
    """(part, chain, draw) values of readings that differ, and which part is each reading's."""
    found: list[Array] = []
    place: dict[_Key, int] = {}
    part = np.full(len(keys), -1, dtype=np.int64)
    for number, key in enumerate(keys):
        if key is None:
            continue
        if key not in place:
            one = values(number)
            if one is None:
                continue
            place[key] = len(found)
            found.append(one)
        part[number] = place[key]
    return np.stack(found) if found else np.empty((0, *shape)), part


def _pack(head: Sequence[Sequence[str]], arrays: Iterable[Array | Parts]) -> bytes:
    """Arrays in their order, behind a line of words: names of claims may be anything."""
    stream = io.BytesIO()
    np.savez(stream, *arrays)
    return json.dumps(head).encode() + b"\n" + stream.getvalue()


def _unpack(content: bytes) -> tuple[list[list[str]], list[NDArray[Any]]]:
    head, _, body = content.partition(b"\n")
    with np.load(io.BytesIO(body)) as read:
        return json.loads(head), [read[name] for name in read.files]


def _encode_left(found: Partial) -> bytes:
    whole = (found.weights, found.covariance, found.log_evidence, found.log_evidence_se)
    each = [one for name in found.values for one in (found.values[name], found.part[name])]
    return _pack([found.failed, list(found.values)], [*whole, *each])


def _decode_left(content: bytes) -> Partial:
    (failed, claims), (weights, covariance, log, se, *each) = _unpack(content)
    values = dict(zip(claims, each[::2], strict=True))
    part = dict(zip(claims, each[1::2], strict=True))
    return Partial(weights, covariance, log, se, values, part, tuple(failed))


LEAVE: Job[Left, Partial] = Job(
    kind="left-out",
    run=_leave,
    describe=lambda item: {
        "without": sorted(item.without),
        "about": list(item.about),
        "sampling": asdict(item.sampling),
    },
    encode=_encode_left,
    decode=_decode_left,
    label=lambda item: f"without {', '.join(sorted(item.without))}",
)


@dataclass(frozen=True)
class Pull:
    """A fit of one reading without some claims, pulled by one of them.

    Attributes
    ----------
    choice : option by reading
    claim : the one that pulls
    datum : what it is made to say (see `likelihood.respoken`)
    factor : on its width, where it is a noisy reading
    """

    without: frozenset[str]
    choice: Mapping[str, str]
    claim: str
    datum: float
    factor: float
    sampling: Sampling = SAMPLING


@dataclass(frozen=True, eq=False)
class Pulled:
    """Draws (chain, draw) of what a claim is about, and the evidence of all that spoke."""

    values: Array
    log_evidence: float
    log_evidence_se: float
    failed: tuple[str, ...]


def pulled_question(engine: Engine, item: Pull) -> Condition:
    """What is asked of the engine."""
    evidence = (engine.evidence_ids - item.without) | {item.claim}
    return Condition(
        item.choice,
        engine.speaking(item.choice, evidence),
        widened={} if item.factor == 1 else {item.claim: item.factor},
        spoken={item.claim: item.datum},
    )


def _pull(engine: Engine, item: Pull) -> Pulled:
    answer = engine.ask(pulled_question(engine, item), item.sampling)
    claim = next(c for c in engine.observations.claims if c.id == item.claim)
    resolved = engine.model.resolve(claim.value, item.choice)
    env = engine.values(thinned_rows(answer.draws.points, item.sampling.draws), item.choice)
    values = _evaluated(resolved, env)
    return Pulled(values, answer.evidence.log, answer.evidence.se, answer.check.failed)


def _encode_pulled(found: Pulled) -> bytes:
    evidence = np.array([found.log_evidence, found.log_evidence_se])
    return _pack([found.failed], [found.values, evidence])


def _decode_pulled(content: bytes) -> Pulled:
    (failed,), (values, evidence) = _unpack(content)
    return Pulled(values, float(evidence[0]), float(evidence[1]), tuple(failed))


PULL: Job[Pull, Pulled] = Job(
    kind="pulled",
    run=_pull,
    describe=lambda item: {
        "without": sorted(item.without),
        "choice": dict(item.choice),
        "claim": item.claim,
        "datum": repr(item.datum),
        "factor": repr(item.factor),
        "sampling": asdict(item.sampling),
    },
    encode=_encode_pulled,
    decode=_decode_pulled,
    label=lambda item: f"the tail of {item.claim}",
)
