"""What another claim would bring: as good as the best that speaks of a quantity now.

The expected value of sample information by regression (Strong, Oakley, Brennan & Breeze 2015,
Medical Decision Making 35:570): for each draw of the quantity the new claim is spoken, with the
width of the narrowest claim that speaks of it, and the target is regressed on what it says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.cited import to_scale
from estimates.analysis.voi.evppi import Question, worth_of
from estimates.analysis.voi.parameters import Fact, narrowest_claim
from estimates.analysis.voi.sample import Effect
from estimates.model.likelihood import DEGREES_OF_FREEDOM, Noisy

Array = NDArray[np.float64]


@dataclass(frozen=True)
class NewClaim:
    """What one more claim as good as this one would remove of the variance."""

    claim: str
    share: Effect


def share_of_new_claims(
    question: Question,
    facts: Sequence[Fact],
    seed: int,
    each: Callable[..., Iterable[Any]] = map,
) -> dict[str, NewClaim]:
    """For each basic quantity that a claim speaks of: the share that one more such would remove.

    Parameters
    ----------
    facts : those that are no basic quantities, or of which nobody speaks, are passed over
    each : a `map`, over threads if need be

    Returns
    -------
    By the key of a fact.
    """
    sample = question.sample
    only = Question(sample, question.responses[:1], False, question.above)

    def ask(fact: Fact) -> NewClaim | None:
        best = narrowest_claim(sample.model, fact.name)
        if best is None:
            return None
        claim, term = best
        spoken = _spoken(sample.values(fact.name), term, _rng(seed, fact.name))
        return NewClaim(claim, worth_of(only, spoken[None], ()).shares[0])

    basic = [fact for fact in facts if fact.kind == "quantity"]
    found = zip(basic, each(ask, basic), strict=True)
    return {fact.key: one for fact, one in found if one is not None}


def _spoken(values: Array, term: Noisy, rng: np.random.Generator) -> Array:
    shape = values.shape
    noise = rng.standard_t(DEGREES_OF_FREEDOM, shape) if term.student else rng.normal(size=shape)
    return to_scale(term.scale, values) + term.sigma * noise


def _rng(seed: int, name: str) -> np.random.Generator:
    words = np.frombuffer(hashlib.sha256(f"new claim\n{name}".encode()).digest(), dtype=np.uint32)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(words.tolist())))
