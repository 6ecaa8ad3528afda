"""Checks dimensions by themselves: their names, labels, dates and parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from estimates.errors import Faults
from estimates.model.dates import Date
from estimates.model.dimensions import Dimension, Dimensions
from estimates.model.ids import fault_of_name
from estimates.model.spec import RESERVED

_LABEL = re.compile(r"[^\W\d]\w*|\d{4}(-\d{2}(-\d{2})?)?")
_MOST_CELLS = 20_000


def check_dimensions(dimensions: Dimensions, names: Iterable[str], faults: Faults) -> None:
    """Add a fault for everything that is wrong with the dimensions by themselves.

    Parameters
    ----------
    names : of quantities and relations, with which labels and dimensions share one name space
    """
    taken = set(names)
    owners: dict[str, str] = {}
    times = [one for one in dimensions.whole.values() if one.time]
    for name, one in dimensions.every.items():
        if name in taken:
            faults.add(f"'{name}' is a dimension and a quantity: rename one", one.where())
        elif name in RESERVED or not name.isidentifier() or fault_of_name(name):
            faults.add(f"'{name}' cannot name a dimension; use letters, digits and _", one.where())
        if one.of:
            _check_part(one, dimensions, faults)
            continue
        if not one.labels:
            faults.add(f"dimension '{name}' has no labels", one.where())
        for label in one.labels:
            _check_label(label, one, taken, owners, faults)
    for one in times[1:]:
        faults.add(f"'{one.name}' is a second time; a model has one", one.where())
    for one in times:
        dates = one.dates
        if any(a.years >= b.years for a, b in pairwise(dates)):
            faults.add(f"the dates of '{one.name}' must ascend", one.where())


def _check_label(
    label: str, one: Dimension, taken: set[str], owners: dict[str, str], faults: Faults
) -> None:
    place = one.where(label) or one.where()
    if one.time and Date.of(label) is None:
        faults.add(f"'{label}' in '{one.name}' is no date; write 2017, 2017-08 or a day", place)
    elif not _LABEL.fullmatch(label):
        faults.add(f"'{label}' cannot be a label; use letters, digits and _", place)
    elif not one.time and label[:1].isdigit():
        faults.add(
            f"label '{label}' of '{one.name}' is a date; write `{one.name}: {{time: […]}}`, "
            "or begin it with a letter",
            place,
        )
    elif label in taken:
        faults.add(f"'{label}' is a label of '{one.name}' and a quantity: rename one", place)
    elif label in owners:
        both = (
            f"stands twice in '{one.name}'"
            if owners[label] == one.name
            else f"is in both '{owners[label]}' and '{one.name}'"
        )
        faults.add(f"label '{label}' {both}: rename one", place)
    owners.setdefault(label, one.name)


def _check_part(part: Dimension, dimensions: Dimensions, faults: Faults) -> None:
    whole = dimensions.whole.get(part.of)
    if whole is None:
        hint = faults.hint(part.of, dimensions.whole)
        faults.add(f"'{part.name}' is a part of unknown dimension '{part.of}'{hint}", part.where())
        return
    if not part.labels:
        faults.add(f"'{part.name}' has no members; write `members: […]`", part.where())
    for label in part.labels:
        if label not in whole.labels:
            hint = faults.hint(label, whole.labels)
            faults.add(
                f"unknown label '{label}' of {whole.name} in '{part.name}'{hint}",
                part.where(label) or part.where(),
            )


def oversize(dimensions: Dimensions, over: Iterable[str]) -> str:
    """Return what is wrong with a quantity of very many cells; "" where nothing is."""
    number = dimensions.count(over)
    return f"{number:,} cells are too many; keep to {_MOST_CELLS:,}" if number > _MOST_CELLS else ""
