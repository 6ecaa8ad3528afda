"""Answers that need no sampler: the prior's own, exact ones, and that there is none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from estimates.inference.forward import pinned_log_density
from estimates.inference.program import with_fixed
from estimates.inference.question import Condition, Fit
from estimates.inference.sampling import Draws, Sampling
from estimates.stats.bridge import MarginalLikelihood

if TYPE_CHECKING:
    from estimates.inference.engine import Engine


def prior_answer(engine: Engine, question: Condition, sampling: Sampling) -> Fit:
    """Answer without evidence: the posterior is the prior, drawn directly and independently."""
    key, shape = engine.key(question), (sampling.chains, sampling.draws)
    points = engine.prior_points(shape[0] * shape[1], key, question.fixed).reshape(*shape, -1)
    stats = {"diverging": np.zeros(shape, dtype=bool), "n_steps": np.zeros(shape, dtype=int)}
    draws = Draws(points, np.zeros(shape), stats)
    known = bool(engine.pinned) and not engine.telling_pins
    log = pinned_log_density(with_fixed(engine.steps, question.fixed)) if known else 0.0
    evidence = MarginalLikelihood(log, 0.0)
    return Fit(question, key, draws, evidence, engine.checked(draws, question))


def known_answer(engine: Engine, question: Condition, sampling: Sampling) -> Fit:
    """Answer where nothing is unknown: the evidence is the claims' density, exactly."""
    answer = prior_answer(engine, question, sampling)
    log = float(engine.log_likelihood(answer.draws.points[:1, :1], question)[0, 0])
    return replace(answer, evidence=MarginalLikelihood(answer.evidence.log + log, 0.0))


def impossible_answer(engine: Engine, question: Condition, sampling: Sampling) -> Fit:
    """Answer for claims that no prior draw allows: evidence 0, and no posterior."""
    answer = prior_answer(engine, question, sampling)
    none = replace(answer.draws, points=np.full_like(answer.draws.points, np.nan))
    return replace(answer, draws=none, evidence=MarginalLikelihood(-np.inf, 0.0))
