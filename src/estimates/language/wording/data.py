"""Wordings that state their own error, or that are data: `± 15`, `95% CI`, `12 of 882`.

They are taken at their word, whoever says them; `counts` and `stated` read them.
"""

from dataclasses import dataclass
from math import hypot
from typing import ClassVar

from estimates.language.wording.figures import (
    Figure,
    Wording,
    bare,
    stated_coverage,
    unit_suffix,
    with_unit,
)


@dataclass(frozen=True, slots=True)
class Measured(Wording):
    """A value and its standard error in one unit, `28 ± 15`; parts add in quadrature."""

    kind: ClassVar[str] = "measured"
    value: Figure
    error: Figure
    further: tuple[Figure, ...] = ()

    @property
    def sigma(self) -> float:
        """The whole standard error."""
        return hypot(self.error.value, *(part.value for part in self.further))

    def __str__(self) -> str:
        parts = [bare(one, self.unit) for one in (self.value, self.error, *self.further)]
        return f"{' ± '.join(parts)}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Lopsided(Wording):
    """`73.2 +1.9 -1.7`: a value that may lie further off on one side than on the other.

    `up` says how far the truth may lie above the value, `down` how far below: parts in
    quadrature, pairwise; a part that is the same on both sides is in both.
    """

    kind: ClassVar[str] = "lopsided"
    value: Figure
    up: tuple[Figure, ...]
    down: tuple[Figure, ...]

    @property
    def above(self) -> float:
        """How far the truth may lie above the value, as a standard error."""
        return hypot(*(part.value for part in self.up))

    @property
    def below(self) -> float:
        """How far the truth may lie below the value, as a standard error."""
        return hypot(*(part.value for part in self.down))

    def __str__(self) -> str:
        errors = ""
        for one, other in zip(self.up, self.down, strict=True):
            up, down = bare(one, self.unit), bare(other, self.unit)
            errors += f" ± {up}" if up == down else f" +{up} -{down}"
        return f"{bare(self.value, self.unit)}{errors}{unit_suffix(self.unit)}"


@dataclass(frozen=True, slots=True)
class Published(Wording):
    """A value and the interval published with it: `0.72 (95% CI 0.55 to 0.94)`."""

    kind: ClassVar[str] = "published"
    value: Figure
    low: Figure
    high: Figure
    coverage: float
    hedged: bool = False

    def __str__(self) -> str:
        hedge = "around " if self.hedged else ""
        low, high = bare(self.low, self.unit), bare(self.high, self.unit)
        interval = f"({stated_coverage(self.coverage)} CI {low} to {high})"
        return f"{hedge}{with_unit(self.value, self.unit)} {interval}"


@dataclass(frozen=True, slots=True)
class Counted(Wording):
    """Successes among trials, `12 of 882`: a share, without a unit."""

    kind: ClassVar[str] = "counted"
    successes: int
    trials: int

    def __str__(self) -> str:
        return f"{self.successes:,} of {self.trials:,}"


@dataclass(frozen=True, slots=True)
class Events(Wording):
    """Events in an exposure, which has the unit: `31 events in 2,400 person-years`."""

    kind: ClassVar[str] = "events"
    events: int
    exposure: Figure

    def __str__(self) -> str:
        return f"{self.events:,} events in {with_unit(self.exposure, self.unit)}"
