"""Quantities over dimensions as tables: labels down, dates across, each cell as text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from estimates._util.format import NONE, brief
from estimates.inference.program import target_text
from estimates.inference.result import QuantitySummary, Summary
from estimates.language.phrases import in_words
from estimates.model import FixedValue, Model
from estimates.model.panel.lookup import words_for
from estimates.model.panel.panel import Grid, Labels

#: Marks a cell that no claim tells of.
UNTOLD = "°"
UNTOLD_NOTE = f"{UNTOLD} known from its prior alone: claims narrow it by less than a tenth."
_STEPS = ((1e9, 1e-9, "billion"), (1e6, 1e-6, "million"), (1e4, 1e-3, "thousand"))


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    name : of the quantity that it is
    middle, span : the median and the 90 % interval as text; the interval "" of what is fixed
    learnt : by which part the interval is narrower than that of the prior; None if not known
    informed : whether any claim tells of it
    """

    name: str
    middle: str
    span: str
    learnt: float | None
    informed: bool

    @property
    def marked(self) -> str:
        """The median with its mark."""
        return self.middle if self.informed else f"{self.middle}{UNTOLD}"

    @property
    def line(self) -> str:
        """Median, interval and mark on one line."""
        span = f" ({self.span})" if self.span else ""
        return f"{self.middle}{span}{'' if self.informed else UNTOLD}"


@dataclass(frozen=True)
class Table:
    """A quantity, relation or target over dimensions.

    Attributes
    ----------
    name, label : of it
    unit : of the numbers, in words
    head : what the labels down are of
    down, across : labels of rows and columns
    cells : row by row
    """

    name: str
    label: str
    unit: str
    head: str
    down: tuple[str, ...]
    across: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]

    @property
    def every(self) -> Iterator[Cell]:
        """Every cell."""
        return (cell for row in self.cells for cell in row)


def tables_of(found: Summary, model: Model, *, targets: bool = False) -> list[Table]:
    """Return the table of each target, then of every other quantity over dimensions.

    Parameters
    ----------
    targets : whether of targets alone
    """
    panel = model.panel
    asked = [grid for grid in panel.targets if grid.over]
    named = {grid.name for grid in asked}
    others = [grid for grid in panel.grids.values() if target_text(grid.name) not in named]
    return [
        _table(found, model, grid)
        for grid in (*asked, *(() if targets else others))
        if all(cell in found.quantities for cell in grid.cells.values())
        and not (grid in others and all(_known(model, cell) for cell in grid.cells.values()))
    ]


def _known(model: Model, cell: str) -> bool:
    quantity = model.quantities.get(cell)
    return quantity is not None and isinstance(quantity.prior, FixedValue)


def _table(found: Summary, model: Model, grid: Grid) -> Table:
    numbers = [found.quantities[cell] for cell in grid.cells.values()]
    factor, unit = _scale(numbers, numbers[0].unit)
    down, across = _axes(model, grid)
    called = model.panel.dimensions.called
    cells = [
        [_cell(grid.cells[_at(grid, row, column)], found, factor) for column in across]
        for row in down
    ]
    return Table(
        name=grid.name,
        label=words_for(model, grid.name),
        unit=unit,
        head="" if down == [""] else " and ".join(grid.over[: max(1, len(grid.over) - 1)]),
        down=tuple(", ".join(map(called, row.split(", "))) for row in down),
        across=tuple(map(called, across)),
        cells=tuple(map(tuple, cells)),
    )


def _scale(numbers: Sequence[QuantitySummary], unit: str) -> tuple[float, str]:
    """Return a factor for the numbers of a table, thousands where they are large, and its unit."""
    if unit == "share":
        return 100.0, "%"
    ends = [abs(end) for one in numbers for end in (one.q05, one.q95) if end is not None]
    words = in_words(unit)
    if words.startswith("US$"):  # its multiplier stands within
        return 1.0, words
    for least, factor, word in _STEPS:
        if ends and max(ends) >= least:
            return factor, f"{word} {words}".strip()
    return 1.0, words


def _axes(model: Model, grid: Grid) -> tuple[list[str], list[str]]:
    """Return the labels down and across: dates across, and of several others the pairs down."""
    dimensions = [model.panel.dimensions[name] for name in grid.over]
    last = dimensions[-1]
    if len(dimensions) == 1:
        return ([""], list(last.labels)) if last.time else (list(last.labels), ["median"])
    down = dict.fromkeys(", ".join(at[:-1]) for at in grid.cells)
    return list(down), list(last.labels)


def _at(grid: Grid, down: str, across: str) -> Labels:
    if len(grid.over) == 1:
        return (down,) if (down,) in grid.cells else (across,)
    return (*down.split(", "), across)


def _cell(name: str, found: Summary, factor: float) -> Cell:
    one = found.quantities[name]
    informed = one.informed is not False
    if one.median is None or one.q05 is None or one.q95 is None:
        return Cell(name, NONE, "", None, informed)
    middle, low, high = (figure(end * factor) for end in (one.median, one.q05, one.q95))
    return Cell(name, middle, "" if low == high else f"{low}–{high}", one.learnt, informed)


def figure(value: float) -> str:
    """Return a number of a table: two digits, three where the first is 1."""
    if value == 0 or not math.isfinite(value):
        return brief(value, 2)
    first = abs(value) / 10 ** math.floor(math.log10(abs(value)))
    return brief(value, 3 if first < 2 else 2)
