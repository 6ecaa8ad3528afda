"""Whose work a stored result is: a key of this user's, and a code over what was written with it.

A repository can carry a folder of results that look as if they had been worked out here.  Only
what was written with this user's own key is believed without being told to.  The key is made once,
lies outside every project, readable by its user alone, and never leaves the machine;
`ESTIMATES_KEY` names another file, for those who share results on purpose.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from platformdirs import user_data_path

from estimates._util.files import BINARY

_LENGTH = 32  # bytes


def key_path() -> Path:
    """Return the path of the key."""
    named = os.environ.get("ESTIMATES_KEY")
    return Path(named) if named else user_data_path("estimates", appauthor=False) / "store.key"


def code_of(text: bytes) -> str:
    """Return the code of a text under this user's key (HMAC-SHA256, RFC 2104), hexadecimal."""
    return hmac.new(_key(key_path()), text, hashlib.sha256).hexdigest()


def is_ours(text: bytes, code: str) -> bool:
    """Return whether a text was written with this user's key."""
    return hmac.compare_digest(code_of(text).encode(), code.encode("utf-8", "replace"))


def lasting() -> bool:
    """Return whether the key is kept, so that later runs recognise what this one writes."""
    return _key(key_path()) == _read(key_path())


@functools.lru_cache(maxsize=4)
def _key(path: Path) -> bytes:
    """Return the key, made if there is none; one of this process alone if none can be kept."""
    found = _read(path)
    if found is not None:
        return found
    made = secrets.token_bytes(_LENGTH)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | BINARY, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(made)
                file.flush()
                os.fsync(file.fileno())
            _put(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    return _read(path) or made


def _put(temporary: Path, path: Path) -> None:
    """Put a key into its place; where another process was faster, its key counts."""
    try:
        os.link(temporary, path)
    except OSError:
        if _read(path) is None:
            temporary.replace(path)


def _read(path: Path) -> bytes | None:
    """Return a key that is whole and that nobody else can have put there or read."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            content = file.read(_LENGTH + 1)
    except OSError:
        return None
    if len(content) != _LENGTH:
        return None
    shared = "ESTIMATES_KEY" in os.environ or not hasattr(os, "getuid")
    private = shared or (about.st_uid == os.getuid() and not about.st_mode & 0o077)
    return content if private else None
