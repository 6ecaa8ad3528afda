"""The answer if one believes the cited figure: the draws reweighted, or drawn anew.

`independent` multiplies the two densities, as if the figure were fresh evidence; `redundant`
takes their geometric mean, as if it said the same thing a second time.  Both are offered as a
bracket, never as the answer: the figure is held out.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.cited import Cited, to_scale
from estimates.analysis.verdict import Sides
from estimates.inference.engine import Engine
from estimates.inference.log_likelihood import log_density
from estimates.inference.meant import claimed
from estimates.inference.question import Condition, Fit
from estimates.inference.sampling import Sampling
from estimates.model.likelihood import Noisy, Skew, widened
from estimates.stats.convergence import mcse_mean
from estimates.stats.importance import finite, smoothed
from estimates.stats.kde import kernel_density

Array = NDArray[np.float64]
#: Pareto k above which importance weights mislead (Vehtari et al. 2024, JMLR 25:72).
LARGEST_K = 0.7
#: Effective draws below which a reweighted answer is drawn anew.
FEWEST_DRAWS = 1000
_WIDER = math.sqrt(2)


@dataclass(frozen=True)
class Pooled:
    """Answers (draw,) in the claim's unit with weights (draw,) that sum to one.

    `log_multiplier` is what the reading's weight is multiplied by (0 where weights stay); draws
    come chain by chain, of `chains`.
    """

    values: Array
    weights: Array
    log_multiplier: float
    chains: int = 1

    @property
    def by_chain(self) -> Array:
        """The answers as (chain, draw)."""
        return self.values.reshape(self.chains, -1)


def held_out(values: Array, chains: int = 1) -> Pooled:
    """Return the answer as it is, with equal weights for its draws."""
    return Pooled(values, np.full(len(values), 1 / len(values)), 0.0, chains)


def sides(pooled: Pooled, low: float | None, high: float | None) -> Sides:
    """Return P(below) and P(above) a range, and their Monte Carlo errors; an end may be open."""
    below = pooled.values < (-math.inf if low is None else low)
    above = pooled.values > (math.inf if high is None else high)
    return Sides(
        _probability(pooled, below),
        _probability(pooled, above),
        *(_error(pooled, event) for event in (below, above, ~below & ~above)),
    )


def _probability(pooled: Pooled, event: NDArray[np.bool_]) -> float:
    # Where all draws agree it is so, whatever their weights add up to in the last digit.
    return 1.0 if event.all() else float(np.clip(pooled.weights @ event, 0.0, 1.0))


def _error(pooled: Pooled, event: NDArray[np.bool_]) -> float:
    """Return the error of a weighted mean of dependent draws, to first order in the weights."""
    if event.all() or not event.any():
        return 0.0
    away = pooled.weights * len(event) * (event - pooled.weights @ event)
    return float(mcse_mean(away.reshape(1, pooled.chains, -1))[0])


def independent(
    values: Array,
    figure: Cited,
    engine: Callable[[], Engine],
    question: Condition,
    sampling: Sampling,
    log_evidence: float,
) -> Pooled | None:
    """Multiply the answer's density with the figure's; None where that cannot be computed.

    Parameters
    ----------
    values : draws (draw,) of the answer under one reading, in the claim's unit
    question, log_evidence : of that reading's fit
    engine : makes the engine, should a refit be needed
    """
    log_weights = log_density(figure.term, values)
    reweighted = _reweight(values, log_weights)
    if reweighted is not None:
        multiplier = np.logaddexp.reduce(log_weights) - np.log(len(values))
        return Pooled(values, reweighted, float(multiplier), sampling.chains)
    answer = engine().ask(Condition(question.choice, question.active | {figure.claim.id}), sampling)
    if not answer.check.passed:
        return None
    refitted = held_out(_refitted(engine(), answer, figure), sampling.chains)
    return replace(refitted, log_multiplier=answer.evidence.log - log_evidence)


def redundant(
    values: Array,
    figure: Cited,
    engine: Callable[[], Engine],
    question: Condition,
    sampling: Sampling,
) -> Pooled | None:
    """Log-pool with α = ½: density of the answer ∝ (q₁* q₂)^½; None where not computable.

    Draws of q₁ get weights [q₂/q₁*]^½.  Where those fail, the figure is admitted at √2 times its
    width, with density h: the answer is then distributed as m ∝ q₁*·h, so that q₁* ∝ m/h, and the
    weights that lead from m to (q₁* q₂)^½ are m^(−½)·(q₂/h)^½.
    """
    on_scale = to_scale(figure.scale, values)
    if not np.isfinite(on_scale).all():
        return None  # the figure gives part of the answer no probability at all
    if np.ptp(on_scale) == 0:
        return held_out(values)  # a constant: nothing moves it
    log_q2 = _log_figure(figure, values, on_scale)
    if log_q2 is None:
        return None
    weights = _reweight(values, (log_q2 - log_kde(on_scale)) / 2)
    if weights is not None:
        return Pooled(values, weights, 0.0, sampling.chains)
    if not isinstance(figure.term, Noisy | Skew):
        return None  # a count has no width to be admitted at
    claim = figure.claim.id
    answer = engine().ask(
        Condition(question.choice, question.active | {claim}, widened={claim: _WIDER}),
        sampling,
    )
    if not answer.check.passed:
        return None
    near = _refitted(engine(), answer, figure)
    admitted = widened(figure.term, _WIDER)
    log_ratio = log_density(figure.term, near) - log_density(admitted, near)
    weights = _reweight(near, (log_ratio - log_kde(to_scale(figure.scale, near))) / 2)
    return None if weights is None else Pooled(near, weights, 0.0, sampling.chains)


def _log_figure(figure: Cited, values: Array, on_scale: Array) -> Array | None:
    """Return the log density of a figure on its scale at answers; None for a bound."""
    if isinstance(figure.term, Noisy | Skew):
        return log_density(figure.term, values)
    density = figure.density(on_scale)
    with np.errstate(divide="ignore"):
        return None if density is None else np.asarray(np.log(density))


def log_kde(on_scale: Array) -> Array:
    """Return the log of a kernel density estimate of draws, at the draws themselves."""
    grid, density = kernel_density(on_scale)
    floor = density[density > 0].min()
    return np.asarray(np.log(np.maximum(np.interp(on_scale, grid, density), floor)))


def _reweight(values: Array, log_weights: Array) -> Array | None:
    if not np.isfinite(log_weights).any():
        return None
    log_smoothed, pareto = smoothed(finite(log_weights))
    if not pareto <= LARGEST_K:
        return None
    weights = np.exp(log_smoothed - np.max(log_smoothed))
    weights /= weights.sum()
    return np.asarray(weights) if 1 / np.sum(weights**2) >= FEWEST_DRAWS else None


def _refitted(engine: Engine, answer: Fit, figure: Cited) -> Array:
    choice = answer.question.choice
    values = engine.values(answer.draws.points, choice)
    return claimed(engine.model, figure.claim, values, choice).ravel()
