"""What a body of evidence says by itself, and how far from it a given value is.

A noisy reading, taken with a flat prior on its own scale, is a density there: the reference prior
of a location (Presanis et al. 2013, Statistical Science 28:376, §3.1).  The model's prior stays on
the other side of a split alone, so that it is not counted twice.  A count has Jeffreys' prior,
Beta(½, ½).  A bound or a direction makes no density; it is either to be expected or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import cumulative_trapezoid
from scipy.special import betainc, betaincc, betaln, expit, log_expit, log_ndtr, logit, ndtri

from estimates.analysis.cited import family, gamma, jeffreys
from estimates.analysis.conflict.bodies import Body, core
from estimates.analysis.conflict.result import Kind
from estimates.inference.log_likelihood import log_density, log_density_on_scale
from estimates.inference.observed import Observations
from estimates.model.likelihood import (
    DEGREES_OF_FREEDOM,
    Count,
    Noisy,
    Rate,
    Skew,
    Term,
    Yes,
    quantile,
)
from estimates.stats.links import LOG, LOGIT, Scale

Array = NDArray[np.float64]
_POINTS = 8001
_REACH = 60.0  # widths; beyond them two Student's t at once hold less than 1e-15


@dataclass(frozen=True)
class Side:
    """One side of a comparison, as a function of the other side's value.

    Attributes
    ----------
    scale : on which the two sides are compared
    tails : values on the scale (any shape) to two log probabilities: that this side lies above
        the value, and that it lies below
    centre, width : about where this side lies on the scale, and how wide it is
    quantile : a probability to a value on the scale; None where there is no density
    log_pdf : its log density on the scale; None where there is none
    upper : of a statement, whether it bounds from above
    """

    kind: Kind
    scale: Scale
    tails: Callable[[Array], tuple[Array, Array]]
    centre: float
    width: float
    quantile: Callable[[float], float] | None = None
    log_pdf: Callable[[Array], Array] | None = None
    upper: bool | None = None


def on_scale(scale: Scale, values: Array) -> Array:
    """Return g of values, infinite at and beyond the ends of its domain."""
    values = np.asarray(values, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        match scale.name:
            case "identity":
                return values
            case "log":
                return np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), -np.inf)
            case "logit":
                return logit(np.clip(values, 0.0, 1.0))


def from_scale(scale: Scale, values: Array) -> Array:
    """Return g⁻¹ of values."""
    with np.errstate(over="ignore"):
        match scale.name:
            case "log":
                return np.exp(values)
            case "logit":
                return expit(values)
            case "identity":
                return np.asarray(values)


def own_side(body: Body, observations: Observations) -> Side:
    """Return what a body says of the quantity that it is about, in its first claim's unit."""
    terms = observations.terms
    match terms[body.first.id]:
        case Count() as count:
            return share(count)
        case Rate() as rate:
            return of_rate(rate)
        case Yes() as said:
            return predictive(said)
    once = observations.counted_once(body.ids)
    distinct = [one.id for one in body.claims if one.id in once]
    return predictive(terms[distinct[0]]) if len(distinct) == 1 else _copies(body, observations)


def predictive(term: Term) -> Side:
    """Return a claim as a side: what it says beside what would have been said, given a value.

    The two log probabilities are those that another claim of the same kind, about that value,
    would lie below the one that was made, and above it.  What can come out equal counts half
    (the mid-p; Lancaster 1961, JASA 56:223; Marshall & Spiegelhalter 2007, §3).
    """
    match term:
        case Noisy(scale=scale, y=y, sigma=sigma, student=student):
            return _noisy(scale, y, sigma, student)
        case Count():
            return _counted(term)
        case Skew():
            return _skewed(term)
        case Rate():
            return _events(term)
        case Yes():
            return _statement(term)


def _noisy(scale: Scale, y: float, sigma: float, student: bool = False) -> Side:
    law = family(student)

    def tails(u: Array) -> tuple[Array, Array]:
        distance = (y - u) / sigma
        with np.errstate(divide="ignore"):
            return law.logcdf(distance), law.logsf(distance)

    return Side(
        "reading", scale, tails, y, sigma,
        quantile=lambda p: float(y + sigma * (quantile(p, student) if student else ndtri(p))),
        log_pdf=lambda u: law.logpdf((u - y) / sigma) - math.log(sigma),
    )  # fmt: skip


