"""The first sentence of every answer: one number where there is one, else that it depends.

Said alike by the terminal, the report, notebooks and the README.  Where readings divide, the median
of their mixture leads nowhere: a number that no reading gives would be quoted as if one did.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from estimates._util.format import Interval, median_and_interval, probability, stated
from estimates.language.labels import the
from estimates.language.phrases import capitalised, compared, told

#: A reading with less weight is not named.
LIGHT = 0.005
_DIVIDES = 0.10  # weight of the readings that must be elsewhere
_MIDDLE = 0.674 / 1.645  # from the median to a quartile, over that to an end of the 90 % interval
_NAMED = 4
_SURE = "with a probability of 90 %"


@dataclass(frozen=True)
class UnderReading:
    """A target under one reading, and the weight of that."""

    numbers: Interval
    weight: float


def finding(
    whole: Interval,
    unit: str,
    readings: Sequence[UnderReading],
    label: str = "",
    heard: bool = True,
) -> str:
    """Return what an answer is, in a sentence that can be quoted.

    Parameters
    ----------
    whole : over all readings, by their weights
    unit : as documents write it
    readings : each of them; none, or one, where nothing can be read in two ways
    label : of what is asked for; left out where the sentence is plain without
    heard : whether there is evidence; else the priors alone speak
    """
    heavy = [one for one in readings if one.weight >= LIGHT and one.numbers.median is not None]
    factor = 100.0 if unit == "share" else 1.0
    named = the(label, unit) if label else "the answer"
    if whole.median is None:
        some = f"{_by_reading(heavy, unit, label)}. " if heavy else ""
        said = f"Under some reading nothing is said of {named}, so there is no answer over all."
        return some + said
    median, interval = median_and_interval(whole, factor)
    if whole.q05 == whole.q95:
        one = told(stated(factor * whole.median), unit)
        return f"{capitalised(named)} is {one}{_fixed(whole.median, readings)}."
    if divide(heavy):
        # Where millions become billions, each figure needs its own word.
        figures = _figures(heavy, factor)
        plain = figures in told(figures, unit) and interval in told(interval, unit)
        ends = interval if plain else told(interval, unit)
        return f"{_by_reading(heavy, unit, label)}; over all of them {ends}, {_SURE}."
    between = compared(tuple(interval.split(" to ")), unit, " and ")
    if not label:
        return f"The answer is about {told(median, unit)}; {_SURE} it lies between {between}."
    who = "Taken together, the claims" if heard else "No claim bears on it: the model's own ranges"
    return f"{who} put {named} at about {told(median, unit)}; {_SURE} it lies between {between}."


def _fixed(value: float, readings: Sequence[UnderReading]) -> str:
    """Return by what an answer is one number: the model, or readings of some weight."""
    weight = sum(one.weight for one in readings if one.numbers.q05 == one.numbers.q95 == value)
    if not readings or math.isclose(weight, sum(one.weight for one in readings)):
        return ": the model fixes it"
    return f" with a probability of {probability(weight)}, that of the readings that fix it"


def divide(readings: Sequence[UnderReading]) -> bool:
    """Return whether readings of some weight lie outside the middle half of the heaviest.

    The middle half is read off the 90 % interval, 0.41 of the way to each end as in a normal.
    """
    if len(readings) < 2:
        return False
    heaviest = max(readings, key=lambda one: one.weight).numbers
    middle, low, high = heaviest.median, heaviest.q05, heaviest.q95
    if middle is None or low is None or high is None:
        return False
    below, above = middle - _MIDDLE * (middle - low), middle + _MIDDLE * (high - middle)
    elsewhere = [
        one.weight
        for one in readings
        if one.numbers.median is not None and not below <= one.numbers.median <= above
    ]
    return sum(elsewhere) >= _DIVIDES - 1e-9


def _by_reading(heavy: Sequence[UnderReading], unit: str, label: str) -> str:
    """Return `It depends on what was meant: US$24, 33, 90 … 690 million a year, by reading`."""
    about = f"for {the(label, unit)}, " if label else ""
    return f"It depends on what was meant: {about}{medians(heavy, unit)}, by reading"


def medians(readings: Sequence[UnderReading], unit: str) -> str:
    """Return the medians of readings from the lowest: `US$24, 33, 90 … 690 million a year`."""
    return told(_figures(readings, 100.0 if unit == "share" else 1.0), unit)


def _figures(heavy: Sequence[UnderReading], factor: float) -> str:
    """Return the medians of readings from the lowest: `24, 33, 90 … 690`."""
    ranked = sorted(heavy, key=lambda one: one.numbers.median or 0.0)
    medians = list(dict.fromkeys(median_and_interval(one.numbers, factor)[0] for one in ranked))
    *first, last = _spread(medians)
    if len(medians) > _NAMED:
        return f"{', '.join(first)} … {last}"
    return f"{', '.join(first)} or {last}" if first else last


def _spread(ranked: list[str]) -> list[str]:
    """Return the lowest and the highest, and of what lies between two that are evenly spread."""
    if len(ranked) <= _NAMED:
        return ranked
    return [ranked[round(i * (len(ranked) - 1) / (_NAMED - 1))] for i in range(_NAMED)]
