"""What each fact is worth: bars for the estimate and, beside them, for the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import float64
from numpy.typing import NDArray

from estimates.analysis.voi.result import FactRow, Judged, ValueOfInformation
from estimates.analysis.voi.sentences import threshold_words
from estimates.language.labels import the
from estimates.language.phrases import capitalised, in_words
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import BLUE, GREEN, GREY, INK, ORANGE
from estimates.plots.parts.text import Line

_MOST = 14
_NAMES, _BAR, _ROW = 2.35, 0.17, 0.29  # inches: the names of facts at the most, a bar, a row
_COLOURS = {"quantity": BLUE, "reading": ORANGE}
_MEANING = {BLUE: "quantities blue", ORANGE: "readings orange", GREEN: "several at once green"}
_SHOWN = ("quantity", "reading", "group", "speaker", "source", "readings", "quantities")
_REACH = 1.96
_BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}


def voi(found: ValueOfInformation, *, ax: Axes | None = None) -> Figure:
    """Draw the share of variance that each fact removes, and the loss that it avoids, ranked.

    Parameters
    ----------
    found : what `estimates.voi` returned
    ax : draw into these axes, where there is no decision

    Returns
    -------
    Figure; a bar is an estimate, a line its 95 % Monte Carlo interval.
    """
    every = [r for r in found.facts if r.kind in _SHOWN and r.share is not None]
    rows = every[:_MOST]
    decision = found.decision if any(r.loss_spared is not None for r in rows) else None
    log = "log " if found.estimation.scale == "log" else ""
    removed = [(row.share, row.share_se) for row in rows]
    bars = [_Bars(f"Share of the {log}variance removed, %", removed, 1.0, percent=True)]
    if decision is not None:
        title = f"Expected loss avoided in saying whether it is above {threshold_words(decision)}"
        spared = [(row.loss_spared, row.loss_spared_se) for row in rows]
        bars.append(_Bars(title, spared, decision.evpi or 0.0, percent=False))
    colours = [_COLOURS.get(row.kind, GREEN) for row in rows]
    strips = [Strip(partial(_draw, one, colours), one.ruler, "", head=one.title) for one in bars]
    places = [Row([[Line(_name(row))]], least=_ROW) for row in rows] or [Row()]
    panel = Panel(strips, places, before=[Column(right=True, widest=_NAMES, most=3)])
    notes = [*_small_print(decision, colours, len(every) - len(rows)), trust_note(found.failed)]
    return Page(
        f"What to find out about {the(found.label, found.unit)}", found.sentence, [panel], notes
    ).draw(ax)


def _name(row: FactRow) -> str:
    """Return a fact's name; a reading needs no "whether", and a group's names stay as written."""
    label = str(row.label).removeprefix("whether ").removeprefix("the answer to ")
    return label if row.kind == "group" else capitalised(label)


@dataclass(frozen=True)
class _Bars:
    """A column's values with their errors, and what knowing everything would bring."""

    title: str
    values: Sequence[tuple[float | None, float | None]]
    whole: float
    percent: bool

    @property
    def ruler(self) -> Ruler:
        """An axis with room for the figures beside the bars, and for the whole if it is near."""
        ends = [value + _REACH * (se or 0.0) for value, se in self.values if value is not None]
        reach = max(1.25 * max([0.0, *ends]), 0.12 * self.whole) or 1.0
        if 0 < self.whole <= reach or (self.percent and reach > 0.5):
            reach = max(reach, 1.04 * self.whole)
        reach = min(reach, 1.19) if self.percent else reach  # no tick beyond the whole
        unit = "%" if self.percent else ""
        return Ruler(0.0, reach, log=False, percent=self.percent, label="", unit=unit)


def _draw(bars: _Bars, colours: Sequence[str], ax: Axes, middles: NDArray[float64]) -> None:
    reach = bars.ruler.high
    for (value, error), colour, y in zip(bars.values, colours, middles, strict=False):
        if value is None:
            continue
        shown, half = max(0.0, value), _REACH * (error or 0.0)
        ax.barh(y, shown, height=_BAR, color=colour, alpha=0.75, linewidth=0)
        ax.plot([max(0.0, value - half), value + half], [y, y], color=INK,
                linewidth=0.8, solid_capstyle="butt")  # fmt: skip
        at = max(shown, value + half) + 0.025 * reach
        words = _figure(value, error or 0.0, bars.percent)
        ax.text(at, y, words, va="center_baseline", ha="left", bbox=_BEHIND)
    if 0 < bars.whole <= reach:
        ax.axvline(bars.whole, color=GREY, linewidth=0.6, linestyle=(0, (4, 2)), zorder=0.5)


def _figure(value: float, error: float, percent: bool) -> str:
    if value <= 2 * error:
        return "0"
    if percent:
        return f"{100 * value:.{0 if value >= 0.095 else 1}f} %"
    return f"{value:.2f}" if 0.01 <= value < 10 else f"{value:.2g}"


def _small_print(decision: Judged | None, colours: Sequence[str], hidden: int) -> list[str]:
    colours = [_MEANING[colour] for colour in dict.fromkeys(colours)]
    notes = [
        f"Bars: the value of learning it exactly ({', '.join(colours)}); lines: 95 % Monte Carlo "
        "intervals. Facts depend on each other, so shares need not add up."
    ]
    if decision is not None:
        unit = f" {in_words(decision.loss_unit)}".rstrip()
        notes.append(
            f"Expected loss as things stand: {decision.evpi:.2g}{unit} (dashed, where in view); "
            f"a false “above” costs {decision.loss_false_above:g}, a false “not above” "
            f"{decision.loss_false_below:g}"
            + (f" for each{unit}." if decision.loss == "linear" else ".")
        )
    if hidden:
        notes.append(
            "One fact that removes less is not shown."
            if hidden == 1
            else f"{hidden} facts that remove less are not shown."
        )
    return notes
