"""The table of which a ledger was made, written again: its own cells, and what was edited since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from estimates.errors import Faults
from estimates.language.expression import ExpressionError, parse_expression
from estimates.language.phrases import joined
from estimates.model.ledger import Claim, Ledger, MadeOf
from estimates.model.model import Model
from estimates.model.reader.reach import Reach, read_bytes
from estimates.model.reader.read_ledger import read_ledger
from estimates.model.tables.columns import FIGURES, MEANINGS, OF_SOURCE, columns_of
from estimates.model.tables.decimals import pointed
from estimates.model.tables.figures import Told
from estimates.model.tables.raw import (
    Cell,
    Raw,
    marked,
    read_raw,
    records_of,
    text_of_cell,
    unmarked,
)
from estimates.model.tables.refigured import figure_cells
from estimates.model.tables.rows import Rows, rows_of
from estimates.model.tables.said import cells_of, use_of
from estimates.model.tables.table import Table, tree_or_table


@dataclass(frozen=True)
class Grid:
    """Cells under headings, with their types; a blank cell is None."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Again:
    """A table as it is to be written again.

    Attributes
    ----------
    grid : its cells
    changes : a sentence for each row that is not as it was
    file, content : what it was made of; no content where it is not to be copied
    """

    grid: Grid
    changes: tuple[str, ...] = ()
    file: str = ""
    content: bytes = b""


def table_again(model: Model, made_of: MadeOf, root: Path, outside: bool) -> Again | str:
    """Return the table of which a ledger was made, as the ledger is now; or why it cannot be.

    Raises
    ------
    InputError : where the table lies outside the root
    """
    faults = Faults()
    path = _path(made_of, root, outside, faults)
    faults.raise_if_any()
    content = None if path is None else read_bytes(path, faults)
    if path is None or content is None:
        return f"{made_of.file}, of which the ledger was made, is not there"
    table = tree_or_table(content, str(path), faults)
    if not isinstance(table, Table):
        return f"{made_of.file} is no table any more"
    rows = rows_of(table, faults, Told.of(made_of))
    read = None if len(faults) else read_ledger(rows.ledger, faults)
    if read is None or len(faults):
        return f"{made_of.file} is not read as it was when the ledger was made of it"
    raw = records_of(content) if path.suffix == ".json" else read_raw(content, str(path), faults)
    assert raw is not None
    edit = _Edit(model, made_of, table, rows, read.ledger, raw)
    if not made_of.itself:
        edit.follow()
    runs = raw.sign and any(
        isinstance(cell, str) and marked(cell) != cell for _, row in raw.numbered for cell in row
    )
    copied = b"" if edit.changes or runs else content
    return Again(edit.grid(), tuple(edit.changes), str(path), copied)


def _path(made_of: MadeOf, root: Path, outside: bool, faults: Faults) -> Path | None:
    place = made_of.where("file")
    if made_of.itself:
        return Path(made_of.file)
    if place is None:
        return None  # a ledger that was not read from a file
    path = Reach.of(Path(place.file).parent, root, outside).file(made_of.file, place, faults)
    return path if path is not None and path.exists() else None


