"""Arithmetic on quantities: parses, prints itself, checks units, evaluates on any array library."""

from typing import TYPE_CHECKING, Any

from estimates.expression.binding import bind_units
from estimates.expression.bounds import bounds
from estimates.expression.evaluation import MATH_OPS, FunctionTable, Ops, evaluate
from estimates.expression.interval import EMPTY, LINE, Interval
from estimates.expression.nodes import (
    FUNCTIONS,
    Binary,
    Call,
    Constant,
    Expression,
    ExpressionError,
    Name,
    Scale,
    Unary,
    children,
    names,
    substitute,
)
from estimates.expression.odds import log_odds, log_of
from estimates.expression.parser import parse_expression
from estimates.expression.shape import shape_of
from estimates.expression.stable import stable
from estimates.expression.support import support

if TYPE_CHECKING:
    from estimates.expression.numeric import NUMPY_OPS

__all__ = [
    "EMPTY",
    "FUNCTIONS",
    "LINE",
    "MATH_OPS",
    "NUMPY_OPS",
    "Binary",
    "Call",
    "Constant",
    "Expression",
    "ExpressionError",
    "FunctionTable",
    "Interval",
    "Name",
    "Ops",
    "Scale",
    "Unary",
    "bind_units",
    "bounds",
    "children",
    "evaluate",
    "log_odds",
    "log_of",
    "names",
    "parse_expression",
    "shape_of",
    "stable",
    "substitute",
    "support",
]


def __getattr__(name: str) -> Any:
    # NumPy is not needed to check a model, and takes longer to import than that does.
    if name == "NUMPY_OPS":
        from estimates.expression.numeric import NUMPY_OPS

        return NUMPY_OPS
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
