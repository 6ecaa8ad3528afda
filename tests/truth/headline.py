"""The headline model worked out by hand, twice: on a grid, and by brute force.

Four unknowns: workers in China and in Russia, the wage and the skim.  The workers have a claim
each; the wage and the skim meet in the claim about wages, if that is read as net.  So log revenue
is the sum of two independent parts, log workers and log take, and its density the convolution of
theirs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.signal import fftconvolve
from scipy.special import expit, logsumexp

from .quadrature import Prior, interval
from .tolerance import PROBABILITIES
from .widths import Datum, point, spread

Array = NDArray[np.float64]

PRIORS = {
    "workers_china": interval(1_400, 200_000, "log"),
    "workers_russia": interval(4_200, 590_000, "log"),
    "gross_wage": interval(68, 1_113, "log"),
    "skim": interval(0.24, 0.94, "logit"),
}
CHINA = point(20_000, 10_000, "log", hedged=True)
RUSSIA = point(100_000, 100_000, "log", "hearsay", hedged=True)
WAGES = spread(120, 150, "log", hedged=True)
SKIM = spread(0.70, 0.80, "logit")
CITED = spread(100, 200, "log")

#: US$ million a year for a dollar a month.
YEARLY = math.log(12e-6)
READINGS = [
    {"wage": wage, "revenue": revenue, "scope": scope}
    for wage in ("gross", "net")
    for revenue in ("share", "payroll")
    for scope in ("china", "china_and_russia")
]
_STEP = 1 / 512


def name_of(reading: Mapping[str, str]) -> str:
    """`net, share, china`."""
    return ", ".join(reading.values())


def closed(prior: Prior, datum: Datum) -> tuple[float, float, float]:
    """Posterior mean and sd on the link scale, and log evidence, of one normal claim."""
    centre, sd = _moments(prior)
    variance = sd**2 + datum.sigma**2
    mean = centre + sd**2 / variance * (datum.y - centre)
    log_evidence = stats.norm.logpdf(datum.y, centre, math.sqrt(variance))
    return mean, sd * datum.sigma / math.sqrt(variance), float(log_evidence)


def _moments(prior: Prior) -> tuple[float, float]:
    return (prior.low + prior.high) / 2, (prior.high - prior.low) / 80


# On a grid -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A density of a log quantity on an even grid.

    Attributes
    ----------
    at : (point,)
    density : (point,), summing to one over the grid
    """

    at: Array
    density: Array

    def quantile(self, p: float) -> float:
        cumulative = (np.cumsum(self.density) - self.density / 2) * _STEP
        return float(np.interp(p, cumulative, self.at))

    def below(self, edge: float) -> float:
        return float(np.interp(edge, self.at + _STEP / 2, np.cumsum(self.density) * _STEP))

    @property
    def sd(self) -> float:
        mean = _STEP * float(self.density @ self.at)
        return math.sqrt(_STEP * float(self.density @ (self.at - mean) ** 2))

    def times(self, log_factor: Array, power: float = 1.0) -> tuple[Line, float]:
        """The density to a power times a factor, made to sum to one, and the log of its sum."""
        with np.errstate(divide="ignore"):
            log = power * np.log(self.density) + log_factor
        norm = float(logsumexp(log) + math.log(_STEP))
        return Line(self.at, np.exp(log - norm)), norm


@dataclass(frozen=True)
class Reading:
    """What is true under one reading."""

    reading: Mapping[str, str]

    @cached_property
    def _money(self) -> tuple[Array, Array, Array]:
        """Log wage and logit skim on a grid, and the joint log density with the claims."""
        wage = np.linspace(*_ends(PRIORS["gross_wage"]), 1201)[:, None]
        skim = np.linspace(*_ends(PRIORS["skim"]), 1201)[None, :]
        log = PRIORS["gross_wage"].log_density(wage) + PRIORS["skim"].log_density(skim)
        log = log + math.log((wage[1, 0] - wage[0, 0]) * (skim[0, 1] - skim[0, 0]))
        kept = -np.logaddexp(0, skim) if self.reading["wage"] == "net" else 0.0
        log = log + stats.norm.logpdf(WAGES.y, wage + kept, WAGES.sigma)
        return wage, skim, log + stats.norm.logpdf(SKIM.y, skim, SKIM.sigma)

    @property
    def log_evidence(self) -> float:
        workers = closed(PRIORS["workers_china"], CHINA)[2]
        workers += closed(PRIORS["workers_russia"], RUSSIA)[2]
        return float(logsumexp(self._money[2])) + workers

    @cached_property
    def take(self) -> Line:
        """Log of the state's take per worker and month, in dollars."""
        wage, skim, log = self._money
        share = -np.logaddexp(0, -skim) if self.reading["revenue"] == "share" else 0 * skim
        return _binned(wage + share, log)

    @cached_property
    def workers(self) -> Line:
        china, russia = (
            closed(PRIORS[name], datum)[:2]
            for name, datum in (("workers_china", CHINA), ("workers_russia", RUSSIA))
        )
        z = np.linspace(-8, 8, 1601)
        if self.reading["scope"] == "china":
            at = _grid(china[0] - 8 * china[1], china[0] + 8 * china[1])
            return Line(at, stats.norm.pdf(at, *china))
        both = np.logaddexp(china[0] + china[1] * z[:, None], russia[0] + russia[1] * z[None, :])
        return _binned(both, stats.norm.logpdf(z)[:, None] + stats.norm.logpdf(z)[None, :])

    @cached_property
    def revenue(self) -> Line:
        """Log of the revenue in US$ million a year."""
        density = fftconvolve(self.workers.density, self.take.density) * _STEP
        start = self.workers.at[0] + self.take.at[0] + YEARLY
        return Line(start + _STEP * np.arange(len(density)), np.maximum(density, 1e-300))

    @property
    def cited(self) -> Array:
        """Log density of the cited figure along the revenue."""
        return np.asarray(stats.norm.logpdf(CITED.y, self.revenue.at, CITED.sigma))

    @cached_property
    def independent(self) -> tuple[Line, float]:
        """The product with the cited figure, and the log of what it multiplies the evidence by."""
        return self.revenue.times(self.cited)

    @cached_property
    def redundant(self) -> Line:
        """The log-pool with equal weights."""
        return self.revenue.times(self.cited / 2, power=0.5)[0]

    @property
    def conflict(self) -> float:
        exceeds = stats.norm.cdf((self.revenue.at - CITED.y) / CITED.sigma)
        above = _STEP * float(self.revenue.density @ exceeds)
        return 2 * min(above, 1 - above)

    @property
    def overlap(self) -> float:
        return _STEP * float(np.minimum(self.revenue.density, np.exp(self.cited)).sum())


