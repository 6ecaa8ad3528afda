"""Closer bounds on an expression than interval arithmetic alone gives, for those that need them.

Interval arithmetic lets each occurrence of a name vary by itself, so that a mixture such as
`w * p + (1 - w) * q` seems to reach 2. But where the slope in a name has one sign over the whole
box, the name can be set to the end at which the extreme lies, and so on with the next (Moore,
Kearfott & Cloud 2009, Introduction to Interval Analysis, ch. 6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from math import inf, isfinite

from estimates.language.expression.nodes import (
    Binary,
    Call,
    Constant,
    Expression,
    Name,
    Scale,
    Unary,
    extent,
    names,
)
from estimates.language.expression.support import support
from estimates.stats import interval
from estimates.stats.interval import LINE, Interval

_MOST_NODES, _MOST_NAMES = 400, 24  # beyond these the plain bounds must do
_MOST_ENDS = 64  # corners of the box that are tried
_NONE, _ONE = Interval(0.0, 0.0), Interval(1.0, 1.0)


def bounds(expr: Expression, support_of: Callable[[str], Interval]) -> Interval:
    """Return an interval that holds every value of `expr`, seldom wider than it must be."""
    plain = support(expr, support_of)
    box = {name: support_of(name) for name in names(expr)}
    if extent(expr)[1] > _MOST_NODES or len(box) > _MOST_NAMES or plain.empty:
        return plain
    parts: dict[Expression, Name] = {}
    outline = _outline(expr, parts)
    around = {one.name: support(part, box.__getitem__) for part, one in parts.items()}
    found = plain.intersection(_monotone(expr, box))
    if parts and not any(one.empty for one in around.values()):
        found = found.intersection(_monotone(outline, box | around))
    return found


def _monotone(expr: Expression, box: Mapping[str, Interval]) -> Interval:
    low = _extreme(expr, box, upper=False)
    high = _extreme(expr, box, upper=True)
    return LINE if low.empty or high.empty else Interval(low.low, high.high)


def _extreme(
    expr: Expression, box: Mapping[str, Interval], *, upper: bool, ends: int = _MOST_ENDS
) -> Interval:
    """Return bounds of which the upper, or the lower, one is that of `expr`.

    Names are set to the end at which the extreme lies, where that is known; where it is not, and
    `expr` is linear in a name, the extreme lies at one of the two, and both are tried.
    """
    moved = True
    while moved:
        moved = False
        for name in names(expr):
            here = box[name]
            slope = _Slope(name, box).of(expr)
            if slope.empty or not (slope.low >= 0 or slope.high <= 0):
                continue
            end = here.high if (slope.low >= 0) == upper else here.low
            there = _with(expr, name, end) if isfinite(end) else expr
            if there is not expr and not support(there, box.__getitem__).empty:
                expr, moved = there, True
                break
    for name in names(expr) if ends > 1 else ():
        here = box[name]
        if isfinite(here.low) and isfinite(here.high) and _degree(expr, name) <= 1:
            at_ends = [
                _extreme(_with(expr, name, end), box, upper=upper, ends=ends // 2)
                for end in (here.low, here.high)
            ]
            if any(one.empty for one in at_ends):
                break
            return reduce(Interval.union, at_ends)
    return support(expr, box.__getitem__)


def _degree(expr: Expression, name: str) -> float:
    """Return the degree of a polynomial in a name; infinite where it is none."""
    if name not in names(expr):
        return 0
    match expr:
        case Name():
            return 1
        case Unary(_, operand) | Scale(_, operand):
            return _degree(operand, name)
        case Binary("+" | "-", left, right):
            return max(_degree(left, name), _degree(right, name))
        case Binary("*", left, right):
            return _degree(left, name) + _degree(right, name)
        case Binary("/", part, whole) if name not in names(whole):
            return _degree(part, name)
        case _:
            return inf


def _with(expr: Expression, name: str, value: float) -> Expression:
    """Return the expression with a name replaced by a value, and simplified."""
    match expr:
        case Name(one):
            return Constant(value) if one == name else expr
        case Constant():
            return expr
        case Unary(op, operand):
            inner = _with(operand, name, value)
            return Constant(-inner.value) if isinstance(inner, Constant) else Unary(op, inner)
        case Scale(factor, operand):
            inner = _with(operand, name, value)
            if isinstance(inner, Constant):
                return Constant(factor * inner.value)
            return Scale(factor, inner)
        case Call(function, arguments):
            return Call(function, tuple([_with(one, name, value) for one in arguments]))
        case Binary(op, left, right):
            return _plain(Binary(op, _with(left, name, value), _with(right, name, value)))


def _plain(expr: Binary) -> Expression:
    """Return a sum, difference, product or power without the parts that change nothing."""
    match expr:
        case Binary("+", Constant(a), Constant(b)):
            return Constant(a + b)
        case Binary("-", Constant(a), Constant(b)):
            return Constant(a - b)
        case Binary("*", Constant(a), Constant(b)):
            return Constant(a * b)
        case Binary("*", Constant(0.0), _) | Binary("*", _, Constant(0.0)):
            return Constant(0.0)
        case Binary("*", Constant(1.0), one) | Binary("*", one, Constant(1.0)):
            return one
        case Binary("+", Constant(0.0), one) | Binary("+" | "-", one, Constant(0.0)):
            return one
        case _:
            return expr


@dataclass(frozen=True, slots=True)
class _Slope:
    """The slopes of an expression in a name, over a box."""

    name: str
    at: Mapping[str, Interval]

    def value(self, one: Expression) -> Interval:
        return support(one, self.at.__getitem__)

    def of(self, one: Expression) -> Interval:
        """Return an interval that holds every slope of an expression."""
        if self.name not in names(one):
            return _NONE
        match one:
            case Name():
                return _ONE
            case Scale(factor, operand):
                return Interval(factor, factor) * self.of(operand)
            case Unary(_, operand):
                return -self.of(operand)
            case Binary():
                return self.binary(one)
            case Call():
                return self.call(one)
            case _:
                return LINE

    def binary(self, one: Binary) -> Interval:
        left, right = one.left, one.right
        match one.op, right:
            case "+", _:
                return self.of(left) + self.of(right)
            case "-", _:
                return self.of(left) - self.of(right)
            case "*", _:
                return self.of(left) * self.value(right) + self.value(left) * self.of(right)
            case "/", _:
                return (self.of(left) - self.value(one) * self.of(right)) / self.value(right)
            case "**", Constant(exponent):
                below = interval.power(self.value(left), Interval(exponent - 1, exponent - 1))
                return Interval(exponent, exponent) * below * self.of(left)
            case _:
                return LINE

    def call(self, one: Call) -> Interval:
        match one:
            case Call("min" | "max", arguments):
                return reduce(Interval.union, map(self.of, arguments))
            case Call("exp", (argument,)):
                return self.value(one) * self.of(argument)
            case Call("log", (argument,)):
                return self.of(argument) / self.value(argument)
            case Call("sqrt", (argument,)):
                return self.of(argument) / (Interval(2.0, 2.0) * self.value(one))
            case Call("logistic", (argument,)):
                return Interval(0.0, 0.25) * self.of(argument)
            case Call("logit", (argument,)):
                return Interval(4.0) * self.of(argument)
            case Call("logaddexp", (left, right)):
                return Interval(0.0, 1.0) * self.of(left) + Interval(0.0, 1.0) * self.of(right)
            case _:
                return LINE


def _outline(expr: Expression, parts: dict[Expression, Name]) -> Expression:
    """Return the expression with a name in the place of whatever is neither sum nor product."""
    match expr:
        case Unary(op, operand):
            return Unary(op, _outline(operand, parts))
        case Scale(factor, operand):
            return Scale(factor, _outline(operand, parts))
        case Binary("+" | "-" | "*" as op, left, right):
            return Binary(op, _outline(left, parts), _outline(right, parts))
        case Call("min" | "max" as function, arguments):
            return Call(function, tuple([_outline(one, parts) for one in arguments]))
        case Binary() | Call() if names(expr):
            return parts.setdefault(expr, Name(f"part {len(parts)}"))
        case _:
            return expr
