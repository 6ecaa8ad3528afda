"""`estimates show`: the model in words, as a picture, or as Mermaid text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimates.cli.options import EXIT_CODES, answering, load, model_argument, prove
from estimates.cli.output import emit, say
from estimates.errors import Fault, InputError

if TYPE_CHECKING:
    from estimates.model import Model

_HERE = "results"  # stands for the model's own folder of figures


@click.command(
    "show",
    short_help="The model in words: claims, widths, readings, what is held out.",
    epilog=EXIT_CODES,
)
@model_argument
@click.option(
    "--graph",
    is_flag=False,
    flag_value=_HERE,
    metavar="[FILE]",
    help="Draw the model into FILE (.png, .svg; .mmd or - for Mermaid text), or without "
    "FILE as graph.png and .svg into results/.",
)
@answering
def command(
    model: str, graph: str | None, as_json: bool, full: bool, seed: int | None, root: Path
) -> None:
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
        _show_graph(loaded, graph, root, as_json)
        return

    from estimates._util.records import plain
    from estimates.model.describe import axes_of, describe

    account, axes = describe(loaded, prove(loaded, root).words), axes_of(loaded)
    if as_json:
        emit(account.document | {"variants": plain(axes)})
        return

    from estimates.report.text.heading import frame_of
    from estimates.report.text.show import of_account

    say(of_account(account, axes, loaded), frame_of(loaded, loaded.seed), full)


def _show_graph(model: Model, where: str, root: Path, as_json: bool) -> None:
    """Draw the model, or print its graph; with --json, boxes and arrows as a document."""
    from estimates.model.graph import graph_of, mermaid

    graph = graph_of(model)
    files = [] if where == "-" else _drawn(model, mermaid(graph), where, root)
    if as_json:
        told = {"files": [str(file) for file in files]} if files else {}
        emit({"format": 1, "model": model.slug, **told, **graph.document()})
    elif files:
        click.echo("\n".join(map(str, files)))
    else:
        click.echo(mermaid(graph), nl=False)


def _drawn(model: Model, text: str, where: str, root: Path) -> list[Path]:
    """Return the files into which the graph was drawn or, as Mermaid text, written."""
    path = Path(where)
    if path.suffix == ".mmd":
        from estimates._util.files import write_bytes

        write_bytes(path, text.encode())
        return [path]
    if where != _HERE and path.suffix not in (".png", ".svg"):
        raise InputError(
            [Fault(f"--graph writes .png, .svg and .mmd, or - for Mermaid text, not '{where}'")]
        )
    from estimates.plots import drawings, model_graph, save, save_one

    if where == _HERE:
        return save(drawings(model), root / "results" / model.slug / "figures")
    save_one(model_graph(model), path)
    return [path]
