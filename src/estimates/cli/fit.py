"""`estimates fit`: the posterior, a table per target and reading."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES_OF_FIT, common, model_argument
from estimates.cli.output import console, emit, say
from estimates.cli.progress import progress


@click.command(
    "fit",
    short_help="The posterior: a table per target and reading.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
@common
def command(model: str, as_json: bool, seed: int | None, root: Path) -> int:
    """Fit MODEL: the posterior of every quantity, under each reading and over all of them.

    Every combination of readings is fitted by itself, so that a chain never has to find its
    way between them. The draws are saved in results/MODEL/fit.nc for `compare` and `figures`.

    \b
    Examples:
      estimates fit scmp-2017-headline
      estimates fit scmp-2017-headline --seed 7
      estimates fit scmp-2017-headline --json > fit.json
    """
    from estimates.files import load

    loaded = load(model, root)

    from estimates.results import folder, stored_fit
    from estimates.summaries import summary

    with progress() as report:
        posterior = stored_fit(loaded, seed=seed, root=root, progress=report, fresh=True)
    document = summary(posterior)
    if as_json:
        emit(document)
    else:
        from estimates.cli.fit_report import fit_report
        from estimates.cli.heading import conventions_of, heading, warn

        warn(loaded)
        out = console()
        say(out, heading(loaded, document["seed"], out.width))
        say(out, fit_report(document, out.width))
        say(out, conventions_of(loaded, out.width))
        saved = (folder(loaded, root) / "fit.nc").as_posix()
        out.print(f"\nDraws saved in {saved}.", soft_wrap=True)
    return 0 if document["diagnostics"]["converged"] else 1
