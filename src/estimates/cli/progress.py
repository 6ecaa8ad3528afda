"""How far the work has come, on standard error: a bar on a terminal, elsewhere a line now and then.

Off a terminal a fit of some seconds says nothing; a long one says every half minute what is at
work, how far it is and how long it may still take.  Whoever interrupts is told what was kept.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from estimates._util.at_work import WORK, duration
from estimates._util.progress import terminal_bar
from estimates.language.phrases import counted

type Report = Callable[[int, int, str], None]

#: Seconds between two lines off a terminal.
EVERY = 30.0
_LONGEST = 40  # letters of what a bar says


@contextmanager
def progress() -> Iterator[Report]:
    """Yield a function to call as `report(done, total, what)`."""
    watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    with _on_a_terminal() if watched else _line_by_line():
        yield WORK.count
    WORK.ended()


@contextmanager
def _on_a_terminal() -> Iterator[None]:
    with terminal_bar() as bar:
        task = bar.add_task("starting", total=None)
        series: list[object] = []

        def show() -> None:
            now = [WORK.series, WORK.total]
            if series != now:  # another series of pieces, whose time is its own
                series[:] = now
                bar.reset(task, total=WORK.total or None)
            bar.update(task, completed=WORK.far, description=_shortly())

        with WORK.shown(show):
            yield


def _shortly() -> str:
    """Return what is at work in a few words: the innermost part, or the piece of it."""
    told = WORK.what or (WORK.parts[-1] if WORK.parts else "starting")
    return told if len(told) <= _LONGEST else f"{told[: _LONGEST - 1]}…"


@contextmanager
def _line_by_line() -> Iterator[None]:
    ended = threading.Event()
    begun = time.monotonic()
    threading.Thread(target=_say, args=(ended, begun), name="progress", daemon=True).start()
    try:
        with WORK.shown():
            yield
    finally:
        ended.set()


def _say(ended: threading.Event, begun: float) -> None:
    while not ended.wait(EVERY):
        left = WORK.left
        rest = "" if left is None else f"; about {duration(left)} left"
        passed = duration(time.monotonic() - begun)
        sys.stderr.write(f"still at work after {passed}: {WORK.told}{rest}\n")
        sys.stderr.flush()


def farewell() -> str:
    """Return what an interruption leaves behind; "" where no work had begun."""
    from estimates._util.store import WRITTEN

    if not WORK.begun:
        return ""
    said = f"interrupted: {WORK.told}; "
    kept = sum(WRITTEN.values())
    if not kept:
        return f"{said}nothing is kept, and nothing is half written"
    return (
        f"{said}{counted(kept, 'finished piece')} of work kept in {', '.join(WRITTEN)}; the same "
        "command goes on from there"
    )
