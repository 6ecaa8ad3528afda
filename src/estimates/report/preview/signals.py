"""Ctrl-C and SIGTERM told in their turn, rather than raised wherever Python happens to be.

What is raised in the midst of beginning a process leaves one that nobody knows of.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass(frozen=True)
class Signalled:
    """A signal that has come, and the handler that was to answer it at once."""

    number: int
    handler: Callable[[int, FrameType | None], object]

    def heed(self) -> None:
        """Call the handler, which raises what ends the program."""
        self.handler(self.number, None)


@contextmanager
def in_turn(tell: Callable[[Signalled], None]) -> Iterator[None]:
    """Have `tell` called when such a signal comes, as long as the block lasts.

    It is called in the main thread between any two steps, so that it may only note what it is told.
    """
    before = {}
    if threading.current_thread() is threading.main_thread():  # signals are its alone
        for number in (signal.SIGINT, signal.SIGTERM):
            handler = signal.getsignal(number)
            if callable(handler):
                signalled = Signalled(number, handler)
                before[number] = handler
                signal.signal(number, lambda *_, told=signalled: tell(told))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
