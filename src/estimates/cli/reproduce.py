"""`estimates reproduce`: everything, for every model, with a manifest; or the check of it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from estimates.cli.options import (
    ModelName,
    common,
    limited,
    load,
    model_slugs,
    prove,
    reading_models,
)
from estimates.cli.output import broken, emit
from estimates.cli.progress import progress
from estimates.errors import Fault, InputError
from estimates.language.phrases import counted

if TYPE_CHECKING:
    from estimates.model import Model
    from estimates.report.manifest import Reproduced

EXIT_CODES = (
    "Exit codes: 0 done; 1 a fit has not converged, a part could not be made, or --verify found a "
    "difference; 2 bad input."
)


@click.command(
    "reproduce",
    short_help="All of it for every model; --verify compares with what is there.",
    epilog=EXIT_CODES,
)
@click.argument("models", metavar="[MODEL]...", nargs=-1, type=ModelName())
@click.option(
    "--verify",
    is_flag=True,
    help="Run again and say what was compared with results/ and what differs: numbers within "
    "Monte Carlo error, inputs exactly. Writes nothing.",
)
@reading_models
@limited
@common
def command(
    models: tuple[str, ...],
    verify: bool,
    part_seconds: float,
    as_json: bool,
    seed: int | None,
    root: Path,
) -> int:
    """Make everything in results/: fits, tables, figures, and a manifest of how.

    For the MODELs named, or for every model under models/. The manifest holds the seed, the
    digests of the inputs, versions and settings. A part that fails, or takes too long, costs that
    part alone: it is named, the manifest says so, and the exit code is 1.

    \b
    Examples:
      estimates reproduce
      estimates reproduce scmp-2017-headline
      estimates reproduce --verify
    """
    loaded = _load_all(models or tuple(model_slugs(root)), root)
    if verify:
        return _verify(loaded, root, seed, as_json)

    from estimates._util.parts import Parts
    from estimates.report.reproduce import reproduce
    from estimates.report.saved import folder

    parts = Parts(part_seconds, broken)
    proofs = {model.slug: prove(model, root) for model in loaded}

    def ended(model: Model, entry: Reproduced) -> None:
        missing = len(entry.broken or ())
        said = "" if entry.converged else " (NOT CONVERGED)"
        said += f" ({counted(missing, 'part')} missing)" if missing else ""
        lacking = len(entry.quotes.unproved) if entry.quotes else 0
        said += f" ({counted(lacking, 'quote')} not in the source)" if lacking else ""
        click.echo(f"{model.slug}: in {folder(model, root).as_posix()}{said}")

    with progress() as report:
        manifest = reproduce(
            loaded, root=root, seed=seed, progress=report, parts=parts, proofs=proofs,
            ended=None if as_json else ended,
        )  # fmt: skip
    if as_json:
        emit(manifest.document)
    # The manifest keeps models that an earlier run reproduced; this run answers for its own.
    entries = [manifest.models[model.slug] for model in loaded]
    return 0 if all(entry.converged and not entry.broken for entry in entries) else 1


def _verify(loaded: Sequence[Model], root: Path, seed: int | None, as_json: bool) -> int:
    from estimates.report.verify import verify

    with progress() as report:
        found = verify(loaded, root=root, seed=seed, progress=report)
    if as_json:
        emit({"format": 1, "verified": not found.differences, **asdict(found)})
        return 1 if found.differences else 0
    for one in found.compared:
        click.echo(textwrap.fill(one, 80, break_on_hyphens=False))
    for heading, told in (("May differ", found.notices), ("Differs", found.differences)):
        for one in told:
            click.echo(textwrap.fill(f"{heading}: {one}", 80, break_on_hyphens=False))
    if not found.differences:
        click.echo(f"Verified: {', '.join(model.slug for model in loaded)} give the same results.")
    return 1 if found.differences else 0


def _load_all(names: Sequence[str], root: Path) -> list[Model]:
    """Return every model, or the faults of every model."""
    if not names:
        from estimates.model.io import looked_in

        raise InputError(
            [Fault(f"no models here: no folder with a model.yaml in {looked_in(root)}")]
        )
    loaded: list[Model] = []
    faults: list[Fault] = []
    more = 0
    for name in names:
        try:
            loaded.append(load(name, root))
        except InputError as error:
            faults.extend(error.faults)
            more += error.more
    if faults:
        raise InputError(faults, more)
    return loaded
