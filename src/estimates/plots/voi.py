"""What each fact is worth: bars for the estimate and, beside them, for the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from estimates.analysis.result import Analysis
from estimates.analysis.voi.sentences import threshold_words
from estimates.language.phrases import in_words
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
from estimates.plots.parts.words import capitalised

type Row = Mapping[str, Any]

_MOST = 14
_NAMES = 2.35  # inches for the names of facts at the most
_BAR = 0.17
_GAP = 0.3  # between the two panels
_COLOURS = {"quantity": BLUE, "reading": ORANGE}
_SHOWN = ("quantity", "reading", "group", "speaker", "source", "readings", "quantities")
_REACH = 1.96
_BEHIND = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}


def voi(found: Analysis | Mapping[str, Any]) -> Figure:
    """The share of variance that each fact removes, and the loss that it spares, ranked.

    Parameters
    ----------
    found : what `estimates.voi` returned, or its document

    Returns
    -------
    Figure; a bar is an estimate, a line its 95 % Monte Carlo interval.
    """
    document = found.document if isinstance(found, Analysis) else found
    every = [r for r in document["facts"] if r["kind"] in _SHOWN and r["share"] is not None]
    rows = every[:_MOST]
    decision = document["decision"]
    decided = decision is not None and any(r["loss_spared"] is not None for r in rows)
    heading = Heading(f"What to find out about {document['label']}", document["sentence"])
    footing = Footing(*_small_print(document, len(every) - len(rows), decided))
    names = [shortened(wrap(_name(row), _NAMES), 3) for row in rows]
    heights = [max(_BAR + 0.12, len(lines) * LINE + 0.09) for lines in names]
    left = max((text_width(line) for lines in names for line in lines), default=0.5) + 0.16
    body = sum(heights) or 0.4
    titles = _titles(document, decided)
    width = WIDTH - MARGIN - left - 0.15
    width = (width - _GAP) / 2 if decided else width
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
        columns = ["share", "loss_spared"][: len(titles)]
        for number, (column, lines) in enumerate(zip(columns, heads, strict=True)):
            x = left + number * (width + _GAP)
            sheet.text(x, top - 0.05, "\n".join(lines), va="bottom", weight="bold")
            ax = sheet.axes(x, top, width, body)
            _panel(ax, rows, middles, column, decision, body)
    return sheet.figure


def _name(row: Row) -> str:
    """A reading needs no "whether" here; names of a group stay as they are written."""
    label = str(row["label"]).removeprefix("whether ").removeprefix("the answer to ")
    return label if row["kind"] == "group" else capitalised(label)


def _panel(
    ax: Axes,
    rows: Sequence[Row],
    middles: Sequence[float],
    column: str,
    decision: Mapping[str, Any] | None,
    body: float,
) -> None:
    percent = column == "share"
    size = 100.0 if percent else 1.0
    whole = 100.0
    if not percent:
        assert decision is not None
        whole = float(decision["evpi"] or 0.0)
    ends = [size * (r[column] + _REACH * r[f"{column}_se"]) for r in rows if r[column] is not None]
    # Room for the figures beside the bars; what perfect information would bring, if it is near.
    reach = max(1.25 * max([0.0, *ends]), 0.12 * whole) or 1.0
    near = 0 < whole <= reach or (percent and reach > 50)
    reach = max(reach, 1.04 * whole) if near else reach
    ax.set_ylim(body, 0)
    ax.set_xlim(0, reach)
    ax.set_yticks([])
    ax.spines["left"].set_color(PALE)
    for row, y in zip(rows, middles, strict=True):
        value = row[column]
        if value is None:
            continue
        colour = _COLOURS.get(row["kind"], GREEN)
        shown, error = max(0.0, size * value), size * _REACH * row[f"{column}_se"]
        ax.barh(y, shown, height=_BAR, color=colour, alpha=0.75, linewidth=0)
        ax.plot([max(0.0, size * value - error), size * value + error], [y, y], color=INK,
                linewidth=0.8, solid_capstyle="butt")  # fmt: skip
        words = _figure(size * value, error / _REACH, percent)
        at = max(shown, size * value + error) + 0.025 * reach
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


def _titles(document: Mapping[str, Any], decided: bool) -> list[str]:
    log = "log " if document["estimation"]["scale"] == "log" else ""
    titles = [f"Share of the {log}variance removed"]
    if decided:
        decision = document["decision"]
        edge = threshold_words(decision)
        titles.append(f"Loss spared in saying whether it is above {edge}")
    return titles


def _small_print(document: Mapping[str, Any], hidden: int, decided: bool) -> list[str]:
    notes = [
        "Bars: the value of learning it exactly (quantities blue, readings orange, several at once "
        "green); lines: 95 % Monte Carlo intervals. Facts depend on each other, so shares need not "
        "add up."
    ]
    if decided:
        decision = document["decision"]
        unit = f" {in_words(decision['loss_unit'])}".rstrip()
        notes.append(
            f"Expected loss as things stand: {decision['evpi']:.2g}{unit} (dashed, where in view); "
            f"a false “above” costs {decision['loss_false_above']:g}, a false “not above” "
            f"{decision['loss_false_below']:g}"
            + (f" for each{unit}." if decision["loss"] == "linear" else ".")
        )
    if hidden:
        notes.append(
            "One fact that removes less is not shown."
            if hidden == 1
            else f"{hidden} facts that remove less are not shown."
        )
    return notes
