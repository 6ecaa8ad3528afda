"""The rows of the answer, from what was found."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.voi.decision import Decision
from estimates.analysis.voi.evppi import MOST_INPUTS, NewClaim, Question, Worth
from estimates.analysis.voi.parameters import Fact
from estimates.analysis.voi.result import FactRow, Judged, Spread
from estimates.analysis.voi.sample import Sample

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Estimation:
    """The target, and the scales on which its variance is finite.

    Attributes
    ----------
    name : of the target
    values : its draws (reading, chain, draw), as many as a regression takes
    whole : all of them
    scale : `log` for a target that is positive, else `identity`
    on_scale : draws by scale, where finite; `scale` first, the target's own (`identity`) last
    """

    sample: Sample
    name: str
    values: Array
    whole: Array
    scale: str
    on_scale: Mapping[str, Array]

    @staticmethod
    def of(sample: Sample, name: str, variable: str) -> Estimation:
        """Return the estimation of a target, given what its draws are called."""
        values, whole = sample.values(variable), sample.whole(variable)
        positive = sample.model.support_of(name).low >= 0 and bool((whole > 0).all())
        with np.errstate(all="ignore"):
            candidates = {"log": np.log(values)} if positive else {}
            candidates["identity"] = values
            finite = {
                scale: drawn
                for scale, drawn in candidates.items()
                if np.isfinite(drawn).all() and math.isfinite(float(np.square(drawn).sum()))
            }
        return Estimation(sample, name, values, whole, "log" if positive else "identity", finite)

    def question(self, decision: Decision | None) -> Question | None:
        """Return what depends on the facts; None if the target is known or has no variance."""
        if self.scale not in self.on_scale or not _varies(self.on_scale[self.scale]):
            return None
        responses = list(self.on_scale.values())
        above = decides = False
        if decision is not None:
            with np.errstate(invalid="ignore"):
                difference = _difference(decision, self.values)
                above = self.sample.mean(_difference(decision, self.whole)) > 0
            wrong = decision.loss_of_above if above else decision.loss_of_below
            decides = bool(np.isfinite(difference).all() and wrong(self.values).any())
            if decides:
                responses.append(difference)
        return Question(self.sample, np.array(responses), decides, above)

    @property
    def label(self) -> str:
        """The target in words."""
        return self.sample.view.title(self.name)

    @property
    def unit(self) -> str:
        """The unit of the target."""
        return self.sample.view.unit(self.name)

    def spread(self) -> Spread:
        """Return how far the target is known."""
        with np.errstate(all="ignore"):
            sd = {
                scale: _sd(self.sample, np.log(self.whole) if scale == "log" else self.whole)
                for scale in self.on_scale
            }
        return Spread(scale=self.scale, sd=sd.get(self.scale), sd_own=sd.get("identity"))


def _difference(decision: Decision, target: Array) -> Array:
    return decision.loss_of_below(target) - decision.loss_of_above(target)


def _sd(sample: Sample, drawn: Array) -> float | None:
    largest = float(np.abs(drawn).max()) or 1.0  # whose square might overflow
    if not math.isfinite(largest):
        return None
    around = drawn / largest - sample.mean(drawn / largest)
    return largest * math.sqrt(sample.mean(around**2))


def _varies(values: Array) -> bool:
    return bool(np.ptp(values) > 1e-12 * np.abs(values).max())


def row_of(
    fact: Fact, taken: Fact, worth: Worth | None, estimation: Estimation, decision: Decision | None
) -> FactRow:
    """Return a fact as a row of the answer; `taken` is what it was taken as (see `least`)."""
    row = FactRow(
        name=fact.name,
        kind=fact.kind,
        label=fact.label,
        unit=fact.unit,
        learned=tuple(sorted(fact.parts)),
        at_least=len(taken.members) > MOST_INPUTS,
    )
    if worth is None:
        return row
    share = worth.shares[0]
    row = replace(row, share=share.value, share_se=share.se)
    if estimation.scale != "log" or "identity" in estimation.on_scale:
        own = worth.shares[-1]
        row = replace(row, share_own=own.value, share_own_se=own.se)
    if decision is not None:
        value, se = (worth.gain.value, worth.gain.se) if worth.gain else (0.0, 0.0)
        row = replace(row, loss_spared=value, loss_spared_se=se)
    return row


def with_new_claim(row: FactRow, found: NewClaim | None) -> FactRow:
    """Return the row with what one more claim would remove, at most what the fact itself does."""
    if found is None:
        return row
    share = min(max(found.share.value, 0.0), row.share or 0.0)
    return replace(
        row, claim=found.claim, share_of_new_claim=share, share_of_new_claim_se=found.share.se
    )


def judged_of(estimation: Estimation, decision: Decision | None) -> Judged | None:
    """Return the decision as things stand, and what perfect information would spare."""
    if decision is None:
        return None
    sample, values = estimation.sample, estimation.whole
    losses = {
        "above": decision.loss_of_above(values),
        "not above": decision.loss_of_below(values),
    }
    with np.errstate(invalid="ignore"):
        said = min(losses, key=lambda what: sample.mean(losses[what]))
        finite = bool(np.isfinite(losses[said]).all())
        spared = sample.effect(losses[said]) if finite else None
        above = sample.effect((values > decision.threshold).astype(float))
    return Judged(
        threshold=decision.threshold,
        unit=estimation.unit,
        claim=decision.claim,
        loss=decision.loss,
        loss_unit=estimation.unit if decision.loss == "linear" else "",
        loss_false_above=decision.false_above,
        loss_false_below=decision.false_below,
        above=above.value,
        above_se=above.se,
        said=said,
        evpi=None if spared is None else spared.value,
        evpi_se=None if spared is None else spared.se,
        clear=spared is not None and spared.value == 0.0,
    )
