"""Evaluates an expression on the arrays of any library, whose functions it is handed."""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol

from estimates.language.expression.nodes import (
    Binary,
    Call,
    Constant,
    Expression,
    Name,
    Scale,
    Unary,
)

type Function = Callable[..., Any]


class Ops(Protocol):
    """The functions of one array library, element by element."""

    @property
    def add(self) -> Function: ...
    @property
    def subtract(self) -> Function: ...
    @property
    def multiply(self) -> Function: ...
    @property
    def divide(self) -> Function: ...
    @property
    def power(self) -> Function: ...
    @property
    def minimum(self) -> Function: ...
    @property
    def maximum(self) -> Function: ...
    @property
    def log(self) -> Function: ...
    @property
    def exp(self) -> Function: ...
    @property
    def sqrt(self) -> Function: ...
    @property
    def abs(self) -> Function: ...
    @property
    def sin(self) -> Function: ...
    @property
    def cos(self) -> Function: ...
    @property
    def logistic(self) -> Function: ...
    @property
    def logit(self) -> Function: ...
    @property
    def logaddexp(self) -> Function: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTable:
    """`Ops` made of functions that exist already; Python's operators do where none is given."""

    log: Function
    exp: Function
    sqrt: Function
    minimum: Function
    maximum: Function
    abs: Function
    sin: Function
    cos: Function
    logistic: Function
    logit: Function
    logaddexp: Function
    power: Function = operator.pow
    divide: Function = operator.truediv
    add: Function = operator.add
    subtract: Function = operator.sub
    multiply: Function = operator.mul


def _logistic(x: float) -> float:
    """Return 1 / (1 + e⁻ˣ), which neither overflows nor loses the digits of a small share."""
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def logaddexp(x: float, y: float) -> float:
    """Return log(eˣ + eʸ), for infinite x and y too."""
    high, low = max(x, y), min(x, y)
    return high if math.isinf(high) else high + math.log1p(math.exp(low - high))


# For plain numbers, without an array library; raises what `math` raises.
MATH_OPS: Ops = FunctionTable(
    log=math.log,
    exp=math.exp,
    sqrt=math.sqrt,
    minimum=min,
    maximum=max,
    abs=abs,
    sin=math.sin,
    cos=math.cos,
    logistic=_logistic,
    logit=lambda x: math.log(x) - math.log1p(-x),
    logaddexp=logaddexp,
    power=math.pow,
)


def evaluate(expr: Expression, env: Mapping[str, Any], ops: Ops) -> Any:
    """Return the value of `expr`, with the names' values from `env` broadcast against one another.

    Raises `KeyError` for a name that `env` does not hold.
    """
    match expr:
        case Name(name):
            return env[name]
        case Constant(value):
            return value
        case Scale(factor, operand):
            return ops.multiply(factor, evaluate(operand, env, ops))
        case Unary(_, operand):
            return -evaluate(operand, env, ops)
        case Binary(op, left, right):
            a, b = evaluate(left, env, ops), evaluate(right, env, ops)
            return _binary(op, ops)(a, b)
        case Call("min", arguments):
            return reduce(ops.minimum, [evaluate(one, env, ops) for one in arguments])
        case Call("max", arguments):
            return reduce(ops.maximum, [evaluate(one, env, ops) for one in arguments])
        case Call(function, arguments):
            applied: Function = getattr(ops, function)
            return applied(*[evaluate(one, env, ops) for one in arguments])


def _binary(op: str, ops: Ops) -> Function:
    match op:
        case "+":
            return ops.add
        case "-":
            return ops.subtract
        case "*":
            return ops.multiply
        case "/":
            return ops.divide
        case _:
            return ops.power
