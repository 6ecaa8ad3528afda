"""Records as rows of cells: the one way in which a table of them is written, wherever it stands."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol, runtime_checkable

from estimates._util.format import (
    NONE,
    Interval,
    MedianErrs,
    brief,
    median_and_interval,
    number,
    p_value,
    probability,
    span,
    stated,
    telling,
)
from estimates._util.html import line, table
from estimates._util.records import Column, Documented, Field, columns_of, is_record
from estimates.language.phrases import called, in_words, option_words, question_of, spoken

_OF_ANSWER = "answer."
_MOST_ROWS = 40  # of a table in a notebook
_INTERVAL = {"q05", "median", "q95"}


@dataclass(frozen=True)
class Grid:
    """A table as text.

    Attributes
    ----------
    heads : of the columns
    rows : as many cells each
    numeric : which columns hold numbers, and are set to the right
    unit : of all numbers that have one, in words; "" where they have none or stand beside it
    sums : whether the last row is about all readings together
    """

    heads: list[str]
    rows: list[list[str]]
    numeric: list[bool]
    unit: str = ""
    sums: bool = False


@dataclass(frozen=True)
class _Leaf:
    """A column: the way from a row to its record, the name there, and what it is.

    Attributes
    ----------
    entry : the key of a mapping each of whose entries has a column
    """

    way: tuple[str, ...]
    name: str
    label: str
    column: Column
    entry: str | None = None

    def holder(self, row: Any) -> Any:
        """Return the record in which the value stands."""
        for step in self.way:
            row = row.get(step) if isinstance(row, Mapping) else getattr(row, step, None)
        return row

    def value(self, row: Any) -> Any:
        """Return the value in a row; None where the row has nothing of the kind."""
        found = getattr(self.holder(row), self.name, None)
        return found if self.entry is None else (found or {}).get(self.entry)


@runtime_checkable
class Naming(Protocol):
    """What knows how the things of an answer are called."""

    def named(self, name: str) -> str: ...
    def chosen(self, name: str, option: str | None) -> str: ...
    def part(self, component: str, name: str) -> str: ...


type Answered = Naming | Documented | None


class _Plain:
    """Calls things by the labels in force, where there is no answer that knows better."""

    def named(self, name: str) -> str:
        return called(name)

    def chosen(self, name: str, option: str | None) -> str:
        return called(name) if option is None else f"“{option_words(option)}”"

    def part(self, component: str, name: str) -> str:
        return name


def grid(rows: Sequence[Any], answer: Answered = None, *, first: bool = False) -> Grid:
    """Return records as a table.

    A Monte Carlo error has no column of its own: it decides how many digits its value has.  A
    column in which nothing stands is left out.  Where all numbers have one unit, it is the table's;
    else a column of units stands before the first of them.

    Parameters
    ----------
    answer : what the rows are part of: it may have their unit, and names quantities
    first : only the columns that are shown at once
    """
    leaves = list(_leaves(rows, first))
    columns = [[_cell(leaf, row, answer) for row in rows] for leaf in leaves]
    for leaf, cells in zip(leaves, columns, strict=True):
        if leaf.column.once:
            cells[1:] = ["" if cell == above else cell for above, cell in pairwise(cells)]
    kept = [i for i, cells in enumerate(columns) if any(text not in ("", NONE) for text in cells)]
    leaves, columns = [leaves[i] for i in kept], [columns[i] for i in kept]
    heads = [_head(leaf, answer) for leaf in leaves]
    numeric = [all(map(_is_number, (leaf.value(row) for row in rows))) for leaf in leaves]
    units = [[_unit(leaf, row, answer) for row in rows] for leaf in leaves]
    of_rows = [i for i, leaf in enumerate(leaves) if not leaf.column.unit.startswith(_OF_ANSWER)]
    found = {unit for of in units for unit in of} - {"", "share"}
    if len(found) > 1 and any(units[i][0] for i in of_rows):
        place = next(i for i in of_rows if any(units[i]))
        heads.insert(place, "unit")
        beside = [unit if unit != "share" else "" for unit in units[place]]
        columns.insert(place, list(map(in_words, beside)))
        numeric.insert(place, False)
        found -= set(beside)
    unit = in_words(found.pop()) if len(found) == 1 else ""
    sums = len(rows) > 1 and leaves[0].column.form == "reading" and not leaves[0].value(rows[-1])
    return Grid(heads, [list(row) for row in zip(*columns, strict=True)], numeric, unit, sums)


def notebook(
    rows: Sequence[Any], answer: Answered = None, title: str = "", *, first: bool = False
) -> str:
    """Return records as a table for a notebook; "" without any.  Parameters as of `grid`."""
    if not rows:
        return ""
    shown = grid(rows[:_MOST_ROWS], answer, first=first)
    unit = f" ({shown.unit})" if shown.unit and shown.unit != "%" else ""
    markup = table(shown.heads, shown.rows, f"{title}{unit}" if title else "", shown.numeric)
    left = len(rows) - _MOST_ROWS
    return markup + (line(f"and {left:,} more: `.tables` has them all") if left > 0 else "")


def _leaves(rows: Sequence[Any], first: bool, way: tuple[str, ...] = ()) -> Iterator[_Leaf]:
    """Yield the columns of records of several classes, and of records within them."""
    kinds = dict.fromkeys(type(row) for row in rows if row is not None)
    fields = {field.name: field for kind in kinds for field in columns_of(kind)}
    columns = [field.column for field in fields.values()]
    beside = {"unit", *(name for one in columns for name in (one.error, one.unit, one.to))}
    shown = [f for f in fields.values() if f.name not in beside or f.column.first]
    placed = sorted((f for f in shown if f.column.first > 0), key=lambda f: f.column.first)
    rest = [] if first and placed else [f for f in shown if not f.column.first]
    for field in (*placed, *rest):
        yield from _of_field(field, [getattr(row, field.name, None) for row in rows], way)


def _of_field(field: Field, values: Sequence[Any], way: tuple[str, ...]) -> Iterator[_Leaf]:
    label = field.column.label or spoken(field.name)
    inner = next((one for one in values if one is not None), None)
    if is_record(type(inner)) and not _is_interval(inner):
        for leaf in _leaves(values, False, (*way, field.name)):
            yield _Leaf(leaf.way, leaf.name, f"{label}: {leaf.label}", leaf.column, leaf.entry)
    elif isinstance(inner, Mapping) and field.column.form not in ("", *_WORDS):
        for key in dict.fromkeys(key for value in values for key in value or ()):
            yield _Leaf(way, field.name, label, field.column, key)
    elif isinstance(inner, Mapping) and any(map(is_record, map(type, inner.values()))):
        for key in dict.fromkeys(key for value in values for key in value or ()):
            here = [(value or {}).get(key) for value in values]
            for leaf in _leaves(here, False, (*way, field.name, key)):
                yield _Leaf(leaf.way, leaf.name, f"{key}: {leaf.label}", leaf.column, leaf.entry)
    elif not _holds_records(inner):
        yield _Leaf(way, field.name, label, field.column)


def _head(leaf: _Leaf, answer: Answered) -> str:
    label, unit = leaf.label, leaf.column.unit
    if leaf.entry is not None:
        name = _naming(answer).named(leaf.entry)
        label = label.format(name) if "{}" in label else f"{label} {name}"
    return f"{label}, {unit[1:-1]}" if unit.startswith("[") else label


def _naming(answer: Answered) -> Naming:
    return answer if isinstance(answer, Naming) else _Plain()


def _unit(leaf: _Leaf, row: Any, answer: Answered) -> str:
    source = leaf.column.unit
    if source.startswith(_OF_ANSWER):
        return getattr(answer, source.removeprefix(_OF_ANSWER), "")
    return "" if source.startswith("[") else getattr(leaf.holder(row), source, "") if source else ""


def _cell(leaf: _Leaf, row: Any, answer: Answered) -> str:
    """Return the text of a row's cell, written as its column says."""
    holder, value, column = leaf.holder(row), leaf.value(row), leaf.column
    if column.form in _WORDS:
        return _WORDS[column.form](value, _naming(answer))
    error = getattr(holder, column.error, None) if column.error else None
    if leaf.entry is not None and isinstance(value, tuple):
        value, error = value
    share = column.form == "share" or _unit(leaf, row, answer) == "share"
    if column.form == "interval":
        return _percent(median_and_interval(holder, 100.0 if share else 1.0)[1], share)
    alone = not column.to or value == getattr(holder, column.to)
    if column.error == "mcse_median" and alone and isinstance(holder, Interval):
        return _percent(median_and_interval(holder, 100.0 if share else 1.0)[0], share)
    if column.to:
        return _span(value, getattr(holder, column.to), error, share)
    if _is_interval(value):
        middle, interval = median_and_interval(value, 100.0 if share else 1.0)
        return NONE if middle == NONE else _percent(f"{middle} ({interval})", share)
    if isinstance(value, tuple) and column.form == "probability":
        return " to ".join(dict.fromkeys(map(probability, value)))
    if isinstance(value, float) or (share and isinstance(value, int)):
        return _number(value, error, column, share)
    return _text(value)


