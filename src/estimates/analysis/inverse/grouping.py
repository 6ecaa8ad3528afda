"""Readings that the answer does not tell apart, shown as one: the document names every one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Row = Mapping[str, Any]
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

    row: Row
    label: Mapping[str, str]
    weight: float
    members: int


def groups(document: Row, most: int) -> tuple[list[Group], list[str]]:
    """The readings with an answer in as few groups as it allows, heaviest first.

    An axis is folded where, all other axes alike, no surprise of an edge and no value that reaches
    it differs by more than `_ALIKE` posterior sds; where there are more than `most` groups, also
    one that moves no surprise by more than `_LITTLE`.

    Returns
    -------
    The groups, and the axes folded.
    """
    rows = [r for r in document["readings"] if r["reading"] is not None and r["status"] == "ok"]
    if not rows:
        return [], []
    found = {_label(row["reading"]): _coordinates(document, row) for row in rows}
    surprises = {
        label: {key: value for key, value in one.items() if key in document["levels"]}
        for label, one in found.items()
    }
    axes = list(rows[0]["reading"])
    folded: list[str] = []
    for coordinates, limit in ((found, _ALIKE), (surprises, _LITTLE)):
        if coordinates is surprises and len(_together(found, folded)) <= most:
            break
        for axis in (one for one in axes if one not in folded):
            together = _together(found, [*folded, axis])
            if all(_apart([coordinates[one] for one in same]) <= limit for same in together):
                folded.append(axis)
    result: dict[Label, list[Row]] = {}
    for row in rows:
        rest = tuple(pair for pair in _label(row["reading"]) if pair[0] not in folded)
        result.setdefault(rest, []).append(row)
    made = [
        Group(max(same, key=lambda row: row["weight"]), dict(label), _total(same), len(same))
        for label, same in result.items()
    ]
    return sorted(made, key=lambda group: -group.weight), folded


def _total(rows: Sequence[Row]) -> float:
    return float(sum(row["weight"] for row in rows))


def _label(reading: Mapping[str, str]) -> Label:
    return tuple(reading.items())


def _coordinates(document: Row, row: Row) -> dict[str, float | None]:
    """What a reading is shown by: surprises, and shifts of the quantities."""
    found: dict[str, float | None] = {e: row[f"surprise_{e}"] for e in document["levels"]}
    for one in document["least_surprising"]:
        basic = document["quantities"][one["quantity"]]["kind"] == "basic"
        if one["reading"] == row["reading"] and basic:
            found[f"{one['edge']} {one['quantity']}"] = one["shift_sd"]
    return found


def _together(labels: Iterable[Label], folded: Sequence[str]) -> list[list[Label]]:
    """Labels that differ in folded axes alone."""
    found: dict[Label, list[Label]] = {}
    for label in labels:
        rest = tuple(pair for pair in label if pair[0] not in folded)
        found.setdefault(rest, []).append(label)
    return list(found.values())


def _apart(several: Sequence[Mapping[str, float | None]]) -> float:
    """The largest difference in any coordinate; infinite where only some of them have it."""
    largest = 0.0
    for key in set().union(*several):
        values = [one.get(key) for one in several]
        known = [value for value in values if value is not None]
        if known and len(known) < len(values):
            return math.inf
        largest = max(largest, max(known) - min(known)) if known else largest
    return largest
