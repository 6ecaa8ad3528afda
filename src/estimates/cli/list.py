"""`estimates list`: the models here, a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from estimates.cli.options import EXIT_CODES, common, model_slugs
from estimates.cli.output import console, emit, error_document

_HEADS = ("quantities", "claims", "readings")


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
        emit({"format": 1, "models": entries})
    elif not entries:
        click.echo(f"No models here: {root / 'models'} holds no folder with a model.yaml.")
    else:
        _print(entries)


def _entry(slug: str, root: Path) -> dict[str, Any]:
    from estimates.errors import InputError
    from estimates.model.io import load

    try:
        model = load(slug, root)
    except InputError as error:
        return {"model": slug, **error_document(error.faults, error.more)}
    return {
        "model": slug,
        "title": model.title,
        "quantities": len(model.quantities),
        "claims": len(model.claims) + len(model.compare),
        "readings": len(model.readings),
        "combinations": len(model.combinations()),
    }


def _print(entries: Sequence[Mapping[str, Any]]) -> None:
    """A line each; a title is cut to what the line has left, a fault never."""
    from rich.text import Text

    from estimates.errors import shown

    out = console()
    names = max(len("model"), *(len(shown(entry["model"])) for entry in entries))
    out.print(Text(f"{'model':<{names}}  {'  '.join(_HEADS)}  title", style="bold"))
    for entry in entries:
        name = f"{shown(entry['model']):<{names}}"
        if "errors" in entry:
            fault = Text(f"{name}  broken: {_first_fault(entry)}", style="red")
            out.print(fault, soft_wrap=True)
            continue
        counts = "  ".join(f"{entry[head]:>{len(head)}}" for head in _HEADS)
        line = Text(f"{name}  {counts}  {entry['title']}")
        line.truncate(out.width, overflow="ellipsis")
        out.print(line)


def _first_fault(entry: Mapping[str, Any]) -> str:
    from estimates.errors import Fault, Place

    first = entry["errors"][0]
    place = Place(first["file"], first["line"], first["column"]) if first["file"] else None
    return str(Fault(first["message"], place))
