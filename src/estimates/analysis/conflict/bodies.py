"""Bodies of evidence: what can contradict what.

A body is the claims of one origin, copies of one datum which are never independent, or a claim
that has no origin.  A source is no body: a newspaper that quotes three people prints three bodies,
and three newspapers that print one ministry's figure are one.  Nor is a speaker, whose two figures
may err apart; whoever thinks that they err together gives them one origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from estimates.language.expression import Expression, Name, names
from estimates.language.expression import Scale as Converted
from estimates.model import BoundClaim, FixedValue, Model, NamedPrior
from estimates.model.combinations import prior_only


@dataclass(frozen=True)
class Body:
    """Claims that share an origin, or one claim alone; all are about one expression.

    Attributes
    ----------
    name : the origin, or the claim's id
    claims : in the order of the model
    """

    name: str
    claims: tuple[BoundClaim, ...]

    @property
    def first(self) -> BoundClaim:
        """Its unit is the body's."""
        return self.claims[0]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(claim.id for claim in self.claims)


def bodies_of(model: Model) -> tuple[Body, ...]:
    """The bodies of evidence of a model, in the order of its claims; what is held out is none."""
    groups: dict[tuple[str, str], list[BoundClaim]] = {}
    for use in model.uses:
        if not use.held_out:
            key = ("origin", use.origin) if use.origin else ("claim", use.id)
            groups.setdefault(key, []).append(use)
    alone = {use.id for (kind, _), group in groups.items() for use in group if kind == "claim"}
    found = []
    for (kind, name), group in groups.items():
        # An origin may be called like somebody else's claim; the two must not be taken for one.
        label = f"origin {name}" if kind == "origin" and name in alone else name
        found.append(Body(label, tuple(group)))
    return tuple(found)


def core(expression: Expression) -> tuple[float, Expression]:
    """The factor of units that stands before an expression, and the expression without it."""
    factor = 1.0
    while isinstance(expression, Converted):
        factor *= expression.factor
        expression = expression.operand
    return factor, expression


def inputs(model: Model, claim: BoundClaim, choice: Mapping[str, str]) -> tuple[str, ...]:
    """The basic unknowns that a claim speaks of under a choice of readings."""
    resolved = model.resolve(claim.value, choice)
    if resolved is None:
        return ()
    return tuple(sorted(n for n in names(resolved) if not _known(model, n)))


def with_parents(model: Model, unknown: Iterable[str]) -> frozenset[str]:
    """Basic unknowns with all that their priors are made of."""
    found: set[str] = set()
    left = list(unknown)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += _parents(model, name)
    return frozenset(found)


def untouched(
    model: Model, claim: BoundClaim, choice: Mapping[str, str], rest: frozenset[str]
) -> tuple[str, ...]:
    """Those of them that no claim of the rest informs: there the rest is the prior alone."""
    silent = prior_only(model, choice, rest)
    return tuple(name for name in inputs(model, claim, choice) if name in silent)


def connected(model: Model, bodies: Sequence[Body]) -> Mapping[str, int]:
    """For each body the number of the island that it stands on.

    Bodies stand on one island where a chain of claims, relations and hierarchies links what they
    are about; from one island to another nothing can be contradicted.
    """
    islands: list[set[str]] = []

    def join(members: Iterable[str]) -> None:
        whole = set(members)
        for island in [one for one in islands if one & whole]:
            whole |= island
            islands.remove(island)
        islands.append(whole)

    for name in model.quantities:
        if not _known(model, name):
            join({name, *_parents(model, name)})
    reach: dict[str, set[str]] = {body.name: set() for body in bodies}
    for body in bodies:
        axes = sorted(model.axes_of(body.first.value))
        seen = set()
        for combination in model.combinations():
            branch = tuple(combination.choice[axis] for axis in axes)
            if branch in seen:
                continue
            seen.add(branch)
            spoken = inputs(model, body.first, combination.choice)
            if spoken:
                reach[body.name] |= set(spoken)
                join(spoken)
    places = {name: i for i, island in enumerate(islands) for name in island}
    # What is about nothing unknown stands alone.
    return {
        name: min((places[one] for one in spoken), default=-1 - i)
        for i, (name, spoken) in enumerate(reach.items())
    }


def _parents(model: Model, name: str) -> set[str]:
    """What the prior of a quantity is made of."""
    prior = model.quantities[name].prior
    arguments = prior.arguments.values() if isinstance(prior, NamedPrior) else ()
    return {p for argument in arguments for p in names(argument) if not _known(model, p)}


def _known(model: Model, name: str) -> bool:
    quantity = model.quantities.get(name)
    return quantity is not None and isinstance(quantity.prior, FixedValue)


def label_of(model: Model, claim: BoundClaim) -> str:
    """The label of what a claim is about; an expression as it is written."""
    match claim.about:
        case Name(name=name):
            declared = model.quantities.get(name) or model.relations.get(name)
            return (declared.label if declared else "") or name
        case _:
            return str(claim.about)
