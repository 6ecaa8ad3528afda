"""Rows of a table as the entries of a ledger, each with its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from estimates.errors import Faults
from estimates.model.ledger import Spot, fault_of_id
from estimates.model.reader.yaml_nodes import Entries, Node, Text, place_of
from estimates.model.tables.columns import OF_CLAIM, OF_SOURCE, columns_of
from estimates.model.tables.table import Table

#: How the `because` of a row begins that has no figure; what was written follows.
NO_FIGURE = "the table gives no figure"
#: And the note of a claim whose name in the table cannot be an id.
IN_TABLE = "In the table: "

_ABSENT = frozenset(
    ("", "na", "n/a", "n.a.", "n.a", "nan", "null", "none", "nil", "nr", "not reported")
)
_ONLY_SIGNS = re.compile(r"[-–—−.…?*/\s]*")
_NUMBER = re.compile(r"[-+]?(\d{1,3}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_WHOLE = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.0*)?")
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
    """

    ledger: Entries
    about: Mapping[str, Text] = field(default_factory=dict)
    compared: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    without_figure: tuple[str, ...] = ()
    assumed: bool = False


@dataclass(frozen=True)
class Told:
    """What is told of a table beside it.

    Attributes
    ----------
    columns : headings by what they mean, where their names do not say it
    coverage : of intervals whose row does not say it, as `95%`; "" refuses these
    unit : of figures whose row has none
    source : the id of the source of rows that name none; "" is the file's name
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    coverage: str = ""
    unit: str = ""
    source: str = ""


NOTHING_TOLD = Told()


def rows_of(table: Table, faults: Faults, told: Told = NOTHING_TOLD) -> Rows:
    """Return the sources and claims of a table; each fault has its row."""
    columns, left_out = columns_of(table, told.columns, faults)
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
        self._assumed = False

    def read(self, left_out: tuple[str, ...]) -> Rows:
        """Return all rows."""
        about: dict[str, Text] = {}
        compared, without = set(), []
        for row, line in zip(self._table.rows, self._table.lines, strict=True):
            cells = {meaning: row[at] for meaning, at in self._columns.items()}
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
        return Rows(ledger, about, frozenset(compared), left_out, tuple(without), self._assumed)

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
        says = self._says(cells, spot)
        if says is not None and says.value.startswith(NO_FIGURE):
            held.setdefault("because", says)
        elif says is not None:
            held["says"] = says
        own = cells.get("id", Text("")).value
        if own and fault_of_id(own):
            held.setdefault("note", Text(f"{IN_TABLE}{own}", spot, plain=False))
        return {name: (Text(name), value) for name, value in held.items()}

    def _says(self, cells: Mapping[str, Text], spot: Spot) -> Text | None:
        """Return a row's wording, or why it has none."""
        written = cells.get("says")
        if written is not None and not absent(written.value):
            return written
        kinds = (self._counted, self._measured, self._published, self._alone)
        for kind in kinds:
            made = kind(cells)
            if made is not None:
                return made
        given = [
            f"{name}: {cells[name].value}"
            for name in ("says", "estimate", "low", "high", "se", "variance", "r", "n")
            if name in cells and cells[name].value
        ]
        told = f" ({', '.join(given)})" if given else ""
        return Text(f"{NO_FIGURE}{told}", spot, plain=False)

    def _counted(self, cells: Mapping[str, Text]) -> Text | None:
        pair = self._given(cells, "r", "n")
        if pair is None:
            return None
        for one in pair:
            if not _WHOLE.fullmatch(one.value):
                self._fault(
                    one, f"'{one.value[:40]}' is no whole number, and `r` of `n` are counts"
                )
        r, n = (one.value.partition(".")[0] for one in pair)
        return Text(f"{r} of {n}", pair[0].spot, plain=False)

    def _measured(self, cells: Mapping[str, Text]) -> Text | None:
        for name in ("se", "variance"):
            pair = self._given(cells, "estimate", name)
            if pair is None:
                continue
            estimate, error = map(self._number, pair)
            if name == "variance" and error:
                error = self._root(error, pair[1])
            return Text(f"{estimate} ± {error}{self._unit(cells)}", pair[1].spot, plain=False)
        return None

    def _root(self, variance: str, cell: Text) -> str:
        value = float(variance.replace(",", ""))
        if value <= 0:
            self._fault(cell, f"a variance is above 0, and '{cell.value}' is not")
            return "1"
        return f"{value**0.5:.6g}"

    def _published(self, cells: Mapping[str, Text]) -> Text | None:
        ends = self._given(cells, "low", "high")
        if ends is None:
            return None
        low, high = map(self._number, ends)
        unit, held = self._unit(cells), self._coverage(cells, ends[0])
        if "estimate" not in self._columns:
            return Text(f"{low} to {high}{unit} @ {held}", ends[0].spot, plain=False)
        point = self._given(cells, "estimate")
        if point is None:
            return None
        made = f"{self._number(point[0])}{unit} ({held} CI {low} to {high})"
        return Text(made, point[0].spot, plain=False)

    def _alone(self, cells: Mapping[str, Text]) -> Text | None:
        """Return an estimate where the table has no errors at all: else one is missing here."""
        point = self._given(cells, "estimate")
        if point is None or any(one in self._columns for one in ("se", "variance", "low")):
            return None
        return Text(f"{self._number(point[0])}{self._unit(cells)}", point[0].spot, plain=False)

    def _given(self, cells: Mapping[str, Text], *names: str) -> list[Text] | None:
        found = [cells[name] for name in names if name in cells and not absent(cells[name].value)]
        return found if len(found) == len(names) else None

    def _number(self, cell: Text) -> str:
        text = cell.value.replace("−", "-").replace("\N{NO-BREAK SPACE}", "").strip()
        if not _NUMBER.fullmatch(text):
            decimal = re.fullmatch(r"([-+]?\d+),(\d+)", text)
            hint = f"; write {decimal[1]}.{decimal[2]}" if decimal else ""
            self._fault(cell, f"'{cell.value[:40]}' is not a number{hint}")
            return "1"
        text = text.lstrip("+")
        return f"0{text}" if text.startswith(".") else text.replace("-.", "-0.").rstrip(".")

    def _unit(self, cells: Mapping[str, Text]) -> str:
        unit = cells["unit"].value if "unit" in cells else ""
        unit = unit or self._told.unit
        return f" {unit}" if unit else ""

    def _coverage(self, cells: Mapping[str, Text], at: Text) -> str:
        written = cells.get("coverage", Text("")).value.replace(" ", "")
        if written:
            share = re.fullmatch(r"0?\.\d+", written)
            return f"{100 * float(written):.10g}%" if share else f"{written.rstrip('%')}%"
        self._assumed = True
        if not self._told.coverage:
            self._fault(at, "an interval needs its coverage: add a column `coverage`, with 95% say")
        return self._told.coverage or "95%"

    def _fault(self, cell: Text, message: str) -> None:
        self._faults.add(message, place_of(cell))


def absent(text: str) -> bool:
    """Return whether a cell says that nothing is known: blank, NA or a dash."""
    return text.strip().lower() in _ABSENT or _ONLY_SIGNS.fullmatch(text) is not None


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
