"""The figures of each question about a fit, by the name of its command."""

from __future__ import annotations

from collections.abc import Iterator

import xarray as xr
from matplotlib.figure import Figure

from estimates.analysis import Analysis
from estimates.figures.break_even import break_even
from estimates.figures.conflict import conflict
from estimates.figures.inverse import inverse
from estimates.figures.multiverse import multiverse
from estimates.figures.sensitivity import sensitivity_figures
from estimates.figures.whatif import whatif
from estimates.figures.worth import worth


def analysis_figures(
    question: str, found: Analysis, fit: xr.DataTree
) -> Iterator[tuple[str, Figure]]:
    """Every figure that there is of an answer, with its name.

    Parameters
    ----------
    question : the command's name
    fit : what was asked about
    """
    drawn: list[tuple[str, Figure | None]]
    match question:
        case "sensitivity":
            drawn = list(sensitivity_figures(found.document))
        case "inverse":
            drawn = [("inverse", inverse(found)), ("inverse-break-even", break_even(found, fit))]
        case "conflict":
            drawn = [("conflict", conflict(found))]
        case "worth":
            drawn = [("worth", worth(found))]
        case "whatif":
            drawn = [("whatif", whatif(found))]
        case "multiverse":
            drawn = [("multiverse", multiverse(found))]
        case _:
            raise ValueError(f"there are no figures of '{question}'")
    for name, figure in drawn:
        if figure is not None:
            yield name, figure
