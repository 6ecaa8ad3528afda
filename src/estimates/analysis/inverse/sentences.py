"""The answer to the inverse question in one sentence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from estimates.language.phrases import compared, spoken

type Row = Mapping[str, Any]

#: What moves less than this many sds is not worth a word, and at most so many are named.
_WORTH, _NAMED = 0.25, 3
_SAYS = {"low": "at least ", "high": "at most ", "at": "", "centre": ""}


def sentence(document: Row) -> str:
    """What would have to be true, under the reading that weighs most."""
    readings = [r for r in document["readings"] if r["reading"] is not None and r["status"] == "ok"]
    if not readings:
        return f"Under no reading is there a posterior of {document['label']} to start from."
    heaviest = max(readings, key=lambda row: row["weight"])
    text = _under(document, heaviest, several=len(readings) > 1)
    if len(readings) > 1:
        text += _easiest(document, readings, heaviest)
    return text


def nearest_edge(document: Row, row: Row) -> str | None:
    """The edge that is least surprising under a reading; "" inside the range, None out of reach."""
    low, high, median = document["low"], document["high"], row["median"]
    if low != high and median is not None:
        above = low is None or median >= low
        if above and (high is None or median <= high):
            return ""
    edges = [edge for edge in document["levels"] if edge != "centre"]
    found = {e: row[f"surprise_{e}"] for e in edges if row[f"surprise_{e}"] is not None}
    return min(found, key=lambda edge: found[edge], default=None)


def _under(document: Row, row: Row, *, several: bool) -> str:
    target, unit = document["label"], document["unit"]
    where = f" where {_named(row['reading'])}" if several else ""
    edge = nearest_edge(document, row)
    if edge == "":
        return (
            f"Nothing has to be otherwise{where}: {target} is expected at "
            f"{_told(row['median'], unit)}, within {_range(document)}."
        )
    if edge is None:
        return f"No values of the quantities bring {target} to {_range(document)}{where}."
    level = document["levels"][edge]
    moved = [
        one
        for one in document["least_surprising"]
        if one["reading"] == row["reading"]
        and one["edge"] == edge
        and one["quantity"] != document["target"]  # that it moves is what is asked
        and document["quantities"][one["quantity"]]["kind"] == "basic"
        and one["moved_sd"] is not None
        and abs(one["moved_sd"]) >= _WORTH
    ]
    moved.sort(key=lambda one: -abs(one["moved_sd"]))
    changes = [_change(document, one) for one in moved[:_NAMED]]
    surprise = row[f"surprise_{edge}"]
    lead = f"For {target} to be {_SAYS[edge]}{_told(level, unit, 4)}"
    tail = (
        f"{surprise:.1f} standard deviations from what prior and claims say"
        if surprise >= 0.05
        else "no surprise at all"
    )
    if not changes:
        return f"{lead}{where}, hardly anything would have to be otherwise: {tail}."
    return f"{lead}{where}, the least surprising way takes {_joined(changes)}: {tail}."


def _change(document: Row, one: Row) -> str:
    """`65,000 instead of 19,900 people (workers in China)`."""
    label = document["quantities"][one["quantity"]]["label"]
    return f"{_told((one['value'], one['median']), one['unit'])} ({label})"


def _easiest(document: Row, readings: Sequence[Row], heaviest: Row) -> str:
    """Where the range is reached with less surprise."""
    distances = [(_distance(document, row), row) for row in readings]
    known = [(far, row) for far, row in distances if far is not None]
    own = _distance(document, heaviest)
    if not known or own == 0.0:
        return ""
    least, row = min(known, key=lambda pair: (pair[0], -pair[1]["weight"]))
    if row is heaviest or (own is not None and own - least < 0.1):
        return ""
    how = "nothing has to be otherwise" if least == 0 else f"{least:.1f} are enough"
    return f" Where {_named(row['reading'])}, {how}."


def _distance(document: Row, row: Row) -> float | None:
    edge = nearest_edge(document, row)
    return 0.0 if edge == "" else None if edge is None else row[f"surprise_{edge}"]


def _named(reading: Mapping[str, str]) -> str:
    return _joined(
        [
            f"{spoken(axis)} is {spoken(option).replace('|', ' or ')}"
            for axis, option in reading.items()
        ]
    )


def _range(document: Row) -> str:
    low, high, unit = document["low"], document["high"], document["unit"]
    if low is None:
        return f"at most {_told(high, unit, 4)}"
    if high is None:
        return f"at least {_told(low, unit, 4)}"
    if low == high:
        return _told(low, unit, 4)
    return _told((low, high), unit, 4, between=" to ")


def _told(
    value: float | tuple[float, ...], unit: str, digits: int = 3, between: str = " instead of "
) -> str:
    """Values that share a unit, with it in words; a share in per cent."""
    values = value if isinstance(value, tuple) else (value,)
    times = 100.0 if unit == "share" else 1.0
    return compared(tuple(rounded(times * one, digits) for one in values), unit, between)


def _joined(words: Sequence[str]) -> str:
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last


def rounded(value: float, digits: int = 3) -> str:
    """Two or three significant digits, in words that a reader can quote."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    size = math.floor(math.log10(abs(value)))
    if size >= 9 or size < -4:
        return f"{value:.{digits - 1}e}"
    shown = f"{round(value, digits - 1 - size):,.{max(0, digits - 1 - size)}f}"
    return (shown.rstrip("0").rstrip(".") if "." in shown else shown).replace("-", "−")
