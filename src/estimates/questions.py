"""What can be asked of a compiled model, and what comes back.

A `Question` says all in which two fits of one model can differ; an `Answer` is one fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from estimates.bridge import Evidence
from estimates.diagnostics import Check
from estimates.sampling import Draws


@dataclass(frozen=True)
class Move:
    """A prior moved on its own scale: by `shift` prior sds, its sd times `stretch`."""

    quantity: str
    shift: float = 0.0
    stretch: float = 1.0


@dataclass(frozen=True)
class Question:
    """All in which two fits of one model can differ.

    Attributes
    ----------
    choice : option by reading
    active : ids of the claims that speak
    move : a prior that is moved, or None
    widened : factors on the widths of claims that are noisy readings
    spoken : data of claims, instead of the ledger's (see `likelihood.respoken`)
    fixed : values of known constants, instead of the model's
    """

    choice: Mapping[str, str] = field(default_factory=dict)
    active: frozenset[str] = frozenset()
    move: Move | None = None
    widened: Mapping[str, float] = field(default_factory=dict)
    spoken: Mapping[str, float] = field(default_factory=dict)
    fixed: Mapping[str, float] = field(default_factory=dict)

    @property
    def changes(self) -> list[str]:
        """What differs from the ledger and the model, a line each; floats exactly."""
        lines = [repr(self.move)] if self.move else []
        lines += [f"{claim}*{factor!r}" for claim, factor in sorted(self.widened.items())]
        lines += [f"{claim}:{datum!r}" for claim, datum in sorted(self.spoken.items())]
        return lines + [f"{name}:={value!r}" for name, value in sorted(self.fixed.items())]

    def to_json(self) -> dict[str, Any]:
        """Everything that the answer depends on, beside the model, the seed and the settings."""
        return {
            "choice": dict(self.choice),
            "active": sorted(self.active),
            "changes": self.changes,
        }


@dataclass(frozen=True)
class Answer:
    """One fit.

    Attributes
    ----------
    question : what was asked
    key : equal for questions whose joint density of quantities and claims is the same
    draws, evidence, check : the draws, the evidence and the diagnostics
    moved : log evidence if a prior were moved, where that was asked for
    """

    question: Question
    key: str
    draws: Draws
    evidence: Evidence
    check: Check
    moved: Mapping[Move, float] = field(default_factory=dict)
