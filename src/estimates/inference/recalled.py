"""The fits behind a finished fit, as an engine had them: nothing need be drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from estimates.inference.diagnostics import Check
from estimates.inference.fitting import Change
from estimates.inference.question import Fit
from estimates.inference.sampling import Draws
from estimates.stats.bridge import MarginalLikelihood

if TYPE_CHECKING:
    from estimates.inference.engine import Engine
    from estimates.inference.tree_view import TreeView


def recall(engine: Engine, view: TreeView) -> None:
    """Let an engine answer the questions of a finished fit from its draws.

    A fit keeps quantities, from which the points that were drawn are found again.  Not so the
    errors that copies of one datum share, and not the draws that many readings leave no room for:
    such fits are left to be drawn anew, as are those that did not pass their checks.
    """
    if engine.layout.errors:
        return
    for reading in np.flatnonzero(view.usable).tolist():
        key = engine.key(Change().question(engine, view.readings[reading].choice))
        if key not in engine.recalled:
            found = fit_of(engine, view, reading)
            if found is not None:
                engine.recalled[key] = found


def fit_of(engine: Engine, view: TreeView, reading: int) -> Fit | None:
    """Return the fit behind a reading, its draws as points; None where they cannot be found."""
    if engine.layout.errors or not engine.layout.size:
        return None
    question = Change().question(engine, view.readings[reading].choice)
    env = view.env(reading)
    basic = {name: env[name].ravel() for name in engine.model.quantities}
    points = engine.points_of(basic)
    if not np.isfinite(points).all():
        return None  # a quantity on the edge of what numbers hold
    chains, draws = next(iter(env.values())).shape
    logp = np.asarray(engine.posed(question).logp(points)).reshape(chains, draws)
    nothing = np.zeros((chains, draws), dtype=bool)
    return Fit(
        question,
        engine.key(question),
        Draws(points.reshape(chains, draws, -1), logp, {"diverging": nothing}),
        MarginalLikelihood(float(view.log_evidence[reading]), float(view.log_evidence_se[reading])),
        Check(None, None, None, 0, ()),
    )
