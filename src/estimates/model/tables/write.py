"""A ledger as a table: with the columns of the table it was made of, or those of a ledger."""

from __future__ import annotations

import csv
import datetime
import io
import json
import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from estimates._util.files import write_bytes
from estimates.errors import Fault, Faults, InputError
from estimates.model.model import Model
from estimates.model.tables.again import Again, Grid, table_again
from estimates.model.tables.columns import MEANINGS
from estimates.model.tables.raw import Cell, marked, read_raw, text_of_cell
from estimates.model.tables.said import cells_of, use_of

# What a spreadsheet would run, but for figures that only begin with a sign.
_FORMULA = re.compile(r"[\s\x00\u200b\ufeff]*[=+\-@＝＋－＠]")
_FIGURE = re.compile(r"[-+][\d.,][\d.,e ]*(± ?[\d.,e ]+)*(\(\d[\d.]*% CI [-\d., to]+\))?[\w/% ]*")
_BOM = b"\xef\xbb\xbf"


def write_claims(
    model: Model,
    path: str | Path,
    root: str | Path = Path(),
    *,
    tell: Callable[[str], None] | None = None,
    allow_outside: bool = False,
) -> Path:
    """Write the claims of a model as a table that `ingest`, or `evidence:`, reads.

    A ledger that was made of a table comes back as that table, every column and cell of it; a row
    whose claim was edited since has the edited claim.

    Parameters
    ----------
    model : whose ledger is written, and what it takes each claim to be about
    path : a .csv, .tsv, .json, .parquet or (with openpyxl) .xlsx file, which is replaced
    root : the folder that holds `models/`; a table below it is read
    tell : called with a sentence for each row that is not as it was in the table
    allow_outside : read the table wherever it lies

    Returns
    -------
    The path.

    Raises
    ------
    InputError : for another kind of file, or a library that is missing

    See Also
    --------
    ingest : makes an estimate of a table

    Examples
    --------
    >>> import estimates as est, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> file = est.write_claims(est.load("scmp-2017"), folder / "claims.csv")
    >>> file.read_text(encoding="utf-8").partition("\\n")[0][:20]
    'id,source,speaker,qu'
    """
    path = Path(path)
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        message = f"claims are written as {', '.join(_WRITERS)}, not as '{path.name}'"
        raise InputError([Fault(message)])
    tell = tell or _tell_nobody
    again = _again(model, Path(root), tell, allow_outside)
    if again is None:
        write_bytes(path, writer(_of_ledger(model), b""))
        return path
    for change in again.changes:
        tell(change)
    same = Path(again.file).suffix.lower() == path.suffix.lower()
    copied = same and again.content
    before = Path(again.file).read_bytes() if same else b""
    write_bytes(path, again.content if copied else writer(again.grid, before))
    return path


def _tell_nobody(_: str) -> None:
    pass


def _again(
    model: Model, root: Path, tell: Callable[[str], None], allow_outside: bool
) -> Again | None:
    """Return the table of which the ledger was made; None, and why, where it is written anew."""
    made_of = model.ledger.made_of
    if not made_of:
        return None
    if len(made_of) > 1:
        tell("the claims are of several tables, and are written with the columns of a ledger")
        return None
    again = table_again(model, made_of[0], root, allow_outside)
    if isinstance(again, str):
        tell(f"{again}; the claims are written with the columns of a ledger")
        return None
    return again


def _of_ledger(model: Model) -> Grid:
    """Return the claims with the columns of a ledger, as far as any claim has them."""
    rows = [
        cells_of(model.ledger, claim) | dict(use_of(model, claim.id))
        for claim in model.ledger.said.values()
    ]
    columns = tuple(name for name in MEANINGS if any(name in row for row in rows))
    return Grid(columns, tuple(tuple(row.get(name) for name in columns) for row in rows))


def _plain(cell: Cell) -> str | int | float | None:
    """Return a cell as JSON and a spreadsheet hold it."""
    if isinstance(cell, float) and not math.isfinite(cell):
        return None
    return cell if isinstance(cell, str | int | float | None) else text_of_cell(cell)


def _json(grid: Grid, _: bytes) -> bytes:
    rows = [
        {
            name: _plain(cell)
            for name, cell in zip(grid.columns, row, strict=True)
            if cell is not None
        }
        for row in grid.rows
    ]
    return (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode()


def _parquet(grid: Grid, before: bytes) -> bytes:
    import pyarrow
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(pyarrow.BufferReader(before)) if before else []
    types = {field.name: field.type for field in schema}
    cells = {}
    for at, name in enumerate(grid.columns):
        column = [row[at] for row in grid.rows]
        texts = [None if cell is None else text_of_cell(cell) for cell in column]
        try:
            kind = None if any(cell is not None for cell in column) else "string"
            cells[name] = pyarrow.array(column, types.get(name, kind))
        except pyarrow.ArrowException:  # cells of several types
            cells[name] = pyarrow.array(texts, "string")
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(cells), out)
    return out.getvalue()


def _workbook(grid: Grid, _: bytes) -> bytes:
    try:
        from openpyxl import Workbook
    except ImportError:
        message = (
            "an Excel file is written by openpyxl, which is not installed: install it (pip install "
            "openpyxl), or write a .csv"
        )
        raise InputError([Fault(message)]) from None
    book = Workbook()
    for number, line in enumerate((grid.columns, *grid.rows), 1):
        for at, held in enumerate(line, 1):
            dated = isinstance(held, datetime.date) and getattr(held, "tzinfo", None) is None
            cell = book.active.cell(number, at, held if dated else _plain(held))
            if isinstance(held, str):
                cell.data_type = "s"  # a text, whatever it begins with: nothing is run
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _delimited(sign: str, grid: Grid, before: bytes) -> bytes:
    """Return a text with the signs, the quotes and the ends of line of what it was made of."""
    raw = (
        read_raw(before, "table.csv" if sign == "," else "table.tsv", Faults()) if before else None
    )
    first, _, _ = before.partition(b"\n")
    ends = "\r\n" if first.endswith(b"\r") else "\n"
    all_quoted = re.fullmatch(rb'"[^"]*"(.)"([^"]*"\1")*[^"]*"\r?', first.removeprefix(_BOM))
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=raw.sign if raw else sign,
        lineterminator=ends,
        quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL,
    )
    writer.writerow(grid.columns)
    writer.writerows([marked(text_of_cell(cell)) for cell in row] for row in grid.rows)
    return (_BOM if before.startswith(_BOM) else b"") + out.getvalue().encode()


_WRITERS: Mapping[str, Callable[[Grid, bytes], bytes]] = {
    ".csv": partial(_delimited, ","),
    ".tsv": partial(_delimited, "\t"),
    ".json": _json,
    ".parquet": _parquet,
    ".xlsx": _workbook,
}
