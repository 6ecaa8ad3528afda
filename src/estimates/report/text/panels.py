"""Tables of a panel on a screen: the median, and below it the 90 % interval."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len

from estimates.inference.panel_table import Table, tables_of
from estimates.inference.result import Summary
from estimates.language.cells import Grid
from estimates.language.phrases import capitalised
from estimates.model import Model
from estimates.report.text.screen import Sheet
from estimates.report.text.tables import WIDTH

_MOST_IN_PAIRS = 5  # rows that have their intervals on a line of their own at once


def sheets_of(found: Summary, model: Model) -> list[Sheet]:
    """Return a table for each target of a panel, then for every other quantity over dimensions."""
    return [_sheet(table) for table in tables_of(found, model)]


def _sheet(table: Table) -> Sheet:
    whole = _grid(table, apart=True)
    brief = _fitting(whole if len(table.down) <= _MOST_IN_PAIRS else _grid(table, apart=False))
    # Other tables have the sign at each number, and no unit of it in their titles.
    label = f"{capitalised(table.label)}, median and 90 % interval"
    title = f"{label} (%)" if table.unit == "%" else label
    return Sheet(title, table=whole, brief=brief)


def _fitting(grid: Grid) -> Grid:
    """Return as many columns as a screen holds, the first and the last among them."""
    cells = [max(map(cell_len, column)) for column in zip(grid.heads, *grid.rows, strict=True)]
    names, sizes = cells[0], cells[1:]
    fits = max((WIDTH - names) // (max(sizes, default=0) + 2), 2)
    if sum(sizes) + 2 * len(sizes) + names <= WIDTH or len(sizes) <= fits:
        return grid
    kept = [0, *(1 + round(i * (len(sizes) - 1) / (fits - 1)) for i in range(fits))]
    return replace(
        grid,
        heads=[grid.heads[i] for i in kept],
        rows=[[row[i] for i in kept] for row in grid.rows],
        numeric=[grid.numeric[i] for i in kept],
    )


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
