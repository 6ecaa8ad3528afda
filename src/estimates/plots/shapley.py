"""Where the variance of a target comes from, as bars: between readings, and in each by quantity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates.analysis.sensitivity.result import Sensitivity, ShapleyRow
from estimates.language.phrases import spoken
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.readings import heaviest, key_of
from estimates.plots.parts.style import (
    BLUE,
    GREEN,
    LINE,
    MARGIN,
    ORANGE,
    PALE,
    SMALL,
    VERMILLION,
    WIDTH,
    Footing,
    Heading,
    Sheet,
    house_style,
    shortened,
    text_width,
    wrap,
)

_AXIS, _ROW = 0.36, 0.26  # inches
_NAMES = 2.3  # inches for names at the most
_COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, "#56B4E9", "#CC79A7", "#8c8c8c", "#F0E442")


class _Piece(NamedTuple):
    """Of a bar: what it says of itself, how long it is, and its colour."""

    label: str
    share: float
    colour: str


type _Bar = tuple[str, list[_Piece]]


def shares(found: Sensitivity) -> Figure | None:
    """Where the variance comes from: between and within readings, and within by quantity.

    None where the target's variance cannot be shared out.
    """
    several = len(found.parts("within")) > 1
    if not found.shapley and not several:
        return None
    colours = _colours(found.shapley)
    readings: dict[tuple[str, ...], list[ShapleyRow]] = {}
    for row in found.shapley:
        readings.setdefault(key_of(row.reading), []).append(row)
    most = heaviest(found.readings)
    shown = {key: rows for key, rows in readings.items() if key in most}
    bars = _between(found) if several else []
    for key, rows in shown.items():
        pieces = [_Piece("", max(r.share, 0.0), colours[r.quantity]) for r in rows]
        bars.append((", ".join(key) or "the answer", pieces))
    heading = _heading(found, several)
    left_out = len(readings) - len(shown)
    footing = Footing(
        "Options of a reading act together, so their shares alone need not add up to that "
        "between readings."
        if several
        else "",
        f"{left_out} lighter readings are not shown." if left_out else "",
    )
    names = min(max(text_width(name) for name, _ in bars), _NAMES)
    left = MARGIN + names + 0.1
    width = WIDTH - left - 0.25
    legend = [(found.named(quantity), shade) for quantity, shade in colours.items()]
    lines = _legend_lines(legend, WIDTH - 2 * MARGIN)
    top = heading.height + len(lines) * (LINE + 0.03) + 0.06
    sheet = Sheet(top + len(bars) * _ROW + _AXIS + footing.height)
    with house_style():
        heading.draw(sheet)
        footing.draw(sheet)
        _legend(sheet, heading.height, lines)
        ax = sheet.axes(left, top, width, len(bars) * _ROW)
        ax.set_ylim(len(bars), 0)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        for i, (name, pieces) in enumerate(bars):
            sheet.text(left - 0.1, top + (i + 0.5) * _ROW, shortened(wrap(name, names), 1)[0],
                       ha="right", va="center")  # fmt: skip
            _bar(ax, i + 0.5, pieces, width)
        Ruler(0, 1.0001, log=False, percent=True, label="share of the variance", unit="%").along_x(
            ax, width
        )
    return sheet.figure


def _colours(rows: Sequence[ShapleyRow]) -> dict[str, str]:
    """A colour for each quantity, those with the largest shares first."""
    totals: dict[str, float] = {}
    for row in rows:
        totals[row.quantity] = totals.get(row.quantity, 0.0) + row.share
    ranked = sorted(totals, key=lambda quantity: -totals[quantity])
    return {quantity: _COLOURS[i % len(_COLOURS)] for i, quantity in enumerate(ranked)}


def _between(found: Sensitivity) -> list[_Bar]:
    """What lies between readings, and by which of their axes."""
    bars: list[_Bar] = []
    for row in found.parts("between readings"):
        parts = [_Piece("between readings", row.share, "#9a9a9a"),
                 _Piece("within", 1 - row.share, PALE)]  # fmt: skip
        bars.append(("all readings", parts))
    for row in found.parts("axis"):
        bars.append((f"  by {spoken(row.name)}", [_Piece("", row.share, "#b5b5b5")]))
    return bars


def _heading(found: Sensitivity, several: bool) -> Heading:
    scale = "its logarithm" if found.scale == "log" else "it"
    return Heading(
        f"Where the uncertainty of {found.label} comes from",
        f"Shares of the variance of {scale}"
        + (
            ": between readings and within them; then within each, by quantity (Shapley effects)."
            if several
            else ", by quantity (Shapley effects, which hold for dependent quantities)."
        ),
    )


def _bar(ax: Axes, y: float, pieces: Sequence[_Piece], width: float) -> None:
    start = 0.0
    for label, share, colour in pieces:
        ax.barh(y, share, 0.66, left=start, color=colour, alpha=0.8, edgecolor="white",
                linewidth=0.8)  # fmt: skip
        words = f"{label} {share:.0%}".replace("%", " %").strip()
        if share * width > text_width(words) + 0.06:
            ax.text(start + share / 2, y, words, ha="center", va="center_baseline", size=SMALL)
        start += share


def _legend(sheet: Sheet, top: float, lines: Sequence[Sequence[tuple[str, str]]]) -> None:
    for i, line in enumerate(lines):
        x, y = MARGIN, top + i * (LINE + 0.03)
        for name, shade in line:
            sheet.mark(x + 0.04, y + LINE / 2, "s", color=shade)
            sheet.text(x + 0.12, y, name)
            x += 0.12 + text_width(name) + 0.16


def _legend_lines(entries: Sequence[tuple[str, str]], inches: float) -> list[list[tuple[str, str]]]:
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0.0
    for label, shade in entries:
        need = 0.28 + text_width(label)
        if lines[-1] and used + need > inches:
            lines.append([])
            used = 0.0
        lines[-1].append((label, shade))
        used += need
    return lines
