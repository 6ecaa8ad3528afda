"""Weights of readings: stated ones, moved by the evidence where a reading may be updated.

An axis with `update: false` is cut (Plummer 2015, Stat Comput 25:37): it keeps its stated weights,
and the other axes are updated within each of its branches.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Array = NDArray[np.float64]
_UNKNOWN = 1e3  # log units
_SIMULATIONS = 4000


@dataclass(frozen=True)
class Weights:
    """Posterior weights of the combinations of readings.

    Attributes
    ----------
    mean : (combination,)
    se : (combination,) Monte Carlo standard errors
    simulated : (simulation, combination) weights under the evidence's own Monte Carlo error
    """

    mean: Array
    se: Array
    simulated: Array


def cells(choices: Sequence[Mapping[str, str]], held: Sequence[str]) -> list[tuple[str, ...]]:
    """Return for each combination the branches of the held axes that it stands in."""
    return [tuple(choice[axis] for axis in held) for choice in choices]


def update(prior: Array, log_evidence: Array, cell: Sequence[tuple[str, ...]]) -> Array:
    """Return weights given log evidences, normalised within each cell of the held axes.

    Parameters
    ----------
    prior : (combination,) stated weights, summing to one
    log_evidence : (..., combination)
    cell : which combinations share a branch of every held axis
    """
    weights = np.empty(np.broadcast_shapes(log_evidence.shape, prior.shape))
    with np.errstate(divide="ignore"):
        joint = np.log(prior) + log_evidence
    for name in dict.fromkeys(cell):
        inside = np.array([c == name for c in cell])
        part = joint[..., inside]
        weights[..., inside] = prior[inside].sum() * np.exp(
            part - logsumexp(part, axis=-1, keepdims=True)
        )
    return weights


def posterior_weights(
    prior: Array,
    log_evidence: Array,
    se: Array,
    fit: Sequence[int],
    cell: Sequence[tuple[str, ...]],
    rng: np.random.Generator,
) -> Weights:
    """Return weights with their errors; combinations that share a fit share its error."""
    fits = np.asarray(fit)
    # An evidence of which nothing is known has an infinite error: any weight may be its.
    known = np.minimum(se, _UNKNOWN)
    noise = rng.standard_normal((_SIMULATIONS, int(fits.max()) + 1))[:, fits] * known
    simulated = update(prior, log_evidence + noise, cell)
    return Weights(update(prior, log_evidence, cell), simulated.std(axis=0), simulated)
