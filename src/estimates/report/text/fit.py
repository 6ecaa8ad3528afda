"""A fit as rows: each target under each reading, how phrases are read, and every quantity."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated

from estimates._util.format import NONE, probability
from estimates._util.records import Column
from estimates.analysis.result import Numbers
from estimates.inference.panel_table import UNTOLD_NOTE
from estimates.inference.result import (
    Diagnostics,
    OwnOptions,
    ReadingSummary,
    Summary,
    Weight,
)
from estimates.language.cells import reading
from estimates.language.phrases import capitalised, in_words, option_words, question_of, spoken
from estimates.model import Model
from estimates.report.text.answers import state
from estimates.report.text.condensed import FirstRow, Group, condensed, medians_apart
from estimates.report.text.panels import sheets_of
from estimates.report.text.screen import Answer, Sheet

_MIDDLE = "median (90 % interval)"
#: Marks a weight that follows the priors more than the conventions of docs/method.md allow.
_ECHO = "†"


@dataclass(frozen=True)
class _UnderReading:
    reading: Annotated[Mapping[str, str] | None, Column(form="reading", first=1)]
    weight: Annotated[float | None, Column(form="probability", first=2)]
    range: Annotated[str, Column(label="(range)", first=3)]
    numbers: Annotated[Numbers, Column(label=_MIDDLE, unit="unit", first=4)]
    unit: str
    remark: str


@dataclass(frozen=True)
class _Quantity:
    quantity: Annotated[str, Column(first=1)]
    numbers: Annotated[Numbers, Column(label=_MIDDLE, unit="unit", first=2)]
    unit: str
    name: Annotated[str, Column(first=-1)]
    remark: Annotated[str, Column(first=3)]


@dataclass(frozen=True)
class _Option:
    phrase: Annotated[str, Column(form="phrase", first=1, once=True)]
    option: Annotated[str, Column(form="option", first=2)]
    stated: Annotated[float, Column(form="probability", first=3)]
    weight: Annotated[float, Column(form="probability", first=4)]
    range: Annotated[str, Column(label="(range)", first=5)]


@dataclass(frozen=True)
class _Meaning:
    reading: str
    claim: Annotated[str, Column(first=1)]
    means: Annotated[str, Column(label="what it means, and how likely", first=2)]


def _meaning(found: OwnOptions) -> _Meaning:
    ranked = sorted(found.options.items(), key=lambda one: -one[1])
    said = (f"{option_words(option)} {probability(share)}" for option, share in ranked)
    return _Meaning(found.reading, found.claim, ", ".join(said))


def of_fit(found: Summary, model: Model) -> Answer:
    """Return the answer of a fit; the first target under each reading leads."""
    several = any(one.reading for one in found.readings)
    targets = [name for name in found.targets if name in found.quantities]
    others = [name for name in found.quantities if name not in found.targets]
    tables = sheets_of(found, model)
    # Of the many cells of a target the headline alone is told by reading.
    told = targets[:1] if tables else targets
    by_reading = [
        Sheet(_called(found, name), list(_target(found, name)), first=list(_first(found, name)))
        for name in told
        if several
    ]
    # Where the finding is that it depends on what was meant, the first table says how.
    sheets = [*by_reading, *tables] if found.divided else [*tables, *by_reading]
    if several:
        sheets.append(Sheet("How the phrases are read", list(_options(found))))
    sheets += [
        Sheet(f"What each claim means: {question_of(name)}", list(rows))
        for name, rows in groupby(map(_meaning, found.claims or ()), key=lambda row: row.reading)
    ]
    named = others if several else [*targets, *others]
    named = [name for name in named if name not in _in_tables(model)]
    links = [name for name in named if found.quantities[name].kind == "link"]
    for title, names in (
        ("The quantities", [name for name in named if name not in links]),
        ("What links the cells", links),
    ):
        sheets.append(Sheet(title, [_quantity(found, name) for name in names]))
    checks = found.diagnostics
    return Answer(
        finding=found.sentence,
        sheets=[sheet for sheet in sheets if sheet.rows or sheet.table],
        state=_state(found, model, tabled=bool(tables) and not found.divided),
        alarms=checks.failed,
        notes=[
            _checks(checks),
            *_excused(checks),
            *_notes(found),
            *([UNTOLD_NOTE] if any(q.informed is False for q in found.quantities.values()) else []),
        ],
    )


def _state(found: Summary, model: Model, *, tabled: bool) -> str:
    """Return what was held out, whether to trust it, and what a first table of cells marks."""
    told = state(model, found.diagnostics.converged)
    first = next((grid for grid in model.panel.targets if grid.over), None)
    cells = () if first is None or not tabled else first.cells.values()
    marked = any(found.quantities[cell].informed is False for cell in cells)
    return f"{told} {UNTOLD_NOTE}" if marked else told


def _in_tables(model: Model) -> frozenset[str]:
    """Return the cells that stand in tables of their quantities."""
    return frozenset(cell for grid in model.panel.grids.values() for cell in grid.cells.values())


def _called(found: Summary, target: str) -> str:
    label = found.quantities[target].label
    return capitalised(label) if label and label != target else spoken(target)


def _target(found: Summary, target: str) -> Iterator[_UnderReading]:
    unit, ranged = found.quantities[target].unit, any(map(_moved, found.readings))
    for one in found.readings:
        remark = "" if one.status == "ok" else one.status
        numbers = Numbers.of(one.quantities.get(target))
        spread = _range(one) if ranged else ""
        yield _UnderReading(one.reading, one.posterior, spread, numbers, unit, remark)
    yield _UnderReading(None, None, "", Numbers.of(found.quantities[target]), unit, "")


def _first(found: Summary, target: str) -> Iterator[FirstRow]:
    """Yield the readings that weigh most, and groups of others that come to much the same."""
    unit, ranged = found.quantities[target].unit, any(map(_moved, found.readings))

    def numbers(rows: Sequence[ReadingSummary]) -> list[Numbers]:
        return [Numbers.of(row.quantities.get(target)) for row in rows]

    def row(group: Group[ReadingSummary]) -> FirstRow:
        spread = _range(group.rows[0]) if ranged and len(group.rows) == 1 else ""
        whole = FirstRow.of(group.label, group.weight, numbers(group.rows), unit)
        return replace(whole, range=spread)

    def says(one: ReadingSummary) -> Hashable:
        return Numbers.of(one.quantities.get(target)), _range(one) if ranged else ""

    groups = condensed(found.readings, lambda rows: medians_apart(numbers(rows)), says)
    yield from map(row, groups)
    yield FirstRow.of(None, None, [Numbers.of(found.quantities[target])], unit)


def _quantity(found: Summary, name: str) -> _Quantity:
    numbers = found.quantities[name]
    told = [one.quantities.get(name) for one in found.readings if one.posterior]
    untold = bool(told) and all(one is not None and one.prior_only for one in told)
    remark = "prior only" if untold and name not in found.targets else ""
    called, unit = numbers.label or spoken(name), numbers.unit
    if numbers.kind == "link" and unit not in ("", "share"):
        called, unit = f"{called}, in {in_words(unit)}", ""  # most links have no unit
    return _Quantity(called, Numbers.of(numbers), unit, name, remark)


def _options(found: Summary) -> Iterator[_Option]:
    """Yield the weight of each way to read a phrase, stated and found."""
    for name, axis in found.options.items():
        for option, weight in axis.options.items():
            spread = _range(weight) if _moved(weight) else ""
            spread += f" {_ECHO}" if weight.set_by_prior else ""
            remark = spread if axis.update else "held"
            yield _Option(name, option, weight.prior, weight.posterior, remark)


def _moved(weight: Weight) -> bool:
    """Return whether the priors move the weight in the two decimals that are shown."""
    return weight.sway >= 0.005


def _range(weight: Weight) -> str:
    return "–".join(dict.fromkeys(map(probability, weight.posterior_range)))


def _notes(found: Summary) -> Iterator[str]:
    """Yield notes on what the weights depend on, and on missing numbers."""
    weights = [one for axis in found.options.values() for one in axis.options.values()]
    if any(map(_moved, [*found.readings, *weights])):
        yield (
            "(range): how far the weight moves if the priors that matter to a reading are shifted "
            "by half their standard deviation, or made half or twice as wide."
        )
    if any(weight.set_by_prior for weight in weights):
        yield f"{_ECHO} This weight is set by the priors, not by the evidence."
    for one in found.readings:
        if one.status != "ok":
            yield f"{reading(one.reading)}: {one.status}."
    if any(numbers.median is None for numbers in found.quantities.values()):
        yield f"{NONE} Under some reading nothing is said of it."
    yield "Prior only: no claim speaks of it. Of each 90 % interval, 5 % lies below and 5 % above."


def _checks(checks: Diagnostics) -> str:
    """Return why the numbers may be used, or may not."""
    rhat, bulk, tail = checks.max_rhat, checks.min_ess_bulk, checks.min_ess_tail
    return (
        f"Checks: R-hat at most {NONE if rhat is None else f'{rhat:.3f}'}; effective draws at "
        f"least {NONE if bulk is None else f'{bulk:,.0f}'} in the middle and "
        f"{NONE if tail is None else f'{tail:,.0f}'} in the tails; "
        f"{checks.divergences or 'no'} divergence{'' if checks.divergences == 1 else 's'}."
    )


def _excused(checks: Diagnostics) -> Iterator[str]:
    if checks.at_bound and checks.converged:
        ended = "trajectory" if checks.at_bound == 1 else "trajectories"
        yield (
            f"{checks.at_bound} more {ended} ended at the edge of a stated bound, beyond which "
            "nothing lies. So few do no harm: a finer fit confirmed these numbers."
        )
