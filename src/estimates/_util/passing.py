"""A store for the parts of a whole, which are kept no longer than until the whole is."""

from __future__ import annotations

from estimates._util.files import keeping
from estimates._util.store import Store


class Passing(Store):
    """A store for parts of a whole that is kept itself: it knows what went through it."""

    def __init__(self, store: Store) -> None:
        """Use the entries of a store, and tell whom it tells."""
        super().__init__(store.folder, store.tell)
        self._seen: set[tuple[str, str]] = set()

    def read(self, kind: str, digest: str, part: str = "result") -> bytes | None:
        """Read as a store does."""
        self._seen.add((kind, digest))
        return super().read(kind, digest, part)

    def forget(self) -> None:
        """Remove what was asked for or written, if it is there."""
        with keeping(self.tell):
            for kind, digest in self._seen:
                self.remove(kind, digest)
