"""What a target hangs on: by quantity and reading, by share of its variance, and by claim."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates.language.phrases import in_words
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
from estimates.plots.parts.words import capitalised, number, spoken
from estimates.plots.shapley import shares
from estimates.plots.write import Drawing

type Document = Mapping[str, Any]
_ROW, _BAR = 0.19, 0.12  # inches
_AXIS = 0.36
_NAMES = 2.75  # inches for names at the most
_CLAIMS = 24
_LOW, _HIGH = BLUE, VERMILLION


def sensitivity_figures(document: Document) -> Iterator[tuple[str, Figure]]:
    """Every figure there is of a sensitivity analysis, with its name."""
    for name, draw in sensitivity_drawings(document):
        figure = draw()
        if figure is not None:
            yield name, figure


def sensitivity_drawings(document: Document) -> list[tuple[str, Drawing]]:
    """The name of every figure that there may be of it, and how it is drawn."""
    drawn = (("tornado", tornado), ("shares", shares), ("without", without))
    return [(f"sensitivity-{name}", partial(draw, document)) for name, draw in drawn]


def tornado(document: Document) -> Figure | None:
    """The target's median where each quantity is low and where it is high.

    One panel for the mixture and one for each reading, the heaviest eight; None where nothing
    moves.

    Parameters
    ----------
    document : of `estimates.sensitivity`
    """
    panels: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in document["tornado"]:
        panels.setdefault(key_of(row["reading"]), []).append(row)
    if not panels:
        return None
    most = heaviest(document)
    shown = [(key, rows) for key, rows in panels.items() if key == ALL or key in most]
    every = [row for _, rows in shown for row in rows]
    reach = [row[key] for row in every for key in ("median_low", "median_high", "median")]
    ruler = _ruler(document, [x for x in reach if x is not None])
    heading = Heading(
        f"What moves {document['label']}",
        "The median where a quantity lies in its lowest tenth (blue) and in its highest (red), "
        "everything that goes with it moving along; of a reading, where each option holds.",
    )
    left_out = len(panels) - len(shown)
    footing = Footing(
        "Read off the posterior draws. The line is the median of all draws.",
        f"{left_out} lighter readings are not shown." if left_out else "",
        _band_note(document),
    )
    names = {id(row): shortened(wrap(_row_name(document, row), _NAMES), 1)[0] for row in every}
    left = MARGIN + max(map(text_width, names.values())) + 0.1
    width = WIDTH - left - 0.35
    heights = [LINE + 0.06 + len(rows) * _ROW + 0.16 for _, rows in shown]
    sheet = Sheet(heading.height + sum(heights) + _AXIS + footing.height)
    with house_style():
        heading.draw(sheet)
        footing.draw(sheet)
        top = heading.height
        for place, ((key, rows), height) in enumerate(zip(shown, heights, strict=True)):
            title = ", ".join(key) if key else "the answer"
            if rows[0]["reading"] is None:
                title = "all readings, by weight"
            sheet.text(MARGIN, top, title, weight="bold")
            top += LINE + 0.06
            inches = len(rows) * _ROW
            ax = sheet.axes(left, top, width, inches)
            _panel(ax, document, rows, ruler)
            for i, row in enumerate(rows):
                sheet.text(left - 0.08, top + (i + 0.5) * _ROW, names[id(row)],
                           ha="right", va="center")  # fmt: skip
            last = place == len(shown) - 1
            ruler.along_x(ax, width, None if last else "")
            if not last:
                ax.tick_params(axis="x", labelbottom=False, length=0)
            top += height - LINE - 0.06
    return sheet.figure


def _panel(ax: Axes, document: Document, rows: Sequence[Mapping[str, Any]], ruler: Ruler) -> None:
    ax.set_ylim(len(rows), 0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    _cited(ax, document, ruler)
    middle = rows[0]["median"]
    ax.axvline(middle, color=GREY, linewidth=0.6)
    for i, row in enumerate(rows):
        y = i + 0.5
        if row["option"] is not None:
            ax.plot([middle, row["median_low"]], [y, y], color=PALE, linewidth=1.2)
            ax.plot([row["median_low"]], [y], "o", color=INK, markersize=3.5)
            continue
        for key, colour in (("median_low", _LOW), ("median_high", _HIGH)):
            ax.barh(y, row[key] - middle, _BAR / _ROW, left=middle, color=colour, alpha=0.75)
            error = row[f"{key}_se"]
            if error:
                ends = [ruler.clip(row[key] + s * 1.645 * error, row[key]) for s in (-1, 1)]
                ax.plot(ends, [y, y], color=INK, linewidth=0.8)


def without(document: Document) -> Figure | None:
    """The answer without each claim, source, origin and speaker, the largest shift first.

    None where the model has no claims.
    """
    rows = [row for row in document["leave_one_out"] if row["median"] is not None]
    if not rows:
        return None
    shown = _distinct(rows)[:_CLAIMS]
    base = document["base"]
    every = [base, *shown]
    ruler = _ruler(document, [row[key] for row in every for key in ("q05", "median", "q95")])
    heading = Heading(
        f"{capitalised(document['label'])} without each claim",
        "Median and 90 % interval when a claim, or all claims of one source, origin or speaker, "
        "is left out and everything is fitted anew.",
    )
    hidden = len(_distinct(rows)) - len(shown)
    footing = Footing(
        f"{hidden} more, which move the median less, are not shown." if hidden else "",
        _band_note(document),
    )
    labels = ["nothing left out", *(_left_out(row) for row in shown)]
    wanted = min(max(text_width(label) for label in labels), 2.6)
    left = MARGIN + wanted + 0.1
    right = 0.75
    width = WIDTH - left - right
    top = heading.height + LINE + 0.04
    inches = len(every) * _ROW + 0.08
    sheet = Sheet(top + inches + _AXIS + footing.height)
    with house_style():
        heading.draw(sheet)
        footing.draw(sheet)
        sheet.text(WIDTH - MARGIN, top - 0.03, "shift of median", va="bottom", ha="right",
                   color=GREY)  # fmt: skip
        ax = sheet.axes(left, top, width, inches)
        ax.set_ylim(inches / _ROW, 0)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        _cited(ax, document, ruler)
        ax.axvline(base["median"], color=GREY, linewidth=0.6)
        for i, (row, label) in enumerate(zip(every, labels, strict=True)):
            y = i + 0.5
            colour = INK if i == 0 else BLUE
            ax.plot([row["q05"], row["q95"]], [y, y], color=colour, linewidth=1.0)
            ax.plot([row["median"]], [y], "o", color=colour, markersize=3.5)
            sheet.text(left - 0.1, top + y * _ROW, shortened(wrap(label, wanted), 1)[0],
                       ha="right", va="center", weight="bold" if i == 0 else "normal")  # fmt: skip
            if i:
                sheet.text(WIDTH - MARGIN, top + y * _ROW, _shift(row, base), ha="right",
                           va="center")  # fmt: skip
        ruler.along_x(ax, width)
    return sheet.figure


def _distinct(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Rows that leave out different claims; a speaker of one claim is that claim."""
    found: dict[tuple[str, ...], Mapping[str, Any]] = {}
    for row in rows:
        found.setdefault(tuple(row["claims"]), row)
    return list(found.values())


