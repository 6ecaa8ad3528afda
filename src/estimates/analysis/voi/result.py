"""What it would be worth to know: the rows of the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

from estimates._util.records import Column
from estimates.analysis.result import Result

type Kind = Literal[
    "quantity", "reading", "derived", "group", "speaker", "source", "readings", "quantities"
]
#: Facts that stand alone.
SINGLE = ("quantity", "reading")


class Known(NamedTuple):
    """A value with its Monte Carlo error."""

    value: float
    se: float

    @property
    def beyond_chance(self) -> bool:
        """Whether the value is more than two of its standard errors."""
        return self.value > 2 * self.se


def known(value: float | None, se: float | None) -> Known | None:
    """Return a value with its error; None where there is no value."""
    return None if value is None else Known(value, se or 0.0)


@dataclass(frozen=True, kw_only=True)
class FactRow:
    """A fact that may be learned, and its effect on the estimate and the decision."""

    name: Annotated[str, Column(first=-1)]
    kind: Kind
    label: Annotated[str, Column(label="learned", first=1)]
    unit: str
    learned: Annotated[
        tuple[str, ...], Column("quantities and readings that become known", first=-1)
    ]
    at_least: Annotated[bool, Column("whether more may be removed: not all of it was looked at")]
    share: Annotated[
        float | None,
        Column(
            "of the variance that is removed", "removes", error="share_se", form="share", first=2
        ),
    ] = None
    share_se: float | None = None
    share_own: Annotated[
        float | None,
        Column("the same on the target's own scale", error="share_own_se", form="share"),
    ] = None
    share_own_se: float | None = None
    loss_spared: Annotated[
        float | None,
        Column("expected loss that is avoided", "risk avoided", error="loss_spared_se", first=3),
    ] = None
    loss_spared_se: float | None = None
    claim: Annotated[str | None, Column("the best claim that there is about it")] = None
    share_of_new_claim: Annotated[
        float | None,
        Column(
            "of the variance that one more claim as good as that would remove",
            "new claim",
            error="share_of_new_claim_se",
            form="share",
            first=4,
        ),
    ] = None
    share_of_new_claim_se: float | None = None

    @property
    def removed(self) -> Known | None:
        """The share of the variance that the fact removes."""
        return known(self.share, self.share_se)

    @property
    def spared(self) -> Known | None:
        """The expected loss that the fact spares."""
        return known(self.loss_spared, self.loss_spared_se)


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How far the target is known, and on which scale that is said."""

    scale: Annotated[str, Column("`log` for a target that is positive, else `identity`")]
    sd: Annotated[float | None, Column("on that scale")]
    sd_own: Annotated[float | None, Column("on the target's own scale")]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The decision whether the target is above a threshold, as things stand."""

    threshold: float
    unit: str
    claim: Annotated[str | None, Column("whose end the threshold is")]
    loss: Annotated[str, Column("`probability` or `linear`")]
    loss_unit: str
    loss_false_above: float
    loss_false_below: float
    above: Annotated[float, Column("probability", error="above_se", form="probability")]
    above_se: float
    said: Annotated[str, Column("what costs least to say: `above` or `not above`")]
    evpi: Annotated[
        float | None, Column("loss that perfect information would avoid", error="evpi_se")
    ]
    evpi_se: float | None
    clear: Annotated[bool, Column("whether every draw is on one side")]

    @property
    def plain(self) -> bool:
        """Whether a loss is the probability of being wrong."""
        return self.loss == "probability" and self.loss_false_above == self.loss_false_below == 1


@dataclass(frozen=True, kw_only=True)
class Order:
    """Whether more knowledge came out worth more."""

    comparisons: int
    violations: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ValueOfInformation(Result):
    """What learning each fact would be worth."""

    target: str
    label: str
    unit: str
    estimation: Spread
    decision: Annotated[Judged | None, Column("None without a threshold")]
    facts: Annotated[
        tuple[FactRow, ...],
        Column(
            "those that remove most first",
            "How much of the uncertainty (variance) would go if this were known",
            lead=1,
        ),
    ]
    monotonicity: Order

    def in_order[R](self, rows: tuple[R, ...]) -> tuple[R, ...]:
        """Return the facts that can be found out first; what follows from several comes last."""
        facts = [one for one in rows if isinstance(one, FactRow)]
        return tuple(sorted(facts, key=lambda one: one.kind not in SINGLE))
