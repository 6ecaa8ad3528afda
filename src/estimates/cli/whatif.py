"""`estimates whatif`: the answer if something were otherwise, beside the answer as it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from estimates.cli.options import EXIT_CODES_OF_FIT, common, distributed, load, model_argument
from estimates.errors import Fault, InputError


@click.command(
    "whatif",
    short_help="The answer if something were otherwise.",
    epilog=EXIT_CODES_OF_FIT,
)
@model_argument
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
@distributed
@common
def command(
    model: str,
    values: Sequence[str],
    reading: Sequence[str],
    drop: Sequence[str],
    drop_source: Sequence[str],
    drop_origin: Sequence[str],
    says: Sequence[str],
    widen: Sequence[str],
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Fit MODEL as if something were otherwise, and set the answer beside the one it has.

    A quantity that is set keeps the density of its prior there, so the other quantities
    and the weights of the readings respond. Every option may be given several times, and
    all of them together.

    \b
    Examples:
      estimates whatif scmp-2017 --set skim=90% --reading wage=net
      estimates whatif scmp-2017 --drop wages --set gross_wage=500
      estimates whatif scmp-2017 --says wages="around 500 USD/person/month"
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
    loaded = load(model, root)

    from estimates.cli.ask import Ask, answer

    def prepare() -> Ask:
        from estimates.analysis.whatif.request import Asked, supposition
        from estimates.analysis.whatif.run import whatif

        dropped = (drop, drop_source, drop_origin)
        supposition(loaded, Asked(settings, certain, *dropped, wordings, factors))
        return lambda fit, made_by, told: whatif(
            fit,
            values=settings,
            reading=certain,
            drop=drop,
            drop_source=drop_source,
            drop_origin=drop_origin,
            says=wordings,
            widen=factors,
            workers=made_by,
            progress=told,
        )

    return answer(
        loaded,
        "whatif",
        asked={
            "values": settings,
            "reading": certain,
            "says": wordings,
            "drop": drop,
            "drop_source": drop_source,
            "drop_origin": drop_origin,
            "widen": factors,
        },
        groups=("posterior", "by_reading", "readings", "options"),
        prepare=prepare,
        root=root,
        seed=seed,
        as_json=as_json,
        workers=workers,
        scheduler=scheduler,
    )


def _pairs(option: str, given: Sequence[str], example: str) -> dict[str, str]:
    """`NAME=VALUE` each."""
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
        message = f"--widen {name}: '{text}' is no number; write a factor, such as {name}=2"
        raise InputError([Fault(message)]) from None
