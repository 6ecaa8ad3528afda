"""A forest plot: each claim's own implication, what is pooled, and a next claim, by subject."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import float64
from numpy.typing import NDArray

from estimates.analysis.forest.result import Forest, Line
from estimates.language.phrases import spoken
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import key_note, trust_note
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.marks import bound
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import BLUE, GREY, INK, ORANGE
from estimates.plots.parts.text import Line as Words

_MOST = 40  # rows
_HIGH, _LOW = 0.06, 0.04  # inches, half of a diamond and of the mark of a bound
_COLOURS = {"claim": INK, "held out": ORANGE, "pooled": BLUE, "next claim": GREY}
_CALLED = {"pooled": "pooled", "next claim": "a next claim"}


def forest(
    found: Forest, fit: xr.DataTree | Findings | None = None, *, ax: Axes | None = None
) -> Figure | None:
    """Draw each claim by itself, what all come to, and where a next one would lie.

    Parameters
    ----------
    found : what `estimates.forest` returned
    fit : what was asked about, for the labels of what claims speak of
    ax : draw into these axes, where all claims are about one thing

    Returns
    -------
    Figure; None where no claim names a figure.  A subject has an axis of its own.
    """
    subjects = [found.about(what, unit) for what, unit in found.subjects]
    if not subjects:
        return None
    called = spoken if fit is None else Findings.of(fit).label
    shown: list[tuple[Line, ...]] = []
    count = 0
    for lines in subjects:
        if count + len(lines) > _MOST and shown:
            break
        shown.append(lines)
        count += len(lines)
    left_out = len(subjects) - len(shown)
    return Page(
        "Each claim alone, and all together",
        found.sentence,
        [_panel(lines, called(lines[0].about)) for lines in shown],
        [
            _key([line for lines in shown for line in lines]),
            f"{left_out} further subjects are not shown." if left_out else "",
            trust_note(found.failed),
        ],
    ).draw(ax)


def _key(lines: Sequence[Line]) -> str:
    kinds = {line.kind for line in lines}
    alone = "what a claim alone implies, its middle and 90 % interval"
    evidence, cited = "claim" in kinds, "held out" in kinds
    bounds = any((line.at_least is None) != (line.at_most is None) for line in lines)
    next_one = "Grey: where a next claim would lie, as wide as one of these, with 90 % probability."
    return key_note(
        [
            (f"Black: {alone}.", evidence),
            ("Orange: the same of one held out, no evidence.", cited and evidence),
            (f"Orange: {alone}; held out, no evidence.", cited and not evidence),
            ("Arrow: a bound.", bounds),
            ("Blue: pooled, the posterior over all readings.", "pooled" in kinds),
            (next_one, "next claim" in kinds),
        ]
    )


def _panel(lines: Sequence[Line], label: str) -> Panel:
    first = lines[0]
    ends = [(one.q05, one.median, one.q95, one.at_least, one.at_most) for one in lines]
    reach = [end for one in ends for end in one if end is not None]
    ruler = Ruler.around(reach, first.unit, label, scale=first.scale, pad=0.06)
    rows = [Row([[Words(_name(line), _COLOURS[line.kind])]]) for line in lines]
    return Panel(
        [Strip(partial(_draw, ruler, lines), ruler, "")],
        rows,
        head=[Words(ruler.title, bold=True)],
        before=[Column(right=True, most=1)],
    )


def _name(line: Line) -> str:
    return _CALLED.get(line.kind) or f"{line.speaker or line.claim}: {line.says}"


def _draw(ruler: Ruler, lines: Sequence[Line], ax: Axes, middles: NDArray[float64]) -> None:
    pooled = next((line for line in lines if line.kind == "pooled"), None)
    if pooled is not None and pooled.median is not None:
        ax.axvline(pooled.median, color=BLUE, linewidth=0.6, linestyle=(0, (4, 2)), zorder=0)
    for line, y in zip(lines, middles, strict=True):
        _draw_line(ax, ruler, line, float(y))


def _draw_line(ax: Axes, ruler: Ruler, line: Line, y: float) -> None:
    colour = _COLOURS[line.kind]
    limit = line.at_least if line.at_most is None else line.at_most
    if limit is not None:
        end = ruler.low if line.at_least is None else ruler.high
        bound(ax, limit, end, y, colour=colour, half=_LOW, width=1.0)
        return
    if line.median is None or line.q05 is None or line.q95 is None:
        return
    low, high = ruler.clip(line.q05, ruler.low), ruler.clip(line.q95, ruler.high)
    middle = ruler.clip(line.median, line.median)
    if line.kind == "pooled":  # a diamond as wide as its interval, as meta-analysts draw it
        ax.fill([low, middle, high, middle], [y, y - _HIGH, y, y + _HIGH], color=BLUE, linewidth=0)
        return
    dashes = (0, (3, 1.5)) if line.kind == "next claim" else "-"
    ax.plot([low, high], [y, y], color=colour, linewidth=1.0, linestyle=dashes)
    if line.kind != "next claim":
        ax.plot([middle], [y], "s", color=colour, markersize=3.4)
