"""What the claims of a model would say of a given truth, drawn from their sampling models."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from estimates.inference.forward import NumpyOps
from estimates.inference.log_likelihood import log_density_on_scale
from estimates.inference.observed import Observations, Observed
from estimates.language.expression import evaluate
from estimates.model import Model
from estimates.model.likelihood import DEGREES_OF_FREEDOM

Array = NDArray[np.float64]


def speak(
    model: Model,
    observations: Observations,
    values: Mapping[str, Array],
    errors: Array,
    choice: Mapping[str, str],
    active: frozenset[str],
    rng: np.random.Generator,
) -> dict[str, float] | None:
    """One datum for each claim that speaks, in the form that `likelihood.respoken` takes.

    Identical copies of one datum say the same.

    Parameters
    ----------
    values : every quantity, (1,), under `choice`
    errors : (origin,) the standardised errors that differently worded copies share

    Returns
    -------
    data by claim; None where the truth leaves the domain of a claim, which then has probability 0
    whatever it says
    """
    data = observations.data(active)
    copies = observations.copies(active)
    spoken: dict[str, float] = {}
    for vector in observations.vectors:
        for position, claim in enumerate(vector.claims):
            if claim.id not in active or claim.id in copies:
                continue
            expression = model.resolve(claim.value, choice)
            assert expression is not None, "a claim that speaks says something"
            odds = model.odds_of(expression) if vector.odds else None
            if odds is not None and vector.family != "odds":
                on_scale = float(np.ravel(evaluate(odds, values, NumpyOps()))[0])
            else:
                theta = float(np.ravel(evaluate(expression, values, NumpyOps()))[0])
                on_scale = _on_scale(vector, theta)
            datum = _datum(vector, position, on_scale, data, errors, rng)
            if datum is None:
                return None
            spoken[claim.id] = datum
    return spoken | {copy: spoken[first] for copy, first in copies.items()}


def _on_scale(vector: Observed, theta: float) -> float:
    """g(θ), of a count θ itself; nan off its domain."""
    if vector.family in ("count", "odds"):
        return theta if 0 <= theta <= 1 else np.nan
    return vector.scale.forward(theta) if vector.scale.holds(theta) else np.nan


def _datum(
    vector: Observed,
    position: int,
    on_scale: float,
    data: Mapping[str, NDArray[np.generic]],
    errors: Array,
    rng: np.random.Generator,
) -> float | None:
    name, term = vector.name, vector.terms[position]
    if np.isnan(on_scale):
        return None
    if vector.family in ("count", "odds"):
        return float(rng.binomial(data[f"{name}_trials"][position], on_scale))
    if vector.family == "yes":
        return float(rng.random() < np.exp(log_density_on_scale(term, np.array([on_scale]))[0]))
    student = vector.family == "student"
    noise = rng.standard_t(DEGREES_OF_FREEDOM) if student else rng.standard_normal()
    datum = on_scale + data[f"{name}_sigma"][position] * noise
    if f"{name}_loading" in data and len(errors):
        shared = errors[data[f"{name}_origin"][position]]
        datum += data[f"{name}_loading"][position] * shared
    return float(datum)
