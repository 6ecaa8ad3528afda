"""What carries the answer: the rows of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from estimates._util.records import Column
from estimates.analysis.result import Result
from estimates.language.phrases import called

type Part = Literal["between readings", "axis", "within"]
type Component = Literal["prior", "claims", "claim", "source", "origin"]
type Unit = Literal["claim", "source", "origin", "speaker"]
type Reading = Mapping[str, str]
_INTERVAL = 2 * 1.6448536269514722  # widths of a 90 % interval in standard errors


@dataclass(frozen=True, kw_only=True)
class Base:
    """The answer with nothing changed."""

    median: Annotated[float | None, Column(error="mcse_median")]
    q05: Annotated[float | None, Column(error="mcse_q05")]
    q95: Annotated[float | None, Column(error="mcse_q95")]
    mcse_median: float | None
    mcse_q05: float | None = None
    mcse_q95: float | None = None


@dataclass(frozen=True, kw_only=True)
class CitedRange:
    """A cited figure about the target, in the target's unit."""

    claim: str
    low: Annotated[float | None, Column("None where a bound leaves it open")]
    high: float | None


@dataclass(frozen=True, kw_only=True)
class ReadingWeight:
    """A reading that the target can be analysed under."""

    reading: Annotated[Reading, Column("by axis the option", form="reading")]
    weight: Annotated[float, Column("after the claims", form="probability")]


@dataclass(frozen=True, kw_only=True)
class TornadoRow:
    """The target's median where a quantity is low and high, or under one option of a reading."""

    reading: Annotated[Reading | None, Column("None for the mixture of all", form="reading")] = None
    quantity: Annotated[str, Column("or the axis of an option", first=-1)]
    option: Annotated[str | None, Column(first=-1)] = None
    unit: Annotated[str, Column("of the quantity")] = ""
    low: Annotated[
        float | None, Column("edge of its lowest tenth", "if below", "unit", first=3)
    ] = None
    high: Annotated[
        float | None, Column("edge of its highest tenth", "if above", "unit", first=5)
    ] = None
    median: Annotated[float, Column("over all draws", unit="answer.unit")]
    median_low: Annotated[
        float,
        Column(
            "in the lowest tenth, or under the option",
            "answer",
            "answer.unit",
            "median_low_se",
            first=4,
        ),
    ]
    median_low_se: float | None
    median_high: Annotated[
        float | None,
        Column("in the highest tenth", "answer", "answer.unit", "median_high_se", first=6),
    ] = None
    median_high_se: float | None = None

    @property
    def what(
        self,
    ) -> Annotated[
        tuple[str, str | None], Column(label="quantity or reading", form="choice", first=1)
    ]:
        """The quantity, or the axis and its option."""
        return (self.quantity, self.option)

    @property
    def width(self) -> float:
        """How far the median is moved."""
        return 0.0 if self.median_high is None else abs(self.median_high - self.median_low)


@dataclass(frozen=True, kw_only=True)
class VarianceRow:
    """A part of the target's variance."""

    part: Part
    name: Annotated[
        str, Column("of the axis; axes may interact, and need not add up", form="phrase")
    ]
    reading: Annotated[Reading | None, Column("that it lies within", form="reading")]
    share: Annotated[float, Column("of the variance", error="share_se", form="share")]
    share_se: float


@dataclass(frozen=True, kw_only=True)
class ShapleyRow:
    """The part of the variance within a reading that comes with a quantity."""

    reading: Annotated[Reading, Column(form="reading", first=1)]
    quantity: Annotated[str, Column(form="name", first=2)]
    share: Annotated[float, Column("Shapley effect", error="share_se", form="share")]
    share_se: float
    unexplained: Annotated[float, Column("what the regression leaves", form="share")]


