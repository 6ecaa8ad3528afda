"""`estimates draft`: a ledger from an article, to be edited."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import common
from estimates.cli.output import emit


@click.command(
    "draft",
    short_help="A ledger from an article, to be edited.",
    epilog="Exit codes: 0 done; 2 an article that cannot be read, or a name that cannot be one.",
)
@click.argument("article", type=click.Path(path_type=Path))
@click.argument("name")
@click.option("--url", default="", help="Where the article can be read.")
@common
def command(
    article: Path, name: str, url: str, as_json: bool, seed: int | None, root: Path
) -> None:
    """Make models/NAME with a ledger of the figures in ARTICLE, to be edited.

    ARTICLE is a text (.txt, .md), a page (.html) or a .pdf, for which pypdf must be installed.
    Each figure becomes a claim: its sentence as the quote, verbatim; the speaker where the
    sentence names one; `says:` where the figure can be read as a wording, and otherwise what
    could not be told. The text is kept beside the ledger, so that check proves the quotes.
    It works by rules, on English; nothing is sampled, so --seed has no effect.

    \b
    Examples:
      estimates draft article.txt border-trade
      estimates draft page.html trade --url https://example.org/article
    """
    del seed
    from estimates.language.phrases import counted
    from estimates.model.scaffold.draft import draft

    made = draft(article, name, root, url=url)
    if as_json:
        emit(
            {
                "format": 1,
                "model": made.slug,
                "folder": str(made.folder),
                "files": [str(path) for path in made.files],
                "claims": made.claims,
                "without_wording": made.without_wording,
                "tables": made.tables,
                "example": made.example or None,
            }
        )
        return
    open_ones = len(made.without_wording)
    have = "has" if open_ones == 1 else "have"
    told = f"; {open_ones} of them {have} no `says:` yet" if open_ones else ""
    click.echo(f"Drafted {counted(made.claims, 'claim')}{told}.")
    if made.tables:
        click.echo(
            f"Passed over {counted(made.tables, 'passage')} with so many numbers that they are "
            "tables; `estimates ingest` reads tables."
        )
    click.echo(f"Now edit {made.folder / 'evidence.yaml'}: delete, correct, give each a basis.")
    if not made.example:
        click.echo("Then write a model.yaml beside it: `estimates new` shows how.")
        return
    click.echo("Then write a model.yaml beside it, such as this, with a prior of your own:\n")
    for line in made.example.splitlines():
        click.echo(f"  {line}")
