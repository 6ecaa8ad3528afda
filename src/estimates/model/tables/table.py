"""Foreign tables as rows of texts, each cell with its place: CSV, TSV, JSON, XLSX, Parquet.

The place of a cell is the line (of a spreadsheet and of Parquet the row, counted with the heading)
and, as column, the number of the cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from estimates.errors import Faults, Place, unshowable
from estimates.model.ledger import Spot
from estimates.model.reader.texts import decoded
from estimates.model.reader.yaml_nodes import Entries, Items, Node, Text, parse_yaml, place_of
from estimates.model.tables.raw import MOST_ROWS, Raw, read_raw, text_of_cell, unmarked

_LONGEST_CELL = 100_000
# The two halves of a sign beyond U+FFFF, as JSON escapes it.
_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*)(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)


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
    sign : what separates cells in the file; "" where they have types
    """

    file: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]
    lines: tuple[int, ...]
    heading: int = 0
    sign: str = ""


def parse_table(content: bytes, file: str, faults: Faults) -> Table | None:
    """Return the table of a file's content, or None with a fault for what cannot be read."""
    raw = read_raw(content, file, faults)
    return None if raw is None else _rows(raw, file, faults)


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


def _rows(raw: Raw, file: str, faults: Faults) -> Table | None:
    """Return the table whose first row that is not blank has the headings."""
    filled = [(line, list(map(text_of_cell, cells))) for line, cells in raw.filled]
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
        raw.sign,
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
    text = unmarked(text.replace("\r\n", "\n").replace("\r", "\n").strip())
    if len(text) > _LONGEST_CELL:
        faults.add(f"a cell has at most {_LONGEST_CELL:,} characters", spot.place())
        text = ""
    wrong = unshowable(text)
    if wrong is not None:
        faults.add(f"the character U+{ord(wrong[0]):04X} has no place in a text", spot.place())
        text = text.replace(wrong[0], "")
    return Text(text, spot, plain=False)


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
