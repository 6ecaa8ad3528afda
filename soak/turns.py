"""Turns of phrase that nobody says aloud, and that no screen may print (docs/style.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: Each with what to write instead.
BANNED = {
    r"neither inside nor on one side": "partly inside and partly outside",
    r"\berrs?\b": "is off by; its error is measured on",
    r"\bspar(?:e[sd]?|ing)\b": "avoids, would lower",
    r"\blean(?:s|ed|ing)?\b": "depends on",
    r"\b(?:an?|the|each|every|this|another|no|single|independent) bod(?:y|ies)\b": (
        "a piece of evidence"
    ),
    r"\bha(?:s|ve|d) to be otherwise\b": "would have to change",
    r"\b(?<!number of )(?<!-)(?:people|women|children|guests|workers) (?:is|has|was)\b": (
        "the number of people is"
    ),
    r"\b[Ii]f [\w ]+ (?:is|are) at (?:least|most)\b": "if … is … or more",
    r"\b[Ii]f one\b": "if you",
    r"\bone (?:believes|learned|knows|would believe)\b": "you believe",
    r"\bvariance of log\b": "variance, on the log scale",
    r"\b(?:is|are) no (?:unit|number|width|error|share|address|list)\b": "is not a",
    r"\bstands? (?:under|here)\b": "goes under",
    r"\baddress of the web\b": "web address",
    r"\bsmallest adjusted p\b": "p is, adjusted for",
    r"\bwithin reach of\b": "can reach",
    r"\bLearning (?:number|share|annual|people|workers|guests)\b": "Learning the number",
    r"\bthe claim that carries\b": "the claim that matters most",
    r"\bTo say that it is\b": "Saying now that it is",
    r"\bnothing of the kind\b": "nothing",
    r"\bfrom where the model stands\b": "starting from the model as it is",
    r"\bWherever\b": "Where",
    r"\ba reading left with\b": "that reading keeps a weight of",
    r"\bbe rid of\b": "remove",
    r"\bwhoever\b": "anyone who",
    r"\bis idle\b": "has no effect",
    r"\bnothing rests on\b": "it changes nothing",
    r"\bsays next to nothing\b": "says hardly anything",
    r"\bhardly any draw of the priors is one\b": "almost no draw of the priors",
}
_TURNS = {re.compile(turn): instead for turn, instead in BANNED.items()}


def banned(text: str, quoted: bool = True) -> Iterator[str]:
    """What of a text nobody would say, each with what to write instead.

    Parameters
    ----------
    quoted : whether to look within “…” and ‘…’ too, where others speak
    """
    flat = " ".join(text.split())
    if not quoted:
        flat = re.sub(r"“[^”]*”|‘[^’]*’", "“”", flat)
    for turn, instead in _TURNS.items():
        for found in turn.finditer(flat):
            around = flat[max(0, found.start() - 30) : found.end() + 30]
            yield f"“{around}”: say “{instead}”"
