"""`check --watch`: checks again whenever a file is saved, until it is interrupted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from estimates.cli.options import load
from estimates.cli.output import error_document
from estimates.errors import MOST_LISTED, Fault, InputError, and_more
from estimates.model.io import find_models
from estimates.model.io.watch import Stamp, changes, files_of, stamp


def watch_models(
    models: tuple[str, ...], root: Path, as_json: bool, verdict: Callable[..., str]
) -> None:
    """Check models whenever they are saved, until SIGINT; all of a root where none is named."""
    try:
        seen: dict[str, Stamp] = {}
        _look(models, root, seen, as_json, verdict)
        if not as_json:
            click.echo(f"Watching {', '.join(models) or f'all models of {root}'}: Ctrl-C ends it.")
        for _ in changes(partial(_folders, models, root), root):
            _look(models, root, seen, as_json, verdict)
    except KeyboardInterrupt:
        if not as_json:
            click.echo()


def _look(
    models: tuple[str, ...],
    root: Path,
    seen: dict[str, Stamp],
    as_json: bool,
    verdict: Callable[..., str],
) -> None:
    """Check what has changed since it was last seen."""
    names = models or find_models(root)
    for name in [name for name in seen if name not in names]:
        del seen[name]
        _say(name, f"{name} is gone", None, as_json)
    for name in names:
        now = stamp(files_of(name, root))
        if seen.get(name) == now:
            continue
        seen[name] = now
        try:
            loaded = load(name, root)
        except InputError as error:
            _say(name, f"{name} is not well formed:", error, as_json)
        else:
            _say(name, verdict(loaded), None, as_json, loaded.warnings)


def _say(
    name: str,
    sentence: str,
    error: InputError | None,
    as_json: bool,
    warnings: Sequence[Fault] = (),
) -> None:
    faults, more = (error.faults, error.more) if error is not None else ((), 0)
    time = datetime.now().astimezone()
    if as_json:
        document = {
            "time": time.isoformat(timespec="seconds"),
            "model": name,
            "result": sentence.rstrip(":"),
            **error_document(faults, more),
            "warnings": error_document(warnings)["errors"],
        }
        click.echo(json.dumps(document, ensure_ascii=False).encode())
        return
    click.echo(f"{time:%H:%M:%S}  {sentence}")
    for line in (*map(str, faults), *and_more(more)):
        click.echo(f"          {line}")
    for warning in warnings[:MOST_LISTED]:
        click.echo(f"          warning: {warning}")
    for line in and_more(len(warnings[MOST_LISTED:])):
        click.echo(f"          {line} warnings")


def _folders(models: tuple[str, ...], root: Path) -> Iterator[Path]:
    """Yield the folders whose files matter."""
    for name in models or find_models(root):
        yield from {file.parent for file in files_of(name, root)}
    if not models:
        yield root / "models"
