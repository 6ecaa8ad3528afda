"""Leave one out: the answer refitted without each claim, source, origin and speaker."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from estimates.analysis.result import Numbers
from estimates.analysis.sensitivity.result import LeaveOneOutRow, Unit, WeightShift
from estimates.analysis.sensitivity.view import View
from estimates.analysis.weighed_out import Without, without_each
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers
from estimates.inference.refit import UNITS, difference, members
from estimates.inference.result import Statistics
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
    engine: Engine,
    refit_all: bool,
    workers: Workers | None,
    progress: Progress | None,
) -> list[LeaveOneOutRow]:
    """Return a row for each group, the largest shift of the median first.

    Of a panel what cannot be weighed out has no numbers, unless all of that is to be fitted anew.
    """
    groups = groups_of(view.whole.model)
    sets = list(dict.fromkeys(group.claims for group in groups))
    # Every cell of a panel is a target; a report asks of other models for all of them anyway.
    found = without_each(
        view.whole,
        engine,
        sets,
        targets=(view.name,) if view.whole.model.panel else (),
        refit_all=refit_all,
        workers=workers,
        progress=progress,
    )
    width, before = _width(view), _options(view)
    rows = [_row(view, group, found[group.claims], width, before) for group in groups]
    return sorted(rows, key=lambda row: row.reach, reverse=True)


def _row(view: View, group: Group, found: Without, width: float, before: Weights) -> LeaveOneOutRow:
    answer, base = found.answer, view.base
    now = Statistics() if answer is None else answer.targets[view.name]
    weights = {} if answer is None else answer.weights
    shift = difference(now.median, base.median)
    return LeaveOneOutRow(
        without=group.without,
        name=group.name,
        claims=tuple(sorted(group.claims)),
        **vars(Numbers.of(now)),
        shift=shift,
        shift_se=None if shift is None else _shift_error(now, base, found),
        shift_sd=_in_sds(view, now.median, base.median, width),
        weights=weights,
        weight_shift=_largest(before, weights),
        failed=() if answer is None else answer.failed,
        pareto_k=found.k,
        weighed=False if answer is None else answer.weighed or None,
    )


def _shift_error(now: Statistics, base: Statistics, found: Without) -> float | None:
    """Return the error of a shift: a refit has draws of its own, weighed ones are those there are.

    The two medians then go together, and the error of what is weighed is the larger.
    """
    if found.answer is not None and found.answer.weighed:
        return now.mcse_median
    return _added(now.mcse_median, base.mcse_median)


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
