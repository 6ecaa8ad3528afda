"""Countries, years and kinds of sources written in Python: the same as in files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import estimates as est
from estimates import InputError, Model, Sampling

ROOT = Path(__file__).parents[1]
PANELS = sorted(
    path.parent
    for place in ("models", "tests/corpus/models")
    for path in (ROOT / place).glob("*/model.yaml")
    if re.search(r"^(dimensions|kinds):|each: claim", path.read_text(), re.MULTILINE)
)


def abroad() -> Model:
    """The panel of docs/how-to/panels.md, with objects wherever there are any."""
    workers = est.Quantity(
        {"china": "3,000 to 200,000", "russia": "4,000 to 200,000", "else": "500 to 20,000"},
        unit="person",
        over=("country", "year"),
        walk=est.Walk("year", by="5 to 80 %", at=2017, together={"country": 0.5}),
    )
    wage = est.Quantity(
        "150 to 1,300",
        unit="USD/person/month",
        over="country",
        alike=est.Alike("country", within="10 to 150 %"),
    )
    pay = est.Relation(workers * wage, unit="MUSD/year")
    total = est.Relation(pay.sum("country"), unit="MUSD/year")
    survey = est.Source("survey-2018", title="A survey of workers abroad", published="2018")

    def said(says: str, when: str | int, about: est.Quantity | Any) -> est.Claim:
        return est.Claim(says, about=about, when=when, source=survey)

    claims = {
        "china-2017": said("around 20,000 people", 2017, workers["china"]),
        "china-2014": said("30,000 people", 2014, workers["china"]),
        "russia-2016": said("30,000 to 40,000 people", 2016, workers["russia"]),
        "world-2015": said("90,000 people", "2015 to 2016", workers.sum("country")),
        "china-wage": said("300 USD/person/month", 2016, wage["china"]),
        "russia-wage": said("500 USD/person/month", 2017, wage["russia"]),
    }
    return est.Model(
        {"workers": workers, "wage": wage},
        {"pay": pay, "total": total},
        dimensions={
            "country": ["china", "russia", "kuwait", "rest"],
            "year": est.Dimension([2013, 2016, 2017, 2019], time=True),
        },
        claims=claims,
        compare={"paid-2017": said("200 to 300 MUSD/year", 2017, total)},
        targets=[workers, total],
        title="Workers abroad, by country and year",
    )


def of_the_page(folder: Path) -> Model:
    """The same of the page's two files."""
    page = (ROOT / "docs/how-to/panels.md").read_text()
    for path, text in re.findall(r"```yaml\n# models/abroad/(\S+)\n(.*?)```", page, re.DOTALL):
        (folder / path).write_text(text)
    return est.load(folder)


def test_a_panel_is_the_one_that_files_say_and_its_draws_are_the_same(tmp_path: Path) -> None:
    files, python = of_the_page(tmp_path), abroad()
    assert python.to_dict() == files.to_dict()
    assert python == files
    few = Sampling(chains=2, tune=200, draws=100)
    fits = [est.fit(one, sampling=few, seed=3) for one in (files, python)]
    for name in ("workers", "wage", "total"):
        np.testing.assert_array_equal(*(fit.posterior[name].values for fit in fits))


# Any model, rebuilt of objects ----------------------------------------------------------------


def made_of_objects(model: Model) -> Model:
    """The model from its content, every part an object that one would write."""
    content = model.to_dict()
    said = content.pop("evidence", {})
    content.pop("format")
    for section, of in (("quantities", quantity), ("relations", relation), ("readings", reading)):
        if section in content:
            content[section] = {name: of(one) for name, one in content[section].items()}
    content["kinds"] = {name: group(one) for name, one in content.pop("kinds", {}).items()}
    content["dimensions"] = {
        name: dimension(one) for name, one in content.pop("dimensions", {}).items()
    }
    content["sources"] = {
        name: est.Source(name, **one) for name, one in said.get("sources", {}).items()
    }
    content["currencies"] = dict(model.currencies)
    uses = {section: content.pop(section, {}) for section in ("claims", "compare")}
    compared = uses["compare"].keys()
    claims = {
        name: est.Claim(**one, **plain(uses["compare" if name in compared else "claims"].get(name)))
        for name, one in said.get("claims", {}).items()
    }
    return est.Model(
        slug=model.slug,
        claims={name: one for name, one in claims.items() if name not in compared},
        compare={name: one for name, one in claims.items() if name in compared},
        **content,
    )


def plain(use: Any) -> dict[str, Any]:
    """What a claim is about, as it is written of one."""
    said = {"about": use} if isinstance(use, str) else dict(use or {})
    assert "note" not in said
    return said


def quantity(said: dict[str, Any] | str) -> est.Quantity:
    if not isinstance(said, dict):
        return est.Quantity(said)
    links = {"alike": est.Alike, "walk": est.Walk, "stock": est.Stock}
    parts: dict[str, Any] = dict(said)
    for key in links.keys() & said.keys():
        parts[key] = links[key](**parts[key])
    if "correlated" in parts:
        parts["correlated"] = est.Correlated(*parts["correlated"].values())
    return est.Quantity(**parts)


def relation(said: dict[str, Any] | str) -> est.Relation:
    if not isinstance(said, dict):
        return est.Relation(said)
    known = {
        key: said[key] for key in ("by", "unit", "label", "note", "over", "first") if key in said
    }
    rest = {key: one for key, one in said.items() if key not in known}
    if "by" in said:
        branches = {name: None if one == "nothing" else one for name, one in rest.items()}
        return est.Relation(branches, **known)
    return est.Relation(rest["is" if "is" in rest else "then"], **known)


