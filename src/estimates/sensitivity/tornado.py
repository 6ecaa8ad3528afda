"""How far the target moves when a quantity is low or high, read off the draws themselves.

The conditional median of the target where a quantity lies in its lowest and in its highest tenth:
a given-data form of the tornado, valid for dependent quantities (which move along as they do in the
posterior), unlike one quantity changed with the others held.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates.convergence import mcse_mean
from estimates.sensitivity.view import View

Array = NDArray[np.float64]
TAIL = 0.1


def tornado(view: View) -> list[dict[str, Any]]:
    """A row a quantity, for the mixture (`reading` None) and each reading; widest first.

    Each row holds the quantity's edges `low` and `high` (its 10 % and 90 % quantiles, `unit`), the
    target's median beyond them, `median_low` and `median_high`, their Monte Carlo errors, and its
    `median` over all draws.  Of the mixture there are rows, too, of each option of each reading
    (`option`), with the target's median under it in `median_low`.
    """
    rows = []
    if view.everywhere and len(view.usable) > 1:
        rows += _ranked(_rows(view, None))
        rows += _options(view)
    for reading in view.usable:
        rows += _ranked(_rows(view, reading))
    return rows


def _rows(view: View, reading: int | None) -> list[dict[str, Any]]:
    target = view.mixed() if reading is None else view.draws(reading)
    rows = []
    for name in view.unknown if reading is None else view.inputs(reading):
        values = view.mixed(name) if reading is None else view.draws(reading, name)
        if not np.isfinite(values).all():
            continue  # a reading says nothing of it
        low, high = np.quantile(values, (TAIL, 1 - TAIL))
        below, se_below = conditional_median(target, values <= low)
        above, se_above = conditional_median(target, values >= high)
        rows.append(
            {
                "reading": view.label(reading),
                "quantity": name,
                "option": None,
                "unit": view.unit_of(name),
                "low": float(low),
                "high": float(high),
                "median": float(np.median(target)),
                "median_low": below,
                "median_low_se": se_below,
                "median_high": above,
                "median_high_se": se_above,
            }
        )
    return rows


def _options(view: View) -> list[dict[str, Any]]:
    target, which = view.mixed(), view.mixed_reading
    rows = []
    for axis, reading in view.model.readings.items():
        for option in reading.options:
            # A reading in which an option makes no difference bears several, joined.
            inside = [
                i for i, one in enumerate(view.readings) if option in one.label[axis].split("|")
            ]
            chosen = np.isin(which, inside)
            if chosen.all() or not chosen.any():
                continue
            middle, se = conditional_median(target, chosen)
            rows.append(
                {
                    "reading": None,
                    "quantity": axis,
                    "option": option,
                    "unit": "",
                    "low": None,
                    "high": None,
                    "median": float(np.median(target)),
                    "median_low": middle,
                    "median_low_se": se,
                    "median_high": None,
                    "median_high_se": None,
                }
            )
    return rows


def conditional_median(values: Array, chosen: NDArray[np.bool_]) -> tuple[float, float | None]:
    """The median of the chosen draws and its Monte Carlo error.

    Parameters
    ----------
    values, chosen : (chain, draw)

    Notes
    -----
    The share of chosen draws below the median is a ratio of two means; its error is that of the
    mean of its influence, 1{chosen}(1{below} − ½)/P(chosen), with the draws' autocorrelation, and
    is carried to the median by the quantiles that far from ½ (as Vehtari et al. 2021, §4.4, do).
    """
    inside = np.sort(values[chosen])
    middle = float(np.median(inside))
    influence = np.where(chosen, (values <= middle) - 0.5, 0.0) / chosen.mean()
    if np.ptp(influence) == 0:
        return middle, None
    error = float(mcse_mean(influence[None])[0])
    ends = np.quantile(inside, np.clip([0.5 - error, 0.5 + error], 0, 1))
    return middle, float(ends[1] - ends[0]) / 2


def _ranked(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: -abs(row["median_high"] - row["median_low"]))
