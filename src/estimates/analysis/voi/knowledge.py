"""What is known once a fact is learned: so that one set of facts is asked about once.

Two facts are the same information where all that becomes known is the same, whatever they are
called and in whichever order they were named; one is more than another where it makes more known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from estimates.analysis.voi.parameters import Fact
from estimates.language.expression import Expression, names
from estimates.model import FixedValue, Model


def becomes_known(
    model: Model, members: Iterable[str | Expression], axes: Iterable[str]
) -> frozenset[str]:
    """Names, expressions and readings (`reading NAME`) that are known with these.

    Constants of the model, which are known anyway, are not among them; a relation is known with
    all that its branches are made of, and its reading.
    """
    always = {n for n, q in model.quantities.items() if isinstance(q.prior, FixedValue)}
    told = list(members)
    known = {str(one) for one in told} | always
    read = set(axes) | {n for n, reading in model.readings.items() if len(reading.options) == 1}
    for name in model.order:
        relation = model.bound_relations.get(name)
        if relation is None or not (relation.by is None or relation.by in read):
            continue
        branches = [branch for branch in relation.branches.values() if branch is not None]
        if all(set(names(branch)) <= known for branch in branches):
            known.add(name)
    found = (known - always) | {f"reading {axis}" for axis in axes}
    return frozenset(found)


def least(model: Model, fact: Fact) -> Fact:
    """The same information told by as few members as will do, in the order of their names."""
    members = sorted(dict.fromkeys(fact.members), key=str)
    needed = tuple(
        one
        for place, one in enumerate(members)
        if not _follows(model, one, [*members[:place], *members[place + 1 :]], fact.axes)
    )
    return replace(fact, members=needed, axes=tuple(sorted(set(fact.axes))))


def _follows(
    model: Model, one: str | Expression, others: list[str | Expression], axes: tuple[str, ...]
) -> bool:
    known = becomes_known(model, others, axes)
    always = {n for n, q in model.quantities.items() if isinstance(q.prior, FixedValue)}
    if isinstance(one, str):
        return one in known or one in always
    return set(names(one)) <= known | always


def settles(model: Model, known: frozenset[str], target: str) -> bool:
    """Whether a target is known with these: it is one of them, or an expression of them."""
    if target in model.quantities or target in model.relations:
        return target in known
    always = {n for n, q in model.quantities.items() if isinstance(q.prior, FixedValue)}
    return target in known or set(names(model.bound(target))) <= known | always
