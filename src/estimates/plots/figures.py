"""Which figures there are of a result: the one place that knows, and `plot`, which draws one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates.analysis.calibrate.result import Calibration
from estimates.analysis.compare.result import Comparison
from estimates.analysis.conflict.result import Conflict
from estimates.analysis.diff.result import Diff
from estimates.analysis.explain.prior_words import Beforehand
from estimates.analysis.explain.wording import Explanation
from estimates.analysis.forest.result import Forest
from estimates.analysis.inverse.result import Inverse
from estimates.analysis.multiverse.result import Multiverse
from estimates.analysis.result import Result
from estimates.analysis.reweight import Reweighted
from estimates.analysis.sensitivity.result import Sensitivity
from estimates.analysis.validate.result import Validation
from estimates.analysis.voi.result import ValueOfInformation
from estimates.analysis.whatif.result import WhatIf
from estimates.errors import Fault, InputError
from estimates.inference.result import Summary
from estimates.model import Model
from estimates.plots.answer import answer
from estimates.plots.break_even import break_even
from estimates.plots.calibration import calibration
from estimates.plots.claims import claims
from estimates.plots.conflict import conflict
from estimates.plots.diff import diff
from estimates.plots.forest import forest
from estimates.plots.inverse import inverse
from estimates.plots.kinds import has_kinds, kinds
from estimates.plots.model_graph import model_graph
from estimates.plots.multiverse import multiverse
from estimates.plots.panel_table import panel_table
from estimates.plots.parts.findings import Findings
from estimates.plots.paths import grids_with_paths, paths
from estimates.plots.prior import prior
from estimates.plots.prior_posterior import prior_posterior
from estimates.plots.probabilities import compared, probabilities
from estimates.plots.reweighted import reweighted
from estimates.plots.shapley import shares
from estimates.plots.summary import numbers
from estimates.plots.tornado import tornado, without
from estimates.plots.validate import validate
from estimates.plots.voi import voi
from estimates.plots.whatif import whatif
from estimates.plots.wording import wording

#: Draws a figure, into axes (`ax=`) if some are given; None where there is nothing to draw.
type Drawing = Callable[..., Figure | None]
#: What can be drawn.
type Drawable = (
    Result
    | Calibration
    | Comparison
    | Explanation
    | Beforehand
    | Summary
    | Reweighted
    | Findings
    | xr.DataTree
    | Model
)


def plot(result: Drawable, *, ax: Axes | None = None, ci_prob: float | None = None) -> Figure:
    """Draw a result: of a fit its answer, of an analysis its first figure.

    Parameters
    ----------
    result : what `fit`, `summary`, `compare`, `calibrate`, `explain`, `explain_prior` or an
        analysis (`sensitivity`, `conflict`, `inverse`, `voi`, `forest`, `multiverse`, `validate`,
        `whatif`, `reweight`, `diff`) returned;
        of a model its graph
    ax : Matplotlib axes to draw into, where the figure has axes of one kind: a fit, a comparison,
        a wording, a prior, and others if they have one panel.  Title and notes are left out
    ci_prob : of a fit what its intervals hold, .9 if left out

    Returns
    -------
    Figure; that of `ax` where given.  Nothing is shown, which a notebook does by itself.  A result
    may have further figures: `estimates.plots.drawings` knows them all.

    Raises
    ------
    InputError : where there is nothing to draw, or `ax` is given and one does not suffice; for a
        `ci_prob` that is none, or of what has its intervals already

    See Also
    --------
    explore : a what-if with sliders
    write_report : every figure on one page

    Examples
    --------
    >>> import estimates as est
    >>> figure = est.plot(est.explain("around 20,000 people"))
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['5,000', '10,000', '20,000', '50,000', '100,000']
    """
    if ci_prob is not None:
        if not isinstance(result, xr.DataTree | Findings):
            message = f"the intervals of this {type(result).__name__} are made; leave ci_prob out"
            raise InputError([Fault(message)])
        result = Findings.of(result, ci_prob)
    for _, draw in drawings(result):
        figure = draw(ax=ax)
        if figure is not None:
            return figure
    raise InputError([Fault(f"there is nothing to draw of this {type(result).__name__}")])


def drawings(
    result: Drawable, fit: xr.DataTree | Findings | None = None
) -> Iterator[tuple[str, Drawing]]:
    """Yield the name of every figure that a result may have, and how it is drawn.

    Parameters
    ----------
    fit : what was asked about, without which a figure is missing or has names for labels
    """
    match result:
        case xr.DataTree() | Findings():
            yield from _of_fit(Findings.of(result))
        case Forest():
            yield "forest", partial(forest, result, fit)
        case Inverse():
            yield "inverse", partial(inverse, result)
            if fit is not None:
                yield "inverse-break-even", partial(break_even, result, fit)
        case Sensitivity():
            yield "sensitivity-tornado", partial(tornado, result)
            yield "sensitivity-shares", partial(shares, result)
            yield "sensitivity-without", partial(without, result)
        case _ if type(result) in _ONE:
            name, draw = _ONE[type(result)]
            yield name, partial(draw, result)


#: What has one figure, its name, and what draws it.
_ONE: dict[type, tuple[str, Drawing]] = {
    Model: ("graph", model_graph),
    Summary: ("summary", numbers),
    Reweighted: ("reweighted", reweighted),
    Comparison: ("compare", compared),
    Calibration: ("calibration", calibration),
    Conflict: ("conflict", conflict),
    Diff: ("diff", diff),
    Explanation: ("wording", wording),
    Beforehand: ("prior", prior),
    Multiverse: ("multiverse", multiverse),
    Validation: ("validate", validate),
    ValueOfInformation: ("voi", voi),
    WhatIf: ("whatif", whatif),
}


def _of_fit(findings: Findings) -> Iterator[tuple[str, Drawing]]:
    model = findings.model
    if any(grid.over for grid in model.panel.targets):
        yield "panel", partial(panel_table, findings)
    if has_kinds(model):
        yield "kinds", partial(kinds, findings)
    for grid in grids_with_paths(model):
        yield _stem("paths", grid.name), partial(paths, findings, grid.name)
    # Of a panel the headline alone is drawn by itself: its cells are in the table.
    for number, target in enumerate(model.targets[: 1 if model.panel else None]):
        yield _stem("answer", target if number else ""), partial(answer, findings, target)
    yield "claims", partial(claims, findings)
    for number, use in enumerate(findings.cited()):
        name = _stem("probabilities", use.id if number else "")
        yield name, partial(probabilities, findings, use.id)
    yield "prior_posterior", partial(prior_posterior, findings)


def _stem(name: str, which: str) -> str:
    """Return a file name, as `answer-take_per_worker`; an expression keeps its names."""
    words = "-".join(re.findall(r"\w+", which))
    return f"{name}-{words}" if words else name
