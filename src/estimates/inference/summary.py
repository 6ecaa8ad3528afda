"""A fit in numbers, as `estimates fit` shows it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimates._util.records import read
from estimates.inference.grids import wanted
from estimates.inference.learnt import Learnt
from estimates.inference.origin import Origin
from estimates.inference.own_options import own_options
from estimates.inference.posterior import attributes
from estimates.inference.result import (
    Diagnostics,
    QuantitySummary,
    QuantityUnderReading,
    ReadingSummary,
    Statistics,
    Summary,
)
from estimates.inference.statistics import (
    Array,
    alike,
    interval_of,
    number_or_none,
    statistics_of,
)
from estimates.inference.tree_view import NEGLIGIBLE, WITHOUT_DRAWS, TreeView
from estimates.inference.var_names import CI_PROB, FilterVars, VarNames, ends_of
from estimates.model.naming import labels_in

if TYPE_CHECKING:
    import xarray as xr


def summary(
    fit: xr.DataTree,
    var_names: VarNames = None,
    filter_vars: FilterVars = None,
    *,
    ci_prob: float = CI_PROB,
) -> Summary:
    """Return the posterior in numbers, mixed over readings and under each of them.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    var_names : quantities and targets, one or several; `"~name"` for all but this (all, if left
        out)
    filter_vars : None takes names as they are, `"like"` as parts of names, `"regex"` as regular
        expressions, as in ArviZ
    ci_prob : the probability of the equal-tailed intervals in `.table`, .9 if left out

    Returns
    -------
    Summary, whose `.table` is a DataFrame with a row for each quantity and reading, and whose
    `.document` is what `estimates fit --json` prints (docs/commands.md, JSON): there quantiles are
    named by their levels, `q05` to `q95`, whatever `ci_prob` is, whose interval comes beside them
    as `ci_low` and `ci_high`.  Values are in each quantity's own unit, shares as fractions; what is
    not defined is None, never nan.

    Raises
    ------
    InputError : for names that are not in the fit, and a `ci_prob` that is none

    See Also
    --------
    fit : draws the posterior
    by_reading : the draws under each reading
    compare : the answer beside the cited figures

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> table = est.summary(fit, "revenue", ci_prob=0.8).table
    >>> list(table.columns[8:11])
    ['median', 'eti80_lb', 'eti80_ub']
    >>> table["reading"].iloc[0], len(table)
    ('mixture', 9)
    """
    view, origin = TreeView.of(fit), Origin.of(fit)
    learnt, numbers = Learnt(view), _Numbers(view)
    names = wanted(view.model, var_names, view.drawn, filter_vars)
    ends_of(ci_prob)
    other = None if ci_prob == CI_PROB else ci_prob
    return Summary(
        model=origin.slug,
        seed=origin.seed,
        digest=origin.digest,
        targets=origin.targets,
        quantities={
            name: read(
                QuantitySummary,
                attributes(view.model, name)
                | vars(numbers.mixture(name))
                | _ends(view.drawn[name], view.weights, other)
                | learnt.of(name),
            )
            for name in names
        },
        readings=tuple(_reading(view, numbers, i, names, other) for i in range(len(view.readings))),
        diagnostics=_diagnostics(view, origin),
        options=view.axes,
        claims=own_options(view),
        ci_prob=other,
        **labels_in(view.model),
    )


def _ends(values: Array, weights: Array, ci_prob: float | None) -> dict[str, float | None]:
    """Return the ends of an interval that was asked for, under the names of their fields."""
    if ci_prob is None:
        return {}
    low, high = interval_of(values, weights, ci_prob)
    return {"ci_low": low, "ci_high": high}


class _Numbers:
    """Statistics of draws, worked out once for all readings that share them."""

    def __init__(self, view: TreeView) -> None:
        self._view = view
        self._groups: dict[str, NDArray[np.int64]] = {}
        self._found: dict[tuple[str, int], Statistics] = {}

    def under(self, number: int, name: str) -> Statistics:
        """Return statistics of a quantity under one reading."""
        key = name, int(self._group(name)[number])
        if key not in self._found:
            self._found[key] = statistics_of(self._view.drawn.one(name, number))
        return self._found[key]

    def mixture(self, name: str) -> Statistics:
        """Return statistics of a quantity over all readings, by their weights."""
        heavy = np.flatnonzero(self._view.weights > 0)
        if len(set(self._group(name)[heavy].tolist())) == 1:
            return self.under(int(heavy[0]), name)
        return self._view.mixture(name)

    def _group(self, name: str) -> NDArray[np.int64]:
        if name not in self._groups:
            self._groups[name] = alike(self._view.drawn[name])
        return self._groups[name]


def _reading(
    view: TreeView,
    numbers: _Numbers,
    number: int,
    names: Collection[str],
    ci_prob: float | None,
) -> ReadingSummary:
    told = {str(name): column.values[number] for name, column in view.told.data_vars.items()}
    status = view.status[number]
    blank = status in WITHOUT_DRAWS
    return ReadingSummary(
        reading=dict(view.readings[number].label),
        prior=float(told["prior"]),
        posterior=float(told["posterior"]),
        posterior_se=float(told["posterior_se"]),
        posterior_range=(float(told["posterior_low"]), float(told["posterior_high"])),
        log_evidence=None if blank else number_or_none(told["log_evidence"]),
        log_evidence_se=None if blank else number_or_none(told["log_evidence_se"]),
        status=status,
        quantities={
            name: read(
                QuantityUnderReading,
                attributes(view.model, name)
                | vars(Statistics() if blank else numbers.under(number, name))
                | _ends(view.drawn.one(name, number)[None], np.ones(1), None if blank else ci_prob)
                | {"prior_only": view.prior_only(number, name)},
            )
            for name in names
        },
    )


def _diagnostics(view: TreeView, origin: Origin) -> Diagnostics:
    heavy = np.flatnonzero(view.weights >= NEGLIGIBLE)
    checked = view.told.isel(reading=heavy) if len(heavy) else view.told
    _, first = np.unique(checked["fit"].values, return_index=True)
    divergences, at_bound = (
        int(checked[name].values[first].sum()) for name in ("divergences", "at_bound")
    )
    return Diagnostics(
        max_rhat=number_or_none(checked["max_rhat"].max()),
        min_ess_bulk=number_or_none(checked["min_ess_bulk"].min()),
        min_ess_tail=number_or_none(checked["min_ess_tail"].min()),
        divergences=divergences,
        converged=origin.converged,
        failed=origin.failed,
        at_bound=at_bound or None,
    )
