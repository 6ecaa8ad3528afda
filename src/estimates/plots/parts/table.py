"""The rows of a figure as a table: which reading each is, in columns left of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from estimates._util.format import probability
from estimates.language.phrases import spoken
from estimates.plots.parts.rows import Row, Rows
from estimates.plots.parts.style import GREY, MARGIN, Sheet, text_width, wrap

_GAP = 0.14
_OPTION = 0.92  # inches, the widest an option is set
_WIDEST = 2.75
#: A weight that moving the priors changes by more than this is set by the prior (docs/method.md).
_MOVES = 0.10
TOGETHER = "all, by weight"


@dataclass(frozen=True)
class Column:
    """One column: its header, and the lines of each row."""

    header: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    right: bool = False

    @property
    def width(self) -> float:
        """In inches."""
        return max(
            text_width(line) for cell in (self.header, *self.cells) for line in cell or ("",)
        )


def moves(weight: float, low: float, high: float) -> bool:
    """Is a weight set by the prior rather than by the evidence?"""
    return max(high - weight, weight - low) > _MOVES


class ReadingTable:
    """The columns that say which reading each row is, and its weight."""

    def __init__(self, rows: Rows, weights: bool = True) -> None:
        self._columns = [_axis(rows, axis) for axis in rows.axes]
        if sum(c.width + _GAP for c in self._columns) > _WIDEST - 0.5:
            self._columns = [_joined(rows)]
        if weights and rows.axes:
            self._columns.append(_weights(rows.rows))
        self.width = sum(column.width + _GAP for column in self._columns)
        self.header_lines = max((len(c.header) for c in self._columns), default=0)

    def lines(self, number: int) -> int:
        """How many lines of text a row takes."""
        return max((len(column.cells[number]) for column in self._columns), default=1)

    def draw_header(self, sheet: Sheet, bottom: float) -> None:
        """The names of the columns, standing on a line."""
        for x, column in self._placed():
            sheet.text(x, bottom, "\n".join(column.header), va="bottom", color=GREY,
                       ha="right" if column.right else "left")  # fmt: skip

    def draw_row(self, sheet: Sheet, number: int, middle: float) -> None:
        """The cells of a row, about a line."""
        for x, column in self._placed():
            ha = "right" if column.right else "left"
            sheet.text(x, middle, "\n".join(column.cells[number]), va="center", ha=ha)

    def _placed(self) -> Sequence[tuple[float, Column]]:
        x, found = MARGIN, []
        for column in self._columns:
            found.append((x + column.width if column.right else x, column))
            x += column.width + _GAP
        return found


def _axis(rows: Rows, axis: str) -> Column:
    cells = tuple(tuple(wrap(row.label[axis], _OPTION)) for row in rows.rows)
    return Column(tuple(wrap(spoken(axis), _OPTION)), cells)


def _joined(rows: Rows) -> Column:
    """All options of a row in one cell, where their columns would take too much room."""
    cells = tuple(tuple(wrap(row.text, _WIDEST - 0.7)) for row in rows.rows)
    return Column(tuple(wrap(", ".join(map(spoken, rows.axes)), _WIDEST - 0.7)), cells)


def _weights(rows: Sequence[Row]) -> Column:
    """Each weight, and under one that is set by the prior how far that can move it."""
    cells = tuple(
        (
            probability(row.weight),
            *([f"{row.low:.2f}–{row.high:.2f}"] if moves(row.weight, row.low, row.high) else []),
        )
        for row in rows
    )
    return Column(("weight",), cells, right=True)
