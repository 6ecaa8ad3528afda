"""`estimates explain`: what a wording is taken to mean, or a prior to know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimates.cli.options import ModelName, answering, load, reading_models
from estimates.cli.output import emit, say
from estimates.errors import Fault, InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_KINDS = (".png", ".svg")


@click.command(
    "explain",
    short_help="What a wording or a prior is taken to mean, and how wide it is.",
    epilog="Exit codes: 0 done; 2 words that cannot be read, or other bad input.",
)
@click.argument("wording", required=False)
@click.option("--prior", metavar="PRIOR", help="Say instead what a prior claims to know.")
@click.option("--unit", default="", help="Of the prior's quantity (person/day, share, …).")
@click.option("--support", default="", help="Of the prior's quantity: share, positive or real.")
@click.option("--basis", help="Only for a speaker of this basis (register, … rumour).")
@click.option("--model", type=ModelName(), help="Use this model's conventions and units.")
@click.option("--disputes", default="", metavar="WORDING", help="What `lower than claimed` denies.")
@click.option("--sigma", metavar="WIDTH", help="A width of the claim's own: 0.35, 10 %, 2 points.")
@click.option(
    "--figure",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw it into this file, .png or .svg.",
)
@reading_models
@answering
def command(
    wording: str | None,
    prior: str | None,
    unit: str,
    support: str,
    basis: str | None,
    model: str | None,
    disputes: str,
    sigma: str | None,
    figure: Path | None,
    as_json: bool,
    full: bool,
    seed: int | None,
    root: Path,
) -> None:
    """Say what WORDING is taken to mean when it stands in a claim's `says`.

    How it was read; and how wide it is, with the 50 and 90 % intervals that it implies by
    itself, for each way in which its speaker can know. All widths are conventions, argued in
    docs/wording.md. Nothing is sampled, so --seed has no effect.

    With --prior it says what a quantity's `prior:` claims to know before any claim is heard:
    family, middle and intervals, what lies outside, and what to think of.

    \b
    Examples:
      estimates explain "around 20,000 people"
      estimates explain "up to 1,000 CNY/month" --model scmp-2017
      estimates explain "70 to 80 %" --basis expert --figure share.png
      estimates explain "20,000 people" --sigma "2,000 people"
      estimates explain "lower than claimed" --disputes "20,000 people"
      estimates explain --prior "1,000 to 100,000" --unit person
      estimates explain --prior "Beta(alpha=2, beta=5)" --unit share
    """
    del seed
    wording = wording and wording.strip()  # a blank before a minus
    if figure is not None and figure.suffix not in _KINDS:
        message = f"--figure writes .png and .svg, not '{figure.name}'"
        raise InputError([Fault(message)])
    _check(wording, prior, {"--basis": basis, "--disputes": disputes, "--sigma": sigma},
           {"--unit": unit, "--support": support})  # fmt: skip
    loaded = None
    if model is not None:
        loaded = load(model, root)
    if prior is not None:
        from estimates.analysis.explain.prior import explain_prior
        from estimates.report.text.prior import of_prior

        known = explain_prior(prior, unit=unit, support=support, model=loaded)
        document, told = known.document(), of_prior(known)
        if figure is not None:
            from estimates.plots.prior import prior as draw_prior

            _save(draw_prior(known), figure)
    else:
        from estimates.analysis.explain.wording import explain
        from estimates.report.text.explain import of_wording

        assert wording is not None
        found = explain(wording, basis=basis, model=loaded, disputes=disputes, sigma=sigma)
        document, told = found.document(), of_wording(found)
        if figure is not None:
            from estimates.plots.wording import wording as draw_wording

            _save(draw_wording(found), figure)
    if as_json:
        emit(document)
        return
    from estimates.report.text.screen import Frame

    say(told, Frame(f"“{wording or prior}”"), full)
    if figure is not None:
        click.echo(f"\nDrawn in {figure}.")


def _check(
    wording: str | None,
    prior: str | None,
    of_wordings: Mapping[str, str | None],
    of_priors: Mapping[str, str | None],
) -> None:
    """Check that either a wording or a prior is given, with its own options only."""
    if wording is None and prior is None:
        raise InputError(
            [Fault('name a WORDING in quotes, or a prior: --prior "1,000 to 100,000"')]
        )
    if wording is not None and prior is not None:
        raise InputError([Fault("either a WORDING or --prior, not both")])
    kind, others = ("a prior", of_wordings) if prior is not None else ("a wording", of_priors)
    for option, given in others.items():
        if given:
            raise InputError([Fault(f"{kind} takes no {option}")])


def _save(drawn: Figure, file: Path) -> None:
    from estimates.plots.write import save_one

    save_one(drawn, file)
