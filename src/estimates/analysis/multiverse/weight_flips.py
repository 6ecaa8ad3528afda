"""The smallest change of a reading's stated weights that makes the verdict another.

Weights of readings move no fit, so nothing is fitted anew: the mixture under other weights follows
from the evidence of each combination and the standing of each reading, exactly.  The search goes in
steps that surely leave the verdict, so nothing is passed over but what is shorter than `STEP`.

Where one verdict gives way to another both hold only just: what the verdict becomes is what it is
once it is clear of Monte Carlo error, and where it only touches another there is no flip.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from estimates.analysis.multiverse.job import Found
from estimates.analysis.multiverse.result import WeightFlipRow
from estimates.analysis.verdict import Standing, mixed
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
    """The mixture under other weights of one option; the other options keep their ratios.

    Attributes
    ----------
    model : whose readings they are
    distinct : the readings that differ in something
    log : (combination,) log evidence, -inf where impossible
    noise : (simulation, combination) its Monte Carlo errors
    fits : (reading,) the fit that each reading's draws come from
    axis, option : what is weighed
    """

    model: Model
    distinct: tuple[Distinct, ...]
    log: Array
    standing: Standing
    noise: Array
    fits: NDArray[np.int64]
    axis: str
    option: str = ""

    @property
    def stated(self) -> float:
        """Log odds of the option as the model states them."""
        return float(logit(self.model.readings[self.axis].weights[self.option]))

    def verdict(self, odds: float) -> str | None:
        """Return the verdict when the option has these log odds."""
        return self.standing.verdict(self.weights(odds))

    def only_just(self, odds: float) -> bool:
        """Return whether Monte Carlo error could make the verdict at these odds another."""
        weights, simulated = self.weights(odds), self.weights(odds, self.log + self.noise)
        together = mixed(self.standing.readings, weights, self.fits, simulated)
        return self.standing.only_just(weights, simulated, together)

    def room(self, odds: float) -> float:
        """Return how far the log odds may move, either way, and surely keep the verdict.

        Nothing that the mixture says moves its own log odds by more than those of the option move:
        dP(A) = Cov(A, option) · d log odds, and |Cov(A, B)| ≤ P(A)·(1 − P(A)).  And nothing moves
        faster than a quarter of what it differs between readings: Var(option) ≤ ¼.
        """
        known = self.standing.deciding(self.weights(odds))
        return min((_room(*one) for one in known), default=math.inf)

    def weights(self, odds: float, log: Array | None = None) -> Array:
        """Return posterior weights (..., reading), under other log evidences if given."""
        stated = self.model.readings[self.axis].weights
        share = float(expit(odds))
        others = 1 - stated[self.option]
        factor = {
            name: share / weight if name == self.option else (1 - share) / others
            for name, weight in stated.items()
        }
        combinations = self.model.combinations()
        prior = np.array([c.weight * factor[c.choice[self.axis]] for c in combinations])
        held = [name for name, reading in self.model.readings.items() if not reading.update]
        log = self.log if log is None else log
        found = update(prior, log, cells([c.choice for c in combinations], held))
        return np.stack([found[..., one.members].sum(axis=-1) for one in self.distinct], axis=-1)


def _room(probability: float, limit: float, spread: float) -> float:
    """Return how far log odds may move before a probability may reach its limit."""
    apart = abs(probability - limit)
    if apart >= spread:  # no weights at all would take it there
        return math.inf
    return max(abs(_odds(probability) - _odds(limit)), 4 * apart / spread)


def _odds(probability: float) -> float:
    """Return log odds, finite: rounding may leave a probability at 1 or just above."""
    return float(logit(min(max(probability, 1e-15), 1 - 1e-15)))


def weight_flips(model: Model, base: Found, seed: int) -> list[WeightFlipRow]:
    """Return for each cited figure and reading the smallest change of weight that flips it.

    Parameters
    ----------
    base : what came of the model as it stands
    seed : of the replicates that give the error
    """
    distinct = distinct_readings(model)
    of = np.empty(len(model.combinations()), dtype=np.int64)
    for number, one in enumerate(distinct):
        of[list(one.members)] = number
    log = np.array([-np.inf if one.log is None else one.log for one in base.readings])[of]
    fits = np.array([one.fit for one in base.readings])
    rng = np.random.default_rng(seed)
    # Combinations of one fit err as one.
    noise = rng.standard_normal((_SIMULATIONS, int(fits.max()) + 1))[:, fits[of]]
    noise *= np.array([one.se for one in base.readings])[of]
    rows = []
    for claim, said in base.cited.items():
        if said.together.verdict is None:
            continue
        standing = Standing(model.conventions, said.sides)
        for axis, reading in model.readings.items():
            if len(reading.options) >= 2:
                weighing = Weighing(model, distinct, log, standing, noise, fits, axis)
                rows.append(_flip(weighing, claim, rng))
    return rows


def _flip(weighing: Weighing, claim: str, rng: np.random.Generator) -> WeightFlipRow:
    """Return the nearest flip over all options of an axis, either way."""
    stated = weighing.model.readings[weighing.axis].weights
    # Two options move as one: what one gains the other loses.
    options = list(stated)[:1] if len(stated) == 2 else list(stated)
    tried = [
        (*found, way, option)
        for option in options
        for way in (1, -1)
        if (found := _clear(replace(weighing, option=option), way)) is not None
    ]
    if not tried:
        return WeightFlipRow(claim=claim, reading=weighing.axis)
    distance, said, only_just, way, option = min(tried, key=lambda one: one[0])
    weighing = replace(weighing, option=option)
    odds = weighing.stated + way * distance
    if len(stated) == 2 and way < 0:  # told of the option that gains
        weighing = replace(weighing, option=next(name for name in stated if name != option))
        odds, way = -odds, 1
    error = _error(weighing, way, distance, rng)
    factor = math.exp(odds - weighing.stated)
    return WeightFlipRow(
        claim=claim,
        reading=weighing.axis,
        option=weighing.option,
        weight=stated[weighing.option],
        to=float(expit(odds)),
        odds_factor=factor,
        odds_factor_se=None if error is None else error * factor,
        verdict=said,
        only_just=only_just,
    )


def _clear(weighing: Weighing, way: int) -> tuple[float, str, bool] | None:
    """Return the distance to the first flip, the verdict there, and whether that is only just."""
    before, start = 0.0, weighing.stated
    while (found := _search(weighing, way, before)) is not None:
        distance, other = found
        for step in np.arange(_CLEARING_STEP, _CLEARING, _CLEARING_STEP).tolist():
            odds = start + way * (distance + step)
            beyond = weighing.verdict(odds)
            if beyond is not None and not weighing.only_just(odds):
                break
        else:
            return distance, other, True
        if beyond != weighing.verdict(start):
            return distance, beyond, False
        before = distance + step  # it has only touched the other
    return None


def _search(
    weighing: Weighing, way: int, before: float = 0.0, furthest: float = _FURTHEST,
    said: str | None = None,
) -> tuple[float, str] | None:  # fmt: skip
    """Return how far log odds must go this way to flip the verdict, and to which.

    From `before` on, where it is that of the stated weights (or `said`), unless noise has it
    otherwise: then that is the flip.
    """
    start = weighing.stated
    said = said or weighing.verdict(start)
    other = weighing.verdict(start + way * before)
    if other not in (said, None):
        return before, other
    while before < furthest:
        room = weighing.room(start + way * before)
        distance = min(before + max(room, STEP), furthest)
        other = weighing.verdict(start + way * distance)
        if other != said:
            while distance - before > _PRECISE:
                middle = (before + distance) / 2
                found = weighing.verdict(start + way * middle)
                if found == said:
                    before = middle
                else:
                    distance, other = middle, found
            return (distance, other) if other is not None else None
        before = distance
    return None


def _error(weighing: Weighing, way: int, distance: float, rng: np.random.Generator) -> float | None:
    """Return the standard error of the log odds of the flip, from replicates.

    Evidences and probabilities are moved by their own Monte Carlo errors; each replicate looks for
    its flip the same way.  None where some have none: then the error knows no bound.
    """
    said = weighing.verdict(weighing.stated)
    furthest = min(_FURTHEST, 2 * distance + 1)
    found = []
    for number in range(_REPLICATES):
        readings = weighing.standing.readings
        moved = tuple(one and one.moved(*rng.standard_normal(2)) for one in readings)
        standing = replace(weighing.standing, readings=moved)
        other = replace(weighing, log=weighing.log + weighing.noise[number], standing=standing)
        flip = _search(other, way, furthest=furthest, said=said)
        if flip is None:
            return None
        found.append(flip[0])
    return float(np.std(found, ddof=1))
