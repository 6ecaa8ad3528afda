"""Arithmetic on quantities: parses, prints itself, checks units, evaluates on any array library."""

from typing import TYPE_CHECKING, Any

from estimates.language.expression.binding import bind_units
from estimates.language.expression.bounds import bounds
from estimates.language.expression.evaluation import MATH_OPS, FunctionTable, Ops, evaluate
from estimates.language.expression.nodes import (
    FUNCTIONS,
    MAGNITUDE,
    OVER_DIMENSIONS,
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
from estimates.language.expression.odds import log_odds, log_of
from estimates.language.expression.parser import parse_expression
from estimates.language.expression.shape import shape_of
from estimates.language.expression.stable import stable
from estimates.language.expression.support import support
from estimates.stats.interval import EMPTY, LINE, Interval

if TYPE_CHECKING:
    from estimates.language.expression.numeric import NUMPY_OPS

__all__ = [
    "EMPTY",
    "FUNCTIONS",
    "LINE",
    "MAGNITUDE",
    "MATH_OPS",
    "NUMPY_OPS",
    "OVER_DIMENSIONS",
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
        from estimates.language.expression.numeric import NUMPY_OPS

        return NUMPY_OPS
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
