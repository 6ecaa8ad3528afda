"""The sampling models of docs/method.md §1, written once more and independently.

Each function answers the log likelihood of a claim as a function of what it is about: an array of
values in the claim's own unit (shares as plain fractions).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import log_ndtr, ndtri

Array = NDArray[np.float64]
type Likelihood = Callable[[Array], Array]

WIDTH = {"register": 0.05, "statistics": 0.15, "expert": 0.35, "hearsay": 0.60, "rumour": 1.00}
COVERAGE = {"register": 0.95, "statistics": 0.90, "expert": 0.70, "hearsay": 0.50, "rumour": 0.30}
TRUTHFUL = {"register": 0.95, "statistics": 0.90, "expert": 0.80, "hearsay": 0.65, "rumour": 0.55}
HEDGE, UP_TO, OTHER_BOUND, GROWTH = 0.10, 0.10, 0.03, 0.02


@dataclass(frozen=True)
class Datum:
    """y = g(θ) + σ·noise on the scale g; normal noise, or Student's t with four degrees."""

    scale: str
    y: float
    sigma: float
    student: bool = False

    def __call__(self, theta: Array) -> Array:
        noise = stats.t(4) if self.student else stats.norm()
        image = transform(self.scale, theta)
        density = noise.logpdf((self.y - image) / self.sigma) - math.log(self.sigma)
        return np.where(np.isnan(image), -np.inf, density)


def transform(scale: str, values: Array) -> Array:
    """g of values, nan where they are off the scale."""
    values = np.asarray(values, dtype=float)
    with np.errstate(all="ignore"):
        if scale == "log":
            return np.log(np.where(values > 0, values, np.nan))
        if scale == "logit":
            inside = np.where((values > 0) & (values < 1), values, np.nan)
            return np.log(inside) - np.log1p(-inside)
        return values


def point(
    value: float,
    step: float,
    scale: str,
    basis: str = "expert",
    *,
    hedged: bool = False,
    sigma: float | None = None,
    student: bool = False,
) -> Datum:
    """`20,000` or `around 20,000`, step the unit of its last significant digit."""
    size, slope = _size_and_slope(scale, value)
    rounding = step / (2 * math.sqrt(3)) * slope
    width = math.hypot(rounding, WIDTH[basis] * size, HEDGE * size if hedged else 0.0)
    if sigma is not None:
        width = sigma
    return Datum(scale, float(transform(scale, np.array(value))), width, student)


def spread(
    low: float,
    high: float,
    scale: str,
    basis: str = "expert",
    *,
    hedged: bool = False,
    coverage: float | None = None,
    sigma: float | None = None,
    student: bool = False,
) -> Datum:
    """`A to B`, hedged or not, with or without a stated coverage."""
    a, b = (float(transform(scale, np.array(end))) for end in (low, high))
    half = 0.5 + (coverage or COVERAGE[basis]) / 2
    z = float(stats.t(4).ppf(half)) if student else float(ndtri(half))
    size = abs((a + b) / 2) if scale == "identity" else 1.0
    width = (b - a) / (2 * z)
    if sigma is not None:
        width = sigma
    elif coverage is None:
        width = math.hypot(max(width, WIDTH[basis] * size / 3), HEDGE * size if hedged else 0.0)
    return Datum(scale, (a + b) / 2, width, student)


def vague(count: float, looseness: float, basis: str = "expert", *, student: bool = False) -> Datum:
    """`a few hundred`: count times the multiplier, and how loose the words are on the log scale."""
    return Datum("log", math.log(count), math.hypot(looseness, WIDTH[basis]), student)


def measured(value: float, error: float, *, student: bool = False) -> Datum:
    """`28 ± 15`."""
    return Datum("identity", value, error, student)


def count(successes: int, trials: int) -> Likelihood:
    """`12 of 882`."""

    def likelihood(theta: Array) -> Array:
        inside = (theta >= 0) & (theta <= 1)
        found = stats.binom.logpmf(successes, trials, np.clip(theta, 0, 1))
        return np.where(inside, found, -np.inf)

    return likelihood


def bound(
    value: float,
    scale: str,
    basis: str = "expert",
    *,
    upper: bool,
    soft: bool = False,
    sigma: float | None = None,
) -> Likelihood:
    """`up to` (upper and soft), `at most`, `at least`."""

    def likelihood(theta: Array) -> Array:
        return log_stated(theta, value, scale, basis, upper=upper, soft=soft, sigma=sigma)

    return likelihood


def dispute(value: float, scale: str, basis: str = "expert", *, lower: bool) -> Likelihood:
    """`lower than claimed`, `higher than claimed`: said by someone who may be wrong."""

    def likelihood(theta: Array) -> Array:
        stated = np.exp(log_stated(theta, value, scale, basis, upper=lower, soft=True))
        p = TRUTHFUL[basis]
        return np.log(p * stated + (1 - p) * (1 - stated))

    return likelihood


def direction(basis: str = "expert", *, rising: bool) -> Likelihood:
    """`rising`, `falling`, of a growth."""

    def likelihood(growth: Array) -> Array:
        up = np.exp(log_ndtr((growth if rising else -growth) / GROWTH))
        p = TRUTHFUL[basis]
        return np.log(p * up + (1 - p) * (1 - up))

    return likelihood


def log_stated(
    theta: Array,
    value: float,
    scale: str,
    basis: str,
    *,
    upper: bool,
    soft: bool,
    sigma: float | None = None,
) -> Array:
    """Log probability that the bound is stated of θ."""
    size, _ = _size_and_slope(scale, value)
    width = math.hypot((UP_TO if soft else OTHER_BOUND) * size, WIDTH[basis] * size)
    if sigma is not None:
        width = sigma
    image = transform(scale, theta)
    limit = float(transform(scale, np.array(value)))
    sign = 1 if upper else -1
    found = log_ndtr(sign * (limit - image) / width)
    if scale == "identity" and upper and value > 0:
        # A positive value is presupposed: Φ(a) − Φ(b), b < a, as Φ(−b) − Φ(−a) where b > 0.
        a, b = (limit - image) / width, -image / width
        a, b = np.where(b > 0, -b, a), np.where(b > 0, -a, b)
        gap = log_ndtr(b) - log_ndtr(a)
        found = log_ndtr(a) + np.log(-np.expm1(gap))
    return np.where(np.isnan(found), -np.inf, found)


def _size_and_slope(scale: str, value: float) -> tuple[float, float]:
    """What widths stated as fractions are multiplied by, and |g′|."""
    if scale == "log":
        return 1.0, 1 / value
    if scale == "logit":
        return 1.0, 1 / (value * (1 - value))
    return abs(value), 1.0