def _left_out(row: Mapping[str, Any]) -> str:
    return row["name"] if row["without"] == "claim" else f"{row['without']}: {row['name']}"


def _shift(row: Mapping[str, Any], base: Mapping[str, Any]) -> str:
    if abs(row["shift"]) < 2 * (row["shift_se"] or 0.0):
        return "within error"
    if base["median"] > 0 and row["median"] > 0:
        return f"× {row['median'] / base['median']:.2f}"
    return number(row["shift"])


def _ruler(document: Document, reach: Sequence[float]) -> Ruler:
    log = document["scale"] == "log"
    return Ruler.around(reach, log, document["label"], in_words(document["unit"]), pad=0.04)


def _cited(ax: Axes, document: Document, ruler: Ruler) -> None:
    for figure in document["cited"]:
        low = ruler.clip(figure["low"], ruler.low)
        high = ruler.clip(figure["high"], ruler.high)
        if low < high:
            ax.axvspan(low, high, color=BAND, linewidth=0, zorder=0)


def _band_note(document: Document) -> str:
    names = [figure["claim"] for figure in document["cited"]]
    return f"Grey band: the cited figure ({', '.join(names)}), held out." if names else ""


def _row_name(document: Document, row: Mapping[str, Any]) -> str:
    if row["option"] is not None:
        return f"{spoken(row['quantity'])}: {spoken(row['option'])}"
    return str(document["labels"].get(row["quantity"], spoken(row["quantity"])))
