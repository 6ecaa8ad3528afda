"""A forest plot: each claim's own implication, what is pooled, and a next claim, by subject."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates.analysis.forest.result import Forest, Line
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.style import (
    BLUE,
    GREY,
    INK,
    LINE,
    MARGIN,
    ORANGE,
    WIDTH,
    Footing,
    Heading,
    Sheet,
    house_style,
    shortened,
    text_width,
    wrap,
)

_NAMES = 2.6  # inches, for the names of claims at the most
_ROW = 0.2
_TICKS = 0.2
_BETWEEN = 0.22
_MOST = 40  # rows
_COLOURS = {"claim": INK, "held out": ORANGE, "pooled": BLUE, "next claim": GREY}
_CALLED = {"pooled": "pooled", "next claim": "a next claim"}


@dataclass(frozen=True)
class _Panel:
    """All about one thing, and how it is laid along its axis."""

    lines: Sequence[Line]
    ruler: Ruler
    title: list[str]

    @property
    def height(self) -> float:
        return len(self.title) * LINE + len(self.lines) * _ROW + _TICKS + _BETWEEN


def forest(found: Forest, fit: xr.DataTree | Findings) -> Figure | None:
    """Each claim as it stands alone, what all come to, and where a next one would lie.

    Parameters
    ----------
    found : what `estimates.forest` returned
    fit : what was asked about

    Returns
    -------
    Figure; None where no claim names a figure.  A subject has an axis of its own.
    """
    if not found.lines:
        return None
    findings = Findings.of(fit)
    with house_style():
        panels: list[_Panel] = []
        shown = 0
        for what, unit in found.subjects:
            lines = found.about(what, unit)
            if shown + len(lines) > _MOST and panels:
                break
            panels.append(_panel(findings, lines))
            shown += len(lines)
        return _sheet(found, panels, len(found.subjects) - len(panels))


def _panel(findings: Findings, lines: Sequence[Line]) -> _Panel:
    first = lines[0]
    uses = findings.model.uses
    use = next(u for u in uses if (str(u.about), u.unit) == (first.about, first.unit))
    support, unit = findings.claimed_support(use), findings.model.units.parse(first.unit)
    reach = [end for line in lines for end in _reach(line)]
    ruler = Ruler.of(support, unit, findings.label(first.about), reach, pad=0.06)
    return _Panel(lines, ruler, wrap(ruler.title, WIDTH - 2 * MARGIN, weight="bold"))


def _reach(line: Line) -> Iterable[float]:
    ends = (line.q05, line.median, line.q95, line.at_least, line.at_most)
    return (end for end in ends if end is not None)


def _sheet(found: Forest, panels: Sequence[_Panel], left_out: int) -> Figure:
    heading = Heading("Each claim alone, and all together", found.sentence)
    footing = Footing(
        "Black: what a claim alone implies, its middle and 90 % interval; orange: held out, no "
        "evidence; arrow: a bound. Blue: pooled, the posterior over all readings. Grey: where a "
        "next claim would lie, as wide as one of these, with 90 % probability.",
        f"{left_out} further subjects are not shown." if left_out else "",
    )
    names = [_name(line) for panel in panels for line in panel.lines]
    left = MARGIN + max(text_width(name) for name in names) + 0.14
    width = WIDTH - left - MARGIN - 0.1
    sheet = Sheet(heading.height + sum(panel.height for panel in panels) + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    top = heading.height
    for panel in panels:
        sheet.text(MARGIN, top, "\n".join(panel.title), weight="bold")
        y = top + len(panel.title) * LINE + 0.04
        body = len(panel.lines) * _ROW
        ax = sheet.axes(left, y, width, body)
        _draw(ax, panel, width)
        for i, line in enumerate(panel.lines):
            sheet.text(left - 0.1, y + (i + 0.5) * _ROW, _name(line), va="center", ha="right",
                       color=_COLOURS[line.kind])  # fmt: skip
        top += panel.height
    return sheet.figure


def _name(line: Line) -> str:
    own = _CALLED.get(line.kind) or f"{line.says}, {line.speaker or line.claim}"
    return shortened(wrap(own, _NAMES), 1)[0]


def _draw(ax: Axes, panel: _Panel, inches: float) -> None:
    ax.set_ylim(len(panel.lines), 0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    panel.ruler.along_x(ax, inches, "")
    pooled = next((line for line in panel.lines if line.kind == "pooled"), None)
    if pooled is not None and pooled.median is not None:
        ax.axvline(pooled.median, color=BLUE, linewidth=0.6, linestyle=(0, (4, 2)), zorder=0)
    for i, line in enumerate(panel.lines):
        _draw_line(ax, panel.ruler, line, i + 0.5)


def _draw_line(ax: Axes, ruler: Ruler, line: Line, y: float) -> None:
    colour = _COLOURS[line.kind]
    limit = line.at_least if line.at_most is None else line.at_most
    if limit is not None:
        end = ruler.low if line.at_least is None else ruler.high
        ax.annotate(
            "", xy=(end, y), xytext=(limit, y), annotation_clip=False,
            arrowprops={"arrowstyle": "-|>", "color": colour, "linewidth": 1.0, "shrinkA": 0,
                        "shrinkB": 0, "mutation_scale": 7},
        )  # fmt: skip
        ax.plot([limit] * 2, [y - 0.2, y + 0.2], color=colour, linewidth=1.0)
        return
    if line.median is None or line.q05 is None or line.q95 is None:
        return
    low, high = ruler.clip(line.q05, ruler.low), ruler.clip(line.q95, ruler.high)
    middle = ruler.clip(line.median, line.median)
    if line.kind == "pooled":  # a diamond as wide as its interval, as meta-analysts draw it
        ax.fill([low, middle, high, middle], [y, y - 0.3, y, y + 0.3], color=BLUE, linewidth=0)
        return
    dashes = (0, (3, 1.5)) if line.kind == "next claim" else "-"
    ax.plot([low, high], [y, y], color=colour, linewidth=1.0, linestyle=dashes)
    if line.kind != "next claim":
        ax.plot([middle], [y], "s", color=colour, markersize=3.4)
