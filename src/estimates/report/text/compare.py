"""The answer beside the cited figures: first where it lies, then how far off.

Never P(inside) alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Annotated

from estimates._util.format import probability
from estimates._util.records import Column
from estimates.analysis.compare.result import Comparison, Row
from estimates.analysis.result import Numbers
from estimates.language.cells import reading
from estimates.language.phrases import called, capitalised, cited_words
from estimates.language.units import Units
from estimates.model import Model
from estimates.report.text.answers import state
from estimates.report.text.condensed import FirstRow, Group, condensed
from estimates.report.text.screen import Answer, Sheet

_ADMITTED = {
    "held-out": "held out",
    "independent": "believed: as independent evidence",
    "redundant": "believed: as the same evidence said twice",
    "as declared": "admitted as the model says",
}


@dataclass(frozen=True, kw_only=True)
class _Beside:
    """One cited figure and the answer beside it, over all readings."""

    claim: Annotated[str, Column(label="cited figure", first=1)]
    low: Annotated[float | None, Column("", "cited", "unit", to="high", first=2)]
    high: float | None
    unit: str
    median: Annotated[float | None, Column("", "answer", "unit", "mcse_median", first=3)]
    q05: Annotated[
        float | None, Column("", "90 % interval", "unit", "mcse_q05", "interval", "q95", 4)
    ]
    q95: float | None
    mcse_median: float | None
    mcse_q05: float | None
    mcse_q95: float | None
    verdict: Annotated[str, Column(first=5)]


def _overview(found: Comparison, units: Units) -> Sheet:
    """Return all figures in one table, in the unit of the first where they can be turned to it."""
    wanted = units.parse(found.over_all[0].unit)
    rows = []
    for row in found.over_all:
        given = units.parse(row.unit)
        same = units.same_dimension(given, wanted)
        factor = units.factor(given, wanted) if same else 1.0
        ends = {"low": row.low, "high": row.high, **vars(_numbers([row])[0])}
        turned = {name: None if end is None else factor * end for name, end in ends.items()}
        unit = found.over_all[0].unit if same else row.unit
        rows.append(_Beside(claim=row.claim, unit=unit, verdict=row.says, **turned))
    over = ", over all readings" if any(row.reading for row in found.comparisons) else ""
    return Sheet(f"The answer beside each cited figure{over}", rows)


def _first(rows: Sequence[Row]) -> Iterator[FirstRow]:
    """Yield rows with every verdict there is: readings that come to the same may share one."""
    alone = [row for row in rows if row.reading is not None]
    for group in condensed(alone, _apart, _says, otherwise=lambda row: row.verdict):
        together = f", together {probability(group.weight)}" if group.others else ""
        yield _row(group, {axis: f"{option}{together}" for axis, option in group.label.items()})
    yield from (_row(Group({}, (row,)), None) for row in rows if row.reading is None)


def _says(row: Row) -> Hashable:
    return (*_numbers([row]), row.says)


def _apart(rows: Sequence[Row]) -> float:
    return len({row.verdict for row in rows}) - 1.0


def _row(group: Group[Row], reading: Mapping[str, str] | None) -> FirstRow:
    verdicts = list(dict.fromkeys(row.says for row in group.rows))
    plain = list(dict.fromkeys(row.verdict or "" for row in group.rows))
    shown = replace(
        FirstRow.of(reading, None, _numbers(group.rows), group.rows[0].unit),
        says=" or ".join(plain if len(verdicts) > 1 else verdicts),
    )
    times = [row.times_bound for row in group.rows if row.times_bound is not None]
    return replace(
        shown,
        below=group.mean(lambda row: row.lies_below),
        inside=group.mean(lambda row: row.lies_inside),
        above=group.mean(lambda row: row.lies_above),
        met=group.mean(lambda row: row.met),
        times=min(times, default=None),
        most_times=max(times, default=None),
        times_error=max((row.times_error or 0.0 for row in group.rows), default=0.0),
    )


def _numbers(rows: Sequence[Row]) -> list[Numbers]:
    return [
        Numbers(row.median, row.q05, row.q95, row.mcse_median, row.mcse_q05, row.mcse_q95)
        for row in rows
    ]


#: Of more cited figures than this, all stand in one table before each has its own.
_FEW = 2


def of_comparison(found: Comparison, model: Model, converged: bool) -> Answer:
    """Return a table for each cited figure, and sentences that say what it means."""
    sheets: list[Sheet] = []
    more_sheets: list[Sheet] = []
    gaps: list[list[str]] = []
    # Of a panel the cell that a figure is compared with.
    topics = {use.id: f", {called(use.topic)}" for use in model.uses if model.panel}
    wordings = {use.id: use.wording for use in model.uses}
    for claim in found.claims:
        first = found.of(claim)[0]
        cited = cited_words(wordings.get(claim), first.low, first.high, first.unit)
        rows = found.told(claim)
        title = f"{claim}: {cited}{topics.get(claim, '')}, {_ADMITTED[found.pool]}"
        sheets.append(Sheet(title, rows, first=list(_first(rows))))
        weighing = found.weighing(claim)
        if weighing:
            title = f"How well each reading of a phrase foretells {claim}, which is held out"
            more_sheets.append(Sheet(title, weighing))
        several = f"{claim}, " if found.claims[1:] else ""
        gaps.append([f"{several}{reading(row.reading)}: {row.note}." for row in rows if row.note])
    findings = found.findings
    told = [" ".join((*gap, one)) for gap, one in zip_longest(gaps, findings, fillvalue="")]
    if len(found.claims) > _FEW:
        sheets.insert(0, _overview(found, model.units))
        told.insert(0, found.overview)
    first_finding, *more = told
    held = found.pool == "held-out" or not found.comparisons
    return Answer(
        finding=first_finding,
        sheets=[*sheets, *more_sheets],
        state=state(model, converged) if held else f"{capitalised(_ADMITTED[found.pool])}.",
        alarms=() if converged else ("see `estimates fit`.",),
        more=more,
        notes=[
            "To edge: how far the median is from the nearer end of the cited range, as a factor (1 "
            "inside) or a difference (0 inside). Conflict p: small where answer and figure cannot "
            "be the same number; a range over readings, where opposite conflicts would cancel out. "
            "Overlap: of their densities, 1 where they are the same. Ratio, difference: of the "
            "answer to the centre of the figure.",
            *(
                [
                    "Foretold: the density (on the claim's scale) or probability of the figure as "
                    "stated, by the draws of one fit, which it does not move."
                ]
                if found.phrases
                else []
            ),
        ],
    )
