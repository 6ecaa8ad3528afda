"""The answer without some claims, and what it says of the quantity that they are about.

Both kinds of work here are exact refits through the engine, kept in the store: one of all readings
without a body, and one of a single reading in which a claim, with another datum and a width of its
own, pulls the draws to where they are needed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates.inference.engine import Engine
from estimates.inference.fit_job import ROOM, thinned_rows
from estimates.inference.fitting import Change, fit_readings
from estimates.inference.jobs import Job, Workers
from estimates.inference.question import Condition, Fit
from estimates.inference.sampling import Sampling
from estimates.language.expression import NUMPY_OPS, evaluate

Array = NDArray[np.float64]
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
    part: Mapping[str, NDArray[np.int64]]
    failed: tuple[str, ...]


def _leave(engine: Engine, item: Left) -> Partial:
    model = engine.model
    change = Change(without=item.without)
    fitted = fit_readings(
        model,
        sampling=item.sampling,
        change=change,
        ranges=False,
        engine=engine,
        workers=Workers(count=1),
    )
    answers = [fitted.answers[reading.fit] for reading in fitted.readings]
    kept = min(answer.draws.points.shape[1] for answer in answers)
    kept = max(50, min(kept, ROOM // (4 * item.sampling.chains * len(fitted.answers))))
    claims = {claim.id: claim for claim in engine.observations.claims}
    values, parts = {}, {}
    known: dict[int, dict[str, Array]] = {}
    for name in item.about:
        found: list[Array] = []
        place: dict[tuple[int, str], int] = {}
        part = np.full(len(fitted.readings), -1, dtype=np.int64)
        for number, reading in enumerate(fitted.readings):
            resolved = model.resolve(claims[name].value, reading.choice)
            if resolved is None or reading.status == "impossible":
                continue
            key = (reading.fit, str(resolved))
            if key not in place:
                # What is resolved names basic quantities only, the same whatever the reading.
                if reading.fit not in known:
                    points = thinned_rows(answers[number].draws.points, kept)
                    known[reading.fit] = engine.values(points, reading.choice)
                shape = next(iter(known[reading.fit].values())).shape
                with np.errstate(invalid="ignore", divide="ignore"):
                    value = np.asarray(evaluate(resolved, known[reading.fit], NUMPY_OPS), float)
                if np.isnan(value).all():
                    continue  # it has no value under this reading, which the claim rules out
                place[key] = len(found)
                found.append(np.broadcast_to(value, shape))
            part[number] = place[key]
        values[name] = np.stack(found) if found else np.empty((0, item.sampling.chains, kept))
        parts[name] = part
    return Partial(
        fitted.weights.mean,
        np.atleast_2d(np.cov(fitted.weights.simulated, rowvar=False)),
        np.array([answer.evidence.log for answer in answers]),
        np.array([answer.evidence.se for answer in answers]),
        values,
        parts,
        fitted.failed,
    )


def _pack(arrays: Mapping[str, NDArray[Any]], said: Mapping[str, Any]) -> bytes:
    stream = io.BytesIO()
    # Names of claims may be anything: arrays are numbered, and named in the head.
    np.savez(stream, **{f"a{i}": array for i, array in enumerate(arrays.values())})  # type: ignore[arg-type]
    head = {"names": list(arrays), **said}
    return json.dumps(head).encode() + b"\n" + stream.getvalue()


def _unpack(content: bytes) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    head, _, body = content.partition(b"\n")
    said = json.loads(head)
    with np.load(io.BytesIO(body)) as read:
        arrays = {name: read[f"a{i}"] for i, name in enumerate(said["names"])}
    return arrays, said


def _encode_left(found: Partial) -> bytes:
    arrays: dict[str, NDArray[Any]] = {
        "weights": found.weights,
        "covariance": found.covariance,
        "log_evidence": found.log_evidence,
        "log_evidence_se": found.log_evidence_se,
    }
    arrays |= {f"values {name}": value for name, value in found.values.items()}
    arrays |= {f"part {name}": part for name, part in found.part.items()}
    return _pack(arrays, {"failed": list(found.failed)})


def _decode_left(content: bytes) -> Partial:
    arrays, said = _unpack(content)

    def those(kind: str) -> dict[str, Any]:
        return {k.removeprefix(kind): v for k, v in arrays.items() if k.startswith(kind)}

    return Partial(
        arrays["weights"],
        arrays["covariance"],
        arrays["log_evidence"],
        arrays["log_evidence_se"],
        those("values "),
        those("part "),
        tuple(said["failed"]),
    )


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
    answer: Fit = engine.ask(pulled_question(engine, item), item.sampling)
    claim = next(c for c in engine.observations.claims if c.id == item.claim)
    resolved = engine.model.resolve(claim.value, item.choice)
    assert resolved is not None, "a claim that pulls says something"
    env = engine.values(thinned_rows(answer.draws.points, item.sampling.draws), item.choice)
    values = np.asarray(evaluate(resolved, env, NUMPY_OPS), dtype=float)
    values = np.broadcast_to(values, next(iter(env.values())).shape)
    return Pulled(values, answer.evidence.log, answer.evidence.se, answer.check.failed)


def _encode_pulled(found: Pulled) -> bytes:
    said = {
        "log_evidence": found.log_evidence,
        "log_evidence_se": found.log_evidence_se,
        "failed": list(found.failed),
    }
    return _pack({"values": found.values}, said)


def _decode_pulled(content: bytes) -> Pulled:
    arrays, said = _unpack(content)
    return Pulled(
        arrays["values"], said["log_evidence"], said["log_evidence_se"], tuple(said["failed"])
    )


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


def unique_parts(partial: Partial, claim: str) -> Sequence[int]:
    """The parts of a claim, each once, in the order of the readings."""
    return list(dict.fromkeys(int(i) for i in partial.part[claim] if i >= 0))
