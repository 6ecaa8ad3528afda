"""How a density is sampled, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sampling:
    """How long to sample: draws and tuning draws per chain, chains, acceptance target."""

    draws: int = 2000
    tune: int = 600
    chains: int = 4
    target_accept: float = 0.8

    def harder(self, diverged: bool) -> tuple[Sampling, ...]:
        """What a failed fit is tried with next: smaller steps, then four times the draws.

        Smaller steps help against divergences only; without any, draws are tried first.
        """
        careful = replace(self, target_accept=0.99)
        more = replace(careful, draws=4 * self.draws, tune=2 * self.tune)
        return (careful if diverged else replace(more, target_accept=self.target_accept)), more


@dataclass(frozen=True)
class Draws:
    """Draws of one fit.

    Attributes
    ----------
    points : array (chain, draw, dimension), in unconstrained space
    logp : array (chain, draw), the joint log density there
    stats : mapping of sampler statistics, each (chain, draw)
    """

    points: Array
    logp: Array
    stats: Mapping[str, NDArray[Any]]

    @property
    def flat(self) -> Array:
        return self.points.reshape(-1, self.points.shape[-1])
