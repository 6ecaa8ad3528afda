"""The answer, from what came of the cells of a model's variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from estimates.analysis.cited import cited
from estimates.analysis.multiverse.effects import main_effects
from estimates.analysis.multiverse.job import Compared, Found
from estimates.analysis.multiverse.result import (
    VERDICTS,
    AxisRow,
    CellRow,
    CitedRow,
    ElsewhereRow,
    Multiverse,
    OptionRow,
    ReadingRow,
    VerdictRow,
    WeightFlipRow,
    WidthFlipRow,
)
from estimates.analysis.multiverse.sentences import sentence_of
from estimates.analysis.multiverse.specifications import Plan
from estimates.analysis.multiverse.width_flips import LIMIT
from estimates.model import Axis, BoundClaim, Model
from estimates.model.combinations import distinct_readings
from estimates.model.naming import labels_in


def answer(
    model: Model,
    target: str,
    plan: Plan,
    found: Sequence[Found],
    seed: int,
    weight_flips: Sequence[WeightFlipRow],
    width_flips: Sequence[WidthFlipRow],
) -> Multiverse:
    """Return the result of `multiverse`."""
    declared = model.quantities.get(target) or model.relations.get(target)
    held_out = [use for use in model.uses if use.held_out]
    about = [use for use in held_out if str(use.about) == target]
    failed = _failed(plan, found)
    made = Multiverse(
        model=model.slug,
        seed=seed,
        digest=model.digest,
        converged=not failed,
        failed=failed,
        sentence="",
        **labels_in(model),
        target=target,
        label=(declared.label if declared else "") or target,
        unit=model.units.show(model.unit_of(target)),
        axes=tuple(map(_axis, plan.axes)),
        total=plan.total,
        fitted=sum(not one.failed for one in found),
        cited=tuple(_cited(model, target, use) for use in about),
        cited_elsewhere=tuple(
            ElsewhereRow(claim=use.id, about=str(use.about)) for use in held_out if use not in about
        ),
        verdicts=tuple(_verdicts(use.id, found) for use in about),
        readings=_by_reading(model, about, found),
        effects=main_effects(plan, found),
        width_limit=LIMIT,
        weight_flips=tuple(weight_flips),
        width_flips=tuple(width_flips),
        cells=tuple(_cell(plan, number, one) for number, one in enumerate(found)),
    )
    return replace(made, sentence=sentence_of(made))


def _axis(axis: Axis) -> AxisRow:
    options = (
        OptionRow(option=name, label=one.label or name, because=one.because)
        for name, one in axis.options.items()
    )
    return AxisRow(
        axis=axis.name, label=axis.label or axis.name, base=axis.base, options=tuple(options)
    )


def _cited(model: Model, target: str, use: BoundClaim) -> CitedRow:
    """Return the ends of a cited figure, in its own unit and in the target's."""
    figure = cited(use, model.conventions)
    factor = model.units.factor(model.units.parse(use.unit), model.unit_of(target))
    low, high = (None if end is None else end * factor for end in (figure.low, figure.high))
    return CitedRow(
        claim=use.id,
        says=str(use.wording),
        low=figure.low,
        high=figure.high,
        unit=use.unit,
        target_low=low,
        target_high=high,
    )


def _holding_out(found: Sequence[Found], claim: str) -> list[Compared]:
    """Return what cells say about a figure that they do not use."""
    told = [one.cited[claim] for one in found if claim in one.cited]
    return [one for one in told if one.together.pool == "held-out"]


def _verdicts(claim: str, found: Sequence[Found]) -> VerdictRow:
    fitted = [one for one in found if not one.failed]
    held_out = _holding_out(fitted, claim)
    verdicts = [one.together.verdict for one in held_out if one.together.verdict]
    unsaid = sum(claim not in one.cited for one in fitted)
    return VerdictRow(
        claim=claim,
        counts={name: verdicts.count(name) for name in VERDICTS},
        compared=len(verdicts),
        believing=len(fitted) - len(held_out) - unsaid,
        without=len(held_out) + unsaid - len(verdicts),
        only_just=sum(bool(one.together.only_just) for one in held_out),
    )


def _by_reading(
    model: Model, about: Sequence[BoundClaim], found: Sequence[Found]
) -> tuple[ReadingRow, ...]:
    """Return how many cells have each verdict, reading by reading; none with one reading."""
    distinct = distinct_readings(model)
    if len(distinct) < 2:
        return ()
    rows = []
    for use in about:
        said = [one.verdicts for one in _holding_out(found, use.id)]
        for number, reading in enumerate(distinct):
            verdicts = [one[number] for one in said]
            rows.append(
                ReadingRow(
                    claim=use.id,
                    reading=dict(reading.label),
                    counts={name: verdicts.count(name) for name in VERDICTS[:-1]},
                    without=verdicts.count(None),
                )
            )
    return tuple(rows)


def _cell(plan: Plan, number: int, one: Found) -> CellRow:
    cell = plan.cells[number]
    return CellRow(
        cell=number,
        base=cell.base,
        options={axis.name: level for axis, level in zip(plan.axes, cell.levels, strict=True)},
        **vars(one.target),
        weights=one.weights,
        cited={claim: said.together for claim, said in one.cited.items()},
        failed=one.failed,
    )


def _failed(plan: Plan, found: Sequence[Found]) -> tuple[str, ...]:
    """Return how many cells failed, and why."""
    failed = [number for number, one in enumerate(found) if one.failed]
    if not failed:
        return ()
    sentences = [f"{len(failed)} of {len(found)} cells failed, and count for nothing"]
    for number in failed:
        ways = ", ".join(plan.cells[number].levels)
        sentences += [f"cell {number} ({ways}): {one}" for one in found[number].failed]
    return tuple(sentences)
