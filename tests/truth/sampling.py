"""Posteriors in a few dimensions by importance sampling from a fitted Student t."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import minimize

from .tolerance import PROBABILITIES, Truth

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """Weighted draws.

    Attributes
    ----------
    points : (draw, dimension)
    weights : (draw,), summing to one
    log_evidence, log_evidence_se : of the density that was sampled
    """

    points: Array
    weights: Array
    log_evidence: float
    log_evidence_se: float

    @property
    def effective(self) -> float:
        """How many even draws these are worth."""
        return float(1 / np.sum(self.weights**2))

    def chance(self, event: Array) -> tuple[float, float]:
        """The probability of an event, and its standard error (delta method)."""
        p = float(self.weights @ event)
        return p, math.sqrt(float(self.weights**2 @ (event - p) ** 2))

    def of(self, values: Array) -> Truth:
        """What is true of values (draw,), and how well the sample knows it."""
        mean = float(self.weights @ values)
        apart = values - mean
        sd = math.sqrt(float(self.weights @ apart**2))
        found = {"mean": mean, "sd": sd}
        error = {
            "mean": math.sqrt(float(self.weights**2 @ apart**2)),
            "sd": math.sqrt(float(self.weights**2 @ (apart**2 - sd**2) ** 2)) / (2 * sd),
        }
        order = np.argsort(values)
        ordered, cumulative = values[order], np.cumsum(self.weights[order])

        def at(p: float) -> float:
            return float(np.interp(p, cumulative, ordered))

        for name, p in PROBABILITIES.items():
            se = self.chance(values <= at(p))[1]
            found[name], error[name] = at(p), (at(p + se) - at(p - se)) / 2
        return Truth(found, error)


def importance(
    log_density: Callable[[Array], Array], start: Array, draws: int, rng: np.random.Generator
) -> Sample:
    """Importance sampling from a t with five degrees of freedom at the mode of a density.

    Parameters
    ----------
    log_density : of rows of points (draw, dimension), which need not be normalised
    start : a point (dimension,) not too far from the mode
    """
    found = minimize(lambda x: -float(log_density(x[None])[0]), start, method="BFGS")
    covariance = np.linalg.inv(_curvature(log_density, found.x))
    proposal = stats.multivariate_t(found.x, 1.3 * covariance, df=5, seed=rng)
    points = proposal.rvs(draws)
    log = log_density(points) - proposal.logpdf(points)
    return weighted(points, log)


def from_prior(points: Array, log_likelihood: Array) -> Sample:
    """Brute force: draws of the prior, weighted by the likelihood."""
    return weighted(points, log_likelihood)


def weighted(points: Array, log: Array) -> Sample:
    """Draws with unnormalised log weights."""
    weights = np.exp(log - log.max())
    log_evidence = float(np.log(weights.mean()) + log.max())
    se = float(weights.std() / weights.mean() / math.sqrt(len(weights)))
    return Sample(points, weights / weights.sum(), log_evidence, se)


def _curvature(log_density: Callable[[Array], Array], mode: Array, step: float = 1e-3) -> Array:
    """Minus the matrix of second derivatives, by central differences."""
    size = len(mode)
    steps = step * np.eye(size)
    found = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            corners = [(1, 1), (1, -1), (-1, 1), (-1, -1)]
            points = np.array([mode + s * steps[i] + t * steps[j] for s, t in corners])
            values = log_density(points)
            found[i, j] = -(values[0] - values[1] - values[2] + values[3]) / (4 * step**2)
    return (found + found.T) / 2
