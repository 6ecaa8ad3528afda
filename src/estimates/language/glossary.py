"""Terms of art: what each means here, and where to read on; one table, `glossary.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from estimates.errors import Fault, InputError, did_you_mean


@dataclass(frozen=True, slots=True)
class Term:
    """A term as screens print it.

    Attributes
    ----------
    name : as the field names it
    says : what it means here, at most three lines of 80 columns
    see : where to read on
    also : other words for it, and what belongs to it
    """

    name: str
    says: str
    see: str
    also: Sequence[str] = ()


@cache
def glossary() -> tuple[Term, ...]:
    """Return every term, by name."""
    text = (files("estimates.language") / "glossary.toml").read_text(encoding="utf-8")
    found = [Term(name, **one) for name, one in tomllib.loads(text).items()]
    return tuple(sorted(found, key=lambda term: term.name.lower()))


def term(word: str) -> Term:
    """Return the term to which a word belongs; hyphens, case and plural do not matter.

    Raises
    ------
    InputError : where there is none, with the nearest
    """
    known = {_bare(name): one for one in glossary() for name in one.also}
    known |= {_bare(one.name): one for one in glossary()}
    bare = _bare(word)
    for spelled in (bare, bare.removesuffix("s"), bare.removesuffix("es")):
        if spelled in known:
            return known[spelled]
    names = [name for one in glossary() for name in (one.name, *one.also)]
    hint = did_you_mean(word, names) or "; `estimates help` lists the terms"
    raise InputError([Fault(f"no term '{word}'{hint}")])


def _bare(word: str) -> str:
    return re.sub(r"[\s_-]+", " ", word).strip().lower()
