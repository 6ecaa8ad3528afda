"""What a target hangs on: by quantity and reading, and by claim."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import isclose

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import float64
from numpy.typing import NDArray

from estimates._util.format import spelled
from estimates.analysis.sensitivity.result import Base, LeaveOneOutRow, Sensitivity, TornadoRow
from estimates.language.labels import the
from estimates.language.phrases import capitalised, joined, option_words, spoken
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.band import Band
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.labelled import labelled
from estimates.plots.parts.marks import interval
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.readings import ALL, heaviest, key_of
from estimates.plots.parts.style import BLUE, GREY, INK, PALE, VERMILLION
from estimates.plots.parts.text import Line

_ROW, _BAR, _CLAIMS = 0.19, 0.12, 24  # inches of a row and a bar; claims
_LOW, _HIGH = BLUE, VERMILLION
_Z90 = 1.645

type _Middles = NDArray[float64]


@labelled
def tornado(found: Sensitivity, *, ax: Axes | None = None) -> Figure | None:
    """Draw the target's median where each quantity is low and where it is high.

    One panel for the mixture and one for each reading, the heaviest eight, readings under which all
    is the same together; None where nothing moves.

    Parameters
    ----------
    found : what `estimates.sensitivity` returned
    ax : draw into these axes, where there is one panel
    """
    panels: dict[tuple[str, ...], list[TornadoRow]] = {}
    still = _still(found.tornado)
    for row in found.tornado:
        if row.option is None or row.quantity not in still:
            panels.setdefault(key_of(row.reading), []).append(row)
    if not panels:
        return None
    most = heaviest(found.readings)
    apart = _apart(panels)
    shown = {title: rows for title, keys, rows in apart if ALL in keys or most & set(keys)}
    ends = [
        x
        for rows in shown.values()
        for row in rows
        for x in (row.median_low, row.median_high, row.median)
    ]
    ruler = _ruler(found, ends)
    left_out = len(apart) - len(shown)
    return Page(
        f"What moves {the(found.label, found.unit)}",
        _seen([row for rows in shown.values() for row in rows]),
        [_panel(found, title, rows, ruler) for title, rows in shown.items()],
        [
            "Read off the posterior draws. The line is the median of all draws.",
            f"{left_out} lighter readings are not shown." if left_out else "",
            f"How {joined(map(spoken, still))} is read makes no difference." if still else "",
            _band_note(found),
            trust_note(found.failed),
        ],
        shared=True,
    ).draw(ax)


def _seen(rows: Sequence[TornadoRow]) -> str:
    """Return what the bars and the dots are, of those that are there."""
    bars = any(row.option is None for row in rows)
    dots = any(row.option is not None for row in rows)
    ends = (
        "where a quantity lies in its lowest tenth (blue) and in its highest (orange), everything "
        "that goes with it moving along"
    )
    whole = "where each option of a reading holds (dot)"
    return f"The median {'; '.join(w for w, there in ((ends, bars), (whole, dots)) if there)}."


def _still(rows: Iterable[TornadoRow]) -> list[str]:
    """Return the readings of which every option leaves the answer where it is."""
    ends: dict[str, list[bool]] = {}
    for row in rows:
        if row.option is not None:
            ends.setdefault(row.quantity, []).append(isclose(row.median_low, row.median))
    return [axis for axis, same in ends.items() if all(same)]


def _apart(
    panels: Mapping[tuple[str, ...], Sequence[TornadoRow]],
) -> list[tuple[str, list[tuple[str, ...]], Sequence[TornadoRow]]]:
    """Return the panels that differ, each with its title and its readings."""
    groups: dict[tuple[bool, tuple[TornadoRow, ...]], list[tuple[str, ...]]] = {}
    for key, rows in panels.items():
        same = key == ALL, tuple(replace(row, reading=None) for row in rows)
        groups.setdefault(same, []).append(key)
    every = [key for key in panels if key != ALL]
    return [(_title(keys, every), keys, panels[keys[0]]) for keys in groups.values()]


def _title(keys: Sequence[tuple[str, ...]], every: Sequence[tuple[str, ...]]) -> str:
    """Return the options of some readings, without those that make no difference among them."""
    if ALL in keys:
        return "all readings, by weight"
    told = []
    for mine, there in zip(zip(*keys, strict=True), zip(*every, strict=True), strict=True):
        options = dict.fromkeys(mine)
        if len(keys) == 1 or len(options) < len(set(there)) or len(options) == 1:
            told.append(" or ".join(options))
    return ", ".join(told) or ("every reading" if len(every) > 1 else "the answer")


def _panel(found: Sensitivity, title: str, rows: Sequence[TornadoRow], ruler: Ruler) -> Panel:
    return Panel(
        [Strip(partial(_bars, rows, ruler), ruler, bands=_bands(found))],
        [Row([[Line(_row_name(found, row))]], least=_ROW) for row in rows],
        head=[Line(title, bold=True)],
        before=[Column(right=True, most=1)],
    )


def _bars(rows: Sequence[TornadoRow], ruler: Ruler, ax: Axes, middles: _Middles) -> None:
    middle = rows[0].median
    ax.axvline(middle, color=GREY, linewidth=0.6)
    for row, y in zip(rows, middles, strict=True):
        if row.option is not None or row.median_high is None:
            ax.plot([middle, row.median_low], [y, y], color=PALE, linewidth=1.2)
            ax.plot([row.median_low], [y], "o", color=INK, markersize=3.5)
            continue
        for end, error, colour in (
            (row.median_low, row.median_low_se, _LOW),
            (row.median_high, row.median_high_se, _HIGH),
        ):
            ax.barh(y, end - middle, _BAR, left=middle, color=colour, alpha=0.75)
            if error:
                ends = [ruler.clip(end + s * _Z90 * error, end) for s in (-1, 1)]
                ax.plot(ends, [y, y], color=INK, linewidth=0.8)


@labelled
def without(found: Sensitivity, *, ax: Axes | None = None) -> Figure | None:
    """Draw the answer without each claim, source, origin and speaker, largest shift first.

    None where the model has no claims.

    Parameters
    ----------
    found : what `estimates.sensitivity` returned
    ax : draw into these axes
    """
    every = _distinct(found.leave_one_out)
    base = found.base
    if not every or base.median is None:
        return None
    shown = every[:_CLAIMS]
    answers = [base, *(row.answer for row in shown)]
    ruler = _ruler(found, [x for one in answers for x in (one.q05, one.median, one.q95)])
    labels = [Line("nothing left out", bold=True), *(Line(_left_out(row)) for row in shown)]
    shifts = [[], *([Line(_shift(row, base.median))] for row in shown)]
    hidden = len(every) - len(shown)
    panel = Panel(
        [Strip(partial(_intervals, answers), ruler, bands=_bands(found))],
        [Row([[one]], [two], least=_ROW) for one, two in zip(labels, shifts, strict=True)],
        before=[Column(right=True, most=1)],
        after=[Column("shift of median", right=True)],
    )
    return Page(
        f"{capitalised(found.label)} without each claim",
        "Median and 90 % interval when a claim, or all claims of one source, origin or speaker, "
        "is left out.",
        [panel],
        [
            f"{hidden} more, which move the median less, are not shown." if hidden else "",
            _band_note(found),
            trust_note(found.failed),
        ],
    ).draw(ax)


def _intervals(answers: Sequence[Base], ax: Axes, middles: _Middles) -> None:
    """Draw the intervals, the first of which is that of the answer as it is."""
    if answers[0].median is not None:
        ax.axvline(answers[0].median, color=GREY, linewidth=0.6)
    for i, (one, y) in enumerate(zip(answers, middles, strict=True)):
        if one.q05 is not None and one.median is not None and one.q95 is not None:
            interval(ax, (one.q05, one.median, one.q95), y, BLUE if i else INK)


def _distinct(rows: Sequence[LeaveOneOutRow]) -> list[LeaveOneOutRow]:
    """Return rows with an answer that leave out different claims, each set of claims once."""
    found: dict[tuple[str, ...], LeaveOneOutRow] = {}
    for row in rows:
        if row.median is not None:
            found.setdefault(row.claims, row)
    return list(found.values())


def _left_out(row: LeaveOneOutRow) -> str:
    return row.name if row.without == "claim" else f"{row.without}: {row.name}"


def _shift(row: LeaveOneOutRow, base: float) -> str:
    if row.median is None or row.shift is None:
        return ""
    if abs(row.shift) < 2 * (row.shift_se or 0.0):
        return "within error"
    return f"× {row.median / base:.2f}" if base > 0 and row.median > 0 else spelled(row.shift)


def _ruler(found: Sensitivity, reach: Sequence[float | None]) -> Ruler:
    known = [x for x in reach if x is not None]
    return Ruler.around(known, found.unit, found.label, scale=found.scale, pad=0.04)


def _bands(found: Sensitivity) -> list[Band]:
    return [Band(one.low, one.high) for one in found.cited]


def _band_note(found: Sensitivity) -> str:
    names = [figure.claim for figure in found.cited]
    return f"Grey band: the cited figure ({', '.join(names)}), held out." if names else ""


def _row_name(found: Sensitivity, row: TornadoRow) -> str:
    if row.option is None:
        return found.named(row.quantity)
    return f"“{option_words(row.option)}”"
