"""Numbers, units and questions as sentences say them."""

from __future__ import annotations

import pytest

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
    assert asked('What does "scope" mean?', "scope") == "“What does ‘scope’ mean?” (scope)"
    assert asked("", "the_scope") == "how ‘the scope’ is to be read"
