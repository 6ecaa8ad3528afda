"""The specification curve: the answer of every cell, and below it which choices made it.

Simonsohn, Simmons & Nelson 2020 (Nature Human Behaviour 4:1208): cells from the smallest median to
the largest, above their medians and intervals, below a mark for the option of each axis.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from estimates._util.format import spelled
from estimates.analysis.multiverse.result import AxisRow, CellRow, CitedRow, Multiverse, by_median
from estimates.language.expression import Interval
from estimates.language.phrases import capitalised, joined, spoken, unit_words
from estimates.language.phrases import said as phrase
from estimates.language.units import Units
from estimates.language.wording import parse_wording
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.style import (
    BAND,
    BLUE,
    GREEN,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    PLAIN,
    VERDICTS,
    VERMILLION,
    WIDTH,
    WRITTEN,
    Footing,
    Heading,
    Sheet,
    house_style,
    text_width,
)

_MOST = 200  # cells that columns can still be told apart of
_TOP = 2.3  # inches of the curve
_ROW = 0.145  # inches of a line of marks
_GAP = 0.07
_LONGEST = 1.9  # inches of the names of options
_SIDES_HEIGHT = 0.52  # inches
#: From the lowest to the highest; unlike in grey, too.
_SIDES = (("below", BLUE, 0.75), ("inside", GREEN, 0.28), ("above", VERMILLION, 0.58))


type _Place = tuple[float, float, float]  # left, top and width in inches
type _Line = list[tuple[float, float]]


@dataclass(frozen=True)
class _Column:
    """One cell as it is drawn."""

    cell: CellRow
    ends: tuple[float, float, float]
    colour: str


@dataclass(frozen=True)
class _Level:
    """The base or an option of an axis: what it is called in cells, and in words."""

    option: str
    label: str
    base: bool


@dataclass(frozen=True)
class _Curve:
    """The cells that are drawn, and how many have no number or are left out."""

    found: Multiverse
    columns: tuple[_Column, ...]
    missing: int
    thinned: int

    @staticmethod
    def of(found: Multiverse) -> _Curve:
        ranked = by_median(found.cells)
        kept = ranked
        if len(ranked) > _MOST:
            places = {round(i * (len(ranked) - 1) / (_MOST - 1)) for i in range(_MOST)}
            kept = [cell for i, cell in enumerate(ranked) if i in places or cell.base]
        claim = found.cited[0].claim if found.cited else ""
        columns = (
            _Column(cell, (cell.q05, cell.median, cell.q95), _colour(cell.verdict(claim)))
            for cell in kept
            if cell.q05 is not None and cell.median is not None and cell.q95 is not None
        )
        missing = len(found.cells) - len(ranked)
        return _Curve(found, tuple(columns), missing, len(ranked) - len(kept))

    @property
    def band(self) -> CitedRow | None:
        """The cited figure that is drawn."""
        return self.found.cited[0] if self.found.cited else None

    @property
    def base(self) -> int | None:
        """The column of the model as it stands."""
        return next((i for i, column in enumerate(self.columns) if column.cell.base), None)

    def sides(self) -> list[tuple[float, float, float]] | None:
        """P(below), P(inside) and P(above) of every column, if all are known."""
        claim = self.band.claim if self.band else ""
        known = [_sides(column.cell, claim) for column in self.columns]
        told = [one for one in known if one is not None]
        return told if told and len(told) == len(known) else None


def _colour(verdict: str | None) -> str:
    return PLAIN if verdict is None else VERDICTS[verdict]


def _sides(cell: CellRow, claim: str) -> tuple[float, float, float] | None:
    said = cell.cited.get(claim)
    if said is None or said.below is None or said.inside is None or said.above is None:
        return None
    return said.below, said.inside, said.above


def multiverse(found: Multiverse) -> Figure:
    """The specification curve of what `multiverse` returned.

    Cells that failed are left out, and counted; beyond 200 cells evenly spaced ones are drawn, the
    smallest, the largest and the base among them, and that is said.
    """
    with house_style():
        return _sheet(_Curve.of(found))


def _sheet(curve: _Curve) -> Figure:
    found = curve.found
    count = f"{len(found.cells):,} ways to analyse the same claims"
    heading = Heading(f"{capitalised(found.label)}: {count}", found.sentence)
    footing = Footing(*_small_print(curve))
    names = max((text_width(one.label) for axis in found.axes for one in _levels(axis)), default=0)
    axes_names = max(text_width(one.label, weight="bold") for one in found.axes)
    left = MARGIN + max(min(max(names + 0.1, axes_names), _LONGEST), 0.5) + 0.12
    width = WIDTH - left - MARGIN - 0.08
    matrix = sum(_height(axis) for axis in found.axes)
    top = heading.height + (LINE + 0.05 if curve.band else 0.05)
    sides = curve.sides()
    room = _SIDES_HEIGHT + 0.14 if sides else 0.0
    sheet = Sheet(top + _TOP + 0.12 + room + matrix + 0.06 + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    ax = sheet.axes(left, top, width, _TOP)
    if curve.columns:
        _curve(ax, sheet, curve, (left, top, width))
    if sides:
        _draw_sides(sheet, sides, (left, top + _TOP + 0.10, width))
    _matrix(sheet, curve, (left, top + _TOP + 0.12 + room, width))
    return sheet.figure


# The curve -------------------------------------------------------------------------------------


def _curve(ax: Axes, sheet: Sheet, curve: _Curve, place: _Place) -> None:
    left, top, width = place
    band, columns = curve.band, curve.columns
    ends = [end for end in (band.target_low, band.target_high) if end] if band else []
    ruler = _ruler(curve.found.unit, [*(end for one in columns for end in one.ends), *ends])
    ruler.along_y(ax, _TOP)
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    if band is not None:
        low = ruler.clip(band.target_low, ruler.low)
        high = ruler.clip(band.target_high, ruler.high)
        ax.axhspan(low, high, color=BAND, linewidth=0, zorder=0)
        for end in ends:
            ax.axhline(end, color=GREY, linewidth=0.5, linestyle=(0, (4, 2)), zorder=0.5)
        words = f"band: the cited {_says(band)}"
        sheet.text(left + width, top - 0.03, words, va="bottom", ha="right", color=GREY)
    _verdict_words(sheet, curve.found, (left, top, width))
    _intervals(ax, curve, band if ends else None, width / len(columns))


def _intervals(ax: Axes, curve: _Curve, band: CitedRow | None, per: float) -> None:
    """A dot and a bar for every column, `per` inches apart."""
    thick = min(1.4, max(0.45, 30 * per))
    dot = min(4.0, max(1.3, 40 * per))
    lines, colours = zip(*_bars(curve.columns, band), strict=True)
    ax.add_collection(LineCollection(lines, colors=colours, linewidths=thick, alpha=0.55))
    for i, column in enumerate(curve.columns):
        ax.plot(i, column.ends[1], marker="o", markersize=dot, color=column.colour,
                markeredgewidth=0)  # fmt: skip
    if curve.base is not None:
        _mark_base(ax, curve.base)
        ax.plot(curve.base, curve.columns[curve.base].ends[1], marker="D",
                markersize=max(4.0, dot + 1), color=INK, markeredgecolor="white",
                markeredgewidth=0.5)  # fmt: skip


def _mark_base(ax: Axes, at: int) -> None:
    ax.axvline(at, color=INK, linewidth=0.5, linestyle=(0, (1, 2)), zorder=0.7)


def _bars(columns: Sequence[_Column], band: CitedRow | None) -> Iterator[tuple[_Line, str]]:
    """The intervals in the colours of their verdicts; where divided, of where they lie."""
    for i, column in enumerate(columns):
        start, _, end = column.ends
        if band is None or column.colour != VERDICTS["divided"]:
            yield [(i, start), (i, end)], column.colour
            continue
        low = -math.inf if band.target_low is None else band.target_low
        high = math.inf if band.target_high is None else band.target_high
        edges = (-math.inf, low, high, math.inf)
        for n, (_, colour, _) in enumerate(_SIDES):
            one, other = max(edges[n], start), min(edges[n + 1], end)
            if one < other:
                yield [(i, one), (i, other)], colour


def _verdict_words(sheet: Sheet, found: Multiverse, place: _Place) -> None:
    """The verdicts in their colours above the curve, with how many cells have each."""
    x, top, _ = place
    if not found.verdicts:
        return
    first = found.verdicts[0]
    told = [cell.cited[first.claim] for cell in found.cells if first.claim in cell.cited]
    undecided = [one.verdict for one in told if one.pool == "held-out" and one.only_just]
    for name, count in first.counts.items():
        if count:
            just = undecided.count(name)
            words = f"{count} {name}{f' ({just} only just)' if just else ''}"
            colour = WRITTEN.get(VERDICTS[name], GREY)
            sheet.text(x, top - 0.03, words, va="bottom", weight="bold", color=colour)
            x += text_width(words, weight="bold") + 0.14


def _ruler(written: str, reach: Sequence[float]) -> Ruler:
    support = Interval(0.0 if min(reach) > 0 else -math.inf, math.inf)
    share = written == "share"
    if share:
        support = Interval(0.0, 1.0)
    unit = Units(_currencies(written)).parse(written)
    ruler = Ruler.of(support, unit, "", reach)
    label = "%" if share else unit_words(unit)
    return Ruler(ruler.low, ruler.high, ruler.log, ruler.percent, "", label)


def _currencies(unit: str) -> dict[str, tuple[float, str]]:
    """Codes in a unit, so that it can be read without the model's rates; only words are needed."""
    codes = set(re.findall(r"(?<![A-Za-z])[kMG]?([A-Z]{3})(?![A-Za-z])", unit)) - {"USD"}
    return dict.fromkeys(codes, (1.0, "USD"))


