"""`estimates whatif`: the answer if something were otherwise, beside the answer as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from estimates.cli.of_analysis import Question, answered, asking
from estimates.errors import Fault, InputError

if TYPE_CHECKING:
    from estimates.model import Model


@asking("whatif", "The answer if something were otherwise.")
@click.option(
    "--set", "values", multiple=True, metavar="QUANTITY=VALUE",
    help="Set a basic quantity, in its own unit or another: skim=0.9, skim=90%.",
)  # fmt: skip
@click.option(
    "--reading", multiple=True, metavar="READING=OPTION", help="Take a reading as certain."
)
@click.option("--drop", multiple=True, metavar="CLAIM", help="Leave a claim out.")
@click.option("--drop-source", multiple=True, metavar="SOURCE", help="Leave a source out.")
@click.option("--drop-origin", multiple=True, metavar="ORIGIN", help="Leave an origin out.")
@click.option("--says", multiple=True, metavar='CLAIM="…"', help="Let a claim say something else.")
@click.option(
    "--widen", multiple=True, metavar="CLAIM=FACTOR", help="Make a claim so many times as wide."
)
@click.option(
    "--hold-readings", is_flag=True, help="Keep the weights of the readings as they were."
)
@answered("whatif")
def command(
    values: Sequence[str],
    reading: Sequence[str],
    drop: Sequence[str],
    drop_source: Sequence[str],
    drop_origin: Sequence[str],
    says: Sequence[str],
    widen: Sequence[str],
    hold_readings: bool,
) -> Question:
    """Fit MODEL as if something were otherwise, and set the answer beside the one it has.

    To set a quantity is to learn that it is so, not to make it so: what it was worked out
    from responds as well as what follows from it, and so do the weights of the readings.
    With --hold-readings these stay as they were. Every other option may be given several
    times, and all of them together.

    \b
    Examples:
      estimates whatif scmp-2017 --set skim=90% --reading wage=net
      estimates whatif scmp-2017 --drop wages --set gross_wage=500
      estimates whatif scmp-2017 --says wages="around 500 USD/person/month"
      estimates whatif scmp-2017 --set skim=90% --hold-readings
      estimates whatif scmp-2017 --widen skim=2 --json
    """
    asked = (values, reading, drop, drop_source, drop_origin, says, widen)
    if not any(asked):
        message = (
            "nothing is supposed: say what is to be otherwise with --set QUANTITY=VALUE, "
            '--reading READING=OPTION, --drop CLAIM, --says CLAIM="…" or --widen CLAIM=FACTOR'
        )
        raise InputError([Fault(message)])
    pairs = _pairs("--widen", widen, "workers=2")
    factors = {name: _factor(name, text) for name, text in pairs.items()}
    settings = _pairs("--set", values, "skim=0.9")
    certain = _pairs("--reading", reading, "wage=net")
    wordings = _pairs("--says", says, 'workers="around 50,000 people"')
    supposed = {
        "values": settings,
        "reading": certain,
        "says": wordings,
        "drop": drop,
        "drop_source": drop_source,
        "drop_origin": drop_origin,
        "widen": factors,
    }
    held = {"hold_readings": True} if hold_readings else {}

    def check(model: Model, seed: int | None) -> None:
        from estimates.analysis.whatif.request import Asked, supposition

        dropped = (drop, drop_source, drop_origin)
        supposition(model, Asked(settings, certain, *dropped, wordings, factors))

    return Question({**supposed, **held}, check, ("posterior", "by_reading", "readings", "options"))


def _pairs(option: str, given: Sequence[str], example: str) -> dict[str, str]:
    """Return the pairs of `NAME=VALUE` options."""
    found: dict[str, str] = {}
    faults = []
    for one in given:
        name, sign, value = (part.strip() for part in one.partition("="))
        if not (sign and name and value):
            faults.append(Fault(f"{option} takes a name, =, and what it is to be: {example}"))
        elif name in found:
            faults.append(Fault(f"{option} {name} is given twice; keep one"))
        found[name] = value
    if faults:
        raise InputError(faults)
    return found


def _factor(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        message = f"--widen {name}: '{text}' is not a number; write a factor, such as {name}=2"
        raise InputError([Fault(message)]) from None
