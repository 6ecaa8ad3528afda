"""`estimates inverse`: what would have to be true for the answer to be what was cited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from estimates.cli.of_analysis import Question, answered, asking, each_cell
from estimates.errors import Fault, InputError

if TYPE_CHECKING:
    from estimates.model import Model


@asking("inverse", "What would have to be true for a cited figure to be right.")
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
@each_cell
@answered("inverse")
def command(
    target: str | None, between: tuple[float, float] | None, at: float | None, cells: bool
) -> Question:
    """What would have to be true for the answer of MODEL to be what was cited?

    Under each reading: the least surprising values of all quantities that reach each edge
    of the range and its centre, in standard deviations of the posterior; what each quantity
    would have to be alone; and what you would believe given the range. Uses the draws in
    results/, or makes them.

    \b
    Examples:
      estimates inverse scmp-2017-headline
      estimates inverse scmp-2017 --target revenue --between 100 200
      estimates inverse scmp-2017 --target take_per_worker --at 400
    """
    if between is not None and at is not None:
        raise InputError([Fault("--between and --at exclude each other: give a range or a value")])
    if at is not None:
        between = (at, at)
    ends = None if between is None else (_end(between[0]), _end(between[1]))

    def check(model: Model, seed: int | None) -> None:
        from estimates.analysis.inverse.request import request

        request(model, target, ends)

    return Question({"target": target, "between": ends, "cells": cells}, check)


def _end(value: float) -> float | None:
    """Return an end of the range; None for an infinite one."""
    return None if value in (float("inf"), float("-inf")) else value
