"""Which claims cannot both be right: the rows of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from estimates._util.records import Column
from estimates.analysis.result import Result

type Against = Literal[
    "the other evidence",
    "the other evidence and the prior",
    "the prior",
    "a fixed value",
    "the answer",
]
EVIDENCE: Final = "the other evidence"
PARTLY: Final = "the other evidence and the prior"
PRIOR: Final = "the prior"
KNOWN: Final = "a fixed value"  # of a claim about what the model takes as known
ANSWER: Final = "the answer"  # of a figure that is held out

type Kind = Literal["reading", "count", "statement"]
type Hearing = Literal["", "as logic has it", "as people mean it"]
type Lies = Literal["above", "below"]

type FamilyName = Literal["bodies", "claims", "claims against a prior"]
type Method = Literal["draws", "weighted draws", "importance refit", "normal tail"]
DRAWS: Final = "draws"
#: Adjusted p below which two bodies are said to be in conflict.
LEVEL = 0.05
#: Above this Pareto k̂ not even means by weights are good (Vehtari et al. 2024, JMLR 25:72).
ROUGH = 0.7
WEIGHTED: Final = "weighted draws"  # of the one fit, the body weighed out of it
IMPORTANCE: Final = "importance refit"
NORMAL: Final = "normal tail"

#: A conflict under a reading lighter than this, before and after the claims, is not worth a word.
_LIGHT = 0.01


@dataclass(frozen=True, kw_only=True)
class About:
    """The value that is compared."""

    about: Annotated[str, Column("what is claimed of, as the model has it", "written", first=-1)]
    label: Annotated[str, Column(label="about", first=2)]
    unit: str
    scale: Annotated[str, Column("on which the two are compared: `identity`, `log` or `logit`")]
    kind: Annotated[Kind, Column("`statement` for a bound or a direction")]

    @property
    def told_unit(self) -> str:
        """The unit to show; what errs in odds is shown as a share."""
        return "share" if self.scale == "logit" else self.unit


@dataclass(frozen=True, kw_only=True)
class Grounded:
    """What the other side of a comparison depends on."""

    against: Annotated[Against, Column("what it is compared with", "against")]
    prior_of: Annotated[str, Column("basic quantities that no other claim informs", form="names")]
    learned: Annotated[
        float | None, Column("of the prior's variance that other claims remove", form="share")
    ]


@dataclass(frozen=True, kw_only=True)
class Middle:
    """An answer in short; None where it is not defined."""

    median: Annotated[
        float | None, Column(error="mcse_median", unit="answer.target_unit", first=2)
    ] = None
    q05: Annotated[
        float | None,
        Column(
            "", "90 % interval", "answer.target_unit", "mcse_q05", "interval", to="q95", first=3
        ),
    ] = None
    q95: Annotated[float | None, Column(error="mcse_q95")] = None
    mcse_median: float | None = None
    mcse_q05: float | None = None
    mcse_q95: float | None = None


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The two partial posteriors in numbers; those of a statement are its limit."""

    body_q05: Annotated[float | None, Column("", "it says", "told_unit", to="body_q95")]
    body_median: Annotated[float | None, Column(label="it says, median", unit="told_unit")]
    body_q95: float | None
    limit: Annotated[float | None, Column(unit="told_unit")]
    rest_q05: Annotated[float | None, Column("", "the rest says", "told_unit", to="rest_q95")]
    rest_median: Annotated[float | None, Column(label="the rest says, median", unit="told_unit")]
    rest_q95: float | None

    @property
    def rest(self) -> Middle:
        """The rest's median and interval."""
        return Middle(median=self.rest_median, q05=self.rest_q05, q95=self.rest_q95)


@dataclass(frozen=True, kw_only=True)
class Distance:
    """How far two sides lie apart."""

    p: Annotated[float | None, Column("two-sided", error="mcse_p", form="p")]
    log10_p: Annotated[float | None, Column("where a float does not hold p")]
    mcse_p: Annotated[float | None, Column("None where a tail is extrapolated")]
    z: Annotated[
        float | None,
        Column("what p is worth in standard errors: positive where it lies above", form="sds"),
    ]
    lies: Annotated[
        Lies | None, Column("above or below the rest; None where readings differ in that", first=3)
    ]


@dataclass(frozen=True, kw_only=True)
class Measured(Distance):
    """The distance of two sides that always exist."""

    p: Annotated[float, Column("two-sided", error="mcse_p", form="p")]


@dataclass(frozen=True, kw_only=True)
class _Body:
    body: Annotated[str, Column("the origin, or the claim's id", "evidence", first=1)]


@dataclass(frozen=True, kw_only=True)
class _Claims:
    claims: str


