"""The kinds of wording, as plain values: what was said, not yet what it means.

A figure keeps the unit of its last significant digit, because "20,000" was said less precisely
than "20,150". How wide each wording is as evidence is none of this floor's business, except for
the vague counts, whose words carry their customary size.

Every wording prints itself canonically, and parses back from that to an equal one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, ClassVar, Self

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

    20,000 has step 10,000; 22,500 has 100; "1.2 million" 100,000; 20.0 has 0.1; 0 has 1.
    """

    value: float
    step: float

    def scaled(self, factor: float) -> "Figure":
        """The same figure in another unit; in decimals, so that 70 % becomes 0.7 exactly."""
        exact = Decimal(repr(factor))
        value, step = Decimal(repr(self.value)) * exact, Decimal(repr(self.step)) * abs(exact)
        return Figure(float(value), float(step))

    def __str__(self) -> str:
        """Digits down to the step and no further, so that value and step can be read back."""
        if self.value.is_integer() and abs(self.value) < _MOST_PLAIN:
            plain = f"{self.value:,.0f}"  # as most figures are: no need of decimals
            if _integer_step(plain) == self.step:
                return plain
        value, step = Decimal(repr(self.value)), Decimal(repr(self.step))
        place = step.adjusted()
        if step != Decimal(1).scaleb(place):  # came from a change of units, never from a text
            return f"{self.value:,.6g}"
        if place >= -_MOST_PLACES and abs(value) < _MOST_PLAIN:
            plain = f"{value:,.{max(-place, 0)}f}"
            if place < 0 or _integer_step(plain) == step:
                return plain
        if not value:
            return f"0e{place}"
        return f"{value:.{max(value.adjusted() - place, 0)}e}".replace("e+", "e")


_MOST_PLACES = 9
_MOST_PLAIN = 10**15


def _integer_step(digits: str) -> int:
    """The unit of the last significant digit of a whole number."""
    bare = digits.replace(",", "").lstrip("-")
    return 10 ** (len(bare) - len(bare.rstrip("0"))) if bare.strip("0") else 1


def unit_suffix(unit: str) -> str:
    """The unit as it follows a number: a bare rate as `/month`."""
    return f" {unit.removeprefix('1') if unit.startswith('1/') else unit}" if unit else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What every wording has: its unit ("" if none, "%" as such) and the text it was read from."""

    kind: ClassVar[str]
    unit: str = ""
    text: str = field(default="", compare=False)

    def scaled(self, factor: float, unit: str) -> Self:
        """The same wording in another unit: every number multiplied by `factor`, above 0."""
        figures: dict[str, Any] = {
            name: value.scaled(factor)
            for name in self.__dataclass_fields__
            if isinstance(value := getattr(self, name), Figure)
        }
        return replace(self, unit=unit, **figures)


@dataclass(frozen=True, slots=True)
class Point(Wording):
    """`20,000 people`, or `around 20,000 people`."""

    kind: ClassVar[str] = "point"
    figure: Figure
    hedged: bool = False

    def __str__(self) -> str:
        return f"{'around ' if self.hedged else ''}{self.figure}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Range(Wording):
    """`around 120 to 150 USD/person/month`, `70 to 80 % @ 90%`; coverage None if not stated."""

    kind: ClassVar[str] = "range"
    low: Figure
    high: Figure
    hedged: bool = False
    coverage: float | None = None

    def __str__(self) -> str:
        hedge = "around " if self.hedged else ""
        stated = ""
        if self.coverage is not None:
            stated = f" @ {(Decimal(repr(self.coverage)) * 100).normalize():f}%"
        return f"{hedge}{self.low} to {self.high}{unit_suffix(self.unit)}{stated}"


@dataclass(frozen=True, slots=True)
class Bound(Wording):
    """`up to 1,000`, `at least 5 %`; soft only for "up to", which context can cancel."""

    kind: ClassVar[str] = "bound"
    figure: Figure
    upper: bool
    soft: bool = False

    def __str__(self) -> str:
        words = ("up to" if self.soft else "at most") if self.upper else "at least"
        return f"{words} {self.figure}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Vague(Wording):
    """`a few thousand CNY/person/month`: about count * multiplier, spread on the log scale.

    `words` is a key of `VAGUE`; the multiplier holds what the words and a "thousand" after them
    amount to.
    """

    kind: ClassVar[str] = "vague"
    words: str
    count: float
    spread: float
    multiplier: float = 1.0

    def scaled(self, factor: float, unit: str) -> Self:
        """The same wording in another unit."""
        return replace(self, unit=unit, multiplier=self.multiplier * factor)

    def __str__(self) -> str:
        times = self.multiplier / VAGUE[self.words][2]
        after = next((f" {word}" for word, power in AFTER_VAGUE.items() if times == power), "")
        if not after and times != 1:  # came from a change of units, never from a text
            after = f" times {times:g}"
        of = " of" if self.unit and self.words not in ("a few", "several") else ""
        return f"{self.words}{after}{of}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Measured(Wording):
    """`28 ± 15`: a value and its standard error, in one unit."""

    kind: ClassVar[str] = "measured"
    value: Figure
    error: Figure

    def __str__(self) -> str:
        return f"{self.value} ± {self.error}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Counted(Wording):
    """`12 of 882`: successes among trials; a share, without a unit."""

    kind: ClassVar[str] = "counted"
    successes: int
    trials: int

    def __str__(self) -> str:
        return f"{self.successes:,} of {self.trials:,}"


@dataclass(frozen=True, slots=True)
class Direction(Wording):
    """`rising` or `falling`."""

    kind: ClassVar[str] = "direction"
    rising: bool

    def __str__(self) -> str:
        return "rising" if self.rising else "falling"


@dataclass(frozen=True, slots=True)
class Disputed(Wording):
    """`lower than claimed` or `higher than claimed`; which claim, the ledger says."""

    kind: ClassVar[str] = "disputed"
    lower: bool

    def __str__(self) -> str:
        return f"{'lower' if self.lower else 'higher'} than claimed"
