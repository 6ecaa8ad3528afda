"""The answer: the posterior of a target under each reading, with the cited figures behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates.language.phrases import capitalised
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.band import Band, bands
from estimates.plots.parts.captions import (
    beside_the_cited,
    held_out_note,
    left_out_note,
    sources_note,
    weights_note,
)
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.marks import figures_of, interval, numbers_of
from estimates.plots.parts.rows import Row, Rows
from estimates.plots.parts.style import (
    GREY,
    LINE,
    MARGIN,
    PLAIN,
    VERDICTS,
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
from estimates.stats.kde import Curve, curve
from estimates.stats.natural import Natural

NUMBERS = "median (90 %)"
_ROW, _ALONE, _APART = 0.40, 0.95, 0.14  # inches: a row, one on its own, above the mixture
_BASE = 0.05  # from the bottom of a row up to its dot and bar
_FLATTEST = 4.0  # a curve lower than the highest by more than this factor is drawn higher
_MIXED = "#8c8c8c"


@dataclass(frozen=True)
class _Answer:
    """A target, ready to be drawn."""

    findings: Findings
    target: str
    rows: Rows
    together: Row | None
    curves: tuple[Curve | None, ...]
    mixed: Curve | None
    ruler: Ruler
    bands: tuple[Band, ...]


def answer(
    fit: xr.DataTree | Findings, target: str | None = None, *, ax: Axes | None = None
) -> Figure:
    """The posterior of a target under each reading and of their mixture.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    target : one of the model's targets; the first if not given
    ax : draw the densities alone into these axes, readings as tick labels

    Returns
    -------
    Figure; that of `ax` where given.  A dot is a median, a bar an equal-tailed 90 % interval.
    """
    findings = Findings.of(fit)
    with house_style():
        drawn = _prepare(findings, findings.model.targets[0] if target is None else target)
        return _sheet(drawn) if ax is None else _alone(drawn, ax)


def _prepare(findings: Findings, target: str) -> _Answer:
    values = findings.values(target)
    support = findings.support(target)
    natural = Natural.of(support, values)
    rows = findings.rows(values, natural.forward)
    together = findings.together(values)
    found = bands(findings, target)
    reach = [end for row in rows.rows for end in _middle(row)]
    reach += [end for band in found for end in (band.low, band.high) if end is not None]
    ruler = Ruler.of(support, findings.unit(target), findings.label(target), reach)
    drawn = [curve(row.draws, row.share, natural, log=ruler.log) for row in rows.rows]
    mixed = None
    if together is not None:
        mixed = curve(together.draws, together.share, natural, log=ruler.log)
    return _Answer(findings, target, rows, together, tuple(drawn), mixed, ruler, tuple(found))


def _middle(row: Row) -> tuple[float, float]:
    low, high = np.quantile(row.draws, (0.005, 0.995), axis=1)
    return float(low.min()), float(high.max())


# The whole figure ------------------------------------------------------------------------------


def _sheet(drawn: _Answer) -> Figure:
    rows = drawn.rows.rows
    several = len(rows) > 1
    heading = Heading(capitalised(drawn.findings.label(drawn.target)), _seen(drawn))
    footing = Footing(*_small_print(drawn))
    table = ReadingTable(drawn.rows)
    mixture = drawn.together if several else None
    least = _ROW if several else _ALONE
    numbers = [_numbers(drawn, row) for row in rows]
    lines = [max(table.lines(i), len(words)) for i, words in enumerate(numbers)]
    heights = [max(least, count * LINE + 0.12) for count in lines]
    if mixture is not None:
        numbers.append(_numbers(drawn, mixture))
        heights.append(max(_ROW, len(numbers[-1]) * LINE + 0.12) + _APART)
    right = MARGIN + max(
        text_width(line, weight="bold" if place else "normal")  # verdicts are bold
        for told in (*numbers, (NUMBERS,))
        for place, line in enumerate(told)
    )
    left = max(table.width + MARGIN, 0.25)
    if mixture is not None:
        left = max(left, MARGIN + text_width(TOGETHER, weight="bold") + 0.1)
    width = WIDTH - left - right - 0.12
    above = [band.room for band in drawn.bands]
    top = heading.height + max(sum(above), max(table.header_lines, 1) * LINE) + 0.08
    body = sum(heights) + 0.08
    sheet = Sheet(top + body + 0.42 + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    ax = sheet.axes(left, top, width, body)
    ax.set_ylim(body, 0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    drawn.ruler.along_x(ax, width, drawn.ruler.unit)
    for band in drawn.bands:
        band.draw(ax, drawn.ruler)
        band.draw_label(sheet, drawn.ruler, left, width, top - 0.05)
    table.draw_header(sheet, top - 0.05)
    sheet.text(WIDTH - right, top - 0.05, NUMBERS, va="bottom", color=GREY)
    peak = _peak(drawn)
    y = 0.0
    for i, (row, density) in enumerate(zip(rows, drawn.curves, strict=True)):
        y += heights[i]
        colour = _colour(drawn, row)
        _ridge(ax, drawn.ruler, density, row, y, _scale(density, peak, heights[i]), colour)
        table.draw_row(sheet, i, top + y - _BASE - LINE * max(1, table.lines(i) - 1) / 2)
        _beside(sheet, numbers[i], WIDTH - right, top + y - _BASE, colour)
    if mixture is not None:
        sheet.rule(MARGIN, WIDTH - MARGIN, top + y + _APART / 2 + 0.02)
        y += heights[-1]
        _ridge(ax, drawn.ruler, drawn.mixed, mixture, y, _scale(drawn.mixed, peak, _ROW), _MIXED)
        sheet.text(MARGIN, top + y - _BASE - LINE / 2, TOGETHER, weight="bold", va="center")
        _beside(sheet, numbers[-1], WIDTH - right, top + y - _BASE, _MIXED)
    return sheet.figure


def _peak(drawn: _Answer) -> float:
    return max((c.height.max() for c in (*drawn.curves, drawn.mixed) if c is not None), default=1.0)


def _scale(density: Curve | None, peak: float, height: float) -> float:
    """Inches per unit of density: areas are alike, unless that would leave a curve too flat."""
    if density is None:
        return 0.0
    own = float(density.height.max())
    return 0.82 * height / max(peak if peak < _FLATTEST * own else own, 1e-300)


def _ridge(
    ax: Axes, ruler: Ruler, density: Curve | None, row: Row, y: float, scale: float, colour: str
) -> None:
    base = y - _BASE
    if density is not None:
        inside = (density.x >= ruler.low) & (density.x <= ruler.high)
        x, height = density.x[inside], base - density.height[inside] * scale
        ax.fill_between(x, base, height, color=colour, alpha=0.45, linewidth=0)
        ax.plot(x, height, color=colour, linewidth=0.8)
    interval(ax, row, base)


def _numbers(drawn: _Answer, row: Row) -> tuple[str, ...]:
    """`136 (61–341)`, and a line for the verdict on each cited figure."""
    words = [numbers_of(row, drawn.ruler)]
    for band in drawn.bands:
        against = drawn.findings.against(band.claim, row, mixture=row is drawn.together)
        verdict = "not computable" if against is None else against.words
        words.append(f"{band.number} {verdict}".lstrip())
    return tuple(words)


def _colour(drawn: _Answer, row: Row) -> str:
    if not drawn.bands:
        return PLAIN
    against = drawn.findings.against(drawn.bands[0].claim, row)
    return VERDICTS[against.verdict] if against else GREY


def _beside(sheet: Sheet, numbers: tuple[str, ...], x: float, base: float, colour: str) -> None:
    first, *rest = numbers
    y = base - LINE * (len(rest) or 0.5)
    sheet.text(x, y, first, va="center")
    for i, line in enumerate(rest, start=1):
        sheet.text(
            x, y + i * LINE, line, va="center", color=WRITTEN.get(colour, GREY), weight="bold"
        )


# Words -----------------------------------------------------------------------------------------


def _seen(drawn: _Answer) -> str:
    rows = drawn.rows.rows
    if not rows:
        return "No reading says anything of it."
    if drawn.bands:
        return beside_the_cited(drawn.findings, drawn.bands[0].claim, rows)
    row = drawn.together or rows[0]
    over = f"Over {len(rows)} readings" if len(rows) > 1 else "Posterior"
    middle, low, high = figures_of(row, drawn.ruler)
    unit = f", {drawn.ruler.unit}" if drawn.ruler.unit else ""
    return f"{over}: median {middle}, 90 % interval {low} to {high}{unit}."


def _small_print(drawn: _Answer) -> list[str]:
    findings = drawn.findings
    flat = [c for c in (*drawn.curves, drawn.mixed) if c is not None]
    scaled = any(_peak(drawn) >= _FLATTEST * c.height.max() for c in flat)
    return [
        "Area: posterior density; dot: median; bar: 90 % interval, as much left out on each side."
        + (" The flattest densities are drawn higher." if scaled else ""),
        left_out_note(findings, drawn.rows),
        weights_note(findings, drawn.rows),
        held_out_note(findings, [band.claim for band in drawn.bands]),
        sources_note(findings),
    ]


def _alone(drawn: _Answer, ax: Axes) -> Figure:
    rows, peak = drawn.rows.rows, _peak(drawn)
    figure, width, _ = figure_of(ax)
    ax.set_ylim(len(rows) + 0.05, 0)
    drawn.ruler.along_x(ax, width)
    for band in drawn.bands:
        band.draw(ax, drawn.ruler)
    for y, (row, density) in enumerate(zip(rows, drawn.curves, strict=True), start=1):
        scale = _scale(density, peak, 1.0)
        _ridge(ax, drawn.ruler, density, row, float(y), scale, _colour(drawn, row))
    ax.set_yticks(np.arange(len(rows)) + 1.0 - _BASE, [row.text for row in rows])
    return figure
