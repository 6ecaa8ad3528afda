"""What p is adjusted for, which bodies are left out, and models that invite a wrong answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.screens import full_text
from tests.truth.building import build

from estimates import Model, conflict, fit
from estimates.analysis.conflict.multiplicity import Test as One
from estimates.analysis.conflict.multiplicity import adjust
from estimates.analysis.conflict.result import Conflict
from estimates.inference.sampling import Sampling
from estimates.plots import conflict as conflict_figure

SHORT = Sampling(draws=500, tune=300)
REAL = {"prior": "Normal(mu=0, sigma=100)", "support": "real"}


def asked(model: Model) -> dict[str, Any]:
    """The document, after its report and figure were made."""
    found = conflict(fit(model, sampling=SHORT))
    assert found.converged, found.document["failed"]
    assert full_text(found)
    conflict_figure(found)
    return dict(found.document)


def report(document: Mapping[str, Any]) -> str:
    return full_text(Conflict.read(document))


def bodies(document: Mapping[str, Any]) -> tuple[int, int]:
    """How many comparisons of bodies there are, and how many once those alike are one."""
    row = document["families"][0]
    return row["comparisons"], row["tests"]


def measured(folder: Path, *values: float) -> Model:
    says = {f"m{i}": f"{y} ± 1" for i, y in enumerate(values)}
    return build(folder, quantities={"x": REAL}, says=says, claims=dict.fromkeys(says, "x"))


# Families ----------------------------------------------------------------------------------------


def test_alarms_are_as_rare_as_they_should_be() -> None:
    """Of three measurements that agree, five in a hundred families at most raise an alarm."""
    rng = np.random.default_rng(1)
    alarms = []
    for y in rng.standard_normal((4000, 3)):
        tests = []
        for i in range(3):
            j, k = (n for n in range(3) if n != i)
            split = 2 * stats.norm.sf(abs(y[i] - (y[j] + y[k]) / 2) / 1.5**0.5)
            pair = 2 * stats.norm.sf(abs(y[j] - y[k]) / 2**0.5)
            tests += [One(("split", i), split), One(("pair", i), pair)]
        alarms.append(min(adjust(tests).p.values()) < 0.05)
    # Here 0.027; splits and pairs each for themselves would have 0.052, above what is said.
    assert np.mean(alarms) < 0.05


def test_those_alike_count_once() -> None:
    """The largest p of a group stands for it, and Holm counts groups."""
    found = adjust([One("a", 0.01, "g"), One("b", 0.02, "g"), One("c", 0.03)])
    assert (found.comparisons, found.tests) == (3, 2)
    assert found.p["a"] == found.p["b"] == pytest.approx(0.04)
    assert found.p["c"] == pytest.approx(0.04)
    assert adjust([]).p == {}


def test_two_claims_are_one_comparison(tmp_path: Path) -> None:
    """Nothing is adjusted for, and it is said."""
    found = asked(measured(tmp_path / "two", 10.0, 13.2))
    assert bodies(found) == (3, 1)
    p = 2 * stats.norm.sf(3.2 / 2**0.5)
    assert found["pairs"][0]["p_adjusted"] == pytest.approx(p, abs=0.004)
    assert found["pairs"][0]["conflict"]
    assert "for 1 comparison (seen from 3 sides)" in report(found)


def test_three_claims_on_a_sum_are_one_comparison(tmp_path: Path) -> None:
    """a, b and a + b leave one difference; three claims about one thing leave two."""
    model = build(
        tmp_path / "sum",
        quantities={"a": REAL, "b": REAL},
        says={"one": "1 ± 1", "two": "2 ± 1", "both": "7.5 ± 1"},
        claims={"one": "a", "two": "b", "both": "a + b"},
    )
    found = asked(model)
    assert bodies(found) == (3, 1)
    assert found["smallest_p_adjusted"] == pytest.approx(2 * stats.norm.sf(4.5 / 3**0.5), rel=0.2)
    assert bodies(asked(measured(tmp_path / "three", 10.0, 10.5, 11.0))) == (6, 6)


# Leaving out -------------------------------------------------------------------------------------


def test_more_than_ten_bodies_all_are_judged(tmp_path: Path) -> None:
    """One of thirteen is off: all are tried, and without it all twelve others are judged."""
    values = [*np.round(np.linspace(9, 11, 12), 2), 19.0]
    found = asked(measured(tmp_path / "many", *values))
    rows = [row for row in found["without"] if row["without"]]
    assert rows[0]["without"] == "m12"
    assert rows[0]["resolves"]
    assert rows[0]["judged"] == rows[0]["others"] == 12
    assert not any(row["resolves"] for row in rows[1:])
    assert len(rows) + found["agreeing"] == 13
    assert found["not_tried"] == 0
    assert "‘m12’ resolves it; leaving out any other does not" in found["sentence"]


# Models that invite a wrong answer ----------------------------------------------------------------


def by_phrase(folder: Path, other: str, says: Mapping[str, Any], **entry: Any) -> Model:
    return build(
        folder,
        quantities={"x": {"prior": "Uniform(lower=1, upper=100)"}},
        relations={"y": {"by": "phrase", "plain": "x", "other": other}},
        readings={"phrase": {"question": "?", **entry, "plain": {"weight": 1, "because": "-"},
                             "other": {"weight": 1, "because": "-"}}},
        says=says,
        claims={"a": "x", "b": "y"},
        targets=["x"],
    )  # fmt: skip


def test_an_impossible_reading_is_no_conflict(tmp_path: Path) -> None:
    """Where what is claimed has no value at all, the reading is out; the other one is judged."""
    model = by_phrase(tmp_path / "m", "log(x - 200)", {"a": "50 ± 5", "b": "56 ± 5"})
    found = asked(model)
    assert found["conflicts"] == 0
    assert {row["under"] for row in found["splits_by_reading"] if row["body"] == "b"} == {
        "phrase = plain"
    }
    b = next(row for row in found["splits"] if row["body"] == "b")
    assert b["z"] == pytest.approx(6 / 50**0.5, abs=0.1)


def test_what_hides_in_the_mixture_is_tried(tmp_path: Path) -> None:
    """Under the reading that silences b nothing disagrees with a; a is left out nevertheless."""
    model = by_phrase(tmp_path / "m", "nothing", {"a": "20 ± 1", "b": "80 ± 1"}, update=False)
    found = asked(model)
    assert {row["without"] for row in found["without"] if row["resolves"]} == {"a", "b"}


def test_a_fixed_value_is_contradicted(tmp_path: Path) -> None:
    """A claim about a constant stands against the constant, and on an island of its own."""
    model = build(
        tmp_path / "fixed",
        quantities={"hours": {"value": "3 hours"}, "x": REAL},
        says={"long": "4 ± 0.2 hours", "a": "5 ± 1", "b": "5.5 ± 1"},
        claims={"long": "hours", "a": "x", "b": "x"},
        targets=["x"],
    )
    found = asked(model)
    row = found["splits"][0]
    assert (row["body"], row["against"]) == ("long", "a fixed value")
    assert row["z"] == pytest.approx(5.0, abs=1e-6)
    assert "contradicts the value that the model gives to the hours" in found["sentence"]
    assert [one["without"] for one in found["without"]] == ["", "long"]
    assert bodies(found) == (4, 2)


def test_bounds_contradict_each_other(tmp_path: Path) -> None:
    """At least 5,000 and at most 2,000: loud from either side, and either resolves it."""
    says = {
        "low": {"says": "at least 5,000 people", "basis": "register"},
        "high": {"says": "at most 2,000 people", "basis": "register"},
    }
    model = build(
        tmp_path / "bounds",
        quantities={"n": {"unit": "person", "prior": "500 to 50,000"}},
        says=says,
        claims=dict.fromkeys(says, "n"),
    )
    found = asked(model)
    assert bodies(found) == (2, 2)
    assert found["smallest_p_adjusted"] < 1e-6
    assert {row["without"] for row in found["without"] if row["resolves"]} == {"low", "high"}


def test_one_origin_contradicts_nothing(tmp_path: Path) -> None:
    """Copies that differ are one body, whatever they say."""
    says = {n: {"says": f"{y} ± 1", "origin": "ministry"} for n, y in (("a", 10), ("b", 14))}
    model = build(
        tmp_path / "m", quantities={"x": REAL}, says=says, claims=dict.fromkeys(says, "x")
    )
    found = asked(model)
    assert found["splits"] == found["pairs"] == []
    assert bodies(found) == (0, 0)
    assert "No quantity has two independent pieces of evidence" in found["sentence"]
