"""Docstrings of this package as Markdown, for mkdocstrings.

The house writes `name : what it is`, a line or more each, under underlined headings, where NumPy's
convention would read a type after the colon.  Here those sections become lists, and examples blocks
of code; all else is Markdown already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from griffe import Extension, Object

_UNDERLINE = re.compile(r"-{3,}\s*")
_ENTRY = re.compile(r"(?P<names>[*`\w][\w*`., /\[\]\"'-]*?) : (?P<text>.*)")


class Docstrings(Extension):
    """Rewrites every docstring before it is rendered."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)


def markdown(text: str) -> str:
    """A docstring as Markdown."""
    return "\n".join(_lines(text.splitlines())).strip() + "\n"


def _lines(lines: list[str]) -> Iterator[str]:
    """Underlined headings in bold, entries as items of a list, what follows as it is."""
    number, in_list = 0, False
    while number < len(lines):
        line = lines[number]
        if line.startswith(">>> "):
            end = next((i for i in range(number, len(lines)) if not lines[i].strip()), len(lines))
            yield from ("", "```pycon", *lines[number:end], "```", "")
            number, in_list = end, False
            continue
        below = lines[number + 1] if number + 1 < len(lines) else ""
        entry = _ENTRY.fullmatch(line)
        if line.strip() and _UNDERLINE.fullmatch(below):
            yield from ("", f"**{line.strip()}**", "")
            number, in_list = number + 2, False
            continue
        if entry and not line.startswith(" "):
            if not in_list:
                yield ""
            names = ", ".join(f"`{name.strip('` ')}`" for name in entry["names"].split(","))
            yield f"- {names}: {entry['text']}"
            in_list = True
        elif in_list and line.startswith("    "):
            yield f"  {line.strip()}"
        else:
            if in_list and line.strip():
                yield ""
                in_list = False
            yield line
        number += 1
