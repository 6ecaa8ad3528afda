"""Cells as pieces of work: one set of fits, looked at under one or several weightings.

Weights of readings and redundant pooling leave the fits as they are, so cells that differ in
nothing else share them; every other cell is fitted anew, through the same compiled model.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from estimates._util.records import plain, read
from estimates.analysis.cited import Cited, cited
from estimates.analysis.compare.pooling import Pooled, redundant, sides
from estimates.analysis.multiverse.mixture import mixture_of, weighted
from estimates.analysis.multiverse.result import CellVerdict, Pool
from estimates.analysis.multiverse.specifications import Evidence, View
from estimates.analysis.result import Numbers
from estimates.analysis.verdict import NEGLIGIBLE, Sides, Standing, beside, mixed
from estimates.errors import InputError
from estimates.inference.engine import Engine
from estimates.inference.fit_job import draws_kept
from estimates.inference.fitting import Change, Fitted, fit_readings
from estimates.inference.jobs import Job, Workers
from estimates.inference.meant import claimed
from estimates.inference.question import Condition, Fit
from estimates.inference.sampling import Sampling
from estimates.model import Model
from estimates.model.dimensions import variable

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Work:
    """Cells that share their fits.

    Attributes
    ----------
    views : one a cell
    target : whose numbers are told; verdicts are on the cited figures that are about it
    """

    evidence: Evidence
    views: tuple[View, ...]
    target: str
    sampling: Sampling


@dataclass(frozen=True)
class Compared:
    """Where the answer lies beside a cited figure, over all readings and under each.

    Attributes
    ----------
    sides, verdicts : a reading each; None where it cannot be compared
    """

    together: CellVerdict
    sides: tuple[Sides | None, ...]
    verdicts: tuple[str | None, ...]


@dataclass(frozen=True)
class Weighed:
    """A reading that differs from others in something.

    Attributes
    ----------
    fit : which its draws come from
    log : log evidence, None where impossible, and its error
    """

    weight: float
    fit: int
    log: float | None
    se: float


@dataclass(frozen=True)
class Found:
    """The findings of one cell.

    Attributes
    ----------
    failed : why it must not be trusted, a sentence each; nothing else is then told
    target : its numbers
    weights : of readings, by reading and option
    cited : by held-out claim
    """

    failed: tuple[str, ...] = ()
    target: Numbers = field(default_factory=Numbers)
    weights: dict[str, dict[str, float]] = field(default_factory=dict)
    cited: dict[str, Compared] = field(default_factory=dict)
    readings: tuple[Weighed, ...] = ()


class _Remembering(Engine):
    """An engine that gives a repeated question its former answer."""

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
            reweighed(engine.model, view.weights),
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


def reweighed(model: Model, weights: Mapping[str, Mapping[str, float]]) -> Model:
    """Return a model with other stated weights of its readings."""
    readings = dict(model.readings)
    for name, stated in weights.items():
        options = {
            option: replace(one, weight=stated[option])
            for option, one in readings[name].options.items()
        }
        readings[name] = replace(readings[name], options=options)
    return model.restated(replace(model.parts, readings=readings))


class _Cell:
    """The numbers of one fitted cell."""

    def __init__(self, fitted: Fitted, work: Work, view: View) -> None:
        self.fitted, self.work, self.view = fitted, work, view
        self.engine, self.model = fitted.engine, fitted.engine.model
        self.weights = fitted.weights.mean
        self.drawn = [
            self.engine.values(fitted.answers[one.fit].draws.points, one.choice)
            for one in fitted.readings
        ]

    def found(self) -> Found:
        headline = variable(self.work.target)
        target = mixture_of([values[headline] for values in self.drawn], self.fitted)
        compared: dict[str, Compared] = {}
        for use in self.model.uses:
            if not use.held_out or use.id in self.work.evidence.uncompared:
                continue
            figure, about = cited(use, self.model.conventions), str(use.about) == self.work.target
            pooled = None
            if use.id in self.view.redundant:  # undefined where the target is something else
                pooled = self._pooled(figure)
                target = self._pooled_target(figure, pooled) if about else Numbers()
            if about:
                compared[use.id] = self._compared(figure, pooled)
        options = {
            axis: {name: option.posterior for name, option in one.items()}
            for axis, one in self.fitted.options.items()
        }
        return Found((), target, options, compared, tuple(self._weighed()))

    def _weighed(self) -> Iterator[Weighed]:
        for one, weight in zip(self.fitted.readings, self.weights.tolist(), strict=True):
            evidence = self.fitted.answers[one.fit].evidence
            log = evidence.log if np.isfinite(evidence.log) else None
            yield Weighed(weight, one.fit, log, evidence.se)

    def _said(self, figure: Cited) -> list[Array | None]:
        """Draws under each reading of what a figure is about; None where there are none."""
        said = [
            claimed(self.model, figure.claim, values, one.choice) if one.status == "ok" else None
            for values, one in zip(self.drawn, self.fitted.readings, strict=True)
        ]
        fewest = min(next(iter(values.values())).shape[1] for values in self.drawn)
        return [None if one is None or np.isnan(one).any() else one[:, :fewest] for one in said]

    def _pooled(self, figure: Cited) -> list[Pooled | None]:
        """Return the answer under each reading, pooled with the figure as the evidence's equal."""
        # What has to be drawn anew needs a thousand draws that count (`pooling.FEWEST_DRAWS`).
        longer = replace(self.work.sampling, draws=4 * self.work.sampling.draws)
        conditions = [self.fitted.answers[one.fit].question for one in self.fitted.readings]
        return [
            None
            if said is None
            else redundant(said.ravel(), figure, lambda: self.engine, condition, longer)
            for said, condition in zip(self._said(figure), conditions, strict=True)
        ]

    def _compared(self, figure: Cited, pooled: Sequence[Pooled | None] | None) -> Compared:
        low, high = figure.low, figure.high
        if pooled is None:
            known = [None if one is None else beside(one, low, high) for one in self._said(figure)]
        else:
            known = [None if one is None else sides(one, low, high) for one in pooled]
        standing = Standing(self.model.conventions, tuple(known))
        admitted = figure.claim.id in self.work.evidence.admitted
        pool: Pool = "independent" if admitted else "held-out"
        together = self._together(standing, pool if pooled is None else "redundant")
        return Compared(together, standing.readings, tuple(standing.verdicts))

    def _together(self, standing: Standing, pool: Pool) -> CellVerdict:
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

    def _pooled_target(self, figure: Cited, pooled: Sequence[Pooled | None]) -> Numbers:
        """Return the numbers of the target, which is what was cited."""
        pairs = list(zip(pooled, self.weights, strict=True))
        if any(one is None and weight >= NEGLIGIBLE for one, weight in pairs):
            return Numbers()
        units = self.model.units
        unit = self.model.unit_of(figure.claim.about)
        factor = units.factor(units.parse(figure.claim.unit), unit)
        parts = [(one, weight) for one, weight in pairs if one is not None]
        values = factor * np.concatenate([one.values for one, _ in parts])
        weights = np.concatenate([one.weights * weight for one, weight in parts])
        return weighted(values, weights / weights.sum())


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
