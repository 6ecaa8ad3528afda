"""A panel as tables, labels down and dates across, tinted by how much was learnt of each cell."""

from __future__ import annotations

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from estimates.errors import Fault, InputError
from estimates.inference.panel_table import UNTOLD_NOTE, Cell, Table, tables_of
from estimates.inference.summary import summary
from estimates.language.phrases import capitalised, counted
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Array, Panel, Strip
from estimates.plots.parts.style import BLUE, GREY, INK, MARGIN, SMALL, WIDTH
from estimates.plots.parts.text import Line, width_of

_ROW, _HEAD = 0.3, 0.2  # inches
_INCHES = WIDTH - 2 * MARGIN  # of a table
_DEEPEST = 0.6  # how strong the tint is where all is learnt
_NAMES, _MOST, _BESIDE = 0.16, 0.4, 0.08  # of the width, for the labels down; inches beside them


def panel_table(fit: xr.DataTree | Findings, *, ax: Axes | None = None) -> Figure:
    """Draw each target over dimensions as a table, tinted by how much was learnt of each cell.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    ax : draw into these axes, where one target is over dimensions

    Raises
    ------
    InputError : where no target is over dimensions
    """
    findings = Findings.of(fit)
    tables = tables_of(summary(findings.fit), findings.model, targets=True)
    if not tables:
        raise InputError([Fault("no target of this model is over dimensions: there is no table")])
    untold = any(not cell.informed for table in tables for cell in table.every)
    notes = [
        "Median, and below it the 90 % interval. The darker, the more the claims tell: the tint is "
        "by which part the interval is narrower than beforehand.",
        *([UNTOLD_NOTE] if untold else []),
    ]
    title = f"{findings.model.title or findings.model.slug}: what is known of each cell"
    return Page(title, _seen(tables), [_panel(table) for table in tables], notes).draw(ax)


def _seen(tables: list[Table]) -> str:
    cells = [cell for table in tables for cell in table.every]
    untold = sum(not cell.informed for cell in cells)
    if not untold:
        return f"Claims tell of each of the {len(cells)} cells."
    how = "is known from its prior" if untold == 1 else "are known from their priors"
    return f"{untold} of {counted(len(cells), 'cell')} {how} alone."


def _panel(table: Table) -> Panel:
    label = capitalised(table.label)
    head = f"{label} ({table.unit})" if table.unit else label
    height = _HEAD + _ROW * len(table.down)

    def draw(ax: Axes, _: Array) -> None:
        _draw(ax, table)

    return Panel.plain(Strip(draw), height, [Line(head, bold=True)])


def _draw(ax: Axes, table: Table) -> None:
    """Draw into axes in inches from the top, their width from 0 to 1."""
    ax.set_xlim(0, 1)
    ax.set_axis_off()
    names = _names(table)
    width = (1 - names) / max(len(table.across), 1)
    for place, label in enumerate(table.across):
        middle = names + (place + 0.5) * width
        ax.text(middle, _HEAD / 2, label, ha="center", va="center", color=GREY, size=SMALL)
    for row, (label, cells) in enumerate(zip(table.down, table.cells, strict=True)):
        top = _HEAD + row * _ROW
        shown = "".join(one.text for one in Line(label).wrapped(names * _INCHES - _BESIDE, 1))
        ax.text(0, top + _ROW / 2, shown, ha="left", va="center", color=INK, size=SMALL)
        for place, cell in enumerate(cells):
            _cell(ax, cell, names + place * width, top, width)


def _names(table: Table) -> float:
    """Return which part of the width the labels down take."""
    widest = width_of(Line(label) for label in table.down) + _BESIDE
    return min(max(widest / _INCHES, _NAMES), _MOST)


def _cell(ax: Axes, cell: Cell, left: float, top: float, width: float) -> None:
    learnt = min(max(cell.learnt or 0.0, 0.0), 1.0)
    tint = Rectangle((left, top), width, _ROW, facecolor=BLUE, alpha=_DEEPEST * learnt)
    edge = Rectangle((left, top), width, _ROW, fill=False, edgecolor="white", linewidth=1.5)
    ax.add_patch(tint)
    ax.add_patch(edge)
    middle = left + width / 2
    ax.text(middle, top + 0.33 * _ROW, cell.marked, ha="center", va="center", size=SMALL,
            color=INK, weight="bold" if cell.informed else "normal")  # fmt: skip
    ax.text(middle, top + 0.73 * _ROW, cell.span, ha="center", va="center", size=SMALL - 1.5,
            color=INK if cell.informed else GREY)  # fmt: skip
