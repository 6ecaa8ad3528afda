"""Small marks that several figures share."""

from __future__ import annotations

from matplotlib.axes import Axes

from estimates._util.format import last_digit, last_place
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.rows import Row
from estimates.plots.parts.style import INK


def interval(ax: Axes, row: Row, y: float, colour: str = INK) -> None:
    """A bar over the 90 % interval and a dot on the median, at a height."""
    ax.plot([row.q05, row.q95], [y, y], color=colour, linewidth=1.4, solid_capstyle="butt")
    ax.plot(
        [row.median], [y], "o",
        color=colour, markersize=4, markeredgecolor="white", markeredgewidth=0.6, clip_on=False,
    )  # fmt: skip


def numbers_of(row: Row, ruler: Ruler) -> str:
    """`136 (61–341)`: the median and the 90 % interval."""
    median, low, high = figures_of(row, ruler)
    return f"{median} ({low}{' to ' if row.q05 < 0 else '–'}{high})"


def figures_of(row: Row, ruler: Ruler) -> tuple[str, str, str]:
    """The median and the ends of the 90 % interval, each with the digits that it deserves."""
    place = last_place(row.median, row.q05, row.q95)
    values = (row.median, row.q05, row.q95)
    shown = [
        ruler.shown(value, last_digit(value, place, error))
        for value, error in zip(values, row.errors, strict=True)
    ]
    return shown[0], shown[1], shown[2]
