"""What a comparison says, in sentences: and what it does not say.

An answer that agrees with a cited figure is no proof of it, and an answer too wide to disagree
with anything is no agreement; these sentences stand beside every table of verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from estimates._util.format import number, probability
from estimates.language.phrases import spoken, worded

if TYPE_CHECKING:
    from estimates.analysis.compare.result import Row

#: Up to so many readings are named one by one.
_NAMED = 3
_HALF = 1.3489795003921634  # the middle half of a normal density, in sds

#: By verdict what is said, and the probability that is said with it.
_SAYS: dict[str, tuple[str, Callable[[Row], float | None]]] = {
    "below": ("lies below the cited figure (P(below) {})", lambda row: row.below),
    "consistent": ("is consistent with the cited figure (P(inside) {})", lambda row: row.inside),
    "straddles": (
        "straddles the cited figure: it is neither inside nor on one side",
        lambda row: None,
    ),
    "above": ("lies above the cited figure (P(above) {})", lambda row: row.above),
}


def conclusions(rows: Sequence[Row], pool: str) -> Iterator[str]:
    """Return sentences on one cited figure, from its rows of the comparison."""
    readings = [row for row in rows if row.reading is not None and row.verdict]
    for verdict, (says, side) in _SAYS.items():
        found = [row for row in readings if row.verdict == verdict]
        if found:
            least = probability(min(side(row) or 0.0 for row in found))
            bounds = f"{least} or more" if len(found) > 1 and least[0] != ">" else least
            yield f"{_where(found, readings)} the answer {says.format(bounds)}."
        if verdict == "straddles":
            yield from _too_wide(found)
    whole = [row for row in rows if row.reading is None and row.verdict == "divided"]
    if whole:
        divided = worded("Divided", whole[0].only_just)
        yield (
            f"{divided}: readings that each hold a good part of the weight differ in their "
            "verdict, so there is none for all of them. It matters how the phrases are read."
        )
    yield from _narrowly(rows, readings)
    yield from _reach(readings)
    if pool == "held-out":
        yield "Held out: the cited figure has moved neither the answer nor the weights."
    elif pool == "independent":
        yield "If one believes the cited figure: here it counts as one more, independent, claim."
    elif pool == "redundant":
        yield "If one believes the cited figure: here it says again what the evidence says."
    else:
        yield "If one believes the cited figure: it is admitted in the way that the model declares."


def _narrowly(rows: Sequence[Row], readings: Sequence[Row]) -> Iterator[str]:
    """Yield a sentence on the verdicts that Monte Carlo error could turn."""
    found = [row for row in readings if row.only_just]
    where = [_where(found, readings).rstrip(",")] if found else []
    if any(row.reading is None and row.only_just for row in rows) and len(readings) > 1:
        where.append("over all readings" if where else "Over all readings")
    if where:
        yield (
            f"{' and '.join(where)} the verdict holds only just: two Monte Carlo errors could turn "
            "it, so another run may say otherwise."
        )


def _too_wide(found: Sequence[Row]) -> Iterator[str]:
    """Yield a sentence on answers too wide ever to be consistent, however well centred.

    Half of a normal density lies within 0.674 sd of its centre, so for a range of a factor f no
    answer whose logarithm has an sd above log(f)/1.349 puts half of itself inside: above 0.51
    for a factor of two.
    """
    wide = []
    for row in found:
        spread, low, high = row.log_sd, row.low, row.high
        if spread and low and high and low > 0 and spread > math.log(high / low) / _HALF:
            wide.append((spread, high / low))
    if wide:
        which = "There" if len(wide) == len(found) else f"Under {len(wide)} of these {len(found)}"
        least, most = (number(end(s for s, _ in wide), digits=2) for end in (min, max))
        yield (
            f"{which} it is too uncertain to say: with an sd of its logarithm of "
            f"{least if least == most else f'{least} to {most}'}, an answer cannot be consistent "
            f"with a range that spans a factor of {number(wide[0][1], digits=2)}."
        )


def _reach(readings: Sequence[Row]) -> Iterator[str]:
    """Yield a sentence on the readings that could have given the cited figure."""
    found = [row for row in readings if row.verdict in ("consistent", "straddles")]
    if not found:
        return
    if len(found) > 1:
        which = f"{len(found)} of the {len(readings)}" if len(found) < len(readings) else "all"
        yield (
            f"The range is within reach of {which} readings, and alone cannot choose between them."
        )
    yield "Reaching it proves little: two errors, one up and one down, can cancel."


def _where(found: Sequence[Row], readings: Sequence[Row]) -> str:
    """Return the readings meant, as briefly as tells them apart from the others."""
    if len(readings) == 1:
        return "Here" if not readings[0].reading else "Under the only reading"
    if len(found) == len(readings):
        return "Under every reading"
    chosen = [dict(row.reading or {}) for row in found]
    common = set.intersection(*(set(one.items()) for one in chosen))
    like_them = [row for row in readings if common <= set((row.reading or {}).items())]
    if len(like_them) == len(found) > 1:
        named = [
            f"{spoken(axis)} is {_worded(option)}"
            for axis, option in chosen[0].items()
            if (axis, option) in common
        ]
        return f"Wherever {' and '.join(named)},"
    if len(found) <= _NAMED:
        named = [", ".join(map(_worded, one.values())) for one in chosen]
        single = len(chosen[0]) == 1
        return "Under " + " and ".join(name if single else f"({name})" for name in named)
    return f"Under {len(found)} of the {len(readings)} readings"


def _worded(option: str) -> str:
    """Return an option in words, or several joined where one fit stands for them."""
    return spoken(option).replace("|", " or ")