def _name(value: str | Sequence[str | None] | None, answer: Naming) -> str:
    parts = (value,) if isinstance(value, str) else value or ()
    return ": ".join(answer.named(part) for part in parts if part)


def _names(value: str | Sequence[str] | None, answer: Naming) -> str:
    parts = value.split(", ") if isinstance(value, str) else value or ()
    return "; ".join(answer.named(part) for part in parts if part)


def _weights(value: Mapping[str, Mapping[str, float]] | None) -> str:
    each = [one for options in (value or {}).values() for one in options.items()]
    return ", ".join(f"{option_words(option)} {probability(weight)}" for option, weight in each)


def _under(value: str | None) -> str:
    """Return the options of a condition on readings: of `wage = net or gross, gap = level`."""
    parts = (part.rpartition(" = ")[2] for part in (value or "").split(", "))
    return ", ".join(option_words("|".join(part.split(" or "))) for part in parts if part)


#: How what a column names is called, by its form.
_WORDS: Mapping[str, Callable[[Any, Naming], str]] = {
    "name": _name,
    "names": _names,
    "part": lambda value, answer: answer.part(*value),
    "choice": lambda value, answer: answer.chosen(*value),
    "choices": lambda value, answer: "; ".join(answer.chosen(*one) for one in value.items()),
    "weights": lambda value, answer: _weights(value),
    "under": lambda value, answer: _under(value),
    "edges": lambda value, answer: "; ".join(
        f"{answer.named(edge)}: {_under(words)}" for edge, words in (value or {}).items() if words
    ),
    "reading": lambda value, answer: reading(value),
    "option": lambda value, answer: option_words(value or ""),
    "phrase": lambda value, answer: question_of(value or ""),
}


