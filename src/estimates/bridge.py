"""The evidence p(claims | reading) of a fit, by bridge sampling, with its Monte Carlo error.

Meng & Wong 1996 (Statistica Sinica 6:831) with the optimal bridge, as in Gronau et al. 2017 (J
Math Psych 81:80): the posterior's own draws meet draws of a normal fitted to them.  Each half of
the draws is bridged with the normal fitted to the other half, so that no draw is used twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from estimates.convergence import effective, split

Array = NDArray[np.float64]
_ROUNDS, _TOLERANCE = 1000, 1e-10


@dataclass(frozen=True)
class Evidence:
    """A log evidence and its standard error."""

    log: float
    se: float


def bridge(
    points: Array, logp: Array, density: Callable[[Array], Array], rng: np.random.Generator
) -> Evidence:
    """Estimate the log normalising constant of an unnormalised density from draws of it.

    Parameters
    ----------
    points : (chain, draw, dimension), unconstrained
    logp : (chain, draw), the unnormalised log density at them
    density : log density of rows of points
    rng : for the proposal's draws

    Notes
    -----
    The standard error is that of the ratio estimator, first order, the posterior's draws counted
    by their effective number (Frühwirth-Schnatter 2004, Econometrics J 7:143).
    """
    half = points.shape[1] // 2
    parts = [slice(None, half), slice(half, 2 * half)]
    estimates = [
        _one_way(points[:, fit], points[:, use], logp[:, use], density, rng)
        for fit, use in (parts, parts[::-1])
    ]
    log = float(np.mean([estimate.log for estimate in estimates]))
    first, second = (estimate.se for estimate in estimates)
    return Evidence(log, math.hypot(first, second) / 2)


def _one_way(
    fitted: Array,
    used: Array,
    logp: Array,
    density: Callable[[Array], Array],
    rng: np.random.Generator,
) -> Evidence:
    dimension = fitted.shape[-1]
    cloud = fitted.reshape(-1, dimension)
    centre = cloud.mean(axis=0)
    spread = np.atleast_2d(np.cov(cloud, rowvar=False))
    root = np.linalg.cholesky(spread + 1e-12 * np.diag(np.diag(spread)))
    whitening = solve_triangular(root, np.eye(dimension), lower=True).T
    constant = dimension * np.log(2 * np.pi) / 2 + np.log(np.diag(root)).sum()

    def normal(rows: Array) -> Array:
        standard = (rows - centre) @ whitening
        return np.asarray(-0.5 * np.einsum("ij,ij->i", standard, standard) - constant)

    chains, draws = logp.shape
    proposed = centre + rng.standard_normal((chains * draws, dimension)) @ root.T
    at_draws = (logp.ravel() - normal(used.reshape(-1, dimension))).reshape(chains, draws)
    at_proposed = density(proposed) - normal(proposed)

    # The optimal bridge weighs both samples by how many draws they are worth.
    worth = _effective(at_draws)
    share = worth / (worth + len(proposed))
    log_z = _fixed_point(at_draws.ravel(), at_proposed, share)
    up = _sigmoidal(at_proposed - log_z, share)
    down = _sigmoidal_complement(at_draws - log_z, share)
    variance = np.var(up) / np.mean(up) ** 2 / len(up)
    variance += np.var(down) / np.mean(down) ** 2 / _effective(down)
    return Evidence(log_z, float(np.sqrt(variance)))


def _fixed_point(at_draws: Array, at_proposed: Array, share: float) -> float:
    log_z = float(np.median(at_draws))
    for _ in range(_ROUNDS):
        up, down = np.log(share), np.log1p(-share)
        top = logsumexp(at_proposed - np.logaddexp(up + at_proposed - log_z, down))
        bottom = logsumexp(-np.logaddexp(up + at_draws - log_z, down))
        new = float(top - np.log(len(at_proposed)) - bottom + np.log(len(at_draws)))
        if abs(new - log_z) < _TOLERANCE:
            return new
        log_z = new
    return log_z


def _sigmoidal(relative: Array, share: float) -> Array:
    """e^x / (share·e^x + 1 − share), without overflow."""
    return np.asarray(np.exp(-np.logaddexp(np.log(share), np.log1p(-share) - relative)))


def _sigmoidal_complement(relative: Array, share: float) -> Array:
    """1 / (share·e^x + 1 − share), without overflow."""
    return np.asarray(np.exp(-np.logaddexp(np.log(share) + relative, np.log1p(-share))))


def _effective(values: Array) -> float:
    """Effective number of draws of the mean of values (chain, draw)."""
    return float(effective(split(values[None]))[0])
