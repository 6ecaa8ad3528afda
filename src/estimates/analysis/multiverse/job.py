"""Cells as pieces of work: one set of fits, looked at under one or several weightings.

Weights of readings and redundant pooling leave the fits as they are, so cells that differ in
nothing else share them; every other cell is fitted anew, through the same compiled model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from estimates._util.records import plain, read
from estimates.analysis.compare.cited import Cited, cited
from estimates.analysis.compare.pooling import Pooled, answers, redundant, sides
from estimates.analysis.multiverse.mixture import Ends, Mixed, weighted_ends
from estimates.analysis.multiverse.result import CellVerdict, Pool
from estimates.analysis.multiverse.specifications import Evidence, View
from estimates.analysis.multiverse.verdicts import NEGLIGIBLE, Standing
from estimates.analysis.verdict import Sides, mixed
from estimates.errors import InputError
from estimates.inference.engine import Engine
from estimates.inference.fit_job import draws_kept
from estimates.inference.fitting import Change, Fitted, fit_readings
from estimates.inference.jobs import Job, Workers
from estimates.inference.program import target_text, variable
from estimates.inference.question import Condition, Fit
from estimates.inference.sampling import Sampling
from estimates.model import Model

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Work:
    """Cells that share their fits.

    Attributes
    ----------
    views : one a cell
    target : whose numbers are told; verdicts are on the cited figures that are about it
    detail : whether each reading's own standing is told, for changes of their weights
    """

    evidence: Evidence
    views: tuple[View, ...]
    target: str
    sampling: Sampling
    detail: bool = False


@dataclass(frozen=True)
class Compared:
    """Where the answer stands beside a cited figure, and each reading's own verdict."""

    together: CellVerdict
    readings: tuple[str | None, ...]


@dataclass(frozen=True)
class Read:
    """A reading that differs from others in something.

    Attributes
    ----------
    members : numbers of its combinations
    fit : which its draws come from
    cited : where its answer lies beside each held-out claim; None where it cannot be compared
    """

    members: tuple[int, ...]
    weight: float
    fit: int
    cited: dict[str, Sides | None]


@dataclass(frozen=True)
class Evident:
    """The log evidence of a combination of readings, None where impossible, and its error."""

    log: float | None = None
    se: float = 0.0


@dataclass(frozen=True)
class Found:
    """What came of one cell.

    Attributes
    ----------
    failed : why it must not be trusted, a sentence each; nothing else is then told
    target : its numbers
    weights : of readings, by reading and option
    cited : by held-out claim
    readings : if asked for in detail
    evidence : a combination of readings each, if asked for in detail
    """

    failed: tuple[str, ...] = ()
    target: Ends = field(default_factory=Ends)
    weights: dict[str, dict[str, float]] = field(default_factory=dict)
    cited: dict[str, Compared] = field(default_factory=dict)
    readings: tuple[Read, ...] = ()
    evidence: tuple[Evident, ...] = ()


class _Remembering(Engine):
    """An engine that answers a question that it was asked before as it did then."""

    def __init__(self, engine: Engine) -> None:
        self.__dict__ |= engine.__dict__
        self._answers: dict[tuple[str, Sampling], Fit] = {}

    def ask(self, question: Condition, sampling: Sampling) -> Fit:
        asked = (self.key(question), sampling)
        if asked not in self._answers:
            self._answers[asked] = super().ask(question, sampling)
        return self._answers[asked]


def _run(engine: Engine, work: Work) -> list[Found]:
    # Only where all draws of all readings have room, for else they would be kept here.
    room = draws_kept(engine.model, work.sampling) == work.sampling.draws
    asked = _Remembering(engine) if len(work.views) > 1 and room else engine
    return [_view(asked, work, view) for view in work.views]


def _view(engine: Engine, work: Work, view: View) -> Found:
    evidence = work.evidence
    change = Change(
        without=frozenset(evidence.without),
        admitted=frozenset(evidence.admitted),
        widened=dict(evidence.widths),
    )
    try:
        fitted = fit_readings(
            weighted(engine.model, view.weights),
            sampling=work.sampling,
            change=change,
            ranges=False,
            engine=engine,
            workers=Workers(count=1),
        )
    except InputError as error:  # claims that no draw of the priors allows: a finding, not a fault
        return Found(failed=tuple(fault.message for fault in error.faults))
    if fitted.failed:
        return Found(failed=fitted.failed)
    return _Cell(fitted, work, view).found()


def weighted(model: Model, weights: Mapping[str, Mapping[str, float]]) -> Model:
    """A model with other stated weights of its readings."""
    readings = dict(model.readings)
    for name, stated in weights.items():
        options = {
            option: replace(one, weight=stated[option])
            for option, one in readings[name].options.items()
        }
        readings[name] = replace(readings[name], options=options)
    return replace(model, parts=replace(model.parts, readings=readings))


