"""Readings of which every claim has its own option: `{each: claim, …}`.

A claim that depends on such a reading has the density Σ π_k p(y | f_k(θ)), with the weights π in
common to all claims. The relations that depend on one have no value of their own: they are written
out, option by option, into the claims that are about them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from estimates.errors import Faults
from estimates.language.expression import (
    Binary,
    Call,
    Constant,
    Expression,
    Name,
    names,
    stable,
    substitute,
)
from estimates.model.claims import Alternative, BoundClaim
from estimates.model.priors import FixedValue, NamedPrior
from estimates.model.spec import Parts, Quantity, Reading, Relation
from estimates.model.symbols import Structure
from estimates.model.validation.counterexample import Spread
from estimates.model.validation.names import branch_field
from estimates.model.validation.quantities import check_quantity

_MOST_OPTIONS = 64  # of one claim


def with_options(
    parts: Parts,
    structure: Structure,
    spread: Spread,
    uses: Sequence[BoundClaim],
    faults: Faults,
) -> tuple[BoundClaim, ...]:
    """Return the claims with an alternative for each option of their own readings.

    The weights of the options join the structure.
    """
    apart = {name: one for name, one in parts.readings.items() if one.each and one.options}
    if not apart or faults or parts.broken:
        return tuple(uses)
    _check(parts, structure, apart, faults)
    if faults:
        return tuple(uses)
    for reading in apart.values():
        _add_weights(reading, structure, spread, faults)
    found = tuple(_with_options(use, structure, apart, faults) for use in uses)
    for one, other in copies_apart(found):
        faults.add(
            f"claims '{one.id}' and '{other.id}' share origin '{one.origin}' and so their option, "
            f"but their tails differ ({one.tails} and {other.tails}); give both the same `tails:`",
            other.place,
        )
    return found


def set_apart(parts: Parts, structure: Structure) -> None:
    """Take what has no value of its own out of the structure's relations."""
    apart = {name for name, one in parts.readings.items() if one.each}
    for name in [name for name in structure.relations if structure.axes[name] & apart]:
        structure.apart[name] = structure.relations.pop(name)
        del structure.bound_relations[name]


def _check(
    parts: Parts, structure: Structure, apart: Mapping[str, Reading], faults: Faults
) -> None:
    for number, target in enumerate(parts.targets):
        for axis in sorted(structure.axes_of(target) & apart.keys()):
            faults.add(
                f"target '{target}' depends on reading '{axis}', of which every claim has an "
                "option of its own, so it has no one value; name what the options are made of",
                parts.where(f"targets {number}"),
            )
    for relation in parts.relations.values():
        if relation.name not in structure.axes:
            continue
        own = structure.axes[relation.name] & apart.keys()
        for option, branch in relation.branches.items() if relation.by in apart else ():
            if branch is None:
                faults.add(
                    f"relation '{relation.name}' says `nothing` under '{option}', but reading "
                    f"'{relation.by}' is each claim's own, and a claim says something",
                    relation.where(branch_field(option)),
                )
        if own and relation.by is not None and relation.by not in apart:
            faults.add(
                f"relation '{relation.name}' goes by reading '{relation.by}' and depends on "
                f"'{min(own)}', of which every claim has an option of its own; make it one of the "
                "two",
                relation.where("by"),
            )


def _add_weights(reading: Reading, structure: Structure, spread: Spread, faults: Faults) -> None:
    """Add the weights of a reading's options, π ~ Dirichlet(K·w/Σw), by breaking a stick.

    The first is a Beta; each of the others is a Beta's share of what is left, the last all of it.
    """
    options, weights = list(reading.options), list(reading.weights.values())

    def add(name: str, prior: FixedValue | NamedPrior, label: str) -> None:
        quantity = Quantity(name, prior, "share", label)
        check_quantity(quantity, structure, spread, faults)

    named = [f"{reading.name}.{option}" for option in options]
    labels = [f"how many claims mean {option}" for option in options]
    if not reading.update or len(options) == 1:
        for name, weight, label in zip(named, weights, labels, strict=True):
            add(name, FixedValue(weight), label)
        return
    left: Expression = Constant(1.0)
    for k, (name, label) in enumerate(zip(named, labels, strict=True)):
        if k == len(options) - 1:
            share: Expression = Constant(1.0)
        else:
            concentration = (len(options) * w for w in (weights[k], sum(weights[k + 1 :])))
            alpha, beta = map(Constant, concentration)
            stick = name if k == 0 else f"{reading.name}.left-{k}"
            about = label if k == 0 else f"of the rest, how many mean {options[k]}"
            add(stick, NamedPrior("Beta", {"alpha": alpha, "beta": beta}), about)
            share = Name(stick)
        if k:
            whole = left if share == Constant(1.0) else Binary("*", left, share)
            relation = Relation(name, {None: whole}, unit="share", label=label)
            unit = structure.units.parse("share")
            support = structure.support_of(whole)
            structure.add_relation(relation, relation, unit, support)
        rest = Binary("-", Constant(1.0), share)
        left = rest if k == 0 else Binary("*", left, rest)


def _with_options(
    use: BoundClaim, structure: Structure, apart: Mapping[str, Reading], faults: Faults
) -> BoundClaim:
    axes = sorted(structure.axes_of(use.value) & apart.keys())
    if not axes:
        return use
    count = prod(len(apart[axis].options) for axis in axes)
    if count > _MOST_OPTIONS:
        faults.add(
            f"claim '{use.id}' has {count} options of its own; keep to {_MOST_OPTIONS}", use.place
        )
        return use
    found = []
    for options in product(*(apart[axis].options for axis in axes)):
        choice = dict(zip(axes, options, strict=True))
        weight: Expression = Constant(0.0)
        for axis, option in choice.items():
            one = Call("log", (Name(f"{axis}.{option}"),))
            weight = one if weight == Constant(0.0) else Binary("+", weight, one)
        value = stable(written_out(use.value, structure, choice))
        found.append(Alternative(choice, weight, value))
    return replace(use, value=found[0].value, options=tuple(found))


def written_out(
    expression: Expression, structure: Structure, choice: Mapping[str, str]
) -> Expression:
    """Return an expression with the relations that depend on chosen readings written out."""
    found: dict[str, Expression] = {}
    for name in names(expression):
        relation = structure.bound_relations.get(name)
        if relation is None or not structure.axes[name] & choice.keys():
            continue
        branch = relation.branches[None if relation.by is None else choice[relation.by]]
        assert branch is not None, "`nothing` is refused"
        found[name] = written_out(branch, structure, choice)
    return substitute(expression, found) if found else expression


def mapped(use: BoundClaim, change: Callable[[Expression], Expression]) -> BoundClaim:
    """Return a claim with a change made to what it is about, under each of its options."""
    options = tuple(replace(one, value=change(one.value)) for one in use.options)
    return replace(use, value=change(use.value), options=options)


def copies_apart(uses: Sequence[BoundClaim]) -> Iterator[tuple[BoundClaim, BoundClaim]]:
    """Yield copies of one datum with options of their own whose noise differs in its tails."""
    first: dict[str, BoundClaim] = {}
    for use in uses:
        if use.origin is not None and use.options:
            copied = first.setdefault(use.origin, use)
            if copied.tails != use.tails:
                yield copied, use
