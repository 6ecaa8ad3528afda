"""The suite's seeds, shifted at once by ESTIMATES_TEST_SEED."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests import seeds

ROOT = Path(__file__).parent.parent
PROGRAM = """
import numpy as np
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

def first(seed):
    return np.random.default_rng(seed).integers(10**9)

if __name__ == "__main__":
    from estimates.inference.engine import Engine  # here, since the other process needs none of it
    from estimates.model.io import load

    stream = np.random.default_rng(5)
    assert np.random.default_rng(stream) is stream
    engine = Engine(load("scmp-2017-headline"), seed=3)
    print(first(3), first([3, 4]), first(np.random.SeedSequence(3)), engine.rng("a", "b").random())
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(first, 3).result() == first(3)
    assert first(None) != first(None)
"""


def _drawn(folder: Path, shift: str) -> list[str]:
    """The first numbers of several streams, in a process whose seeds are shifted."""
    program = folder / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    path = os.pathsep.join([str(ROOT / "tests" / "shifted"), str(ROOT / "src")])
    environment = os.environ | {"ESTIMATES_TEST_SEED": shift, "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, program], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return done.stdout.split()


def test_a_shift_moves_every_stream_and_is_itself_reproducible(tmp_path: Path) -> None:
    plain, one, again, other = (_drawn(tmp_path, shift) for shift in ("", "1", "1", "2"))
    assert one == again
    for streams in zip(plain, one, other, strict=True):
        assert len(set(streams)) == 3


def test_there_are_no_streams_but_those_that_are_shifted() -> None:
    """Of the package and the tests: `default_rng` alone, and PyMC's seeds, which it uses too."""
    other = re.compile(
        r"RandomState|random_state=\d|np\.random\.(?!default_rng|Generator|SeedSequence)\w+\("
        r"|import random\b|from numpy\.random import|SeedSequence\((?!.*default_rng)"
    )
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for folder in ("src", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.parent.name != "shifted" and path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if other.search(line) and "default_rng" not in line
    ]
    assert found == []


def test_the_tests_that_draw_are_found_among_the_others() -> None:
    found = {path.name for path in seeds.files_that_draw()}
    assert {"test_evidence.py", "test_calibration.py", "test_weighted.py", "test_cli.py"} <= found
    assert not {"test_phrases.py", "test_docs.py", "test_prose.py"} & found


def test_what_fails_under_a_seed_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of three tests of a folder, one holds under seed 1 alone."""
    file = tmp_path / "test_of_three.py"
    file.write_text(
        "import os, pytest\n"
        "def test_always(): pass\n"
        "@pytest.mark.parametrize('name', ['a - b'])\n"
        "def test_one(name): assert os.environ['ESTIMATES_TEST_SEED'] == '1', 'why'\n"
        "def test_never(): assert 'fit(' is None\n"
    )
    monkeypatch.setattr(seeds, "HERE", tmp_path / "none")  # no settings of this folder
    monkeypatch.setattr(seeds, "files_that_draw", lambda: [file])
    assert seeds.main(["1", "2", "--", "-n", "0", "-p", "no:cacheprovider"]) == 1
    *_, both, one = capsys.readouterr().out.splitlines()
    assert both == "failed under 1, 2: test_of_three.py::test_never"
    assert one == "failed under 2: test_of_three.py::test_one[a - b]"