class _Cell:
    """The numbers of one fitted cell."""

    def __init__(self, fitted: Fitted, work: Work, view: View) -> None:
        self.fitted, self.work, self.view = fitted, work, view
        self.engine, self.model = fitted.engine, fitted.engine.model
        self.weights = fitted.weights.mean
        self.figures: list[Cited] = [
            cited(use, self.model.conventions)
            for use in self.model.uses
            if use.held_out and use.id not in work.evidence.uncompared
        ]
        self.headline = variable(work.target)
        target, said = [], [[] for _ in self.figures]  # type: ignore[var-annotated]
        for reading in fitted.readings:
            values = self.engine.values(fitted.answers[reading.fit].draws.points, reading.choice)
            target.append(values[self.headline])
            for figure, found in zip(self.figures, said, strict=True):
                found.append(answers(self.model, figure.claim, values, reading.choice))
        self.target = Mixed.of(target, fitted)
        self.said = [Mixed.of(found, fitted) for found in said]

    def found(self) -> Found:
        target = self.target.ends()
        compared: dict[str, Compared] = {}
        sides_of: dict[str, tuple[Sides | None, ...]] = {}
        for figure, said in zip(self.figures, self.said, strict=True):
            claim = figure.claim.id
            pooled = self._pooled(figure, said) if claim in self.view.redundant else None
            if pooled is not None:  # undefined where the target is something else
                target = self._pooled_target(figure, pooled)
            if str(figure.claim.about) == self.work.target:
                sides_of[claim] = self._sides(figure, said, pooled)
                standing = Standing(self.model, figure, sides_of[claim])
                compared[claim] = Compared(
                    self._together(self._pool(claim), standing), tuple(standing.verdicts)
                )
        options = {
            axis: {name: option.posterior for name, option in one.items()}
            for axis, one in self.fitted.options.items()
        }
        if not self.work.detail:
            return Found((), target, options, compared)
        readings = tuple(
            Read(one.distinct.members, float(weight), one.fit,
                 {claim: sides[number] for claim, sides in sides_of.items()})
            for number, (one, weight) in enumerate(
                zip(self.fitted.readings, self.weights, strict=True))
        )  # fmt: skip
        return Found((), target, options, compared, readings, self._evidence())

    def _evidence(self) -> tuple[Evident, ...]:
        found = [Evident()] * len(self.model.combinations())
        for reading in self.fitted.readings:
            evidence = self.fitted.answers[reading.fit].evidence
            log = evidence.log if np.isfinite(evidence.log) else None
            for member in reading.distinct.members:
                found[member] = Evident(log, evidence.se)
        return tuple(found)

    def _pooled(self, figure: Cited, said: Mixed) -> list[Pooled | None]:
        """The answer under each reading, the figure saying the same as the evidence once more."""
        # What has to be drawn anew needs a thousand draws that count (`pooling.FEWEST_DRAWS`).
        longer = replace(self.work.sampling, draws=4 * self.work.sampling.draws)
        found: list[Pooled | None] = []
        for reading, values in zip(self.fitted.readings, said.values, strict=True):
            if reading.status != "ok" or np.isnan(values).any():
                found.append(None)
                continue
            question = self.fitted.answers[reading.fit].question
            found.append(redundant(values.ravel(), figure, self._own, question, longer))
        return found

    def _pool(self, claim: str) -> Pool:
        """How the cell takes a cited figure."""
        if claim in self.view.redundant:
            return "redundant"
        return "independent" if claim in self.work.evidence.admitted else "held-out"

    def _own(self) -> Engine:
        return self.engine

    def _sides(
        self, figure: Cited, said: Mixed, pooled: Sequence[Pooled | None] | None
    ) -> tuple[Sides | None, ...]:
        if pooled is not None:
            return tuple(
                None if one is None else sides(one, figure.low, figure.high) for one in pooled
            )
        return tuple(
            said.alone(i).sides(figure) if one.status == "ok" else None
            for i, one in enumerate(self.fitted.readings)
        )

    def _together(self, pool: Pool, standing: Standing) -> CellVerdict:
        if standing.together(self.weights) is None:
            return CellVerdict(pool=pool)
        fits = np.array([reading.fit for reading in self.fitted.readings])
        simulated = self.fitted.weights.simulated
        together = mixed(standing.readings, self.weights, fits, simulated)
        return CellVerdict(
            pool=pool,
            below=together.below,
            inside=together.inside,
            above=together.above,
            below_se=together.below_se,
            above_se=together.above_se,
            verdict=standing.verdict(self.weights, together),
            only_just=standing.only_just(self.weights, simulated, together),
        )

    def _pooled_target(self, figure: Cited, pooled: Sequence[Pooled | None]) -> Ends:
        """The target's numbers where it is what was cited; undefined where it is something else."""
        pairs = list(zip(pooled, self.weights, strict=True))
        if str(figure.claim.about) != target_text(self.headline):
            return Ends()
        if any(one is None and weight >= NEGLIGIBLE for one, weight in pairs):
            return Ends()
        units = self.model.units
        unit = self.model.unit_of(figure.claim.about)
        factor = units.factor(units.parse(figure.claim.unit), unit)
        parts = [(one, weight) for one, weight in pairs if one is not None]
        values = factor * np.concatenate([one.values for one, _ in parts])
        weights = np.concatenate([one.weights * weight for one, weight in parts])
        return weighted_ends(values, weights / weights.sum())


def _encode(found: list[Found]) -> bytes:
    return json.dumps(plain(found), allow_nan=False).encode()


def _decode(content: bytes) -> list[Found]:
    return [read(Found, one) for one in json.loads(content)]


#: Cells that share their fits.
CELLS: Job[Work, list[Found]] = Job(
    kind="multiverse",
    run=_run,
    describe=asdict,
    encode=_encode,
    decode=_decode,
    label=lambda work: f"{len(work.views)} cells" if len(work.views) > 1 else "a cell",
)
