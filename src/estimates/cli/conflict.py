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
@click.option(
    "--body",
    "together",
    multiple=True,
    metavar="A,B,…",
    help="Claims that are taken together, against all the rest; that alone is asked. May be "
    "given again.",
)
@click.option(
    "--as-said",
    is_flag=True,
    help="Ask alone whether what each speaker says can all be meant, by the words alone.",
)
@answered("conflict")
def command(refit_all: bool, together: tuple[str, ...], as_said: bool) -> Question:
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
      estimates conflict scmp-2017 --as-said
      estimates conflict scmp-2017 --body chinese-wage,salary-gap
      estimates conflict hubble-constant --json
    """
    sets = [[name.strip() for name in one.split(",") if name.strip()] for one in together]
    asked = {"refit_all": refit_all, "together": sets, "as_said": as_said}
    if as_said and sets:
        raise click.UsageError("--as-said and --body are two questions; ask one after the other")
    return Question({name: one for name, one in asked.items() if one})
