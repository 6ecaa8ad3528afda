"""Names that are unknown only because what they name was given the name of another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from estimates.errors import did_you_mean

_MOST_UNKNOWN = 100  # names that are looked at: more will not be listed


def excused(unknown: Iterable[str], known: Iterable[str], dropped: int) -> frozenset[str]:
    """Return unknown names that may stand for something left out because its name was taken.

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
