"""Where the chains of one question begin, and which claims leave them no place to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from estimates.inference.codegen.density import CompiledDensity
from estimates.inference.question import Condition
from estimates.inference.ridges import columns, unknowns
from estimates.inference.starting import LEAST, feasible, mended, nearer

if TYPE_CHECKING:
    from estimates.inference.engine import Engine

Array = NDArray[np.float64]


def starts(engine: Engine, density: CompiledDensity, question: Condition) -> Array:
    """Return feasible points (rows) to start from: prior draws, or what can be made of them."""
    found = feasible(density.logp, engine.candidates)
    if not len(found):
        found = nearer(density.logp, engine.candidates)
    if not len(found):
        found = _mended(engine, density, question)
    return found if len(found) else feasible(density.logp, engine.many_candidates)


def impossible_alone(engine: Engine, question: Condition) -> dict[str, str]:
    """Return the claims about what no prior draw allows, and what each is about."""
    return {
        claim: engine.sayings.about(engine.observations.by_id[claim], question.choice) or ""
        for claim, density in _alone(engine, question).items()
        if not np.any(density.logp(engine.many_candidates) > LEAST)
    }


def _alone(engine: Engine, question: Condition) -> dict[str, CompiledDensity]:
    """Return the density under each speaking claim, were it the only one."""
    return {
        claim.id: engine.posed(replace(question, active=frozenset([claim.id])))
        for claim in engine.observations.claims
        if claim.id in question.active
    }


def _mended(engine: Engine, density: CompiledDensity, question: Condition) -> Array:
    alone, model = _alone(engine, question), engine.model
    places = {}
    for claim in alone:
        every = engine.observations.by_id[claim].values
        resolved = [model.resolve(one, question.choice) for one in every]
        about = [unknowns(model, one) for one in resolved if one is not None]
        assert about, "an active claim says something"
        places[claim] = columns(engine.layout.groups, frozenset().union(*about))

    def possible(points: Array) -> dict[str, NDArray[np.bool_]]:
        return {claim: one.logp(points) > LEAST for claim, one in alone.items()}

    rng = engine.rng("mended starts", "")
    return mended(density.logp, engine.candidates, possible, places, rng)
