"""What would have to be true: the rows of the answer."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Annotated, Literal

from estimates._util.format import cited
from estimates._util.records import Column
from estimates.analysis.apart import told_apart
from estimates.analysis.result import Result
from estimates.language.phrases import called

#: Edges of a range, in the order in which they are reported; `at` is a single value.
type Edge = Literal["low", "centre", "high", "at"]
type Chance = tuple[float | None, float | None]
#: Option by axis.
type Reading = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class QuantityRow:
    """A quantity about which something is told."""

    unit: str
    label: str
    kind: Annotated[str, Column("`basic` or `derived`")]


@dataclass(frozen=True, kw_only=True)
class ReadingRow:
    """How far a reading is from the range, and its weight given the range."""

    reading: Annotated[
        Reading | None, Column("None: all of them together", form="reading", first=1)
    ] = None
    weight: Annotated[float, Column(error="weight_se", form="probability", first=-1)] = 0.0
    weight_se: float = 0.0
    status: Annotated[str, Column("`ok`, or why there is no answer")]
    median: Annotated[
        float | None, Column("of the target", unit="answer.unit", error="median_se", first=3)
    ] = None
    median_se: float | None = None
    surprise: Annotated[
        Mapping[Edge, float | None],
        Column(
            "how far the least surprising values that reach the edge are from the most likely",
            label="{}",
            key="surprise_{}",
            form="sds",
            first=4,
        ),
    ]
    above: Annotated[
        Mapping[Edge, Chance],
        Column(
            "probability of the edge or more",
            key="above_{}",
            error="above_{}_se",
            first=-1,
        ),
    ]
    inside: Annotated[
        float | None,
        Column(
            "probability of the range", "inside", error="inside_se", form="probability", first=5
        ),
    ] = None
    inside_se: float | None = None
    weight_given: Annotated[
        float | None,
        Column(
            "weight given the range",
            "weight then",
            error="weight_given_se",
            form="probability",
            first=6,
        ),
    ] = None
    weight_given_se: float | None = None
    method: Annotated[str | None, Column("`draws` of the fit or `subset simulation`")] = None
    draws: Annotated[int | None, Column("in the range")] = None
    effective: Annotated[float | None, Column("how many independent ones they are worth")] = None
    unpinned: Annotated[str, Column("edges at which something more might be gained")] = ""
    under: Annotated[
        Mapping[Edge, str | None],
        Column("the reading of the least surprise, of all together", form="edges", key="under_{}"),
    ] = field(default_factory=dict)

    @property
    def told_weight(
        self,
    ) -> Annotated[float | None, Column("", "weight", form="probability", first=2)]:
        """The weight of one reading among others: all together, or the only one, have all of it."""
        return self.weight if self.options else None

    @property
    def options(self) -> Reading:
        """The option of each axis; none for all readings together."""
        return self.reading or {}

    @property
    def single(self) -> bool:
        """Whether the row is one reading."""
        return self.reading is not None


@dataclass(frozen=True, kw_only=True)
class LeastRow:
    """A quantity among the least surprising values that reach an edge."""

    reading: Annotated[Reading, Column(form="reading", first=1)]
    edge: Annotated[Edge, Column(form="name", first=2)]
    quantity: Annotated[str, Column(form="name", first=3)]
    unit: str
    value: Annotated[float | None, Column("that it would have to have", unit="unit")]
    median: Annotated[float, Column("of its posterior", unit="unit")]
    most_likely: Annotated[float | None, Column("where the density is greatest", unit="unit")]
    shift_sd: Annotated[
        float | None, Column("from the median", unit="[sd]", error="shift_se", form="signed")
    ]
    shift_se: float | None
    moved_sd: Annotated[
        float | None, Column("from the most likely value", unit="[sd]", form="signed")
    ]

    @property
    def moved(self) -> float:
        """How far the quantity moves, in sds; 0 where that is not known."""
        return abs(self.moved_sd or 0.0)


@dataclass(frozen=True, kw_only=True)
class AloneRow:
    """The value that one quantity would need, with all others at their medians."""

    reading: Annotated[Reading, Column(form="reading", first=1)]
    edge: Annotated[Edge, Column(form="name", first=2)]
    quantity: Annotated[str, Column(form="name", first=3)]
    unit: str
    median: Annotated[float, Column("of its posterior", unit="unit")]
    possible: Annotated[bool, Column("whether some value of it reaches the edge")]
    value: Annotated[float | None, Column(unit="unit", error="value_se")] = None
    value_se: float | None = None
    shift_sd: Annotated[
        float | None, Column("from the median", unit="[sd]", error="shift_se", form="signed")
    ] = None
    shift_se: float | None = None
    share_below: Annotated[
        float | None,
        Column("of its posterior", error="share_below_se", form="probability"),
    ] = None
    share_below_se: float | None = None
    closest: Annotated[
        float | None, Column("that the target comes to the edge, where that is not possible")
    ] = None


@dataclass(frozen=True, kw_only=True)
class GivenRow:
    """A quantity before and given the range."""

    reading: Annotated[
        Reading | None, Column("None: all of them by weight", form="reading", first=1)
    ]
    quantity: Annotated[str, Column(form="name", first=2)]
    unit: str
    median: Annotated[float, Column("before", unit="unit")]
    given_median: Annotated[float, Column("given the range", unit="unit", error="given_se")]
    given_se: float
    given_q05: Annotated[float, Column("", "90 % interval", "unit", to="given_q95")]
    given_q95: Annotated[float, Column(unit="unit")]
    shift_sd: Annotated[
        float | None, Column("of the median", unit="[sd]", error="shift_se", form="signed")
    ]
    shift_se: float | None


@dataclass(frozen=True, kw_only=True)
class OptionRow:
    """The weight of an option before and given the range."""

    axis: Annotated[str, Column("the reading", "phrase", form="phrase")]
    option: Annotated[str, Column(form="option")]
    held: Annotated[bool, Column("whether the weights stay as the model states them")]
    weight: Annotated[float, Column(error="weight_se", form="probability")]
    weight_se: float
    weight_given: Annotated[float, Column(error="weight_given_se", form="probability")]
    weight_given_se: float


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """A point of the line on which two quantities break even."""

    reading: Annotated[Reading, Column(form="reading", first=1)]
    edge: Edge
    x: str
    x_unit: str
    x_value: Annotated[float, Column(unit="x_unit")]
    y: str
    y_unit: str
    y_value: Annotated[float, Column(unit="y_unit", error="y_se")]
    y_se: float | None


@dataclass(frozen=True, kw_only=True)
class Inverse(Result):
    """What would have to be true for a target to lie in a range."""

    target: str
    label: str
    unit: str
    claim: Annotated[str | None, Column("whose figure the range is")]
    low: Annotated[float | None, Column("end of the range; None for an open side", unit="unit")]
    high: Annotated[float | None, Column(unit="unit")]
    levels: Annotated[Mapping[Edge, float], Column("values of the target by edge", unit="unit")]
    quantities: Mapping[str, QuantityRow]
    readings: Annotated[
        tuple[ReadingRow, ...],
        Column(
            label="How surprising it would be to reach the figure, in standard deviations",
            lead=1,
        ),
    ]
    least_surprising: Annotated[
        tuple[LeastRow, ...], Column(label="The least surprising values that reach it")
    ]
    alone: Annotated[
        tuple[AloneRow, ...],
        Column(label="What each quantity would have to be, all others at their medians"),
    ]
    given_range: Annotated[
        tuple[GivenRow, ...], Column(label="What you would believe if the range were right")
    ]
    options: Annotated[tuple[OptionRow, ...], Column(label="How the phrases would then be read")]
    lines: Annotated[tuple[LineRow, ...], Column(first=-1)]

    def named(self, name: str) -> str:
        """Return an edge as a condition, `≥ 100`, or a quantity in words."""
        if name not in self.levels:
            return called(name)
        edge = next(edge for edge in self.levels if edge == name)
        sign = {"low": "≥ ", "high": "≤ "}.get(edge, "")
        return sign + cited(self.levels[edge] * (100 if self.unit == "share" else 1))

    @property
    def ranged(self) -> bool:
        """Whether the question is of a range, not of a single value."""
        return self.low != self.high

    @property
    def ends(self) -> tuple[float, ...]:
        """The ends of the range, each once."""
        return tuple(end for end in dict.fromkeys((self.low, self.high)) if end is not None)

    def bounded(self, words: str) -> str:
        """Return the range in words from its ends: `at most …` where it is open below."""
        if self.low is None:
            return f"at most {words}"
        return f"at least {words}" if self.high is None else words

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges without the centre."""
        return tuple(edge for edge in self.levels if edge != "centre")

    @cached_property
    def answered(self) -> tuple[ReadingRow, ...]:
        """The single readings that have an answer."""
        return tuple(row for row in self.readings if row.single and row.status == "ok")

    @cached_property
    def apart(self) -> tuple[ReadingRow, ...]:
        """The single readings that have an answer, without phrases that make no difference."""
        return tuple(_merged(self.answered))

    def in_order[R](self, rows: tuple[R, ...]) -> tuple[R, ...]:
        """Return rows of readings without phrases that make no difference."""
        readings = [one for one in rows if isinstance(one, ReadingRow)]
        single = [one for one in readings if one.single]
        if not readings or any(one.status != "ok" for one in single):
            return rows
        return (*_merged(single), *(one for one in readings if not one.single))

    def least_of(self, row: ReadingRow) -> list[LeastRow]:
        """Return the rows of basic quantities under a reading, by edge."""
        wanted = row.options.items()
        reading = next(one.reading for one in self.answered if wanted <= one.options.items())
        return [
            one
            for one in self.least_surprising
            if one.reading == reading and self.quantities[one.quantity].kind == "basic"
        ]


def _merged[R: ReadingRow](rows: Sequence[R]) -> list[R]:
    """Return one row for the readings that come to the same, with their weight together."""
    groups = told_apart(rows, _says)
    if not groups:
        return list(rows)
    return [
        replace(
            members[0],
            reading=options,
            weight=math.fsum(row.weight for row in members),
            weight_given=_sum(row.weight_given for row in members),
        )
        for options, members in groups
    ]


def _says(row: ReadingRow) -> tuple[float | None, ...]:
    return (row.median, row.inside, *row.surprise.values())


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else math.fsum(one or 0.0 for one in known)
