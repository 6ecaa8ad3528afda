"""`estimates check`: is a model well formed? Samples nothing."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from estimates.cli.options import ModelName, common, load, prove, reading_models
from estimates.cli.output import emit, error_document, warning
from estimates.errors import Fault, InputError

if TYPE_CHECKING:
    from estimates.model import Model
    from estimates.model.io.quotes import Proofs


@click.command(
    "check",
    short_help="Is a model well formed? Names every fault at once.",
    epilog="Exit codes: 0 done; 1 a quote that does not stand in its source; 2 bad input, each "
    "fault with its file, line and column.",
)
@click.argument("models", type=ModelName(), nargs=-1, metavar="[MODEL]...")
@click.option("--watch", is_flag=True, help="Check again on every save; Ctrl-C ends it.")
@reading_models
@common
def command(
    models: tuple[str, ...], watch: bool, as_json: bool, seed: int | None, root: Path
) -> int:
    """Check whether each MODEL is well formed, and name every fault at once.

    MODEL is a folder under models/ or a path to one. Names, units, supports, wordings and
    relations are checked; nothing is sampled, so --seed has no effect. A model is safe to
    check no matter who wrote it: no code in it is ever run. Where a source names its `text:`,
    each quote is looked for in it, word for word.

    With --watch, and with all models where none is named, what is saved is checked again at
    once, until Ctrl-C ends it (exit code 0); with --json, a line of JSON for each result.

    \b
    Examples:
      estimates check scmp-2017-headline
      estimates check ~/downloads/their-estimate
      estimates check scmp-2017-headline --json
      estimates check --watch
    """
    del seed
    if watch:
        from estimates.cli.watch import watch_models

        watch_models(models, root, as_json, _verdict)
        return 0
    if not models:
        raise click.UsageError(
            "Missing argument 'MODEL'; name a model, or use --watch for all of them",
            click.get_current_context(),
        )
    loaded = _load_all(models, root)
    proofs = [prove(one, root) for one in loaded]
    status = 1 if any(one.faults for one in proofs) else 0
    if as_json:
        documents = list(map(_document, loaded, proofs))
        emit(documents[0] if len(models) == 1 else {"format": 1, "models": documents})
        return status

    from estimates.report.text.heading import warnings_of

    for one, proof in zip(loaded, proofs, strict=True):
        for sentence in warnings_of(one):
            warning(sentence)
        for fault in proof.faults:
            click.echo(str(fault), err=True)
        click.echo(textwrap.fill(" ".join(filter(None, (_verdict(one), _proved(proof)))), 80))
    return status


def _load_all(models: tuple[str, ...], root: Path) -> list[Model]:
    """Return every model, or the faults of all that have some."""
    loaded: list[Model] = []
    faults: list[Fault] = []
    more = 0
    for name in models:
        try:
            loaded.append(load(name, root))
        except InputError as error:
            faults += error.faults
            more += error.more
    if faults:
        raise InputError(dict.fromkeys(faults), more)
    return loaded


def _document(model: Model, proofs: Proofs) -> Mapping[str, Any]:
    warnings = error_document(model.warnings, called="warnings")
    if proofs.words or proofs.absent:
        unproved = error_document(proofs.faults, called="unproved")
        warnings |= {"proved": proofs.proved, **unproved, "absent": list(proofs.absent)}
    return {"format": 1, "model": model.slug, "digest": model.digest, **warnings}


def _proved(proofs: Proofs) -> str:
    """Return how many quotes stand in their sources, in words."""
    from estimates.language.phrases import counted, joined

    told = []
    if proofs.words:
        said = counted(len(proofs.words), "quote")
        told.append(f"Of {said}, {proofs.proved} stand in the text of their source.")
    if proofs.absent:
        told.append(
            f"The text of {joined(proofs.absent)} is not here, so its quotes are not proved."
        )
    return " ".join(told)


def _verdict(model: Model) -> str:
    """Return the verdict: `scmp-2017 is well formed: 7 quantities, …`."""
    from estimates.language.phrases import counted

    return (
        f"{model.slug} is well formed: {counted(len(model.quantities), 'quantity')}, "
        f"{counted(len(model.relations), 'relation')}, {counted(len(model.claims), 'claim')} as "
        f"evidence and {len(model.compare)} to compare, "
        f"{_readings(model)}."
    )


def _readings(model: Model) -> str:
    from estimates.language.phrases import counted

    if not model.readings:
        return "no readings"
    return f"{counted(len(model.combinations()), 'combination')} of readings"
