"""Machine code and data kept on disk between processes, so that nothing is compiled twice.

An entry stands under a digest of all that it depends on: the structure of a model, this
package's own source, the versions of what builds graphs and compiles them, and the processor.  It
is written whole or not at all and begins with a digest of its name and content: what is damaged is
made anew.  The digest guards against accident alone; against others there is `trust`.  The folder
can be deleted at any time; `ESTIMATES_CACHE` puts it elsewhere.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from estimates._util.source import source_digest
from estimates._util.trust import own_folder, read_own
from estimates.inference.codegen.jit import processor

_LARGEST = 400  # entries; those not used for the longest time go first
_DIGEST = hashlib.sha256().digest_size
_ENTRIES = (".code", ".data")
_UNFINISHED = ".new-"  # how files begin that are being written
_ABANDONED = 3600.0  # seconds after which nobody is writing them any more


@dataclass(frozen=True)
class Entry:
    """Compiled code, with the lengths of a point and of what is derived from the data.

    `called` names the outside functions that the code calls.
    """

    size: int
    derived: int
    called: tuple[str, ...]
    object: bytes


def folder() -> Path:
    """Return the folder in which compiled code is kept."""
    named = os.environ.get("ESTIMATES_CACHE")
    return Path(named) if named else user_cache_path("estimates", appauthor=False)


def read_code(structure: str) -> Entry | None:
    """Return the code compiled for a structure, if it is there and whole."""
    content = _read("code", structure)
    if content is None:
        return None
    head, _, code = content.partition(b"\n")
    described = json.loads(head)
    called = tuple(described["called"])
    return Entry(described["size"], described["derived"], called, code)


def write_code(structure: str, entry: Entry) -> None:
    """Keep the code compiled for a structure."""
    described = {"size": entry.size, "derived": entry.derived, "called": entry.called}
    head = json.dumps(described).encode()
    _write("code", structure, head + b"\n" + entry.object)


def read_data(structure: str) -> dict[str, NDArray[np.generic]] | None:
    """Return the data of the first model of a structure, if they are there and whole."""
    found = _read("data", structure)
    if found is None:
        return None
    with np.load(io.BytesIO(found)) as arrays:
        return {name: arrays[name] for name in arrays.files}


def write_data(structure: str, data: Mapping[str, NDArray[np.generic]]) -> None:
    """Keep the data of a model of a structure, in their order."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **data)
    _write("data", structure, stream.getvalue())


@functools.cache
def _circumstances() -> str:
    packages = ("pymc", "pytensor", "llvmlite", "numpy", "scipy")
    return "\n".join([source_digest(), *(f"{p} {version(p)}" for p in packages)])


def _name(kind: str, text: str) -> str:
    digest = hashlib.sha256(f"{_circumstances()}\n{processor()}\n{text}".encode()).hexdigest()
    return f"{digest[:40]}.{kind}"


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + content).digest()


def _where() -> Path | None:
    """Return the folder if nobody else can have written to it; the customary one is private."""
    where = own_folder(folder())
    if where is not None and not os.environ.get("ESTIMATES_CACHE"):
        with suppress(OSError):
            where.chmod(0o700)
    return where


def _read(kind: str, text: str) -> bytes | None:
    where = _where()
    if where is None:
        return None
    path = where / _name(kind, text)
    content = read_own(path)
    if content is None:
        return None
    digest, content = content[:_DIGEST], content[_DIGEST:]
    if _digest(path.name, content) != digest:
        return None
    with suppress(OSError):
        os.utime(path)  # used just now
    return content


def _write(kind: str, text: str, content: bytes) -> None:
    """Write a file whole or not at all; a folder that cannot be written only costs time."""
    where = _where()
    if where is None:
        return
    path = where / _name(kind, text)
    try:
        handle, name = tempfile.mkstemp(dir=where, prefix=_UNFINISHED)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(path.name, content) + content)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _prune(where)
    except OSError:
        return


def _prune(where: Path) -> None:
    """Remove the entries not used for the longest time, and what killed processes left."""
    entries: list[tuple[float, Path]] = []
    for path in where.iterdir():
        left = path.name.startswith(_UNFINISHED)
        if left or path.suffix in _ENTRIES:
            with suppress(FileNotFoundError):  # removed by another process meanwhile
                used = path.lstat().st_mtime
                if not left:
                    entries.append((used, path))
                elif used < time.time() - _ABANDONED:
                    path.unlink()
    if len(entries) > _LARGEST:
        for _, path in sorted(entries)[: len(entries) - _LARGEST // 2]:
            path.unlink(missing_ok=True)
