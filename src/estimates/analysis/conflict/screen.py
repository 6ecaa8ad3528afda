"""Each body left out of the one fit by its weights, and which of them have to be refitted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from estimates.analysis.carrying import Weighed, unmoved, weighed
from estimates.analysis.conflict.bodies import Body
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.contrast import on_scale
from estimates.analysis.conflict.node_split import Judged
from estimates.analysis.conflict.refits import Partial, parted, predicted
from estimates.analysis.conflict.result import ROUGH
from estimates.analysis.conflict.tail_probability import known
from estimates.analysis.weighed_out import LIGHT, merging, weights_without
from estimates.inference.jobs import over_threads
from estimates.inference.log_likelihood import log_likelihood
from estimates.inference.meant import claimed
from estimates.model import BoundClaim
from estimates.model.likelihood import Noisy
from estimates.stats.links import SCALES

Array = NDArray[np.float64]
#: Above this Pareto k̂ weights have no variance, so that their errors come out too small; means are
#: good up to 0.7 or so (Vehtari et al. 2024, §3.2.4), but a p that is told with its error is not.
RELIABLE = 0.5
#: A body with a p below this is looked at by a refit, whatever its k̂.
SUSPICIOUS = 0.1


@dataclass(frozen=True, eq=False)
class _Leaving:
    """A body that is to be left out of the fits that there are.

    Attributes
    ----------
    carry : whether draws are carried to where the rest has them, before they are weighed
    """

    case: Case
    body: Body
    carry: bool

    @cached_property
    def _counted(self) -> list[str]:
        """The claims of the body that count: the first of identical copies."""
        once = self.case.engine.observations.counted_once(self.body.ids)
        return [claim.id for claim in self.body.claims if claim.id in once]

    def log_density(self, reading: int) -> Array:
        """Return the log density (chain, draw) of the body under a reading, up to a constant."""
        case, env = self.case, self.case.view.env(reading)
        choice = case.readings[reading].choice
        if len(self._counted) > 1:
            side = case.sides[self.body.name]
            spoken = claimed(case.model, self.body.first, env, choice)
            assert side.log_pdf is not None, "copies that differ in wording are readings"
            return np.nan_to_num(side.log_pdf(on_scale(side.scale, spoken)), nan=-np.inf)
        (claim,) = self._counted
        flat = {name: values.ravel() for name, values in env.items()}
        asked = (case.model, case.engine.observations, flat, choice, {claim})
        return np.asarray(log_likelihood(*asked)[claim]).reshape(case.view.shape[1:])

    def silent(self, reading: int) -> bool:
        """Return whether the body says nothing under a reading."""
        choice = self.case.readings[reading].choice
        return self.case.model.resolve(self.body.first.value, choice) is None

    @cached_property
    def fits(self) -> dict[int, Weighed | None]:
        """What is left of each fit; None where it has no draws that can be weighed."""
        first: dict[int, int] = {}
        for reading, fit in enumerate(self.case.view.fits.tolist()):
            first.setdefault(fit, reading)
        return {fit: self._weighed(reading) for fit, reading in first.items()}

    def _weighed(self, reading: int) -> Weighed | None:
        shape = self.case.view.shape[1:]
        if self.silent(reading):
            return unmoved(shape)
        # Copies that differ in wording share an error: of a size that is learnt it is a draw's own.
        learnt = any(claim.spread is not None for claim in self.body.claims)
        if not self.case.view.usable[reading] or (len(self._counted) > 1 and learnt):
            return None
        if self.carry:
            return self.case.carrying.without(reading, self.body.ids, RELIABLE)
        found = self.log_density(reading)
        return weighed(-found) if np.isfinite(found).all() else None

    def partial(self) -> Partial | None:
        """Return the answer without the body; None where a reading of weight has no weights."""
        case, fits = self.case, self.case.view.fits.tolist()
        known = [self.fits[fit] for fit in fits]
        if any(one is None for one in known):
            return None
        there = [one for one in known if one is not None]
        log = case.view.log_evidence + np.array([one.log_ratio for one in there])
        se = np.hypot(case.view.log_evidence_se, [one.se for one in there])
        mean, covariance = self._weights(log, se)
        matters = np.maximum(case.view.weights, case.stated) >= LIGHT
        k = max(one.k for one, counts in zip(there, matters, strict=True) if counts)
        found = {c.id: self._values(c, there) for c in self.body.claims}
        return Partial(
            mean, covariance, log, se,
            {name: values for name, (values, _) in found.items()},
            {name: part for name, (_, part) in found.items()},
            (), k, refitted=False,
        )  # fmt: skip

    def _weights(self, log: Array, se: Array) -> tuple[Array, Array]:
        """Return weights (reading,) without the body, and the covariance of their errors."""
        view, merge = self.case.view, merging(self.case.view)
        found = weights_without(view, self.case.engine, log, se, self.body.name)
        return found.mean @ merge, np.atleast_2d(np.cov(found.simulated @ merge, rowvar=False))

    def _values(
        self, claim: BoundClaim, fits: Sequence[Weighed]
    ) -> tuple[Array, NDArray[np.int64]]:
        """Return a claim's values (part, chain, draw), and which part is each reading's."""
        case = self.case

        def values(number: int) -> Array | None:
            env = case.carrying.values(number, fits[number])
            choice = case.readings[number].choice
            found = predicted(case.engine, claim, env, choice)
            return None if np.isnan(found).all() else found.ravel()[fits[number].rows]

        there = [
            (reading.choice, fit if usable else None)
            for reading, fit, usable in zip(
                case.readings, case.view.fits.tolist(), case.view.usable, strict=True
            )
        ]
        return parted(case.model, claim, there, values, case.view.shape[1:])


def screened(case: Case, bodies: Sequence[Body], carry: bool = False) -> dict[str, Partial]:
    """Return by body the answer without it, where the fit's draws could be weighed.

    Parameters
    ----------
    carry : whether draws are carried to where the rest has them, before they are weighed
    """

    def leaving(body: Body) -> Partial | None:
        return _Leaving(case, body, carry).partial()

    found = zip(bodies, over_threads(leaving, bodies, case.workers), strict=True)
    return {body.name: one for body, one in found if one is not None}


def deleted_log_p(case: Case, body: Body) -> float:
    """Return log p of a claim against the rest as if all were normal; 0 where that says nothing.

    Of a normal claim y of width w about g, whose posterior has mean m and variance v, the rest says
    N(m₀, v₀) with 1/v₀ = 1/v − 1/w², so that y − m₀ is (y − m)/(1 − v/w²), of variance
    w²/(1 − v/w²): the deletion residual of regression (Cook & Weisberg 1982, §2.2).  It needs no
    weights, so that it sees what few draws reach: a claim that has pulled the answer to itself.
    """
    term = case.whole.terms[body.first.id]
    if len(body.claims) > 1 or body.first.options or not isinstance(term, Noisy):
        return 0.0
    found = []
    for reading in case.heavy:
        choice, env = case.readings[reading].choice, case.view.env(reading)
        if case.model.resolve(body.first.value, choice) is None or not case.view.usable[reading]:
            continue
        spoken = on_scale(SCALES[body.first.scale], claimed(case.model, body.first, env, choice))
        left = term.sigma**2 - float(spoken.var())
        if left > 0:
            found.append(abs(term.y - float(spoken.mean())) / math.sqrt(left))
    return math.log(2) + float(log_ndtr(-max(found))) if found else 0.0


def looks_bad(one: Judged, far: float, carried: bool = False) -> bool:
    """Return whether the weighing by which this was found leaves room for doubt.

    Where k̂ is too large, where p is small in the mixture or under a reading that has weight, or
    where a tail rests on too few draws.  Draws that were carried to where the rest has them are not
    doubted for a small p alone, nor for a rough k̂ alone: a p that is not small need not be exact.

    Parameters
    ----------
    far : a p above which a tail need be known roughly only
    """
    k, low = one.comparison.partial.k, math.log(SUSPICIOUS)
    heavy = zip(one.tails, one.comparison.shares, strict=True)
    tails = [tail for tail, share in heavy if share >= LIGHT]
    small = one.log_p < low or any(tail.log_p < low for tail in tails)
    if not all(known(tail, far) for tail in tails):
        return True
    if carried:
        return k > ROUGH or (small and k > RELIABLE)
    return small or k > RELIABLE
