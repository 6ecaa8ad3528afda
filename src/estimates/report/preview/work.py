"""A process that fits models and makes reports, as long as somebody wants them.

It keeps what it has compiled, so that a model in which only numbers changed is fitted at once.
The main thread works; another listens, and interrupts it when the work is not wanted any more, in
the way that Ctrl-C does.  When whoever started it is gone, it ends.
"""

from __future__ import annotations

import json
import os
import pickle
import queue
import signal
import sys
import threading
import time
import traceback
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

import xarray as xr

from estimates._util.at_work import WORK, duration
from estimates._util.parts import Broken, Parts, until_told
from estimates.analysis.registry import ANALYSES
from estimates.errors import InputError
from estimates.inference.jobs import Workers
from estimates.inference.posterior import fit
from estimates.inference.stored import from_netcdf
from estimates.model.io import load_json
from estimates.model.naming import in_words_of
from estimates.report.html.content import FIGURES, REFITS, Gathered, begun, gathering
from estimates.report.html.page import html_of
from estimates.report.preview.headline import headline
from estimates.report.preview.kept import Remembered
from estimates.report.preview.messages import (
    Ended,
    Failed,
    Filling,
    Fitting,
    Head,
    Page,
    Ready,
    Refused,
    Setting,
    Step,
    Task,
    Told,
)
from estimates.report.saved import DRAWS, FIT, RESULTS, Saved

_EVERY = 0.25  # seconds between two words on how far the work has come
_HEADS = 8  # that are remembered, for a version that comes back
_LARGEST = 64_000_000  # bytes of a head that is remembered
_PATIENCE = 0.5  # seconds in which what was stopped may end by itself
_LONGEST = 300  # letters of what an error says
_AGAIN = 0.05  # seconds after which what could not be interrupted is told to stop again
_NICE = 5  # by how much those who fill in stand back


class Stopped(KeyboardInterrupt):
    """Raised in the main thread where the work is not wanted any more; all work heeds Ctrl-C."""


class Desk:
    """The task that is being worked on, and who may interrupt it."""

    def __init__(self) -> None:
        self.tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()
        self._at_work: int | None = None
        self._unwanted: int | None = None
        self._lock = threading.Lock()
        signal.signal(signal.SIGUSR1, self._interrupt)

    def listen(self, pipe: Connection) -> None:
        """Take tasks, and numbers of tasks that are to stop; end with whoever sends them."""
        while True:
            try:
                while self._to_stop and not pipe.poll(_AGAIN):
                    self._stop()
                said: Task | int = pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            if not isinstance(said, int):
                self.tasks.put(said)
                continue
            with self._lock:
                self._unwanted = said
            self._stop()

    @property
    def _to_stop(self) -> bool:
        return self._at_work is not None and self._at_work == self._unwanted

    def _stop(self) -> None:
        with self._lock:
            if self._to_stop:
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._to_stop and not _importing(frame):
            self._at_work = None
            raise Stopped

    @contextmanager
    def working(self, number: int) -> Iterator[None]:
        """Let the block be interrupted, and whatever it has begun in other threads."""
        with until_told() as end:
            try:
                self._at_work = number
                if self._unwanted == number:
                    raise Stopped
                yield
            finally:
                self._at_work = None
                end()


def _unraised(told: sys.UnraisableHookArgs) -> None:
    """Say nothing of a stop that came where none can be raised: the process is replaced then."""
    if told.exc_type is not Stopped:
        sys.__unraisablehook__(told)


def _importing(frame: FrameType | None) -> bool:
    """Return whether a module is being imported, which would stay half imported for good."""
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


