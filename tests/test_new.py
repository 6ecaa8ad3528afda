"""`estimates new`, and the JSON Schemas by which editors help to write on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import estimates as est
from estimates.cli import app
from estimates.language.wording import VAGUE, parse_wording
from estimates.model import Conventions, forms, ledger_forms
from estimates.model.conventions import Basis, Vagueness, Verdict
from estimates.model.io import find_models, load
from estimates.model.ledger import BASES, Claim, Source
from estimates.model.panels import PanelQuantity
from estimates.model.scaffold import SCHEMAS, new_estimate, schema_text
from estimates.model.spec import Currency, Option, Quantity, Reading, Relation, Use
from estimates.model.variants import GROUPS, Axis, Variant

ROOT = Path(__file__).parent.parent
LEDGER, MODEL = (json.loads((ROOT / "schemas" / name).read_text()) for name in SCHEMAS)
REGISTRY: Registry[Any] = Registry().with_resources(
    [
        ("ledger.schema.json", Resource.from_contents(LEDGER)),
        ("model.schema.json", Resource.from_contents(MODEL)),
    ]
)


class _Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as editors read it: `no` is a word and 2017-08-12 a text."""


_Core.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", "~nN"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Core.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), [*_first, ""]
    )


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def problems(schema: dict[str, Any], text: str) -> list[str]:
    """What an editor would mark."""
    checker = Draft202012Validator(schema, registry=REGISTRY)
    return [error.message for error in checker.iter_errors(yaml.load(text, Loader=_Core))]


# The scaffold ----------------------------------------------------------------------------------


def test_what_new_makes_is_well_formed_and_says_what_is_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    made = run("new", "corner-cafe")
    assert made.exit_code == 0, made.output
    folder = tmp_path / "models" / "corner-cafe"
    assert sorted(path.name for path in folder.iterdir()) == ["evidence.yaml", "model.yaml"]
    for command in ("check", "fit", "compare", "whatif", "report"):
        assert f"estimates {command} corner-cafe" in made.stdout
    assert all(len(line) <= 80 for line in made.stdout.splitlines())
    checked = run("check", "corner-cafe")
    assert checked.exit_code == 0
    assert not checked.stderr
    assert find_models(tmp_path) == ("corner-cafe",)


@pytest.mark.parametrize(("name", "schema"), [("evidence", LEDGER), ("model", MODEL)])
def test_the_first_line_leads_editors_to_a_schema_that_holds(
    tmp_path: Path, name: str, schema: dict[str, Any]
) -> None:
    folder = new_estimate("corner-cafe", tmp_path).folder
    text = (folder / f"{name}.yaml").read_text()
    first = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", text.splitlines()[0])
    assert first
    assert json.loads((folder / first[1]).read_text()) == schema
    assert problems(schema, text) == []
    assert max(map(len, text.splitlines())) <= 100
    assert "@" not in text


def test_every_key_of_the_scaffold_is_explained_on_its_line_or_above(tmp_path: Path) -> None:
    """A newcomer reads comments, not the manual: the first time that a key comes, it has one."""
    folder = new_estimate("corner-cafe", tmp_path).folder
    lines = (folder / "model.yaml").read_text().splitlines()
    for key in ("format", "evidence", "unit", "label", "note", "is", "targets"):
        first = next(line for line in lines if line.strip().startswith(f"{key}:"))
        assert "#" in first or key == "note", first


@pytest.mark.parametrize("title", ["Pretzels: how many?", "It's 5 % of #1", "- [x] {y}", "2024"])
def test_any_title_is_read_back(tmp_path: Path, title: str) -> None:
    new_estimate("pretzels", tmp_path, title)
    assert load("pretzels", tmp_path).title == title


@pytest.mark.parametrize(
    "name", ["Corner-Cafe", "corner cafe", "../up", "a/b", "-x", "x-", "", ".", "café", "x" * 61]
)
def test_a_bad_name_is_refused_and_nothing_is_made(tmp_path: Path, name: str) -> None:
    refused = run("new", "--root", tmp_path, "--", name)
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1
    assert "cannot name a model" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_bad_name_is_met_with_a_good_one(tmp_path: Path) -> None:
    refused = run("new", "Corner Cafe", "--root", tmp_path)
    assert refused.stderr.endswith("; for instance corner-cafe\n")


