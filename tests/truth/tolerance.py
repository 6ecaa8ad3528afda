"""How near is near enough: five standard errors, the run's own and the reference's together.

A run that is right misses a true value by five of its Monte Carlo standard errors once in two
million times.  The suite makes about two thousand such comparisons, so that it fails for nothing
once in a thousand seeds; at four errors it would be once in eight.  A wrong formula misses by many
times that.
A tolerance that grows with the error can be met by a run that knows nothing; so wherever the
posterior's own sd is known the error must be a small part of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from arviz_stats.base import array_stats
from numpy.typing import NDArray

Array = NDArray[np.float64]

STANDARD_ERRORS = 5
BLUNT = 0.1  # of the posterior's sd: above this a Monte Carlo error proves too little
PROBABILITIES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}


@dataclass(frozen=True)
class Truth:
    """What is true of one quantity, and how exactly the reference knows it.

    Attributes
    ----------
    value : of each statistic: `mean`, `sd`, `q05`, `q25`, `median`, `q75`, `q95`
    error : standard error of the reference, 0 where it has none
    """

    value: Mapping[str, float]
    error: Mapping[str, float] = field(default_factory=dict)

    def without(self, *names: str) -> Truth:
        """The same, silent about some statistics."""
        kept = {name: value for name, value in self.value.items() if name not in names}
        return Truth(kept, self.error)


#: What is true of a probability, of draws seen through their own distribution function.
UNIFORM = Truth({"mean": 0.5, "sd": 12**-0.5, **PROBABILITIES})


def near(what: str, found: float, error: float, true: float, true_error: float = 0.0) -> None:
    """Fail unless `found` ± `error` is within five standard errors of the truth."""
    assert found is not None, f"{what}: nothing found, {true:.6g} expected"
    assert math.isfinite(error), f"{what}: the Monte Carlo error is {error}"
    allowed = STANDARD_ERRORS * math.hypot(error, true_error) + 1e-9 * abs(true)
    assert abs(found - true) <= allowed, (
        f"{what}: found {found:.6g} ± {error:.2g}, truth {true:.6g} ± {true_error:.2g}: "
        f"{(found - true) / (math.hypot(error, true_error) or 1):+.1f} standard errors"
    )


def agree(what: str, draws: Array, truth: Truth) -> None:
    """Fail unless draws (chain, draw) have the statistics that are true."""
    for name, true in truth.value.items():
        found, error = statistic(draws, name)
        near(f"{what}, {name}", found, error, true, truth.error.get(name, 0.0))
    if "sd" in truth.value:
        _, error = statistic(draws, "mean")
        assert error < BLUNT * truth.value["sd"], f"{what}: an error of {error:.2g} proves nothing"


def statistic(draws: Array, name: str) -> tuple[float, float]:
    """A statistic of draws (chain, draw), and its Monte Carlo standard error."""
    axes = {"chain_axis": 0, "draw_axis": 1}
    if name == "mean":
        return float(draws.mean()), float(array_stats.mcse(draws, method="mean", **axes))
    if name == "sd":
        return float(draws.std()), float(array_stats.mcse(draws, method="sd", **axes))
    probability = PROBABILITIES[name]
    error = array_stats.mcse(draws, method="quantile", prob=probability, **axes)
    return float(np.quantile(draws, probability)), float(error)


def chance(draws: Array) -> tuple[float, float]:
    """How often draws (chain, draw) of something that is so or not are so, and its error.

    Where all draws agree the rule of three stands for the error: none of n makes 3/n likely.
    """
    events = draws.astype(float)
    if np.ptp(events) == 0:
        return float(events.mean()), 3 / events.size
    error = array_stats.mcse(events, method="mean", chain_axis=0, draw_axis=1)
    return float(events.mean()), float(error)
