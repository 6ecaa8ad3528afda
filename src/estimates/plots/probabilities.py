"""P(below), P(inside) and P(above) a cited figure, by reading, as bars that add up to one."""

from __future__ import annotations

from typing import Any

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates._util.format import probability
from estimates.language.phrases import capitalised
from estimates.model.describe import as_said
from estimates.plots.parts.captions import (
    SIDES,
    beside_the_cited,
    held_out_note,
    left_out_note,
    sources_note,
    weights_note,
)
from estimates.plots.parts.findings import Against, Findings
from estimates.plots.parts.rows import Row, Rows
from estimates.plots.parts.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LINE,
    MARGIN,
    PALE,
    SMALL,
    VERDICTS,
    VERMILLION,
    WIDTH,
    WRITTEN,
    Footing,
    Heading,
    Sheet,
    figure_of,
    house_style,
    text_width,
)
from estimates.plots.parts.table import TOGETHER, ReadingTable
from estimates.stats.natural import Natural

_ROW, _BAR, _APART = 0.29, 0.20, 0.12  # inches
_COLOURS = dict(zip(SIDES, (BLUE, GREEN, VERMILLION), strict=True))
#: Unlike in grey, too.
_STRENGTHS = dict(zip(SIDES, (0.75, 0.28, 0.58), strict=True))
_GUTTER = 0.14  # inches beside the bars at the least; more for numbers that do not fit inside
_NEGLIGIBLE = 0.005
_SPACE = 0.06  # inches before a number beside a bar


def probabilities(
    fit: xr.DataTree | Findings, claim: str | None = None, *, ax: Axes | None = None
) -> Figure:
    """How much of the posterior lies below, inside and above a cited figure, by reading.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    claim : id of a held-out claim; the first if not given
    ax : draw the bars alone into these axes, readings as tick labels

    Raises
    ------
    ValueError : where nothing is held out, or not this claim
    """
    findings = Findings.of(fit)
    held_out = {use.id: use for use in findings.cited()}
    if claim is None:
        claim = next(iter(held_out), None)
    if claim is None or claim not in held_out:
        raise ValueError(f"the model holds out no claim {claim or ''}".rstrip())
    with house_style():
        values = findings.claimed(held_out[claim])
        support = findings.claimed_support(held_out[claim])
        rows = findings.rows(values, Natural.of(support, values).forward)
        together = findings.together(values) if len(rows.rows) > 1 else None
        if ax is not None:
            return _alone(findings, claim, rows, ax)
        return _sheet(findings, claim, rows, together)


