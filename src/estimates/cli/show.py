"""`estimates show`: the model in words."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES, common, model_argument
from estimates.cli.output import console, emit, say


@click.command(
    "show",
    short_help="The model in words: claims, widths, readings, what is held out.",
    epilog=EXIT_CODES,
)
@model_argument
@common
def command(model: str, as_json: bool, seed: int | None, root: Path) -> None:
    """Show MODEL in words: every step from a quote to a number, to agree with or not.

    Each claim with its quote and speaker, what it is taken to say, how wide that is and why;
    the priors, relations and readings; what is held out; what of the ledger is not used.
    Nothing is sampled, so --seed has no effect.

    \b
    Examples:
      estimates show scmp-2017-headline
      estimates show scmp-2017-headline | less
      estimates show scmp-2017-headline --json
    """
    del seed
    from estimates.files import load

    loaded = load(model, root)

    from estimates.account import describe

    document = describe(loaded)
    if as_json:
        emit(document)
        return

    from estimates.cli.heading import conventions_of, heading, warn
    from estimates.cli.model_report import model_report

    warn(loaded)
    out = console()
    say(out, heading(loaded, loaded.seed, out.width))
    say(out, model_report(document, out.width))
    say(out, conventions_of(loaded, out.width))
