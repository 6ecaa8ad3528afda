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

Array = NDArray[np.float64]
#: Standard errors within which a threshold counts as undecided.
NEAR = 2.0
#: What probabilities and weights may lack of a threshold by rounding alone.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Sides:
    """P(below) and P(above) a cited figure, and Monte Carlo standard errors, of P(inside) too."""

    below: float
    above: float
    below_se: float = 0.0
    above_se: float = 0.0
    inside_se: float = 0.0

    @property
    def inside(self) -> float:
        return max(0.0, 1 - self.below - self.above)

    def moved(self, below: float, above: float) -> Sides:
        """Moved by so many standard errors, kept probabilities."""
        low = min(max(self.below + below * self.below_se, 0.0), 1.0)
        high = min(max(self.above + above * self.above_se, 0.0), 1.0 - low)
        return replace(self, below=low, above=high)


def mixed(
    readings: Sequence[Sides | None], weights: Array, fits: NDArray[np.int64], simulated: Array
) -> Sides:
    """The mixture of readings: those of one fit err together, and their weights err too.

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

    def mean(shares: Array, own: Array) -> tuple[float, float]:
        per_fit = [float((weights * own)[fits == one].sum()) for one in np.unique(fits)]
        error = float(np.hypot(np.linalg.norm(per_fit), np.std(simulated @ shares)))
        return float(np.clip(weights @ shares, 0.0, 1.0)), error

    below, below_se = mean(
        np.array([one.below for one in known]), np.array([one.below_se for one in known])
    )
    above, above_se = mean(
        np.array([one.above for one in known]), np.array([one.above_se for one in known])
    )
    _, inside_se = mean(
        np.array([one.inside for one in known]), np.array([one.inside_se for one in known])
    )
    return Sides(below, above, below_se, above_se, inside_se)


def verdict(below: float, inside: float, above: float, conventions: Conventions) -> str:
    """The verdict in one word; its thresholds are conventions."""
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
    """Whether readings of weight come to different verdicts, so that the mixture has none."""
    return _divides(_held(verdicts, weights), conventions)


def possible(sides: Sides, conventions: Conventions) -> frozenset[str]:
    """The verdicts of an answer whose probabilities are each moved by `NEAR` errors or not."""
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
    """Whether the verdict over readings would be another within `NEAR` Monte Carlo errors.

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
    """The readings' verdicts as they are, all moved to one side, and each moved alone."""
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
    """Whether they divide the mixture, as its weights are and with each group's moved."""
    held = _held(verdicts, weights)
    yield _divides(held, conventions)
    for name, weight in held.items():
        members = np.array([said == name for said in verdicts])
        error = float(np.std(simulated[:, members].sum(axis=1)))
        for way in (-NEAR, NEAR):
            yield _divides(held | {name: weight + way * error}, conventions)


def _held(verdicts: Sequence[str | None], weights: Sequence[float] | Array) -> dict[str, float]:
    """The weight of the readings that come to each verdict."""
    held: dict[str, float] = {}
    for found, weight in zip(verdicts, weights, strict=True):
        if found is not None:
            held[found] = held.get(found, 0.0) + float(weight)
    return held


def _divides(held: dict[str, float], conventions: Conventions) -> bool:
    least = conventions.verdict.weight - _ROUNDING
    return sum(weight >= least for weight in held.values()) > 1
