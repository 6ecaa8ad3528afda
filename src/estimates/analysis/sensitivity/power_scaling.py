"""Power-scaling: whether the answer depends on the prior, or on one claim, source or origin.

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
from estimates.inference.grids import draws_of
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
    """Return a row for each component: the prior, all claims, each claim, source and origin.

    Where quantities are over dimensions, the prior of each quantity has one too.

    The weights of readings move with the component, but for readings that are held.
    """
    fit = view.mixture
    densities, told = view.densities
    if not view.everywhere or not densities:
        return []
    target, which = view.mixed()[:, told], view.mixed_reading[:, told]
    held = _held(view, which)
    before = np.zeros(target.shape)
    if "log_prior" in fit.children:
        before = fit["log_prior"].to_dataset()["quantities"].values[:, told]
    rows = [_row("prior", "", target, _centred(before, held))]
    for component, name, claims in _components(view):
        # A claim that repeats another word for word says nothing of its own.
        said = [densities[claim] for claim in claims if claim in densities]
        logs = np.sum(said, axis=0) if said else np.zeros(target.shape)
        rows.append(_row(component, name, target, _centred(logs, held)))
    claims_move = len(rows) > 1 and rows[1].psense >= SENSITIVE
    rows += [
        _row("prior", name, target, _centred(logs, held))
        for name, logs in _priors(view, engine, told)
    ]
    return [replace(row, diagnosis=_diagnosis(row, claims_move)) for row in rows]


def _priors(view: View, engine: Engine, told: NDArray[np.int64]) -> Iterator[tuple[str, Array]]:
    """Yield the log prior density of each quantity over dimensions, with what links its cells.

    Of what is drawn as a standard normal, as cells are; of a few links of another family not.
    """
    panel = view.whole.model.panel
    if not panel:
        return
    values = draws_of(view.mixture, "posterior", view.whole.model)
    shape = values[view.name][:, told].shape
    basic = {name: values[name][:, told].ravel() for name in view.whole.model.quantities}
    latents = engine.layout.parts(engine.points_of(basic))
    found: dict[str, Array] = {}
    for group in (one for one in engine.layout.groups if one.plain):
        for name, z in zip(group.members, latents[group.name], strict=True):
            owner = panel.quantity(name).split(".")[0]
            if owner in panel.grids:
                found[owner] = found.get(owner, np.zeros(z.shape)) - z**2 / 2
    yield from ((name, logs.reshape(shape)) for name, logs in found.items())


def _components(view: View) -> Iterator[tuple[Component, str, list[str]]]:
    yield "claims", "", list(members(view.whole.model, "claim"))
    for unit in _UNITS:
        for name, claims in members(view.whole.model, unit).items():
            yield unit, name, claims


def _row(component: Component, name: str, target: Array, logs: Array) -> PowerScalingRow:
    sense = psense(target, logs)
    weights, pareto = smoothed(((_STEP - 1) * logs).ravel())
    median = float(quantiles(target, [0.5], np.exp(weights))[0])
    return PowerScalingRow(
        component=component,
        name=name,
        psense=sense,
        psense_se=error_of(np.arange(len(target)), lambda kept: psense(target[kept], logs[kept])),
        median_up=median,
        pareto_k=float(pareto) if np.isfinite(pareto) else None,
        diagnosis="",
    )


def psense(target: Array, logs: Array) -> float:
    """Return the distance per doubling of the power, from draws (chain, draw) and log densities."""
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


def _held(view: View, which: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the branch of the held readings, which no claim moves, that each draw is in."""
    held = [axis for axis, reading in view.whole.model.readings.items() if not reading.update]
    found = cells([reading.choice for reading in view.whole.readings], held)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(found))}
    return np.array([numbers[name] for name in found])[which]


def _centred(logs: Array, held: NDArray[np.int64]) -> Array:
    """Subtract the mean within each branch of held readings, to keep its weight to first order."""
    result = finite(logs).copy()
    for branch in np.unique(held):
        result[held == branch] -= logs[held == branch].mean()
    return result


def _diagnosis(row: PowerScalingRow, claims_move: bool) -> str:
    if row.pareto_k is not None and row.pareto_k > 0.7:
        return "cannot tell, since a few draws carry all the weight; see what leaving it out does"
    depends = row.psense >= SENSITIVE
    if row.component == "prior":
        if row.name:
            return "the answer depends on its prior" if depends else "its prior does not matter"
        if not depends:
            return "the prior does not set the answer"
        if claims_move:
            return "prior and claims both move the answer: they pull apart, or the claims are few"
        return "the prior sets the answer: the claims say little of it"
    if row.component == "claims":
        return "the claims inform the answer" if depends else "the claims hardly inform the answer"
    if row.psense < _HARDLY:
        return "it changes nothing: it fits every value that is left equally well"
    return "the answer depends on it" if depends else "the answer hardly depends on it"
