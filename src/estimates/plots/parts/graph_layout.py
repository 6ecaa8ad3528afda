"""Places the boxes of a graph in columns, with few crossings and short arrows.

Sugiyama's method, in brief: a column for each step from the claims; a dummy in every column that
an arrow passes; barycentre sweeps for the order (Sugiyama, Tagawa & Toda 1981, IEEE Trans SMC
11:109); then heights, each box drawn to the mean of its neighbours without overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 24
_DUMMY = 0.1  # inches of a column that an arrow takes when it passes


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands.

    Attributes
    ----------
    column : of each box
    middle : height of each box's middle, in inches from the top
    paths : for each arrow the (column, height) of what it passes between its ends
    height : of the whole, in inches
    """

    column: Mapping[str, int]
    middle: Mapping[str, float]
    paths: Sequence[tuple[tuple[int, float], ...]]
    height: float


def lay_out(
    column: Mapping[str, int],
    tall: Mapping[str, float],
    edges: Sequence[tuple[str, str]],
    gap: float,
) -> Layout:
    """Heights for boxes whose columns are known.

    Parameters
    ----------
    column : of each box; an arrow leads to a later column
    tall : height of each box, in inches
    edges : arrows, from box to box
    gap : least distance between boxes of a column, in inches
    """
    columns: list[list[str]] = [[] for _ in range(max(column.values(), default=0) + 1)]
    for name, at in column.items():
        columns[at].append(name)
    size = dict(tall)
    near: dict[str, list[str]] = {name: [] for name in column}
    passed: list[list[str]] = []
    for number, (start, end) in enumerate(edges):
        chain = [start]
        for at in range(column[start] + 1, column[end]):
            dummy = f"\0{number}-{at}"
            size[dummy], near[dummy] = _DUMMY, []
            columns[at].append(dummy)
            chain.append(dummy)
        chain.append(end)
        for a, b in pairwise(chain):
            near[a].append(b)
            near[b].append(a)
        passed.append(chain[1:-1])
    at_column = {name: i for i, names in enumerate(columns) for name in names}
    _order(columns, near, at_column)
    middle = _heights(columns, near, size, gap)
    paths = [tuple((at_column[one], middle[one]) for one in chain) for chain in passed]
    height = max((middle[name] + size[name] / 2 for name in middle), default=0.0)
    return Layout(column, {name: middle[name] for name in column}, paths, height)


def _order(
    columns: list[list[str]], near: Mapping[str, list[str]], at_column: Mapping[str, int]
) -> None:
    """Sort each column by the mean rank of its neighbours, to and fro."""
    best, fewest = [list(names) for names in columns], _crossings(columns, near, at_column)
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        for i in range(len(columns)) if forth else reversed(range(len(columns))):
            beside = i - 1 if forth else i + 1
            if not 0 <= beside < len(columns):
                continue
            rank = {name: j for j, name in enumerate(columns[beside])}
            own = {name: j for j, name in enumerate(columns[i])}

            def mean(name: str, rank: dict[str, int] = rank, own: dict[str, int] = own) -> float:
                ranks = [rank[one] for one in near[name] if one in rank]
                return sum(ranks) / len(ranks) if ranks else float(own[name])

            columns[i].sort(key=mean)
        now = _crossings(columns, near, at_column)
        if now < fewest:
            best, fewest = [list(names) for names in columns], now
    columns[:] = best


def _crossings(
    columns: Sequence[Sequence[str]], near: Mapping[str, list[str]], at_column: Mapping[str, int]
) -> int:
    total = 0
    for i, names in enumerate(columns[:-1]):
        rank = {name: j for j, name in enumerate(columns[i + 1])}
        ends = [
            (j, rank[one])
            for j, name in enumerate(names)
            for one in near[name]
            if at_column[one] == i + 1
        ]
        total += sum(
            (a[0] - b[0]) * (a[1] - b[1]) < 0 for k, a in enumerate(ends) for b in ends[:k]
        )
    return total


def _heights(
    columns: Sequence[Sequence[str]],
    near: Mapping[str, list[str]],
    size: Mapping[str, float],
    gap: float,
) -> dict[str, float]:
    middle: dict[str, float] = {}
    for names in columns:
        y = 0.0
        for name in names:
            middle[name] = y + size[name] / 2
            y += size[name] + gap
    for sweep in range(_SWEEPS):
        for names in columns if sweep % 2 == 0 else reversed(columns):
            wanted = {
                name: sum(middle[one] for one in near[name]) / len(near[name])
                if near[name]
                else middle[name]
                for name in names
            }
            middle |= _spread(names, wanted, size, gap)
    top = min((middle[name] - size[name] / 2 for name in middle), default=0.0)
    return {name: y - top for name, y in middle.items()}


def _spread(
    names: Sequence[str], wanted: Mapping[str, float], size: Mapping[str, float], gap: float
) -> dict[str, float]:
    """The heights nearest to those wanted (least squares) in this order, without overlap.

    Boxes that would overlap are pooled and moved together, as in isotonic regression.
    """
    offset, blocks = 0.0, []  # each block: sum of wanted less offset, count
    offsets = {}
    for name in names:
        offsets[name] = offset + size[name] / 2
        blocks.append([wanted[name] - offsets[name], 1])
        offset += size[name] + gap
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    shifts = [total / count for total, count in blocks for _ in range(int(count))]
    return {name: shift + offsets[name] for name, shift in zip(names, shifts, strict=True)}
