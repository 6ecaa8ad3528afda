"""Whatever is made of parts: one that fails, or takes too long, costs that part alone.

`Parts.make` makes a part.  An exception in it becomes a `Broken`, which is told at once and kept,
and everything else stands.  A part that has a limit works in a thread of its own.  When its time is
over it is told to stop in two ways: work that comes in pieces asks `check` between them, and any
other Python code is interrupted at its next step.  What is deep inside a library heeds neither; it
is left behind, as a thread that nobody waits for, and `leave` ends the program in spite of it.
"""

from __future__ import annotations

import contextvars
import ctypes
import os
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from estimates._util.at_work import WORK, doing
from estimates._util.records import Column, plain

#: Seconds that a part may take, where nothing else is said.
SECONDS = 600.0
_FOREVER = 1e8  # seconds: three years, which every clock can still wait
_GRACE = 2.0  # seconds that a part has to stop when it is told to
_LONGEST = 300  # letters of a message


class TookTooLong(BaseException):
    """Raised when the time of a part is over; no `except Exception` on the way keeps it."""


@dataclass
class _Deadline:
    """The moment at which a part's time is over, by the monotonic clock."""

    at: float
    off: bool = False

    @property
    def left(self) -> float:
        return 0.0 if self.off else max(0.0, self.at - time.monotonic())

    def end(self) -> None:
        self.off = True


_DEADLINE: contextvars.ContextVar[_Deadline | None] = contextvars.ContextVar("deadline")
_WHOLE: contextvars.ContextVar[Parts] = contextvars.ContextVar("whole")
_LATE: list[threading.Thread] = []  # threads of parts that did not stop when they were told to


def check() -> None:
    """Raise `TookTooLong`, between two pieces of work, where the time of the part is over."""
    deadline = _DEADLINE.get(None)
    if deadline is not None and not deadline.left:
        raise TookTooLong


def seconds_left() -> float | None:
    """Return the seconds left to the current part; None where its time is not limited."""
    deadline = _DEADLINE.get(None)
    return None if deadline is None else deadline.left


@contextmanager
def until_told() -> Iterator[Callable[[], None]]:
    """Yield what ends the work of this block, its pieces in other threads too, at the next `check`.

    The block itself is interrupted by whoever tells it so, as by Ctrl-C.
    """
    deadline = _Deadline(time.monotonic() + _FOREVER)
    token = _DEADLINE.set(deadline)
    try:
        yield deadline.end
    finally:
        _DEADLINE.reset(token)


def in_time[**P, T](work: Callable[P, T]) -> Callable[P, T]:
    """Return a piece of work for another thread that does not begin after this part's time."""
    context = contextvars.copy_context()

    def piece(*given: P.args, **named: P.kwargs) -> T:
        def run() -> T:
            check()
            return work(*given, **named)

        return context.copy().run(run)

    return piece


@dataclass(frozen=True)
class Broken:
    """A part that could not be made.

    Attributes
    ----------
    part : what it is called, in words
    error : the class of the error; empty where it took too long
    message : what the error says, its first line
    seconds : how long it was given, where it took too long
    run : the command that makes this part again, alone if there is one; "" if not
    trace : the traceback, for whoever mends it
    """

    part: str
    error: str
    message: str
    seconds: float | None = None
    run: str = ""
    trace: Annotated[str | None, Column(optional=True)] = field(
        default=None, compare=False, repr=False
    )

    @property
    def why(self) -> str:
        """The reason: `it took more than 600 seconds`, or the error and what it says."""
        if self.seconds is not None:
            return f"it took more than {self.seconds:g} seconds"
        return f"{self.error}: {self.message}" if self.message else self.error

    @property
    def sentence(self) -> str:
        """One line that names the part and why it is not there."""
        return f"{self.part} could not be made: {self.why}"

    @property
    def advice(self) -> str:
        """What to run, in a sentence; what was finished meanwhile is kept."""
        if not self.run:
            return ""
        if self.seconds is not None:
            return (
                f"What was finished is kept: `{self.run}` goes on from there, "
                "and --part-seconds gives it more time."
            )
        return f"`{self.run}` tries it alone."

    def document(self) -> dict[str, Any]:
        """Return the part as an entry of a JSON document."""
        return dict(plain(self.told))

    @property
    def told(self) -> Broken:
        """The part as documents have it, without the traceback."""
        return replace(self, trace=None)


