"""Run the tests that draw random numbers under other seeds, and list what fails.

    python -m tests.seeds 3 4 5            each seed in turn; exit code 1 if anything failed
    python -m tests.seeds 3 -- -k voi      the rest goes to pytest

A test that fails under one seed of ten rests on its seed; what it asserts needs a tolerance that is
argued, or a fault was found.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

HERE = Path(__file__).parent
#: What is written in a file of tests that draw: a fit, a command that fits, or a generator.
_DRAWS = re.compile(r"\bfit\(|\brefit\(|Engine\(|default_rng|calibrate\(|@given|[\"']fit[\"']")


def files_that_draw(folder: Path = HERE) -> Iterator[Path]:
    """Those files of tests in which random numbers are drawn, in order."""
    for path in sorted(folder.rglob("test_*.py")):
        if _DRAWS.search(path.read_text(encoding="utf-8")):
            yield path


def failures(report: Path) -> list[str]:
    """The tests that failed, from pytest's report in XML."""
    if not report.exists():
        return []
    return [
        f"{one.get('file')}::{one.get('name')}"
        for one in ElementTree.parse(report).iter("testcase")
        if one.find("failure") is not None or one.find("error") is not None
    ]


def run(seed: int, files: Iterable[Path], more: Iterable[str]) -> tuple[str, list[str]]:
    """What pytest says last under a seed, and what failed."""
    words = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]
    words += ["-m", "not long", "--no-loadscope-reorder", "--tb", "no", "-r", "N"]
    with TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        words += ["-o", "junit_family=xunit1", "--junit-xml", str(report)]
        done = subprocess.run(
            [*words, *map(str, files), *more], cwd=HERE.parent, check=False, text=True,
            env=os.environ | {"ESTIMATES_TEST_SEED": str(seed)}, stdout=subprocess.PIPE,
        )  # fmt: skip
        failed = failures(report)
    lines = done.stdout.splitlines() or [""]
    if done.returncode not in (0, 1) and not failed:
        failed = [f"pytest ended with exit code {done.returncode}"]
    return lines[-1].strip("= "), failed


def main(words: list[str]) -> int:
    """Run every seed that is named, and say what failed under which."""
    own, more = _split(words)
    parser = argparse.ArgumentParser(prog="python -m tests.seeds", description=__doc__)
    parser.add_argument("seeds", type=int, nargs="*", default=[1, 2, 3])
    under: dict[str, list[int]] = defaultdict(list)
    for seed in parser.parse_args(own).seeds:
        last, failed = run(seed, files_that_draw(), more)
        print(f"seed {seed}: {last}", flush=True)
        for test in failed:
            under[test].append(seed)
            print(f"  {test}", flush=True)
    for test, seeds in sorted(under.items(), key=lambda one: -len(one[1])):
        print(f"failed under {', '.join(map(str, seeds))}: {test}")
    return 1 if under else 0


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """What is meant for this program, and what for pytest."""
    place = words.index("--") if "--" in words else len(words)
    return words[:place], words[place + 1 :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
