"""Which files a model is read from, as far as its text can be read, and when they change.

The system tells when something changes below the folders watched.  Folders come and go, and an
editor may replace a file rather than write it, so every tick the files are to be looked at as well:
what was missed is found a second later.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from estimates.errors import Faults
from estimates.model.io.load import MODEL_FILE
from estimates.model.reader.reach import MODELS, read_text
from estimates.model.reader.yaml_nodes import Entries, Items, Text, parse_yaml

type Stamp = tuple[tuple[str, int, int, int], ...]

_TICK = 1000  # ms between looks
_SETTLE = 100  # ms of quiet after a change, for editors that write in steps


def changes(
    wanted: Callable[[], Iterable[Path]], root: Path, ended: threading.Event | None = None
) -> Iterator[None]:
    """Wait until something may have changed, at most a tick, again and again.

    Parameters
    ----------
    wanted : returns the folders whose files matter, existing or not; asked every time
    root : what is watched while there is none of them
    ended : ends this when it is set; else an interruption does
    """
    from watchfiles import watch

    while ended is None or not ended.is_set():
        folders = _existing(wanted())
        if not folders:
            folders = {root.resolve(): root.stat().st_ino}
        shallow = root.resolve() in folders  # results may be large: not all below the root
        try:
            for _ in watch(
                *folders,
                yield_on_timeout=True,
                rust_timeout=_TICK,
                step=_SETTLE,
                recursive=not shallow,
                ignore_permission_denied=True,
                stop_event=ended,
            ):
                yield
                if _existing(wanted()) != folders:  # one came, went, or was replaced
                    break
            else:
                if ended is None:
                    raise KeyboardInterrupt  # which `watch` answers by ending
        except FileNotFoundError:  # one went before it could be watched: look again
            yield


def _existing(folders: Iterable[Path]) -> dict[Path, int]:
    """Return by identity the folders that exist now."""
    found = {}
    for folder in sorted({folder.resolve() for folder in folders}):
        with suppress(FileNotFoundError):  # it may go at any time
            if stat.S_ISDIR((state := folder.stat()).st_mode):
                found[folder] = state.st_ino
    return found


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
