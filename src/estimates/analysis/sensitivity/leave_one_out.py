"""Leave one out: the answer refitted without each claim, source, origin and speaker."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from estimates.analysis.result import Numbers
from estimates.analysis.sensitivity.result import LeaveOneOutRow, Unit, WeightShift
from estimates.analysis.sensitivity.view import View
from estimates.analysis.sensitivity.weighed_out import WeighedOut, Weighing
from estimates.inference.fitting import Change
from estimates.inference.jobs import Progress, Workers
from estimates.inference.refit import UNITS, Refit, difference, members, refit
from estimates.model import Model

_EXACT = 1e-12  # of the largest draw: what differs by less is rounding

type Weights = Mapping[str, Mapping[str, float]]  # by axis and option


@dataclass(frozen=True)
class Group:
    """The claims that are left out together."""

    without: Unit
    name: str
    claims: frozenset[str]


def leave_out(
    view: View,
    seed: int,
    refit_all: bool,
    workers: Workers | None,
    progress: Progress | None,
) -> list[LeaveOneOutRow]:
    """Return a row for each group, the largest shift of the median first.

    Of a panel what cannot be weighed out has no numbers, unless all of that is to be fitted anew.
    """
    groups = groups_of(view.whole.model)
    sets = list(dict.fromkeys(group.claims for group in groups))
    weighing = Weighing(view)
    weighed = {claims: weighing.without(claims) for claims in sets if weighing.applies}
    sets = [claims for claims in sets if not _trusted(weighed.get(claims))]
    if view.whole.model.panel and not refit_all:
        sets = []
    changes = [Change(", ".join(sorted(claims)), without=claims) for claims in sets]
    found = refit(view.whole.model, changes, seed=seed, workers=workers, progress=progress)
    answers = dict(zip(sets, found, strict=True))
    width, before = _width(view), _options(view)
    rows = [
        _row(view, group, answers[group.claims], width, before)
        if group.claims in answers
        else _weighed(view, group, weighed.get(group.claims), width)
        for group in groups
    ]
    return sorted(rows, key=lambda row: row.reach, reverse=True)


def _row(view: View, group: Group, found: Refit, width: float, before: Weights) -> LeaveOneOutRow:
    now, base = found.targets[view.name], view.base
    shift = difference(now.median, base.median)
    return LeaveOneOutRow(
        without=group.without,
        name=group.name,
        claims=tuple(sorted(group.claims)),
        **vars(Numbers.of(now)),
        shift=shift,
        shift_se=None if shift is None else _added(now.mcse_median, base.mcse_median),
        shift_sd=_in_sds(view, now.median, base.median, width),
        weights=found.weights,
        weight_shift=_largest(before, found.weights),
        failed=found.failed,
    )


def _trusted(found: WeighedOut | None) -> bool:
    return found is not None and found.trusted


def _weighed(view: View, group: Group, found: WeighedOut | None, width: float) -> LeaveOneOutRow:
    """Return the row of claims that were weighed out of the one fit; without numbers if badly."""
    base = view.base
    told = found if _trusted(found) else None
    error = None if told is None or base.mcse_median is None else base.mcse_median * told.inflated
    shift = None if told is None else difference(told.median, base.median)
    pareto = None if found is None else found.pareto
    return LeaveOneOutRow(
        without=group.without,
        name=group.name,
        claims=tuple(sorted(group.claims)),
        median=None if told is None else told.median,
        q05=None if told is None else told.q05,
        q95=None if told is None else told.q95,
        mcse_median=error,
        shift=shift,
        shift_se=None if shift is None else error,
        shift_sd=_in_sds(view, None if told is None else told.median, base.median, width),
        weights={},
        weight_shift=None,
        failed=(),
        pareto_k=pareto if pareto is not None and math.isfinite(pareto) else None,
        weighed=told is not None,
    )


def groups_of(model: Model) -> list[Group]:
    """Return the groups of claims that can be left out.

    A source, origin or speaker that has all of the claims is none: nothing would be left.
    """
    every = frozenset(members(model, "claim"))
    return [
        Group(unit, name, frozenset(claims))
        for unit in UNITS
        for name, claims in members(model, unit).items()
        if unit == "claim" or every.difference(claims)
    ]


def _width(view: View) -> float:
    """Return the posterior sd of the target (or of its logarithm), mixed over readings."""
    if not view.everywhere:
        return 0.0
    values = view.scaled(view.mixed())
    largest = float(np.abs(values).max()) or 1.0  # whose square might overflow
    spread = float((values / largest).std())
    return spread * largest if spread > _EXACT else 0.0


def _in_sds(view: View, now: float | None, then: float | None, width: float) -> float | None:
    if now is None or then is None or not width:
        return None
    if view.logarithmic:
        return math.log(now / then) / width if now > 0 else None
    return (now - then) / width


def _added(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else math.hypot(one, other)


def _options(view: View) -> Weights:
    return {
        name: {option: one.posterior for option, one in options.items()}
        for name, options in view.whole.options.items()
    }


def _largest(before: Weights, after: Weights) -> WeightShift | None:
    """Return the option whose weight changes most."""
    changes = [
        WeightShift(reading=axis, option=option, before=then, after=after[axis][option])
        for axis, options in before.items()
        for option, then in options.items()
        if axis in after and option in after[axis]
    ]
    return max(changes, key=lambda one: one.size) if changes else None
