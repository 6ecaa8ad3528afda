"""A figure that is compared more than once, each time under a name of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

import estimates as est
from estimates import InputError, Model, Sampling
from estimates.analysis.multiverse.specifications import evidence_of, plan
from estimates.model.io import load_json

EVIDENCE = """
sources: {s: {title: A report, published: 2018}}
claims:
  count: {source: s, says: "around 300 people", when: 2017}
  kbs: {source: s, says: "58,000 people", speaker: KBS, quote: "58,000 workers", origin: o}
"""
MODEL = """
format: 2
evidence: evidence.yaml
dimensions: {place: [a, b]}
quantities: {n: {over: place, unit: person, prior: "100 to 100,000"}}
claims: {n.a: count}
compare:
  sum(n, place): [kbs, {id: kbs, as: both-places}]
  n.b: [{id: kbs, as: own-count, note: If it is b alone.}]
targets: [n]
"""


def written(folder: Path, model: str = MODEL) -> Model:
    (folder / "evidence.yaml").write_text(EVIDENCE)
    (folder / "model.yaml").write_text(model)
    return est.load(folder)


def test_each_comparison_has_a_name_and_the_figure_of_the_one_claim(tmp_path: Path) -> None:
    model = written(tmp_path)
    assert list(model.compare) == ["kbs", "both-places", "own-count"]
    assert [str(use.about) for use in model.parts.compare] == [
        "sum(n, place)",
        "sum(n, place)",
        "n.b",
    ]
    assert {str(use.claim.says) for use in model.uses if use.held_out} == {"58,000 people"}
    assert model.ledger.said.keys() == {"count", "kbs"}


def test_it_is_written_and_read_back_and_the_ledger_stays_as_it_is(tmp_path: Path) -> None:
    model = written(tmp_path)
    assert load_json(model.to_json()) == model
    again = est.load(model.to_yaml(tmp_path / "again"))
    assert again == model
    assert "own-count" not in (tmp_path / "again/evidence.yaml").read_text()
    short = "compare: {kbs: {about: n.b, as: own-count}}\ntargets: [n]\n"
    (tmp_path / "model.yaml").write_text(MODEL[: MODEL.index("compare:")] + short)
    assert list(est.load(tmp_path).compare) == ["own-count"]


def test_in_python_too(tmp_path: Path) -> None:
    files = written(tmp_path)
    n = est.Quantity("100 to 100,000", unit="person", over="place")
    python = est.Model(
        {"n": n},
        dimensions={"place": ["a", "b"]},
        claims={"count": n["a"]},
        compare={
            "sum(n, place)": ["kbs", {"id": "kbs", "as": "both-places"}],
            "n.b": [{"id": "kbs", "as": "own-count", "note": "If it is b alone."}],
        },
        ledger=est.load_ledger(tmp_path / "evidence.yaml"),
        targets=n,
    )
    assert python == files


def test_comparisons_and_speakers_take_them(tmp_path: Path) -> None:
    model = written(tmp_path)
    fit = est.fit(model, sampling=Sampling(chains=2, draws=500, tune=300), seed=4)
    rows = {row.claim: row for row in est.compare(fit).comparisons if row.reading is None}
    assert rows.keys() == {"kbs", "both-places", "own-count"}
    assert rows["kbs"].below == rows["both-places"].below
    assert rows["own-count"].below != rows["kbs"].below


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("as: own-count", "as: count"), "cannot be compared as 'count': a claim has it"),
        (("as: own-count", "as: both-places"), "two figures cannot have one name"),
        (("as: own-count", "as: a/b"), "cannot be compared as 'a/b': write a hyphen"),
        (("id: kbs, as: own-count", "id: kbz, as: own-count"), "unknown claim 'kbz'"),
        (("id: kbs, as: own-count", "id: count, as: own-count"), "both evidence and compared"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        written(tmp_path, MODEL.replace(*change))
    assert [one for one in caught.value.faults if said in one.message and one.place]
    assert len(caught.value.faults) == 1


def test_evidence_counts_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown key 'as'"):
        written(tmp_path, MODEL.replace("count}", "[count, {id: count, as: x}]}"))
    admitted = "variants: {cited: {both: {admit: [both-places, own-count]}}}"
    with pytest.raises(InputError, match="'own-count' is admitted twice, under two names"):
        written(tmp_path, f"{MODEL}{admitted}\n")
    model = written(tmp_path, MODEL + "variants: {cited: {own: {admit: own-count}}}\n")
    cells = {cell.levels: evidence_of(model, cell) for cell in plan(model).cells}
    assert cells["own",].admitted == ("own-count",)
    assert set(cells["own",].uncompared) == {"kbs", "both-places", "own-count"}
