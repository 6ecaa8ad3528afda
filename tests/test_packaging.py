"""What the package promises to its surroundings: names, pins, and who may load what."""

from __future__ import annotations

import importlib
import itertools
import json
import pkgutil
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

import estimates

ROOT = Path(__file__).parent.parent
HEAVY = ("pymc", "pytensor", "nutpie", "numba", "arviz", "arviz_stats", "matplotlib", "pandas")
PINS = ("requirements.txt", "requirements-dev.txt")


def run(code: str) -> str:
    """Standard output of a fresh Python."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_public_name_is_there() -> None:
    for name in estimates.__all__:
        assert callable(getattr(estimates, name)), name
    assert set(estimates.__all__) <= set(dir(estimates))
    assert estimates.__version__ == version("estimates")


def test_no_public_name_is_also_a_module() -> None:
    """Importing a submodule binds its name in the package, over a function of the same name."""
    modules = {module.name for module in pkgutil.iter_modules(estimates.__path__)}
    assert not modules & set(estimates.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="lode"):
        estimates.lode  # noqa: B018
    with pytest.raises(ImportError):
        importlib.import_module("estimates.nothing")


@pytest.mark.parametrize(
    "code",
    [
        "import estimates",
        "import estimates; estimates.load, estimates.Model, estimates.parse_wording",
        "import estimates; estimates.describe",
    ],
)
def test_reading_loads_nothing_heavy(code: str) -> None:
    loaded = json.loads(run(f"{code}; import json, sys; print(json.dumps(sorted(sys.modules)))"))
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize("name", PINS)
def test_requirements_are_pinned_by_hash_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert not re.search(r"https?:|file:|--(extra-)?index|--find-links|@ ", text)
    for line in lines:
        assert re.match(r"(\S+==\S+( ;.*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?)$", line), line
    pinned = sum("==" in line and not line.startswith(" ") for line in lines)
    first_hashes = sum(
        after.startswith("    --hash") and not before.startswith("    --hash")
        for before, after in itertools.pairwise(lines)
    )
    assert pinned == first_hashes > 10


def test_what_the_package_needs_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    needed = project["project"]["dependencies"] + project["dependency-groups"]["build"]
    tools = project["dependency-groups"]["dev"]
    for name, requirements in (
        ("requirements.txt", needed),
        ("requirements-dev.txt", needed + tools),
    ):
        text = (ROOT / name).read_text().lower()
        for requirement in requirements:
            package = re.split(r"[\[<>=~ ]", requirement)[0].lower()
            assert re.search(rf"^{re.escape(package)}==", text, re.MULTILINE), package


def test_the_runtime_pins_are_the_same_for_tests() -> None:
    runtime, dev = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE)) for name in PINS
    )
    assert runtime <= dev


def test_a_python_is_found_or_the_lack_is_said(tmp_path: Path) -> None:
    found = subprocess.run(
        [ROOT / ".ci/find-python"],
        env={"PATH": "/usr/bin:/bin", "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0
    assert Path(found.stdout.strip()).exists()
    # A shim for a version that is not installed fails when it is run: it does not count.
    shim = tmp_path / "python3"
    shim.write_text("#!/bin/sh\necho 'version not installed' >&2\nexit 127\n")
    shim.chmod(0o755)
    for tool in ("sh", "dirname", "head"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}")
    lacking = subprocess.run(
        ["/bin/sh", ROOT / ".ci/find-python"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert lacking.returncode == 1
    assert "Python 3.12 or newer is needed" in lacking.stderr
    assert not lacking.stdout


@pytest.mark.parametrize(
    ("what", "count"), [("kind of wording", 2), ("n analysis", 3), ("command", 2), ("figure", 2)]
)
def test_contributing_names_the_files_to_touch(what: str, count: int) -> None:
    """So many, and each is there, or would be (`NAME`)."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    article = "a" if what.startswith("n ") else "a "
    section = text.split(f"## Adding {article}{what}\n")[1].split("\n## ")[0]
    files = re.findall(r"^\d\. `(src/[^`]+)`", section, re.MULTILINE)
    assert len(files) == count
    for file in files:
        assert "NAME" in file or (ROOT / file).is_file(), file
