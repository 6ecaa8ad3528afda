"""The answer as it is and as supposed, one above the other, and how far the quantities moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from estimates._util.format import probability, rounded
from estimates.analysis.result import Numbers
from estimates.analysis.whatif.result import (
    NAMES,
    Beside,
    ComparisonRow,
    Curve,
    Densities,
    QuantityRow,
    ScaleName,
    TargetRow,
    WhatIf,
)
from estimates.language.phrases import capitalised, in_words, told
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.findings import JUST
from estimates.plots.parts.style import (
    BLUE,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    WIDTH,
    Footing,
    Heading,
    Sheet,
    house_style,
    shortened,
    text_width,
    wrap,
)

_COLOURS = (GREY, BLUE)
_SHADE = 0.085
_RIDGE, _ROW, _BASE = 0.75, 0.27, 0.06  # inches
_SPAN = 5.0  # a target that spans more than this factor is drawn on a log axis
_MOST, _LEAST = 10, 0.1  # quantities that are shown, and how many sds they moved


def whatif(found: WhatIf) -> Figure | None:
    """Both answers to the headline question, with the cited figure behind them; what moved.

    Parameters
    ----------
    found : what `estimates.whatif` returned

    Returns
    -------
    Figure; None where the headline target has no value.  A dot is a median, a bar an equal-tailed
    90 % interval.  Below, the shift of each basic quantity in sds of the answer as it is.
    """
    target = found.headline
    base, supposed = _interval_of(target.base), _interval_of(target.supposed)
    if base is None or supposed is None:
        return None
    with house_style():
        return _sheet(found, (base, supposed))


class _Interval(NamedTuple):
    """A median between the ends of its interval."""

    low: float
    median: float
    high: float


def _interval_of(numbers: Numbers) -> _Interval | None:
    if numbers.q05 is None or numbers.median is None or numbers.q95 is None:
        return None
    return _Interval(numbers.q05, numbers.median, numbers.q95)


def _sheet(found: WhatIf, intervals: tuple[_Interval, _Interval]) -> Figure:
    target, density = found.headline, found.density
    cited = found.cited(target.target)
    moved = [row for row in found.quantities if _shown(row)][:_MOST]
    ruler = _ruler(target, intervals, density, cited)
    heading = Heading(f"{capitalised(target.label)}, if …", found.sentence)
    footing = Footing(
        "Area: density of the answer over all readings; dot: median; bar: 90 % interval.",
        "Below: how far a quantity moves (log scale for positive ones, logit for shares); ring: "
        "set."
        if moved
        else "",
        f"The cited figure ({cited.claim}) is held out of both answers." if cited else "",
    )
    besides = (None, None) if cited is None else (cited.base, cited.supposed)
    numbers = [_numbers(*both) for both in zip(intervals, besides, strict=True)]
    right = max(text_width(line, weight="bold") for n in numbers for line in n) + MARGIN
    labels = [shortened(wrap(row.label, 2.1), 2) for row in moved]
    widest = max([text_width(line) for lines in labels for line in lines], default=0.0)
    left = max(text_width(name) for name in NAMES) + MARGIN + 0.12
    width = WIDTH - left - right - 0.12
    top = heading.height + (LINE if cited else 0.0) + 0.1
    body = 2 * _RIDGE + 0.1
    second = top + body + 0.5
    rows = [max(_ROW, len(lines) * LINE + 0.08) for lines in labels]
    below = sum(rows) + 0.42 if moved else 0.0
    sheet = Sheet(second + below + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    ax = sheet.axes(left, top, width, body)
    ax.set_ylim(body, 0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ruler.along_x(ax, width, ruler.unit)
    if cited is not None:
        _band(ax, sheet, ruler, cited, (left, width, top))
    curves = [_on_axis(one, density.scale, ruler) for one in (density.base, density.supposed)]
    peak = max((max(c.height) for c in curves if c is not None), default=1.0)
    for i, (name, colour, curve) in enumerate(zip(NAMES, _COLOURS, curves, strict=True)):
        y = (i + 1) * _RIDGE - _BASE
        _ridge(ax, curve, y, 0.82 * _RIDGE / peak, colour)
        _interval(ax, intervals[i], y)
        sheet.text(MARGIN, top + y - LINE / 2, name, va="center")
        for j, line in enumerate(numbers[i]):
            at = top + y - LINE * (len(numbers[i]) - j - 0.5)
            weight, ink = ("bold", colour) if j else ("normal", INK)
            sheet.text(WIDTH - right, at, line, va="center", weight=weight, color=ink)
    if moved:
        _shifts(sheet, moved, labels, rows, (widest + MARGIN + 0.14, second))
    return sheet.figure


def _shown(row: QuantityRow) -> bool:
    return row.shift is not None and (row.is_set or row.beyond(_LEAST))


def _ruler(
    target: TargetRow,
    intervals: Sequence[_Interval],
    density: Densities,
    cited: ComparisonRow | None,
) -> Ruler:
    """An axis that shows both answers' intervals and what of the cited figure lies near."""
    reach = [end for one in intervals for end in (one.low, one.high)]
    reach += [x for one in (density.base, density.supposed) if one for x in (one.x[0], one.x[-1])]
    if cited is not None:
        ends = (cited.base.low, cited.base.high, cited.supposed.low, cited.supposed.high)
        reach += [end for end in ends if end is not None]
    low, high = min(reach), max(reach)
    log = density.scale == "log" and low > 0 and high / low >= _SPAN
    if low == high:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    unit = target.unit
    return Ruler(low, high, log, unit == "share", target.label, in_words(unit))


