"""Results on disk: stored, reused, redone when damaged, verified, and never half written."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from click.testing import CliRunner

from estimates._util import files as documents
from estimates._util.records import Column
from estimates.cli.app import app
from estimates.errors import InputError
from estimates.inference.sampling import Sampling
from estimates.model import Model
from estimates.model.io import load
from estimates.report import reproduce as results
from estimates.report import saved
from estimates.report import verify as verifying
from estimates.report.agreement import Compared

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


def written(root: Path) -> Model:
    folder = root / "models" / "homes"
    folder.mkdir(parents=True)
    (folder / "evidence.yaml").write_text(EVIDENCE, encoding="utf-8")
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    return load("homes", root=root)


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return written(tmp_path)


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


type Reproduced = tuple[Path, Model, dict[str, Any]]


@pytest.fixture(scope="module")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Reproduced:
    """A folder with the results of a model, which no test alters, the model and the manifest."""
    root = tmp_path_factory.mktemp("reproduced")
    model = written(root)
    return root, model, results.reproduce([model], root=root, sampling=SHORT).document


def _copied(reproduced: Reproduced, root: Path) -> tuple[Path, Model, dict[str, Any]]:
    before, model, manifest = reproduced
    shutil.copytree(before, root, dirs_exist_ok=True)
    return root, model, json.loads(json.dumps(manifest))


def test_reproduce_writes_a_manifest(reproduced: Reproduced) -> None:
    root, _, manifest = reproduced
    assert manifest == documents.read_json(root / "results" / "manifest.json")
    files = manifest["models"]["homes"]["files"]
    assert {"fit.json", "compare.json", "summary.csv", "compare.csv"} <= set(files)
    for question in ("sensitivity", "conflict", "inverse", "voi"):
        assert f"{question}.json" in files
        # One body of evidence contradicts none, so that there is nothing to draw of conflicts.
        drawn = any(name.startswith(f"figures/{question}") for name in files)
        assert drawn == (question != "conflict")


def test_what_is_reproduced_verifies_to_the_last_digit(reproduced: Reproduced) -> None:
    root, model, _ = reproduced
    before = sorted(path for path in root.rglob("*") if path.is_file())
    same = verifying.verify([model], root=root)
    assert (same.differences, same.notices) == ([], [])
    [said] = same.compared
    found = re.search(r"([\d,]+) numbers .* standard errors \(([\d,]+) are equal, 0 beyond", said)
    assert found is not None
    assert found[1] == found[2]
    assert int(found[1]) > 80
    assert "not compared" not in said
    assert sorted(path for path in root.rglob("*") if path.is_file()) == before


#: By how much each number is altered: ten of its own errors, or of a hundredth of it.
WRONG = [
    ("fit.json", ("quantities", "people", "median"), "mcse_median"),
    ("fit.json", ("quantities", "people", "q95"), None),
    ("fit.json", ("readings", 0, "quantities", "homes", "sd"), None),
    ("compare.json", ("comparisons", 0, "below"), "mcse_below"),
    ("compare.json", ("comparisons", 1, "ratio", "median"), None),
    ("voi.json", ("facts", 0, "share"), None),  # of all quantities together: 1, without error
    ("voi.json", ("facts", 1, "share"), "share_se"),
]


def test_a_wrong_number_is_found_whatever_the_draws(reproduced: Reproduced, tmp_path: Path) -> None:
    """Other draws, as another processor makes them, come to the same; ten errors are too much.

    The digest of the altered file is put right: only the number itself tells.
    """
    root, model, manifest = _copied(reproduced, tmp_path)
    for name, place, error in WRONG:
        path = saved.folder(model, root) / name
        document = documents.read_json(path)
        within = document
        for key in place[:-1]:
            within = within[key]
        # What states no error has one of 2 to 5 % of itself, of 2,000 draws.
        wrong_by = 10 * (within[error] if error else 0.05 * within[place[-1]])
        assert wrong_by > 0
        within[place[-1]] += wrong_by
        documents.write_json(path, document)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        manifest["models"]["homes"]["files"][name] = digest
    manifest["versions"]["numpy"] = "0.1"
    documents.write_json(root / "results" / "manifest.json", manifest)
    found = verifying.verify([model], root=root, seed=7)
    beyond = [one for one in found.differences if "Monte Carlo error allows" in one]
    for name, place, _ in WRONG:
        assert any(name in one and f"{place[-1]} was" in one for one in beyond), (name, place)
    assert len(beyond) == len(WRONG), "\n".join(beyond)
    # The tables were made of the numbers that are wrong now.
    rest = [one for one in found.differences if one not in beyond]
    assert rest == [
        f"homes: {name}.csv does not say what the documents say" for name in ("summary", "compare")
    ]
    assert [one for one in found.notices if one.startswith("numpy is ")]


def test_an_altered_file_and_an_altered_ledger_are_told(
    reproduced: Reproduced, tmp_path: Path
) -> None:
    root, model, _ = _copied(reproduced, tmp_path)
    picture = next((saved.folder(model, root) / "figures").glob("*.svg"))
    picture.write_text("<svg/>", encoding="utf-8")
    found = verifying.verify([model], root=root)
    assert found.differences == [f"homes: figures/{picture.name} is not the file that was written"]

    evidence = root / "models" / "homes" / "evidence.yaml"
    evidence.write_text(EVIDENCE.replace("100 to 200", "100 to 300"), encoding="utf-8")
    changed = load("homes", root=root)
    assert verifying.verify([changed], root=root).differences == [
        "homes: the model or its ledger has changed"
    ]


def test_nothing_to_verify_is_bad_input(model: Model, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `estimates reproduce` first"):
        verifying.verify([model], root=tmp_path)


@dataclass(frozen=True, kw_only=True)
class Share:
    of: str = "a"
    mean: Annotated[float, Column(error="mcse_mean")] = 1.0
    mcse_mean: float = 0.01
    share: Annotated[float, Column(error="share_se")] = 0.5
    share_se: float = 0.01


@dataclass(frozen=True)
class Shares:
    rows: tuple[Share, ...]


@dataclass(frozen=True)
class Judged:
    verdict: str
    only_just: bool = False


def _compared(then: Any, now: Any) -> Compared:
    found = Compared()
    found.compare("", then, now)
    return found


def test_numbers_are_compared_within_their_own_error() -> None:
    """Four errors of one number; of ten thousand 5.3, so that all are within with 0.999."""
    then = Share()
    for away, beyond in ((0.05, 0), (0.06, 1)):
        found = _compared(then, Share(mean=1.0 + away))
        assert len(list(found.beyond())) == beyond
        assert len(found.numbers) == 2
    many = {str(i): then for i in range(5000)}
    assert _compared(many, many).allowed == pytest.approx(5.33, abs=0.01)


def test_a_verdict_that_only_just_holds_may_differ() -> None:
    then = Judged("below")
    now = Judged("straddles")
    assert _compared(then, now).differences == ["verdict was below, is straddles"]
    found = _compared(then, Judged("straddles", only_just=True))
    assert found.differences == []
    assert found.notices[0] == "verdict was below, is straddles; it holds only just"


def test_entries_are_compared_with_those_of_their_name() -> None:
    """What is ranked by nearly equal numbers may come in another order."""
    one, other = (Share(of=name, share=share) for name, share in (("a", 0.1), ("b", 0.2)))
    assert not _compared(Shares((one, other)), Shares((other, one))).differences
    gone = _compared(Shares((one, other)), Shares((one,)))
    assert gone.notices == ["rows b is in one of the two only"]


def test_the_command_says_what_was_compared(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = verifying.Verified(["homes: 173 numbers compared"], [], ["numpy is 2, was 1"])
    monkeypatch.setattr(verifying, "verify", lambda *_, **__: found)
    asked = ["reproduce", "--verify", "--root", str(tmp_path)]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "homes: 173 numbers compared",
        "May differ: numpy is 2, was 1",
        "Verified: homes give the same results.",
    ]
    found.differences.append("homes: fit.json is missing")
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-1] == "Differs: homes: fit.json is missing"
    document = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert not document["verified"]
    assert set(document) == {"format", "verified", "compared", "differences", "notices"}
