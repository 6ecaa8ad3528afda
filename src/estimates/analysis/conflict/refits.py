"""The answer without some claims, and what it says of the quantity that they are about.

Both kinds of work here are exact refits through the engine, kept in the store: one of all readings
without a body, and one of a single reading in which a claim, with another datum and a width of its
own, pulls the draws to where they are needed.
"""

from __future__ import annotations

import functools
import io
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from estimates.analysis.cited import to_scale
from estimates.analysis.conflict.contrast import from_scale
from estimates.analysis.fit_view import FitView
from estimates.inference.engine import Engine
from estimates.inference.fit_job import FEWEST, ROOM, thinned_rows
from estimates.inference.fitting import Change, fit_readings
from estimates.inference.jobs import Job, Workers
from estimates.inference.log_likelihood import spread_of
from estimates.inference.meant import claimed
from estimates.inference.question import Condition
from estimates.inference.sampling import Sampling
from estimates.model import BoundClaim, Model
from estimates.stats.links import SCALES

Array = NDArray[np.float64]
type Parts = NDArray[np.int64]
#: A tail probability of a half is then known to about one per cent.
SAMPLING = Sampling(draws=1000, tune=500)


@dataclass(frozen=True)
class Left:
    """The claims to leave out, and the claims of whose values draws are wanted."""

    without: frozenset[str]
    about: tuple[str, ...]
    sampling: Sampling = SAMPLING
    plain: bool = False


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
    k : Pareto k̂ of the weights by which the claims were left out of the one fit, −∞ where these
        have no tail; nan where that was not tried
    refitted : whether it was fitted anew; else it was weighed out of the one fit
    """

    weights: Array
    covariance: Array
    log_evidence: Array
    log_evidence_se: Array
    values: Mapping[str, Array]
    part: Mapping[str, Parts]
    failed: tuple[str, ...]
    k: float = math.nan
    refitted: bool = True


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
    readings = fitted.readings
    fits = [fitted.answers[reading.fit] for reading in readings]
    kept = min(one.draws.points.shape[1] for one in fits)
    kept = max(FEWEST, min(kept, ROOM // (4 * item.sampling.chains * len(fitted.answers))))

    @functools.cache
    def drawn(fit: int) -> dict[str, Array]:
        # What is resolved names basic quantities only, the same whatever the reading of a fit.
        choice = next(reading.choice for reading in readings if reading.fit == fit)
        return engine.values(thinned_rows(fitted.answers[fit].draws.points, kept), choice)

    def said(claim: BoundClaim) -> tuple[Array, Parts]:
        def values(number: int) -> Array | None:
            asked = claim, drawn(readings[number].fit), readings[number].choice
            found = claimed(model, *asked) if item.plain else predicted(engine, *asked)
            # Without a value under this reading, the claim rules it out.
            return None if np.isnan(found).all() else found

        there = [
            (reading.choice, reading.fit if reading.status != "impossible" else None)
            for reading in readings
        ]
        return parted(model, claim, there, values, (item.sampling.chains, kept))

    found = {name: said(_claim(engine, name)) for name in item.about}
    return Partial(
        fitted.weights.mean,
        np.atleast_2d(np.cov(fitted.weights.simulated, rowvar=False)),
        np.array([one.evidence.log for one in fits]),
        np.array([one.evidence.se for one in fits]),
        {name: values for name, (values, _) in found.items()},
        {name: part for name, (_, part) in found.items()},
        fitted.failed,
    )


def answer_of(fit: xr.DataTree, view: FitView, use: BoundClaim) -> Partial:
    """Return the fit itself as the answer with nothing left out.

    With draws of what a figure is about that is held out, which stands beside it.
    """
    every = view.claimed(use)
    there = [
        (reading.choice, number if usable else None)
        for reading, number, usable in zip(
            view.readings, view.fits.tolist(), view.usable, strict=True
        )
    ]
    values, part = parted(view.model, use, there, lambda number: every[number], view.shape[1:])
    return Partial(
        view.weights,
        np.atleast_2d(np.cov(view.simulated, rowvar=False)),
        view.log_evidence,
        view.log_evidence_se,
        {use.id: values},
        {use.id: part},
        (),
    )


def predicted(
    engine: Engine, claim: BoundClaim, values: Mapping[str, Array], choice: Mapping[str, str]
) -> Array:
    """Draws of what a claim is about, with the claim's own error where its size is learnt."""
    found = claimed(engine.model, claim, values, choice)
    if claim.spread is None:
        return found
    scale = SCALES[claim.scale]
    error = engine.rng("own error", claim.id).standard_normal(found.shape)
    return from_scale(scale, to_scale(scale, found) + spread_of(claim, values) * error)


