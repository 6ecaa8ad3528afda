"""The inverse question under the readings of one fit, as a piece of work that is kept."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.inverse.break_even import alone, line
from estimates.analysis.inverse.design_point import (
    Found,
    Landscape,
    least_surprising,
    most_likely,
    surprise,
)
from estimates.analysis.inverse.request import Request
from estimates.analysis.inverse.subset_simulation import Given, given_range
from estimates.analysis.inverse.target import Posterior
from estimates.inference.engine import Engine
from estimates.inference.fit_job import thinned_rows
from estimates.inference.fitting import Change
from estimates.inference.jobs import Job
from estimates.inference.question import Fit
from estimates.inference.sampling import Sampling
from estimates.language.expression import Expression
from estimates.stats.jackknife import standard_error

Array = NDArray[np.float64]
_STILL = 0.01  # posterior sds; what moves less does not move


@dataclass(frozen=True)
class Item:
    """Readings that share a fit, and what is asked under each.

    Attributes
    ----------
    choices : option by reading, of each
    kept : draws of each chain that the answer keeps, at the most
    """

    choices: tuple[Mapping[str, str], ...]
    request: Request
    sampling: Sampling
    kept: int


@dataclass(frozen=True, eq=False)
class Inverted:
    """The inverse question under one reading.

    Attributes
    ----------
    numbers : rows of the tables (`least`, `alone`, `lines`), by edge the log density reached
        (`reached`), its surprise and the probability of the edge or more (`above`), and the log
        density at the top (`top`); None, never nan
    values : draws of every quantity given the range, (draw,); empty where there are none
    batch : the batch of each
    log_shares : (batch,) log posterior probability of the range
    """

    numbers: Mapping[str, Any]
    values: Mapping[str, Array]
    batch: NDArray[np.int64]
    log_shares: Array


def items(
    engine: Engine,
    choices: Sequence[Mapping[str, str]],
    request: Request,
    sampling: Sampling,
    kept: int,
) -> list[tuple[tuple[int, ...], Item]]:
    """The work, with the places of its results among the choices: one item a fit."""
    sharing: dict[str, list[int]] = {}
    for place, choice in enumerate(choices):
        key = engine.key(Change().question(engine, choice))
        sharing.setdefault(key, []).append(place)
    return [
        (tuple(places), Item(tuple(choices[i] for i in places), request, sampling, kept))
        for places in sharing.values()
    ]


def _run(engine: Engine, item: Item) -> tuple[Inverted, ...]:
    spoken = [engine.model.resolve(item.request.target, choice) for choice in item.choices]
    if all(expression is None for expression in spoken):
        return tuple(_nothing("says nothing of it") for _ in spoken)
    answer = engine.ask(Change().question(engine, item.choices[0]), item.sampling)
    return tuple(
        _under(engine, item, choice, expression, answer)
        for choice, expression in zip(item.choices, spoken, strict=True)
    )


def _under(
    engine: Engine,
    item: Item,
    choice: Mapping[str, str],
    expression: Expression | None,
    answer: Fit,
) -> Inverted:
    request = item.request
    if expression is None:
        return _nothing("says nothing of it")
    if answer.evidence.log == -np.inf:
        return _nothing("impossible")
    posterior = Posterior(engine, answer, choice, expression)
    if not np.isfinite(posterior.target).any():
        return _nothing("not defined")
    landscape = Landscape(posterior)
    top = most_likely(posterior, landscape)
    rows: list[dict[str, Any]] = []
    reached: dict[str, float | None] = {}
    distance: dict[str, float | None] = {}
    unpinned: list[str] = []
    so_far: list[Found] = []
    likeliest = posterior.at(top.point[None])
    for edge, level in request.levels:
        found = least_surprising(posterior, landscape, top, level, so_far)
        reached[edge] = None if found is None else found.logp
        distance[edge] = None if found is None else surprise(top, found.logp)
        if found is not None:
            so_far.append(found)
            if not found.pinned:
                unpinned.append(edge)
            values = posterior.at(found.point[None])
            rows += _shifts(posterior, edge, likeliest, values)
    movers = _movers(posterior, rows)
    given = _given(posterior, request)
    numbers = {
        "status": "ok",
        "top": top.logp,
        "reached": reached,
        "surprise": distance,
        "unpinned": unpinned,
        "above": {edge: _above(posterior, level) for edge, level in request.levels},
        "least": rows,
        "alone": _alone(posterior, request),
        "pair": movers,
        "lines": _lines(posterior, request, movers, rows),
        "target": _middle(posterior),
        "method": None if given is None else given.method,
        "draws": None if given is None else len(given.points),
        "effective": None if given is None else given.effective,
        "failed": "" if given is None else given.failed,
    }
    return Inverted(numbers, *_draws(posterior, given, item.kept))


def _nothing(status: str) -> Inverted:
    return Inverted({"status": status}, {}, np.zeros(0, dtype=np.int64), np.zeros(0))


def _shifts(
    posterior: Posterior, edge: str, likeliest: Mapping[str, Array], values: Mapping[str, Array]
) -> list[dict[str, Any]]:
    rows = []
    for name in posterior.quantities:
        place, value = posterior.places[name], float(values[name][0])
        top = float(likeliest[name][0])
        z, z_top = (float(place.natural.forward(x)) for x in (value, top))
        rows.append(
            {
                "edge": edge,
                "quantity": name,
                "value": _number(value),
                "median": place.middle,
                "most_likely": _number(top),
                "shift_sd": _number((z - place.median) / place.sd) if place.sd else None,
                "shift_se": _number(standard_error((z - place.medians) / place.sds))
                if place.sd
                else None,
                "moved_sd": _number((z - z_top) / place.sd) if place.sd else None,
            }
        )
    return rows


def _movers(posterior: Posterior, rows: list[dict[str, Any]]) -> list[str]:
    """The two unknowns in the target that move most; fewer where fewer move."""
    moved = dict.fromkeys(posterior.of_target, 0.0)
    for row in rows:
        if row["quantity"] in moved and row["moved_sd"] is not None:
            moved[row["quantity"]] = max(moved[row["quantity"]], abs(row["moved_sd"]))
    ordered = sorted(moved, key=lambda name: -moved[name])
    return [name for name in ordered if moved[name] > _STILL][:2]


def _alone(posterior: Posterior, request: Request) -> list[dict[str, Any]]:
    return [
        {"edge": edge, "quantity": name, "median": posterior.places[name].middle}
        | asdict(alone(posterior, name, level))
        for edge, level in request.levels
        for name in posterior.of_target
        if posterior.places[name].sd > 0
    ]


def _lines(
    posterior: Posterior, request: Request, pair: list[str], rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if len(pair) < 2:
        return []
    x, y = pair
    through = [row["value"] for row in rows if row["quantity"] == x and row["value"] is not None]
    return [
        {"edge": edge, "x": x, "x_value": at, "y": y, "y_value": value, "y_se": error}
        for edge, level in request.levels
        for at, value, error in line(posterior, x, y, level, through)
    ]


def _above(posterior: Posterior, level: float) -> dict[str, float]:
    """The posterior probability that the target is at the level or above, with its error."""
    above = posterior.target >= level
    rest = [above[posterior.batch != b].mean() for b in np.unique(posterior.batch)]
    return {"share": float(above.mean()), "se": float(standard_error(np.array(rest)))}


def _middle(posterior: Posterior) -> dict[str, float | None]:
    rest = [np.median(posterior.target[posterior.batch != b]) for b in np.unique(posterior.batch)]
    return {
        "median": _number(np.median(posterior.target)),
        "se": _number(standard_error(np.array(rest))),
    }


def _given(posterior: Posterior, request: Request) -> Given | None:
    low = -np.inf if request.low is None else request.low
    high = np.inf if request.high is None else request.high
    if low == high:
        return None
    said = json.dumps([request.target, request.low, request.high, dict(posterior.choice)])
    rng = posterior.engine.rng("given a range", said)
    return given_range(posterior, low, high, rng)


def _draws(
    posterior: Posterior, given: Given | None, kept: int
) -> tuple[dict[str, Array], NDArray[np.int64], Array]:
    """Draws given the range, evenly thinned within every batch."""
    if given is None:
        return {}, np.zeros(0, dtype=np.int64), np.zeros(0)
    rows = []
    batches = np.unique(posterior.batch)
    most = max(1, kept * posterior.answer.draws.points.shape[0] // len(batches))
    for b in batches:
        here = np.flatnonzero(given.batch == b)
        rows.append(thinned_rows(here[None], most)[0])
    chosen = np.concatenate(rows)
    values = posterior.at(given.points[chosen])
    found = {name: values[name] for name in posterior.quantities}
    return found, given.batch[chosen], given.log_shares


def _number(value: Any) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None


def _describe(item: Item) -> dict[str, Any]:
    request = asdict(item.request)
    del request["claim"]
    return {
        "choices": [dict(choice) for choice in item.choices],
        "request": request,
        "sampling": asdict(item.sampling),
        "kept": item.kept,
    }


def _encode(found: tuple[Inverted, ...]) -> bytes:
    stream = io.BytesIO()
    arrays: dict[str, Any] = {}
    for place, one in enumerate(found):
        arrays |= {f"{place}_batch": one.batch, f"{place}_log_shares": one.log_shares}
        arrays |= {f"{place}_value_{i}": v for i, v in enumerate(one.values.values())}
    np.savez(stream, **arrays)
    head = [{"numbers": one.numbers, "names": list(one.values)} for one in found]
    return json.dumps(head, allow_nan=False).encode() + b"\n" + stream.getvalue()


def _decode(content: bytes) -> tuple[Inverted, ...]:
    head, _, arrays = content.partition(b"\n")
    with np.load(io.BytesIO(arrays)) as read:
        return tuple(
            Inverted(
                said["numbers"],
                {name: read[f"{place}_value_{i}"] for i, name in enumerate(said["names"])},
                read[f"{place}_batch"],
                read[f"{place}_log_shares"],
            )
            for place, said in enumerate(json.loads(head))
        )


INVERSE: Job[Item, tuple[Inverted, ...]] = Job(
    kind="inverse",
    run=_run,
    describe=_describe,
    encode=_encode,
    decode=_decode,
    label=lambda item: ", ".join(item.choices[0].values()) or "the model",
)
