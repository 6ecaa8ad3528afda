"""One view of a fit: draws by reading and their weights, and what they say of a quantity.

Of a finished fit as of fits that were just made: whoever asks about draws asks here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.cited import Cited, cited
from estimates.analysis.result import Numbers
from estimates.inference.meant import claimed
from estimates.inference.statistics import mixed_error, statistics_of
from estimates.inference.tree_view import NEGLIGIBLE, TreeView
from estimates.language.expression import NUMPY_OPS, evaluate, names
from estimates.model import BoundClaim
from estimates.stats.convergence import mcse_mean
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]


class Chance(NamedTuple):
    """A probability and its Monte Carlo error."""

    value: float
    se: float


class Moments(NamedTuple):
    """Mean, sd and Monte Carlo error of the mean, (quantity,) each."""

    mean: Array
    sd: Array
    error: Array


class FitView(TreeView):
    """A fit in numbers: by reading, for their mixture, and beside cited figures."""

    def under(self, reading: int, name: str) -> Numbers:
        """Return the median and 90 % interval of a variable under one reading."""
        usable = self.usable[reading]
        return Numbers.of(statistics_of(self.draws(name)[reading]) if usable else None)

    def yardstick(self, claim: BoundClaim) -> Cited:
        """Return the yardstick that a held-out claim makes to compare answers with."""
        return cited(claim, self.model.conventions)

    def unit_of(self, use: BoundClaim) -> str:
        """Return the unit in which a claim is compared; a share counts as one."""
        return use.unit or ("share" if str(self.model.unit_of(use.about)) == "share" else "")

    def beside(self, figure: Cited) -> tuple[Array, Array] | None:
        """Draws (reading, chain, draw) of what a figure is about, in its unit, and weights.

        Readings that say nothing of it, or have no draws, are left out where they hardly weigh;
        None where they do.
        """
        found = self.claimed(figure.claim)
        known = self.usable & ~np.isnan(found).any(axis=(1, 2))
        if np.any(~known & (self.weights >= NEGLIGIBLE)):
            return None
        weights = np.where(known, self.weights, 0.0)
        return found, weights / weights.sum()

    def claimed(self, claim: BoundClaim) -> Array:
        """Return draws (reading, chain, draw) of what a claim is about, nan where of nothing."""
        found = [
            claimed(self.model, claim, self.env(number), reading.choice)
            for number, reading in enumerate(self.readings)
        ]
        return np.stack(found)

    def own_error(self, claim: BoundClaim) -> float:
        """Return the median width of a claim's own error, where it is learnt; else 0."""
        if claim.spread is None:
            return 0.0
        heaviest = int(np.argmax(self.weights))
        env = {name: self.draws(name)[heaviest] for name in names(claim.spread)}
        return float(np.median(evaluate(claim.spread, env, NUMPY_OPS)))

    # The mixture --------------------------------------------------------------------------------

    def moments(self, values: Array) -> Moments:
        """Return means, sds and errors of mixtures of draws (quantity, reading, chain, draw)."""
        values, weights = values[:, self.weighty], self.weights[self.weighty]
        fits = self.fits[self.weighty]
        means = values.mean(axis=(2, 3))
        mean = means @ weights
        sd = np.sqrt(((values - mean[:, None, None, None]) ** 2).mean(axis=(2, 3)) @ weights)
        errors = np.stack([mcse_mean(one) for one in values.swapaxes(0, 1)], axis=1)
        errors = np.where(np.ptp(values, axis=(2, 3)) == 0, 0.0, errors) * weights
        per_fit = np.stack([errors[:, fits == f].sum(axis=1) for f in np.unique(fits)])
        of_weights = (self.simulated[:, self.weighty] @ means.T).std(axis=0)
        return Moments(mean, sd, np.hypot(np.linalg.norm(per_fit, axis=0), of_weights))

    def chance(self, event: NDArray[np.bool_], weights: Array) -> Chance:
        """Return the probability of an event (reading, chain, draw), and its Monte Carlo error."""
        told = weights > 0
        share = self.simulated[:, told] / self.simulated[:, told].sum(axis=1, keepdims=True)
        happens = event[told].astype(float)
        error = mixed_error(happens, weights[told], self.fits[told], share)
        return Chance(float(weights[told] @ happens.mean(axis=(1, 2))), error)

    def pooled(self, name: str) -> WeightedDraws | None:
        """Return all draws of a variable as one sample; None where a reading of weight has none."""
        values = self.draws(name)[self.weighty]
        return None if np.isnan(values).any() else WeightedDraws(values, self.weights[self.weighty])

    def numbers(self, name: str) -> Numbers:
        """Return the median and 90 % interval of a variable, with their Monte Carlo errors."""
        return Numbers.of(self.mixture(name))
