"""The answer beside the cited figures: the rows of the comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from estimates._util.html import line
from estimates._util.records import Column, Documented, plain
from estimates.analysis.beside import BesideFigure
from estimates.analysis.compare.sentences import conclusions, first, overview, weighed
from estimates.language.cells import notebook
from estimates.language.phrases import NameLabels, OptionLabels, Questions, labelling, worded

if TYPE_CHECKING:
    import pandas as pd

#: The ways to admit a cited figure.
POOLS = ("held-out", "independent", "redundant")
_Z90 = 1.6448536269514722  # half an equal-tailed 90 % interval, in normal sds


@dataclass(frozen=True, kw_only=True)
class Ends:
    """A median between the ends of its 90 % interval."""

    q05: float
    median: float
    q95: float


@dataclass(frozen=True, kw_only=True)
class _Beside(BesideFigure):
    """The answer beside one cited figure, in its unit; no numbers where it cannot be computed."""

    claim: Annotated[str, Column("id of the cited figure")]
    reading: Annotated[
        Mapping[str, str] | None, Column("None for all of them, by weight", form="reading", first=1)
    ]
    weight: Annotated[float | None, Column("of the reading", form="probability")]
    low: Annotated[
        float | None,
        Column("end of the cited figure; None where it is open", "cited", "unit", to="high"),
    ]
    high: float | None
    unit: str
    median: Annotated[float | None, Column(error="mcse_median", unit="unit", first=3)] = None
    q05: Annotated[
        float | None,
        Column("", "90 % interval", "unit", "mcse_q05", "interval", to="q95", first=4),
    ] = None
    q95: Annotated[float | None, Column(error="mcse_q95", unit="unit")] = None
    below: Annotated[float | None, Column(error="mcse_below", form="probability", first=-1)] = None
    inside: Annotated[float | None, Column(error="mcse_inside", form="probability", first=-1)] = (
        None
    )
    above: Annotated[float | None, Column(error="mcse_above", form="probability", first=-1)] = None
    mcse_median: float | None = None
    mcse_q05: float | None = None
    mcse_q95: float | None = None
    mcse_below: float | None = None
    mcse_inside: float | None = None
    mcse_above: float | None = None
    ratio: Annotated[
        Ends | None, Column("the answer divided by the cited centre", error="ratio_errors")
    ] = None
    factor_to_edge: Annotated[
        float | None,
        Column("from the median to the nearer end; 1 inside", "to edge", error="factor_error"),
    ] = None
    overlap: Annotated[
        float | None, Column("of the two densities, 1 where they are alike", form="probability")
    ] = None
    conflict_p: Annotated[
        float | None,
        Column("small where the two cannot be the same number", "conflict p", form="probability"),
    ] = None
    verdict: str | None = None
    only_just: Annotated[bool | None, Column("whether Monte Carlo error could turn it")] = None
    difference: Annotated[
        Ends | None, Column("the answer minus the cited centre", error="errors")
    ] = None
    difference_to_edge: Annotated[
        float | None,
        Column("what the median lacks to the nearer end; 0 inside", "to edge", error="mcse_median"),
    ] = None

    @property
    def in_factors(self) -> bool:
        """Whether factors of the answer mean something."""
        return self.factor_to_edge is not None

    @property
    def errors(self) -> Ends:
        """The Monte Carlo errors of the median and the ends."""
        return Ends(
            q05=self.mcse_q05 or 0.0, median=self.mcse_median or 0.0, q95=self.mcse_q95 or 0.0
        )

    @property
    def ratio_errors(self) -> Ends | None:
        """The errors of the ratios: the relative ones of what was divided."""
        if self.ratio is None:
            return None
        return Ends(
            q05=_carried(self.mcse_q05, self.q05, self.ratio.q05),
            median=_carried(self.mcse_median, self.median, self.ratio.median),
            q95=_carried(self.mcse_q95, self.q95, self.ratio.q95),
        )

    @property
    def factor_error(self) -> float | None:
        """The error of the factor to the nearer end: relatively that of the median."""
        if self.factor_to_edge is None or self.mcse_median is None:
            return None
        return _carried(self.mcse_median, self.median, self.factor_to_edge)

    @property
    def says(self) -> Annotated[str, Column(label="verdict", first=10)]:
        """The verdict, and whether it holds only just."""
        return worded(self.verdict, self.only_just) if self.verdict else ""

    @property
    def log_sd(self) -> float | None:
        """The sd of the answer's log, by its 90 % interval; None where it is not positive."""
        if self.q05 is None or self.q95 is None or self.q05 <= 0:
            return None
        return math.log(self.q95 / self.q05) / (2 * _Z90)


@dataclass(frozen=True, kw_only=True)
class _Noted:
    note: Annotated[str | None, Column("why there are no numbers", optional=True)] = None


@dataclass(frozen=True, kw_only=True)
class _Ranged:
    conflict_p_range: Annotated[
        tuple[float, float] | None,
        Column(
            "over the readings, whose opposite conflicts cancel in their mixture",
            form="probability",
        ),
    ]


@dataclass(frozen=True, kw_only=True)
class OneReading(_Noted, _Beside):
    """A comparison under one reading, or over all where there is no other."""


@dataclass(frozen=True, kw_only=True)
class ManyReadings(_Noted, _Ranged, _Beside):
    """A comparison over several readings, by their weights."""


