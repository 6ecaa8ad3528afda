"""Quantities and relations with their units and supports, each found once, in order.

A structure grows while a model is checked: a name is added after everything that it follows
from. Relations are bound, that is, conversions of units are written into their expressions, so
that every named value is in its own declared unit and needs no unit any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from estimates.language.expression import (
    Binary,
    Call,
    Constant,
    Expression,
    Interval,
    Name,
    Scale,
    Unary,
    bind_units,
    names,
    stable,
    substitute,
    support,
)
from estimates.language.expression.nodes import LARGEST, TALLEST
from estimates.language.units import Unit, Units
from estimates.model.priors import NamedPrior
from estimates.model.spec import Quantity, Relation

type Choice = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Extent:
    """How large an expression is once it is expanded into basic quantities.

    A short file can describe a huge expression (each relation the sum of the last and itself),
    so this is known before anything is expanded.
    """

    operations: int
    depth: int

    @property
    def beyond_limits(self) -> bool:
        """Whether expanding it would take too long."""
        return self.operations > LARGEST or self.depth > TALLEST

    def __str__(self) -> str:
        return f"{self.operations:,} operations, {self.depth:,} deep"


@dataclass(frozen=True)
class Structure:
    """What the checks of a model have found out about its names.

    Attributes
    ----------
    units : the units and currencies of the model
    quantities : with family, bound arguments and support filled in
    relations : with the unit filled in, expressions as declared
    bound_relations : the same with bound expressions
    unit, support : of every name
    axes : the readings on which every name depends
    extent : how large every name is once expanded
    needs : the names that stand in the prior's arguments or in the branches of every name
    apart : relations that every claim reads for itself, so that they have no value of their own
    silent : the option under which a name says `nothing`, in words; "" if it always speaks
    """

    units: Units
    quantities: dict[str, Quantity] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    bound_relations: dict[str, Relation] = field(default_factory=dict)
    unit: dict[str, Unit] = field(default_factory=dict)
    support: dict[str, Interval] = field(default_factory=dict)
    axes: dict[str, frozenset[str]] = field(default_factory=dict)
    extent: dict[str, Extent] = field(default_factory=dict)
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    silent: dict[str, str] = field(default_factory=dict)
    apart: dict[str, Relation] = field(default_factory=dict)
    _expanded: dict[tuple[tuple[str, str], ...], dict[str, Expression | None]] = field(
        default_factory=dict, repr=False
    )

    def add_quantity(self, quantity: Quantity, unit: Unit, support: Interval) -> None:
        """Add a checked quantity."""
        self.quantities[quantity.name] = quantity
        self.unit[quantity.name] = unit
        self.support[quantity.name] = support
        self.axes[quantity.name] = frozenset()
        self.extent[quantity.name] = Extent(1, 1)
        self.silent[quantity.name] = ""
        arguments = quantity.prior.arguments if isinstance(quantity.prior, NamedPrior) else {}
        self.needs[quantity.name] = _names(arguments.values())

    def add_relation(
        self, relation: Relation, bound: Relation, unit: Unit, support: Interval
    ) -> None:
        """Add a checked relation, as declared and bound."""
        name = relation.name
        self.relations[name] = relation
        self.bound_relations[name] = bound
        self.unit[name] = unit
        self.support[name] = support
        spoken = [branch for branch in bound.branches.values() if branch is not None]
        own = {relation.by} if relation.by else set()
        self.axes[name] = frozenset(own).union(*map(self.axes_of, spoken))
        silent = (
            f"'{option}' of reading '{bound.by}'"
            for option, branch in bound.branches.items()
            if branch is None
        )
        self.needs[name] = _names(spoken)
        below = (self.silent[one] for one in self.needs[name])
        self.silent[name] = next(silent, "") or next(filter(None, below), "")
        extents = [self.extent_of(branch) for branch in spoken]
        self.extent[name] = Extent(
            max(extent.operations for extent in extents), max(extent.depth for extent in extents)
        )

    def bind(self, expression: Expression) -> tuple[Expression, Unit]:
        """Return an expression with its conversions written in, and the unit of its value.

        Raises `UnitError`, with the offset of the culprit.
        """
        bound, unit = bind_units(expression, self.unit.__getitem__, self.units)
        return stable(bound), unit

    def bind_to(self, expression: Expression, wanted: Unit) -> Expression:
        """Return an expression bound to have its value in the unit wanted; raise `UnitError`."""
        bound, unit = self.bind(expression)
        return scaled(bound, self.units.factor(unit, wanted))

    def support_of(self, bound: Expression) -> Interval:
        """Return where the value of a bound expression can lie, whatever the readings."""
        return support(bound, self.support.__getitem__)

    def axes_of(self, expression: Expression) -> frozenset[str]:
        """Return the readings on which an expression depends."""
        return frozenset().union(*(self.axes[name] for name in names(expression)))

    def extent_of(self, bound: Expression) -> Extent:
        """Return how large an expression is once expanded."""
        match bound:
            case Name(name=name):
                return self.extent[name]
            case Constant():
                return Extent(1, 1)
            case Unary(operand=operand) | Scale(operand=operand):
                parts = [self.extent_of(operand)]
            case Binary(left=left, right=right):
                parts = [self.extent_of(left), self.extent_of(right)]
            case Call(arguments=arguments):
                parts = [self.extent_of(argument) for argument in arguments]
        return Extent(
            1 + sum(part.operations for part in parts), 1 + max(part.depth for part in parts)
        )

    def expand(self, bound: Expression, choice: Choice) -> Expression | None:
        """Return a bound expression in basic quantities only, under an option of each reading.

        None where the choice says `nothing` of it. Raises `KeyError` unless every reading in
        `axes_of` is chosen.
        """
        expanded = self._expand_relations(choice)
        found = {name: expanded[name] for name in names(bound) if name in self.relations}
        parts = {name: one for name, one in found.items() if one is not None}
        return substitute(bound, parts) if len(parts) == len(found) else None

    def _expand_relations(self, choice: Choice) -> dict[str, Expression | None]:
        key = tuple(sorted(choice.items()))
        expanded = self._expanded.setdefault(key, {})
        for name, relation in self.bound_relations.items():
            if name in expanded or not self.axes[name] <= choice.keys():
                continue
            option = None if relation.by is None else choice[relation.by]
            branch = relation.branches[option]
            parts: dict[str, Expression] = {}
            for needed in names(branch) if branch is not None else ():
                if needed in self.relations:
                    one = expanded[needed]
                    if one is None:
                        branch = None
                        break
                    parts[needed] = one
            expanded[name] = None if branch is None else substitute(branch, parts)
        return expanded


def _names(expressions: Iterable[Expression]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in expressions for name in names(one)))


def scaled(expression: Expression, factor: float) -> Expression:
    """Return an expression times a conversion factor, written only where it changes something."""
    return expression if factor == 1.0 else Scale(factor, expression)
