"""`estimates conflict`: which claims contradict each other, and what leaving one out would do."""

from __future__ import annotations

from estimates.cli.of_analysis import Question, answered, asking


@asking("conflict", "Which claims cannot both be right.")
@answered("conflict")
def command() -> Question:
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
    return Question()
