"""Faults: how they read, and that all of a file are gathered."""

from __future__ import annotations

import pickle

import pytest

from estimates.errors import Fault, Faults, InputError, Place, did_you_mean


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place("model.yaml", 14, 12), "model.yaml:14:12"),
        (Place("model.yaml", 14), "model.yaml:14"),
        (Place("model.yaml"), "model.yaml"),
    ],
)
def test_a_place_reads_as_editors_link_it(place: Place, text: str) -> None:
    assert str(place) == text
    assert str(Fault("it is wrong", place)) == f"{text}: it is wrong"


def test_a_fault_without_a_place_is_its_message() -> None:
    assert str(Fault("it is wrong")) == "it is wrong"


def test_faults_are_raised_together_in_order_and_each_once() -> None:
    faults = Faults()
    faults.raise_if_any()
    assert not faults
    faults.add("first", Place("model.yaml", 2, 1))
    faults.add("second")
    faults.add("first", Place("model.yaml", 2, 1))
    assert faults
    with pytest.raises(InputError, match="first") as caught:
        faults.raise_if_any()
    assert str(caught.value) == "model.yaml:2:1: first\nsecond"
    assert [fault.message for fault in caught.value.faults] == ["first", "second"]


def test_an_input_error_travels_between_processes() -> None:
    error = InputError([Fault("it is wrong", Place("model.yaml", 1, 2))])
    assert pickle.loads(pickle.dumps(error)).faults == error.faults


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("wrokers", "; did you mean 'workers'?"),
        ("Workers", "; did you mean 'workers'?"),
        ("wage", "; did you mean 'Wages'?"),
        ("piano", ""),
        ("", ""),
    ],
)
def test_suggestions_come_from_what_is_near(word: str, hint: str) -> None:
    assert did_you_mean(word, ["workers", "Wages"]) == hint
