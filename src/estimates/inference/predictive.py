"""What the claims of a model would say of given truths, drawn from their sampling models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.inference.arrays import NumpyOps
from estimates.inference.log_likelihood import log_density_on_scale, spread_of
from estimates.inference.meant import Meant, meaning
from estimates.inference.observed import Observations, Observed
from estimates.language.expression import evaluate
from estimates.model import BoundClaim, Model
from estimates.model.likelihood import DEGREES_OF_FREEDOM, Count, Noisy, Rate, Skew, Term, Yes

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
    """Return one datum for each claim that speaks, in the form that `likelihood.respoken` takes.

    Parameters
    ----------
    values : every quantity, (1,), under `choice`
    errors : (origin,) the standardised errors that differently worded copies share

    Returns
    -------
    data by claim; None where the truth leaves the domain of a claim, which then has probability 0
    whatever it says
    """
    spoken: dict[str, float] = {}
    for claim, data in _said(model, observations, values, errors[None], choice, active, rng):
        if np.isnan(data[0]):
            return None
        spoken[claim] = float(data[0])
    copies = observations.copies(active)
    return spoken | {copy: spoken[first] for copy, first in copies.items()}


def replicate(
    model: Model,
    observations: Observations,
    values: Mapping[str, Array],
    choice: Mapping[str, str],
    active: frozenset[str],
    rng: np.random.Generator,
) -> dict[str, Array]:
    """Draw data (draw,) that each claim would have, were it made again; nan off its domain.

    A copy that repeats another word for word is none of its own.

    Parameters
    ----------
    values : every quantity, (draw,), under `choice`
    """
    draws = len(next(iter(values.values())))
    errors = rng.standard_normal((draws, len(observations.origins)))
    return dict(_said(model, observations, values, errors, choice, active, rng))


def observed_data(claims: Sequence[BoundClaim], terms: Mapping[str, Term]) -> xr.Dataset:
    """Return the datum of each claim (claim): y on its scale, a count, or 1 for a statement.

    Beside it, as coordinates, the claim's kind and scale, its width there, its unit, and of how
    many trials a count is.
    """
    names = ("claims", "width", "trials", "kind", "scale")
    rows = [_row(terms[claim.id]) for claim in claims]
    columns = zip(*rows, strict=True)
    along = {name: ("claim", np.array(one)) for name, one in zip(names, columns, strict=True)}
    said = xr.Dataset(
        {"claims": along.pop("claims")},
        coords={
            "claim": [claim.id for claim in claims],
            **along,
            "unit": ("claim", [claim.unit for claim in claims]),
        },
    )
    said["claims"].attrs["description"] = (
        "noisy, skew: the datum on its scale, in its unit; count: successes of trials; rate: "
        "events; yes: 1, said"
    )
    return said


def _row(term: Term) -> tuple[float, float, float, str, str]:
    match term:
        case Noisy(y=y, sigma=width):
            return y, width, np.nan, "noisy", term.scale.name
        case Skew(y=y, sigma=width):
            return y, width, np.nan, "skew", term.scale.name
        case Rate(events=events):
            return float(events), np.nan, np.nan, "rate", term.scale.name
        case Yes(width=width, said=said):
            return float(said), width, np.nan, "yes", term.scale.name
        case Count(successes=successes, trials=trials):
            return float(successes), np.nan, float(trials), "count", term.scale.name


def _said(
    model: Model,
    observations: Observations,
    values: Mapping[str, Array],
    errors: Array,
    choice: Mapping[str, str],
    active: frozenset[str],
    rng: np.random.Generator,
) -> Iterator[tuple[str, Array]]:
    """Draw data (draw,) of each claim that speaks, one for all that repeat one another."""
    data = observations.data(active)
    copies = observations.copies(active)
    picks: dict[str, Array] = {}
    for vector in observations.vectors:
        for position, claim in enumerate(vector.claims):
            if claim.id not in active or claim.id in copies:
                continue
            if claim.options and (claim.origin or claim.id) not in picks:
                picks[claim.origin or claim.id] = rng.random(len(errors))
            expression = meaning(model, claim, values, choice, picks.get(claim.origin or claim.id))
            on_scale = _value(model, vector, expression, values, len(errors))
            if np.isnan(on_scale).all():
                yield claim.id, on_scale
            else:
                spread = spread_of(claim, values)
                yield claim.id, _data(vector, position, on_scale, spread, data, errors, rng)


def _value(
    model: Model,
    vector: Observed,
    meant: Meant,
    values: Mapping[str, Array],
    draws: int,
) -> Array:
    """Return what a claim is about on its scale, (draw,), each draw under an option of its own."""
    found = []
    for expression in meant.values:
        odds = model.odds_of(expression) if vector.odds else None
        if odds is not None and vector.family != "odds":
            on_scale = np.asarray(evaluate(odds, values, NumpyOps()), dtype=float)
        else:
            on_scale = _on_scale(vector, evaluate(expression, values, NumpyOps()))
        found.append(np.broadcast_to(on_scale, (draws,)))
    return meant.picked(found)


def _on_scale(vector: Observed, theta: Array) -> Array:
    """Return g(θ), or θ itself for a count or rate; nan off its domain."""
    if vector.family == "rate":
        return np.where(theta >= 0, theta, np.nan)
    if vector.family in ("count", "odds"):
        return np.where((theta >= 0) & (theta <= 1), theta, np.nan)
    with np.errstate(all="ignore"):
        found = np.asarray(vector.scale.of_array(theta, NumpyOps()), dtype=float)
    return np.where(np.isfinite(found), found, np.nan)


def _data(
    vector: Observed,
    position: int,
    on_scale: Array,
    spread: Array | float,
    data: Mapping[str, NDArray[np.generic]],
    errors: Array,
    rng: np.random.Generator,
) -> Array:
    name, term, off = vector.name, vector.terms[position], np.isnan(on_scale)
    if vector.family in ("count", "odds"):
        trials = data[f"{name}_trials"][position]
        return np.where(off, np.nan, rng.binomial(trials, np.where(off, 0.0, on_scale)))
    if vector.family == "rate":
        exposure = data[f"{name}_exposure"][position]
        return np.where(off, np.nan, rng.poisson(exposure * np.where(off, 0.0, on_scale)))
    if isinstance(term, Skew):
        below = rng.random(len(on_scale)) * (term.up + term.down) < term.up
        half = np.abs(rng.standard_normal(len(on_scale)))
        return np.asarray(on_scale + np.where(below, -term.up, term.down) * half)
    if vector.family == "yes":
        true = np.exp(log_density_on_scale(term, on_scale, spread))
        return np.where(off, np.nan, rng.random(len(on_scale)) < true)
    if vector.family == "student":
        noise = rng.standard_t(DEGREES_OF_FREEDOM, len(on_scale))
    else:
        noise = rng.standard_normal(len(on_scale))
    sigma, loading = data[f"{name}_sigma"][position], 0.0
    if f"{name}_loading" in data:
        loading = data[f"{name}_loading"][position]
    if vector.spreads:
        sigma = np.sqrt(sigma**2 + data[f"{name}_own"][position] * np.square(spread))
        loading = np.sqrt(loading**2 + data[f"{name}_joint"][position] * np.square(spread))
    found = on_scale + sigma * noise
    if f"{name}_loading" in data and errors.shape[1]:
        shared = errors[:, data[f"{name}_origin"][position]]
        found = found + loading * shared
    return np.asarray(found)
