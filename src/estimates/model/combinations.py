"""Combinations of readings that say exactly the same are one, their weights added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from estimates.language.expression import Expression, names
from estimates.model.claims import BoundClaim
from estimates.model.model import Model
from estimates.model.priors import FixedValue, NamedPrior


@dataclass(frozen=True)
class Distinct:
    """A combination of readings that differs from every other in something.

    Attributes
    ----------
    choice : option by reading (of the first of those that are the same)
    label : the same, options that make no difference joined by `|`
    members : indices into `model.combinations()`
    """

    choice: Mapping[str, str]
    label: Mapping[str, str]
    members: tuple[int, ...]

    @property
    def text(self) -> str:
        """`gross, share, china`; "" where a model has no readings."""
        return ", ".join(self.label.values())


def distinct_readings(model: Model) -> tuple[Distinct, ...]:
    """Return the distinct combinations of readings; those that say the same are merged."""
    combinations = model.combinations()
    groups: dict[tuple[str, ...], list[int]] = {}
    for number, combination in enumerate(combinations):
        groups.setdefault(_meaning(model, combination.choice), []).append(number)
    return tuple(
        Distinct(
            combinations[members[0]].choice,
            _label([combinations[i].choice for i in members]),
            tuple(members),
        )
        for members in groups.values()
    )


def _meaning(model: Model, choice: Mapping[str, str]) -> tuple[str, ...]:
    branching = [name for name in model.relations if model.axes_of(name)]
    found = [str(model.resolve(name, choice)) for name in branching]
    found += [
        str(model.resolve(one, choice))
        for use in model.uses
        for one in use.values
        if model.axes_of(one)
    ]
    return tuple(found)


def _label(choices: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {
        axis: "|".join(dict.fromkeys(choice[axis] for choice in choices)) for axis in choices[0]
    }


def touched(model: Model) -> tuple[str, ...]:
    """Return the basic quantities of evidence that updated readings give different meanings.

    The priors of these decide how far the readings' weights merely echo a prior.
    """
    found: dict[str, None] = {}
    choices = [combination.choice for combination in model.combinations()]
    for axis, reading in model.readings.items():
        if not reading.update:
            continue
        spoken = [one for use in model.uses if not use.held_out for one in use.values]
        for value in spoken:
            if axis not in model.axes_of(value):
                continue
            for choice in choices:
                resolved = model.resolve(value, choice)
                if resolved is not None:
                    found |= dict.fromkeys(names(resolved))
    return tuple(found)


def stated(model: Model, found: Iterable[str]) -> tuple[str, ...]:
    """Return the unknowns whose priors a model states, from which some cells follow.

    The cells of a path follow from the one at which its prior holds, members that are alike from
    their centre.
    """
    roots: dict[str, None] = {}
    left, seen = list(found), set[str]()
    while left:
        name = left.pop(0)
        if name in seen:
            continue
        seen.add(name)
        own = model.panel.quantity(name)
        prior = model.quantities[name].prior
        arguments = prior.arguments.items() if isinstance(prior, NamedPrior) else ()
        location = next((one for argument, one in arguments if argument == "mu"), None)
        parents = (
            []
            if location is None
            else [
                one
                for one in names(location)
                if one.startswith(f"{own}.typical") or model.panel.home.get(one, ("",))[0] == own
            ]
        )
        left += parents
        if not parents:
            roots[name] = None
    return tuple(roots)


def prior_only(model: Model, choice: Mapping[str, str], active: frozenset[str]) -> frozenset[str]:
    """Return the quantities that no claim informs under a reading; their posterior is the prior.

    Basic quantities are informed by the claims that depend on them, and through hierarchies by
    those of their parents and children.
    """
    links = _links(model)
    reached: set[str] = set()
    frontier = [
        name
        for claim in model.uses
        if claim.id in active
        for said in (*_said(model, claim, choice), claim.spread)
        for name in (names(said) if said is not None else ())
    ]
    while frontier:
        name = frontier.pop()
        if name not in reached:
            reached.add(name)
            frontier += links[name]
    untouched = {
        name
        for name, quantity in model.quantities.items()
        if name not in reached and not isinstance(quantity.prior, FixedValue)
    }
    untouched |= {
        name
        for name, below in _follows_from(model, tuple(choice.items())).items()
        if below and reached.isdisjoint(below)
    }
    return frozenset(untouched)


@lru_cache(maxsize=8)
def _links(model: Model) -> Mapping[str, Set[str]]:
    """Return the parents and children of each basic quantity in hierarchies."""
    links: dict[str, set[str]] = {name: set() for name in model.quantities}
    for name, quantity in model.quantities.items():
        for argument in getattr(quantity.prior, "arguments", {}).values():
            for parent in names(argument):
                links[name].add(parent)
                links[parent].add(name)
    return links


@lru_cache(maxsize=128)
def _follows_from(
    model: Model, choice: tuple[tuple[str, str], ...]
) -> Mapping[str, frozenset[str] | None]:
    """Return the basic quantities that each relation follows from; None where it says nothing."""
    options, found = dict(choice), dict[str, frozenset[str] | None]()
    for name, relation in model.bound_relations.items():
        branch = relation.branches[None if relation.by is None else options[relation.by]]
        parts = None if branch is None else names(branch)
        below = [found.get(one, frozenset({one})) for one in parts or ()]
        known = [one for one in below if one is not None]
        silent = parts is None or len(known) < len(below)
        found[name] = None if silent else frozenset[str]().union(*known)
    return found


def _said(model: Model, claim: BoundClaim, choice: Mapping[str, str]) -> list[Expression]:
    """Return all that a claim that speaks may be about, and the weights of that."""
    found = [model.resolve(one, choice) for one in claim.values]
    found += [model.resolve(one.log_weight, choice) for one in claim.options]
    spoken = [one for one in found if one is not None]
    assert len(spoken) == len(found), "an active claim says something"
    return spoken
