"""`estimates conflict`: which claims contradict each other, and what leaving one out would do."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES_OF_FIT, common, distributed, load, model_argument


@click.command(
    "conflict",
    short_help="Which claims cannot both be right.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
@distributed
@common
def command(
    model: str,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Find what in the evidence of MODEL contradicts what.

    Each body of evidence (a claim, or all claims of one origin) is set against everything
    else, two bodies about one thing against each other, and every claim against what the
    rest would have predicted: in all and under each reading. Where two cannot both be
    right, the answer without either is shown; nothing is left out by itself.

    \b
    Examples:
      estimates conflict scmp-2017
      estimates conflict hubble-constant
      estimates conflict hubble-constant --json
    """
    loaded = load(model, root)

    from estimates.cli.ask import Ask, answer

    def prepare() -> Ask:
        from estimates.analysis.conflict.run import conflict

        return lambda fit, made_by, told: conflict(fit, workers=made_by, progress=told)

    return answer(
        loaded,
        "conflict",
        asked={},
        prepare=prepare,
        root=root,
        seed=seed,
        as_json=as_json,
        workers=workers,
        scheduler=scheduler,
    )
