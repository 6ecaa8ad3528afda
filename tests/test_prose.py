"""Numbers, units and questions as sentences say them."""

from __future__ import annotations

import pytest

from estimates._util.format import median_and_interval
from estimates.inference.result import Statistics
from estimates.language.finding import UnderReading, divide, finding
from estimates.language.labels import the
from estimates.language.phrases import asked, compared, in_words, told


@pytest.mark.parametrize(
    ("figures", "unit", "says"),
    [
        ("118", "MUSD/year", "US$118 million a year"),
        ("17,400", "person", "17,400 people"),
        ("1", "person", "1 person"),
        ("75.2", "share", "75.2 %"),
        ("68", "km/s/Mpc", "68 km/s/Mpc"),
        ("600", "CNY/month", "CNY 600 a month"),  # whose rate a model sets, and no sentence needs
        ("3", "", "3"),
        ("3", "no such/unit (at all)", "3 no such/unit (at all)"),
    ],
)
def test_figures_stand_with_their_unit(figures: str, unit: str, says: str) -> None:
    assert told(figures, unit) == says


def test_figures_that_share_a_unit_say_it_once() -> None:
    said = compared(("166", "137"), "USD/person/month", " instead of ")
    assert said == "US$166 instead of US$137 per person per month"
    assert compared(("70", "80"), "share") == "70 to 80 %"


def test_a_unit_alone() -> None:
    assert in_words("MUSD/year") == "US$ million a year"
    assert in_words("share") == "%"
    assert in_words("") == ""


def test_a_reading_is_asked_about_in_its_own_words() -> None:
    assert asked('What does "scope" mean?', "scope") == "“What does ‘scope’ mean?”"
    assert asked("", "the_scope") == "how ‘the scope’ is to be read"


