"""What the quantities must be like where the target lies inside, or above, the cited range.

Regional sensitivity (Hornberger & Spear 1981, J Environ Manage 12:7): each quantity's draws inside
the region beside all of its draws.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.cited import Cited
from estimates.analysis.sensitivity.result import RegionRow
from estimates.analysis.sensitivity.view import View
from estimates.inference.meant import claimed
from estimates.stats.weighted import WeightedDraws, size_of

Array = NDArray[np.float64]
#: Fewer effective draws than this are noise.
FEWEST = 400.0


def regional(view: View) -> list[RegionRow]:
    """Return rows for each region and quantity or option, the most telling first.

    Numbers are None where fewer than 400 effective draws are in the region.
    """
    rows: list[RegionRow] = []
    if not view.everywhere or not view.usable:
        return rows
    size = view.draws(view.usable[0]).size
    weights = np.repeat(view.whole.weights[list(view.usable)], size)
    weights = weights / weights.sum()
    which = np.repeat(np.array(view.usable), size)
    for figure in view.cited:
        said = np.concatenate([_in_its_unit(view, i, figure) for i in view.usable])
        low = -math.inf if figure.low is None else figure.low
        high = math.inf if figure.high is None else figure.high
        claim = figure.claim.id
        rows += _region(view, claim, "inside", (said >= low) & (said <= high), weights, which)
        if high < math.inf:
            rows += _region(view, claim, "above", said > high, weights, which)
    return rows


def _in_its_unit(view: View, reading: int, figure: Cited) -> Array:
    """Return the answer's draws in the unit of the cited figure."""
    whole = view.whole
    values = {name: whole.draws(name)[reading].ravel() for name in whole.drawn}
    return claimed(whole.model, figure.claim, values, whole.readings[reading].choice)


def _region(
    view: View,
    claim: str,
    region: Literal["inside", "above"],
    chosen: NDArray[np.bool_],
    weights: Array,
    which: NDArray[np.int64],
) -> list[RegionRow]:
    inside = np.where(chosen, weights, 0.0)
    probability = float(inside.sum())
    effective = _effective(view, inside)
    enough = effective >= FEWEST
    row = partial(
        RegionRow, claim=claim, region=region, probability=probability, effective_draws=effective
    )
    found = []
    for quantity in view.telling:
        one = row(quantity=quantity, unit=view.whole.unit(quantity))
        if enough:
            values = np.concatenate([view.draws(i, quantity).ravel() for i in view.usable])
            one = _compared(one, values, weights, inside)
        found.append(one)
    found.sort(key=lambda row: -(row.distance or 0.0))
    for axis, reading in view.whole.model.readings.items():
        for option in reading.options:
            mine = np.isin(which, view.under(axis, option))
            found.append(
                row(
                    quantity=axis,
                    option=option,
                    weight=float(inside[mine].sum() / probability) if enough else None,
                    weight_all=float(weights[mine].sum()),
                )
            )
    return found


def _effective(view: View, inside: Array) -> float:
    """Return Kish's effective number of draws; one that several readings share counts once."""
    by_reading = inside.reshape(len(view.usable), -1)
    fits = view.whole.fits[list(view.usable)]
    drawn = np.stack([by_reading[fits == fit].sum(axis=0) for fit in np.unique(fits)])
    return float(drawn.sum() ** 2 / np.sum(drawn**2)) if drawn.any() else 0.0


def _compared(row: RegionRow, values: Array, weights: Array, inside: Array) -> RegionRow:
    """Return the row of a quantity's draws in the region beside all of its draws."""
    order = np.argsort(values, kind="stable")
    everywhere, here = np.cumsum(weights[order]), np.cumsum(inside[order]) / inside.sum()
    all_of_it, those = WeightedDraws(values, weights), WeightedDraws(values, inside)
    size = size_of(values)
    sized = values / size
    sd = size * math.sqrt(float(weights @ (sized - weights @ sized) ** 2))
    error = 0.5 / math.sqrt(row.effective_draws)
    spread = float(np.diff(those.quantiles((max(0.5 - error, 0.0), min(0.5 + error, 1.0))))[0]) / 2
    middle, before = those.quantile(0.5), all_of_it.quantile(0.5)
    return replace(
        row,
        median=middle,
        median_all=before,
        shift_sd=(middle - before) / sd,
        shift_sd_se=spread / sd,
        distance=float(np.max(np.abs(here - everywhere))),
    )
