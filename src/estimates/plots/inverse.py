"""What would have to be true: how far each quantity would have to move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import float64
from numpy.typing import NDArray

from estimates._util.format import cited, probability, rounded
from estimates.analysis.inverse.grouping import Group, groups
from estimates.analysis.inverse.result import Edge, Inverse, LeastRow
from estimates.analysis.inverse.sentences import range_words
from estimates.language.labels import the
from estimates.language.phrases import (
    capitalised,
    joined,
    option_words,
    question_of,
    told,
)
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.labelled import labelled
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import BLUE, GREY, INK, PALE, SMALL, VERMILLION, WRITTEN, figure_of
from estimates.plots.parts.text import Line, text_width

MOST = 8  # readings
_MOVES = 0.05  # posterior sds
_ROW, _LABEL = 0.28, 1.75  # inches
_AXES = 3.9  # inches that the axes are wide at the least
COLOURS: Mapping[Edge, str] = {"low": BLUE, "centre": GREY, "high": VERMILLION, "at": BLUE}
MARKS: Mapping[Edge, str] = {"low": ">", "centre": "o", "high": "<", "at": "D"}
#: Behind words that stand on a line.
_CLEAR = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


@dataclass(frozen=True)
class _Under:
    """A reading, and by edge the basic quantities that move under it, most first."""

    group: Group
    quantities: Mapping[str, Mapping[Edge, LeastRow]]


@labelled
def inverse(found: Inverse, *, ax: Axes | None = None) -> Figure | None:
    """Draw the least surprising values that reach each edge of the range, by reading.

    Parameters
    ----------
    found : what `estimates.inverse` returned
    ax : draw into these axes, where one reading is drawn

    Returns
    -------
    Figure; None where no reading reaches any of it.  Places are in posterior standard deviations
    from the median, on each quantity's natural scale; beside them stand the values.
    """
    groups_of, folded = groups(found, MOST)
    every = [_Under(group, _moving(found, group)) for group in groups_of]
    shown = [one for one in every if one.quantities][:MOST]
    if not shown:
        return None
    quantities = [by for one in shown for by in one.quantities.values()]
    ruler = _ruler([mark for by in quantities for mark in by.values()])
    return Page(
        f"What would have to be true for {the(found.label, found.unit)} to be {range_words(found)}",
        found.sentence,
        [_panel(found, one, ruler) for one in shown],
        [
            "Together the least surprising values of all quantities that bring the answer exactly "
            f"there: {key_to_marks(found)}. Zero is each posterior median.",
            "Surprise: posterior standard deviations from the most likely values, all quantities "
            "together. Quantities that would hardly move are not shown.",
            folding_note(folded, len(shown), len(every)),
            trust_note(found.failed),
        ],
        shared=True,
    ).draw(ax)


# Shifts ----------------------------------------------------------------------------------------


def _moving(found: Inverse, group: Group) -> dict[str, dict[Edge, LeastRow]]:
    marks: dict[str, dict[Edge, LeastRow]] = {}
    for row in found.least_of(group.row):
        if row.shift_sd is not None:
            marks.setdefault(row.quantity, {})[row.edge] = row
    moved = {name: max(one.moved for one in by.values()) for name, by in marks.items()}
    ordered = sorted(moved, key=lambda name: -moved[name])
    return {name: marks[name] for name in ordered if moved[name] >= _MOVES}


def _ruler(marks: Sequence[LeastRow]) -> Ruler:
    """Return an axis in which the words beside the outermost marks have room."""
    room = max(text_width(_words(mark)) for mark in marks) + 0.14
    places = [0.0, *(_shift(mark) for mark in marks)]
    low, high = min(places), max(places)
    room *= max(high - low, 1e-6) / max(_AXES - 2 * room, 0.5)
    label = "posterior standard deviations from the median"
    return Ruler(low - room, high + room, log=False, percent=False, label=label, unit="")


def _panel(found: Inverse, one: _Under, ruler: Ruler) -> Panel:
    title = reading_words(one.group)
    head = [Line(title, bold=True)] if title else []
    rows = [Row([[Line(found.quantities[name].label)]], least=_ROW) for name in one.quantities]
    strip = Strip(partial(_draw, list(one.quantities.values())), ruler)
    return Panel(
        [strip],
        rows,
        head=[*head, Line(_surprises(found, one.group), GREY)],
        before=[Column(right=True, widest=_LABEL)],
    )


def _draw(rows: Sequence[Mapping[Edge, LeastRow]], ax: Axes, middles: NDArray[float64]) -> None:
    ax.axvline(0, color=PALE, linewidth=0.8, zorder=0)
    low, high = ax.get_xlim()
    for by, y in zip(rows, middles, strict=True):
        _dumbbell(ax, by, float(y), (high - low) / figure_of(ax)[1])


def _dumbbell(ax: Axes, by: Mapping[Edge, LeastRow], y: float, per_inch: float) -> None:
    """Draw the marks of a quantity, from the median to the values at the edges."""
    ends = [0.0, *(_shift(mark) for mark in by.values())]
    ax.plot([min(ends), max(ends)], [y, y], color=PALE, linewidth=1.6, zorder=1)
    for edge, mark in by.items():
        ax.plot([_shift(mark)], [y], MARKS[edge], color=COLOURS[edge], markersize=4.2,
                markeredgewidth=0, zorder=3 if edge != "centre" else 2)  # fmt: skip
    edges = sorted((edge for edge in by if edge != "centre"), key=lambda edge: _shift(by[edge]))
    for place, edge in enumerate(edges):
        shift = _shift(by[edge])
        outer = shift >= 0 if len(edges) == 1 else place == len(edges) - 1
        ax.annotate(
            _words(by[edge]), (shift, y), (5 if outer else -5, 0), textcoords="offset points",
            ha="left" if outer else "right", va="center_baseline", size=SMALL,
            color=WRITTEN.get(COLOURS[edge], INK), parse_math=False, bbox=_CLEAR, zorder=2,
        )  # fmt: skip
    centre = by.get("centre")
    if len(edges) == 2 and centre is not None:
        first, last = (_shift(by[edge]) for edge in edges)
        words = _words(centre)
        if (last - first) / per_inch > 2.2 * text_width(words):
            ax.annotate(
                words, (_shift(centre), y), (0, 3.5), textcoords="offset points",
                ha="center", va="bottom", size=SMALL, color=GREY, parse_math=False,
            )  # fmt: skip


def _shift(row: LeastRow) -> float:
    """Return how far a quantity is from its median where the answer is at an edge."""
    return row.shift_sd or 0.0


def _words(row: LeastRow) -> str:
    """Return a value as its mark's caption; the unit stands with the quantity's name."""
    if row.value is None:
        return ""
    if row.unit == "share":
        return told(rounded(100 * row.value), row.unit)
    return rounded(row.value)


def _surprises(found: Inverse, group: Group) -> str:
    """Return surprises in words: `Surprise 3.4 at 100, 4.3 at 141 and 5.1 at 200`."""
    words = []
    for edge, level in found.levels.items():
        surprise = group.row.surprise[edge]
        how = "no values reach" if surprise is None else f"{surprise:.1f} at"
        words.append(f"{how} {level_words(level, found.unit)}")
    return f"Surprise {joined(words)}"


def level_words(level: float, unit: str) -> str:
    """Return an end, or the centre, as tables have it; of a share in per cent."""
    return f"{cited(100 * level)} %" if unit == "share" else cited(level)


def key_to_marks(found: Inverse) -> str:
    signs: Mapping[Edge, str] = {
        "low": "▶ {} (the low end)",
        "centre": "● {} (the centre)",
        "high": "◀ {} (the high end)",
        "at": "◆ {}",
    }
    levels = found.levels.items()
    return joined(signs[edge].format(level_words(level, found.unit)) for edge, level in levels)


def folding_note(folded: Sequence[str], shown: int, total: int) -> str:
    sentences = []
    if folded:
        axes = joined(f"“{question_of(axis)}”" for axis in folded)
        sentences.append(
            f"How {axes} is answered makes little difference here: "
            "the heaviest reading stands for all."
        )
    if shown < total:
        sentences.append(f"The {total - shown} lightest readings are not shown.")
    return " ".join(sentences)


def reading_words(group: Group) -> str:
    if not group.label:
        return ""
    parts = ", ".join(option_words(option) for option in group.label.values())
    return capitalised(f"{parts} (weight {probability(group.weight)})").replace("|", " or ")
