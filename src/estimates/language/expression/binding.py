"""Checks the units of an expression, and puts in the conversions that it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from estimates.language.expression.evaluation import MATH_OPS, evaluate
from estimates.language.expression.nodes import (
    Binary,
    Call,
    Constant,
    Expression,
    Name,
    Scale,
    Unary,
    names,
)
from estimates.language.units import PLAIN, Unit, UnitError, Units

type Bound = tuple[Expression, Unit]


def bind_units(
    expr: Expression, unit_of: Callable[[str], Unit], units: Units
) -> tuple[Expression, Unit]:
    """Return `expr` with `Scale` where units are converted, and the unit of its value.

    Each name stands for a number in its own unit. Where things are added, compared or subtracted
    the later ones are converted to the unit of the first; the arguments of log, exp, sin, cos,
    logistic and logit, and exponents, must be dimensionless and are converted to plain numbers. A
    number has no unit, except that 0 is 0 in any unit. Raises `UnitError`, with the offset in the
    expression's text.
    """
    return _Binder(unit_of, units).bind(expr)


def scaled(factor: float, expr: Expression) -> Expression:
    """Return `factor * expr`, folded into a number or a conversion that is there already."""
    match expr:
        case _ if factor == 1:
            return expr
        case Constant(value, offset):
            return Constant(factor * value, offset)
        case Scale(inner, operand):
            return scaled(factor * inner, operand)
        case _:
            return Scale(factor, expr)


@dataclass(frozen=True, slots=True)
class _Binder:
    unit_of: Callable[[str], Unit]
    units: Units

    def bind(self, expr: Expression) -> Bound:
        match expr:
            case Name(name):
                return expr, self.unit_of(name)
            case Constant():
                return expr, PLAIN
            case Scale(factor, operand):
                bound, unit = self.bind(operand)
                return scaled(factor, bound), unit
            case Unary(op, operand, offset):
                bound, unit = self.bind(operand)
                return Unary(op, bound, offset), unit
            case Binary("**", left, right, offset):
                return self.power(left, right, offset)
            case Binary(("+" | "-") as op, left, right, offset):
                (a, b), unit = self.alike((left, right), offset)
                return Binary(op, a, b, offset), unit
            case Binary(op, left, right, offset):
                (a, of_a), (b, of_b) = self.bind(left), self.bind(right)
                unit = of_a * of_b if op == "*" else of_a / of_b
                return Binary(op, a, b, offset), unit
            case Call(("min" | "max") as function, arguments, offset):
                bounds, unit = self.alike(arguments, offset)
                return Call(function, bounds, offset), unit
            case Call("abs", (argument,), offset):
                bound, unit = self.bind(argument)
                return Call("abs", (bound,), offset), unit
            case Call("magnitude", (argument,)):
                return self.bind(argument)[0], PLAIN
            case Call("sqrt", (argument,), offset):
                bound, unit = self.bind(argument)
                return Call("sqrt", (bound,), offset), self.raised(unit, 0.5, offset)
            case Call(function, arguments, offset):
                plain = self.plain(arguments[0], f"the argument of {function}")
                return Call(function, (plain,), offset), PLAIN

    def alike(
        self, parts: tuple[Expression, ...], offset: int
    ) -> tuple[tuple[Expression, ...], Unit]:
        """Return all parts in the unit of the first that has one."""
        bounds = [self.bind(part) for part in parts]
        unit, first = next(
            (
                (unit, part)
                for part, (bound, unit) in zip(parts, bounds, strict=True)
                if not _is_zero(bound)
            ),
            (PLAIN, parts[0]),
        )
        converted = []
        for part, (bound, own) in zip(parts, bounds, strict=True):
            if _is_zero(bound):
                converted.append(bound)
            elif not self.units.same_dimension(own, unit):
                raise UnitError(
                    f"'{part}' is {own.in_words()} and '{first}' is {unit.in_words()}:"
                    " they can be neither added nor compared",
                    offset,
                )
            else:
                converted.append(scaled(self.units.factor(own, unit), bound))
        return tuple(converted), unit

    def plain(self, part: Expression, role: str) -> Expression:
        """Return a dimensionless part as a plain number."""
        bound, unit = self.bind(part)
        if not self.units.dimensionless(unit):
            raise UnitError(
                f"{role} must be a plain number, and '{part}' is {unit.in_words()}", _offset(part)
            )
        return scaled(self.units.factor(unit, PLAIN), bound)

    def power(self, base: Expression, exponent: Expression, offset: int) -> Bound:
        raised_to = self.plain(exponent, "an exponent")
        bound, unit = self.bind(base)
        if self.units.dimensionless(unit):
            plain = scaled(self.units.factor(unit, PLAIN), bound)
            return Binary("**", plain, raised_to, offset), PLAIN
        value = _constant(raised_to)
        if value is None:
            raise UnitError(
                f"'{base}' is {unit.in_words()}, so its exponent must be a number", offset
            )
        return Binary("**", bound, Constant(value), offset), self.raised(unit, value, offset)

    def raised(self, unit: Unit, exponent: float, offset: int) -> Unit:
        try:
            return unit**exponent
        except UnitError as error:
            raise UnitError(error.message, offset) from None


def _is_zero(expr: Expression) -> bool:
    return isinstance(expr, Constant) and expr.value == 0


def _offset(expr: Expression) -> int:
    """Return where an expression begins in its text."""
    match expr:
        case Scale(_, operand):
            return _offset(operand)
        case Binary(_, left, _):
            return _offset(left)
        case _:
            return expr.offset


def _constant(expr: Expression) -> float | None:
    """Return the value of an expression without names; None where it has names or no value."""
    if names(expr):
        return None
    try:
        return float(evaluate(expr, {}, MATH_OPS))
    except (ArithmeticError, ValueError):
        return None
