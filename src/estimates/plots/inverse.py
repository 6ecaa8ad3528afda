"""What would have to be true: how far each quantity would have to move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from estimates.analysis.inverse.grouping import Group, groups
from estimates.analysis.result import Analysis
from estimates.language.phrases import compared, told
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
    text_width,
    wrap,
)
from estimates.plots.parts.words import (
    brief,
    capitalised,
    joined,
    probability,
    round_number,
    spoken,
)

type Row = Mapping[str, Any]

MOST = 8  # readings
_MOVES = 0.05  # posterior sds
_ROW, _HIGH_ROW, _HEAD, _APART = 0.28, 0.36, 0.33, 0.14  # inches
_LABEL = 1.75
COLOURS = {"low": BLUE, "centre": GREY, "high": VERMILLION, "at": BLUE}
MARKS = {"low": ">", "centre": "o", "high": "<", "at": "D"}
#: Behind words that stand on a line.
_CLEAR = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


def inverse(found: Analysis) -> Figure | None:
    """The least surprising values that reach each edge of the range, by reading.

    Parameters
    ----------
    found : what `estimates.inverse` returned

    Returns
    -------
    Figure; None where no reading reaches any of it.  Places are in posterior standard deviations
    from the median, on each quantity's natural scale; beside them stand the values.
    """
    document = found.document
    shown, folded = groups(document, MOST)
    panels = [(group, _moving(document, group.row)) for group in shown]
    panels = [(group, rows) for group, rows in panels if rows][:MOST]
    if not panels:
        return None
    with house_style():
        return _shifts(document, panels, folded, len(shown))


# Shifts ----------------------------------------------------------------------------------------


def _moving(document: Row, entry: Row) -> list[tuple[str, dict[str, Row]]]:
    """The basic quantities that move under a reading, most first, with their rows by edge."""
    found: dict[str, dict[str, Row]] = {}
    for row in document["least_surprising"]:
        basic = document["quantities"][row["quantity"]]["kind"] == "basic"
        if row["reading"] == entry["reading"] and basic and row["shift_sd"] is not None:
            found.setdefault(row["quantity"], {})[row["edge"]] = row

    def most(name: str) -> float:
        return max(abs(row["moved_sd"] or 0.0) for row in found[name].values())

    return [(name, found[name]) for name in sorted(found, key=most, reverse=True)
            if most(name) >= _MOVES]  # fmt: skip


def _shifts(
    document: Row,
    panels: Sequence[tuple[Group, list[tuple[str, dict[str, Row]]]]],
    folded: Sequence[str],
    total: int,
) -> Figure:
    title = f"What would have to be true for {document['label']} to be {range_words(document)}"
    heading = Heading(title, document["sentence"])
    footing = Footing(
        "Together the least surprising values of all quantities that bring the answer exactly "
        f"there: {key_to_marks(document)}. Zero is each posterior median.",
        "Surprise: posterior standard deviations from the most likely values, all quantities "
        "together. Quantities that would hardly move are not shown.",
        folding_note(folded, len(panels), total),
    )
    labels = {
        name: shortened(wrap(document["quantities"][name]["label"], _LABEL), 2)
        for _, rows in panels
        for name, _ in rows
    }
    left = MARGIN + max(text_width(line) for lines in labels.values() for line in lines) + 0.12
    words = [_words(document, row) for _, rows in panels for _, by in rows for row in by.values()]
    room = max(map(text_width, words)) + 0.14
    tall = _HIGH_ROW if any(len(lines) > 1 for lines in labels.values()) else _ROW
    heights = [_HEAD + len(rows) * tall + _APART for _, rows in panels]
    top = heading.height + 0.04
    sheet = Sheet(top + sum(heights) + 0.42 + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    width = WIDTH - left - MARGIN - 0.1
    places = [row["shift_sd"] for _, rows in panels for _, by in rows for row in by.values()]
    low, high = min(0.0, *places), max(0.0, *places)
    # The words beside the outermost marks stand within the axes.
    per_inch = max(high - low, 1e-6) / max(width - 2 * room, 0.5)
    limits = low - room * per_inch, high + room * per_inch
    y = top
    for number, ((group, rows), height) in enumerate(zip(panels, heights, strict=True)):
        sheet.text(MARGIN, y, reading_words(group), weight="bold")
        below = LINE if reading_words(group) else 0.0
        sheet.text(MARGIN, y + below, _surprises(document, group), color=GREY)
        ax = sheet.axes(left, y + _HEAD, width, len(rows) * tall)
        ax.set_xlim(*limits)
        ax.set_ylim(len(rows), 0)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.axvline(0, color=PALE, linewidth=0.8, zorder=0)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=9))
        ax.xaxis.set_major_formatter(
            FuncFormatter(lambda x, _: f"{x:+.0f}".replace("-", "−") if x else "0")
        )
        last = number == len(panels) - 1
        if last:
            ax.set_xlabel("posterior standard deviations from the median")
        else:
            ax.spines["bottom"].set_visible(False)
            ax.tick_params(bottom=False, labelbottom=False)
        for i, (name, by) in enumerate(rows):
            middle = y + _HEAD + (i + 0.5) * tall
            sheet.text(left - 0.1, middle, "\n".join(labels[name]), va="center", ha="right")
            _dumbbell(ax, document, by, i + 0.5, per_inch)
        y += height
    return sheet.figure


def _dumbbell(ax: Axes, document: Row, by: Mapping[str, Row], y: float, per_inch: float) -> None:
    """The marks of one quantity, from the median through them, and the values of the edges."""
    ends = [0.0, *(row["shift_sd"] for row in by.values())]
    ax.plot([min(ends), max(ends)], [y, y], color=PALE, linewidth=1.6, zorder=1)
    for edge, row in by.items():
        ax.plot([row["shift_sd"]], [y], MARKS[edge], color=COLOURS[edge], markersize=4.2,
                markeredgewidth=0, zorder=3 if edge != "centre" else 2)  # fmt: skip
    edges = sorted((e for e in by if e != "centre"), key=lambda e: by[e]["shift_sd"])
    for place, edge in enumerate(edges):
        row, words = by[edge], _words(document, by[edge])
        outer = place == len(edges) - 1
        if len(edges) == 1:
            outer = row["shift_sd"] >= 0
        ax.annotate(
            words, (row["shift_sd"], y), (5 if outer else -5, 0), textcoords="offset points",
            ha="left" if outer else "right", va="center_baseline", size=SMALL,
            color=WRITTEN.get(COLOURS[edge], INK), parse_math=False, bbox=_CLEAR, zorder=2,
        )  # fmt: skip
    if len(edges) == 2 and "centre" in by:
        first, last = (by[e]["shift_sd"] for e in edges)
        words = _words(document, by["centre"])
        if (last - first) / per_inch > 2.2 * text_width(words):
            ax.annotate(
                words, (by["centre"]["shift_sd"], y), (0, 3.5), textcoords="offset points",
                ha="center", va="bottom", size=SMALL - 1, color=GREY, parse_math=False,
            )  # fmt: skip


def _words(document: Row, row: Row) -> str:
    """A value as the mark's caption; the whole unit stands with the quantity's name."""
    if row["value"] is None:
        return ""
    unit = document["quantities"][row["quantity"]]["unit"]
    if unit == "share":
        return told(brief(100 * row["value"]), unit)
    return brief(row["value"])


def _surprises(document: Row, group: Group) -> str:
    """`Surprise 3.4 at 100, 4.3 at 141 and 5.1 at 200`."""
    found = []
    for edge, level in document["levels"].items():
        surprise = group.row[f"surprise_{edge}"]
        how = "no values reach" if surprise is None else f"{surprise:.1f} at"
        found.append(f"{how} {level_words(edge, level)}")
    return f"Surprise {joined(found)}"


def level_words(edge: str, level: float) -> str:
    """An end as it was given, but for a fifth digit; the centre is only worked out."""
    if edge == "centre" or level == 0:
        return brief(level)
    return round_number(float(f"{level:.4g}"))


def key_to_marks(document: Row) -> str:
    signs = {"low": "▶ {} (the low end)", "centre": "● {} (the centre)",
             "high": "◀ {} (the high end)", "at": "◆ {}"}  # fmt: skip
    levels = document["levels"]
    return joined(signs[edge].format(level_words(edge, level)) for edge, level in levels.items())


def folding_note(folded: Sequence[str], shown: int, total: int) -> str:
    sentences = []
    if folded:
        axes = joined(f"‘{spoken(axis)}’" for axis in folded)
        sentences.append(
            f"How {axes} is read makes little difference here: the heaviest reading stands for all."
        )
    if shown < total:
        sentences.append(f"The {total - shown} lightest readings are not shown.")
    return " ".join(sentences)


def range_words(document: Row) -> str:
    low, high, unit = document["low"], document["high"], document["unit"]
    times = 100 if unit == "share" else 1
    ends = [level_words("", times * end) for end in dict.fromkeys((low, high)) if end is not None]
    text = compared(tuple(ends), unit)
    return f"at most {text}" if low is None else f"at least {text}" if high is None else text


def reading_words(group: Group) -> str:
    if not group.label:
        return ""
    parts = ", ".join(f"{spoken(axis)} {spoken(option)}" for axis, option in group.label.items())
    return capitalised(f"{parts} (weight {probability(group.weight)})").replace("|", " or ")
