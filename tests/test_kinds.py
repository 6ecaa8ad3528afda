"""Kinds of sources and readings per claim in files: what is read, refused, warned of, written."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.truth.building import build
from tests.truth.kinds_model import everything

from estimates import InputError, Model, load
from estimates.model.io import load_json
from estimates.model.likelihood import Noisy, sampling_model

SAYS: dict[str, Any] = {
    "paper": {"says": "30,000 people", "basis": "hearsay"},
    "office": {"says": "20,000 people", "basis": "register"},
    "part": "30 %",
    "counted": "12 of 40",
    "gap": "28 ± 15 points",
}
ABOUT = {"paper": "n", "office": "n", "part": "share", "counted": "share", "gap": "level"}
QUANTITIES: dict[str, Any] = {
    "n": {"unit": "person", "prior": "1,000 to 90,000"},
    "share": {"unit": "share", "prior": "5 to 90 %"},
    "level": {"unit": "point", "support": "real", "prior": "-50 to 50"},
}


def with_kinds(folder: Path, kinds: Any, **parts: Any) -> Model:
    given: dict[str, Any] = {
        "quantities": QUANTITIES, "says": SAYS, "claims": ABOUT, "kinds": kinds, "format": 2,
    }  # fmt: skip
    return build(folder / "m", **(given | parts))


def people(**kinds: Any) -> dict[str, Any]:
    return {"count": {"unit": "person", **kinds}}


ANCHOR = {"factor": 1}
REFUSED: dict[str, tuple[Any, str]] = {
    "a misspelt key": (people(hearsay={"facter": "1 to 2"}), "did you mean 'factor'?"),
    "a text for a kind": (people(hearsay="0.5 to 4"), "a kind says what it sees, as in `hearsay:"),
    "a list for kinds": ([1], "`kinds:` must be keys and values"),
    "both": (people(hearsay={"factor": "1 to 2", "odds": "1 to 2"}), "both a factor and odds"),
    "a factor of a share": (
        {"parts": {"unit": "share", "expert": {"factor": "0.5 to 2"}}},
        "write `odds:` for `factor:`",
    ),
    "odds of a count of people": (
        people(hearsay={"odds": "0.5 to 2"}, register=ANCHOR),
        "is about no share: write `factor:`",
    ),
    "a factor on identity": (
        {"points": {"unit": "point", "expert": {"factor": "0.5 to 2"}}},
        "where a kind has no factor",
    ),
    "a relative scatter on identity": (
        {"points": {"unit": "point", "expert": {"scatter": "up to 20 %"}}},
        "is in point, as in `scatter: up to 10 point`",
    ),
    "a scatter with a unit on log": (
        people(hearsay={"scatter": "up to 10 person"}),
        "is relative, as in `scatter: up to 80 %`",
    ),
    "a factor below nought": (people(hearsay={"factor": "-1 to 2"}), "is positive"),
    "a bad interval": (people(hearsay={"factor": "4 to 2"}), "write 2 to 4"),
    "only the top of a factor": (people(hearsay={"factor": "up to 4"}), "give the lower end too"),
    "an unknown argument": (
        people(hearsay={"scatter": "HalfNormal(sigma=tau)"}),
        "unknown quantity 'tau'",
    ),
    "no kinds": (people(), "has no kinds"),
    "a taken name": ({"n": {"unit": "person", "hearsay": ANCHOR}}, "cannot name a group"),
    "two groups for one claim": (
        {
            "a": {"unit": "person", "hearsay": {"factor": 1}},
            "b": {"unit": "person", "expert": {"factor": 2}},
        },
        "put their kinds into one group",
    ),
    "a unit that is none": ({"a": {"unit": "m/", "hearsay": ANCHOR}}, "unit of group 'a'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_kind_cannot_be_is_refused_at_its_place(tmp_path: Path, case: str) -> None:
    kinds, sentence = REFUSED[case]
    with pytest.raises(InputError) as caught:
        with_kinds(tmp_path, kinds)
    (fault,) = caught.value.faults
    assert sentence in fault.message
    assert fault.place is not None
    assert Path(fault.place.file).name == "model.yaml"
    assert fault.place.line


def test_format_1_has_no_kinds(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="asks for `format: 2`"):
        with_kinds(tmp_path, people(hearsay=ANCHOR), format=1)
    readings = {"how": {"each": "claim", "a": 1, "b": 1}}
    relations = {"meant": {"by": "how", "a": "n", "b": "n / 2"}}
    with pytest.raises(InputError, match="asks for `format: 2`"):
        build(
            tmp_path / "r", quantities=QUANTITIES, says=SAYS, claims=ABOUT | {"paper": "meant"},
            readings=readings, relations=relations,
        )  # fmt: skip


WARNED = {
    "no anchor": (
        people(hearsay={"factor": "0.5 to 4"}, register={"factor": "0.5 to 2"}),
        "the level is set by priors: every kind of 'count' has an unknown factor",
    ),
    "nobody of the kind": (
        people(rumour={"factor": "1 to 9"}), "no claim is of kind 'count.rumour'"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WARNED)
def test_what_is_seldom_meant_is_warned_of(tmp_path: Path, case: str) -> None:
    kinds, sentence = WARNED[case]
    assert any(sentence in one.message for one in with_kinds(tmp_path, kinds).warnings)


def test_a_measurement_errs_as_its_kind_does(tmp_path: Path) -> None:
    """By a factor or in odds where the kind does, else as it stands, unless the model says so."""
    says = {
        name: {"says": f"{figure} ± {error}", "kind": kind}
        for name, (figure, error, kind) in {
            "share": ("30", "4 %", "survey"),
            "people": ("8,000", "900 people", "survey"),
            "level": ("28", "15 points", "survey"),
            "other": ("30", "4 %", "census"),
            "as-it-stands": ("30", "4 %", "survey"),
            "own": ("20", "2 %", "census"),
        }.items()
    }
    about: dict[str, Any] = {"share": "share", "people": "n", "level": "level", "other": "share"}
    about["as-it-stands"] = {"about": "share", "scale": "identity"}
    about["own"] = {"about": "share", "scale": "logit"}
    kinds = {
        "shares": {"unit": "share", "survey": {"odds": "0.5 to 2", "scatter": "10 to 30 %"}},
        "counts": {"unit": "person", "survey": {"factor": "0.5 to 2"}},
        "levels": {"unit": "point", "survey": {"scatter": "up to 5 points"}},
    }
    model = with_kinds(tmp_path, kinds, says=says, claims=about)
    scales = {use.id: (use.scale, use.kind) for use in model.uses}
    assert scales == {
        "share": ("logit", "shares.survey"),
        "people": ("log", "counts.survey"),
        "level": ("identity", "levels.survey"),
        "other": ("identity", None),
        "as-it-stands": ("identity", None),
        "own": ("logit", None),
    }
    own = sampling_model(next(use for use in model.uses if use.id == "own"), model.conventions)
    assert isinstance(own, Noisy)
    assert own.y == pytest.approx(math.log(0.2 / 0.8))
    assert own.sigma == pytest.approx(0.02 / (0.2 * 0.8))
    says["share"] = {"says": "0 ± 4 %", "kind": "survey"}
    with pytest.raises(InputError, match="add `scale: identity` to its use"):
        with_kinds(tmp_path / "none", kinds, says=says, claims=about)


def test_a_chain_of_kinds_leads_to_a_level(tmp_path: Path) -> None:
    """Rumour shares a quantity with hearsay, and hearsay another with the register."""
    says = {
        "a": {"says": "9,000 people", "basis": "rumour"},
        "b": {"says": "8,000 people", "basis": "hearsay"},
        "c": {"says": "7,000 people", "basis": "hearsay"},
        "d": {"says": "6,000 people", "basis": "register"},
        "e": {"says": "6,000 people", "basis": "statistics"},
    }
    unknown = {name: {"factor": "0.5 to 4"} for name in ("rumour", "hearsay", "statistics")}
    kinds = people(**unknown, register=ANCHOR)
    quantities = {name: {"unit": "person", "prior": "1,000 to 90,000"} for name in "xyz"}
    model = build(
        tmp_path / "chain", quantities=quantities, says=says, kinds=kinds, format=2,
        claims={"a": "x", "b": "x", "c": "y", "d": "y", "e": "z"},
    )  # fmt: skip
    told = [one.message for one in model.warnings if "level" in one.message]
    assert len(told) == 1
    assert "'count.statistics'" in told[0]


def test_the_ledgers_kind_comes_before_the_basis(tmp_path: Path) -> None:
    says = SAYS | {"paper": SAYS["paper"] | {"kind": "permits"}}
    kinds = people(hearsay={"factor": "1 to 9"}, permits={"factor": "0.5 to 2"}, register=ANCHOR)
    model = with_kinds(tmp_path, kinds, says=says)
    assert next(use for use in model.uses if use.id == "paper").kind == "count.permits"


def test_an_anchor_keeps_its_basis_and_normal_tails(tmp_path: Path) -> None:
    kinds = people(hearsay={"factor": "1 to 9", "scatter": "up to 50 %"}, register=ANCHOR)
    model = with_kinds(tmp_path, kinds, conventions={"tails": "student-t"})
    uses = {use.id: use for use in model.uses}
    assert uses["office"].tails == "normal"
    assert uses["office"].spread is None
    assert str(uses["paper"].spread) == "count.hearsay.scatter * count.hearsay.tails.paper ** -0.5"


OWN: dict[str, Any] = {
    "relations": {"meant": {"by": "how", "a": "n", "b": "n / 2"}},
    "readings": {"how": {"each": "claim", "a": 1, "b": 2}},
    "claims": ABOUT | {"paper": "meant"},
    "kinds": {},
}
OWN_REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a target": ({"targets": ["n", "meant"]}, "so it has no one value"),
    "nothing": (
        {"relations": {"meant": {"by": "how", "a": "n", "b": "nothing"}},
         "readings": {"how": OWN["readings"]["how"] | {"update": False}}},
        "is each claim's own, and a claim says something",
    ),
    "another reading too": (
        {"relations": OWN["relations"] | {"both": {"by": "also", "c": "meant", "d": "n"}},
         "readings": OWN["readings"] | {"also": {"c": 1, "d": 1}}},
        "make it one of the two",
    ),
    "each of something else": (
        {"readings": {"how": {"each": "source", "a": 1, "b": 2}}}, "write `each: claim`"
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OWN_REFUSED)
def test_what_a_reading_per_claim_cannot_be_is_refused(tmp_path: Path, case: str) -> None:
    changed, sentence = OWN_REFUSED[case]
    with pytest.raises(InputError) as caught:
        with_kinds(tmp_path, {}, **({key: OWN[key] for key in OWN if key != "kinds"} | changed))
    assert any(sentence in fault.message for fault in caught.value.faults)


def test_files_json_and_python_are_one_model(tmp_path: Path) -> None:
    model = everything()
    assert load(model.to_yaml(tmp_path / "files")) == model
    assert load_json(model.to_json()) == model
    assert model.to_dict()["format"] == 2
    assert yaml.safe_load((tmp_path / "files/model.yaml").read_text())["kinds"]["count"]["hearsay"]


def test_a_model_without_them_stays_of_format_1(tmp_path: Path) -> None:
    model = build(tmp_path / "plain", quantities=QUANTITIES, says=SAYS, claims=ABOUT)
    assert model.to_dict()["format"] == 1
