"""The answer of `multiverse` as text: the sentence, then cells, effects and flips as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from estimates._util.format import NONE, brief, median_and_interval, number, probability
from estimates.analysis.multiverse.result import (
    VERDICTS,
    CellRow,
    CitedRow,
    EffectRow,
    Multiverse,
    VerdictRow,
    WeightFlipRow,
    WidthFlipRow,
    by_median,
)
from estimates.language.phrases import cited_range
from estimates.report.text.tables import WIDTH, Row, paragraph, table

_MOST_CELLS = 16
_DIGITS = 4  # a choice may move a well-known answer by a thousandth


def report(found: Multiverse, width: int = WIDTH) -> Iterator[Text]:
    """What holds in which part of the cells, what each choice does, what would flip it."""
    yield Text()
    yield paragraph(found.sentence, width=width, style="bold")
    yield from _cells(found, width)
    for one in found.cited:
        yield from _verdicts(found, one, width)
    yield _effects(found.effects, width)
    yield Text()
    yield paragraph(_EFFECTS_LEGEND, width=width, style="dim")
    for one in found.cited:
        weights, widths = found.flips(one.claim)
        if weights:
            yield _weight_flips(one.claim, weights, width)
        if widths:
            yield from _width_flips(one.claim, widths, found.width_limit, width)


# The cells -------------------------------------------------------------------------------------


def _cells(found: Multiverse, width: int) -> Iterator[Text]:
    shown, dropped = _thinned(found.cells)
    claims = [one.claim for one in found.cited]
    heads = ["differs from the base in", "median", "90 % interval"]
    heads += ["verdict " if len(claims) == 1 else f"{claim} " for claim in claims]
    rows = [
        Row(
            _difference(found, cell),
            [*median_and_interval(cell), *(_verdict(cell, claim) for claim in claims)],
        )
        for cell in shown
    ]
    unit = f", {found.unit}" if found.unit else ""
    few = "" if found.total == len(found.cells) else f" of {found.total:,}"
    title = f"{found.label}{unit}: {len(found.cells):,}{few} cells, by their median"
    yield table(title, heads, rows, width=width)
    if dropped:
        yield Text()
        text = f"({dropped:,} cells between these are not shown; --json and the figure have them)"
        yield paragraph(text, width=width, style="dim")


def _thinned(cells: Sequence[CellRow]) -> tuple[list[CellRow], int]:
    """Cells by their median, evenly thinned; the base and what failed always there."""
    failed = [cell for cell in cells if cell.median is None]
    ranked = by_median(cells)
    count = min(len(ranked), _MOST_CELLS)
    places = {round(i * (len(ranked) - 1) / max(1, count - 1)) for i in range(count)}
    kept = [cell for i, cell in enumerate(ranked) if i in places or cell.base]
    few = failed[:_MOST_CELLS]
    return [*kept, *few], len(cells) - len(kept) - len(few)


def _difference(found: Multiverse, cell: CellRow) -> str:
    if cell.base:
        return "— (the model as it stands)"
    pairs = [(axis, cell.options[axis.axis]) for axis in found.axes]
    return ", ".join(f"{axis.axis} {option}" for axis, option in pairs if option != axis.base)


def _verdict(cell: CellRow, claim: str) -> str:
    if cell.failed:
        return "failed"
    said = cell.cited.get(claim)
    return NONE if said is None else _marked(said.verdict, said.only_just)


def _marked(verdict: str | None, only_just: bool | None) -> str:
    """A verdict, with a question mark where Monte Carlo error may have decided it."""
    return NONE if verdict is None else f"{verdict}{' ?' if only_just else ''}"


# Verdicts --------------------------------------------------------------------------------------


def _verdicts(found: Multiverse, cited: CitedRow, width: int) -> Iterator[Text]:
    claim = cited.claim
    whole = next(one for one in found.verdicts if one.claim == claim)
    rows = [one for one in found.readings if one.claim == claim]
    verdicts = VERDICTS if rows else VERDICTS[:-1]
    lines = []
    for one in rows:
        counts = [_share(one.counts[name], sum(one.counts.values())) for name in VERDICTS[:-1]]
        *outer, last = one.reading.values()
        name = ", ".join(one.reading.values())
        lines.append(Row(name, [*counts, ""], group=", ".join(outer), short=last))
    counts = [_share(whole.counts[name], whole.compared) for name in verdicts]
    lines.append(Row("all, by weight" if rows else "the answer", counts, rule=bool(rows)))
    heads = [", ".join(rows[0].reading) if rows else "", *verdicts]
    said = cited_range(cited.low, cited.high, cited.unit)
    title = f"{claim}: {said}. In what share of the cells each verdict holds"
    yield table(title, heads, lines, width=width)
    notes = list(_notes(whole))
    if notes:
        yield Text()
        yield paragraph(f"({'; '.join(notes)})", width=width, style="dim")


def _notes(whole: VerdictRow) -> Iterator[str]:
    if whole.only_just:
        yield (
            f"{whole.only_just} of {whole.compared} verdicts hold only just (marked ?): they "
            "would be others if a probability or a weight were two Monte Carlo errors away"
        )
    if whole.believing:
        yield (
            f"{whole.believing} cells that believe the figure are not counted: an answer agrees "
            "with what it was made from"
        )
    if whole.without:
        yield f"{whole.without} cells are not compared with it"


def _share(count: int, of: int) -> str:
    """A share of cells, which is exact: 0 and 1 are sayable."""
    if not of:
        return NONE
    if count in (0, of):
        return "0" if count == 0 else "1"
    return f"{count / of:.2f}"


# Effects ---------------------------------------------------------------------------------------

_EFFECTS_LEGEND = (
    "(effect: of the option in place of the base, over everything else; error: Monte Carlo; "
    "from, to: over pairs of cells that differ in nothing else; share: of the variance "
    "between the cells, by the choice alone)"
)


def _effects(effects: Sequence[EffectRow], width: int) -> Text:
    rows = [
        Row(
            f"{one.axis}: {one.option}",
            [
                number(one.effect, one.effect_se, _DIGITS),
                brief(one.effect_se, 1),
                " to ".join(number(end, one.effect_se, _DIGITS) for end in (one.least, one.most))
                if one.pairs
                else NONE,
                probability(one.share),
            ],
        )
        for one in effects
    ]
    ratio = any(one.measure == "ratio" for one in effects)
    title = f"What each choice does to the median, {'as a factor' if ratio else 'added to it'}"
    return table(title, ["choice", "effect", "error", "from, to", "share"], rows, width=width)


# Flips -----------------------------------------------------------------------------------------


def _weight_flips(claim: str, flips: Sequence[WeightFlipRow], width: int) -> Text:
    rows = [Row(one.reading, _weight_cells(one)) for one in flips]
    heads = ["reading", "option ", "weight", "flips at", "odds", "verdict "]
    title = f"{claim}: the smallest change of a weight that flips the verdict"
    return table(title, heads, rows, width=width)


def _weight_cells(one: WeightFlipRow) -> list[str]:
    if one.option is None or one.to is None or one.odds_factor is None:
        return ["none can", "", "", "", ""]
    return [
        one.option,
        probability(one.weight),
        _weight(one.to),
        _factor(one.odds_factor, one.odds_factor_se),
        _marked(one.verdict, one.only_just),
    ]


def _width_flips(
    claim: str, flips: Sequence[WidthFlipRow], limit: float, width: int
) -> Iterator[Text]:
    rows = [Row(one.widths or "all claims", _width_cells(one, limit)) for one in flips]
    heads = ["widths of", "factor that flips ", "verdict "]
    title = f"{claim}: the smallest factor on widths that flips the verdict"
    yield table(title, heads, rows, width=width)
    yield Text()
    steps = brief(max(one.step for one in flips), 3)
    words = (
        f"(tried in steps of a factor of {steps} at most, shorter where the verdict is near to "
        "another; a flip lies between the two factors)"
    )
    yield paragraph(words, width=width, style="dim")


def _width_cells(one: WidthFlipRow, limit: float) -> list[str]:
    if one.factor is None:
        low, high = one.tried
        if low <= 1.001 / limit and high >= limit / 1.001:
            return [f"none within {limit:g} times", ""]
        return [f"none from {brief(low, 2)} to {brief(high, 2)}, beyond which fits fail", ""]
    return [f"{brief(one.low, 3)} to {brief(one.high, 3)}", _marked(one.verdict, one.only_just)]


def _weight(weight: float) -> str:
    return f"{weight:.3f}" if 0.0005 <= weight <= 0.9995 else f"{weight:.1e}"


def _factor(factor: float, error: float | None) -> str:
    shown = number(factor, error)
    return f"× {shown}" + (f" ± {brief(error, 1)}" if error else "")
