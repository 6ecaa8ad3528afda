"""Keys that newcomers write in the wrong place, with the place where they belong.

Also which names are unknown only because the thing they name was given the name of another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from estimates.errors import did_you_mean

NO_ADVICE: Mapping[str, str] = {}

_MOST_UNKNOWN = 100  # names that are looked at: more will not be listed

_ENDS = "write both ends in one line, as in `prior: 50 to 2,000`"
_FOLLOWS = "what follows from others stands under `relations:`"
_QUOTED = "what was said stands in the file of claims; here stands only what the claim is about"
_CLAIM = "this looks like a claim, and claims stand under `claims:`, at the left edge"
_SECTION = "it belongs in the model's own file"

QUANTITY: Mapping[str, str] = {
    **dict.fromkeys(("low", "high", "min", "max", "from", "to", "lower", "upper"), _ENDS),
    **dict.fromkeys(("is", "by"), _FOLLOWS),
    "says": "what somebody said of it is a claim",
}
RELATION: Mapping[str, str] = {
    **dict.fromkeys(
        ("prior", "value"),
        "it follows from other quantities; what has a prior stands under `quantities:`",
    )
}
USE: Mapping[str, str] = dict.fromkeys(("source", "speaker", "quote", "says", "basis"), _QUOTED)
SOURCE: Mapping[str, str] = {
    **dict.fromkeys(("source", "speaker", "quote", "says", "basis"), _CLAIM),
    **dict.fromkeys(("date", "year", "when"), "write `published:`"),
    **dict.fromkeys(("name", "headline"), "write `title:`"),
    **dict.fromkeys(("link", "web"), "write `url:`"),
}
CLAIM: Mapping[str, str] = {
    "unit": "the unit follows the number, as in `says: around 300 people/day`",
    **dict.fromkeys(
        ("about", "scale", "tails", "pool"), "it belongs to the claim in the model's own file"
    ),
    **dict.fromkeys(("date", "year", "published"), "write `when:`"),
    **dict.fromkeys(("value", "number", "figure", "claim"), "write `says:`"),
}
MODEL: Mapping[str, str] = {
    "sources": "sources and claims stand in a file of their own, which `evidence:` names"
}
LEDGER: Mapping[str, str] = dict.fromkeys(
    ("quantities", "relations", "readings", "compare", "targets", "conventions"), _SECTION
)


def excused(unknown: Iterable[str], known: Iterable[str], dropped: int) -> frozenset[str]:
    """The unknown names that may name what was left out because its name was taken.

    At most as many as were left out (`dropped`), the first ones; not what looks like a slip of
    the pen in a known name, unless only the number in it is another (school_1, school_2).
    """
    if not dropped:
        return frozenset()
    alike: dict[str, list[str]] = {}  # by the digits in them
    for one in known:
        alike.setdefault(_digits(one), []).append(one)
    found: list[str] = []
    for one in islice(dict.fromkeys(unknown), _MOST_UNKNOWN):
        if len(found) < dropped and not did_you_mean(one, alike.get(_digits(one), ()), cutoff=0.8):
            found.append(one)
    return frozenset(found)


def _digits(word: str) -> str:
    return re.sub(r"\D", "", word)
