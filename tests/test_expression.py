"""Expressions: reading, printing, units, values and supports."""

from __future__ import annotations

import math
import operator
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import expit

from estimates.language.expression import (
    FUNCTIONS,
    MATH_OPS,
    NUMPY_OPS,
    Binary,
    Call,
    Constant,
    Expression,
    ExpressionError,
    Interval,
    Name,
    Scale,
    Unary,
    bounds,
    evaluate,
    names,
    parse_expression,
    shape_of,
    stable,
    substitute,
    support,
)

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a - b - c", Binary("-", Binary("-", A, B), C)),
        ("a - (b - c)", Binary("-", A, Binary("-", B, C))),
        ("a + b * c", Binary("+", A, Binary("*", B, C))),
        ("a / b * c", Binary("*", Binary("/", A, B), C)),
        ("a ** b ** c", Binary("**", A, Binary("**", B, C))),
        ("-a ** 2", Unary("-", Binary("**", A, Constant(2)))),
        ("-2 ** 2", Unary("-", Binary("**", Constant(2), Constant(2)))),
        ("(-2) ** 2", Binary("**", Constant(-2), Constant(2))),
        ("a ** -2", Binary("**", A, Constant(-2))),
        ("-a * b", Binary("*", Unary("-", A), B)),
        ("a * -3", Binary("*", A, Constant(-3))),
        ("+a", A),
        ("20_000.5", Constant(20000.5)),
        ("1.2e-6", Constant(1.2e-6)),
        (".5", Constant(0.5)),
        ("min(a, b, 1)", Call("min", (A, B, Constant(1)))),
        (" log ( a ) ", Call("log", (A,))),
        ("größe", Name("größe")),
    ],
)
def test_reading(text: str, expected: Expression) -> None:
    parsed = parse_expression(text)
    assert parsed == expected
    assert parse_expression(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("((a)*((1)-(b)))", "a * (1 - b)"),
        ("(a+b)+c", "a + b + c"),
        ("a+(b+c)", "a + (b + c)"),
        ("(a**b)**c", "(a ** b) ** c"),
        ("(a*b)/c", "a * b / c"),
        ("-(a+b)", "-(a + b)"),
        ("-(3)", "-(3)"),
        ("max(a,(b))", "max(a, b)"),
        ("1e30*a", "1e+30 * a"),
    ],
)
def test_printing_uses_few_parentheses(text: str, printed: str) -> None:
    assert str(parse_expression(text)) == printed


def test_nodes_know_where_they_stood() -> None:
    parsed = parse_expression("a * (bb - 1)")
    assert isinstance(parsed, Binary)
    assert isinstance(parsed.right, Binary)
    assert isinstance(parsed.right.left, Name)
    assert (parsed.offset, parsed.right.offset, parsed.right.left.offset) == (2, 8, 5)
    assert parsed == parse_expression("a*(bb-1)")


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("", 0, "missing"),
        ("a +", 2, "something is missing"),
        ("1,000 * a", 0, "write 1000"),
        ("max(1,000, a)", 4, "write 1000"),
        ("1_00", 0, "groups of three"),
        ("1e999", 0, "too large"),
        ("a ^ 2", 2, "powers are written **"),
        ("50 %", 3, "as 0.5"),
        ("3x", 1, "an operator is missing before 'x'"),
        ("a b", 2, "an operator is missing before 'b'"),
        ("a (b)", 0, "unknown function 'a'"),
        ("2 (b)", 2, "an operator is missing"),
        ("sqr(a)", 0, "did you mean 'sqrt'?"),
        ("log", 0, "write log(...)"),
        ("log(a, b)", 0, "one argument"),
        ("min(a)", 0, "two arguments or more"),
        ("log()", 4, "not ')'"),
        ("(a", 0, "never closed"),
        ("a)", 1, "never opened"),
        ("a = b", 2, "to the right of it"),
        ("a − b", 2, "the minus of the keyboard"),
        ("a .b", 2, "out of place"),
        ("a // b", 3, "not '/'"),
        ("'a'", 0, "a quantity or number"),
        ("__import__('os')", 0, "unknown function"),
        ("(" * 100 + "a" + ")" * 100, 50, "nested too deeply"),
        ("-" * 5000 + "a", 50, "nested too deeply"),
        ("+".join("a" * 1000), 0, "too long"),
        ("a" * 10_001, 10_000, "too long"),
    ],
)
def test_mistakes_point_at_their_place(text: str, offset: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert message in caught.value.message
    assert caught.value.offset == offset
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.message, again.offset) == (caught.value.message, offset)


