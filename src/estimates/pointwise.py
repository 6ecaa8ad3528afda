"""The log density of each claim at given draws: what leave-one-out and power-scaling work on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from estimates.expression import evaluate
from estimates.forward import NumpyOps
from estimates.likelihood import DEGREES_OF_FREEDOM, Count, Noisy, Term, Yes, log_odds
from estimates.model import Model
from estimates.observations import Observations

Array = NDArray[np.float64]


def log_likelihood(
    model: Model,
    observations: Observations,
    values: Mapping[str, Array],
    choice: Mapping[str, str],
    active: Collection[str],
) -> dict[str, Array]:
    """Log density of every claim, (draw,); 0 where a claim is silent.

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
            expression = model.resolve(claim.value, choice) if claim.id in speaking else None
            if expression is None:
                result[claim.id] = np.zeros(draws)
                continue
            theta = np.broadcast_to(evaluate(expression, values, NumpyOps()), (draws,))
            result[claim.id] = log_density(term, theta)
    return result


def log_density(term: Term, theta: Array) -> Array:
    """Log density of one claim given θ, (draw,); -inf where θ leaves the domain."""
    with np.errstate(all="ignore"):
        on_scale = term.scale.of_array(theta, NumpyOps())
        match term:
            case Noisy(y=y, sigma=sigma, student=student):
                residual = (y - on_scale) / sigma
                family = stats.t(DEGREES_OF_FREEDOM) if student else stats.norm
                found = family.logpdf(residual) - np.log(sigma)
            case Yes():
                terms = {
                    "limit": term.limit,
                    "width": term.width,
                    "sign": 1.0 if term.upper else -1.0,
                    "truth": term.truth,
                    "presupposes": float(term.presupposes),
                }
                odds = log_odds(on_scale, terms, term.presupposes, NumpyOps())
                found = -np.logaddexp(0, -odds if term.said else odds)
            case Count(successes=successes, trials=trials):
                inside = (theta >= 0) & (theta <= 1)
                found = np.where(
                    inside, stats.binom.logpmf(successes, trials, np.clip(theta, 0, 1)), np.nan
                )
    return np.where(np.isnan(found), -np.inf, found)