def _band(
    ax: Axes, sheet: Sheet, ruler: Ruler, cited: ComparisonRow, frame: tuple[float, float, float]
) -> None:
    """The cited range behind both answers; of each its own, where it is re-worded."""
    left, width, top = frame
    base, supposed = (
        (ruler.clip(side.low, ruler.low), ruler.clip(side.high, ruler.high))
        for side in (cited.base, cited.supposed)
    )
    as_before = (cited.base.low, cited.base.high) == (cited.supposed.low, cited.supposed.high)
    bands = [(base, 0.0, 1.0)] if as_before else [(base, 0.5, 1.0), (supposed, 0.0, 0.5)]
    for ends, bottom, upper in bands:
        ax.axvspan(*ends, bottom, upper, color="black", alpha=_SHADE, linewidth=0, zorder=0)
    words = f"cited: {_said(cited.supposed, cited.unit)}"
    half = text_width(words, weight="bold") / 2
    low, high = supposed
    middle = left + width * float(ruler.place(low) + ruler.place(high)) / 2
    middle = min(max(middle, left + half), WIDTH - MARGIN - half)
    sheet.text(middle, top - 0.04, words, va="bottom", ha="center", weight="bold", color=GREY)


def _said(row: Beside, unit: str) -> str:
    """`US$100–200 million a year`."""
    factor = 100.0 if unit == "share" else 1.0
    if row.low is not None and row.high is not None:
        low, high = factor * row.low, factor * row.high
        return told(f"{rounded(low)}{' to ' if low < 0 else '–'}{rounded(high)}", unit)
    (end,) = (one for one in (row.low, row.high) if one is not None)
    return f"{'up to' if row.low is None else 'at least'} {told(rounded(factor * end), unit)}"


def _on_axis(density: Curve | None, scale: ScaleName, ruler: Ruler) -> Curve | None:
    """A density per unit of the axis, which may be plain where the density's own scale is not."""
    if density is None or scale == "identity" or (scale == "log" and ruler.log):
        return density
    slopes = [x if scale == "log" else x * (1 - x) for x in density.x]
    return Curve(density.x, tuple(h / s for h, s in zip(density.height, slopes, strict=True)))


def _ridge(ax: Axes, density: Curve | None, base: float, scale: float, colour: str) -> None:
    if density is None:
        return
    height = [base - h * scale for h in density.height]
    ax.fill_between(density.x, base, height, color=colour, alpha=0.4, linewidth=0)
    ax.plot(density.x, height, color=colour, linewidth=0.8)


def _interval(ax: Axes, numbers: _Interval, y: float) -> None:
    ax.plot([numbers.low, numbers.high], [y, y], color=INK, linewidth=1.4, solid_capstyle="butt")
    ax.plot(
        [numbers.median], [y], "o",
        color=INK, markersize=4, markeredgecolor="white", markeredgewidth=0.6, clip_on=False,
    )  # fmt: skip


def _numbers(numbers: _Interval, cited: Beside | None) -> list[str]:
    """`118 (18–943)`, the probability of being inside, and the verdict."""
    join = " to " if numbers.low < 0 else "–"
    lines = [f"{rounded(numbers.median)} ({rounded(numbers.low)}{join}{rounded(numbers.high)})"]
    if cited is not None and cited.verdict is not None and cited.inside is not None:
        just = JUST if cited.only_just else ""
        lines.append(f"{cited.verdict}{just}, inside {probability(cited.inside)}")
    return lines


def _shifts(
    sheet: Sheet,
    moved: Sequence[QuantityRow],
    labels: Sequence[Sequence[str]],
    rows: Sequence[float],
    corner: tuple[float, float],
) -> None:
    left, top = corner
    width, height = WIDTH - left - 1.05, sum(rows)
    ax = sheet.axes(left, top, width, height)
    ax.set_ylim(height, 0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    shifts = [row.shift or 0.0 for row in moved]
    low, high = min(0.0, *shifts), max(0.0, *shifts)
    pad = 0.06 * (high - low or 1.0)
    ax.set_xlim(low - pad, high + pad)
    ax.axvline(0, color=PALE, linewidth=0.8, zorder=0)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.set_xlabel("shift, in sds of the answer as it is")
    y = 0.0
    for row, shift, lines, size in zip(moved, shifts, labels, rows, strict=True):
        y += size
        middle = y - size / 2
        ax.plot([0, shift], [middle, middle], color=BLUE, linewidth=1.4)
        fill = "white" if row.is_set else BLUE
        ax.plot([shift], [middle], "o", color=BLUE, markerfacecolor=fill, markersize=4.5,
                clip_on=False)  # fmt: skip
        sheet.text(MARGIN, top + middle, "\n".join(lines), va="center")
        sheet.text(WIDTH - MARGIN, top + middle, _from_to(row), va="center", ha="right")


def _from_to(row: QuantityRow) -> str:
    """`352 → 1,190`."""
    if row.base is None or row.supposed is None:
        return ""
    factor = 100.0 if row.unit == "share" else 1.0
    shown = f"{rounded(factor * row.base)} → {rounded(factor * row.supposed)}"
    return f"{shown} %" if row.unit == "share" else shown
