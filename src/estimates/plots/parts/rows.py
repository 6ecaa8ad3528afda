"""Rows: what one line of a figure shows, a reading or several that a quantity does not tell apart.

An axis of the readings that makes no difference to the quantity is folded; where there are more
rows than a figure holds, so is an axis that makes hardly any, and of what is left the lightest
rows are left out, and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.result import Numbers
from estimates.inference.statistics import mixture_of
from estimates.inference.var_names import CI_PROB, ends_of
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
type Group = tuple[Mapping[str, str], tuple[int, ...]]
#: Quantiles nearer than this part of a 90 % interval make hardly any difference.
_HARDLY = 0.1
_QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, eq=False)
class Row:
    """One line of a figure.

    Attributes
    ----------
    label : option by axis, in words, without the axes that make no difference
    members : indices of the readings in it
    share : weight of each member within the row
    weight, low, high : of the row, and the range that moving the priors gives it (none where
        several readings are one row)
    draws : (member, draw), the draws of each chain side by side
    chains : how many there are
    fits : of each member the fit that its draws come from
    simulated : (simulation, member) shares under their own Monte Carlo error
    ci_prob : what its interval holds
    """

    label: Mapping[str, str]
    members: tuple[int, ...]
    share: Array
    weight: float
    low: float
    high: float
    draws: Array
    chains: int
    fits: NDArray[np.int64]
    simulated: Array
    ci_prob: float = CI_PROB

    @cached_property
    def ends(self) -> tuple[float, float, float]:
        """The median between the ends of the interval."""
        low, high = ends_of(self.ci_prob)
        lowest, median, highest = self._pooled.quantiles((low, 0.5, high)).tolist()
        return lowest, median, highest

    @cached_property
    def numbers(self) -> Numbers:
        """The same with Monte Carlo errors, as every table has them."""
        by_chain = self.draws.reshape(len(self.share), self.chains, -1)
        numbers = Numbers.of(mixture_of(by_chain, self.share, self.fits, self.simulated))
        if self.ci_prob == CI_PROB:
            return numbers
        return replace(numbers, q05=self.ends[0], q95=self.ends[2])

    @property
    def median(self) -> float:
        """The median of the draws, by the weights of their readings."""
        return self.ends[1]

    @property
    def text(self) -> str:
        """The options of the row: `gross, share, china`."""
        return ", ".join(self.label.values())

    @cached_property
    def _pooled(self) -> WeightedDraws:
        return WeightedDraws(self.draws, self.share)


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


def fold(
    labels: Mapping[int, Mapping[str, str]],
    values: Array,
    natural: Callable[[Array], Array],
    most: int,
    alike: float,
) -> tuple[list[Group], list[str]]:
    """Return the readings in as few groups as the quantity allows, and a figure needs.

    With them the axes that were folded though they make a small difference.

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
    groups, _ = _without(groups, axes, lambda i, j: bool(np.array_equal(values[i], values[j])))
    if not groups or not (alike or len(groups) > most):
        return groups, []
    near = _nearness(natural(values[list(labels)]), list(labels), alike or _HARDLY)
    return _without(groups, list(groups[0][0]), near)


def _without(
    groups: list[Group], axes: Sequence[str], same: Callable[[int, int], bool]
) -> tuple[list[Group], list[str]]:
    """Return the groups without the axes that make no difference, and these axes."""
    gone = []
    for axis in axes:
        merged = _merged(groups, axis, same)
        if merged is not None:
            groups = merged
            gone.append(axis)
    return groups, gone


def _merged(
    groups: Sequence[Group], axis: str, same: Callable[[int, int], bool]
) -> list[Group] | None:
    """Return the groups without an axis if all that differ in it alone are equal; else None."""
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
    """Return a test whether readings differ in 5, 50, 95 % quantiles by a part of an interval."""
    ends = dict(zip(indices, np.quantile(on_scale, _QUANTILES, axis=1).T, strict=True))

    def near(i: int, j: int) -> bool:
        width = max(ends[i][2] - ends[i][0], ends[j][2] - ends[j][0])
        return bool(np.abs(ends[i] - ends[j]).max() <= part * width)

    return near
