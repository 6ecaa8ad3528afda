"""Models that are jointly normal on their link scales: everything is in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from .tolerance import PROBABILITIES, Truth

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Gaussian:
    """x ~ N(mean, covariance).

    Attributes
    ----------
    mean : (unknown,)
    covariance : (unknown, unknown)
    """

    mean: Array
    covariance: Array

    def given(self, design: Array, y: Array, noise: Array) -> tuple[Gaussian, float]:
        """The posterior given y = design @ x + N(0, noise), and the log evidence.

        Parameters
        ----------
        design : (datum, unknown)
        y : (datum,)
        noise : covariance (datum, datum), or the variances (datum,)
        """
        noise = np.diag(noise) if noise.ndim == 1 else noise
        predicted = design @ self.mean
        spread = design @ self.covariance @ design.T + noise
        gain = np.linalg.solve(spread, design @ self.covariance).T
        mean = self.mean + gain @ (y - predicted)
        covariance = self.covariance - gain @ design @ self.covariance
        log_evidence = float(stats.multivariate_normal(predicted, spread).logpdf(y))
        return Gaussian(mean, covariance), log_evidence

    def of(self, weights: Array, offset: float = 0.0) -> Truth:
        """What is true of weights @ x + offset."""
        return normal(
            float(weights @ self.mean) + offset, math.sqrt(weights @ self.covariance @ weights)
        )


def normal(mean: float, sd: float) -> Truth:
    """What is true of a normal quantity."""
    quantiles = {name: mean + sd * stats.norm.ppf(p) for name, p in PROBABILITIES.items()}
    return Truth({"mean": mean, "sd": sd, **quantiles})
