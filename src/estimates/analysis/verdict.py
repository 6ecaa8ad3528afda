"""The verdict on a cited figure, and whether Monte Carlo error could turn it.

A verdict is decided by thresholds, and probabilities are known to a Monte Carlo error: where one
lies within `NEAR` standard errors of a threshold that matters, the verdict holds only just.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from estimates.model import Conventions
from estimates.stats.convergence import mcse_mean

Array = NDArray[np.float64]
#: Standard errors within which a threshold counts as undecided.
NEAR = 2.0
#: Weight up to which a reading that cannot be compared is passed over.
NEGLIGIBLE = 1e-3
#: What probabilities and weights may lack of a threshold by rounding alone.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Probabilities:
    """Where an answer lies beside a cited figure, with Monte Carlo errors, as rows call them."""

    below: float
    inside: float
    above: float
    mcse_below: float
    mcse_inside: float
    mcse_above: float


@dataclass(frozen=True)
class Sides:
    """P(below) and P(above) a cited figure, with Monte Carlo errors, of P(inside) too."""

    below: float
    above: float
    below_se: float = 0.0
    above_se: float = 0.0
    inside_se: float = 0.0

    @property
    def inside(self) -> float:
        return max(0.0, 1 - self.below - self.above)

    @property
    def columns(self) -> Probabilities:
        """The probabilities under the names that rows give them."""
        errors = self.below_se, self.inside_se, self.above_se
        return Probabilities(self.below, self.inside, self.above, *errors)

    def moved(self, below: float, above: float) -> Sides:
        """Return the probabilities moved by so many standard errors, and kept from 0 to 1."""
        low = min(max(self.below + below * self.below_se, 0.0), 1.0)
        high = min(max(self.above + above * self.above_se, 0.0), 1.0 - low)
        return replace(self, below=low, above=high)


def beside(values: Array, low: float | None, high: float | None) -> Sides:
    """Return where draws (chain, draw) lie beside a range, which may have an open end."""
    below = values < (-np.inf if low is None else low)
    above = values > (np.inf if high is None else high)
    errors = (
        0.0 if event.all() or not event.any() else float(mcse_mean(event[None].astype(float))[0])
        for event in (below, above, ~below & ~above)
    )
    return Sides(float(below.mean()), float(above.mean()), *errors)


def mixed(
    readings: Sequence[Sides | None], weights: Array, fits: NDArray[np.int64], simulated: Array
) -> Sides:
    """Return the mixture of readings: those of one fit err together, and their weights err too.

    Parameters
    ----------
    readings : a reading each; one that cannot be compared (None) is passed over
    weights : (reading,)
    fits : (reading,) the fit that each reading's draws come from
    simulated : (simulation, reading) weights under their own Monte Carlo error
    """
    there = np.array([one is not None for one in readings])
    weights = np.where(there, weights, 0.0) / weights[there].sum()
    simulated = np.where(there, simulated, 0.0) / simulated[:, there].sum(axis=1, keepdims=True)
    known = [one or Sides(0.0, 0.0) for one in readings]  # what is not there has no weight

    def mean(shares: list[float], own: list[float]) -> tuple[float, float]:
        errors = weights * np.array(own)
        per_fit = [float(errors[fits == one].sum()) for one in np.unique(fits)]
        error = float(np.hypot(np.linalg.norm(per_fit), np.std(simulated @ np.array(shares))))
        return float(np.clip(weights @ np.array(shares), 0.0, 1.0)), error

    below, below_se = mean([one.below for one in known], [one.below_se for one in known])
    above, above_se = mean([one.above for one in known], [one.above_se for one in known])
    _, inside_se = mean([one.inside for one in known], [one.inside_se for one in known])
    return Sides(below, above, below_se, above_se, inside_se)


def verdict(below: float, inside: float, above: float, conventions: Conventions) -> str:
    """Return the verdict in one word, by thresholds that are conventions."""
    limits = conventions.verdict
    if below >= limits.side - _ROUNDING:
        return "below"
    if above >= limits.side - _ROUNDING:
        return "above"
    tail = limits.tail - _ROUNDING
    if inside >= limits.inside - _ROUNDING and below < tail and above < tail:
        return "consistent"
    return "straddles"


def divided(
    verdicts: Sequence[str | None], weights: Sequence[float] | Array, conventions: Conventions
) -> bool:
    """Return whether readings of weight differ in their verdicts, so that the mixture has none."""
    return _divides(_held(verdicts, weights), conventions)


def possible(sides: Sides, conventions: Conventions) -> frozenset[str]:
    """Return the verdicts possible when each probability is moved by `NEAR` errors or not."""
    near = [
        [p - NEAR * se, p, p + NEAR * se] if se else [p]
        for p, se in (
            (sides.below, sides.below_se),
            (sides.inside, sides.inside_se),
            (sides.above, sides.above_se),
        )
    ]
    return frozenset(
        verdict(below, inside, above, conventions) for below, inside, above in product(*near)
    )


def only_just(
    readings: Sequence[Sides | None],
    weights: Array,
    simulated: Array,
    together: Sides,
    conventions: Conventions,
) -> bool:
    """Return whether `NEAR` Monte Carlo errors could change the verdict over readings.

    Parameters
    ----------
    readings : a reading each; None where it cannot be compared
    weights : (reading,)
    simulated : (simulation, reading) weights under their own Monte Carlo error
    together : of the mixture, its errors with those of the weights
    """
    if len(readings) > 1:
        said = [_said(one, conventions) for one in readings]
        now = divided(said, weights, conventions)
        for verdicts in _alternatives(readings, said, conventions):
            if any(one != now for one in _divisions(verdicts, weights, simulated, conventions)):
                return True
        if now:
            return False
    return len(possible(together, conventions)) > 1


def _said(one: Sides | None, conventions: Conventions) -> str | None:
    return None if one is None else verdict(one.below, one.inside, one.above, conventions)


def _alternatives(
    readings: Sequence[Sides | None], said: list[str | None], conventions: Conventions
) -> Iterator[list[str | None]]:
    """Yield the readings' verdicts as they are, all moved one way, and each moved alone."""
    yield said
    for way in (-NEAR, NEAR):  # readings that share draws err together
        yield [_said(one and one.moved(way, -way), conventions) for one in readings]
    for number, one in enumerate(readings):
        if one is not None:
            for other in possible(one, conventions) - {said[number]}:
                yield [*said[:number], other, *said[number + 1 :]]


