"""Which lines of the package were run for the first time: so a fruitful input is known."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

import estimates

_PACKAGE = str(Path(estimates.__file__).parent)


class Lines:
    """Lines seen so far.  Each is reported once and then costs nothing more."""

    def __init__(self) -> None:
        self.seen = 0

    def note(self, code: CodeType, line: int) -> Any:
        """A line is run: ours are counted, and none is asked for again."""
        self.seen += code.co_filename.startswith(_PACKAGE)
        return sys.monitoring.DISABLE


@contextmanager
def watched() -> Iterator[Lines]:
    """Lines that are run inside the block."""
    lines, tool = Lines(), sys.monitoring.COVERAGE_ID
    sys.monitoring.use_tool_id(tool, "soak")
    sys.monitoring.register_callback(tool, sys.monitoring.events.LINE, lines.note)
    sys.monitoring.set_events(tool, sys.monitoring.events.LINE)
    try:
        yield lines
    finally:
        sys.monitoring.set_events(tool, 0)
        sys.monitoring.register_callback(tool, sys.monitoring.events.LINE, None)
        sys.monitoring.free_tool_id(tool)
