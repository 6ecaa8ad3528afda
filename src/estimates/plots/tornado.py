"""What a target hangs on: by quantity and reading, by share of its variance, and by claim."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates._util.format import spelled
from estimates.analysis.sensitivity.result import Base, LeaveOneOutRow, Sensitivity, TornadoRow
from estimates.language.phrases import capitalised, in_words, spoken
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.readings import ALL, heaviest, key_of
from estimates.plots.parts.style import (
    BAND,
    BLUE,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
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
from estimates.plots.shapley import shares
from estimates.plots.write import Drawing

_ROW, _BAR = 0.19, 0.12  # inches
_AXIS = 0.36
_NAMES, _LABELS = 2.75, 2.6  # inches for names at the most
_SHIFTS = 0.75  # inches for shifts
_CLAIMS = 24
_LOW, _HIGH = BLUE, VERMILLION
_Z90 = 1.645


def sensitivity_figures(found: Sensitivity) -> Iterator[tuple[str, Figure]]:
    """Every figure there is of a sensitivity analysis, with its name."""
    for name, draw in sensitivity_drawings(found):
        figure = draw()
        if figure is not None:
            yield name, figure


def sensitivity_drawings(found: Sensitivity) -> list[tuple[str, Drawing]]:
    """The name of every figure that there may be of it, and how it is drawn."""
    drawn = (("tornado", tornado), ("shares", shares), ("without", without))
    return [(f"sensitivity-{name}", partial(draw, found)) for name, draw in drawn]


def tornado(found: Sensitivity) -> Figure | None:
    """The target's median where each quantity is low and where it is high.

    One panel for the mixture and one for each reading, the heaviest eight; None where nothing
    moves.

    Parameters
    ----------
    found : what `estimates.sensitivity` returned
    """
    panels: dict[tuple[str, ...], list[TornadoRow]] = {}
    for row in found.tornado:
        panels.setdefault(key_of(row.reading), []).append(row)
    if not panels:
        return None
    most = heaviest(found.readings)
    shown = [(key, rows) for key, rows in panels.items() if key == ALL or key in most]
    every = [row for _, rows in shown for row in rows]
    ends = [x for row in every for x in (row.median_low, row.median_high, row.median)]
    ruler = _ruler(found, [x for x in ends if x is not None])
    heading = Heading(
        f"What moves {found.label}",
        "The median where a quantity lies in its lowest tenth (blue) and in its highest (red), "
        "everything that goes with it moving along; of a reading, where each option holds.",
    )
    left_out = len(panels) - len(shown)
    footing = Footing(
        "Read off the posterior draws. The line is the median of all draws.",
        f"{left_out} lighter readings are not shown." if left_out else "",
        _band_note(found),
    )
    left = MARGIN + max(text_width(_row_name(found, row)) for row in every) + 0.1
    width = WIDTH - left - 0.35
    heights = [LINE + 0.06 + len(rows) * _ROW + 0.16 for _, rows in shown]
    sheet = Sheet(heading.height + sum(heights) + _AXIS + footing.height)
    with house_style():
        heading.draw(sheet)
        footing.draw(sheet)
        top = heading.height
        for (key, rows), height in zip(shown, heights, strict=True):
            title = "all readings, by weight" if key == ALL else ", ".join(key) or "the answer"
            sheet.text(MARGIN, top, title, weight="bold")
            body = top + LINE + 0.06
            ax = _axes(sheet, left, body, width, len(rows))
            _panel(ax, found, rows, ruler)
            for i, row in enumerate(rows):
                _named(sheet, left - 0.08, body + (i + 0.5) * _ROW, _row_name(found, row))
            last = key == shown[-1][0]
            ruler.along_x(ax, width, None if last else "")
            if not last:
                ax.tick_params(axis="x", labelbottom=False, length=0)
            top += height
    return sheet.figure


def _axes(sheet: Sheet, left: float, top: float, width: float, rows: float) -> Axes:
    """Axes for so many rows, the first at the top."""
    ax = sheet.axes(left, top, width, rows * _ROW)
    ax.set_ylim(rows, 0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    return ax


def _named(sheet: Sheet, right: float, y: float, name: str, *, bold: bool = False) -> None:
    weight = "bold" if bold else "normal"
    sheet.text(right, y, name, ha="right", va="center", weight=weight)


def _panel(ax: Axes, found: Sensitivity, rows: Sequence[TornadoRow], ruler: Ruler) -> None:
    _cited(ax, found, ruler)
    middle = rows[0].median
    ax.axvline(middle, color=GREY, linewidth=0.6)
    for i, row in enumerate(rows):
        y = i + 0.5
        if row.option is not None or row.median_high is None:
            ax.plot([middle, row.median_low], [y, y], color=PALE, linewidth=1.2)
            ax.plot([row.median_low], [y], "o", color=INK, markersize=3.5)
            continue
        for end, error, colour in (
            (row.median_low, row.median_low_se, _LOW),
            (row.median_high, row.median_high_se, _HIGH),
        ):
            ax.barh(y, end - middle, _BAR / _ROW, left=middle, color=colour, alpha=0.75)
            if error:
                ends = [ruler.clip(end + s * _Z90 * error, end) for s in (-1, 1)]
                ax.plot(ends, [y, y], color=INK, linewidth=0.8)


def without(found: Sensitivity) -> Figure | None:
    """The answer without each claim, source, origin and speaker, the largest shift first.

    None where the model has no claims.
    """
    rows = _distinct(found.leave_one_out)
    base = found.base
    if not rows or base.median is None:
        return None
    shown = rows[:_CLAIMS]
    every = [base, *(row.answer for row in shown)]
    ends = [x for one in every for x in (one.q05, one.median, one.q95)]
    ruler = _ruler(found, [x for x in ends if x is not None])
    heading = Heading(
        f"{capitalised(found.label)} without each claim",
        "Median and 90 % interval when a claim, or all claims of one source, origin or speaker, "
        "is left out and everything is fitted anew.",
    )
    hidden = len(rows) - len(shown)
    footing = Footing(
        f"{hidden} more, which move the median less, are not shown." if hidden else "",
        _band_note(found),
    )
    labels = ["nothing left out", *(_left_out(row) for row in shown)]
    wanted = min(max(text_width(label) for label in labels), _LABELS)
    left = MARGIN + wanted + 0.1
    width = WIDTH - left - _SHIFTS
    top = heading.height + LINE + 0.04
    count = len(every) + 0.08 / _ROW
    sheet = Sheet(top + count * _ROW + _AXIS + footing.height)
    with house_style():
        heading.draw(sheet)
        footing.draw(sheet)
        sheet.text(WIDTH - MARGIN, top - 0.03, "shift of median", va="bottom", ha="right",
                   color=GREY)  # fmt: skip
        ax = _axes(sheet, left, top, width, count)
        _cited(ax, found, ruler)
        ax.axvline(base.median, color=GREY, linewidth=0.6)
        for i, (one, label) in enumerate(zip(every, labels, strict=True)):
            _interval(ax, i + 0.5, one, BLUE if i else INK)
            y = top + (i + 0.5) * _ROW
            _named(sheet, left - 0.1, y, shortened(wrap(label, wanted), 1)[0], bold=i == 0)
            if i:
                shift = _shift(shown[i - 1], base.median)
                sheet.text(WIDTH - MARGIN, y, shift, ha="right", va="center")
        ruler.along_x(ax, width)
    return sheet.figure


def _interval(ax: Axes, y: float, one: Base, colour: str) -> None:
    if one.q05 is not None and one.median is not None and one.q95 is not None:
        ax.plot([one.q05, one.q95], [y, y], color=colour, linewidth=1.0)
        ax.plot([one.median], [y], "o", color=colour, markersize=3.5)


def _distinct(rows: Sequence[LeaveOneOutRow]) -> list[LeaveOneOutRow]:
    """Rows with an answer that leave out different claims; a speaker of one claim is that claim."""
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


def _ruler(found: Sensitivity, reach: Sequence[float]) -> Ruler:
    log = found.scale == "log"
    return Ruler.around(reach, log, found.label, in_words(found.unit), pad=0.04)


def _cited(ax: Axes, found: Sensitivity, ruler: Ruler) -> None:
    for figure in found.cited:
        low = ruler.clip(figure.low, ruler.low)
        high = ruler.clip(figure.high, ruler.high)
        if low < high:
            ax.axvspan(low, high, color=BAND, linewidth=0, zorder=0)


def _band_note(found: Sensitivity) -> str:
    names = [figure.claim for figure in found.cited]
    return f"Grey band: the cited figure ({', '.join(names)}), held out." if names else ""


def _row_name(found: Sensitivity, row: TornadoRow) -> str:
    name = found.named(row.quantity)
    if row.option is not None:
        name = f"{spoken(row.quantity)}: {spoken(row.option)}"
    return shortened(wrap(name, _NAMES), 1)[0]
