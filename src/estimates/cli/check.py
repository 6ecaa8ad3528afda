"""`estimates check`: is a model well formed? Samples nothing."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES, common, model_argument
from estimates.cli.output import emit, error_document


@click.command(
    "check",
    short_help="Is a model well formed? Names every fault at once.",
    epilog=EXIT_CODES,
)
@model_argument
@common
def command(model: str, as_json: bool, seed: int | None, root: Path) -> None:
    """Check whether MODEL is well formed, and name every fault at once.

    MODEL is a folder under models/ or a path to one. Names, units, supports, wordings and
    relations are checked; nothing is sampled, so --seed has no effect. A model is safe to
    check whoever wrote it: no code in it is ever run.

    \b
    Examples:
      estimates check scmp-2017-headline
      estimates check ~/downloads/their-estimate
      estimates check scmp-2017-headline --json
    """
    del seed
    from estimates.files import load

    loaded = load(model, root)
    if as_json:
        warnings = error_document(loaded.warnings)["errors"]
        emit({"format": 1, "model": loaded.slug, "digest": loaded.digest, "warnings": warnings})
        return

    from estimates.cli.heading import warn

    warn(loaded)
    combinations = len(loaded.combinations())
    verdict = (
        f"{loaded.slug} is well formed: {_count(len(loaded.quantities), 'quantity')}, "
        f"{_count(len(loaded.relations), 'relation')}, {_count(len(loaded.claims), 'claim')} as "
        f"evidence and {len(loaded.compare)} to compare, "
        f"{_count(combinations, 'combination')} of readings."
    )
    click.echo(textwrap.fill(verdict, 80))


def _count(number: int, noun: str) -> str:
    plural = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"
