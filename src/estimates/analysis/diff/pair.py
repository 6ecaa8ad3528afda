"""Two models as contents, and the changes between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estimates._util.files import Json
from estimates.analysis.diff.edits import (
    Edit,
    Way,
    at,
    edits_between,
    entries,
    targets_of,
    with_puts,
)
from estimates.analysis.diff.renames import Rename, renamed
from estimates.analysis.diff.steps import Ways, checked
from estimates.model import Model
from estimates.model.serialize import Plain

_HEADS = ("title", "question", "note", "seed")
_NO_PART = ("compare", "variants")  # sections that move no answer


@dataclass(frozen=True)
class Pair:
    """Two models as contents.

    Attributes
    ----------
    start : the first, with the names, the sources and the words of the last
    before : the first as it was
    first : the same with the names of the last
    last : the last
    edits : the changes that may move an answer
    quiet : those that cannot
    """

    start: Plain
    before: Model
    first: Model
    last: Model
    edits: tuple[Edit, ...]
    quiet: tuple[Edit, ...]
    renames: tuple[Rename, ...]

    @staticmethod
    def of(before: Model, after: Model) -> Pair:
        first, last = before.to_dict(), after.to_dict()
        first, renames = renamed(first, last, lambda one: checked(one, after.slug) is not None)
        every = edits_between(first, last)
        edits = tuple(_moving(one) for one in every if not one.because)
        quiet = tuple(one for one in every if one.because)
        named = checked(first, before.slug) or before
        return Pair(_start(first, last), before, named, after, edits, quiet, tuple(renames))

    def targets(self, ways: Ways) -> list[str]:
        """Return the targets that both have in the same dimension, those of the last first."""
        first, last = ways.model(()), ways.model(range(len(self.edits)))
        if first is None or last is None:
            return []
        return [
            one
            for one in last.targets
            if one in first.targets and first.unit_of(one).dimension == last.unit_of(one).dimension
        ]


def _moving(edit: Edit) -> Edit:
    """Return a change without what moves no answer."""
    puts: Mapping[Way, Json] = {
        way: value for way, value in edit.puts.items() if way[0] not in _NO_PART
    }
    return Edit(edit.kind, edit.name, edit.how, puts, edit.before, edit.after)


def _start(first: Plain, last: Plain) -> Plain:
    """Return the first content with all of the last that no number follows from."""
    start = {key: value for key, value in first.items() if key not in _NO_PART}
    start |= {key: value for key, value in last.items() if key in _HEADS}
    start["format"] = max(int(str(at(one, "format"))) for one in (first, last))
    start["targets"] = _common(first, last)
    sources: dict[Way, Json] = {
        ("evidence", "sources", name): at(last, "evidence", "sources", name)
        for name in entries(last, "evidence", "sources")
    }
    return with_puts(start, sources)


def _common(first: Plain, last: Plain) -> list[str]:
    """Return the targets of either that the other can be asked for, too."""
    both = dict.fromkeys([*targets_of(last), *targets_of(first)])
    return [
        one
        for one in both
        if all(one in targets_of(side) or _can_be_asked(side, one) for side in (first, last))
    ]


def _can_be_asked(content: Plain, target: str) -> bool:
    return checked(content | {"targets": [target]}, "") is not None
