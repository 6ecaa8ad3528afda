"""`estimates ingest`: a table of claims as an estimate."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import common
from estimates.cli.output import emit, warning


@click.command(
    "ingest",
    short_help="A table of claims as a ledger and a model.",
    epilog="Exit codes: 0 done; 2 bad input, each fault with its row, and nothing is written.",
)
@click.argument("table", type=click.Path(path_type=Path))
@click.argument("name")
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="MEANING=COLUMN",
    help="What a column means, if its name does not say it: --map says=estimate.",
)
@click.option("--about", default="", help="The quantity that the claims are about.")
@click.option("--unit", default="", help="The unit of figures whose row has none.")
@click.option(
    "--coverage",
    default="95%",
    show_default=True,
    help="What an interval holds whose row does not say it.",
)
@click.option(
    "--scatter",
    default="",
    metavar="SIZE",
    help='How far claims may stray beyond their errors ("up to 2"): random effects.',
)
@click.option(
    "--measure",
    default="",
    metavar="RR|OR|RD",
    help="What two arms give: risk ratio, odds ratio or risk difference.",
)
@click.option("--prior", default="", help='Your prior for what claims are about: "0.1 to 3".')
@click.option(
    "--decimal",
    default="",
    metavar=", or .",
    help="The decimal sign of its numbers, if the table does not show it.",
)
@click.option("--title", default="", help="The model's title (the table's name if not said).")
@common
def command(
    table: Path,
    name: str,
    pairs: tuple[str, ...],
    about: str,
    unit: str,
    coverage: str,
    scatter: str,
    measure: str,
    prior: str,
    decimal: str,
    title: str,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> None:
    """Make models/NAME of TABLE, which has a claim in each row.

    TABLE is CSV, TSV, JSON (a list of records), Parquet or Excel (.xlsx), with headings. Columns
    are matched by name: id, source, speaker, quote, says, basis, kind, origin, when, about, and
    those of sources (title, publisher, published, url). A figure is in the column says, or an
    estimate with low and high, or with se (or variance), or r of n, or of a trial with two arms
    r1 of n1 and r2 of n2 (--measure says what they give).

    With about, as a column or an option, the claims get a model that checks; its priors keep the
    places of yours. Rows without a figure are kept as such. TABLE is copied beside the ledger, so
    that `export --claims` writes it back, with every column. Nothing is ever overwritten, and
    nothing is sampled, so --seed has no effect.

    \b
    Examples:
      estimates ingest claims.csv border-trade
      estimates ingest trials.csv trials --about effect
      estimates ingest trials.csv trials --about effect --scatter "up to 2"
      estimates ingest trials.csv bcg --measure RR --about effect
      estimates ingest trials.xlsx trials --map estimate=logRR --about effect
    """
    del seed
    from estimates.model.scaffold.ingest import ingest
    from estimates.model.tables.columns import told_columns

    made = ingest(
        table,
        name,
        root,
        columns=told_columns(pairs),
        about=about,
        unit=unit,
        coverage=coverage,
        scatter=scatter,
        measure=measure,
        prior=prior,
        title=title,
        decimal=decimal,
    )
    if as_json:
        emit(
            {
                "format": 1,
                "model": made.slug,
                "folder": str(made.folder),
                "files": [str(path) for path in made.files],
                "claims": made.claims,
                "without_figure": list(made.without_figure),
                "left_out": list(made.left_out),
                "placeholders": list(made.placeholders),
                "coverage": made.coverage or None,
            }
        )
        return
    from estimates.language.phrases import counted, joined

    bare = f", {len(made.without_figure)} of them without a figure" if made.without_figure else ""
    click.echo(f"Made {made.folder} of {counted(made.claims, 'claim')}{bare}.")
    if made.left_out:
        kept = f"in {table.name} alone: {joined(made.left_out)}"
        warning(f"columns that mean nothing here are kept {kept}")
    if made.coverage:
        warning(f"intervals are taken to hold {made.coverage}; --coverage says otherwise")
    if made.placeholders:
        click.echo(
            f"Write your prior for {joined(made.placeholders)} into model.yaml, in place of one "
            f"that is there\nto be replaced. Then: estimates check {name}, estimates fit {name}"
        )
    elif len(made.files) > 1:
        click.echo(f"Next: estimates fit {name}, estimates forest {name}")
    else:
        click.echo("It says not yet what the claims are about: --about, or a model.yaml beside it.")
