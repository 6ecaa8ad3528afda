"""Ledgers built in Python go through the checks that files do."""

import pytest

from estimates.errors import Faults, InputError, Place
from estimates.language.wording import parse_wording
from estimates.model.ledger import Claim, Ledger, Source, Spot, Where, check_ledger

PAPER = Source("paper", title="Gaps in records", published="2017-08-12")


def claim(name: str, says: str | None, **rest: str) -> Claim:
    return Claim(name, "paper", None if says is None else parse_wording(says), **rest)


def faults_of(*claims: Claim, sources: tuple[Source, ...] = (PAPER,)) -> list[str]:
    with pytest.raises(InputError) as caught:
        Ledger.of(sources, claims)
    return [str(fault) for fault in caught.value.faults]


def test_a_ledger_keeps_its_order() -> None:
    ledger = Ledger.of([PAPER], [claim(name, "3") for name in ("c", "a", "b")])
    assert list(ledger.claims) == ["c", "a", "b"]
    assert ledger.claims["a"].basis == "expert"
    assert ledger.claims["a"].place is None


@pytest.mark.parametrize("published", ["2017", "2017-08", "2017-08-31", ""])
def test_dates_as_precise_as_they_are_known(published: str) -> None:
    Ledger.of([Source("paper", published=published)])


@pytest.mark.parametrize("published", ["17", "2017-13", "2017-8", "August 2017", "2017-08-32"])
def test_other_dates_are_faults(published: str) -> None:
    (fault,) = faults_of(sources=(Source("paper", published=published),))
    assert "write a date" in fault


def test_what_is_wrong_with_claims() -> None:
    assert faults_of(claim("a", "3"), claim("a", "4")) == [
        "the claim 'a' is given 2 times; keep one"
    ]
    (fault,) = faults_of(claim("a", "3", basis="rumor"))
    assert fault == "claim 'a': unknown basis 'rumor'; did you mean 'rumour'?"
    (fault,) = faults_of(Claim("a", "", parse_wording("3")))
    assert fault == "claim 'a' names no source; add `source:`"
    (fault,) = faults_of(Claim("a", "paper", parse_wording("3"), sigma=0.0))
    assert "a width is a number above 0" in fault
    (fault,) = faults_of(claim("a", None))
    assert "add `says:`" in fault
    Ledger.of([PAPER], [claim("a", None, because="no figure")])


def test_what_can_be_disputed() -> None:
    lower = "lower than claimed"
    for figure in ("around 20", "20 to 30", "up to 20", "a few thousand", "20 ± 3", "12 of 882"):
        Ledger.of([PAPER], [claim("a", figure), claim("b", lower, disputes="a")])
    for nothing in ("rising", "higher than claimed"):
        faults = faults_of(claim("a", nothing, disputes=""), claim("b", lower, disputes="a"))
        assert any("'a', which gives no figure" in fault for fault in faults)
    assert "name that figure's claim" in faults_of(claim("a", lower))[0]
    assert "disputes unknown claim 'b'" in faults_of(claim("a", lower, disputes="b"))[0]
    assert "it must say" in faults_of(claim("a", "3"), claim("b", "4", disputes="a"))[0]


def test_what_could_not_be_read_has_no_second_fault() -> None:
    faults = Faults()
    ledger = Ledger({}, {"a": claim("a", None), "b": claim("b", "3")})
    check_ledger(ledger, faults, frozenset({"a", "paper"}))
    assert not faults


def test_places_point_into_texts() -> None:
    where = Where({"": Spot("e.yaml", 3, 1), "says": Spot("e.yaml", 4, 9, exact=True)})
    assert where() == where("quote") == Place("e.yaml", 3, 1)
    assert where("says", 5) == where.within("says", 2)(3) == Place("e.yaml", 4, 14)
    assert Where({"says": Spot("e.yaml", 4, 9)})("says", 5) == Place("e.yaml", 4, 9)
    assert Where()("says") is None
