"""A claim becomes a sampling model: what its wording says about the quantity it speaks of.

The wording, the basis and the conventions give a datum and a width on the claim's scale; nothing
here knows who said it, and nothing here samples.  The kinds are five: a noisy reading (normal or
Student-t), one that errs further on one side, a bound or direction (Bernoulli observed as 1), a
count (binomial) and events in so much exposure (Poisson).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist

from estimates.language.wording import (
    Bound,
    Counted,
    Direction,
    Disputed,
    Events,
    Lopsided,
    Measured,
    Point,
    Published,
    Range,
    Vague,
    Wording,
)
from estimates.model.claims import BoundClaim
from estimates.model.conventions import Conventions
from estimates.stats.links import IDENTITY, SCALES, Scale

#: Degrees of freedom of `tails: student-t`.
DEGREES_OF_FREEDOM = 4
_HALF_STEP = 1 / (2 * math.sqrt(3))  # sd of a uniform rounding error, in steps


@dataclass(frozen=True)
class Noisy:
    """A figure: y = g(θ) + σ·noise, the noise standard normal or Student-t (ν = 4).

    With a `spread` the noise is normal, and its variance σ² + (spread·τ)², τ being the claim's own
    error of a size that is learnt (`BoundClaim.spread`).
    """

    scale: Scale
    y: float
    sigma: float
    student: bool = False
    spread: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Yes:
    """A statement that is true of θ, or not: Bernoulli, observed as 1 (`said`) unless simulated.

    The statement "θ is below the limit" holds with probability Φ((limit − g(θ))/width), where
    `upper`; mirrored otherwise.  `presupposes` a positive θ: Φ(−θ/width) is taken off.  A speaker
    who may be mistaken says so truly with probability `truth`, and the opposite otherwise.  With a
    `spread` the square of the width is width² + (spread·τ)², as of `Noisy`.
    """

    scale: Scale
    limit: float
    width: float
    upper: bool
    truth: float = 1.0
    presupposes: bool = False
    said: bool = True
    spread: float = 0.0
    parts: Mapping[str, float] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Count:
    """A count: r ~ Binomial(n, θ)."""

    successes: int
    trials: int
    scale: Scale = IDENTITY
    parts: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def beta(self) -> tuple[float, float]:
        """Return the law of θ by the count alone: Beta(r + ½, n − r + ½), by Jeffreys' prior."""
        return self.successes + 0.5, self.trials - self.successes + 0.5

    def quantile(self, p: float) -> float:
        """Return a quantile of θ by the count alone."""
        from scipy.special import betaincinv  # half a second that few models need

        return float(betaincinv(*self.beta, p))


@dataclass(frozen=True)
class Skew:
    """A reading that errs further on one side: two halves of normal curves, joined at θ.

    Of y given θ the density is √(2/π)/(up + down) · exp(−(y − θ)²/2s²), with s = `up` where θ lies
    above y and `down` where it lies below: under a flat prior θ lies above y with probability
    up/(up + down).
    """

    scale: Scale
    y: float
    up: float
    down: float
    parts: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def sigma(self) -> float:
        """A single width: the mean of the two."""
        return (self.up + self.down) / 2

    def quantile(self, p: float) -> float:
        """Return a quantile of θ under a flat prior."""
        left = self.down / (self.up + self.down)
        if p < left:
            return self.y + self.down * NormalDist().inv_cdf(p / left / 2)
        return self.y - self.up * NormalDist().inv_cdf((1 - p) / (1 - left) / 2)


@dataclass(frozen=True)
class Rate:
    """Events: r ~ Poisson(θ·E), of r events in an exposure E."""

    events: int
    exposure: float
    scale: Scale = IDENTITY
    parts: Mapping[str, float] = field(default_factory=dict, compare=False)

    @property
    def gamma(self) -> tuple[float, float]:
        """Shape and scale of θ by the events alone: Gamma(r + ½, E), by Jeffreys' prior."""
        return self.events + 0.5, 1 / self.exposure

    def quantile(self, p: float) -> float:
        """Return a quantile of θ by the events alone."""
        from scipy.special import gammaincinv  # half a second that few models need

        shape, scale = self.gamma
        return float(gammaincinv(shape, p)) * scale


type Term = Noisy | Skew | Yes | Count | Rate


def respoken(term: Term, datum: float) -> Term:
    """Return the claim with another datum: y on its scale, 1 or 0 for a statement, or a count."""
    match term:
        case Noisy() | Skew():
            return replace(term, y=datum)
        case Rate():
            return replace(term, events=int(datum))
        case Yes():
            return replace(term, said=bool(datum))
        case Count():
            return replace(term, successes=int(datum))


