"""Whoever arrives: the installed package in an empty folder, and commands in a folder below."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from estimates.cli import app
from estimates.model.io import nearest_root
from estimates.model.scaffold import new_estimate

ROOT = Path(__file__).parent.parent


# The root


def test_from_a_folder_below_the_root_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = new_estimate("cafe", tmp_path).folder
    deep = folder / "notes"
    deep.mkdir()
    monkeypatch.chdir(deep)
    assert nearest_root() == Path("../../..")
    assert CliRunner().invoke(app, ["check", "cafe"]).exit_code == 0
    assert "cafe" in CliRunner().invoke(app, ["list"]).stdout
    made = CliRunner().invoke(app, ["new", "second"])
    assert made.exit_code == 0
    assert (tmp_path / "models" / "second" / "model.yaml").is_file()
    assert "--root" not in made.stdout
    # A folder models/ here is meant, whatever lies above.
    (deep / "models").mkdir()
    assert nearest_root() == Path()


def test_where_it_looked_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(app, ["check", "cafe"])
    assert told.exit_code == 2
    assert f"{tmp_path / 'models'}, which is not there" in told.stderr
    assert str(tmp_path / "models") in CliRunner().invoke(app, ["list"]).stdout
    told = CliRunner().invoke(app, ["reproduce"])
    assert str(tmp_path / "models") in told.stderr


def test_a_root_of_somebody_else_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_estimate("cafe", tmp_path)
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert nearest_root() == Path("..")
    monkeypatch.setattr(os, "getuid", lambda: below.stat().st_uid + 1)
    assert nearest_root() == Path()


def test_no_folder_above_the_home_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_estimate("cafe", tmp_path)
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home / "work")
    assert nearest_root() == Path()
    new_estimate("mine", home)
    assert nearest_root() == Path("..")


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as it is published, built of what is under version control or new."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (source / name).write_bytes((ROOT / name).read_bytes())
    for path in (ROOT / "src").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts and ".egg-info" not in str(path):
            copy = source / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    build = f"from setuptools import build_meta; print(build_meta.build_wheel({str(built)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", build], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (made,) = built.glob("*.whl")
    return made


def test_the_wheel_has_all_that_is_no_code(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    lacking = [
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "estimates").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
        if path.relative_to(ROOT / "src").as_posix() not in names
    ]
    assert not lacking


def test_the_wheel_works_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    """Installed apart from this source; only the libraries are those of the tests."""
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    libraries = sysconfig.get_paths()["purelib"]
    # The libraries after the wheel, and without what their `.pth` files would put before it.
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(site), libraries]),
        "ESTIMATES_CACHE": str(tmp_path / "cache"),
        "ESTIMATES_KEY": str(tmp_path / "key"),
    }
    empty = tmp_path / "empty"
    empty.mkdir()

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-S", "-m", "estimates", *words],
            cwd=empty, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = "import estimates; print(estimates.__file__)"
    found = subprocess.run(
        [sys.executable, "-S", "-c", where], env=environment, capture_output=True, text=True,
        check=True, cwd=empty,
    )  # fmt: skip
    assert Path(found.stdout.strip()).is_relative_to(site)
    run("new", "cafe")
    assert "well formed" in run("check", "cafe")
    fit = json.loads(run("fit", "cafe", "--json"))
    assert fit["diagnostics"]["converged"]
    assert json.loads(run("doctor", "--json"))["version"]
    assert "prior and claims together" in run("help", "posterior")
    schemas = {path.name for path in (empty / "schemas").iterdir()}
    assert schemas == {"ledger.schema.json", "model.schema.json"}
