"""The answer without a suspect and one more body, weighed out of one refit without the suspect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.carrying import Carrying, Weighed, unmoved, weighed
from estimates.analysis.conflict.bodies import Body
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.node_split import Comparison, judge
from estimates.analysis.conflict.refits import SAMPLING, Partial, parted, predicted
from estimates.analysis.conflict.result import ROUGH
from estimates.analysis.conflict.screen import RELIABLE, looks_bad
from estimates.inference.engine import Engine
from estimates.inference.fitting import Change, Fitted, fit_readings
from estimates.inference.jobs import Workers, over_threads
from estimates.inference.question import Fit
from estimates.model import BoundClaim

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Without:
    """The one fit, which all readings share, without a suspect."""

    case: Case
    suspect: Body
    engine: Engine = field(repr=False)
    fitted: Fitted = field(repr=False)

    @classmethod
    def of(cls, case: Case, suspect: Body) -> Without | None:
        """Refit without a suspect; None where the refit failed, or readings need fits of their own.

        What claims are left out may then move the weights of readings, which these draws do not
        tell.
        """
        engine, change = case.engine, Change(suspect.name, without=suspect.ids)
        fitted = fit_readings(
            case.model,
            sampling=SAMPLING,
            change=change,
            ranges=False,
            engine=engine,
            workers=Workers(count=1),
            progress=case.progress,
        )
        return cls(case, suspect, engine, fitted) if cls._serves(fitted) else None

    @staticmethod
    def _serves(fitted: Fitted) -> bool:
        there = all(reading.status == "ok" for reading in fitted.readings)
        return there and len(fitted.answers) == 1 and not fitted.failed

    def partials(self, others: Sequence[Body]) -> dict[str, Partial]:
        """Return by body what a rest without it and the suspect says of it, where weights tell.

        By the weights of these draws, or else of draws that were carried to where the rest has
        them; what still leaves room for doubt is not among them.
        """
        found: dict[str, Partial] = {}
        for carry in (False, True):
            asked = [body for body in others if body.name not in found]

            def weigh(body: Body, carry: bool = carry) -> Partial | None:
                return self._partial(body, carry)

            for body, one in zip(asked, over_threads(weigh, asked, self.case.workers), strict=True):
                if one is not None and not self._doubtful(body, one, carry):
                    found[body.name] = one
        return found

    def _compared(self, body: Body, partial: Partial) -> Comparison:
        both = self.suspect.ids | body.ids
        return Comparison(body.name, self.case.sides[body.name], body.first, both, partial)

    def _doubtful(self, body: Body, partial: Partial, carried: bool) -> bool:
        if partial.k > (ROUGH if carried else RELIABLE):
            return True
        [found] = judge(self.engine, [self._compared(body, partial)], follow=False)
        return looks_bad(found, self.case.far, carried)

    @property
    def _fit(self) -> Fit:
        return self.fitted.answers[0]

    @cached_property
    def _carrying(self) -> Carrying:
        return Carrying(self.case.view, self.engine, self._fit)

    @cached_property
    def _logp(self) -> Array:
        """The log density (draw,) of the draws."""
        return np.asarray(self.engine.posed(self._fit.question).logp(self._fit.draws.flat))

    def _weighed(self, both: frozenset[str], carry: bool) -> Weighed | None:
        if carry:
            return self._carrying.without(0, both, RELIABLE)
        question = Change(without=both).question(self.engine, self.fitted.readings[0].choice)
        logs = self.engine.posed(question).logp(self._fit.draws.flat) - self._logp
        shape = self._fit.draws.logp.shape
        if not np.isfinite(logs).all():
            return None
        return weighed(logs.reshape(shape)) if np.ptp(logs) > 0 else unmoved(shape)

    def _partial(self, body: Body, carry: bool) -> Partial | None:
        one = self._weighed(self.suspect.ids | body.ids, carry)
        if one is None:
            return None
        weights, evidence = self.fitted.weights, self._fit.evidence
        values, part = self._values(body.first, one)
        size = len(self.fitted.readings)
        return Partial(
            weights.mean,
            np.atleast_2d(np.cov(weights.simulated, rowvar=False)),
            np.full(size, evidence.log + one.log_ratio),
            np.full(size, np.hypot(evidence.se, one.se)),
            {body.first.id: values},
            {body.first.id: part},
            (),
            one.k,
            refitted=False,
        )

    def _values(self, claim: BoundClaim, one: Weighed) -> tuple[Array, NDArray[np.int64]]:
        env = self._carrying.values(0, one)

        def values(number: int) -> Array | None:
            choice = self.fitted.readings[number].choice
            found = predicted(self.engine, claim, env, choice)
            return None if np.isnan(found).all() else found.ravel()[one.rows]

        there = [(reading.choice, reading.fit) for reading in self.fitted.readings]
        return parted(self.case.model, claim, there, values, one.rows.shape)
