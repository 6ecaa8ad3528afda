"""What goes to standard output: one JSON document, or words and tables within 80 columns."""

from __future__ import annotations

import codecs
import io
import json
import math
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from estimates._util.parts import Broken
from estimates.errors import MOST_LISTED, Fault, shown

if TYPE_CHECKING:
    from rich.console import Console

    from estimates.report.text.screen import Answer, Frame

#: Tables are made for this many columns; a wider terminal gets a little more.
COLUMNS, MOST_COLUMNS = 80, 120

_TOLD = "estimates.told"
#: What stands in for a sign that a terminal cannot show.
_SIGNS = {"–": "-", "—": "-", "−": "-", "─": "-", "×": "x", "…": "...", "“": '"', "”": '"'}
_SIGNS |= {"━": "=", "●": "o", "█": "#", "▓": "#", "▒": "+", "░": ".", "≈": "~"}
_SIGNS |= {"†": "!", "‘": "'", "’": "'", "±": "+/-", "δ": "delta"}


def emit(document: Mapping[str, Any]) -> None:
    """Write one JSON document; what is not a finite number is null."""
    text = json.dumps(_plain(document), ensure_ascii=False, allow_nan=False, indent=2)
    # JSON is UTF-8, whatever the locale of this terminal.
    click.echo(text.encode())


def error_document(
    faults: Iterable[Fault], more: int = 0, called: str = "errors"
) -> dict[str, Any]:
    """Return a document of what is wrong with the input; `more` faults are only counted."""
    every = tuple(faults)
    listed = every[:MOST_LISTED]
    more += len(every) - len(listed)
    errors = [
        {
            "file": shown(fault.place.file) if fault.place else None,
            "line": fault.place.line if fault.place else None,
            "column": fault.place.column if fault.place else None,
            "message": shown(fault.message),
        }
        for fault in listed
    ]
    return {called: errors, **({"more": more} if more else {})}


def warning(sentence: str) -> None:
    """Print something that the user should know, on standard error, once in a command."""
    context = click.get_current_context(silent=True)
    told: set[str] = context.meta.setdefault(_TOLD, set()) if context else set()
    if sentence not in told:  # several parts of a command may come upon the same
        told.add(sentence)
        click.echo(f"warning: {sentence}", err=True)


def broken(part: Broken) -> None:
    """Print one line on a part that could not be made, on standard error."""
    click.echo(f"error: {part.sentence}", err=True)


def console() -> Console:
    """Return the console: no colour unless a terminal takes it, never markup in quotes."""
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would leave with 1: not to be trusted

    out = sys.stdout
    if isinstance(out, io.TextIOWrapper) and codecs.lookup(out.encoding).name != "utf-8":
        out.reconfigure(errors=_PLAIN)  # a terminal without an en dash is no reason to fail
    made = _Console(file=out, highlight=False, markup=False, emoji=False)
    made.width = min(made.width, MOST_COLUMNS) if made.is_terminal else COLUMNS
    return made


def say(answer: Answer, frame: Frame, full: bool) -> None:
    """Print an answer: on one screen, or all of it."""
    from estimates.report.text import screen

    out = console()
    for line in (screen.full if full else screen.screen)(answer, frame, out.width):
        out.print(line, soft_wrap=True)


def _plain_signs(error: UnicodeError) -> tuple[str, int]:
    """Return letters that look like signs that a terminal cannot show."""
    assert isinstance(error, UnicodeEncodeError)
    signs = error.object[error.start : error.end]
    return "".join(_SIGNS.get(sign, "?") for sign in signs), error.end


_PLAIN = "estimates.plain"
codecs.register_error(_PLAIN, _plain_signs)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
