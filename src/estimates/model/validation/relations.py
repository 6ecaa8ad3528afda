"""Checks a relation: its readings' branches, its unit, its size, and that a share stays one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from estimates.errors import Faults
from estimates.language.expression import Expression, Interval
from estimates.language.units import Unit, UnitError
from estimates.model.spec import Parts, Reading, Relation
from estimates.model.symbols import Structure
from estimates.model.validation.counterexample import Spread
from estimates.model.validation.names import branch_field
from estimates.model.validation.shares import advice, leaves, stays_inside


def check_branches(relation: Relation, parts: Parts, faults: Faults) -> bool:
    """Return whether a relation has a branch for exactly the options of its reading."""
    name, before = relation.name, len(faults)
    if relation.by is None:
        if relation.branches.get(None) is None:
            faults.add(
                f"relation '{name}' says `nothing`, which only a branch of a reading can",
                relation.where("is"),
            )
        return len(faults) == before
    reading = parts.readings.get(relation.by)
    if reading is None:
        if relation.by not in parts.broken:
            hint = faults.hint(relation.by, parts.readings)
            faults.add(
                f"relation '{name}' goes by unknown reading '{relation.by}'{hint}",
                relation.where("by"),
            )
        return False
    for option in relation.branches:
        if option not in reading.options:
            hint = faults.hint(str(option), [*reading.options, "is", "unit", "label", "note"])
            faults.add(
                f"reading '{reading.name}' has no option '{option}' (in relation '{name}'){hint}",
                relation.where(f"{option}:"),
            )
    missing = [option for option in reading.options if option not in relation.branches]
    if missing and len(faults) == before:
        faults.add(
            f"relation '{name}' has no branch for {' and '.join(f"'{one}'" for one in missing)} "
            f"of reading '{reading.name}'; write an expression, or `nothing`",
            relation.where(),
        )
    spoken = [branch for branch in relation.branches.values() if branch is not None]
    if not spoken:
        faults.add(f"relation '{name}' says nothing in any branch", relation.where())
    if reading.update and len(spoken) < len(relation.branches):
        silent = next(option for option, one in relation.branches.items() if one is None)
        faults.add(
            f"relation '{name}' says `nothing` under '{silent}', but evidence cannot move reading "
            f"'{reading.name}' then; add `update: false` to the reading",
            relation.where(branch_field(silent)),
        )
    return len(faults) == before


def check_relation(
    relation: Relation, parts: Parts, structure: Structure, spread: Spread, faults: Faults
) -> bool:
    """Add a relation to the structure, or say what is wrong with it."""
    name, before = relation.name, len(faults)
    unit = _unit(relation, structure, faults)
    bound: dict[str | None, Expression | None] = {}
    for option, branch in relation.branches.items():
        bound[option] = branch
        if branch is None or unit is None:
            continue
        try:
            bound[option] = structure.bind_to(branch, unit)
        except UnitError as error:
            place = relation.where(branch_field(option), error.offset or 0)
            faults.add(f"relation '{name}': {error.message}", place)
    if unit is None or len(faults) > before:
        return False
    spoken = {option: branch for option, branch in bound.items() if branch is not None}
    support = reduce(Interval.union, map(structure.support_of, spoken.values()))
    for branch in spoken.values():
        extent = structure.extent_of(branch)
        if extent.beyond_limits:
            faults.add(
                f"relation '{name}' is too large: with everything that it follows from it has "
                f"{extent}",
                relation.where(),
            )
            return False
    if relation.unit == "share":
        for option, branch in spoken.items():
            readings = _left_open(relation, option, parts)
            _check_share(relation, option, branch, readings, structure, spread, faults)
        support = support.intersection(Interval(0.0, 1.0))
    if len(faults) > before:
        return False
    relation = replace(relation, unit=relation.unit or structure.units.show(unit))
    structure.add_relation(relation, replace(relation, branches=bound), unit, support)
    return True


def _unit(relation: Relation, structure: Structure, faults: Faults) -> Unit | None:
    """Return the unit as declared, or that of the first branch that can be bound."""
    if relation.unit:
        try:
            return structure.units.parse(relation.unit)
        except UnitError as error:
            place = relation.where("unit", error.offset or 0)
            faults.add(f"unit of '{relation.name}': {error.message}", place)
            return None
    for option, branch in relation.branches.items():
        if branch is None:
            continue
        try:
            return structure.bind(branch)[1]
        except UnitError as error:
            place = relation.where(branch_field(option), error.offset or 0)
            faults.add(f"relation '{relation.name}': {error.message}", place)
    return None


def _left_open(relation: Relation, option: str | None, parts: Parts) -> list[Reading]:
    """Return the readings of a model, that of a branch with the branch's own option alone."""
    return [
        replace(one, options={option: one.options[option]})
        if option is not None and one.name == relation.by
        else one
        for one in parts.readings.values()
    ]


def _check_share(
    relation: Relation,
    option: str | None,
    branch: Expression,
    readings: Sequence[Reading],
    structure: Structure,
    spread: Spread,
    faults: Faults,
) -> None:
    if stays_inside(branch, structure, readings):
        return
    seen = leaves(branch, spread)
    if seen:
        faults.add(
            f"relation '{relation.name}' is a share but can leave 0 to 1: it is {seen}; "
            f"{advice(branch, structure)}",
            relation.where(branch_field(option)),
        )
