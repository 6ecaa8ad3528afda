"""The weights of readings held as they were, so that only what each reading says responds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.fit_view import FitView
from estimates.analysis.verdict import NEGLIGIBLE
from estimates.errors import Fault, InputError
from estimates.inference.fitting import Fitted, OptionWeight, Reading
from estimates.stats.model_weights import Weights

Array = NDArray[np.float64]


def holding(before: FitView, found: Fitted) -> Fitted:
    """Return a fit with the weights that its readings had before.

    Readings that are ruled out lose theirs to the others, in proportion.

    Raises
    ------
    InputError : where a reading that had weight has no draws now, or none that is left had any
    """
    moved = _moved(before, found)
    weights, simulated = before.weights @ moved, before.simulated @ moved
    total = weights.sum()
    if not total > 0:
        raise InputError([Fault("none of the readings that are left had any weight to be held")])
    weights = weights / total
    for reading, weight in zip(found.readings, weights, strict=True):
        if reading.status == "impossible" and weight >= NEGLIGIBLE:
            message = (
                f"under the reading {reading.distinct.text} what is supposed is impossible, so its "
                f"weight of {weight:.2f} cannot be held; leave out --hold-readings"
            )
            raise InputError([Fault(message)])
    sums = simulated.sum(axis=1, keepdims=True)
    simulated = np.divide(simulated, sums, out=np.tile(weights, (len(sums), 1)), where=sums > 0)
    held = Weights(weights, simulated.std(axis=0), simulated)
    readings = tuple(map(_judged, found.readings, weights))
    options = {
        axis: {
            option: _option(one, _share(found, axis, option), held)
            for option, one in of_axis.items()
        }
        for axis, of_axis in found.options.items()
    }
    return replace(
        found, readings=readings, weights=held, low=weights, high=weights, options=options
    )


def _moved(before: FitView, found: Fitted) -> Array:
    """Return which reading now (column) each reading before (row) is; a row of noughts for none."""
    moved = np.zeros((len(before.readings), len(found.readings)))
    for number, reading in enumerate(found.readings):
        place = before.place_of(reading.choice)
        if place is not None:
            moved[place, number] = 1.0
    # What was one reading before and is several now is shared by their stated weights.
    stated = np.array([reading.prior for reading in found.readings])
    shared = moved * stated
    sums = shared.sum(axis=1, keepdims=True)
    return np.divide(shared, sums, out=np.zeros_like(shared), where=sums > 0)


def _judged(reading: Reading, weight: float) -> Reading:
    """Return a reading that may not be passed over where it has weight again."""
    passed_over = reading.status.startswith("negligible")
    return replace(reading, status="not converged") if passed_over and weight > 0 else reading


def _share(found: Fitted, axis: str, option: str) -> Array:
    """Return how much of each reading has an option: of joined ones by their stated weights."""
    shares = []
    for reading in found.readings:
        joined = reading.distinct.label[axis].split("|")
        stated = {one: found.options[axis][one].prior for one in joined}
        shares.append(stated.get(option, 0.0) / (sum(stated.values()) or 1.0))
    return np.array(shares)


def _option(one: OptionWeight, share: Array, held: Weights) -> OptionWeight:
    weight = float(held.mean @ share)
    se = float((held.simulated @ share).std())
    return replace(one, posterior=weight, se=se, low=weight, high=weight)
