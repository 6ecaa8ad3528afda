"""Files and folders that nobody but this user can have written: what is read there may be run."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from estimates._util.files import BINARY
from estimates._util.notices import notice

_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_LARGEST = 1 << 28  # bytes of a file


def own_folder(named: Path) -> Path | None:
    """Return the folder without symbolic links if it is this user's alone; else None.

    It is made, for this user alone, where it is missing.  One whose content another could have
    written is not used, with a notice: it must belong to the user, and none of the folders above
    may be open to others, who could then put another in its place.
    """
    try:
        named.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = named.resolve(strict=True)
        found = folder.stat()
    except (OSError, RuntimeError):  # a file in the way, a disk that cannot be written, a loop
        return None
    if not _ours(found):
        _refuse(folder, "its folder")
        return None
    if not hasattr(os, "getuid"):
        return folder
    for above in folder.parents:
        try:
            found = above.stat()
        except OSError:
            return None
        sticky = bool(found.st_mode & stat.S_ISVTX)  # there one cannot rename what is another's
        if found.st_uid not in (0, os.getuid()) or (_open_to_others(found) and not sticky):
            _refuse(folder, f"the folder {above}")
            return None
    return folder


def read_own(path: Path) -> bytes | None:
    """Return the content of a file that only this user can have written; None without one."""
    # No link is followed, and nothing is waited for: a pipe may have been put there.
    flags = os.O_RDONLY | BINARY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, flags)
    except OSError as error:
        if error.errno == errno.ELOOP:
            _refuse(path, "the file")
        return None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or not _ours(found):
            _refuse(path, "the file")
            return None
        try:
            return file.read() if found.st_size <= _LARGEST else None
        except OSError:
            return None


def _ours(found: os.stat_result) -> bool:
    """Return whether a file is this user's alone; Windows keeps rights where modes do not tell."""
    if not hasattr(os, "getuid"):
        return True
    return found.st_uid == os.getuid() and not _open_to_others(found)


def _open_to_others(found: os.stat_result) -> bool:
    """Return whether others can write; a group of the user's own name has no other members."""
    others = found.st_mode & _OTHERS
    return bool(others & stat.S_IWOTH) or (bool(others) and not _private(found.st_gid))


def _private(group: int) -> bool:
    import grp
    import pwd

    try:
        return grp.getgrgid(group).gr_name == pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return False


def _refuse(path: Path, what: str) -> None:
    notice(
        f"{path}: not used, because another user may have written there (owner or mode of {what}); "
        "code is compiled anew. ESTIMATES_CACHE names a folder of your own"
    )
