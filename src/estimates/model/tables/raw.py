"""Foreign files as rows of cells with their types: CSV, TSV, JSON, XLSX, Parquet."""

from __future__ import annotations

import csv
import datetime
import io
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from estimates.errors import Faults, Place
from estimates.model.reader.texts import decoded

MOST_ROWS = 200_000
_MOST_COLUMNS = 1_000
_MOST_BYTES = 256 * 2**20  # of a compressed table, once it is unpacked
_DELIMITERS = ",;\t|"
# What a spreadsheet would run, but for figures that only begin with a sign.
_FORMULA = re.compile(r"[\s\x00\u200b\ufeff]*[=+\-@＝＋－＠]")
_FIGURE = re.compile(r"[-+][\d.,][\d.,e ]*(± ?[\d.,e ]+)*(\(\d[\d.]*% CI [-\d., to]+\))?[\w/% ]*")

#: What a spreadsheet or a column holds, as its library hands it over.
type Cell = str | bool | int | float | datetime.date | datetime.time | bytes | None


@dataclass(frozen=True, slots=True)
class Raw:
    """What a file holds, blank rows included.

    Attributes
    ----------
    numbered : of each row where it begins, and its cells; the first that is not blank has the
        headings
    sign : what separates the cells of a text; "" where cells have types
    """

    numbered: Sequence[tuple[int, Sequence[Cell]]]
    sign: str = ""

    @property
    def filled(self) -> list[tuple[int, Sequence[Cell]]]:
        """The rows that are not blank."""
        return [
            (line, cells)
            for line, cells in self.numbered
            if any(text_of_cell(cell).strip() for cell in cells)
        ]


def read_raw(content: bytes, file: str, faults: Faults) -> Raw | None:
    """Return the rows of a file, or None with a fault for what cannot be read."""
    reader = _READERS.get(Path(file).suffix.lower())
    if reader is None:
        kinds = ", ".join([*_READERS, ".json"])
        faults.add(f"this is no table that can be read: its name must end in {kinds}", Place(file))
        return None
    return reader(content, file, faults)


def records_of(content: bytes) -> Raw:
    """Return the rows of a JSON list of records, which has been read as a table before."""
    records: list[dict[str, Cell]] = json.loads(content.decode("utf-8-sig"))
    columns = list(dict.fromkeys(name for record in records for name in record))
    rows = [[record.get(name) for name in columns] for record in records]
    return Raw([(0, columns), *enumerate(rows, 1)])


def _delimited(content: bytes, file: str, faults: Faults) -> Raw | None:
    text = decoded(content, file, faults)
    if text is None:
        return None
    first = text.lstrip().partition("\n")[0]
    sign = "\t" if file.lower().endswith((".tsv", ".tab")) else max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    numbered: list[tuple[int, Sequence[Cell]]] = []
    begins = 1
    try:
        for cells in reader:
            numbered.append((begins, cells))
            begins = reader.line_num + 1
            if len(numbered) > MOST_ROWS:
                break
    except csv.Error as error:
        faults.add(f"not a table: {error}; is a quotation mark missing?", Place(file, begins))
        return None
    return Raw(numbered, sign)


def _workbook(content: bytes, file: str, faults: Faults) -> Raw | None:
    try:
        from openpyxl import load_workbook
    except ImportError:
        faults.add(_install("an Excel file", "openpyxl"), Place(file))
        return None
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(part.file_size for part in packed.infolist())
        if size > _MOST_BYTES:
            faults.add(f"unpacked this is larger than {_MOST_BYTES // 2**20} MB", Place(file))
            return None
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        most = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=_MOST_COLUMNS, values_only=True)
        numbered = list(enumerate(most, 1))
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, OSError) as error:
        faults.add(f"this is no Excel file that can be read: {error}", Place(file))
        return None
    return Raw(numbered)


def _parquet(content: bytes, file: str, faults: Faults) -> Raw | None:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        faults.add(_install("a Parquet file", "pyarrow"), Place(file))
        return None
    try:
        opened = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(content))
        about = opened.metadata
        groups = [about.row_group(n).total_byte_size for n in range(about.num_row_groups)]
        if about.num_rows > MOST_ROWS or sum(groups) > _MOST_BYTES:
            faults.add(f"a table of claims has at most {MOST_ROWS:,} rows", Place(file))
            return None
        read = opened.read()
    except (pyarrow.ArrowException, OSError) as error:
        faults.add(f"this is no Parquet file that can be read: {error}", Place(file))
        return None
    records = zip(*(column.to_pylist() for column in read.columns), strict=True)
    return Raw([(1, read.column_names), *enumerate(records, 2)])


def _install(what: str, library: str) -> str:
    return (
        f"{what} is read by {library}, which is not installed: install it (pip install "
        f"{library}), or save as CSV"
    )


def text_of_cell(value: Cell) -> str:
    """Return a value of a typed table as it would be written into a cell."""
    match value:
        case None:
            return ""
        case float() if math.isnan(value):
            return ""
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case float():
            return repr(value)
        case datetime.datetime():
            midnight = value.time() == datetime.time()
            return str(value.date()) if midnight else value.isoformat()
        case _:
            return str(value)


type _Reader = Callable[[bytes, str, Faults], Raw | None]

# What reads a file, by the end of its name.
_READERS: Mapping[str, _Reader] = {
    **dict.fromkeys((".csv", ".tsv", ".tab"), _delimited),
    ".xlsx": _workbook,
    ".parquet": _parquet,
}


def is_table(name: str) -> bool:
    """Return whether a file of that name holds a table and nothing else (JSON may be either)."""
    return Path(name).suffix.lower() in _READERS


def marked(text: str) -> str:
    """Return a text that no spreadsheet runs: with an apostrophe, which is not read back."""
    return f"'{text}" if _FORMULA.match(text) and not _FIGURE.fullmatch(text) else text


def unmarked(text: str) -> str:
    """Return a text without the apostrophe by which a spreadsheet marks what is no formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text