def widened(term: Term, factor: float) -> Term:
    """Return the claim with its width multiplied; a count and events have none."""
    match term:
        case Noisy(sigma=sigma, spread=spread):
            return replace(term, sigma=sigma * factor, spread=spread * factor)
        case Skew(up=up, down=down):
            return replace(term, up=up * factor, down=down * factor)
        case Yes(width=width, spread=spread):
            return replace(term, width=width * factor, spread=spread * factor)
        case Count() | Rate():
            return term


def settled(term: Term, own: float) -> Term:
    """Return the claim with its own error of a known width `own` (`BoundClaim.spread`)."""
    match term:
        case Noisy(sigma=sigma, spread=spread):
            return replace(term, sigma=math.hypot(sigma, spread * own), spread=0.0)
        case Yes(width=width, spread=spread):
            return replace(term, width=math.hypot(width, spread * own), spread=0.0)
        case Skew() | Count() | Rate():
            return term


def implied(term: Noisy | Skew | Count | Rate, p: float) -> float:
    """Return a quantile of a claim's value by the claim alone, in its own unit."""
    match term:
        case Noisy(scale=scale, y=y, sigma=sigma, student=student):
            return scale.inverse(y + quantile(p, student) * sigma)
        case Skew() | Count() | Rate():
            return term.quantile(p)


def named(term: Noisy | Skew | Count | Rate) -> float:
    """Return the figure that a claim names, in its own unit."""
    match term:
        case Count(successes=successes, trials=trials):
            return successes / trials
        case Rate(events=events, exposure=exposure):
            return events / exposure
        case Noisy() | Skew():
            return term.scale.inverse(term.y)


def sampling_model(claim: BoundClaim, conventions: Conventions) -> Term:
    """Return the sampling model of one claim, per the table in docs/method.md.

    Widths are standard deviations on the claim's scale (on `identity` in the claim's own unit)
    and add in quadrature; `parts` names them.
    """
    wording, scale = claim.wording, SCALES[claim.scale]
    match wording:
        case Counted():
            return Count(wording.successes, wording.trials)
        case Events(events=events, exposure=exposure):
            return Rate(events, exposure.value)
        case Lopsided(value=value, above=above, below=below):
            parts = {"error up": above, "error down": below}
            return Skew(IDENTITY, value.value, above, below, parts)
        case Published():
            return _published(claim, wording, scale, conventions)
        case Measured():
            at = wording.value.value
            sigma = wording.sigma * abs(scale.slope(at))
            return Noisy(
                scale,
                scale.forward(at),
                sigma,
                _student(claim, conventions),
                _spread(claim),
                {"standard error": sigma},
            )
        case Direction():
            basis = conventions.basis[claim.basis]
            width = conventions.direction
            return Yes(IDENTITY, 0.0, width, not wording.rising, basis.truth, parts={"δ": width})
        case Disputed():
            return _bound(claim, scale, conventions, centre(claim.disputed, claim, conventions))
        case Bound():
            return _bound(claim, scale, conventions, wording.figure.value)
        case _:
            return _noisy(claim, scale, conventions)


def centre(wording: Wording | None, claim: BoundClaim, conventions: Conventions) -> float:
    """Return the figure a wording names: a range's centre on the claim's scale, else its number."""
    match wording:
        case Range(low=low, high=high):
            scale = SCALES[claim.scale]
            return scale.inverse((scale.forward(low.value) + scale.forward(high.value)) / 2)
        case Vague(words=words, multiplier=multiplier):
            return conventions.vague[words].count * multiplier
        case Measured(value=value) | Lopsided(value=value) | Published(value=value):
            return value.value
        case Events(events=events, exposure=exposure):
            return events / exposure.value
        case Counted(successes=successes, trials=trials):
            return successes / trials
        case Point(figure=figure) | Bound(figure=figure):
            return figure.value
        case _:
            raise TypeError(f"no figure in {wording!r}")


#: Of a range, where its ends are what its words mean and the rest of its error is learnt.
AS_WORDS = 0.90
#: Parts of a width that are named elsewhere too.
RANGE, STATED, FLOOR, ROUNDING = "range", "stated range", "basis / 3", "rounding"


def _noisy(claim: BoundClaim, scale: Scale, conventions: Conventions) -> Noisy:
    wording = claim.wording
    student = _student(claim, conventions)
    middle = centre(wording, claim, conventions)
    y, parts = scale.forward(middle), _own(claim)
    if isinstance(wording, Range):
        y = (scale.forward(wording.low.value) + scale.forward(wording.high.value)) / 2
    if not parts:
        parts = _stated(wording, claim, scale, conventions, middle)
    return Noisy(scale, y, math.hypot(*parts.values()), student, _spread(claim), parts)


