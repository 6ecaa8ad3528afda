"""Tables of a panel: labels down, dates across, the median and below it the 90 % interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estimates._util.format import NONE, brief
from estimates.inference.program import target_text
from estimates.inference.result import Statistics, Summary
from estimates.language.cells import Grid
from estimates.language.phrases import in_words, spoken
from estimates.model import Model
from estimates.model.panel.lookup import label_of
from estimates.model.panel.panel import Grid as Cells
from estimates.report.text.screen import Sheet

#: Marks a cell that no claim tells of.
UNTOLD = "°"
UNTOLD_NOTE = f"{UNTOLD} known from its prior alone: claims narrow it by less than a tenth."
_MOST_IN_PAIRS = 5  # rows that have their intervals on a line of their own at once
_STEPS = ((1e9, 1e-9, "billion"), (1e6, 1e-6, "million"), (1e4, 1e-3, "thousand"))


@dataclass(frozen=True)
class Scaled:
    """How the numbers of a table are written: a factor, and their unit in words."""

    factor: float
    unit: str

    @staticmethod
    def of(numbers: Sequence[Statistics], unit: str) -> Scaled:
        """Return the scale of numbers in a unit, thousands where they are large."""
        if unit == "share":
            return Scaled(100.0, "%")
        ends = [abs(end) for one in numbers for end in (one.q05, one.q95) if end is not None]
        words = in_words(unit)
        for least, factor, word in _STEPS:
            plain = not words.startswith("US$") and " million" not in words
            if ends and max(ends) >= least and (plain or factor == _STEPS[-1][1]):
                return Scaled(factor, f"{word} {words}".strip())
        return Scaled(1.0, words)


def sheets_of(found: Summary, model: Model) -> list[Sheet]:
    """Return a table for each target of a panel, then for every other quantity over dimensions."""
    panel = model.panel
    targets = [grid for grid in panel.targets if grid.over]
    named = {grid.name for grid in targets}
    others = [grid for grid in panel.grids.values() if target_text(grid.name) not in named]
    return [
        sheet_of(found, model, grid)
        for grid in (*targets, *others)
        if all(cell in found.quantities for cell in grid.cells.values())
    ]


def sheet_of(found: Summary, model: Model, grid: Cells) -> Sheet:
    """Return the table of one quantity, or of a target."""
    numbers = {at: found.quantities[cell] for at, cell in grid.cells.items()}
    unit = next(iter(numbers.values())).unit
    scaled = Scaled.of(list(numbers.values()), unit)
    marks = {at: UNTOLD if one.informed is False else "" for at, one in numbers.items()}
    down, across = _axes(model, grid)
    pairs = len(down) <= _MOST_IN_PAIRS

    def table(apart: bool) -> Grid:
        rows: list[list[str]] = []
        for label in down:
            cells = [_cell(numbers, marks, _at(grid, label, over), scaled) for over in across]
            if apart:
                rows.append([label, *(f"{middle}{mark}" for middle, _, mark in cells)])
                rows.append(["", *(span for _, span, _ in cells)])
            else:
                rows.append([label, *(f"{m} ({s}){k}" if s else f"{m}{k}" for m, s, k in cells)])
        heads = ["" if down == [""] else grid.over[0], *across]
        return Grid(heads, rows, [False, *[True] * len(across)], scaled.unit)

    label = label_of(model, grid.name) or spoken(grid.name)
    return Sheet(label, table=table(True), brief=table(pairs))


def _axes(model: Model, grid: Cells) -> tuple[list[str], list[str]]:
    """Return the labels down and across: dates across, and of several others the pairs down."""
    dimensions = [model.panel.dimensions[name] for name in grid.over]
    last = dimensions[-1]
    if len(dimensions) == 1:
        return ([""], list(last.labels)) if last.time else (list(last.labels), ["median"])
    down = dict.fromkeys(", ".join(at[:-1]) for at in grid.cells)
    return list(down), list(last.labels)


def _at(grid: Cells, down: str, across: str) -> tuple[str, ...]:
    if len(grid.over) == 1:
        return (down,) if (down,) in grid.cells else (across,)
    return (*down.split(", "), across)


def _cell(
    numbers: Mapping[tuple[str, ...], Statistics],
    marks: Mapping[tuple[str, ...], str],
    at: tuple[str, ...],
    scaled: Scaled,
) -> tuple[str, str, str]:
    """Return median, interval and mark of a cell."""
    one = numbers[at]
    if one.median is None or one.q05 is None or one.q95 is None:
        return NONE, "", ""
    middle, low, high = (_figure(end * scaled.factor) for end in (one.median, one.q05, one.q95))
    return middle, "" if low == high else f"{low}–{high}", marks[at]


def _figure(value: float) -> str:
    """Return a number of a table: two digits, three where the first is 1."""
    if value == 0 or not math.isfinite(value):
        return brief(value, 2)
    first = abs(value) / 10 ** math.floor(math.log10(abs(value)))
    return brief(value, 3 if first < 2 else 2)
