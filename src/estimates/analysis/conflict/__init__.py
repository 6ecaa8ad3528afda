"""Which bodies of evidence contradict each other, and what leaving one out would do.

Node-splitting (Marshall & Spiegelhalter 2007, Bayesian Analysis 2:409; Presanis et al. 2013,
Statistical Science 28:376): what one body of evidence says of a quantity by itself, beside what
everything else says of it, prior included; and every claim beside its own prediction by the rest
(leave-one-out cross-validated predictive checks, ibid.).  Every rest is an exact refit of all
readings.  Nothing is left out by itself.
"""

from __future__ import annotations

import xarray as xr

from estimates.analysis.conflict.run import Analyst
from estimates.analysis.result import Analysis
from estimates.inference.jobs import Progress, Workers

__all__ = ["conflict"]


def conflict(
    fit: xr.DataTree, *, workers: Workers | None = None, progress: Progress | None = None
) -> Analysis:
    """Which claims of a fitted model cannot both be right.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    workers : who makes the refits; the results do not depend on it
    progress : called as `progress(done, total, what)`

    Returns
    -------
    Analysis whose document has the rows `splits` (each body against the rest; `splits_by_reading`
    the same under each reading), `pairs` (two bodies about one thing, head to head), `claims`
    (each claim beside its own prediction by the rest; held-out figures beside the answer) and,
    where there is a conflict, `without` (what leaving out each body would do).  p is two-sided, z
    what it is worth in standard errors; p are adjusted by Holm's method, each kind for itself.
    """
    return Analyst(fit, workers, progress).analysis()
