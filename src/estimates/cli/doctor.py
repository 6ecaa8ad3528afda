"""`estimates doctor`: does this installation work?"""

from __future__ import annotations

from pathlib import Path

import click

from estimates.cli.options import common
from estimates.cli.output import emit


@click.command(
    "doctor",
    short_help="Does this installation work? Versions, folders, and a fit held to truth.",
    epilog="Exit codes: 0 all is well; 1 something is wrong, and said to be.",
)
@common
def command(as_json: bool, seed: int | None, root: Path) -> int:
    """Say what is installed and where it writes, and fit a model whose answer is known.

    The fit takes some seconds. It has its own seed, so --seed has no effect.

    \b
    Examples:
      estimates doctor
      estimates doctor --json
    """
    del seed
    from estimates._util.records import plain
    from estimates.report.doctor import MEAN, SD, diagnose

    found = diagnose(root)
    problems = found.problems
    if as_json:
        truth = {"mean": MEAN, "sd": SD}
        emit(
            {
                "format": 1,
                "well": not problems,
                "problems": problems,
                **plain(found),
                "truth": truth,
            }
        )
        return 1 if problems else 0
    click.echo("All is well." if not problems else "Something is wrong:")
    for sentence in problems:
        click.echo(f"  {sentence}")
    click.echo(f"\nestimates {found.version}, Python {found.python}, {found.system}")
    click.echo(f"processor {found.processor}, {found.processors} to use")
    needed = [one for one in found.packages if not one.needed_for]
    click.echo(f"{len([one for one in needed if one.fits])} of {len(needed)} packages fit")
    for one in found.packages:
        if one.needed_for:
            click.echo(f"  {one.name}: {one.installed or 'not installed'}, for {one.needed_for}")
    for place in found.places:
        click.echo(f"{place.what}: {place.path}")
    trial = found.trial
    if trial.mean is not None and trial.sd is not None:
        click.echo(
            f"a small fit: {trial.mean:.3g} ± {trial.sd:.3g}, where {MEAN:.3g} ± {SD:.3g} is right "
            f"({trial.seconds:.1f} s)"
        )
    return 1 if problems else 0
