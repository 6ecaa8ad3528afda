"""Between which values an expression lies, given between which its names do."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from estimates.language.expression.binding import scaled
from estimates.language.expression.nodes import (
    Binary,
    Call,
    Constant,
    Expression,
    Name,
    Scale,
    Unary,
)
from estimates.stats import interval
from estimates.stats.interval import EMPTY, Interval

_FUNCTIONS: dict[str, Callable[[Interval], Interval]] = {
    "log": interval.log,
    "exp": interval.exp,
    "sqrt": interval.sqrt,
    "abs": interval.absolute,
    "sin": interval.sin,
    "cos": interval.cos,
    "logistic": interval.logistic,
    "logit": interval.logit,
}


def support(expr: Expression, support_of: Callable[[str], Interval]) -> Interval:
    """Return an interval that holds every value of `expr`; empty if it never has one.

    Interval arithmetic takes each occurrence of a name to vary by itself, which is sound and
    usually tight. Two patterns in which it would give away what matters for the scale of a claim
    are recognised: a part over its whole, a / (a + b), lies within [0, 1] where no term is
    negative, and x * x is a square.
    """
    return _Support(support_of).of(expr)


@dataclass(frozen=True, slots=True)
class _Support:
    """Interval arithmetic over the supports of names."""

    support_of: Callable[[str], Interval]

    def of(self, one: Expression) -> Interval:
        match one:
            case Name(name):
                return self.support_of(name)
            case Constant(value):
                return Interval(value, value)
            case Scale(factor, Binary("/", part, whole)):
                # The conversion of a share must not hide that the part recurs in the whole.
                return self.quotient(scaled(factor, part), whole)
            case Scale(factor, operand):
                return Interval(factor, factor) * self.of(operand)
            case Unary(_, operand):
                return -self.of(operand)
            case Binary():
                return self.binary(one)
            case Call():
                return self.call(one)

    def binary(self, one: Binary) -> Interval:
        left, right = one.left, one.right
        match one.op:
            case "+":
                return self.of(left) + self.of(right)
            case "-":
                return self.of(left) - self.of(right)
            case "*" if left == right:
                return interval.power(self.of(left), Interval(2, 2))
            case "*":
                return self.of(left) * self.of(right)
            case "/":
                return self.quotient(left, right)
            case _:
                return interval.power(self.of(left), self.of(right))

    def call(self, one: Call) -> Interval:
        values = [self.of(argument) for argument in one.arguments]
        match one.function:
            case "min":
                return reduce(interval.minimum, values)
            case "max":
                return reduce(interval.maximum, values)
            case "logaddexp":
                return interval.logaddexp(*values)
            case function:
                return _FUNCTIONS[function](values[0])

    def quotient(self, part: Expression, whole: Expression) -> Interval:
        rest = terms(whole)
        for term in terms(part):
            if term not in rest:
                return self.of(part) / self.of(whole)
            rest.remove(term)
        own, other = self.of(part), self.total(rest)
        if own.low < 0 or other.low < 0 or own.empty or other.empty:
            return self.of(part) / self.of(whole)
        if own.high == 0:
            return Interval(0, 0) if other.high > 0 else EMPTY
        # part / (part + rest) rises with the part and falls with the rest.
        return Interval(_share(own.low, other.high), _share(own.high, other.low))

    def total(self, parts: list[Expression]) -> Interval:
        return reduce(lambda sum_, term: sum_ + self.of(term), parts, Interval(0, 0))


def terms(expr: Expression) -> list[Expression]:
    """Return the terms of a sum."""
    match expr:
        case Binary("+", left, right):
            return [*terms(left), *terms(right)]
        case _:
            return [expr]


def _share(part: float, rest: float) -> float:
    """Return part / (part + rest), both ≥ 0; of 0 / 0 the limit 1, as the part vanishes."""
    if part == 0:
        return 1.0 if rest == 0 else 0.0
    return 1 / (1 + rest / part)
