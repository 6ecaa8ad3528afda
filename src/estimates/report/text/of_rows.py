"""An answer as text, from what its rows say of themselves."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from estimates._util.cells import Grid, grid
from estimates._util.records import fields_of, row_type
from estimates.analysis.result import Result
from estimates.report.text.tables import WIDTH, Row, paragraph, table

_NAMES = 16  # columns that the first one keeps

type Report = Callable[[Any, int], Iterator[Text]]


def report_of(name: str) -> Report:
    """The text of an analysis: its own (`report/text/NAME.py`), else that of its rows."""
    module = f"estimates.report.text.{name}"
    if importlib.util.find_spec(module) is None:
        return report
    found: Report = importlib.import_module(module).report
    return found


def report(found: Result, width: int = WIDTH) -> Iterator[Text]:
    """The sentence, then a table for each list of rows."""
    yield Text()
    yield paragraph(found.sentence, width=width, style="bold")
    for field in fields_of(found.__class__):
        rows = getattr(found, field.name)
        if row_type(field.type) is None or not rows:
            continue
        shown = grid(rows)
        # A head that ends in a space is set to the left, as its column is.
        heads = [h if n else f"{h} " for h, n in zip(shown.heads, shown.numeric, strict=True)]
        kept = _that_fit(shown, width)
        lines = [Row(row[0], row[1:kept]) for row in shown.rows]
        title = field.column.label or field.name.replace("_", " ")
        yield table(title[:1].upper() + title[1:], heads[:kept], lines, width=width)
        if kept < len(heads):
            left = ", ".join(head.strip() for head in heads[kept:])
            yield paragraph(f"(too wide for: {left}; see --json)", width=width, style="dim")


def _that_fit(shown: Grid, width: int) -> int:
    """How many columns, the first of them wrapped if need be, fit into a width."""
    room, kept = width - _NAMES, 1
    for i, head in enumerate(shown.heads[1:], start=1):
        room -= max(map(cell_len, (head, *(row[i] for row in shown.rows)))) + 2
        if room < 0:
            break
        kept = i + 1
    return kept
