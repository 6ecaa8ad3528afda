"""Rows of many readings in as few as a screen holds, so that none that matters is left out.

A reading with a tenth of the weight or more has a row of its own.  What is left is one row of
others where it weighs little, else it is grouped by the phrases that tell its rows apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Annotated

from estimates._util.records import Column
from estimates.analysis.apart import OfReading, by_options, told_apart
from estimates.analysis.result import Numbers
from estimates.language.phrases import counted, option_words

HEAVY = 0.1
ROWS = 8


@dataclass(frozen=True)
class Group[R: OfReading]:
    """Rows that are shown as one, and what it is called."""

    label: Mapping[str, str]
    rows: tuple[R, ...]

    @property
    def others(self) -> bool:
        """Whether it is what is left, of readings that have nothing in common."""
        return "" in self.label

    @property
    def weight(self) -> float:
        """The weight of its readings together."""
        return math.fsum(row.weight or 0.0 for row in self.rows)

    def mean(self, of: Callable[[R], float | None]) -> float | None:
        """Return a probability over its readings by their weight; None where one has none."""
        found = [(of(row), row.weight or 0.0) for row in self.rows]
        known = [(value, weight) for value, weight in found if value is not None]
        if len(known) < len(found) or not self.weight:
            return known[0][0] if len(found) == 1 and known else None
        return math.fsum(value * weight for value, weight in known) / self.weight


def condensed[R: OfReading](
    rows: Sequence[R],
    apart: Callable[[Sequence[R]], float],
    says: Callable[[R], Hashable],
    most: int = ROWS,
    otherwise: Callable[[R], str | None] | None = None,
) -> list[Group[R]]:
    """Return rows in as many groups as there is room for, without phrases that change nothing.

    Parameters
    ----------
    rows : one a reading
    apart : how much is lost by showing some rows as one, 0 for nothing
    says : all that is shown of a row
    otherwise : what tells rows apart where no phrase does so without loss
    """
    told = [Group(label, tuple(members)) for label, members in told_apart(rows, says)]
    if len(told) <= most:
        return told
    alone = [Group(dict(row.reading or {}), (row,)) for row in rows]
    light = [one for one in alone if one.weight < HEAVY]
    heavy = [one for one in alone if one.weight >= HEAVY]
    rest = Group({"": ""}, tuple(row for one in light for row in one.rows))
    room = max(most - len(heavy), 1)
    if heavy and (rest.weight < HEAVY or room == 1):
        return [*heavy, *_others(rest)]
    groups, lost = _by_axes(rest.rows, apart, room)
    if lost and otherwise is not None:
        groups = _by_kind(rest.rows, otherwise)
    return [*heavy, *groups]


def _others[R: OfReading](rest: Group[R]) -> list[Group[R]]:
    if len(rest.rows) == 1:
        return [Group(dict(rest.rows[0].reading or {}), rest.rows)]
    label = {"": counted(len(rest.rows), "other")} if rest.rows else {}
    return [Group(label, rest.rows)] if rest.rows else []


def _by_kind[R: OfReading](rows: Sequence[R], kind: Callable[[R], str | None]) -> list[Group[R]]:
    found: dict[str | None, list[R]] = {}
    for row in rows:
        found.setdefault(kind(row), []).append(row)
    return [Group(_alike(members), tuple(members)) for members in found.values()]


def _alike(members: Sequence[OfReading]) -> Mapping[str, str]:
    single = len(members) == 1
    return dict(members[0].reading or {}) if single else {"": counted(len(members), "reading")}


def _by_axes[R: OfReading](
    rows: Sequence[R], apart: Callable[[Sequence[R]], float], room: int
) -> tuple[list[Group[R]], float]:
    """Return groups by the options that lose least, of as good ones the fewest, and the loss."""
    axes = list(rows[0].reading or {})
    best, least = _others(Group({}, tuple(rows))), math.inf
    for count in range(len(axes)):
        for chosen in combinations(axes, count + 1):
            groups = _split(rows, chosen)
            lost = math.fsum(apart(one.rows) * one.weight for one in groups)
            if len(groups) <= room and lost < least - 1e-9:
                best, least = groups, lost
    return best, least


def _split[R: OfReading](rows: Sequence[R], axes: Sequence[str]) -> list[Group[R]]:
    found = by_options(rows, axes)
    return [Group(_label(axes, key, members), tuple(members)) for key, members in found.items()]


def _label(
    axes: Sequence[str], key: Sequence[str], members: Sequence[OfReading]
) -> Mapping[str, str]:
    """Return the options, and of how many readings: `gross, china: 4 readings`."""
    if len(members) == 1:
        return dict(members[0].reading or {})
    *first, last = key
    ending = f"{option_words(last)}: {counted(len(members), 'reading')}"
    return dict(zip(axes, (*first, ending), strict=True))


@dataclass(frozen=True, kw_only=True)
class FirstRow:
    """A reading or several on the first screen; of several no interval is known, only medians."""

    reading: Annotated[Mapping[str, str] | None, Column(form="reading", first=1)]
    weight: Annotated[float | None, Column(form="probability", first=2)]
    range: Annotated[str, Column(label="(range)", first=3)] = ""
    median: Annotated[float | None, Column("", "", "unit", "mcse_median", to="most", first=4)]
    most: float | None = None
    q05: Annotated[
        float | None, Column("", "90 % interval", "unit", "mcse_q05", "interval", "q95", 5)
    ] = None
    q95: float | None = None
    mcse_median: float | None = None
    mcse_q05: float | None = None
    mcse_q95: float | None = None
    below: Annotated[float | None, Column(form="probability", first=6)] = None
    inside: Annotated[float | None, Column(form="probability", first=7)] = None
    above: Annotated[float | None, Column(form="probability", first=8)] = None
    met: Annotated[float | None, Column("", "met", form="probability", first=6)] = None
    times: Annotated[
        float | None, Column("", "× the bound", "", "times_error", to="most_times", first=7)
    ] = None
    most_times: float | None = None
    times_error: float | None = None
    says: Annotated[str, Column(label="verdict", first=9)] = ""
    unit: str = ""

    @staticmethod
    def of(
        reading: Mapping[str, str] | None,
        weight: float | None,
        numbers: Sequence[Numbers],
        unit: str,
    ) -> FirstRow:
        """Return a row of one reading with its interval, or of several with their medians."""
        first = numbers[0]
        if len(set(numbers)) == 1:
            return FirstRow(
                reading=reading, weight=weight, most=first.median, unit=unit, **vars(first)
            )
        known = sorted(
            (one for one in numbers if one.median is not None), key=lambda one: one.median or 0.0
        )
        if not known:
            return FirstRow(reading=reading, weight=weight, median=None, unit=unit)
        low, high = known[0], known[-1]
        error = max(low.mcse_median or 0.0, high.mcse_median or 0.0)
        return FirstRow(
            reading=reading, weight=weight, median=low.median, most=high.median, unit=unit,
            mcse_median=error,
        )  # fmt: skip


def medians_apart(numbers: Sequence[Numbers]) -> float:
    """Return how far medians lie apart, in intervals: 0 where one will do for all."""
    known = [one for one in numbers if one.median is not None]
    if len(known) < 2:
        return 0.0
    medians = [one.median or 0.0 for one in known]
    width = max((one.q95 or 0.0) - (one.q05 or 0.0) for one in known)
    return (max(medians) - min(medians)) / width if width > 0 else 0.0
