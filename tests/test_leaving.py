"""How the program ends: exit codes of what nobody expected, of the system, and of signals."""

from __future__ import annotations

import errno
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner, Result
from tests.corpus.generate import HERE

import estimates
from estimates.cli.app import COMMANDS, app

MODELS = HERE / "models"


class Panic(BaseException):
    """As what Rust code raises: no Exception."""


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--root", str(HERE)])


def failing(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    "error",
    [ValueError("All tail values\nare the same"), AssertionError(), KeyError("x"), Panic("oh no"),
     RecursionError("too deep"), NotImplementedError("no machine code for ExpandDims"),
     ExceptionGroup("two", [ValueError("a"), TypeError("b")])],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_what_nobody_expected_is_one_line_and_70(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("estimates.model.io.load", failing(error))
    plain = run("check", "tiny")
    assert plain.exit_code == 70
    assert plain.stdout == ""
    (line,) = plain.stderr.splitlines()
    assert line.startswith(f"internal error: {type(error).__name__}")
    assert f"estimates {estimates.__version__}" in line
    assert "estimates/cli/options.py:" in line  # which loads the model
    assert "--debug" in line
    asked = run("check", "tiny", "--json")
    assert asked.exit_code == 70
    assert [fault["message"] for fault in json.loads(asked.stdout)["errors"]] == [line]
    assert asked.stderr.splitlines() == [line]
    debugged = run("check", "tiny", "--debug")
    assert debugged.exit_code == 70
    assert "Traceback (most recent call last)" in debugged.stderr
    assert debugged.stderr.splitlines()[-1] == line


WITH_A_MODEL = [
    name
    for name in COMMANDS
    if name not in ("new", "list", "store", "help", "completion", "ingest", "draft", "doctor")
]


@pytest.mark.parametrize("command", WITH_A_MODEL)
def test_every_command_ends_so(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("estimates.model.io.load", failing(ValueError("broken")))
    words = {
        "explain": ("5", "--model", "tiny"),
        "whatif": ("tiny", "--drop", "c"),
    }.get(command, ("tiny",))
    result = run(command, *words)
    assert (result.exit_code, result.stdout) == (70, "")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["list", "store", "new", "help", "completion"])
def test_so_do_those_without_a_model(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = failing(ValueError("broken"))
    for name in ("cli.list.model_slugs", "report.saved.store_of", "model.scaffold.new_estimate",
                 "cli.completion.get_completion_class", "language.glossary.glossary"):  # fmt: skip
        monkeypatch.setattr(f"estimates.{name}", broken)
    words = {"new": ("any-name",), "completion": ("bash",)}.get(command, ())
    result = run(command, *words)
    assert (result.exit_code, result.stdout) == (70, "")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a/b.json"),
         "a/b.json: No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "a"), "a: Permission denied"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
        (OSError("cannot\nopen it"), "cannot open it"),
        (MemoryError("Unable to allocate 8.00 TiB"), "out of memory: unable to allocate 8.00 TiB"),
        (MemoryError(), "out of memory"),
    ],
)  # fmt: skip
def test_what_the_system_refuses_is_a_sentence_and_2(
    error: BaseException, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("estimates.model.io.load", failing(error))
    plain = run("check", "tiny")
    assert (plain.exit_code, plain.stdout, plain.stderr) == (2, "", f"{sentence}\n")
    asked = run("check", "tiny", "--json")
    assert (asked.exit_code, asked.stderr) == (2, "")
    assert json.loads(asked.stdout)["errors"][0]["message"] == sentence
    debugged = run("check", "tiny", "--debug").stderr
    assert "Traceback" in debugged
    assert debugged.endswith(f"{sentence}\n")


# In processes of their own ----------------------------------------------------------------------

BROKEN = """
import runpy, sys
import estimates.model.io

def broken(*_, **__):
    raise ValueError("broken")

estimates.model.io.load = broken
sys.argv = ["estimates", "check", "anything", *sys.argv[1:]]
{start}
"""


@pytest.mark.parametrize(
    "start",
    [
        'runpy.run_module("estimates", run_name="__main__")',
        "from estimates.cli import main; main()",
    ],
    ids=["python -m estimates", "the entry point"],
)
def test_however_it_is_started(start: str) -> None:
    words = [sys.executable, "-c", BROKEN.format(start=start), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 70
    assert json.loads(done.stdout)["errors"]
    assert "Traceback" not in done.stderr


WARNED = """
import sys, warnings
import estimates.model.io

def warned(*_, **__):
    warnings.warn("overflow encountered in exp", RuntimeWarning)
    sys.exit(0)

estimates.model.io.load = warned
sys.argv = ["estimates", "check", "anything", *sys.argv[1:]]
from estimates.cli import main
main()
"""


def test_a_warning_of_a_library_is_for_those_who_ask() -> None:
    quiet, asked = (
        subprocess.run(
            [sys.executable, "-c", WARNED, *more], capture_output=True, text=True, check=False,
            timeout=120,
        )
        for more in ((), ("--debug",))
    )  # fmt: skip
    assert (quiet.returncode, quiet.stderr) == (0, "")
    assert "RuntimeWarning: overflow" in asked.stderr


BUSY = """
import signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
import estimates.model.io

signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it

def busy(*_, **__):
    with ThreadPoolExecutor(1) as pool:  # as fits are made: nobody can stop the thread
        pool.submit(time.sleep, 600)
        print("ready", flush=True)
        threading.Event().wait()

estimates.model.io.load = busy
sys.argv = ["estimates", "check", "anything"]
from estimates.cli import main
main()
"""


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"]
)
def test_a_signal_does_not_wait_for_threads(number: int, code: int) -> None:
    pipe = subprocess.PIPE
    words = [sys.executable, "-c", BUSY]
    with subprocess.Popen(words, text=True, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        out, err = process.communicate(timeout=120)  # the thread sleeps for longer
    assert (process.returncode, out, err) == (code, "", "")


KEEPING = """
import signal, sys
from pathlib import Path
from estimates._util.store import Store
from estimates.cli.progress import progress
import estimates.model.io

signal.signal(signal.SIGINT, signal.default_int_handler)

def work(*_, **__):
    with progress() as report:
        for number in range({kept}):
            Store(Path("results/store")).keep("fit", "a" * (number + 1), b"", {{}})
        report({kept}, 5, "net, share")
        print("ready", flush=True)
        while True:
            signal.pause()

estimates.model.io.load = work
sys.argv = ["estimates", "check", "anything"]
from estimates.cli import main
main()
"""


@pytest.mark.parametrize(
    ("kept", "says"),
    [
        (0, "0 of 5 done, at net, share; nothing is kept, and nothing is half written"),
        (2, "2 of 5 done, at net, share; 2 finished pieces of work kept in results/store; the same "
            "command goes on from there"),
    ],
)  # fmt: skip
def test_who_interrupts_is_told_what_is_kept(kept: int, says: str, tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    words = [sys.executable, "-c", KEEPING.format(kept=kept)]
    with subprocess.Popen(words, text=True, stdout=pipe, stderr=pipe, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err.strip()) == (130, "", f"interrupted: {says}")


FITTING = """
import signal, sys
from estimates.inference import jobs

signal.signal(signal.SIGINT, signal.default_int_handler)
take = jobs._Keeper.take

def taken(*given):
    take(*given)
    print("ready", flush=True)
    signal.pause()

if sys.argv[1] == "stop":
    jobs._Keeper.take = taken
sys.argv = ["estimates", "fit", "tiny", "--seed", "5", "--workers", "1", "--root", sys.argv[2]]
from estimates.cli import main
main()
"""


def test_the_readings_that_were_fitted_are_kept_when_a_fit_is_stopped(tmp_path: Path) -> None:
    """And the same command takes them, so that a fit of few readings loses none either."""
    shutil.copytree(MODELS / "tiny", tmp_path / "models/tiny")
    pipe = subprocess.PIPE
    words = [sys.executable, "-c", FITTING]
    with subprocess.Popen(
        [*words, "stop", str(tmp_path)], text=True, stdout=pipe, stderr=pipe
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "1 finished piece of work kept" in err
    assert "the same command goes on from there" in err
    (kept,) = (tmp_path / "results/store/answer").iterdir()
    again = subprocess.run(
        [*words, "on", str(tmp_path)], text=True, capture_output=True, timeout=300
    )
    assert again.returncode == 0, again.stderr
    assert not kept.exists()  # it is a part of the whole, which is kept
    assert [*(tmp_path / "results/store/fit").iterdir()]


TIDY = """
import sys, time
from pathlib import Path
import estimates.model.io
from estimates._util.files import replacing
from estimates._util.parts import Parts

def write():
    with replacing(Path(sys.argv[-1]) / "answer.json") as temporary:
        temporary.write_text("[")
        print("ready", flush=True)
        while True:
            time.sleep(0.01)

def half(*_, **__):
    Parts({seconds}).make("the answer", write)

estimates.model.io.load = half
sys.argv = ["estimates", "check", "anything", "--root", sys.argv[1]]
from estimates.cli import main
main()
"""


@pytest.mark.parametrize("seconds", [None, 600.0], ids=["in the main thread", "in a thread"])
def test_nothing_is_left_half_written(seconds: float | None, tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    words = [sys.executable, "-c", TIDY.format(seconds=seconds), str(tmp_path)]
    with subprocess.Popen(words, text=True, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (143, "")
    assert list(tmp_path.iterdir()) == []
