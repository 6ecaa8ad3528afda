"""A model's files as they are now: what they say, or what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from estimates.errors import Fault, InputError, shown
from estimates.model import Model
from estimates.model.io import load
from estimates.model.io.quotes import NO_PROOFS, prove
from estimates.model.io.watch import Stamp, files_of, stamp


@dataclass(frozen=True)
class Version:
    """What a model's files say.

    Attributes
    ----------
    content : what `Model.to_json` returns
    words : of claims whose quotes were looked for, what stands in the source
    warnings : what is well formed and still wants a look, a sentence each
    """

    content: str
    slug: str
    words: Mapping[str, str]
    warnings: tuple[str, ...]

    def same_work(self, other: Version | None) -> bool:
        """Return whether another version leads to the same page."""
        return other is not None and (self.content, self.words) == (other.content, other.words)


@dataclass(frozen=True)
class Faulty:
    """What is wrong with them.

    Attributes
    ----------
    gone : whether the model's own file is not there
    """

    faults: tuple[Fault, ...]
    more: int = 0
    gone: bool = False


class Files:
    """The files of one model, which come and go.

    Parameters
    ----------
    name : of the model, or a path to it
    root : the folder that holds `models/`
    outside : whether it may read what lies elsewhere
    """

    def __init__(self, name: str, root: Path, outside: bool) -> None:
        self._name, self._root, self._outside = name, root, outside
        self._paths: tuple[Path, ...] = files_of(name, root)
        self._texts: tuple[Path, ...] = ()
        self._seen: Stamp | None = None

    @property
    def paths(self) -> tuple[Path, ...]:
        """The model's file and its ledgers."""
        return self._paths

    @property
    def names(self) -> tuple[str, ...]:
        """How a reader is told of them: from the root, where they are below it."""
        root = self._root.absolute()
        every = [Path(os.path.normpath(path.absolute())) for path in self._paths]
        below = [one.relative_to(root) if one.is_relative_to(root) else one for one in every]
        return tuple(shown(one.as_posix()) for one in below)

    @property
    def there(self) -> bool:
        """Whether the model's own file is there."""
        return self._paths[0].is_file()

    def folders(self) -> Iterable[Path]:
        """Return the folders in which something may change."""
        return {path.parent for path in (*self._paths, *self._texts)}

    def changed(self) -> bool:
        """Return whether a file is another than at the last reading."""
        return stamp((*self._paths, *self._texts)) != self._seen

    def read(self) -> Version | Faulty:
        """Return what the files say, or what is wrong."""
        self._paths = files_of(self._name, self._root)
        self._seen = stamp((*self._paths, *self._texts))
        try:
            model = load(self._name, self._root, allow_outside=self._outside)
            texts = _texts(model)
            if texts != self._texts:
                self._texts = texts
                self._seen = stamp((*self._paths, *texts))
            proofs = NO_PROOFS
            if texts:
                proofs = prove(model, self._root, allow_outside=self._outside)
        except InputError as error:
            return Faulty(error.faults, error.more, not self.there)
        warnings = (*map(str, model.warnings), *map(str, proofs.faults))
        return Version(model.to_json(), model.slug, proofs.words, warnings)


def _texts(model: Model) -> tuple[Path, ...]:
    """Return the files with the texts of sources, existing or not."""
    found = []
    for source in model.ledger.sources.values():
        place = source.where("text") if source.text else None
        if place is not None:
            found.append(Path(os.path.normpath(Path(place.file).parent / source.text)))
    return tuple(dict.fromkeys(found))
