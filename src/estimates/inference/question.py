"""What can be asked of a compiled model, and what comes back.

A `Question` says all in which two fits of one model can differ; an `Answer` is one fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from estimates._util.files import Json
from estimates.inference.diagnostics import Check
from estimates.inference.observed import Observations
from estimates.inference.sampling import Draws
from estimates.model import BoundClaim
from estimates.model.likelihood import Term, widened
from estimates.stats.bridge import MarginalLikelihood

#: Equal for claims that count once.
type _Datum = tuple[str] | tuple[str, str, str | None, Term]


@dataclass(frozen=True)
class Move:
    """A prior moved on its own scale: by `shift` prior sds, its sd times `stretch`."""

    quantity: str
    shift: float = 0.0
    stretch: float = 1.0


@dataclass(frozen=True)
class Condition:
    """Everything in which two fits of one model can differ.

    Attributes
    ----------
    choice : option by reading
    active : ids of the claims that speak
    move : a prior that is moved, or None
    widened : factors on the widths of claims, all but counts; copies of one datum that repeat one
        another word for word are widened together
    spoken : data of claims, instead of the ledger's (see `likelihood.respoken`)
    fixed : values of known constants, instead of the model's
    pinned : values that basic unknowns are supposed to have; the density of each one's prior there
        stays a factor of the joint density, so that the evidence is p(claims, x = value)
    """

    choice: Mapping[str, str] = field(default_factory=dict)
    active: frozenset[str] = frozenset()
    move: Move | None = None
    widened: Mapping[str, float] = field(default_factory=dict)
    spoken: Mapping[str, float] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)
    pinned: Mapping[str, float] = field(default_factory=dict)

    def heard(self, observations: Observations) -> Observations:
        """Return the claims of a model with the data and widths that this question gives them."""
        heard = observations.respoken(self.spoken)
        if not self.widened:
            return heard
        factors: dict[_Datum, float] = {}
        for vector in heard.vectors:
            for claim, term in zip(vector.claims, vector.terms, strict=True):
                if claim.id in self.widened:
                    factors[_datum(claim, term, heard)] = self.widened[claim.id]
        vectors = [
            replace(
                vector,
                terms=tuple(
                    widened(term, factors.get(_datum(claim, term, heard), 1.0))
                    for claim, term in zip(vector.claims, vector.terms, strict=True)
                ),
            )
            for vector in heard.vectors
        ]
        return replace(heard, vectors=tuple(vectors))

    @property
    def changes(self) -> list[str]:
        """The differences from the ledger and the model, a line each; floats exactly."""
        lines = [repr(self.move)] if self.move else []
        lines += [f"{claim}*{factor!r}" for claim, factor in sorted(self.widened.items())]
        lines += [f"{claim}:{datum!r}" for claim, datum in sorted(self.spoken.items())]
        lines += [f"{name}:={value!r}" for name, value in sorted(self.fixed.items())]
        return lines + [f"{name}@={value!r}" for name, value in sorted(self.pinned.items())]

    def to_json(self) -> Json:
        """Return all that the answer depends on beside model, seed and settings, as JSON."""
        return {
            "choice": dict(self.choice),
            "active": sorted(self.active),
            "changes": self.changes,
        }


def _datum(claim: BoundClaim, term: Term, observations: Observations) -> _Datum:
    """Return a key that is equal for claims that count once: an origin's copies that agree."""
    if claim.origin is None or claim.origin in observations.origins:
        return (claim.id,)
    return (claim.origin, str(claim.about), claim.kind, term)


@dataclass(frozen=True)
class Fit:
    """One fit.

    Attributes
    ----------
    question : what was asked
    key : equal for questions whose joint density of quantities and claims is the same
    draws, evidence, check : the draws, the evidence and the diagnostics
    moved : log evidence if a prior were moved, where that was asked for
    """

    question: Condition
    key: str
    draws: Draws
    evidence: MarginalLikelihood
    check: Check
    moved: Mapping[Move, float] = field(default_factory=dict)
