"""Whether a target lies above a threshold: what is lost by saying so wrongly.

Two actions, "say that it is above" and "say that it is not".  With `probability` as the loss a
wrong statement costs its stated loss, 1 unless said otherwise, and the expected loss is the
probability of being wrong; with `linear` it costs that much for every unit by which the target
misses the threshold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.cited import cited, ends_in_unit_of
from estimates.errors import Fault, InputError
from estimates.model import Model

Array = NDArray[np.float64]
type Loss = Literal["probability", "linear"]
LOSSES: tuple[Loss, ...] = ("probability", "linear")


@dataclass(frozen=True)
class Decision:
    """A threshold, and the losses.

    Attributes
    ----------
    threshold : in the target's unit
    claim : the cited figure that it is an end of; None where it was asked for
    loss : `probability` or `linear`
    false_above, false_below : what it costs to say "above" of what is not, and the reverse
    """

    threshold: float
    claim: str | None = None
    loss: Loss = "probability"
    false_above: float = 1.0
    false_below: float = 1.0

    def loss_of_above(self, target: Array) -> Array:
        """Return the loss of saying "above" at this value of the target."""
        if self.loss == "linear":
            return np.asarray(self.false_above * np.maximum(self.threshold - target, 0.0))
        return np.asarray(self.false_above * (target <= self.threshold))

    def loss_of_below(self, target: Array) -> Array:
        """Return the loss of saying "not above" at this value of the target."""
        if self.loss == "linear":
            return np.asarray(self.false_below * np.maximum(target - self.threshold, 0.0))
        return np.asarray(self.false_below * (target > self.threshold))


def decision_of(
    model: Model,
    target: str,
    threshold: float | None,
    loss: Loss,
    false_above: float,
    false_below: float,
) -> Decision | None:
    """Return the decision at the threshold, by default the low end of the first cited figure.

    A figure cited as "up to" has no low end; its high end then.  None where nothing is cited of
    the target and no threshold is given.
    """
    faults = []
    if loss not in LOSSES:
        faults.append(Fault(f"unknown loss '{loss}': it is {' or '.join(LOSSES)}"))
    if threshold is not None and not math.isfinite(threshold):
        faults.append(Fault(f"a threshold is a finite number, not {threshold}"))
    for name, value in (("false above", false_above), ("false below", false_below)):
        if not (math.isfinite(value) and value > 0):
            faults.append(Fault(f"the loss of a {name} is a positive number, not {value}"))
    if faults:
        raise InputError(faults)
    if threshold is not None:
        return Decision(float(threshold), None, loss, false_above, false_below)
    for use in model.uses:
        if use.held_out and str(use.about) == target:
            low, high = ends_in_unit_of(target, cited(use, model.conventions), model)
            end = high if low is None else low
            if end is not None:
                return Decision(end, use.id, loss, false_above, false_below)
    return None
