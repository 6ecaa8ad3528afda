"""Draws in numbers: of one reading, or of the mixture of several by their weights."""

from __future__ import annotations

import math
from typing import SupportsFloat

import numpy as np
from numpy.typing import NDArray

from estimates.inference.result import Statistics
from estimates.inference.var_names import ends_of
from estimates.stats.convergence import mcse_mean, mcse_quantiles
from estimates.stats.weighted import WeightedDraws, quantiles, size_of

Array = NDArray[np.float64]
#: Those whose Monte Carlo errors are stated, and what they are called there.
ERRORS = {"mcse_q05": 0.05, "mcse_median": 0.5, "mcse_q95": 0.95}
QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}


def statistics_of(values: Array) -> Statistics:
    """Return statistics of draws (chain, draw); only quantiles where some are not finite."""
    if not np.all(np.isfinite(values)):
        return Statistics(**_quantiles(values))
    constant = np.ptp(values) == 0
    size = size_of(values)
    sized = values / size
    errors = np.zeros(len(ERRORS))
    if not constant:
        errors = mcse_quantiles(sized[None], list(ERRORS.values()))[:, 0]
    return Statistics(
        mean=number_or_none(size * sized.mean()),
        sd=number_or_none(size * sized.std(ddof=1)),
        mcse_mean=0.0 if constant else number_or_none(size * mcse_mean(sized[None])[0]),
        **{name: number_or_none(size * one) for name, one in zip(ERRORS, errors, strict=True)},
        **_quantiles(values),
    )


def mixture_of(
    values: Array, weights: Array, fits: NDArray[np.int64], simulated: Array
) -> Statistics:
    """Return statistics of the mixture over readings, from every draw by its reading's weight.

    The Monte Carlo errors combine those of the readings (readings of one fit share theirs) with
    the errors of the weights; a quantile errs by half the distance of those that are one error of
    its probability away.  A mixture of one reading is that reading, in every digit, and so is one
    of readings that all have the same draws.

    Parameters
    ----------
    values : (reading, chain, draw)
    weights : (reading,) posterior weights
    fits : (reading,) the fit that each reading's draws come from
    simulated : (simulation, reading) weights under their own Monte Carlo error
    """
    spoken = weights > 0
    values, weights, fits = values[spoken], weights[spoken], fits[spoken]
    if np.isnan(values).any():
        return Statistics()
    values, weights, fits, simulated = _merged(values, weights, fits, simulated[:, spoken])
    if len(values) == 1:
        return statistics_of(values[0])
    pooled = WeightedDraws(values, weights)
    with np.errstate(over="ignore", invalid="ignore"):
        size = size_of(values)
        sized = values / size
        means = sized.mean(axis=(1, 2))
        mean = float(weights @ means)
        sd = math.sqrt(max(0.0, float(weights @ ((sized - mean) ** 2).mean(axis=(1, 2)))))
        error_of_mean = mixed_error(sized, weights, fits, simulated)

    def error_at(p: float) -> float:
        below = (values <= pooled.quantile(p)).astype(float)
        error = mixed_error(below, weights, fits, simulated)
        return (pooled.quantile(min(p + error, 1.0)) - pooled.quantile(max(p - error, 0.0))) / 2

    return Statistics(
        mean=number_or_none(size * mean),
        sd=number_or_none(size * sd),
        mcse_mean=number_or_none(size * error_of_mean),
        **{name: number_or_none(error_at(p)) for name, p in ERRORS.items()},
        **{name: number_or_none(pooled.quantile(p)) for name, p in QUANTILES.items()},
    )


def alike(values: Array) -> NDArray[np.int64]:
    """Return which readings have the same draws, a number (reading,) for each distinct array.

    Most readings share most draws, and what is worked out of one array need not be again.

    Parameters
    ----------
    values : (reading, ...)
    """
    if values.strides[0] == 0:  # one array, broadcast
        return np.zeros(len(values), dtype=np.int64)
    rows = np.ascontiguousarray(values.reshape(len(values), -1)).view(np.int64)  # nan like nan
    found: list[int] = []
    group = np.empty(len(rows), dtype=np.int64)
    for number, row in enumerate(rows):
        same = (i for i, j in enumerate(found) if row[0] == rows[j, 0])
        group[number] = next((i for i in same if np.array_equal(row, rows[found[i]])), len(found))
        if group[number] == len(found):
            found.append(number)
    return group


def _merged(
    values: Array, weights: Array, fits: NDArray[np.int64], simulated: Array
) -> tuple[Array, Array, NDArray[np.int64], Array]:
    """Return a mixture in which readings with the same draws are one; arguments as `mixture_of`."""
    group = alike(values)
    numbers, first = np.unique(group, return_index=True)
    if len(numbers) == len(values):
        return values, weights, fits, simulated
    joined = np.stack([simulated[:, group == one].sum(axis=1) for one in numbers], axis=1)
    return values[first], np.bincount(group, weights), fits[first], joined


def interval_of(values: Array, weights: Array, ci_prob: float) -> tuple[float | None, float | None]:
    """Return the equal-tailed interval of draws (reading, ...) with weights (reading,).

    An end is None where it is not finite, or a draw of a reading with weight is nan.
    """
    spoken = weights > 0
    low, high = ends_of(ci_prob)
    if not spoken.any() or np.isnan(values[spoken]).any():
        return None, None
    group = alike(values[spoken])
    _, first = np.unique(group, return_index=True)
    pooled = WeightedDraws(values[spoken][first], np.bincount(group, weights[spoken]))
    return number_or_none(pooled.quantile(low)), number_or_none(pooled.quantile(high))


def mixed_error(values: Array, weights: Array, fits: NDArray[np.int64], simulated: Array) -> float:
    """Return the Monte Carlo error of the mean of a mixture; arguments as `mixture_of`."""
    moving, errors = np.ptp(values, axis=(1, 2)) > 0, np.zeros(len(values))
    errors[moving] = mcse_mean(values[moving]) if moving.any() else 0.0
    per_fit = [np.sum((weights * errors)[fits == f]) for f in np.unique(fits)]
    of_weights = np.std(simulated @ values.mean(axis=(1, 2)))
    return float(np.hypot(np.linalg.norm(per_fit), of_weights))


def _quantiles(values: Array) -> dict[str, float | None]:
    found = quantiles(values, list(QUANTILES.values()))
    return {name: number_or_none(one) for name, one in zip(QUANTILES, found, strict=True)}


def number_or_none(value: SupportsFloat) -> float | None:
    """Return a finite number as it is, and None for nan or infinity."""
    number = float(value)
    return number if math.isfinite(number) else None
