"""What all kinds of wording are made of: figures, units, and the words that have a customary size.

A figure keeps the unit of its last significant digit, because "20,000" was said less precisely
than "20,150".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar, Self

from estimates.language.units import UnitError
from estimates.language.units.words import dictionary
from estimates.language.wording.ratios import in_words, part_sign

#: Between these lies what an interval may be said to hold; 6 standard deviations are 1 - 2e-9.
COVERAGES = (0.05, 1 - 1e-9)

# Customary size of a vague count: (count, spread on the log scale, multiplier).
VAGUE: Mapping[str, tuple[float, float, float]] = {
    "a few": (3.2, 0.35, 1.0),
    "several": (5.0, 0.35, 1.0),
    "dozens": (36.0, 0.5, 1.0),
    "scores": (60.0, 0.5, 1.0),
    "tens": (3.2, 0.7, 1e1),
    "hundreds": (3.2, 0.7, 1e2),
    "thousands": (3.2, 0.7, 1e3),
    "tens of thousands": (3.2, 0.7, 1e4),
    "hundreds of thousands": (3.2, 0.7, 1e5),
    "millions": (3.2, 0.7, 1e6),
    "tens of millions": (3.2, 0.7, 1e7),
    "hundreds of millions": (3.2, 0.7, 1e8),
    "billions": (3.2, 0.7, 1e9),
    "tens of billions": (3.2, 0.7, 1e10),
    "hundreds of billions": (3.2, 0.7, 1e11),
    "trillions": (3.2, 0.7, 1e12),
}
# What may stand after "a few" and "several".
AFTER_VAGUE: Mapping[str, float] = {
    "dozen": 12.0,
    "hundred": 1e2,
    "thousand": 1e3,
    "hundred thousand": 1e5,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
}


class WordingError(ValueError):
    """A wording that cannot be read; `start` and `end` are 0-based offsets of the culprit."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end

    def __reduce__(self) -> tuple[type[Self], tuple[str, int, int]]:
        return type(self), (self.message, self.start, self.end)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as written: its value, and the unit of its last significant digit.

    20,000 has step 10,000; 22,500 has 100; "1.2 million" 100,000; 20.0 has 0.1; 0 has 1; half a
    million has 500,000, a dozen 12, and a third the cell between its neighbours (`ratios`).
    """

    value: float
    step: float
    converted: bool = field(default=False, compare=False)  # to another unit, as nobody wrote it

    def scaled(self, factor: float) -> "Figure":
        """Return the same figure in another unit, by decimals: 70 % becomes 0.7 exactly."""
        exact = Decimal(repr(factor))
        value, step = Decimal(repr(self.value)) * exact, Decimal(repr(self.step)) * abs(exact)
        return Figure(float(value), float(step), converted=True)

    def __str__(self) -> str:
        """Return digits down to the step and no further, so that both can be read back."""
        if self.value.is_integer() and abs(self.value) < _MOST_PLAIN:
            plain = f"{self.value:,.0f}"  # as most figures are: no need of decimals
            if _integer_step(plain) == self.step:
                return plain
        value, step = Decimal(repr(self.value)), Decimal(repr(self.step))
        place = step.adjusted()
        if step != Decimal(1).scaleb(place):
            written = "" if self.converted else in_words(Fraction(value), Fraction(step))
            return written or f"{self.value:,.6g}"
        if place >= -_MOST_PLACES and abs(value) < _MOST_PLAIN:
            plain = f"{value:,.{max(-place, 0)}f}"
            if place < 0 or _integer_step(plain) == step:
                return plain
        if not value:
            return f"0e{place}"
        return f"{value:.{max(value.adjusted() - place, 0)}e}".replace("e+", "e")


_CODE = re.compile("[kMGBT]?[A-Z]{3}")
_POINTED = re.compile(r"[1-9]\d{0,2}\.\d{3}")
_MOST_PLACES = 9
_MOST_PLAIN = 10**15


def _integer_step(digits: str) -> int:
    """Return the unit of the last significant digit of a whole number."""
    bare = digits.replace(",", "").lstrip("-")
    return 10 ** (len(bare) - len(bare.rstrip("0"))) if bare.strip("0") else 1


def unit_suffix(unit: str) -> str:
    """Return the unit as it follows a number: a bare rate as `/month`."""
    return f" {unit.removeprefix('1') if unit.startswith('1/') else unit}" if unit else ""


def grouped(text: str) -> bool:
    """Return whether a number is written as half of the world groups thousands: `1.200`."""
    return _POINTED.fullmatch(text) is not None


def is_counted(unit: str) -> bool:
    """Return whether the numbers of a unit count things, such as people, and have no decimals."""
    if not unit.isidentifier() or _CODE.fullmatch(unit):
        return False  # a rate, a share, money
    try:
        known = dictionary(unit.rpartition("_")[2])
    except UnitError:
        return False
    return known is None or known.dimension == (("[person]", 1),)


def bare(figure: "Figure", unit: str) -> str:
    """Return a figure without its unit; `1.200e0` where `1.200` could be read in two ways."""
    written = str(figure)
    return f"{written}e0" if grouped(written.lstrip("-")) and is_counted(unit) else written


def stated_coverage(coverage: float) -> str:
    """Return a coverage as `95%`, to all its digits."""
    return f"{(Decimal(repr(coverage)) * 100).normalize():f}%"


def with_unit(figure: Figure, unit: str) -> str:
    """Return a figure with its unit: `20,000 people`, `3 cases per 2,400 person-years`."""
    written = bare(figure, unit)
    above, _, below = unit.partition("/")
    count, joint, among = written.partition(" in " if " in " in written else " per ")
    if not (unit and joint):
        return written + unit_suffix(unit)
    if not below:
        return part_sign(Fraction(figure.value)) + unit_suffix(unit)
    return f"{count}{'' if above == '1' else f' {above}'} per {among} {below}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A wording: its unit ("" if none, "%" as such) and the text it was read from."""

    kind: ClassVar[str]
    unit: str = ""
    text: str = field(default="", compare=False)

    def scaled(self, factor: float, unit: str) -> Self:
        """Return the wording in another unit, every number multiplied by `factor` (above 0)."""
        figures: dict[str, Any] = {}
        for name in self.__dataclass_fields__:
            match getattr(self, name):
                case Figure() as figure:
                    figures[name] = figure.scaled(factor)
                case tuple() as several:
                    figures[name] = tuple(figure.scaled(factor) for figure in several)
        return replace(self, unit=unit, **figures)