class Parts:
    """Makes parts one after the other, and keeps what broke.

    Parameters
    ----------
    seconds : that each may take; None is no limit, and then each works in this very thread
    tell : told of a broken part at once; by default the whole that these are parts of (whatever is
        being made, or is `around`), else whoever listens to Python's warnings
    """

    def __init__(
        self, seconds: float | None = None, tell: Callable[[Broken], None] | None = None
    ) -> None:
        self.seconds = seconds
        self.broken: list[Broken] = []
        self._tell = tell or _tell_whole

    def make[T](self, part: str, work: Callable[[], T], run: str = "") -> T | None:
        """Return what the work returns; None where it broke.

        Parameters
        ----------
        part : what it is called in words, such as `the conflict of the claims`
        run : the command that makes it alone
        """
        try:
            with self.around(), doing(part):
                return work() if self.seconds is None else _limited(work, self.seconds)
        except TookTooLong:
            if self.seconds is None:
                raise  # the time is that of a greater part
            WORK.leave(part)
            check()
            self.add(Broken(part, "", "", self.seconds, run))
        except Exception as error:
            said = next(iter(str(error).strip().splitlines()), "")[:_LONGEST]
            trace = "".join(traceback.format_exception(error))
            self.add(Broken(part, type(error).__name__, said, None, run, trace))
        return None

    @contextmanager
    def around(self) -> Iterator[None]:
        """Keep what breaks within parts that are made meanwhile, too."""
        token = _WHOLE.set(self)
        try:
            yield
        finally:
            _WHOLE.reset(token)

    def add(self, broken: Broken) -> None:
        """Keep and tell of a part that is known to be broken."""
        self.broken.append(broken)
        self._tell(broken)


def _tell_whole(broken: Broken) -> None:
    whole = _WHOLE.get(None)
    if whole is None:
        warnings.warn(broken.sentence, RuntimeWarning, stacklevel=4)
    else:
        whole.add(broken)


def _limited[T](work: Callable[[], T], seconds: float) -> T:
    """Return the work as one that a thread does, and that is stopped after so many seconds."""
    outer = seconds_left()
    deadline = _Deadline(time.monotonic() + (seconds if outer is None else min(seconds, outer)))
    found: list[T] = []
    failed: list[BaseException] = []
    context = contextvars.copy_context()
    context.run(_DEADLINE.set, deadline)

    def run() -> None:
        try:
            found.append(context.run(work))
        except BaseException as error:  # handed over to whoever waits
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True, name="part")
    try:
        thread.start()  # here too: it works already while this waits to hear so
        thread.join(deadline.left)
        late = thread.is_alive()
    except BaseException:  # interrupted: so is the part, whose half-written files go in time
        if thread.is_alive():
            _stop(thread, deadline, patience=0.0)
        raise
    if late:
        _stop(thread, deadline)
        if not found:
            raise TookTooLong
    if failed:
        raise failed[0]
    return found[0]


def _stop(thread: threading.Thread, deadline: _Deadline, patience: float = _GRACE / 2) -> None:
    """Tell a thread to stop, wait a little, and leave it behind if it does not."""
    deadline.end()
    thread.join(patience)
    if thread.is_alive() and thread.ident is not None:
        _await_outside_locks(thread)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(TookTooLong)
        )
        thread.join(_GRACE / 2)
    _LATE.append(thread)


def _await_outside_locks(thread: threading.Thread) -> None:
    """Wait until a thread is not just taking or giving back what a `with` holds, or a second.

    Interrupted between the two steps of `threading.Condition.__enter__`, it would keep the lock for
    ever, and whoever shares it would wait as long. The thread takes no step between a look that
    finds it elsewhere and the interruption, as long as this one keeps Python's own lock.
    """
    until = time.monotonic() + _GRACE / 2
    while time.monotonic() < until:
        frame = sys._current_frames().get(thread.ident or 0)
        if frame is None or frame.f_code.co_name not in {"__enter__", "__exit__"}:
            return
        time.sleep(0.001)


def leave(status: int) -> None:
    """End the program at once, if something that a late part began would keep it from ending."""
    others = [one for one in threading.enumerate() if one is not threading.main_thread()]
    if _LATE and any(one in _LATE or not one.daemon for one in others):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
