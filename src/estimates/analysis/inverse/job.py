"""The inverse question under the readings of one fit, as a piece of work that is kept."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates._util.records import plain, read
from estimates.analysis.inverse.break_even import alone, line
from estimates.analysis.inverse.design_point import (
    Found,
    Landscape,
    Top,
    least_surprising,
    most_likely,
    surprise,
)
from estimates.analysis.inverse.request import Request
from estimates.analysis.inverse.result import AloneRow, Chance, Edge, LeastRow, LineRow
from estimates.analysis.inverse.subset_simulation import Given, given_range
from estimates.analysis.inverse.target import Posterior, finite
from estimates.inference.engine import Engine
from estimates.inference.fit_job import thinned_rows
from estimates.inference.fitting import Change
from estimates.inference.jobs import Job
from estimates.inference.question import Fit
from estimates.inference.sampling import Sampling
from estimates.language.expression import Expression
from estimates.stats.jackknife import standard_error

Array = NDArray[np.float64]
#: The status of a reading under which nothing of the kind is said.
SILENT = "says nothing of it"
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


@dataclass(frozen=True, kw_only=True)
class Told:
    """The numbers of one reading.

    Attributes
    ----------
    status : `ok`, or why there are none
    reached, surprise, above : by edge the log density of the least surprising values, how far they
        are, and the probability of the edge or more
    top : the log density of the most likely values
    unpinned : edges at which something more might be gained
    least, alone, lines : rows; whose reading they are of says who asks
    median, median_se : of the target
    method, draws, effective, failed : of the posterior given the range (see `Given`)
    """

    status: str
    reached: Mapping[Edge, float | None]
    surprise: Mapping[Edge, float | None]
    above: Mapping[Edge, Chance]
    top: float | None = None
    unpinned: tuple[Edge, ...] = ()
    least: tuple[LeastRow, ...] = ()
    alone: tuple[AloneRow, ...] = ()
    lines: tuple[LineRow, ...] = ()
    median: float | None = None
    median_se: float | None = None
    method: str | None = None
    draws: int | None = None
    effective: float | None = None
    failed: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is an answer."""
        return self.status == "ok"


@dataclass(frozen=True, eq=False)
class Inverted:
    """The inverse question under one reading.

    Attributes
    ----------
    told : its numbers
    values : draws of every quantity given the range, (draw,); empty where there are none
    batch : the batch of each
    log_shares : (batch,) log posterior probability of the range
    """

    told: Told
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
        return tuple(_nothing(SILENT, item.request) for _ in spoken)
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
        return _nothing(SILENT, request)
    if answer.evidence.log == -np.inf:
        return _nothing("impossible", request)
    posterior = Posterior(engine, answer, choice, expression)
    if not np.isfinite(posterior.target).any():
        return _nothing("not defined", request)
    landscape = Landscape(posterior)
    top = most_likely(posterior, landscape)
    found = _least(posterior, landscape, top, request)
    likeliest = posterior.at(top.point[None])
    rows = [
        row
        for edge, one in found.items()
        if one is not None
        for row in _shifts(posterior, edge, likeliest, posterior.at(one.point[None]))
    ]
    given = _given(posterior, request)
    reached = {edge: None if one is None else one.logp for edge, one in found.items()}
    median, median_se = _middle(posterior)
    told = Told(
        status="ok",
        top=top.logp,
        reached=reached,
        surprise={e: None if log is None else surprise(top, log) for e, log in reached.items()},
        unpinned=tuple(edge for edge, one in found.items() if one and not one.pinned),
        above={edge: _above(posterior, level) for edge, level in request.levels.items()},
        least=tuple(rows),
        alone=_alone(posterior, request),
        lines=_lines(posterior, request, rows),
        median=median,
        median_se=median_se,
        method=None if given is None else given.method,
        draws=None if given is None else len(given.points),
        effective=None if given is None else given.effective,
        failed="" if given is None else given.failed,
    )
    return Inverted(told, *_draws(posterior, given, item.kept))


def _nothing(status: str, request: Request) -> Inverted:
    none: dict[Edge, float | None] = dict.fromkeys(request.levels)
    above: dict[Edge, Chance] = dict.fromkeys(request.levels, (None, None))
    told = Told(status=status, reached=none, surprise=none, above=above)
    return Inverted(told, {}, np.zeros(0, dtype=np.int64), np.zeros(0))


