"""`estimates help`: every term of art that a screen prints, explained in three lines."""

from __future__ import annotations

import textwrap
from dataclasses import asdict
from pathlib import Path

import click

from estimates.cli.options import common
from estimates.cli.output import COLUMNS, console, emit

_INDENT = "  "


@click.command(
    "help",
    short_help="What a term means, such as R-hat or Shapley effect.",
    epilog="Exit codes: 0 done; 2 a term that is not known.",
)
@click.argument("words", metavar="[TERM]", nargs=-1)
@common
def command(words: tuple[str, ...], as_json: bool, seed: int | None, root: Path) -> None:
    """Explain TERM in three lines, with a reference; without TERM, list all terms.

    Whatever a screen, a report or a figure prints is a TERM: posterior, reading, R-hat. What
    a command does, its own --help says. Nothing is sampled or read, so --seed and --root have
    no effect.

    \b
    Examples:
      estimates help
      estimates help R-hat
      estimates help Shapley effect
      estimates help EVPPI --json
    """
    del seed, root
    from estimates.language.glossary import glossary, term

    found = (term(" ".join(words)),) if words else glossary()
    if as_json:
        emit({"format": 1, "terms": [asdict(one) for one in found]})
        return
    out = console()
    if not words:
        names = ", ".join(one.name for one in found)
        text = f"{len(found)} terms: {names}. `estimates help TERM` explains one."
        for line in textwrap.wrap(text, COLUMNS, break_on_hyphens=False):
            out.print(line, soft_wrap=True)
        return
    (one,) = found
    also = f" ({', '.join(one.also)})" if one.also else ""
    for line in textwrap.wrap(f"{one.name}{also}", COLUMNS, subsequent_indent=_INDENT):
        out.print(line, style="bold", soft_wrap=True)
    for line in (*textwrap.wrap(one.says, COLUMNS), *textwrap.wrap(f"See {one.see}.", COLUMNS)):
        out.print(line, soft_wrap=True)
