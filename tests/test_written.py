"""Models written in Python: like those of files, and written into files."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

import estimates as est
from estimates import InputError, Model
from estimates.model import Conventions
from estimates.model.io import load_json

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(
    path.parent
    for place in ("models", "tests/corpus/models")
    for path in (ROOT / place).glob("*/model.yaml")
)


def payroll() -> Model:
    n = est.Quantity("50 to 2,000", unit="person", label="workers")
    wage = est.Quantity("20 to 400", unit="USD/person/month")
    skim = est.Quantity("24 to 94 %", unit="share")
    take_home = wage * (1 - skim)
    return est.Model(
        slug="payroll",
        title="Pay",
        quantities={"n": n, "wage": wage, "skim": skim},
        relations={
            "take_home": take_home,
            "revenue": est.Relation(n * wage * skim, unit="MUSD/year"),
            "quoted": est.Relation({"gross": wage, "net": take_home}, by="said"),
        },
        readings={
            "said": est.Reading({"gross": 1, "net": est.Option(2, because="usage")}, "Which?")
        },
        claims={
            "count": est.Claim("around 300 people", about=n, source="A newspaper: Monday"),
            "pay": est.Claim(
                "200 CNY/person/month",
                about="quoted",
                source=est.Source("talk", title="A talk"),
                speaker="Li",
                basis="hearsay",
                tails="student-t",
                sigma="10 %",
            ),
            "idle": est.Claim(because="gives no figure", source="talk"),
        },
        compare={
            "cited": est.Claim("1 to 2 MUSD/year", about="revenue", source="talk", pool="redundant")
        },
        currencies={"CNY": "0.15 USD"},
        conventions={"hedge": 0.2},
        targets=["revenue", n / 2],
        seed=7,
    )


def test_it_is_the_model_that_the_files_say(tmp_path: Path) -> None:
    (tmp_path / "evidence.yaml").write_text("""
sources: {A-newspaper-Monday: {title: "A newspaper: Monday"}, talk: {title: A talk}}
claims:
  count: {source: A-newspaper-Monday, says: around 300 people}
  pay: {source: talk, says: 200 CNY/person/month, speaker: Li, basis: hearsay, sigma: 10 %}
  idle: {source: talk, because: gives no figure}
  cited: {source: talk, says: 1 to 2 MUSD/year}
""")
    (tmp_path / "model.yaml").write_text("""
title: Pay
evidence: evidence.yaml
seed: 7
currencies: {CNY: 0.15 USD}
conventions: {hedge: 0.2}
quantities:
  n: {unit: person, prior: "50 to 2,000", label: workers}
  wage: {unit: USD/person/month, prior: 20 to 400}
  skim: {unit: share, prior: 24 to 94 %}
relations:
  take_home: wage * (1 - skim)
  revenue: {unit: MUSD/year, is: n * wage * skim}
  quoted: {by: said, gross: wage, net: take_home}
readings:
  said: {question: "Which?", gross: 1, net: {weight: 2, because: usage}}
claims:
  count: n
  pay: {about: quoted, tails: student-t}
compare:
  cited: {about: revenue, pool: redundant}
