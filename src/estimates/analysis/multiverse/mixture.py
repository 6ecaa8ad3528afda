"""Draws of something under every reading, mixed by the readings' weights, in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.compare.cited import Cited
from estimates.analysis.verdict import Sides
from estimates.inference.fitting import Fitted
from estimates.inference.summary import mixed_error
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]


@dataclass(frozen=True)
class End:
    """A quantile with its Monte Carlo error."""

    value: float
    error: float


@dataclass(frozen=True)
class Ends:
    """Median and 90 % interval; None where undefined."""

    median: End | None = None
    q05: End | None = None
    q95: End | None = None


@dataclass(frozen=True)
class Mixed:
    """Draws of something under each reading, and the readings' weights.

    Attributes
    ----------
    values : (reading, chain, draw)
    weights : (reading,)
    fits : (reading,) the fit that each reading's draws come from
    simulated : (simulation, reading) weights under their own error
    """

    values: Array
    weights: Array
    fits: NDArray[np.int64]
    simulated: Array

    @staticmethod
    def of(values: Sequence[Array], fitted: Fitted) -> Mixed:
        """Readings with more draws than others (a fit that was tried again) lose the last ones."""
        fewest = min(one.shape[1] for one in values)
        fits = np.array([reading.fit for reading in fitted.readings])
        weights = fitted.weights
        stacked = np.stack([one[:, :fewest] for one in values])
        return Mixed(stacked, weights.mean, fits, weights.simulated)

    def alone(self, reading: int) -> Mixed:
        """Of one reading, whatever its weight."""
        one = slice(reading, reading + 1)
        return Mixed(self.values[one], np.ones(1), self.fits[one], np.ones((1, 1)))

    def _error(self, event: NDArray[np.bool_]) -> tuple[float, float] | None:
        """Probability of an event and its Monte Carlo standard error."""
        spoken = self.weights > 0
        values, weights = event[spoken].astype(float), self.weights[spoken]
        error = mixed_error(values, weights, self.fits[spoken], self.simulated[:, spoken])
        mean = float(weights @ values.mean(axis=(1, 2)))
        return (mean, error) if np.isfinite(error) else None

    @property
    def known(self) -> bool:
        """Whether every reading with any weight has a value in every draw."""
        return not np.isnan(self.values[self.weights > 0]).any()

    def ends(self) -> Ends:
        """Median and 90 % interval, and their errors: a quantile errs by the distance of those
        that are one standard error of its probability away (as in `convergence.mcse_median`)."""
        if not self.known:
            return Ends()
        spoken = self.weights > 0
        pooled = WeightedDraws(self.values[spoken], self.weights[spoken])

        def end(p: float) -> End | None:
            at = pooled.quantile(p)
            of = self._error(self.values <= at)
            if not np.isfinite(at) or of is None:
                return None
            low, high = (pooled.quantile(min(max(p + s * of[1], 0.0), 1.0)) for s in (-1, 1))
            return End(at, (high - low) / 2)

        return Ends(end(0.5), end(0.05), end(0.95))

    def sides(self, figure: Cited) -> Sides | None:
        """P(below) and P(above) a cited figure."""
        if not self.known:
            return None
        low = -np.inf if figure.low is None else figure.low
        high = np.inf if figure.high is None else figure.high
        below, above = self._error(self.values < low), self._error(self.values > high)
        inside = self._error((self.values >= low) & (self.values <= high))
        if below is None or above is None or inside is None:
            return None
        return Sides(below[0], above[0], below[1], above[1], inside[1])


def weighted_ends(values: Array, weights: Array) -> Ends:
    """What `Mixed.ends` says, of weighted draws."""
    draws = WeightedDraws(values, weights)
    count = 1 / float(np.sum(weights**2))

    def end(p: float) -> End:
        error = np.sqrt(p * (1 - p) / count)
        low, at, high = draws.quantiles((p - error, p, p + error))
        return End(float(at), float(high - low) / 2)

    return Ends(end(0.5), end(0.05), end(0.95))
