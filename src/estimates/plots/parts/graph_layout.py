"""Places the boxes of a graph in columns, with few crossings and short arrows.

Sugiyama's method, in brief: a column for each step from the claims; a dummy in every column that
an arrow passes; barycentre sweeps for the order (Sugiyama, Tagawa & Toda 1981, IEEE Trans SMC
11:109); then heights, each box drawn to the mean of its neighbours without overlap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import isotonic_regression

_SWEEPS = 24
_DUMMY = 0.1  # inches of a column that an arrow takes when it passes


@dataclass(frozen=True, slots=True)
class Layout:
    """The place of every box.

    Attributes
    ----------
    middle : height of each box's middle, in inches from the top
    paths : for each arrow the (column, height) of what it passes between its ends
    height : of the whole, in inches
    """

    middle: Mapping[str, float]
    paths: Sequence[Sequence[tuple[int, float]]]
    height: float


def depths(first: Mapping[str, int], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the column of each box: after all that lead to it, and at least its `first`."""
    column = dict(first)
    for _ in first:  # as often as the longest way can be
        for start, end in edges:
            column[end] = max(column[end], column[start] + 1)
    return column


def lay_out(
    column: Mapping[str, int],
    tall: Mapping[str, float],
    edges: Sequence[tuple[str, str]],
    gap: float,
) -> Layout:
    """Return heights for boxes whose columns are known.

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
    passed: list[dict[str, int]] = []
    for number, (start, end) in enumerate(edges):
        dummies = {f"\0{number}-{at}": at for at in range(column[start] + 1, column[end])}
        for dummy, at in dummies.items():
            size[dummy], near[dummy] = _DUMMY, []
            columns[at].append(dummy)
        for a, b in pairwise([start, *dummies, end]):
            near[a].append(b)
            near[b].append(a)
        passed.append(dummies)
    middle: dict[str, float] = {}
    for names in columns:
        middle |= _spread(names, dict.fromkeys(names, 0.0), size, gap)
    for sweep in range(2 * _SWEEPS):
        for names in columns if sweep % 2 == 0 else reversed(columns):
            wanted = {
                name: float(np.mean([middle[one] for one in near[name]] or [middle[name]]))
                for name in names
            }
            if sweep < _SWEEPS:
                names.sort(key=lambda name: wanted[name])
            middle |= _spread(names, wanted, size, gap)
    top = min((middle[name] - size[name] / 2 for name in middle), default=0.0)
    height = max((middle[name] + size[name] / 2 for name in middle), default=0.0) - top
    paths = [[(at, middle[dummy] - top) for dummy, at in one.items()] for one in passed]
    return Layout({name: middle[name] - top for name in column}, paths, height)


def _spread(
    names: Sequence[str], wanted: Mapping[str, float], size: Mapping[str, float], gap: float
) -> dict[str, float]:
    """Return the heights nearest to those wanted (least squares) in this order, without overlap."""
    if not names:
        return {}
    tall = np.array([size[name] for name in names])
    offsets = np.cumsum(tall + gap) - gap - tall / 2
    shifts = isotonic_regression(np.array([wanted[name] for name in names]) - offsets).x
    return dict(zip(names, (shifts + offsets).tolist(), strict=True))