@st.composite
def calls(draw: st.DrawFn, inner: st.SearchStrategy[Expression]) -> Expression:
    function = draw(st.sampled_from(list(FUNCTIONS)))
    fewest = FUNCTIONS[function][0]
    return Call(function, tuple(draw(st.lists(inner, min_size=fewest, max_size=fewest))))


expressions: st.SearchStrategy[Expression] = st.recursive(
    st.sampled_from([A, B, C]) | st.floats(-1e30, 1e30).map(Constant),
    lambda inner: (
        st.builds(Unary, st.just("-"), inner)
        | st.builds(Binary, st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner)
        | calls(inner)
    ),
    max_leaves=12,
)


@given(expressions)
def test_what_an_expression_prints_is_read_back(expr: Expression) -> None:
    assert parse_expression(str(expr)) == expr


PIECES = "a b 1 2.5 1,000 + - * / ** ( ) , log min ^ % ; x( 1e5 _ . é"


def attempt(text: str) -> Expression | ExpressionError:
    try:
        return parse_expression(text)
    except ExpressionError as error:
        return error


@given(st.text(max_size=50) | st.lists(st.sampled_from(PIECES.split()), max_size=12).map("".join))
def test_any_text_is_an_expression_or_an_error_inside_it(text: str) -> None:
    answer = attempt(text)
    if isinstance(answer, ExpressionError):
        assert 0 <= answer.offset <= max(len(text) - 1, 0)
    else:
        assert parse_expression(str(answer)) == answer


PYTHON: dict[str, Callable[..., float]] = {
    **{"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv},
    **{"**": math.pow, "log": math.log, "exp": math.exp, "sqrt": math.sqrt, "abs": abs},
    **{"sin": math.sin, "cos": math.cos, "min": min, "max": max},
    "logistic": lambda x: 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x)),
    "logit": lambda x: math.log(x / (1 - x)),
    "logaddexp": lambda x, y: max(x, y) + math.log1p(math.exp(-abs(x - y))),
}


def by_python(expr: Expression, env: dict[str, float]) -> float:
    """The value by Python's own arithmetic, node by node; raises where it has none."""
    match expr:
        case Constant(value):
            return value
        case Name(name):
            return env[name]
        case Unary(_, operand):
            return -by_python(operand, env)
        case Binary(op, left, right):
            return PYTHON[op](by_python(left, env), by_python(right, env))
        case Call(function, arguments):
            return PYTHON[function](*(by_python(one, env) for one in arguments))
        case _:
            raise AssertionError(expr)


values = st.floats(-100, 100)
environments = st.fixed_dictionaries({"a": values, "b": values, "c": values})


@given(expressions, environments)
def test_numpy_agrees_with_python(expr: Expression, env: dict[str, float]) -> None:
    ours = evaluate(expr, {name: np.array([value]) for name, value in env.items()}, NUMPY_OPS)
    try:
        expected = by_python(expr, env)
    except (ValueError, ArithmeticError):
        return
    assume(math.isfinite(expected))
    assert np.broadcast_to(ours, 1)[0] == pytest.approx(expected, rel=1e-9, abs=1e-300)
    assert evaluate(expr, env, MATH_OPS) == expected


