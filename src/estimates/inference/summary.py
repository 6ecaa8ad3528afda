"""A fit in numbers, as `estimates fit` shows it."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimates._util.records import read
from estimates.inference.result import (
    Axis,
    Diagnostics,
    QuantitySummary,
    QuantityUnderReading,
    ReadingSummary,
    Statistics,
    Summary,
)
from estimates.stats.convergence import mcse_mean, mcse_median
from estimates.stats.weighted import WeightedDraws, quantiles, size_of

if TYPE_CHECKING:
    import xarray as xr

Array = NDArray[np.float64]
QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}

#: Readings of which there are no numbers.
_BLANK = ("negligible, not converged", "impossible")


def summary(fit: xr.DataTree) -> Summary:
    """The posterior in numbers, mixed over readings and under each of them.

    Returns
    -------
    Summary, whose `.document` is what `estimates fit --json` prints (docs/commands.md, JSON); what
    is not defined is None, never nan.  Values are in each quantity's own unit, shares as fractions;
    intervals are equal-tailed, so that `q05` to `q95` hold 90 %.
    """
    readings = fit["readings"].to_dataset()
    by_reading = fit["by_reading"].to_dataset()
    weights, fits = readings["posterior"].values, readings["fit"].values
    simulated = readings["weight_simulated"].values
    return Summary(
        model=fit.attrs["slug"],
        seed=int(fit.attrs["seed"]),
        digest=fit.attrs["digest"],
        targets=tuple(json.loads(fit.attrs["targets"])),
        quantities={
            str(name): read(
                QuantitySummary,
                values.attrs | vars(mixture_of(values.values, weights, fits, simulated)),
            )
            for name, values in by_reading.items()
        },
        readings=tuple(
            _reading(readings.isel(reading=i), by_reading.isel(reading=i))
            for i in range(readings.sizes["reading"])
        ),
        diagnostics=_diagnostics(fit, readings),
        options=options_of(fit),
    )


def options_of(fit: xr.DataTree) -> dict[str, Axis]:
    """The ways to read each phrase, by axis, and their weights."""
    axes = json.loads(fit.attrs["options"])
    return {name: read(Axis, found) for name, found in axes.items()}


def statistics_of(values: Array) -> Statistics:
    """Of draws (chain, draw); quantiles alone where some are not finite."""
    if not np.all(np.isfinite(values)):
        return Statistics(**_quantiles(values))
    constant = np.ptp(values) == 0
    size = size_of(values)
    sized = values / size
    return Statistics(
        mean=_number(size * sized.mean()),
        sd=_number(size * sized.std(ddof=1)),
        mcse_mean=0.0 if constant else _number(size * mcse_mean(sized[None])[0]),
        mcse_median=0.0 if constant else _number(size * mcse_median(sized[None])[0]),
        **_quantiles(values),
    )


def mixture_of(
    values: Array, weights: Array, fits: NDArray[np.int64], simulated: Array
) -> Statistics:
    """The same of the mixture over readings, from every draw of every reading by its weight.

    The Monte Carlo errors combine those of the readings (readings of one fit share theirs) with
    the errors of the weights.

    Parameters
    ----------
    values : (reading, chain, draw)
    weights : (reading,) posterior weights
    fits : (reading,) the fit that each reading's draws come from
    simulated : (simulation, reading) weights under their own Monte Carlo error
    """
    spoken = weights > 0
    values, weights, fits = values[spoken], weights[spoken], fits[spoken]
    if np.isnan(values).any():
        return Statistics()
    pooled = WeightedDraws(values, weights)
    with np.errstate(over="ignore", invalid="ignore"):
        size = size_of(values)
        sized = values / size
        means = sized.mean(axis=(1, 2))
        mean = float(weights @ means)
        sd = math.sqrt(max(0.0, float(weights @ ((sized - mean) ** 2).mean(axis=(1, 2)))))
        median = pooled.quantile(0.5)
        simulated = simulated[:, spoken]
        error_of_mean = mixed_error(sized, weights, fits, simulated)
        below = (values <= median).astype(float)
        mcse_below = mixed_error(below, weights, fits, simulated)
    spread = pooled.quantile(min(0.5 + mcse_below, 1.0)) - pooled.quantile(max(0.5 - mcse_below, 0))
    return Statistics(
        mean=_number(size * mean),
        sd=_number(size * sd),
        mcse_mean=_number(size * error_of_mean),
        mcse_median=_number(spread / 2),
        **{name: _number(pooled.quantile(p)) for name, p in QUANTILES.items()},
    )


def mixed_error(values: Array, weights: Array, fits: NDArray[np.int64], simulated: Array) -> float:
    """Monte Carlo error of the mean of a mixture over readings; arguments as `mixture_of`."""
    moving, errors = np.ptp(values, axis=(1, 2)) > 0, np.zeros(len(values))
    errors[moving] = mcse_mean(values[moving]) if moving.any() else 0.0
    per_fit = [np.sum((weights * errors)[fits == f]) for f in np.unique(fits)]
    of_weights = np.std(simulated @ values.mean(axis=(1, 2)))
    return float(np.hypot(np.linalg.norm(per_fit), of_weights))


def _reading(reading: xr.Dataset, values: xr.Dataset) -> ReadingSummary:
    untouched = json.loads(str(reading["prior_only"].item()))
    status = str(reading["status"].item())
    blank = status in _BLANK
    return ReadingSummary(
        reading={
            str(axis).removeprefix("axis_"): str(value.item())
            for axis, value in reading.coords.items()
            if str(axis).startswith("axis_")
        },
        prior=float(reading["prior"]),
        posterior=float(reading["posterior"]),
        posterior_se=float(reading["posterior_se"]),
        posterior_range=(float(reading["posterior_low"]), float(reading["posterior_high"])),
        log_evidence=None if blank else _number(reading["log_evidence"]),
        log_evidence_se=None if blank else _number(reading["log_evidence_se"]),
        status=status,
        quantities={
            str(name): read(
                QuantityUnderReading,
                value.attrs
                | vars(Statistics() if blank else statistics_of(value.values))
                | {"prior_only": str(name) in untouched},
            )
            for name, value in values.items()
        },
    )


def _diagnostics(fit: xr.DataTree, readings: xr.Dataset) -> Diagnostics:
    heavy = readings.isel(reading=np.flatnonzero(readings["posterior"].values >= 1e-3))
    checked = heavy if heavy.sizes["reading"] else readings
    _, first = np.unique(checked["fit"].values, return_index=True)
    divergences, at_bound = (
        int(checked[name].values[first].sum()) for name in ("divergences", "at_bound")
    )
    return Diagnostics(
        max_rhat=_number(checked["max_rhat"].max()),
        min_ess_bulk=_number(checked["min_ess_bulk"].min()),
        min_ess_tail=_number(checked["min_ess_tail"].min()),
        divergences=divergences,
        converged=bool(fit.attrs["converged"]),
        failed=tuple(json.loads(fit.attrs["failed"])),
        at_bound=at_bound or None,
    )


def _quantiles(values: Array) -> dict[str, float | None]:
    found = quantiles(values, list(QUANTILES.values()))
    return {name: _number(one) for name, one in zip(QUANTILES, found, strict=True)}


def _number(value: float | xr.DataArray) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None
