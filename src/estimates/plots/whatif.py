"""The answer as it is and as supposed, one above the other, and how far the quantities moved."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from estimates.analysis.result import Analysis
from estimates.language.phrases import in_words, told
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
from estimates.plots.parts.words import brief, capitalised, probability

type Row = Mapping[str, Any]

_NAMES = {"base": "as it is", "supposed": "as supposed"}
_COLOURS = {"base": GREY, "supposed": BLUE}
_SHADE = 0.085
_RIDGE, _ROW, _BASE = 0.75, 0.27, 0.06  # inches
_SPAN = 5.0  # a target that spans more than this factor is drawn on a log axis
_MOST, _LEAST = 10, 0.1  # quantities that are shown, and how many sds they moved


def whatif(found: Analysis) -> Figure | None:
    """Both answers to the headline question, with the cited figure behind them; what moved.

    Parameters
    ----------
    found : what `estimates.whatif` returned

    Returns
    -------
    Figure; None where the headline target has no value.  A dot is a median, a bar an equal-tailed
    90 % interval.  Below, the shift of each basic quantity in sds of the answer as it is.
    """
    target = found.document["targets"][0]
    if any(target[side]["median"] is None for side in _NAMES):
        return None
    with house_style():
        return _sheet(found.document)


def _sheet(document: Mapping[str, Any]) -> Figure:
    target, density = document["targets"][0], document["density"]
    cited = next((r for r in document["comparisons"] if r["about"] == target["target"]), None)
    moved = [row for row in document["quantities"] if _shown(row)][:_MOST]
    ruler = _ruler(target, density, cited)
    heading = Heading(f"{capitalised(target['label'])}, if …", document["sentence"])
    footing = Footing(
        "Area: density of the answer over all readings; dot: median; bar: 90 % interval.",
        "Below: how far a quantity moves (log scale for positive ones, logit for shares); ring: "
        "set."
        if moved
        else "",
        f"The cited figure ({cited['claim']}) is held out of both answers." if cited else "",
    )
    numbers = {side: _numbers(target[side], cited[side] if cited else None) for side in _NAMES}
    right = max(text_width(line, weight="bold") for n in numbers.values() for line in n) + MARGIN
    labels = [shortened(wrap(row["label"], 2.1), 2) for row in moved]
    widest = max([text_width(line) for lines in labels for line in lines], default=0.0)
    left = max(text_width(name) for name in _NAMES.values()) + MARGIN + 0.12
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
    curves = {side: _on_axis(density[side], density["scale"], ruler) for side in _NAMES}
    peak = max((max(c["height"]) for c in curves.values() if c is not None), default=1.0)
    for i, side in enumerate(_NAMES, start=1):
        y = i * _RIDGE
        _ridge(ax, curves[side], y - _BASE, 0.82 * _RIDGE / peak, side)
        _interval(ax, target[side], y - _BASE)
        sheet.text(MARGIN, top + y - _BASE - LINE / 2, _NAMES[side], va="center")
        for j, line in enumerate(numbers[side]):
            at = top + y - _BASE - LINE * (len(numbers[side]) - j - 0.5)
            weight, colour = ("bold", _COLOURS[side]) if j else ("normal", INK)
            sheet.text(WIDTH - right, at, line, va="center", weight=weight, color=colour)
    if moved:
        _shifts(sheet, moved, labels, rows, (widest + MARGIN + 0.14, second))
    return sheet.figure


def _shown(row: Row) -> bool:
    shift = row["shift"]
    if shift is None:
        return False
    return bool(row["set"]) or abs(shift) > max(_LEAST, 2 * row["mcse_shift"])


def _ruler(target: Row, density: Row, cited: Row | None) -> Ruler:
    """An axis that shows both answers' intervals and what of the cited figure lies near."""
    reach = [target[side][end] for side in _NAMES for end in ("q05", "q95")]
    for side in _NAMES:
        if density[side] is not None:
            reach += [density[side]["x"][0], density[side]["x"][-1]]
        if cited is not None:
            reach += [end for end in (cited[side]["low"], cited[side]["high"]) if end is not None]
    low, high = min(reach), max(reach)
    log = density["scale"] == "log" and low > 0 and high / low >= _SPAN
    percent = target["unit"] == "share"
    if low == high:
        low, high = low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2
    return Ruler(low, high, log, percent, target["label"], in_words(target["unit"]))


