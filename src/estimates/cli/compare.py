"""`estimates compare`: the answer beside the cited figures."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.analysis.compare.result import POOLS
from estimates.cli.options import EXIT_CODES_OF_FIT, answering, load, model_argument
from estimates.cli.output import emit, say, warning
from estimates.cli.progress import progress


@click.command(
    "compare",
    short_help="The answer beside the cited figures.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
@click.option(
    "--pool",
    type=click.Choice(POOLS),
    help="Admit the cited figure as evidence: as independent of the rest, or as the same "
    "information said twice. Held out unless the model says otherwise.",
)
@answering
def command(
    model: str, pool: str | None, as_json: bool, full: bool, seed: int | None, root: Path
) -> int:
    """Set the answer of MODEL beside the figures it is compared with.

    Under each reading: the probability that the answer lies below, inside and above the
    cited range, how far off it is, and a verdict. The cited figure is held out: it moves
    nothing. Uses the draws in results/, or makes them.

    \b
    Examples:
      estimates compare scmp-2017-headline
      estimates compare scmp-2017-headline --pool redundant
      estimates compare scmp-2017-headline --json
    """
    from estimates.report.saved import Saved

    loaded = load(model, root)
    saved = Saved.of(loaded, root, seed, warn=warning)
    found = saved.comparison(pool)
    if found is None:
        from estimates.report.reproduce import stored_comparison, stored_fit

        with progress() as report:
            posterior = stored_fit(loaded, seed=seed, root=root, progress=report, warn=warning)
        found = stored_comparison(posterior, saved, pool)
    if as_json:
        emit(found.comparison.document)
    else:
        from estimates.report.text.compare import of_comparison
        from estimates.report.text.heading import frame_of

        told = of_comparison(found.comparison, loaded, found.converged)
        say(told, frame_of(loaded, found.seed), full)
    if not found.converged:
        click.echo("not converged: these numbers must not be used; see `estimates fit`", err=True)
    return 0 if found.converged else 1
