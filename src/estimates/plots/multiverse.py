"""The specification curve: the answer of every cell, and below it which choices made it.

Simonsohn, Simmons & Nelson 2020 (Nature Human Behaviour 4:1208): cells from the smallest median to
the largest, above their medians and intervals, below a mark for the option of each axis.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from estimates.analysis.result import Analysis
from estimates.language.expression import Interval
from estimates.language.units import Units
from estimates.language.wording import parse_wording
from estimates.plots.multiverse_sides import HEIGHT, draw_sides, segments, sides_known
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.style import (
    BAND,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    PLAIN,
    VERDICTS,
    WIDTH,
    WRITTEN,
    Footing,
    Heading,
    Sheet,
    house_style,
    text_width,
)
from estimates.plots.parts.words import capitalised, joined, number, spoken, unit_words
from estimates.plots.parts.words import said as phrase

_MOST = 200  # cells that columns can still be told apart of
_TOP = 2.3  # inches of the curve
_ROW = 0.145  # inches of a line of marks
_GAP = 0.07
_LONGEST = 1.9  # inches of the names of options


@dataclass(frozen=True)
class _Column:
    """One cell as it is drawn."""

    cell: Mapping[str, Any]
    colour: str


def multiverse(found: Analysis | Mapping[str, Any]) -> Figure:
    """The specification curve of what `multiverse` returned, or of its document.

    Cells that failed are left out, and counted; beyond 200 cells evenly spaced ones are drawn, the
    smallest, the largest and the base among them, and that is said.
    """
    document = found.document if isinstance(found, Analysis) else found
    with house_style():
        return _sheet(document)


def _sheet(document: Mapping[str, Any]) -> Figure:
    columns, missing, thinned = _columns(document)
    band = next(iter(document["cited"]), None)
    heading = Heading(_title(document), document["sentence"])
    footing = Footing(*_small_print(document, columns, missing, thinned, band))
    rows = [(axis, level) for axis in document["axes"] for level in _levels(axis)]
    names = max((text_width(level["label"]) for _, level in rows), default=0.0)
    axes_names = max(text_width(one["label"], weight="bold") for one in document["axes"])
    left = MARGIN + max(min(max(names + 0.1, axes_names), _LONGEST), 0.5) + 0.12
    right = MARGIN + 0.08
    width = WIDTH - left - right
    matrix = sum(_height(axis) for axis in document["axes"])
    top = heading.height + (LINE + 0.05 if band else 0.05)
    cells = [column.cell for column in columns]
    sides = HEIGHT + 0.14 if band and sides_known(cells, band["claim"]) else 0.0
    sheet = Sheet(top + _TOP + 0.12 + sides + matrix + 0.06 + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    ax = sheet.axes(left, top, width, _TOP)
    if columns:
        _curve(ax, sheet, document, columns, band, (left, top, width))
    if band and sides:
        draw_sides(sheet, cells, band["claim"], (left, top + _TOP + 0.10, width))
    _matrix(sheet, document, columns, (left, top + _TOP + 0.12 + sides, width))
    return sheet.figure


def _columns(document: Mapping[str, Any]) -> tuple[list[_Column], int, int]:
    """The cells that are drawn, by their median; how many have none, and how many are left out."""
    known = [cell for cell in document["cells"] if cell["median"] is not None]
    ranked = sorted(known, key=lambda cell: (cell["median"], cell["cell"]))
    kept = ranked
    if len(ranked) > _MOST:
        places = {round(i * (len(ranked) - 1) / (_MOST - 1)) for i in range(_MOST)}
        kept = [cell for i, cell in enumerate(ranked) if i in places or cell["base"]]
    missing = len(document["cells"]) - len(known)
    return (
        [_Column(cell, _colour(document, cell)) for cell in kept],
        missing,
        len(ranked) - len(kept),
    )


def _colour(document: Mapping[str, Any], cell: Mapping[str, Any]) -> str:
    if not document["cited"]:
        return PLAIN
    said = cell["cited"].get(document["cited"][0]["claim"])
    return PLAIN if said is None or said["verdict"] is None else VERDICTS[said["verdict"]]


# The curve -------------------------------------------------------------------------------------


def _curve(
    ax: Axes,
    sheet: Sheet,
    document: Mapping[str, Any],
    columns: Sequence[_Column],
    band: Mapping[str, Any] | None,
    place: tuple[float, float, float],
) -> None:
    left, top, width = place
    cells = [column.cell for column in columns]
    reach = [cell[end] for cell in cells for end in ("q05", "median", "q95")]
    ends = [band[end] for end in ("target_low", "target_high") if band[end]] if band else []
    ruler = _ruler(document, [*reach, *ends])
    ruler.along_y(ax, _TOP)
    ax.set_xlim(-0.6, len(cells) - 0.4)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    if band is not None:
        low, high = (
            ruler.clip(band["target_low"], ruler.low),
            ruler.clip(band["target_high"], ruler.high),
        )
        ax.axhspan(low, high, color=BAND, linewidth=0, zorder=0)
        for end in ends:
            ax.axhline(end, color=GREY, linewidth=0.5, linestyle=(0, (4, 2)), zorder=0.5)
        words = f"band: the cited {_says(band)}"
        sheet.text(left + width, top - 0.03, words, va="bottom", ha="right", color=GREY)
    per = width / len(cells)
    thick = min(1.4, max(0.45, 30 * per))
    dot = min(4.0, max(1.3, 40 * per))
    lines, colours = zip(*_bars(columns, band if ends else None), strict=True)
    ax.add_collection(LineCollection(lines, colors=colours, linewidths=thick, alpha=0.55))
    for i, column in enumerate(columns):
        ax.plot(i, column.cell["median"], marker="o", markersize=dot, color=column.colour,
                markeredgewidth=0)  # fmt: skip
    _verdict_words(ax, sheet, document, columns, place)
    for i, cell in enumerate(cells):
        if cell["base"]:
            ax.axvline(i, color=INK, linewidth=0.5, linestyle=(0, (1, 2)), zorder=0.7)
            ax.plot(i, cell["median"], marker="D", markersize=max(4.0, dot + 1), color=INK,
                    markeredgecolor="white", markeredgewidth=0.5)  # fmt: skip


def _bars(
    columns: Sequence[_Column], band: Mapping[str, Any] | None
) -> Iterator[tuple[list[tuple[float, float]], str]]:
    """The intervals in the colours of their verdicts; where divided, of where they lie."""
    for i, column in enumerate(columns):
        cell = column.cell
        if band and column.colour == VERDICTS["divided"]:
            yield from segments(i, cell, band["target_low"], band["target_high"])
        else:
            yield [(i, cell["q05"]), (i, cell["q95"])], column.colour


def _verdict_words(
    ax: Axes,
    sheet: Sheet,
    document: Mapping[str, Any],
    columns: Sequence[_Column],
    place: tuple[float, float, float],
) -> None:
    """The verdicts in their colours above the curve, with how many cells have each."""
    left, top, _ = place
    if not document["verdicts"]:
        return
    x = left
    claim = document["verdicts"][0]["claim"]
    for name, count in document["verdicts"][0]["counts"].items():
        if count:
            just = sum(
                bool(said["verdict"] == name and said["only_just"])
                for said in (one["cited"].get(claim) for one in document["cells"])
                if said and said["pool"] == "held-out"
            )
            words = f"{count} {name}{f' ({just} only just)' if just else ''}"
            colour = WRITTEN.get(VERDICTS[name], GREY)
            sheet.text(x, top - 0.03, words, va="bottom", weight="bold", color=colour)
            x += text_width(words, weight="bold") + 0.14


def _ruler(document: Mapping[str, Any], reach: Sequence[float]) -> Ruler:
    positive = min(reach) > 0
    support = Interval(0.0 if positive else -math.inf, math.inf)
    share = document["unit"] == "share"
    if share:
        support = Interval(0.0, 1.0)
    units = Units(_currencies(document["unit"]))
    unit = units.parse(document["unit"])
    ruler = Ruler.of(support, unit, "", reach)
    label = "%" if share else unit_words(unit)
    return Ruler(ruler.low, ruler.high, ruler.log, ruler.percent, "", label)


def _currencies(unit: str) -> dict[str, tuple[float, str]]:
    """Codes in a unit, so that it can be read without the model's rates; only words are needed."""
    codes = set(re.findall(r"(?<![A-Za-z])[kMG]?([A-Z]{3})(?![A-Za-z])", unit)) - {"USD"}
    return dict.fromkeys(codes, (1.0, "USD"))