FAR = {"a": np.array([0.3, 900.0, -900.0, 5.0]), "b": np.array([-1.2, 3000.0, 800.0, -800.0])}
EXPONENTIALS: dict[str, Callable[[Any, Any], Any]] = {
    "exp(a) / (1 + exp(a))": lambda a, b: expit(a),
    "1 / (1 + exp(-a - b))": lambda a, b: expit(a + b),
    "100 * exp(a) / (exp(a) + 1)": lambda a, b: 100 * expit(a),
    "-exp(a) / (exp(a) + exp(b))": lambda a, b: -expit(a - b),
    "b * exp(a) / (1 + exp(a))": lambda a, b: b * expit(a),
    "1 - 1 / (1 + exp(-a))": lambda a, b: expit(-a),
    "exp(a) / (1 + exp(a) + exp(b))": lambda a, b: np.exp(a - np.logaddexp(np.logaddexp(0, a), b)),
    "exp(a)**2 / (1 + exp(a)**2)": lambda a, b: expit(2 * a),
    "exp(a) / (1 + exp(a))**2": lambda a, b: expit(a) * expit(-a),
    "(exp(a) - exp(-a)) / (exp(a) + exp(-a))": lambda a, b: np.tanh(a),
    "log(1 + exp(a))": lambda a, b: np.logaddexp(0, a),
    "log(exp(a) + exp(b))": np.logaddexp,
    "log(2 * exp(a) + exp(b) + 3)": lambda a, b: np.logaddexp.reduce(
        [a + np.log(2), b, np.log(3) + 0 * a]
    ),
    "log(1 / (1 + exp(-a)))": lambda a, b: -np.logaddexp(0, -a),
    "log(1 - 1 / (1 + exp(-a)))": lambda a, b: -np.logaddexp(0, a),
    "logit(exp(a) / (1 + exp(a)))": lambda a, b: a,
    "exp(a) * exp(-a)": lambda a, b: 1 + 0 * a,
}


@pytest.mark.parametrize("text", EXPONENTIALS)
def test_exponentials_overflow_nowhere_that_the_value_does_not(text: str) -> None:
    expected = EXPONENTIALS[text](FAR["a"], FAR["b"])
    bound = stable(parse_expression(text))
    found = np.broadcast_to(evaluate(bound, FAR, NUMPY_OPS), 4)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-300)
    by_one = [
        evaluate(bound, {name: float(values[i]) for name, values in FAR.items()}, MATH_OPS)
        for i in range(4)
    ]
    np.testing.assert_allclose(by_one, expected, rtol=1e-12, atol=1e-300)
    around = {name: Interval(values.min(), values.max()) for name, values in FAR.items()}
    held = support(bound, around.__getitem__)
    assert held.low <= expected.min()
    assert expected.max() <= held.high
    near = bounds(bound, around.__getitem__)
    assert near.low <= expected.min() + 1e-9
    assert expected.max() <= near.high + 1e-9


@given(expressions, environments)
def test_what_is_rewritten_has_the_same_value(expr: Expression, env: dict[str, float]) -> None:
    """Where each has one, of numbers of ordinary size."""
    small = {name: value / 20 for name, value in env.items()}
    try:
        expected = by_python(expr, small)
        found = by_python(stable(expr), small)
    except (ValueError, ArithmeticError):
        return
    assume(math.isfinite(expected) and math.isfinite(found))
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    "text", ["(a * exp(b) + c * exp(a)) / (exp(b) + exp(a))", "log(exp(a) - 1)", "exp(-exp(a))"]
)
def test_what_has_no_logarithm_by_its_form_stays_as_it_is(text: str) -> None:
    assert stable(parse_expression(text)) == parse_expression(text)


OPERANDS = st.sampled_from(["a", "b", "2", "-a", "-2", "(a - b)", "-(b + 1)"])
OPERATORS = st.sampled_from(["+", "-", "*", "/", "**"])


@given(OPERANDS, st.lists(st.tuples(OPERATORS, OPERANDS), max_size=5))
def test_precedence_is_that_of_python(first: str, rest: list[tuple[str, str]]) -> None:
    text = first + "".join(f" {op} {operand}" for op, operand in rest)
    env = {"a": 1.7, "b": -2.3}
    try:
        expected = eval(text, {}, env)
        assume(not isinstance(expected, complex))
        assert by_python(parse_expression(text), env) == pytest.approx(expected)
    except (ArithmeticError, ValueError):
        assume(False)


