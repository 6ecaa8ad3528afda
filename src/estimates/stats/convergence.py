"""R-hat, effective draws and Monte Carlo errors of many quantities at once.

Rank-normalised split R-hat and the bulk and tail effective sample sizes of Vehtari et al. 2021
(Bayesian Analysis 16:667), the same numbers as ArviZ's, in a fifth of the time: a refit takes so
little that looking at it must not take longer.  The tests hold each number to ArviZ's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft
from scipy.special import betaincinv, fdtrc, ndtri

Array = NDArray[np.float64]
_BLOM = 3 / 8
_ONE_SD = (0.1586553, 0.8413447)  # normal probabilities
_STRETCHES = 16
_RESOLUTION = np.finfo(float).resolution


@dataclass(frozen=True)
class Convergence:
    """Diagnostics of several quantities, each (quantity,); nan where a draw is nan."""

    rhat: Array
    bulk: Array
    tail: Array


def convergence(values: Array, tails: tuple[float, float]) -> Convergence:
    """Diagnose draws.

    Parameters
    ----------
    values : (quantity, chain, draw), at least four draws of two chains
    tails : the probabilities whose quantiles' effective draws are those of the tails
    """
    halves = split(values)
    bulk = _normal_scores(halves)
    folded = np.abs(halves - np.median(halves, axis=(1, 2), keepdims=True))
    rhat = np.maximum(_rhat(bulk), _rhat(_normal_scores(folded)))
    ends = np.quantile(values, tails, axis=(1, 2))
    below = [halves <= end[:, None, None] for end in ends]
    middle, *outer = effective(np.concatenate([bulk, *below])).reshape(3, -1)
    invalid = np.isnan(values).any(axis=(1, 2))
    found = [np.where(invalid, np.nan, x) for x in (rhat, middle, np.minimum(*outer))]
    return Convergence(*found)


def mcse_mean(values: Array) -> Array:
    """Return the Monte Carlo standard error (quantity,) of the mean of each quantity's draws."""
    return np.asarray(values.std(axis=(1, 2), ddof=1) / np.sqrt(effective(split(values))))


def mcse_median(values: Array) -> Array:
    """Return the Monte Carlo standard error (quantity,) of the median of each quantity's draws."""
    return mcse_quantile(values, 0.5)


def mcse_quantile(values: Array, probability: float) -> Array:
    """Return the Monte Carlo standard error (quantity,) of a quantile of draws.

    Half the distance of the quantiles that bound one standard deviation of the beta distribution
    of the share below it (Vehtari et al. 2021, §4.4).
    """
    return mcse_quantiles(values, [probability])[0]


def mcse_quantiles(values: Array, probabilities: Sequence[float]) -> Array:
    """Return the errors (probability, quantity) of several quantiles, as `mcse_quantile`."""
    ordered = np.sort(values.reshape(len(values), -1), axis=1)
    quantiles = np.quantile(ordered, probabilities, axis=1)
    below = values <= quantiles[..., None, None]
    worth = effective(split(below.reshape(-1, *values.shape[1:]).astype(float)))
    worth = worth.reshape(quantiles.shape)
    p, size = np.reshape(probabilities, (-1, 1)), ordered.shape[1]
    low, high = (betaincinv(worth * p + 1, worth * (1 - p) + 1, end) for end in _ONE_SD)
    known = np.isfinite(worth)
    first = np.floor(np.maximum(np.where(known, low, 0) * size - 1, 0)).astype(int)
    last = np.ceil(np.minimum(np.where(known, high, 0) * size - 1, size - 1)).astype(int)
    rows = np.arange(len(values))
    return np.where(known, (ordered[rows, last] - ordered[rows, first]) / 2, np.nan)


