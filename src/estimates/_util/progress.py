"""A bar for whoever waits: pass `progress=estimates.progress_bar()` to anything that takes long.

In a notebook it is a line under the cell, on a terminal a line of standard error; both are gone
when the work is done.  Where nobody watches (a file, a pipe, a test) nothing is written.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from html import escape
from typing import TYPE_CHECKING, Protocol

from estimates._util.at_work import WORK, duration

if TYPE_CHECKING:
    from rich.progress import Progress

_LONGEST = 30  # characters of what is being done
_PAUSE = 0.1  # seconds between two updates of a notebook


class _Line(Protocol):
    """A line that appears, changes and disappears."""

    def show(self, done: int, far: float, total: int, what: str, left: float | None) -> None: ...
    def clear(self) -> None: ...


class _Events(Protocol):
    """What a notebook's kernel reports of its cells."""

    def register(self, event: str, function: Callable[..., None]) -> None: ...
    def unregister(self, event: str, function: Callable[..., None]) -> None: ...


class _Shell(Protocol):
    """The part of IPython's shell that is used."""

    events: _Events
    execution_count: int


class _Handle(Protocol):
    """An output that is displayed already."""

    def update(self, data: dict[str, str], *, raw: bool) -> None: ...


class Bar:
    """A callable `bar(done, total, what)`, and a context manager that clears it at the end.

    It goes by itself when `done` reaches `total`, and comes back with the next piece of work.  In a
    notebook it also goes when the cell ends, by an error too; elsewhere use `with` where the work
    may fail halfway.  As long as it is there, what samples tells it how far each piece is.
    """

    def __init__(self, line: _Line | None, shell: _Shell | None = None) -> None:
        """Draw on a line (None: nowhere); the shell says when a cell has ended."""
        self._line, self._events = line, None if shell is None else shell.events
        self._shown = False
        self._watching = ExitStack()
        # Work in threads reports from any of them, and what it reports is shown at once.
        self._lock = threading.RLock()

    def __call__(self, done: int, total: int, what: str) -> None:
        """Say how far the work has come."""
        with self._lock:
            if self._line is None or (done >= total and not self._shown):
                return
            if done >= total:
                self._hide()
                return
            if not self._shown:
                self._shown = True
                self._watching.enter_context(WORK.shown(self._draw))
                if self._events is not None:
                    self._events.register("post_run_cell", self.close)
            WORK.count(done, total, what)

    def _draw(self) -> None:
        with self._lock:
            if self._line is not None and self._shown and WORK.total:
                what = WORK.what[:_LONGEST]
                self._line.show(WORK.done, WORK.far, WORK.total, what, WORK.left)

    def close(self, *_: object) -> None:
        """Clear the line, whatever has been done; it comes back if there is more to say."""
        with self._lock:
            if self._shown:
                self._hide()

    def _hide(self) -> None:
        assert self._line is not None
        self._shown = False
        self._watching.close()
        self._line.clear()
        if self._events is not None:
            self._events.unregister("post_run_cell", self.close)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def progress_bar() -> Bar:
    """Return a bar for the `progress` argument of `fit`, `sensitivity` and all that take one.

    Returns
    -------
    Bar: a line of the terminal or of a notebook's cell, which goes when the work is done.

    Examples
    --------
    >>> import estimates as est
    >>> bar = est.progress_bar()
    >>> callable(bar)
    True
    """
    shell = _notebook()
    if shell is not None:
        return Bar(_NotebookLine(shell), shell)
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return Bar(_TerminalLine())
    return Bar(None)


def terminal_bar() -> Progress:
    """Return the bar of a terminal, on standard error; leaves the terminal as it was."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
    )


class _TerminalLine:
    def __init__(self) -> None:
        self._bar: Progress | None = None

    def show(self, done: int, far: float, total: int, what: str, left: float | None) -> None:
        del done, left  # which this bar works out itself
        if self._bar is None:
            self._bar = terminal_bar()
            self._bar.start()
            self._bar.add_task(what, total=total)
        self._bar.update(self._bar.task_ids[0], completed=far, total=total, description=what)

    def clear(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None


class _NotebookLine:
    """One output that is displayed once and changed in place: cells keep what else they show.

    What is cleared stays in the cell as an empty output of no height, for an output cannot be taken
    back without all others of the cell; so one cell has one, however often the line comes back.

    rich draws into an ipywidgets `Output`, which also takes what the cell prints meanwhile and
    leaves its name behind; so it is not used here.
    """

    def __init__(self, shell: _Shell) -> None:
        self._shell = shell
        self._handle: _Handle | None = None
        self._cell: int | None = None  # the cell that the handle is of
        self._shown = False
        self._started = self._last = 0.0

    def show(self, done: int, far: float, total: int, what: str, left: float | None) -> None:
        now = time.monotonic()
        if not self._shown:
            self._started = now
        elif now - self._last < _PAUSE:
            return
        data = _data(done, far, total, what, now - self._started, left)
        if self._handle is None or self._cell != self._shell.execution_count:
            from IPython.display import display

            self._handle = display(data, raw=True, display_id=True)
            self._cell = self._shell.execution_count
        else:
            self._handle.update(data, raw=True)
        self._shown, self._last = True, now

    def clear(self) -> None:
        if self._shown and self._handle is not None:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)
        self._shown = False


def _data(
    done: int, far: float, total: int, what: str, seconds: float, left: float | None
) -> dict[str, str]:
    text = f"{what} {done}/{total}, {duration(seconds)}"
    if left is not None:
        text += f", about {duration(left)} left"
    bar = f'<progress value="{far:.4g}" max="{total}"></progress>'
    return {"text/plain": text, "text/html": f"{bar} {escape(text)}"}


def _notebook() -> _Shell | None:
    """Return the shell of a notebook's kernel; None elsewhere."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    shell = get_ipython()
    return shell if shell is not None and hasattr(shell, "kernel") else None
