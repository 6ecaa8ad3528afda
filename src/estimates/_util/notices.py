"""What a user should know though nothing is wrong with the answer: a line on standard error."""

from __future__ import annotations

import functools
import sys


@functools.cache
def notice(sentence: str) -> None:
    """Say a sentence, once in a process."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
