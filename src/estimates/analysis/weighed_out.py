"""The answer without some claims, by importance weights of the fit that there is.

The posterior without claims is the posterior over their likelihood: draws of the fit get the
weights 1/p(claims | θ), the largest of them smoothed (Vehtari, Simpson, Gelman, Yao & Gabry 2024,
JMLR 25:72), and the evidence of what is left is that of all, times the mean of these weights.
Draws made anew by the weights, each standing beside its own copies, have an autocorrelation that is
what the weighing costs, so that every Monte Carlo error is still found as that of any chain.
"""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.carrying import ENOUGH, RELIABLE, Carrying, Weighed, unmoved, weighed
from estimates.analysis.fit_view import FitView
from estimates.inference.engine import Engine
from estimates.inference.fit_job import FEWEST, ROOM, thinned_rows
from estimates.inference.fitting import Change
from estimates.inference.jobs import Progress, Workers, over_threads
from estimates.inference.log_likelihood import log_likelihood
from estimates.inference.refit import refit
from estimates.inference.refit_result import Refit, told_of
from estimates.language.expression import Expression
from estimates.model import Model
from estimates.model.dimensions import variable
from estimates.stats.model_weights import Weights, cells, posterior_weights

Array = NDArray[np.float64]
type _Meaning = tuple[Expression | None, ...]
#: Sets of claims that are each refitted without, if there are no more; else weighed out.
MOST_REFITTED = 60
#: What happens under a reading lighter than this, before and after the claims, need not be exact.
LIGHT = 0.01


def weights_without(
    view: FitView, engine: Engine, log_evidence: Array, se: Array, name: str
) -> Weights:
    """Return the weights of all combinations of readings, by evidence (reading,) and its error."""
    model = view.model
    combinations = model.combinations()
    which = merging(view).argmax(axis=1)
    held = [axis for axis, reading in model.readings.items() if not reading.update]
    return posterior_weights(
        np.array([one.weight for one in combinations]),
        log_evidence[which],
        se[which],
        view.fits[which].tolist(),
        cells([one.choice for one in combinations], held),
        engine.rng("weights", name),
    )


