"""The command of an analysis that has none of its own."""

from __future__ import annotations

from pathlib import Path

import click

from estimates.analysis.registry import Analysis
from estimates.cli.options import EXIT_CODES_OF_FIT, common, distributed, load, model_argument

_HELP = """Say of MODEL: {one.called}.

Uses the draws in results/, or makes them.

\b
Examples:
  estimates {one.name} scmp-2017
  estimates {one.name} scmp-2017 --json
"""


def command_of(one: Analysis) -> click.Command:
    """A command that asks an analysis of a model, and shows what comes of it."""

    @click.command(
        one.name,
        short_help=f"{one.called[:1].upper()}{one.called[1:]}.",
        help=_HELP.format(one=one),
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
        from estimates.cli.ask import Ask, answer

        def prepare() -> Ask:
            run = one.run()
            return lambda fit, made_by, told: run(fit, workers=made_by, progress=told)

        return answer(
            load(model, root), one.name, asked={}, prepare=prepare,
            root=root, seed=seed, as_json=as_json, workers=workers,
            scheduler=scheduler,
        )  # fmt: skip

    return command
