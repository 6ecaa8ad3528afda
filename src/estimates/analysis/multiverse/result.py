"""The answer under every declared way of analysing the same claims: the rows of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from estimates._util.records import Column
from estimates.analysis.result import Result
from estimates.language.phrases import spoken

#: What an answer's place beside a cited figure may come to; the last only over several readings.
VERDICTS = ("below", "straddles", "consistent", "above", "divided")
type Pool = Literal["held-out", "independent", "redundant"]


@dataclass(frozen=True, kw_only=True)
class OptionRow:
    """An alternative to the base."""

    option: str
    label: str
    because: str


@dataclass(frozen=True, kw_only=True)
class AxisRow:
    """A choice: what the model does as it stands, and the alternatives."""

    axis: Annotated[str, Column(first=-1)]
    label: str
    base: str
    options: tuple[OptionRow, ...]


@dataclass(frozen=True, kw_only=True)
class CitedRow:
    """A cited figure about the target."""

    claim: str
    says: str
    low: Annotated[float | None, Column(unit="unit")]
    high: Annotated[float | None, Column(unit="unit")]
    unit: str
    target_low: Annotated[float | None, Column("in the target's unit")]
    target_high: Annotated[float | None, Column("in the target's unit")]


@dataclass(frozen=True, kw_only=True)
class ElsewhereRow:
    """A cited figure about something else."""

    claim: str
    about: Annotated[str, Column(form="name")]


@dataclass(frozen=True, kw_only=True)
class VerdictRow:
    """In how many cells each verdict on a cited figure holds.

    Cells that believe the figure are not counted: an answer agrees with what it was made from.
    """

    claim: str
    counts: Annotated[dict[str, int], Column("cells, by verdict", "{}", form="number")]
    compared: Annotated[int, Column("cells with a verdict")]
    believing: Annotated[int, Column("cells that believe the figure")]
    without: Annotated[int, Column("cells that have no verdict for another reason")]
    only_just: Annotated[int, Column("verdicts that Monte Carlo error may have decided")]


@dataclass(frozen=True, kw_only=True)
class ReadingRow:
    """The number of cells with each verdict, under one reading alone."""

    claim: str
    reading: Annotated[dict[str, str], Column("the option of each reading", form="reading")]
    counts: Annotated[dict[str, int], Column("cells, by verdict", "{}", form="number")]
    without: Annotated[int, Column("cells that have no verdict")]


@dataclass(frozen=True, kw_only=True)
class EffectRow:
    """The effect of an option on the median, in the place of the base."""

    axis: Annotated[str, Column(first=-1)]
    option: Annotated[str, Column(first=-1)]
    measure: Annotated[
        Literal["ratio", "difference"],
        Column("of medians; a ratio where all are above 0", first=-1),
    ]
    effect: Annotated[float | None, Column("over everything else", error="effect_se", first=-1)]
    effect_se: float | None
    least: Annotated[
        float | None,
        Column(
            "over pairs of cells that differ in nothing else",
            "range over other choices",
            to="most",
            first=5,
        ),
    ]
    most: float | None
    pairs: int
    share: Annotated[
        float | None,
        Column(
            "of the variance between cells that the axis alone accounts for",
            "share of the variance",
            form="share",
            first=6,
        ),
    ]

    @property
    def choice(self) -> Annotated[tuple[str, ...], Column(form="choice", first=1)]:
        """The axis and its option."""
        return (self.axis, self.option)

    @property
    def times(
        self,
    ) -> Annotated[float | None, Column("", "median", error="effect_se", form="factor", first=3)]:
        """The ratio of medians; None where medians are told apart by their difference."""
        return self.effect if self.measure == "ratio" else None

    @property
    def by(
        self,
    ) -> Annotated[
        float | None, Column("", "median moves by", error="effect_se", form="signed", first=4)
    ]:
        """The difference of medians; None where they are told apart by their ratio."""
        return self.effect if self.measure == "difference" else None


@dataclass(frozen=True, kw_only=True)
class WeightFlipRow:
    """The smallest change of a reading's stated weight that makes a verdict another.

    None in all that follows the reading where no weight does it.
    """

    claim: str
    reading: Annotated[str, Column(form="phrase")]
    option: Annotated[str | None, Column(form="option")] = None
    weight: Annotated[float | None, Column("as stated", form="probability")] = None
    to: Annotated[
        float | None, Column("at which the verdict becomes another", form="probability")
    ] = None
    odds_factor: Annotated[
        float | None, Column("of the odds between the two", error="odds_factor_se")
    ] = None
    odds_factor_se: float | None = None
    verdict: Annotated[str | None, Column("what it becomes")] = None
    only_just: Annotated[bool | None, Column("whether it is never clear of Monte Carlo error")] = (
        None
    )

    @property
    def size(self) -> float:
        """How far the odds have to go, as a factor above 1; infinite where there is no flip."""
        return _outwards(self.odds_factor)


@dataclass(frozen=True, kw_only=True)
class WidthFlipRow:
    """The smallest factor on the widths of claims that makes a verdict another.

    None in `factor` to `only_just` where there is none among those that were tried.
    """

    claim: str
    widths: Annotated[str | None, Column("of which claim; None for all together")]
    factor: float | None = None
    low: Annotated[float | None, Column("it lies above this, with Monte Carlo error")] = None
    high: Annotated[float | None, Column("and below this")] = None
    verdict: Annotated[str | None, Column("what it becomes")] = None
    only_just: Annotated[
        bool | None, Column("whether it is undecided at either end: then it may lie beyond")
    ] = None
    tried: Annotated[
        tuple[float, float], Column("smallest and largest factor whose fits could be trusted")
    ]
    step: Annotated[float, Column("largest factor between two neighbours that were tried")]

    @property
    def size(self) -> float:
        """How far widths have to go, as a factor above 1; infinite where there is no flip."""
        return _outwards(self.factor)


@dataclass(frozen=True, kw_only=True)
class CellVerdict:
    """Where a cell's answer stands beside a cited figure."""

    pool: Annotated[Pool, Column("how the cell takes the figure")]
    below: Annotated[float | None, Column(error="below_se", form="probability")] = None
    inside: Annotated[float | None, Column(form="probability")] = None
    above: Annotated[float | None, Column(error="above_se", form="probability")] = None
    below_se: float | None = None
    above_se: float | None = None
    verdict: str | None = None
    only_just: Annotated[
        bool | None, Column("whether Monte Carlo error may have decided the verdict")
    ] = None


