"""Finished work on disk, each piece under a digest of all that determines it.

An entry is one file: a line that says what is in it, then its parts.  It is written to a temporary
name, forced to the disk and moved to its place, so that a process killed at any moment leaves
either nothing or the whole; each part carries its digest, so that a damaged one is noticed, said,
and made anew.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

from estimates.source import source_digest

#: Packages on whose versions the draws depend.
PACKAGES = (
    *("estimates", "numpy", "scipy", "pymc", "pytensor", "llvmlite", "nutpie", "arviz-stats"),
)
_SUFFIX = ".entry"
_ABANDONED = 3600.0  # seconds after which a temporary file belongs to nobody


@functools.cache
def versions() -> Mapping[str, str]:
    """Versions of what the draws depend on."""
    return {package: version(package) for package in PACKAGES}


@functools.cache
def circumstances() -> Mapping[str, str]:
    """What results depend on beside the question: versions, and this package's own source."""
    return {**versions(), "source": source_digest()}


@functools.cache
def _maker() -> str:
    return hashlib.sha256(json.dumps(circumstances(), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Entry:
    """A stored piece of work.

    Attributes
    ----------
    kind : `fit`, `calibration`, …
    digest : of all that determines it
    about : which model it belongs to, and what it is
    created : when it was written (UTC)
    size : bytes on disk
    current : whether this version of the package would use it
    path : the file
    """

    kind: str
    digest: str
    about: Mapping[str, str]
    created: datetime
    size: int
    current: bool
    path: Path


class Store:
    """A folder of entries.  Several processes may use it at once."""

    def __init__(self, folder: Path, warn: Callable[[str], None] | None = None) -> None:
        """A store; `warn` is told of damaged entries, a sentence each."""
        self.folder = folder
        self._warn = warn or (lambda sentence: None)

    def read(self, kind: str, digest: str, part: str = "result") -> bytes | None:
        """A part of an entry; None where there is none, or it is damaged."""
        path = self._path(kind, digest)
        try:
            with path.open("rb") as file:
                return _part(file, part)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError):
            self._warn(f"{path.as_posix()}: damaged, so it is not used")
            return None

    def write(
        self,
        kind: str,
        digest: str,
        parts: bytes | Mapping[str, bytes],
        about: Mapping[str, str],
    ) -> None:
        """Write an entry, whole or not at all; one that is there already is replaced."""
        parts = {"result": parts} if isinstance(parts, bytes) else parts
        places, start = {}, 0
        for name, content in parts.items():
            places[name] = [start, len(content), hashlib.sha256(content).hexdigest()]
            start += len(content)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        head = {
            "kind": kind,
            "about": dict(about),
            "created": created,
            "made_by": _maker(),
            "parts": places,
        }
        text = json.dumps(head, ensure_ascii=False).encode()
        line = hashlib.sha256(text).hexdigest().encode() + b" " + text + b"\n"
        path = self._path(kind, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.writelines([line, *parts.values()])
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    def remove(self, kind: str, digest: str) -> None:
        """Remove an entry, if it is there."""
        self._path(kind, digest).unlink(missing_ok=True)

    def entries(self) -> tuple[Entry, ...]:
        """Every entry, the newest first; a file that is none is left out, with a warning."""
        found = []
        for path in sorted(self.folder.glob(f"*/*{_SUFFIX}")):
            try:
                with path.open("rb") as file:
                    head = _head(file)
                size = path.stat().st_size
            except FileNotFoundError:  # removed by another process meanwhile
                continue
            except (OSError, ValueError, KeyError):
                self._warn(f"{path.as_posix()}: damaged, so it is not used")
                continue
            created = datetime.fromisoformat(head["created"])
            current = head["made_by"] == _maker()
            found.append(
                Entry(head["kind"], path.stem, head["about"], created, size, current, path)
            )
        return tuple(sorted(found, key=lambda entry: entry.created, reverse=True))

    def prune(self, entries: Sequence[Entry]) -> int:
        """Remove these entries, damaged files and what killed processes left; bytes freed."""
        freed = 0
        for entry in entries:
            entry.path.unlink(missing_ok=True)
            freed += entry.size
        for path in self._debris():
            with suppress(FileNotFoundError):
                freed += path.stat().st_size
                path.unlink()
        return freed

    def _debris(self) -> Iterator[Path]:
        for path in self.folder.glob("*/.*.tmp"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _ABANDONED:
                    yield path
        for path in self.folder.glob(f"*/*{_SUFFIX}"):
            try:
                with path.open("rb") as file:
                    head = _head(file)
                    for part in head["parts"]:
                        file.seek(0)
                        _part(file, part)
            except FileNotFoundError:
                continue
            except (ValueError, KeyError):
                yield path

    def _path(self, kind: str, digest: str) -> Path:
        return self.folder / kind / f"{digest}{_SUFFIX}"


def _head(file: BinaryIO) -> dict[str, Any]:
    digest, _, text = file.readline().rstrip(b"\n").partition(b" ")
    if hashlib.sha256(text).hexdigest().encode() != digest:
        raise ValueError("the head is damaged")
    head: dict[str, Any] = json.loads(text)
    return head


def _part(file: BinaryIO, name: str) -> bytes:
    start, length, digest = _head(file)["parts"][name]
    file.seek(start, os.SEEK_CUR)
    content = file.read(length)
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError("a part is damaged")
    return content
