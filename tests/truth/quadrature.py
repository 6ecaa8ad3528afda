"""Posteriors in one dimension, by sums over a fine grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logsumexp

from .tolerance import PROBABILITIES, Truth

Array = NDArray[np.float64]
_COARSE, _FINE, _NEGLIGIBLE = 8001, 20001, 45.0


@dataclass(frozen=True)
class Prior:
    """A prior as x(u), u on the real line, and the log density of u."""

    value: Callable[[Array], Array]
    log_density: Callable[[Array], Array]
    reach: float = 40.0


def interval(low: float, high: float, link: str, coverage: float = 0.90) -> Prior:
    """An interval prior: normal on its link scale, equal tails missing."""
    forward = {"log": math.log, "logit": lambda p: math.log(p / (1 - p)), "identity": float}[link]
    backward = {"log": np.exp, "logit": expit, "identity": np.asarray}[link]
    centre = (forward(low) + forward(high)) / 2
    sd = (forward(high) - forward(low)) / (2 * stats.norm.ppf(0.5 + coverage / 2))
    return Prior(lambda u: backward(centre + sd * u), stats.norm.logpdf)


def beta(a: float, b: float) -> Prior:
    """A Beta prior; u is the logit."""
    constant = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)

    def log_density(u: Array) -> Array:
        return constant - a * np.logaddexp(0, -u) - b * np.logaddexp(0, u)

    return Prior(expit, log_density, reach=60.0)


def posterior(prior: Prior, *likelihoods: Callable[[Array], Array]) -> tuple[float, Truth]:
    """The log evidence, and the posterior of x.

    The trapezoid rule over smooth functions that vanish at the ends is exact to rounding.  Two
    rounds: where the mass is, then finely there.
    """

    def log_joint(u: Array) -> Array:
        x = prior.value(u)
        return prior.log_density(u) + sum(likelihood(x) for likelihood in likelihoods)

    ends = -prior.reach, prior.reach
    for size in (_COARSE, _COARSE, _FINE):
        u = np.linspace(*ends, size)
        log = log_joint(u)
        near = np.flatnonzero(log > log.max() - _NEGLIGIBLE)
        ends = u[max(near[0] - 1, 0)], u[min(near[-1] + 1, size - 1)]
    step = u[1] - u[0]
    return float(logsumexp(log) + math.log(step)), of_weights(prior.value(u), np.exp(log - log.max()))


def of_weights(values: Array, weights: Array) -> Truth:
    """Moments and quantiles of values in order with the weights of their grid points."""
    weights = weights / weights.sum()
    mean = float(weights @ values)
    cumulative = np.cumsum(weights) - weights / 2
    found = {"mean": mean, "sd": math.sqrt(float(weights @ (values - mean) ** 2))}
    for name, probability in PROBABILITIES.items():
        found[name] = float(np.interp(probability, cumulative, values))
    return Truth(found)
