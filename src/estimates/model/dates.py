"""Dates as a model has them: a year is its first of July, a month its fifteenth."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass

_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_SPAN = re.compile(r"\s*(some time in\s+)?(\d{4}[-\d]*)(?:\s*(?:to|–|—|/)\s*(\d{4}[-\d]*))?\s*")


@dataclass(frozen=True, slots=True, order=True)
class Date:
    """A date, in years, and how it was written.

    Attributes
    ----------
    years : 2017.5 is the first of July 2017
    text : a year, a year-month or a day
    """

    years: float
    text: str

    @staticmethod
    def of(text: str) -> Date | None:
        """Return the date written as a year, a year-month or a day; None where it is none."""
        found = _DATE.fullmatch(text.strip())
        if not found:
            return None
        year, month, day = int(found[1]), int(found[2] or 7), int(found[3] or 0)
        if not (1 <= month <= 12 and year):
            return None
        days = monthrange(year, month)[1]
        if day > days or (found[3] and not day):
            return None
        day = day or (15 if found[2] else 1)
        return Date(year + (month - 1 + (day - 1) / days) / 12, text.strip())


@dataclass(frozen=True, slots=True)
class When:
    """What a claim's `when:` says: a date, a mean over a span, or one date of a span.

    Attributes
    ----------
    first, last : the same for a date
    unknown : one date that is not known (`some time in 2015 to 2016`)
    """

    first: Date
    last: Date
    unknown: bool = False

    @property
    def span(self) -> bool:
        """Whether it is more than a date."""
        return self.last.years > self.first.years

    @property
    def middle(self) -> float:
        """The middle of the span, in years."""
        return (self.first.years + self.last.years) / 2

    @staticmethod
    def of(text: str) -> When | None:
        """Read `2014`, `2015 to 2016` or `some time in 2015 to 2016`; None where it is no date.

        `some time in 2015` is a date between the first and last day of that year.
        """
        found = _SPAN.fullmatch(text)
        first = Date.of(found[2]) if found else None
        if not found or first is None:
            return None
        last = first if found[3] is None else Date.of(found[3])
        if last is None or last.years < first.years:
            return None
        if not found[1]:
            return When(first, last)
        return When(_start(first), _end(last), True)


def _start(date: Date) -> Date:
    """Return the first day of a year or month."""
    text = date.text + {4: "-01-01", 7: "-01"}.get(len(date.text), "")
    return Date.of(text) or date


def _end(date: Date) -> Date:
    """Return the last day of a year or month."""
    text = date.text
    if len(text) == 4:
        text += "-12-31"
    elif len(text) == 7:
        text += f"-{monthrange(int(text[:4]), int(text[5:]))[1]}"
    return Date.of(text) or date
