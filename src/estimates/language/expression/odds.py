"""The log-odds of a share, without ever computing the share.

A logistic(x) with x = 40 is 1 to every digit of a float, and its distance from 1 is lost; its
log-odds are 40. Whoever writes a share as `1 / (1 + exp(-x))`, `exp(x) / (1 + exp(x))` or, for
waiting times and hazards, `1 - exp(-exp(x))`, means something that has log-odds, and they are
found here by its form.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial, reduce

from estimates.language.expression.nodes import (
    Binary,
    Call,
    Constant,
    Expression,
    Name,
    Scale,
    Unary,
)
from estimates.language.expression.support import terms

#: log(exp(eᵘ) − 1), the log-odds of 1 − exp(−eᵘ). It is put in here only, and never written.
HAZARD_ODDS = "hazard_odds"

#: What is known of a name: an expression of its log-odds, or of its logarithm; None for neither.
type Known = Callable[[str], Expression | None]


def log_odds(share: Expression, odds_of: Known, known_log: Known) -> Expression | None:
    """Return an expression (bound) of log(s / (1 − s)) that is exact however near s is to 0 or 1.

    None where the form of `share` does not give one away.
    """
    match share:
        case Name(name):
            return odds_of(name)
        case Call("logistic", (argument,)):
            return argument
        case Binary("-", Constant(1.0), Call("exp", (exponent,))):
            hazard = log_of(negative(exponent), known_log)
            return None if hazard is None else Call(HAZARD_ODDS, (hazard,))
        case Call("exp", (exponent,)):
            hazard = log_of(negative(exponent), known_log)
            return None if hazard is None else negative(Call(HAZARD_ODDS, (hazard,)))
        case Binary("-", Constant(1.0), rest):
            odds = log_odds(rest, odds_of, known_log)
            return None if odds is None else negative(odds)
        case Binary("/", part, whole):
            other = without(whole, part)
            if other is None:
                return None
            above, below = log_of(part, known_log), log_of(other, known_log)
            return None if above is None or below is None else difference(above, below)
        case _:
            return None


def log_of(expr: Expression, known_log: Known) -> Expression | None:
    """Return the log of what is positive by its form: exponentials, their products and sums."""
    match expr:
        case Constant(value) if value > 0:
            return Constant(math.log(value))
        case Name(name):
            return known_log(name)
        case Call("exp", (exponent,)):
            return exponent
        case Call("logistic", (argument,)):
            return negative(Call("logaddexp", (Constant(0.0), negative(argument))))
        case Binary("**", base, Constant(exponent)):
            found = log_of(base, known_log)
            return None if found is None else Binary("*", Constant(exponent), found)
        case Scale(factor, operand) if factor > 0:
            found = log_of(operand, known_log)
            return None if found is None else _sum(Constant(math.log(factor)), found)
        case Binary(("+" | "*" | "/") as op, left, right):
            one, other = log_of(left, known_log), log_of(right, known_log)
            if one is None or other is None:
                return None
            if op == "+":
                return Call("logaddexp", (one, other))
            return _sum(one, other) if op == "*" else difference(one, other)
        case _:
            return None


def negative(expr: Expression) -> Expression:
    """Return minus an expression, in its simplest form."""
    match expr:
        case Constant(value):
            return Constant(-value)
        case Unary("-", operand):
            return operand
        case Binary("-", left, right):
            return _sum(negative(left), right)
        case Binary("*" | "/" as op, left, right) if isinstance(left, Constant | Unary):
            return Binary(op, negative(left), right)
        case Scale(factor, operand):
            return Scale(factor, negative(operand))
        case _:
            return Unary("-", expr)


def _sum(left: Expression, right: Expression) -> Expression:
    match left, right:
        case Constant(0.0), other:
            return other
        case other, Constant(0.0):
            return other
        case other, Unary("-", operand):
            return Binary("-", other, operand)
        case _:
            return Binary("+", left, right)


def difference(left: Expression, right: Expression) -> Expression:
    """Return one expression less another, in its simplest form."""
    return _sum(left, negative(right))


def without(whole: Expression, part: Expression) -> Expression | None:
    """Return a sum less some of its terms; None where it lacks one of them, or nothing is left."""
    rest = terms(whole)
    for term in terms(part):
        if term not in rest:
            return None
        rest.remove(term)
    return reduce(partial(Binary, "+"), rest) if rest else None
