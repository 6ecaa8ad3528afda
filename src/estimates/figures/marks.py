"""Small marks that several figures share."""

from __future__ import annotations

from matplotlib.axes import Axes

from estimates.figures.findings import Row
from estimates.figures.ruler import Ruler
from estimates.figures.style import INK
from estimates.figures.words import rounded


def interval(ax: Axes, row: Row, y: float, colour: str = INK) -> None:
    """A bar over the 90 % interval and a dot on the median, at a height."""
    ax.plot([row.q05, row.q95], [y, y], color=colour, linewidth=1.4, solid_capstyle="butt")
    ax.plot(
        [row.median], [y], "o",
        color=colour, markersize=4, markeredgecolor="white", markeredgewidth=0.6, clip_on=False,
    )  # fmt: skip


def numbers_of(row: Row, ruler: Ruler) -> str:
    """`136 (61–341)`: the median and the 90 % interval."""
    last = rounded(row.median, row.q05, row.q95, row.error)
    joint = " to " if row.q05 < 0 else "–"
    middle, low, high = (ruler.shown(x, last) for x in (row.median, row.q05, row.q95))
    return f"{middle} ({low}{joint}{high})"
