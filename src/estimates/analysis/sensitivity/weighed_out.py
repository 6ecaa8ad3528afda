"""The answer without some claims, by importance weights of the one fit.

A panel's fit is slow and its claims are many, so that claims are left out by weights 1/p(claims |
draw), smoothed (Vehtari et al. 2024, JMLR 25:72).  Where these cannot be trusted only a refit can
tell, and it is said that one is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from estimates.analysis.sensitivity.view import Array, View
from estimates.stats.importance import smoothed
from estimates.stats.weighted import quantiles

#: Pareto k up to which weights may be trusted, if a large number of draws is left.
RELIABLE = 0.7
#: Effective draws that are enough for an interval.
ENOUGH = 400
_ENDS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class WeighedOut:
    """The target without some claims.

    Attributes
    ----------
    inflated : times the Monte Carlo error of the whole fit: fewer draws carry the weight
    pareto : k of the weights
    effective : draws that are as good as those that carry the weight
    """

    q05: float
    median: float
    q95: float
    inflated: float
    pareto: float
    effective: float

    @property
    def trusted(self) -> bool:
        """Whether the weights may be trusted, and leave draws enough for an interval."""
        return self.pareto <= RELIABLE and self.effective >= ENOUGH


@dataclass(frozen=True)
class Weighing:
    """The draws of one fit, of which claims are weighed out."""

    view: View

    @cached_property
    def _target(self) -> Array:
        """The target at the draws at which claims were evaluated."""
        return self.view.mixed()[:, self.view.densities[1]]

    @property
    def applies(self) -> bool:
        """Whether claims may be weighed out: of a panel whose readings all share one fit.

        Weights of readings then do not depend on any claim.
        """
        whole = self.view.whole
        heavy = whole.fits[whole.weights > 0]
        return bool(whole.model.panel) and len(set(heavy.tolist())) == 1

    def without(self, claims: frozenset[str]) -> WeighedOut | None:
        """Return the target without these claims; None where draws have no such weights.

        Copies of one datum share an error, so that one of them is not weighed out.
        """
        densities, target = self.view.densities[0], self._target
        origins = {use.id: use.origin for use in self.view.whole.model.uses}
        if any(name not in densities or origins[name] for name in claims):
            return None
        logs = -np.sum([densities[name] for name in claims], axis=0).ravel()
        if not np.isfinite(logs).all():
            return None
        weights, pareto = smoothed(logs)
        share = np.exp(weights)
        low, middle, high = quantiles(target, list(_ENDS), share)
        effective = 1 / float(np.sum(share**2))
        inflated = float(np.sqrt(share.size / effective))
        return WeighedOut(
            float(low), float(middle), float(high), inflated, float(pareto), effective
        )
