"""The picture that stands beside a link to a report: 1,200 by 630 pixels, read at a third of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.plots.answer import Answer, draw_ridges, prepared
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.marks import interval
from estimates.plots.parts.panel import Strip
from estimates.plots.parts.sheet import Sheet
from estimates.plots.parts.style import GREY, INK, WRITTEN, house_style
from estimates.plots.parts.text import Line, height_of

#: Inches; at the house's 200 dots each, what social networks ask for.
_WIDTH, _HEIGHT = 6.0, 3.15
_EDGE, _NAMES, _GAP = 0.22, 2.2, 0.12
_TITLE, _BODY, _SMALL = 14.0, 9.0, 8.0  # points
_MOST, _CURVES = 9, 4  # rows, and those that have room for curves
_BASE = 0.05
_FOOT, _AXIS = 0.26, 0.38


def share(fit: xr.DataTree | Findings, says: str, credit: str) -> Figure:
    """Return the headline answer under each reading, beside what was cited, and the finding.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    says : the finding, in a sentence or two
    credit : what stands at the foot

    Returns
    -------
    Figure of 1,200 by 630 pixels.  Of many readings the heaviest are drawn, and all together.
    """
    findings = Findings.of(fit)
    model = findings.model
    inner = _WIDTH - 2 * _EDGE
    with house_style():
        sheet = Sheet(_HEIGHT, _WIDTH)
        title = Line(model.title or model.slug, bold=True, size=_TITLE).wrapped(inner, 2)
        words = Line(says, size=_BODY).wrapped(inner, 3)
        foot = Line(credit, GREY, size=_SMALL).wrapped(inner, 1)
        sheet.block(_EDGE, _EDGE - 0.04, title)
        y = _EDGE + height_of(title) + 0.04
        sheet.block(_EDGE, y, words)
        sheet.block(_EDGE, _HEIGHT - 0.12, foot, va="bottom")
        shown = _heaviest(prepared(findings, model.targets[0]))
        _draw(sheet, shown, y + height_of(words) + 0.24)
        return sheet.figure


def _heaviest(drawn: Answer) -> Answer:
    """Return as many rows as there is room for, the lightest readings left out."""
    alone = [one for one in drawn.ridges if not one.together]
    light = sorted(alone, key=lambda one: one.row.weight)[: max(0, len(drawn.ridges) - _MOST)]
    return replace(drawn, ridges=[one for one in drawn.ridges if one not in light])


def _draw(sheet: Sheet, drawn: Answer, top: float) -> None:
    if not drawn.ridges:
        return
    count = len(drawn.ridges)
    left = _EDGE + (_NAMES + _GAP if count > 1 else 0.0)
    body, width = _HEIGHT - _FOOT - _AXIS - top, _WIDTH - _EDGE - left
    row = body / count
    base = _BASE if count <= _CURVES else row / 2
    middles = row * np.arange(1.0, count + 1) - base

    def marks(ax: Axes, y: NDArray[np.float64]) -> None:
        if count <= _CURVES:
            draw_ridges(drawn, row - _BASE, ax, y)
            return
        for one, at in zip(drawn.ridges, y, strict=True):
            interval(ax, one.row.ends, at, WRITTEN.get(one.colour, INK))

    ax = sheet.axes(left, top, width, body)
    bands = [replace(band, said="") for band in drawn.bands]
    unit = Line(drawn.ruler.unit).wrapped(width, 1)
    strip = Strip(marks, drawn.ruler, bands=bands)
    strip.into(ax, middles, body, "".join(line.text for line in unit))
    for one, middle in zip(drawn.ridges, middles, strict=True) if count > 1 else ():
        name = "all, by weight" if one.together else one.row.text
        label = Line(name, bold=one.together, size=min(_SMALL, 64 * row)).wrapped(_NAMES, 1)
        va = "bottom" if count <= _CURVES else "center"
        sheet.block(left - _GAP, top + middle, label, va=va, ha="right")
    for band in drawn.bands[:1]:
        low, high = drawn.ruler.place(np.array(band.ends(drawn.ruler))).tolist()
        words = Line("cited", GREY, bold=True, size=_SMALL)
        sheet.block(left + width * (low + high) / 2, top - 0.03, [words], va="bottom", ha="center")
