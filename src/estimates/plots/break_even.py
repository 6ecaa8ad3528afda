"""Where two quantities break even: the lines on which the answer is what was cited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.analysis.inverse.grouping import Group, groups
from estimates.analysis.inverse.result import Edge, Inverse
from estimates.analysis.inverse.sentences import range_words
from estimates.language.labels import the
from estimates.plots.inverse import (
    COLOURS,
    MARKS,
    MOST,
    folding_note,
    key_to_marks,
    level_words,
    reading_words,
)
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Panel, Strip
from estimates.plots.parts.style import BAND
from estimates.plots.parts.text import Line

Array = NDArray[np.float64]
type Point = tuple[float, float]

_SMALL, _LARGE = 2.05, 3.4  # inches, the height of one of several pictures, and of one alone
_DOTS = 400  # draws shown


def break_even(
    found: Inverse, fit: xr.DataTree | Findings, *, ax: Axes | None = None
) -> Figure | None:
    """Draw pairs of values that put the target at each edge, over the joint posterior, by reading.

    Parameters
    ----------
    found : what `estimates.inverse` returned
    fit : the fit that it was asked about
    ax : draw into these axes, where one reading is drawn

    Returns
    -------
    Figure; None where under no reading two quantities move.
    """
    every, folded = groups(found, MOST)
    drawn = [row.reading for row in found.lines]
    shown = [group for group in every if group.row.reading in drawn][:MOST]
    if not shown:
        return None
    findings, several = Findings.of(fit), len(shown) > 1
    panels = [_panel(found, findings, group, _SMALL if several else _LARGE) for group in shown]
    levels = found.levels.items()
    legend = [Line(level_words(level, found.unit), key=COLOURS[edge]) for edge, level in levels]
    panels[0] = replace(panels[0], legend=legend)
    return Page(
        f"Where two quantities break even: {the(found.label, found.unit)} at {range_words(found)}",
        "Along a line the answer is the same, all other quantities at their posterior medians.",
        panels,
        [
            "Dots: posterior draws. Marks: the least surprising values, where the others move "
            f"too, so that a mark may lie beside its line; {key_to_marks(found)}.",
            "Each reading with the two quantities that would have to move most.",
            folding_note(folded, len(shown), len(shown)),
            trust_note(found.failed),
        ],
        columns=2 if several else 1,
    ).draw(ax)


def _panel(found: Inverse, findings: Findings, group: Group, height: float) -> Panel:
    reading = group.row.options
    lines = [row for row in found.lines if row.reading == reading]
    pair = lines[0].x, lines[0].y
    number = next(i for i, one in enumerate(findings.readings) if dict(one.label) == reading)
    draws = [findings.values(name)[number] for name in pair]
    points = _points(found, group, pair)
    curves = {
        edge: np.array([(row.x_value, row.y_value) for row in lines if row.edge == edge])
        for edge in found.levels
    }
    across, up = _rulers(findings, pair, draws, list(points.values()))

    def draw(ax: Axes, _: Array) -> None:
        step = max(1, len(draws[0]) // _DOTS)
        ax.plot(draws[0][::step], draws[1][::step], ".", color="#8c8c8c", markersize=1.6,
                markeredgewidth=0, alpha=0.6, zorder=1)  # fmt: skip
        _between(ax, curves)
        _draw_lines(ax, curves, points)

    title = reading_words(group)
    head = [Line(title, bold=True)] if title else []
    return Panel.plain(Strip(draw, across, up=up), height, head)


def _rulers(
    findings: Findings, pair: tuple[str, str], draws: Sequence[Array], points: Sequence[Point]
) -> tuple[Ruler, Ruler]:
    """Return the axes of x and y, which reach over nearly all draws and all points."""
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
    """Return by edge the least surprising values of two quantities, where there are any."""
    values = {(row.edge, row.quantity): row.value for row in found.least_of(group.row)}
    points: dict[Edge, Point] = {}
    for edge in found.levels:
        x, y = (values.get((edge, name)) for name in pair)
        if x is not None and y is not None:
            points[edge] = x, y
    return points


def _between(ax: Axes, curves: Mapping[Edge, Array]) -> None:
    """Shade the range between its two lines where both are there."""
    ends = [curve for edge, curve in curves.items() if edge != "centre" and len(curve) > 1]
    if len(ends) < 2:
        return
    low, high = ends
    both, mine, theirs = np.intersect1d(low[:, 0], high[:, 0], return_indices=True)
    if len(both) > 1:
        ax.fill_between(both, low[mine, 1], high[theirs, 1], color=BAND, linewidth=0, zorder=0)
