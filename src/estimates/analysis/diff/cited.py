"""Where the answer lies beside the cited figures, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.cited import Cited, cited, ends_in_unit_of
from estimates.analysis.diff.answers import Answer
from estimates.analysis.diff.result import CitedRow, Lies
from estimates.analysis.verdict import Sides, Standing
from estimates.inference.refit_result import Refit
from estimates.model import BoundClaim, Model
from estimates.model.dimensions import variable

Array = NDArray[np.float64]


def cited_rows(
    before: tuple[Model, Answer], after: tuple[Model, Answer], labels: Mapping[str, str]
) -> Iterable[CitedRow]:
    """Yield each figure that is cited of a target on either side, with both answers beside it.

    Parameters
    ----------
    before, after : a model, with the names of the other, and its answer
    labels : of the targets that both have, by target
    """
    was, now = (_held_out(model, tuple(labels)) for model, _ in (before, after))
    for name in dict.fromkeys([*now, *was]):
        about = str((now.get(name) or was[name]).about)
        model = after[0] if name in now else before[0]
        yield CitedRow(
            claim=name,
            target=labels[about],
            unit=model.units.show(model.unit_of(about)),
            before=_lies(was.get(name), *before),
            after=_lies(now.get(name), *after),
        )


def _held_out(model: Model, targets: Sequence[str]) -> dict[str, BoundClaim]:
    return {use.id: use for use in model.uses if use.held_out and str(use.about) in targets}


def _lies(use: BoundClaim | None, model: Model, answer: Answer) -> Lies:
    if use is None:
        return Lies()
    target = str(use.about)
    figure = cited(use, model.conventions)
    low, high = ends_in_unit_of(target, figure, model)
    if answer.found is None:
        return Lies(low=low, high=high)
    standing, weights = _standing(answer.found, figure, (low, high), model)
    together = standing.together(weights)
    if together is None:
        return Lies(low=low, high=high)
    return Lies(
        low=low,
        high=high,
        below=together.below,
        inside=together.inside,
        above=together.above,
        verdict=standing.verdict(weights, together),
    )


def _standing(
    found: Refit, figure: Cited, ends: tuple[float | None, float | None], model: Model
) -> tuple[Standing, Array]:
    """Return where each reading puts the figure, and the weights (reading,) of the readings."""
    curves = [one.targets[variable(str(figure.claim.about))].curve for one in found.readings]
    sides = [None if curve is None else _sides(np.array(curve), *ends) for curve in curves]
    return Standing(model.conventions, tuple(sides)), np.array(
        [one.weight for one in found.readings]
    )


def _sides(curve: Array, low: float | None, high: float | None) -> Sides:
    """Return how much lies on either side of a range, by quantiles at (i + 1/2)/n.

    Between two of them it is interpolated, so that it is off by less than half a step: 0.0025.
    """
    below = 0.0 if low is None else _share_below(curve, low)
    above = 0.0 if high is None else _share_below(-curve[::-1], -high)
    return Sides(below, above)


def _share_below(curve: Array, at: float) -> float:
    if curve[0] >= at:
        return 0.0
    if curve[-1] < at:
        return 1.0
    places = (np.arange(curve.size) + 0.5) / curve.size
    return float(np.interp(at, curve, places))
