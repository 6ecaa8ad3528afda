"""The answer: the posterior of a target under each reading, with the cited figures behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.language.phrases import capitalised
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.band import Band
from estimates.plots.parts.captions import (
    beside_the_cited,
    cited_bands,
    held_out_note,
    left_out_note,
    sources_note,
    trust_note,
    weights_note,
)
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.marks import figures_of, interval, numbers_of, ridge
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Strip
from estimates.plots.parts.panel import Row as Place
from estimates.plots.parts.rows import Row, Rows
from estimates.plots.parts.style import GREY, PLAIN, VERDICTS, WRITTEN
from estimates.plots.parts.table import TOGETHER, reading_columns, weight_cell, weight_column
from estimates.plots.parts.text import Line, Text
from estimates.stats.kde import Curve, curve
from estimates.stats.natural import Natural

_ROW, _ALONE, _BASE = 0.40, 0.95, 0.05  # inches: a row, one on its own, from its foot to the bar
_FLATTEST = 4.0  # a curve lower than the highest by more than this factor is drawn higher
_FILLED = 0.82  # of a row, the highest curve
_MIXED = "#8c8c8c"


@dataclass(frozen=True)
class Ridge:
    """A row of the figure: a reading, or all of them."""

    row: Row
    curve: Curve | None
    colour: str
    numbers: Text
    together: bool = False


@dataclass(frozen=True)
class Answer:
    """A target, ready to be drawn."""

    findings: Findings
    target: str
    rows: Rows
    ridges: list[Ridge]
    ruler: Ruler
    bands: list[Band]


def answer(
    fit: xr.DataTree | Findings, target: str | None = None, *, ax: Axes | None = None
) -> Figure:
    """Draw the posterior of a target under each reading and of their mixture.

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
    return _page(prepared(findings, findings.model.targets[0] if target is None else target)).draw(
        ax
    )


def prepared(findings: Findings, target: str) -> Answer:
    """Return everything that the figure of a target draws."""
    values, support = findings.values(target), findings.support(target)
    natural = Natural.of(support, values)
    rows = findings.rows(values, natural.forward)
    bands = cited_bands(findings, target)
    together = findings.together(values) if len(rows.rows) > 1 else None
    every = (*rows.rows, *([] if together is None else [together]))
    reach = [end for row in rows.rows for end in _middle(row)]
    reach += [end for band in bands for end in (band.low, band.high) if end is not None]
    unit, label = findings.unit(target), findings.label(target)
    log = Ruler.of(support, unit, label, reach).log
    curves = [curve(row.draws, row.share, natural, log=log) for row in every]
    reach += [float(x) for one in curves if one is not None for x in one.x[[0, -1]]]
    ruler = Ruler.of(support, unit, label, reach, log=log)
    ridges = []
    for row, density in zip(every, curves, strict=True):
        mixture = row is together
        told = [(band, findings.against(band.claim, row, mixture=mixture)) for band in bands]
        colour = PLAIN
        if row is together:
            colour = _MIXED
        elif told:
            colour = VERDICTS[told[0][1].verdict] if told[0][1] else GREY
        numbers = [Line(numbers_of(row, ruler))]
        for band, against in told:
            verdict = "not computable" if against is None else against.words
            words = f"{band.number} {verdict}".lstrip()
            numbers.append(Line(words, WRITTEN.get(colour, GREY), bold=True))
        ridges.append(Ridge(row, density, colour, numbers, row is together))
    return Answer(findings, target, rows, ridges, ruler, bands)


def _middle(row: Row) -> tuple[float, float]:
    low, high = np.quantile(row.draws, (0.005, 0.995), axis=1)
    return float(low.min()), float(high.max())


def _page(drawn: Answer) -> Page:
    columns, cells = reading_columns(drawn.rows)
    findings, least = drawn.findings, _ROW if len(drawn.rows.rows) > 1 else _ALONE
    rows = [
        Place(
            TOGETHER if one.together else cells[i],
            [*weight_cell(drawn.rows, one.row), one.numbers],
            least=least,
            apart=one.together,
        )
        for i, one in enumerate(drawn.ridges)
    ]
    strip = Strip(
        partial(draw_ridges, drawn, least), drawn.ruler, drawn.ruler.unit, bands=drawn.bands
    )
    numbers = [*weight_column(drawn.rows), Column(f"median ({findings.held})", most=6)]
    panel = Panel([strip], rows, before=columns, after=numbers, base=_BASE)
    notes = [
        f"Area: posterior density; dot: median; bar: {findings.held} interval, as much left out on "
        "each side." + (" The flattest densities are drawn higher." if _flattest(drawn) else ""),
        left_out_note(findings, drawn.rows),
        weights_note(findings, drawn.rows),
        held_out_note(findings, [band.claim for band in drawn.bands]),
        sources_note(findings),
        trust_note(findings.failed),
    ]
    return Page(capitalised(findings.label(drawn.target)), _seen(drawn), [panel], notes)


def draw_ridges(drawn: Answer, height: float, ax: Axes, middles: NDArray[np.float64]) -> None:
    """Draw the ridges; areas are alike, unless that would leave a curve too flat."""
    ruler, peak = drawn.ruler, _peak(drawn)
    for one, base in zip(drawn.ridges, middles, strict=True):
        if one.curve is not None:
            x, density = one.curve.x, one.curve.height
            top = density.max() if peak >= _FLATTEST * density.max() else peak
            seen = (x >= ruler.low) & (x <= ruler.high)
            scale = _FILLED * height / max(top, 1e-300)
            ridge(ax, x[seen], density[seen] * scale, base, one.colour)
        interval(ax, one.row.ends, base)


def _heights(drawn: Answer) -> list[float]:
    return [float(one.curve.height.max()) for one in drawn.ridges if one.curve is not None]


def _peak(drawn: Answer) -> float:
    return max(_heights(drawn), default=1.0)


def _flattest(drawn: Answer) -> bool:
    """Return whether a curve is drawn higher than the others."""
    return any(_peak(drawn) >= _FLATTEST * height for height in _heights(drawn))


def _seen(drawn: Answer) -> str:
    rows = drawn.rows.rows
    if not rows:
        return "No reading says anything of it."
    if drawn.bands:
        return beside_the_cited(drawn.findings, drawn.bands[0].claim, rows)
    over = f"Over {len(rows)} readings" if len(rows) > 1 else "Posterior"
    middle, interval = figures_of(drawn.ridges[-1].row, drawn.ruler)
    unit = f", {drawn.ruler.unit}" if drawn.ruler.unit else ""
    return f"{over}: median {middle}, {drawn.findings.held} interval {interval}{unit}."
