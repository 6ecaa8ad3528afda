"""Every answer as what is printed of it: its finding, its tables, its state and its notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from estimates._util.records import Column, fields_of, row_type
from estimates.analysis.result import Result
from estimates.language.phrases import capitalised, counted, joined, spoken
from estimates.report.text.notes import notes_of
from estimates.report.text.screen import Answer, Sheet

if TYPE_CHECKING:
    from estimates.model import Model


_NAMED = 3  # held-out figures that are told by name
_LAST = 99  # of tables that do not lead


def of_result(found: Result, state: str = "") -> Answer:
    """Return the screen of an analysis, with every list of rows as a table."""
    return Answer(
        finding=found.sentence,
        sheets=[
            Sheet(title(column, name), rows, found, at_once=found.at_once(rows))
            for column, name, rows in _tables(found)
        ],
        state=state,
        alarms=found.failed,
        notes=notes_of(found),
    )


def _tables(found: Result) -> Iterator[tuple[Column, str, tuple[object, ...]]]:
    """Yield the tables, the leading one first, without those that are only drawn."""
    fields = [
        field
        for field in fields_of(type(found))
        if row_type(field.type) and getattr(found, field.name) and field.column.first >= 0
    ]
    for field in sorted(fields, key=lambda field: field.column.lead or _LAST):
        yield field.column, field.name, found.in_order(getattr(found, field.name))


def title(column: Column, name: str) -> str:
    """Return the title of a table."""
    return column.label or capitalised(spoken(name))


def state(model: Model, converged: bool) -> str:
    """Return what was held out, and whether the draws may be used."""
    held = [use.id for use in model.uses if use.held_out]
    return f"{held_out(held)} {'Converged.' if converged else 'Not converged.'}"


def held_out(figures: Sequence[str]) -> str:
    """Return which figures were held out, in a line: of many, how many."""
    if not figures:
        return "Nothing is held out."
    if len(figures) > _NAMED:
        return f"Held out: {counted(len(figures), 'cited figure')}."
    return f"Held out: {joined(figures)}."