@dataclass(frozen=True, kw_only=True)
class _Under:
    under: Annotated[str, Column('the options of the readings, "" for all', form="under")]
    weight: Annotated[float, Column("of these readings", form="probability")]
    weight_without: Annotated[float, Column("the same without this evidence", form="probability")]


@dataclass(frozen=True, kw_only=True)
class _Claim:
    claim: Annotated[str, Column(first=1)]
    body: str
    source: str
    speaker: str


@dataclass(frozen=True, kw_only=True)
class _Held:
    held_out: bool


@dataclass(frozen=True, kw_only=True)
class Rest:
    """How the rest was found."""

    k_hat: Annotated[
        float | None,
        Column(
            "Pareto k̂ of the weights by which this evidence was left out of the one fit; None "
            "where "
            "they have no tail, or that was not tried",
            "k̂", form="number",
        ),
    ]  # fmt: skip
    refitted: Annotated[bool, Column("whether the rest was fitted anew without it")]


@dataclass(frozen=True, kw_only=True)
class SplitRow(Rest, Measured, Sides, Grounded, _Claims, About, _Body):
    """A body of evidence against the rest, all readings by weight."""

    p_adjusted: Annotated[float, Column(label="adjusted p", form="p", first=4)]
    conflict: bool
    spoken: Annotated[
        float, Column("weight of the readings under which it says something", form="probability")
    ]
    method: Method

    @property
    def curve(self) -> str:
        """The key of its densities among the curves."""
        return self.body


@dataclass(frozen=True, kw_only=True)
class SplitUnderReading(Rest, Measured, Sides, Grounded, _Under, About, _Body):
    """A body of evidence against the rest, under readings for which it is the same."""

    p_adjusted: Annotated[float, Column(label="adjusted p", form="p", first=4)]
    conflict: bool
    method: Method

    @property
    def curve(self) -> str:
        """The key of its densities among the curves."""
        return f"{self.body} under {self.under}" if self.under else self.body

    @property
    def worth_saying(self) -> bool:
        """Whether it is a conflict under a reading that has weight, or had it without the body.

        A conflict takes weight from the reading that has it, so that the weight afterwards alone
        would hide what should be said.
        """
        return self.conflict and max(self.weight, self.weight_without) >= _LIGHT


@dataclass(frozen=True, kw_only=True)
class _Two:
    first: Annotated[str, Column(first=1)]
    second: Annotated[str, Column(first=2)]
    about: Annotated[str, Column(first=-1)]
    label: Annotated[str, Column(label="about")]
    under: Annotated[str, Column('the options of the readings, "" for all', form="under")]
    weight: Annotated[float, Column("of these readings", form="probability")]


@dataclass(frozen=True, kw_only=True)
class PairRow(Measured, _Two):
    """Two bodies about one thing, head to head."""

    lies: Annotated[Lies | None, Column("of the first", key="first_lies")]
    p_adjusted: Annotated[float, Column(label="adjusted p", form="p", first=4)]
    conflict: bool


@dataclass(frozen=True, kw_only=True)
class ClaimRow(Rest, Distance, Grounded, _Held, About, _Claim):
    """A claim beside its prediction by the rest, or a held-out figure beside the answer."""

    p_adjusted: Annotated[
        float | None, Column("None for a figure that is held out", "adjusted p", form="p", first=2)
    ]
    lowest_p: Annotated[float | None, Column("under any reading", form="p")]
    lowest_under: Annotated[str, Column(form="under")]
    method: Method | Literal[""]


@dataclass(frozen=True, kw_only=True)
class Family:
    """The comparisons over which p are adjusted."""

    of: FamilyName
    under: Annotated[str, Column(form="under")]
    comparisons: int
    tests: Annotated[int, Column("comparisons, those counted once that are the same")]


@dataclass(frozen=True, kw_only=True)
class _Out:
    without: Annotated[str, Column('the evidence that is left out, "" for none', first=-1)] = ""
    claims: str = ""
    under: Annotated[str, Column(form="under")]


@dataclass(frozen=True, kw_only=True)
class WithoutRow(Middle, _Out):
    """The effect of leaving out a body."""

    smallest_p_adjusted: Annotated[
        float | None,
        Column("of the others; a bound if few are judged", "smallest p left", form="p", first=4),
    ] = None
    judged: Annotated[int, Column("of the others")] = 0
    others: int = 0
    resolves: Annotated[bool, Column(label="resolved", first=5)] = False

    @property
    def left_out(self) -> Annotated[str, Column(label="without", first=1)]:
        """The body that is left out, or "" for none."""
        return self.without or "nothing"


