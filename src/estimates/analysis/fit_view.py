"""One view of a fit: draws by reading and their weights, and what they say of a quantity.

Of a finished fit as of fits that were just made: whoever asks about draws asks here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates._util.records import Column, read
from estimates.analysis.cited import Cited, answers, cited
from estimates.analysis.result import Numbers
from estimates.inference.fit_job import draws_kept, thinned_rows
from estimates.inference.fitting import Fitted
from estimates.inference.posterior import attributes
from estimates.inference.sampling import Sampling
from estimates.inference.summary import QUANTILES, mixed_error, statistics_of
from estimates.language.phrases import spoken
from estimates.model import BoundClaim, Model
from estimates.model.combinations import Distinct, distinct_readings
from estimates.model.io import load_json
from estimates.stats.convergence import mcse_mean
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
#: A reading lighter than this may be left out of a mixture where it has no draws.
NEGLIGIBLE = 1e-3
_WITHOUT_DRAWS = ("impossible", "negligible, not converged")


def sampling_of(fit: xr.DataTree) -> Sampling:
    """How a fit was sampled."""
    draws, tune, chains = json.loads(fit.attrs["sampling"])
    return Sampling(draws=draws, tune=tune, chains=chains)


@dataclass(frozen=True)
class Weight:
    """The posterior weight of an option, and its Monte Carlo error."""

    posterior: float
    se: Annotated[float, Column(key="posterior_se")]


@dataclass(frozen=True)
class _Axis:
    options: Mapping[str, Weight]


class Chance(NamedTuple):
    """A probability and its Monte Carlo error."""

    value: float
    se: float


class Moments(NamedTuple):
    """Mean, sd and Monte Carlo error of the mean of several quantities, (quantity,) each."""

    mean: Array
    sd: Array
    error: Array


@dataclass(frozen=True, eq=False)
class FitView:
    """A fit: every reading, and their mixture.

    Attributes
    ----------
    drawn : of every quantity, by the name of its variable, (reading, chain, draw)
    readings : in the order in which everything else has them
    weights, errors : (reading,) posterior weights and their Monte Carlo errors
    simulated : (simulation, reading) weights under their own error
    fits : (reading,) the fit that each one's draws come from
    status : (reading,) `ok`, or what is wrong with its draws
    log_evidence : (reading,)
    options : by reading and option
    """

    model: Model
    drawn: Mapping[str, Array | xr.DataArray]
    readings: tuple[Distinct, ...]
    weights: Array
    errors: Array
    simulated: Array
    fits: NDArray[np.int64]
    status: tuple[str, ...]
    log_evidence: Array
    options: Mapping[str, Mapping[str, Weight]]

    @staticmethod
    def of(fit: xr.DataTree) -> FitView:
        """Of what `estimates.fit` returned."""
        model = load_json(fit.attrs["model"], fit.attrs["slug"])
        found = fit["readings"].to_dataset()
        return FitView(
            model,
            {str(name): values for name, values in fit["by_reading"].to_dataset().items()},
            distinct_readings(model),
            np.asarray(found["posterior"].values, dtype=float),
            found["posterior_se"].values,
            found["weight_simulated"].values,
            found["fit"].values,
            tuple(map(str, found["status"].values)),
            found["log_evidence"].values,
            {
                axis: read(_Axis, one).options
                for axis, one in json.loads(fit.attrs["options"]).items()
            },
        )

    @staticmethod
    def of_fits(found: Fitted, sampling: Sampling) -> FitView:
        """Of fits just made."""
        engine = found.engine
        drawn = [
            engine.values(found.answers[one.fit].draws.points, one.choice) for one in found.readings
        ]
        fewest = min(next(iter(values.values())).shape[1] for values in drawn)
        kept = min(fewest, draws_kept(engine.model, sampling))
        return FitView(
            engine.model,
            {
                name: np.stack([thinned_rows(values[name], kept) for values in drawn])
                for name in drawn[0]
            },
            tuple(one.distinct for one in found.readings),
            found.weights.mean,
            found.weights.se,
            found.weights.simulated,
            np.array([one.fit for one in found.readings]),
            tuple(one.status for one in found.readings),
            np.array([found.answers[one.fit].evidence.log for one in found.readings]),
            {
                axis: {name: Weight(one.posterior, one.se) for name, one in options.items()}
                for axis, options in found.options.items()
            },
        )

    # Readings -----------------------------------------------------------------------------------

    @cached_property
    def usable(self) -> NDArray[np.bool_]:
        """(reading,) whether its draws may be looked at."""
        return np.array([one == "ok" for one in self.status])

    @cached_property
    def with_draws(self) -> tuple[int, ...]:
        """The readings that have weight and draws, converged or not."""
        there = np.array([one not in _WITHOUT_DRAWS for one in self.status])
        return tuple(int(i) for i in np.flatnonzero((self.weights > 0) & there))

    @cached_property
    def weighty(self) -> NDArray[np.bool_]:
        """(reading,) whether it has any weight."""
        return np.asarray(self.weights > 0)

    def under(self, reading: int, name: str) -> Numbers:
        """Median and 90 % interval of a variable under one reading; no errors of the ends."""
        if not self.usable[reading]:
            return Numbers()
        found = statistics_of(self.draws(name)[reading])
        return Numbers(
            median=found.median, q05=found.q05, q95=found.q95, mcse_median=found.mcse_median
        )

    def place_of(self, choice: Mapping[str, str]) -> int | None:
        """Which of its readings a combination is in; None where it is ruled out."""
        for number, reading in enumerate(self.readings):
            if all(choice[axis] in said.split("|") for axis, said in reading.label.items()):
                return number
        return None

    # Quantities ---------------------------------------------------------------------------------

    def draws(self, name: str) -> Array:
        """Draws of a variable, (reading, chain, draw); nan where a reading says nothing of it."""
        return np.asarray(self.drawn[name], dtype=float)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Readings, chains, draws."""
        return next(iter(self.drawn.values())).shape

    def label(self, name: str) -> str:
        """A quantity in words, else its name."""
        return attributes(self.model, name)["label"]

    def title(self, name: str) -> str:
        """The same, and its name in words where it has no label."""
        label = self.label(name)
        return spoken(label) if label == name else label

    def unit(self, name: str) -> str:
        """The unit of a quantity's draws."""
        return attributes(self.model, name)["unit"]

    def cited(self, about: str | None = None) -> tuple[BoundClaim, ...]:
        """The claims that are held out, of one target or of all."""
        held_out = (use for use in self.model.uses if use.held_out)
        return tuple(use for use in held_out if about is None or str(use.about) == about)

    def yardstick(self, claim: BoundClaim) -> Cited:
        """What a held-out claim makes to compare with."""
        return cited(claim, self.model.conventions)

    def beside(self, figure: Cited) -> tuple[Array, Array] | None:
        """Draws (reading, chain, draw) of what a figure is about, in its unit, and weights.

        Readings that say nothing of it, or have no draws, are left out where they hardly weigh;
        None where they do.
        """
        found = np.empty(self.shape)
        every = {name: self.draws(name) for name in self.drawn}
        for number, reading in enumerate(self.readings):
            drawn = {name: values[number].ravel() for name, values in every.items()}
            said = answers(self.model, figure.claim, drawn, reading.choice)
            found[number] = said.reshape(self.shape[1:])
        known = self.usable & ~np.isnan(found).any(axis=(1, 2))
        if np.any(~known & (self.weights >= NEGLIGIBLE)):
            return None
        weights = np.where(known, self.weights, 0.0)
        return found, weights / weights.sum()

    # The mixture --------------------------------------------------------------------------------

    def moments(self, values: Array) -> Moments:
        """Means, sds and errors of the mixtures of draws (quantity, reading, chain, draw)."""
        values, weights = values[:, self.weighty], self.weights[self.weighty]
        fits = self.fits[self.weighty]
        means = values.mean(axis=(2, 3))
        mean = means @ weights
        sd = np.sqrt(((values - mean[:, None, None, None]) ** 2).mean(axis=(2, 3)) @ weights)
        errors = np.stack([mcse_mean(one) for one in values.swapaxes(0, 1)], axis=1)
        errors = np.where(np.ptp(values, axis=(2, 3)) == 0, 0.0, errors) * weights
        per_fit = np.stack([errors[:, fits == f].sum(axis=1) for f in np.unique(fits)])
        of_weights = (self.simulated[:, self.weighty] @ means.T).std(axis=0)
        return Moments(mean, sd, np.hypot(np.linalg.norm(per_fit, axis=0), of_weights))

    def chance(self, event: NDArray[np.bool_], weights: Array) -> Chance:
        """The probability of an event (reading, chain, draw), and its Monte Carlo error."""
        told = weights > 0
        share = self.simulated[:, told] / self.simulated[:, told].sum(axis=1, keepdims=True)
        happens = event[told].astype(float)
        error = mixed_error(happens, weights[told], self.fits[told], share)
        return Chance(float(weights[told] @ happens.mean(axis=(1, 2))), error)

    def pooled(self, name: str) -> WeightedDraws | None:
        """All draws of a variable as one sample; None where a reading of weight has none."""
        values = self.draws(name)[self.weighty]
        return None if np.isnan(values).any() else WeightedDraws(values, self.weights[self.weighty])

    def numbers(self, name: str) -> Numbers:
        """Median and 90 % interval of a variable, with the Monte Carlo error of each.

        The error of a quantile is that of the share of draws below it, carried over to it.
        """
        pooled = self.pooled(name)
        if pooled is None:
            return Numbers()
        at = [QUANTILES["median"], QUANTILES["q05"], QUANTILES["q95"]]
        ends = [pooled.quantile(p) for p in at]
        below = np.stack([self.draws(name) <= end for end in ends]).astype(float)
        errors = [
            (pooled.quantile(min(p + error, 1.0)) - pooled.quantile(max(p - error, 0.0))) / 2
            for p, error in zip(at, self.moments(below).error, strict=True)
        ]
        return Numbers(*map(_finite, [*ends, *errors]))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