def _number(value: float, error: float | None, column: Column, share: bool) -> str:
    if not math.isfinite(value):
        return NONE
    match column.form:
        case "probability":
            return probability(value)
        case "stated":
            return _percent(stated(100 * value if share else value), share)
        case "p":
            return p_value(value) if not error or value < 1e-3 else number(value, error, 2)
        case "factor":
            return f"×{number(value, error)}"
        case "sds":
            return number(value, error or 0.1)
    if share:
        return _percent(number(100 * value, None if error is None else 100 * error), True)
    # What has no Monte Carlo error, where others have one, was not drawn: as it was written.
    text = brief(value) if error is None and column.error else number(value, error)
    return f"+{text}" if column.form == "signed" and value > 0 else text


def _span(low: float | None, high: float | None, error: float | None, share: bool) -> str:
    if low is None and high is None:
        return ""
    factor, error = (100.0, 100 * error if error else None) if share else (1.0, error)
    digits = telling(low, high)
    ends = ["" if end is None else number(factor * end, error, digits) for end in (low, high)]
    if "" in ends:
        return _percent(f"at least {ends[0]}" if ends[0] else f"at most {ends[1]}", share)
    return _percent(ends[0] if ends[0] == ends[1] else span(*ends), share)


def _percent(text: str, share: bool) -> str:
    return f"{text} %" if share and text not in (NONE, "fixed") else text


def reading(value: Mapping[str, str] | None) -> str:
    """Return the options of a reading; None means all readings together."""
    if value is None:
        return "all, by weight"
    return ", ".join(map(option_words, value.values())) or "the answer"


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return number(value)
        case str():
            return value
        case Mapping():
            return ", ".join(f"{spoken(str(key))} {_text(one)}" for key, one in value.items())
        case list() | tuple():
            return "; ".join(map(_text, value))
    return str(value)


def _is_interval(value: Any) -> bool:
    """Return whether a record is a median between the ends of an interval, and nothing else."""
    if not isinstance(value, MedianErrs) and not is_record(type(value)):
        return False
    fields = columns_of(type(value))
    errors = {field.column.error for field in fields}
    names = {field.name for field in fields} - errors
    return {name for name in names if not name.startswith("mcse_")} == _INTERVAL


def _holds_records(value: Any) -> bool:
    return isinstance(value, list | tuple) and any(is_record(type(one)) for one in value)


def _is_number(value: Any) -> bool:
    number = isinstance(value, float | int) and not isinstance(value, bool)
    return value is None or number or _is_interval(value)
