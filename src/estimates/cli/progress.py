"""How far a fit has come: on a terminal only, and on standard error only."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from estimates._util.progress import terminal_bar

type Report = Callable[[int, int, str], None]


@contextmanager
def progress() -> Iterator[Report | None]:
    """Return a function to call as `report(done, total, what)`; None where nobody watches."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    with terminal_bar() as bar:
        task = bar.add_task("starting", total=None)

        def report(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what[:30])

        yield report
