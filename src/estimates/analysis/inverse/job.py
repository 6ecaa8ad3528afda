"""The inverse question under the readings of one fit, as a piece of work that is kept."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from estimates._util.records import plain, read
from estimates.analysis.inverse.break_even import alone, line
from estimates.analysis.inverse.design_point import Landscape, Spot, least_surprising, most_likely
from estimates.analysis.inverse.request import Request
from estimates.analysis.inverse.result import AloneRow, Chance, Edge, LeastRow, LineRow, ReadingRow
from estimates.analysis.inverse.subset_simulation import Given, given_range
from estimates.analysis.inverse.target import Posterior, finite
from estimates.inference.engine import Engine
from estimates.inference.fit_job import thinned_rows
from estimates.inference.fitting import Change
from estimates.inference.jobs import Job
from estimates.inference.question import Fit
from estimates.inference.sampling import Sampling
from estimates.language.expression import Expression
from estimates.language.phrases import option_words
from estimates.stats.jackknife import error_of, standard_error

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
    """The numbers of one reading, without its name, which the asker knows.

    Attributes
    ----------
    row : how far it is from the range, without its weights
    reached : by edge the log density of the least surprising values
    top : the log density of the most likely values
    failed : why its draws given the range must not be trusted; "" where they may be
    """

    row: ReadingRow
    reached: Mapping[Edge, float | None]
    top: float | None = None
    least: tuple[LeastRow, ...] = ()
    alone: tuple[AloneRow, ...] = ()
    lines: tuple[LineRow, ...] = ()
    failed: str = ""

    @property
    def ok(self) -> bool:
        """Whether there is an answer."""
        return self.row.status == "ok"


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

    def log_share(self, kept: NDArray[np.bool_] | None = None) -> float:
        """Return the log posterior probability of the range, by all batches or some."""
        logs = self.log_shares if kept is None else self.log_shares[kept]
        top = logs.max(initial=-np.inf)
        return -np.inf if top == -np.inf else float(top + np.log(np.mean(np.exp(logs - top))))

    @property
    def error_of_log_share(self) -> float:
        """The Monte Carlo standard error of the log probability of the range."""
        if self.log_share() == -np.inf:
            return 0.0
        with np.errstate(invalid="ignore"):
            error = error_of(np.arange(len(self.log_shares)), self.log_share)
        return error if np.isfinite(error) else np.inf


def items(
    engine: Engine,
    choices: Sequence[Mapping[str, str]],
    request: Request,
    sampling: Sampling,
    kept: int,
) -> list[tuple[tuple[int, ...], Item]]:
    """Return the work, one item a fit, with the places of its results among the choices."""
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
    sought: dict[str, _Sought] = {}
    under = partial(_under, engine, item, answer, sought)
    return tuple(map(under, item.choices, spoken))


@dataclass(frozen=True, eq=False)
class _Sought:
    """What is sought of a target made in one way.

    Attributes
    ----------
    top : the most likely values
    spots : the least surprising ones at each edge
    given : draws given the range
    """

    top: Spot
    spots: Mapping[Edge, Spot | None]
    given: Given | None

    @classmethod
    @threadpool_limits.wrap(limits=1)  # matrices are small, and threads would only wait
    def of(cls, posterior: Posterior, request: Request) -> Self:
        """Return it, of a posterior."""
        landscape = Landscape(posterior)
        top = most_likely(landscape)
        return cls(top, _least(landscape, top, request), _given(posterior, request))


def _under(
    engine: Engine,
    item: Item,
    answer: Fit,
    sought: dict[str, _Sought],
    choice: Mapping[str, str],
    expression: Expression | None,
) -> Inverted:
    request = item.request
    if expression is None:
        return _nothing(SILENT, request)
    if answer.evidence.log == -np.inf:
        return _nothing("impossible", request)
    posterior = Posterior(engine, answer, choice, expression, request.target, request.cells)
    if not np.isfinite(posterior.target).any():
        return _nothing("not defined", request)
    # Readings that make the same of the target have the same answer, sought once.
    about = str(expression)
    if about not in sought:
        sought[about] = _Sought.of(posterior, request)
    top, found, given = sought[about].top, sought[about].spots, sought[about].given
    least = tuple(_shifts(posterior, top, found))
    median, median_se = _with_error(posterior, posterior.target, np.median)
    row = ReadingRow(
        status="ok",
        median=median,
        median_se=median_se,
        surprise={edge: None if s is None else top.surprise(s.logp) for edge, s in found.items()},
        above={
            edge: _with_error(posterior, posterior.target >= level, np.mean)
            for edge, level in request.levels.items()
        },
        unpinned=", ".join(edge for edge, spot in found.items() if spot and not spot.pinned),
    )
    if given is not None:
        row = replace(row, method=given.method, draws=len(given.points), effective=given.effective)
    told = Told(
        row=row,
        reached={edge: None if spot is None else spot.logp for edge, spot in found.items()},
        top=top.logp,
        least=tuple(_with_shift(posterior, row) for row in _leading(posterior, least)),
        alone=_alone(posterior, request),
        lines=_lines(posterior, request, least),
        failed="" if given is None else given.failed,
    )
    return Inverted(told, *_draws(posterior, given, item.kept))


def _nothing(status: str, request: Request) -> Inverted:
    none: dict[Edge, float | None] = dict.fromkeys(request.levels)
    above: dict[Edge, Chance] = dict.fromkeys(request.levels, (None, None))
    told = Told(row=ReadingRow(status=status, surprise=none, above=above), reached=none)
    return Inverted(told, {}, np.zeros(0, dtype=np.int64), np.zeros(0))


def _least(landscape: Landscape, top: Spot, request: Request) -> dict[Edge, Spot | None]:
    """Return by edge the least surprising values, each sought from those before it too."""
    found: dict[Edge, Spot | None] = {}
    for edge, level in request.levels.items():
        so_far = [one for one in found.values() if one is not None]
        found[edge] = least_surprising(landscape, top, level, so_far)
    return found


def _shifts(
    posterior: Posterior, top: Spot, found: Mapping[Edge, Spot | None]
) -> Iterator[LeastRow]:
    """Yield the shift of every quantity at every edge that is reached."""
    likeliest = posterior.at(top.point[None])
    for edge, spot in found.items():
        if spot is None:
            continue
        values = posterior.at(spot.point[None])
        for name in posterior.quantities:
            place = posterior.places[name]
            value, most_likely = float(values[name][0]), float(likeliest[name][0])
            z, z_top = (float(place.natural.forward(x)) for x in (value, most_likely))
            known = place.sd > 0
            yield LeastRow(
                reading={},
                edge=edge,
                quantity=name,
                unit=posterior.unit(name),
                value=finite(value),
                median=place.middle,
                most_likely=finite(most_likely),
                shift_sd=finite((z - place.median) / place.sd) if known else None,
                shift_se=None,  # found for those rows that are told
                moved_sd=finite((z - z_top) / place.sd) if known else None,
            )


def _leading(posterior: Posterior, rows: Sequence[LeastRow]) -> tuple[LeastRow, ...]:
    return posterior.leading(rows, lambda row: row.moved)


def _with_shift(posterior: Posterior, row: LeastRow) -> LeastRow:
    """Return a row with the error of its shift."""
    place = posterior.places[row.quantity]
    if row.value is None or row.shift_sd is None:
        return row
    z = float(place.natural.forward(row.value))
    return replace(row, shift_se=finite(standard_error((z - place.medians) / place.sds)))


def _movers(posterior: Posterior, rows: Sequence[LeastRow]) -> list[str]:
    """Return the two unknowns in the target that move most, or fewer if fewer move."""
    moved = dict.fromkeys(posterior.of_target, 0.0)
    for row in rows:
        if row.quantity in moved:
            moved[row.quantity] = max(moved[row.quantity], row.moved)
    ordered = sorted(moved, key=lambda name: -moved[name])
    return [name for name in ordered if moved[name] > _STILL][:2]


def _alone(posterior: Posterior, request: Request) -> tuple[AloneRow, ...]:
    asked = [
        (name, edge, level)
        for edge, level in request.levels.items()
        for name in posterior.of_target
        if posterior.places[name].sd > 0
    ]
    if not posterior.tells_all:  # errors are found for those that are told
        rows = (alone(posterior, *one, errors=False) for one in asked)
        told = posterior.leading(rows, lambda row: -abs(row.shift_sd or math.inf))
        asked = [(row.quantity, row.edge, request.levels[row.edge]) for row in told]
    return tuple(alone(posterior, *one) for one in asked)


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


def _with_error(posterior: Posterior, values: Any, statistic: Any) -> Chance:
    """Return a statistic of the draws and its Monte Carlo error; None where they are not finite."""
    error = error_of(posterior.batch, lambda kept: statistic(values[kept]))
    return finite(statistic(values)), finite(error)


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
    batches = np.unique(posterior.batch)
    most = max(1, kept * posterior.answer.draws.points.shape[0] // len(batches))
    each = (np.flatnonzero(given.batch == b) for b in batches)
    chosen = np.concatenate([thinned_rows(here[None], most)[0] for here in each])
    values = posterior.at(given.points[chosen])
    found = {name: values[name] for name in posterior.quantities}
    return found, given.batch[chosen], given.log_shares


def _describe(item: Item) -> dict[str, Any]:
    return asdict(replace(item, request=replace(item.request, claim=None)))


@dataclass(frozen=True)
class _Head:
    """The part of a reading that is kept beside its arrays."""

    told: Told
    names: tuple[str, ...]


def _encode(found: tuple[Inverted, ...]) -> bytes:
    stream = io.BytesIO()
    head = [plain(_Head(one.told, tuple(one.values))) for one in found]
    arrays = [a for one in found for a in (one.batch, one.log_shares, [*one.values.values()])]
    np.savez(stream, json.dumps(head, allow_nan=False), *arrays)
    return stream.getvalue()


def _decode(content: bytes) -> tuple[Inverted, ...]:
    with np.load(io.BytesIO(content)) as kept:
        head, *arrays = (kept[name] for name in kept.files)
    heads = [read(_Head, one) for one in json.loads(str(head))]
    return tuple(
        Inverted(one.told, dict(zip(one.names, values, strict=True)), batch, log_shares)
        for one, batch, log_shares, values in zip(
            heads, arrays[::3], arrays[1::3], arrays[2::3], strict=True
        )
    )


INVERSE: Job[Item, tuple[Inverted, ...]] = Job(
    kind="inverse",
    run=_run,
    describe=_describe,
    encode=_encode,
    decode=_decode,
    label=lambda item: ", ".join(map(option_words, item.choices[0].values())) or "the model",
)
