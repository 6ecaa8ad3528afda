"""What would have to be true: how far each quantity would have to move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from estimates._util.format import probability, rounded, spelled_short
from estimates.analysis.inverse.grouping import Group, groups
from estimates.analysis.inverse.result import Edge, Inverse, LeastRow
from estimates.language.phrases import capitalised, compared, joined, spoken, told
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

MOST = 8  # readings
_MOVES = 0.05  # posterior sds
_ROW, _HIGH_ROW, _HEAD, _APART = 0.28, 0.36, 0.33, 0.14  # inches
_LABEL = 1.75
COLOURS: Mapping[Edge, str] = {"low": BLUE, "centre": GREY, "high": VERMILLION, "at": BLUE}
MARKS: Mapping[Edge, str] = {"low": ">", "centre": "o", "high": "<", "at": "D"}
#: Behind words that stand on a line.
_CLEAR = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


@dataclass(frozen=True)
class _Mark:
    """How far a quantity is from its median where the answer is at an edge."""

    shift: float
    row: LeastRow


@dataclass(frozen=True)
class _Panel:
    """A reading, and the basic quantities that move under it, most first, by edge."""

    group: Group
    quantities: Mapping[str, Mapping[Edge, _Mark]]


def inverse(found: Inverse) -> Figure | None:
    """The least surprising values that reach each edge of the range, by reading.

    Parameters
    ----------
    found : what `estimates.inverse` returned

    Returns
    -------
    Figure; None where no reading reaches any of it.  Places are in posterior standard deviations
    from the median, on each quantity's natural scale; beside them stand the values.
    """
    shown, folded = groups(found, MOST)
    every = [_Panel(group, _moving(found, group)) for group in shown]
    panels = [panel for panel in every if panel.quantities][:MOST]
    if not panels:
        return None
    with house_style():
        return _shifts(found, panels, folded, len(shown))


# Shifts ----------------------------------------------------------------------------------------


def _moving(found: Inverse, group: Group) -> dict[str, dict[Edge, _Mark]]:
    marks: dict[str, dict[Edge, _Mark]] = {}
    for row in found.least_of(group.row):
        if row.shift_sd is not None:
            marks.setdefault(row.quantity, {})[row.edge] = _Mark(row.shift_sd, row)
    moved = {name: max(one.row.moved for one in by.values()) for name, by in marks.items()}
    ordered = sorted(moved, key=lambda name: -moved[name])
    return {name: marks[name] for name in ordered if moved[name] >= _MOVES}


def _shifts(found: Inverse, panels: Sequence[_Panel], folded: Sequence[str], total: int) -> Figure:
    title = f"What would have to be true for {found.label} to be {range_words(found)}"
    heading = Heading(title, found.sentence)
    footing = Footing(
        "Together the least surprising values of all quantities that bring the answer exactly "
        f"there: {key_to_marks(found)}. Zero is each posterior median.",
        "Surprise: posterior standard deviations from the most likely values, all quantities "
        "together. Quantities that would hardly move are not shown.",
        folding_note(folded, len(panels), total),
    )
    every = [by for panel in panels for by in panel.quantities.values()]
    labels = {
        name: shortened(wrap(found.quantities[name].label, _LABEL), 2)
        for panel in panels
        for name in panel.quantities
    }
    left = MARGIN + max(text_width(line) for lines in labels.values() for line in lines) + 0.12
    marks = [mark for by in every for mark in by.values()]
    words = [_words(mark.row) for mark in marks]
    room = max(map(text_width, words)) + 0.14
    tall = _HIGH_ROW if any(len(lines) > 1 for lines in labels.values()) else _ROW
    heights = [_HEAD + len(panel.quantities) * tall + _APART for panel in panels]
    top = heading.height + 0.04
    sheet = Sheet(top + sum(heights) + 0.42 + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    width = WIDTH - left - MARGIN - 0.1
    places = [mark.shift for mark in marks]
    low, high = min(0.0, *places), max(0.0, *places)
    # The words beside the outermost marks stand within the axes.
    per_inch = max(high - low, 1e-6) / max(width - 2 * room, 0.5)
    limits = low - room * per_inch, high + room * per_inch
    y = top
    for number, (panel, height) in enumerate(zip(panels, heights, strict=True)):
        words_of = reading_words(panel.group)
        sheet.text(MARGIN, y, words_of, weight="bold")
        sheet.text(
            MARGIN, y + (LINE if words_of else 0.0), _surprises(found, panel.group), color=GREY
        )
        rows = panel.quantities
        ax = sheet.axes(left, y + _HEAD, width, len(rows) * tall)
        _prepare(ax, limits, len(rows), last=number == len(panels) - 1)
        for i, (name, by) in enumerate(rows.items()):
            middle = y + _HEAD + (i + 0.5) * tall
            sheet.text(left - 0.1, middle, "\n".join(labels[name]), va="center", ha="right")
            _dumbbell(ax, by, i + 0.5, per_inch)
        y += height
    return sheet.figure


def _prepare(ax: Axes, limits: tuple[float, float], count: int, *, last: bool) -> None:
    """Axes of so many quantities; the last of the sheet have the ticks."""
    ax.set_xlim(*limits)
    ax.set_ylim(count, 0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.axvline(0, color=PALE, linewidth=0.8, zorder=0)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=9))
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{x:+.0f}".replace("-", "−") if x else "0")
    )
    if last:
        ax.set_xlabel("posterior standard deviations from the median")
    else:
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(bottom=False, labelbottom=False)


def _dumbbell(ax: Axes, by: Mapping[Edge, _Mark], y: float, per_inch: float) -> None:
    """The marks of one quantity, from the median through them, and the values of the edges."""
    ends = [0.0, *(mark.shift for mark in by.values())]
    ax.plot([min(ends), max(ends)], [y, y], color=PALE, linewidth=1.6, zorder=1)
    for edge, mark in by.items():
        ax.plot([mark.shift], [y], MARKS[edge], color=COLOURS[edge], markersize=4.2,
                markeredgewidth=0, zorder=3 if edge != "centre" else 2)  # fmt: skip
    edges = sorted((edge for edge in by if edge != "centre"), key=lambda edge: by[edge].shift)
    for place, edge in enumerate(edges):
        shift = by[edge].shift
        outer = shift >= 0 if len(edges) == 1 else place == len(edges) - 1
        ax.annotate(
            _words(by[edge].row), (shift, y), (5 if outer else -5, 0), textcoords="offset points",
            ha="left" if outer else "right", va="center_baseline", size=SMALL,
            color=WRITTEN.get(COLOURS[edge], INK), parse_math=False, bbox=_CLEAR, zorder=2,
        )  # fmt: skip
    centre = by.get("centre")
    if len(edges) == 2 and centre is not None:
        first, last = (by[edge].shift for edge in edges)
        words = _words(centre.row)
        if (last - first) / per_inch > 2.2 * text_width(words):
            ax.annotate(
                words, (centre.shift, y), (0, 3.5), textcoords="offset points",
                ha="center", va="bottom", size=SMALL - 1, color=GREY, parse_math=False,
            )  # fmt: skip


def _words(row: LeastRow) -> str:
    """A value as the mark's caption; the whole unit stands with the quantity's name."""
    if row.value is None:
        return ""
    if row.unit == "share":
        return told(rounded(100 * row.value), row.unit)
    return rounded(row.value)


def _surprises(found: Inverse, group: Group) -> str:
    """`Surprise 3.4 at 100, 4.3 at 141 and 5.1 at 200`."""
    words = []
    for edge, level in found.levels.items():
        surprise = group.row.surprise[edge]
        how = "no values reach" if surprise is None else f"{surprise:.1f} at"
        words.append(f"{how} {level_words(edge, level)}")
    return f"Surprise {joined(words)}"


def level_words(edge: Edge | None, level: float) -> str:
    """An end as it was given, but for a fifth digit; the centre is only worked out."""
    if edge == "centre" or level == 0:
        return rounded(level)
    return spelled_short(float(f"{level:.4g}"))


def key_to_marks(found: Inverse) -> str:
    signs: Mapping[Edge, str] = {
        "low": "▶ {} (the low end)",
        "centre": "● {} (the centre)",
        "high": "◀ {} (the high end)",
        "at": "◆ {}",
    }
    levels = found.levels.items()
    return joined(signs[edge].format(level_words(edge, level)) for edge, level in levels)


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


def range_words(found: Inverse) -> str:
    times = 100 if found.unit == "share" else 1
    ends = tuple(level_words(None, times * end) for end in found.ends)
    return found.bounded(compared(ends, found.unit))


def reading_words(group: Group) -> str:
    if not group.label:
        return ""
    parts = ", ".join(f"{spoken(axis)} {spoken(option)}" for axis, option in group.label.items())
    return capitalised(f"{parts} (weight {probability(group.weight)})").replace("|", " or ")
