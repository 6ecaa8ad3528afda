"""Whether the inference is right on data of which the truth is known: the parts of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from estimates._util.records import Column, Documented


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share with its central 95 % Jeffreys interval; None where there is nothing to share."""

    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Bin:
    """How often an option was the truth, among simulations that gave it about the same weight."""

    weight: Annotated[float, Column("mean")]
    n: int
    share: Annotated[float | None, Column("with its central 95 % Jeffreys interval")]
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """How often an option was the truth, beside the weight that the fits gave it."""

    expected: Annotated[float, Column("mean weight")]
    observed: Annotated[float, Column("share of the simulations in which it was the truth")]
    z: Annotated[
        float | None,
        Column("about standard normal under calibration, where weights are not all near 0 or 1"),
    ]
    bins: Annotated[tuple[Bin, ...], Column("of equal size, in the order of the weights")]


@dataclass(frozen=True, kw_only=True)
class Tested:
    """A test of where the truth ranks among the draws."""

    simulations: Annotated[int, Column("in which it has a rank")]
    p: Annotated[float | None, Column("that uniform ranks are as far off; None of too few")]
    p_adjusted: Annotated[float | None, Column("for all tests together")]
    calibrated: bool | None
    coverage: Annotated[
        dict[str, Share], Column("how often the truth lay in central intervals of each probability")
    ]
    ranks: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Named:
    """A test quantity by its name and label."""

    unit: str
    label: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class QuantityTest(Tested, Named):
    """The calibration of a test quantity."""


@dataclass(frozen=True, kw_only=True)
class ReadingTest(Tested):
    """The calibration of which reading is true."""

    options: dict[str, Reliability]


@dataclass(frozen=True, kw_only=True)
class Calibration(Documented):
    """What simulations say about the calibration of a model."""

    format: int = 1
    model: str
    seed: int
    digest: str
    simulations: int
    failed: Annotated[int, Column("simulations whose fits did not pass their checks")]
    failures: Annotated[dict[str, int], Column("how often each check was not passed")]
    band: Annotated[
        float, Column("probability with which each band holds all of a sound quantity's ranks")
    ]
    calibrated: bool
    quantities: dict[str, QuantityTest]
    readings: dict[str, ReadingTest]

    @property
    def tests(self) -> list[Tested]:
        """The tests of every quantity and reading."""
        return [*self.quantities.values(), *self.readings.values()]
