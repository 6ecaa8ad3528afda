"""The log density of each claim at given draws: what leave-one-out and power-scaling work on."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, xlog1py, xlogy

from estimates.inference.arrays import NumpyOps
from estimates.inference.observed import Observations
from estimates.language.expression import Expression, evaluate
from estimates.model import BoundClaim, Model
from estimates.model.assertions import log_chance, log_odds
from estimates.model.likelihood import (
    DEGREES_OF_FREEDOM,
    Count,
    Noisy,
    Rate,
    Skew,
    Term,
    Yes,
)
from estimates.stats.links import SCALES

Array = NDArray[np.float64]


def log_likelihood(
    model: Model,
    observations: Observations,
    values: Mapping[str, Array],
    choice: Mapping[str, str],
    active: Collection[str],
) -> dict[str, Array]:
    """Return the log density (draw,) of every claim; 0 where a claim is silent.

    Copies of one origin are taken one by one, each with its own full width: their shared error
    is integrated out of each margin.

    Parameters
    ----------
    values : every quantity, (draw,), under `choice`
    active : the claims that speak
    """
    speaking = observations.counted_once(active)
    draws = len(next(iter(values.values())))
    result = {}
    for vector in observations.vectors:
        for claim, term in zip(vector.claims, vector.terms, strict=True):
            if claim.id not in speaking or model.resolve(claim.value, choice) is None:
                result[claim.id] = np.zeros(draws)
            elif claim.options:
                each = option_densities(model, claim, term, values, choice)
                result[claim.id] = np.logaddexp.reduce(each, axis=0)
            else:
                result[claim.id] = _density(model, claim, term, claim.value, values, choice)
    return result


def option_densities(
    model: Model,
    claim: BoundClaim,
    term: Term,
    values: Mapping[str, Array],
    choice: Mapping[str, str],
) -> Array:
    """Return log π_k p(y | f_k(θ)) of a claim with options of its own, (option, draw)."""
    rows = [_density(model, claim, term, one.value, values, choice) for one in claim.options]
    return option_weights(model, claim, values, choice) + np.stack(rows)


def option_weights(
    model: Model, claim: BoundClaim, values: Mapping[str, Array], choice: Mapping[str, str]
) -> Array:
    """Return the logarithm of the weight of each of a claim's own options, (option, draw)."""
    draws, rows = len(next(iter(values.values()))), []
    for one in claim.options:
        weight = model.resolve(one.log_weight, choice)
        assert weight is not None, "weights depend on no reading"
        with np.errstate(divide="ignore"):
            rows.append(np.broadcast_to(evaluate(weight, values, NumpyOps()), (draws,)))
    return np.stack(rows)


def value_on_scale(
    model: Model,
    claim: BoundClaim,
    value: Expression,
    values: Mapping[str, Array],
    choice: Mapping[str, str],
) -> Array:
    """Return g(θ) of what a claim may be about, (draw,); nan where it is off the scale."""
    expression = model.resolve(value, choice)
    assert expression is not None, "a claim that speaks says something"
    odds = model.odds_of(expression) if claim.id in model.count_odds.claims else None
    draws = len(next(iter(values.values())))
    if odds is not None:
        return np.broadcast_to(evaluate(odds, values, NumpyOps()), (draws,))
    theta = np.broadcast_to(evaluate(expression, values, NumpyOps()), (draws,))
    with np.errstate(all="ignore"):
        return np.asarray(SCALES[claim.scale].of_array(theta, NumpyOps()))


def _density(
    model: Model,
    claim: BoundClaim,
    term: Term,
    value: Expression,
    values: Mapping[str, Array],
    choice: Mapping[str, str],
) -> Array:
    """Return the log density (draw,) of a claim about a value."""
    draws, spread = len(next(iter(values.values()))), spread_of(claim, values)
    expression = model.resolve(value, choice)
    assert expression is not None, "a claim that speaks says something"
    odds = model.odds_of(expression) if claim.id in model.count_odds.claims else None
    if odds is not None:
        found = log_density_on_scale(term, evaluate(odds, values, NumpyOps()), spread)
        return np.broadcast_to(found, (draws,))
    theta = np.broadcast_to(evaluate(expression, values, NumpyOps()), (draws,))
    return log_density(term, theta, spread)