@pytest.mark.parametrize("kind", ["folder", "file", "dangling link"])
def test_nothing_is_ever_overwritten(tmp_path: Path, kind: str) -> None:
    there = tmp_path / "models" / "mine"
    there.parent.mkdir()
    if kind == "folder":
        there.mkdir()
    elif kind == "file":
        there.write_text("precious")
    else:
        there.symlink_to(tmp_path / "nowhere")
    refused = run("new", "mine", "--root", tmp_path)
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1
    assert "exists already" in refused.stderr
    assert not (tmp_path / "nowhere").exists()
    assert not (tmp_path / "schemas").exists()
    document = json.loads(run("new", "mine", "--root", tmp_path, "--json").stdout)
    assert "exists already" in document["errors"][0]["message"]


def test_a_strangers_schema_stays_and_ours_is_renewed(tmp_path: Path) -> None:
    new_estimate("one", tmp_path)
    shared = tmp_path / "schemas" / "model.schema.json"
    shared.write_text(shared.read_text().replace("An estimate", "An older estimate"))
    assert new_estimate("two", tmp_path).files[2:] == (shared,)
    assert json.loads(shared.read_text()) == MODEL
    shared.write_text('{"title": "of another program"}')
    three = new_estimate("three", tmp_path)
    assert "another program" in shared.read_text()
    assert (three.folder / "model.schema.json").exists()
    assert "$schema=./model.schema.json" in (three.folder / "model.yaml").read_text()
    assert load("three", tmp_path).slug == "three"


def test_new_answers_in_json(tmp_path: Path) -> None:
    document = json.loads(run("new", "mine", "--root", tmp_path, "--json").stdout)
    assert document["model"] == "mine"
    assert all(Path(file).exists() for file in document["files"])
    assert any(step.startswith("estimates fit mine --root") for step in document["next"])


def test_the_scaffold_fits_and_its_answer_is_below_what_is_cited(tmp_path: Path) -> None:
    new_estimate("corner-cafe", tmp_path)
    fit = est.fit(load("corner-cafe", tmp_path), seed=1)
    assert est.summary(fit).document["diagnostics"]["converged"]
    assert list(est.compare(fit).table["verdict"]) == [
        "below",
        "below",
    ]  # the reading and the mixture
    found = est.compare(fit)
    assert str(found) == found.sentence
    assert "the answer" in found.sentence
    assert list(found.tables) == ["comparisons"]
    assert str(est.voi(fit)) == est.voi(fit).sentence


