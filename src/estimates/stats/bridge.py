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

from estimates.stats.convergence import effective, split

Array = NDArray[np.float64]
_ROUNDS, _TOLERANCE = 1000, 1e-10


@dataclass(frozen=True)
class MarginalLikelihood:
    """A log evidence and its standard error."""

    log: float
    se: float


def bridge(
    points: Array, logp: Array, density: Callable[[Array], Array], rng: np.random.Generator
) -> MarginalLikelihood:
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

    The two estimates are not independent.  By how much each normal is off is, times where the
    other half's draws happen to lie, an error of both: of a normal posterior with means a and b of
    its halves, −a·b in the one and −b·a in the other.  That part of the variance counts twice.  It
    is what differs between the two normals at the same draws, whose variance is twice that of
    either.
    """
    half = points.shape[1] // 2
    parts = [slice(None, half), slice(half, 2 * half)]
    normals = [_Normal.fitted(points[:, part]) for part in parts]
    estimates = [
        _one_way(normals[1 - i], normals[i], points[:, part], logp[:, part], density, rng)
        for i, part in enumerate(parts)
    ]
    logs, variances, common = zip(*estimates, strict=True)
    return MarginalLikelihood(float(np.mean(logs)), math.sqrt(sum(variances) / 4 + sum(common) / 4))


@dataclass(frozen=True)
class _Normal:
    """A normal distribution with the mean and covariance of draws."""

    centre: Array
    root: Array
    whitening: Array
    constant: float

    @classmethod
    def fitted(cls, points: Array) -> _Normal:
        dimension = points.shape[-1]
        cloud = points.reshape(-1, dimension)
        spread = np.atleast_2d(np.cov(cloud, rowvar=False))
        root = np.linalg.cholesky(spread + 1e-12 * np.diag(np.diag(spread)))
        whitening = solve_triangular(root, np.eye(dimension), lower=True).T
        constant = dimension * np.log(2 * np.pi) / 2 + np.log(np.diag(root)).sum()
        return cls(cloud.mean(axis=0), root, whitening, constant)

    def logp(self, rows: Array) -> Array:
        standard = (rows - self.centre) @ self.whitening
        return np.asarray(-0.5 * np.einsum("ij,ij->i", standard, standard) - self.constant)

    def draw(self, count: int, rng: np.random.Generator) -> Array:
        return self.centre + rng.standard_normal((count, len(self.centre))) @ self.root.T


def _one_way(
    normal: _Normal,
    other: _Normal,
    used: Array,
    logp: Array,
    density: Callable[[Array], Array],
    rng: np.random.Generator,
) -> tuple[float, float, float]:
    """Return the estimate, its variance, and the part of it that is the other half's error too."""
    rows = used.reshape(-1, used.shape[-1])
    proposed = normal.draw(logp.size, rng)
    at_draws = logp - normal.logp(rows).reshape(logp.shape)
    at_proposed = density(proposed) - normal.logp(proposed)

    # The optimal bridge weighs both samples by how many draws they are worth.
    worth = _effective(at_draws)
    share = worth / (worth + len(proposed))
    log_z = _fixed_point(at_draws.ravel(), at_proposed, share)
    up = _sigmoidal(at_proposed - log_z, share)
    down = _sigmoidal_complement(at_draws - log_z, share)
    if not up.max() > 0:  # no proposal came near: nothing is known of the evidence
        return log_z, np.inf, 0.0
    variance = _relative_variance(up) / len(up)
    variance += _relative_variance(down) / _effective(down)
    elsewhere = logp - other.logp(rows).reshape(logp.shape)
    apart = _sigmoidal_complement(elsewhere - log_z, share)
    apart = down / np.mean(down) - apart / np.mean(apart)
    common = np.var(apart) / 2 / _effective(apart)
    return log_z, float(variance), float(common)


def _fixed_point(at_draws: Array, at_proposed: Array, share: float) -> float:
    log_z = float(np.median(at_draws))
    up, down = np.log(share), np.log1p(-share)
    for _ in range(_ROUNDS):
        top = _log_mean(at_proposed - np.logaddexp(up + at_proposed - log_z, down))
        bottom = _log_mean(-np.logaddexp(up + at_draws - log_z, down))
        new = top - bottom
        if abs(new - log_z) < _TOLERANCE * max(1.0, abs(new)):
            return new
        log_z = new
    return log_z


def _log_mean(logs: Array) -> float:
    """Return the log of the mean of numbers given by their logs, at least one of them finite."""
    largest = logs.max()
    return float(largest + np.log(np.mean(np.exp(logs - largest))))


def _relative_variance(values: Array) -> float:
    """Return Var/mean² of numbers that may all be tiny."""
    values = values / values.max()
    return float(np.var(values) / np.mean(values) ** 2)


def _sigmoidal(relative: Array, share: float) -> Array:
    """Return e^x / (share·e^x + 1 − share), without overflow."""
    return np.asarray(np.exp(-np.logaddexp(np.log(share), np.log1p(-share) - relative)))


def _sigmoidal_complement(relative: Array, share: float) -> Array:
    """Return 1 / (share·e^x + 1 − share), without overflow."""
    return np.asarray(np.exp(-np.logaddexp(np.log(share) + relative, np.log1p(-share))))


def _effective(values: Array) -> float:
    """Return the effective number of draws of the mean of values (chain, draw)."""
    return float(effective(split(values[None]))[0])
