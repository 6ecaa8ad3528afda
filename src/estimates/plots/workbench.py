"""The figures of each question about a fit, by the name of its command."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import xarray as xr
from matplotlib.figure import Figure

from estimates.analysis.conflict.result import Conflict
from estimates.analysis.forest.result import Forest
from estimates.analysis.inverse.result import Inverse
from estimates.analysis.result import Analysis, Result
from estimates.analysis.sensitivity.result import Sensitivity
from estimates.analysis.voi.result import ValueOfInformation
from estimates.analysis.whatif.result import WhatIf
from estimates.plots.break_even import break_even
from estimates.plots.conflict import conflict
from estimates.plots.forest import forest
from estimates.plots.inverse import inverse
from estimates.plots.multiverse import multiverse
from estimates.plots.tornado import sensitivity_drawings
from estimates.plots.voi import voi
from estimates.plots.whatif import whatif
from estimates.plots.write import Drawing


def analysis_figures(
    question: str, found: Analysis | Result, fit: xr.DataTree
) -> Iterator[tuple[str, Figure]]:
    """Every figure that there is of an answer, with its name.

    Parameters
    ----------
    question : the command's name
    fit : what was asked about
    """
    for name, draw in analysis_drawings(question, found, fit):
        figure = draw()
        if figure is not None:
            yield name, figure


def analysis_drawings(
    question: str, found: Analysis | Result, fit: xr.DataTree
) -> list[tuple[str, Drawing]]:
    """The name of every figure that an answer may have, and how it is drawn."""
    match found:
        case Conflict():
            return [("conflict", partial(conflict, found))]
        case Forest():
            return [("forest", partial(forest, found, fit))]
        case ValueOfInformation():
            return [("voi", partial(voi, found))]
        case Sensitivity():
            return sensitivity_drawings(found)
        case WhatIf():
            return [("whatif", partial(whatif, found))]
        case Inverse():
            return [
                ("inverse", partial(inverse, found)),
                ("inverse-break-even", partial(break_even, found, fit)),
            ]
    assert isinstance(found, Analysis)
    match question:
        case "multiverse":
            return [("multiverse", partial(multiverse, found))]
    raise ValueError(f"there are no figures of '{question}'")
