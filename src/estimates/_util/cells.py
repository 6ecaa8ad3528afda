"""Records as rows of cells: the one way in which a table of them is written, wherever it stands."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from estimates._util.format import NONE, number, probability, stated
from estimates._util.records import Field, fields_of, is_record

#: Values of a record: nested ones are named with a dot.
type Cells = list[str]


@dataclass(frozen=True)
class Grid:
    """A table as text.

    Attributes
    ----------
    heads : of the columns
    rows : as many cells each
    numeric : which columns hold numbers, and are set to the right
    """

    heads: list[str]
    rows: list[Cells]
    numeric: list[bool]


def grid(records: Sequence[Any]) -> Grid:
    """Records of one class as a table.

    A Monte Carlo error has no column of its own: it decides how many digits its value has.  A
    column in which nothing stands is left out, and so is a unit that stands beside its number.
    """
    if not records:
        return Grid([], [], [])
    fields = fields_of(type(records[0]))
    beside = {f.column.error for f in fields} | {f.column.unit for f in fields}
    shown = [f for f in fields if f.name not in beside]
    columns = [[cell(record, field) for record in records] for field in shown]
    kept = [i for i, column in enumerate(columns) if any(text not in ("", NONE) for text in column)]
    return Grid(
        [shown[i].column.label or shown[i].name.replace("_", " ") for i in kept],
        [list(row) for row in zip(*(columns[i] for i in kept), strict=True)],
        [all(_is_number(getattr(r, shown[i].name)) for r in records) for i in kept],
    )


def cell(record: Any, field: Field) -> str:
    """What stands in a record's field, as its column says that it is written."""
    value, column = getattr(record, field.name), field.column
    error = getattr(record, column.error) if column.error and not field.apart else None
    unit = getattr(record, column.unit, "") if column.unit else ""
    if column.form == "share" or (unit == "share" and _is_number(value)):
        return _per_cent(value, error)
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float() if column.form == "probability":
            return probability(value)
        case int() | float() if column.form == "stated":
            return stated(value)
        case int() | float():
            text = number(value, error)
            return f"+{text}" if column.form == "signed" and value > 0 else text
        case str():
            return value
        case Mapping():
            return ", ".join(map(str, value.values()))
        case list() | tuple():
            return "; ".join(map(str, value))
    if is_record(type(value)):
        return "; ".join(text for f in fields_of(type(value)) if (text := cell(value, f)))
    return str(value)


def _per_cent(value: float | None, error: float | None) -> str:
    if value is None or not math.isfinite(value):
        return NONE
    return f"{number(100 * value, None if error is None else 100 * error)} %"


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