def _skewed(term: Skew) -> Side:
    """Return a skewed datum as a side: beside those that would be made, further below or above."""
    up, down, whole = term.up, term.down, term.up + term.down

    def tails(u: Array) -> tuple[Array, Array]:
        lower = math.log(2 * up / whole) + log_ndtr(np.minimum(term.y - u, 0) / up)
        upper = math.log(2 * down / whole) + log_ndtr(-np.maximum(term.y - u, 0) / down)
        below = term.y < u
        with np.errstate(divide="ignore"):
            rest = np.log1p(-np.exp(np.where(below, lower, upper)))
        return np.where(below, lower, rest), np.where(below, rest, upper)

    return Side(
        "reading", term.scale, tails, term.y, term.sigma, quantile=term.quantile,
        log_pdf=lambda u: log_density_on_scale(term, np.asarray(u)),
    )  # fmt: skip


def of_rate(rate: Rate) -> Side:
    """Return events by themselves as a side: their rate has the posterior Gamma(r + ½, E)."""
    law = gamma(rate)

    def tails(u: Array) -> tuple[Array, Array]:
        with np.errstate(divide="ignore", over="ignore"):
            return law.logsf(np.exp(u)), law.logcdf(np.exp(u))

    return replace(
        _events(rate),
        tails=tails,
        quantile=lambda p: math.log(rate.quantile(p)),
        log_pdf=lambda u: law.logpdf(np.exp(u)) + u,
    )


def _events(rate: Rate) -> Side:
    """Return events beside those that would be seen: P(R < r) + ½ P(R = r), and its complement."""
    r = rate.events

    def tails(u: Array) -> tuple[Array, Array]:
        with np.errstate(divide="ignore", over="ignore"):
            expected = rate.exposure * np.exp(u)
            half = stats.poisson.logpmf(r, expected) - math.log(2)
            below = stats.poisson.logcdf(r - 1, expected)
            above = stats.poisson.logsf(r, expected)
        return np.logaddexp(below, half), np.logaddexp(above, half)

    return Side("count", LOG, tails, math.log((r + 0.5) / rate.exposure), 1 / math.sqrt(r + 0.5))


def share(count: Count) -> Side:
    """Return a count by itself as a side: its share has the posterior Beta(r + ½, n − r + ½).

    In log-odds throughout, so that neither end of a share is rounded off: beyond one half it is the
    rest that is looked at.
    """
    r, rest = count.successes, count.trials - count.successes
    law, of_rest = jeffreys(count), jeffreys(Count(rest, count.trials))

    def tails(u: Array) -> tuple[Array, Array]:
        beyond = u > 0
        a, b = np.where(beyond, rest, r) + 0.5, np.where(beyond, r, rest) + 0.5
        with np.errstate(divide="ignore"):
            parts = [np.log(one(a, b, expit(-np.abs(u)))) for one in (betainc, betaincc)]
        above, below = np.where(beyond, parts, parts[::-1])
        return above, below

    def at(p: float) -> float:
        found = float(law.ppf(p))
        return float(logit(found)) if found < 0.5 else -float(logit(of_rest.ppf(1 - p)))

    def log_pdf(u: Array) -> Array:
        a, b = r + 0.5, rest + 0.5
        return np.asarray(a * log_expit(u) + b * log_expit(-u) - betaln(a, b))

    return replace(_counted(count), tails=tails, quantile=at, log_pdf=log_pdf)


def _counted(count: Count) -> Side:
    """Return a count beside those that would be made: P(R < r) + ½ P(R = r), and its complement."""
    r, n = count.successes, count.trials

    def tails(u: Array) -> tuple[Array, Array]:
        share = expit(u)
        with np.errstate(divide="ignore"):
            half = stats.binom.logpmf(r, n, share) - math.log(2)
            below = stats.binom.logcdf(r - 1, n, share)
            above = stats.binom.logsf(r, n, share)
        return np.logaddexp(below, half), np.logaddexp(above, half)

    middle = (r + 0.5) / (n + 1)
    width = 1 / math.sqrt((n + 1) * middle * (1 - middle))
    return Side("count", LOGIT, tails, float(logit(middle)), width)


