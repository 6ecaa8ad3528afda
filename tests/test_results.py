"""Results on disk: stored, reused, redone when damaged, verified, and never half written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from estimates import documents, results, saved
from estimates.errors import InputError
from estimates.files import load
from estimates.model import Model
from estimates.sampling import Sampling

EVIDENCE = """
sources: {s: {title: A source, published: 2017}}
claims:
  cited: {source: s, quote: q, says: 100 to 200 people}
"""
# Purely forward, so that no fit needs a compiler.
MODEL = """
format: 1
title: Homes and people
evidence: evidence.yaml
quantities:
  homes: {unit: home, prior: 20 to 90}
  crowding: {unit: person/home, prior: 1 to 4}
relations:
  people: {unit: person, is: homes * crowding}
compare: {cited: people}
targets: [people]
"""
SHORT = Sampling(draws=500)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    folder = tmp_path / "models" / "homes"
    folder.mkdir(parents=True)
    (folder / "evidence.yaml").write_text(EVIDENCE, encoding="utf-8")
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    return load("homes", root=tmp_path)


def stored(model: Model, root: Path, **options: object) -> tuple[np.ndarray, list[str]]:
    told: list[str] = []
    tree = results.stored_fit(
        model,
        root=root,
        sampling=SHORT,
        progress=lambda done, total, what: told.append(what),
        **options,
    )
    return tree["posterior"]["people"].values, told


def test_an_unchanged_question_is_answered_from_the_store(model: Model, tmp_path: Path) -> None:
    first, told = stored(model, tmp_path)
    assert told
    again, told = stored(model, tmp_path)
    assert not told
    np.testing.assert_array_equal(first, again)
    _, told = stored(model, tmp_path, seed=99)
    assert told


@pytest.mark.parametrize("damage", [b"", b"not a fit", None])
def test_a_damaged_store_is_noticed_and_redone(
    model: Model, tmp_path: Path, damage: bytes | None
) -> None:
    first, _ = stored(model, tmp_path)
    (path,) = tmp_path.glob("results/store/fit/*.entry")
    path.write_bytes(path.read_bytes()[:2000] if damage is None else damage)
    warned: list[str] = []
    again, told = stored(model, tmp_path, warn=warned.append)
    assert told
    assert [sentence.partition(":")[0] for sentence in warned] == [path.as_posix()]
    np.testing.assert_array_equal(first, again)
    _, told = stored(model, tmp_path)
    assert not told


def test_draws_that_are_gone_come_back_from_the_store(model: Model, tmp_path: Path) -> None:
    stored(model, tmp_path)
    path = saved.folder(model, tmp_path) / "fit.nc"
    before = path.read_bytes()
    path.write_bytes(b"something else")
    _, told = stored(model, tmp_path)
    assert not told
    assert path.read_bytes() == before


def test_nothing_is_left_half_written(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text("what was there before", encoding="utf-8")

    def fail() -> None:
        with documents.replacing(path) as temporary:
            temporary.write_text("half", encoding="utf-8")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_text(encoding="utf-8") == "what was there before"
    assert [p.name for p in tmp_path.iterdir()] == ["result.json"]
    with pytest.raises(ValueError, match="not JSON compliant"):
        documents.write_json(path, {"number": float("nan")})
    assert path.read_text(encoding="utf-8") == "what was there before"


def test_reproduce_writes_a_manifest_that_verifies(model: Model, tmp_path: Path) -> None:
    manifest = results.reproduce([model], root=tmp_path, sampling=SHORT)
    assert manifest == documents.read_json(tmp_path / "results" / "manifest.json")
    files = manifest["models"]["homes"]["files"]
    assert {"fit.json", "compare.json", "summary.csv", "compare.csv"} <= set(files)
    for question in ("sensitivity", "conflict", "inverse", "worth"):
        assert f"{question}.json" in files
        # One body of evidence contradicts none, so that there is nothing to draw of conflicts.
        drawn = any(name.startswith(f"figures/{question}") for name in files)
        assert drawn == (question != "conflict")
    assert results.verify([model], root=tmp_path) == []


def test_verify_says_what_differs(model: Model, tmp_path: Path) -> None:
    results.reproduce([model], root=tmp_path, sampling=SHORT)
    path = saved.folder(model, tmp_path) / "fit.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["quantities"]["people"]["median"] *= 1.5
    path.write_text(json.dumps(document), encoding="utf-8")
    found = "\n".join(results.verify([model], root=tmp_path))
    assert "fit.json is not the file that was written" in found
    assert "median of people was" in found

    evidence = tmp_path / "models" / "homes" / "evidence.yaml"
    evidence.write_text(EVIDENCE.replace("100 to 200", "100 to 300"), encoding="utf-8")
    changed = load("homes", root=tmp_path)
    assert results.verify([changed], root=tmp_path) == [
        "homes: the model or its ledger has changed"
    ]


def test_nothing_to_verify_is_bad_input(model: Model, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `estimates reproduce` first"):
        results.verify([model], root=tmp_path)


def test_numbers_are_compared_within_their_own_error() -> None:
    def document(mean: float) -> dict:
        numbers = {"mean": mean, "median": 1.0, "mcse_mean": 0.01, "mcse_median": 0.01}
        return {"quantities": {"x": numbers}, "readings": []}

    assert results.numbers_that_differ(document(1.0), document(1.05)) == []
    assert len(results.numbers_that_differ(document(1.0), document(1.06))) == 1
