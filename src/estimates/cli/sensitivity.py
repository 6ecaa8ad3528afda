"""`estimates sensitivity`: which reading, which quantity and which claim carry the answer."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES_OF_FIT, common, distributed, load, model_argument


@click.command(
    "sensitivity",
    short_help="Which reading, quantity and claim carry the answer.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
@click.option("--target", help="One of the model's targets (the first, if not said).")
@distributed
@common
def command(
    model: str,
    target: str | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Say what the answer of MODEL hangs on.

    How far it moves where each quantity is low or high; which share of its variance lies
    between readings and which within, and there with which quantity; how much it leans on the
    prior and on each claim; what it would be without each claim, source, origin and speaker;
    and what must hold where it lies inside, or above, the cited range.

    \b
    Examples:
      estimates sensitivity scmp-2017
      estimates sensitivity scmp-2017 --target take_per_worker
      estimates sensitivity scmp-2017 --json
    """
    from estimates.cli.ask import Ask, answer

    loaded = load(model, root)

    def prepare() -> Ask:
        from estimates.analysis.sensitivity.run import sensitivity

        return lambda fit, made_by, told: sensitivity(fit, target, workers=made_by, progress=told)

    return answer(
        loaded,
        "sensitivity",
        asked={"target": target},
        prepare=prepare,
        root=root,
        seed=seed,
        as_json=as_json,
        workers=workers,
        scheduler=scheduler,
    )
