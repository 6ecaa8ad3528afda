"""The smallest factor on the widths of claims that makes the verdict another, by refits.

Factors are tried outwards from 1, up to ten and down to a tenth, in four steps either way for all
claims together and in two for each alone.  A step is halved, three times at the most, where what
decides the verdict comes near enough to a limit that it might have crossed it and come back; the
step in which the verdict changes is halved until it is short.

Each factor is fitted with draws of its own, so near a flip the verdict comes and goes.  Where it
holds only just it is undecided: a flip lies between the last factor at which the verdict is clearly
as it was and the first at which it is clearly another.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from estimates.analysis.multiverse.job import Found
from estimates.analysis.multiverse.result import WidthFlipRow
from estimates.analysis.multiverse.specifications import Evidence, with_widths
from estimates.analysis.verdict import Standing
from estimates.model import Conventions, Model

#: The largest factor, and its reciprocal the smallest.
LIMIT = 10.0
_STEPS, _STEPS_OF_ONE = 4, 2
_FINER = 8  # parts of a step in which the verdict is looked for where it may change and change back
_PRECISE = math.log(1.01)  # a step in which the verdict changes is halved until below this,
_UNDECIDED = math.log(1.03)  # and to this where it ends undecided
_HASTE = 2.0  # times as fast as between any two neighbours might things move between two
_COUNTS = 0.01  # weight of a reading from which on its own probabilities count as moving

#: Fits evidence under one view each.
type Fit = Callable[[Sequence[Evidence]], Sequence[Found]]
type Tried = Mapping[tuple[str, float], Found]


@dataclass(frozen=True)
class _Point:
    """Where one cited figure stands under one factor.

    Attributes
    ----------
    log : of the factor
    margin : by how much what decides the verdict keeps clear of its limits
    place : P(below), P(above) and weights, of the mixture and of each reading
    """

    log: float
    verdict: str
    only_just: bool
    margin: float
    place: tuple[float, ...]


@dataclass(frozen=True)
class _Path:
    """What is known so far of one figure, one claim (or "" for all) and one direction.

    Attributes
    ----------
    points : outwards, as far as fits can be trusted
    stuck : factors between these whose fits cannot be trusted
    """

    claim: str
    widths: str
    points: tuple[_Point, ...]
    stuck: tuple[float, ...]

    @property
    def flip(self) -> tuple[int, int] | None:
        """The points between which the verdict changes, both clear if there are such."""
        said = self.points[0].verdict
        clear = [i for i, one in enumerate(self.points) if not one.only_just]
        other = next((i for i in clear if self.points[i].verdict != said), None)
        if other is None:  # undecided to the end, at the most
            last = max((i for i in clear), default=0)
            beyond = range(last + 1, len(self.points))
            other = next((i for i in beyond if self.points[i].verdict != said), None)
        if other is None:
            return None
        return max((i for i in clear if i < other), default=0), other

    @property
    def steps(self) -> Iterator[tuple[_Point, _Point]]:
        """Neighbouring points, up to the one where the verdict is another."""
        flip = self.flip
        yield from pairwise(self.points[: None if flip is None else flip[1] + 1])

    @property
    def reached(self) -> float:
        """The log factor up to which every fit could be trusted."""
        return self.points[-1].log

    def wanted(self) -> Iterator[float]:
        """Return the log factors to try next."""
        flip, steps = self.flip, list(self.steps)
        speeds = [_distance(one, other) / _length(one, other) for one, other in steps]
        speed = _HASTE * max(speeds, default=0.0)
        least = math.log(LIMIT) / _count(self.widths) / _FINER
        for number, (one, other) in enumerate(steps):
            middle, length = (one.log + other.log) / 2, _length(one, other)
            if middle in self.stuck:
                continue
            if flip is not None and number >= flip[0]:
                # What is undecided is narrowed from its two ends.
                if number in (flip[0], flip[1] - 1):
                    both = not (one.only_just or other.only_just)
                    if length > (_PRECISE if both else _UNDECIDED):
                        yield middle
            elif length > 1.01 * least and one.margin + other.margin < speed * length:
                yield middle


def width_flips(model: Model, base: Found, fit: Fit) -> list[WidthFlipRow]:
    """Return each cited figure's nearest flip by a factor on all widths, and on each claim's.

    Parameters
    ----------
    base : what came of the model as it stands
    """
    cited = [claim for claim, said in base.cited.items() if said.together.verdict]
    every = with_widths(model)
    if not cited or not every:
        return []
    names = ("", *every) if len(every) > 1 else ("",)
    tried: dict[tuple[str, float], Found] = {(name, 0.0): base for name in names}
    new = [(name, way * step) for name in names for way in (1, -1) for step in _grid(name)]
    while new:
        results = fit([_evidence(every, name, log) for name, log in new])
        tried |= dict(zip(new, results, strict=True))
        paths = {
            (claim, name): [_path(model, claim, name, way, tried) for way in (1, -1)]
            for claim in cited
            for name in names
        }
        asked = [
            (one.widths, log) for both in paths.values() for one in both for log in one.wanted()
        ]
        new = list(dict.fromkeys(asked))
    return [_row(paths[claim, name]) for claim in cited for name in names]


def _count(name: str) -> int:
    return _STEPS_OF_ONE if name else _STEPS


def _grid(name: str) -> list[float]:
    """Return the log factors to try first, outwards; more finely for all claims together."""
    return [math.log(LIMIT) * k / _count(name) for k in range(1, _count(name) + 1)]


def _evidence(every: Sequence[str], name: str, log: float) -> Evidence:
    factor = math.exp(log)
    return Evidence(widths=tuple((one, factor) for one in sorted(every) if name in ("", one)))


def _path(model: Model, claim: str, name: str, way: int, tried: Tried) -> _Path:
    """Return what one direction has shown; a fit of the first grid that fails ends it."""
    grid = _grid(name)
    logs = sorted((log for one, log in tried if one == name and log * way >= 0), key=abs)
    points, stuck = [], []
    for log in logs:
        point = _point(log, tried[name, log], claim, model.conventions)
        if point is not None:
            points.append(point)
        elif abs(log) in grid:
            break
        else:
            stuck.append(log)
    return _Path(claim, name, tuple(points), tuple(stuck))


def _point(log: float, found: Found, claim: str, conventions: Conventions) -> _Point | None:
    if claim not in found.cited:
        return None
    said, sides = found.cited[claim].together, found.cited[claim].sides
    if said.verdict is None or said.below is None or said.above is None:
        return None
    weights = np.array([one.weight for one in found.readings])
    known = Standing(conventions, sides).deciding(weights, own=True)
    own = [
        number
        for one, weight in zip(sides, weights, strict=True)
        for number in ((one.below, one.above) if one and weight >= _COUNTS else (math.nan,) * 2)
    ]
    place = (said.below, said.above, *weights.tolist(), *own)
    margin = min((abs(p - limit) for p, limit, _ in known), default=1.0)
    return _Point(log, said.verdict, bool(said.only_just), margin, place)


def _distance(one: _Point, other: _Point) -> float:
    """Return the largest movement; what is unknown at either end is passed over."""
    moved = np.abs(np.array(one.place) - np.array(other.place))
    return float(np.nanmax(moved))


def _length(one: _Point, other: _Point) -> float:
    return abs(one.log - other.log)


def _row(both: Sequence[_Path]) -> WidthFlipRow:
    """Return the row of the nearer of the two directions."""
    flips = [(one.points[flip[0]], one.points[flip[1]]) for one in both if (flip := one.flip)]
    lengths = [_length(*pair) for one in both for pair in one.steps]
    reached = sorted(math.exp(one.reached) for one in both)
    row = WidthFlipRow(
        claim=both[0].claim,
        widths=both[0].widths or None,
        tried=(reached[0], reached[-1]),
        step=math.exp(max(lengths, default=0.0)),
    )
    if not flips:
        return row
    nearest = min(flips, key=lambda pair: abs(pair[0].log + pair[1].log))
    low, high = sorted(math.exp(one.log) for one in nearest)
    return replace(
        row,
        factor=math.sqrt(low * high),
        low=low,
        high=high,
        verdict=nearest[1].verdict,
        only_just=any(one.only_just for one in nearest),
    )
