"""How far the work has come, on standard error: a bar on a terminal, elsewhere a line now and then.

Off a terminal a fit of some seconds says nothing; a long one says every half minute that it is at
work, so that nobody takes it for dead.  Whoever interrupts is told what was kept.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from estimates._util.progress import terminal_bar
from estimates.language.phrases import counted

type Report = Callable[[int, int, str], None]

#: Seconds between two lines off a terminal.
EVERY = 30.0


@dataclass
class _Work:
    """What this process has begun: how far it is, and since when."""

    begun: float | None = None
    done: int = 0
    total: int = 0
    what: str = ""

    def told(self) -> str:
        """Return how far it is, in words: `3 of 8 done, at net, share`."""
        far = f"{self.done} of {self.total} done" if self.total else "starting"
        return f"{far}, at {self.what}" if self.what and self.done < self.total else far


_WORK = _Work()


@contextmanager
def progress() -> Iterator[Report]:
    """Yield a function to call as `report(done, total, what)`."""
    _WORK.begun, _WORK.done, _WORK.total, _WORK.what = time.monotonic(), 0, 0, ""
    watched = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    with _on_a_terminal() if watched else _line_by_line() as shown:

        def report(done: int, total: int, what: str) -> None:
            _WORK.done, _WORK.total, _WORK.what = done, total, what
            shown(done, total, what)

        yield report
    _WORK.begun = None  # ended as it should: an interruption now loses nothing


@contextmanager
def _on_a_terminal() -> Iterator[Report]:
    with terminal_bar() as bar:
        task = bar.add_task("starting", total=None)
        yield lambda done, total, what: bar.update(
            task, completed=done, total=total, description=what[:30]
        )


@contextmanager
def _line_by_line() -> Iterator[Report]:
    ended = threading.Event()
    threading.Thread(target=_say, args=(ended,), name="progress", daemon=True).start()
    try:
        yield lambda done, total, what: None
    finally:
        ended.set()


def _say(ended: threading.Event) -> None:
    while not ended.wait(EVERY):
        seconds = time.monotonic() - (_WORK.begun or 0.0)
        sys.stderr.write(f"still at work after {_duration(seconds)}: {_WORK.told()}\n")
        sys.stderr.flush()


def _duration(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    return f"{minutes} min {left} s" if minutes else f"{left} s"


def farewell() -> str:
    """Return what an interruption leaves behind; "" where no work had begun."""
    from estimates._util.store import WRITTEN

    if _WORK.begun is None:
        return ""
    said = f"interrupted: {_WORK.told()}; "
    kept = sum(WRITTEN.values())
    if not kept:
        return f"{said}nothing is kept, and nothing is half written"
    return (
        f"{said}{counted(kept, 'finished piece')} of work kept in {', '.join(WRITTEN)}; the same "
        "command goes on from there"
    )
