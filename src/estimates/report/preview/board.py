"""What is known now, for every tab that shows it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Literal

from estimates.errors import Fault
from estimates.report.preview.moved import Moved

type Phase = Literal["starting", "fitting", "filling", "done", "faulty", "gone", "failed"]


@dataclass(frozen=True)
class State:
    """All that a tab is told; one that comes later, or again, is told the same.

    Attributes
    ----------
    files : that are followed, as they are named to a reader
    saved : time of the save that was looked at last, `14:03:22`
    phase : `faulty`, `gone` and `failed` leave the answer that was there before, which is old then
    step : how far the work has come, in words
    faults : with their places
    more : faults that are not listed
    warnings : of what is well formed and still wants a look
    page : number of the page that can be had; 0 for none
    of : time of the save that the page answers
    took : seconds from that save to its answer
    moved : what moved with that save
    since : what moved since the preview began, where that is something else
    pending : parts of the page that are still being worked out
    ended : whether nothing will come any more
    """

    model: str
    files: tuple[str, ...] = ()
    saved: str = ""
    phase: Phase = "starting"
    step: str = ""
    faults: tuple[Fault, ...] = ()
    more: int = 0
    warnings: tuple[str, ...] = ()
    page: int = 0
    of: str = ""
    took: float = 0.0
    moved: tuple[Moved, ...] = ()
    since: tuple[Moved, ...] = ()
    pending: tuple[str, ...] = ()
    ended: bool = False


class Board:
    """The present state and page: set by one thread, followed by the tabs of another's loop."""

    def __init__(self, state: State) -> None:
        self._state, self._text = state, ""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tabs: set[asyncio.Event] = set()

    @property
    def state(self) -> State:
        """What is known now."""
        return self._state

    @property
    def tabs(self) -> int:
        """How many follow."""
        return len(self._tabs)

    def page(self) -> tuple[int, str]:
        """Return the present page, with its number; 0 and "" where there is none yet."""
        with self._lock:
            return self._state.page, self._text

    def put(self, state: State, text: str | None = None) -> None:
        """Show another state, with another page if there is one."""
        with self._lock:
            if text is not None:
                self._text = text
                state = replace(state, page=self._state.page + 1)
            if state == self._state:
                return
            self._state = state
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for tab in self._tabs:
            tab.set()

    async def follow(self) -> AsyncIterator[State]:
        """Yield the present state, and each that comes; of several at a time the last."""
        self._loop = asyncio.get_running_loop()
        changed = asyncio.Event()
        self._tabs.add(changed)
        try:
            while True:
                changed.clear()
                state = self._state
                yield state
                if state.ended:
                    return
                await changed.wait()
        finally:
            self._tabs.discard(changed)
