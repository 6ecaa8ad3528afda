"""`estimates figures`: every figure of a model."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES_OF_FIT, common, load, model_argument
from estimates.cli.output import emit, warning
from estimates.cli.progress import progress


@click.command(
    "figures",
    short_help="Every figure, PNG and SVG, into results/MODEL/figures/.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
@common
def command(model: str, as_json: bool, seed: int | None, root: Path) -> int:
    """Draw every figure of MODEL, as PNG and SVG, into results/MODEL/figures/.

    Uses the draws in results/, or makes them. The same draws give the same files, byte for
    byte. Nothing is drawn from a fit that has not converged.

    \b
    Examples:
      estimates figures scmp-2017-headline
      estimates figures scmp-2017-headline --json
    """
    loaded = load(model, root)

    from estimates._util.files import check_writable
    from estimates.inference.origin import Origin
    from estimates.plots import write_figures
    from estimates.report.reproduce import stored_fit
    from estimates.report.saved import folder

    where = folder(loaded, root) / "figures"
    check_writable(where, folder=True)
    with progress() as report:
        posterior = stored_fit(loaded, seed=seed, root=root, progress=report, warn=warning)
        converged = Origin.of(posterior).converged
        written = write_figures(posterior, where) if converged else []
    if as_json:
        files = [path.as_posix() for path in written]
        emit({"format": 1, "model": loaded.slug, "converged": converged, "figures": files})
    else:
        for path in written:
            click.echo(path.as_posix())
    if not converged:
        click.echo("not converged: nothing is drawn; see `estimates fit`", err=True)
    return 0 if converged else 1
