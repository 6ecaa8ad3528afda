"""Power-scaling: does the answer lean on the prior, or on one claim, source or origin?

Kallioinen, Paananen, Bürkner & Vehtari 2024 (Stat Comput 34:57), as ArviZ has it: a component of
the joint density is raised to a power a little above and below 1 by importance weights, and the
distance by which the target's distribution moves, per doubling of the power, is its sensitivity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.sensitivity.result import Component, PowerScalingRow
from estimates.analysis.sensitivity.view import View
from estimates.inference.engine import Engine
from estimates.inference.refit import members
from estimates.stats.importance import finite, smoothed
from estimates.stats.jackknife import error_of
from estimates.stats.model_weights import cells
from estimates.stats.weighted import quantiles

Array = NDArray[np.float64]
#: Above this the answer is sensitive (Kallioinen et al. 2024).
SENSITIVE = 0.05
_UNITS: tuple[Literal["claim", "source", "origin"], ...] = ("claim", "source", "origin")
_STEP = 1.25
#: Powers between which the distance is taken.
_ALPHAS = (0.99, 1.01)
_NOTHING = 1e-12
#: Below this nothing rests on a component: a thousandth of what would be sensitive.
_HARDLY = 5e-5


def power_scaling(view: View, engine: Engine) -> list[PowerScalingRow]:
    """A row a component: the prior, all claims, each claim, source and origin.

    The weights of readings move with the component, but for readings that are held.
    """
    if not view.everywhere or "log_likelihood" not in view.mixture:
        return []
    target = view.mixed()
    which = view.mixed_reading
    likelihood = view.mixture["log_likelihood"].to_dataset()
    told = likelihood["draw"].values  # where claims are very many, not all draws
    target, which = target[:, told], which[:, told]
    held = _held(view, which)
    rows = [_row("prior", "", target, _centred(_log_prior(view, engine, told), held))]
    for component, name, claims in _components(view, set(map(str, likelihood.data_vars))):
        logs = np.sum([likelihood[claim].values for claim in claims], axis=0)
        rows.append(_row(component, name, target, _centred(logs, held)))
    claims_move = len(rows) > 1 and rows[1].psense >= SENSITIVE
    return [replace(row, diagnosis=_diagnosis(row, claims_move)) for row in rows]


def _components(view: View, there: set[str]) -> Iterator[tuple[Component, str, list[str]]]:
    yield "claims", "", [claim for claim in members(view.whole.model, "claim") if claim in there]
    for unit in _UNITS:
        for name, claims in members(view.whole.model, unit).items():
            known = [claim for claim in claims if claim in there]
            if known:
                yield unit, name, known


def _row(component: Component, name: str, target: Array, logs: Array) -> PowerScalingRow:
    sense = _psense(target, logs)
    weights, pareto = smoothed(((_STEP - 1) * logs).ravel())
    median = float(quantiles(target, [0.5], np.exp(weights))[0])
    return PowerScalingRow(
        component=component,
        name=name,
        psense=sense,
        psense_se=error_of(np.arange(len(target)), lambda kept: _psense(target[kept], logs[kept])),
        median_up=median,
        pareto_k=float(pareto) if np.isfinite(pareto) else None,
        diagnosis="",
    )


def _psense(target: Array, logs: Array) -> float:
    """The distance per doubling of the power, of draws (chain, draw) and log densities there."""
    from arviz_stats.base import array_stats

    largest = float(np.abs(target).max())
    if np.ptp(logs) < _NOTHING or np.ptp(target) <= _NOTHING * largest:
        return 0.0  # says the same everywhere, or is the same everywhere: nothing can move
    lower, upper = (np.exp(smoothed((a - 1) * logs.ravel())[0]) for a in _ALPHAS)
    # The distance knows no unit; sums of draws near the largest number there is would overflow.
    found = array_stats.power_scale_sense(
        target / largest,
        lower.reshape(target.shape),
        upper.reshape(target.shape),
        lower_alpha=_ALPHAS[0],
        upper_alpha=_ALPHAS[1],
    )
    return float(found)


def _log_prior(view: View, engine: Engine, told: NDArray[np.int64]) -> Array:
    which = view.mixed_reading[:, told]
    basic = {name: view.mixed(name)[:, told] for name in view.whole.model.quantities}
    result = np.zeros(which.shape)
    for number, reading in enumerate(view.whole.readings):
        mine = which == number
        if mine.any():
            values = {name: draws[mine] for name, draws in basic.items()}
            result[mine] = engine.log_prior(values, reading.choice)
    return result


def _held(view: View, which: NDArray[np.int64]) -> NDArray[np.int64]:
    """The branch of the held readings that each draw is in, which no claim moves."""
    held = [axis for axis, reading in view.whole.model.readings.items() if not reading.update]
    found = cells([reading.choice for reading in view.whole.readings], held)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(found))}
    return np.array([numbers[name] for name in found])[which]


def _centred(logs: Array, held: NDArray[np.int64]) -> Array:
    """Less their mean within each branch of held readings: to first order its weight so stays."""
    result = finite(logs).copy()
    for branch in np.unique(held):
        result[held == branch] -= logs[held == branch].mean()
    return result


def _diagnosis(row: PowerScalingRow, claims_move: bool) -> str:
    if row.pareto_k is not None and row.pareto_k > 0.7:
        return "cannot tell: a few draws carry the weights; see what it does when left out"
    leans = row.psense >= SENSITIVE
    if row.component == "prior":
        if not leans:
            return "the prior does not set the answer"
        if claims_move:
            return "prior and claims both move the answer: they pull apart, or the claims are few"
        return "the prior sets the answer: the claims say little of it"
    if row.component == "claims":
        return "the claims inform the answer" if leans else "the claims hardly inform the answer"
    if row.psense < _HARDLY:
        return "nothing rests on it: it says the same of every value that is left"
    return "the answer leans on it" if leans else "the answer hardly leans on it"