# The schemas -----------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", [LEDGER, MODEL], ids=["ledger", "model"])
def test_a_schema_is_one(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_published_schema_is_that_of_the_forms(name: str) -> None:
    published = (ROOT / "schemas" / name).read_text(encoding="utf-8")
    assert published == schema_text(name), "run docs/_make/schemas.py"


@pytest.mark.parametrize("path", sorted((ROOT / "models").glob("*/*.yaml")), ids=str)
def test_what_is_shipped_is_valid(path: Path) -> None:
    schema = MODEL if path.name == "model.yaml" else LEDGER
    assert problems(schema, path.read_text()) == []


@pytest.mark.parametrize("slug", find_models(ROOT))
def test_a_model_with_its_ledger_inside_is_valid(slug: str) -> None:
    checker = Draft202012Validator(MODEL, registry=REGISTRY)
    assert list(checker.iter_errors(load(slug, ROOT).to_dict())) == []


def keys_of(schema: dict[str, Any], *path: str) -> set[str]:
    for step in path:
        schema = schema[step]
    return set(schema["properties"])


def test_the_forms_have_the_fields_of_what_is_read() -> None:
    """What a form names is an argument of the class that is made of it."""
    made = {
        ledger_forms.SOURCE: Source,
        ledger_forms.CLAIM: Claim,
        forms.QUANTITY: Quantity,
        forms.RELATION_BY_READING: Relation,
        forms.OPTION: Option,
        forms.READING: Reading,
        forms.COMPARED: Use,
        forms.CURRENCY: Currency,
        forms.AXIS: Axis,
        forms.VARIANT: Variant,
    }
    # A kind of prior, a branch, one number or many, another name for a figure.
    apart = {"value", "is", "then", "widths", "as"}
    for form, kind in made.items():
        known = {one.name for one in fields(kind)}
        if kind is Quantity:  # over dimensions it is another class
            known |= {one.name for one in fields(PanelQuantity)}
        assert set(form.known) - apart <= known, form.name
    assert set(forms.WITHOUT.known) == set(GROUPS)


def test_schema_and_conventions_know_the_same_keys() -> None:
    defined = MODEL["$defs"]
    assert keys_of(defined, "conventions") == {one.name for one in fields(Conventions)}
    assert keys_of(defined, "bases") == set(BASES)
    assert keys_of(defined, "vague-words") == set(VAGUE)
    for name, kind in (("basis", Basis), ("vague", Vagueness), ("verdict", Verdict)):
        assert keys_of(defined[name]) == {one.name for one in fields(kind)}


def everywhere(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema within a schema."""
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from everywhere(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from everywhere(value)


@pytest.mark.parametrize("schema", [LEDGER, MODEL], ids=["ledger", "model"])
def test_every_property_has_help(schema: dict[str, Any]) -> None:
    for one in everywhere(schema):
        for place in ("properties", "$defs"):
            for name, what in one.get(place, {}).items():
                if "type" in one or place == "$defs":  # not the conditions of `if` and `anyOf`
                    assert what.get("description"), name


def test_the_examples_of_says_are_wordings_of_every_kind() -> None:
    examples = LEDGER["$defs"]["claim"]["properties"]["says"]["examples"]
    kinds = {parse_wording(example).kind for example in examples}
    assert kinds == {
        *("point", "range", "bound", "vague", "measured", "counted", "direction", "disputed"),
        *("events", "lopsided", "published"),
    }


def test_every_key_of_the_manual_is_in_a_schema() -> None:
    known = {
        name
        for schema in (LEDGER, MODEL)
        for one in everywhere(schema)
        for name in one.get("properties", {})
    }
    manual = (ROOT / "docs" / "format.md").read_text()
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", manual, re.MULTILINE)
    keys = {key for row in rows for key in re.findall(r"`([a-z_]+)`", row)}
    assert len(keys) > 40
    assert keys <= known, keys - known


MISTAKES = {
    # what a newcomer writes instead: (file, what stands in the scaffold, what is written)
    "a key that is none": ("model", "label: guests", "lable: guests"),
    "a key at the wrong level": ("model", "targets: [coffees]", "target: [coffees]"),
    "no targets": ("model", "targets: [coffees]", ""),
    "no quantities": ("model", "quantities:", "quantity:"),
    "another format": ("model", "format: 1 ", "format: 3 "),
    "a quantity without a prior": ("model", "    prior: 20 to 95 %\n", ""),
    "prior and value": ("model", "    prior: 20 to 95 %", "    prior: 20 to 95 %\n    value: 0.5"),
    "a list of claims": ("model", "  guests: guests\n  had", "  - guests\n  - had"),
    "a relation without an expression": ("model", "is: guests *", "equals: guests *"),
    "a quantity with a blank": ("model", "  coffee_drinkers:\n", "  coffee drinkers:\n"),
    "a quantity with a hyphen": ("model", "  coffee_drinkers:\n", "  coffee-drinkers:\n"),
    "an unknown support": ("model", "unit: share ", "unit: share\n    support: percent "),
    "a list as a title": ("model", "title: Coffees", "title: [Coffees]\nlabel: Coffees"),
    "a seed in words": ("model", "format: 1 ", "seed: one\nformat: 1 "),
    "a comma in braces": ("model", "prior: 1 to 2}", "prior: 1 to 2,000}"),
    "a claim without its source": ("evidence", "    source: my-count\n", ""),
    "a claim that says nothing": ("evidence", "    says: 31 of 50", "    #"),
    "an unknown basis": ("evidence", "basis: hearsay", "basis: gossip"),
    "a misspelt key": ("evidence", "quote: 31", "qoute: 31"),
    "a date in words": ("evidence", "published: 2024-05-11", "published: 11 May 2024"),
    "claims as a list": ("evidence", "claims:\n  guests:", "claims:\n- guests:"),
    "a width in words": ("evidence", "basis: hearsay", "sigma: wide"),
    "a width of nothing": ("evidence", "basis: hearsay", "sigma: 0"),
    "a dispute of nothing": ("evidence", "says: 31 of 50", "says: lower than claimed"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_editors_mark_a_newcomers_mistake(tmp_path: Path, mistake: str) -> None:
    name, before, after = MISTAKES[mistake]
    text = (new_estimate("corner-cafe", tmp_path).folder / f"{name}.yaml").read_text()
    assert before in text
    text = text.replace(before, after, 1)
    assert problems(MODEL if name == "model" else LEDGER, text)
