"""Foreign tables as rows of texts, each cell with its place: CSV, TSV, JSON, XLSX, Parquet.

The place of a cell is the line (of a spreadsheet and of Parquet the row, counted with the heading)
and, as column, the number of the cell.
"""

from __future__ import annotations

import csv
import datetime
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from estimates.errors import Faults, Place, unshowable
from estimates.model.ledger import Spot
from estimates.model.reader.texts import decoded
from estimates.model.reader.yaml_nodes import Entries, Items, Node, Text, parse_yaml, place_of

MOST_ROWS = 200_000
_MOST_COLUMNS = 1_000
_MOST_BYTES = 256 * 2**20  # of a compressed table, once it is unpacked
_LONGEST_CELL = 100_000
_DELIMITERS = ",;\t|"
# The two halves of a sign beyond U+FFFF, as JSON escapes it.
_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)


#: What a spreadsheet or a column holds, as its library hands it over.
type Cell = str | bool | int | float | datetime.date | datetime.time | bytes | None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings.

    Attributes
    ----------
    file : as it is named in faults
    columns : the headings as written
    rows : of each row the texts by the number of their column, with their places; blank cells
        are empty texts
    lines : where each row begins
    heading : where the headings stand; 0 where each row has its own
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    lines: tuple[int, ...]
    heading: int = 0


def is_table(name: str) -> bool:
    """Return whether a file of that name holds a table and nothing else (JSON may be either)."""
    return Path(name).suffix.lower() in READERS


def parse_table(content: bytes, file: str, faults: Faults) -> Table | None:
    """Return the table of a file's content, or None with a fault for what cannot be read."""
    reader = READERS.get(Path(file).suffix.lower())
    if reader is None:
        kinds = ", ".join([*READERS, ".json"])
        faults.add(f"this is no table that can be read: its name must end in {kinds}", Place(file))
        return None
    return reader(content, file, faults)


def table_of(node: Items, file: str, faults: Faults) -> Table | None:
    """Return the table of a JSON list of records; None with a fault if it is none."""
    for one in node.values:
        if not isinstance(one, Entries):
            message = 'a table as JSON is a list of records: [{"source": …, "says": …}, …]'
            faults.add(message, place_of(one))
            return None
    records = [one for one in node.values if isinstance(one, Entries)]
    if not records:
        faults.add("there are no records in this list", Place(file))
        return None
    columns = tuple(dict.fromkeys(name for record in records for name in record.values))
    rows, lines = [], []
    for record in records:
        line = record.spot.line if record.spot else 0
        cells = [_of_record(record, name, Spot(file, line, 1), faults) for name in columns]
        rows.append(tuple(cells))
        lines.append(line)
    return Table(file, columns, tuple(rows), tuple(lines))


def _of_record(record: Entries, name: str, spot: Spot, faults: Faults) -> Text:
    _, value = record.values.get(name, (None, Text("", spot)))
    if isinstance(value, Text):
        return Text("" if value.empty else value.value, value.spot or spot)
    faults.add(f"'{name}' of this record must be a text or a number", place_of(value))
    return Text("", spot)


def _delimited(content: bytes, file: str, faults: Faults) -> Table | None:
    text = decoded(content, file, faults)
    if text is None:
        return None
    first = text.lstrip().partition("\n")[0]
    sign = "\t" if file.lower().endswith((".tsv", ".tab")) else max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    numbered: list[tuple[int, list[str]]] = []
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
    return _rows(numbered, file, faults)


def _workbook(content: bytes, file: str, faults: Faults) -> Table | None:
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
        numbered = [(row, list(map(_text, cells))) for row, cells in enumerate(most, 1)]
    except (zipfile.BadZipFile, KeyError, IndexError, ValueError, OSError) as error:
        faults.add(f"this is no Excel file that can be read: {error}", Place(file))
        return None
    return _rows(numbered, file, faults)


def _parquet(content: bytes, file: str, faults: Faults) -> Table | None:
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
    columns = [list(map(_text, column.to_pylist())) for column in read.columns]
    records = [list(cells) for cells in zip(*columns, strict=True)]
    return _rows([(1, list(read.column_names)), *enumerate(records, 2)], file, faults)


def _install(what: str, library: str) -> str:
    return (
        f"{what} is read by {library}, which is not installed: install it (pip install "
        f"{library}), or save as CSV"
    )


def _text(value: Cell) -> str:
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


def _rows(numbered: Sequence[tuple[int, list[str]]], file: str, faults: Faults) -> Table | None:
    """Return the table whose first row that is not blank has the headings."""
    filled = [(line, cells) for line, cells in numbered if any(cell.strip() for cell in cells)]
    if len(filled) < 2:
        faults.add("there are no rows below the headings", Place(file))
        return None
    if len(filled) > MOST_ROWS:
        faults.add(f"a table of claims has at most {MOST_ROWS:,} rows", Place(file))
        return None
    (at, headings), *below = filled
    while headings and not headings[-1].strip():
        headings.pop()
    rows = [_row(cells, len(headings), file, line, faults) for line, cells in below]
    return Table(
        file,
        tuple(map(str.strip, headings)),
        tuple(rows),
        tuple(line for line, _ in below),
        at,
    )


def _row(
    cells: Sequence[str], width: int, file: str, line: int, faults: Faults
) -> tuple[Text, ...]:
    """Return the cells of a row, as many as there are headings."""
    if any(cell.strip() for cell in cells[width:]):
        faults.add(
            f"this row has {len(cells)} cells, but there are {width} headings; put a text with the "
            "separator in quotes",
            Place(file, line),
        )
    padded = [*cells[:width], *[""] * (width - len(cells))]
    return tuple(_cell(text, Spot(file, line, at), faults) for at, text in enumerate(padded, 1))


def _cell(text: str, spot: Spot, faults: Faults) -> Text:
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@"):
        text = text[1:]  # as a spreadsheet marks what is no formula
    if len(text) > _LONGEST_CELL:
        faults.add(f"a cell has at most {_LONGEST_CELL:,} characters", spot.place())
        text = ""
    wrong = unshowable(text)
    if wrong is not None:
        faults.add(f"the character U+{ord(wrong[0]):04X} has no place in a text", spot.place())
        text = text.replace(wrong[0], "")
    return Text(text, spot, plain=False)


type Reader = Callable[[bytes, str, Faults], Table | None]

#: What reads a file, by the end of its name.
READERS: Mapping[str, Reader] = {
    **dict.fromkeys((".csv", ".tsv", ".tab"), _delimited),
    ".xlsx": _workbook,
    ".parquet": _parquet,
}


def tree_or_table(content: bytes, file: str, faults: Faults) -> Node | Table | None:
    """Return the table of a file, or the tree of a JSON file that is none; None with a fault."""
    if not file.lower().endswith(".json"):
        return parse_table(content, file, faults)
    text = decoded(content, file, faults)
    # JSON is YAML, which has places, but for signs beyond U+FFFF and tabs in front of a line.
    node = text and parse_yaml(_PAIR.sub(_whole, text).replace("\t", " "), file, faults)
    return table_of(node, file, faults) if isinstance(node, Items) else node or None


def _whole(found: re.Match[str]) -> str:
    """Return the sign whose two halves were escaped."""
    units = bytes.fromhex(found[2].replace("\\u", ""))
    return found[1] + units.decode("utf-16-be")
