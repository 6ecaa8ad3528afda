"""Decimal commas: whether a table has them, and its numbers with points."""

from __future__ import annotations

import re
from collections.abc import Mapping

from estimates.errors import Faults
from estimates.model.reader.yaml_nodes import Text, place_of
from estimates.model.tables.table import Table

#: What a cell of numbers can be.
NUMBERS = (
    *("estimate", "low", "high", "coverage", "se", "variance", "r", "n"),
    *("r1", "n1", "rest1", "r2", "n2", "rest2"),
)
_SIGN = r"[-+−]?"
_COMMA = re.compile(rf"{_SIGN}(\d{{1,3}}(?:[.\s\u00a0]\d{{3}})+|\d*),\d+(?:[eE][-+]?\d+)?\s?%?")
_POINT = re.compile(rf"{_SIGN}\d*\.\d+(?:[eE][-+]?\d+)?\s?%?")
_EITHER = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:,\d{{3}})+")
_WHOLE = re.compile(rf"{_SIGN}\d{{1,3}}(?:\.\d{{3}})+")


def decimal_of(table: Table, columns: Mapping[str, int], told: str, faults: Faults) -> str:
    """Return the decimal sign of a table: as told, else a comma where its numbers show one.

    A comma is the decimal sign only where semicolons or tabs part the cells, as programs write
    tables whose numbers have commas. What may be either is refused between semicolons.
    """
    if told:
        if told not in (",", "."):
            faults.add(f"a decimal sign is a comma or a point, not '{told[:40]}'")
        return told
    if table.sign not in (";", "\t"):
        return "."
    cells = [row[at] for row in table.rows for name, at in columns.items() if name in NUMBERS]
    if any(_POINT.fullmatch(one.value) and not _WHOLE.fullmatch(one.value) for one in cells):
        return "."
    shown = [one for one in cells if _COMMA.fullmatch(one.value)]
    if any(not _EITHER.fullmatch(one.value) for one in shown):
        return ","
    if shown and table.sign == ";":
        point = shown[0].value.replace(",", ".")
        faults.add(
            f"'{shown[0].value}' may be {point} or {shown[0].value.replace(',', '')}: say by "
            "`ingest --decimal` whether the decimal sign is , or .",
            place_of(shown[0]),
        )
    return "."


def with_points(cells: Mapping[str, Text]) -> dict[str, Text]:
    """Return the cells of a row, numbers with decimal commas as numbers with points."""
    return {
        name: cell._replace(value=pointed(cell.value)) if name in NUMBERS else cell
        for name, cell in cells.items()
    }


def pointed(text: str) -> str:
    """Return a number that may have a decimal comma, and points between thousands, with a point."""
    if _WHOLE.fullmatch(text):
        return text.replace(".", "")
    if not _COMMA.fullmatch(text):
        return text
    whole, _, rest = text.partition(",")
    return f"{re.sub(r'[.\s]', '', whole)}.{rest}"
