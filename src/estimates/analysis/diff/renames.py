"""Names that changed while all else stayed: guessed, so that nothing else counts as changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from estimates._util.files import Json
from estimates.analysis.diff.edits import at, same
from estimates.analysis.diff.result import Kind
from estimates.model.serialize import Plain

#: What is said, where a name may stand that means no quantity.
_SAID = ("label", "note", "question", "because", "title", "quote", "speaker", "says")


class Rename(NamedTuple):
    """A thing that is called otherwise."""

    kind: Kind
    before: str
    after: str


def renamed(
    before: Plain, after: Plain, checks: Callable[[Plain], bool]
) -> tuple[Plain, list[Rename]]:
    """Return a content with the names that the other has, and which these are.

    A name counts as another where one thing has gone and one has come that are the same in all
    else, and the content still checks with the new name.
    """
    found: list[Rename] = []
    new = True
    while new:  # of a claim about a quantity with another name, that of the quantity first
        new = False
        for kind, section in _SECTIONS:
            for old, name in _pairs(before, after, section):
                one = Rename(kind, old, name)
                made = _with(before, one)
                if one not in found and checks(made):
                    before = made
                    found.append(one)
                    new = True
    return before, found


_SECTIONS: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    ("quantity", ("quantities",)),
    ("relation", ("relations",)),
    ("reading", ("readings",)),
    ("source", ("evidence", "sources")),
    ("claim", ("evidence", "claims")),
)


def _pairs(before: Plain, after: Plain, section: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the names that went and came with the very same content, one each."""
    was, now = at(before, *section), at(after, *section)
    if not isinstance(was, Mapping) or not isinstance(now, Mapping):
        return []
    went = [name for name in was if name not in now]
    came = [name for name in now if name not in was]
    pairs = []
    for old in went:
        whole = _whole(before, section, old)
        there = [new for new in came if same(whole, _whole(after, section, new))]
        others = [one for one in went if same(was[one], was[old])]
        if len(there) == len(others) == 1:
            pairs.append((old, there[0]))
    return pairs


def _whole(content: Plain, section: tuple[str, ...], name: str) -> list[Json]:
    """Return all that is said of a thing; of a claim how the model uses it, too."""
    uses = ["claims", "compare"] if section == ("evidence", "claims") else []
    return [at(content, *section, name), *(at(content, use, name) for use in uses)]


def _with(content: Plain, rename: Rename) -> Plain:
    """Return a content in which a thing has another name, wherever it is named."""
    old, new = rename.before, rename.after
    if rename.kind in ("claim", "source"):
        keys = {"disputes", "derived", "copy_of"} if rename.kind == "claim" else {"source"}
        sections = ("evidence", "claims", "compare", "variants")
        return {
            key: _ids(value, old, new, keys) if key in sections else value
            for key, value in content.items()
        }
    name = re.compile(rf"(?<![\w.]){re.escape(old)}(?!\w)")
    return {
        key: value if key == "evidence" or key in _SAID else _names(value, name, old, new)
        for key, value in content.items()
    }


def _ids(held: Json, old: str, new: str, keys: set[str], key: str = "") -> Json:
    """Return a value with an id as another, as a key and where keys hold ids."""
    if isinstance(held, Mapping):
        return {
            (new if name == old else name): _ids(one, old, new, keys, str(name))
            for name, one in held.items()
        }
    if isinstance(held, list):
        return [_ids(one, old, new, keys, key) for one in held]
    return new if held == old and key in {*keys, "without", "claims", "sources"} else held


def _names(held: Json, name: re.Pattern[str], old: str, new: str) -> Json:
    """Return a value with a name as another, as a key and within expressions."""
    if isinstance(held, Mapping):
        return {
            (new if key == old else key): one if key in _SAID else _names(one, name, old, new)
            for key, one in held.items()
        }
    if isinstance(held, list):
        return [_names(one, name, old, new) for one in held]
    return name.sub(new, held) if isinstance(held, str) else held
