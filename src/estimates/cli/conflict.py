"""`estimates conflict`: which claims contradict each other, and what leaving one out would do."""

from __future__ import annotations

import click

from estimates.cli.of_analysis import Question, answered, asking


@asking("conflict", "Which claims cannot both be right.")
@click.option(
    "--refit-all",
    is_flag=True,
    help="Fit the model anew without each piece of evidence, not only where weighing looks bad.",
)
@answered("conflict")
def command(refit_all: bool) -> Question:
    """Find what in the evidence of MODEL contradicts what.

    Each piece of evidence (a claim, or all claims of one origin) is set against everything
    else, two about one thing against each other, and every claim against what the
    rest would have predicted: in all and under each reading. Where two cannot both be
    right, the answer without either is shown; nothing is left out by itself. Each is first
    weighed out of the one fit; what looks bad there is fitted anew without it.

    \b
    Examples:
      estimates conflict scmp-2017
      estimates conflict hubble-constant
      estimates conflict hubble-constant --json
    """
    return Question({"refit_all": True} if refit_all else {})
