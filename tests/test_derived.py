"""Totals that authors added up, and figures repeated: no evidence, their arithmetic checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.truth.building import SOURCE, save

import estimates as est
from estimates import InputError, Model
from estimates.model.derived import Sum, sum_of
from estimates.model.describe import describe

CLAIM = {"source": "elsewhere", "quote": "-"}


def model_of(folder: Path, claims: dict[str, Any] | None = None, **changes: Any) -> Model:
    ledger = {
        "a": CLAIM | {"says": "20,000 people", "when": 2013},
        "b": CLAIM | {"says": "around 15,000 to 16,000 people"},
        "c": CLAIM | {"says": "2 thousand people"},
        **{name: CLAIM | change for name, change in changes.items()},
    }
    quantity = {"unit": "person", "prior": "1,000 to 100,000"}
    model = {
        "format": 1, "title": "Derived", "evidence": "evidence.yaml",
        "quantities": {"n": quantity, "m": dict(quantity)},
        "claims": {"a": "n", "b": "m"} | (claims or {}), "targets": ["n + m"],
    }  # fmt: skip
    return save(folder, {"sources": SOURCE, "claims": ledger}, model)


@pytest.mark.parametrize(
    ("says", "parts", "low", "high", "off"),
    [
        ("46,000 people", ["a", "b"], 35_000, 36_000, True),
        ("36,000 people", ["a", "b"], 35_000, 36_000, False),
        ("35,000 to 36,000 people", ["a", "b"], 35_000, 36_000, False),
        ("22.0 thousand people", ["a", "c"], 22_000, 22_000, False),
        ("27,000 people", ["a", "c"], 22_000, 22_000, False),  # 20,000 may be 25,000
        ("29,000 people", ["a", "c"], 22_000, 22_000, True),
        ("at least 38,000 people", ["a", "b", "c"], 37_000, 38_000, False),
    ],
)
def test_sums(
    tmp_path: Path, says: str, parts: list[str], low: float, high: float, off: bool
) -> None:
    """Added by hand; half a step of every figure is rounding."""
    model = model_of(tmp_path / "sums", total={"says": says, "derived": parts})
    found = sum_of(model.ledger.claims["total"], model.ledger, model.units)
    assert isinstance(found, Sum)
    assert (found.low, found.high, found.off) == (low, high, off)
    told = [str(one) for one in model.warnings if "not the sum" in str(one)]
    assert bool(told) == off
    if off:
        assert "evidence.yaml:" in told[0]
        assert "add to" in told[0]


def test_other_units(tmp_path: Path) -> None:
    parts = {"t1": {"says": "500 kg"}, "t2": {"says": "0.25 tonne"}}
    total = {"says": "0.75 tonne", "derived": ["t1", "t2"]}
    model = model_of(tmp_path / "units", **parts, total=total)
    found = sum_of(model.ledger.claims["total"], model.ledger, model.units)
    assert isinstance(found, Sum)
    assert found.low == pytest.approx(0.75)
    assert not found.off
    mixed = model_of(tmp_path / "mixed", **parts, total={"says": "9 people", "derived": ["t1"]})
    assert any("cannot be checked" in str(one) for one in mixed.warnings)
    vague = {"says": "rising"}
    named = model_of(tmp_path / "vague", up=vague, total={"says": "9 people", "derived": ["up"]})
    assert any("its part 'up' names no figure" in str(one) for one in named.warnings)


def test_what_they_are(tmp_path: Path) -> None:
    """Shown as what they are, written and read again, and free to be compared."""
    model = model_of(
        tmp_path / "shown",
        total={"says": "35,000 people", "derived": ["a", "b"]},
        again={"says": "20,000 people", "copy_of": "a"},
    )
    unused = {one.claim: one.is_no_evidence for one in describe(model).unused}
    assert unused["total"] == (
        "A total that its author added up: a and b add to 35,000 to 36,000 people, as was said. "
        "No evidence of its own."
    )
    assert unused["again"] == "Repeats a (of 2013): no evidence of its own."
    assert est.load_json(model.to_json()) == model
    model.to_yaml(tmp_path / "written")
    assert est.load(tmp_path / "written").ledger == model.ledger


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total": {"says": "9", "derived": ["a", "bb"]}}, "unknown claim 'bb' in `derived:`"),
        ({"total": {"says": "9", "copy_of": "aa"}}, "unknown claim 'aa' in `copy_of:`"),
        ({"total": {"says": "9", "derived": ["total"]}}, "'total' is made from itself"),
        ({"total": {"says": "9", "derived": ["a"], "copy_of": "b"}}, "both a total of others and"),
        (
            {"t": {"says": "9", "derived": ["u"]}, "u": {"says": "9", "copy_of": "t"}},
            "in a circle: 't' of 'u' of 't'",
        ),
        ({"total": {"says": "9", "derived": {"a": 1}}}, "lists the ids of claims"),
    ],
)
def test_faults(tmp_path: Path, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        model_of(tmp_path / "faults", **changes)
    assert said in str(error.value)


def test_no_likelihood(tmp_path: Path) -> None:
    total = {"says": "35,000 people", "derived": ["a", "b"]}
    with pytest.raises(InputError, match="no evidence of its own; leave it out of `claims:`"):
        model_of(tmp_path / "used", claims={"total": "n + m"}, total=total)
    again = {"says": "20,000 people", "copy_of": "a"}
    with pytest.raises(InputError, match=r"'again' repeats 'a' \(`copy_of:`\)"):
        model_of(tmp_path / "copied", claims={"again": "n"}, again=again)
