"""`estimates inverse`: what would have to be true for the answer to be what was cited."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES_OF_FIT, common, distributed, load, model_argument


@click.command(
    "inverse",
    short_help="What would have to be true for a cited figure to be right.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
@click.option(
    "--target",
    help="A quantity, a relation or an expression; else the first target with a cited figure.",
)
@click.option(
    "--between",
    nargs=2,
    type=float,
    metavar="LOW HIGH",
    help="The range to be reached, in the target's unit (else the cited range). "
    "`inf` or `-inf` leaves a side open.",
)
@click.option("--at", type=float, metavar="VALUE", help="A single value, instead of a range.")
@distributed
@common
def command(
    model: str,
    target: str | None,
    between: tuple[float, float] | None,
    at: float | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """What would have to be true for the answer of MODEL to be what was cited?

    Under each reading: the least surprising values of all quantities that reach each edge
    of the range and its centre, in standard deviations of the posterior; what each quantity
    would have to be alone; and what one would believe given the range. Uses the draws in
    results/, or makes them.

    \b
    Examples:
      estimates inverse scmp-2017-headline
      estimates inverse scmp-2017 --target revenue --between 100 200
      estimates inverse scmp-2017 --target take_per_worker --at 400
    """
    from estimates.cli.ask import Ask, answer
    from estimates.errors import Fault, InputError

    if between is not None and at is not None:
        raise InputError([Fault("--between and --at exclude each other: give a range or a value")])
    if at is not None:
        between = (at, at)
    loaded = load(model, root)
    ends = None if between is None else (_end(between[0]), _end(between[1]))

    def prepare() -> Ask:
        from estimates.analysis.inverse.request import request
        from estimates.analysis.inverse.run import inverse

        request(loaded, target, ends)  # what is wrong with the question is said before any fit
        return lambda fit, made_by, told: inverse(fit, target, ends, workers=made_by, progress=told)

    return answer(
        loaded,
        "inverse",
        asked={"target": target, "ends": ends},
        prepare=prepare,
        root=root,
        seed=seed,
        as_json=as_json,
        workers=workers,
        scheduler=scheduler,
    )


def _end(value: float) -> float | None:
    """An infinite end is none."""
    return None if value in (float("inf"), float("-inf")) else value
