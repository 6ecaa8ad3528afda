"""Two partial posteriors face to face: what a body of evidence says, and what all the rest says."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates._util.format import p_value
from estimates.analysis.conflict.result import (
    EVIDENCE,
    PRIOR,
    Conflict,
    Curves,
    SplitRow,
    SplitUnderReading,
)
from estimates.language.expression import Interval
from estimates.language.phrases import capitalised
from estimates.language.units import PLAIN, Unit, Units
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.style import (
    BLUE,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    SMALL,
    VERMILLION,
    WIDTH,
    WRITTEN,
    Footing,
    Heading,
    Sheet,
    house_style,
    shortened,
    wrap,
)

_MOST, _COLUMNS, _GAP = 8, 2, 0.34
_HEIGHT, _BELOW = 0.92, 0.46
_END = 0.025  # of an axis, at either end
_LEAST = 0.22  # of a half, the peak of the flatter density at the least
_CODE = re.compile(r"\b[kMGBT]?([A-Z]{3})\b")

Array = NDArray[np.float64]
type _Split = SplitRow | SplitUnderReading


def conflict(found: Conflict) -> Figure | None:
    """The splits of `estimates.conflict`, those in the sharpest conflict first.

    Returns
    -------
    Figure; None where no body of evidence can be set against another.
    """
    whole = {row.body for row in found.splits if row.conflict}
    alone = [
        row
        for row in found.splits_by_reading
        if row.under and row.body not in whole and row.curve in found.densities
    ]
    rows: list[_Split] = [*alone, *(row for row in found.splits if row.curve in found.densities)]
    rows.sort(key=lambda row: row.p)
    if not rows:
        return None
    shown = rows[:_MOST]
    with house_style():
        width = (WIDTH - 2 * MARGIN - (_COLUMNS - 1) * _GAP) / _COLUMNS
        heads = [_head(row, width) for row in shown]
        grid = [list(range(i, min(i + _COLUMNS, len(shown)))) for i in range(0, len(shown), 2)]
        tops = [(max(sum(map(len, heads[i])) for i in line) + 1) * LINE + 0.05 for line in grid]
        heading = Heading("What each body of evidence says, and what the rest says", found.sentence)
        left_out = len(found.splits) + len(alone) - len(shown)
        footing = Footing(*_notes(found.level, shown, left_out))
        sheet = Sheet(heading.height + sum(tops) + len(grid) * (_HEIGHT + _BELOW) + footing.height)
        heading.draw(sheet)
        footing.draw(sheet)
        y = heading.height
        for line, top in zip(grid, tops, strict=True):
            for column, i in enumerate(line):
                left = MARGIN + column * (width + _GAP)
                _words(sheet, left, y, heads[i], shown[i])
                ax = sheet.axes(left, y + top, width, _HEIGHT)
                _draw(ax, shown[i], found.densities[shown[i].curve], width)
            y += top + _HEIGHT + _BELOW
    return sheet.figure


def _head(row: _Split, width: float) -> list[list[str]]:
    """The body, the reading if it is one alone, and what it is about."""
    under = f"under {row.under}, on " if isinstance(row, SplitUnderReading) and row.under else ""
    return [
        shortened(wrap(row.body, width, weight="bold"), 2),
        shortened(wrap(capitalised(f"{under}{row.label}"), width), 2),
    ]


def _words(sheet: Sheet, left: float, y: float, head: list[list[str]], row: _Split) -> None:
    name, label = head
    sheet.text(left, y, "\n".join(name), weight="bold")
    sheet.text(left, y + len(name) * LINE, "\n".join(label))
    y += (len(name) + len(label)) * LINE
    if row.conflict:
        sheet.text(left, y, _p(row), color=WRITTEN[VERMILLION], weight="bold")
    else:
        sheet.text(left, y, _p(row), color=GREY)


def _p(row: _Split) -> str:
    z = f", {abs(row.z):.1f} standard errors" if row.z is not None and row.p < 0.05 else ""
    p, adjusted = p_value(row.p, row.log10_p, digits=1), p_value(row.p_adjusted, digits=1)
    return f"p = {p}{z}; adjusted {adjusted}".replace("-", "−")


def _draw(ax: Axes, row: _Split, curves: Curves, inches: float) -> None:
    x, rest, body = (np.array(one, dtype=float) for one in (curves.x, curves.rest, curves.body))
    ruler = _ruler(row, x, rest, body)
    statement = row.kind == "statement"
    if not ruler.log:
        # Heights are per unit of the claim's scale; along a plain axis they are per unit of it.
        rest = rest * _slope(row.scale, x)
        body = body if statement else body * _slope(row.scale, x)
    peak = rest.max() if statement else max(rest.max(), body.max())
    up = rest / min(peak, rest.max() / _LEAST)
    down = body if statement else body / min(peak, body.max() / _LEAST)
    ax.set_ylim(-1.12, 1.12)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ruler.along_x(ax, inches, "")
    _inside(ax)
    ax.set_xlabel(ruler.unit, parse_math=False, labelpad=1.5)
    ax.axhline(0, color=PALE, linewidth=0.5)
    colour = VERMILLION if row.conflict else INK
    ax.fill_between(x, 0, up, color=BLUE, alpha=0.45, linewidth=0)
    ax.plot(x, up, color=BLUE, linewidth=0.8)
    ax.fill_between(x, 0, -down, color=colour, alpha=0.35 if row.conflict else 0.22, linewidth=0)
    ax.plot(x, -down, color=colour, linewidth=0.8, linestyle="--" if statement else "-")
    _name(ax, ruler, x, up, 1, "the prior" if row.against == PRIOR else "the rest",
          WRITTEN[BLUE])  # fmt: skip
    _name(ax, ruler, x, down, -1, "would be said" if statement else "by itself",
          WRITTEN.get(colour, colour))  # fmt: skip


def _inside(ax: Axes) -> None:
    """Numbers at the very ends of an axis, written inwards so that none is cut off."""
    low, high = ax.transData.transform([(x, 0.0) for x in ax.get_xlim()])[:, 0]
    for tick, label in zip(ax.get_xticks(), ax.get_xticklabels(), strict=True):
        at = (ax.transData.transform((tick, 0.0))[0] - low) / (high - low)
        if 0 <= at < _END:
            label.set_horizontalalignment("left")
        elif 1 - _END < at <= 1:
            label.set_horizontalalignment("right")


def _name(
    ax: Axes, ruler: Ruler, x: Array, height: Array, side: int, words: str, colour: str
) -> None:
    """Beside the peak, in the half that it belongs to, where there is more room."""
    at = float(np.clip(ruler.place(x[int(np.argmax(height))]), 0.0, 1.0))
    right = at < 0.5
    ax.text(0.995 if right else 0.005, 0.5 + side * 0.40, words, transform=ax.transAxes,
            ha="right" if right else "left", va="center", size=SMALL, color=colour)  # fmt: skip


def _slope(scale: str, x: Array) -> Array:
    """Of the claim's scale, by which densities are carried back."""
    if scale == "log":
        return 1 / x
    return 1 / (x * (1 - x)) if scale == "logit" else np.ones_like(x)


