"""Whether a model foretells the claims that were kept from it: the rows of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from estimates._util.records import Column
from estimates.analysis.result import Result
from estimates.language.phrases import called

type By = Literal["all", "latest", "kind", "label"]
_CALLED = {"all": "all that were left out", "latest": "the latest of those that go together"}
type Verdict = Literal["too sure", "not sure enough", "no sign of being too sure", "cannot tell"]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How often claims lay in the central intervals that were foretold of them."""

    n: Annotated[int, Column("claims", "claims", form="number", first=2)]
    inside_80: Annotated[
        float, Column("of them in the central 80 %", "in 80 %", form="share", first=3)
    ]
    band_80_low: Annotated[
        float,
        Column(
            "where 95 in 100 such shares lie if the model is right",
            "if right", form="share", to="band_80_high", first=4,
        ),
    ]  # fmt: skip
    band_80_high: float
    inside_90: Annotated[
        float, Column("of them in the central 90 %", "in 90 %", form="share", first=5)
    ]
    band_90_low: Annotated[
        float, Column("the same", "if right", form="share", to="band_90_high", first=6)
    ]
    band_90_high: float
    below: Annotated[float, Column("of them below the central 90 %", form="share", first=7)]
    above: Annotated[float, Column("of them above it", form="share", first=8)]


@dataclass(frozen=True, kw_only=True)
class Errors:
    """How far claims lay from the middle of what was foretold: claim less prediction.

    Bounds and directions have none.  None where none has an error, or scales differ.
    """

    scale: Annotated[str, Column("on which the errors are, `mixed` where claims differ in it")]
    median_error: Annotated[float | None, Column("on the scale", form="signed")]
    mean_error: Annotated[float | None, Column("on the scale", form="signed")]
    median_absolute_error: Annotated[float | None, Column("on the scale", form="number")]
    median_factor: Annotated[
        float | None, Column("claim over prediction, on a log scale", form="factor", first=9)
    ]
    mean_factor: Annotated[float | None, Column("the same of the mean error", form="factor")]


@dataclass(frozen=True, kw_only=True)
class Group(Errors, Coverage):
    """All that were left out, or those of a kind or about a label."""

    by: By
    name: Annotated[str, Column(first=-1)]

    @property
    def called(self) -> Annotated[str, Column(label="claims of", first=1)]:
        """What it is the group of."""
        return _CALLED.get(self.by) or called(self.name)


@dataclass(frozen=True, kw_only=True)
class Foretold:
    """A claim that was left out, beside what was foretold of it.

    Of a bound or direction what is foretold is what it is about, and it stands beside its limit.
    """

    claim: Annotated[str, Column(first=1)]
    kind: Annotated[str, Column(form="name")]
    labels: Annotated[tuple[str, ...], Column("what it is about", "about", form="names")]
    published: str
    unit: str
    scale: str
    says: str
    figure: Annotated[float | None, Column("that it names", "says", "told_unit", first=2)]
    q05: Annotated[
        float | None,
        Column("of what was foretold", "90 % foretold", "told_unit", to="q95", first=4),
    ]
    q10: float | None
    median: Annotated[float | None, Column("of the same", "foretold", "told_unit", first=3)]
    q90: float | None
    q95: float | None
    place: Annotated[
        float,
        Column(
            "P: the share of what was foretold that lies below; of bounds, counts and events a "
            "random one of those that it may be",
            "P", form="probability", first=5,
        ),
    ]  # fmt: skip
    inside_80: bool
    inside_90: bool
    error: Annotated[float | None, Column("on the scale", form="signed")]
    factor: Annotated[float | None, Column("on a log scale", form="factor")]
    spoken: Annotated[
        float, Column("weight of the readings under which it speaks", form="probability")
    ]

    @property
    def told_unit(self) -> str:
        """Its unit; what errs in odds is told as a share."""
        return "share" if self.scale == "logit" else self.unit


@dataclass(frozen=True, kw_only=True)
class Validation(Result):
    """Whether a model, fitted without some claims, foretells them."""

    rule: Annotated[str, Column("by which claims were left out")]
    left_out: Annotated[int, Column("claims, copies that repeat one another counted once")]
    kept: Annotated[int, Column("claims that the model was fitted to")]
    verdict: Verdict
    p: Annotated[
        float, Column("that so many lie outside if the model is right: two-sided, of both shares")
    ]
    power: Annotated[
        float,
        Column("that a model were found out whose widths are half of what they should be"),
    ]
    groups: Annotated[
        tuple[Group, ...],
        Column("all, then by kind and by label", "How often they lay where they should", lead=1),
    ]
    claims: Annotated[
        tuple[Foretold, ...], Column("the furthest out first", "Each claim that was left out")
    ]

    @property
    def judged(self) -> Group:
        """The claims by which it is judged: of those that depend on each other the latest."""
        latest = [one for one in self.groups if one.by == "latest"]
        return latest[0] if latest else self.groups[0]