def chance_of_shares(values: Array, probabilities: Sequence[float]) -> Array:
    """Test whether chains agree on how much lies below each quantile: p (probability, quantity).

    Chains may agree in their means and spreads while only one of them has been in a tip.  The
    share of each chain below the common quantile is a mean; how well it is known is told by the
    means of stretches of it.  So this is a one-way analysis of variance of those, the chains being
    the groups, with a sixteenth of a chain as a stretch.

    Parameters
    ----------
    values : (quantity, chain, draw)
    """
    count, chains, draws = values.shape
    length = draws // _STRETCHES
    kept = values[..., : length * _STRETCHES].reshape(count, chains, _STRETCHES, length)
    freedom = chains - 1, chains * (_STRETCHES - 1)
    result = np.ones((len(probabilities), count))
    for row, quantiles in enumerate(np.quantile(values, probabilities, axis=(1, 2))):
        means = (kept <= quantiles[:, None, None, None]).mean(axis=3)
        within = means.var(axis=2, ddof=1).mean(axis=1) / _STRETCHES
        between = means.mean(axis=2).var(axis=1, ddof=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(between > 0, between / within, 0.0)
        result[row] = fdtrc(*freedom, ratio)
    return result


def split(values: Array) -> Array:
    """Return each chain (second axis) cut into its two halves."""
    half = values.shape[-1] // 2
    return np.concatenate([values[..., :half], values[..., -half:]], axis=-2)


def effective(halves: Array) -> Array:
    """Return the effective draws (quantity,) of the mean of split chains."""
    count, chains, draws = halves.shape
    covariance = _autocovariance(halves).mean(axis=1)
    between = halves.mean(axis=2).var(axis=1, ddof=1) if chains > 1 else np.zeros(count)
    constant = np.ptp(halves, axis=(1, 2)) < _RESOLUTION
    result = np.empty(count)
    for i, (lags, spread) in enumerate(zip(covariance, between, strict=True)):
        within = float(lags[0]) * draws / (draws - 1)
        total = float(lags[0]) + float(spread)
        if constant[i]:
            result[i] = chains * draws
        elif not math.isfinite(total):
            result[i] = math.nan
        else:
            tau = _geyer(1 - (within - lags) / total)
            result[i] = chains * draws / max(tau, 1 / math.log10(chains * draws))
    return result


def _geyer(correlation: Array) -> float:
    """Return the integrated autocorrelation time by Geyer's initial monotone positive sequence.

    Pairs of neighbouring lags are added while their sum is positive, none larger than the one
    before; the first even lag after them counts once if it is positive.
    """
    even, odd = 1.0, float(correlation[1])
    pairs = [even + odd]
    t = 1
    while t < len(correlation) - 3 and even + odd > 0.0:
        even, odd = float(correlation[t + 1]), float(correlation[t + 2])
        if even + odd >= 0:
            pairs.append(even + odd)
        t += 2
    # The last pair looked at is not part of the sum, as ArviZ has it.
    kept = pairs[: (t - 1) // 2]
    following = even if even > 0 or even + odd >= 0 else 0.0
    return -1.0 + 2.0 * float(np.sum(np.minimum.accumulate(kept))) + following


def _rhat(halves: Array) -> Array:
    draws = halves.shape[-1]
    between = draws * halves.mean(axis=2).var(axis=1, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        within = halves.var(axis=2, ddof=1).mean(axis=1)
        return np.asarray(np.sqrt((between / within + draws - 1) / draws))


def _normal_scores(halves: Array) -> Array:
    """Return the ranks of each quantity's draws as quantiles of a normal (Blom 1958)."""
    flat = halves.reshape(len(halves), -1)
    size = flat.shape[1]
    order = np.argsort(flat, axis=1)
    ranks = np.empty_like(flat)
    for row, places, values in zip(ranks, order, flat, strict=True):
        ordered = values[places]
        first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        times = np.diff(first, append=size)
        row[places] = np.repeat(first + (times + 1) / 2, times)  # ties share their mean rank
    return np.asarray(ndtri((ranks - _BLOM) / (size - 2 * _BLOM + 1))).reshape(halves.shape)


def _autocovariance(halves: Array) -> Array:
    """Return the autocovariance at every lag, over the last axis."""
    draws = halves.shape[-1]
    length = fft.next_fast_len(2 * draws, real=True)
    spectrum = fft.rfft(halves - halves.mean(axis=-1, keepdims=True), n=length)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(fft.irfft(power, n=length)[..., :draws] / draws)
