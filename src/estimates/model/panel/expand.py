"""Writes an expression out for one cell: names become cells, sums the sums of their members."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from estimates.language.expression import (
    Binary,
    Call,
    Constant,
    Expression,
    Name,
    Scale,
    Unary,
)
from estimates.model.dates import Date
from estimates.model.dimensions import Position
from estimates.model.panel.scope import PanelError, Scope

#: To so many decimals parts of a year are written, which a reader sees.
ROUNDED = 12
#: Beyond this many terms a sum is written as a tree of sums, not as a chain.
_LONGEST_CHAIN = 40


@dataclass(frozen=True)
class Expander:
    """Expressions over dimensions, at single cells.

    Attributes
    ----------
    cell : the name of a quantity's or relation's cell, made where it is not there yet
    figure : the name of a number with a unit
    """

    scope: Scope
    cell: Callable[[str, Position], Name]
    figure: Callable[[str], Name]

    def at(self, expression: Expression, at: Position) -> Expression:
        """Return an expression at a cell that has a label of each of its dimensions."""
        match expression:
            case Constant():
                return expression
            case Name():
                return self._name(expression, at)
            case Unary(op, operand, offset):
                return Unary(op, self.at(operand, at), offset)
            case Scale(factor, operand):
                return Scale(factor, self.at(operand, at))
            case Binary(op, left, right, offset):
                return Binary(op, self.at(left, at), self.at(right, at), offset)
            case Call(function, arguments, offset) if self.scope.reduces(expression):
                return self._reduction(function, arguments, at, offset)
            case Call("previous", (argument,), offset):
                return self.at(argument, self._before(argument, at, offset))
            case Call(function, arguments, offset):
                return Call(function, tuple([self.at(one, at) for one in arguments]), offset)

    def mean(self, expression: Expression, at: Position, first: Date, last: Date) -> Expression:
        """Return the mean of a path over a span, by trapezoids over the model's dates."""
        time = self.scope.dimensions.time
        assert time is not None
        inside = [date for date in time.dates if first.years < date.years < last.years]
        points = [first, *inside, last]
        whole = last.years - first.years
        terms = [
            Binary(
                "*",
                Constant(round(weight / whole, ROUNDED)),
                self.at(expression, {**at, time.name: self.moment(date)}),
            )
            for date, weight in zip(points, trapezoid([one.years for one in points]), strict=True)
        ]
        return total(terms)

    def moment(self, date: Date) -> str | Date:
        """Return the label that a date is, if it is one of the model's."""
        time = self.scope.dimensions.time
        assert time is not None
        for label, own in zip(time.labels, time.dates, strict=True):
            if abs(own.years - date.years) < 1e-6:
                return label
        return date

    def _name(self, name: Name, at: Position) -> Expression:
        if self.scope.is_figure(name.name):
            return self.figure(name.name)
        head, chosen = self.scope.chosen(name)
        over = self.scope.over(head)
        if not over:
            return name
        missing = [one for one in over if one not in chosen and one not in at]
        if missing:
            raise PanelError(f"'{name.name}' has a value for each {missing[0]}", name.offset)
        here = {one: chosen[one] if one in chosen else at[one] for one in over}
        found = self.cell(head, here)
        return Name(found.name, name.offset)

    def _reduction(
        self, function: str, arguments: Sequence[Expression], at: Position, offset: int
    ) -> Expression:
        inner, members = arguments[0], self.scope.members(arguments[1])
        if len(arguments) == 3:
            span = self.scope.span(arguments[2])
            if span is not None:
                return self.mean(inner, at, *span)
        places = [{**at, members.dimension: label} for label in members.labels]
        values = [self.at(inner, place) for place in places]
        match function:
            case "sum":
                return total(values)
            case "mean" if len(arguments) == 3:
                weights = [self.at(arguments[2], place) for place in places]
                products = [Binary("*", *pair) for pair in zip(values, weights, strict=True)]
                return Binary("/", total(products), total(weights), offset)
            case "mean":
                return Binary("/", total(values), Constant(float(len(values))), offset)
            case "share":
                return Binary("/", self.at(inner, at), total(values), offset)
            case _:
                return Call(function, tuple(values), offset) if len(values) > 1 else values[0]

    def _before(self, argument: Expression, at: Position, offset: int) -> Position:
        time = self.scope.dimensions.time
        assert time is not None
        here = at[time.name]
        if not isinstance(here, str):
            raise PanelError(f"'{argument}' has a time before only at the model's dates", offset)
        index = time.labels.index(here)
        if not index:
            raise PanelError(f"there is no {time.name} before {here} in the model", offset)
        return {**at, time.name: time.labels[index - 1]}


def total(terms: Sequence[Expression]) -> Expression:
    """Return the sum of some terms, of very many as a tree, which deep walks can bear."""
    parts = list(terms)
    while len(parts) > _LONGEST_CHAIN:
        parts = [_chain(group) for group in _groups(parts)]
    return _chain(parts)


def _chain(terms: Sequence[Expression]) -> Expression:
    whole = terms[0]
    for term in terms[1:]:
        whole = Binary("+", whole, term)
    return whole


def _groups(terms: Sequence[Expression]) -> Iterator[Sequence[Expression]]:
    for start in range(0, len(terms), _LONGEST_CHAIN):
        yield terms[start : start + _LONGEST_CHAIN]


def trapezoid(points: Sequence[float]) -> list[float]:
    """Return the weights of the trapezoid rule at some points."""
    gaps = [b - a for a, b in pairwise(points)]
    return [(before + after) / 2 for before, after in zip([0.0, *gaps], [*gaps, 0.0], strict=True)]
