"""A fit in numbers, as `estimates fit` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estimates._util.records import read
from estimates.inference.origin import Origin
from estimates.inference.posterior import attributes
from estimates.inference.result import (
    Diagnostics,
    QuantitySummary,
    QuantityUnderReading,
    ReadingSummary,
    Statistics,
    Summary,
)
from estimates.inference.statistics import number_or_none, statistics_of
from estimates.inference.tree_view import NEGLIGIBLE, WITHOUT_DRAWS, TreeView

if TYPE_CHECKING:
    import xarray as xr


def summary(fit: xr.DataTree) -> Summary:
    """Return the posterior in numbers, mixed over readings and under each of them.

    Returns
    -------
    Summary, whose `.document` is what `estimates fit --json` prints (docs/commands.md, JSON); what
    is not defined is None, never nan.  Values are in each quantity's own unit, shares as fractions;
    intervals are equal-tailed, so that `q05` to `q95` hold 90 %.
    """
    view, origin = TreeView.of(fit), Origin.of(fit)
    return Summary(
        model=origin.slug,
        seed=origin.seed,
        digest=origin.digest,
        targets=origin.targets,
        quantities={
            name: read(QuantitySummary, attributes(view.model, name) | vars(view.mixture(name)))
            for name in view.drawn
        },
        readings=tuple(_reading(view, number) for number in range(len(view.readings))),
        diagnostics=_diagnostics(view, origin),
        options=view.axes,
    )


def _reading(view: TreeView, number: int) -> ReadingSummary:
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
                | vars(Statistics() if blank else statistics_of(values))
                | {"prior_only": view.prior_only(number, name)},
            )
            for name, values in view.env(number).items()
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
