"""Posteriors in one dimension, by sums over a fine grid."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import betaln, expit, logit, logsumexp

from .tolerance import PROBABILITIES, Truth

Array = NDArray[np.float64]
_COARSE, _FINE, _NEGLIGIBLE = 8001, 20001, 45.0


LINKS = {"identity": np.asarray, "log": np.log, "logit": logit}
INVERSES = {"identity": np.asarray, "log": np.exp, "logit": expit}


@dataclass(frozen=True)
class Prior:
    """A prior as the log density of u = link(x), u from `low` to `high`.

    Posteriors are compared on the link scale, where they are nearest to normal: the standard
    error of an sd is itself badly known where a tail is long.
    """

    link: str
    log_density: Callable[[Array], Array]
    low: float
    high: float

    def image(self, draws: Array) -> Array:
        """Draws of x on the link scale."""
        return np.asarray(LINKS[self.link](draws))


def interval(low: float, high: float, link: str, coverage: float = 0.90) -> Prior:
    """An interval prior: normal on its link scale, equal tails missing."""
    a, b = (float(LINKS[link](end)) for end in (low, high))
    normal = stats.norm((a + b) / 2, (b - a) / (2 * stats.norm.ppf(0.5 + coverage / 2)))
    return Prior(
        link, normal.logpdf, normal.mean() - 40 * normal.std(), normal.mean() + 40 * normal.std()
    )


def beta(a: float, b: float) -> Prior:
    """A Beta prior, of which the logit is taken."""

    def log_density(u: Array) -> Array:
        return -a * np.logaddexp(0, -u) - b * np.logaddexp(0, u) - betaln(a, b)

    return Prior("logit", log_density, -60.0, 60.0)


def posterior(prior: Prior, *likelihoods: Callable[[Array], Array]) -> tuple[float, Truth]:
    """The log evidence, and the posterior of x on the link scale.

    The trapezoid rule over smooth functions that vanish at the ends is exact to rounding.  Two
    rounds: where the mass is, then finely there.
    """

    def log_joint(u: Array) -> Array:
        x = INVERSES[prior.link](u)
        return prior.log_density(u) + sum(likelihood(x) for likelihood in likelihoods)

    ends = prior.low, prior.high
    for size in (_COARSE, _COARSE, _FINE):
        u = np.linspace(*ends, size)
        log = log_joint(u)
        near = np.flatnonzero(log > log.max() - _NEGLIGIBLE)
        ends = u[max(near[0] - 1, 0)], u[min(near[-1] + 1, size - 1)]
    step = u[1] - u[0]
    truth = of_weights(u, np.exp(log - log.max()))
    return float(logsumexp(log) + math.log(step)), truth


def of_weights(values: Array, weights: Array) -> Truth:
    """Moments and quantiles of values in order with the weights of their grid points."""
    weights = weights / weights.sum()
    mean = float(weights @ values)
    cumulative = np.cumsum(weights) - weights / 2
    found = {"mean": mean, "sd": math.sqrt(float(weights @ (values - mean) ** 2))}
    for name, probability in PROBABILITIES.items():
        found[name] = float(np.interp(probability, cumulative, values))
    return Truth(found)
