"""The wording language: each kind, each figure's last digit, each mistake with its place."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimates.language.wording import (
    VAGUE,
    Bound,
    Counted,
    Direction,
    Disputed,
    Events,
    Figure,
    Lopsided,
    Measured,
    Point,
    Published,
    Range,
    Vague,
    Wording,
    WordingError,
    parse_wording,
)
from estimates.language.wording.figures import AFTER_VAGUE


def figure(value: float, step: float = 1.0) -> Figure:
    return Figure(value, step)


@pytest.mark.parametrize(
    ("text", "value", "step"),
    [
        ("20,000", 20_000, 10_000),
        ("20_000", 20_000, 10_000),
        ("22,500", 22_500, 100),
        ("1.2 million", 1.2e6, 1e5),
        ("1.20 million", 1.2e6, 1e4),
        ("1.2e6", 1.2e6, 1e5),
        ("100 bn", 1e11, 1e11),
        ("3 thousand", 3e3, 1e3),
        ("3 hundred thousand", 3e5, 1e5),
        ("2 trillion", 2e12, 1e12),
        ("75", 75, 1),
        ("20.0", 20, 0.1),
        (".5", 0.5, 0.1),
        ("0", 0, 1),
        ("0.00", 0, 0.01),
        ("0 million", 0, 1e6),
        ("-3", -3, 1),
        ("−3", -3, 1),
        ("–3", -3, 1),
        ("+3", 3, 1),
    ],
)
def test_figures_keep_the_unit_of_their_last_digit(text: str, value: float, step: float) -> None:
    assert parse_wording(text) == Point(figure=figure(value, step))


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("5 people", "people"),
        ("5 USD/person/month", "USD/person/month"),
        ("5 MUSD", "MUSD"),
        ("5 mUSD", "mUSD"),
        ("5 %", "%"),
        ("5%", "%"),
        ("5 per cent", "%"),
        ("5 percent", "%"),
        ("5 %/year", "%/year"),
        ("5 % a year", "%/year"),
        ("5 hours a day", "hours/day"),
        ("5 USD per person per month", "USD/person/month"),
        ("5 m", "m"),
        ("5 km/s/Mpc", "km/s/Mpc"),
        ("5 m^-2", "m**-2"),
        ("5 kg*m/s**2", "kg*m/s**2"),
        ("5 per month", "1/month"),
        ("US$5", "USD"),
        ("$5 a month", "USD/month"),
        ("€5/month", "EUR/month"),
        ("£5", "GBP"),
        ("HK$5", "HKD"),
        ("CNY 5/month", "CNY/month"),
        ("-US$5", "USD"),
        ("5 €", "EUR"),
    ],
)
def test_units(text: str, unit: str) -> None:
    wording = parse_wording(text)
    assert isinstance(wording, Point)
    assert abs(wording.figure.value) == 5
    assert wording.unit == unit


HEDGED = Point(figure=figure(20_000, 10_000), hedged=True, unit="people")
SEVENTY = Range(low=figure(70, 10), high=figure(80, 10), unit="%")
MILLIONS = Range(low=figure(1e8, 1e8), high=figure(2e8, 1e8), unit="USD")


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        *(
            (f"{hedge} 20,000 people", HEDGED)
            for hedge in ("around", "About", "ROUGHLY", "approx.")
        ),
        *((f"{hedge} 20,000 people", HEDGED) for hedge in ("approximately", "circa", "ca.", "c.")),
        *((f"{hedge}20,000 people", HEDGED) for hedge in ("some ", "nearly ", "almost ", "~", "≈")),
        ("70 to 80 %", SEVENTY),
        ("70–80 %", SEVENTY),
        ("70—80 %", SEVENTY),
        ("70-80%", SEVENTY),
        ("70 - 80 %", SEVENTY),
        ("between 70 and 80 %", SEVENTY),
        ("from 70 to 80 per cent", SEVENTY),
        ("70 % to 80 %", SEVENTY),
        ("-3 to -1", Range(low=figure(-3), high=figure(-1))),
        ("-0.5–0.3", Range(low=figure(-0.5, 0.1), high=figure(0.3, 0.1))),
        ("-3--1", Range(low=figure(-3), high=figure(-1))),
        ("5 m-7 m", Range(low=figure(5), high=figure(7), unit="m")),
        ("100 to 200 million USD", MILLIONS),
        ("US$100 to 200 million", MILLIONS),
        ("US$100–200 million", MILLIONS),
        ("between US$100 and US$200 million", MILLIONS),
        ("US$100 million to US$200 million", MILLIONS),
        (
            "US$120–150 a month",
            Range(low=figure(120, 10), high=figure(150, 10), unit="USD/month"),
        ),
        (
            "around 120 to 150 USD/person/month",
            Range(low=figure(120, 10), high=figure(150, 10), hedged=True, unit="USD/person/month"),
        ),
        ("between about 3 and about 5", Range(low=figure(3), high=figure(5), hedged=True)),
        ("1 thousand to 2 million", Range(low=figure(1e3, 1e3), high=figure(2e6, 1e6))),
        (
            "70 to 80 % @ 90%",
            Range(low=figure(70, 10), high=figure(80, 10), unit="%", coverage=0.9),
        ),
        ("3 to 5 @ 0.5", Range(low=figure(3), high=figure(5), coverage=0.5)),
        (
            "up to 1,000 CNY/person/month",
            Bound(figure=figure(1e3, 1e3), upper=True, soft=True, unit="CNY/person/month"),
        ),
        *((f"{words} 5", Bound(figure=figure(5), upper=True)) for words in ("at most", "under")),
        *(
            (f"{words} than 5", Bound(figure=figure(5), upper=True))
            for words in ("no more", "less")
        ),
        *((f"{words} 5", Bound(figure=figure(5), upper=False)) for words in ("at least", "over")),
        *(
            (f"{words} than 5", Bound(figure=figure(5), upper=False))
            for words in ("more", "no less")
        ),
        ("28 ± 15", Measured(value=figure(28), error=figure(15))),
        ("-3 +/- 16", Measured(value=figure(-3), error=figure(16))),
        ("3 +- 2 %", Measured(value=figure(3), error=figure(2), unit="%")),
        (
            "67.4 ± 0.5 km/s/Mpc",
            Measured(value=figure(67.4, 0.1), error=figure(0.5, 0.1), unit="km/s/Mpc"),
        ),
        ("1.2 ± 0.1 million", Measured(value=figure(1.2e6, 1e5), error=figure(1e5, 1e5))),
        ("12 of 882", Counted(successes=12, trials=882)),
        ("0 of 1,200", Counted(successes=0, trials=1200)),
        ("0 of the 1,200 people", Counted(successes=0, trials=1200)),
        ("a few people", Vague(words="a few", count=3.2, spread=0.35, unit="people")),
        (
            "a few thousand CNY/person/month",
            Vague(words="a few", count=3.2, spread=0.35, multiplier=1e3, unit="CNY/person/month"),
        ),
        (
            "several hundred people",
            Vague(words="several", count=5, spread=0.35, multiplier=100, unit="people"),
        ),
        ("dozens of people", Vague(words="dozens", count=36, spread=0.5, unit="people")),
        ("scores", Vague(words="scores", count=60, spread=0.5)),
        (
            "hundreds of people",
            Vague(words="hundreds", count=3.2, spread=0.7, multiplier=100, unit="people"),
        ),
        (
            "Tens of thousands of people",
            Vague(words="tens of thousands", count=3.2, spread=0.7, multiplier=1e4, unit="people"),
        ),
        *((word, Direction(rising=True)) for word in ("rising", "Increasing", "growing")),
        *((word, Direction(rising=False)) for word in ("falling", "shrinking", "declining")),
        ("lower than claimed", Disputed(lower=True)),
        ("fewer than claimed", Disputed(lower=True)),
        ("higher than claimed", Disputed(lower=False)),
    ],
)
def test_wordings(text: str, wording: Wording) -> None:
    parsed = parse_wording(text)
    assert parsed == wording
    assert parsed.text == text
    assert parse_wording(f"  {text} ") == wording


@pytest.mark.parametrize(
    ("text", "culprit", "message"),
    [
        ("", "", "empty"),
        ("  ", "  ", "empty"),
        ("arround 20,000 people", "arround", "did you mean 'around'?"),
        ("at leest 5", "at leest", "did you mean 'at least'?"),
        ("few people", "few", "did you mean 'a few'?"),
        ("people", "people", "a number was expected here"),
        ("around", "around", "a number is missing"),
        ("5 to", "to", "a number is missing"),
        ("500 to 1 million", "500", "write both out"),
        ("1 million to 2", "1 million to 2", "write both out"),
        ("1.2 million ± 0.1", "0.1", "multiplier"),
        ("5 million million", "million", "one multiplier"),
        ("100 to 200 millon USD", "millon", "did you mean 'million'?"),
        ("20,00", "20,00", "write 20.00 for a decimal"),
        ("0,123", "0,123", "write 0.123 for a decimal"),
        ("1,2345", "1,2345", "write 12,345"),
        ("1,234_567", "1,234_567", "groups of three"),
        ("20 000 people", "000", "20,000 with its comma"),
        ("1e999", "1e999", "too large"),
        ("1e-999", "1e-999", "too small"),
        ("1e99999999999", "1e99999999999", "too large"),
        ("around up to 5", "around", "leave out 'around'"),
        ("up to around 5", "around", "leave it out"),
        ("about a few people", "about", "leave out 'about'"),
        ("around 28 ± 15", "around", "takes no 'around'"),
        ("around 12 of 882", "around", "takes no 'around'"),
        ("at least 5 to 6", "to", "a bound has one number"),
        ("80 to 70", "80 to 70", "range runs backwards: write 70 to 80"),
        ("between 80 and 70 %", "80 and 70 %", "range runs backwards: write 70 to 80"),
        ("5 to 5.0", "5 to 5.0", "both ends"),
        ("5 to 6 to 7", "to", "out of place"),
        ("5 and 6", "and", "write 'to'"),
        ("1 or 2 days", "or", "write 'to'"),
        ("between 5 or 6", "between", "needs 'and'"),
        ("30-40,000", "30-40,000", "write '30,000 to 40,000', or '30 to 40000'"),
        ("92 % of deaths a year", "a year", "right after the figure if it is a rate"),
        ("31 percent of $2 million", "31 percent", "write the share alone"),
        ("239, 000", ",", "write 239,000 without a blank"),
        ("hardly fewr than 3", "hardly fewr than", "did you mean 'hardly fewer than'?"),
        ("from 5", "from", "needs 'to'"),
        ("70 % to 80", "80", "write the unit after the second number"),
        ("70 % to 80 USD", "80 USD", "differ in unit, '%' and 'USD'"),
        ("US$5 to €6", "€6", "differ in unit"),
        ("US$5 people", "people", "given twice"),
        ("12 of 5", "12", "12 cannot be among 5"),
        ("-1 of 5", "-1", "whole numbers"),
        ("1 of -5", "-5", "whole numbers"),
        ("1.5 of 5", "1.5", "whole numbers"),
        ("0 of 0", "0", "among 0"),
        ("5 of 10 %", "10 %", "takes no unit"),
        ("12 out 882", "882", "'out' goes with 'of'"),
        ("5 ± 0", "0", "above 0"),
        ("5 ± -1", "-1", "above 0"),
        ("5 @ 90%", "@", "only a range"),
        ("5 to 6 @ 90", "90", "'@ 90%'"),
        ("5 to 6 @ 100%", "100", "between 0 and 100 %"),
        ("5 to 6 @ 0%", "0", "between 0 and 100 %"),
        ("5 to 6 @", "@", "'@ 90%'"),
        ("2.5m people", "m", "write '2.5 million', or '2.5 m' for metres"),
        ("1.200 people", "1.200", "write 1,200, or 1.200e0 if decimals"),
        ("12 out of 882", "12 out of 882", "write '12 of 882' for a count"),
        ("100 ounces of gold", "ounces", "'troy ounces' (31.1 g), or 'avoirdupois_ounces'"),
        ("a third of a mile", "of", "out of place"),
        ("0.72 (95% CI 0.75 to 0.94)", "0.72", "outside of its own interval"),
        ("28 ± 15 (SD)", "SD", "the spread of single values"),
        ("0.72 (0.55-0.94)", "0.55", "say what the interval covers"),
        ("3 events in 0 years", "0 years", "the exposure is above 0"),
        ("3 per 0.5 people", "0.5", "a whole number above 0"),
        ("5 USD per", "per", "a unit is missing"),
        ("5 m**", "**", "a power is missing"),
        ("20,000+ people", "+", "'more than'"),
        ("dozens of 5", "5", "needs no number"),
        ("a few million thousand", "million", "cannot be read"),
        ("rising 5", "5", "out of place"),
        ("--5", "-", "a number was expected here"),
        ("5?", "?", "out of place"),
        ("٣", "٣", "a number was expected here"),
        ("x" * 301, "x", "too long"),
    ],
)
def test_mistakes_point_at_the_word(text: str, culprit: str, message: str) -> None:
    with pytest.raises(WordingError) as caught:
        parse_wording(text)
    assert message in caught.value.message
    assert text[caught.value.start : caught.value.end] == culprit


def test_an_error_travels_between_processes() -> None:
    with pytest.raises(WordingError) as caught:
        parse_wording("80 to 70")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.message, again.start, again.end) == (caught.value.message, 0, 8)


def test_wordings_change_unit() -> None:
    share = parse_wording("70 to 80 %").scaled(0.01, "")
    assert share == Range(low=figure(0.7, 0.1), high=figure(0.8, 0.1))
    wage = parse_wording("a few thousand CNY/month").scaled(0.15, "USD/month")
    assert isinstance(wage, Vague)
    assert wage.multiplier == 150
    assert str(wage) == "a few times 150 USD/month"
    assert str(parse_wording("1,000 CNY").scaled(0.1493, "USD")) == "149.3 USD"


# What can be said, for the round trip: figures as they can be written, units as words.
@st.composite
def figures(draw: st.DrawFn, low: int = -99_999, high: int = 99_999) -> Figure:
    digits, place = draw(st.integers(low, high)), draw(st.integers(-6, 13))
    return (
        Figure(float(f"{digits}e{place}"), float(f"1e{place}"))
        if digits % 10
        else Figure(float(f"{digits}.0e{place}"), float(f"1e{place - 1}"))
    )


units = st.sampled_from(["", "%", "people", "USD/person/month", "1/month", "m**2", "%/year"])
positive = figures(low=1)
named = st.sampled_from(["half a million", "a dozen", "2½", "1 in 8", "two thirds", "3 per 2,400"])
in_words = named.map(lambda text: parse_wording(text).figure)  # type: ignore[attr-defined]
ranges = st.builds(
    lambda ends, **rest: Range(low=ends[0], high=ends[1], **rest),
    ends=st.tuples(figures(), figures())
    .filter(lambda ends: ends[0].value != ends[1].value)
    .map(lambda ends: tuple(sorted(ends, key=lambda one: one.value))),
    hedged=st.booleans(),
    coverage=st.none() | st.integers(1, 999).map(lambda c: c / 1000),
    unit=units,
)
lopsided = st.builds(
    lambda value, up, down, unit: Lopsided(value=value, up=(up,), down=(down,), unit=unit),
    figures(),
    positive,
    positive,
    units,
).filter(lambda one: one.up != one.down)
published = st.builds(
    lambda three, coverage, hedged, unit: Published(
        value=three[1], low=three[0], high=three[2], coverage=coverage, hedged=hedged, unit=unit
    ),
    st.lists(figures(), min_size=3, max_size=3, unique_by=lambda one: one.value).map(
        lambda three: sorted(three, key=lambda one: one.value)
    ),
    st.integers(1, 999).map(lambda c: c / 1000),
    st.booleans(),
    units,
)
vague = st.builds(
    lambda words, after, unit: Vague(
        words=words,
        count=VAGUE[words][0],
        spread=VAGUE[words][1],
        multiplier=AFTER_VAGUE.get(after, 1.0)
        if words in ("a few", "several")
        else VAGUE[words][2],
        unit=unit,
    ),
    st.sampled_from(list(VAGUE)),
    st.sampled_from(["", *AFTER_VAGUE]),
    units,
)
wordings: st.SearchStrategy[Wording] = st.one_of(
    st.builds(Point, figure=figures(), hedged=st.booleans(), unit=units),
    ranges,
    st.builds(Bound, figure=figures(), upper=st.just(True), soft=st.booleans(), unit=units),
    st.builds(Bound, figure=figures(), upper=st.just(False), unit=units),
    st.builds(Point, figure=in_words, hedged=st.booleans(), unit=st.just("")),
    st.builds(Bound, figure=in_words, upper=st.booleans(), unit=st.just("")),
    st.builds(
        Measured,
        value=figures(),
        error=positive,
        further=st.lists(positive, max_size=2).map(tuple),
        unit=units,
    ),
    lopsided,
    published,
    st.builds(
        Events,
        events=st.integers(0, 10**6),
        exposure=positive,
        unit=st.sampled_from(["years", "person-years", "flight_hours", "km"]),
    ),
    st.integers(1, 10**7).flatmap(
        lambda n: st.builds(Counted, successes=st.integers(0, n), trials=st.just(n))
    ),
    vague,
    st.builds(Direction, rising=st.booleans()),
    st.builds(Disputed, lower=st.booleans()),
)


@given(wordings)
def test_what_a_wording_prints_is_read_back(wording: Wording) -> None:
    assert parse_wording(str(wording)) == wording


WORDS = (
    "around about up to at most least more than no a few several dozens of hundreds thousand"
    " million bn between and from 5 20,000 1.2 1e6 -3 % USD people per month $ ± +/- - – @ 90% ~ /"
    " ** ^ rising lower claimed 12 out 20,00 m k ( , ) half a third quarter dozen half- in one two"
    " three twenty five million-strong CI 95% (95% [ ] + − +1.9 −1.7 69.8(19) (19) ± events years"
    " person-years every the per 100,000 well an estimated troy ounces gold bn £ ½ ⅓"
    " × 10 10^6 minus 1.200 euros US dollars thousand hundred crore SD (stat) ; = :"
)


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join))
def test_any_text_is_a_wording_or_an_error_inside_it(text: str) -> None:
    answer = attempt(text)
    if isinstance(answer, Wording):
        assert parse_wording(str(answer)) == answer
    else:
        assert 0 <= answer.start <= answer.end <= len(text)
        assert answer.start < answer.end or not text
        assert answer.message


def attempt(text: str) -> Wording | WordingError:
    try:
        return parse_wording(text)
    except WordingError as error:
        return error
