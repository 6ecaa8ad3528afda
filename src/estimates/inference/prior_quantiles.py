"""Quantiles of a prior that is named as one of PyMC's distributions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from estimates.language.expression import Constant
from estimates.model import NamedPrior

_DRAWS, _SEED = 400_000, 20170808


def quantiles_of(prior: NamedPrior) -> Callable[[Sequence[float]], list[float]]:
    """Return quantiles by PyMC's inverse distribution function, or of many draws without one."""
    import pymc as pm  # a second that other priors do not need

    values = {}
    for name, argument in prior.arguments.items():
        assert isinstance(argument, Constant)
        values[name] = argument.value
    family = getattr(pm, prior.distribution)
    law = family.dist(**values)
    try:
        pm.icdf(law, 0.5)
    except NotImplementedError:
        rng = np.random.default_rng(_SEED)
        draws = np.asarray(pm.draw(family.dist(**values, size=_DRAWS), random_seed=rng))
        return lambda p: [float(one) for one in np.quantile(draws, list(p))]
    return lambda p: [float(one) for one in pm.icdf(law, np.asarray(p, dtype=float)).eval()]
