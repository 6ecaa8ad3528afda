"""Tables of a panel on a screen: the median, and below it the 90 % interval."""

from __future__ import annotations

from estimates.inference.panel_table import Table, tables_of
from estimates.inference.result import Summary
from estimates.language.cells import Grid
from estimates.model import Model
from estimates.report.text.screen import Sheet

_MOST_IN_PAIRS = 5  # rows that have their intervals on a line of their own at once


def sheets_of(found: Summary, model: Model) -> list[Sheet]:
    """Return a table for each target of a panel, then for every other quantity over dimensions."""
    return [_sheet(table) for table in tables_of(found, model)]


def _sheet(table: Table) -> Sheet:
    whole = _grid(table, apart=True)
    brief = whole if len(table.down) <= _MOST_IN_PAIRS else _grid(table, apart=False)
    # Other tables have the sign at each number, and no unit of it in their titles.
    title = f"{table.label} (%)" if table.unit == "%" else table.label
    return Sheet(title, table=whole, brief=brief)


def _grid(table: Table, *, apart: bool) -> Grid:
    """Return the cells as text; `apart` sets intervals below their medians."""
    rows: list[list[str]] = []
    for label, cells in zip(table.down, table.cells, strict=True):
        if apart:
            rows.append([label, *(cell.marked for cell in cells)])
            rows.append(["", *(cell.span for cell in cells)])
        else:
            rows.append([label, *(cell.line for cell in cells)])
    return Grid([table.head, *table.across], rows, [False, *[True] * len(table.across)], table.unit)
