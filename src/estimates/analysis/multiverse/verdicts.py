"""The verdict of a cell, from where the answer lies under each reading and the readings' weights.

The rule is `deciding`'s own; here it is only asked with other weights and probabilities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.compare.cited import Cited
from estimates.analysis.verdict import Sides, divided, only_just, verdict
from estimates.model import Model

Array = NDArray[np.float64]
#: Weight up to which a reading that cannot be compared is passed over.
NEGLIGIBLE = 1e-3


@dataclass(frozen=True)
class Standing:
    """One cited figure beside the answer under every reading.

    Attributes
    ----------
    model : whose conventions the verdict follows
    readings : a reading each; None where it cannot be compared
    """

    model: Model
    figure: Cited
    readings: tuple[Sides | None, ...]

    def together(self, weights: Array) -> Sides | None:
        """Of the mixture, its errors left out; None where a reading that matters has none."""
        pairs = list(zip(self.readings, weights, strict=True))
        if any(one is None and weight >= NEGLIGIBLE for one, weight in pairs):
            return None
        known = [(one, weight) for one, weight in pairs if one is not None]
        total = sum(weight for _, weight in known)
        if not total > 0:
            return None
        return Sides(
            float(sum(one.below * weight for one, weight in known) / total),
            float(sum(one.above * weight for one, weight in known) / total),
        )

    def verdict(self, weights: Array, together: Sides | None = None) -> str | None:
        """The verdict of the mixture under these weights; None where there is none."""
        together = together or self.together(weights)
        if together is None:
            return None
        if len(self.readings) > 1 and divided(self.verdicts, weights, self.model.conventions):
            return "divided"
        return self._said(together)

    @property
    def verdicts(self) -> list[str | None]:
        """Of each reading alone."""
        return [self._said(one) for one in self.readings]

    def only_just(self, weights: Array, simulated: Array, together: Sides) -> bool:
        """Whether the verdict would be another within two standard errors of what decides it.

        Parameters
        ----------
        simulated : (simulation, reading) weights under their own Monte Carlo error
        together : of the mixture, with its errors
        """
        known = self.readings
        return only_just(known, weights, simulated, together, self.model.conventions)

    def deciding(self, weights: Array, own: bool = False) -> Iterator[tuple[float, float, float]]:
        """What decides the verdict: probabilities and weights, each with a limit that it keeps to.

        As long as none of them crosses its limit the verdict stays.  Third is by how much it
        differs between readings at the most, which is as far as their weights can move it.

        Parameters
        ----------
        own : whether the readings' own verdicts may change too, and not their weights alone
        """
        limits = self.model.conventions.verdict
        verdicts = self.verdicts
        for one, weight in zip(self.readings, weights, strict=True):
            if one is None and weight > 0:
                yield float(weight), NEGLIGIBLE, 1.0
        groups: dict[str, float] = {}
        for said, weight in zip(verdicts, weights, strict=True):
            if said is not None:
                groups[said] = groups.get(said, 0.0) + float(weight)
        if len(groups) > 1:
            yield from ((weight, limits.weight, 1.0) for weight in groups.values())
        together = self.together(weights)
        if together is not None and self.verdict(weights, together) != "divided":
            yield from self._limits(together)
        if own:
            for number, one in enumerate(self.readings):
                if one is not None and self._matters(number, verdicts, weights):
                    yield from self._limits(one)

    def _limits(self, one: Sides) -> Iterator[tuple[float, float, float]]:
        limits = self.model.conventions.verdict
        known = np.array([(r.below, r.above, r.inside) for r in self.readings if r is not None])
        below, above, inside = np.ptp(known, axis=0).tolist()
        for at in (limits.side, limits.tail):
            yield one.below, at, below
            yield one.above, at, above
        yield one.inside, limits.inside, inside

    def _matters(self, number: int, verdicts: list[str | None], weights: Array) -> bool:
        """Whether another verdict of this reading would divide the readings, or unite them."""
        now = divided(verdicts, weights, self.model.conventions)
        return any(
            divided([*verdicts[:number], other, *verdicts[number + 1 :]], weights,
                    self.model.conventions) != now
            for other in ("below", "straddles", "consistent", "above")
        )  # fmt: skip

    def _said(self, one: Sides | None) -> str | None:
        if one is None:
            return None
        return verdict(one.below, one.inside, one.above, self.model.conventions)
