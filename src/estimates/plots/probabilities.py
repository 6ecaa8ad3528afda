"""P(below), P(inside) and P(above) a cited figure, by reading, as bars that add up to one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import float64
from numpy.typing import NDArray

from estimates._util.format import probability
from estimates.analysis.compare.result import Comparison
from estimates.analysis.compare.result import Row as Compared
from estimates.errors import Fault, InputError
from estimates.language.phrases import capitalised, cited_range, option_words
from estimates.model.describe import as_said
from estimates.plots.parts.captions import (
    beside_the_cited,
    held_out_note,
    left_out_note,
    sources_note,
    trust_note,
    weights_note,
)
from estimates.plots.parts.findings import MOST_ROWS, Against, Findings
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import GREY, PALE, SIDES, VERDICTS, WRITTEN
from estimates.plots.parts.table import TOGETHER, reading_columns, weight_cell, weight_column
from estimates.plots.parts.text import Line, Text
from estimates.stats.natural import Natural

_ROW, _BAR = 0.29, 0.20  # inches
_NUMBERS = [*(Column(side, right=True) for side in SIDES), Column("verdict")]
_EACH = "Each bar is the whole posterior of a reading: the part below, inside and above the figure."


def probabilities(
    fit: xr.DataTree | Findings, claim: str | None = None, *, ax: Axes | None = None
) -> Figure:
    """Draw how much of the posterior lies below, inside and above a cited figure, by reading.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    claim : id of a held-out claim; the first if not given
    ax : draw the bars alone into these axes, readings as tick labels

    Raises
    ------
    InputError : where nothing is held out, or not this claim
    """
    findings = Findings.of(fit)
    use = _asked({use.id: use for use in findings.cited()}, claim)
    values, support = findings.claimed(use), findings.claimed_support(use)
    rows = findings.rows(values, Natural.of(support, values).forward)
    columns, cells = reading_columns(rows)
    told = [findings.against(use.id, row) for row in rows.rows]
    placed = [
        Row(cell, [*weight_cell(rows, row), *_numbers(one)], least=_ROW)
        for cell, row, one in zip(cells, rows.rows, told, strict=True)
    ]
    together = findings.together(values) if len(rows.rows) > 1 else None
    if together is not None:
        told.append(findings.against(use.id, together, mixture=True))
        numbers = [*weight_cell(rows, together), *_numbers(told[-1])]
        placed.append(Row(TOGETHER, numbers, least=_ROW, apart=True))
    label, figure = findings.label(use.topic), as_said(use.claim, findings.model)
    notes = [
        _EACH,
        left_out_note(findings, rows),
        weights_note(findings, rows),
        held_out_note(findings, [use.id]),
        sources_note(findings),
        trust_note(findings.failed),
    ]
    return Page(
        f"{capitalised(label)} beside the cited figure, {figure}",
        beside_the_cited(findings, use.id, rows.rows),
        [_panel(columns, weight_column(rows), placed, told)],
        notes,
    ).draw(ax)


def compared(found: Comparison, claim: str | None = None, *, ax: Axes | None = None) -> Figure:
    """Draw the probabilities of a comparison alone, each reading by itself.

    Parameters
    ----------
    found : what `estimates.compare` returned
    claim : id of a cited figure; the first if not given
    ax : draw the bars alone into these axes, readings as tick labels

    Raises
    ------
    InputError : where nothing is compared, or not this claim
    """
    about = _asked({row.claim: row.claim for row in found.comparisons}, claim)
    every = found.of(about)
    readings = sorted((row for row in every if row.reading), key=lambda row: -(row.weight or 0.0))
    shown = sorted(readings[:MOST_ROWS], key=lambda row: -(row.below or 0.0))
    shown += [row for row in every if row.reading is None]
    told = [_against(row) for row in shown]
    together = TOGETHER if readings else [[Line("the answer")]]
    placed = [
        Row(
            [[Line(_named(row))]] if row.reading else together,
            _weighed(row, one, readings),
            least=_ROW,
            apart=row is shown[-1] and len(shown) > 1,
        )
        for row, one in zip(shown, told, strict=True)
    ]
    figure = cited_range(shown[0].low, shown[0].high, shown[0].unit)
    weights = [Column("weight", right=True)] if readings else []
    left = len(readings[MOST_ROWS:])
    notes = [
        _EACH,
        f"{left} lighter readings are not shown." if left else "",
        "Held out, no part of the evidence." if found.pool == "held-out" else "",
    ]
    title = f"The answer beside {about}, {figure}"
    column = [Column("reading" if readings else "", most=3)]
    return Page(title, "", [_panel(column, weights, placed, told)], notes).draw(ax)


def _asked[T](known: dict[str, T], claim: str | None) -> T:
    """Return the cited figure that is asked for, or the first."""
    if claim is None:
        claim = next(iter(known), None)
    if claim is None or claim not in known:
        raise InputError([Fault(f"the model holds out no claim {claim or ''}".rstrip())])
    return known[claim]


def _named(row: Compared) -> str:
    return ", ".join(option_words(option) for option in (row.reading or {}).values())


def _weighed(row: Compared, against: Against | None, readings: Sequence[Compared]) -> list[Text]:
    weight = [Line(probability(row.weight))] if row.reading and row.weight is not None else []
    return [*([weight] if readings else []), *_numbers(against)]


def _against(row: Compared) -> Against | None:
    if row.verdict is None or row.below is None or row.inside is None or row.above is None:
        return None
    return Against((row.below, row.inside, row.above), row.verdict, bool(row.only_just))


def _panel(
    columns: Sequence[Column],
    weights: Sequence[Column],
    rows: Sequence[Row],
    told: Sequence[Against | None],
) -> Panel:
    strip = Strip(partial(_bars, told), title=f"P({'), P('.join(SIDES)}) the cited figure")
    return Panel([strip], rows, before=columns, after=[*weights, *_NUMBERS])


def _numbers(against: Against | None) -> list[Text]:
    """Return how much lies on each side, and the verdict."""
    if against is None:
        return [[], [], [], [Line("not computable", GREY, bold=True)]]
    shares = [
        [Line(probability(part), WRITTEN[SIDES[side][0]])]
        for side, part in zip(SIDES, against.shares, strict=True)
    ]
    colour = WRITTEN.get(VERDICTS[against.verdict], GREY)
    return [*shares, [Line(against.words, colour, bold=True)]]


def _bars(told: Sequence[Against | None], ax: Axes, middles: NDArray[float64]) -> None:
    """Draw the three parts end to end; an outline where they cannot be computed."""
    ax.set_xlim(0, 1)
    for against, y in zip(told, middles, strict=True):
        if against is None:
            ax.barh(y, 1.0, _BAR, color="none", edgecolor=PALE, linewidth=0.5)
            continue
        start = 0.0
        for side, part in zip(SIDES, against.shares, strict=True):
            colour, strength = SIDES[side]
            ax.barh(y, part, _BAR, left=start, color=colour, alpha=strength, edgecolor="white",
                    linewidth=0.8)  # fmt: skip
            start += part
