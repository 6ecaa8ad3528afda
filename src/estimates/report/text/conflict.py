"""The answer of `conflict` as tables: each body against the rest, pairs, claims, and what then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from rich.text import Text

from estimates._util.format import NONE, median_and_interval, number, stated
from estimates.analysis.conflict.result import (
    ANSWER,
    EVIDENCE,
    IMPORTANCE,
    KNOWN,
    NORMAL,
    PARTLY,
    PRIOR,
    Against,
    ClaimRow,
    Conflict,
    PairRow,
    Sides,
    SplitRow,
    SplitUnderReading,
    WithoutRow,
)
from estimates.report.text.tables import WIDTH, Row, paragraph, table

INTERVAL = "90 % interval"
_MOST = 20  # rows of a table, those with the smallest p
_MOST_PARTS = 6  # readings shown beneath one of them
_ALIKE = 0.25  # standard errors; readings whose z differ by less are not told apart
_SHORT: Mapping[Against, str] = {
    EVIDENCE: "evidence",
    PARTLY: "evidence, prior",
    PRIOR: "prior",
    KNOWN: "fixed value",
    ANSWER: "answer, held out",
}


def report(found: Conflict, width: int = WIDTH) -> Iterator[Text]:
    """The sentence, then what it rests on."""
    yield Text()
    yield paragraph(found.sentence, width=width, style="bold")
    if found.without:
        yield _without(found, width)
    if found.splits:
        yield from _splits(found, width)
    if found.pairs:
        yield _pairs(found.pairs, width)
        yield from _more(len(found.pairs) - _MOST, width)
    if found.claims:
        yield from _claims(found.claims, width)
    yield Text()
    for text in _notes(found):
        yield paragraph(text, width=width, style="dim")


def _p(value: float | None, error: float | None = None, log10: float | None = None) -> str:
    """A p as far as its Monte Carlo error lets it be known; a power of ten where it is tiny."""
    if value is None:
        return NONE
    if value < 1e-99 and log10 is not None:
        return f"1e{math.floor(log10)}"
    if value <= 0:
        return "<1e-99"
    if value >= 0.995:
        return ">0.99" if value < 1 else "1"
    if value >= 0.0995:
        return f"{value:.2f}"
    if value < 1e-3:
        return f"{value:.0e}".replace("e-0", "e-")
    return number(value, error, digits=2)


def _tested(row: SplitRow | SplitUnderReading | PairRow | ClaimRow) -> list[str]:
    """z, p and the adjusted p."""
    z = NONE if row.z is None else f"{row.z + 0.0:.1f}".replace("-", "−")
    return [z, _p(row.p, row.mcse_p, row.log10_p), _p(row.p_adjusted)]


def _splits(found: Conflict, width: int) -> Iterator[Text]:
    heads = ["body", "it says", "the rest says", "z", "p", "adjusted", "against "]
    lines: list[Row] = []
    for row in found.splits[:_MOST]:
        said = f"limit {number(row.limit)}" if row.kind == "statement" else _own(row)
        lines.append(Row(row.body, [said, *_split(row)], rule=bool(lines)))
        mine = [part for part in found.splits_by_reading if part.body == row.body]
        if _differ(mine):
            for part in sorted(mine, key=lambda one: one.p)[:_MOST_PARTS]:
                lines.append(Row(f"  {part.under or 'all'}", ["", *_split(part)]))
    yield table("Each body of evidence against everything else", heads, lines, width=width)
    yield from _more(len(found.splits) - _MOST, width)


def _differ(parts: Sequence[SplitUnderReading]) -> bool:
    """Does it matter to a comparison how the phrases are read?"""
    z = [part.z for part in parts if part.z is not None]
    if len({part.against for part in parts}) > 1 or len(z) < len(parts):
        return len(parts) > 1
    return bool(z) and max(z) - min(z) > _ALIKE


def _split(row: SplitRow | SplitUnderReading) -> list[str]:
    return [_rest(row), *_tested(row), _SHORT[row.against]]


def _own(row: Sides) -> str:
    if row.body_q05 is None or row.body_q95 is None:
        return NONE
    return f"{number(row.body_q05)} to {number(row.body_q95)}"


def _rest(row: Sides) -> str:
    if row.rest_q05 is not None and row.rest_q05 == row.rest_q95:
        return stated(row.rest_median)
    return median_and_interval(row.rest)[1]


def _pairs(rows: Sequence[PairRow], width: int) -> Text:
    heads = ["two bodies", "about", "z", "p", "adjusted"]
    anywhere = any(row.under for row in rows)
    lines = []
    for row in rows[:_MOST]:
        cells = [row.about, *_tested(row), *([row.under] if anywhere else [])]
        lines.append(Row(f"{row.first} and {row.second}", cells))
    if anywhere:
        heads.append("under ")
    return table("Two bodies about one thing, by themselves", heads, lines, width=width)


def _claims(rows: Sequence[ClaimRow], width: int) -> Iterator[Text]:
    heads = ["claim", "z", "p", "adjusted", "lowest", "against "]
    order = sorted(rows, key=lambda row: 1.0 if row.p is None else row.p)
    evidence = [row for row in order if not row.held_out][:_MOST]
    held = [row for row in order if row.held_out][:_MOST]
    lines = []
    for i, row in enumerate([*evidence, *held]):
        lowest = _p(row.lowest_p) if row.lowest_under else ""
        cells = [*_tested(row), lowest, _SHORT[row.against]]
        lines.append(Row(row.claim, cells, rule=row.held_out and i == len(evidence) > 0))
    yield table("Each claim against what the rest would have predicted", heads, lines, width=width)
    yield from _more(len(rows) - len(lines), width)


def _without(found: Conflict, width: int) -> Text:
    unit = f", {found.target_unit}" if found.target_unit else ""
    under = f" (under {found.without[0].under})" if found.without[0].under else ""
    heads = ["without", "median", INTERVAL, "smallest p left", "conflict "]
    lines = []
    for row in found.without:
        left, conflict = _left(row), "resolved" if row.resolves else "remains"
        if not row.without:
            left, conflict = "", "yes"
        cells = [*median_and_interval(row), left, conflict]
        lines.append(Row(row.without or "nothing", cells))
    return table(f"{found.target}{unit}{under}, if a body were left out", heads, lines, width=width)


def _left(row: WithoutRow) -> str:
    """The smallest p of the others; a bound where the first that was looked at settled it."""
    return ("≤ " if row.judged < row.others else "") + _p(row.smallest_p_adjusted)


def _more(left: int, width: int) -> Iterator[Text]:
    if left > 0:
        yield paragraph(f"({left} more, with larger p, in the document)", width=width, style="dim")


def _families(found: Conflict) -> str:
    """What is adjusted over what, and how many there are."""
    bodies, parts = found.families[0], []
    if bodies.tests:
        alike = ""
        if bodies.tests < bodies.comparisons:
            alike = f" (seen from {bodies.comparisons} sides)"
        under = any(row.under for row in found.families)
        parts.append(
            f"bodies, each against the rest and two by two, for {_count(bodies.tests)}{alike}"
            f"{', under each reading for those there' if under else ''}"
        )
    parts += [
        f"{row.of} for {_count(row.tests)}"
        for row in found.families
        if row.of != "bodies" and row.tests
    ]
    return (
        f"adjusted: by Holm's method, {'; '.join(parts)}. Below {found.level:g} it is called "
        "a conflict."
    )


def _count(tests: int) -> str:
    return f"{tests} comparison{'' if tests == 1 else 's'}"


def _notes(found: Conflict) -> Iterator[str]:
    """What the heads mean, as far as they are there."""
    rows: list[SplitRow | SplitUnderReading | ClaimRow] = [
        *found.splits,
        *found.splits_by_reading,
        *found.claims,
    ]
    if not rows:
        return
    yield (
        "(p: two-sided, small where the two cannot be the same number; z: what it is worth in "
        "standard errors, positive where the body lies above.)"
    )
    yield f"({_families(found)})"
    if any(row.kind == "statement" for row in rows):
        yield (
            "(Of a bound or a direction p is the probability, by the rest, that it would be said.)"
        )
    if any(row.against == PARTLY for row in rows):
        yield (
            "(evidence, prior: some of what the claim speaks of is known from its prior alone, or "
            "mostly.)"
        )
    if any(row.method == IMPORTANCE for row in rows):
        yield "(The far tails come from further fits that were pulled there.)"
    if any(row.method == NORMAL for row in rows):
        yield "(A tail that no draw reached is that of a normal: an extrapolation.)"
    if found.without and found.agreeing:
        count = found.agreeing
        yield (
            f"({f'{count} bodies agree' if count > 1 else 'One body agrees'} with the rest and "
            "cannot be what is wrong: without such a body there is less to see a conflict by.)"
        )
    if found.not_tried:
        yield (
            f"({found.not_tried} more bodies disagree with the rest and were not left out in turn.)"
        )
    if found.without:
        yield "(Nothing has been left out: which of them is wrong, p does not say.)"
