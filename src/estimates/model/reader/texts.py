"""The text of a file's bytes."""

from __future__ import annotations

from estimates.errors import Faults, Place


def decoded(content: bytes, file: str, faults: Faults) -> str | None:
    """Return a file's content as text, or None with a fault."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        faults.add("this is not UTF-8; save the file as UTF-8", Place(file, line, column))
        return None
