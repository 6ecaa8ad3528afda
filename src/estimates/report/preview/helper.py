"""A process that works, seen from whoever hands out the work.

It has one task at a time.  A task that is given while another is at work waits, in place of any
that waited before; the one at work is told to stop.  A process that does not stop is ended, and
another begun.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

from estimates.report.preview.messages import Ended, Ready, Setting, Task, Told

_PATIENCE = 3.0  # seconds in which a process must stop its work
_FAREWELL = 0.5  # seconds in which one that is ended must be gone
_TRIES = 2  # processes that a task may cost


@dataclass(frozen=True)
class Lost:
    """A process ended, by itself or by the system."""


@dataclass(frozen=True)
class Word:
    """What a process said.

    Attributes
    ----------
    generation : which process of the helper it was
    """

    helper: Helper
    generation: int
    told: Told | Lost


class Helper:
    """One process at a time, begun when there is something to do.

    Parameters
    ----------
    behind : whether it stands back while others work
    tell : called, in a thread of its own, with whatever the process says, and when it is gone
    """

    def __init__(self, setting: Setting, behind: bool, tell: Callable[[Word], None]) -> None:
        self._setting, self._behind, self._tell = setting, behind, tell
        self._process: SpawnProcess | None = None
        self._pipe: Connection | None = None
        self._generation = 0
        self._free = False
        self._task: Task | None = None  # at work
        self._next: Task | None = None
        self._losses = (0, 0)  # the task that processes were last lost on, and how many
        self._stop_at: float | None = None

    @property
    def busy(self) -> bool:
        """Whether there is something to do."""
        return self._task is not None or self._next is not None

    def give(self, task: Task) -> None:
        """Have a task done, as soon as what is at work has stopped."""
        self._next = task
        self.stop()
        if self._process is None:
            self.begin()
        self._go_on()

    def drop(self) -> None:
        """Give up what is to be done."""
        self._next = None
        self.stop()

    def stop(self) -> None:
        """Tell what is at work to stop."""
        if self._task is None or self._stop_at is not None or self._pipe is None:
            return
        self._stop_at = time.monotonic() + _PATIENCE
        with suppress(OSError):  # it is gone, which is told soon
            self._pipe.send(self._task.number)

    def begin(self) -> None:
        """Begin a process, unless there is one."""
        if self._process is not None:
            return
        from estimates.report.preview.entry import enter

        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        self._generation += 1
        self._process = context.Process(
            target=enter, args=(there, self._setting, self._behind), daemon=True
        )
        with _interrupts_held():
            self._process.start()
        there.close()
        self._pipe, self._free = here, False
        threading.Thread(
            target=self._listen, args=(here, self._generation), name="helper", daemon=True
        ).start()

    def end(self) -> None:
        """End the process at once."""
        process, self._process, self._pipe = self._process, None, None
        self._free, self._stop_at = False, None
        if process is not None:
            process.kill()
            process.join(_FAREWELL)

    def hear(self, word: Word) -> bool:
        """Take note of what the process said; False where it cannot do its task."""
        if not self.current(word):
            return True
        if isinstance(word.told, Lost):
            return self._replace()
        if isinstance(word.told, Ready):
            self._free = True
        elif isinstance(word.told, Ended):
            self._task, self._stop_at, self._free = None, None, True
            if not word.told.quiet:
                self.end()
                self.begin()
        self._go_on()
        return True

    def current(self, word: Word) -> bool:
        """Return whether a word is from the process that is there now."""
        return word.generation == self._generation and self._process is not None

    def look(self) -> None:
        """End a process that was told to stop and does not."""
        if self._stop_at is not None and time.monotonic() > self._stop_at:
            self._task = None
            self.end()
            self.begin()

    def _replace(self) -> bool:
        """Begin another process in place of one that is gone, for the task that it had."""
        task, self._task = self._task, None
        wanted = task is not None and self._stop_at is None and self._next is None
        self.end()
        if task is not None and wanted:
            number, count = self._losses
            self._losses = (task.number, count + 1 if number == task.number else 1)
            if self._losses[1] >= _TRIES:
                return False
            self._next = task
        if self._next is not None:
            self.begin()
        return True

    def _go_on(self) -> None:
        if not self._free or self._next is None or self._pipe is None:
            return
        self._task, self._next, self._free = self._next, None, False
        with suppress(OSError):  # it is gone, which is told soon
            self._pipe.send(self._task)

    def _listen(self, pipe: Connection, generation: int) -> None:
        with pipe:
            try:
                while True:
                    self._tell(Word(self, generation, pipe.recv()))
            except (EOFError, OSError):
                self._tell(Word(self, generation, Lost()))


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Begin a process that Ctrl-C, which a terminal sends to all, does not reach: it is ended."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
