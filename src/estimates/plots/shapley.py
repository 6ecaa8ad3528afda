"""Where the variance of a target comes from, as bars: between readings, and in each by quantity."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import float64
from numpy.typing import NDArray

from estimates.analysis.sensitivity.result import Sensitivity, ShapleyRow
from estimates.language.labels import the
from estimates.language.phrases import joined, option_words
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.labelled import labelled
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.readings import heaviest, key_of
from estimates.plots.parts.style import BLUE, GREEN, ORANGE, PALE, SMALL, VERMILLION, figure_of
from estimates.plots.parts.text import Line, text_width

_ROW, _BAR = 0.26, 0.17  # inches
_COLOURS = (BLUE, VERMILLION, GREEN, ORANGE, "#56B4E9", "#CC79A7", "#8c8c8c", "#F0E442")


class _Piece(NamedTuple):
    """A piece of a bar: its label, its length and its colour."""

    label: str
    share: float
    colour: str


type _Bar = tuple[str, list[_Piece]]


@labelled
def shares(found: Sensitivity, *, ax: Axes | None = None) -> Figure | None:
    """Draw where the variance comes from: between readings, and within them by quantity.

    None where the target's variance cannot be shared out.

    Parameters
    ----------
    found : what `estimates.sensitivity` returned
    ax : draw into these axes
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
        bars.append((", ".join(map(option_words, key)) or "the answer", pieces))
    left_out = len(readings) - len(shown)
    whole = Ruler(0, 1.0001, log=False, percent=True, label="share of the variance", unit="%")
    panel = Panel(
        [Strip(partial(_draw, [pieces for _, pieces in bars]), whole)],
        [Row([[Line(name)]], least=_ROW) for name, _ in bars],
        legend=[Line(found.named(quantity), key=shade) for quantity, shade in colours.items()],
        before=[Column(right=True, widest=2.3, most=1)],
    )
    scale = "its logarithm" if found.scale == "log" else "it"
    by = (
        ": between readings and within them; then within each, by quantity (Shapley effects)."
        if several
        else ", by quantity (Shapley effects, which hold for dependent quantities)."
    )
    together = "Options of a reading act together, so their shares alone need not add up to that "
    return Page(
        f"Where the uncertainty of {the(found.label, found.unit)} comes from",
        f"Shares of the variance of {scale}{by}",
        [panel],
        [
            f"{together}between readings." if several else "",
            f"{left_out} lighter readings are not shown." if left_out else "",
            trust_note(found.failed),
        ],
    ).draw(ax)


def _colours(rows: Sequence[ShapleyRow]) -> dict[str, str]:
    """Return a colour for each quantity, those with the largest shares first."""
    totals: dict[str, float] = {}
    for row in rows:
        totals[row.quantity] = totals.get(row.quantity, 0.0) + row.share
    ranked = sorted(totals, key=lambda quantity: -totals[quantity])
    return {quantity: _COLOURS[i % len(_COLOURS)] for i, quantity in enumerate(ranked)}


def _between(found: Sensitivity) -> list[_Bar]:
    """Return the variance between readings, and the axes that it comes from."""
    bars: list[_Bar] = []
    for row in found.parts("between readings"):
        parts = [_Piece("between readings", row.share, "#9a9a9a"),
                 _Piece("within", 1 - row.share, PALE)]  # fmt: skip
        bars.append(("all readings", parts))
    for row in found.parts("axis"):
        options = [one.option for one in found.tornado if one.option and one.quantity == row.name]
        words = joined(map(option_words, dict.fromkeys(options)), "or") if options else row.name
        bars.append((f"  by {words}", [_Piece("", row.share, "#b5b5b5")]))
    return bars


def _draw(bars: Sequence[Sequence[_Piece]], ax: Axes, middles: NDArray[float64]) -> None:
    width = figure_of(ax)[1]
    for pieces, y in zip(bars, middles, strict=True):
        start = 0.0
        for label, share, colour in pieces:
            ax.barh(y, share, _BAR, left=start, color=colour, alpha=0.8, edgecolor="white",
                    linewidth=0.8)  # fmt: skip
            words = f"{label} {share:.0%}".replace("%", " %").strip()
            if share * width > text_width(words) + 0.06:
                ax.text(start + share / 2, y, words, ha="center", va="center_baseline", size=SMALL)
            start += share
