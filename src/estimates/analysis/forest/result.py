"""The rows of a forest plot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal

from estimates._util.records import Column
from estimates.analysis.result import Result

type Kind = Literal["claim", "held out", "pooled", "next claim"]


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one claim implies, or all of them together."""

    about: Annotated[
        str, Column("what it speaks of, as the model has it", form="name", first=1, once=True)
    ]
    kind: Annotated[Kind, Column("a claim, or what all claims come to", "what")]
    claim: Annotated[str | None, Column("its id")] = None
    speaker: str | None = None
    says: Annotated[str | None, Column("in the words of the ledger")] = None
    median: Annotated[
        float | None, Column("the middle of it", unit="told_unit", error="mcse_median", first=3)
    ] = None
    mcse_median: float | None = None
    q05: Annotated[
        float | None,
        Column("5 in 100 lie below", "90 % interval", "told_unit", to="q95"),
    ] = None
    q95: Annotated[float | None, Column("95 in 100 lie below", "95 %", unit="told_unit")] = None
    at_least: Annotated[
        float | None,
        Column("the limit of a bound from below", "", "told_unit", form="stated"),
    ] = None
    at_most: Annotated[
        float | None,
        Column("the limit of a bound from above", "", "told_unit", form="stated"),
    ] = None
    unit: str
    scale: Annotated[str, Column("on which errors of claims are alike")]

    @property
    def told_unit(self) -> str:
        """The unit to show; what errs in odds is shown as a share."""
        return "share" if self.scale == "logit" else self.unit

    @property
    def low(
        self,
    ) -> Annotated[float | None, Column("", "90 % interval", unit="told_unit", to="high", first=4)]:
        """The lower end of the interval, or the limit of a bound from below."""
        return self.q05 if self.at_least is None else self.at_least

    @property
    def high(self) -> float | None:
        """The upper end of the interval, or the limit of a bound from above."""
        return self.q95 if self.at_most is None else self.at_most

    @property
    def source(self) -> Annotated[str, Column("who implies it", "by", first=2)]:
        """The claim, or what stands in its place beside the claims."""
        if self.claim is None:
            return self.kind
        return f"{self.claim} (held out)" if self.kind == "held out" else self.claim


@dataclass(frozen=True, kw_only=True)
class Forest(Result):
    """Each claim beside what all claims about the same thing come to."""

    lines: Annotated[
        tuple[Line, ...],
        Column("by what they speak of, the claims first", "Each claim by itself", lead=1),
    ]

    def in_order[R](self, rows: tuple[R, ...]) -> tuple[R, ...]:
        """Return the lines with those first that most claims are about, as the sentence says."""
        claims = Counter((one.about, one.unit) for one in self.lines if one.kind == "claim")
        lines = [one for one in rows if isinstance(one, Line)]
        return tuple(sorted(lines, key=lambda one: -claims[one.about, one.unit]))

    def about(self, what: str, unit: str) -> tuple[Line, ...]:
        """Return the lines about one thing in one unit."""
        return tuple(one for one in self.lines if (one.about, one.unit) == (what, unit))

    @property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        """The things that the lines are about, with their units, each once."""
        return tuple(dict.fromkeys((one.about, one.unit) for one in self.lines))
