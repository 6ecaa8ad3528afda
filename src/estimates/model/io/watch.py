"""Which files a model is read from, as far as its text can be read, and when they last changed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from estimates.errors import Faults
from estimates.model.io.load import MODEL_FILE
from estimates.model.io.reach import MODELS, read_text
from estimates.model.reader.yaml_nodes import Entries, Items, Text, parse_yaml

type Stamp = tuple[tuple[str, int, int, int], ...]


def files_of(where: str | Path, root: Path = Path()) -> tuple[Path, ...]:
    """Return the model's file and its ledgers, existing or not; the former alone if broken."""
    where = Path(where)
    folder = root / MODELS / where if len(where.parts) == 1 else where
    if len(where.parts) == 1 and not folder.exists() and where.exists():
        folder = where
    file = folder if folder.is_file() else folder / MODEL_FILE
    return (file, *_ledgers(file))


def stamp(files: Iterable[Path]) -> Stamp:
    """Return a value that changes when a file is written, replaced, made or removed."""
    return tuple((str(file), *_state(file)) for file in files)


def _state(file: Path) -> tuple[int, int, int]:
    try:
        status = file.stat()
    except OSError:  # gone, or not to be read: either is a state, which the check will name
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def _ledgers(file: Path) -> tuple[Path, ...]:
    text = read_text(file, Faults())
    if text is None:  # the check says why; here there is nothing more to watch
        return ()
    node = parse_yaml(text, str(file), Faults())
    named = node.values.get("evidence") if isinstance(node, Entries) else None
    if named is None:
        return ()
    items = named[1].values if isinstance(named[1], Items) else (named[1],)
    return tuple(
        Path(os.path.normpath(file.parent / item.value))
        for item in items
        if isinstance(item, Text) and not item.empty
    )
