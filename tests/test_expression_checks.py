"""What a model checks in an expression: its units, and between which values it lies."""

from __future__ import annotations

import math

import pytest

from estimates.language.expression import (
    EMPTY,
    LINE,
    Binary,
    Call,
    Constant,
    Expression,
    Interval,
    Name,
    Scale,
    Unary,
    bind_units,
    parse_expression,
    support,
)
from estimates.language.units import PLAIN, UnitError, Units

# Units

UNITS = Units({"CNY": (0.15, "USD")})
UNIT_OF = {
    "n": "person",
    "g": "USD/person/month",
    "y": "CNY/person/month",
    "s": "share",
    "p": "%",
    "t": "year",
    "r": "MUSD/year",
}


def bound(text: str) -> tuple[Expression, str]:
    expr, unit = bind_units(parse_expression(text), lambda name: UNITS.parse(UNIT_OF[name]), UNITS)
    return expr, str(unit)


G, Y, P, T = Name("g"), Name("y"), Name("p"), Name("t")


@pytest.mark.parametrize(
    ("text", "expected", "unit"),
    [
        ("n * g * s", parse_expression("n * g * s"), "USD/month"),
        ("g - y", Binary("-", G, Scale(0.15, Y)), "USD/person/month"),
        ("max(g, y, 0)", Call("max", (G, Scale(0.15, Y), Constant(0))), "USD/person/month"),
        ("0 + g", Binary("+", Constant(0), G), "USD/person/month"),
        ("1 - p", Binary("-", Constant(1), Scale(0.01, P)), ""),
        ("p - 1", Binary("-", P, Constant(100)), "%"),
        ("log(p)", Call("log", (Scale(0.01, P),)), ""),
        ("p ** 2", Binary("**", Scale(0.01, P), Constant(2)), ""),
        ("t ** (1 / 2)", Binary("**", T, Constant(0.5)), "year**0.5"),
        ("t ** -2", Binary("**", T, Constant(-2)), "1/year**2"),
        ("sqrt(t * t)", Call("sqrt", (Binary("*", T, T),)), "year"),
        ("-abs(t)", Unary("-", Call("abs", (T,))), "year"),
        ("log(g / y)", Call("log", (Scale(1 / 0.15, Binary("/", G, Y)),)), ""),
    ],
)
def test_units_are_bound(text: str, expected: Expression, unit: str) -> None:
    assert bound(text) == (expected, unit)


def test_binding_again_changes_nothing() -> None:
    expr, _ = bound("log(g / y) + p")
    once, unit = bind_units(expr, lambda name: PLAIN, UNITS)
    assert (once, unit) == (expr, PLAIN)


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("n + g", 2, "'g' is USD per person per month and 'n' is person"),
        ("n + 3", 2, "'3' is a plain number and 'n' is person"),
        ("1 + min(n, t)", 4, "'t' is year and 'n' is person"),
        ("1 + log(n)", 8, "the argument of log must be a plain number, and 'n' is person"),
        ("2 ** n", 5, "an exponent must be a plain number"),
        ("t ** s", 2, "its exponent must be a number"),
        ("t ** (1 / 0)", 2, "its exponent must be a number"),
        ("t ** 99", 2, "cannot be raised"),
    ],
)
def test_units_that_do_not_fit(text: str, offset: int, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        bound(text)
    assert message in caught.value.message
    assert caught.value.offset == offset


# Supports

INF = math.inf
SUPPORTS = {
    "n": Interval(0, INF),
    "m": Interval(0, INF),
    "s": Interval(0, 1),
    "x": LINE,
    "w": Interval(-1, 2),
    "k": Interval(2, 3),
}


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("n * s", 0, INF),
        ("n * (1 - s)", 0, INF),
        ("2 * s - 1", -1, 1),
        ("n - m", -INF, INF),
        ("n * 0", 0, 0),
        ("0 / n", 0, 0),
        ("1 / s", 1, INF),
        ("1 / -s", -INF, -1),
        ("1 / w", -INF, INF),
        ("w / k", -0.5, 1),
        ("s / (1 - s)", 0, INF),
        ("n / (n + m)", 0, 1),
        ("m / (n + m + 1)", 0, 1),
        ("k / (s + k)", 2 / 3, 1),
        ("2 * n / (2 * n + m)", 0, 1),
        ("(n + m) / (s + n + m)", 0, 1),
        ("1 - n / (n + m)", 0, 1),
        ("n / n", 1, 1),
        ("n ** 2 / (n ** 2 + m ** 2)", 0, 1),
        ("exp(x) / (1 + exp(x))", 0, 1),
        ("1 / (1 + exp(-x))", 0, 1),
        ("x / (x + 1)", -INF, INF),
        ("log(s)", -INF, 0),
        ("log(1 + n)", 0, INF),
        ("exp(-n)", 0, 1),
        ("exp(1000 * k)", math.nextafter(INF, 0), INF),
        ("sqrt(w)", 0, math.sqrt(2)),
        ("abs(w)", 0, 2),
        ("abs(-k)", 2, 3),
        ("min(w, s)", -1, 1),
        ("max(w, 0)", 0, 2),
        ("w * w", 0, 4),
        ("w ** 2", 0, 4),
        ("w ** 3", -1, 8),
        ("w ** 0", 1, 1),
        ("w ** -1", -INF, INF),
        ("w ** -2", 0.25, INF),
        ("x ** 0.5", 0, INF),
        ("s ** n", 0, 1),
        ("k ** x", 0, INF),
        ("s ** -k", 1, INF),
        ("x ** s", -INF, INF),
        ("sin(x)", -1, 1),
        ("sin(s)", 0, math.sin(1)),
        ("sin(k)", math.sin(3), math.sin(2)),
        ("cos(w)", math.cos(2), 1),
        ("cos(k)", math.cos(3), math.cos(2)),
        ("cos(2 * k)", math.cos(4), math.cos(6)),
        ("cos(k + 1)", -1, math.cos(4)),
    ],
)
def test_supports_are_tight(text: str, low: float, high: float) -> None:
    found = support(parse_expression(text), SUPPORTS.__getitem__)
    assert (found.low, found.high) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "log(-n)",
        "sqrt(-k)",
        "1 / 0",
        "1 / (0 * n)",
        "(-k) ** 0.5",
        "1 + log(-n)",
        "n / (-n + n - n * 0) * log(-k)",
    ],
)
def test_what_never_has_a_value_has_an_empty_support(text: str) -> None:
    assert support(parse_expression(text), SUPPORTS.__getitem__).empty


def test_a_conversion_does_not_hide_a_share() -> None:
    of = {"a": "kUSD", "b": "MUSD"}
    expr, unit = bind_units(
        parse_expression("a / (b + a)"), lambda name: UNITS.parse(of[name]), UNITS
    )
    plain = Scale(UNITS.factor(unit, PLAIN), expr)
    assert support(plain, lambda name: Interval(0, INF)) == Interval(0, 1)


def test_intervals_join_and_meet() -> None:
    assert Interval(0, 1).union(Interval(2, 3)) == Interval(0, 3)
    assert EMPTY.union(Interval(2, 3)) == Interval(2, 3)
    assert Interval(0, 2).intersection(Interval(1, 3)) == Interval(1, 2)
    assert Interval(0, 1).intersection(Interval(2, 3)).empty
    assert Interval(0, 1).within(LINE)
    assert not LINE.within(Interval(0, 1))
