"""Reading files: which forms are read, what YAML splits is put together, and what is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from estimates.errors import Faults, InputError
from estimates.language.expression import Constant
from estimates.language.wording import Range
from estimates.model import FixedValue, IntervalPrior, Model, NamedPrior
from estimates.model.io import find_models, load, load_json, load_ledger, load_text
from estimates.model.reader.yaml_nodes import Entries, Text, nodes_of, parse_yaml

LEDGER = """\
sources:
  paper: {title: Gaps}
claims:
  headcount: {source: paper, says: "around 20,000 people"}
  cited: {source: paper, says: 100 to 200 MUSD/year}
"""
MODEL = """\
format: 1
title: What is taken
evidence: evidence.yaml
quantities:
  workers: {unit: person, prior: "1,400 to 200,000"}
  wage: {unit: USD/person/month, prior: 68 to 1,113}
relations:
  revenue: {unit: MUSD/year, is: workers * wage}
claims:
  headcount: workers
compare:
  cited: revenue
targets: [revenue]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "models" / "demo"
    home.mkdir(parents=True)
    (home / "evidence.yaml").write_text(LEDGER, encoding="utf-8")
    (home / "model.yaml").write_text(MODEL, encoding="utf-8")
    return home


def tree(text: str) -> Entries:
    faults = Faults()
    node = parse_yaml(text, "f.yaml", faults)
    faults.raise_if_any()
    assert isinstance(node, Entries)
    return node


def value(text: str, key: str) -> str:
    node = tree(text).values[key][1]
    assert isinstance(node, Text)
    return node.value


# Finding ----------------------------------------------------------------------------------------


def test_a_slug_a_folder_and_a_file_are_one_model(folder: Path, tmp_path: Path) -> None:
    models = [load("demo", tmp_path), load(folder), load(str(folder)), load(folder / "model.yaml")]
    assert len(set(models)) == 1
    assert {model.slug for model in models} == {"demo"}
    assert find_models(tmp_path) == ("demo",)
    assert find_models(folder) == ()


