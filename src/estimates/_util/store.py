"""Finished work on disk, each piece under a digest of all that determines it.

An entry is one file: a line that says what is in it, then its parts.  It is written to a temporary
name, forced to the disk and moved to its place, so that a process killed at any moment leaves
either nothing or the whole; each part carries its digest, so that a damaged one is noticed, said,
and made anew.  The line carries a code under this user's key (see `signing`): an entry that came
with somebody else's folder, or was moved to another question's place, is not taken for an answer.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from estimates._util import signing
from estimates._util.files import Json, keeping, leftovers, remove, replacing
from estimates._util.source import source_digest

#: Packages on whose versions the draws depend.
PACKAGES = (
    *("estimates", "numpy", "scipy", "pymc", "pytensor", "llvmlite", "nutpie", "arviz-stats"),
)
#: How many entries this process has written, by the folder of the store.
WRITTEN: Counter[str] = Counter()
_SUFFIX = ".entry"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")  # of a kind, or of a digest
_LONGEST_HEAD = 2**22  # bytes
_ABANDONED = 3600.0  # seconds after which a temporary file of an older version belongs to nobody
_DAMAGED = "damaged, so it is not used"


@functools.cache
def versions() -> Mapping[str, str]:
    """Return versions of what the draws depend on."""
    return {package: version(package) for package in PACKAGES}


@functools.cache
def circumstances() -> Mapping[str, str]:
    """Return what results depend on beside the question: versions, and this package's source."""
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
    ours : whether it was written with this user's key; another is not used
    path : the file
    """

    kind: str
    digest: str
    about: Mapping[str, str]
    created: datetime
    size: int
    current: bool
    ours: bool
    path: Path


class Store:
    """A folder that keeps results, so that nothing is computed twice.

    Several processes may use it at once. Entries are signed: those of others are not read.

    Parameters
    ----------
    folder : made when something is kept
    warn : told of entries that are damaged or not ours, a sentence each

    See Also
    --------
    Workers : takes a store

    Examples
    --------
    >>> from pathlib import Path
    >>> import estimates as est
    >>> workers = est.Workers(store=est.Store(Path("results/store")))
    """

    def __init__(self, folder: Path, warn: Callable[[str], None] | None = None) -> None:
        """Open a store; `warn` is told of entries that are damaged or not ours, a sentence each."""
        self.folder = folder
        self._warn = warn or (lambda sentence: None)
        self._told: set[str] = set()

    def read(self, kind: str, digest: str, part: str = "result") -> bytes | None:
        """Return a part of an entry; None where there is none, or it is damaged or not ours."""
        path = self._path(kind, digest)
        try:
            with path.open("rb") as file:
                head = _head(file, path)
                if head.ours:
                    return _part(file, head, part)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, KeyError) as error:
            self.distrust(kind, digest, _reason(error))
            return None
        self.tell(
            f"{_shown(self.folder)} holds work that was not done by this user on this machine, as "
            "where it came with the folder: it is not used but done anew (`estimates store trust` "
            "takes it as it is)"
        )
        return None

    def distrust(self, kind: str, digest: str, reason: str = _DAMAGED) -> None:
        """Say that an entry is not used."""
        self.tell(f"{_shown(self._path(kind, digest))}: {reason}")

    def write(
        self,
        kind: str,
        digest: str,
        parts: bytes | Mapping[str, bytes],
        about: Mapping[str, str],
    ) -> None:
        """Write an entry, whole or not at all; one that is there already is replaced.

        Raises
        ------
        OSError : where it cannot be written; `keep` says so instead
        """
        parts = {"result": parts} if isinstance(parts, bytes) else parts
        places, start = {}, 0
        for name, content in parts.items():
            places[name] = [start, len(content), hashlib.sha256(content).hexdigest()]
            start += len(content)
        head = {
            "kind": kind,
            "digest": digest,
            "about": dict(about),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "made_by": _maker(),
            "parts": places,
        }
        line = _signed(json.dumps(head, ensure_ascii=False).encode())
        with replacing(self._path(kind, digest)) as temporary, temporary.open("wb") as file:
            file.writelines([line, *parts.values()])
        WRITTEN[_shown(self.folder)] += 1
        if not signing.lasting():
            self.tell(
                f"no key can be kept as {_shown(signing.key_path())}, so that what is stored now "
                "is not used later; name a file for it with ESTIMATES_KEY"
            )

    def keep(
        self,
        kind: str,
        digest: str,
        parts: bytes | Mapping[str, bytes],
        about: Mapping[str, str],
    ) -> None:
        """Write an entry if that is possible; where it is not, `warn` is told: the work stands."""
        with keeping(self.tell):
            self.write(kind, digest, parts, about)

    def remove(self, kind: str, digest: str) -> None:
        """Remove an entry, if it is there."""
        self._path(kind, digest).unlink(missing_ok=True)

    def entries(self) -> tuple[Entry, ...]:
        """Return every entry, newest first; a file that is none is left out, with a warning."""
        found = []
        for path in self._files():
            try:
                with path.open("rb") as file:
                    head = _head(file, path)
                size = path.stat().st_size
            except FileNotFoundError:  # removed by another process meanwhile
                continue
            except (OSError, ValueError) as error:
                self.tell(f"{_shown(path)}: {_reason(error)}")
                continue
            current = head.made_by == _maker()
            found.append(
                Entry(head.kind, head.digest, head.about, head.created, size, current, head.ours,
                      path)
            )  # fmt: skip
        return tuple(sorted(found, key=lambda entry: entry.created, reverse=True))

    def parts_of(self, entry: Entry) -> dict[str, bytes]:
        """Return all parts of an entry, whoever wrote it.

        Raises
        ------
        ValueError : where it is damaged
        OSError : where it cannot be read
        """
        with entry.path.open("rb") as file:
            head = _head(file, entry.path)
            start = file.tell()
            found = {}
            for name in head.parts:
                file.seek(start)
                found[name] = _part(file, head, name)
            return found

    def damaged(self) -> Iterator[tuple[Path, str]]:
        """Yield every file that is no whole entry, with the reason."""
        for path in self._files():
            try:
                with path.open("rb") as file:
                    head = _head(file, path)
                    start = file.tell()
                    for part in head.parts:
                        file.seek(start)
                        _part(file, head, part)
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                yield path, _reason(error)

    def adopt(self, entry: Entry) -> None:
        """Take an entry for ours, whoever wrote it.

        Raises
        ------
        ValueError : where it is damaged
        OSError : where it cannot be read or written
        """
        self.parts_of(entry)
        with entry.path.open("rb") as file:
            text = _head(file, entry.path).text
            content = file.read()
        with replacing(entry.path) as temporary, temporary.open("wb") as file:
            file.writelines([_signed(text), content])

    def prune(self, entries: Sequence[Entry]) -> int:
        """Remove these entries, damaged files and what killed processes left; bytes freed."""
        freed = 0
        for entry in entries:
            entry.path.unlink(missing_ok=True)
            freed += entry.size
        for path in self._debris():
            with suppress(FileNotFoundError):
                freed += remove(path)
        return freed

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob(f"*/*{_SUFFIX}"))

    def _debris(self) -> Iterator[Path]:
        for folder in self.folder.glob("*/"):
            yield from leftovers(folder)
            for path in folder.glob(".*.tmp"):
                with suppress(FileNotFoundError):
                    if time.time() - path.lstat().st_mtime > _ABANDONED:
                        yield path
        for path, reason in self.damaged():
            if reason == _DAMAGED:  # not what is only unreadable, or a folder
                yield path

    def _path(self, kind: str, digest: str) -> Path:
        return self.folder / kind / f"{digest}{_SUFFIX}"

    def tell(self, sentence: str) -> None:
        """Tell `warn` something, once."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._warn(sentence)


