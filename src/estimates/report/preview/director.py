"""Looks at the files whenever they change, hands out what is to be done, and says what is known.

One process fits, and makes the head of the report; another, behind it, makes everything else of
what the first has found.  So a save is answered though sensitivity is still at work on the last.
"""

from __future__ import annotations

import queue
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from estimates.errors import Fault, shown
from estimates.model.io.watch import changes
from estimates.report.preview.board import Board, Phase, State
from estimates.report.preview.helper import Helper, Lost, Word
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
    Told,
)
from estimates.report.preview.moved import Answer, moved
from estimates.report.preview.signals import Signalled
from estimates.report.preview.version import Faulty, Files, Version

#: Seconds after which what is wrong is looked at again before it is said: an editor may be writing.
_DOUBT = 0.4
_LOST = (
    "the process that works ended before it was done, as where memory runs out; save again, and it "
    "is tried anew"
)


class _Changed:
    """Something in the folders may have changed."""


type _Event = Word | _Changed | Signalled | BaseException


@dataclass(frozen=True)
class _Save:
    """A save: its time as it is shown, and by the monotonic clock."""

    shown: str
    at: float

    @staticmethod
    def now() -> _Save:
        return _Save(f"{datetime.now().astimezone():%H:%M:%S}", time.monotonic())


class Director:
    """Follows the files of a model until it is interrupted.

    Parameters
    ----------
    board : where it says what is known
    """

    def __init__(self, files: Files, setting: Setting, root: Path, board: Board) -> None:
        self._files, self._root, self._board = files, root, board
        self._inbox: queue.SimpleQueue[_Event] = queue.SimpleQueue()
        self._fitter = Helper(setting, False, self._inbox.put)
        self._filler = Helper(setting, True, self._inbox.put)
        self._ended = threading.Event()
        self._number = 0
        self._version: Version | None = None
        self._save = self._asked = _Save.now()  # the last save, and that of the version
        self._doubt: float | None = None  # when to look again
        self._unread: Faulty | None = None
        self._failed: Faulty | None = None
        self._work: Phase = "starting"  # how far the version has come, whatever the files say now
        self._answered = 0  # the number of the version of the last answer
        self._first: Answer | None = None
        self._last: Answer | None = None

    def run(self) -> None:
        """Follow the files; an interruption ends it."""
        threading.Thread(target=self._watch, name="watching", daemon=True).start()
        self._fitter.begin()
        self._look()
        while True:
            with suppress(queue.Empty):
                self._take(self._inbox.get(timeout=self._patience()))
            self._fitter.look()
            self._filler.look()
            if self._doubt is not None and time.monotonic() >= self._doubt:
                self._decide(self._files.read())

    def interrupt(self, signalled: Signalled) -> None:
        """Note a signal, which is heeded when what is at hand is done."""
        self._inbox.put(signalled)

    def end(self) -> None:
        """End the processes, and tell the tabs."""
        self._ended.set()
        self._fitter.end()
        self._filler.end()
        self._board.put(replace(self._board.state, ended=True))

    def _watch(self) -> None:
        try:
            for _ in changes(self._files.folders, self._root, self._ended):
                self._inbox.put(_Changed())
        except BaseException as error:  # told where it can be answered
            self._inbox.put(error)

    def _patience(self) -> float:
        return 1.0 if self._doubt is None else max(0.0, self._doubt - time.monotonic())

    def _take(self, event: _Event) -> None:
        if isinstance(event, BaseException):
            raise event
        if isinstance(event, Signalled):
            event.heed()
            return
        if isinstance(event, _Changed):
            self._look()
            return
        current = event.helper.current(event)
        if not event.helper.hear(event):
            self._break(event.helper, _LOST)
        elif current and not isinstance(event.told, Lost):
            self._hear(event.helper, event.told)

    # Files -----------------------------------------------------------------------------------

    def _look(self) -> None:
        if not self._files.changed():
            return
        self._save = _Save.now()
        found = self._files.read()
        if isinstance(found, Faulty):
            self._doubt = time.monotonic() + _DOUBT
        else:
            self._decide(found)

    def _decide(self, found: Version | Faulty) -> None:
        """Take what the files say for what is meant."""
        self._doubt = None
        self._unread = found if isinstance(found, Faulty) else None
        state = replace(self._board.state, step="")
        if isinstance(found, Version):
            # What failed is tried anew, whatever was saved.
            if self._failed is not None or not found.same_work(self._version):
                self._begin(found)
            else:  # as where a remark was added: what is there, or comes, answers this save too
                self._asked = replace(self._asked, shown=self._save.shown)
                if self._work in ("filling", "done"):
                    state = replace(self._board.state, of=self._asked.shown)
            self._version = found
        self._show(state)

    def _begin(self, version: Version) -> None:
        self._number += 1
        self._asked, self._failed, self._work = self._save, None, "fitting"
        self._filler.drop()
        self._fitter.give(Fitting(self._number, version.content, version.slug, version.words))

    # Work ------------------------------------------------------------------------------------

    def _hear(self, helper: Helper, told: Told) -> None:
        if isinstance(told, Ready):
            if helper is self._fitter:
                self._filler.begin()
        elif told.number != self._number or isinstance(told, Ended):
            return  # of a version that is not wanted any more
        elif isinstance(told, Step):
            self._show(replace(self._board.state, step=told.told))
        elif isinstance(told, Head):
            self._answer(told.answer)
        elif isinstance(told, Page):
            self._work = "filling" if told.pending else "done"
            state = replace(self._board.state, pending=told.pending, of=self._asked.shown, step="")
            self._show(state, told.text)
        elif isinstance(told, Filling):
            self._filler.give(told)
        elif isinstance(told, Refused):
            self._failed = Faulty(told.faults, told.more)
            self._work = "faulty"
            self._show(replace(self._board.state, step=""))
        elif isinstance(told, Failed):
            self._break(helper, told.sentence)

    def _answer(self, answer: Answer) -> None:
        if self._answered == self._number:
            return  # made once more, by another process
        before, first = self._last, self._first
        self._answered, self._last, self._first = self._number, answer, first or answer
        further = () if first is None or first == before else moved(first, answer)
        took = time.monotonic() - self._asked.at
        of = self._asked.shown
        state = replace(
            self._board.state, moved=moved(before, answer), since=further, took=took, of=of
        )
        self._show(state)

    def _break(self, helper: Helper, sentence: str) -> None:
        """Say that work failed: of the head there is no answer then, of the rest what there is."""
        if helper is self._fitter:
            self._failed = Faulty((Fault(f"no answer could be made: {sentence}"),))
            self._work = "failed"
            self._show(replace(self._board.state, step=""))
        else:
            self._work = "done"
            step = f"What is missing could not be made: {sentence}"
            self._show(replace(self._board.state, step=step, pending=()))

    # What is known ---------------------------------------------------------------------------

    def _show(self, state: State, text: str | None = None) -> None:
        """Show a state, with what is known of the files."""
        wrong = self._unread or self._failed
        phase: Phase = self._work
        if self._unread is not None:
            phase = "gone" if self._unread.gone else "faulty"
        state = replace(
            state,
            files=self._files.names,
            saved=self._save.shown,
            phase=phase,
            faults=wrong.faults if wrong else (),
            more=wrong.more if wrong else 0,
            warnings=tuple(map(shown, self._version.warnings)) if self._version else (),
        )
        self._board.put(state, text)


def first_state(name: str, files: Files) -> State:
    """Return what is known before anything was looked at."""
    return State(shown(name), files.names)