def _divisions(
    verdicts: Sequence[str | None], weights: Array, simulated: Array, conventions: Conventions
) -> Iterator[bool]:
    """Yield whether verdicts divide the mixture, with its weights as they are and moved."""
    held = _held(verdicts, weights)
    yield _divides(held, conventions)
    for name, weight in held.items():
        members = np.array([said == name for said in verdicts])
        error = float(np.std(simulated[:, members].sum(axis=1)))
        for way in (-NEAR, NEAR):
            yield _divides(held | {name: weight + way * error}, conventions)


def _held(verdicts: Sequence[str | None], weights: Sequence[float] | Array) -> dict[str, float]:
    """Return the weight of the readings that come to each verdict."""
    held: dict[str, float] = {}
    for found, weight in zip(verdicts, weights, strict=True):
        if found is not None:
            held[found] = held.get(found, 0.0) + float(weight)
    return held


def _divides(held: dict[str, float], conventions: Conventions) -> bool:
    least = conventions.verdict.weight - _ROUNDING
    return sum(weight >= least for weight in held.values()) > 1


@dataclass(frozen=True)
class Standing:
    """One cited figure beside the answer under every reading.

    Attributes
    ----------
    conventions : that the verdict follows
    readings : a reading each; None where it cannot be compared
    """

    conventions: Conventions
    readings: tuple[Sides | None, ...]

    def together(self, weights: Array) -> Sides | None:
        """Return the mixture without its errors; None where a reading that matters has none."""
        pairs = list(zip(self.readings, weights, strict=True))
        if any(one is None and weight >= NEGLIGIBLE for one, weight in pairs):
            return None
        known = [(one, weight) for one, weight in pairs if one is not None]
        total = sum(weight for _, weight in known)
        if not total > 0:
            return None
        return Sides(
            float(sum(one.below * weight for one, weight in known) / total),
            float(sum(one.above * weight for one, weight in known) / total),
        )

    def verdict(self, weights: Array, together: Sides | None = None) -> str | None:
        """Return the mixture's verdict under these weights; None where it has none."""
        together = together or self.together(weights)
        if together is None:
            return None
        if len(self.readings) > 1 and divided(self.verdicts, weights, self.conventions):
            return "divided"
        return _said(together, self.conventions)

    @property
    def verdicts(self) -> list[str | None]:
        """The verdict of each reading alone."""
        return [_said(one, self.conventions) for one in self.readings]

    def only_just(self, weights: Array, simulated: Array, together: Sides) -> bool:
        """Return whether two standard errors could change the verdict.

        Parameters
        ----------
        simulated : (simulation, reading) weights under their own Monte Carlo error
        together : of the mixture, with its errors
        """
        return only_just(self.readings, weights, simulated, together, self.conventions)

    def deciding(self, weights: Array, own: bool = False) -> Iterator[tuple[float, float, float]]:
        """Yield what decides the verdict: probabilities and weights, each with its limit.

        As long as none of them crosses its limit the verdict stays.  Third is by how much it
        differs between readings at the most, which is as far as their weights can move it.

        Parameters
        ----------
        own : whether the readings' own verdicts may change too, and not their weights alone
        """
        limits = self.conventions.verdict
        verdicts = self.verdicts
        for one, weight in zip(self.readings, weights, strict=True):
            if one is None and weight > 0:
                yield float(weight), NEGLIGIBLE, 1.0
        groups: dict[str, float] = {}
        for said, weight in zip(verdicts, weights, strict=True):
            if said is not None:
                groups[said] = groups.get(said, 0.0) + float(weight)
        if len(groups) > 1:
            yield from ((weight, limits.weight, 1.0) for weight in groups.values())
        together = self.together(weights)
        if together is not None and self.verdict(weights, together) != "divided":
            yield from self._limits(together)
        if own:
            for number, one in enumerate(self.readings):
                if one is not None and self._matters(number, verdicts, weights):
                    yield from self._limits(one)

    def _limits(self, one: Sides) -> Iterator[tuple[float, float, float]]:
        limits = self.conventions.verdict
        known = np.array([(r.below, r.above, r.inside) for r in self.readings if r is not None])
        below, above, inside = np.ptp(known, axis=0).tolist()
        for at in (limits.side, limits.tail):
            yield one.below, at, below
            yield one.above, at, above
        yield one.inside, limits.inside, inside

    def _matters(self, number: int, verdicts: list[str | None], weights: Array) -> bool:
        """Return whether another verdict of this reading would divide or unite the readings."""
        now = divided(verdicts, weights, self.conventions)
        return any(
            divided([*verdicts[:number], other, *verdicts[number + 1 :]], weights,
                    self.conventions) != now
            for other in ("below", "straddles", "consistent", "above")
        )  # fmt: skip
