"""`estimates multiverse`: the answer under every declared way of analysing the claims."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from estimates.cli.of_analysis import Question, answered, asking

if TYPE_CHECKING:
    from estimates.model import Model


@asking("multiverse", "The answer under every declared way of analysing the claims.")
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
@answered("multiverse")
def command(target: str | None, sample: int | None) -> Question:
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

    def check(model: Model, seed: int | None) -> None:
        from estimates.analysis.multiverse.run import target_of
        from estimates.analysis.multiverse.specifications import plan

        target_of(model, target)
        # How much there is to do is said before the first fit.
        click.echo(plan(model, sample, seed).words, err=True)

    return Question({"target": target, "sample": sample}, check)
