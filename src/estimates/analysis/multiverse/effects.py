"""What each option does to the answer, over all the cells that were fitted.

Main effects in a least-squares fit of the cells' medians (their logarithms, where all are above 0)
with one effect an option (Montgomery 2017, Design and Analysis of Experiments, ch. 5).  Over a full
factorial an effect is the mean, over everything else, of the change from the base option; over a
sample it is what stands in for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.multiverse.job import Found
from estimates.analysis.multiverse.result import EffectRow
from estimates.analysis.multiverse.specifications import Cell, Plan
from estimates.model import Axis

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Fit:
    """The least-squares fit of the cells' medians, with a column for each option but the base.

    Attributes
    ----------
    design : (cell, 1 + option)
    values, errors : (cell,) medians, or their logarithms, and their Monte Carlo errors
    columns : (axis, option) of each but the first
    solve : (1 + option, cell) makes effects of values; None where they are not determined
    """

    design: Array
    values: Array
    errors: Array
    columns: tuple[tuple[int, str], ...]
    solve: Array | None

    @staticmethod
    def of(plan: Plan, cells: Sequence[Cell], values: Array, errors: Array) -> _Fit:
        columns = tuple((a, level) for a, axis in enumerate(plan.axes) for level in axis.levels[1:])
        design = np.ones((len(cells), 1 + len(columns)))
        for number, (a, level) in enumerate(columns, start=1):
            design[:, number] = [cell.levels[a] == level for cell in cells]
        known = len(cells) > 0 and np.linalg.matrix_rank(design) == design.shape[1]
        solve = np.linalg.pinv(design) if known else None
        return _Fit(design, values, errors, columns, solve)

    def effect(self, column: int) -> tuple[float, float] | None:
        """Return the effect of a column's option, and its error."""
        if self.solve is None:
            return None
        effect = float(self.solve[column] @ self.values)
        return effect, float(np.linalg.norm(self.solve[column] * self.errors))

    def share(self, axis: int) -> float | None:
        """Return the share of the variance that leaving the axis out leaves unexplained."""
        values = self.values
        if self.solve is None:
            return None
        whole = float(np.sum((values - values.mean()) ** 2))
        if whole <= 1e-18 * max(1.0, float(np.sum(values**2))):
            return None
        kept = [0, *(c for c, (a, _) in enumerate(self.columns, start=1) if a != axis)]
        return max(0.0, (_left(self.design[:, kept], values) - _left(self.design, values)) / whole)


def main_effects(plan: Plan, found: Sequence[Found]) -> tuple[EffectRow, ...]:
    """Return each option's effect on the median beside the base, its error and its spread."""
    used = [
        (cell, one.target)
        for cell, one in zip(plan.cells, found, strict=True)
        if one.target.median is not None
    ]
    values = np.array([target.median for _, target in used], dtype=float)
    errors = np.array([target.mcse_median for _, target in used], dtype=float)
    ratio = bool(len(used)) and bool((values > 0).all())
    if ratio:
        values, errors = np.log(values), errors / values
    fit = _Fit.of(plan, [cell for cell, _ in used], values, errors)
    at = {cell.levels: float(value) for (cell, _), value in zip(used, values, strict=True)}
    return tuple(
        _row(plan.axes[a], level, fit.effect(number), _pairs(at, a, plan.axes[a].base, level),
             fit.share(a), ratio)
        for number, (a, level) in enumerate(fit.columns, start=1)
    )  # fmt: skip


def _row(
    axis: Axis, option: str, found: tuple[float, float] | None, pairs: Sequence[float],
    share: float | None, ratio: bool,
) -> EffectRow:  # fmt: skip
    """Return the row of an effect; the error of a ratio is that of its logarithm, times it."""

    def back(change: float) -> float:
        return float(np.exp(change)) if ratio else change

    effect, error = (None, None) if found is None else (back(found[0]), found[1])
    if ratio and effect is not None and error is not None:
        error *= effect
    return EffectRow(
        axis=axis.name,
        option=option,
        measure="ratio" if ratio else "difference",
        effect=effect,
        effect_se=error,
        least=back(min(pairs)) if pairs else None,
        most=back(max(pairs)) if pairs else None,
        pairs=len(pairs),
        share=share,
    )


def _pairs(at: Mapping[tuple[str, ...], float], axis: int, base: str, level: str) -> list[float]:
    """Return changes from the base option to another, with everything else the same."""
    changes = []
    for levels, value in at.items():
        if levels[axis] == level:
            other = at.get((*levels[:axis], base, *levels[axis + 1 :]))
            if other is not None:
                changes.append(value - other)
    return changes


def _left(design: Array, values: Array) -> float:
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return float(np.sum((values - fitted) ** 2))
