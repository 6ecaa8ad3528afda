"""`estimates explain`: what a wording is taken to mean."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import ModelName, common
from estimates.cli.output import console, emit, say
from estimates.errors import Fault, InputError

_KINDS = (".png", ".svg")


@click.command(
    "explain",
    short_help="What a wording is taken to mean, and how wide it is.",
    epilog="Exit codes: 0 done; 2 a wording that cannot be read, or other bad input.",
)
@click.argument("wording")
@click.option("--basis", help="Only for a speaker of this basis (register, … rumour).")
@click.option("--model", type=ModelName(), help="Use this model's conventions and units.")
@click.option("--disputes", default="", metavar="WORDING", help="What `lower than claimed` denies.")
@click.option(
    "--figure",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw it into this file, .png or .svg.",
)
@common
def command(
    wording: str,
    basis: str | None,
    model: str | None,
    disputes: str,
    figure: Path | None,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> None:
    """Say what WORDING is taken to mean when it stands in a claim's `says`.

    How it was read; and how wide it is, with the 50 and 90 % intervals that it implies by
    itself, for each way in which its speaker can know. All widths are conventions, argued in
    docs/wording.md. Nothing is sampled, so --seed has no effect.

    \b
    Examples:
      estimates explain "around 20,000 people"
      estimates explain "up to 1,000 CNY/month" --model scmp-2017
      estimates explain "70 to 80 %" --basis expert --figure share.png
      estimates explain "lower than claimed" --disputes "20,000 people"
    """
    del seed
    if figure is not None and figure.suffix not in _KINDS:
        message = f"--figure writes .png and .svg, not '{figure.name}'"
        raise InputError([Fault(message)])
    from estimates.implied import explain

    loaded = None
    if model is not None:
        from estimates.files import load

        loaded = load(model, root)
    found = explain(wording, basis=basis, model=loaded, disputes=disputes)
    if figure is not None:
        from estimates.figures.wording import wording as draw
        from estimates.figures.writing import save_one

        save_one(draw(found), figure)
    if as_json:
        emit(found.document())
        return

    from estimates.cli.explain_report import explain_report

    out = console()
    say(out, explain_report(found, out.width))
    if figure is not None:
        click.echo(f"\nDrawn in {figure}.")