def _band(
    ax: Axes, sheet: Sheet, ruler: Ruler, cited: Row, frame: tuple[float, float, float]
) -> None:
    """The cited range behind both answers; of each its own, where it is re-worded."""
    left, width, top = frame
    spans = [(cited[side]["low"], cited[side]["high"]) for side in _NAMES]
    for i, (low, high) in enumerate(spans):
        ends = (ruler.clip(low, ruler.low), ruler.clip(high, ruler.high))
        share = (0.0, 1.0) if spans[0] == spans[1] else (0.5 - 0.5 * i, 1.0 - 0.5 * i)
        if i == 0 or spans[0] != spans[1]:
            ax.axvspan(*ends, *share, color="black", alpha=_SHADE, linewidth=0, zorder=0)
    low, high = (ruler.clip(end, edge) for end, edge in zip(spans[-1], (ruler.low, ruler.high),
                                                            strict=True))  # fmt: skip
    words = f"cited: {_said(cited['supposed'], cited['unit'])}"
    half = text_width(words, weight="bold") / 2
    middle = left + width * float(ruler.place(low) + ruler.place(high)) / 2
    middle = min(max(middle, left + half), WIDTH - MARGIN - half)
    sheet.text(middle, top - 0.04, words, va="bottom", ha="center", weight="bold", color=GREY)


def _said(row: Row, unit: str) -> str:
    """`US$100–200 million a year`."""
    factor = 100.0 if unit == "share" else 1.0
    ends = [None if row[end] is None else factor * row[end] for end in ("low", "high")]
    low, high = ends
    if low is None or high is None:
        (end,) = (one for one in ends if one is not None)
        return f"{'up to' if low is None else 'at least'} {told(brief(end), unit)}"
    return told(f"{brief(low)}{' to ' if low < 0 else '–'}{brief(high)}", unit)


def _on_axis(density: Row | None, scale: str, ruler: Ruler) -> Row | None:
    """A density per unit of the axis, which may be plain where the density's own scale is not."""
    if density is None or (scale == "log" and ruler.log):
        return density
    x, height = density["x"], density["height"]
    match scale:
        case "log":
            height = [h / at for h, at in zip(height, x, strict=True)]
        case "logit":
            height = [h / (at * (1 - at)) for h, at in zip(height, x, strict=True)]
    return {"x": x, "height": height}


def _ridge(ax: Axes, density: Row | None, base: float, scale: float, side: str) -> None:
    if density is None:
        return
    x = density["x"]
    height = [base - h * scale for h in density["height"]]
    colour = _COLOURS[side]
    ax.fill_between(x, base, height, color=colour, alpha=0.4, linewidth=0)
    ax.plot(x, height, color=colour, linewidth=0.8)


def _interval(ax: Axes, numbers: Row, y: float) -> None:
    ax.plot(
        [numbers["q05"], numbers["q95"]], [y, y],
        color=INK, linewidth=1.4, solid_capstyle="butt",
    )  # fmt: skip
    ax.plot(
        [numbers["median"]], [y], "o",
        color=INK, markersize=4, markeredgecolor="white", markeredgewidth=0.6, clip_on=False,
    )  # fmt: skip


def _numbers(numbers: Row, cited: Row | None) -> list[str]:
    """`118 (18–943)`, the probability of being inside, and the verdict."""
    join = " to " if numbers["q05"] < 0 else "–"
    lines = [f"{brief(numbers['median'])} ({brief(numbers['q05'])}{join}{brief(numbers['q95'])})"]
    if cited is not None and cited["verdict"] is not None:
        just = JUST if cited["only_just"] else ""
        lines.append(f"{cited['verdict']}{just}, inside {probability(cited['inside'])}")
    return lines


def _shifts(
    sheet: Sheet,
    moved: Sequence[Row],
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
    shifts = [row["shift"] for row in moved]
    low, high = min(0.0, *shifts), max(0.0, *shifts)
    pad = 0.06 * (high - low or 1.0)
    ax.set_xlim(low - pad, high + pad)
    ax.axvline(0, color=PALE, linewidth=0.8, zorder=0)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    ax.set_xlabel("shift, in sds of the answer as it is")
    y = 0.0
    for row, lines, size in zip(moved, labels, rows, strict=True):
        y += size
        middle = y - size / 2
        ax.plot([0, row["shift"]], [middle, middle], color=BLUE, linewidth=1.4)
        fill = "white" if row["set"] else BLUE
        ax.plot([row["shift"]], [middle], "o", color=BLUE, markerfacecolor=fill, markersize=4.5,
                clip_on=False)  # fmt: skip
        sheet.text(MARGIN, top + middle, "\n".join(lines), va="center")
        sheet.text(WIDTH - MARGIN, top + middle, _from_to(row), va="center", ha="right")


def _from_to(row: Row) -> str:
    """`352 → 1,190`."""
    factor = 100.0 if row["unit"] == "share" else 1.0
    ends = [row[side] for side in _NAMES]
    if any(end is None or not math.isfinite(end) for end in ends):
        return ""
    shown = " → ".join(brief(end * factor) for end in ends)
    return f"{shown} %" if row["unit"] == "share" else shown
