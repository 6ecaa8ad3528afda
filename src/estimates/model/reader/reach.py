"""Which files a model may name, and their texts, read without trusting either.

A model from a stranger may name any file of whoever checks it, by a path or a link, and a file
may be anything: a folder, a device, endless.  So what a model names stays below its root unless
that is allowed, what is read is bounded while it is read, and of a file outside the root nothing
is ever repeated.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from estimates._util.files import BINARY
from estimates.errors import Fault, Faults, Place, unshowable
from estimates.model.reader.texts import decoded

MODELS = "models"

_LARGEST = 64 * 2**20  # bytes
_AT_ONCE = 2**20


@dataclass(frozen=True)
class Reach:
    """The files that a model may name.

    Attributes
    ----------
    folder : of the model; what it names is found from here
    base : nothing outside of this folder is read, unless `outside` allows it
    outside : whether files anywhere may be read
    foreign : the files read so far that lie outside, as they are named in faults
    """

    folder: Path
    base: Path
    outside: bool = False
    foreign: set[str] = field(default_factory=set)

    @staticmethod
    def of(folder: Path, root: Path, outside: bool = False) -> Reach:
        """Return what a model may name.

        Under `root`/models that is all below the root, else its own folder and those beside it.
        """
        home, root = folder.resolve(), root.resolve()
        if home.is_relative_to(root / MODELS):
            return Reach(folder, root, outside)
        beside = home.parent
        # Beside a folder of the first level, or of a person's, lies everything.
        everything = beside == beside.parent or beside == Path.home().resolve()
        return Reach(folder, home if everything else beside, outside)

    def file(self, name: str, place: Place | None, faults: Faults) -> Path | None:
        """Return the file that the model means by a name, or None with a fault."""
        path = Path(os.path.normpath(self.folder / name))
        try:
            inside = self._holds(path.resolve())
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL
            reason = error.strerror if isinstance(error, OSError) else str(error)
            faults.add(f"cannot read '{name}': {reason}", place)
            return None
        if not inside and not self.outside:
            faults.add(
                f"'{name}' lies outside '{self.base}', or is hidden there; copy it beside the "
                "model, or add --allow-outside if you know what it is",
                place,
            )
            return None
        if not inside:
            self.foreign.add(str(path))
        return path

    def _holds(self, file: Path) -> bool:
        """Return whether a path is below the base, and in nothing hidden but the model's folder."""
        if not file.is_relative_to(self.base):
            return False
        home = self.folder.resolve()
        below = file.relative_to(home if file.is_relative_to(home) else self.base)
        return not any(part.startswith(".") for part in below.parts)

    def silenced(self, faults: Sequence[Fault]) -> list[Fault]:
        """Return the faults, with nothing repeated of what a file outside says."""
        return list(dict.fromkeys(map(self._silenced, faults)))

    def _silenced(self, fault: Fault) -> Fault:
        if fault.place is None or fault.place.file not in self.foreign:
            return fault
        message = (
            "this cannot be read as part of a ledger; it is not repeated here, because the file "
            "lies outside the root: copy it beside the model to see more"
        )
        return Fault(message, fault.place)


def read_text(path: Path, faults: Faults, named_at: Place | None = None) -> str | None:
    """Return the text of a regular file of bounded size, or None with a fault.

    `named_at` is where the file was asked for.
    """
    content = read_bytes(path, faults, named_at)
    return None if content is None else decoded(content, str(path), faults)


def read_bytes(path: Path, faults: Faults, named_at: Place | None = None) -> bytes | None:
    """Return the content of a regular file of bounded size, or None with a fault."""
    here = named_at or Place(str(path))
    if unshowable(str(path)):
        faults.add(f"the path '{path}' has characters that cannot be shown; rename it", here)
        return None
    try:
        # Not blocking: to open a pipe would wait for whoever writes to it.
        handle = os.open(path, os.O_RDONLY | BINARY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        faults.add(f"there is no file '{path}'", here)
        return None
    except (OSError, ValueError) as error:
        if path.is_dir():
            faults.add(f"'{path}' is a directory, not a file", here)
        else:
            faults.add(f"cannot read '{path}': {_reason(error)}", here)
        return None
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            faults.add(f"'{path}' is a directory, not a file", here)
            return None
        if not stat.S_ISREG(mode):
            faults.add(f"'{path}' is a device or a pipe, not a file", here)
            return None
        content = bytearray()
        while piece := os.read(handle, _AT_ONCE):  # whatever size the file says it has
            content += piece
            if len(content) > _LARGEST:
                faults.add(f"'{path}' is larger than {_LARGEST // 2**20} MB", here)
                return None
    except OSError as error:
        faults.add(f"cannot read '{path}': {_reason(error)}", here)
        return None
    finally:
        os.close(handle)
    return bytes(content)


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
