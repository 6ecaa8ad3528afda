"""Expressions of exponentials, written so that nothing in them overflows that need not.

`exp(x) / (1 + exp(x))` is infinity over infinity from x = 710, and `log(exp(x) + exp(y))` is
infinite where it is merely large. What is positive by its form has a logarithm, and sums, products
and quotients of such are taken there: a part of a whole is a `logistic`, the logarithm of a sum
is a `logaddexp`, any other quotient or product the exponential of a difference or sum.
"""

from __future__ import annotations

from estimates.language.expression.nodes import Binary, Call, Constant, Expression, Scale, Unary
from estimates.language.expression.odds import difference, log_of, negative, without


def stable(expr: Expression) -> Expression:
    """Return an equal expression that adds and divides exponentials in logarithms."""
    match expr:
        case Unary(op, operand, offset):
            return Unary(op, stable(operand), offset)
        case Scale(factor, operand):
            return Scale(factor, stable(operand))
        case Call(function, arguments, offset):
            inner = tuple([stable(one) for one in arguments])
            return _called(Call(function, inner, offset))
        case Binary(op, left, right, offset):
            return _joined(Binary(op, stable(left), stable(right), offset))
        case _:
            return expr


def _called(call: Call) -> Expression:
    match call:
        case Call("logit", (Call("logistic", (argument,)),)):
            return argument
        case Call("log", (argument,)) if _has(argument, "exp", "logistic"):
            found = _log(argument)
            return call if found is None else found
        case _:
            return call


def _joined(expr: Binary) -> Expression:
    match expr:
        case Binary("-", Constant(1.0), Call("logistic", (argument,))):
            return Call("logistic", (negative(argument),), expr.offset)
        case Binary("*", left, right) if _has(expr, "exp") and all(
            _has(one, "exp", "logistic") for one in (left, right)
        ):
            found = _log(expr)
            return expr if found is None else Call("exp", (found,), expr.offset)
        case Binary("/", part, whole) if _has(whole, "exp"):
            found = _over(part, whole)
            return expr if found is None else found
        case _:
            return expr


def _over(part: Expression, whole: Expression) -> Expression | None:
    """Return a quotient by what is positive by its form; None where its parts are not.

    Differences are divided term by term where both terms are such; a sum with weights, as in
    `(a * exp(x) + b * exp(y)) / (exp(x) + exp(y))`, stays as it is, since only as a whole it is
    seen to lie between a and b.
    """
    above, below = _log(part), _log(whole)
    if below is None:
        return None
    rest = without(whole, part)
    other = None if rest is None else _log(rest)
    if above is not None and other is not None:
        return Call("logistic", (difference(above, other),))
    match part:
        case Unary("-", operand):
            found = _over(operand, whole)
            return None if found is None else negative(found)
        case Scale(by, operand):
            found = _over(operand, whole)
            return None if found is None else Scale(by, found)
        case Binary("*", factor, operand) if not _has(factor, "exp", "logistic"):
            found = _over(operand, whole)
            return None if found is None else Binary("*", factor, found)
        case Binary("*", operand, factor) if not _has(factor, "exp", "logistic"):
            found = _over(operand, whole)
            return None if found is None else Binary("*", found, factor)
        case Binary("-", left, right) if _log(left) is not None and _log(right) is not None:
            one, two = _over(left, whole), _over(right, whole)
            return None if one is None or two is None else Binary("-", one, two)
        case _:
            return None if above is None else Call("exp", (difference(above, below),))


def _log(expr: Expression) -> Expression | None:
    return log_of(expr, lambda _: None)


def _has(expr: Expression, *functions: str) -> bool:
    """Return whether a call of one of these functions is a term or factor of the expression."""
    match expr:
        case Call(function, _):
            return function in functions
        case Binary("**", base, _):
            return _has(base, *functions)
        case Binary(_, left, right):
            return _has(left, *functions) or _has(right, *functions)
        case Unary(_, operand) | Scale(_, operand):
            return _has(operand, *functions)
        case _:
            return False
