"""Answers on shared machines: what cannot be kept is printed, what others kept is not believed."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from click.testing import Result
from tests.test_cli import SLUG, run, write_model

from estimates.analysis.registry import ask_all
from estimates.inference.jobs import Workers
from estimates.model.io import load
from estimates.report.reproduce import stored_fit
from estimates.report.saved import Saved

ROOT = "--root"

#: That a file cannot be kept says nothing of what is in it.
pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory, few_draws: None) -> tuple[Path, xr.DataTree]:
    """A folder with a fitted and compared model, and the fit."""
    root = tmp_path_factory.mktemp("kept")
    write_model(root)
    tree = stored_fit(load(SLUG, root), root=root)
    assert run("compare", SLUG, ROOT, root).exit_code == 0
    return root, tree


@pytest.fixture
def root(kept: tuple[Path, xr.DataTree], tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(kept[0], tmp_path / "copy"))


@pytest.fixture
def bare(kept: tuple[Path, xr.DataTree], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nothing has been fitted; a fit is there as soon as it is asked for."""
    write_model(tmp_path)
    monkeypatch.setattr("estimates.report.reproduce.fit", lambda *_, **__: kept[1])
    return tmp_path


def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("estimates._util.files.os.fsync", refuse)


def no_folder(bare: Path) -> None:
    (bare / "results").write_text("a file in the place of a folder")


def read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be made under `results`; tests may run as root, whom no mode stops."""
    real = os.open

    def refuse(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & os.O_CREAT and "results" in str(path):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return real(path, flags, *rest, **more)

    def refuse_folder(self: Path, *_: Any, **__: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(self))

    monkeypatch.setattr("estimates._util.files.os.open", refuse)
    monkeypatch.setattr("pathlib.Path.mkdir", refuse_folder)


DISKS: Mapping[str, tuple[Callable[[Path, pytest.MonkeyPatch], None], str]] = {
    "full": (lambda _, patch: full_disk(patch), "No space left on device"),
    "read-only": (lambda _, patch: read_only(patch), "Read-only file system"),
    "file": (lambda bare, _: no_folder(bare), "a folder must be here"),
}


def told(result: Result, bare: Path, reason: str) -> list[str]:
    """The sentences on standard error: each names a file under the results, and why."""
    sentences = result.stderr.splitlines()
    assert sentences
    assert len(set(sentences)) == len(sentences)
    for sentence in sentences:
        assert (bare / "results").as_posix() in sentence, sentence
        assert reason in sentence
        assert ".tmp" not in sentence
    return sentences


@pytest.mark.parametrize("disk", DISKS)
def test_a_finished_answer_is_printed_though_it_cannot_be_kept(
    bare: Path, monkeypatch: pytest.MonkeyPatch, disk: str, kept: tuple[Path, xr.DataTree]
) -> None:
    spoil, reason = DISKS[disk]
    truth = json.loads(run("fit", SLUG, ROOT, kept[0], "--json").stdout)
    spoil(bare, monkeypatch)
    commands = [["fit"], ["compare"], ["whatif", "--set", "takings=300"]]
    for command in commands if disk == "full" else commands[:1]:  # the others fit anew
        result = run(command[0], SLUG, *command[1:], ROOT, bare, "--json")
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        assert command[0] != "fit" or document["quantities"] == truth["quantities"]
        told(result, bare, reason)
    text = run("fit", SLUG, ROOT, bare)
    assert text.exit_code == 0
    assert "saved in" not in text.stdout
    left = [p for p in bare.rglob("*") if p.is_file() and "models" not in p.parts]
    assert left in ([], [bare / "results"])


@pytest.mark.parametrize("disk", ["read-only", "file"])
@pytest.mark.parametrize("command", ["figures", "report", "export", "reproduce"])
def test_what_makes_files_is_refused_before_the_work(
    bare: Path, monkeypatch: pytest.MonkeyPatch, disk: str, command: str
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("fitted in vain")

    monkeypatch.setattr("estimates.report.reproduce.fit", refuse)
    spoil, reason = DISKS[disk]
    spoil(bare, monkeypatch)
    result = run(command, SLUG, ROOT, bare)
    assert result.exit_code == 2, result.output
    (sentence,) = told(result, bare, reason)
    document = json.loads(run(command, SLUG, ROOT, bare, "--json").stdout)
    assert [one["message"] for one in document["errors"]] == [sentence]


@pytest.mark.parametrize("command", ["figures", "export"])
def test_a_disk_that_fills_up_on_the_way_is_one_sentence(
    bare: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    run("fit", SLUG, ROOT, bare)
    before = sorted(bare.rglob("*"))
    full_disk(monkeypatch)
    monkeypatch.setattr("estimates.report.export.folder.move_in", lambda *_: os.fsync(0))
    result = run(command, SLUG, ROOT, bare)
    assert result.exit_code == 2, result.output
    told(result, bare, "No space left on device")
    made = set(bare.rglob("*")) - set(before)
    assert made <= {bare / "results" / SLUG / "figures"}


def test_small_files_that_cannot_be_written_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "file").write_text("")
    for words in (
        ["new", "corner-cafe", ROOT, tmp_path],
        ["cite", "--output", tmp_path / "file" / "a.bib"],
    ):
        result = run(*words)
        assert result.exit_code == 2, result.output
        (sentence,) = result.stderr.splitlines()
        assert "a folder must be here" in sentence
        assert tmp_path.as_posix() in sentence
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "models", "schemas"]


def test_a_new_model_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        full_disk(patch)
        assert run("new", "corner-cafe", ROOT, tmp_path).exit_code == 2
    assert not (tmp_path / "models" / "corner-cafe").exists()
    assert run("new", "corner-cafe", ROOT, tmp_path).exit_code == 0
    assert run("check", "corner-cafe", ROOT, tmp_path).exit_code == 0


# Whose results they are ---------------------------------------------------------------------------


def fit_entry(root: Path) -> Path:
    (path,) = (root / "results" / "store" / "fit").glob("*.entry")
    return path


def stranger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From here on somebody else, who was given the folder."""
    monkeypatch.setenv("ESTIMATES_KEY", str(tmp_path / "another.key"))