def _claim(engine: Engine, name: str) -> BoundClaim:
    return next(claim for claim in engine.observations.claims if claim.id == name)


def parted(
    model: Model,
    claim: BoundClaim,
    readings: Sequence[tuple[Mapping[str, str], int | None]],
    values: Callable[[int], Array | None],
    shape: tuple[int, ...],
) -> tuple[Array, Parts]:
    """Return values (part, chain, draw) of readings that differ, and the part of each reading.

    Parameters
    ----------
    readings : each one's choice, and its fit, if it has draws
    values : (chain, draw) under a reading, if it has any
    shape : of these
    """
    found: list[Array] = []
    place: dict[tuple[int, str], int] = {}
    part = np.full(len(readings), -1, dtype=np.int64)
    for number, (choice, fit) in enumerate(readings):
        resolved = [model.resolve(one, choice) for one in claim.values]
        if fit is None or None in resolved:
            continue
        key = fit, str([str(one) for one in resolved])
        if key not in place:
            one = values(number)
            if one is None:
                continue
            place[key] = len(found)
            found.append(one)
        part[number] = place[key]
    return np.stack(found) if found else np.empty((0, *shape)), part


def _pack(head: Sequence[Sequence[str]], arrays: Sequence[ArrayLike]) -> bytes:
    """Pack arrays in their order, behind a line of words: names of claims may be anything."""
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
    describe=lambda item: asdict(item) | {"without": sorted(item.without)},
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
    factor: float = 1.0
    sampling: Sampling = SAMPLING


@dataclass(frozen=True, eq=False)
class Pulled:
    """Draws (chain, draw) of a claim's value, and the evidence of all claims that spoke."""

    values: Array
    log_evidence: float
    log_evidence_se: float
    failed: tuple[str, ...]


def _pull(engine: Engine, item: Pull) -> Pulled:
    evidence = (engine.evidence_ids - item.without) | {item.claim}
    condition = Condition(
        item.choice,
        engine.speaking(item.choice, evidence),
        widened={} if item.factor == 1 else {item.claim: item.factor},
        spoken={item.claim: item.datum},
    )
    answer = engine.ask(condition, item.sampling)
    env = engine.values(thinned_rows(answer.draws.points, item.sampling.draws), item.choice)
    values = claimed(engine.model, _claim(engine, item.claim), env, item.choice)
    return Pulled(values, answer.evidence.log, answer.evidence.se, answer.check.failed)


def _encode_pulled(found: Pulled) -> bytes:
    return _pack([found.failed], [found.values, [found.log_evidence, found.log_evidence_se]])


def _decode_pulled(content: bytes) -> Pulled:
    (failed,), (values, (log, se)) = _unpack(content)
    return Pulled(values, float(log), float(se), tuple(failed))


PULL: Job[Pull, Pulled] = Job(
    kind="pulled",
    run=_pull,
    describe=lambda item: asdict(item) | {"without": sorted(item.without)},
    encode=_encode_pulled,
    decode=_decode_pulled,
    label=lambda item: f"the tail of {item.claim}",
)
