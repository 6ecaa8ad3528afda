"""The tables of an export: rows of cells, made of what records say of themselves.

A row says its unit in a column: `unit` of what stands in the row, `target_unit` of what is about
the target (medians, shifts) in tables whose rows are about something else.

As CSV a spreadsheet can open them without running what a stranger wrote: it takes a cell that
begins with `=`, `+`, `-` or `@` for a formula, which may start programs or send the sheet's content
away. Such text gets an apostrophe in front, which spreadsheets read as "this is text" (OWASP, *CSV
Injection*), within a text too, after what some locales take for the end of a cell (`;`, tab, line
end). Numbers stay numbers, so that -5 is -5; a program that reads the file finds the apostrophe in
these few cells, and JSON has every text untouched.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, get_args

from estimates._util.format import QUANTILES, SIGNIFICANT, Interval, quantile_error
from estimates._util.records import Column, Field, fields_of, is_record, plain, row_type
from estimates.analysis.compare.result import Comparison, Ends, ManyReadings
from estimates.analysis.result import OfTarget, Result
from estimates.inference.result import Summary
from estimates.language.phrases import labelling, option_words
from estimates.model import Model
from estimates.model.account import Said, Taken
from estimates.model.describe import describe

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MIXTURE, ONLY = "mixture", "the only reading"
type Value = str | bool | int | float | None
type Row = Mapping[str, Cell]

#: A sign that begins a formula, full-width ones too, behind whatever a spreadsheet would not see.
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[\s\x00\u200b\ufeff]*[=+\-@＝＋－＠])")
_PLAIN = Column()
_RANGE = "_range"  # what ends so is a pair, and has a column for each end


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, its Monte Carlo error where it has one, what its column is, and digits to show."""

    value: Value
    error: float | None = None
    column: Column = _PLAIN
    digits: int = SIGNIFICANT


@dataclass(frozen=True)
class Table:
    """Rows under one heading.

    Attributes
    ----------
    name : of the file, without its ending
    title : what it shows, in a line
    rows : cells by column
    """

    name: str
    title: str
    rows: Sequence[Row]

    @property
    def columns(self) -> dict[str, Column]:
        """Every column of any row, in the order in which they first appear, and what it is."""
        return {name: cell.column for row in self.rows for name, cell in row.items()}


def cells(
    record: DataclassInstance,
    prefix: str = "",
    leave: Collection[str] = (),
    errors: DataclassInstance | None = None,
) -> dict[str, Cell]:
    """Return the cells of a record by column; columns of a record within it get a dotted name.

    Parameters
    ----------
    leave : fields that are left out
    errors : a record of the same fields that holds the errors of this one's
    """
    fields = fields_of(type(record))
    of_errors = {field.column.error for field in fields}
    found: dict[str, Cell] = {}
    for field in fields:
        value = getattr(record, field.name)
        if field.name in leave or (value is None and _left_out(field)):
            continue
        error = getattr(errors, field.name) if errors else _error(record, field)
        digits = 2 if field.name in of_errors else SIGNIFICANT
        for key, one, of_it in _entries(field, value, error):
            found |= _within(prefix + key, one, of_it, Cell(None, None, field.column, digits))
    return found


def _left_out(field: Field) -> bool:
    """Return whether a cell without a value stays out, as in a record with columns of its own."""
    return field.column.optional or any(map(is_record, get_args(field.type)))


def _error(record: DataclassInstance, field: Field) -> Any:
    """Return the error in a value's column, or that of a quantile by the spread."""
    error = getattr(record, field.column.error) if field.column.error and not field.apart else None
    if error is None and field.name in QUANTILES and isinstance(record, Interval):
        return quantile_error(record, field.name)
    return error