# Labels ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "unit", "says"),
    [
        # Nouns.
        ("Hubble constant", "km/s/Mpc", "the Hubble constant"),
        ("annual revenue of the regime", "MUSD/year", "the annual revenue of the regime"),
        ("share of the wage that the state keeps", "share",
         "the share of the wage that the state keeps"),
        ("radius of the Earth", "km", "the radius of the Earth"),
        ("Chinese wage less what employers pay", "CNY/month",
         "the Chinese wage less what employers pay"),
        ("2017 revenue", "USD", "the 2017 revenue"),
        ("US population", "person", "the US population"),
        ("take_home_wage", "USD/month", "the take home wage"),
        # Ends in s and is no plural.
        ("bias of the scale", "kg", "the bias of the scale"),
        ("analysis", "hour", "the analysis"),
        ("status of the case", "", "the status of the case"),
        ("mass of a canvas", "kg", "the mass of a canvas"),
        # What counts things is their number.
        ("guests", "person/day", "the number of guests"),
        ("number of guests", "person/day", "the number of guests"),
        ("North Korean workers in northeast China", "person",
         "the number of North Korean workers in northeast China"),
        ("people in a household", "person/household", "the number of people in a household"),
        ("workers counted", "person", "the number of workers counted"),
        ("coffees sold", "coffee/day", "the number of coffees sold"),
        ("buses in town", "bus", "the number of buses in town"),
        ("people who took part", "person", "the number of people who took part"),
        ("visits per guest", "", "the number of visits per guest"),
        # Shares, and what is measured although it is a plural.
        ("coffee_drinkers", "share", "the share of coffee drinkers"),
        ("women among the guests", "share", "the share of women among the guests"),
        ("odds of rain", "", "the odds of rain"),
        ("wages of the article", "USD/month", "the wages of the article"),
        ("losses", "MEUR", "the losses"),
        ("days of sick leave", "day/person/year", "the days of sick leave"),
        ("emissions of CO2", "t/year", "the emissions of CO2"),
        # What cannot be counted.
        ("inflation", "share", "inflation"),
        ("rainfall in May", "mm", "rainfall in May"),
        ("inflation of 2023", "share", "the inflation of 2023"),
        ("news in a day", "1/day", "the news in a day"),
        # Names.
        ("GDP", "GUSD", "GDP"),
        ("Lake Constance", "m", "Lake Constance"),
        ("SH0ES", "km/s/Mpc", "SH0ES"),
        ("United States", "person", "the United States"),
        ("Planck's Hubble constant", "km/s/Mpc", "Planck's Hubble constant"),
        ("Zhang's testimony", "share", "Zhang's testimony"),
        ("worker's wage", "USD", "the worker's wage"),
        ("x", "", "x"),
        ("d2", "hour", "d2"),
        ("tau", "hour", "tau"),
        # With an article of their own, or a question.
        ("the state's take per worker", "USD/month", "the state's take per worker"),
        ('the "wages" of the article', "USD/month", 'the "wages" of the article'),
        ('"wages" of the article', "USD/month", 'the "wages" of the article'),
        ("a worker's wage", "USD", "a worker's wage"),
        ("what employers pay for a worker", "USD/month", "what employers pay for a worker"),
        ("how often a piano is tuned", "1/year", "how often a piano is tuned"),
        ("every reading", "", "every reading"),
        ("3 workers", "person", "3 workers"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_a_label_gets_its_article(label: str, unit: str, says: str) -> None:
    assert the(label, unit) == says


# What is found -----------------------------------------------------------------------------------


def _under(median: float, weight: float, factor: float = 2.0) -> UnderReading:
    numbers = Statistics(
        q05=median / factor, median=median, q95=median * factor, mcse_median=median / 1000
    )
    return UnderReading(numbers, weight)


def test_one_number_leads_where_readings_agree() -> None:
    whole = _under(20.0, 1.0).numbers
    said = finding(whole, "MUSD/year", [_under(20.0, 0.5), _under(21.0, 0.5)], "revenue")
    assert said == (
        "Taken together, the claims put the revenue at about US$20.0 million a year; with a "
        "probability of 90 % it lies between US$10.0 and US$40.0 million a year."
    )


def test_where_readings_divide_no_median_of_the_mixture_leads() -> None:
    whole = Statistics(q05=18.0, median=118.0, q95=943.0, mcse_median=1.0)
    readings = [_under(median, 0.2) for median in (135.0, 22.0, 75.0, 638.0, 80.0, 300.0, 24.0)]
    said = finding(whole, "MUSD/year", readings, "annual revenue")
    assert said.startswith(
        "It depends on what was meant: for the annual revenue, US$22.0, 75.0, 135 … 638 million a "
        "year, by reading; over all of them 18"
    )
    assert "118" not in said


def test_readings_divide_from_a_tenth_of_the_weight_on() -> None:
    assert divide([_under(1.0, 0.9), _under(10.0, 0.1)])
    assert not divide([_under(1.0, 0.91), _under(10.0, 0.09)])
    # A quartile of the heaviest lies 0.41 of the way to the end of its 90 % interval.
    assert not divide([_under(1.0, 0.6), _under(1.40, 0.4)])
    assert divide([_under(1.0, 0.6), _under(1.42, 0.4)])
    assert not divide([_under(1.0, 1.0)])


def test_what_is_fixed_or_unsaid_is_said_to_be() -> None:
    fixed = Statistics(q05=3.0, median=3.0, q95=3.0)
    assert (
        finding(fixed, "person", [], "guests")
        == "The number of guests is 3 people: the model fixes it."
    )
    # A fair coin, or any: what holds nearly all of the weight is a number, and is not the model.
    mostly = Statistics(q05=0.5, median=0.5, q95=0.5, sd=0.001)
    readings = [UnderReading(Statistics(q05=0.5, median=0.5, q95=0.5), 0.95), _under(0.504, 0.05)]
    assert finding(mostly, "", readings, "rate") == (
        "The rate is 0.5 with a probability of 0.95, that of the readings that fix it."
    )
    assert median_and_interval(mostly)[1] != "fixed"
    unsaid = finding(Statistics(), "share", [_under(0.2, 0.5)], "skim")
    assert unsaid == (
        "It depends on what was meant: for the skim, 20.0 %, by reading. Under some reading "
        "nothing is said of the skim, so there is no answer over all."
    )
