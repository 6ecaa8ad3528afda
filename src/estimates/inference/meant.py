"""What a claim that has an option of its own is about, draw by draw.

A claim that is not heard, or not heard yet, means each of its options with the weight that the
claims in common have: its value is a mixture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates.inference.arrays import NumpyOps
from estimates.language.expression import Expression, evaluate, names
from estimates.model import BoundClaim, Model

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Meant:
    """The values that a claim may be about, resolved, and which of them each draw takes.

    Attributes
    ----------
    values : one an option
    option : (draw,) the place of the option; None where there is but one
    """

    values: tuple[Expression, ...]
    option: NDArray[np.int64] | None = None

    def picked(self, found: Sequence[Array]) -> Array:
        """Return what each draw takes of values (draw,), one an option."""
        if self.option is None:
            return found[0]
        return np.take_along_axis(np.stack(found), self.option[None], axis=0)[0]


def meaning(
    model: Model,
    claim: BoundClaim,
    values: Mapping[str, Array],
    choice: Mapping[str, str],
    at: Array | None = None,
) -> Meant:
    """Return what a claim that speaks is about under a choice of readings.

    Parameters
    ----------
    values : every quantity, of one shape
    at : of that shape, evenly spread numbers from 0 to 1 by which the options are drawn; the
        claim's own, always the same, if left out
    """
    resolved = [model.resolve(one, choice) for one in claim.values]
    spoken = tuple(one for one in resolved if one is not None)
    assert len(spoken) == len(resolved), "a claim that speaks says something"
    if len(spoken) < 2:
        return Meant(spoken)
    shape = next(iter(values.values())).shape
    weights = []
    for one in claim.options:
        weight = model.resolve(one.log_weight, choice)
        assert weight is not None
        weights.append(np.broadcast_to(np.exp(evaluate(weight, values, NumpyOps())), shape))
    if at is None:
        words = np.frombuffer(hashlib.sha256(claim.id.encode()).digest(), dtype=np.uint32)
        at = np.random.default_rng(words.tolist()).random(shape)
    steps = np.cumsum(np.stack(weights), axis=0)[:-1]
    return Meant(spoken, (at[None] > steps).sum(axis=0, dtype=np.int64))


def needed_by(model: Model, claim: BoundClaim, choice: Mapping[str, str]) -> frozenset[str] | None:
    """Return the basic quantities that a claim's value is made of; None where it says nothing."""
    every = [*claim.values, *(one.log_weight for one in claim.options)]
    resolved = [model.resolve(one, choice) for one in every]
    spoken = [one for one in resolved if one is not None]
    if len(spoken) < len(resolved):
        return None
    return frozenset(name for one in spoken for name in names(one))


def claimed(
    model: Model, claim: BoundClaim, values: Mapping[str, Array], choice: Mapping[str, str]
) -> Array:
    """Return draws of what a claim is about, in its unit, of the shape of the values; else nan."""
    shape = next(iter(values.values())).shape
    if model.resolve(claim.value, choice) is None:
        return np.full(shape, np.nan)
    meant = meaning(model, claim, values, choice)
    found = [evaluate(one, values, NumpyOps()) for one in meant.values]
    return meant.picked([np.broadcast_to(np.asarray(one, float), shape) for one in found])
