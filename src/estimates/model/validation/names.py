"""Names: which are allowed, which are known, and in which order they follow from one another."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from estimates.errors import Faults, Place
from estimates.language.expression import FUNCTIONS, Binary, Call, Expression, Name, Scale, Unary
from estimates.model.ids import fault_of_name
from estimates.model.panels import PanelQuantity
from estimates.model.priors import NamedPrior
from estimates.model.spec import RESERVED, Parts, Quantity

_MOST_STEPS = 10  # of a circle that are named
_WORD = re.compile(r"\w[\w-]*")


def check_names(parts: Parts, faults: Faults) -> frozenset[str]:
    """Add a fault for each name that cannot be used, and return those that name two things."""
    basic: dict[str, Quantity | PanelQuantity] = {**parts.quantities, **parts.panels}
    for kind, things in (("quantity", basic), ("relation", parts.relations)):
        for name, thing in things.items():
            if name in RESERVED:
                faults.add(f"'{name}' has a meaning of its own; rename the {kind}", thing.where())
            elif not name.isidentifier():
                faults.add(
                    f"'{name}' cannot name a {kind}; "
                    f"use letters, digits and _, beginning with a letter{_without_signs(name)}",
                    thing.where(),
                )
            elif wrong := fault_of_name(name):
                faults.add(f"'{name[:40]}' cannot name a {kind}: {wrong}", thing.where())
    for name, reading in parts.readings.items():
        for word in (name, *reading.options):
            if not _WORD.fullmatch(word):
                faults.add(
                    f"'{word}' cannot name a reading or its option; use letters, digits, _ and -",
                    reading.where(),
                )
            elif wrong := fault_of_name(word):
                faults.add(
                    f"'{word[:40]}' cannot name a reading or its option: {wrong}", reading.where()
                )
    twice = basic.keys() & parts.relations.keys()
    for name in sorted(twice):
        faults.add(
            f"'{name}' is both a quantity and a relation; a derived quantity has no prior",
            parts.relations[name].where(),
        )
    return frozenset(twice)


def _without_signs(name: str) -> str:
    """Return advice for a name with blanks or hyphens: `; such as coffee_drinkers`."""
    near = re.sub(r"\W+", "_", name).strip("_")
    return f", such as {near}" if near.isidentifier() and near not in RESERVED else ""


def name_nodes(expression: Expression) -> Iterator[Name]:
    """Yield every name in an expression, from left to right, with its place."""
    match expression:
        case Name():
            yield expression
        case Unary(operand=operand) | Scale(operand=operand):
            yield from name_nodes(operand)
        case Binary(left=left, right=right):
            yield from name_nodes(left)
            yield from name_nodes(right)
        case Call(arguments=arguments):
            for argument in arguments:
                yield from name_nodes(argument)


def check_known(
    expression: Expression,
    parts: Parts,
    what: str,
    place: Callable[[int], Place | None],
    faults: Faults,
) -> bool:
    """Return whether every name in an expression is known; add a fault for each that is not.

    `what` says where the expression stands, as in "relation 'payroll'"; `place` gives the place
    of an offset in its text.
    """
    known = True
    for node in name_nodes(expression):
        if node.name in parts.quantities or node.name in parts.relations:
            continue
        known = False
        # Of what is over dimensions and has a fault no cell was written out.
        if parts.broken.isdisjoint((node.name, node.name.split(".")[0])):
            message = f"unknown quantity '{node.name}' in {what}{_hint(node.name, parts, faults)}"
            faults.add(message, place(node.offset))
    return known


def _hint(name: str, parts: Parts, faults: Faults) -> str:
    if name == "nothing":
        return "; `nothing` is a branch by itself"
    if name in parts.readings:
        return f"; '{name}' is a reading, so name a relation that goes `by: {name}`"
    return faults.hint(name, [*parts.quantities, *parts.relations, *FUNCTIONS])


def arrange(parts: Parts, faults: Faults) -> tuple[Mapping[str, tuple[str, ...]], set[str]]:
    """Return what each name follows from, each name after all of those.

    Returns that mapping, and the names that cannot be used: what could not be read, what names
    something unknown, and what runs in a circle. What follows from these is still in the mapping.
    """
    broken = set(parts.broken)
    needs: dict[str, tuple[str, ...]] = {}
    for name, quantity in parts.quantities.items():
        prior = quantity.prior
        needs[name] = ()
        if isinstance(prior, NamedPrior):
            for key, argument in prior.arguments.items():
                at = quantity.where.within("prior", prior.offsets.get(key, 0))
                if not check_known(argument, parts, f"the prior of '{name}'", at, faults):
                    broken.add(name)
            needs[name] = _named(prior.arguments.values())
    for name, relation in parts.relations.items():
        spoken = {option: one for option, one in relation.branches.items() if one is not None}
        for option, branch in spoken.items():
            at = relation.where.within(branch_field(option))
            if not check_known(branch, parts, f"relation '{name}'", at, faults):
                broken.add(name)
        needs[name] = _named(spoken.values())
    return _sorted(needs, parts, faults, broken), broken


def branch_field(option: str | None) -> str:
    """Return the field of a relation in which the branch of an option is written."""
    return "is" if option is None else option


def _named(expressions: Iterable[Expression]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(node.name for one in expressions for node in name_nodes(one)))


def _sorted(
    needs: Mapping[str, tuple[str, ...]], parts: Parts, faults: Faults, broken: set[str]
) -> Mapping[str, tuple[str, ...]]:
    """Return names in dependency order, as early as they were written; chains may be long."""
    done: dict[str, tuple[str, ...]] = {}
    for root in needs:
        path = {root: iter(needs[root])} if root not in done else {}
        while path:
            name, rest = next(reversed(path.items()))
            needed = next((one for one in rest if one in needs and one not in done), None)
            if needed is None:
                done[name] = needs[name]
                del path[name]
            elif needed in path:
                steps = list(path)
                _report_circle([*steps[steps.index(needed) :], needed], parts, faults)
                broken.update(steps[steps.index(needed) :])
            else:
                path[needed] = iter(needs[needed])
    return done


def _report_circle(circle: list[str], parts: Parts, faults: Faults) -> None:
    name = circle[0]
    thing = parts.relations.get(name) or parts.quantities[name]
    if len(circle) == 2:
        message = f"'{name}' is defined by itself"
    else:
        steps = [f"'{one}'" for one in circle]
        if len(steps) > _MOST_STEPS:
            steps = [*steps[:_MOST_STEPS], "…", steps[-1]]
        message = f"circular relations: {' needs '.join(steps)}"
    faults.add(message, thing.where())
