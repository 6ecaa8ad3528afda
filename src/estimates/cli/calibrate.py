"""`estimates calibrate`: is the inference right, on data made by the model itself?"""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import answering, distributed, executor_of, load, model_argument
from estimates.cli.output import emit, say, warning
from estimates.cli.progress import progress


@click.command(
    "calibrate",
    short_help="Simulation-based calibration of the whole pipeline.",
    epilog="Exit codes: 0 calibrated; 1 not calibrated, or too few simulations to say; 2 bad "
    "input.",
)
@model_argument
@click.option(
    "-n",
    "count",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Simulations; more of them later go on from those that are there.",
)
@distributed
@answering
def command(
    model: str,
    count: int,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    full: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Check the inference of MODEL on simulated claims, of which the truth is known.

    Quantities and readings are drawn from their priors, the claims are spoken anew about
    them, and the model is fitted to what was said. The truth must then rank among the
    draws like one of them, and readings given 70 % must be right 70 % of the time.
    Every simulation is kept: a run that was stopped goes on where it was.

    \b
    Examples:
      estimates calibrate scmp-2017-headline
      estimates calibrate scmp-2017-headline -n 1000
      estimates calibrate scmp-2017-headline --json
    """
    loaded = load(model, root)

    from estimates._util.files import keeping, write_json
    from estimates.analysis.calibrate.run import calibrate
    from estimates.inference.jobs import Workers
    from estimates.plots import drawings, save
    from estimates.report.saved import folder, store_of

    with executor_of(scheduler) as executor, progress() as report:
        found = calibrate(
            loaded,
            count,
            seed=seed,
            workers=Workers(executor, workers, store_of(root, warning)),
            progress=report,
        )
    where = folder(loaded, root)
    written: list[Path] = []
    with keeping(warning):
        write_json(where / "calibration.json", found.document)
        written = save(drawings(found), where / "figures")
    if as_json:
        emit(found.document)
    else:
        from estimates.report.text.calibrate import of_calibration
        from estimates.report.text.heading import frame_of

        say(of_calibration(found), frame_of(loaded, found.seed, written), full)
    return 0 if found.calibrated else 1
