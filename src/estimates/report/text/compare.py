"""The document of `compare` as tables: the answer beside each cited figure.

First where the answer lies, then how far off; never P(inside) alone. Made from the document
alone, so a table can never say more than the document does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

from estimates._util.format import NONE, brief, median_and_interval, number, probability
from estimates.analysis.compare.sentences import conclusions
from estimates.language.phrases import told, worded
from estimates.report.text.tables import WIDTH, axes, label, paragraph, reading_row, table

INTERVAL = "90 % interval"

type Row = Mapping[str, Any]

_ADMITTED = {
    "held-out": "held out",
    "independent": "if one believes it: as independent evidence",
    "redundant": "if one believes it: as the same evidence said twice",
    "as declared": "admitted as the model says",
}


def compare_report(document: Mapping[str, Any], width: int = WIDTH) -> Iterator[Text]:
    """Two tables for each cited figure, and in sentences what they say."""
    cited: dict[str, list[Row]] = {}
    for row in document["comparisons"]:
        cited.setdefault(row["claim"], []).append(row)
    if not cited:
        yield paragraph("This model sets no cited figure beside its answer (`compare:`).")
    pool = document["pool"]
    for claim, rows in cited.items():
        # The mixture of one reading is that reading.
        readings = [row for row in rows if row["reading"] is not None]
        mixture = [row for row in rows if row["reading"] is None and len(readings) > 1]
        yield _where(claim, [*readings, *mixture], pool, width)
        yield _how_far([*readings, *mixture], width)
        yield Text()
        yield paragraph(_legend(rows), width=width, style="dim")
        yield Text()
        for text in (*_gaps(rows), *conclusions([*readings, *mixture], pool)):
            yield paragraph(text, width=width)


def _where(claim: str, rows: Sequence[Row], pool: str, width: int) -> Text:
    title = f"{claim}: {cited_range(rows[0])} ({_ADMITTED.get(pool, pool)})"
    heads = [axes(rows), "weight", "median", INTERVAL, "below", "inside", "above", "verdict "]
    lines = []
    for row in rows:
        cells = [
            probability(row["weight"]) if row["reading"] else "",
            *median_and_interval(row),
            *(probability(row[side]) for side in ("below", "inside", "above")),
            worded(row["verdict"], row.get("only_just")) if row["verdict"] else NONE,
        ]
        lines.append(reading_row(row["reading"], cells))
    return table(title, heads, lines, width=width)


def _how_far(rows: Sequence[Row], width: int) -> Text:
    differs = any(row.get("difference") for row in rows)
    measure = "difference" if differs else "ratio"
    what = "the answer minus its centre" if differs else "the answer divided by its centre"
    heads = [axes(rows), measure, INTERVAL, "to edge", "conflict p", "overlap"]
    edge = "difference_to_edge" if differs else "factor_to_edge"
    lines = []
    for row in rows:
        distance = row.get(measure) or {}
        cells = [
            *median_and_interval(distance),
            number(row[edge], digits=2),
            _conflict(row),
            probability(row["overlap"]),
        ]
        lines.append(reading_row(row["reading"], cells))
    return table(f"How far from it: {what}", heads, lines, width=width)


def _legend(rows: Sequence[Row]) -> str:
    """What the heads mean."""
    if any(row.get("difference") for row in rows):
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
        if row.get("note"):
            yield f"{label(row['reading'])}: {row['note']}."


def _conflict(row: Row) -> str:
    """Opposite conflicts cancel in a mixture, which therefore shows the range over readings."""
    bounds = row.get("conflict_p_range")
    if bounds:
        return f"{probability(bounds[0])} to {probability(bounds[1])}"
    return probability(row["conflict_p"])


def cited_range(row: Row) -> str:
    """`US$100 to 200 million a year`; a bound has one end only."""
    unit = row.get("unit") or ""
    factor = 100.0 if unit == "share" else 1.0
    low, high = (None if row[end] is None else factor * row[end] for end in ("low", "high"))
    if low is None or high is None:
        words = "up to" if low is None else "at least"
        return f"{words} {told(brief(high if low is None else low, 4), unit)}"
    return told(f"{brief(low, 4)} to {brief(high, 4)}", unit)