# How much of each answer lies on which side ----------------------------------------------------


def _draw_sides(sheet: Sheet, shares: Sequence[tuple[float, float, float]], place: _Place) -> None:
    """A bar of height one for each cell, and at the left what its colours are.

    A verdict is one word; where all cells have the same one the curve would say no more than that.
    """
    left, top, width = place
    ax = sheet.axes(left, top, width, _SIDES_HEIGHT)
    ax.set_axis_off()
    ax.set_xlim(-0.6, len(shares) - 0.4)
    ax.set_ylim(0, 1)
    at, floor = np.arange(len(shares)), np.zeros(len(shares))
    for (_, colour, strength), share in zip(_SIDES, np.transpose(shares), strict=True):
        ax.bar(at, share, 0.86, bottom=floor, color=colour, alpha=strength, linewidth=0)
        floor = floor + share
    step = _SIDES_HEIGHT / len(_SIDES)
    for n, (side, colour, _) in enumerate(reversed(_SIDES)):
        y = top + (n + 0.5) * step
        words = f"P({side})"
        sheet.text(left - 0.1, y, words, va="center", ha="right", color=WRITTEN.get(colour, GREY))


# The matrix ------------------------------------------------------------------------------------


def _levels(axis: AxisRow) -> list[_Level]:
    options = (_Level(one.option, spoken(one.label), False) for one in axis.options)
    return [_Level(axis.base, spoken(axis.base), True), *options]


