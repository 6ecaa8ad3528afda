"""How tables and sentences look, here and everywhere on the command line.

A table fits its width: 80 columns, or the terminal's. Where the names of readings would not fit
in a column of their own, all axes but the last become a line above the rows that share them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from rich.cells import cell_len
from rich.text import Text

WIDTH = 80
_GAP = _INDENT = "  "
_READABLE = 24  # columns in which a long name is wrapped; in fewer it has a line of its own
_LEAST = 12  # columns that a column of words keeps, however narrow the terminal

type Reading = Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: what it is about, its figures, and whether a rule stands above it.

    Attributes
    ----------
    name : the first column
    cells : the other columns
    group, short : where the table is too wide, `short` stands in the first column, under a line
        with the `group`
    rule : a rule above
    """

    name: str
    cells: Sequence[str]
    group: str = ""
    short: str = ""
    rule: bool = False


def table(title: str, heads: Sequence[str], rows: Sequence[Row], *, width: int = WIDTH) -> Text:
    """Rows under their heads, the first column to the left, the others to the right.

    A column whose head ends in a space (a unit, a verdict) is set to the left too.
    """
    first, rest = heads[0], heads[1:]
    widths = [
        max(cell_len(head.rstrip()), *(cell_len(row.cells[i]) for row in rows))
        for i, head in enumerate(rest)
    ]
    natural = max(cell_len(first), *(cell_len(row.name) for row in rows))
    room = width - sum(widths) - len(_GAP) * len(widths)
    grouped = natural > room and any(row.group for row in rows)
    gap = _GAP
    if grouped:
        natural = max(cell_len(_INDENT + row.short if row.group else row.name) for row in rows)
        if natural > room:
            gap = " "
            room = width - sum(widths) - len(widths)
    names = min(natural, max(room, _LEAST))

    def line(name: str, cells: Sequence[str]) -> list[str]:
        text = ""
        for cell, size, head in zip(cells, widths, rest, strict=True):
            blank = " " * (size - cell_len(cell))
            text += gap + (cell + blank if head.endswith(" ") else blank + cell)
        if cell_len(name) <= names:
            return [name + " " * (names - cell_len(name)) + text]
        within = textwrap.wrap(
            name, names, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False
        )
        if names >= _READABLE and all(cell_len(piece) <= names for piece in within):
            *above, last = within
            return [*above, last + " " * (names - cell_len(last)) + text]
        return [*textwrap.wrap(name, width), " " * names + text]

    rule = "─" * min(width, names + sum(widths) + len(gap) * len(widths))
    lines = [*line(first, [head.rstrip() for head in rest]), rule]
    above = ""
    for row in rows:
        if row.rule:
            lines.append(rule)
        if grouped and row.group:
            if row.group != above:
                lines += textwrap.wrap(row.group, width)
            above = row.group
            lines += line(_INDENT + row.short, row.cells)
        else:
            lines += line(row.name, row.cells)

    made = Text("\n")
    if title:
        made.append("\n".join(textwrap.wrap(title, width)) + "\n\n", style="bold")
    return made.append("\n".join(text.rstrip() for text in lines))


def paragraph(text: str, *, width: int = WIDTH, indent: int = 0, style: str = "") -> Text:
    """Words on as many lines as they need, each indented."""
    blank = " " * indent
    lines = textwrap.wrap(
        text, width, initial_indent=blank, subsequent_indent=blank, break_on_hyphens=False
    )
    return Text("\n".join(lines), style=style)


class OfReading(Protocol):
    """A row about a reading, or about all of them."""

    @property
    def reading(self) -> Reading: ...


def axes(rows: Sequence[OfReading | Mapping[str, Any]]) -> str:
    """The head of a column of readings: `wage, revenue, scope`."""
    # A mapping goes with the last caller whose rows are no records.
    readings = (row["reading"] if isinstance(row, Mapping) else row.reading for row in rows)
    return next((", ".join(reading) for reading in readings if reading), "")


def label(reading: Reading) -> str:
    """`gross, share, china`; the mixture of all readings has the reading None."""
    if reading is None:
        return "all, by weight"
    return ", ".join(reading.values()) or "the answer"


def reading_row(reading: Reading, cells: Sequence[str]) -> Row:
    """A row of a table of readings, under a rule where it is the mixture of all."""
    if not reading:
        return Row(label(reading), cells, rule=reading is None)
    *outer, last = reading.values()
    return Row(label(reading), cells, group=", ".join(outer), short=last)
