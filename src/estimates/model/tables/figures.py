"""The figure of a row as a wording: said, counted, measured, published, or of two arms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from estimates.errors import Faults
from estimates.model.ledger import MadeOf, Spot
from estimates.model.reader.yaml_nodes import Text, place_of
from estimates.model.tables.arms import MEASURES, Arms, fault_of_measure
from estimates.model.tables.columns import FIGURES

#: How the `because` of a row begins that has no figure; what was written follows.
NO_FIGURE = "the table gives no figure"

_ABSENT = frozenset(
    ("", "na", "n/a", "n.a.", "n.a", "nan", "null", "none", "nil", "nr", "not reported")
)
_ONLY_SIGNS = re.compile(r"[-–—−.…?*/\s]*")
_NUMBER = re.compile(r"[-+]?([1-9]\d{0,2}(,\d{3})+(\.\d*)?|\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
_WHOLE = re.compile(r"(\d+|[1-9]\d{0,2}(,\d{3})+)(\.0*)?")


@dataclass(frozen=True)
class Told:
    """What is told of a table beside it.

    Attributes
    ----------
    columns : headings by what they mean, where their names do not say it
    coverage : of intervals whose row does not say it, as `95%`; "" refuses these
    unit : of figures whose row has none
    source : the id of the source of rows that name none; "" is the file's name
    measure : what is made of two arms whose row does not say it: RR, OR or RD
    decimal : the decimal sign of numbers, a point or a comma; "" asks the table
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    coverage: str = ""
    unit: str = ""
    source: str = ""
    measure: str = ""
    decimal: str = ""

    @staticmethod
    def of(table: MadeOf) -> Told:
        """Return what was told of the table of which a ledger was made."""
        return Told(
            table.columns, table.coverage, table.unit, measure=table.measure, decimal=table.decimal
        )


NOTHING_TOLD = Told()


@dataclass(frozen=True)
class Read:
    """The figure of a row.

    Attributes
    ----------
    says : its wording; None where there is none
    because : why there is none
    note : what the wording was made of, where the row alone does not show it
    """

    says: Text | None = None
    because: Text | None = None
    note: str = ""


class FigureReader:
    """Reads the figures of rows whose columns are known.

    Attributes
    ----------
    assumed : whether the coverage of an interval had to be taken from what is told
    measures : what was made of two arms, in words
    """

    def __init__(self, columns: Mapping[str, int], told: Told, faults: Faults) -> None:
        self._columns = columns
        self._told = told
        self._faults = faults
        self.assumed = False
        self.measures: set[str] = set()

    def read(self, cells: Mapping[str, Text], spot: Spot) -> Read:
        """Return the figure of a row, or why it has none."""
        written = cells.get("says")
        if written is not None and not absent(written.value):
            return Read(written)
        measure = self._measure(cells)
        arms = self._arms(cells) if measure else None
        if arms is not None:
            return self._of_arms(arms, measure, spot)
        kinds = (self._counted, self._measured, self._published, self._alone)
        made = next(filter(None, (kind(cells) for kind in kinds)), None)
        if made is not None:
            return Read(made)
        given = [
            f"{name}: {cells[name].value}"
            for name in ("says", *FIGURES)
            if name in cells and cells[name].value
        ]
        told = f" ({', '.join(given)})" if given else ""
        return Read(because=Text(f"{NO_FIGURE}{told}", spot, plain=False))

    def _of_arms(self, arms: Arms, measure: str, spot: Spot) -> Read:
        """Return what two arms say together, or why they say nothing."""
        words = MEASURES[measure]
        if arms.says_nothing(measure):
            told = f"{NO_FIGURE}: {arms.said} leaves the {words} open"
            return Read(because=Text(told, spot, plain=False))
        self.measures.add(words)
        half = "; half a case is added to each cell, since one is 0" if arms.corrected else ""
        return Read(Text(arms.wording(measure), spot, plain=False), note=f"{arms.said}{half}")

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

    def _measure(self, cells: Mapping[str, Text]) -> str:
        """Return what is to be made of two arms; "" where nothing is."""
        if "r1" not in self._columns:
            return ""
        cell = cells.get("measure", Text(""))
        wrong = fault_of_measure(cell.value) if cell.value else ""
        if wrong:
            self._fault(cell, wrong)
        written = (cell.value or self._told.measure).upper()
        return written if written in MEASURES else ""

    def _arms(self, cells: Mapping[str, Text]) -> Arms | None:
        """Return the counts of two arms; None where one of them is missing, or with a fault."""
        events = self._given(cells, "r1", "r2")
        sizes = [
            self._given(cells, f"n{arm}") or self._given(cells, f"rest{arm}") for arm in (1, 2)
        ]
        if events is None or not all(sizes):
            return None
        counts: list[int] = []
        for event, size, arm in zip(events, sizes, (1, 2), strict=True):
            assert size is not None
            wrong = [one for one in (event, *size) if not _WHOLE.fullmatch(one.value)]
            for one in wrong:
                self._fault(one, f"'{one.value[:40]}' is no whole number, and arms are counts")
            if wrong:
                return None
            cases, others = (_count(one.value) for one in (event, *size))
            if self._given(cells, f"n{arm}"):
                others -= cases
            if others < 0 or cases + others == 0:
                self._fault(event, f"{cases} of {cases + others} in an arm cannot be")
                return None
            counts += [cases, others]
        return Arms(*counts)

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
        self.assumed = True
        if not self._told.coverage:
            self._fault(at, "an interval needs its coverage: add a column `coverage`, with 95% say")
        return self._told.coverage or "95%"

    def _fault(self, cell: Text, message: str) -> None:
        self._faults.add(message, place_of(cell))


def _count(text: str) -> int:
    return int(text.replace(",", "").partition(".")[0])


def absent(text: str) -> bool:
    """Return whether a cell says that nothing is known: blank, NA or a dash."""
    return text.strip().lower() in _ABSENT or _ONLY_SIGNS.fullmatch(text) is not None
