"""The figures of each answer: a line for every analysis that has some."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import xarray as xr
from matplotlib.figure import Figure

from estimates.analysis.conflict.result import Conflict
from estimates.analysis.forest.result import Forest
from estimates.analysis.inverse.result import Inverse
from estimates.analysis.multiverse.result import Multiverse
from estimates.analysis.result import Result
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


def analysis_figures(found: Result, fit: xr.DataTree) -> Iterator[tuple[str, Figure]]:
    """Every figure that there is of an answer, with its name.

    Parameters
    ----------
    fit : what was asked about
    """
    for name, draw in analysis_drawings(found, fit):
        figure = draw()
        if figure is not None:
            yield name, figure


def analysis_drawings(found: Result, fit: xr.DataTree) -> list[tuple[str, Drawing]]:
    """The name of every figure that an answer may have, and how it is drawn."""
    match found:
        case Conflict():
            return [("conflict", partial(conflict, found))]
        case Forest():
            return [("forest", partial(forest, found, fit))]
        case Inverse():
            return [
                ("inverse", partial(inverse, found)),
                ("inverse-break-even", partial(break_even, found, fit)),
            ]
        case Multiverse():
            return [("multiverse", partial(multiverse, found))]
        case Sensitivity():
            return sensitivity_drawings(found)
        case ValueOfInformation():
            return [("voi", partial(voi, found))]
        case WhatIf():
            return [("whatif", partial(whatif, found))]
    return []