def _height(axis: AxisRow) -> float:
    return LINE + 0.02 + _ROW * (1 + len(axis.options)) + _GAP


def _matrix(sheet: Sheet, curve: _Curve, place: _Place) -> None:
    left, y, width = place
    shares = {one.axis: one.share for one in curve.found.effects}
    # What moves the answer most stands next to it.
    for axis in sorted(curve.found.axes, key=lambda one: -(shares.get(one.axis) or 0.0)):
        name = capitalised(spoken(axis.label))
        sheet.text(MARGIN, y, name, weight="bold")
        share = shares.get(axis.axis)
        if share is not None:
            x = max(left, MARGIN + text_width(name, weight="bold") + 0.1)
            sheet.text(x, y, _share(share), color=GREY)
        _marks(sheet, curve, axis, (left, y + LINE + 0.02, width))
        y += _height(axis)


def _marks(sheet: Sheet, curve: _Curve, axis: AxisRow, place: _Place) -> None:
    """A line for each option of an axis, with a mark in the columns that have it."""
    left, y, width = place
    columns, levels = curve.columns, _levels(axis)
    size = min(3.4, max(1.1, 42 * width / max(1, len(columns))))
    ax = sheet.axes(left, y, width, _ROW * len(levels))
    ax.set_axis_off()
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.set_ylim(len(levels) - 0.5, -0.5)
    for n, level in enumerate(levels):
        sheet.text(left - 0.1, y + _ROW * (n + 0.5), _cut(level.label, left - MARGIN - 0.2),
                   va="center", ha="right", color=GREY if level.base else INK)  # fmt: skip
        ax.axhline(n, color=PALE, linewidth=0.3, zorder=0)
        at = [i for i, one in enumerate(columns) if one.cell.options[axis.axis] == level.option]
        ax.scatter(at, np.full(len(at), n), s=size**2, marker="s", linewidths=0,
                   color=[columns[i].colour for i in at])  # fmt: skip
    if curve.base is not None:
        _mark_base(ax, curve.base)


def _share(share: float) -> str:
    """What part of the variance between the cells a choice alone accounts for."""
    percent = "under 1" if share < 0.01 else spelled(100 * share, 0)
    return f"{percent} % of the variance between the columns"


def _cut(text: str, inches: float) -> str:
    while text_width(text) > inches and len(text) > 2:
        text = text[:-2].rstrip("…") + "…"
    return text


# Words -----------------------------------------------------------------------------------------


def _says(cited: CitedRow) -> str:
    """A cited figure with its unit in words."""
    wording = parse_wording(cited.says)
    return phrase(wording, Units(_currencies(wording.unit)).parse(wording.unit))


def _small_print(curve: _Curve) -> Iterator[str]:
    found = curve.found
    yield (
        "Each column is one way, by its median (dot), with the 90 % interval (bar); below, what "
        "was chosen. Diamond and dotted line: the model as it stands."
    )
    if found.total > len(found.cells):
        yield f"{len(found.cells)} of {found.total:,} combinations, at random."
    if curve.thinned:
        yield f"{curve.thinned:,} more columns between these are left out, evenly."
    if curve.missing:
        yield f"{curve.missing} whose fit failed, or which have no number, are not drawn."
    if curve.band and any(one.colour == VERDICTS["divided"] for one in curve.columns):
        yield "The bar of a divided answer has the colours of where it lies."
    if found.cited:
        figures = joined([_says(one) for one in found.cited])
        yield f"Held out, unless a choice admits it: the cited {figures}."