@dataclass(frozen=True, kw_only=True)
class SetRow:
    """Several claims as one body of evidence, against all the rest."""

    body: Annotated[str, Column("the claims, or origins", first=1)]
    under: Annotated[str, Column('the options of the readings, "" for all', form="under", first=2)]
    weight: Annotated[float, Column("of these readings", form="probability", first=5)]
    weight_without: Annotated[float, Column("the same without the set", form="probability")]
    things: Annotated[int, Column("what the set and the rest are compared on", form="number")]
    aside: Annotated[str, Column("of these those that name no figure, and are not compared")]
    against: Annotated[Against, Column("what it is compared with", "against")]
    prior_of: Annotated[str, Column("basic quantities that no other claim informs", form="names")]
    p: Annotated[float, Column("that they differ by nothing", error="mcse_p", form="p", first=3)]
    log10_p: Annotated[float | None, Column("where a float does not hold p")]
    mcse_p: Annotated[float | None, Column("None where a tail is extrapolated")]
    z: Annotated[float | None, Column("what p is worth", form="sds", first=4)]
    method: Method


@dataclass(frozen=True, kw_only=True)
class _Thing(Sides):
    label: Annotated[str, Column("what is spoken of", "about", first=2)]
    unit: str
    scale: str

    @property
    def told_unit(self) -> str:
        """Its unit; what errs in odds is told as a share."""
        return "share" if self.scale == "logit" else self.unit


@dataclass(frozen=True, kw_only=True)
class ThingRow(_Thing):
    """One of the things that a set speaks of: by the set, and by the rest."""

    body: str
    under: Annotated[str, Column(form="under")]
    claims: Annotated[str, Column("that speak of it", first=1)]


@dataclass(frozen=True, kw_only=True)
class SpeakerRow(_Thing):
    """Whether what one speaker says can all be meant, by the words alone."""

    speaker: Annotated[str, Column(first=1)]
    hearing: Annotated[Hearing, Column("of bounds; empty where there are none", "bounds")]
    claims: Annotated[str, Column("of the speaker, held-out ones included")]
    p: Annotated[float, Column("the smallest, Holm-adjusted", form="p", first=3)]
    can_be_meant: Annotated[bool, Column("under some reading", "can be meant", first=4)]
    under: Annotated[str, Column("that reading", form="under")]
    readings: int
    meant_under: Annotated[int, Column("readings under which all can be meant")]
    claim: Annotated[str, Column("the furthest from the others there")]
    prior_of: Annotated[str, Column("what is known from a prior alone there", form="names")]


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Both partial posteriors on a grid, each per unit of the scale.

    A statement has no density: `body` then is the probability that it would be made.
    """

    x: Annotated[tuple[float | None, ...], Column("in the claim's unit")]
    rest: tuple[float, ...]
    body: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Conflict(Result):
    """Which bodies of evidence contradict each other, and what leaving one out would do."""

    level: Annotated[float, Column("adjusted p below which there is a conflict")]
    bodies: int
    smallest_p_adjusted: float | None
    conflicts: int
    families: Annotated[
        tuple[Family, ...],
        Column("over how many comparisons p is adjusted, of all readings first", first=-1),
    ]
    target: str
    target_unit: str
    splits: Annotated[
        tuple[SplitRow, ...],
        Column("the smallest p first", "Each piece of evidence against all the rest", lead=2),
    ]
    splits_by_reading: Annotated[
        tuple[SplitUnderReading, ...], Column(label="The same under each reading")
    ]
    pairs: Annotated[
        tuple[PairRow, ...],
        Column("the smallest p first", "Two pieces of evidence about one thing, by themselves"),
    ]
    claims: Annotated[
        tuple[ClaimRow, ...],
        Column(label="Each claim against what the rest would have predicted"),
    ]
    without: Annotated[
        tuple[WithoutRow, ...],
        Column(
            "where there is a conflict; first with nothing left out",
            "The answer if a piece of evidence were left out",
            lead=1,
        ),
    ]
    agreeing: Annotated[int, Column("not left out because they agree with the rest")]
    not_tried: Annotated[int, Column("not left out, being too many")]
    densities: Annotated[Mapping[str, Curves], Column("by piece of evidence, and by reading")]
    speakers: Annotated[tuple[SpeakerRow, ...], Column(label="By words alone", lead=5)] = ()
    sets: Annotated[
        tuple[SetRow, ...], Column(label="Several claims taken together, against the rest", lead=3)
    ] = ()
    things: Annotated[tuple[ThingRow, ...], Column(label="They, and the rest", lead=4)] = ()

    @property
    def unit(self) -> str:
        """The unit of the target."""
        return self.target_unit
