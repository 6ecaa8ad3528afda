"""What each fact is worth: bars for the estimate and, beside them, for the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from estimates.analysis.voi.result import FactRow, Judged, Kind, ValueOfInformation
from estimates.analysis.voi.sentences import threshold_words
from estimates.language.phrases import capitalised, in_words
from estimates.plots.parts.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LINE,
    MARGIN,
    ORANGE,
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

_MOST = 14
_NAMES = 2.35  # inches for the names of facts at the most
_BAR = 0.17
_GAP = 0.3  # between the two panels
_COLOURS = {"quantity": BLUE, "reading": ORANGE}
_SHOWN = ("quantity", "reading", "group", "speaker", "source", "readings", "quantities")
_REACH = 1.96
_BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}


def voi(found: ValueOfInformation) -> Figure:
    """The share of variance that each fact removes, and the loss that it spares, ranked.

    Parameters
    ----------
    found : what `estimates.voi` returned

    Returns
    -------
    Figure; a bar is an estimate, a line its 95 % Monte Carlo interval.
    """
    every = [r for r in found.facts if r.kind in _SHOWN and r.share is not None]
    rows = every[:_MOST]
    decision = found.decision if any(r.loss_spared is not None for r in rows) else None
    heading = Heading(f"What to find out about {found.label}", found.sentence)
    footing = Footing(*_small_print(decision, len(every) - len(rows)))
    names = [shortened(wrap(_name(row), _NAMES), 3) for row in rows]
    heights = [max(_BAR + 0.12, len(lines) * LINE + 0.09) for lines in names]
    left = max((text_width(line) for lines in names for line in lines), default=0.5) + 0.16
    body = sum(heights) or 0.4
    titles = _titles(found, decision)
    width = WIDTH - MARGIN - left - 0.15
    width = (width - _GAP) / 2 if decision else width
    heads = [wrap(title, width, weight="bold") for title in titles]
    top = heading.height + max(len(lines) for lines in heads) * LINE + 0.1
    with house_style():
        sheet = Sheet(top + body + 0.42 + footing.height)
        heading.draw(sheet)
        footing.draw(sheet)
        y, middles = 0.0, []
        for lines, height in zip(names, heights, strict=True):
            middles.append(y + height / 2)
            sheet.text(left - 0.1, top + y + height / 2, "\n".join(lines), va="center", ha="right")
            y += height
        removed = [(row.share, row.share_se) for row in rows]
        spared = [(row.loss_spared, row.loss_spared_se) for row in rows]
        whole = (decision.evpi if decision else None) or 0.0
        panels = [_Panel(removed, 100.0, percent=True), _Panel(spared, whole, percent=False)]
        for number, (panel, lines) in enumerate(zip(panels, heads, strict=False)):
            x = left + number * (width + _GAP)
            sheet.text(x, top - 0.05, "\n".join(lines), va="bottom", weight="bold")
            ax = sheet.axes(x, top, width, body)
            _draw(ax, panel, [row.kind for row in rows], middles, body)
    return sheet.figure


def _name(row: FactRow) -> str:
    """A reading needs no "whether" here; names of a group stay as they are written."""
    label = str(row.label).removeprefix("whether ").removeprefix("the answer to ")
    return label if row.kind == "group" else capitalised(label)


@dataclass(frozen=True)
class _Panel:
    """The values of a column with their errors, and what knowing everything would bring."""

    values: Sequence[tuple[float | None, float | None]]
    whole: float
    percent: bool


def _draw(
    ax: Axes, panel: _Panel, kinds: Sequence[Kind], middles: Sequence[float], body: float
) -> None:
    size, whole, percent = 100.0 if panel.percent else 1.0, panel.whole, panel.percent
    values = [(size * (v or 0.0), size * (se or 0.0), v is None) for v, se in panel.values]
    ends = [value + _REACH * se for value, se, nothing in values if not nothing]
    # Room for the figures beside the bars; what perfect information would bring, if it is near.
    reach = max(1.25 * max([0.0, *ends]), 0.12 * whole) or 1.0
    near = 0 < whole <= reach or (percent and reach > 50)
    reach = max(reach, 1.04 * whole) if near else reach
    ax.set_ylim(body, 0)
    ax.set_xlim(0, reach)
    ax.set_yticks([])
    ax.spines["left"].set_color(PALE)
    for (value, se, nothing), kind, y in zip(values, kinds, middles, strict=True):
        if nothing:
            continue
        colour = _COLOURS.get(kind, GREEN)
        shown, error = max(0.0, value), _REACH * se
        ax.barh(y, shown, height=_BAR, color=colour, alpha=0.75, linewidth=0)
        ax.plot([max(0.0, value - error), value + error], [y, y], color=INK,
                linewidth=0.8, solid_capstyle="butt")  # fmt: skip
        words = _figure(value, se, percent)
        at = max(shown, value + error) + 0.025 * reach
        ax.text(at, y, words, va="center_baseline", ha="left", bbox=_BEHIND)
    if near:
        ax.axvline(whole, color=GREY, linewidth=0.6, linestyle=(0, (4, 2)), zorder=0.5)
    ax.set_xticks(
        [
            t
            for t in MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(0, min(reach, whole))
            if 0 <= t <= reach
        ]
    )
    if percent:
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")


def _figure(value: float, error: float, percent: bool) -> str:
    if value <= 2 * error:
        return "0"
    if percent:
        return f"{value:.0f} %" if value >= 9.5 else f"{value:.1f} %"
    return f"{value:.2f}" if 0.01 <= value < 10 else f"{value:.2g}"


def _titles(found: ValueOfInformation, decision: Judged | None) -> list[str]:
    log = "log " if found.estimation.scale == "log" else ""
    titles = [f"Share of the {log}variance removed"]
    if decision is not None:
        edge = threshold_words(decision)
        titles.append(f"Loss spared in saying whether it is above {edge}")
    return titles


def _small_print(decision: Judged | None, hidden: int) -> list[str]:
    notes = [
        "Bars: the value of learning it exactly (quantities blue, readings orange, several at once "
        "green); lines: 95 % Monte Carlo intervals. Facts depend on each other, so shares need not "
        "add up."
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
