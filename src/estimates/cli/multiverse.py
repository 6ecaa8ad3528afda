"""`estimates multiverse`: the answer under every declared way of analysing the claims."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES_OF_FIT, common, distributed, load, model_argument


@click.command(
    "multiverse",
    short_help="The answer under every declared way of analysing the claims.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
@click.option(
    "--target",
    metavar="NAME",
    help="What the answer is: a target, quantity or relation (the first target, if not said).",
)
@click.option(
    "--sample",
    type=click.IntRange(min=2),
    metavar="N",
    help="Fit N cells drawn at random, the model as it stands among them, instead of all.",
)
@distributed
@common
def command(
    model: str,
    target: str | None,
    sample: int | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Fit MODEL under every combination of the choices that it declares in `variants:`.

    Other priors, widths, tails, conventions, weights of readings, claims in or out, the
    cited figure admitted: each cell is a fit of its own. Tells in how many of them each
    verdict holds, what each choice does to the answer, and the smallest change of a
    reading's weight, or of the widths of claims, that makes the verdict another. Every
    cell is kept: a run that was stopped goes on where it was.

    \b
    Examples:
      estimates multiverse scmp-2017
      estimates multiverse scmp-2017 --sample 24
      estimates multiverse scmp-2017 --target take_per_worker
      estimates multiverse scmp-2017 --json
    """
    loaded = load(model, root)

    from estimates.cli.ask import Ask, answer

    def prepare() -> Ask:
        from estimates.analysis.multiverse.run import multiverse, target_of
        from estimates.analysis.multiverse.specifications import plan

        target_of(loaded, target)
        # What cannot be asked is refused, and how much there is to do said, before the first fit.
        click.echo(plan(loaded, sample, seed).words, err=True)
        return lambda fit, made_by, told: multiverse(
            loaded, target, sample=sample, seed=seed, workers=made_by, progress=told
        )

    return answer(
        loaded,
        "multiverse",
        asked={"target": target, "sample": sample},
        prepare=prepare,
        root=root,
        seed=seed,
        as_json=as_json,
        workers=workers,
        scheduler=scheduler,
    )
