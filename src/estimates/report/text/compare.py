"""The comparison as tables: the answer beside each cited figure.

First where the answer lies, then how far off; never P(inside) alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from estimates._util.format import NONE, median_and_interval, number, probability
from estimates.analysis.compare.result import Comparison, ManyReadings, Row
from estimates.analysis.compare.sentences import conclusions
from estimates.language import phrases
from estimates.language.phrases import worded
from estimates.report.text.tables import WIDTH, axes, label, paragraph, reading_row, table

INTERVAL = "90 % interval"

_ADMITTED = {
    "held-out": "held out",
    "independent": "if one believes it: as independent evidence",
    "redundant": "if one believes it: as the same evidence said twice",
    "as declared": "admitted as the model says",
}


def compare_report(found: Comparison, width: int = WIDTH) -> Iterator[Text]:
    """Two tables for each cited figure, and in sentences what they say."""
    claims = dict.fromkeys(row.claim for row in found.comparisons)
    if not claims:
        yield paragraph("This model sets no cited figure beside its answer (`compare:`).")
    for claim in claims:
        # The mixture of one reading is that reading.
        rows = found.of(claim)
        readings = [row for row in rows if row.reading is not None]
        shown = rows if len(readings) > 1 else readings
        yield _where(claim, shown, found.pool, width)
        yield _how_far(shown, width)
        yield Text()
        yield paragraph(_legend(rows), width=width, style="dim")
        yield Text()
        for text in (*_gaps(rows), *conclusions(shown, found.pool)):
            yield paragraph(text, width=width)


def _where(claim: str, rows: Sequence[Row], pool: str, width: int) -> Text:
    first = rows[0]
    cited = phrases.cited_range(first.low, first.high, first.unit)
    heads = [axes(rows), "weight", "median", INTERVAL, "below", "inside", "above", "verdict "]
    lines = []
    for row in rows:
        cells = [
            probability(row.weight) if row.reading else "",
            *median_and_interval(row),
            *map(probability, (row.below, row.inside, row.above)),
            worded(row.verdict, row.only_just) if row.verdict else NONE,
        ]
        lines.append(reading_row(row.reading, cells))
    return table(f"{claim}: {cited} ({_ADMITTED.get(pool, pool)})", heads, lines, width=width)


def _how_far(rows: Sequence[Row], width: int) -> Text:
    differs = any(row.difference for row in rows)
    measure = "difference" if differs else "ratio"
    what = "the answer minus its centre" if differs else "the answer divided by its centre"
    heads = [axes(rows), measure, INTERVAL, "to edge", "conflict p", "overlap"]
    lines = []
    for row in rows:
        cells = [
            *median_and_interval(row.difference if differs else row.ratio),
            number(row.difference_to_edge if differs else row.factor_to_edge, digits=2),
            _conflict(row),
            probability(row.overlap),
        ]
        lines.append(reading_row(row.reading, cells))
    return table(f"How far from it: {what}", heads, lines, width=width)


def _legend(rows: Sequence[Row]) -> str:
    """What the heads mean."""
    if any(row.difference for row in rows):
        edge = "to edge: what the median lacks to the nearer end, 0 inside"
    else:
        edge = "to edge: the factor from the median to the nearer end, above 1 if short of it"
    return (
        f"({edge}; conflict p: small where answer and figure cannot be the same number; overlap: "
        "of their densities, 1 where they are alike)"
    )


def _gaps(rows: Sequence[Row]) -> Iterator[str]:
    """Which rows have no numbers, and why."""
    for row in rows:
        if row.note:
            yield f"{label(row.reading)}: {row.note}."


def _conflict(row: Row) -> str:
    """Opposite conflicts cancel in a mixture, which therefore shows the range over readings."""
    if isinstance(row, ManyReadings) and row.conflict_p_range:
        return " to ".join(map(probability, row.conflict_p_range))
    return probability(row.conflict_p)