def _ruler(row: _Split, x: Array, rest: Array, body: Array) -> Ruler:
    """An axis over what can be seen of both."""
    high = np.zeros(len(x), dtype=bool)
    for curve in (rest, body):
        if curve is not body or row.kind != "statement":
            high |= curve > 0.005 * curve.max()
    reach = [float(v) for v in x[high]]
    if row.limit is not None:
        reach.append(row.limit)
    support = {
        "log": Interval(0.0, math.inf),
        "logit": Interval(0.0, 1.0),
    }.get(row.scale, Interval(-math.inf, math.inf))
    return Ruler.of(support, _unit(row.unit), capitalised(row.label), reach, pad=0.02)


def _unit(text: str) -> Unit:
    """The unit in the document, for its words; what a currency is worth does not matter here."""
    codes = set(_CODE.findall(text)) - {"USD"}
    return Units(dict.fromkeys(codes, (1.0, "USD"))).parse(text) if text else PLAIN


def _notes(level: float, shown: Sequence[_Split], left: int) -> list[str]:
    notes = [
        "Up, blue: what all other evidence and the priors say, all readings by weight. Down: what "
        "the claim, or all claims of its origin, say by themselves, with no prior "
        "(red where the adjusted p is below "
        f"{level:g}). Each half has its own height where one is very much flatter."
    ]
    if any(row.kind == "statement" for row in shown):
        notes.append("Dashed: the probability that a bound or a direction would be stated.")
    if any(row.against != EVIDENCE for row in shown):
        notes.append("Where the other evidence says little, the rest is mostly the prior.")
    if left:
        notes.append(f"{left} further comparisons, with larger p, are not shown.")
    return notes
