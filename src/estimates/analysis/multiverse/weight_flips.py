"""The smallest change of a reading's stated weights that makes the verdict another.

Weights of readings move no fit, so nothing is fitted anew: the mixture under other weights follows
from the evidence of each combination and the standing of each reading, exactly.  The search goes in
steps that surely leave the verdict, so nothing is passed over but what is shorter than `STEP`.

Where one verdict gives way to another both hold only just: what the verdict becomes is what it is
once it is clear of Monte Carlo error, and where it only touches another there is no flip.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from estimates.analysis.multiverse.job import Found
from estimates.analysis.multiverse.result import WeightFlipRow
from estimates.analysis.multiverse.verdicts import Standing
from estimates.analysis.verdict import Sides, mixed
from estimates.model import Model
from estimates.model.combinations import Distinct, distinct_readings
from estimates.stats.model_weights import cells, update

Array = NDArray[np.float64]
#: Log odds to which a weight is moved either way at the most: a factor of ten thousand million.
_FURTHEST = 23.0
#: The least step: a verdict that changes and changes back within it is not seen.
STEP = 1e-3
_PRECISE = 1e-9
_REPLICATES = 60
_SIMULATIONS = 400
#: Log odds beyond a flip within which a verdict must be clear of Monte Carlo error, and the steps.
_CLEARING, _CLEARING_STEP = 4.0, 0.02


@dataclass(frozen=True)
class Weighing:
    """The mixture under any stated weights of the readings.

    Attributes
    ----------
    model : whose readings they are
    distinct : the readings that differ in something
    log : (combination,) log evidence, -inf where impossible
    noise : (simulation, combination) its Monte Carlo errors
    fits : (reading,) the fit that each reading's draws come from
    """

    model: Model
    distinct: tuple[Distinct, ...]
    log: Array
    standing: Standing
    noise: Array
    fits: NDArray[np.int64]

    def verdict(self, axis: str, option: str, odds: float) -> str | None:
        """The verdict when an option has these log odds; the axis's others keep their ratios."""
        return self.standing.verdict(self.weights(axis, option, odds))

    def only_just(self, axis: str, option: str, odds: float) -> bool:
        """Whether Monte Carlo error could make it another there."""
        weights = self.weights(axis, option, odds)
        simulated = self.weights(axis, option, odds, self.log + self.noise)
        together = mixed(self.standing.readings, weights, self.fits, simulated)
        return self.standing.only_just(weights, simulated, together)

    def room(self, axis: str, option: str, odds: float) -> float:
        """How far the log odds may move, either way, and surely leave the verdict as it is.

        Nothing that the mixture says moves its own log odds by more than those of the option move:
        dP(A) = Cov(A, option) · d log odds, and |Cov(A, B)| ≤ P(A)·(1 − P(A)).  And nothing moves
        faster than a quarter of what it differs between readings: Var(option) ≤ ¼.
        """
        known = self.standing.deciding(self.weights(axis, option, odds))
        return min((_room(*one) for one in known), default=math.inf)

    def weights(self, axis: str, option: str, odds: float, log: Array | None = None) -> Array:
        """(..., reading) posterior weights, under log evidences (..., combination) if given."""
        stated = self.model.readings[axis].weights
        share = float(expit(odds))
        others = 1 - stated[option]
        factor = {
            name: share / weight if name == option else (1 - share) / others
            for name, weight in stated.items()
        }
        combinations = self.model.combinations()
        prior = np.array([c.weight * factor[c.choice[axis]] for c in combinations])
        held = [name for name, reading in self.model.readings.items() if not reading.update]
        log = self.log if log is None else log
        found = update(prior, log, cells([c.choice for c in combinations], held))
        members = [list(one.members) for one in self.distinct]
        return np.stack([found[..., one].sum(axis=-1) for one in members], axis=-1)


def _room(probability: float, limit: float, spread: float) -> float:
    """How far log odds may move before a probability surely has not reached its limit."""
    apart = abs(probability - limit)
    if apart >= spread:  # no weights at all would take it there
        return math.inf
    return max(abs(_odds(probability) - _odds(limit)), 4 * apart / spread)


def _odds(probability: float) -> float:
    """Log odds, finite: rounding may leave a probability at 1 or just above."""
    return float(logit(min(max(probability, 1e-15), 1 - 1e-15)))


