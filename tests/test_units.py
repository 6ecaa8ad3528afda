"""Units: conversions exact where they can be, nouns as nouns, mistakes with what was meant."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimates.language.phrases import plural
from estimates.language.units import PLAIN, Unit, UnitError, Units
from estimates.language.units.words import _EVERYDAY, _definitions, _from_pint

UNITS = Units({"CNY": (0.1493, "USD"), "HKD": (0.875, "CNY")})


def factor(given: str, wanted: str) -> float:
    return UNITS.factor(UNITS.parse(given), UNITS.parse(wanted))


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        ("USD/month", "USD/year", 12.0),
        ("year", "month", 12.0),
        ("USD/person/month", "MUSD/people/year", 12e-6),
        ("USD per person per month", "kUSD/person/month", 1e-3),
        ("persons", "people", 1.0),
        ("%", "share", 0.01),
        ("share", "", 1.0),
        ("", "%", 100.0),
        ("percent", "%", 1.0),
        ("CNY/month", "USD/month", 0.1493),
        ("HKD", "USD", 0.1493 * 0.875),
        ("MUSD", "CNY", 1e6 / 0.1493),
        ("yuan", "CNY", 1.0),
        ("US$", "USD", 1.0),
        ("hour/day", "", 1 / 24),
        ("/month", "1/year", 12.0),
        ("week", "day", 7.0),
        ("m²", "m**2", 1.0),
        ("m^-2", "1/m**2", 1.0),
        ("GWh/year", "MW", 1e3 / (24 * 365.25)),
        ("kilometers", "km", 1.0),
        ("Mt", "kg", 1e9),
        ("mile", "m", 1609.344),
        ("hrs", "hour", 1.0),
        ("kilotonnes", "Mg", 1e3),
        ("cm", "m", 0.01),
        ("pianos/tuners", "piano/tuner", 1.0),
    ],
)
def test_factors(given: str, wanted: str, expected: float) -> None:
    assert factor(given, wanted) == pytest.approx(expected, rel=1e-15)
    assert factor(wanted, given) == pytest.approx(1 / expected, rel=1e-15)


def test_a_year_is_exactly_twelve_months() -> None:
    assert factor("USD/person/month", "USD/person/year") == 12.0


OURS = (
    "percentage_point",
    "basis_point",
    "share",
    *("person", "population", "inhabitant", "resident"),
    "USD",
    "decade",
)  # pint has a decade of logarithms only


@pytest.mark.parametrize("word", [word for word in _EVERYDAY if word not in OURS])
def test_everyday_units_are_those_of_pint(word: str) -> None:
    """Up to the parsec, which pint rounds in the eleventh digit."""
    known = _from_pint(word)
    assert known is not None
    ours = Units().parse(word)
    assert known.dimension == ours.dimension
    assert float(known.scale) == pytest.approx(float(ours.scale), rel=1e-10)


def test_every_word_of_pint_is_found_in_its_definitions() -> None:
    pint = pytest.importorskip("pint")
    named = {name for name in pint.UnitRegistry()._units if not name.startswith(("delta_", "Δ"))}
    assert named <= _definitions()


@pytest.mark.parametrize(
    "noun", ["cats", "pin", "hats", "dams", "rats", "bags", "points", "exams", "petals"]
)
def test_everyday_nouns_are_counted(noun: str) -> None:
    unit = UNITS.parse(noun)
    assert unit.scale == 1
    assert unit.dimension == ((f"[{noun.rstrip('s')}]", 1),)


@pytest.mark.parametrize(
    ("many", "singular"),
    [
        ("tuners", "tuner"),
        ("cities", "city"),
        ("classes", "class"),
        ("boxes", "box"),
        ("children", "child"),
        ("women", "woman"),
        ("buses", "bus"),
        ("houses", "house"),
        ("pies", "pie"),
        ("species", "species"),
    ],
)
def test_plurals_are_folded(many: str, singular: str) -> None:
    assert str(UNITS.parse(many)) == singular
    assert UNITS.parse(many) == UNITS.parse(singular)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("persn", "unknown unit 'persn'; did you mean 'person'?"),
        ("USD/mnth", "did you mean 'month'?"),
        ("yaer", "did you mean 'year'?"),
        ("cny", "did you mean 'CNY'?"),
        ("mUSD", "for millions write MUSD"),
        ("EUR", "no rate for the currency 'EUR'"),
        ("MEUR/year", "no rate for the currency 'EUR'"),
        ("€", "no rate for the currency 'EUR'"),
        ("dollars", "write the currency's code"),
        ("degC", "does not start at 0"),
        ("dB", "does not start at 0"),
        ("ton", "ambiguous; write 'tonne'"),
        ("barrels", "write 'oil_barrel'"),
        ("k people", "write that as '3 thousand'"),
        ("kgs", "did you mean 'kg'?"),
        ("kilos", "write 'kg'"),
        ("Mpeople", "takes no prefix"),
        ("m2", "powers are written m**2"),
        ("x", "unknown unit 'x'"),
        ("m/", "'/' is out of place"),
        ("m//s", "out of place"),
        ("*m", "out of place"),
        ("m**1000000", "cannot be raised"),
        ("m" * 201, "too long"),
        ("²", "out of place"),
    ],
)
def test_mistakes_say_what_was_meant(text: str, message: str) -> None:
    with pytest.raises(UnitError) as caught:
        UNITS.parse(text)
    assert message in str(caught.value)


def test_different_dimensions_are_both_named() -> None:
    with pytest.raises(
        UnitError, match=r"^USD per month where USD per person per month is needed$"
    ):
        factor("USD/month", "USD/person/month")
    with pytest.raises(UnitError, match=r"^a plain number where person is needed$"):
        factor("", "person")
    with pytest.raises(UnitError, match=r"^per month where person is needed$"):
        factor("1/month", "person")


@pytest.mark.parametrize(
    ("currencies", "message"),
    [
        ({"CNY": (0.15, "EUR")}, "neither USD nor declared"),
        ({"CNY": (0.15, "HKD"), "HKD": (1.2, "CNY")}, "in a circle"),
        ({"CNY": (0.15, "CNY")}, "in a circle"),
        ({"USD": (1.0, "USD")}, "USD is the base"),
        ({"CNY": (0.0, "USD")}, "above 0"),
        ({"CNY": (float("nan"), "USD")}, "above 0"),
        ({"yuan": (0.15, "USD")}, "three capitals"),
    ],
)
def test_rates_that_lead_nowhere(currencies: dict[str, tuple[float, str]], message: str) -> None:
    with pytest.raises(UnitError, match=message):
        Units(currencies)


def test_units_multiply_and_print() -> None:
    people, wage = UNITS.parse("people"), UNITS.parse("USD/person/month")
    revenue = people * wage * UNITS.parse("share")
    assert UNITS.show(revenue) == "USD/month"
    assert UNITS.factor(revenue, UNITS.parse("MUSD/year")) == pytest.approx(12e-6, rel=1e-15)
    assert UNITS.show(wage / wage) == ""
    assert UNITS.dimensionless(wage / wage)
    assert UNITS.show(UNITS.parse("m") ** 2 / UNITS.parse("s") ** 0.5) == "m**2/s**0.5"
    assert (UNITS.parse("m**2")) ** 0.5 == UNITS.parse("m")
    assert UNITS.same_dimension(wage, UNITS.parse("CNY/year/person"))
    assert UNITS.parse("") == UNITS.parse("share") == PLAIN


def test_units_are_values() -> None:
    unit = UNITS.parse("CNY/person/month")
    assert pickle.loads(pickle.dumps(unit)) == unit
    assert hash(unit) == hash(Units({"CNY": (0.1493, "USD")}).parse("CNY/month/person"))


def test_common_units_and_nouns_do_not_import_pint() -> None:
    code = (
        "import sys; from estimates.language.units import Units; units = Units()\n"
        "for text in ['USD/person/month', 'tuners/city', 'km/s/Mpc', '%', 'households']:\n"
        "    units.parse(text)\n"
        "sys.exit('pint' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.text(max_size=40) | st.text("mUSD/*^per 12%-²k", max_size=20))
def test_any_text_is_a_unit_or_a_unit_error(text: str) -> None:
    try:
        unit = UNITS.parse(text)
    except UnitError:
        return
    assert unit.scale > 0


WORDS = st.sampled_from(["USD", "kUSD", "CNY", "person", "piano", "month", "year", "km", "hour"])


@given(st.lists(st.tuples(WORDS, st.sampled_from([-2, -1, 1, 2, 0.5])), max_size=4))
def test_what_a_unit_prints_is_read_back(parts: list[tuple[str, float]]) -> None:
    unit = Unit()
    for word, power in parts:
        unit = unit * UNITS.parse(word) ** power
    again = UNITS.parse(UNITS.show(unit))
    assert again.dimension == unit.dimension
    assert UNITS.factor(again, unit) == pytest.approx(1)


def test_a_plural_is_not_made_twice() -> None:
    assert [plural(one) for one in ("krone", "person", "North_Korean_child", "city", "class")] == [
        "kroner",
        "people",
        "North Korean children",
        "cities",
        "classes",
    ]
