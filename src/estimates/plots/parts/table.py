"""The columns that say which reading a row is, and what it weighs."""

from __future__ import annotations

from collections.abc import Sequence

from estimates._util.format import probability
from estimates.language.phrases import spoken
from estimates.plots.parts.panel import Column
from estimates.plots.parts.rows import Row, Rows
from estimates.plots.parts.text import Line, Text, width_of

_OPTION, _JOINED = 0.92, 2.05  # inches, the widest that an option, and all of them, are set
_GAP = 0.14
#: A weight that moving the priors changes by more than this is set by the prior (docs/method.md).
_MOVES = 0.10
TOGETHER: Sequence[Text] = ([Line("all, by weight", bold=True)],)


def moves(row: Row) -> bool:
    """Return whether the weight is set by the prior rather than by the evidence."""
    return max(row.high - row.weight, row.weight - row.low) > _MOVES


def reading_columns(rows: Rows) -> tuple[list[Column], list[Sequence[Text]]]:
    """Return the columns of the readings, and the cells of each row.

    A column for each reading; where these would take too much room, all in one.
    """
    columns = [Column(spoken(axis), widest=_OPTION, most=4) for axis in rows.axes]
    cells: list[Sequence[Text]] = [
        [[Line(row.label[axis])] for axis in rows.axes] for row in rows.rows
    ]
    widths = [
        width_of(line for row in rows.rows for line in Line(row.label[axis]).wrapped(_OPTION))
        for axis in rows.axes
    ]
    if sum(widths) + _GAP * len(widths) > _JOINED + 0.2:
        columns = [Column(", ".join(map(spoken, rows.axes)), widest=_JOINED, most=4)]
        cells = [[[Line(row.text)]] for row in rows.rows]
    return columns, cells


def weight_column(rows: Rows) -> list[Column]:
    """Return the column of weights; None where there is one reading."""
    return [Column("weight", right=True)] if rows.axes else []


def weight_cell(rows: Rows, row: Row) -> list[Text]:
    """Return a weight, and if the prior sets it a second line on how far it can move."""
    if not rows.axes:
        return []
    words = [Line(probability(row.weight))] if len(row.members) < len(rows.rows) else []
    if moves(row):
        words.append(Line(f"{row.low:.2f}–{row.high:.2f}"))
    return [words]
