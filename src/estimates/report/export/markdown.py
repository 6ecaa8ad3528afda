"""Tables as Markdown, their numbers rounded to what the Monte Carlo errors support."""

from __future__ import annotations

import re
from collections.abc import Iterable

from estimates._util.format import NONE, number, probability
from estimates.report.export.frames import Cell, Table

_SIGNS = re.compile(r"([\\|*`\[\]~])")
_OUTER_SCORE = re.compile(r"(?<!\w)_|_(?!\w)")
_NOTHING = Cell(None)


def markdown_text(table: Table, source: str = "") -> str:
    """Return a table as GitHub-flavoured Markdown under its title, numbers to the right.

    Parameters
    ----------
    source : a line on where it comes from, put below
    """
    columns = table.columns
    rows = [[row.get(column, _NOTHING) for column in columns] for row in table.rows]
    numeric = [all(map(_is_number, column)) for column in zip(*rows, strict=True)]
    lines = [
        f"# {escaped(table.title)}",
        "",
        _line(map(escaped, columns)),
        _line("---:" if right else "---" for right in numeric),
        *(_line(map(shown, row)) for row in rows),
    ]
    if source:
        lines += ["", escaped(source)]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return text that stays text and in its cell: no markup, no HTML, no line ends."""
    text = " ".join(text.split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _OUTER_SCORE.sub(r"\\_", _SIGNS.sub(r"\\\1", text))


def shown(cell: Cell) -> str:
    """Return a cell as text: a number with digits down to the first of its error, at most three."""
    match cell.value:
        case None:
            return NONE
        case bool() as yes:
            return "yes" if yes else "no"
        case int() as count:
            return f"{count:,}"
        case str() as text:
            return escaped(text)
        case value if cell.error is None and cell.column.form == "probability":
            return probability(value)
        case value:
            return number(value, cell.error, cell.digits)


def _is_number(cell: Cell) -> bool:
    return cell.value is None or (
        isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    )


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
