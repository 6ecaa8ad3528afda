"""A question as data: what each claim is about, and the numbers that the compiled density takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from estimates.inference.observed import Data, Observations
from estimates.inference.question import Condition, Move
from estimates.inference.steps import Derived, Fixed, Latents, Pinned, Step, Walk
from estimates.language.expression import Constant, Expression
from estimates.model import BoundClaim, Model


class Sayings:
    """The value that each claim is about under each choice of readings, worked out once."""

    def __init__(self, model: Model, observations: Observations) -> None:
        self._model = model
        self._claims = observations.claims
        self._axes: dict[str, tuple[str, ...]] = {}
        self._known: dict[tuple[str, ...], tuple[tuple[Expression, ...], str | None]] = {}

    def values(self, claim: BoundClaim, choice: Mapping[str, str]) -> tuple[Expression, ...]:
        """Return what a claim is about under a choice of readings, by option; none if silent."""
        return self._found(claim, choice)[0]

    def about(self, claim: BoundClaim, choice: Mapping[str, str]) -> str | None:
        """Return the value that a claim is about under a choice of readings; None if silent."""
        return self._found(claim, choice)[1]

    def _found(
        self, claim: BoundClaim, choice: Mapping[str, str]
    ) -> tuple[tuple[Expression, ...], str | None]:
        axes = self._axes.get(claim.id)
        if axes is None:
            every = frozenset[str]().union(*map(self._model.axes_of, claim.values))
            axes = self._axes[claim.id] = tuple(sorted(every))
        where = (claim.id, *(choice[axis] for axis in axes))
        found = self._known.get(where)
        if found is None:
            resolved = (self._model.resolve(one, choice) for one in claim.values)
            values = tuple(one for one in resolved if one is not None)
            found = self._known[where] = values, " | ".join(map(str, values)) or None
        return found

    def speaking(self, choice: Mapping[str, str], admitted: frozenset[str]) -> frozenset[str]:
        """Return the admitted claims that say something under this choice of readings."""
        return frozenset(
            claim.id
            for claim in self._claims
            if claim.id in admitted and self.about(claim, choice) is not None
        )


def numbers_of(model: Model, steps: Sequence[Step], observations: Observations) -> Data:
    """Return the data by name in which models of one structure may differ (`signature.structure`).

    All evidence speaks, and of each reading the first option is chosen.
    """
    evidence = frozenset(claim.id for claim in model.uses if not claim.held_out)
    data: Data = dict(observations.data(evidence))
    if model.readings:
        data["choice"] = np.zeros(len(model.readings), dtype=np.int64)
    for step in steps:
        match step:
            case Fixed():
                data[f"fixed_{step.members[0]}"] = np.array(step.values)
            case Latents():
                data |= _columns(step)
            case Pinned():
                data |= _columns(step.prior)
                data[f"{step.prior.name}_value"] = np.array(step.values)
            case Derived():
                pass
    return data


def _columns(group: Latents) -> Data:
    """Return what is said in plain numbers of a vector of latents, but an argument all share."""
    arguments = {
        f"{group.name}_argument_{key}": column
        for key, column in group.arguments.items()
        if len(set(column)) > 1
    }
    cells = isinstance(group, Walk)
    ends = {"location": group.location, "scale": group.scale} if not cells else {}
    columns = {f"{group.name}_{key}": column for key, column in ends.items()} | arguments
    plain = {name: [e.value for e in c if isinstance(e, Constant)] for name, c in columns.items()}
    return {name: np.array(values) for name, values in plain.items() if len(values) == group.size}


def data_of(
    model: Model, steps: Sequence[Step], observations: Observations, question: Condition
) -> Data:
    """Return the data of a question, by name, but for a moved prior."""
    data: Data = question.heard(observations).data(question.active)
    if model.readings:
        chosen = [
            list(reading.options).index(question.choice[name])
            for name, reading in model.readings.items()
        ]
        data["choice"] = np.array(chosen, dtype=np.int64)
    for step in steps:
        if isinstance(step, Fixed) and not question.fixed.keys().isdisjoint(step.members):
            data[f"fixed_{step.members[0]}"] = np.array(step.changed(question.fixed))
        elif isinstance(step, Pinned):
            data[f"{step.prior.name}_value"] = np.array(step.values)
    return data


def moved(group: Latents, move: Move, latents: NDArray[np.float64]) -> Data:
    """Return the data of a moved prior, given draws of its unconstrained latents (member, draw)."""
    position = group.members.index(move.quantity)
    shift, stretch = np.zeros(group.size), np.ones(group.size)
    shift[position], stretch[position] = move.shift, move.stretch
    if not group.plain:
        # The latent is moved on its unconstrained scale, about the prior's own centre there;
        # quantiles, because a Cauchy has no sd.
        low, centre, high = np.quantile(latents[position], [0.16, 0.5, 0.84])
        shift[position] = centre + move.shift * (high - low) / 2 - move.stretch * centre
    return {f"{group.name}_shift": shift, f"{group.name}_stretch": stretch}
