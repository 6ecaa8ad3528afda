"""The answer to `whatif` as text: each answer as it is, and as supposed beneath it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from estimates._util.format import NONE, median_and_interval, number, probability
from estimates.analysis.result import Numbers
from estimates.analysis.whatif.result import (
    NAMES,
    Beside,
    ComparisonRow,
    QuantityRow,
    ReadingRow,
    TargetRow,
    UnderReading,
    WhatIf,
)
from estimates.language.phrases import cited_range, in_words, worded
from estimates.report.text.tables import WIDTH, Row, axes, label, paragraph, table

INTERVAL = "90 % interval"
_WHERE = ("below", "inside", "above", "verdict ")
_LEAST_SHIFT = 0.1
_MOST = 12  # quantities and readings that are shown; the document has all


def report(found: WhatIf, width: int = WIDTH) -> Iterator[Text]:
    """The sentence; each target on both sides, beside its cited figure; readings; what moved."""
    yield Text()
    yield paragraph(found.sentence, width=width)
    shown = [(target, found.cited(target.target)) for target in found.targets]
    for target, cited in shown:
        yield _target(target, cited, width)
    for row in found.comparisons:
        if all(row is not cited for _, cited in shown):
            yield _comparison(row, width)
    if len(found.readings) > 1:
        yield from _readings(found.readings, found.headline, width)
    yield from _quantities(found.quantities, width)
    yield Text()
    yield paragraph(
        "(cited figures are held out of both answers; a difference within two Monte Carlo errors "
        "is none)",
        width=width,
        style="dim",
    )


def _target(row: TargetRow, cited: ComparisonRow | None, width: int) -> Text:
    title = row.label
    if row.label != row.target:
        title += f" ({row.target})"
    if row.unit:
        title += f", {in_words(row.unit)}"
    heads = ["", "median", INTERVAL, "change"]
    base = [*_median_and_interval(row.base, row.unit), ""]
    supposed = [*_median_and_interval(row.supposed, row.unit), _change(row)]
    if cited is not None:
        title += f", beside {cited.claim}: {_ranges(cited)}"
        heads += _WHERE
        base += _where(cited.base)
        supposed += _where(cited.supposed)
    return table(title, heads, _two_rows(base, supposed), width=width)


def _comparison(row: ComparisonRow, width: int) -> Text:
    """A cited figure about something that is no target."""
    title = f"{row.about} beside {row.claim}: {_ranges(row)}"
    lines = _two_rows(_where(row.base), _where(row.supposed))
    return table(title, ["", *_WHERE], lines, width=width)


def _two_rows(base: list[str], supposed: list[str]) -> list[Row]:
    return [Row(name, cells) for name, cells in zip(NAMES, (base, supposed), strict=True)]


def _where(one: Beside) -> list[str]:
    said = worded(one.verdict, one.only_just) if one.verdict else NONE
    return [*map(probability, (one.below, one.inside, one.above)), said]


def _ranges(row: ComparisonRow) -> str:
    """The cited range, and what it is supposed to be where that is another."""
    base, then = (cited_range(side.low, side.high, row.unit) for side in (row.base, row.supposed))
    return base if base == then else f"{base}, supposed {then}"


def _change(row: TargetRow) -> str:
    if row.ratio is not None:
        return f"×{number(row.ratio, row.mcse_ratio)}"
    if row.difference is None:
        return NONE
    sign = "+" if row.difference > 0 else ""
    return sign + number(row.difference, row.mcse_difference)


def _readings(rows: Sequence[ReadingRow], target: TargetRow, width: int) -> Iterator[Text]:
    heads = [axes([{"reading": row.reading} for row in rows]), "weight", "supposed", "median"]
    left = [row for row in rows if row.supposed.weight > 0]
    heaviest = sorted(left, key=lambda r: -max(r.base.weight, r.supposed.weight))[:_MOST]
    shown = [row for row in left if any(row is one for one in heaviest)]
    lines = []
    for row in shown:
        sides = (row.base, row.supposed)
        cells = [probability(side.weight) for side in sides]
        cells += [_median_and_interval(side, target.unit)[0] for side in sides]
        *outer, last = row.reading.values()
        lines.append(Row(label(row.reading), cells, group=", ".join(outer), short=last))
    unit = f" ({in_words(target.unit)})" if target.unit else ""
    title = f"By reading: weights, and {target.target}{unit}"
    yield table(title, [*heads, "supposed"], lines, width=width)
    lighter, out = len(left) - len(shown), len(rows) - len(left)
    notes = [f"{lighter} lighter readings are not shown"] if lighter else []
    notes += [f"{out} readings are ruled out"] if out else []
    if notes:
        yield paragraph(f"({'; '.join(notes)})", width=width, style="dim")


def _quantities(rows: Sequence[QuantityRow], width: int) -> Iterator[Text]:
    moved = [row for row in rows if row.is_set or row.beyond(_LEAST_SHIFT)]
    if not moved:
        yield Text()
        yield paragraph("No basic quantity moves by as much as a tenth of its sd.", width=width)
        return
    lines = [
        Row(
            row.quantity,
            [
                _one(row.base, row.unit),
                _one(row.supposed, row.unit),
                _shift(row),
                in_words(row.unit),
            ],
        )
        for row in moved[:_MOST]
    ]
    heads = ["", "as it is", "supposed", "shift (sd)", "unit "]
    yield table("Basic quantities that move", heads, lines, width=width)
    rest = len(rows) - len(moved[:_MOST])
    if rest:
        yield paragraph(
            f"({rest} more move by less; shifts in sds of the answer as it is, on the log scale "
            "for positive quantities and the logit scale for shares)",
            width=width,
            style="dim",
        )


def _median_and_interval(numbers: Numbers | UnderReading, unit: str) -> tuple[str, str]:
    """Of a share as per cent."""
    return median_and_interval(numbers, 100.0 if unit == "share" else 1.0)


def _one(value: float | None, unit: str) -> str:
    return number(100 * value if unit == "share" and value is not None else value)


def _shift(row: QuantityRow) -> str:
    if row.shift is None:
        return "set" if row.is_set else NONE
    shown = number(row.shift, row.mcse_shift, digits=2)
    shown = shown if row.shift < 0 else f"+{shown}"
    return f"{shown}, set" if row.is_set else shown