def _least(
    posterior: Posterior, landscape: Landscape, top: Top, request: Request
) -> dict[Edge, Found | None]:
    """The least surprising values by edge, each looked for from those before it too."""
    found: dict[Edge, Found | None] = {}
    for edge, level in request.levels.items():
        so_far = [one for one in found.values() if one is not None]
        found[edge] = least_surprising(posterior, landscape, top, level, so_far)
    return found


def _shifts(
    posterior: Posterior, edge: Edge, likeliest: Mapping[str, Array], values: Mapping[str, Array]
) -> Iterator[LeastRow]:
    for name in posterior.quantities:
        place, value = posterior.places[name], float(values[name][0])
        top = float(likeliest[name][0])
        z, z_top = (float(place.natural.forward(x)) for x in (value, top))
        known = place.sd > 0
        yield LeastRow(
            reading={},
            edge=edge,
            quantity=name,
            unit=posterior.unit(name),
            value=finite(value),
            median=place.middle,
            most_likely=finite(top),
            shift_sd=finite((z - place.median) / place.sd) if known else None,
            shift_se=finite(standard_error((z - place.medians) / place.sds)) if known else None,
            moved_sd=finite((z - z_top) / place.sd) if known else None,
        )


def _movers(posterior: Posterior, rows: Sequence[LeastRow]) -> list[str]:
    """The two unknowns in the target that move most; fewer where fewer move."""
    moved = dict.fromkeys(posterior.of_target, 0.0)
    for row in rows:
        if row.quantity in moved:
            moved[row.quantity] = max(moved[row.quantity], row.moved)
    ordered = sorted(moved, key=lambda name: -moved[name])
    return [name for name in ordered if moved[name] > _STILL][:2]


def _alone(posterior: Posterior, request: Request) -> tuple[AloneRow, ...]:
    return tuple(
        alone(posterior, name, edge, level)
        for edge, level in request.levels.items()
        for name in posterior.of_target
        if posterior.places[name].sd > 0
    )


def _lines(posterior: Posterior, request: Request, rows: Sequence[LeastRow]) -> tuple[LineRow, ...]:
    match _movers(posterior, rows):
        case [x, y]:
            through = [r.value for r in rows if r.quantity == x and r.value is not None]
            return tuple(
                row
                for edge, level in request.levels.items()
                for row in line(posterior, (x, y), edge, level, through)
            )
    return ()


def _above(posterior: Posterior, level: float) -> Chance:
    """The posterior probability that the target is at the level or above, with its error."""
    above = posterior.target >= level
    rest = [above[posterior.batch != b].mean() for b in np.unique(posterior.batch)]
    return float(above.mean()), float(standard_error(np.array(rest)))


def _middle(posterior: Posterior) -> Chance:
    rest = [np.median(posterior.target[posterior.batch != b]) for b in np.unique(posterior.batch)]
    return finite(np.median(posterior.target)), finite(standard_error(np.array(rest)))


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


def _describe(item: Item) -> dict[str, Any]:
    return asdict(replace(item, request=replace(item.request, claim=None)))


@dataclass(frozen=True)
class _Head:
    """What is kept of a reading beside its arrays."""

    told: Told
    names: tuple[str, ...]


def _encode(found: tuple[Inverted, ...]) -> bytes:
    stream = io.BytesIO()
    arrays: dict[str, Any] = {}
    for place, one in enumerate(found):
        arrays |= {f"{place}_batch": one.batch, f"{place}_log_shares": one.log_shares}
        arrays |= {f"{place}_value_{i}": v for i, v in enumerate(one.values.values())}
    np.savez(stream, **arrays)
    head = [plain(_Head(one.told, tuple(one.values))) for one in found]
    return json.dumps(head, allow_nan=False).encode() + b"\n" + stream.getvalue()


def _decode(content: bytes) -> tuple[Inverted, ...]:
    first, _, arrays = content.partition(b"\n")
    heads = [read(_Head, one) for one in json.loads(first)]
    with np.load(io.BytesIO(arrays)) as kept:
        return tuple(
            Inverted(
                head.told,
                {name: kept[f"{place}_value_{i}"] for i, name in enumerate(head.names)},
                kept[f"{place}_batch"],
                kept[f"{place}_log_shares"],
            )
            for place, head in enumerate(heads)
        )


INVERSE: Job[Item, tuple[Inverted, ...]] = Job(
    kind="inverse",
    run=_run,
    describe=_describe,
    encode=_encode,
    decode=_decode,
    label=lambda item: ", ".join(item.choices[0].values()) or "the model",
)
