"""The two answers side by side, as rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.cited import Cited, to_scale
from estimates.analysis.fit_view import FitView
from estimates.analysis.result import Numbers
from estimates.analysis.verdict import Standing, beside, mixed
from estimates.analysis.whatif.result import (
    Beside,
    ComparisonRow,
    Curve,
    Densities,
    OptionRow,
    QuantityRow,
    ReadingRow,
    TargetRow,
    UnderReading,
)
from estimates.model import FixedValue
from estimates.model.dimensions import variable
from estimates.stats.convergence import mcse_quantile
from estimates.stats.kde import CUT, WIDE, kernel_density, reach
from estimates.stats.links import OF_SUPPORT, SCALES, ScaleName
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
_TOGETHER = 20  # quantities, so that memory stays bounded
_POINTS = 160


def target_row(before: FitView, after: FitView, held: FitView | None, target: str) -> TargetRow:
    """Return a target's median and interval on both sides, and how they differ.

    The Monte Carlo errors are those of both answers, which are independent.
    """
    name = variable(target)
    base, supposed = before.numbers(name), after.numbers(name)
    difference, of_difference = _difference(base, supposed)
    ratio, of_ratio = _ratio(base, supposed)
    return TargetRow(
        target=target,
        label=before.label(name),
        unit=before.unit(name),
        base=base,
        supposed=supposed,
        held=None if held is None else held.numbers(name),
        difference=difference,
        mcse_difference=of_difference,
        ratio=ratio,
        mcse_ratio=of_ratio,
    )


type _WithError = tuple[float | None, float | None]


def _difference(base: Numbers, supposed: Numbers) -> _WithError:
    if base.median is None or supposed.median is None:
        return None, None
    errors = (base.mcse_median or 0.0, supposed.mcse_median or 0.0)
    return supposed.median - base.median, math.hypot(*errors)


def _ratio(base: Numbers, supposed: Numbers) -> _WithError:
    if not (base.median and supposed.median) or min(base.q05 or 0.0, supposed.q05 or 0.0) <= 0:
        return None, None
    ratio = supposed.median / base.median
    relative = ((side.mcse_median or 0.0) / (side.median or 1.0) for side in (base, supposed))
    return ratio, ratio * math.hypot(*relative)


def reading_rows(before: FitView, after: FitView) -> tuple[ReadingRow, ...]:
    """Return each combination of readings: its weight and headline target, on both sides.

    One that is ruled out by what is supposed has the weight 0 there, and no numbers.
    """
    left = {before.place_of(one.choice): i for i, one in reversed([*enumerate(after.readings)])}
    return tuple(
        ReadingRow(
            reading=dict(reading.label),
            base=_reading(before, number),
            supposed=_reading(after, left[number]) if number in left else UnderReading(),
        )
        for number, reading in enumerate(before.readings)
    )


def _reading(side: FitView, number: int) -> UnderReading:
    found = side.under(number, variable(side.model.targets[0]))
    return UnderReading(
        weight=float(side.weights[number]),
        se=float(side.errors[number]),
        **vars(found),
    )


def option_rows(before: FitView, after: FitView) -> tuple[OptionRow, ...]:
    """Return the posterior weight of each option of each reading, on both sides."""
    return tuple(
        OptionRow(
            reading=axis,
            option=option,
            base=base.posterior,
            base_se=base.posterior_se,
            supposed=after.options[axis][option].posterior,
            supposed_se=after.options[axis][option].posterior_se,
        )
        for axis, options in before.options.items()
        for option, base in options.items()
    )


# The cited figures -------------------------------------------------------------------------------


def comparison_rows(before: FitView, after: FitView) -> tuple[ComparisonRow, ...]:
    """Return where both answers lie beside each cited figure, which is held out of both."""
    there = {use.id: use for use in after.cited()}
    return tuple(
        ComparisonRow(
            claim=use.id,
            about=str(use.about),
            unit=before.unit_of(use),
            base=_beside(before, before.yardstick(use)),
            supposed=_beside(after, after.yardstick(there[use.id])),
        )
        for use in before.cited()
    )


def _beside(side: FitView, figure: Cited) -> Beside:
    found = side.beside(figure)
    if found is None:
        return Beside(low=figure.low, high=figure.high)
    values, weights = found
    alone = (
        beside(own, figure.low, figure.high) if weight > 0 else None
        for own, weight in zip(values, weights, strict=True)
    )
    standing = Standing(side.model.conventions, tuple(alone))
    together = mixed(standing.readings, weights, side.fits, side.simulated)
    low = -math.inf if figure.low is None else figure.low
    high = math.inf if figure.high is None else figure.high
    inside = side.chance((values >= low) & (values <= high), weights)
    (median,) = WeightedDraws(values, weights).quantiles((0.5,))
    errors = [mcse_quantile(one[None], 0.5)[0] for one in values]
    return Beside(
        low=figure.low,
        high=figure.high,
        **vars(replace(together.columns, inside=inside.value)),
        verdict=standing.verdict(weights, together),
        only_just=standing.only_just(weights, side.simulated, together),
        median=float(median),
        mcse_median=float(np.sqrt(np.square(weights) @ np.square(errors))),
        scale=figure.scale.name,
    )


# Basic quantities --------------------------------------------------------------------------------


def quantity_rows(
    before: FitView, after: FitView, values: Mapping[str, float]
) -> tuple[QuantityRow, ...]:
    """Return how far each basic quantity moved, in sds of its base posterior, furthest first.

    On the logit scale for shares, log for positive quantities, as it stands for others.  A shift
    is None where the base has no sd (a constant).
    """
    names = [
        name
        for name, one in before.model.quantities.items()
        if name in values or not isinstance(one.prior, FixedValue)
    ]
    rows: list[QuantityRow] = []
    for start in range(0, len(names), _TOGETHER):
        rows += _moved(before, after, names[start : start + _TOGETHER], values)
    return tuple(sorted(rows, key=lambda row: -abs(row.shift or 0.0)))


def _moved(
    before: FitView, after: FitView, names: Sequence[str], values: Mapping[str, float]
) -> list[QuantityRow]:
    quantities = before.model.quantities
    scales = [OF_SUPPORT[quantities[name].support] for name in names]
    with np.errstate(divide="ignore", invalid="ignore"):
        base, then = (
            side.moments(
                np.stack([to_scale(s, side.draws(n)) for n, s in zip(names, scales, strict=True)])
            )
            for side in (before, after)
        )
        shifts = (then.mean - base.mean) / base.sd
        errors = np.hypot(base.error, then.error) / base.sd
    rows = []
    for name, scale, sd, shift, error in zip(names, scales, base.sd, shifts, errors, strict=True):
        known = isinstance(quantities[name].prior, FixedValue)
        moves = not known and 0 < sd < math.inf and np.isfinite(shift)
        rows.append(
            QuantityRow(
                quantity=name,
                label=before.label(name),
                unit=before.unit(name),
                is_set=name in values,
                scale=scale.name,
                base=_median(before, name),
                supposed=_median(after, name),
                shift=float(shift) if moves else None,
                mcse_shift=float(error) if moves else None,
            )
        )
    return rows


def _median(side: FitView, name: str) -> float | None:
    pooled = side.pooled(name)
    return None if pooled is None else pooled.quantile(0.5)


# For the figure ----------------------------------------------------------------------------------


def densities(before: FitView, after: FitView) -> Densities:
    """Return the densities of the headline target on both sides, per unit of its scale.

    `scale` is `log` where all draws of both are above 0.
    """
    empty = without_curves(before)
    name = variable(empty.target)
    drawn = [side.draws(name)[side.weighty] for side in (before, after)]
    scale = _scale_of(before, empty.target, drawn)
    base, supposed = (
        _curve(values, side.weights[side.weighty], scale)
        for values, side in zip(drawn, (before, after), strict=True)
    )
    return replace(empty, scale=scale, base=base, supposed=supposed)


def without_curves(before: FitView) -> Densities:
    """Return the densities of the headline target before they are worked out."""
    target = before.model.targets[0]
    return Densities(
        target=target,
        label=before.label(variable(target)),
        unit=before.unit(variable(target)),
        scale="identity",
        base=None,
        supposed=None,
    )


def _scale_of(side: FitView, target: str, drawn: Sequence[Array]) -> ScaleName:
    reach = side.model.support_of(target)
    if reach.low < 0 or not all(np.all(values > 0) for values in drawn):
        return "identity"
    share = reach.high <= 1 and all(np.all(values < 1) for values in drawn)
    return "logit" if share else "log"


def _curve(values: Array, weights: Array, scale: ScaleName) -> Curve | None:
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        return None
    on_scale = to_scale(SCALES[scale], values).reshape(len(weights), -1)
    each = np.repeat(weights / on_scale.shape[1], on_scale.shape[1])
    grid, density = kernel_density(on_scale.ravel(), each / each.sum())
    cumulative = np.cumsum(density) / np.sum(density)
    low, high = np.interp(CUT, cumulative, grid)
    wide = np.abs(cumulative - 0.5) <= WIDE[1] - 0.5
    z = np.linspace(*reach(grid[wide], density[wide], (low, high)), _POINTS)
    return Curve(
        tuple(float(f"{SCALES[scale].inverse(float(one)):.6g}") for one in z),
        tuple(float(f"{one:.4g}") for one in np.interp(z, grid, density)),
    )