def test_places_name_files_as_the_user_did(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "model.yaml").write_text(MODEL.replace("headcount: workers", "headcount: worker"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"^models/demo/model\.yaml:10:14: "):
        load("demo")
    with pytest.raises(InputError, match=r"^models/demo/model\.yaml:10:14: "):
        load("models/demo")


def test_ledgers_are_shared_and_listed(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "models" / "other"
    other.mkdir()
    more = "sources: {paper: {title: Gaps}, book: {}}\nclaims: {pay: {source: book, says: 3}}\n"
    (other / "more.yaml").write_text(more)
    listed = MODEL.replace("evidence.yaml", "[../demo/evidence.yaml, more.yaml]")
    (other / "model.yaml").write_text(listed)
    model = load(other)
    assert list(model.ledger.claims) == ["headcount", "cited", "pay"]
    assert model.ledger.claims["headcount"].place is not None
    assert model.ledger.claims["headcount"].place.file == str(folder / "evidence.yaml")
    (other / "more.yaml").write_text(more.replace("pay:", "cited:").replace("Gaps", "Maps"))
    with pytest.raises(InputError) as caught:
        load(other)
    first, second = caught.value.faults
    assert first.message.startswith("another ledger has a source 'paper'")
    assert second.message.startswith("another ledger has a claim 'cited'")


def test_a_model_needs_no_evidence(tmp_path: Path) -> None:
    model = load_text("quantities: {x: 1 to 2}\ntargets: x", "fermi.yaml")
    assert (model.uses, model.slug, model.targets) == ((), "fermi", ("x",))


def test_a_ledger_that_cannot_be_read_is_one_fault(folder: Path) -> None:
    (folder / "evidence.yaml").write_text("claims: [headcount, cited]\n")
    with pytest.raises(InputError) as caught:
        load(folder)
    assert len(caught.value.faults) == 1
    (folder / "evidence.yaml").unlink()
    with pytest.raises(InputError) as caught:
        load(folder)
    assert len(caught.value.faults) == 1


# Forms ------------------------------------------------------------------------------------------


def test_short_forms_mean_their_long_forms() -> None:
    long = load_text(
        MODEL.replace("evidence.yaml", "{}").split("claims:")[0] + "targets: [revenue]"
    )
    short = load_text(
        "title: What is taken\n"
        "quantities:\n  workers: 1,400 to 200,000 person\n  wage: 68 to 1,113 USD/person/month\n"
        "relations:\n  revenue: {unit: MUSD/year, is: workers * wage}\ntargets: revenue\n"
    )
    assert short.quantities["workers"].unit == "person"
    assert short.quantities["workers"].prior == long.quantities["workers"].prior
    assert short.resolve("revenue", {}) == long.resolve("revenue", {})


def test_every_form_of_prior() -> None:
    model = load_text(
        """
quantities:
  hours: {unit: hour, prior: 30 to 90 minutes}
  shift: {value: 3 hours}
  days: {unit: hour, value: 2 days}
  skim: {unit: share, prior: 24 to 94 % @ 80%}
  odds: {support: share, prior: 0.1 to 0.9}
  change: {support: real, prior: -3 to 3}
  rate: {support: real, prior: 1 to 3}
  tau: {prior: HalfCauchy(5)}
  mu: {unit: USD, prior: "Normal(mu=0, sigma=1)"}
  member: {unit: kUSD, prior: Normal(mu=2 * mu, sigma=tau * spread)}
  spread: {unit: kUSD, prior: Uniform(1, 2)}
  bounded: {prior: "TruncatedNormal(mu=0, sigma=1, lower=0)"}
targets: [hours]
"""
    )
    priors = {name: one.prior for name, one in model.quantities.items()}
    supports = {name: one.support for name, one in model.quantities.items()}
    assert priors["hours"] == IntervalPrior(0.5, 1.5, 0.9, "lognormal")
    assert priors["shift"] == FixedValue(3.0)
    assert model.quantities["shift"].unit == "hours"
    assert priors["days"] == FixedValue(48.0)
    assert priors["skim"] == IntervalPrior(
        pytest.approx(0.24), pytest.approx(0.94), 0.8, "logitnormal"
    )
    assert priors["odds"] == IntervalPrior(0.1, 0.9, 0.9, "logitnormal")
    assert priors["change"] == IntervalPrior(-3.0, 3.0, 0.9, "normal")
    assert priors["rate"] == IntervalPrior(1.0, 3.0, 0.9, "normal")
    assert priors["tau"] == NamedPrior("HalfCauchy", {"beta": Constant(5.0)})
    member = priors["member"]
    assert isinstance(member, NamedPrior)
    assert str(member.arguments["mu"]) == "0.001 * (2 * mu)"
    assert str(member.arguments["sigma"]) == "tau * spread"
    assert supports["bounded"] == supports["tau"] == supports["spread"] == "positive"
    assert supports["skim"] == supports["odds"] == "share"
    assert supports["member"] == supports["rate"] == "real"
    assert model.order.index("spread") < model.order.index("member")


def test_currencies_with_and_without_notes() -> None:
    model = load_text(
        "currencies:\n  HKD: {rate: 0.1282 USD, note: the peg}\n"
        "  CNY: {rate: 1.167 HKD, date: 2017-08, note: the article's own}\n"
        "quantities: {wage: {unit: USD/month, prior: 1,000 to 3,000 CNY/month}}\ntargets: wage"
    )
    prior = model.quantities["wage"].prior
    assert isinstance(prior, IntervalPrior)
    assert prior.low == pytest.approx(1000 * 1.167 * 0.1282)
    assert model.currencies["CNY"].note == "the article's own"


def test_conventions_are_overridden_one_by_one() -> None:
    text = "quantities: {x: 1 to 2}\ntargets: x\nconventions:\n"
    model = load_text(
        text + "  hedge: 0.2\n  tails: student-t\n  basis: {expert: 0.5, rumour: {truth: 0.5}}\n"
        "  vague: {a few: {count: 4}}\n  verdict: {side: 0.95}\n"
    )
    conventions = model.conventions
    assert conventions.hedge == 0.2
    assert conventions.basis["expert"].width == 0.5
    assert conventions.basis["expert"].coverage == 0.70
    assert conventions.basis["rumour"].truth == 0.5
    assert (conventions.vague["a few"].count, conventions.vague["a few"].spread) == (4.0, 0.35)
    assert conventions.verdict.side == 0.95
    assert conventions.overrides() == {
        "hedge": 0.2,
        "tails": "student-t",
        "basis": {"expert": {"width": 0.5}, "rumour": {"truth": 0.5}},
        "vague": {"a few": {"count": 4.0}},
        "verdict": {"side": 0.95},
    }
    assert load_text(text + "  hedge: 0.10\n") == load_text(text)


# YAML -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{unit: USD/person/month, prior: 68 to 1,113}", "68 to 1,113"),
        ("{prior: 1,400 to 200,000}", "1,400 to 200,000"),
        ("{prior: 1,400 to 200,000, unit: x}", "1,400 to 200,000"),
        ("{prior: 1,234,567 to 2,345,678 USD, unit: x}", "1,234,567 to 2,345,678 USD"),
        ("{prior: Normal(mu=0, sigma=1), unit: x}", "Normal(mu=0, sigma=1)"),
        ("{prior: 'Normal(mu=0, sigma=1)'}", "Normal(mu=0, sigma=1)"),
        ("{prior: max(min(a, b), c)}", "max(min(a, b), c)"),
        ("prior: 68 to 1,113", "68 to 1,113"),
        ("prior: >\n  68 to\n  1,113", "68 to 1,113"),
        ("prior: ~20,000 people", "~20,000 people"),
    ],
)
def test_a_comma_inside_a_value_does_not_split_it(text: str, expected: str) -> None:
    assert value(text, "prior") == expected