def reading(said: dict[str, Any]) -> est.Reading:
    known = {key: said[key] for key in ("question", "update", "note", "each") if key in said}
    options = {
        name: est.Option(**one) if isinstance(one, dict) else one
        for name, one in said.items()
        if name not in known
    }
    return est.Reading(options, **known)


def group(said: dict[str, Any]) -> est.SourceGroup:
    kinds = {
        name: est.SourceKind(**one) for name, one in said.items() if name not in ("unit", "note")
    }
    return est.SourceGroup(kinds, said.get("unit", ""), said.get("note", ""))


def dimension(said: Any) -> est.Dimension:
    if not isinstance(said, dict):
        return est.Dimension(said)
    labels = next(said[key] for key in ("labels", "time", "members") if key in said)
    return est.Dimension(labels, time="time" in said, of=said.get("of", ""))


@pytest.mark.parametrize("folder", PANELS, ids=lambda path: path.name)
def test_every_panel_can_be_made_of_objects_alone(folder: Path, tmp_path: Path) -> None:
    model = est.load(folder)
    made = made_of_objects(model)
    assert made.to_dict() == model.to_dict()
    assert est.load(made.to_yaml(tmp_path / "again")) == model


# Expressions ------------------------------------------------------------------------------------


def test_expressions_over_dimensions_are_what_they_look_like() -> None:
    walk = est.Walk("year", by=0.1)
    n = est.Quantity("1 to 2", over=("place", "year"), walk=walk)
    w = est.Quantity("3 to 4", over="place")
    stock = est.Relation("previous(stock) * 0.9", first=n[2013], over="place")
    relations = {
        "sum": n.sum("place"),
        "part": n.sum("north"),
        "fewer": n.sum("place", but="b"),
        "fewest": n.sum("place", but=["b", "c"]),
        "middle": w.mean("place"),
        "weighted": w.mean("place", n),
        "path": n.mean("year", span=(2014, 2017)),
        "least": n.min("place") + w.max("place"),
        "parts": w.share("place"),
        "cell": n["a"][2013] + n[2017, "b"],
        "before": est.Relation(n - n.previous(), first=n[2013]),
        "product": (n * w).sum("place") / w["a"],
        "stock": stock,
        "after": stock["a"] * 2,
    }
    model = est.Model(
        {"n": n, "w": w},
        relations,
        dimensions={
            "place": ["a", "b", "c"],
            "north": est.Dimension(["a", "b"], of="place"),
            "year": est.Dimension([2013, 2015, 2017], time=True),
        },
        targets=n["a"],
    )
    assert {name: str(one.branches[None]) for name, one in model.parts.relations.items()} == {
        "sum": "sum(n, place)",
        "part": "sum(n, north)",
        "fewer": "sum(n, place except b)",
        "fewest": "sum(n, place except b except c)",
        "middle": "mean(w, place)",
        "weighted": "mean(w, place, n)",
        "path": "mean(n, year, 2014 to 2017)",
        "least": "min(n, place) + max(w, place)",
        "parts": "share(w, place)",
        "cell": "n.a.2013 + n.2017.b",
        "before": "n - previous(n)",
        "product": "sum(n * w, place) / w.a",
        "stock": "previous(stock) * 0.9",
        "after": "stock.a * 2",
    }


def test_a_quantity_is_not_counted_through() -> None:
    n = est.Quantity("1 to 2", over="place")
    with pytest.raises(TypeError):
        list(n)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        assert "a" in n  # type: ignore[operator]


def faults(**sections: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        est.Model(**sections)
    return [fault.message for fault in caught.value.faults]


def test_faults_of_a_panel_are_those_of_a_file() -> None:
    n, places = est.Quantity("1 to 2", over="place"), {"place": ["a", "b"]}
    formula = 2 * n
    assert faults(quantities={"n": n}, dimensions=places, targets=formula["a"]) == [
        "the targets take a label of a formula; give the formula a name among the relations, or "
        "the labels to the quantities in it"
    ]
    assert faults(quantities={"n": n}, dimensions=places, targets=n["aa"]) == [
        "the targets: unknown label 'aa' of place; there are a, b"
    ]
    by_label = est.Quantity({"a": "10 to 20.000", "b": "1 to 2"}, over="place")
    said = faults(quantities={"n": by_label}, dimensions=places, targets="n")
    assert "write 20.000 as 20,000" in said[0]
    walk = est.Quantity("1 to 2", over="place", walk=est.Walk("years", by=0.1))
    assert faults(quantities={"n": walk}, dimensions=places, targets="n") == [
        "the walk of 'n' goes along 'years', which is no time; write `{along: year, by: …}`"
    ]
    stranger = est.Quantity("1 to 2")
    stock = est.Quantity(over="year", stock=est.Stock(stranger, 1, 2))
    assert (
        "quantity 'n' uses a quantity to which the model gives no name"
        in faults(quantities={"n": stock}, dimensions={"year": [1, 2]}, targets="n")[0]
    )


def test_the_page_on_models_in_python_runs() -> None:
    page = (ROOT / "docs/how-to/models-in-python.md").read_text()
    known: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(block, "models-in-python.md", "exec"), known)
    assert known["panel"].targets[0] == "total.2019"
    model = est.Model(
        {"n": est.Quantity("1 to 9", unit="person")}, kinds=known["kinds"], targets="n"
    )
    assert model.parts.kinds["count"].kinds.keys() == {"register", "expert"}