def _published(
    claim: BoundClaim, wording: Published, scale: Scale, conventions: Conventions
) -> Noisy:
    """Return the model of a figure with its published interval, whose ends are its whole width."""
    student = _student(claim, conventions)
    half = (scale.forward(wording.high.value) - scale.forward(wording.low.value)) / 2
    sigma = half / quantile(0.5 + wording.coverage / 2, student)
    y = scale.forward(wording.value.value)
    return Noisy(scale, y, sigma, student, _spread(claim), {STATED: sigma})


def _stated(
    wording: Wording, claim: BoundClaim, scale: Scale, conventions: Conventions, middle: float
) -> dict[str, float]:
    """Return the parts of a width that are due to the words and to the speaker's way of knowing."""
    unit = _unit(scale, middle)
    # An error of its own, of a size that is learnt, takes the place of the basis.
    basis = 0.0 if claim.spread else conventions.basis[claim.basis].width * unit
    match wording:
        case Range(low=low, high=high):
            half = (scale.forward(high.value) - scale.forward(low.value)) / 2
            coverage = wording.coverage or covered(claim, conventions)
            ends = half / quantile(0.5 + coverage / 2, _student(claim, conventions))
            if wording.coverage is not None:  # that is its width, whoever says it and however
                return {STATED: ends}
            parts = {RANGE: ends} if ends >= basis / 3 else {FLOOR: basis / 3}
        case Vague():
            parts = {"vague": conventions.vague[wording.words].spread * unit}
        case Point(figure=figure):
            parts = {ROUNDING: _rounding(figure.step, scale, middle)}
        case _:
            raise TypeError(f"not a noisy reading: {wording!r}")
    if getattr(wording, "hedged", False):
        parts["hedge"] = conventions.hedge * unit
    if not isinstance(wording, Range) and not claim.spread:
        parts["basis"] = basis
    return parts


def covered(claim: BoundClaim, conventions: Conventions) -> float:
    """Return the probability with which a range that states none is taken to hold the truth.

    That of the basis; where the claim has an error of its own, that is learnt besides, and the
    ends are what the words mean.
    """
    return AS_WORDS if claim.spread else conventions.basis[claim.basis].coverage


def _spread(claim: BoundClaim) -> float:
    """Return how often a claim counts its own error of a size that is learnt."""
    return 0.0 if claim.spread is None else 1.0


def _own(claim: BoundClaim) -> dict[str, float]:
    """Return the whole width, where a claim states it."""
    return {} if claim.sigma is None else {"sigma": claim.sigma}


def _bound(claim: BoundClaim, scale: Scale, conventions: Conventions, limit: float) -> Yes:
    wording = claim.wording
    unit = _unit(scale, limit)
    if isinstance(wording, Disputed):
        upper, soft = wording.lower, True
        truth = conventions.basis[claim.basis].truth
    else:
        assert isinstance(wording, Bound)
        upper, soft, truth = wording.upper, wording.soft, 1.0
    # A bound is a limit and no reading, so it carries no rounding: "at most 1" means 1.
    parts = _own(claim) or {
        "δ": (conventions.soft_bound if soft else conventions.hard_bound) * unit,
        **({} if claim.spread else {"basis": conventions.basis[claim.basis].width * unit}),
    }
    return Yes(
        scale,
        scale.forward(limit),
        math.hypot(*parts.values()),
        upper,
        truth,
        presupposes=scale is IDENTITY and upper and limit > 0,
        spread=_spread(claim),
        parts=parts,
    )


def quantile(probability: float, student: bool) -> float:
    """Return a standard normal quantile, or one of Student's t with four degrees of freedom."""
    if not student:
        return NormalDist().inv_cdf(probability)
    # Closed form for four degrees of freedom (Shaw 2006, J Computational Finance 9:37).
    alpha = 4 * probability * (1 - probability)
    q = math.cos(math.acos(math.sqrt(alpha)) / 3) / math.sqrt(alpha)
    return math.copysign(2 * math.sqrt(max(0.0, q - 1)), probability - 0.5)


def _student(claim: BoundClaim, conventions: Conventions) -> bool:
    if claim.spread is not None:  # the heavy tails are those of the error that is learnt
        return False
    return (claim.tails or conventions.tails) == "student-t"


def _unit(scale: Scale, value: float) -> float:
    """Return the factor of fractional widths: |X| on the identity scale, else 1."""
    return abs(value) if scale is IDENTITY else 1.0


def _rounding(step: float, scale: Scale, value: float) -> float:
    """Return the sd of an error uniform over one unit of the last digit, carried to the scale."""
    return step * _HALF_STEP * abs(scale.slope(value))
