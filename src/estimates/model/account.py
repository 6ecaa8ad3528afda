"""A model in words: typed rows of everything that it states (made by `describe`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from estimates._util.records import Column, Documented
from estimates.model.conventions import Conventions


@dataclass(frozen=True, kw_only=True)
class Said:
    """A claim as it stands in the ledger."""

    claim: Annotated[str, Column("its name", first=1)]
    quote: str
    speaker: Annotated[str, Column(label="said by", first=4)]
    source: Annotated[str, Column("the name of its source")]
    when: str
    says: Annotated[str | None, Column("the quote as a wording", first=2)]
    because: Annotated[str, Column("why no model can use it")]
    note: str
    is_no_evidence: Annotated[
        str, Column("of a total of others, what they add to; of a copy, of which claim")
    ]
    proved: Annotated[
        bool | None,
        Column("whether the quote stands in its source's text, where that is here", optional=True),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Edge:
    """An end of a bound."""

    below: Annotated[float | None, Column(optional=True)] = None
    above: Annotated[float | None, Column(optional=True)] = None

    @property
    def side(self) -> str:
        """The side of the end on which the value is said to lie."""
        return "above" if self.below is None else "below"

    @property
    def at(self) -> float:
        """The end, in the claim's unit."""
        found = self.above if self.below is None else self.below
        assert found is not None
        return found


@dataclass(frozen=True, kw_only=True)
class Taken(Said):
    """A claim as the model takes it: figures in the claim's own unit, the width on its scale."""

    about: Annotated[str, Column("the expression that it is about", form="name", first=3)]
    basis: Annotated[str, Column("how its speaker knows")]
    disputes: str | None
    origin: str | None
    copies: Annotated[tuple[str, ...], Column("other claims that repeat the same datum")]
    unit: str
    percent: Annotated[bool, Column("whether it was said in per cents")]
    tails: str
    pool: Annotated[str | None, Column("how it is admitted when asked, where it is held out")]
    sigma: Annotated[str | None, Column("the width that the claim states itself")]
    coverage: Annotated[
        float | None, Column("the probability with which a range is taken to hold the value")
    ]
    kind: Annotated[
        str,
        Column("of sampling model: `noisy`, `skew`, `yes` (a bound), `count` or `rate`"),
    ]
    scale: str
    centre: float | None
    q05: float | None
    q95: float | None
    bound: Edge | None
    truth: Annotated[float | None, Column("the probability that the speaker of a bound is right")]
    width: Annotated[
        float | None, Column("on the scale, of two the mean; None of a count or of events")
    ]
    width_from: Annotated[Mapping[str, float], Column("the parts of the width, in quadrature")]
    mostly_rounding: bool
    source_kind: Annotated[
        str | None, Column("of the model's kinds of sources, `group.kind`", optional=True)
    ] = None
    scatter: Annotated[
        str | None, Column("its own error, learnt in place of the basis", optional=True)
    ] = None
    means: Annotated[
        Mapping[str, str] | None,
        Column("by option of its own, what it is then about", optional=True),
    ] = None
    use_note: str

    @property
    def body(self) -> str:
        """The name that it shares with claims that repeat the same datum."""
        return self.origin or self.claim

    @property
    def share(self) -> bool:
        """Whether its figures are shown as per cents."""
        return self.percent or self.scale == "logit"


@dataclass(frozen=True, kw_only=True)
class QuantityRow:
    """A basic quantity, and what is known of it before any claim."""

    name: str
    label: str
    unit: str
    prior: Annotated[str, Column("as it is written")]
    family: Annotated[str | None, Column("of a prior that is an interval")]
    value: Annotated[float | None, Column("of a known constant")]
    low: float | None
    high: float | None
    coverage: Annotated[float | None, Column("the probability that the interval holds")]
    note: str


@dataclass(frozen=True, kw_only=True)
class RelationRow:
    """A derived quantity, and what it follows from."""

    name: str
    label: str
    unit: str
    by: Annotated[str | None, Column("the reading that chooses the branch")]
    is_: Annotated[str | None, Column("the expression, where no reading chooses", key="is")]
    branches: Annotated[Mapping[str, str | None], Column("by option the expression, if any")]
    note: str


@dataclass(frozen=True, kw_only=True)
class OptionRow:
    """One way to read what can be read in several."""

    name: str
    weight: float
    because: str


@dataclass(frozen=True, kw_only=True)
class ReadingRow:
    """What can be read in several ways."""

    name: str
    question: str
    update: Annotated[bool, Column("whether the claims move its weights")]
    note: str
    options: tuple[OptionRow, ...]


@dataclass(frozen=True, kw_only=True)
class KindRow:
    """What the claims of one kind of sources have in common."""

    kind: Annotated[str, Column("its group and its name")]
    label: str
    unit: Annotated[str, Column("of the claims of its group")]
    factor: Annotated[str | None, Column("what they see of what there is; of a share, of its odds")]
    source: Annotated[str | None, Column("how far each source differs from the kind")]
    scatter: Annotated[str | None, Column("how far off each claim is by itself")]
    claims: Annotated[tuple[str, ...], Column("that are of the kind")]
    against: Annotated[
        str, Column("what its level is learnt against: claims of other kinds about the same")
    ]
    note: str


@dataclass(frozen=True, kw_only=True)
class CurrencyRow:
    """What one unit of a currency is worth in another."""

    code: str
    rate: float
    base: str
    date: str
    note: str


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """Where claims were published; `url` is empty where it may not be linked to."""

    id: str
    title: str
    author: str
    publisher: str
    published: str
    url: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Account(Documented):
    """Everything that a model states."""

    format: int = 1
    model: str
    title: str
    question: str
    note: str
    digest: str
    seed: int
    targets: tuple[str, ...]
    evidence: tuple[Taken, ...]
    compare: Annotated[tuple[Taken, ...], Column("claims that are held out")]
    unused: Annotated[tuple[Said, ...], Column("claims of the ledger that are not used")]
    quantities: tuple[QuantityRow, ...]
    relations: tuple[RelationRow, ...]
    readings: tuple[ReadingRow, ...]
    own_readings: Annotated[
        tuple[ReadingRow, ...],
        Column("of which every claim has an option of its own"),
    ] = ()
    kinds: Annotated[tuple[KindRow, ...], Column("the kinds of sources")] = ()
    currencies: tuple[CurrencyRow, ...]
    sources: tuple[SourceRow, ...]
    conventions: Conventions

    @cached_property
    def rows(self) -> Mapping[str, QuantityRow | RelationRow]:
        """Every quantity, basic or derived, by name."""
        return {row.name: row for row in self.quantities} | {
            row.name: row for row in self.relations
        }


# --- the declared variants, which `show` adds


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that an option of an axis changes."""

    kind: str
    to: Annotated[str, Column("in words")]


@dataclass(frozen=True, kw_only=True)
class VariantRow:
    """An option of an axis of the multiverse."""

    option: str
    label: str
    because: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class AxisRow:
    """A choice of the analyst that could have been made otherwise."""

    axis: str
    label: str
    base: Annotated[str, Column("the option that is the model as it stands")]
    note: str
    options: tuple[VariantRow, ...]