def merging(view: FitView) -> Array:
    """Return the matrix (combination, reading) that adds up the weights of combinations."""
    merge = np.zeros((len(view.model.combinations()), len(view.readings)))
    for number, reading in enumerate(view.readings):
        merge[list(reading.members), number] = 1
    return merge


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Claims weighed out of every fit.

    Attributes
    ----------
    fits : by number of a fit what is left of it
    k, effective : the worst of a reading that matters
    """

    fits: Mapping[int, Weighed]
    k: float
    effective: float

    @property
    def trusted(self) -> bool:
        """Whether the weights of every reading that matters may be trusted."""
        return self.k <= RELIABLE and self.effective >= ENOUGH


@dataclass(frozen=True, eq=False)
class Weighing:
    """A fit, of whose draws claims are weighed out.

    Attributes
    ----------
    targets : names of the variables that an answer is about; by default those of all targets
    """

    view: FitView
    engine: Engine = field(repr=False)
    targets: tuple[str, ...] = ()

    @cached_property
    def _kept(self) -> int:
        """The draws of each chain that are weighed: all, if there is room for every claim's."""
        _, chains, draws = self.view.shape
        densities = len(self.engine.evidence_ids) * chains * len(self._first)
        return min(draws, max(FEWEST, ROOM // max(1, densities)))

    @cached_property
    def _first(self) -> dict[int, int]:
        """The first reading of each fit."""
        found: dict[int, int] = {}
        for reading, fit in enumerate(self.view.fits.tolist()):
            found.setdefault(fit, reading)
        return found

    @cached_property
    def _densities(self) -> dict[int, Mapping[str, Array]]:
        """The log density (chain, draw) of each claim in each fit."""
        model, observations = self.view.model, self.engine.observations
        found: dict[int, Mapping[str, Array]] = {}
        for fit, reading in self._first.items():
            env = {name: self._thin(x) for name, x in self.view.env(reading).items()}
            shape = next(iter(env.values())).shape
            flat = {name: values.ravel() for name, values in env.items()}
            choice = self.view.readings[reading].choice
            said = log_likelihood(model, observations, flat, choice, self.engine.evidence_ids)
            found[fit] = {name: one.reshape(shape) for name, one in said.items()}
        return found

    def _thin(self, values: Array) -> Array:
        return thinned_rows(values, self._kept)

    def without(self, claims: frozenset[str]) -> LeftOut | None:
        """Return the fits without these claims; None where draws have no such weights.

        Copies of one datum share an error, so that one of them is not weighed out.  And where a
        reading has no draws, nobody knows what it would say without the claims.
        """
        view = self.view
        copied = any(use.id in claims and use.origin for use in view.model.uses)
        if copied or not view.usable.all():
            return None
        fits = {}
        for fit, densities in self._densities.items():
            logs = -np.sum([densities[name] for name in claims], axis=0)
            if not np.isfinite(logs).all():
                return None
            fits[fit] = weighed(logs) if np.ptp(logs) else unmoved(logs.shape)
            if not fits[fit].trusted:
                elsewhere = self._carrying.without(self._first[fit], claims)
                fits[fit] = min(fits[fit], elsewhere or fits[fit], key=lambda one: one.k)
        heavy = np.maximum(view.weights, view.stated) >= LIGHT
        there = [fits[fit] for fit in set(view.fits[heavy].tolist())]
        k, effective = max(one.k for one in there), min(one.effective for one in there)
        return LeftOut(fits, k, effective)

    def answer(self, claims: frozenset[str], left: LeftOut) -> Refit:
        """Return the answer without these claims."""
        view, label = self.view, ", ".join(sorted(claims))
        there = [left.fits[fit] for fit in view.fits.tolist()]
        log = view.log_evidence + np.array([one.log_ratio for one in there])
        se = np.hypot(view.log_evidence_se, [one.se for one in there])
        weights = weights_without(view, self.engine, log, se, label)
        simulated = weights.simulated @ merging(view)
        found = told_of(
            label,
            self._drawn(there),
            [reading.label for reading in view.readings],
            Weights(weights.mean @ merging(view), simulated.std(axis=0), simulated),
            view.fits,
            _by_option(view.model, weights.mean),
            (),
            self._kept,
        )
        return replace(found, weighed=True)

    def _drawn(self, there: Sequence[Weighed]) -> list[Mapping[str, Array]]:
        """Return by reading the draws of the targets; they differ only where their meaning does."""
        found: dict[tuple[int, _Meaning], Mapping[str, Array]] = {}
        drawn = []
        for number, one in enumerate(there):
            meant = int(self.view.fits[number]), self._meant[number]
            if meant not in found:
                values = self._values(number, one)
                found[meant] = {name: values[name].ravel()[one.rows] for name in self._targets}
            drawn.append(found[meant])
        return drawn

    def _values(self, reading: int, one: Weighed) -> Mapping[str, Array]:
        if one.points is not None:
            return self._carrying.values(reading, one)
        return {name: self._thin(self.view.draws(name)[reading]) for name in self._targets}

    @cached_property
    def _meant(self) -> list[_Meaning]:
        """What each reading means by the targets, in basic quantities."""
        model = self.view.model
        asked = [target for target in model.targets if variable(target) in self._targets]
        return [
            tuple(model.resolve(target, reading.choice) for target in asked)
            for reading in self.view.readings
        ]

    @cached_property
    def _carrying(self) -> Carrying:
        return Carrying(self.view, self.engine)

    @cached_property
    def _targets(self) -> tuple[str, ...]:
        return self.targets or tuple(variable(target) for target in self.view.model.targets)


def _by_option(model: Model, weights: Array) -> dict[str, dict[str, float]]:
    """Return the weight of each option, by axis, of weights (combination,)."""
    choices = [one.choice for one in model.combinations()]
    return {
        axis: {
            option: float(weights[[choice[axis] == option for choice in choices]].sum())
            for option in reading.options
        }
        for axis, reading in model.readings.items()
    }


@dataclass(frozen=True)
class Without:
    """The answer without some claims, and how it was found.

    Attributes
    ----------
    answer : None where only a refit could tell, and none was made
    k : Pareto k̂ of the weights; None where none were tried, or there are none
    """

    answer: Refit | None
    k: float | None = None


def without_each(
    view: FitView,
    engine: Engine,
    sets: Sequence[frozenset[str]],
    *,
    targets: tuple[str, ...] = (),
    refit_all: bool = False,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> dict[frozenset[str], Without]:
    """Return the answer without each set of claims: refitted, or where they are many weighed out.

    Of many sets those are refitted whose weights cannot be trusted.  A panel's fit is slow: what
    cannot be weighed out of it is refitted only if that is asked for.

    Parameters
    ----------
    targets : names of the variables that are asked for; by default those of all targets
    refit_all : refit all sets; of a panel those that cannot be weighed out
    """
    panel = bool(view.model.panel)
    weigh = _one_fit(view) if panel else len(sets) > MOST_REFITTED and not refit_all
    found: dict[frozenset[str], Without] = {}
    if weigh:
        weighing = Weighing(view, engine, targets)
        known = _known(_digest(view, engine), targets)
        new = [claims for claims in sets if claims not in known]
        told = over_threads(partial(_weighed_out, weighing), new, workers)
        for claims, this in zip(new, told, strict=True):
            known[claims] = this
            if progress is not None:
                progress(len(known), len(sets), f"without {', '.join(sorted(claims))}")
        found |= {claims: known[claims] for claims in sets}
    again = [claims for claims in sets if claims not in found or found[claims].answer is None]
    if panel and not refit_all:
        return found | {claims: Without(None) for claims in again if claims not in found}
    changes = [Change(", ".join(sorted(claims)), without=claims) for claims in again]
    answers = refit(view.model, changes, seed=engine.seed, workers=workers, progress=progress)
    for claims, answer in zip(again, answers, strict=True):
        found[claims] = Without(answer, found[claims].k if claims in found else None)
    return found


def _weighed_out(weighing: Weighing, claims: frozenset[str]) -> Without:
    """Return the answer without claims by weights; without an answer where these are not to be."""
    left = weighing.without(claims)
    if left is None:
        return Without(None)
    k = left.k if math.isfinite(left.k) else None
    return Without(weighing.answer(claims, left) if left.trusted else None, k)


@functools.lru_cache(maxsize=1)
def _known(digest: str, targets: tuple[str, ...]) -> dict[frozenset[str], Without]:
    """Return what was weighed out of a fit, to be filled in: a report asks twice."""
    return {}


def _digest(view: FitView, engine: Engine) -> str:
    """Return a digest of a fit and of what decides how it is weighed."""
    found = hashlib.sha256(f"{engine.content} {engine.seed} {RELIABLE} {ENOUGH}".encode())
    for target in view.model.targets:
        found.update(np.ascontiguousarray(view.draws(variable(target))))
    return found.hexdigest()


def _one_fit(view: FitView) -> bool:
    """Return whether all readings share one fit, so that no claim moves their weights."""
    return len(set(view.fits[view.weights > 0].tolist())) == 1
