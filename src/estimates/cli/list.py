"""`estimates list`: the models here, a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from estimates.cli.options import EXIT_CODES, common, model_slugs
from estimates.cli.output import console, emit, error_document
from estimates.errors import InputError, shown

_HEADS = ("quantities", "claims", "readings")
_NARROWEST = 20  # columns that a title has in any terminal


@click.command(
    "list",
    short_help="The models here, a line each.",
    epilog=EXIT_CODES,
)
@common
def command(as_json: bool, seed: int | None, root: Path) -> None:
    """List the models under models/, a line each.

    A model that cannot be read shows its first fault in its line; `estimates check` names
    all of them. Nothing is sampled, so --seed has no effect.

    \b
    Examples:
      estimates list
      estimates list --root ~/my-estimates
      estimates list --json
    """
    del seed
    entries = [_entry(slug, root) for slug in model_slugs(root)]
    if as_json:
        emit({"format": 1, "models": [_document(entry) for entry in entries]})
    elif not entries:
        from estimates.model.io import looked_in

        click.echo(f"No models here: no folder with a model.yaml in {looked_in(root)}.")
    else:
        _print(entries)


@dataclass(frozen=True)
class _Listed:
    """A model that can be read."""

    model: str
    title: str
    quantities: int
    claims: int
    readings: int
    combinations: int

    @property
    def counts(self) -> tuple[int, ...]:
        """The counts under `_HEADS`."""
        return (self.quantities, self.claims, self.readings)


@dataclass(frozen=True)
class _Broken:
    """A model that cannot be read."""

    model: str
    error: InputError


def _entry(slug: str, root: Path) -> _Listed | _Broken:
    from estimates.model.io import load

    try:
        model = load(slug, root)
    except InputError as error:
        return _Broken(slug, error)
    return _Listed(
        slug,
        model.title,
        len(model.quantities),
        len(model.claims) + len(model.compare),
        len(model.readings),
        len(model.combinations()),
    )


def _document(entry: _Listed | _Broken) -> Mapping[str, Any]:
    if isinstance(entry, _Broken):
        return {"model": entry.model, **error_document(entry.error.faults, entry.error.more)}
    return asdict(entry)


def _print(entries: Sequence[_Listed | _Broken]) -> None:
    """Print each with its counts; a title goes on below where the line is too short."""
    from rich.text import Text

    from estimates.report.text.tables import paragraph

    out = console()
    names = max(len("model"), *(len(shown(entry.model)) for entry in entries))
    out.print(Text(f"{'model':<{names}}  {'  '.join(_HEADS)}  title", style="bold"))
    for entry in entries:
        name = f"{shown(entry.model):<{names}}"
        if isinstance(entry, _Broken):
            fault = Text(f"{name}  broken: {entry.error.faults[0]}", style="red")
            out.print(fault, soft_wrap=True)
            continue
        counts = "  ".join(
            f"{count:>{len(head)}}" for head, count in zip(_HEADS, entry.counts, strict=True)
        )
        begun = f"{name}  {counts}  "
        for line in paragraph(entry.title, max(out.width - len(begun), _NARROWEST)) or [""]:
            out.print(Text(f"{begun}{line}".rstrip()), soft_wrap=True)
            begun = " " * len(begun)
