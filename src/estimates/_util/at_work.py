"""What is under way, for whoever waits: which part, how far in it, and how long it may still take.

A process does one thing at a time, in however many threads, so that there is one `WORK`.  Whoever
does something says so (`doing`), whoever finishes pieces of it counts them (`Work.count`), and a
piece that takes long tells how far it is itself (`Work.within`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_SHARE = 0.02  # of the work: with less of it done nobody knows how long the rest takes
_SECONDS = 3.0  # of work, before which neither
_FEW = 8  # pieces, of which each matters to how far the work is


@dataclass
class Work:
    """What this process has begun.

    Attributes
    ----------
    parts : what is being done, the whole first, a part of it after it
    done, total, what : pieces of the innermost part, and which is at work
    begun : whether anything was begun that is not ended
    watched : whether anybody waits and is shown this
    series : how often pieces began to be counted anew
    """

    parts: list[str] = field(default_factory=list)
    done: int = 0
    total: int = 0
    what: str = ""
    begun: bool = False
    watched: bool = False
    series: int = 0
    _since: float = 0.0
    _before: int = 0
    _inside: dict[int, float] = field(default_factory=dict)
    _changed: Callable[[], None] | None = None

    @contextmanager
    def shown(self, changed: Callable[[], None] | None = None) -> Iterator[None]:
        """Be watched, from the beginning; `changed` is called whenever there is something new."""
        self.parts.clear()
        self._changed, self.watched, self.begun = changed, True, True
        self._begin(0, 0)
        try:
            yield
        finally:
            self._changed, self.watched = None, False

    def ended(self) -> None:
        """Note that all ended as it should: an interruption now loses nothing."""
        self.begun = False

    def count(self, done: int, total: int, what: str) -> None:
        """Count pieces of work: so many of so many are done, and one is at work."""
        if total != self.total or done < self.done:
            self._begin(done, total)
        self.done, self.what = done, what
        self._tell()

    def within(self, share: float, thread: int) -> None:
        """Tell which share of its piece a thread has done; when that is all, it has none."""
        if share < 1:
            self._inside[thread] = share
        else:
            self._inside.pop(thread, None)
        self._tell()

    def enter(self, part: str) -> None:
        """Begin a part."""
        self.parts.append(part)
        self._begin(0, 0)
        self._tell()

    def leave(self, part: str) -> None:
        """End a part, and whatever was begun within it."""
        if part in self.parts:
            del self.parts[len(self.parts) - 1 - self.parts[::-1].index(part) :]
        self._begin(0, 0)

    @property
    def far(self) -> float:
        """The pieces that are done, with what is done of those at work where they are few.

        Of many, each may be made of several fits, whose shares come and go.
        """
        inside = sum(tuple(self._inside.values())) if self.total <= _FEW else 0.0
        return min(self.done + inside, self.total)

    @property
    def left(self) -> float | None:
        """The seconds that the pieces at hand may still take; None where nobody knows."""
        elapsed = time.monotonic() - self._since
        if self.done >= self.total or elapsed < _SECONDS:
            return None
        share = (self.far - self._before) / (self.total - self._before)
        return elapsed * (1 - share) / share if _SHARE < share < 1 else None

    @property
    def told(self) -> str:
        """What is being done and how far it is: `the fit: 3 of 8 done, at net, share`."""
        parts = ": ".join(self.parts[-2:])
        if not self.total:
            return parts or "starting"
        far = f"{self.done} of {self.total} done"
        if self.done >= self.total:
            far += ", gathering what they say"
        elif self.what:
            far += f", at {self.what}{self._far_inside()}"
        return f"{parts}: {far}" if parts else far

    def _far_inside(self) -> str:
        inside = tuple(self._inside.values()) if self.total <= _FEW else ()
        return f" ({100 * inside[0]:.0f} % drawn)" if len(inside) == 1 and inside[0] else ""

    def _begin(self, done: int, total: int) -> None:
        self.done, self.total, self.what = done, total, ""
        self.series += 1
        self._before, self._since = done, time.monotonic()
        self._inside.clear()

    def _tell(self) -> None:
        if self._changed is not None:
            self._changed()


WORK = Work()


@contextmanager
def doing(part: str) -> Iterator[None]:
    """Say that a part is at work, as long as it is.

    What interrupts it leaves it named, so that whoever interrupted can be told where.
    """
    WORK.enter(part)
    try:
        yield
    except Exception:
        WORK.leave(part)
        raise
    WORK.leave(part)


def duration(seconds: float) -> str:
    """Return a time in words, to the second or the minute: `40 s`, `3 min 20 s`, `2 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