def weight_flips(
    model: Model, base: Found, standing: Callable[[str, Sequence[Sides | None]], Standing],
    seed: int,
) -> list[WeightFlipRow]:  # fmt: skip
    """For each cited figure and reading the smallest change of a stated weight that flips it.

    Parameters
    ----------
    base : what came of the model as it stands, in detail
    standing : of a cited figure, given the readings' sides
    seed : of the replicates that give the error
    """
    log = np.array([-np.inf if one.log is None else one.log for one in base.evidence])
    distinct = distinct_readings(model)
    fits = np.array([one.fit for one in base.readings])
    of_fit = np.empty(len(log), dtype=np.int64)  # combinations of one fit err as one
    for one in base.readings:
        of_fit[list(one.members)] = one.fit
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal((_SIMULATIONS, int(of_fit.max()) + 1))[:, of_fit]
    noise *= np.array([one.se for one in base.evidence])
    rows = []
    for claim, said in base.cited.items():
        if said.together.verdict is None:
            continue
        sides = [one.cited[claim] for one in base.readings]
        weighing = Weighing(model, distinct, log, standing(claim, sides), noise, fits)
        for axis, reading in model.readings.items():
            if len(reading.options) >= 2:
                rows.append(_flip(weighing, claim, axis, rng))
    return rows


def _flip(weighing: Weighing, claim: str, axis: str, rng: np.random.Generator) -> WeightFlipRow:
    """The nearest flip over all options of an axis, either way."""
    stated = weighing.model.readings[axis].weights
    nearest: tuple[float, str, float, str, bool] | None = None
    # Two options move as one: what one gains the other loses.
    options = list(stated)[:1] if len(stated) == 2 else list(stated)
    for option in options:
        start = float(logit(stated[option]))
        for way in (1, -1):
            found = _clear(weighing, axis, option, start, way)
            if found is not None and (nearest is None or found[0] < nearest[0]):
                nearest = (found[0], option, start + way * found[0], *found[1:])
    if nearest is None:
        return WeightFlipRow(claim=claim, reading=axis)
    distance, option, odds, said, only_just = nearest
    if len(stated) == 2 and odds < logit(stated[option]):  # told of the option that gains
        option = next(name for name in stated if name != option)
        odds = -odds
    error = _error(weighing, axis, option, odds, distance, rng)
    factor = math.exp(odds - float(logit(stated[option])))
    return WeightFlipRow(
        claim=claim,
        reading=axis,
        option=option,
        weight=stated[option],
        to=float(expit(odds)),
        odds_factor=factor,
        odds_factor_se=None if error is None else error * factor,
        verdict=said,
        only_just=only_just,
    )


def _clear(
    weighing: Weighing, axis: str, option: str, start: float, way: int
) -> tuple[float, str, bool] | None:
    """How far it is to the first flip, what the verdict then becomes, whether that only just."""
    said = weighing.verdict(axis, option, start)
    assert said is not None
    before = 0.0
    while (found := _search(weighing, axis, option, start, way, said, before)) is not None:
        distance, other = found
        for step in np.arange(_CLEARING_STEP, _CLEARING, _CLEARING_STEP):
            odds = start + way * (distance + float(step))
            beyond = weighing.verdict(axis, option, odds)
            if beyond is not None and not weighing.only_just(axis, option, odds):
                break
        else:
            return distance, other, True
        if beyond != said:
            return distance, beyond, False
        before = distance + float(step)  # it has only touched the other
    return None


def _search(
    weighing: Weighing, axis: str, option: str, start: float, way: int, said: str,
    before: float = 0.0, furthest: float = _FURTHEST,
) -> tuple[float, str] | None:  # fmt: skip
    """How far the log odds must go this way until the verdict is another, and which it is.

    From `before` on, where it is `said`, unless noise has it otherwise: then that is the flip.
    """
    other = weighing.verdict(axis, option, start + way * before)
    if other not in (said, None):
        return before, other
    while before < furthest:
        room = weighing.room(axis, option, start + way * before)
        distance = min(before + max(room, STEP), furthest)
        other = weighing.verdict(axis, option, start + way * distance)
        if other != said:
            while distance - before > _PRECISE:
                middle = (before + distance) / 2
                found = weighing.verdict(axis, option, start + way * middle)
                if found == said:
                    before = middle
                else:
                    distance, other = middle, found
            return (distance, other) if other is not None else None
        before = distance
    return None


def _error(
    weighing: Weighing, axis: str, option: str, odds: float, distance: float,
    rng: np.random.Generator,
) -> float | None:  # fmt: skip
    """Standard error of the log odds of the flip, from replicates.

    Evidences and probabilities are moved by their own Monte Carlo errors; each replicate looks for
    its flip the same way.  None where some have none: then the error knows no bound.
    """
    stated = float(logit(weighing.model.readings[axis].weights[option]))
    way = 1 if odds > stated else -1
    said = weighing.verdict(axis, option, stated)
    assert said is not None
    found = []
    for number in range(_REPLICATES):
        moved = tuple(
            one and one.moved(*rng.standard_normal(2)) for one in weighing.standing.readings
        )
        log = weighing.log + weighing.noise[number]
        other = replace(weighing, log=log, standing=replace(weighing.standing, readings=moved))
        furthest = min(_FURTHEST, 2 * distance + 1)
        flip = _search(other, axis, option, stated, way, said, furthest=furthest)
        if flip is None:
            return None
        found.append(flip[0])
    return float(np.std(found, ddof=1))
