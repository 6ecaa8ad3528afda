"""`estimates new`: a first estimate to start from."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.core import ParameterSource

from estimates.cli.options import common
from estimates.cli.output import emit


@click.command(
    "new",
    short_help="A commented, working example to write your own over.",
    epilog="Exit codes: 0 done; 2 a name that cannot be one, or a folder that exists.",
)
@click.argument("name")
@click.option("--title", default="", help="The model's title (an example's if not said).")
@common
def command(name: str, title: str, as_json: bool, seed: int | None, root: Path) -> None:
    """Make models/NAME with a small estimate that works, to write your own over.

    Two files: evidence.yaml, the claims as they were quoted, and model.yaml, what each is
    about. Comments in them explain every key. Editors that know YAML offer keys and mark
    mistakes, by the JSON Schemas that are put into schemas/. Nothing is ever overwritten.
    Nothing is sampled, so --seed has no effect.

    \b
    Examples:
      estimates new corner-cafe
      estimates new market-pretzels --title "Pretzels sold on a market day"
      estimates new corner-cafe --root ~/estimates --json
    """
    del seed
    from estimates.model.scaffold import new_estimate

    made = new_estimate(name, root, title)
    said = click.get_current_context().get_parameter_source("root")
    elsewhere = f" --root {_quoted(root)}" if said == ParameterSource.COMMANDLINE else ""
    steps = [
        (f"estimates check {name}{elsewhere}", "is it well formed?"),
        (f"estimates fit {name}{elsewhere}", "the answer"),
        (f"estimates compare {name}{elsewhere}", "beside the cited figure"),
        (f"estimates whatif {name}{elsewhere} --set coffee_drinkers=90%", "if it were otherwise"),
        (f"estimates report {name}{elsewhere}", "all of it, as one page to send on"),
    ]
    if as_json:
        files = [str(path) for path in made.files]
        emit(
            {
                "format": 1,
                "model": made.slug,
                "folder": str(made.folder),
                "files": files,
                "next": [step for step, _ in steps],
            }
        )
        return
    click.echo(f"Made {made.folder}{os.sep} with a small example that works:")
    click.echo("  evidence.yaml  what was said: write your quotes here")
    click.echo("  model.yaml     what there is to know, and which claim is about what")
    click.echo("\nNext:")
    width = max(len(step) for step, _ in steps)
    for step, why in steps:
        line = f"  {step:{width}}  {why}"
        click.echo(line if len(line) <= 80 else f"  {step}")
    click.echo(f"\nWhile you write: estimates check --watch {name}{elsewhere}")


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))