@dataclass(frozen=True, kw_only=True)
class SobolRow:
    """The share of a quantity in the target's variance under the prior, and its 90 % interval."""

    reading: Annotated[Reading, Column(form="reading", first=1)]
    quantity: Annotated[str, Column(form="name", first=2)]
    first: Annotated[float, Column("of it alone", error="first_se", form="share")]
    first_low: Annotated[float, Column(error="first_se", form="share")]
    first_high: Annotated[float, Column(error="first_se", form="share")]
    total: Annotated[float, Column("with all that it acts with", error="total_se", form="share")]
    total_low: Annotated[float, Column(error="total_se", form="share")]
    total_high: Annotated[float, Column(error="total_se", form="share")]
    note: Annotated[str | None, Column("how it is to be read")]

    @property
    def first_se(self) -> float:
        """The standard error of the first-order index, by its interval."""
        return (self.first_high - self.first_low) / _INTERVAL

    @property
    def total_se(self) -> float:
        """The standard error of the total index, by its interval."""
        return (self.total_high - self.total_low) / _INTERVAL


@dataclass(frozen=True, kw_only=True)
class PowerScalingRow:
    """How much the answer depends on a part of the joint density."""

    component: Component
    name: Annotated[str, Column("of the claim, source or origin", first=-1)]
    psense: Annotated[
        float, Column("distance moved per doubling of its power", error="psense_se", form="number")
    ]
    psense_se: Annotated[float, Column("jackknife over chains")]
    median_up: Annotated[
        float, Column("the median if it counted for a quarter more", "", "answer.unit")
    ]
    pareto_k: Annotated[float | None, Column("of those weights")]
    diagnosis: Annotated[str, Column("in words")]

    @property
    def part(self) -> Annotated[tuple[str, str | None], Column("what it is of", form="part")]:
        """The quantity whose prior it is; else the claim, source or origin."""
        return (self.component, self.name)


@dataclass(frozen=True, kw_only=True)
class WeightShift:
    """The option whose weight changes most."""

    reading: Annotated[str, Column("the axis", form="phrase")]
    option: Annotated[str, Column(form="option")]
    before: Annotated[float, Column(form="probability")]
    after: Annotated[float, Column(form="probability")]

    @property
    def size(self) -> float:
        """How far the weight changes."""
        return abs(self.after - self.before)


@dataclass(frozen=True, kw_only=True)
class LeaveOneOutRow:
    """The answer without a claim, or all claims of a source, origin or speaker."""

    without: Annotated[Unit, Column(first=1)]
    name: Annotated[str, Column(first=2)]
    claims: tuple[str, ...]
    median: Annotated[float | None, Column(error="mcse_median", unit="answer.unit", first=3)]
    q05: Annotated[
        float | None,
        Column("", "90 % interval", "answer.unit", "mcse_q05", "interval", to="q95", first=4),
    ]
    q95: Annotated[float | None, Column(error="mcse_q95")]
    mcse_median: float | None
    mcse_q05: float | None = None
    mcse_q95: float | None = None
    shift: Annotated[
        float | None, Column("of the median", "", "answer.unit", "shift_se", "signed", first=5)
    ]
    shift_se: float | None
    shift_sd: Annotated[
        float | None,
        Column(
            "in posterior sds, of the logarithm of what is positive",
            unit="[sd]",
            error="shift_sd_se",
        ),
    ]
    weights: Annotated[
        Mapping[str, Mapping[str, float]], Column("by axis and option", form="weights")
    ]
    weight_shift: WeightShift | None
    failed: Annotated[tuple[str, ...], Column("why it must not be trusted")]
    pareto_k: Annotated[
        float | None, Column("of the weights, where it was weighed out", optional=True)
    ] = None
    weighed: Annotated[
        bool | None,
        Column(
            "whether it was weighed out of the one fit, not fitted anew; false where only a "
            "refit can tell",
            optional=True,
        ),
    ] = None

    @property
    def answer(self) -> Base:
        """The answer without them."""
        return Base(
            median=self.median,
            q05=self.q05,
            q95=self.q95,
            mcse_median=self.mcse_median,
            mcse_q05=self.mcse_q05,
            mcse_q95=self.mcse_q95,
        )

    @property
    def shift_sd_se(self) -> float | None:
        """The error of the shift in sds."""
        if not self.shift or self.shift_sd is None or self.shift_se is None:
            return None
        return abs(self.shift_sd / self.shift) * self.shift_se

    @property
    def reach(self) -> float:
        """How far leaving out moves the answer: in sds, or in its unit where it has no sd."""
        return abs((self.shift if self.shift_sd is None else self.shift_sd) or 0.0)