@pytest.mark.parametrize("text", ["{prior: 68 to 1, 113}", "{prior: 68 to 1,11}", "{prior: a,113}"])
def test_other_commas_do(text: str) -> None:
    assert len(tree(text).values) == 2


def test_every_value_is_text() -> None:
    for text in ("no", "2017-08", "1_000", "0x10", "1:30", "null", "~", "1e3"):
        assert value(f"a: {text}", "a") == text


def test_places_count_characters_and_skip_quotation_marks() -> None:
    node = tree('Zürich: "  wo"\nb: {c: d}\n').values
    text = node["Zürich"][1]
    assert isinstance(text, Text)
    assert text.value == "wo"
    assert text.spot is not None
    assert str(text.spot.place(1)) == "f.yaml:1:13"
    folded = tree("a: one\n  two\n").values["a"][1]
    assert isinstance(folded, Text)
    assert folded.spot is not None
    assert str(folded.spot.place(5)) == "f.yaml:1:4"  # which line the sixth is on is not known


def test_a_byte_order_mark_is_no_content(folder: Path) -> None:
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8-sig")
    load(folder)


def test_python_values_become_nodes() -> None:
    assert nodes_of(True) == Text("true")
    assert nodes_of(0.5) == Text("0.5")
    with pytest.raises(ValueError, match="cannot stand in a model"):
        nodes_of(object())


# Round trips ------------------------------------------------------------------------------------