def planted(root: Path) -> None:
    """Make the stored summary say ten times what its draws do, with all digests right."""
    saved = Saved.of(load(SLUG, root), root)
    summary = saved.summary()
    draws = saved.draws()
    assert summary is not None
    assert draws is not None
    for one in summary.document["quantities"].values():
        one["median"] *= 10
    saved.keep(json.dumps(summary.document), draws)


def test_a_store_that_came_along_is_not_believed(
    root: Path,
    kept: tuple[Path, xr.DataTree],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    truth = run("fit", SLUG, ROOT, kept[0], "--json").stdout
    planted(root)
    stranger(monkeypatch, tmp_path)
    monkeypatch.setattr("estimates.report.reproduce.fit", lambda *_, **__: kept[1])
    result = run("fit", SLUG, ROOT, root, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(truth)
    (sentence,) = result.stderr.splitlines()
    assert "not done by this user" in sentence
    assert not run("fit", SLUG, ROOT, root, "--json").stderr  # done anew, and now ours
    listed = json.loads(run("store", ROOT, root, "--json").stdout)["entries"]
    assert {one["kind"]: one["ours"] for one in listed} == {"fit": True, "comparison": False}


def test_verify_finds_what_its_draws_do_not_say(root: Path) -> None:
    result = run("store", "verify", ROOT, root)
    assert result.exit_code == 0, result.output
    assert "2 of 2 entries sound, 2 worked out anew" in result.stdout
    planted(root)
    result = run("store", "verify", ROOT, root)
    assert result.exit_code == 1
    assert fit_entry(root).name in result.stdout
    assert "its summary does not say what its draws do (quantities → " in result.stdout
    document = json.loads(run("store", "verify", ROOT, root, "--json").stdout)
    assert (document["verified"], document["sound"]) == (False, 1)
    assert len(document["faults"]) == 1


@pytest.mark.parametrize("wrong", ["cut", "flipped", "renamed", "another", "foreign-summary"])
def test_verify_finds_whatever_else_is_wrong(
    root: Path, wrong: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = fit_entry(root)
    content = bytearray(path.read_bytes())
    saved = Saved.of(load(SLUG, root), root)
    match wrong:
        case "cut":
            path.write_bytes(content[:-1])
        case "flipped":
            content[-5] ^= 1
            path.write_bytes(content)
        case "renamed":
            path.rename(path.with_name("0" * 64 + ".entry"))
        case "another":
            draws = saved.draws()
            assert draws is not None
            other = Saved.of(load(SLUG, root), root, seed=99)
            summary = saved.summary()
            assert summary is not None
            other.keep(summary.to_json(), draws)
        case "foreign-summary":
            stranger(monkeypatch, tmp_path)
            saved.keep(json.dumps({"quantities": [[[["\x1b[31m"]]]]}), b"no netCDF")
    result = run("store", "verify", ROOT, root)
    assert result.exit_code == 1, result.output
    assert "\x1b" not in result.output
    assert not result.stderr


def test_trust_takes_what_is_sound_and_nothing_else(root: Path, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stranger(patch, tmp_path)
        result = run("store", "verify", ROOT, root)
        assert result.exit_code == 0  # nothing is wrong; it only is not used
        assert "not used: 2" in result.stdout
        assert run("store", "trust", ROOT, root).exit_code == 0
        patch.setattr("estimates.report.reproduce.fit", lambda *_, **__: pytest.fail("fitted anew"))
        for command in ("fit", "compare"):
            trusted = run(command, SLUG, ROOT, root)
            assert trusted.exit_code == 0
            assert not trusted.stderr
        planted(root)
    result = run("store", "trust", ROOT, root)
    assert result.exit_code == 1
    listed = json.loads(run("store", ROOT, root, "--json").stdout)["entries"]
    assert {one["kind"]: one["ours"] for one in listed}["fit"] is False


def test_trust_and_prune_exclude_each_other(root: Path) -> None:
    assert run("store", "trust", "--prune", ROOT, root).exit_code == 2


def test_what_was_answered_is_not_found_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load(SLUG, root)
    tree, memory = stored_fit(model, root=root), Saved.of(model, root)
    first = ask_all(tree, model, Workers(), memory=memory)
    assert first

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it was answered before")

    monkeypatch.setattr("estimates.analysis.registry._ask", refuse)
    assert ask_all(tree, model, Workers(), memory=memory) == first
    monkeypatch.undo()
    # Commands take the same answers, and draw what had not been drawn; another question is another.
    monkeypatch.setattr("estimates.analysis.voi.run.voi", refuse)
    found = run("voi", SLUG, ROOT, root, "--json")
    assert json.loads(found.stdout) == first["voi"].document
    assert (root / "results" / SLUG / "figures" / "voi.png").is_file()
    assert run("voi", SLUG, ROOT, root, "--threshold", "0").exit_code == 70