def _entries(field: Field, value: Any, error: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the columns of a field: the key, the value, and its error."""
    if field.apart:
        entries = dict(field.entries(value))
        for _, (key, *of_it) in field.apart:
            if key in entries:
                yield key, entries[key], entries[of_it[0]] if of_it else None
                yield from ((one, entries[one], None) for one in of_it)
    elif field.name == "reading" and not isinstance(value, str):
        yield field.key, label_of(value), None
    elif field.key.endswith(_RANGE):
        stem = field.key.removesuffix(_RANGE)
        yield from zip(
            (f"{stem}_low", f"{stem}_high"), value or (None, None), (None, None), strict=True
        )
    else:
        yield field.key, value, error


def _within(name: str, value: Any, error: Any, like: Cell) -> Iterator[tuple[str, Cell]]:
    """Yield a value as a cell like another, or as several if it is made of several."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _within(f"{name}.{key}", one, None, like)
    elif is_record(type(value)):
        joint = "_" if isinstance(value, Ends) else "."
        yield from cells(value, f"{name}{joint}", errors=error).items()
    elif isinstance(value, list | tuple):
        simple = all(isinstance(one, str | int | float) for one in value)
        text = (
            "; ".join(map(str, value)) if simple else json.dumps(plain(value), ensure_ascii=False)
        )
        yield name, replace(like, value=text)
    else:
        yield name, replace(like, value=value, error=error)


def said(**values: Value) -> dict[str, Cell]:
    """Return cells of plain values."""
    return {name: Cell(value) for name, value in values.items()}


def label_of(reading: Mapping[str, str] | None) -> str:
    """Return a reading as other tables call it: `gross, share`; None is the mixture."""
    return MIXTURE if reading is None else ", ".join(reading.values()) or ONLY


def _label(summary: Summary, options: Iterable[str]) -> dict[str, Cell]:
    """Return the label of a reading, where options of the model have some."""
    if not summary.option_labels:
        return {}
    with labelling(summary.option_labels):
        words = ", ".join(map(option_words, options))
    return {"label": Cell(words, column=Column("in the words of the model"))}


# The tables --------------------------------------------------------------------------------------


def fit_tables(summary: Summary) -> Iterator[Table]:
    """Yield the targets, all quantities, the readings and their options of a summary."""
    over_all = [(said(reading=MIXTURE) | _weight(1), summary.quantities)]
    by_reading = [
        (said(reading=one.text) | _weight(one.posterior), one.quantities)
        for one in summary.readings
    ]
    rows = [
        said(target=target) | under | cells(quantities[target])
        for target in summary.targets
        for under, quantities in (*over_all, *by_reading)
    ]
    yield Table("targets", "The targets, over all readings and under each", rows)
    rows = [said(quantity=name) | cells(of) for name, of in summary.quantities.items()]
    yield Table("quantities", "Every quantity, over all readings", rows)
    rows = [
        said(quantity=name) | under | cells(of)
        for under, quantities in by_reading
        for name, of in quantities.items()
    ]
    yield Table("quantities-by-reading", "Every quantity under each reading", rows)
    rows = [
        said(reading=one.text)
        | _label(summary, one.reading.values())
        | {f"axis.{axis}": Cell(option) for axis, option in one.reading.items()}
        | cells(one, leave=("quantities",))
        for one in summary.readings
    ]
    yield Table("readings", "The readings and their weights", rows)
    rows = [
        said(reading=name, option=option, update=axis.update)
        | _label(summary, [option])
        | cells(weight)
        for name, axis in summary.options.items()
        for option, weight in axis.options.items()
    ]
    yield Table("options", "The options of each reading and their weights", rows)
    rows = [
        said(reading=one.reading, claim=one.claim, option=option, probability=share)
        for one in summary.claims or ()
        for option, share in one.options.items()
    ]
    if rows:
        yield Table("claims-options", "What each claim with a reading of its own means", rows)


def _weight(value: float) -> dict[str, Cell]:
    return {"weight": Cell(value, column=Column("of the reading", form="probability"))}


def comparison_table(found: Comparison) -> Table:
    """Return the answer beside the cited figures as a table."""
    rows = [
        said(claim=row.claim, pool=found.pool)
        | cells(row)
        | (
            said()
            if isinstance(row, ManyReadings)
            else said(conflict_p_low=None, conflict_p_high=None)
        )
        for row in found.comparisons
    ]
    return Table("comparison", "The answer beside the cited figures", rows)


def ledger_tables(model: Model) -> Iterator[Table]:
    """Yield tables of every claim, as written and as the model takes it, and the sources."""
    account = describe(model)
    groups: Mapping[str, Sequence[Said]] = {
        "evidence": account.evidence,
        "held out": account.compare,
        "not used": account.unused,
    }
    rows = [_claim(one, use, model) for use, group in groups.items() for one in group]
    yield Table("claims", "The claims, and what they are taken to say", rows)
    yield Table("sources", "The sources", [cells(source) for source in account.sources])


def _claim(one: Said, use: str, model: Model) -> Row:
    claim = model.ledger.claims[one.claim]
    row = said(claim=one.claim, use=use) | cells(one, leave=("bound", "width_from"))
    row |= said(
        source_title=model.ledger.sources[one.source].title,
        basis=claim.basis,
        origin=claim.origin,
        disputes=claim.disputes,
    )
    taken = one if isinstance(one, Taken) else None
    bound = taken.bound if taken else None
    parts = taken.width_from.items() if taken else ()
    return row | said(
        bound=bound.side if bound else None,
        bound_at=bound.at if bound else None,
        width_from="; ".join(f"{part} {size:.6g}" for part, size in parts),
    )


def analysis_tables(name: str, found: Result) -> Iterator[Table]:
    """Yield the tables of an answer (see `Result.tables`), readings as in the fit's.

    Parameters
    ----------
    name : of the command
    """
    about = said()
    if isinstance(found, OfTarget):
        about = said(target=found.target, target_unit=found.unit)
    for field in fields_of(type(found)):
        rows = getattr(found, field.name)
        if row_type(field.type) is not None and rows:
            title = f"{name}: {field.key.replace('_', ' ')}"
            made = [cells(row) | about for row in rows]
            yield Table(f"{name}-{field.key}".replace("_", "-"), title, made)


# As CSV ------------------------------------------------------------------------------------------


def defused(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'", text)


def csv_text(table: Table) -> str:
    """Return a table as CSV: UTF-8 without a mark, texts quoted, numbers in full."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_STRINGS, lineterminator="\n")
    columns = table.columns
    writer.writerow(map(defused, columns))
    writer.writerows([_written(row.get(column)) for column in columns] for row in table.rows)
    return out.getvalue()


def _written(cell: Cell | None) -> Value:
    match None if cell is None else cell.value:
        case bool() as yes:
            return "true" if yes else "false"
        case str() as text:
            return defused(text) or None
        case float() as number if math.isnan(number):
            return None
        case value:
            return value
