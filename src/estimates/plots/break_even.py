"""Where two quantities break even: the lines on which the answer is what was cited."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from estimates.analysis.inverse.grouping import Group, groups
from estimates.analysis.inverse.result import Edge, Inverse
from estimates.plots.inverse import (
    COLOURS,
    MARKS,
    MOST,
    folding_note,
    key_to_marks,
    level_words,
    range_words,
    reading_words,
)
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.style import (
    BAND,
    GREY,
    LINE,
    MARGIN,
    SMALL,
    WIDTH,
    WRITTEN,
    Footing,
    Heading,
    Sheet,
    house_style,
    shortened,
    text_width,
    wrap,
)

Array = NDArray[np.float64]
type Point = tuple[float, float]

_CELL = 2.05  # inches, the height of a small picture
_DOTS = 400  # draws shown
_TRACED = 600  # points of a line at which its label may stand
_CLEAR = 0.03  # inches beside a label at the least


def break_even(found: Inverse, fit: xr.DataTree | Findings) -> Figure | None:
    """Pairs of values at which the target is at each edge, over the joint posterior, by reading.

    Parameters
    ----------
    found : what `estimates.inverse` returned
    fit : the fit that it was asked about

    Returns
    -------
    Figure; None where under no reading two quantities move.
    """
    shown, folded = groups(found, MOST)
    drawn = [row.reading for row in found.lines]
    panels = [group for group in shown if group.row.reading in drawn][:MOST]
    if not panels:
        return None
    with house_style():
        return _planes(found, Findings.of(fit), panels, folded)


def _planes(
    found: Inverse, findings: Findings, panels: Sequence[Group], folded: Sequence[str]
) -> Figure:
    heading = Heading(
        f"Where two quantities break even: {found.label} at {range_words(found)}",
        "Along a line the answer is the same, all other quantities at their posterior medians.",
    )
    footing = Footing(
        "Dots: posterior draws. Marks: the least surprising values, where the others move too, so "
        f"that a mark may lie beside its line; {key_to_marks(found)}.",
        "Each reading with the two quantities that would have to move most.",
        folding_note(folded, len(panels), len(panels)),
    )
    columns = 1 if len(panels) == 1 else 2
    rows = math.ceil(len(panels) / columns)
    cell = WIDTH / columns
    tall = 3.4 if columns == 1 else _CELL
    titles = [wrap(reading_words(group), cell - 2 * MARGIN, SMALL, "bold") for group in panels]
    deep = max(map(len, titles)) * LINE + 0.1
    height = deep + tall + 0.62
    sheet = Sheet(heading.height + rows * height + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    for i, group in enumerate(panels):
        x0 = (i % columns) * cell
        y0 = heading.height + (i // columns) * height
        sheet.text(x0 + MARGIN, y0, "\n".join(titles[i]), weight="bold")
        _plane(found, findings, group, sheet, (x0, y0 + deep, cell, tall))
    return sheet.figure


def _plane(
    found: Inverse,
    findings: Findings,
    group: Group,
    sheet: Sheet,
    box: tuple[float, float, float, float],
) -> None:
    reading = group.row.options
    lines = [row for row in found.lines if row.reading == reading]
    pair = lines[0].x, lines[0].y
    number = next(i for i, one in enumerate(findings.readings) if dict(one.label) == reading)
    draws = [findings.values(name)[number] for name in pair]
    points = _points(found, group, pair)
    across, up = _rulers(findings, pair, draws, list(points.values()))
    left, top, cell, tall = box
    gutter = 0.42 + max(map(text_width, up.ticks(tall, wide=False)[1]), default=0.2)
    width = cell - gutter - 0.14
    ax = sheet.axes(left + gutter, top, width, tall)
    across.along_x(ax, width, "\n".join(shortened(wrap(across.title, width), 2)))
    up.along_y(ax, tall)
    ax.set_ylabel("\n".join(shortened(wrap(up.title, tall), 2)), parse_math=False)
    step = max(1, len(draws[0]) // _DOTS)
    ax.plot(draws[0][::step], draws[1][::step], ".", color="#8c8c8c", markersize=1.6,
            markeredgewidth=0, alpha=0.6, zorder=1)  # fmt: skip
    curves = {
        edge: np.array([(row.x_value, row.y_value) for row in lines if row.edge == edge])
        for edge in found.levels
    }
    _between(ax, curves)
    _draw_lines(ax, curves, points)
    words = {edge: level_words(edge, level) for edge, level in found.levels.items()}
    _label_lines(ax, curves, list(points.values()), words, (across, up), (width, tall))


def _rulers(
    findings: Findings, pair: tuple[str, str], draws: Sequence[Array], points: Sequence[Point]
) -> tuple[Ruler, Ruler]:
    """Of x and y, which reach over nearly all draws and all points."""
    x, y = (
        Ruler.of(
            findings.support(name), findings.unit(name), findings.label(name),
            [*np.quantile(draws[place], (0.002, 0.998)), *(point[place] for point in points)],
            pad=0.06,
        )
        for place, name in enumerate(pair)
    )  # fmt: skip
    return x, y


def _draw_lines(ax: Axes, curves: Mapping[Edge, Array], points: Mapping[Edge, Point]) -> None:
    for edge, curve in curves.items():
        if len(curve) < 2:
            continue
        colour = COLOURS[edge]
        ax.plot(curve[:, 0], curve[:, 1], color=colour, zorder=2,
                linewidth=0.7 if edge == "centre" else 1.1)  # fmt: skip
        if edge in points:
            x, y = points[edge]
            ax.plot(
                [x], [y], MARKS[edge], color=colour, markersize=4.2,
                markeredgecolor="white", markeredgewidth=0.5, zorder=4,
            )  # fmt: skip


def _points(found: Inverse, group: Group, pair: tuple[str, str]) -> dict[Edge, Point]:
    """By edge the least surprising values of two quantities, where there are any."""
    values = {(row.edge, row.quantity): row.value for row in found.least_of(group.row)}
    points: dict[Edge, Point] = {}
    for edge in found.levels:
        x, y = (values.get((edge, name)) for name in pair)
        if x is not None and y is not None:
            points[edge] = x, y
    return points


def _between(ax: Axes, curves: Mapping[Edge, Array]) -> None:
    """The range, shaded between its two lines where both are there."""
    ends = [curve for edge, curve in curves.items() if edge != "centre" and len(curve) > 1]
    if len(ends) < 2:
        return
    low, high = ends
    both, mine, theirs = np.intersect1d(low[:, 0], high[:, 0], return_indices=True)
    if len(both) > 1:
        ax.fill_between(both, low[mine, 1], high[theirs, 1], color=BAND, linewidth=0, zorder=0)


def _label_lines(
    ax: Axes,
    curves: Mapping[Edge, Array],
    marks: Sequence[Point],
    words: Mapping[Edge, str],
    rulers: tuple[Ruler, Ruler],
    size: tuple[float, float],
) -> None:
    """Each level's value on its line, which is broken there, clear of lines, marks and labels.

    As far down and to the right as there is room; where there is none, the line has no label.
    """
    lines = {edge: _traced(curve, rulers, size) for edge, curve in curves.items() if len(curve) > 1}
    taken: list[tuple[float, float, float, float]] = []
    for edge, line in lines.items():
        half = text_width(words[edge]) / 2 + _CLEAR, LINE / 2 + 0.01
        others = [other for name, other in lines.items() if name != edge]
        others.append(np.array([_inches(at, rulers, size) for at in marks]).reshape(-1, 2))
        obstacles = np.concatenate(others)
        for x, y in line[np.argsort(line[:, 1] - line[:, 0])]:
            box = x - half[0], y - half[1], x + half[0], y + half[1]
            inside = box[0] > 0 and box[1] > _CLEAR and box[2] < size[0] and box[3] < size[1]
            near = np.all(np.abs(obstacles - (x, y)) < half, axis=1)
            if inside and not near.any() and not any(_overlap(box, one) for one in taken):
                taken.append(box)
                halo = [withStroke(linewidth=2.6, foreground="white")]
                ax.text(x / size[0], y / size[1], words[edge], transform=ax.transAxes,
                        ha="center", va="center", size=SMALL, parse_math=False, zorder=5,
                        color=WRITTEN.get(COLOURS[edge], GREY), path_effects=halo)  # fmt: skip
                break


def _inches(at: Point, rulers: tuple[Ruler, Ruler], size: tuple[float, float]) -> Point:
    """A point of the plane in inches from the lower left corner of the axes."""
    x, y = (
        float(ruler.place(one)) * inches
        for ruler, one, inches in zip(rulers, at, size, strict=True)
    )
    return x, y


def _traced(curve: Array, rulers: tuple[Ruler, Ruler], size: tuple[float, float]) -> Array:
    """Points of a line in inches, closely spaced."""
    ends = np.array([_inches((x, y), rulers, size) for x, y in curve])
    along = np.linspace(0, len(ends) - 1, _TRACED)
    return np.column_stack([np.interp(along, np.arange(len(ends)), ends[:, i]) for i in (0, 1)])


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