# The matrix ------------------------------------------------------------------------------------


def _levels(axis: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The base and the options: what they are called in cells, and in words."""
    base = {"option": axis["base"], "label": spoken(axis["base"]), "base": True}
    return [
        base,
        *(
            {"option": o["option"], "label": spoken(o["label"]), "base": False}
            for o in axis["options"]
        ),
    ]


def _height(axis: Mapping[str, Any]) -> float:
    return LINE + 0.02 + _ROW * len(_levels(axis)) + _GAP


def _matrix(
    sheet: Sheet,
    document: Mapping[str, Any],
    columns: Sequence[_Column],
    place: tuple[float, float, float],
) -> None:
    left, y, width = place
    base = next((i for i, column in enumerate(columns) if column.cell["base"]), None)
    size = min(3.4, max(1.1, 42 * width / max(1, len(columns))))
    shares = {one["axis"]: one["share"] for one in document["effects"]}
    # What moves the answer most stands next to it.
    for axis in sorted(document["axes"], key=lambda one: -(shares.get(one["axis"]) or 0.0)):
        levels = _levels(axis)
        name = capitalised(spoken(axis["label"]))
        sheet.text(MARGIN, y, name, weight="bold")
        if shares.get(axis["axis"]) is not None:
            x = max(left, MARGIN + text_width(name, weight="bold") + 0.1)
            sheet.text(x, y, _share(shares[axis["axis"]]), color=GREY)
        y += LINE + 0.02
        height = _ROW * len(levels)
        ax = sheet.axes(left, y, width, height)
        ax.set_axis_off()
        ax.set_xlim(-0.6, len(columns) - 0.4)
        ax.set_ylim(len(levels) - 0.5, -0.5)
        for n, level in enumerate(levels):
            sheet.text(left - 0.1, y + _ROW * (n + 0.5), _cut(level["label"], left - MARGIN - 0.2),
                       va="center", ha="right", color=GREY if level["base"] else INK)  # fmt: skip
            ax.axhline(n, color=PALE, linewidth=0.3, zorder=0)
            at = [
                i for i, c in enumerate(columns)
                if c.cell["options"][axis["axis"]] == level["option"]
            ]  # fmt: skip
            ax.scatter(at, np.full(len(at), n), s=size**2, marker="s", linewidths=0,
                       color=[columns[i].colour for i in at])  # fmt: skip
        if base is not None:
            ax.axvline(base, color=INK, linewidth=0.5, linestyle=(0, (1, 2)), zorder=0.7)
        y += height + _GAP


def _share(share: float) -> str:
    """What part of the variance between the cells a choice alone accounts for."""
    percent = "under 1" if share < 0.01 else number(100 * share, 0)
    return f"{percent} % of the variance between the columns"


def _cut(text: str, inches: float) -> str:
    while text_width(text) > inches and len(text) > 2:
        text = text[:-2].rstrip("…") + "…"
    return text


# Words -----------------------------------------------------------------------------------------


def _says(cited: Mapping[str, Any]) -> str:
    """A cited figure with its unit in words."""
    wording = parse_wording(cited["says"])
    return phrase(wording, Units(_currencies(wording.unit)).parse(wording.unit))


def _title(document: Mapping[str, Any]) -> str:
    count = len(document["cells"])
    return f"{capitalised(document['label'])}: {count:,} ways to analyse the same claims"


def _small_print(
    document: Mapping[str, Any],
    columns: Sequence[_Column],
    missing: int,
    thinned: int,
    band: Mapping[str, Any] | None,
) -> list[str]:
    said = [
        "Each column is one way, by its median (dot), with the 90 % interval (bar); below, what "
        "was chosen. Diamond and dotted line: the model as it stands."
    ]
    if document["total"] > len(document["cells"]):
        said.append(f"{len(document['cells'])} of {document['total']:,} combinations, at random.")
    if thinned:
        said.append(f"{thinned:,} more columns between these are left out, evenly.")
    if missing:
        said.append(f"{missing} whose fit failed, or which have no number, are not drawn.")
    if band and any(c.colour == VERDICTS["divided"] for c in columns):
        said.append("The bar of a divided answer has the colours of where it lies.")
    held = [_says(one) for one in document["cited"]]
    if held:
        kept = "unless a choice admits it"
        said.append(f"Held out, {kept}: the cited {joined(held)}.")
    return said