def _ends(prior: Prior) -> tuple[float, float]:
    centre, sd = _moments(prior)
    return centre - 7 * sd, centre + 7 * sd


def _grid(low: float, high: float) -> Array:
    return _STEP * np.arange(math.floor(low / _STEP), math.ceil(high / _STEP) + 1)


def _binned(values: Array, log_weights: Array) -> Line:
    weights = np.exp(log_weights - logsumexp(log_weights))
    keep = weights > 1e-20
    values, weights = np.broadcast_to(values, weights.shape)[keep], weights[keep]
    at = _grid(values.min() - _STEP, values.max() + _STEP)
    nearest = np.rint((values - at[0]) / _STEP).astype(int)
    return Line(at, np.bincount(nearest, weights, len(at)) / weights.sum() / _STEP)


# By brute force --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Weighted:
    """Prior draws and their weights under the claims.

    Attributes
    ----------
    values : by name, (draw,)
    weights : (draw,), summing to one
    log_evidence, log_evidence_se : of all the draws that were made
    """

    values: Mapping[str, Array]
    weights: Array
    log_evidence: float
    log_evidence_se: float

    def chance(self, event: Array) -> tuple[float, float]:
        """The probability of an event, and its standard error (delta method)."""
        p = float(self.weights @ event)
        return p, math.sqrt(float(self.weights**2 @ (event - p) ** 2))

    def quantiles(self, values: Array) -> dict[str, tuple[float, float]]:
        """Quantiles of values (draw,), and their standard errors."""
        order = np.argsort(values)
        ordered, weights = values[order], self.weights[order]
        cumulative = np.cumsum(weights) - weights / 2

        def at(p: float) -> float:
            return float(np.interp(p, cumulative, ordered))

        found = {}
        for name, p in PROBABILITIES.items():
            se = self.chance(values <= at(p))[1]
            found[name] = at(p), (at(min(p + se, 1)) - at(max(p - se, 0))) / 2
        return found


def brute_force(wage: str, draws: int, rng: np.random.Generator) -> Weighted:
    """Importance sampling with the prior as the proposal.

    Draws that weigh less than 1e-7 of the heaviest are left out afterwards: all of them together
    weigh less than a thousandth of a standard error.
    """
    values, log = {}, np.zeros(draws)
    for name, prior in PRIORS.items():
        centre, sd = _moments(prior)
        values[name] = centre + sd * rng.standard_normal(draws)
    kept = -np.logaddexp(0, values["skim"]) if wage == "net" else 0.0
    for datum, image in (
        (CHINA, values["workers_china"]),
        (RUSSIA, values["workers_russia"]),
        (WAGES, values["gross_wage"] + kept),
        (SKIM, values["skim"]),
    ):
        log += stats.norm.logpdf(datum.y, image, datum.sigma)
    weights = np.exp(log - log.max())
    log_evidence = float(np.log(weights.mean()) + log.max())
    se = float(weights.std() / weights.mean() / math.sqrt(draws))
    keep = weights > 1e-7
    x = {name: np.exp(u[keep]) for name, u in values.items() if name != "skim"}
    x["skim"] = expit(values["skim"][keep])
    x["take_home_wage"] = x["gross_wage"] * (1 - x["skim"])
    return Weighted(x, weights[keep] / weights[keep].sum(), log_evidence, se)


def revenue_of(sample: Weighted, reading: Mapping[str, str]) -> Array:
    """US$ million a year under a reading."""
    workers, take = sample.values["workers_china"], sample.values["gross_wage"]
    if reading["scope"] == "china_and_russia":
        workers = workers + sample.values["workers_russia"]
    if reading["revenue"] == "share":
        take = take * sample.values["skim"]
    return np.asarray(workers * take * 12 / 1e6)
