"""The kit that every figure is made with.

A figure is a page: a heading, panels one below the other or in columns, and a footer.  A panel has
rows: words at the left, marks along one axis or several, numbers at the right.  A figure says which
rows, which marks and which axis; how wide the words are, where lines break, how high the rows and
how large the page must be is found here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.errors import Fault, InputError
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.panel import RULED, Column, Panel, Strip
from estimates.plots.parts.sheet import Sheet
from estimates.plots.parts.style import (
    BODY,
    GREY,
    LINE,
    MARGIN,
    TITLE,
    WIDTH,
    figure_of,
    house_style,
)
from estimates.plots.parts.text import Line, Text, height_of, side_by_side, width_of, wrapped

Array = NDArray[np.float64]

# Inches
_GAP = 0.12  # between columns of words, and between words and axes
_APART = 0.34  # between panels side by side, and axes side by side
_BELOW = 0.17  # below a panel
_OVER = 0.05  # below the words over the axes
_TICKS = 0.2  # ticks and their labels
_PAD = 0.08  # above and below the words of a row together
_UP = 0.16  # a y axis without its labels
_BRACKET = 0.07  # the line under the words of one of several bands
_STANDING = 0.02  # the words of a row that stands on its marks, above them
_NARROWEST = 0.5  # axes
_OVERHANG = 0.08  # right of axes, of the last number of an axis
_MOST_TITLE, _MOST_HEAD = 4, 3  # lines


@dataclass(frozen=True)
class Page:
    """A figure, not yet drawn.

    Attributes
    ----------
    title, seen : the heading: what is drawn, and what is to be seen
    panels : in reading order
    notes : the footer: how to read it, what is held out, the sources, what is not to be trusted
    columns : of panels
    shared : only the last panel of a column has a title along its axis, which all have alike
    width : in inches
    """

    title: str
    seen: str
    panels: Sequence[Panel]
    notes: Sequence[str]
    columns: int = 1
    shared: bool = False
    ruled: bool = False
    width: float = WIDTH

    def draw(self, ax: Axes | None = None) -> Figure:
        """Draw it on a figure of its own, or into axes.

        Raises
        ------
        InputError : where axes are given and it needs more than one
        """
        with house_style():
            return self._on_a_sheet() if ax is None else self._into(ax)

    def _into(self, ax: Axes) -> Figure:
        if len(self.panels) != 1 or len(self.panels[0].strips) != 1:
            count = sum(len(panel.strips) for panel in self.panels)
            told = (
                f"this figure has {count} axes, so it takes no ax=; into axes of one's own go a "
                "fit, a comparison, a wording, a prior, and others whose figure has one panel"
            )
            raise InputError([Fault(told)])
        (panel,), figure = self.panels, figure_of(ax)[0]
        (strip,) = panel.strips
        heights = [row.least + RULED * row.apart for row in panel.rows]
        middles = panel.middles(heights)
        title = strip.ruler.title if strip.ruler else strip.title or ""
        strip.into(ax, middles, sum(heights), title)
        names = [", ".join(" ".join(line.text for line in cell) for cell in row.before)
                 for row in panel.rows]  # fmt: skip
        if any(names):
            ax.set_yticks(middles, names)
            ax.tick_params(axis="y", length=0)
        return figure

    def _on_a_sheet(self) -> Figure:
        inner = self.width - 2 * MARGIN
        heading = [
            *Line(self.title, bold=True, size=TITLE).wrapped(inner, _MOST_TITLE),
            *Line(self.seen, size=BODY).wrapped(inner),
        ]
        footer = wrapped([Line(note, GREY) for note in self.notes if note], inner)
        cell = (inner - (self.columns - 1) * _APART) / self.columns
        laid = [_Laid(panel, cell) for panel in self.panels]
        frame = _Frame(
            cell, max(one.left for one in laid), max(one.right for one in laid)
        ).not_too_narrow()
        lines = [laid[i : i + self.columns] for i in range(0, len(laid), self.columns)]
        bare = [self.shared and line is not lines[-1] for line in lines]
        tops = [max(one.top(frame) for one in line) for line in lines]
        bodies = [max(one.below(frame, without) for one in line)
                  for line, without in zip(lines, bare, strict=True)]  # fmt: skip
        y = MARGIN + height_of(heading) + (0.14 if heading else 0.0)
        total = y + sum(tops) + sum(bodies) + _BELOW * len(lines)
        sheet = Sheet(total + height_of(footer) + MARGIN, self.width)
        sheet.block(MARGIN, MARGIN, heading)
        sheet.block(MARGIN, total, footer)
        for line, top, body, without in zip(lines, tops, bodies, bare, strict=True):
            for column, one in enumerate(line):
                one.draw(sheet, frame, (MARGIN + column * (cell + _APART), y), top, without)
            y += top + body + _BELOW
            if self.ruled and line is not lines[-1]:
                sheet.rule(MARGIN, self.width - MARGIN, y - _BELOW / 2)
        return sheet.figure


class _Frame(NamedTuple):
    """The width of a panel, and the words on either side of its axes."""

    whole: float
    left: float
    right: float

    def strip(self, count: int) -> float:
        """Return the width of each of `count` axes."""
        return (self.whole - self.left - self.right - (count - 1) * _APART) / count

    def not_too_narrow(self) -> _Frame:
        """Let words lie over each other before there are no axes at all."""
        left = min(self.left, max(self.whole - self.right - _NARROWEST, 0.0))
        return self._replace(left=left)


class _Table:
    """Cells that are set in columns."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
        self.columns = columns
        self.cells = [
            [wrapped(cell, one.widest, one.most) for cell, one in zip(row, columns, strict=False)]
            for row in rows
        ]
        self.headers = [Line(one.header, GREY).wrapped(one.widest, 2) for one in columns]
        whole = [row for row in self.cells if len(row) == len(columns)]
        self._widths = [
            max(map(width_of, (header, *(row[i] for row in whole))))
            for i, header in enumerate(self.headers)
        ]
        own = sum(width + _GAP for width in self._widths if width)
        fewer = [row for row in self.cells if row and len(row) < len(columns)]
        spanning = [width_of(row[-1]) + _GAP for row in fewer]
        self.width = max([own, *spanning])

    def height(self, row: int) -> float:
        """Return the height of a row, in inches."""
        return max(map(height_of, self.cells[row]), default=0.0)

    @property
    def over(self) -> float:
        """The inches that the headers take."""
        return max(map(height_of, self.headers), default=0.0)

    def draw(self, sheet: Sheet, x: float, y: float, cells: Sequence[Text], va: str) -> None:
        """Draw cells from x on, at a height."""
        for column, width, cell in zip(self.columns, self._widths, cells, strict=False):
            right = column.right and width
            sheet.block(x + right, y, cell, va=va, ha="right" if column.right else "left")
            x += width + _GAP if width else 0.0


