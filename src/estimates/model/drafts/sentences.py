"""The sentences of a text, each as it stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# After these a full stop ends no sentence.
_SHORT = frozenset(
    (
        *("mr", "mrs", "ms", "dr", "prof", "st", "gen", "col", "lt", "sgt", "rev", "hon", "sen"),
        *("rep", "gov", "pres", "messrs", "no", "nos", "vol", "art", "fig", "figs", "tab", "para"),
        *("paras", "pp", "p", "ch", "sec", "ed", "eds", "vs", "v", "cf", "e.g", "i.e", "al", "ca"),
        *("c", "approx", "est", "inc", "ltd", "co", "corp", "jr", "sr", "jan", "feb", "mar", "apr"),
        *("jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec", "u.s", "u.k", "u.n", "a.m"),
        *("p.m", "resp", "incl", "max", "min", "avg", "dept"),
    )
)
_LONGEST = 1_500
_LAST = 40  # signs before a full stop that say whether it ends a sentence
_END = re.compile(r"[.!?…][”’\"')\]]*(?=\s+[“‘\"'(\[]*[A-Z0-9À-ÞΑ-Ω])")
_WORD_BEFORE = re.compile(r"([\w.]+)\.$")
_NUMBERED = re.compile(r"\s*\(?\d{1,3}[.)]$|\s*[A-Za-z][.)]$")


class Sentence(NamedTuple):
    """A sentence and where it starts in the text."""

    text: str
    start: int


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a text: a line that is blank ends one, and so does its last sign."""
    for paragraph in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text):
        start = paragraph.start()
        for found in _END.finditer(paragraph[0]):
            end = paragraph.start() + found.end()
            stop = paragraph.start() + found.start() + 1
            if _ends(text[max(start, stop - _LAST) : stop]):
                yield from _sentence(text, start, end)
                start = end
        yield from _sentence(text, start, paragraph.end())


def _sentence(text: str, start: int, end: int) -> Iterator[Sentence]:
    while start < end:
        stop = end
        if end - start > _LONGEST:  # no sentence, and the search for figures takes its time
            stop = text.rfind(" ", start + 1, start + _LONGEST)
            stop = stop if stop > start else start + _LONGEST
        said = text[start:stop]
        if said.strip():
            yield Sentence(said.strip(), start + len(said) - len(said.lstrip()))
        start = stop


def _ends(text: str) -> bool:
    """Return whether a sentence ends with the last sign of these, which are all or the last."""
    if not text.endswith("."):
        return True
    if _NUMBERED.fullmatch(text):
        return False  # the number of a paragraph
    word = _WORD_BEFORE.search(text)
    if word is None:
        return True
    before = word[1].lower()
    initial = len(before) == 1 and before.isalpha() and word[1].isupper()
    return before not in _SHORT and not initial