type Row = ManyReadings | OneReading


@dataclass(frozen=True, kw_only=True)
class PhraseRow:
    """How well one way to read a phrase foretells a cited figure, which moves nothing."""

    claim: Annotated[str, Column("id of the cited figure")]
    axis: Annotated[str, Column("the reading", "phrase", form="phrase", first=1, once=True)]
    option: Annotated[str, Column(form="option", first=2)]
    stated: Annotated[float, Column("weight", "stated weight", form="probability", first=3)]
    weight: Annotated[float, Column("by the evidence", "weight", form="probability", first=4)]
    density: Annotated[
        float | None,
        Column(
            "of the figure as stated, foretold under the option: a density on the claim's scale, "
            "or a probability; None where it says nothing",
            "foretold", error="mcse_density", form="number", first=5,
        ),
    ]  # fmt: skip
    mcse_density: float | None
    kind: Annotated[str, Column("`density` or `probability`")]
    scale: str
    if_heard: Annotated[
        float | None,
        Column(
            "weight, if the figure were one more independent claim; it is not",
            "if it were heard", form="probability", first=6,
        ),
    ]  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Comparison(Documented):
    """The answer beside each cited figure, by reading, and over all of them.

    Attributes
    ----------
    comparisons : no rows where no figure is held out
    """

    format: int = 1
    model: str
    pool: Annotated[str, Column("how figures are admitted; `as declared` where they differ")]
    comparisons: tuple[Row, ...]
    phrases: Annotated[
        tuple[PhraseRow, ...],
        Column("ambiguous phrases weighed by held-out figures, which moved nothing"),
    ] = ()
    option_labels: OptionLabels = None
    name_labels: NameLabels = None
    questions: Questions = None

    def of(self, claim: str) -> list[Row]:
        """Return the rows of one cited figure, that over all readings last."""
        return [row for row in self.comparisons if row.claim == claim]

    def told(self, claim: str) -> list[Row]:
        """Return the comparison without the mixture of a single reading, which is that reading."""
        readings = [row for row in self.of(claim) if row.reading is not None]
        return self.of(claim) if len(readings) > 1 else readings

    @property
    def over_all(self) -> list[Row]:
        """The comparison with each cited figure over all readings."""
        return [self.of(claim)[-1] for claim in self.claims]

    @property
    def overview(self) -> str:
        """Where the answer lies beside all cited figures, in a sentence."""
        return overview(self.over_all)

    def weighing(self, claim: str) -> list[PhraseRow]:
        """Return how phrases are weighed by one cited figure."""
        return [row for row in self.phrases if row.claim == claim]

    @property
    def claims(self) -> list[str]:
        """The cited figures."""
        return list(dict.fromkeys(row.claim for row in self.comparisons))

    def conclusions(self, claim: str) -> list[str]:
        """Return what is found on one cited figure, a sentence each."""
        with labelling(self.option_labels, self.name_labels, self.questions):
            return list(conclusions(self.told(claim), self.pool))

    @property
    def findings(self) -> list[str]:
        """The finding on each cited figure, in words, or one that none is held out."""
        with labelling(self.option_labels, self.name_labels, self.questions):
            said = [
                " ".join(
                    [
                        *first(self.told(claim)),
                        *self.conclusions(claim),
                        *weighed(self.weighing(claim)),
                    ]
                )
                for claim in self.claims
            ]
        return said or ["This model sets no cited figure beside its answer (`compare:`)."]

    @property
    def sentence(self) -> str:
        """The findings, in words."""
        return " ".join(self.findings)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`table` by its name, as every answer has its tables."""
        import pandas as pd

        found = {"comparisons": self.table}
        if self.phrases:
            found["phrases"] = pd.DataFrame([plain(row) for row in self.phrases])
        return found

    def __str__(self) -> str:
        return self.sentence

    @property
    def table(self) -> pd.DataFrame:
        """One row a cited figure and reading, and one for the mixture.

        `attrs["units"]` gives the unit of each cited figure.
        """
        import pandas as pd

        frame = pd.DataFrame([_flat(row) for row in self.comparisons])
        frame.attrs["units"] = {row.claim: row.unit for row in self.comparisons}
        frame.attrs["pool"] = self.pool
        return frame

    def _repr_html_(self) -> str:
        shown = [line(self.sentence)]
        with labelling(self.option_labels, self.name_labels, self.questions):
            for claim in self.claims:
                shown.append(notebook(self.told(claim), self, f"Beside {claim}", first=True))
        return "\n".join(shown)


@dataclass(frozen=True, kw_only=True)
class StoredComparison(Documented):
    """A comparison with what was known of its fit, as it is kept."""

    comparison: Comparison
    seed: int
    converged: bool


def _flat(row: Row) -> dict[str, str | float | list[float] | None]:
    """Return a row with a column for each end of a ratio or difference, the reading as text."""
    found = plain(row)
    del found["ratio"], found["difference"]
    found["reading"] = "mixture" if row.reading is None else ", ".join(row.reading.values())
    for kind, ends in (("ratio", row.ratio), ("difference", row.difference)):
        for name, value in (plain(ends) or {}).items():
            found[f"{kind}_{name}"] = value
    return dict(found)


def _carried(error: float | None, of: float | None, to: float) -> float:
    """Return the error of a multiple of a number, from the number's own."""
    return abs(to / of) * (error or 0.0) if of else error or 0.0
