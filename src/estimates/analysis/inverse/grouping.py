"""Readings that the answer does not tell apart, shown as one: the document names every one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from estimates.analysis.inverse.result import Inverse, Reading, ReadingRow

type Label = tuple[tuple[str, str], ...]
_ALIKE = 0.15  # sds by which surprises and shifts of readings drawn together differ at the most
_LITTLE = 0.5  # sds by which surprises alone may differ, where there are too many readings


@dataclass(frozen=True)
class Group:
    """Readings shown together.

    Attributes
    ----------
    row : the entry of the heaviest of them, which stands for all
    label : option by axis, without the axes that make no difference
    weight : of all of them
    members : how many they are
    """

    row: ReadingRow
    label: Reading
    weight: float
    members: int


def groups(found: Inverse, most: int) -> tuple[list[Group], list[str]]:
    """Return the readings with an answer in as few groups as it allows, heaviest first.

    An axis is folded where, all other axes alike, no surprise of an edge and no value that reaches
    it differs by more than `_ALIKE` posterior sds; where there are more than `most` groups, also
    one that moves no surprise by more than `_LITTLE`.

    Returns
    -------
    The groups, and the axes folded.
    """
    rows = found.answered
    if not rows:
        return [], []
    shown = {_label(row.options): _coordinates(found, row) for row in rows}
    surprises = {_label(row.options): row.surprise for row in rows}
    axes = list(rows[0].options)
    folded = _fold(shown, axes, [], _ALIKE)
    if len(_together(shown, folded)) > most:
        folded = _fold(surprises, axes, folded, _LITTLE)
    result: dict[Label, list[ReadingRow]] = {}
    for row in rows:
        rest = tuple(pair for pair in _label(row.options) if pair[0] not in folded)
        result.setdefault(rest, []).append(row)
    made = [
        Group(
            max(same, key=lambda row: row.weight),
            dict(label),
            float(sum(row.weight for row in same)),
            len(same),
        )
        for label, same in result.items()
    ]
    return sorted(made, key=lambda group: -group.weight), folded


def _fold[K: str](
    coordinates: Mapping[Label, Mapping[K, float | None]],
    axes: Sequence[str],
    folded: Sequence[str],
    limit: float,
) -> list[str]:
    """Return the axes that can be folded together with those that are."""
    found = list(folded)
    for axis in (one for one in axes if one not in folded):
        together = _together(coordinates, [*found, axis])
        if all(_apart([coordinates[one] for one in same]) <= limit for same in together):
            found.append(axis)
    return found


def _label(reading: Reading) -> Label:
    return tuple(reading.items())


def _coordinates(found: Inverse, row: ReadingRow) -> dict[str, float | None]:
    """Return what places a reading: its surprises, and shifts of the quantities."""
    shifts = {f"{one.edge} {one.quantity}": one.shift_sd for one in found.least_of(row)}
    return {str(edge): surprise for edge, surprise in row.surprise.items()} | shifts


def _together(labels: Iterable[Label], folded: Sequence[str]) -> list[list[Label]]:
    """Return labels that differ in folded axes alone, put together."""
    found: dict[Label, list[Label]] = {}
    for label in labels:
        rest = tuple(pair for pair in label if pair[0] not in folded)
        found.setdefault(rest, []).append(label)
    return list(found.values())


def _apart[K: str](several: Sequence[Mapping[K, float | None]]) -> float:
    """Return the largest difference in any coordinate; infinite where only some have it."""
    largest = 0.0
    for key in set().union(*several):
        values = [one.get(key) for one in several]
        known = [value for value in values if value is not None]
        if known and len(known) < len(values):
            return math.inf
        largest = max(largest, max(known) - min(known)) if known else largest
    return largest
