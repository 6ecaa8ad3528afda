"""One of the two answers that are set side by side: draws under each reading, and weights."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.compare.cited import Cited
from estimates.analysis.compare.pooling import answers
from estimates.inference.fit_job import draws_kept, thinned_rows
from estimates.inference.fitting import Fitted
from estimates.inference.sampling import Sampling
from estimates.inference.summary import QUANTILES, mixed_statistics, statistics
from estimates.model import Model
from estimates.model.combinations import distinct_readings
from estimates.stats.convergence import mcse_mean
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
_ENDS = ("median", "q05", "q95")
_KEYS = (*_ENDS, "mcse_median")
#: A reading lighter than this may be left out of a comparison where it has no draws.
_NEGLIGIBLE = 1e-3


@dataclass(frozen=True)
class Moments:
    """Mean, sd and Monte Carlo error of the mean of several quantities, (quantity,) each."""

    mean: Array
    sd: Array
    error: Array


@dataclass(frozen=True)
class Side:
    """An answer: every reading and their mixture.

    Attributes
    ----------
    model : of this side, whose words may differ from the other's
    values : of every quantity, (reading, chain, draw)
    weights, errors : (reading,) posterior weights and their Monte Carlo errors
    fits : (reading,) the fit that each one's draws are of
    simulated : (simulation, reading) weights under their own error
    choices, labels : option by reading of each
    usable : (reading,) whether its draws may be looked at
    options : by reading and option the posterior weight and its error
    """

    model: Model
    values: Mapping[str, Array]
    weights: Array
    errors: Array
    fits: NDArray[np.int64]
    simulated: Array
    choices: Sequence[Mapping[str, str]]
    labels: Sequence[Mapping[str, str]]
    usable: NDArray[np.bool_]
    options: Mapping[str, Mapping[str, tuple[float, float]]]

    @staticmethod
    def of_tree(fit: xr.DataTree, model: Model, options: Mapping[str, Any]) -> Side:
        """The side of a finished fit; `options` as in its attributes."""
        readings = fit["readings"].to_dataset()
        distinct = distinct_readings(model)
        return Side(
            model,
            {str(k): v.values for k, v in fit["by_reading"].to_dataset().data_vars.items()},
            readings["posterior"].values,
            readings["posterior_se"].values,
            readings["fit"].values,
            readings["weight_simulated"].values,
            [one.choice for one in distinct],
            [one.label for one in distinct],
            readings["status"].values == "ok",
            {
                axis: {o: (w["posterior"], w["posterior_se"]) for o, w in one["options"].items()}
                for axis, one in options.items()
            },
        )

    @staticmethod
    def of_fitted(fitted: Fitted, sampling: Sampling) -> Side:
        """The side of fits just made."""
        engine, readings = fitted.engine, fitted.readings
        drawn = [
            engine.values(fitted.answers[one.fit].draws.points, one.choice) for one in readings
        ]
        fewest = min(next(iter(values.values())).shape[1] for values in drawn)
        kept = min(fewest, draws_kept(engine.model, sampling))
        return Side(
            engine.model,
            {
                name: np.stack([thinned_rows(values[name], kept) for values in drawn])
                for name in drawn[0]
            },
            fitted.weights.mean,
            fitted.weights.se,
            np.array([one.fit for one in readings]),
            fitted.weights.simulated,
            [one.choice for one in readings],
            [one.distinct.label for one in readings],
            np.array([one.status == "ok" for one in readings]),
            {
                axis: {name: (one.posterior, one.se) for name, one in options.items()}
                for axis, options in fitted.options.items()
            },
        )

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Readings, chains, draws."""
        return next(iter(self.values.values())).shape

    def mixed(self, values: Array) -> dict[str, float | None]:
        """Statistics of the mixture of draws (reading, chain, draw); see `mixed_statistics`."""
        return mixed_statistics(values, self.weights, self.fits, self.simulated)

    def moments(self, values: Array) -> Moments:
        """Means, sds and errors of the mixtures of draws (quantity, reading, chain, draw)."""
        spoken = self.weights > 0
        values, weights, fits = values[:, spoken], self.weights[spoken], self.fits[spoken]
        means = values.mean(axis=(2, 3))
        mean = means @ weights
        sd = np.sqrt(((values - mean[:, None, None, None]) ** 2).mean(axis=(2, 3)) @ weights)
        errors = np.stack([mcse_mean(one) for one in values.swapaxes(0, 1)], axis=1)
        errors = np.where(np.ptp(values, axis=(2, 3)) == 0, 0.0, errors) * weights
        per_fit = np.stack([errors[:, fits == f].sum(axis=1) for f in np.unique(fits)])
        of_weights = (self.simulated[:, spoken] @ means.T).std(axis=0)
        return Moments(mean, sd, np.hypot(np.linalg.norm(per_fit, axis=0), of_weights))

    def median(self, name: str) -> float | None:
        """The median of a quantity."""
        spoken = self.weights > 0
        values = self.values[name][spoken]
        if not np.isfinite(values).all():
            return None
        return WeightedDraws(values, self.weights[spoken]).quantile(0.5)

    def numbers(self, name: str) -> dict[str, float | None]:
        """Median and 90 % interval of a quantity, with the Monte Carlo error of each.

        The error of a quantile is that of the share of draws below it, carried over to it.
        """
        values, weights = self.values[name][self.weights > 0], self.weights[self.weights > 0]
        if np.isnan(values).any():
            return dict.fromkeys((*_ENDS, *(f"mcse_{end}" for end in _ENDS)))
        pooled = WeightedDraws(values, weights)
        ends = {end: pooled.quantile(QUANTILES[end]) for end in _ENDS}
        below = np.stack([self.values[name] <= end for end in ends.values()]).astype(float)
        errors = dict(zip(_ENDS, self.moments(below).error, strict=True))
        numbers: dict[str, float | None] = {end: _finite(found) for end, found in ends.items()}
        for end, error in errors.items():
            p = QUANTILES[end]
            spread = pooled.quantile(min(p + error, 1.0)) - pooled.quantile(max(p - error, 0.0))
            numbers[f"mcse_{end}"] = _finite(spread / 2)
        return numbers

    def under(self, number: int, name: str) -> dict[str, float | None]:
        """The same under one reading."""
        if not self.usable[number]:
            return dict.fromkeys(_KEYS)
        found = statistics(self.values[name][number])
        return {key: found[key] for key in _KEYS}

    def place_of(self, choice: Mapping[str, str]) -> int | None:
        """Which of its readings a combination is in; None where it is ruled out."""
        for number, label in enumerate(self.labels):
            if all(choice[axis] in options.split("|") for axis, options in label.items()):
                return number
        return None

    def about(self, figure: Cited) -> tuple[Array, Array] | None:
        """Draws (reading, chain, draw) of what a figure is about, in its unit, and weights.

        Readings that say nothing of it, or have no draws, are left out where they hardly weigh;
        None where they do.
        """
        found = np.empty(self.shape)
        for number, choice in enumerate(self.choices):
            draws = {name: values[number].ravel() for name, values in self.values.items()}
            found[number] = answers(self.model, figure, draws, choice).reshape(self.shape[1:])
        known = self.usable & ~np.isnan(found).any(axis=(1, 2))
        if np.any(~known & (self.weights >= _NEGLIGIBLE)):
            return None
        weights = np.where(known, self.weights, 0.0)
        return found, weights / weights.sum()

    def chance(self, event: NDArray[np.bool_], weights: Array) -> tuple[float, float]:
        """The probability of an event (reading, chain, draw), and its Monte Carlo error."""
        share = np.where(weights > 0, self.simulated, 0.0)
        simulated = share / share.sum(axis=1, keepdims=True)
        found = mixed_statistics(event.astype(float), weights, self.fits, simulated)
        return float(found["mean"] or 0.0), float(found["mcse_mean"] or 0.0)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
