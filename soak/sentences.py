"""How a printed sentence is put together: what no rule of docs/style.md lets pass, in any model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

_LEAST = 5  # words of what is taken for prose
_COUNTED = (
    r"claims|sources|readings|quantities|relations|figures|pieces|cells|cases|combinations|others|"
    r"comparisons|claims|models|faults|warnings|rows|simulations|draws|people|speakers|options"
)
#: After `a` although they begin with a vowel, or where `a` is a name: `held out: a and b`.
_LIKE_CONSONANTS = (
    r"one\b|once\b|uni(?!n)|use|usual|util|euro|ewe|U[A-Z]|E[A-Z]|(?:and|or|is|as|in|at|of)\b"
)
_ARTICLE = "“a” before a vowel"
#: Each with what it is.
_RULES = {
    r"\b([A-Za-z]{2,}) \1\b": "a word twice",
    rf"\b[Aa] (?!{_LIKE_CONSONANTS})[aeiouAEIOU]\w+": _ARTICLE,
    r"\b[Aa]n (?!hour|honest|honou?r|heir)[bcdfghjklmnpqrstvwxyz]\w+": "“an” before a consonant",
    rf"(?<![\d.,–−×/])\b1 (?:{_COUNTED})\b": "one of a plural",
    r"\b(?:[02-9]|[1-9]\d+) (?:claim|source|quantity|piece|cell|comparison) (?:is|was)\b": (
        "many of a singular"
    ),
    r"\{[\w.!:]*\}": "braces that were not filled",
    r"(?<!\.)\.\.(?!\.)|,[.,;]|;[.,;]| [,;](?= |$)|\.,|\( | \)": "punctuation twice, or astray",
    r"\b(?:[Oo]f|[Tt]he|[Bb]y|[Ww]ith|[Uu]nder)(?=[.,;:](?: |$))": "a sentence that breaks off",
    r"[“‘](?=[”’])": "quotation marks around nothing",
}
_FOUND = {re.compile(rule): what for rule, what in _RULES.items()}
_ENDS = (".", "!", "?", "…", ":", "”", ")")
_OWN = re.compile(r"[\w-]*[._-]\w")


def prose(screen: str) -> Iterator[str]:
    """Yield the paragraphs of a screen, without its title and its tables."""
    said, _, _ = screen.strip("\n").partition("\nConventions (")  # after that a list
    _, *blocks = re.split(r"\n\s*\n", said)
    for block, after in pairwise([*blocks, ""]):
        lines = block.splitlines()
        table = any(re.search(r"─|\S {2,}\S|^\s", line) for line in lines)
        title = "─" in after
        files = any(re.fullmatch(r"\S*[/\\]\S+", line) for line in lines)
        if not (table or title or files) and len(block.split()) >= _LEAST:
            yield " ".join(lines)


def _first(paragraph: str) -> str:
    return re.split(r"\W", paragraph, maxsplit=1)[0]


def ill_made(screen: str, known: str = "") -> Iterator[str]:
    """Yield what is wrong with how the sentences of a screen are put together.

    Parameters
    ----------
    screen : what a command printed
    known : texts of the model itself, which may say anything
    """
    own = " ".join(known.split())
    for paragraph in prose(screen):
        if paragraph[0].islower() and not _OWN.match(paragraph) and _first(paragraph) not in own:
            yield f"a sentence begins with a small letter: {paragraph[:60]}"
        if not paragraph.endswith(_ENDS):
            yield f"a sentence has no end: {paragraph[-60:]}"
        for rule, what in _FOUND.items():
            for found in rule.finditer(paragraph):
                around = paragraph[max(0, found.start() - 25) : found.end() + 25]
                if found[0] not in own and not (what == _ARTICLE and re.search(r"\ba:", own)):
                    yield f"{what}: {around}"