class _Worker:
    """Does one task after the other, and tells of each through a pipe."""

    def __init__(self, pipe: Connection, setting: Setting) -> None:
        self._pipe, self._setting = pipe, setting
        self._desk = Desk()
        self._outbox: queue.SimpleQueue[Told] = queue.SimpleQueue()
        self._store = Remembered(setting.root / RESULTS / "store")
        self._heads: OrderedDict[str, bytes] = OrderedDict()
        self._told = 0.0

    def run(self) -> None:
        """Work until the process is ended."""
        sys.unraisablehook = _unraised
        ours = [
            threading.Thread(target=self._desk.listen, args=(self._pipe,), daemon=True),
            threading.Thread(target=self._send, daemon=True),
        ]
        for thread in ours:
            thread.start()
        self._outbox.put(Ready())
        while True:
            task = self._desk.tasks.get()
            try:
                with self._desk.working(task.number):
                    self._do(task)
            except Stopped:
                pass
            except InputError as error:
                self._outbox.put(Refused(task.number, error.faults, error.more))
            except Exception as error:  # told on the page: the model can be changed
                self._outbox.put(Failed(task.number, _told_of(error)))
            self._outbox.put(Ended(task.number, quiet(ours)))

    def _send(self) -> None:
        """Send what is told: no interruption comes here, to leave half a message in the pipe."""
        while True:
            try:
                self._pipe.send(self._outbox.get())
            except OSError:
                os._exit(0)

    def _do(self, task: Task) -> None:
        with WORK.shown(partial(self._step, task.number)):
            if isinstance(task, Fitting):
                self._fit(task)
            else:
                self._fill(task.number, pickle.loads(task.found))

    def _fit(self, task: Fitting) -> None:
        key = json.dumps([task.content, sorted(task.words.items())])
        content = self._heads.get(key)
        if content is None:
            found = begun(self._drawn(task), words=task.words)
        else:
            self._heads.move_to_end(key)
            found = pickle.loads(content)
        with in_words_of(found.model):
            self._outbox.put(Head(task.number, headline(found)))
            self._show(task.number, found)
        if content is None:
            content = pickle.dumps(replace(found, parts=Parts()), pickle.HIGHEST_PROTOCOL)
            self._remember(key, content)
        self._outbox.put(Filling(task.number, content))

    def _remember(self, of: str, content: bytes) -> None:
        if len(content) <= _LARGEST:
            self._heads[of] = content
            while len(self._heads) > _HEADS:
                self._heads.popitem(last=False)

    def _drawn(self, task: Fitting) -> xr.DataTree:
        """Return the fit of a model, the one that is kept if there is one."""
        model = load_json(task.content, task.slug)
        seed = self._setting.seed
        saved = Saved.of(model, self._setting.root, seed)
        content = self._store.read(FIT, saved.digest, DRAWS)
        if content is not None:
            return from_netcdf(content)
        return fit(model, seed=seed, progress=WORK.count)

    def _fill(self, number: int, found: Gathered) -> None:
        found = replace(found, parts=Parts(self._setting.part_seconds, _nowhere))
        workers = Workers(store=self._store)
        with in_words_of(found.model):
            for one in gathering(found, workers, WORK.count):
                found = one
                self._show(number, found)
            self._show(number, replace(found, pending=frozenset()))

    def _show(self, number: int, found: Gathered) -> None:
        """Send the page as far as it is made; what breaks in making it is said on it alone."""
        parts = Parts(found.parts.seconds, _nowhere)
        parts.broken += found.parts.broken
        text = html_of(replace(found, parts=parts), alone=False)
        self._outbox.put(Page(number, text, _in_words(found)))

    def _step(self, number: int) -> None:
        now = time.monotonic()
        if now - self._told > _EVERY:
            self._told = now
            left = WORK.left
            rest = "" if left is None else f"; about {duration(left)} left"
            self._outbox.put(Step(number, f"{WORK.told}{rest}"))


def _in_words(found: Gathered) -> tuple[str, ...]:
    """Return what is pending, in the order in which it will come."""
    words = {
        REFITS: "the answer without each claim",
        **{name: one.called for name, one in ANALYSES.items()},
        FIGURES: "the figures",
    }
    return tuple(said for name, said in words.items() if name in found.pending)


def quiet(ours: Sequence[threading.Thread]) -> bool:
    """Return whether nothing that was begun is still at work, after a little patience."""
    until = time.monotonic() + _PATIENCE
    for thread in threading.enumerate():
        if thread not in ours and thread is not threading.main_thread():
            if thread.ident is None:  # an interruption came as it began
                return False
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                return False
    return True


def _told_of(error: Exception) -> str:
    """`ValueError: all tail values are the same (estimates/stats/kde.py:41)`."""
    said = " ".join(str(error).split())[:_LONGEST]
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = "/".join(Path(place.filename).parts[-3:])
    return f"{type(error).__name__}{': ' if said else ''}{said} ({where}:{place.lineno})"


def _nowhere(broken: Broken) -> None:
    """Tell nobody of a broken part: the page itself says so."""


def work(pipe: Connection, setting: Setting, behind: bool) -> None:
    """Be such a process; `behind` those whose work the head of a report waits for."""
    warnings.simplefilter("ignore")  # what a library warns its callers of says nothing to a reader
    if behind:
        os.nice(_NICE)
    _Worker(pipe, setting).run()
