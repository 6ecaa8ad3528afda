"""Arithmetic on quantities as a frozen tree, which prints itself with as few parentheses as can be.

`offset` is where a node stood in the text it was parsed from; it takes no part in equality.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

TALLEST = 200  # levels of a tree: every walk over it recurses once a level
LARGEST = 20_000  # nodes of a tree, counted as often as they occur

FUNCTIONS: Mapping[str, tuple[int, int]] = {  # fewest and most arguments
    "log": (1, 1),
    "exp": (1, 1),
    "sqrt": (1, 1),
    "abs": (1, 1),
    "sin": (1, 1),
    "cos": (1, 1),
    "logistic": (1, 1),
    "logit": (1, 1),
    "min": (2, 1000),
    "max": (2, 1000),
}
#: Those over a dimension, which expressions of single numbers do not have; where no parenthesis
#: follows, they are names like others.
OVER_DIMENSIONS: Mapping[str, tuple[int, int]] = {
    "sum": (2, 2),
    "mean": (2, 3),
    "share": (2, 2),
    "previous": (1, 1),
}
#: The number that a value in a unit is: put in by the program where a logarithm needs it.
MAGNITUDE = "magnitude"


class ExpressionError(ValueError):
    """An expression that cannot be read; `offset` counts from 0 in its text."""

    def __init__(self, message: str, offset: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset

    def __reduce__(self) -> tuple[type[Self], tuple[str, int]]:
        return type(self), (self.message, self.offset)


@dataclass(frozen=True, slots=True)
class Constant:
    """A plain number, dimensionless."""

    value: float
    offset: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return _text(self)


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity or relation by its name."""

    name: str
    offset: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Unary:
    """A sign: `op` is always "-"."""

    op: str
    operand: "Expression"
    offset: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return _text(self)


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`, op one of + - * / **."""

    op: str
    left: "Expression"
    right: "Expression"
    offset: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return _text(self)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one argument, or min and max of two or more."""

    function: str
    arguments: tuple["Expression", ...]
    offset: int = field(default=0, compare=False, repr=False)

    def __str__(self) -> str:
        return _text(self)


@dataclass(frozen=True, slots=True)
class Scale:
    """A conversion of units: `factor * operand`; put in by `bind_units` only, never written."""

    factor: float
    operand: "Expression"

    def __str__(self) -> str:
        return _text(self)


type Expression = Constant | Name | Unary | Binary | Call | Scale

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(5)
_LEVELS = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER}


def children(expr: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly inside this one."""
    match expr:
        case Unary(_, operand) | Scale(_, operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def names(expr: Expression) -> tuple[str, ...]:
    """Return the names in an expression, each once, in the order in which they first occur."""
    found: dict[str, None] = {}
    waiting = [expr]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name):
            found[one.name] = None
        else:
            waiting.extend(reversed(children(one)))
    return tuple(found)


def substitute(expr: Expression, by: Mapping[str, Expression]) -> Expression:
    """Return `expr` with every name that is in `by` replaced, all at once.

    Raises `ExpressionError` where that makes an expression too large to work with, as relations
    that use one another twice each soon do.
    """
    result = _substituted(expr, by)
    height, size = extent(result)
    if height > TALLEST or size > LARGEST:
        raise ExpressionError("written out in full, this is too large an expression")
    return result


def _substituted(expr: Expression, by: Mapping[str, Expression]) -> Expression:
    match expr:
        case Name(name):
            return by.get(name, expr)
        case Unary(op, operand, offset):
            return Unary(op, _substituted(operand, by), offset)
        case Binary(op, left, right, offset):
            return Binary(op, _substituted(left, by), _substituted(right, by), offset)
        case Call(function, arguments, offset):
            return Call(function, tuple([_substituted(one, by) for one in arguments]), offset)
        case Scale(factor, operand):
            return Scale(factor, _substituted(operand, by))
        case Constant():
            return expr


def extent(expr: Expression) -> tuple[int, int]:
    """Return the levels and nodes of the tree; a shared subtree counts as often as it occurs."""
    known: dict[int, tuple[int, int]] = {}
    waiting = [expr]
    while waiting:  # without recursion: this is what guards the walks that recurse
        one = waiting[-1]
        inner = children(one)
        unknown = [child for child in inner if id(child) not in known]
        if unknown:
            waiting += unknown
            continue
        waiting.pop()
        measured = [known[id(child)] for child in inner]
        height = 1 + max((height for height, _ in measured), default=0)
        known[id(one)] = (height, 1 + sum(size for _, size in measured))
    return known[id(expr)]


def _level(expr: Expression) -> int:
    """Return how tightly the outermost operation binds."""
    match expr:
        case Binary(op):
            return _LEVELS[op]
        case Scale():
            return _PRODUCT
        case Unary():
            return _SIGN
        case Constant(value):
            return _ATOM if value >= 0 else _SIGN
        case _:
            return _ATOM


def _text(expr: Expression) -> str:
    """Return the expression with the parentheses that its reading back needs, and no others."""
    match expr:
        case Constant(value):
            whole = value == int(value) and abs(value) < 1e16
            return str(int(value)) if whole else repr(value)
        case Name(name):
            return name
        case Unary(_, Constant(value)) if value >= 0:
            return f"-({_text(expr.operand)})"  # the sign of a bare number is part of it
        case Unary(op, operand):
            return op + _within(operand, _SIGN)
        case Binary("**", left, right):
            return f"{_within(left, _ATOM)} ** {_within(right, _SIGN)}"
        case Binary(op, left, right):
            level = _LEVELS[op]
            return f"{_within(left, level)} {op} {_within(right, level + 1)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(_text, arguments))})"
        case Scale(factor, operand):
            return f"{factor:g} * {_within(operand, _SIGN)}"


def _within(expr: Expression, level: int) -> str:
    text = _text(expr)
    return text if _level(expr) >= level else f"({text})"
