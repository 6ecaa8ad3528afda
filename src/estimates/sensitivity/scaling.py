"""Power-scaling: does the answer lean on the prior, or on one claim, source or origin?

Kallioinen, Paananen, Bürkner & Vehtari 2024 (Stat Comput 34:57), as ArviZ has it: a component of
the joint density is raised to a power a little above and below 1 by importance weights, and the
distance by which the target's distribution moves, per doubling of the power, is its sensitivity.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.engine import Engine
from estimates.sensitivity.view import View
from estimates.weights import cells

Array = NDArray[np.float64]
#: Above this the answer is sensitive (Kallioinen et al. 2024).
SENSITIVE = 0.05
_STEP = 1.25


def power_scaling(view: View, engine: Engine) -> list[dict[str, Any]]:
    """A row a component: the prior, all claims, each claim, source and origin.

    Rows: `component` (`prior`, `claims`, `claim`, `source`, `origin`), `name`, `psense`,
    `psense_se` (jackknife over chains), `median_up` (the target's median if the component counted
    for a quarter more), `pareto_k` of those weights and `diagnosis`, in words.  The weights of
    readings move with the component, but for readings that are held.
    """
    if not view.everywhere or "log_likelihood" not in view.fit:
        return []
    target = view.mixed()
    which = view.mixed_reading
    likelihood = view.fit["log_likelihood"].to_dataset()
    told = likelihood["draw"].values  # where claims are very many, not all draws
    target, which = target[:, told], which[:, told]
    held = _held(view, which)
    rows = [_row("prior", "", target, _centred(_log_prior(view, engine, told), held))]
    for component, name, claims in _components(view, set(map(str, likelihood.data_vars))):
        logs = np.sum([likelihood[claim].values for claim in claims], axis=0)
        rows.append(_row(component, name, target, _centred(logs, held)))
    for row in rows:
        row["diagnosis"] = _diagnosis(row, rows[0], rows[1] if len(rows) > 1 else None)
    return rows


def _components(view: View, there: set[str]) -> Iterator[tuple[str, str, list[str]]]:
    uses = [use.id for use in view.model.uses if use.id in there]
    yield "claims", "", uses
    for use in uses:
        yield "claim", use, [use]
    for kind in ("source", "origin"):
        groups: dict[str, list[str]] = {}
        for use in uses:
            name = getattr(view.model.ledger.claims[use], kind)
            if name:
                groups.setdefault(str(name), []).append(use)
        for name, members in groups.items():
            yield kind, name, members


def _row(component: str, name: str, target: Array, logs: Array) -> dict[str, Any]:
    from arviz_stats.base import array_stats

    sense = _psense(target, logs)
    count = len(target)
    without = [
        _psense(np.delete(target, chain, axis=0), np.delete(logs, chain, axis=0))
        for chain in range(count)
    ]
    spread = (count - 1) / count * np.sum((np.array(without) - np.mean(without)) ** 2)
    weights, pareto = array_stats.psislw(-((_STEP - 1) * logs).ravel())
    order = np.argsort(target, axis=None)
    cumulative = np.cumsum(np.exp(weights)[order])
    median = float(np.interp(0.5 * cumulative[-1], cumulative, target.ravel()[order]))
    return {
        "component": component,
        "name": name,
        "psense": sense,
        "psense_se": float(np.sqrt(spread)),
        "median_up": median,
        "pareto_k": float(pareto) if np.isfinite(pareto) else None,
    }


def _psense(target: Array, logs: Array) -> float:
    from arviz_stats import psense

    if np.ptp(logs) < 1e-12:
        return 0.0  # says the same everywhere: nothing can move
    dims = ("chain", "draw")
    tree = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({"target": (dims, target)}),
            "log_likelihood": xr.Dataset({"part": (dims, logs)}),
        }
    )
    found = psense(tree, group="likelihood", sample_dims=list(dims), group_var_names=["part"])
    return float(found["target"])


def _log_prior(view: View, engine: Engine, told: NDArray[np.int64]) -> Array:
    which = view.mixed_reading[:, told]
    basic = {name: view.mixed(name)[:, told] for name in view.model.quantities}
    result = np.zeros(which.shape)
    for number, reading in enumerate(view.readings):
        mine = which == number
        if mine.any():
            values = {name: draws[mine] for name, draws in basic.items()}
            result[mine] = engine.log_prior(values, reading.choice)
    return result


def _held(view: View, which: NDArray[np.int64]) -> NDArray[np.int64]:
    """The branch of the held readings that each draw is in, which no claim moves."""
    held = [axis for axis, reading in view.model.readings.items() if not reading.update]
    found = cells([reading.choice for reading in view.readings], held)
    numbers = {name: number for number, name in enumerate(dict.fromkeys(found))}
    return np.array([numbers[name] for name in found])[which]


def _centred(logs: Array, held: NDArray[np.int64]) -> Array:
    """Less their mean within each branch of held readings: to first order its weight so stays."""
    result = logs.copy()
    for branch in np.unique(held):
        result[held == branch] -= logs[held == branch].mean()
    return result


def _diagnosis(row: dict[str, Any], prior: dict[str, Any], claims: dict[str, Any] | None) -> str:
    if row["pareto_k"] is not None and row["pareto_k"] > 0.7:
        return "cannot tell: a few draws carry the weights; see what it does when left out"
    leans = row["psense"] >= SENSITIVE
    if row["component"] == "prior":
        if not leans:
            return "the prior does not set the answer"
        if claims is not None and claims["psense"] >= SENSITIVE:
            return "prior and claims both move the answer: they pull apart, or the claims are few"
        return "the prior sets the answer: the claims say little of it"
    if row["component"] == "claims":
        return "the claims inform the answer" if leans else "the claims hardly inform the answer"
    return "the answer leans on it" if leans else "the answer hardly leans on it"
