"""The specification curve: the answer of every cell, and below it which choices made it.

Simonsohn, Simmons & Nelson 2020 (Nature Human Behaviour 4:1208): cells from the smallest median to
the largest, above their medians and intervals, below a mark for the option of each axis.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates._util.format import spelled
from estimates.analysis.multiverse.result import AxisRow, CellRow, CitedRow, Multiverse, by_median
from estimates.language.phrases import capitalised, cited_range, joined, spoken
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import (
    BAND,
    GREY,
    INK,
    PALE,
    PLAIN,
    SIDES,
    VERDICTS,
    WRITTEN,
    figure_of,
)
from estimates.plots.parts.text import Line

_MOST = 200  # cells that columns can still be told apart of
_TOP, _ROW, _SIDE = 2.3, 0.145, 0.17  # inches: the curve, a line of marks, a third of the sides
_LONGEST = 1.9  # inches of the names of options

type _Line = list[tuple[float, float]]


@dataclass(frozen=True)
class _Column:
    """One cell as it is drawn."""

    cell: CellRow
    ends: tuple[float, float, float]
    colour: str


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
        """Return P(below), P(inside) and P(above) of every column, if all are known."""
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


def multiverse(found: Multiverse, *, ax: Axes | None = None) -> Figure:
    """Draw the specification curve of what `multiverse` returned.

    Cells that failed are left out, and counted; beyond 200 cells evenly spaced ones are drawn, the
    smallest, the largest and the base among them, and that is said.
    """
    curve = _Curve.of(found)
    shares = {one.axis: one.share for one in found.effects}
    # What moves the answer most stands next to it.
    axes = sorted(found.axes, key=lambda one: -(shares.get(one.axis) or 0.0))
    sides = curve.sides()
    panels = [_curve_panel(curve), *([_sides_panel(sides)] if sides else [])]
    panels += [_matrix_panel(curve, axis, shares.get(axis.axis)) for axis in axes]
    title = f"{capitalised(found.label)}: {len(found.cells):,} ways to analyse the same claims"
    notes = [*_small_print(curve), trust_note(found.failed)]
    return Page(title, found.sentence, panels, notes).draw(ax)


# The curve -------------------------------------------------------------------------------------


def _curve_panel(curve: _Curve) -> Panel:
    band, columns = curve.band, curve.columns
    ends = [end for end in (band.target_low, band.target_high) if end] if band else []
    reach = [*(end for one in columns for end in one.ends), *ends]
    ruler = Ruler.around(reach, curve.found.unit, scale="log")
    legend = _verdict_words(curve.found)
    if band is not None:
        legend.append(Line(f"band: the cited {_says(band)}", GREY))

    def draw(ax: Axes, _: NDArray[np.float64]) -> None:
        _across(ax, len(columns))
        if band is not None:
            low = ruler.clip(band.target_low, ruler.low)
            high = ruler.clip(band.target_high, ruler.high)
            ax.axhspan(low, high, color=BAND, linewidth=0, zorder=0)
        for end in ends:
            ax.axhline(end, color=GREY, linewidth=0.5, linestyle=(0, (4, 2)), zorder=0.5)
        if columns:
            _intervals(ax, curve, band if ends else None)

    return replace(Panel.plain(Strip(draw, up=ruler), _TOP), legend=legend)


def _across(ax: Axes, columns: int) -> None:
    """Lay the x axis, a unit for each column."""
    ax.set_xlim(-0.6, columns - 0.4)


def _intervals(ax: Axes, curve: _Curve, band: CitedRow | None) -> None:
    """Draw a dot and a bar for every column."""
    per = figure_of(ax)[1] / len(curve.columns)
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
    """Yield the intervals in the colours of their verdicts, or of where they lie if divided."""
    for i, column in enumerate(columns):
        start, _, end = column.ends
        if band is None or column.colour != VERDICTS["divided"]:
            yield [(i, start), (i, end)], column.colour
            continue
        low = -math.inf if band.target_low is None else band.target_low
        high = math.inf if band.target_high is None else band.target_high
        edges = (-math.inf, low, high, math.inf)
        for n, (colour, _) in enumerate(SIDES.values()):
            one, other = max(edges[n], start), min(edges[n + 1], end)
            if one < other:
                yield [(i, one), (i, other)], colour


def _verdict_words(found: Multiverse) -> list[Line]:
    """Return the verdicts in their colours, with how many cells have each."""
    if not found.verdicts:
        return []
    first = found.verdicts[0]
    told = [cell.cited[first.claim] for cell in found.cells if first.claim in cell.cited]
    undecided = [one.verdict for one in told if one.pool == "held-out" and one.only_just]
    words = []
    for name, count in first.counts.items():
        if count:
            just = undecided.count(name)
            text = f"{count} {name}{f' ({just} only just)' if just else ''}"
            words.append(Line(text, WRITTEN.get(VERDICTS[name], GREY), bold=True))
    return words


# How much of each answer lies on which side ----------------------------------------------------


def _sides_panel(shares: Sequence[tuple[float, float, float]]) -> Panel:
    """Return a bar of height one for each cell, with its colours explained at the left.

    A verdict is one word; where all cells have the same one the curve would say no more than that.
    """

    def draw(ax: Axes, middles: NDArray[np.float64]) -> None:
        _across(ax, len(shares))
        ax.set_ylim(0, 1)
        at, floor = np.arange(len(shares)), np.zeros(len(shares))
        for (colour, strength), share in zip(SIDES.values(), np.transpose(shares), strict=True):
            ax.bar(at, share, 0.86, bottom=floor, color=colour, alpha=strength, linewidth=0)
            floor = floor + share

    rows = [
        Row([[Line(f"P({side})", WRITTEN.get(colour, GREY))]], least=_SIDE)
        for side, (colour, _) in reversed(SIDES.items())
    ]
    return Panel([Strip(draw)], rows)


# The matrix ------------------------------------------------------------------------------------


def _matrix_panel(curve: _Curve, axis: AxisRow, share: float | None) -> Panel:
    """Return a line for each option of an axis, with a mark in the columns that have it."""
    columns = curve.columns
    levels = {axis.base: Line(spoken(axis.base), GREY)}
    levels |= {one.option: Line(spoken(one.label)) for one in axis.options}
    head = [Line(capitalised(spoken(axis.label)), bold=True)]
    if share is not None:
        head.append(Line(_share(share), GREY))

    def draw(ax: Axes, middles: NDArray[np.float64]) -> None:
        _across(ax, len(columns))
        size = min(3.4, max(1.1, 42 * figure_of(ax)[1] / max(1, len(columns))))
        for level, y in zip(levels, middles, strict=True):
            ax.axhline(y, color=PALE, linewidth=0.3, zorder=0)
            at = [i for i, one in enumerate(columns) if one.cell.options[axis.axis] == level]
            ax.scatter(at, np.full(len(at), y), s=size**2, marker="s", linewidths=0,
                       color=[columns[i].colour for i in at])  # fmt: skip
        if curve.base is not None:
            _mark_base(ax, curve.base)

    rows = [Row([[line]], least=_ROW) for line in levels.values()]
    column = Column(right=True, widest=_LONGEST, most=1)
    return Panel([Strip(draw)], rows, legend=head, before=[column])


def _share(share: float) -> str:
    """Return the share of the variance between the cells that a choice accounts for alone."""
    percent = "under 1" if share < 0.01 else spelled(100 * share, 0)
    return f"{percent} % of the variance between the columns"


# Words -----------------------------------------------------------------------------------------


def _says(cited: CitedRow) -> str:
    """Return a cited figure with its unit in words."""
    return cited_range(cited.low, cited.high, cited.unit)


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
