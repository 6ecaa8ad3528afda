"""Small marks that several figures share."""

from __future__ import annotations

from matplotlib.axes import Axes
from numpy import float64
from numpy.typing import ArrayLike, NDArray

from estimates._util.format import median_and_interval
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.rows import Row
from estimates.plots.parts.style import INK

Array = NDArray[float64]


def interval(ax: Axes, ends: tuple[float, float, float], y: float, colour: str = INK) -> None:
    """Draw a bar over a 90 % interval and a dot on the median; `ends`: low, median, high."""
    low, median, high = ends
    ax.plot([low, high], [y, y], color=colour, linewidth=1.4, solid_capstyle="butt")
    ax.plot(
        [median], [y], "o",
        color=colour, markersize=4, markeredgecolor="white", markeredgewidth=0.6, clip_on=False,
    )  # fmt: skip


def ridge(ax: Axes, x: ArrayLike, height: Array, base: float, colour: str) -> None:
    """Draw a density that stands on a base line, on an axis that goes downwards."""
    ax.fill_between(x, base, base - height, color=colour, alpha=0.45, linewidth=0)
    ax.plot(x, base - height, color=colour, linewidth=0.8)


def per_unit(x: Array, height: Array, scale: str, ruler: Ruler) -> Array:
    """Return a density per unit of its scale, as one per unit of an axis."""
    if scale == "identity" or (scale == "log" and ruler.log):
        return height
    return height / (x if scale == "log" else x * (1 - x))


def bound(
    ax: Axes, limit: float, end: float, y: float, *, colour: str, half: float, width: float
) -> None:
    """Draw an arrow from a limit to the end of the axis, where anything may be."""
    ax.annotate(
        "", xy=(end, y), xytext=(limit, y), annotation_clip=False,
        arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": width, "shrinkA": 0,
                    "shrinkB": 0, "mutation_scale": 7},
    )  # fmt: skip
    ax.plot([limit] * 2, [y - half, y + half], color=colour, linewidth=width)


def numbers_of(row: Row, ruler: Ruler) -> str:
    """Return the median and the 90 % interval: `136 (61–341)`."""
    median, interval = figures_of(row, ruler)
    return f"{median} ({interval if row.ends[0] < 0 else interval.replace(' to ', '–')})"


def figures_of(row: Row, ruler: Ruler) -> tuple[str, str]:
    """Return the median and its interval, with the digits that every table gives them."""
    return median_and_interval(row.numbers, 100.0 if ruler.percent else 1.0)
