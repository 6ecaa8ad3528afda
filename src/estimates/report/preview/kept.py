"""A store that reads what is kept on disk, and keeps what is new in memory alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path

from estimates._util.store import Store

_ROOM = 200_000_000  # bytes


class Remembered(Store):
    """A `Store` that writes nothing: new entries go when there are too many, or with the process.

    So a version of a model that was tried and given up leaves nothing in the store of results, and
    one that comes back is answered at once.
    """

    def __init__(
        self, folder: Path, warn: Callable[[str], None] | None = None, room: int = _ROOM
    ) -> None:
        """Read the entries in a folder, and remember others up to so many bytes."""
        super().__init__(folder, warn)
        self._entries: OrderedDict[tuple[str, str], dict[str, bytes]] = OrderedDict()
        self._room, self._size = room, 0

    def read(self, kind: str, digest: str, part: str = "result") -> bytes | None:
        """Return a part of an entry, from memory if it is there."""
        found = self._entries.get((kind, digest))
        if found is None:
            return super().read(kind, digest, part)
        self._entries.move_to_end((kind, digest))
        return found.get(part)

    def write(
        self, kind: str, digest: str, parts: bytes | Mapping[str, bytes], about: Mapping[str, str]
    ) -> None:
        """Remember an entry; what was not asked for the longest goes to make room."""
        del about
        entry = {"result": parts} if isinstance(parts, bytes) else dict(parts)
        self._size += _size(entry) - _size(self._entries.pop((kind, digest), {}))
        self._entries[kind, digest] = entry
        while self._size > self._room:
            self._size -= _size(self._entries.popitem(last=False)[1])


def _size(entry: Mapping[str, bytes]) -> int:
    return sum(map(len, entry.values()))
