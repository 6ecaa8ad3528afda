"""Machine code and data kept on disk between processes, so that nothing is compiled twice.

An entry stands under a digest of all that it depends on: the structure or content of a model, this
package's own source, the versions of what builds graphs and compiles them, and the processor.  It
is written whole or not at all and begins with a digest of itself: what is damaged is made anew.
The folder can be deleted at any time; `ESTIMATES_CACHE` puts it elsewhere.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from estimates.machine.code import processor
from estimates.source import source_digest

_LARGEST = 400  # entries; those not used for the longest time go first
_DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Entry:
    """Compiled code: length of a point, of what it derives from its data, outside functions that
    it calls, and the object code."""

    size: int
    derived: int
    called: tuple[str, ...]
    object: bytes


def folder() -> Path:
    """Where entries are kept."""
    named = os.environ.get("ESTIMATES_CACHE")
    return Path(named) if named else user_cache_path("estimates", appauthor=False)


def read_code(structure: str) -> Entry | None:
    """The code compiled for a structure, if it is there and whole."""
    content = _read(_path("code", structure))
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
    _write(_path("code", structure), head + b"\n" + entry.object)


def read_data(content: str) -> dict[str, NDArray[Any]] | None:
    """The data of a model's compiled density, if they are there and whole."""
    found = _read(_path("data", content))
    if found is None:
        return None
    with np.load(io.BytesIO(found)) as arrays:
        return {name: arrays[name] for name in arrays.files}


def write_data(content: str, data: Mapping[str, NDArray[Any]]) -> None:
    """Keep the data of a model's compiled density, in their order."""
    stream = io.BytesIO()
    arrays: dict[str, Any] = dict(data)
    np.savez(stream, **arrays)
    _write(_path("data", content), stream.getvalue())


@functools.cache
def _circumstances() -> str:
    packages = ("pymc", "pytensor", "llvmlite", "numpy", "scipy")
    return "\n".join([source_digest(), processor(), *(f"{p} {version(p)}" for p in packages)])


def _path(kind: str, text: str) -> Path:
    digest = hashlib.sha256(f"{_circumstances()}\n{text}".encode()).hexdigest()
    return folder() / f"{digest[:40]}.{kind}"


def _read(path: Path) -> bytes | None:
    try:
        content = path.read_bytes()
    except OSError:  # not there, or not ours to read
        return None
    digest, content = content[:_DIGEST], content[_DIGEST:]
    if hashlib.sha256(content).digest() != digest:
        return None
    with suppress(OSError):
        os.utime(path)  # used just now
    return content


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all; a folder that cannot be written costs time, and nothing else."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _prune(path.parent)
    except OSError:
        return


def _prune(where: Path) -> None:
    entries = [p for p in where.iterdir() if p.suffix in (".code", ".data")]
    if len(entries) > _LARGEST:
        oldest = sorted(entries, key=lambda p: p.stat().st_mtime)
        for path in oldest[: len(entries) - _LARGEST // 2]:
            path.unlink(missing_ok=True)