def test_values_that_do_not_exist_are_quietly_nan() -> None:
    env = {"a": np.array([1.0, 0.0, -1.0]), "b": np.array([0.0, 0.0, 1e308])}

    def value(text: str) -> list[float]:
        return list(np.broadcast_to(evaluate(parse_expression(text), env, NUMPY_OPS), 3))

    nan, inf = math.nan, math.inf
    assert value("log(a)") == pytest.approx([0, nan, nan], nan_ok=True)
    assert value("sqrt(a)") == pytest.approx([1, 0, nan], nan_ok=True)
    assert value("a / b") == pytest.approx([inf, nan, -1e-308], nan_ok=True)
    assert value("a ** 0.5") == pytest.approx([1, 0, nan], nan_ok=True)
    assert value("b * 10 - b * 10") == pytest.approx([0, 0, nan], nan_ok=True)
    assert value("log(0)") == pytest.approx([nan] * 3, nan_ok=True)


def test_names_and_substitution() -> None:
    expr = parse_expression("c * a + min(b, a)")
    assert names(expr) == ("c", "a", "b")
    swapped = substitute(expr, {"a": B, "b": parse_expression("a + 1")})
    assert swapped == parse_expression("c * b + min(a + 1, b)")


def test_a_substitution_that_explodes_is_refused() -> None:
    square = expr = parse_expression("a * a")
    for _ in range(12):
        expr = substitute(square, {"a": expr})
    with pytest.raises(ExpressionError, match="too large"):
        substitute(substitute(square, {"a": expr}), {"a": expr})
    tall = parse_expression("+".join("a" * 150))
    with pytest.raises(ExpressionError, match="too large"):
        substitute(tall, {"a": tall})


def test_numpy_waits_until_it_is_needed() -> None:
    code = "import sys, estimates.language.expression; sys.exit('numpy' in sys.modules)"
    # Shifted seeds need NumPy from the start.
    plain = {name: value for name, value in os.environ.items() if name != "ESTIMATES_TEST_SEED"}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=plain).returncode == 0


# Supports

ends = st.sampled_from([-math.inf, -3.0, -1.0, -0.5, 0.0, 0.25, 1.0, 2.0, 10.0, math.inf])
boxes = (
    st.tuples(ends, ends).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: Interval(*pair))
)


@given(expressions, st.fixed_dictionaries(dict.fromkeys("abc", boxes)), st.data())
def test_supports_are_sound(
    expr: Expression, box: dict[str, Interval], data: st.DataObject
) -> None:
    env = {
        name: data.draw(st.floats(max(one.low, -1e3), min(one.high, 1e3)))
        for name, one in box.items()
    }
    try:
        value = by_python(expr, env)
    except (ValueError, ArithmeticError):
        return
    assume(math.isfinite(value))
    found = support(expr, box.__getitem__)
    slack = 1e-9 * max(1.0, abs(value))
    assert found.low - slack <= value <= found.high + slack


# Shapes


def test_equal_shapes_are_evaluated_at_once() -> None:
    first, own = shape_of(parse_expression("a * (1 - b) ** 2 / 3"))
    second, other = shape_of(parse_expression("c * (5 - a) ** 2 / 7"))
    assert first == second
    assert own == (A, Constant(1), B, Constant(3))
    assert other == (C, Constant(5), A, Constant(7))
    assert first == parse_expression("q0 * (c1 - q2) ** 2 / c3")
    env = {"a": 2.0, "b": 0.5, "c": -1.0}
    columns = {
        f"{'q' if isinstance(leaf, Name) else 'c'}{slot}": np.array(
            [env[one.name] if isinstance(one, Name) else one.value for one in (leaf, other[slot])]
        )
        for slot, leaf in enumerate(own)
    }
    together = evaluate(first, columns, NUMPY_OPS)
    assert list(together) == pytest.approx([2 * 0.25 / 3, -9 / 7])


def test_shapes_differ_where_one_would_be_wrong() -> None:
    texts = ["a * b", "a * 2", "a + b", "a ** 2", "a ** 3", "a ** b", "log(a)", "exp(a)"]
    assert len({shape_of(parse_expression(text))[0] for text in texts}) == len(texts)


def test_a_conversion_is_a_leaf() -> None:
    skeleton, leaves = shape_of(Scale(12.0, A))
    assert (skeleton, leaves) == (parse_expression("c0 * q1"), (Constant(12), A))
    assert evaluate(Scale(12.0, A), {"a": 2.0}, NUMPY_OPS) == 24
