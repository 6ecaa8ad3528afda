"""Several files moved into place together: all of them, or none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def move_in(
    made: Path, folder: Path, aside: Path, names: Sequence[str], gone: Sequence[str]
) -> None:
    """Move what was made into a folder in place of what was there.

    A folder that does not exist appears at once, with all of it. In one that does, each file is
    replaced by a rename, so that a reader finds the old or the new one; whatever fails on the way
    is undone, so that the folder is as it was.

    Parameters
    ----------
    made : the folder with what was made, on the same file system; it is emptied
    folder : where it goes
    aside : an empty folder on the same file system, for what was there
    names : what is moved in, in this order; the list of contents last
    gone : what is taken away, before that
    """
    if not folder.exists() and not gone and set(names) == {one.name for one in made.iterdir()}:
        made.rename(folder)
        return
    folder.mkdir(exist_ok=True)
    undo: list[tuple[Path, Path]] = []  # (where it is now, where it was)
    try:
        for name in gone:
            _rename(folder / name, aside / name, undo)
        for name in names:
            place = folder / name
            if place.is_dir() and not place.is_symlink():
                _rename(place, aside / name, undo)  # a folder cannot be renamed onto another
            elif place.exists() or place.is_symlink():
                _keep(place, aside / name, undo)
            _rename(made / name, place, undo)
    except BaseException:
        for now, before in reversed(undo):
            now.replace(before)
        raise


def _rename(path: Path, to: Path, undo: list[tuple[Path, Path]]) -> None:
    path.replace(to)
    undo.append((to, path))


def _keep(path: Path, aside: Path, undo: list[tuple[Path, Path]]) -> None:
    """Make a second name for a file that is about to be replaced, or move it."""
    try:
        os.link(path, aside, follow_symlinks=False)
    except (OSError, NotImplementedError):
        _rename(path, aside, undo)
    else:
        undo.append((aside, path))