@dataclass(frozen=True)
class _Head:
    """The first line of an entry, checked; nothing in it is believed unless `ours`."""

    kind: str
    digest: str
    about: Mapping[str, str]
    created: datetime
    made_by: str
    parts: Mapping[str, tuple[int, int, str]]
    ours: bool
    text: bytes


def _signed(text: bytes) -> bytes:
    rest = signing.code_of(text).encode() + b" " + text
    return hashlib.sha256(rest).hexdigest().encode() + b" " + rest + b"\n"


def _head(file: BinaryIO, path: Path) -> _Head:
    """Return the head of an entry.

    Raises
    ------
    ValueError : for whatever is none, and for one that stands in another's place
    """
    line = file.readline(_LONGEST_HEAD)
    digest, _, rest = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or hashlib.sha256(rest).hexdigest().encode() != digest:
        raise ValueError("the head is damaged")
    code, _, text = (b"", b"", rest) if rest.startswith(b"{") else rest.partition(b" ")
    try:
        said = json.loads(text)
    except RecursionError:
        raise ValueError("the head is nested too deeply") from None
    match said:
        case {
            "kind": str(kind), "about": dict(about), "created": str(created),
            "made_by": str(made_by), "parts": dict(parts),
        }:  # fmt: skip
            place = str(said.get("digest", path.stem))  # older versions did not write it
        case _:
            raise ValueError("the head lacks something")
    if (kind, place) != (path.parent.name, path.stem):
        raise ValueError("it stands in the place of another")
    if not _NAME.fullmatch(kind) or not _NAME.fullmatch(place):
        raise ValueError("its name is none that is given here")
    left = os.fstat(file.fileno()).st_size - len(line)
    return _Head(
        kind, place, {str(k): _printable(v) for k, v in about.items()}, _moment(created), made_by,
        {str(name): _where(one, left) for name, one in parts.items()},
        signing.is_ours(text, code.decode("ascii", "replace")), text,
    )  # fmt: skip


def _where(said: Json, left: int) -> tuple[int, int, str]:
    """Start, length and digest of a part, within so many bytes."""
    match said:
        case [int(start), int(length), str(digest)] if 0 <= start <= start + length <= left:
            return start, length, digest
    raise ValueError("a part lies outside the file")


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or not 2000 <= found.year < 9999:
        raise ValueError("it was written at no time")
    return found


def _part(file: BinaryIO, head: _Head, name: str) -> bytes:
    start, length, digest = head.parts[name]
    file.seek(start, os.SEEK_CUR)
    content = file.read(length)
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError("a part is damaged")
    return content


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read ({error.strerror or error}), so it is not used"
    return _DAMAGED


def _printable(value: Json) -> str:
    """Return a text in which only letters are left for a terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in str(value))


def _shown(path: Path) -> str:
    return _printable(path.as_posix())
