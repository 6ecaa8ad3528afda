"""A model as it was at a revision in git, read without touching the files that are there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from estimates.errors import Fault, InputError
from estimates.model.io.load import MODEL_FILE, load
from estimates.model.model import Model
from estimates.model.reader.reach import MODELS

_SECONDS = 60


def load_at(
    where: str | Path,
    revision: str = "HEAD",
    root: str | Path = Path(),
    *,
    allow_outside: bool = False,
) -> Model:
    """Load a model as it was at a revision in git.

    Parameters
    ----------
    where : the model, as `load` takes it
    revision : whatever git takes for a commit: `HEAD`, `v1.2`, `main~3`, `@{yesterday}`
    root, allow_outside : as in `load`

    Returns
    -------
    Model, checked; its files and those of its ledgers are read from git.

    Raises
    ------
    InputError : where there is no repository, no such revision, or no such model in it, and for
        every fault of the files as they were

    See Also
    --------
    load : reads the files that are there
    diff : what changed since

    Examples
    --------
    >>> import estimates as est
    >>> try:
    ...     est.load_at("scmp-2017", "no-such-revision")
    ... except est.InputError as error:
    ...     "no-such-revision" in str(error) or "git" in str(error)
    True
    """
    file = _file(Path(where), Path(root))
    top = _top(file.parent)
    commit = _commit(file.parent, revision)
    within = Path(os.path.relpath(file.resolve(), top.resolve()))
    with TemporaryDirectory() as scratch:
        there = Path(scratch)
        if not _copied(top, commit, within, there):
            message = f"{within.as_posix()} is not there at {revision}"
            raise InputError([Fault(message)])
        for one in _evidence(there / within):
            _copied(top, commit, Path(os.path.normpath(within.parent / one)), there)
        base = there / os.path.relpath(Path(root).resolve(), top.resolve())
        try:
            return load(there / within, base, allow_outside=allow_outside)
        except InputError as error:
            raise InputError(list(_placed(error, there, revision)), error.more) from None


def _file(where: Path, root: Path) -> Path:
    """Return the file of a model, which need not be there any more."""
    named = root / MODELS / where / MODEL_FILE
    if len(where.parts) == 1 and not where.exists():
        where = named
    elif where.is_dir():
        where /= MODEL_FILE
    if not where.parent.is_dir():
        raise InputError([Fault(f"there is no folder {where.parent} here")])
    return where


def _top(folder: Path) -> Path:
    try:
        return Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    except InputError as error:
        (fault,) = error.faults
        if "not a git repository" not in fault.message:
            raise
    message = (
        f"what was before is read from git, and {folder} is in no repository; name another model, "
        "or a folder with the files as they were"
    )
    raise InputError([Fault(message)])


def _commit(folder: Path, revision: str) -> str:
    try:
        said = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return _git(folder, *said).decode().strip()
    except InputError:
        message = f"git knows no revision '{revision}' here; `git log --oneline` lists them"
        raise InputError([Fault(message)]) from None


def _copied(top: Path, commit: str, path: Path, into: Path) -> bool:
    """Copy a file as it was into a folder, and return whether it was there."""
    if path.is_absolute() or path.parts[:1] == ("..",):
        return False  # outside the repository: `load` says so
    try:
        content = _git(top, "cat-file", "blob", f"{commit}:{path.as_posix()}")
    except InputError:
        return False
    target = into / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return True


def _evidence(file: Path) -> Iterator[str]:
    """Yield the files that a model names; what is wrong with it `load` says."""
    try:
        held = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return
    named = held.get("evidence") if isinstance(held, dict) else None
    for one in named if isinstance(named, list) else [named]:
        if isinstance(one, str):
            yield one


def _git(folder: Path, *words: str) -> bytes:
    """Return what git prints.

    Raises
    ------
    InputError : with what git says, where it fails or is not installed
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        message = "an earlier version is read from git, which is not installed"
        raise InputError([Fault(message)]) from None
    except subprocess.TimeoutExpired:
        raise InputError([Fault(f"git did not answer within {_SECONDS} seconds")]) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise InputError([Fault(f"git: {said.removeprefix('fatal: ') or 'it failed'}")])
    return done.stdout


def _placed(error: InputError, there: Path, revision: str) -> Iterator[Fault]:
    """Yield faults with the names that their files have in the repository."""
    for fault in error.faults:
        message = fault.message.replace(f"{there}{os.sep}", f"{revision}:")
        place = fault.place
        if place is not None:
            name = place.file.replace(f"{there}{os.sep}", "")
            place = replace(place, file=f"{revision}:{name}")
        yield Fault(message, place)
