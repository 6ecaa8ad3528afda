"""How a density is sampled, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: How the sampler learns the shape of a density: its widths alone, or a few correlations too.
type Adaptation = Literal["diag", "low_rank"]


@dataclass(frozen=True)
class Sampling:
    """How long to sample: draws and tuning draws per chain, chains, acceptance target.

    Raises `ValueError` for what no fit can be made or judged with: fewer than 2 chains (which could
    not disagree), 20 draws or 20 tuning draws, or a target that is no probability.
    """

    draws: int = 2000
    tune: int = 1000
    chains: int = 4
    target_accept: float = 0.9

    def __post_init__(self) -> None:
        for name, least in (("draws", 20), ("tune", 20), ("chains", 2)):
            value = getattr(self, name)
            if value < least:
                raise ValueError(f"{name} is {value}; a fit needs at least {least}")
        if not 0 < self.target_accept < 1:
            raise ValueError(f"target_accept is {self.target_accept}; it lies between 0 and 1")

    def harder(self, diverged: bool) -> Sampling:
        """What a failed fit is tried with next.

        Smaller steps where it diverged (an acceptance target of .99, then .999), else four times
        the draws.
        """
        if not diverged:
            return replace(self, draws=4 * self.draws, tune=2 * self.tune)
        return replace(self, target_accept=0.99 if self.target_accept < 0.99 else 0.999)


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
