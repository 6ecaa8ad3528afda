"""What changed between two models, and what that did to the answer: the rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from estimates._util.records import Column
from estimates.analysis.result import Numbers, Result

#: What a change is of.
type Kind = Literal[
    "claim", "cited figure", "source", "quantity", "prior", "unit", "relation", "reading",
    "currency", "dimension", "kind", "convention", "target", "variant", "words",
]  # fmt: skip
type How = Literal["new", "gone", "changed", "renamed"]


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """A change from one model to the other."""

    step: Annotated[
        int | None, Column("the step that it is part of; none where it moves nothing", first=1)
    ] = None
    kind: Annotated[Kind, Column(first=-1)]
    name: Annotated[str, Column(first=-1)]
    how: Annotated[How, Column(first=-1)]
    text: Annotated[str, Column("in words", "change", first=2)]
    before: Annotated[str, Column("as it was written", first=-1)] = ""
    after: Annotated[str, Column("as it is written", first=-1)] = ""
    because: Annotated[str, Column("why it moves nothing", "why it moves nothing", first=-1)] = ""


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """A step from one model to the other: changes that go together, and what they do."""

    step: Annotated[int, Column(label="", first=1)]
    text: Annotated[str, Column("in words", "change", first=2)]
    needs: Annotated[
        tuple[int, ...], Column("the steps without which this one cannot be made")
    ] = ()
    alone: Annotated[
        float | None,
        Column(
            "how the answer moves by this step alone, with those that it needs already made",
            "alone", "answer.unit", "mcse_alone", "signed", first=3,
        ),
    ] = None  # fmt: skip
    mcse_alone: float | None = None
    move: Annotated[
        float | None,
        Column(
            "how it moves by this step after those above it", "in order", "answer.unit",
            "mcse_move", "signed", first=4,
        ),
    ] = None  # fmt: skip
    mcse_move: float | None = None
    answer: Annotated[
        Numbers, Column("after this step and those above it", "answer then", "answer.unit", first=5)
    ]
    noise: Annotated[
        bool, Column("whether both moves are within Monte Carlo error", "within noise")
    ]
    failed: Annotated[tuple[str, ...], Column("why there is no answer to trust")] = ()


@dataclass(frozen=True, kw_only=True)
class TargetRow:
    """A target before and after."""

    target: str
    label: Annotated[str, Column(label="target", first=1)]
    unit: str
    before: Annotated[Numbers, Column(unit="unit", first=2)]
    after: Annotated[Numbers, Column(unit="unit", first=3)]
    difference: Annotated[
        float | None, Column("after − before", "", "unit", "mcse_difference", "signed", first=4)
    ] = None
    mcse_difference: float | None = None
    ratio: Annotated[
        float | None,
        Column("after / before, where both are positive", "factor", form="factor"),
    ] = None


@dataclass(frozen=True, kw_only=True)
class TargetStepRow:
    """How a target moves by a step, alone and in order."""

    target: str
    step: int
    text: Annotated[str, Column("in words", "change")]
    unit: str
    alone: Annotated[float | None, Column("", "", "unit", "mcse_alone", "signed")] = None
    mcse_alone: float | None = None
    move: Annotated[float | None, Column("", "in order", "unit", "mcse_move", "signed")] = None
    mcse_move: float | None = None


@dataclass(frozen=True, kw_only=True)
class Lies:
    """Where an answer lies beside a cited figure; None where that is not cited, or not answered."""

    low: Annotated[float | None, Column(label="cited", unit="unit", to="high")] = None
    high: float | None = None
    below: Annotated[float | None, Column(form="probability")] = None
    inside: Annotated[float | None, Column("or meets a bound", form="probability")] = None
    above: Annotated[float | None, Column(form="probability")] = None
    verdict: str | None = None


@dataclass(frozen=True, kw_only=True)
class CitedRow:
    """A cited figure, held out of both answers, beside each."""

    claim: str
    target: str
    unit: str
    before: Lies
    after: Lies


@dataclass(frozen=True, kw_only=True)
class ReadingRow:
    """A reading's weight, and the headline target under it, before and after."""

    reading: Annotated[Mapping[str, str], Column(form="reading", first=1)]
    weight_before: Annotated[float | None, Column("", "weight before", form="probability")] = None
    weight_after: Annotated[float | None, Column("", "weight after", form="probability")] = None
    before: Annotated[Numbers, Column(unit="answer.unit")]
    after: Annotated[Numbers, Column(unit="answer.unit")]


@dataclass(frozen=True, kw_only=True)
class Diff(Result):
    """What changed between two models, and what that did to the answer."""

    before: Annotated[str, Column("what is compared with")]
    after: Annotated[str, Column("what is compared")]
    digest_before: str
    target: Annotated[str | None, Column("the headline, of the targets that both have")] = None
    label: str = ""
    unit: str = ""
    steps: Annotated[tuple[StepRow, ...], Column(label="Step by step", lead=1)] = ()
    changes: Annotated[tuple[ChangeRow, ...], Column(label="What changed", lead=2)] = ()
    targets: Annotated[tuple[TargetRow, ...], Column(label="Before and after")] = ()
    cited: Annotated[tuple[CitedRow, ...], Column(label="Beside the cited figures")] = ()
    by_target: Annotated[
        tuple[TargetStepRow, ...], Column(label="The other targets, step by step")
    ] = ()
    readings: Annotated[tuple[ReadingRow, ...], Column(label="By reading")] = ()
    together: Annotated[
        float | None,
        Column("what the steps move together beyond the sum of what each moves alone"),
    ] = None
    mcse_together: float | None = None

    @property
    def changed(self) -> bool:
        """Whether anything did, words included."""
        return bool(self.changes)