class _Edit:
    """The rows of a table, changed cell by cell where the ledger was."""

    def __init__(
        self, model: Model, made_of: MadeOf, table: Table, rows: Rows, before: Ledger, raw: Raw
    ) -> None:
        self.changes: list[str] = []
        self._model = model
        self._made_of = made_of
        self._rows = rows
        self._before = before
        self._told = Told.of(replace(made_of, decimal="."))
        self._meant, _ = columns_of(table, made_of.columns, Faults())
        self._headings = list(table.columns)
        width = len(self._headings)
        filled = [[_plain(cell, raw) for cell in cells] for _, cells in raw.filled[1:]]
        self._cells = [[*cells[:width], *[None] * (width - len(cells))] for cells in filled]
        self._lines = dict(zip(before.claims, table.lines, strict=True))
        self._of = dict(zip(before.claims, self._cells, strict=True))

    def grid(self) -> Grid:
        """Return the table as it is now."""
        width = len(self._headings)
        rows = [(*row, *[None] * (width - len(row))) for row in self._of.values()]
        return Grid(tuple(self._headings), tuple(map(tuple, rows)))

    def follow(self) -> None:
        """Change, leave out and add rows, as claims were."""
        now = self._model.ledger.claims
        renamed = dict(self._renamed())
        for name, before in self._before.claims.items():
            claim = now.get(renamed.get(name, name))
            if claim is None:
                del self._of[name]
                self._tell(name, "is left out: the ledger has this claim no more")
            else:
                self._change(name, before, claim)
        for claim in now.values():
            if claim.id not in self._before.claims and claim.id not in renamed.values():
                self._add(claim)

    def _renamed(self) -> Iterator[tuple[str, str]]:
        """Yield the claims that are the same but for their id, of which there is one of each."""
        new = [c for c in self._model.ledger.said.values() if c.id not in self._before.claims]
        for name, before in self._before.claims.items():
            if name not in self._model.ledger.claims:
                same = [one.id for one in new if replace(before, id=one.id) == one]
                if len(same) == 1:
                    yield name, same[0]

    def _change(self, name: str, before: Claim, now: Claim) -> None:
        was, is_ = cells_of(self._before, before), cells_of(self._model.ledger, now)
        different = [one for one in MEANINGS if was.get(one, "") != is_.get(one, "")]
        changed = {one: is_.get(one, "") for one in different}
        changed |= self._use(name, now)
        if not changed:
            return
        words = joined([f"`{one}`" for one in MEANINGS if one in changed])
        said = f"has {words} as edited since"
        if "says" in changed and "says" not in self._meant:
            figures = self._figures(name, now)
            if figures is not None:
                del changed["says"]
                changed |= figures
            else:
                said += "; its columns of figures cannot say that and are blank"
                changed |= {one: "" for one in FIGURES if one in self._meant}
        self._put(self._of[name], changed)
        self._tell(name, said)

    def _figures(self, name: str, now: Claim) -> dict[str, str] | None:
        """Return the cells of figures that say what the claim says now."""
        if now.says is None:
            return {one: "" for one in FIGURES if one in self._meant}
        held = self._texts(self._of[name])
        return figure_cells(now.says, self._meant, self._told, held)

    def _texts(self, row: Sequence[Cell]) -> dict[str, str]:
        texts = {one: text_of_cell(row[at]).strip() for one, at in self._meant.items()}
        comma = self._made_of.decimal == ","
        return {one: pointed(text) if comma else text for one, text in texts.items()}

    def _use(self, name: str, claim: Claim) -> dict[str, str]:
        """Return what a claim is about and its use, where the table does not say that."""
        if claim.says is None:
            return {}
        told = self._rows.about.get(name)
        written = told.value if told else self._made_of.about
        was = {"about": _canonical(written)}
        was |= {"use": "compare"} if name in self._rows.compared else {}
        now = use_of(self._model, claim.id)
        return {
            one: now.get(one, "")
            for one in ("about", "use")
            if was.get(one, "") != now.get(one, "")
        }

    def _add(self, claim: Claim) -> None:
        row: list[Cell] = [None] * len(self._headings)
        self._of[claim.id] = row
        cells = cells_of(self._model.ledger, claim) | {"id": claim.id}
        cells |= self._use(claim.id, claim)
        if claim.source in self._before.sources and not {"source", "title"} & self._meant.keys():
            cells = {one: text for one, text in cells.items() if one not in ("source", *OF_SOURCE)}
        if claim.says is not None and "says" not in self._meant:
            figures = figure_cells(claim.says, self._meant, self._told, {})
            if figures is not None:
                del cells["says"]
                cells |= figures
        self._put(row, {one: text for one, text in cells.items() if text})
        self._tell(claim.id, "is new")

    def _put(self, row: list[Cell], cells: Mapping[str, str]) -> None:
        """Put texts into a row by what they mean, where they are not there as they are."""
        before = self._texts(row)
        for meaning, text in cells.items():
            if meaning not in self._meant:
                if not text:
                    continue
                self._add_column(meaning)
            at = self._meant[meaning]
            row += [None] * (at + 1 - len(row))
            if not _same(before.get(meaning, ""), text):
                row[at] = self._typed(text, meaning)

    def _add_column(self, meaning: str) -> None:
        self._meant[meaning] = len(self._headings)
        self._headings.append(meaning)

    def _typed(self, text: str, meaning: str) -> Cell:
        """Return a text as the cells of its column are: a number where these are numbers."""
        at = self._meant[meaning]
        others = [row[at] for row in self._cells if at < len(row) and row[at] is not None]
        if others and all(isinstance(one, int | float) for one in others):
            number = _number(text)
            if number is not None:
                whole = number.is_integer() and all(isinstance(one, int) for one in others)
                return int(number) if whole else number
        if self._made_of.decimal == "," and meaning in FIGURES and _number(text) is not None:
            return text.replace(".", ",")
        return text or None

    def _tell(self, name: str, what: str) -> None:
        line = self._lines.get(name)
        row = f"row {line} ({name})" if line else f"the row of {name}"
        self.changes.append(f"{row} {what}")


def _plain(cell: Cell, raw: Raw) -> Cell:
    return unmarked(cell) if raw.sign and isinstance(cell, str) else cell


def _canonical(about: str) -> str:
    """Return what claims are about as a model writes it."""
    try:
        return str(parse_expression(about)) if about else ""
    except ExpressionError:
        return about


def _same(one: str, other: str) -> bool:
    """Return whether two cells say the same, as 0.50 does and 0.5."""
    numbers = _number(one), _number(other)
    return one == other or (None not in numbers and numbers[0] == numbers[1])


def _number(text: str) -> float | None:
    if text.endswith("%"):
        inner = _number(text[:-1])
        return None if inner is None else inner / 100
    try:
        return float(text)
    except ValueError:
        return None
