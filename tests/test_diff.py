"""What changed between two models, and what that did: held to closed forms."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from tests.corpus.odd import MODELS

import estimates as est
from estimates.analysis.diff import answers
from estimates.analysis.diff.edits import edits_between, with_puts
from estimates.analysis.diff.result import Diff
from estimates.analysis.diff.steps import Ways
from estimates.cli import app
from estimates.model.io import load_json

ROOT = Path(__file__).parents[1]
QUICK = est.Sampling(draws=500, tune=300)

type Content = dict[str, Any]


def model(content: Content, slug: str = "m") -> est.Model:
    return load_json(json.dumps(content), slug)


def changed(content: Content, **parts: Any) -> Content:
    """Return a content with parts of its sections in the place of others; None takes one away."""
    made = deepcopy(content)
    for section, entries in parts.items():
        held = made["evidence"] if section in ("sources", "said") else made
        name = "claims" if section == "said" else section
        if not isinstance(entries, Mapping):
            held[name] = entries
            continue
        for key, value in entries.items():
            if value is None:
                del held.setdefault(name, {})[key]
            else:
                held.setdefault(name, {})[key] = value
    return made


def claim(says: str, **others: str) -> dict[str, str]:
    return {"source": "s", "says": says, **others}


KNOWN: Content = {
    "format": 1,
    "quantities": {"a": {"value": "2"}, "b": {"value": "5"}},
    "relations": {"y": {"is": "a * b"}},
    "targets": ["y"],
}
HEARD: Content = {
    "format": 1,
    "evidence": {"sources": {"s": {"title": "One"}}, "claims": {"one": claim("10 ± 1 kg")}},
    "quantities": {"x": {"unit": "kg", "prior": "0 to 20", "support": "real"}},
    "relations": {"y": {"unit": "kg", "is": "2 * x"}},
    "claims": {"one": {"about": "x"}},
    "targets": ["y"],
}


# Truth ------------------------------------------------------------------------------------------


def test_known_numbers_move_as_they_multiply() -> None:
    after = changed(KNOWN, quantities={"a": {"value": "3"}, "b": {"value": "7"}})
    found = est.diff(model(KNOWN), model(after))
    assert [(one.alone, one.move) for one in found.steps] == [(5.0, 5.0), (4.0, 6.0)]
    assert [one.answer.median for one in found.steps] == [15.0, 21.0]
    assert (found.together, found.mcse_together) == (2.0, 0.0)
    assert found.targets[0].ratio == pytest.approx(2.1)
    assert found.sentence == (
        "Y moves from 10 to 21, half of it because quantity b has value 7, not 5. Next comes that "
        "quantity a has value 3, not 2: up by 5. What each does alone does not add up to this: "
        "together they come to 2 more."
    )


def posterior(prior: tuple[float, float], *said: tuple[float, float]) -> float:
    """The mean of a normal prior (its 90 % interval) with measurements."""
    low, high = prior
    known = [((low + high) / 2, (high - low) / 2 / 1.6448536269514722), *said]
    weights = [1 / error**2 for _, error in known]
    return sum(w * value for w, (value, _) in zip(weights, known, strict=True)) / sum(weights)


def test_steps_of_a_gaussian_model_are_those_of_the_formula() -> None:
    quantity = {"unit": "kg", "prior": "5 to 11", "support": "real"}
    after = changed(
        HEARD,
        said={"one": claim("12 ± 1 kg"), "two": claim("16 ± 2 kg")},
        claims={"two": {"about": "x"}},
        quantities={"x": quantity},
        relations={"y": {"unit": "kg", "is": "3 * x"}},
    )
    found = est.diff(model(HEARD), model(after), sampling=QUICK)
    wide, narrow, one, other, two = (0, 20), (5, 11), (10, 1), (12, 1), (16, 2)
    way = [
        2 * posterior(wide, one),
        2 * posterior(narrow, one),
        3 * posterior(narrow, one),
        3 * posterior(narrow, other),
        3 * posterior(narrow, other, two),
    ]
    alone = [
        2 * posterior(narrow, one) - way[0],
        3 * posterior(wide, one) - way[0],
        2 * posterior(wide, other) - way[0],
        2 * posterior(wide, one, two) - way[0],
    ]
    assert [row.text for row in found.steps] == [
        "prior of x is 5 to 11, not 0 to 20",
        "relation y is 3 × x, not 2 × x",
        "claim one says 12 ± 1 kg, not 10 ± 1 kg",
        "claim two is new: 16 ± 2 kg",
    ]
    for row, truth in zip(found.steps, [b - a for a, b in pairwise(way)], strict=True):
        assert row.move == pytest.approx(truth, abs=4 * (row.mcse_move or 0))
        assert row.mcse_move is not None
        assert 0 < row.mcse_move < 0.2
        assert row.answer.median == pytest.approx(
            way[row.step], abs=4 * (row.answer.mcse_median or 0)
        )
    for row, truth in zip(found.steps, alone, strict=True):
        assert row.alone == pytest.approx(truth, abs=4 * (row.mcse_alone or 0))
    assert sum(row.move or 0 for row in found.steps) == pytest.approx(found.targets[0].difference)
    truth = way[-1] - way[0] - sum(alone)
    assert found.together == pytest.approx(truth, abs=4 * (found.mcse_together or 0))


def test_a_cited_figure_has_each_answer_beside_it() -> None:
    """Where the answer is normal, the shares are those of its distribution function."""
    said = (10.0, 1.0), (14.0, 1.0)
    cited_range = {"source": "s", "says": "21 to 23 kg"}
    first, last = (
        changed(
            HEARD,
            evidence={
                "sources": {"s": {"title": "One"}},
                "claims": {"one": claim(f"{at:g} ± {error:g} kg"), "two": cited_range},
            },
            compare={"two": "y"},
        )
        for at, error in said
    )
    found = est.diff(model(first), model(last))
    (row,) = found.cited
    assert (row.claim, row.target, row.unit) == ("two", "y", "kg")
    for (at, error), lies in zip(said, (row.before, row.after), strict=True):
        precision = 1 / (10 / 1.6448536269514722) ** 2 + 1 / error**2
        answer = NormalDist(2 * posterior((0, 20), (at, error)), 2 / precision**0.5)
        below, above = answer.cdf(21.0), 1 - answer.cdf(23.0)
        # Four standard errors of a share of 1,000 effective draws, and half a step of quantiles.
        assert lies.below == pytest.approx(below, abs=4 * 0.5 / 1000**0.5 + 0.0025)
        assert lies.above == pytest.approx(above, abs=4 * 0.5 / 1000**0.5 + 0.0025)
        assert lies.inside == pytest.approx(1 - (lies.below or 0.0) - (lies.above or 0.0))
    assert (row.before.verdict, row.after.verdict) == ("straddles", "above")
    assert "Before, the answer lay partly inside the cited 21 to 23 kg; now it lies above it." in (
        found.sentence
    )


def test_a_figure_that_only_one_side_cites_is_told_of_it_alone() -> None:
    figure = {"sources": {"s": {"title": "A"}}, "claims": {"c": {"source": "s", "says": "8 to 9"}}}
    after = changed(
        KNOWN,
        evidence=figure,
        compare={"c": "y"},
        quantities={"a": {"value": "3"}, "b": {"value": "5"}},
    )
    found = est.diff(model(KNOWN), model(after))
    (row,) = found.cited
    assert row.before.verdict is None
    assert (row.after.above, row.after.verdict) == (1.0, "above")
    assert "The answer lies above the cited 8 to 9." in found.sentence
    back = est.diff(model(after), model(KNOWN))
    assert "Before, the answer lay above the cited 8 to 9." in back.sentence


def test_changes_are_named_by_labels() -> None:
    labelled = {
        "a": {"value": "2", "label": "cups"},
        "b": {"value": "5", "label": "price of a cup"},
    }
    first = changed(KNOWN, quantities=labelled)
    last = changed(
        first,
        quantities=labelled | {"b": labelled["b"] | {"value": "7"}},
        relations={"y": {"is": "b * a + a"}},
    )
    found = est.diff(model(first), model(last))
    assert [one.text for one in found.steps] == [
        "the price of a cup has value 7, not 5",
        "relation y is price of a cup × cups + cups, not cups × price of a cup",
    ]
    assert [(one.kind, one.name) for one in found.changes] == [("quantity", "b"), ("relation", "y")]


def test_an_error_of_a_difference_is_that_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    after = changed(HEARD, said={"one": claim("12 ± 1 kg")})
    (row,) = est.diff(model(HEARD), model(after), sampling=QUICK).steps
    (target,) = est.diff(model(HEARD), model(after), sampling=QUICK).targets
    both = sqrt((target.before.mcse_median or 0) ** 2 + (target.after.mcse_median or 0) ** 2)
    assert row.mcse_move == pytest.approx(both)
    assert not row.noise


# What is no change ------------------------------------------------------------------------------


@pytest.fixture
def no_fits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("nothing is to be fitted")

    monkeypatch.setattr(answers, "refit", refuse)
    return


@pytest.mark.usefixtures("no_fits")
def test_a_model_and_itself() -> None:
    found = est.diff(est.load("scmp-2017", ROOT), est.load("scmp-2017", ROOT))
    assert not found.changed
    assert found.sentence == "Nothing changed: before and now say the same."
    assert (found.steps, found.targets, found.converged) == ((), (), True)


@pytest.mark.usefixtures("no_fits")
def test_neither_comments_nor_order_count(tmp_path: Path) -> None:
    for name, order in (("one", ["x", "z"]), ("two", ["z", "x"])):
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        quantities = "".join(f"  {one}: {{prior: 1 to 9}}  # {name}\n" for one in order)
        text = f"# {name}\nformat: 1\nquantities:\n{quantities}targets: [x]\n"
        (folder / "model.yaml").write_text(text)
    found = est.diff(*(est.load(one, tmp_path) for one in ("one", "two")))
    assert not found.changed


@pytest.mark.usefixtures("no_fits")
def test_words_alone_move_nothing() -> None:
    after = changed(
        HEARD,
        sources={"s": {"title": "Another"}},
        said={"one": claim("10 ± 1 kg", quote="it weighs ten", speaker="Ann", when="2017")},
        quantities={"x": HEARD["quantities"]["x"] | {"label": "weight"}},
        title="A title",
    )
    found = est.diff(model(HEARD), model(after))
    assert {(one.kind, one.name, one.because) for one in found.changes} == {
        ("source", "s", "words alone"),
        ("claim", "one", "words alone"),
        ("quantity", "x", "words alone"),
        ("words", "title", "words alone"),
    }
    assert found.sentence.startswith("Nothing changed that the answer follows from: ")


@pytest.mark.usefixtures("no_fits")
def test_new_names_move_nothing() -> None:
    text = json.dumps(HEARD).replace('"one"', '"first"').replace('"s"', '"paper"')
    text = text.replace("* x", "* mass").replace('"x"', '"mass"')
    found = est.diff(model(HEARD), model(json.loads(text)))
    assert {(one.before, one.after, one.how) for one in found.changes} == {
        ("one", "first", "renamed"),
        ("s", "paper", "renamed"),
        ("x", "mass", "renamed"),
    }
    assert not found.steps


@pytest.mark.usefixtures("no_fits")
def test_what_is_held_out_or_unused_moves_nothing() -> None:
    before = changed(HEARD, said={"cited": claim("30 kg")}, compare={"cited": {"about": "y"}})
    after = changed(before, said={"cited": claim("40 kg"), "idle": claim("7 kg")})
    after["variants"] = {"tails": {"wide": {"widths": 2.0}}}
    found = est.diff(model(before), model(after))
    assert {(one.kind, one.name, one.because) for one in found.changes} == {
        ("cited figure", "cited", "held out of the answer"),
        ("claim", "idle", "no part of the model"),
        ("variant", "tails", "what `multiverse` asks, and no part of the answer"),
    }


def test_other_units_are_no_other_answer() -> None:
    before = changed(
        HEARD,
        said={"one": claim("10 ± 1 km")},
        quantities={"x": {"unit": "km", "prior": "0 to 20", "support": "real"}},
        relations={"y": {"unit": "km", "is": "2 * x"}},
    )
    after = changed(
        before,
        said={"one": claim("10,000 ± 1,000 m")},
        quantities={"x": {"unit": "m", "prior": "0 to 20,000", "support": "real"}},
        relations={"y": {"unit": "m", "is": "2 * x"}},
    )
    found = est.diff(model(before), model(after), sampling=QUICK)
    (target,) = found.targets
    assert target.unit == "m"
    assert target.before.median == pytest.approx(20_000, rel=0.02)
    for row in found.steps:
        assert row.move == pytest.approx(0, abs=4 * (row.mcse_move or 0))
    assert "stays at about" in found.sentence


# What needs what --------------------------------------------------------------------------------


def test_changes_that_need_each_other_are_one_step() -> None:
    after = changed(
        KNOWN,
        quantities={"c": {"value": "4"}},
        relations={"y": {"is": "a * b + d"}, "d": {"is": "10 * c"}},
    )
    found = est.diff(model(KNOWN), model(after))
    assert sum(row.move or 0 for row in found.steps) == found.targets[0].difference == 40.0
    texts = {row.text: row.needs for row in found.steps}
    assert len([text for text in texts if text.startswith("relation y")]) == 1
    for row in found.steps:
        assert all(need < row.step for need in row.needs)


def test_every_model_on_the_way_is_checked_and_what_cannot_stand_alone_comes_after() -> None:
    after = changed(
        HEARD,
        quantities={"z": {"unit": "kg", "prior": "1 to 9"}},
        said={"new": claim("5 ± 1 kg"), "too": claim("6 ± 1 kg")},
        claims={"new": {"about": "z"}, "too": {"about": "z"}},
    )
    edits = [one for one in edits_between(HEARD, after) if not one.because]
    ways = Ways(changed(HEARD), edits, "m")
    steps = ways.steps()
    made: frozenset[int] = frozenset()
    for step in steps:
        assert step.needs <= made
        assert ways.model(step.needs | frozenset(step.edits)) is not None
        made |= frozenset(step.edits)
        assert ways.model(made) is not None
    assert [edits[number].name for step in steps for number in step.edits] == ["z", "new", "too"]
    assert len(steps) == 3
    back = [one for one in edits_between(after, HEARD) if not one.because]
    steps = Ways(after, back, "m").steps()
    assert [back[number].name for step in steps for number in step.edits][-1] == "z"


def pairs() -> list[tuple[str, str]]:
    names = sorted(MODELS)
    return list(zip(names, [*names[7:], *names[:7]], strict=True))[::4]


@pytest.mark.parametrize(("one", "other"), pairs())
def test_all_changes_together_make_the_other_model(one: str, other: str, tmp_path: Path) -> None:
    contents = [odd(name, tmp_path) for name in (one, other)]
    made = contents[0]
    for edit in edits_between(*contents):
        made = with_puts(made, edit.puts)
    assert plain(made) == plain(contents[1])


def odd(name: str, folder: Path) -> Content:
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    for file, held in {"model.yaml": MODELS[name].model, **MODELS[name].ledgers}.items():
        (place / file).write_text(json.dumps(held, ensure_ascii=False), "utf-8")
    return est.load(place).to_dict()


def plain(content: Content) -> str:
    return json.dumps({key: value for key, value in content.items() if value}, sort_keys=True)


# Targets, readings, panels ----------------------------------------------------------------------


def test_without_a_target_in_common_only_changes_are_told() -> None:
    after = {"format": 1, "quantities": {"c": {"value": "3"}}, "targets": ["c"]}
    found = est.diff(model(KNOWN), model(after))
    assert found.sentence.startswith("The two have no target in common")
    assert {one.name for one in found.changes} >= {"a", "b", "c", "y"}
    metres = changed(KNOWN, quantities={"a": {"value": "2 m"}}, relations={"y": {"is": "a * b"}})
    assert est.diff(model(KNOWN), model(metres)).target is None


def test_another_headline_is_asked_of_both() -> None:
    after = changed(KNOWN, targets=["a", "y"], quantities={"a": {"value": "3"}})
    found = est.diff(model(KNOWN), model(after))
    assert (found.target, found.unit) == ("a", "")
    assert [(row.target, row.difference) for row in found.targets] == [("a", 1.0), ("y", 5.0)]
    assert [(row.target, row.move) for row in found.by_target] == [("y", 5.0)]


def test_readings_are_told_apart() -> None:
    relations = {"y": {"by": "how", "once": "a * b", "twice": "2 * a * b"}}
    options = {"once": {"weight": 1.0}, "twice": {"weight": 1.0}}
    before = changed(KNOWN, relations=relations, readings={"how": options})
    weights = {"once": {"weight": 3.0}, "twice": {"weight": 1.0}}
    after = changed(before, readings={"how": weights}, quantities={"a": {"value": "3"}})
    found = est.diff(model(before), model(after))
    rows = {row.reading["how"]: row for row in found.readings}
    assert rows["once"].weight_before == pytest.approx(0.5)
    assert rows["once"].weight_after == pytest.approx(0.75)
    assert found.digest_before == model(before).digest
    assert (rows["twice"].before.median, rows["twice"].after.median) == (20.0, 30.0)
    assert any("weight" in row.text for row in found.steps)


def test_of_a_reading_what_moves_the_answer_is_told_and_not_its_reasons() -> None:
    options = {
        "once": {"weight": 1.0, "because": "So it was said."},
        "twice": {"weight": 1.0, "because": "Or so."},
    }
    relations = {"y": {"by": "how", "once": "a * b", "twice": "2 * a * b"}}
    held = changed(KNOWN, relations=relations, readings={"how": {**options, "update": False}})
    argued = {name: {**one, "because": "Elsewhere."} for name, one in options.items()}
    free = changed(held, readings={"how": {**argued, "update": None}})
    texts = [row.text for row in est.diff(model(held), model(free)).changes]
    assert texts == ["reading how is weighed by the claims now"]


def test_cells_of_a_panel_are_targets() -> None:
    before: Content = {
        "format": 2,
        "dimensions": {"land": ["north", "south"]},
        "quantities": {"n": {"over": ["land"], "value": {"north": "3", "south": "4"}}},
        "relations": {"total": {"is": "sum(n, land)"}},
        "targets": ["total", "n"],
    }
    after = deepcopy(before)
    after["quantities"]["n"]["value"]["south"] = "6"
    found = est.diff(model(before), model(after))
    moved = {row.target: row.difference for row in found.targets}
    assert moved["total"] == 2.0
    assert sorted(moved.values()) == [0.0, 2.0, 2.0]


# The command ------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, a in (("one", 2), ("two", 3)):
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        (folder / "model.yaml").write_text(
            f"format: 1\ntitle: Pianos\nquantities: {{a: {{value: {a}}}, b: {{value: 5}}}}\n"
            "relations: {y: a * b}\ntargets: [y]\n"
        )
    return tmp_path


def asked(root: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["diff", *words, "--root", str(root)])


def test_the_command(root: Path) -> None:
    told = asked(root, "one", "two", "--to", str(root / "out"))
    assert told.exit_code == 0, told.output
    assert "Y moves from 10 to 15, because quantity a has value 3, not 2." in told.stdout
    assert len(told.stdout.splitlines()) <= 25
    assert (root / "out" / "diff-steps.csv").is_file()
    assert (root / "out" / "diff-changes.md").is_file()
    assert (root / "results" / "two" / "figures" / "diff.svg").is_file()
    document = json.loads(asked(root, "one", "two", "--json").stdout)
    schema = json.loads((ROOT / "schemas" / "documents" / "diff.schema.json").read_text())
    assert not list(Draft202012Validator(schema).iter_errors(document))
    assert Diff.read(document).steps[0].move == 5.0
    assert "Alone: made in one by itself." in asked(root, "one", "two", "--full").stdout
    same = asked(root, "one", "one")
    assert (same.exit_code, "Nothing changed" in same.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["one", "three"], "no model 'three'"),
        (["one", "two", "--since", "HEAD"], "--since compares a model with itself"),
        (["one"], "is in no repository; name another model"),
    ],
)
def test_what_cannot_be_compared(root: Path, words: list[str], fault: str) -> None:
    told = asked(root, *words)
    assert told.exit_code == 2
    assert fault in told.stderr


def test_a_model_and_what_it_was_in_git(root: Path) -> None:
    def git(*words: str) -> None:
        own = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", str(root), *own, *words], check=True, capture_output=True)

    folder = root / "models" / "one"
    ledger = 'sources: {s: {title: A}}\nclaims: {c: {source: s, says: "7"}}\n'
    (root / "models" / "shared.yaml").write_text(ledger)
    text = (folder / "model.yaml").read_text()
    (folder / "model.yaml").write_text(f"{text}evidence: ../shared.yaml\ncompare: {{c: y}}\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    (folder / "model.yaml").write_text(
        (folder / "model.yaml").read_text().replace("value: 2", "value: 4")
    )
    (root / "models" / "shared.yaml").write_text(ledger.replace("7", "8"))
    told = asked(root, "one")
    assert "Y moves from 10 to 20, because quantity a has value 4, not 2." in told.stdout
    assert "1 change can move nothing." in told.stdout
    assert est.load_at("one", "HEAD", root).ledger.claims["c"].says != (
        est.load("one", root).ledger.claims["c"].says
    )
    assert asked(root, "one", "--since", "nowhere").exit_code == 2
    assert asked(root, "one", "--since", "--help").exit_code == 2
    (folder / "model.yaml").write_text("format: 1\ntargets: [nothing_here]\n")
    git("commit", "-qam", "broken")
    (folder / "model.yaml").write_text(text)
    broken = asked(root, "one", "--since", "HEAD")
    assert broken.exit_code == 2
    assert broken.stderr.startswith("HEAD:models/one/model.yaml:1:")


def test_a_result_is_drawn() -> None:
    after = changed(KNOWN, quantities={"a": {"value": "3"}, "b": {"value": "7"}})
    found = est.diff(model(KNOWN), model(after))
    assert est.plot(found).axes
    assert "steps" in found.tables
    assert Diff.read(json.loads(found.to_json())) == found
    with pytest.raises(est.InputError, match="nothing to draw"):
        est.plot(replace(found, steps=(), targets=()))
