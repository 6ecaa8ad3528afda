"""`estimates check --watch`, as a process of its own beside somebody who edits."""

from __future__ import annotations

import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from estimates.model.io.watch import changes
from estimates.model.scaffold import new_estimate

PATIENCE = 300  # seconds, of a busy machine


class Watcher:
    """The running command, and the lines that it prints."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "estimates", "check", "--watch", *words],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A suite that runs in the background of a shell has interrupts ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)

    def until(self, words: str) -> str:
        """The next line with these words."""
        seen = []
        try:
            while True:
                seen.append(self._lines.get(timeout=PATIENCE))
                if words in seen[-1]:
                    return seen[-1]
        except queue.Empty:
            raise AssertionError(f"no line with {words!r} in {seen}") from None

    def interrupt(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(timeout=PATIENCE)
        assert self.process.stderr
        return code, self.process.stderr.read()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe
            pipe.close()


@pytest.fixture
def watcher(tmp_path: Path) -> Iterator[Watcher]:
    new_estimate("cafe", tmp_path)
    made = Watcher("--root", str(tmp_path))
    yield made
    made.close()


def test_what_is_saved_is_checked_whatever_editors_do(tmp_path: Path, watcher: Watcher) -> None:
    model = tmp_path / "models" / "cafe" / "model.yaml"
    sound = model.read_text()
    assert "cafe is well formed" in watcher.until("well formed")
    watcher.until("Ctrl-C")

    model.write_text(sound.replace("guests *", "guest *"))
    assert watcher.until("not well formed")[:8].count(":") == 2
    watcher.until("did you mean 'guests'?")

    other = model.with_suffix(".tmp")  # as vim and others do
    other.write_text(sound)
    other.replace(model)
    watcher.until("cafe is well formed")

    model.write_bytes(b"\xff\x00 not text")
    watcher.until("not UTF-8")
    model.write_text(sound)
    watcher.until("cafe is well formed")

    ledger = model.with_name("evidence.yaml")
    ledger.write_text(ledger.read_text().replace("basis: hearsay", "basis: heresay"))
    watcher.until("did you mean 'hearsay'?")

    shutil.rmtree(model.parent)
    watcher.until("cafe is gone")
    new_estimate("second", tmp_path)
    watcher.until("second is well formed")
    shutil.rmtree(tmp_path / "models")
    watcher.until("second is gone")
    new_estimate("third", tmp_path)
    watcher.until("third is well formed")

    assert watcher.interrupt() == (0, "")


def test_a_named_model_may_come_later(tmp_path: Path) -> None:
    watcher = Watcher("cafe", "--json", "--root", str(tmp_path))
    try:
        assert "no model 'cafe'" in watcher.until('"time"')
        new_estimate("cafe", tmp_path)
        watcher.until('"result": "cafe is well formed')
        assert watcher.interrupt() == (0, "")
    finally:
        watcher.close()


def test_a_folder_that_goes_before_it_is_watched_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What watches raises then; the files are looked at, and the folders found anew."""
    new_estimate("cafe", tmp_path)
    asked: list[tuple[Path, ...]] = []

    def watch(*folders: Path, **_: object) -> Iterator[set[str]]:
        asked.append(folders)
        if len(asked) == 1:
            shutil.rmtree(tmp_path / "models")
            raise FileNotFoundError(folders[0])
        yield set()

    monkeypatch.setattr("watchfiles.watch", watch)
    told = changes(lambda: [tmp_path / "models"], tmp_path)
    next(told)
    next(told)
    assert asked[0] != asked[1] == (tmp_path.resolve(),)