def spread_of(claim: BoundClaim, values: Mapping[str, Array]) -> Array | float:
    """Return the width of a claim's own error at draws of every quantity; 0 where it has none."""
    if claim.spread is None:
        return 0.0
    return np.asarray(evaluate(claim.spread, values, NumpyOps()), dtype=float)


def log_density(term: Term, theta: Array, spread: Array | float = 0.0) -> Array:
    """Return the log density (draw,) of a claim given θ; -inf where θ leaves the domain.

    Parameters
    ----------
    spread : the width of the claim's own error, whose size is learnt (`spread_of`)
    """
    if isinstance(term, Rate):
        expected = np.where(theta >= 0, theta, np.nan) * term.exposure
        found = xlogy(term.events, expected) - expected - gammaln(term.events + 1)
        return _none_is_impossible(found)
    if not isinstance(term, Count):
        with np.errstate(all="ignore"):
            return log_density_on_scale(term, term.scale.of_array(theta, NumpyOps()), spread)
    share = np.where((theta >= 0) & (theta <= 1), theta, np.nan)
    r, n = term.successes, term.trials
    return _none_is_impossible(xlogy(r, share) + xlog1py(n - r, -share) + _log_ways(term))


def log_density_on_scale(term: Term, values: Array, spread: Array | float = 0.0) -> Array:
    """Return the log density of a claim given its value on its scale, -inf where that is none.

    The value is g(θ), of a count the log-odds, and of events log θ.

    Parameters
    ----------
    spread : the width of the claim's own error, whose size is learnt (`spread_of`)
    """
    with np.errstate(all="ignore"):
        match term:
            case Noisy(y=y, sigma=sigma, student=student):
                width = np.hypot(sigma, term.spread * spread)
                residual = (y - values) / width
                found = (_log_student if student else _log_normal)(residual) - np.log(width)
            case Skew(y=y, up=up, down=down):
                residual = (y - values) / np.where(values > y, up, down)
                found = 0.5 * np.log(2 / np.pi) - np.log(up + down) - 0.5 * residual**2
            case Rate(events=events, exposure=exposure):
                expected = exposure * np.exp(values)
                found = events * (values + np.log(exposure)) - expected - gammaln(events + 1)
            case Yes():
                found = _log_asserted(term, values, np.hypot(term.width, term.spread * spread))
            case Count(successes=r, trials=n):
                found = -r * np.logaddexp(0, -values) - (n - r) * np.logaddexp(0, values)
                found += _log_ways(term)
    return _none_is_impossible(found)


def _log_asserted(term: Yes, values: Array, width: Array | float) -> Array:
    """Return the log probability of a bound or direction as it was said."""
    sign = 1.0 if term.upper else -1.0
    if not term.presupposes:
        distance = (sign if term.said else -sign) * (term.limit - values) / width
        return np.asarray(log_chance(distance, term.truth if term.truth < 1 else None, NumpyOps()))
    terms = {
        "limit": term.limit,
        "width": width,
        "sign": sign,
        "truth": term.truth,
        "presupposes": 1.0,
    }
    odds = log_odds(values, terms, NumpyOps())
    return -np.logaddexp(0, -odds if term.said else odds)


def _none_is_impossible(found: Array) -> Array:
    return np.where(np.isnan(found), -np.inf, found)


def _log_ways(count: Count) -> float:
    """Return the log of n choose r."""
    r, n = count.successes, count.trials
    return float(-betaln(r + 1, n - r + 1) - np.log(n + 1))


def _log_normal(residual: Array) -> Array:
    return np.asarray(-0.5 * residual**2 - 0.5 * math.log(2 * math.pi))


def _log_student(residual: Array) -> Array:
    """Return Student's log density with the degrees of freedom of `tails: student-t`."""
    nu = DEGREES_OF_FREEDOM
    constant = math.lgamma((nu + 1) / 2) - math.lgamma(nu / 2) - 0.5 * math.log(nu * math.pi)
    return np.asarray(constant - (nu + 1) / 2 * np.log1p(residual**2 / nu))
