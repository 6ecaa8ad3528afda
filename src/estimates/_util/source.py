"""A digest of this package's own source: what was computed by other code is not taken for ours."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

#: Rooms that show what was found; no number depends on them.
_SHOWING = ("cli/", "plots/", "report/", "_util/html.py", "_util/progress.py")


@functools.cache
def source_digest() -> str:
    """Return a digest of the source, wherever it is installed, without what only shows results."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if not name.startswith(_SHOWING):
            digest.update(f"{name}\n".encode() + path.read_bytes())
    return digest.hexdigest()
