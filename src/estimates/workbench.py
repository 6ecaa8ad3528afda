"""The questions that `reproduce` asks of every fit."""

from __future__ import annotations

from collections.abc import Callable

import xarray as xr

from estimates.analysis import Analysis
from estimates.conflict import find_conflicts
from estimates.files import load_json
from estimates.information import value_information
from estimates.inversion import invert
from estimates.sensitivity import find_drivers
from estimates.sweep import Progress, Workers

type Ask = Callable[[xr.DataTree, Workers, Progress | None], Analysis]

QUESTIONS: dict[str, Ask] = {
    "sensitivity": lambda fit, workers, told: find_drivers(fit, workers=workers, progress=told),
    "conflict": lambda fit, workers, told: find_conflicts(fit, workers=workers, progress=told),
    "inverse": lambda fit, workers, told: invert(fit, workers=workers, progress=told),
    "worth": lambda fit, workers, told: value_information(fit, workers=workers, progress=told),
}
#: What has to be cited for them to have an answer.
_NEED_A_FIGURE = ("inverse",)


def ask_all(
    fit: xr.DataTree, workers: Workers, progress: Progress | None = None
) -> dict[str, Analysis]:
    """Every question that a fit has an answer to, by the name of its command."""
    model = load_json(fit.attrs["model"])
    cited = any(use.held_out for use in model.uses)
    return {
        name: ask(fit, workers, progress)
        for name, ask in QUESTIONS.items()
        if cited or name not in _NEED_A_FIGURE
    }