@dataclass(frozen=True, kw_only=True)
class RegionRow:
    """A quantity, or an option's weight, where the target is in a region.

    Numbers are None where too few draws are there.
    """

    claim: Annotated[str, Column("the cited figure")]
    region: Literal["inside", "above"]
    probability: Annotated[float, Column("that the target is there", form="probability")]
    effective_draws: float
    quantity: Annotated[str, Column("or the axis of an option", first=-1)]
    option: Annotated[str | None, Column(first=-1)] = None
    unit: str = ""
    median: Annotated[float | None, Column("there", unit="unit")] = None
    median_all: Annotated[float | None, Column("everywhere", unit="unit")] = None
    shift_sd: Annotated[
        float | None, Column("of the median", unit="[sd]", error="shift_sd_se", form="signed")
    ] = None
    shift_sd_se: float | None = None
    distance: Annotated[
        float | None, Column("largest difference of the distribution functions (Kolmogorov)")
    ] = None
    weight: Annotated[float | None, Column("of the option there", form="probability")] = None
    weight_all: Annotated[float | None, Column("of the option everywhere", form="probability")] = (
        None
    )

    @property
    def what(self) -> Annotated[tuple[str, str | None], Column(label="of", form="choice")]:
        """The quantity, or the axis and its option."""
        return (self.quantity, self.option)


@dataclass(frozen=True, kw_only=True)
class BrokenRow:
    """A table that could not be made."""

    part: str
    error: str
    message: str
    seconds: float | None
    run: str


@dataclass(frozen=True, kw_only=True)
class Sensitivity(Result):
    """What a target depends on: quantities, readings, claims, sources."""

    target: str
    label: str
    unit: str
    base: Base
    cited: tuple[CitedRange, ...]
    labels: Annotated[Mapping[str, str], Column("of quantities")]
    readings: tuple[ReadingWeight, ...]
    scale: Annotated[str, Column("`log` where variances are those of logarithms")]
    tornado: Annotated[
        tuple[TornadoRow, ...],
        Column(
            "of the mixture and each reading",
            "The answer if a quantity is in its lowest or highest tenth, or a reading holds",
            lead=1,
        ),
    ]
    variance: Annotated[tuple[VarianceRow, ...], Column(label="Where the variance lies")]
    shapley: Annotated[
        tuple[ShapleyRow, ...],
        Column(
            "by reading, the largest share first",
            "Which quantity the variance within a reading comes with (Shapley effects)",
        ),
    ]
    sobol: Annotated[
        tuple[SobolRow, ...], Column(label="The same under the prior alone (Sobol indices)")
    ]
    power_scaling: Annotated[
        tuple[PowerScalingRow, ...],
        Column(label="How much the answer depends on prior and claims (power-scaling sensitivity)"),
    ]
    leave_one_out: Annotated[
        tuple[LeaveOneOutRow, ...],
        Column("the largest shift first", "What if this were left out", lead=2),
    ]
    region: Annotated[
        tuple[RegionRow, ...], Column(label="What must hold where the answer is there")
    ]
    notes: Annotated[tuple[str, ...], Column("why a table is empty, or to be read with care")]
    broken: Annotated[tuple[BrokenRow, ...], Column(label="What could not be worked out")]

    def named(self, quantity: str) -> str:
        """Return a quantity's label, or its name in words where it has none."""
        return self.labels.get(quantity, called(quantity))

    def at_once[R](self, rows: tuple[R, ...]) -> tuple[R, ...]:
        """Return the rows over all readings: those under single ones look like them."""
        whole = [one for one in rows if isinstance(one, TornadoRow) and one.reading is None]
        return tuple(whole) or rows

    def part(self, component: str, name: str) -> str:
        """Return a part of the joint density in words: the quantity of a prior, or the claim."""
        return self.named(name) if component == "prior" else name

    def parts(self, part: Part) -> list[VarianceRow]:
        """Return the rows of one kind of variance."""
        return [row for row in self.variance if row.part == part]
