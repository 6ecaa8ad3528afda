"""The shape of an expression: what is left of it when its names and numbers are taken out."""

from estimates.language.expression.nodes import (
    Binary,
    Call,
    Constant,
    Expression,
    Name,
    Scale,
    Unary,
)


def shape_of(expr: Expression) -> tuple[Expression, tuple[Name | Constant, ...]]:
    """Return a skeleton, and the leaves that were taken out of it, from left to right.

    The skeleton is an expression in the placeholders `q0`, `c1`, `q2`, …, numbered by leaf, q for
    a name and c for a number or factor. Expressions with equal skeletons can be evaluated all at
    once: evaluate the skeleton with, for each placeholder, the array of what stands there in each
    of them. A constant exponent stays in the skeleton, since x ** 2 is a simpler function than
    x ** y.
    """
    leaves: list[Name | Constant] = []

    def placeholder(leaf: Name | Constant) -> Name:
        leaves.append(leaf)
        return Name(f"{'q' if isinstance(leaf, Name) else 'c'}{len(leaves) - 1}")

    def walk(one: Expression) -> Expression:
        match one:
            case Name() | Constant():
                return placeholder(one)
            case Scale(factor, operand):
                return Binary("*", placeholder(Constant(factor)), walk(operand))
            case Unary(op, operand):
                return Unary(op, walk(operand))
            case Binary("**", left, Constant() as exponent):
                return Binary("**", walk(left), exponent)
            case Binary(op, left, right):
                return Binary(op, walk(left), walk(right))
            case Call(function, arguments):
                return Call(function, tuple([walk(argument) for argument in arguments]))

    return walk(expr), tuple(leaves)
