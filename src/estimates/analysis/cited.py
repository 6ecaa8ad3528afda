"""A cited figure as a yardstick: its low and high, its centre, and how uncertain it is itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from estimates.inference.log_likelihood import log_density_on_scale
from estimates.language.wording import Bound, Measured, Published, Range
from estimates.model import BoundClaim, Conventions, Model
from estimates.model.likelihood import (
    DEGREES_OF_FREEDOM,
    Count,
    Noisy,
    Rate,
    Skew,
    Term,
    Yes,
    quantile,
    sampling_model,
)
from estimates.stats.links import LOG, LOGIT, Scale

Array = NDArray[np.float64]
#: Coverage of the interval drawn for `X ± s`: about one standard error either side.
MEASURED_COVERAGE = 0.70


@dataclass(frozen=True)
class Cited:
    """A held-out claim, ready to be compared with an answer in the claim's own unit.

    Attributes
    ----------
    low, high : ends of what was cited; None where a bound leaves a side open
    centre : the figure at its centre; None for a bound
    scale : on which differences are taken
    """

    claim: BoundClaim
    term: Term
    scale: Scale
    low: float | None
    high: float | None
    centre: float | None

    def density(self, on_scale: Array) -> Array | None:
        """Return the density of the cited figure on its scale; None for a bound, which has none."""
        match self.term:
            case Noisy(y=y, sigma=sigma, student=student):
                return np.asarray(family(student).pdf((on_scale - y) / sigma) / sigma)
            case Skew():
                return np.exp(log_density_on_scale(self.term, on_scale))
            case Rate():
                rate = np.exp(on_scale)
                return np.asarray(gamma(self.term).pdf(rate) * rate)
            case Count():
                share = 1 / (1 + np.exp(-on_scale))
                return np.asarray(self._jeffreys().pdf(share) * share * (1 - share))
        return None

    def probability_exceeded(self, on_scale: Array) -> Array | None:
        """Return P(cited figure < answer) for answers on the scale; None for a bound."""
        match self.term:
            case Noisy(y=y, sigma=sigma, student=student):
                return np.asarray(family(student).cdf((on_scale - y) / sigma))
            case Skew():
                return halves_below(self.term, on_scale)
            case Rate():
                return np.asarray(gamma(self.term).cdf(np.exp(on_scale)))
            case Count():
                return np.asarray(self._jeffreys().cdf(1 / (1 + np.exp(-on_scale))))
        return None

    def _jeffreys(self) -> Law:
        assert isinstance(self.term, Count)
        return jeffreys(self.term)


class Law(Protocol):
    """A law of SciPy, without parameters left open."""

    def pdf(self, x: Array, /) -> Array: ...
    def logpdf(self, x: Array, /) -> Array: ...
    def cdf(self, x: Array, /) -> Array: ...
    def logcdf(self, x: Array, /) -> Array: ...
    def logsf(self, x: Array, /) -> Array: ...
    def ppf(self, q: float, /) -> float: ...


def jeffreys(count: Count) -> Law:
    """Return the posterior of a share under Jeffreys' prior, Beta(½, ½)."""
    from scipy import stats  # slow to import

    law: Law = stats.beta(*count.beta)
    return law


def gamma(rate: Rate) -> Law:
    """Return the posterior of a rate under Jeffreys' prior, Gamma(r + ½, E)."""
    from scipy import stats

    shape, scale = rate.gamma
    law: Law = stats.gamma(shape, scale=scale)
    return law


def halves_below(term: Skew, theta: Array) -> Array:
    """Return P(θ lies below) for a datum that errs further on one side, under a flat prior."""
    whole, residual = term.up + term.down, theta - term.y
    left = 2 * term.down / whole * ndtr(np.minimum(residual, 0) / term.down)
    right = 1 - 2 * term.up / whole * ndtr(-np.maximum(residual, 0) / term.up)
    return np.where(residual < 0, left, right)


def cited(claim: BoundClaim, conventions: Conventions) -> Cited:
    """Return the yardstick that a held-out claim makes (docs/method.md, the comparison)."""
    term = sampling_model(claim, conventions)
    match term:
        case Count() | Rate():
            low, high = (term.quantile(p) for p in (0.05, 0.95))
            scale = LOGIT if isinstance(term, Count) else LOG
            return Cited(claim, term, scale, low, high, term.quantile(0.5))
        case Skew():
            out = (1 - MEASURED_COVERAGE) / 2
            low, high = term.quantile(out), term.quantile(1 - out)
            return Cited(claim, term, term.scale, low, high, term.y)
        case Yes(upper=upper):
            assert isinstance(claim.wording, Bound)
            limit = claim.wording.figure.value
            if upper:
                return Cited(claim, term, term.scale, None, limit, None)
            return Cited(claim, term, term.scale, limit, None, None)
        case Noisy(y=y, sigma=sigma, student=student):
            wording = claim.wording
            if isinstance(wording, Range | Published):
                low, high = wording.low.value, wording.high.value
            else:
                coverage = (
                    MEASURED_COVERAGE
                    if isinstance(wording, Measured)
                    else conventions.basis[claim.basis].coverage
                )
                reach = quantile(0.5 + coverage / 2, student) * sigma
                low, high = term.scale.inverse(y - reach), term.scale.inverse(y + reach)
            return Cited(claim, term, term.scale, low, high, term.scale.inverse(y))


def ends_in_unit_of(target: str, figure: Cited, model: Model) -> tuple[float | None, float | None]:
    """Return the ends of a cited figure in the unit of a target that it is about."""
    units = model.units
    factor = units.factor(units.parse(figure.claim.unit), model.unit_of(target))
    low, high = (None if end is None else end * factor for end in (figure.low, figure.high))
    return low, high


def family(student: bool) -> Law:
    """Return the law of a noisy claim's error, in its widths."""
    from scipy import stats

    law: Law = stats.t(DEGREES_OF_FREEDOM) if student else stats.norm
    return law


def to_scale(scale: Scale, values: Array) -> Array:
    """Return g of an array, nan outside the domain."""
    with np.errstate(divide="ignore", invalid="ignore"):
        match scale.name:
            case "log":
                return np.log(np.where(values > 0, values, math.nan))
            case "logit":
                return np.log(values) - np.log1p(-values)
            case "identity":
                return values
