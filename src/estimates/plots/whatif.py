"""The answer as it is and as supposed, one above the other, and how far the quantities moved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates._util.format import probability, rounded
from estimates.analysis.result import Numbers
from estimates.analysis.whatif.result import (
    NAMES,
    Beside,
    ComparisonRow,
    Curve,
    QuantityRow,
    WhatIf,
)
from estimates.language.phrases import capitalised, cited_range
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.band import Band
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.findings import JUST
from estimates.plots.parts.marks import interval, per_unit, ridge
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import BLUE, GREY, PALE
from estimates.plots.parts.text import Line, Text
from estimates.stats.links import ScaleName

Array = NDArray[np.float64]
type _Interval = tuple[float, float, float]  # a median between the ends of its interval

_COLOURS = (GREY, BLUE)
_RIDGE, _ROW, _BASE = 0.75, 0.27, 0.06  # inches
_MOST, _LEAST = 10, 0.1  # quantities that are shown, and how many sds they moved


def whatif(found: WhatIf, *, ax: Axes | None = None) -> Figure | None:
    """Draw both answers to the headline question over the cited figure, and what moved.

    Parameters
    ----------
    found : what `estimates.whatif` returned
    ax : draw into these axes, where no quantity moved

    Returns
    -------
    Figure; None where the headline target has no value.  A dot is a median, a bar an equal-tailed
    90 % interval.  Below, the shift of each basic quantity in sds of the answer as it is.
    """
    target = found.headline
    intervals = [_interval_of(target.base), _interval_of(target.supposed)]
    if None in intervals:
        return None
    known = [one for one in intervals if one is not None]
    cited = found.cited(target.target)
    moved = [row for row in found.quantities if _shown(row)][:_MOST]
    panels = [_answers(found, known, cited), *([_shifts(moved)] if moved else [])]
    shifts = "log scale for positive ones, logit for shares"
    return Page(
        f"{capitalised(target.label)}, if …",
        found.sentence,
        panels,
        [
            "Area: density of the answer over all readings; dot: median; bar: 90 % interval.",
            f"Below: how far a quantity moves ({shifts}); ring: set." if moved else "",
            f"The cited figure ({cited.claim}) is held out of both answers." if cited else "",
            trust_note(found.failed),
        ],
    ).draw(ax)


def _interval_of(numbers: Numbers) -> _Interval | None:
    if numbers.q05 is None or numbers.median is None or numbers.q95 is None:
        return None
    return numbers.q05, numbers.median, numbers.q95


def _shown(row: QuantityRow) -> bool:
    return row.shift is not None and (row.is_set or row.beyond(_LEAST))


# The answers -----------------------------------------------------------------------------------


def _answers(found: WhatIf, intervals: Sequence[_Interval], cited: ComparisonRow | None) -> Panel:
    target, density = found.headline, found.density
    bands = [] if cited is None else _bands(cited)
    curves = [density.base, density.supposed]
    reach = [end for ends in intervals for end in (ends[0], ends[2])]
    reach += [x for one in curves if one for x in (one.x[0], one.x[-1])]
    reach += [end for band in bands for end in (band.low, band.high) if end is not None]
    ruler = Ruler.around(reach, target.unit, target.label, scale=density.scale, pad=0.0)
    besides = (None, None) if cited is None else (cited.base, cited.supposed)
    rows = [
        Row([[Line(name)]], [_numbers(ends, beside, colour)], least=_RIDGE)
        for name, ends, beside, colour in zip(NAMES, intervals, besides, _COLOURS, strict=True)
    ]
    draw = partial(_ridges, curves, density.scale, ruler, intervals)
    strip = Strip(draw, ruler, ruler.unit, bands=bands)
    return Panel([strip], rows, before=[Column()], base=_BASE)


def _bands(cited: ComparisonRow) -> list[Band]:
    """Return the cited range behind both answers, or one for each where it is re-worded."""
    base, supposed = cited.base, cited.supposed
    words = cited_range(supposed.low, supposed.high, cited.unit)
    if (base.low, base.high) == (supposed.low, supposed.high):
        return [Band(base.low, base.high, words)]
    return [
        Band(base.low, base.high, part=(0.5, 1.0)),
        Band(supposed.low, supposed.high, words, part=(0.0, 0.5)),
    ]


def _ridges(
    curves: Sequence[Curve | None],
    scale: ScaleName,
    ruler: Ruler,
    intervals: Sequence[_Interval],
    ax: Axes,
    middles: Array,
) -> None:
    known = {
        number: (np.array(one.x), per_unit(np.array(one.x), np.array(one.height), scale, ruler))
        for number, one in enumerate(curves)
        if one is not None
    }
    peak = max((float(height.max()) for _, height in known.values()), default=1.0)
    for number, (ends, base) in enumerate(zip(intervals, middles, strict=True)):
        if number in known:
            x, height = known[number]
            ridge(ax, x, height * 0.82 * _RIDGE / peak, base, _COLOURS[number])
        interval(ax, ends, base)


def _numbers(ends: _Interval, cited: Beside | None, colour: str) -> Text:
    """Return the median and interval, `136 (61–341)`, and the verdict beside the cited figure."""
    low, median, high = ends
    join = " to " if low < 0 else "–"
    lines = [Line(f"{rounded(median)} ({rounded(low)}{join}{rounded(high)})")]
    if cited is not None and cited.verdict is not None and cited.inside is not None:
        words = f"{cited.verdict}{JUST if cited.only_just else ''}"
        lines.append(Line(f"{words}, inside {probability(cited.inside)}", colour, bold=True))
    return lines


# What moved ------------------------------------------------------------------------------------


def _shifts(moved: Sequence[QuantityRow]) -> Panel:
    shifts = [row.shift or 0.0 for row in moved]
    label = "shift, in sds of the answer as it is"
    ruler = Ruler.around([0.0, *shifts], "", label, pad=0.06)
    rows = [Row([[Line(row.label)]], [[Line(_from_to(row))]], least=_ROW) for row in moved]
    strip = Strip(partial(_pins, moved), ruler)
    return Panel([strip], rows, before=[Column(widest=2.1)], after=[Column(right=True)])


def _pins(moved: Sequence[QuantityRow], ax: Axes, middles: Array) -> None:
    ax.axvline(0, color=PALE, linewidth=0.8, zorder=0)
    for row, y in zip(moved, middles, strict=True):
        shift = row.shift or 0.0
        ax.plot([0, shift], [y, y], color=BLUE, linewidth=1.4)
        fill = "white" if row.is_set else BLUE
        ax.plot([shift], [y], "o", color=BLUE, markerfacecolor=fill, markersize=4.5,
                clip_on=False)  # fmt: skip


def _from_to(row: QuantityRow) -> str:
    """Return a change: `352 → 1,190`."""
    if row.base is None or row.supposed is None:
        return ""
    factor = 100.0 if row.unit == "share" else 1.0
    shown = f"{rounded(factor * row.base)} → {rounded(factor * row.supposed)}"
    return f"{shown} %" if row.unit == "share" else shown
