"""The answer to the inverse question in one sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from estimates._util.format import brief, cited, cited_ends, number
from estimates.analysis.inverse.result import Edge, Inverse, LeastRow, ReadingRow
from estimates.language.labels import the
from estimates.language.phrases import capitalised, cited_range, compared, joined, told, under

#: What moves less than this many sds is not worth a word, and at most so many are named.
_WORTH, _NAMED = 0.25, 3
#: From fewer sds than this it is surprising so: twice out of three nobody is surprised.
_SURPRISES = (
    (1.0, "hardly surprising"),
    (2.0, "somewhat surprising"),
    (3.0, "surprising"),
    (math.inf, "very surprising"),
)
_SAYS = {"low": "at least ", "high": "at most "}


def sentence_of(found: Inverse) -> str:
    """Return what would have to be true, under the reading that weighs most."""
    readings = found.apart
    if not readings:
        return (
            f"There is no answer for {_target(found)} under any reading, so nothing to start from."
        )
    heaviest = max(readings, key=lambda row: row.weight)
    with found.labelled():
        text = _under(found, heaviest, several=len(readings) > 1)
        if len(readings) > 1:
            text += _easiest(found, readings, heaviest)
    return text


def _inside(found: Inverse, row: ReadingRow) -> bool:
    """Return whether the median of a reading is in the range."""
    median = row.median
    if not found.ranged or median is None:
        return False
    above = found.low is None or median >= found.low
    return above and (found.high is None or median <= found.high)


def _nearest(found: Inverse, row: ReadingRow) -> tuple[float, Edge] | None:
    """Return the end with the least surprise under a reading; None where none is reached."""
    known = [(row.surprise[edge], edge) for edge in found.edges]
    reached = [(surprise, edge) for surprise, edge in known if surprise is not None]
    return min(reached, key=lambda pair: pair[0], default=None)


def _under(found: Inverse, row: ReadingRow, *, several: bool) -> str:
    target, unit = _target(found), found.unit
    where = f" {under(row.options.values())}" if several else ""
    if row.median is not None and _inside(found, row):
        return (
            f"Nothing would have to change{where}: {target} is about "
            f"{_median(row, unit)} already, which lies within {range_words(found)}."
        )
    nearest = _nearest(found, row)
    if nearest is None:
        there = f"{range_words(found)}{where}"
        return f"No values of the quantities were found that bring {target} to {there}."
    surprise, edge = nearest
    moved = [
        one
        for one in found.least_of(row)
        # That the target moves is what is asked.
        if one.edge == edge and one.quantity != found.target and one.moved >= _WORTH
    ]
    moved.sort(key=lambda one: -one.moved)
    changes = [_change(found, one.value, one) for one in moved[:_NAMED] if one.value is not None]
    lead = f"For {target} to be {_SAYS.get(edge, '')}{_edge(found, edge)}"
    if not changes:
        return (
            f"{lead}{where}, hardly anything would have to change; that would be "
            f"{_surprising(surprise)}."
        )
    return (
        f"{lead}{where}, the least surprising way is this: {joined(changes)}. That would be "
        f"{_surprising(surprise)}."
    )


def _surprising(sds: float) -> str:
    """`very surprising: 3.4 standard deviations from what priors and claims say`."""
    if sds < 0.05:
        return "no surprise at all"
    word = next(word for most, word in _SURPRISES if sds < most)
    return f"{word}: {sds:.1f} standard deviations from what priors and claims say"


def _target(found: Inverse) -> str:
    return the(found.label, found.unit)


def _median(row: ReadingRow, unit: str) -> str:
    """Return the median of a reading, with as many digits as its table has."""
    times = 100.0 if unit == "share" else 1.0
    error = None if row.median_se is None else times * row.median_se
    return told(number(None if row.median is None else times * row.median, error), unit)


def _edge(found: Inverse, edge: Edge) -> str:
    """Return an end of the range, or the value asked for, as it was cited."""
    return told(cited((100.0 if found.unit == "share" else 1.0) * found.levels[edge]), found.unit)


def _change(found: Inverse, value: float, one: LeastRow) -> str:
    """Return a change in words: `the number of guests would be 65 instead of 20 people`."""
    label = the(found.quantities[one.quantity].label, one.unit)
    return f"{label} would be {_told((value, one.median), one.unit)}"


def _easiest(found: Inverse, readings: Sequence[ReadingRow], heaviest: ReadingRow) -> str:
    """Return a sentence on where the range is reached with less surprise."""
    distances = [(_distance(found, row), row) for row in readings]
    known = [(far, row) for far, row in distances if far is not None]
    own = _distance(found, heaviest)
    if not known or own == 0.0:
        return ""
    least, row = min(known, key=lambda pair: (pair[0], -pair[1].weight))
    if row is heaviest or (own is not None and own - least < 0.1):
        return ""
    how = "nothing would have to change" if least == 0 else f"it would be {_surprising(least)}"
    return f" {capitalised(under(row.options.values()))} {how}."


def _distance(found: Inverse, row: ReadingRow) -> float | None:
    nearest = (0.0, None) if _inside(found, row) else _nearest(found, row)
    return None if nearest is None else nearest[0]


def range_words(found: Inverse) -> str:
    """Return the range that is asked about: `US$100 to 200 million a year`, `at most 5 %`."""
    if found.low is None or found.high is None or found.low == found.high:
        (end,) = cited_ends(*found.ends, factor=100.0 if found.unit == "share" else 1.0)
        return found.bounded(told(end or "", found.unit))
    return cited_range(found.low, found.high, found.unit)


def _told(values: tuple[float, ...], unit: str) -> str:
    """Return values that share a unit, with it in words; a share in per cent."""
    times = 100.0 if unit == "share" else 1.0
    return compared(tuple(brief(times * one) for one in values), unit, " instead of ")
