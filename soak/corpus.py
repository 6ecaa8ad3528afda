"""Every odd model under every command; a process for each model, a time limit for each command."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MODELS = HERE.parent / "tests" / "corpus" / "models"
LIMIT = 300.0  # seconds for a command
STARTING = 120.0  # at least, for what is imported and loaded before the first


@dataclass
class Run:
    """What came of the models.

    Attributes
    ----------
    models : how many were run
    codes : how often each exit code came
    findings : what must not be, with the words that bring it about
    refusals : commands that answered with 1 or 2, and why
    """

    models: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    findings: list[dict[str, Any]] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    slowest: list[tuple[float, str]] = field(default_factory=list)

    def add(self, model: str, record: dict[str, Any]) -> None:
        """Take note of one command."""
        self.codes[str(record["code"])] += 1
        line = " ".join(record["words"])
        self.slowest = sorted([*self.slowest, (record["seconds"], f"{model}: {line}")])[-10:]
        if record["problems"]:
            self.findings.append({"model": model, **record})
        elif record["code"] in (1, 2):
            said = {key: record[key] for key in ("words", "code", "message")}
            self.refusals.append({"model": model, **said})


def run(
    models: Sequence[str],
    scratch: Path,
    *,
    only: Sequence[str] = (),
    limit: float = LIMIT,
    until: float | None = None,
    jobs: int = 1,
    say: Any = None,
    folder: Path = MODELS,
    draws: int = 0,
) -> Run:
    """Run models of a folder under every command, or `only` some, until a time (monotonic).

    With `draws`, every fit takes so many instead of what users get: quicker, for a first look.
    """
    found = Run()

    def one(model: str) -> None:
        if until is not None and time.monotonic() > until:
            return
        found.models += 1
        for record in _watched(folder / model, scratch / model, only, limit, draws):
            found.add(model, record)
            if say is not None:
                say(model, record)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, models))
    return found


def _watched(
    source: Path, root: Path, only: Sequence[str], limit: float, draws: int
) -> Iterator[dict[str, Any]]:
    """What each command came to; one that takes too long is ended, and the next one begun."""
    shutil.rmtree(root, ignore_errors=True)
    model = source.name
    shutil.copytree(source, root / "models" / model)
    start = 0
    while start is not None:
        reader, writer = os.pipe()
        words = [sys.executable, "-m", "soak.child", str(root), model, "--channel", str(writer)]
        words += ["--start", str(start), "--only", ",".join(only), "--draws", str(draws)]
        errors = (root / "child.txt").open("wb")
        child = subprocess.Popen(
            words, cwd=HERE.parent, pass_fds=[writer], stdout=errors, stderr=errors
        )
        os.close(writer)
        start = yield from _followed(child, reader, limit, root)
        errors.close()
    shutil.rmtree(root / "results", ignore_errors=True)


def _followed(
    child: subprocess.Popen[bytes], reader: int, limit: float, root: Path
) -> Iterator[Any]:
    """Yield what a child says; return where to go on, None at the end (or where no fit comes)."""
    running: dict[str, Any] | None = None
    pending = b""
    with os.fdopen(reader, "rb", buffering=0) as channel:
        while True:
            wait = limit if running is not None else max(limit, STARTING)
            ready, _, _ = select.select([channel], [], [], wait)
            if not ready:
                child.kill()
                child.wait()
                if running is None:
                    nothing = {"words": ["(between commands)"]}
                    yield _ended(nothing, wait, f"no word after {wait:.0f} s", [])
                    return None
                yield _ended(running, limit, f"no answer after {limit:.0f} s", [])
                return None if running["words"][0] == "fit" else running["begin"] + 1
            piece = channel.read(65536)
            if not piece:
                code = child.wait()
                if running is None:
                    if code:
                        tail = _tail(root / "child.txt")
                        nothing = {"words": ["(start)"]}
                        yield _ended(nothing, 0.0, f"the process left with {code}", tail)
                    return None
                tail = _tail(root / "child.txt")
                yield _ended(running, 0.0, f"the process died with {code}", tail)
                return running["begin"] + 1
            pending += piece
            *lines, pending = pending.split(b"\n")
            for line in lines:
                told = json.loads(line)
                if "begin" in told:
                    running = told
                elif "end" in told:
                    running = None
                    yield told


def _ended(running: dict[str, Any], seconds: float, why: str, tail: list[str]) -> dict[str, Any]:
    return {
        "words": running["words"], "code": "killed", "seconds": seconds, "problems": [why],
        "tail": tail, "message": "",
    }  # fmt: skip


def _tail(file: Path) -> list[str]:
    return file.read_text(encoding="utf-8", errors="replace").splitlines()[-12:]


def all_models() -> list[str]:
    """The names of the corpus."""
    return sorted(path.name for path in MODELS.iterdir() if path.is_dir())
