"""What names and expressions are over: the union of their dimensions, less what is summed.

`x.china` takes the dimension of `china` away, and so do `sum(x, country)` and its like; `+ - * /`
and functions take the union. Nothing is guessed: what is not over a dimension cannot be summed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from estimates.errors import Faults, Place
from estimates.language.expression import (
    OVER_DIMENSIONS,
    Call,
    Constant,
    Expression,
    Name,
    children,
)
from estimates.model.dates import Date
from estimates.model.dimensions import Dimension, Dimensions, in_words
from estimates.model.panels import PanelQuantity
from estimates.model.spec import Parts, Relation

#: The two ends of a span of time in an expression, `2015 to 2017`.
type Span = tuple[Date, Date]


class PanelError(ValueError):
    """What cannot be written out in cells; `offset` counts from 0 in the expression's text."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Members:
    """What a reduction goes over: labels of a dimension."""

    dimension: str
    labels: tuple[str, ...]


class Scope:
    """The dimensions of every name in a model, found once."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.dimensions = Dimensions(parts.dimensions)
        self._over: dict[str, tuple[str, ...]] = {
            **dict.fromkeys(parts.quantities, ()),
            **{name: one.over for name, one in parts.panels.items()},
        }
        self._finding: set[str] = set()

    def thing(self, name: str) -> PanelQuantity | Relation | None:
        """Return the declared quantity over dimensions, or relation, of a name."""
        return self.parts.panels.get(name) or self.parts.relations.get(name)

    def over(self, name: str) -> tuple[str, ...]:
        """Return the dimensions of a quantity or relation, in the model's order."""
        if name not in self._over:
            relation = self.parts.relations.get(name)
            if relation is None or name in self._finding:
                return ()  # unknown, or a circle: both are said elsewhere
            self._finding.add(name)
            found: list[tuple[str, ...]] = []
            if relation.first is not None:  # what follows may speak of itself
                time = self.dimensions.time
                found += [self.of(relation.first), (time.name,) if time else ()]
                self._over[name] = self.union(*found, relation.over)
            found += [self.of(one) for one in relation.branches.values() if one is not None]
            self._finding.discard(name)
            self._over[name] = self.union(*found, relation.over)
        return self._over[name]

    def union(self, *several: tuple[str, ...]) -> tuple[str, ...]:
        """Return the union of some sets of dimensions, in the model's order."""
        names = {one for each in several for one in each}
        return tuple(name for name in self.dimensions.whole if name in names)

    def of(self, expression: Expression) -> tuple[str, ...]:
        """Return the dimensions of an expression; raises `PanelError`."""
        match expression:
            case Constant():
                return ()
            case Name():
                return self._of_name(expression)
            case Call(function, arguments) if self.reduces(expression):
                return self._of_reduction(function, arguments)
            case Call("previous", (argument,), offset):
                inner = self.of(argument)
                time = self.dimensions.time
                if time is None or time.name not in inner:
                    raise PanelError(
                        f"'{argument}' has no time before: it is not over time", offset
                    )
                return inner
            case _:
                return self.union(*(self.of(one) for one in children(expression)))

    def reduces(self, call: Call) -> bool:
        """Return whether a call reduces a dimension: `max(x, country)` does, `max(x, y)` not."""
        if call.function in OVER_DIMENSIONS:
            return call.function != "previous"
        last = call.arguments[-1]
        return (
            call.function in ("min", "max")
            and len(call.arguments) == 2
            and isinstance(last, Name)
            and last.name.split(" ")[0] in self.dimensions
        )

    def members(self, argument: Expression) -> Members:
        """Return what a reduction goes over, `country`, `gulf` or `country except rest`."""
        if not isinstance(argument, Name):
            raise PanelError(f"'{argument}' is no dimension", _offset(argument))
        name, *without = argument.name.split(" except ")
        if name not in self.dimensions:
            hint = Faults().hint(name, self.dimensions.every)
            known = f"; there are {', '.join(self.dimensions.every)}" if self.dimensions else ""
            raise PanelError(f"'{name}' is no dimension{hint or known}", argument.offset)
        one = self.dimensions[name]
        left = dict.fromkeys(one.labels)
        for label in without:
            gone = self.dimensions[label].labels if label in self.dimensions else (label,)
            for each in gone:
                if each not in left:
                    raise PanelError(self._unknown(each, one), argument.offset)
                del left[each]
        if not left:
            raise PanelError(f"'{argument.name}' leaves nothing", argument.offset)
        return Members(one.of or name, tuple(left))

    def span(self, argument: Expression) -> Span | None:
        """Return the span of time that an argument is, `2015 to 2017`; None where it is none."""
        if not isinstance(argument, Name) or " to " not in argument.name:
            return None
        first, last = (Date.of(one) for one in argument.name.split(" to "))
        if first is None or last is None or first.years >= last.years:
            raise PanelError(f"'{argument.name}' is no span of time", argument.offset)
        return first, last

    def chosen(self, name: Name) -> tuple[str, dict[str, str | Date]]:
        """Return the quantity that a name is of, and the labels that it chooses, by dimension."""
        head, *labels = name.name.split(".")
        over = self.over(head)
        found: dict[str, str | Date] = {}
        for label in labels:
            dimension = self.dimensions.dimension_of.get(label)
            if dimension is None or dimension not in over:
                raise PanelError(self._wrong_label(head, label, over), name.offset)
            if dimension in found:
                raise PanelError(f"'{name.name}' gives {dimension} twice", name.offset)
            found[dimension] = label
        return head, found

    def is_figure(self, name: str) -> bool:
        """Return whether a name is a number with a unit, `55000 person`."""
        return name[:1].isdigit() and " " in name and " to " not in name

    def _of_name(self, name: Name) -> tuple[str, ...]:
        if self.is_figure(name.name):
            unit = name.name.split(" ", 1)[1]
            if unit in self._over or unit in self.parts.relations:
                raise PanelError(f"an operator is missing before '{unit}'", name.offset)
            return ()
        if " " in name.name or name.name in self.dimensions:
            raise PanelError(
                f"'{name.name}' stands only in sum, mean, min, max and share, after what they "
                "go over",
                name.offset,
            )
        head, labels = self.chosen(name)
        return tuple(one for one in self.over(head) if one not in labels)

    def _of_reduction(self, function: str, arguments: tuple[Expression, ...]) -> tuple[str, ...]:
        inner, members = self.of(arguments[0]), self.members(arguments[1])
        if members.dimension not in inner:
            over = f"over {in_words(inner)}" if inner else "one number"
            raise PanelError(
                f"'{arguments[0]}' is {over}, not over {members.dimension}", _offset(arguments[0])
            )
        if len(arguments) == 3 and self.span(arguments[2]) is None:
            inner = self.union(inner, self.of(arguments[2]))
        elif len(arguments) == 3 and not self.dimensions[members.dimension].time:
            raise PanelError(
                f"'{arguments[2]}' is a span of time, and {members.dimension} is none",
                _offset(arguments[2]),
            )
        return inner if function == "share" else tuple(d for d in inner if d != members.dimension)

    def _wrong_label(self, head: str, label: str, over: tuple[str, ...]) -> str:
        if not over:
            return f"'{head}' is one number and has no '{label}'"
        dimension = self.dimensions.dimension_of.get(label)
        if dimension is not None:
            return f"'{head}' is over {in_words(over)}, not over {dimension}, as '{label}' is"
        return self._unknown(label, *(self.dimensions[one] for one in over))

    def _unknown(self, label: str, *dimensions: Dimension) -> str:
        known = [each for one in dimensions for each in one.labels]
        hint = Faults().hint(label, known) or (
            f"; there are {', '.join(known)}" if len(known) <= 12 else ""
        )
        if Date.of(label) and any(one.time for one in dimensions):
            hint = hint or "; a claim of another date says so in its `when:`"
        where = in_words([one.name for one in dimensions])
        return f"unknown label '{label}' of {where}{hint}"


def checked_over(
    scope: Scope,
    expression: Expression,
    what: str,
    place: Callable[[int], Place | None],
    faults: Faults,
) -> tuple[str, ...] | None:
    """Return the dimensions of an expression, None after a fault."""
    try:
        return scope.of(expression)
    except PanelError as error:
        faults.add(f"{what}: {error.message}", place(error.offset))
        return None


def _offset(expression: Expression) -> int:
    while not hasattr(expression, "offset"):
        expression = children(expression)[0]
    return expression.offset
