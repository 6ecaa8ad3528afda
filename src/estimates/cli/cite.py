"""`estimates cite`: references, of this software or of a model's sources."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES, ModelName, common, load, reading_models
from estimates.cli.output import emit


@click.command(
    "cite",
    short_help="The sources of a model, or this software, as references.",
    epilog=EXIT_CODES,
)
@click.argument("model", type=ModelName(), required=False)
@click.option(
    "--format",
    "style",
    type=click.Choice(["bibtex", "csl-json", "cff"]),
    default="bibtex",
    help="BibTeX (if not said); CSL-JSON, which Zotero and pandoc take; or, of the software "
    "alone, a Citation File Format document.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write it here, in place of what is there, instead of printing it.",
)
@reading_models
@common
def command(
    model: str | None,
    style: str,
    output: Path | None,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Print the sources of MODEL's ledger as references; without MODEL, this software.

    Every source, used or not, by its id, with what the ledger knows of it: title, author,
    publisher, date, address, note. Which kind of entry it is, an article, a report or a page
    on the web, is read off its publisher and address. Quotes are not part of it. Nothing is
    sampled, so --seed has no effect.

    \b
    Examples:
      estimates cite
      estimates cite scmp-2017 --output sources.bib
      estimates cite hubble-constant --format csl-json > sources.json
    """
    del seed
    from estimates._util.files import write_bytes
    from estimates.report.export.citation import cff, software
    from estimates.report.export.references import STYLES, references

    slug = None
    if model is None:
        found = [software()]
    elif style == "cff":
        raise click.UsageError("--format cff is for the software alone; leave MODEL out")
    else:
        loaded = load(model, root)
        slug, found = loaded.slug, references(loaded.ledger)
    text = cff() if style == "cff" else STYLES[style](found)
    if output is not None:
        write_bytes(output, text.encode())
    if as_json:
        emit(
            {
                "format": 1,
                "model": slug,
                "style": style,
                "keys": [one.key for one in found],
                "file": None if output is None else output.as_posix(),
                "text": text,
            }
        )
    elif output is None:
        # A reference file is UTF-8, whatever the locale of this terminal.
        click.echo(text.encode(), nl=False)
    else:
        click.echo(output.as_posix())
    return 0
