"""`estimates voi`: which fact to find out next."""

from __future__ import annotations

import click

from estimates.cli.of_analysis import Question, answered, asking, each_cell


@asking("voi", "What finding something out is worth: which fact to chase next.")
@click.option("--target", help="What is to be known: a target, quantity or relation.")
@click.option(
    "--threshold",
    type=float,
    help="Is the target above this, in its own unit? The low end of the cited figure, if there is "
    "one and nothing is said.",
)
@click.option(
    "--group",
    "groups",
    multiple=True,
    metavar="A,B,…",
    help="Quantities, relations and readings that are learned together; may be given again.",
)
@click.option(
    "--loss",
    type=click.Choice(["probability", "linear"]),
    default="probability",
    show_default=True,
    help="What being wrong costs: the same however wrong, or in proportion to the distance from "
    "the threshold.",
)
@click.option(
    "--loss-false-above",
    type=float,
    default=1.0,
    show_default=True,
    help="What it costs to say “above” of what is not.",
)
@click.option(
    "--loss-false-below",
    type=float,
    default=1.0,
    show_default=True,
    help="What it costs to say “not above” of what is.",
)
@each_cell
@answered("voi")
def command(
    target: str | None,
    threshold: float | None,
    groups: tuple[str, ...],
    loss: str,
    loss_false_above: float,
    loss_false_below: float,
    cells: bool,
) -> Question:
    """What would it be worth to know a quantity of MODEL, or how a phrase is meant?

    For the estimate: the expected share of the target's variance that learning it exactly
    removes. For a decision, whether the target lies above a threshold: how far it lowers the
    expected loss. Quantities may depend on each other, and readings are learned like
    quantities. Uses the draws in results/, or makes them; nothing is fitted anew.

    \b
    Examples:
      estimates voi scmp-2017
      estimates voi scmp-2017 --threshold 200 --group gross_wage,skim
      estimates voi scmp-2017 --target take_per_worker --json
    """
    together = [[name.strip() for name in group.split(",") if name.strip()] for group in groups]
    asked = {"target": target, "threshold": threshold, "groups": together, "cells": cells}
    losses = {"loss": loss, "loss_false_above": loss_false_above}
    losses["loss_false_below"] = loss_false_below
    usual = {"loss": "probability", "loss_false_above": 1.0, "loss_false_below": 1.0}
    return Question(asked | {name: one for name, one in losses.items() if one != usual[name]})
