"""Rows of a table as the entries of a ledger, each with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from estimates.errors import Faults, Place
from estimates.model.ids import fault_of_id
from estimates.model.ledger import Spot
from estimates.model.reader.yaml_nodes import Entries, Node, Text, place_of
from estimates.model.tables.arms import MEASURES, fault_of_measure
from estimates.model.tables.columns import OF_CLAIM, OF_SOURCE, columns_of
from estimates.model.tables.decimals import decimal_of, with_points
from estimates.model.tables.figures import NOTHING_TOLD, FigureReader, Told, absent
from estimates.model.tables.table import Table

#: How the note begins of a claim whose name in the table cannot be an id.
IN_TABLE = "In the table: "

_LONGEST_ID = 60
_ID = re.compile(r"[^\W_][\w.-]*")  # of a source; anything else becomes its title


@dataclass(frozen=True)
class Rows:
    """What a table says, as a ledger is read.

    Attributes
    ----------
    ledger : sources and claims, as `read_ledger` takes them
    about : what each claim is about, by its id, where the table says so
    compared : the claims that are held out
    left_out : headings of columns that mean nothing here
    without_figure : the claims that have none, by their ids
    assumed : the coverage that was taken for intervals whose row does not say it
    measures : what was made of two arms, in words
    decimal : the decimal sign of its numbers
    """

    ledger: Entries
    about: Mapping[str, Text] = field(default_factory=dict)
    compared: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    without_figure: tuple[str, ...] = ()
    assumed: bool = False
    measures: frozenset[str] = frozenset()
    decimal: str = "."


def rows_of(table: Table, faults: Faults, told: Told = NOTHING_TOLD) -> Rows:
    """Return the sources and claims of a table; each fault has its row."""
    columns, left_out = columns_of(table, told.columns, faults)
    others = ("says", "estimate", "low", "r", "measure")
    wrong = fault_of_measure(told.measure) if told.measure else ""
    if wrong:
        faults.add(wrong)
    elif "r1" in columns and not told.measure and not any(one in columns for one in others):
        choices = ", ".join(f"{name} ({words})" for name, words in MEASURES.items())
        ways = "by `ingest --measure`, or in a column `measure`"
        message = f"two arms give one figure: say which {ways}: {choices}"
        faults.add(message, Place(table.file, table.heading or None))
    told = replace(told, decimal=decimal_of(table, columns, told.decimal, faults))
    return _Reader(table, columns, told, faults).read(left_out)


class _Reader:
    """Reads rows one after the other, and gives ids to what has none."""

    def __init__(
        self, table: Table, columns: Mapping[str, int], told: Told, faults: Faults
    ) -> None:
        self._table = table
        self._columns = columns
        self._told = told
        self._faults = faults
        self._sources: dict[str, tuple[Text, Entries]] = {}
        self._ids: dict[str, str] = {}  # of sources, by how they are written
        self._claims: dict[str, tuple[Text, Node]] = {}
        self._figures = FigureReader(columns, told, faults)

    def read(self, left_out: tuple[str, ...]) -> Rows:
        """Return all rows."""
        about: dict[str, Text] = {}
        compared, without = set(), []
        for row, line in zip(self._table.rows, self._table.lines, strict=True):
            cells = {meaning: row[at] for meaning, at in self._columns.items()}
            if self._told.decimal == ",":
                cells = with_points(cells)
            spot = Spot(self._table.file, line, 1)
            source = self._source(cells, spot)
            key = self._key(cells, source, spot)
            entries = self._entries(cells, source, spot)
            if key.value in self._claims:
                first = place_of(self._claims[key.value][0])
                self._faults.add(f"'{key.value}' is the id of another row ({first})", place_of(key))
                continue
            self._claims[key.value] = (key, Entries(entries, spot))
            if "says" not in entries:
                without.append(key.value)
            elif "about" in cells and not absent(cells["about"].value):
                about[key.value] = cells["about"]
                if self._compared(cells):
                    compared.add(key.value)
        sections = {"sources": Entries(self._sources), "claims": Entries(self._claims)}
        ledger = Entries({name: (Text(name), section) for name, section in sections.items()})
        return Rows(
            ledger, about, frozenset(compared), left_out, tuple(without),
            self._figures.assumed, frozenset(self._figures.measures), self._told.decimal,
        )  # fmt: skip

    def _compared(self, cells: Mapping[str, Text]) -> bool:
        use = cells.get("use", Text(""))
        if use.value not in ("", "evidence", "compare"):
            self._faults.add(f"`use` is evidence or compare, not '{use.value[:40]}'", place_of(use))
        return use.value == "compare"

    # Sources

    def _source(self, cells: Mapping[str, Text], spot: Spot) -> Text:
        """Return the id of a row's source, which is noted with what the row says of it."""
        written = cells.get("source", Text("", spot))
        said = {
            name: (Text(name), cells[name])
            for name in OF_SOURCE
            if name in cells and cells[name].value
        }
        name = written.value
        if not name and "title" in said:
            name = said["title"][1].value
        if not name:
            return self._whole_table(spot)
        key_id = self._id_of_source(name)
        if key_id != name and "title" not in said:
            said["title"] = (Text("title"), written)
        key = Text(key_id, written.spot or spot, plain=False)
        known = self._sources.get(key_id)
        if known is None:
            self._sources[key_id] = (key, Entries(said, spot))
        else:
            self._sources[key_id] = (known[0], self._both(key_id, known[1], said, spot))
        return key

    def _both(
        self, key_id: str, known: Entries, said: dict[str, tuple[Text, Text]], spot: Spot
    ) -> Entries:
        """Return a source with what another row adds; what differs is a fault."""
        for name, (_, value) in said.items():
            before = known.values.get(name)
            if (
                before is not None
                and isinstance(before[1], Text)
                and before[1].value != value.value
            ):
                self._faults.add(
                    f"`{name}` of source '{key_id}' differs from that of another row "
                    f"({place_of(before[1])})",
                    place_of(value),
                )
        return known._replace(values={**said, **known.values})

    def _whole_table(self, spot: Spot) -> Text:
        """Return the id of the table itself, the source of rows that name none."""
        name = self._told.source or Path(self._table.file).stem
        key_id = self._id_of_source(name)
        title = Text(Path(self._table.file).name, plain=False)
        self._sources.setdefault(
            key_id,
            (Text(key_id, spot, plain=False), Entries({"title": (Text("title"), title)}, spot)),
        )
        return Text(key_id, spot, plain=False)

    def _id_of_source(self, name: str) -> str:
        if name not in self._ids:
            # A source that is called `claims` is taken for a slip of the indentation.
            good = _ID.fullmatch(name) and not fault_of_id(name) and name != "claims"
            self._ids[name] = name if good else _free(_source_id(name), self._sources)
        return self._ids[name]

    # Claims

    def _key(self, cells: Mapping[str, Text], source: Text, spot: Spot) -> Text:
        """Return the id of a claim: the row's own, or one made of source, speaker and date."""
        written = cells.get("id", Text(""))
        own = written.value
        if own and not fault_of_id(own):
            return Text(own, written.spot, plain=False)
        parts = [cells[one].value for one in ("speaker", "author", "when") if one in cells]
        named = own or " ".join(filter(None, [source.value, *parts]))
        made = slug(named) or "claim"
        return Text(_free(made, self._claims), written.spot or spot, plain=False)

    def _entries(
        self, cells: Mapping[str, Text], source: Text, spot: Spot
    ) -> dict[str, tuple[Text, Node]]:
        held: dict[str, Node] = {"source": source}
        for name in OF_CLAIM:
            if name in cells and cells[name].value and name != "says":
                held[name] = cells[name]
        figure = self._figures.read(cells, spot)
        if figure.says is not None:
            held["says"] = figure.says
        elif figure.because is not None:
            held.setdefault("because", figure.because)
        own = cells.get("id", Text("")).value
        if own and fault_of_id(own):
            held.setdefault("note", Text(f"{IN_TABLE}{own}", spot, plain=False))
        if figure.note:  # of two arms
            held.setdefault("kind", Text("trial", spot))
            held.setdefault("note", Text(figure.note, spot, plain=False))
        return {name: (Text(name), value) for name, value in held.items()}


def slug(text: str) -> str:
    """Return a text as an id: small letters and digits, words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return words[:_LONGEST_ID].strip("-")


def _source_id(name: str) -> str:
    made = slug(name) or "source"
    return "table-of-claims" if made == "claims" else made


def _free(name: str, taken: Mapping[str, tuple[Text, Node]]) -> str:
    """Return a name that is not taken: with -2, -3 … if need be."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free