def test_json_reads_back_equal(folder: Path) -> None:
    model = load(folder)
    again = load_json(model.to_json())
    assert again == model
    assert again.digest == model.digest
    assert again.to_dict() == model.to_dict()
    assert again.uses == tuple(
        replace(use, claim=again.ledger.claims[use.id]) for use in model.uses
    )


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("title: What", "title:   What", True),
        ("format: 1\n", "# a comment\n", True),
        ("{unit: person, prior", "{support: null, unit: person, prior", True),
        ("workers * wage", "(workers*wage)", True),
        ("[revenue]", "revenue", True),
        ('"1,400 to 200,000"', "1400 to 200_000 @ 90%", True),
        ("headcount: workers", "headcount: {about: workers}", True),
        ("cited: revenue", "cited: {about: revenue, pool: held-out}", True),
        ("1,400", "1,401", False),
        ("title: What", "title: Who", False),
        ("cited: revenue", "cited: {about: revenue, pool: redundant}", False),
        ("headcount: workers", "headcount: {about: workers, tails: student-t}", False),
        ("targets: [revenue]", "targets: [revenue, wage]", False),
        ("targets: [revenue]", "targets: [revenue]\nseed: 7", False),
    ],
)
def test_the_digest_is_of_the_content(folder: Path, old: str, new: str, same: bool) -> None:
    model = load(folder)
    (folder / "model.yaml").write_text(MODEL.replace(old, new), encoding="utf-8")
    assert (load(folder).digest == model.digest) is same


def test_the_digest_ignores_order_and_names_of_files(folder: Path, tmp_path: Path) -> None:
    model = load(folder)
    head, quantities, rest = MODEL.partition("quantities:\n")
    first, second, *others = rest.splitlines(keepends=True)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    (moved / "ledger.yaml").write_text(LEDGER)
    (moved / "model.yaml").write_text(
        "".join([quantities, second, first, *others]) + head.replace("evidence.yaml", "ledger.yaml")
    )
    assert load(moved).digest == model.digest


def test_a_ledger_written_inside_a_model(folder: Path) -> None:
    inside = "evidence:\n" + "".join(f"  {line}" for line in LEDGER.splitlines(keepends=True))
    assert load_text(MODEL.replace("evidence: evidence.yaml\n", inside)) == load(folder)


def test_a_ledger_alone(folder: Path) -> None:
    ledger = load_ledger(folder / "evidence.yaml")
    assert isinstance(ledger.claims["cited"].says, Range)


# Cost -------------------------------------------------------------------------------------------


def test_loading_imports_nothing_heavy(folder: Path) -> None:
    program = (
        "import sys; from estimates.model.io import load; load(sys.argv[1]); "
        "heavy = {'pymc', 'arviz', 'xarray', 'pandas', 'matplotlib', 'scipy', 'numpy'}; "
        "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}))"
    )
    # Shifted seeds need NumPy from the start.
    plain = {name: value for name, value in os.environ.items() if name != "ESTIMATES_TEST_SEED"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        capture_output=True, text=True, check=True, env=plain,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_loading_samples_nothing_and_gives_a_model(folder: Path) -> None:
    assert isinstance(load(folder), Model)


@pytest.mark.parametrize(
    ("file", "before", "after", "said"),
    [
        (
            "evidence.yaml", '"around 20,000 people"}', '"around 20,000 people", note}',
            "evidence.yaml:4:60: 'note' in claim 'headcount' has no value; write `note: …`, "
            "or leave it out",
        ),
        (
            "evidence.yaml", "{title: Gaps}", "{title: Gaps, url: }",
            "evidence.yaml:2:24: 'url' in source 'paper' has no value; write `url: …`, "
            "or leave it out",
        ),
        (
            "model.yaml", "{unit: person,", "{label, unit: person,",
            "model.yaml:5:13: 'label' in quantity 'workers' has no value; write `label: …`, "
            "or leave it out",
        ),
        (
            "model.yaml", "headcount: workers", "headcount: {about: workers, scale}",
            "model.yaml:10:31: 'scale' in claim 'headcount' in `claims:` has no value; "
            "write `scale: …`, or leave it out",
        ),
    ],
)  # fmt: skip
def test_a_key_in_braces_without_a_value_is_a_fault(
    folder: Path, file: str, before: str, after: str, said: str
) -> None:
    """YAML reads `{quote: a, note}` as a note of nothing, which nobody means."""
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(folder)
    assert [str(fault).rpartition("/")[2] for fault in caught.value.faults] == [said]