@dataclass(frozen=True, kw_only=True)
class CellRow:
    """One way of analysing the claims, and its answer: no numbers where its fit failed."""

    cell: int
    base: Annotated[bool, Column("whether it is the model as it stands")]
    options: Annotated[dict[str, str], Column("the option of each axis", form="choices")]
    median: Annotated[
        float | None, Column("of the target", unit="answer.unit", error="mcse_median")
    ]
    q05: Annotated[
        float | None,
        Column("", "90 % interval", "answer.unit", "mcse_q05", "interval", to="q95"),
    ]
    q95: Annotated[float | None, Column(error="mcse_q95")]
    mcse_median: float | None
    mcse_q05: float | None
    mcse_q95: float | None
    weights: Annotated[
        dict[str, dict[str, float]],
        Column("after the evidence, by reading and option", form="weights"),
    ]
    cited: dict[str, CellVerdict]
    failed: Annotated[tuple[str, ...], Column("why it must not be trusted, a sentence each")]

    def verdict(self, claim: str) -> str | None:
        """Return the verdict on a cited figure."""
        standing = self.cited.get(claim)
        return None if standing is None else standing.verdict


@dataclass(frozen=True, kw_only=True)
class Multiverse(Result):
    """The answer under every combination of the model's variants, or a sample of them.

    Evidence is not compared between cells: where claims or widths differ it is of other data.
    """

    target: str
    label: str
    unit: str
    axes: tuple[AxisRow, ...]
    total: Annotated[int, Column("cells of all combinations")]
    fitted: Annotated[int, Column("cells whose fit can be trusted")]
    cited: Annotated[tuple[CitedRow, ...], Column(label="Figures cited of it")]
    cited_elsewhere: Annotated[
        tuple[ElsewhereRow, ...], Column(label="Figures cited of something else")
    ]
    verdicts: Annotated[
        tuple[VerdictRow, ...], Column(label="In how many cells each verdict holds")
    ]
    readings: Annotated[
        tuple[ReadingRow, ...],
        Column("none where there is one reading", "The same under each reading"),
    ]
    effects: Annotated[
        tuple[EffectRow, ...], Column(label="What each choice does to the median", lead=1)
    ]
    width_limit: Annotated[float, Column("largest factor on widths that is tried")]
    weight_flips: Annotated[
        tuple[WeightFlipRow, ...],
        Column(label="The smallest change of a weight that changes the verdict"),
    ]
    width_flips: Annotated[
        tuple[WidthFlipRow, ...],
        Column(label="The smallest factor on the widths of claims that changes the verdict"),
    ]
    cells: Annotated[
        tuple[CellRow, ...], Column("the base is the first", "Every cell: one way to analyse each")
    ]

    def chosen(self, name: str, option: str | None) -> str:
        """Return an option of an axis by their labels: `Widths of the claims: doubled`."""
        axis = next(one for one in self.axes if one.axis == name)
        labels = {one.option: one.label for one in axis.options}
        return f"{axis.label or spoken(name)}: {labels.get(option or '') or spoken(option or '')}"

    def flips(self, claim: str) -> tuple[list[WeightFlipRow], list[WidthFlipRow]]:
        """Return the flips of the verdict on a cited figure."""
        weights = [one for one in self.weight_flips if one.claim == claim]
        return weights, [one for one in self.width_flips if one.claim == claim]


def by_median(cells: Sequence[CellRow]) -> list[CellRow]:
    """Return the cells that have a median, from the smallest."""
    known = [(cell.median, cell.cell, cell) for cell in cells if cell.median is not None]
    return [cell for *_, cell in sorted(known, key=lambda one: one[:2])]


def _outwards(factor: float | None) -> float:
    return float("inf") if factor is None else max(factor, 1 / factor)
