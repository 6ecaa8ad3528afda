"""The two answers side by side: the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from estimates._util.records import Column
from estimates.analysis.beside import BesideFigure
from estimates.analysis.result import Numbers, Result
from estimates.stats.links import ScaleName

#: What the two sides are called, `base` and `supposed`.
NAMES = ("as it is", "as supposed")
type Kind = Literal[
    "value", "reading", "says", "width", "dropped", "dropped source", "dropped origin"
]


@dataclass(frozen=True, kw_only=True)
class Supposed:
    """One thing that is supposed."""

    kind: Kind
    name: Annotated[str, Column(first=-1)]
    value: float | None = None
    unit: str = ""
    text: Annotated[str, Column("in words")]

    @property
    def dropped(self) -> bool:
        """Whether something is left out."""
        return self.kind in ("dropped", "dropped source", "dropped origin")


@dataclass(frozen=True, kw_only=True)
class TargetRow:
    """A target on both sides, and how they differ."""

    target: Annotated[str, Column(first=-1)]
    label: Annotated[str, Column(label="target", first=1)]
    unit: str
    base: Annotated[Numbers, Column(label=NAMES[0], unit="unit", first=2)]
    supposed: Annotated[Numbers, Column(label=NAMES[1], unit="unit", first=3)]
    held: Annotated[
        Numbers | None,
        Column("as supposed, the weights of the readings as they were", "readings held", "unit"),
    ] = None
    difference: Annotated[
        float | None, Column("supposed − base", "", "unit", "mcse_difference", "signed", first=5)
    ] = None
    mcse_difference: float | None = None
    ratio: Annotated[
        float | None,
        Column(
            "supposed / base, where the target is positive on both sides",
            "change",
            error="mcse_ratio",
            form="factor",
            first=4,
        ),
    ] = None
    mcse_ratio: float | None = None


@dataclass(frozen=True, kw_only=True)
class UnderReading:
    """A reading's weight, and the headline target under it; 0 and None if it is ruled out."""

    weight: Annotated[float, Column(error="se", form="probability")] = 0.0
    se: float = 0.0
    median: Annotated[float | None, Column(error="mcse_median")] = None
    q05: Annotated[
        float | None, Column("", "90 % interval", "", "mcse_q05", "interval", to="q95")
    ] = None
    q95: Annotated[float | None, Column(error="mcse_q95")] = None
    mcse_median: float | None = None
    mcse_q05: float | None = None
    mcse_q95: float | None = None


@dataclass(frozen=True, kw_only=True)
class ReadingRow:
    """A reading on both sides."""

    reading: Annotated[Mapping[str, str], Column(form="reading", first=1)]
    base: Annotated[UnderReading, Column(label=NAMES[0])]
    supposed: Annotated[UnderReading, Column(label=NAMES[1])]


@dataclass(frozen=True, kw_only=True)
class OptionRow:
    """The weight of an option on both sides."""

    reading: Annotated[str, Column(label="phrase", form="phrase", once=True)]
    option: Annotated[str, Column(form="option")]
    base: Annotated[float, Column("", NAMES[0], error="base_se", form="probability")]
    base_se: float
    supposed: Annotated[float, Column("", NAMES[1], error="supposed_se", form="probability")]
    supposed_se: float


@dataclass(frozen=True, kw_only=True)
class Beside(BesideFigure):
    """Where an answer lies beside a cited figure; None where it is silent on that."""

    low: Annotated[float | None, Column(label="cited", to="high", first=1)]
    high: float | None
    below: Annotated[float | None, Column(error="mcse_below", form="probability", first=-1)] = None
    mcse_below: float | None = None
    inside: Annotated[float | None, Column(error="mcse_inside", form="probability", first=-1)] = (
        None
    )
    mcse_inside: float | None = None
    above: Annotated[float | None, Column(error="mcse_above", form="probability", first=-1)] = None
    mcse_above: float | None = None
    verdict: str | None = None
    only_just: Annotated[
        bool | None, Column("whether Monte Carlo error could turn the verdict")
    ] = None

    median: Annotated[float | None, Column("of the answer", first=-1)] = None
    mcse_median: float | None = None
    scale: Annotated[str, Column("on which it is compared", first=-1)] = "identity"

    @property
    def in_factors(self) -> bool:
        """Whether factors of the answer mean something."""
        return self.scale != "identity"


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """A cited figure, held out of both answers, beside each."""

    claim: str
    about: Annotated[str, Column(form="name")]
    unit: str
    base: Annotated[Beside, Column(label=NAMES[0])]
    supposed: Annotated[Beside, Column(label=NAMES[1])]


@dataclass(frozen=True, kw_only=True)
class QuantityRow:
    """How far a basic quantity moved."""

    quantity: Annotated[str, Column(first=-1)]
    label: Annotated[str, Column(label="quantity")]
    unit: str
    is_set: Annotated[bool, Column("whether it was set", key="set")]
    scale: Annotated[ScaleName, Column("that of the shift")]
    base: Annotated[float | None, Column("median", NAMES[0], "unit")]
    supposed: Annotated[float | None, Column("median", NAMES[1], "unit")]
    shift: Annotated[
        float | None, Column("of the mean", unit="[sd]", error="mcse_shift", form="signed")
    ] = None
    mcse_shift: float | None = None

    def beyond(self, least: float) -> bool:
        """Return whether the quantity moved by more than so many sds, and more than chance."""
        if self.shift is None or self.mcse_shift is None:
            return False
        return abs(self.shift) > max(least, 2.0 * self.mcse_shift)


@dataclass(frozen=True)
class Curve:
    """A density per unit of its scale, at places in the target's unit."""

    x: tuple[float, ...]
    height: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Densities:
    """The headline target on both sides; None where a side is silent on it or knows it."""

    target: str
    label: str
    unit: str
    scale: ScaleName
    base: Curve | None
    supposed: Curve | None


@dataclass(frozen=True, kw_only=True)
class WhatIf(Result):
    """The answer if something were otherwise, beside the answer as it is."""

    supposed: Annotated[tuple[Supposed, ...], Column("what is", "What is supposed")]
    targets: Annotated[tuple[TargetRow, ...], Column(label="Median (90 % interval)", lead=1)]
    readings: Annotated[tuple[ReadingRow, ...], Column(label="By reading")]
    options: Annotated[tuple[OptionRow, ...], Column(label="How the phrases are read")]
    comparisons: Annotated[tuple[ComparisonRow, ...], Column(label="Beside the cited figures")]
    quantities: Annotated[
        tuple[QuantityRow, ...],
        Column("those that moved furthest first", "How far each basic quantity moves"),
    ]
    density: Densities
    hold_readings: Annotated[
        bool, Column("whether the weights of the readings stay as they were")
    ] = False

    @property
    def headline(self) -> TargetRow:
        """The first target."""
        return self.targets[0]

    def cited(self, target: str) -> ComparisonRow | None:
        """Return the first figure cited of a target."""
        return next((row for row in self.comparisons if row.about == target), None)
