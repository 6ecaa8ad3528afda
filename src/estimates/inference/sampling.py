"""How a density is sampled, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
type Statistic = NDArray[np.float64 | np.int64 | np.bool_]
#: How the sampler learns the shape of a density: its widths alone, or a few correlations too.
type Adaptation = Literal["diag", "low_rank"]


@dataclass(frozen=True)
class Sampling:
    """How long to sample.

    Attributes
    ----------
    draws : draws of each chain, at least 20
    tune : tuning draws of each chain, which are not kept, at least 20
    chains : at least 2, as one could not disagree with another
    target_accept : the acceptance rate that the step size is tuned for, between 0 and 1

    Raises
    ------
    ValueError : for what no fit can be made or judged with

    See Also
    --------
    fit : what takes it

    Examples
    --------
    >>> import estimates as est
    >>> est.Sampling(draws=1000)
    Sampling(draws=1000, tune=1000, chains=4, target_accept=0.9)
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

    @property
    def lengths(self) -> list[int]:
        """The draws, tuning draws and chains."""
        return [self.draws, self.tune, self.chains]


#: How far each member of a hierarchy is drawn centred on its location, 0 to 1; empty for none.
Form = tuple[float, ...]


@dataclass(frozen=True)
class Way:
    """How one attempt at a fit draws.

    Attributes
    ----------
    sampling : how long, and how small the steps are (by the acceptance target)
    metric : what the sampler learns of the shape of the density
    depth : a trajectory ends after so many doublings at the latest
    centred : how hierarchies are drawn
    """

    sampling: Sampling
    metric: Adaptation = "diag"
    depth: int = 10
    centred: Form = ()

    @property
    def trajectories(self) -> int:
        """How many trajectories are drawn in all, tuning included."""
        return self.sampling.chains * (self.sampling.draws + self.sampling.tune)

    def closer(self) -> Way | None:
        """Return a way with smaller steps: an acceptance target of .99, then of .999, then none."""
        target = self.sampling.target_accept
        if target >= 0.999:
            return None
        return replace(
            self, sampling=replace(self.sampling, target_accept=0.99 if target < 0.99 else 0.999)
        )

    def longer(self) -> Way:
        """Return a way with four times the draws."""
        longer = replace(self.sampling, draws=4 * self.sampling.draws, tune=2 * self.sampling.tune)
        return replace(self, sampling=longer)


@dataclass(frozen=True)
class Draws:
    """Draws of one fit.

    Attributes
    ----------
    points : array (chain, draw, dimension), in unconstrained space
    logp : array (chain, draw), the joint log density there
    stats : mapping of sampler statistics, each (chain, draw)
    ends : array (divergence, 2, dimension), the points between which trajectories diverged, in the
        order of the draws; None where it is not known
    """

    points: Array
    logp: Array
    stats: Mapping[str, Statistic]
    ends: Array | None = None

    @property
    def diverging(self) -> NDArray[np.bool_]:
        """Which trajectories diverged, (chain, draw)."""
        return self.stats["diverging"].astype(bool)

    @property
    def flat(self) -> Array:
        return self.points.reshape(-1, self.points.shape[-1])
