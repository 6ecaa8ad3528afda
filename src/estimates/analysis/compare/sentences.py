"""What a comparison says, in sentences: and what it does not say.

An answer that agrees with a cited figure is no proof of it, and an answer too wide to disagree
with anything is no agreement; these sentences stand beside every table of verdicts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from estimates._util.format import chance, number
from estimates.language.finding import UnderReading, finding
from estimates.language.phrases import (
    capitalised,
    counted,
    joined,
    option_words,
    under,
)

if TYPE_CHECKING:
    from estimates.analysis.compare.result import PhraseRow, Row

#: Up to so many readings are named one by one.
_NAMED = 3
_Z90 = 1.6448536269514722  # half an equal-tailed 90 % interval, in normal sds
_HALF = 1.3489795003921634  # the middle half of a normal density, in sds

#: By verdict what is said first, what is said after another verdict, and with which probability.
_SAYS: dict[str, tuple[str, str, Callable[[Row], float | None]]] = {
    "below": ("lies below the cited figure", "it lies below it", lambda row: row.below),
    "above": ("lies above the cited figure", "it lies above it", lambda row: row.above),
    "consistent": ("fits the cited figure", "it fits it", lambda row: row.inside),
    "straddles": (
        "straddles the cited figure, partly inside and partly outside",
        "it straddles it, partly inside and partly outside",
        lambda row: None,
    ),
}


#: A phrase whose weights the figure would move by more than this is worth a sentence.
_WORTH_SAYING = 0.10


def weighed(rows: Sequence[PhraseRow]) -> Iterator[str]:
    """Yield a sentence for each phrase that a figure which moved nothing would weigh otherwise."""
    for axis in dict.fromkeys(row.axis for row in rows):
        options = [row for row in rows if row.axis == axis]
        if any(one.if_heard is None for one in options):
            continue
        best = max(options, key=lambda one: (one.if_heard or 0.0) - one.weight)
        if (best.if_heard or 0.0) - best.weight > _WORTH_SAYING:
            meant = f"“{option_words(best.option)}” is what was meant"
            yield (
                f"The figure fits best if {meant}: "
                f"were it evidence, that reading would weigh {chance(best.if_heard)} instead "
                f"of {chance(best.weight)}. It is none."
            )


def first(rows: Sequence[Row]) -> Iterator[str]:
    """Yield what the answer is, before it is compared: one number, or one for each reading."""
    readings = [row for row in rows if row.reading is not None]
    whole = next((row for row in rows if row.reading is None), None) or next(iter(readings), None)
    if whole is not None and whole.median is not None:
        each = [UnderReading(row, row.weight or 0.0) for row in readings]
        yield finding(whole, whole.unit, each)


#: By verdict what is said of several figures at once.
_BESIDE = {
    "consistent": "fits {}",
    "below": "lies below {}",
    "above": "lies above {}",
    "straddles": "lies partly inside and partly outside {}",
    "divided": "depends on what was meant beside {}",
}


#: So many figures with the same verdict are told by name.
_NAMED = 3


def overview(rows: Sequence[Row]) -> str:
    """Return where the answer lies beside each of several figures, a row each, in a sentence."""
    said = [
        words.format(joined(claims) if len(claims) <= _NAMED else f"{len(claims)} of them")
        for verdict, words in _BESIDE.items()
        if (claims := [row.claim for row in rows if row.verdict == verdict])
    ]
    unknown = [row.claim for row in rows if not row.verdict]
    told = "; it ".join(said)
    lacking = f" There is no answer beside {joined(unknown)}." if unknown else ""
    return (
        f"Of {counted(len(rows), 'cited figure')}, the answer {told}.{lacking}"
        if said
        else lacking.strip()
    )


def conclusions(rows: Sequence[Row], pool: str) -> Iterator[str]:
    """Return sentences on one cited figure, from its rows of the comparison."""
    readings = [row for row in rows if row.reading is not None and row.verdict]
    if readings:
        yield "; ".join(_verdicts(readings)) + "."
    yield from _too_wide([row for row in readings if row.verdict == "straddles"], readings)
    whole = [row for row in rows if row.reading is None and row.verdict == "divided"]
    if whole:
        just = ", but only just" if whole[0].only_just else ""
        yield (
            f"The verdict is divided{just}: readings that carry real weight disagree, so there is "
            "no verdict over all of them. What matters is how the phrases are meant."
        )
    yield from _narrowly(rows, readings)
    yield from _reach(readings)
    yield _POOLED.get(pool, "If you believe the cited figure: it counts as the model declares.")


_POOLED = {
    "held-out": "Held out: the cited figure has moved neither the answer nor the weights.",
    "independent": "If you believe the cited figure: here it counts as one more piece of evidence.",
    "redundant": "If you believe the cited figure: here it repeats what the evidence says.",
}


def _verdicts(readings: Sequence[Row]) -> Iterator[str]:
    """`Where wage is gross, the answer lies below the cited figure (probability 0.97 or more)`."""
    begun = False
    for verdict, (says, after, side) in _SAYS.items():
        found = [row for row in readings if row.verdict == verdict]
        if not found:
            continue
        where = _where(found, readings)
        said = f"{where[:1].lower()}{where[1:]} {after}" if begun else f"{where} the answer {says}"
        chances = [chance for row in found if (chance := side(row)) is not None]
        if chances:
            least = _chance(min(chances), several=len(found) > 1)
            said += f" ({'' if begun else 'probability '}{least})"
        yield said.strip().replace("Here the", "The", 1)
        begun = True


def _chance(least: float, *, several: bool) -> str:
    """`0.93`, `0.93 or more` over several readings, `more than 0.99`."""
    said = chance(least)
    return f"{said} or more" if several and said[0].isdigit() else said


def _narrowly(rows: Sequence[Row], readings: Sequence[Row]) -> Iterator[str]:
    """Yield a sentence on the verdicts that Monte Carlo error could turn."""
    found = [row for row in readings if row.only_just]
    where = [_where(found, readings)] if found else []
    if any(row.reading is None and row.only_just for row in rows) and len(readings) > 1:
        where.append("over all readings" if where else "Over all readings")
    if where:
        yield (
            f"{' and '.join(where)} the verdict holds only just: it lies within two Monte Carlo "
            "errors of another, so a second run may say otherwise."
        )


def _too_wide(found: Sequence[Row], readings: Sequence[Row]) -> Iterator[str]:
    """Yield a sentence on answers too wide ever to be consistent, however well centred.

    Half of a normal density lies within 0.674 sd of its centre, so for a range of a factor f no
    answer whose logarithm has an sd above log(f)/1.349 puts half of itself inside: above 0.51
    for a factor of two.
    """
    wide = []
    for row in found:
        spread, low, high = row.log_sd, row.low, row.high
        if spread and low and high and low > 0 and spread > math.log(high / low) / _HALF:
            wide.append((math.exp(2 * _Z90 * spread), high / low))
    if wide:
        which = f"Under {len(wide)} of these {len(found)} it"
        if len(wide) == len(found):
            which = "It" if len(found) == len(readings) else "There it"
        least, most = (number(end(s for s, _ in wide), digits=2) for end in (min, max))
        yield (
            f"{which} is too wide to fit: its 90 % interval spans a factor of "
            f"{least if least == most else f'{least} to {most}'}, the cited range one of only "
            f"{number(wide[0][1], digits=2)}."
        )


def _reach(readings: Sequence[Row]) -> Iterator[str]:
    """Yield a sentence on the readings that could have given the cited figure."""
    found = [row for row in readings if row.verdict in ("consistent", "straddles")]
    if not found:
        return
    if len(found) > 1:
        which = f"{len(found)} of the {len(readings)}" if len(found) < len(readings) else "all the"
        yield (
            f"{capitalised(which)} readings can reach the cited figure, so it cannot tell which of "
            "them is meant."
        )
    yield "That the two meet proves little: errors in opposite directions can cancel out."


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
        return capitalised(under(o for axis, o in chosen[0].items() if (axis, o) in common))
    if len(found) <= _NAMED:
        named = [under(one.values()).removeprefix("under ") for one in chosen]
        return f"Under {joined(named)}"
    return f"Under {len(found)} of the {len(readings)} readings"
