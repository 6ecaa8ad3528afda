"""`estimates show`: the model in words."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.graph import graph_option
from estimates.cli.options import EXIT_CODES, common, load, model_argument
from estimates.cli.output import console, emit, say


@click.command(
    "show",
    short_help="The model in words: claims, widths, readings, what is held out.",
    epilog=EXIT_CODES,
)
@model_argument
@graph_option
@common
def command(model: str, graph: str | None, as_json: bool, seed: int | None, root: Path) -> None:
    """Show MODEL in words: every step from a quote to a number, to agree with or not.

    Each claim with its quote and speaker, what it is taken to say, how wide that is and why;
    the priors, relations and readings; what is held out; what of the ledger is not used;
    and the variants that `multiverse` fits.
    Nothing is sampled, so --seed has no effect.

    \b
    Examples:
      estimates show scmp-2017-headline
      estimates show scmp-2017-headline | less
      estimates show scmp-2017-headline --json
      estimates show scmp-2017 --graph model.svg
    """
    del seed
    loaded = load(model, root)
    if graph is not None:
        from estimates.cli.graph import show_graph

        show_graph(loaded, graph, root, as_json)
        return

    from estimates.model.describe import describe
    from estimates.report.text.axes import axes_document

    document = describe(loaded) | {"variants": axes_document(loaded)}
    if as_json:
        emit(document)
        return

    from estimates.report.text.heading import conventions_of, heading, warn
    from estimates.report.text.show import model_report

    warn(loaded)
    out = console()
    say(out, heading(loaded, loaded.seed, out.width))
    say(out, model_report(document, out.width))
    say(out, conventions_of(loaded, out.width))