class _Laid:
    """A panel whose words are set."""

    def __init__(self, panel: Panel, inches: float) -> None:
        self.panel = panel
        self._head = wrapped(panel.head, inches, _MOST_HEAD)
        self._legend = side_by_side(panel.legend, inches, _GAP)
        self._before = _Table(panel.before, [row.before for row in panel.rows])
        self._after = _Table(panel.after, [row.after for row in panel.rows])
        self._heights = [
            max(row.least, _padded(max(self._before.height(i), self._after.height(i))))
            + (RULED if row.apart else 0.0)
            for i, row in enumerate(panel.rows)
        ]
        self._body = sum(self._heights)
        side = width_of(panel.side) + _GAP if panel.side else 0.0
        up = max((_gutter(strip.up, self._body) for strip in panel.strips), default=0.0)
        self.left = max(side + self._before.width, up)
        self.right = self._after.width or _OVERHANG

    def _over(self, frame: _Frame) -> tuple[float, float]:
        """Return the inches over the axes: up to the words of bands, and in all."""
        width = frame.strip(len(self.panel.strips))
        heads = (height_of(strip.head_in(width)) for strip in self.panel.strips)
        headers = max(self._before.over, self._after.over, *heads)
        said = [band for strip in self.panel.strips for band in strip.bands if band.said]
        lane = LINE + (_BRACKET if len(said) > 1 else 0.0)
        start = headers if any(band.words.width > width for band in said) else 0.0
        return start, max(headers, start + lane * len(said))

    def top(self, frame: _Frame) -> float:
        """Return the inches above the axes."""
        over = self._over(frame)[1]
        words = height_of(self._head) + len(self._legend) * (LINE + 0.03)
        return words + over + (_OVER if words or over else 0.0)

    def below(self, frame: _Frame, bare: bool) -> float:
        """Return the inches from the top of the axes to the end of everything."""
        width = frame.strip(len(self.panel.strips))
        feet = [
            _TICKS + (0.0 if bare else height_of(strip.title_in(width)))
            for strip in self.panel.strips
            if strip.ruler is not None
        ]
        return max(self._body + max(feet, default=0.0), height_of(self.panel.side))

    def draw(
        self, sheet: Sheet, frame: _Frame, corner: tuple[float, float], top: float, bare: bool
    ) -> None:
        """Draw it from its upper left corner; the axes are so many inches below that."""
        x, y = corner
        sheet.block(x, y, self._head)
        sheet.block(x, y + top, self.panel.side)
        for i, line in enumerate(self._legend):
            at = x
            for entry in line:
                sheet.block(at, y + height_of(self._head) + i * (LINE + 0.03), [entry])
                at += entry.width + _GAP
        middles = self.panel.middles(self._heights)
        width = frame.strip(len(self.panel.strips))
        for number, strip in enumerate(self.panel.strips):
            left = x + frame.left + number * (width + _APART)
            ax = sheet.axes(left, y + top, width, self._body)
            title = "" if bare else "\n".join(line.text for line in strip.title_in(width))
            strip.into(ax, middles, self._body, title)
            sheet.block(left, y + top - _OVER, strip.head_in(width), va="bottom")
            self._draw_words(sheet, strip, frame, left, y + top - _OVER)
        self._draw_cells(sheet, frame, x, y + top, middles)

    def _draw_cells(
        self, sheet: Sheet, frame: _Frame, x: float, top: float, middles: Array
    ) -> None:
        before, after = self._before, self._after
        first = x
        if before.columns and before.columns[0].right:
            first = x + frame.left - before.width
        last = x + frame.whole - frame.right + _GAP
        for table, at in ((before, first), (after, last)):
            table.draw(sheet, at, top - _OVER, table.headers, "bottom")
            for cells, middle in zip(table.cells, middles, strict=True):
                y = top + middle
                if self.panel.base is None:
                    table.draw(sheet, at, y, cells, "center")
                else:
                    table.draw(sheet, at, y + _STANDING, cells, "bottom")
        starts = np.cumsum([0.0, *self._heights])
        for row, start in zip(self.panel.rows, starts, strict=False):
            if row.apart:
                sheet.rule(x, x + frame.whole, top + start + RULED / 2)

    def _draw_words(
        self, sheet: Sheet, strip: Strip, frame: _Frame, left: float, bottom: float
    ) -> None:
        """Draw the words of the bands, each over the middle of its own where there is room.

        One of several has a line as wide as itself under its words, with an arrow's head where it
        is open.
        """
        said = [band for band in strip.bands if band.said]
        if strip.ruler is None or not said:
            return
        width = frame.strip(len(self.panel.strips))
        bottom -= self._over(frame)[0]
        for band in reversed(said):
            ends = strip.ruler.place(np.array(band.ends(strip.ruler)))
            low, high = (left + width * ends).tolist()
            half = band.words.width / 2
            middle = max(min((low + high) / 2, left + width - half), left + half)
            middle = min(max(middle, MARGIN + half), sheet.width - MARGIN - half)
            if band.number:
                bottom -= _BRACKET
                sheet.rule(low, high, bottom + _BRACKET - 0.01, color=GREY, linewidth=1.2)
                for at, end, head in ((low, band.low, "<"), (high, band.high, ">")):
                    if end is None:
                        sheet.mark(at, bottom + _BRACKET - 0.01, head, color=GREY)
            sheet.block(middle, bottom, [band.words], va="bottom", ha="center")
            bottom -= LINE


def _padded(words: float) -> float:
    """Return the inches of a row for its words; a single line needs no more."""
    return words + _PAD if words > 1.5 * LINE else words


def _gutter(up: Ruler | None, inches: float) -> float:
    """Return the inches that a y axis takes."""
    if up is None:
        return 0.0
    ticks = width_of(Line(label) for label in up.ticks(inches, wide=False)[1])
    title = Line(up.title).wrapped(inches, 2)
    return _UP + ticks + height_of(title) + (0.04 if title else 0.0)
