"""`estimates fit`: the posterior, a table per target and reading."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import (
    EXIT_CODES_OF_FIT,
    answering,
    distributed,
    executor_of,
    load,
    model_argument,
)
from estimates.cli.output import emit, say, warning
from estimates.cli.progress import progress


@click.command(
    "fit",
    short_help="The posterior: a table per target and reading.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
@click.option("--fresh", is_flag=True, help="Fit anew, even if this was asked before.")
@distributed
@answering
def command(
    model: str,
    fresh: bool,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    full: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Fit MODEL: the posterior of every quantity, under each reading and over all of them.

    Every combination of readings is fitted by itself, so that a chain never has to find its
    way between them. The draws are saved in results/MODEL/fit.nc for `compare` and `figures`.
    A question that was asked before is answered from the store.

    \b
    Examples:
      estimates fit scmp-2017-headline
      estimates fit scmp-2017-headline --seed 7
      estimates fit scmp-2017-headline --json > fit.json
    """
    from estimates.report.saved import Saved

    loaded = load(model, root)
    saved = Saved.of(loaded, root, seed, warn=warning)
    found = None if fresh else saved.summary()
    if found is None:
        from estimates.inference.summary import summary
        from estimates.report.reproduce import stored_fit

        with executor_of(scheduler) as executor, progress() as report:
            tree = stored_fit(
                loaded,
                seed=seed,
                root=root,
                executor=executor,
                threads=workers,
                progress=report,
                warn=warning,
                fresh=True,
            )
        found = saved.summary() or summary(tree)  # kept with the fit, unless nothing could be
    if as_json:
        emit(found.document)
    else:
        from estimates.report.text.fit import of_fit
        from estimates.report.text.heading import frame_of

        files = [saved.path] if saved.in_place() else []
        say(of_fit(found, loaded), frame_of(loaded, found.seed, files), full)
    return 0 if found.diagnostics.converged else 1
