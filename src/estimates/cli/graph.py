"""`show --graph`: the model as a picture, or as Mermaid text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estimates.cli.output import emit
from estimates.errors import Fault, InputError

if TYPE_CHECKING:
    from estimates.model import Model

_HERE = "results"  # stands for the model's own folder of figures
_KINDS = (".png", ".svg")


def graph_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--graph [FILE]`: FILE may be left out where another option or nothing follows."""
    return click.option(
        "--graph",
        is_flag=False,
        flag_value=_HERE,
        metavar="[FILE]",
        help="Draw the model into FILE (.png, .svg; .mmd or - for Mermaid text), or without "
        "FILE as graph.png and .svg into results/.",
    )(function)


def show_graph(model: Model, where: str, root: Path, as_json: bool) -> None:
    """Draw the model, or print its graph; with --json, boxes and arrows as a document."""
    from estimates._util.files import write_bytes
    from estimates.model.graph import graph_of, mermaid

    graph = graph_of(model)
    if where == "-":
        if as_json:
            emit({"format": 1, "model": model.slug, **graph.document()})
        else:
            click.echo(mermaid(graph), nl=False)
        return
    path = Path(where)
    if where == _HERE:
        from estimates.plots import model_graph, save

        files = save([("graph", model_graph(model))], root / "results" / model.slug / "figures")
    elif path.suffix == ".mmd":
        write_bytes(path, mermaid(graph).encode())
        files = [path]
    elif path.suffix in _KINDS:
        from estimates.plots import model_graph
        from estimates.plots.write import save_one

        save_one(model_graph(model), path)
        files = [path]
    else:
        raise InputError(
            [Fault(f"--graph writes .png, .svg and .mmd, or - for Mermaid text, not '{where}'")]
        )
    if as_json:
        document = {"format": 1, "model": model.slug, "files": [str(file) for file in files]}
        emit(document | graph.document())
        return
    for file in files:
        click.echo(str(file))
