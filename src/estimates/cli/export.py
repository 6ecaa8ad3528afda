"""`estimates export`: tables, draws and references as files for other tools."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import (
    EXIT_CODES_OF_FIT,
    common,
    load,
    model_argument,
    reads_outside,
)
from estimates.cli.output import emit, warning
from estimates.cli.progress import progress

_MOST = 10  # rows that are said to differ from the table


@click.command(
    "export",
    short_help="Tables, draws and references as files for other tools.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
@click.option(
    "--to",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Where to, in place of results/MODEL/export.",
)
@click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice(["csv", "markdown", "netcdf", "zarr"]),
    help="Only this format; can be given several times. All of them if not said.",
)
@click.option(
    "--draws",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Only the draws, into this FILE.nc (netCDF), FILE.zarr (a folder) or FILE.zarr.zip; "
    "what is there is replaced.",
)
@click.option(
    "--claims",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Only the claims, as a FILE that `ingest` reads (.csv, .tsv, .json, .parquet, .xlsx), "
    "with the columns of the table they came from; nothing is fitted.",
)
@click.option("--force", is_flag=True, help="Replace files that are not an unchanged export.")
@common
def command(
    model: str,
    to: Path | None,
    formats: tuple[str, ...],
    draws: Path | None,
    claims: Path | None,
    force: bool,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Write MODEL's tables, draws and references as files that other tools take.

    Tables of the fit, the comparison, the ledger and every workbench answer that is in
    results/MODEL: as CSV, numbers in full, and as Markdown, rounded to their Monte Carlo
    error. Draws in ArviZ's schema, as netCDF and Zarr. The sources as BibTeX and CSL-JSON.
    datapackage.json lists the files.

    CSV is safe to open in a spreadsheet: a text that begins with =, +, - or @ would be run
    as a formula, so it gets an apostrophe in front. Numbers are left alone.

    An earlier export is replaced; a file that was not made by one, or was changed since, is
    not, and then nothing is written (--force replaces it all the same).

    \b
    Examples:
      estimates export scmp-2017-headline
      estimates export scmp-2017 --to tables --format csv --format markdown
      estimates export scmp-2017 --draws fit.nc
      estimates export scmp-2017 --claims claims.csv
    """
    alone = [name for name, file in (("--draws", draws), ("--claims", claims)) if file is not None]
    if len(alone) > 1 or (alone and (to is not None or formats or force)):
        raise click.UsageError(
            f"{alone[0]} writes one file; it goes with no other option of export"
        )
    loaded = load(model, root)
    if claims is not None:
        from estimates.model.tables.write import write_claims

        changed: list[str] = []
        outside = reads_outside()
        written = [write_claims(loaded, claims, root, tell=changed.append, allow_outside=outside)]
        _say(loaded.slug, written, as_json, changed=changed)
        for sentence in changed[:_MOST]:
            warning(sentence)
        if len(changed) > _MOST:
            warning(f"and {len(changed) - _MOST:,} more rows; --json lists them all")
        return 0

    from estimates._util.files import check_writable
    from estimates.inference.origin import Origin
    from estimates.report.export import FORMATS, export, write_draws
    from estimates.report.export.draws import check_path
    from estimates.report.export.folder import answers_in
    from estimates.report.reproduce import stored_fit
    from estimates.report.saved import folder

    where = to or folder(loaded, root) / "export"
    if draws is not None:
        check_path(draws)
    check_writable(draws or where, folder=draws is None or draws.suffix == ".zarr")
    with progress() as report:
        fit = stored_fit(loaded, seed=seed, root=root, progress=report, warn=warning)
    converged = Origin.of(fit).converged
    left_out: list[str] = []
    if draws is not None:
        write_draws(fit, draws)
        written = [draws]
    elif converged:
        analyses, left_out = answers_in(folder(loaded, root), fit)
        written = export(
            fit, where, formats=formats or FORMATS, analyses=analyses, force=force
        )  # fmt: skip
    else:
        written = []
    _say(loaded.slug, written, as_json, converged=converged, left_out=left_out)
    for sentence in left_out:
        warning(sentence)
    if not converged:
        what = "these draws must not be used" if written else "nothing is exported"
        click.echo(f"not converged: {what}; see `estimates fit`", err=True)
    return 0 if converged else 1


def _say(slug: str, files: list[Path], as_json: bool, **found: bool | list[str]) -> None:
    """Print what was written."""
    if as_json:
        written = [path.as_posix() for path in files]
        emit({"format": 1, "model": slug, **found, "files": written})
        return
    for path in files:
        click.echo(path.as_posix())
