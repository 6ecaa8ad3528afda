"""Bodies of evidence: what can contradict what.

A body is the claims of one origin, copies of one datum which are never independent, or a claim
that has no origin.  A source is no body: a newspaper that quotes three people prints three bodies,
and three newspapers that print one ministry's figure are one.  Nor is a speaker, whose two figures
may err apart; whoever thinks that they err together gives them one origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from estimates.language.expression import Expression, names
from estimates.language.expression import Scale as Converted
from estimates.language.phrases import called
from estimates.model import BoundClaim, FixedValue, Model, NamedPrior
from estimates.model.naming import in_words_of


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
        """The first claim, whose unit is the body's."""
        return self.claims[0]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(claim.id for claim in self.claims)


def bodies_of(model: Model) -> tuple[Body, ...]:
    """Return a model's bodies of evidence, in the order of its claims, none of them held out."""
    uses = [use for use in model.uses if not use.held_out]
    alone = {use.id for use in uses if not use.origin}
    groups: dict[str, list[BoundClaim]] = {}
    for use in uses:
        # An origin may be called like somebody else's claim; the two must not be taken for one.
        name = f"origin {use.origin}" if use.origin in alone else use.origin or use.id
        groups.setdefault(name, []).append(use)
    return tuple(Body(name, tuple(group)) for name, group in groups.items())


def core(expression: Expression) -> tuple[float, Expression]:
    """Return the unit factor that stands before an expression, and the expression without it."""
    factor = 1.0
    while isinstance(expression, Converted):
        factor *= expression.factor
        expression = expression.operand
    return factor, expression


def inputs(model: Model, claim: BoundClaim, choice: Mapping[str, str]) -> tuple[str, ...]:
    """Return the basic unknowns that a claim is about under a choice of readings."""
    resolved = [model.resolve(one, choice) for one in claim.values]
    found = [_unknown(model, one) for one in resolved if one is not None]
    return tuple(sorted(set().union(*found)))


def with_parents(model: Model, unknown: Iterable[str]) -> set[str]:
    """Return basic unknowns with everything that their priors are made of."""
    found = set(unknown)
    while new := {parent for name in found for parent in _parents(model, name)} - found:
        found |= new
    return found


def islands(groups: Iterable[Set[str]]) -> list[set[str]]:
    """Return groups of names; those with a name in common are joined."""
    found: list[set[str]] = []
    for group in groups:
        apart = [one for one in found if not one & group]
        joined = set(group).union(*(one for one in found if one & group))
        found = [*apart, joined]
    return found


def connected(model: Model, bodies: Sequence[Body]) -> Mapping[str, int]:
    """Return for each body the number of the island that it stands on.

    Bodies stand on one island where a chain of claims, relations and hierarchies links what they
    are about; from one island to another nothing can be contradicted.
    """
    choices = [combination.choice for combination in model.combinations()]
    spoken = {b.name: {frozenset(inputs(model, b.first, one)) for one in choices} for b in bodies}
    unknown = (name for name in model.quantities if not _known(model, name))
    groups: list[Set[str]] = [{name, *_parents(model, name)} for name in unknown]
    groups += [group for every in spoken.values() for group in every if group]
    places = {name: i for i, island in enumerate(islands(groups)) for name in island}
    # What is about nothing unknown stands alone.
    return {
        name: min((places[one] for group in every for one in group), default=-1 - i)
        for i, (name, every) in enumerate(spoken.items())
    }


def _parents(model: Model, name: str) -> set[str]:
    """Return the quantities that the prior of a quantity is made of."""
    prior = model.quantities[name].prior
    arguments = prior.arguments.values() if isinstance(prior, NamedPrior) else ()
    return {parent for argument in arguments for parent in _unknown(model, argument)}


def _unknown(model: Model, expression: Expression) -> set[str]:
    return {name for name in names(expression) if not _known(model, name)}


def _known(model: Model, name: str) -> bool:
    quantity = model.quantities.get(name)
    return quantity is not None and isinstance(quantity.prior, FixedValue)


def label_of(model: Model, claim: BoundClaim) -> str:
    """Return the label of what a claim is about; an expression as it is written."""
    about = str(claim.about)
    declared = model.quantities.get(about) or model.relations.get(about)
    with in_words_of(model):
        return (declared.label if declared else "") or called(claim.topic)
