"""JSON documents and other files, written whole or not at all.

Whatever is written goes to a temporary name beside its place first, is forced to the disk and then
moved there, so that a process killed at any moment, or a second one that writes the same, leaves
the old file or the new one whole.  The temporary name says whose it is: what a process that is no
longer there has left is removed at the next write.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import json
import os
import platform
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from estimates.errors import Fault, InputError

#: What a JSON document is made of.
type Json = bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None

_TEMPORARY = re.compile(r"\..+\.(?P<machine>[0-9a-f]{6})-(?P<process>[0-9]{1,10})-[0-9a-f]{8}\.tmp")
#: Windows tells text from bytes, and changes line ends in what it takes for text.
BINARY = 0
if sys.platform == "win32":
    BINARY = os.O_BINARY
#: Seconds after which a temporary file belongs to nobody: one of another machine, and any.
_ELSEWHERE, _ANYWHERE = 3600.0, 86400.0


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, moved onto it when the block ends well.

    Raises
    ------
    OSError : with `path` as its file, whatever could not be written
    """
    with _naming(path):
        make_folder(path.parent)
        _tidy(path.parent.absolute())
        temporary = _beside(path)
        # Not `mkstemp`, whose files nobody else may read whatever the user's own mask says.
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | BINARY, 0o666))
        try:
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            with suppress(OSError):  # a disk that is gone has nothing left to tidy
                temporary.unlink(missing_ok=True)


@contextmanager
def scratch_beside(path: Path) -> Iterator[Path]:
    """Give an empty folder on the file system of `path`, removed with all that is left in it.

    Raises
    ------
    OSError : with `path` as its file, whatever could not be written
    """
    with _naming(path):
        make_folder(path.parent)
        _tidy(path.parent.absolute())
        temporary = _beside(path)
        temporary.mkdir()
        try:
            yield temporary
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, where they are not there; a file in the way is named."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        for path in (folder, *folder.parents):
            if path.exists() and not path.is_dir():
                reason = "this is a file, and a folder must be here"
                raise NotADirectoryError(errno.ENOTDIR, reason, str(path)) from None
        raise


def check_writable(path: Path, *, folder: bool = False) -> None:
    """Refuse a file or folder that cannot be written, before there is something to write.

    Raises
    ------
    OSError : with what is in the way as its file
    """
    with scratch_beside(path):
        pass
    if folder and path.exists():
        with scratch_beside(path / "any"):
            pass
    elif path.is_dir():
        raise IsADirectoryError(
            errno.EISDIR, "this is a folder, and a file must be here", str(path)
        )


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def json_text(document: Mapping[str, Json]) -> str:
    """Return a document as JSON text; nan is an error, not a token."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_json(path: Path, document: Mapping[str, Json]) -> None:
    """Write a document, whole or not at all; nan is an error, not a token."""
    write_bytes(path, json_text(document).encode())


def read_json(path: Path) -> dict[str, Any]:
    """Read a document; one that is damaged is bad input."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError([Fault(f"{path} cannot be read: {error}")]) from None
    if not isinstance(document, dict):
        raise InputError([Fault(f"{path} cannot be read: it is not a JSON object")])
    return document


@contextmanager
def keeping(warn: Callable[[str], None]) -> Iterator[None]:
    """Tell `warn` where the disk refuses to keep a finished answer, and go on."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        warn(f"{where}cannot be written ({error.strerror or error}), so this is not kept")


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Make a system error name the file that was meant, not a temporary one or none at all."""
    try:
        yield
    except OSError as error:
        named = error.filename
        if named is not None and not any(map(_TEMPORARY.fullmatch, Path(str(named)).parts)):
            raise
        reason = error.strerror or str(error)
        raise OSError(error.errno, reason, str(path)) from error


def _beside(path: Path) -> Path:
    name = f".{path.stem[:100]}.{_machine()}-{os.getpid()}-{secrets.token_hex(4)}.tmp"
    return path.with_name(name)


@functools.lru_cache(maxsize=64)
def _tidy(folder: Path) -> None:
    """Remove what killed processes left in a folder; looked for once by each process."""
    for path in leftovers(folder):
        with suppress(OSError):
            remove(path)


def leftovers(folder: Path) -> Iterator[Path]:
    """Return temporary files and folders whose process is no longer there."""
    with suppress(OSError):
        names = [entry.name for entry in os.scandir(folder) if entry.name.endswith(".tmp")]
        for name in names:
            found, path = _TEMPORARY.fullmatch(name), folder / name
            if found and _abandoned(path, found["machine"], int(found["process"])):
                yield path


def remove(path: Path) -> int:
    """Remove a file, or a folder with all that is in it; bytes freed."""
    if path.is_dir() and not path.is_symlink():
        freed = sum(p.lstat().st_size for p in path.rglob("*") if not p.is_dir())
        shutil.rmtree(path)
        return freed
    freed = path.lstat().st_size
    path.unlink()
    return freed


def _abandoned(path: Path, machine: str, process: int) -> bool:
    try:
        age = time.time() - path.lstat().st_mtime
    except OSError:  # gone meanwhile
        return False
    if machine != _machine() or os.name == "nt":  # where signal 0 would end the process
        return age > _ELSEWHERE
    return age > _ANYWHERE or not _alive(process)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's
        return True
    return True


@functools.cache
def _machine() -> str:
    """Return the name of this machine (or container), in which processes have their numbers."""
    said = f"{platform.node()} {_namespace()}"
    return hashlib.sha256(said.encode()).hexdigest()[:6]


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