def _statement(term: Yes) -> Side:
    """Return a bound or direction as a side: it is made with probability m, the two-sided p.

    Of the two things that can happen, said and denied, mid-p gives the one that did m/2.
    """

    def tails(u: Array) -> tuple[Array, Array]:
        log_m = log_density(term, from_scale(term.scale, u)) - math.log(2)
        rest = np.log1p(-np.exp(log_m))
        return (log_m, rest) if term.upper else (rest, log_m)

    return Side("statement", term.scale, tails, term.limit, term.width, upper=term.upper)


def _copies(body: Body, observations: Observations) -> Side:
    """Return differently worded copies of one datum, their shared error integrated out.

    With the model's own y = a + b·u + c·e + s·ε, for a value u in the first claim's unit: in closed
    form where all noise is normal (generalised least squares), else by quadrature.
    """
    data = observations.data(body.ids)
    once = observations.counted_once(body.ids)
    base, _ = core(body.first.value)
    scale = observations.terms[body.first.id].scale
    rows = []
    for vector in observations.vectors:
        for i, claim in enumerate(vector.claims):
            if claim.id in once:
                factor = core(claim.value)[0] / base
                a = math.log(factor) if scale.name == "log" else 0.0
                b = factor if scale.name == "identity" else 1.0
                columns = (f"{vector.name}_{key}" for key in ("y", "loading", "sigma"))
                y, c, s = (float(data[name][i]) if name in data else 0.0 for name in columns)
                rows.append((y - a, b, c, s, vector.family == "student"))
    y, b, c, s, student = np.array(rows).T
    if not student.any():
        inverse = np.linalg.inv(np.diag(s**2) + np.outer(c, c))
        precision = float(b @ inverse @ b)
        return _noisy(scale, float(b @ inverse @ y) / precision, precision**-0.5)
    power = -(DEGREES_OF_FREEDOM + 1) / 2
    reach = _REACH * float(np.max(np.hypot(s, c) / b))
    grid = np.linspace((y / b).min() - reach, (y / b).max() + reach, _POINTS)
    # The shared error on a grid finer than what the copies have to themselves.
    errors = np.linspace(-8, 8, 1 + 16 * math.ceil(4 * float(np.max(c / s)) + 4))
    density = np.zeros(_POINTS)
    for e, weight in zip(errors, stats.norm.pdf(errors), strict=True):
        term = np.full(_POINTS, weight)
        for one_y, one_b, one_c, one_s, heavy in rows:
            square = ((one_y - one_b * grid - one_c * e) / one_s) ** 2
            term *= (1 + square / DEGREES_OF_FREEDOM) ** power if heavy else np.exp(-square / 2)
        density += term
    return tabulated(scale, grid, density)


def tabulated(scale: Scale, grid: Array, density: Array) -> Side:
    """Return a side with a density on an even grid."""
    below = cumulative_trapezoid(density, initial=0)
    above = cumulative_trapezoid(density[::-1], initial=0)[::-1]
    cumulative = below / below[-1]
    with np.errstate(divide="ignore"):
        log_below, log_above = np.log(cumulative), np.log(above / below[-1])
        log_height = np.log(density / (below[-1] * float(grid[1] - grid[0])))

    def tails(u: Array) -> tuple[Array, Array]:
        return (
            np.interp(u, grid, log_above, left=0.0, right=-np.inf),
            np.interp(u, grid, log_below, left=-np.inf, right=0.0),
        )

    low, middle, high = np.interp((0.16, 0.5, 0.84), cumulative, grid).tolist()
    return Side(
        "reading", scale, tails, middle, (high - low) / 2,
        quantile=lambda p: float(np.interp(p, cumulative, grid)),
        log_pdf=lambda u: np.interp(u, grid, log_height, left=-np.inf, right=-np.inf),
    )  # fmt: skip
