"""Rows: what one line of a figure shows, a reading or several that a quantity does not tell apart.

An axis of the readings that makes no difference to the quantity is folded; where there are more
rows than a figure holds, so is an axis that makes hardly any, and of what is left the lightest
rows are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
type Group = tuple[Mapping[str, str], tuple[int, ...]]
#: Quantiles nearer than this part of a 90 % interval make hardly any difference.
_HARDLY = 0.1
_QUANTILES = (0.5, 0.05, 0.95)


@dataclass(frozen=True)
class Weighed:
    """Share of each member within a row; the row's weight, and its range as the prior moves."""

    share: Array
    weight: float
    low: float
    high: float


@dataclass(frozen=True)
class Row:
    """One line of a figure.

    Attributes
    ----------
    label : option by axis, in words, without the axes that make no difference
    members : indices of the readings in it
    share : weight of each member within the row
    weight, low, high : of the row, and the range that moving the priors gives it (none where
        several readings are one row)
    draws : (member, draw)
    median, q05, q95 : of the draws
    errors : Monte Carlo errors of those three
    """

    label: Mapping[str, str]
    members: tuple[int, ...]
    share: Array
    weight: float
    low: float
    high: float
    draws: Array
    median: float
    q05: float
    q95: float
    errors: tuple[float, float, float]

    @staticmethod
    def of(
        label: Mapping[str, str],
        members: tuple[int, ...],
        weighed: Weighed,
        draws: Array,
        chains: int,
    ) -> Row:
        """A row of draws (member, draw), the draws of each chain side by side."""
        pooled = WeightedDraws(draws, weighed.share)
        median, q05, q95 = (pooled.quantile(p) for p in _QUANTILES)
        found = [_error(pooled, draws, weighed.share, chains, p) for p in _QUANTILES]
        return Row(
            label,
            members,
            weighed.share,
            weighed.weight,
            weighed.low,
            weighed.high,
            draws,
            median,
            q05,
            q95,
            (found[0], found[1], found[2]),
        )

    @property
    def ends(self) -> tuple[float, float, float]:
        """The median between the ends of the 90 % interval."""
        return self.q05, self.median, self.q95

    @property
    def text(self) -> str:
        """`gross, share, china`."""
        return ", ".join(self.label.values())


@dataclass(frozen=True)
class Rows:
    """The rows of one quantity, smallest median first, and what they do not show.

    Attributes
    ----------
    axes : names of the readings that tell the rows apart
    folded : names of those that make a small difference, drawn together
    left_out, weight_left_out : how many rows are not shown, and their weight
    silent : how many readings say nothing of the quantity, or could not be computed
    """

    rows: tuple[Row, ...]
    axes: tuple[str, ...]
    folded: tuple[str, ...]
    left_out: int
    weight_left_out: float
    silent: int


@dataclass(frozen=True)
class Folds:
    """Groups of readings, the axes that tell them apart, and those folded though they differ."""

    groups: list[Group]
    axes: tuple[str, ...]
    folded: tuple[str, ...]


def fold(
    labels: Mapping[int, Mapping[str, str]],
    values: Array,
    natural: Callable[[Array], Array],
    most: int,
    alike: float,
) -> Folds:
    """The readings in as few groups as the quantity allows, and a figure needs.

    Parameters
    ----------
    labels : option by axis, by index of the reading
    values : draws (reading, draw)
    natural : onto a scale without bounds, on which differences are taken
    most : rows that the figure holds
    alike : fold axes that move no quantile by more than this part of a 90 % interval, however few
        the rows; 0 does so for a tenth, only where there are too many rows
    """
    groups: list[Group] = [(label, (i,)) for i, label in labels.items()]
    names = next(iter(labels.values()), {})
    axes = [axis for axis in names if len({label[axis] for label in labels.values()}) > 1]
    groups = [({axis: label[axis] for axis in axes}, members) for label, members in groups]
    for axis in list(axes):
        merged = _merged(groups, axis, lambda i, j: bool(np.array_equal(values[i], values[j])))
        if merged is not None:
            groups = merged
            axes.remove(axis)
    folded = []
    if alike or len(groups) > most:
        near = _nearness(natural(values[list(labels)]), list(labels), alike or _HARDLY)
        for axis in list(axes):
            merged = _merged(groups, axis, near)
            if merged is not None:
                groups = merged
                axes.remove(axis)
                folded.append(axis)
    return Folds(groups, tuple(axes), tuple(folded))


def _merged(
    groups: Sequence[Group], axis: str, same: Callable[[int, int], bool]
) -> list[Group] | None:
    """The groups without an axis, if all that differ in it alone are the same; else None."""
    merged: dict[tuple[str, ...], Group] = {}
    for label, members in groups:
        rest = {a: option for a, option in label.items() if a != axis}
        key = tuple(rest.values())
        if key not in merged:
            merged[key] = (rest, members)
        elif same(merged[key][1][0], members[0]):
            merged[key] = (rest, merged[key][1] + members)
        else:
            return None
    return list(merged.values())


def _nearness(on_scale: Array, indices: Sequence[int], part: float) -> Callable[[int, int], bool]:
    """Do the 5, 50 and 95 % quantiles of two readings differ by at most a part of an interval?"""
    ends = dict(zip(indices, np.quantile(on_scale, (0.05, 0.5, 0.95), axis=1).T, strict=True))

    def near(i: int, j: int) -> bool:
        width = max(ends[i][2] - ends[i][0], ends[j][2] - ends[j][0])
        return bool(np.abs(ends[i] - ends[j]).max() <= part * width)

    return near


def _error(pooled: WeightedDraws, draws: Array, share: Array, chains: int, p: float) -> float:
    """Monte Carlo error of a quantile: that of the share of draws below it, carried over.

    The readings' errors are added up, as if all shared one fit: at the most too large.
    """
    below = (draws <= pooled.quantile(p)).astype(float)
    error = 0.0
    for one, weight in zip(below, share, strict=True):
        if np.ptp(one) > 0:
            by_chain = one.reshape(chains, -1)
            found = array_stats.mcse(by_chain, method="mean", chain_axis=0, draw_axis=1)
            error += float(weight) * float(found)
    spread = pooled.quantile(min(p + error, 1.0)) - pooled.quantile(max(p - error, 0.0))
    return spread / 2