targets: [revenue, n / 2]
""")
    assert payroll().to_dict() == est.load(tmp_path).to_dict()
    assert pickle.loads(pickle.dumps(payroll())) == payroll()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_what_is_written_into_a_folder_is_read_back(folder: Path, tmp_path: Path) -> None:
    model = est.load(folder)
    assert est.load(model.to_yaml(tmp_path / "again")) == model
    assert load_json(model.to_json()) == model
    assert 3 <= len(repr(model).splitlines()) <= 16
    assert all(len(line) <= 100 for line in repr(model).splitlines())


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    payroll().to_yaml(tmp_path)
    before = (tmp_path / "model.yaml").read_text()
    with pytest.raises(InputError, match="left as it is"):
        payroll().to_yaml(tmp_path)
    assert (tmp_path / "model.yaml").read_text() == before


def test_the_model_is_told_in_ten_lines() -> None:
    assert repr(payroll()).splitlines() == [
        "Model payroll: Pay",
        "  quantities  n 50 to 2000 person; wage 20 to 400 USD/person/month; skim 24 to 94 %",
        "  relations   take_home = wage * (1 - skim); revenue = n * wage * skim; quoted by said",
        "  reading     said: gross 0.333, net 0.667",
        "  evidence    n: around 300 people; quoted: 200 CNY/person/month",
        "  held out    revenue: 1 to 2 MUSD/year",
        "  targets     revenue, n / 2",
    ]


def test_expressions_of_quantities_are_what_they_look_like() -> None:
    x, y = est.Quantity("1 to 2"), est.Quantity("3 to 4")
    both = x + y
    relations = {
        "both": both,
        "sum": 2 - both,
        "quotient": x / y / 2,
        "power": x**2 * 2**y,
        "sign": -x + abs(-y),
        "inner": x - (y - 1),
        "functions": est.log(x) + est.exp(y) * est.sqrt(x) - est.sin(x) / est.cos(y),
        "odds": est.logit(est.logistic(x)),
        "ends": est.minimum(x, y, 3) + est.maximum(x, 1.5),
    }
    model = est.Model({"x": x, "y": y}, relations, targets="both")
    assert {name: str(one.branches[None]) for name, one in model.parts.relations.items()} == {
        "both": "x + y",
        "sum": "2 - both",
        "quotient": "x / y / 2",
        "power": "x ** 2 * 2 ** y",
        "sign": "-x + abs(-y)",
        "inner": "x - (y - 1)",
        "functions": "log(x) + exp(y) * sqrt(x) - sin(x) / cos(y)",
        "odds": "logit(logistic(x))",
        "ends": "min(x, y, 3) + max(x, 1.5)",
    }


def faults(**sections: object) -> list[str]:
    with pytest.raises(InputError) as caught:
        est.Model(**({"quantities": {"n": "50 to 200"}, "targets": "n"} | sections))
    assert all(fault.place is None for fault in caught.value.faults)
    return [fault.message for fault in caught.value.faults]


def test_faults_are_those_of_a_file_and_say_what_they_are_of() -> None:
    said = faults(
        relations={"r": "n * numbr", "number": "2 * n", "s": {"iss": "n"}},
        claims={
            "a": est.Claim("around", about="n", source="x"),
            "b": est.Claim("3", about="n", source="x", basis="guess"),
            "c": est.Claim("3", about="n"),
        },
    )
    assert "unknown quantity 'numbr' in relation 'r'; did you mean 'number'?" in said
    assert "unknown key 'iss' in relation 's'; did you mean 'is'?" in said
    assert "claim 'a': a number is missing at the end" in said
    assert any(one.startswith("claim 'b': unknown basis 'guess'") for one in said)
    assert "claim 'c' names no source; add `source:`" in said


def test_a_quantity_without_a_name_and_a_point_for_thousands_are_faults() -> None:
    stranger = est.Quantity("1 to 2")
    assert (
        "relation 'r' uses a quantity to which the model gives no name"
        in (faults(relations={"r": stranger + 1})[0])
    )
    assert "write 20.000 as 20,000" in faults(quantities={"n": est.Quantity("10 to 20.000")})[0]


def test_what_is_no_plain_value_is_a_fault() -> None:
    assert faults(quantities={"n": object()}) == ["object cannot stand in a model"]


def test_a_hierarchy_and_a_ledger_of_others() -> None:
    ledger = est.load_ledger(ROOT / "models" / "scmp-2017" / "evidence.yaml")
    name, one = next((k, c) for k, c in ledger.claims.items() if c.says and c.says.kind == "point")
    model = est.Model(
        quantities={
            "mu": "Normal(mu=9, sigma=2)",
            "tau": "HalfCauchy(beta=1)",
            "n": {"prior": "LogNormal(mu=mu, sigma=tau)", "unit": one.says.unit},
            "days": est.Quantity(value=7),
        },
        claims={name: "n"},
        ledger=ledger,
        conventions=Conventions(hedge=0.3),
        targets=["n"],
    )
    assert model.uses[0].claim.quote == one.quote
    assert model.conventions.hedge == 0.3
