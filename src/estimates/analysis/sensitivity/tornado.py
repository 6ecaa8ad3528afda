"""How far the target moves when a quantity is low or high, read off the draws themselves.

The conditional median of the target where a quantity lies in its lowest and in its highest tenth:
a given-data form of the tornado, valid for dependent quantities (which move along as they do in the
posterior), unlike one quantity changed with the others held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.sensitivity.result import TornadoRow
from estimates.analysis.sensitivity.view import View
from estimates.inference.statistics import mixed_error
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
TAIL = 0.1


@dataclass(frozen=True)
class Pool:
    """The target under some readings, each draw counted by its reading's weight.

    Attributes
    ----------
    target : (reading, chain, draw)
    weights : (reading,)
    fits : (reading,) the fit that each reading's draws come from
    simulated : (simulation, reading) weights under their own Monte Carlo error
    """

    target: Array
    weights: Array
    fits: NDArray[np.int64]
    simulated: Array

    @classmethod
    def of(cls, view: View, readings: Sequence[int]) -> Pool:
        """Return the target under these readings."""
        chosen = list(readings)
        target = np.stack([view.draws(i) for i in chosen])
        simulated = view.whole.simulated[:, chosen]
        if len(chosen) == 1:  # its weight is no matter
            return cls(target, np.ones(1), view.whole.fits[chosen], np.ones_like(simulated))
        return cls(target, view.whole.weights[chosen], view.whole.fits[chosen], simulated)

    def median(self, chosen: NDArray[np.bool_] | None = None) -> float:
        """Return the median of the target, or of chosen draws of it."""
        return WeightedDraws(self.target, self.weights, chosen).quantile(0.5)

    def conditional_median(self, chosen: NDArray[np.bool_]) -> tuple[float, float | None]:
        """Return the median of chosen draws (reading, chain, draw), and its Monte Carlo error.

        Notes
        -----
        The share of chosen draws below the median is a ratio of two means; its error is that of
        the mean of its influence, 1{chosen}(1{below} − ½)/P(chosen), with the draws'
        autocorrelation and the errors of the weights, and is carried to the median by the
        quantiles that far from ½ (as Vehtari et al. 2021, §4.4, do).
        """
        inside = WeightedDraws(self.target, self.weights, chosen)
        middle = inside.quantile(0.5)
        total = float(self.weights @ chosen.mean(axis=(1, 2))) / float(self.weights.sum())
        influence = np.where(chosen, (self.target <= middle) - 0.5, 0.0) / total
        if np.ptp(influence) == 0:
            return middle, None
        error = mixed_error(influence, self.weights, self.fits, self.simulated)
        low, high = (inside.quantile(min(max(p, 0.0), 1.0)) for p in (0.5 - error, 0.5 + error))
        return middle, (high - low) / 2


def tornado(view: View) -> list[TornadoRow]:
    """Return a row for each quantity, for the mixture and each reading, widest first.

    Of the mixture there are rows, too, of each option of each reading.
    """
    rows: list[TornadoRow] = []
    if view.everywhere and len(view.usable) > 1:
        pool = Pool.of(view, view.usable)
        rows += _ranked(_rows(view, None, pool))
        rows += _options(view, pool)
    for reading in view.usable:
        rows += _ranked(_rows(view, reading, Pool.of(view, [reading])))
    return rows


def _rows(view: View, reading: int | None, pool: Pool) -> list[TornadoRow]:
    rows, median = [], pool.median()
    inputs = view.unknown if reading is None else view.inputs(reading)
    for name in (one for one in inputs if one in view.telling):
        every = view.usable if reading is None else [reading]
        values = np.stack([view.draws(i, name) for i in every])
        if not np.isfinite(values).all():
            continue  # a reading says nothing of it
        whole = WeightedDraws(values, pool.weights)
        low, high = whole.quantile(TAIL), whole.quantile(1 - TAIL)
        below, se_below = pool.conditional_median(values <= low)
        above, se_above = pool.conditional_median(values >= high)
        rows.append(
            TornadoRow(
                reading=None if reading is None else view.label(reading),
                quantity=name,
                unit=view.whole.unit(name),
                low=low,
                high=high,
                median=median,
                median_low=below,
                median_low_se=se_below,
                median_high=above,
                median_high_se=se_above,
            )
        )
    return rows


def _options(view: View, pool: Pool) -> list[TornadoRow]:
    rows, median = [], pool.median()
    for axis, reading in view.whole.model.readings.items():
        for option in reading.options:
            inside = np.isin(view.usable, view.under(axis, option))
            if inside.all() or not inside.any():
                continue
            chosen = np.broadcast_to(inside[:, None, None], pool.target.shape)
            middle, se = pool.conditional_median(chosen)
            rows.append(
                TornadoRow(
                    quantity=axis,
                    option=option,
                    median=median,
                    median_low=middle,
                    median_low_se=se,
                )
            )
    return rows


def _ranked(rows: list[TornadoRow]) -> list[TornadoRow]:
    return sorted(rows, key=lambda row: -row.width)
