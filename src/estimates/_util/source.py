"""Digests of this package's own source: what other code computed or drew is not taken for ours."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

#: Rooms that show what was found; no number depends on them.
_SHOWING = ("cli/", "plots/", "report/", "_util/html.py", "_util/progress.py")
_ROOT = Path(__file__).parents[1]


@functools.cache
def source_digest() -> str:
    """Return a digest of the code that numbers depend on, wherever it is installed."""
    return digest_of(_ROOT, shows=False)


@functools.cache
def showing_digest() -> str:
    """Return a digest of what pages are made by: code, templates, scripts and styles."""
    return digest_of(_ROOT, shows=True)


def digest_of(root: Path, *, shows: bool) -> str:
    """Return a digest of the files that show results, or of the code that does not."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*" if shows else "*.py")):
        name = path.relative_to(root).as_posix()
        if name.startswith(_SHOWING) == shows and path.suffix != ".pyc" and path.is_file():
            digest.update(f"{name}\n".encode() + path.read_bytes())
    return digest.hexdigest()