def _sheet(findings: Findings, claim: str, rows: Rows, together: Row | None) -> Figure:
    use = next(use for use in findings.cited() if use.id == claim)
    label, figure = findings.label(str(use.about)), as_said(use.claim, findings.model)
    title = f"{capitalised(label)} beside the cited figure, {figure}"
    heading = Heading(title, beside_the_cited(findings, claim, rows.rows))
    footing = Footing(
        "Each bar is the whole posterior of a reading.",
        left_out_note(findings, rows),
        weights_note(findings, rows),
        held_out_note(findings, [claim]),
        sources_note(findings),
    )
    table = ReadingTable(rows)
    lines = [(row, findings.against(claim, row)) for row in rows.rows]
    heights = [max(_ROW, table.lines(i) * LINE + 0.08) for i in range(len(lines))]
    left = max(table.width + MARGIN, MARGIN)
    if together is not None:
        lines.append((together, findings.against(claim, together, mixture=True)))
        heights.append(_ROW + _APART)
        left = max(left, MARGIN + text_width(TOGETHER, weight="bold") + 0.14)
    told = {against.words for _, against in lines if against}
    right = MARGIN + max(
        text_width(word, weight="bold") for word in (*VERDICTS, *told, "not computable")
    )
    width = WIDTH - left - right - _GUTTER
    for _ in range(2):  # a narrower bar may hold fewer numbers
        gutters = [_outside(against, width) for _, against in lines if against]
        before, after = (max((_taken(g[i]) for g in gutters), default=0.0) for i in (0, 1))
        width = WIDTH - left - before - right - after - _GUTTER
    left += before
    top = heading.height + max(table.header_lines, 1) * LINE + 0.06
    sheet = Sheet(top + sum(heights) + 0.06 + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    ax = sheet.axes(left, top, width, sum(heights))
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(sum(heights), 0)
    table.draw_header(sheet, top - 0.03)
    for side, x, ha in zip(SIDES, (0.0, 0.5, 1.0), ("left", "center", "right"), strict=True):
        sheet.text(left + x * width, top - 0.03, side, va="bottom", ha=ha,
                   color=WRITTEN[_COLOURS[side]], weight="bold")  # fmt: skip
    sheet.text(WIDTH - right, top - 0.03, "verdict", va="bottom", color=GREY)
    y = 0.0
    for i, ((row, against), height) in enumerate(zip(lines, heights, strict=True)):
        mixture = row is together
        y += height
        middle = y - _ROW / 2 if mixture else y - height / 2
        if mixture:
            sheet.rule(MARGIN, WIDTH - MARGIN, top + y - height + _APART / 2)
            sheet.text(MARGIN, top + middle, TOGETHER, weight="bold", va="center")
        else:
            table.draw_row(sheet, i, top + middle)
        _bar(ax, against, middle, _BAR, width)
        word = against.words if against else "not computable"
        colour = VERDICTS[against.verdict] if against else GREY
        sheet.text(WIDTH - right, top + middle, word, va="center", weight="bold",
                   color=WRITTEN.get(colour, GREY))  # fmt: skip
    return sheet.figure


type _Numbers = list[tuple[str, str]]


def _outside(against: Against, inches: float) -> tuple[_Numbers, _Numbers]:
    """Sides and numbers that do not fit into a bar, left and right of it, nearest first."""
    before: _Numbers = []
    after: _Numbers = []
    seen = False
    for side, part in zip(SIDES, against.shares, strict=True):
        shown = probability(part)
        if _fits(part, shown, inches):
            seen = True
        elif part >= _NEGLIGIBLE:
            (after if seen else before).append((side, shown))
    return before[::-1], after


def _fits(part: float, shown: str, inches: float) -> bool:
    return part * inches > text_width(shown) + 0.03


def _taken(numbers: _Numbers) -> float:
    """Inches that numbers beside a bar need."""
    return sum(text_width(shown) + _SPACE for _, shown in numbers) + (0.1 if numbers else 0.0)


def _bar(ax: Axes, against: Against | None, middle: float, thickness: float, inches: float) -> None:
    """The three parts end to end, each with its number inside, or beside the bar if too short."""
    if against is None:
        ax.barh([middle], [1.0], thickness, color="none", edgecolor=PALE, linewidth=0.5)
        return
    write: dict[str, Any] = {"va": "center_baseline", "size": SMALL, "parse_math": False}
    start = 0.0
    for side, part in zip(SIDES, against.shares, strict=True):
        ax.barh([middle], [part], thickness, left=start, color=_COLOURS[side],
                alpha=_STRENGTHS[side], edgecolor="white", linewidth=0.8)  # fmt: skip
        shown = probability(part)
        if _fits(part, shown, inches):
            ax.text(start + part / 2, middle, shown, ha="center", color=INK, **write)
        start += part
    for numbers, end, sign, ha in zip(
        _outside(against, inches), (0.0, 1.0), (-1, 1), ("right", "left"), strict=True
    ):
        away = _SPACE
        for side, shown in numbers:
            at = end + sign * away / inches
            ax.text(at, middle, shown, ha=ha, color=WRITTEN[_COLOURS[side]], **write)
            away += text_width(shown) + _SPACE


def _alone(findings: Findings, claim: str, rows: Rows, ax: Axes) -> Figure:
    figure, width, _ = figure_of(ax)
    for i, row in enumerate(rows.rows):
        _bar(ax, findings.against(claim, row), i, 0.7, width)
    ax.set_xlim(0, 1)
    ax.set_ylim(len(rows.rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows.rows)), [row.text for row in rows.rows])
    ax.set_xlabel(f"P({'), P('.join(SIDES)}) the cited figure", parse_math=False)
    return figure
