"""What a figure consists of: panels of rows, with words on either side of the axes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.band import Band
from estimates.plots.parts.text import Line, Text

Array = NDArray[np.float64]
#: Draws the marks of all rows, which lie at these heights, in inches from the top.
type Draw = Callable[[Axes, Array], None]

RULED = 0.14  # inches above a row that is set apart
_MOST_AXIS = 3  # lines of the title of an axis


@dataclass(frozen=True)
class Column:
    """A column of words.

    Attributes
    ----------
    header : over it
    right : set to its right edge
    widest : inches beyond which words are broken
    most : lines that a cell has
    """

    header: str = ""
    right: bool = False
    widest: float = 2.6
    most: int = 2


@dataclass(frozen=True)
class Row:
    """A row of a panel.

    Attributes
    ----------
    before, after : cells of the columns on either side of the marks; the last of a row that has
        fewer than there are columns may be as wide as all of them
    least : inches that it is high at least
    apart : a rule above it
    """

    before: Sequence[Text] = ()
    after: Sequence[Text] = ()
    least: float = 0.2
    apart: bool = False


@dataclass(frozen=True)
class Strip:
    """The axes of a panel.

    Attributes
    ----------
    draw : draws the marks; the y axis goes downwards in inches, unless it sets another
    ruler, up : the x axis and the y axis; None where there is none
    title : of the x axis, the ruler's own if None; without a ruler only in axes of one's own
    head : over the axes
    bands : cited figures behind the marks
    """

    draw: Draw
    ruler: Ruler | None = None
    title: str | None = None
    up: Ruler | None = None
    head: str = ""
    bands: Sequence[Band] = ()

    def into(self, ax: Axes, middles: Array, body: float, title: str) -> None:
        """Lay the axes and draw everything that is in them."""
        ax.set_ylim(body, 0)
        ax.set_yticks([])
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines["left"].set_visible(self.up is not None)
        ax.spines["bottom"].set_visible(self.ruler is not None)
        if self.up is not None:
            self.up.along_y(ax)
        if self.ruler is None:
            ax.set_xticks([])
            ax.set_xlabel(title, parse_math=False)
        else:
            self.ruler.along_x(ax, title)
            for band in self.bands:
                band.draw(ax, self.ruler)
        self.draw(ax, middles)

    def title_in(self, inches: float) -> list[Line]:
        """Return the title of the x axis, broken into lines."""
        if self.ruler is None:
            return []
        title = self.ruler.title if self.title is None else self.title
        return Line(title).wrapped(inches, _MOST_AXIS)

    def head_in(self, inches: float) -> list[Line]:
        """Return the heading over the axes, broken into lines."""
        return Line(self.head, bold=True).wrapped(inches, _MOST_AXIS)


@dataclass(frozen=True)
class Panel:
    """Rows that share axes.

    Attributes
    ----------
    head, legend : above everything; the entries of a legend stand side by side
    side : left of the rows, from the top, as it is
    before, after : the columns of words
    base : inches from the bottom of a row up to its marks, on which its words stand; None where
        both are in its middle
    """

    strips: Sequence[Strip]
    rows: Sequence[Row]
    head: Text = ()
    legend: Text = ()
    side: Text = ()
    before: Sequence[Column] = (Column(right=True),)
    after: Sequence[Column] = (Column(),)
    base: float | None = None

    @staticmethod
    def plain(strip: Strip, height: float, head: Text = ()) -> Panel:
        """Return a panel of axes of a height in inches, without rows."""
        return Panel([strip], [Row(least=height)], head, before=(), after=())

    def middles(self, heights: Sequence[float]) -> Array:
        """Return where the marks of each row lie, in inches from the top."""
        ends = np.cumsum(heights)
        if self.base is not None:
            return ends - self.base
        apart = RULED * np.array([row.apart for row in self.rows])
        return ends - (np.array(heights) - apart) / 2
