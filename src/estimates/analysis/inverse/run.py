"""The inverse question: what would have to be true for the answer to be what was cited.

For each reading the least surprising values of all quantities that reach each edge of the range
(`surprise`), what each quantity would have to be alone, and the lines on which two break even
(`alone`), and the posterior given the range (`given`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from estimates.analysis.fit_view import FitView
from estimates.analysis.inverse.job import INVERSE, items
from estimates.analysis.inverse.request import request
from estimates.analysis.inverse.result import Inverse
from estimates.analysis.inverse.rows import Findings
from estimates.analysis.inverse.sentences import sentence_of
from estimates.inference.engine import Engine
from estimates.inference.fit_job import draws_kept
from estimates.inference.jobs import Progress, Workers, sweep
from estimates.inference.origin import Origin
from estimates.inference.posterior import fitted
from estimates.inference.recalled import recall
from estimates.model import Model

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["inverse"]
_KEPT = 500  # draws of each chain given the range that a reading hands on


def inverse(
    model_or_fit: Model | xr.DataTree,
    target: str | None = None,
    between: tuple[float | None, float | None] | None = None,
    *,
    cells: bool = False,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Inverse:
    """Find what would have to be true for a target to lie in a range.

    Parameters
    ----------
    model_or_fit : a model, which is fitted first, or what `estimates.fit` returned
    target : a quantity, a relation or an expression; the first target with a cited figure if not
        given
    between : low and high end in the target's unit, None for an open side, twice the same for a
        single value; the cited range if not given
    cells : whether to tell of every cell of a quantity over dimensions, not only of the one that
        moves most
    workers : who does the work, a fit at a time
    progress : called as `progress(done, total, what)`

    Returns
    -------
    Answer with the tables `readings` (surprise of each edge, probability of the range, weight
    given it), `least_surprising`, `alone`, `given_range`, `options` and `lines`.  Shifts are in
    posterior standard deviations on each quantity's natural scale; errors (`…_se`) are Monte Carlo
    standard errors.

    Raises
    ------
    InputError : an unknown target, a range that is missing, empty or beyond what the target can be

    See Also
    --------
    compare : where the answer lies beside the cited figure
    whatif : the answer if a quantity had another value

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> said = {"a": est.Claim("around 300 people", about=n, source="A newspaper")}
    >>> fit = est.fit(est.Model({"n": n}, claims=said, targets=["n"]), seed=1)
    >>> found = est.inverse(fit, "n", between=(500, None))
    >>> [(row.quantity, row.edge) for row in found.least_surprising]
    [('n', 'low')]
    """
    if isinstance(model_or_fit, Model):
        request(model_or_fit, target, between)  # what is wrong with it is said before any fit
    fit = fitted(model_or_fit, workers, progress)
    view, sampling = FitView.of(fit), Origin.of(fit).sampling
    asked = request(view.model, target, between, cells=cells)
    engine = Engine(view.model, seed=Origin.of(fit).seed)
    recall(engine, view)
    kept = min(_KEPT, draws_kept(view.model, sampling))
    choices = [one.choice for one in view.readings]
    work = items(engine, choices, asked, sampling, kept)
    results = sweep(engine, INVERSE, [item for _, item in work], workers, progress)
    placed = {
        place: one
        for (places, _), several in zip(work, results, strict=True)
        for place, one in zip(places, several, strict=True)
    }
    found = [placed[place] for place in range(len(choices))]
    answer = Findings(fit, view, engine, asked, found).answer()
    return replace(answer, sentence=sentence_of(answer))
