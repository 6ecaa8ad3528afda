"""The answer in a few numbers, and what moved from one to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass

_ERRORS = 4  # Monte Carlo standard errors of a difference, within which nothing has moved


@dataclass(frozen=True)
class Figure:
    """A number of an answer.

    Attributes
    ----------
    name : what it is, such as `median`
    text : as it is shown, with its unit
    value : None where only the text can be compared
    error : its Monte Carlo standard error, where one is known
    """

    name: str
    text: str
    value: float | None = None
    error: float | None = None


@dataclass(frozen=True)
class Answer:
    """The headline of a report.

    Attributes
    ----------
    target : what was asked for
    figures : the median first
    """

    target: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Moved:
    """A number before and now.

    Attributes
    ----------
    before : as it was shown; "" where there was none
    change : in words, such as `+4.7 %`
    """

    name: str
    before: str
    now: str
    change: str


def moved(before: Answer | None, now: Answer) -> tuple[Moved, ...]:
    """Return each number of an answer beside what it was before."""
    known = (
        {one.name: one for one in before.figures} if before and before.target == now.target else {}
    )
    return tuple(_moved(known.get(one.name), one) for one in now.figures)


def _moved(before: Figure | None, now: Figure) -> Moved:
    if before is None:
        return Moved(now.name, "", now.text, "")
    return Moved(now.name, before.text, now.text, _change(before, now))


def _change(before: Figure, now: Figure) -> str:
    if before.value is None or now.value is None:
        return "" if before.text != now.text else "as before"
    if before.value == now.value:
        return "as before"
    noise = _ERRORS * math.hypot(before.error or 0.0, now.error or 0.0)
    if abs(now.value - before.value) <= noise:
        return "within the noise of the draws"
    if before.value > 0 and now.value > 0:
        return _ratio(now.value / before.value)
    return ""


def _ratio(ratio: float) -> str:
    """`+4.7 %`, or `× 3.2` where that is easier to grasp."""
    if ratio >= 2 or ratio <= 0.5:
        return f"× {ratio:.2g}"
    percent = 100 * (ratio - 1)
    sign = "+" if percent > 0 else "−"
    return f"{sign}{abs(percent):.1f} %" if abs(percent) < 10 else f"{sign}{abs(percent):.0f} %"
