"""The mixture of readings: which reading each of its draws is from, and how it was sampled."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: Statistics of the sampler, and ArviZ's names for them.
_STATISTICS = {
    "diverging": "diverging",
    "left_domain": "left_domain",
    "at_bound": "at_bound",
    "n_steps": "n_steps",
    "depth": "tree_depth",
    "energy": "energy",
    "logp": "lp",
}


class Mixture:
    """The reading that each draw of a mixture is taken from.

    Systematic sampling gives each reading its share of every chain to within one draw; the draws
    keep their places in time, so that what ArviZ says of the mixture's effective draws is honest.

    Attributes
    ----------
    which : (chain, draw) the reading that each draw of the mixture is taken from
    """

    def __init__(self, weights: Array, shape: tuple[int, int], rng: np.random.Generator) -> None:
        chains, draws = shape
        edges = np.cumsum(weights) / np.sum(weights)
        marks = (np.arange(draws) + rng.uniform(size=(chains, 1))) / draws
        which = np.minimum(np.searchsorted(edges, marks, side="right"), len(weights) - 1)
        self.which: NDArray[np.int64] = rng.permuted(which, axis=1)

    @cached_property
    def readings(self) -> tuple[int, ...]:
        """The readings from which the mixture takes draws."""
        return tuple(int(one) for one in np.unique(self.which))

    def share(self, reading: int) -> int:
        """Return how many draws of a chain the mixture takes from a reading at most."""
        return int((self.which == reading).sum(axis=1).max())

    def take(self, into: NDArray[np.generic], reading: int, values: NDArray[np.generic]) -> None:
        """Put a reading's draws (chain, draw) where they belong in those of the mixture."""
        into[self.which == reading] = values[self._at(reading, values.shape[1])]

    def _at(self, reading: int, draws: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return which draws of a reading the mixture takes: draw t at its own time t.

        Where a reading has fewer draws than the mixture, those about the same time, each once
        before any twice.
        """
        mine = self.which == reading
        chain, draw = np.nonzero(mine)
        if draws == mine.shape[1]:
            return chain, draw
        order = (np.cumsum(mine, axis=1) - 1)[chain, draw]
        return chain, order * draws // max(1, self.share(reading))


class Statistics:
    """The sampler's statistics of the draws of a mixture, taken reading by reading."""

    def __init__(self, mixture: Mixture) -> None:
        self._mixture = mixture
        self._of_draw: dict[str, NDArray[np.generic]] = {}
        self._known = set(_STATISTICS)

    def take(
        self, reading: int, stats: Mapping[str, NDArray[np.generic]], log_evidence: float
    ) -> None:
        """Take those (chain, draw) of a reading, if the mixture has draws of it.

        Parameters
        ----------
        log_evidence : by which its energies and densities are those of a normalised density, so
            that those of several fits can stand side by side
        """
        if reading not in self._mixture.readings:
            return
        self._known &= set(stats)
        stats = dict(stats)
        for name, shift in (("energy", log_evidence), ("logp", -log_evidence)):
            if name in stats:
                stats[name] = np.add(stats[name], shift)
        for name, values in stats.items():
            into = self._of_draw.setdefault(name, np.empty(self._mixture.which.shape, values.dtype))
            self._mixture.take(into, reading, values)

    def dataset(self) -> xr.Dataset:
        """Return the statistics that every fit has, and the readings."""
        told: dict[str, NDArray[np.generic]] = {"reading": self._mixture.which}
        told |= {new: self._of_draw[old] for old, new in _STATISTICS.items() if old in self._known}
        chains, draws = self._mixture.which.shape
        return xr.Dataset(
            {name: (("chain", "draw"), values) for name, values in told.items()},
            coords={"chain": np.arange(chains), "draw": np.arange(draws)},
        )
