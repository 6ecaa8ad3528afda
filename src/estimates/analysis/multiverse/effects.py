"""What each option does to the answer, over all the cells that were fitted.

Main effects in a least-squares fit of the cells' medians (their logarithms, where all are above 0)
with one effect an option (Montgomery 2017, Design and Analysis of Experiments, ch. 5).  Over a full
factorial an effect is the mean, over everything else, of the change from the base option; over a
sample it is what stands in for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.multiverse.job import Found
from estimates.analysis.multiverse.specifications import Plan

Array = NDArray[np.float64]


def main_effects(plan: Plan, found: Sequence[Found]) -> list[dict[str, Any]]:
    """One row an option beside the base: its effect on the median, its error and its spread.

    Returns
    -------
    rows with `axis`, `option`, `effect` and `effect_se` (a ratio of medians, with the error of its
    logarithm times it, or a difference where a median is not above 0: `measure`), `least` and
    `most` (over pairs of cells that differ in nothing else), `pairs` (their number), and `share`,
    the part of the medians' variance that the axis alone accounts for.  None where undefined.
    """
    used = [i for i, one in enumerate(found) if one.target.get("median") is not None]
    medians = np.array([_number(found[i].target["median"]) for i in used])
    errors = np.array([_number(found[i].target["mcse_median"]) for i in used])
    ratio = bool(len(used)) and bool((medians > 0).all())
    values = np.log(medians) if ratio else medians
    errors = errors / medians if ratio else errors
    columns = [(a, n) for a, axis in enumerate(plan.axes) for n in range(1, len(axis.levels))]
    design = np.ones((len(used), 1 + len(columns)))
    for c, (a, n) in enumerate(columns, start=1):
        level = plan.axes[a].levels[n]
        design[:, c] = [plan.cells[i].levels[a] == level for i in used]
    known = len(used) > 0 and np.linalg.matrix_rank(design) == design.shape[1]
    solve = np.linalg.pinv(design) if known else None
    at = {plan.cells[i].levels: value for i, value in zip(used, values, strict=True)}
    rows = []
    for c, (a, n) in enumerate(columns, start=1):
        axis = plan.axes[a]
        pairs = _pairs(at, a, axis.base, axis.levels[n])
        effect = error = None
        if solve is not None:
            effect = float(solve[c] @ values)
            error = float(np.linalg.norm(solve[c] * errors))
        rows.append(
            {
                "axis": axis.name,
                "option": axis.levels[n],
                "measure": "ratio" if ratio else "difference",
                "effect": _back(effect, ratio),
                "effect_se": None
                if error is None
                else error * (_back(effect, ratio) or 1.0)
                if ratio
                else error,
                "least": _back(min(pairs), ratio) if pairs else None,
                "most": _back(max(pairs), ratio) if pairs else None,
                "pairs": len(pairs),
                "share": _share(design, values, a, columns) if known else None,
            }
        )
    return rows


def _pairs(at: Mapping[tuple[str, ...], float], axis: int, base: str, level: str) -> list[float]:
    """Changes from the base option to another, everything else the same."""
    changes = []
    for levels, value in at.items():
        if levels[axis] == level:
            other = at.get((*levels[:axis], base, *levels[axis + 1 :]))
            if other is not None:
                changes.append(value - other)
    return changes


def _share(
    design: Array, values: Array, axis: int, columns: Sequence[tuple[int, int]]
) -> float | None:
    """What leaving the axis out adds to the sum of squares unexplained, as a part of the whole."""
    whole = float(np.sum((values - values.mean()) ** 2))
    if whole <= 1e-18 * max(1.0, float(np.sum(values**2))):
        return None
    kept = [0, *(c for c, (a, _) in enumerate(columns, start=1) if a != axis)]
    return max(0.0, (_left(design[:, kept], values) - _left(design, values)) / whole)


def _left(design: Array, values: Array) -> float:
    fitted = design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return float(np.sum((values - fitted) ** 2))


def _back(effect: float | None, ratio: bool) -> float | None:
    return effect if effect is None or not ratio else float(np.exp(effect))


def _number(value: float | None) -> float:
    assert value is not None
    return value


def shares(found: Sequence[Found], claim: str) -> dict[str, Any]:
    """In what part of the cells each verdict on a cited figure holds.

    Cells that believe the figure are not counted: an answer agrees with what it was made from.

    Returns
    -------
    `counts` by verdict, `compared` (cells with a verdict), `believing` (cells that believe the
    figure), `without` (cells that were fitted and have no verdict for another reason) and
    `only_just` (verdicts that Monte Carlo error may have decided)
    """
    fitted = [one.cited.get(claim) for one in found if not one.failed]
    standings = [one for one in fitted if one is None or one["pool"] == "held-out"]
    verdicts = [one["verdict"] for one in standings if one and one["verdict"]]
    return {
        "counts": {
            name: verdicts.count(name)
            for name in ("below", "straddles", "consistent", "above", "divided")
        },
        "compared": len(verdicts),
        "believing": len(fitted) - len(standings),
        "without": len(standings) - len(verdicts),
        "only_just": sum(bool(one and one["only_just"]) for one in standings),
    }
