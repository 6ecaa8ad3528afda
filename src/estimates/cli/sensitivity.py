"""`estimates sensitivity`: which reading, which quantity and which claim carry the answer."""

from __future__ import annotations

import click

from estimates.cli.of_analysis import Question, answered, asking, each_cell


@asking("sensitivity", "Which reading, quantity and claim carry the answer.")
@click.option("--target", help="One of the model's targets (the first, if not said).")
@each_cell
@click.option(
    "--refit-all",
    is_flag=True,
    help="Fit anew without every claim, however many there are; of a panel, without each that "
    "cannot be weighed out of the one fit.",
)
@answered("sensitivity")
def command(target: str | None, cells: bool, refit_all: bool) -> Question:
    """Say what the answer of MODEL hangs on.

    How far it moves where each quantity is low or high; which share of its variance lies
    between readings and which within, and there with which quantity; how much it depends on the
    prior and on each claim; what it would be without each claim, source, origin and speaker;
    and what must hold where it lies inside, or above, the cited range.

    \b
    Examples:
      estimates sensitivity scmp-2017
      estimates sensitivity scmp-2017 --target take_per_worker
      estimates sensitivity scmp-2017 --json
    """
    asked = {"target": target, "cells": cells}
    return Question(asked | ({"refit_all": True} if refit_all else {}))
