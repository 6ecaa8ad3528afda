"""How the program ends when something else ends it: a bug, the system, Ctrl-C, a signal."""

from __future__ import annotations

import os
import platform
import signal
import sys
import threading
import traceback
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn

import click

from estimates.errors import Fault

INTERNAL = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED, TERMINATED, PIPE_CLOSED = 130, 143, 141  # as the shell reports the signals
_PATIENCE = 1.0  # seconds in which work that was interrupted may end by itself
_LONGEST = 300  # letters of an exception's own message
_PACKAGE = Path(__file__).parents[1]


class Terminated(BaseException):
    """Raised on SIGTERM: an end like Ctrl-C, so that what is begun is tidied up."""


def internal_error(error: BaseException) -> Fault:
    """Return one line on what to report of an exception that nobody expected."""
    message = " ".join(str(error).split())
    if len(message) > _LONGEST:
        message = message[: _LONGEST - 1] + "…"
    kind = type(error).__name__ + (f": {message}" if message else "")
    return Fault(
        f"internal error: {kind} ({_place(error.__traceback__)}; estimates {version('estimates')}, "
        f"Python {platform.python_version()}); please report this line, and the model if you can; "
        "--debug shows where it came from"
    )


def _place(where: TracebackType | None) -> str:
    """Return the innermost line of this package that was running."""
    for frame in reversed(traceback.extract_tb(where)):
        file = Path(frame.filename)
        if file.is_relative_to(_PACKAGE):
            return f"{file.relative_to(_PACKAGE.parent).as_posix()}:{frame.lineno}"
    return "outside the package"


def system_error(error: OSError | MemoryError) -> Fault:
    """Return a sentence on what the system refuses (a file, room on the disk, memory)."""
    if isinstance(error, MemoryError):
        asked = " ".join(str(error).split())
        return Fault(f"out of memory{': ' if asked else ''}{asked[:1].lower()}{asked[1:]}")
    reason = error.strerror or " ".join(str(error).split()) or type(error).__name__
    return Fault(f"{os.fsdecode(error.filename)}: {reason}" if error.filename else reason)


def show_traceback(error: BaseException) -> None:
    """Show tracebacks, for `--debug`."""
    click.echo("".join(traceback.format_exception(error)), err=True, nl=False)


def close_output() -> None:
    """Close output whose reader has gone: the interpreter's last flush goes nowhere, quietly."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


_FAREWELL = threading.Lock()


def say_farewell() -> None:
    """Print what an interruption leaves behind, once, whichever thread comes first."""
    from estimates.cli.progress import farewell

    if _FAREWELL.acquire(blocking=False):
        sentence = farewell()
        if sentence:
            sys.stderr.write(f"{sentence}\n")
            sys.stderr.flush()


def leave_on_signals() -> None:
    """Answer SIGINT and SIGTERM within two seconds, whatever is running.

    Both raise where Python runs, so that files that are half written go.  Compiled code may not
    let Python run, and threads may be at work that nobody can stop: a thread that the system itself
    wakes then ends the process.  Nothing is lost by that, since whatever is written comes to its
    place whole or not at all.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # signals are the main thread's alone

    def terminate(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated

    signal.signal(signal.SIGTERM, terminate)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(reader,), name="leaving", daemon=True).start()


def _wait(reader: int) -> None:
    codes = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}
    while True:
        code = codes.get(signal.Signals(os.read(reader, 1)[0]))
        if code is not None and signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            break
    threading.Event().wait(_PATIENCE)
    with suppress(OSError, ValueError):  # standard error may be closed already
        say_farewell()
    os._exit(code)
