"""The questions that `reproduce` asks of every fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import xarray as xr

from estimates._util.parts import Parts
from estimates.analysis.conflict import conflict
from estimates.analysis.inverse.run import inverse
from estimates.analysis.result import Analysis, Result
from estimates.analysis.sensitivity import sensitivity
from estimates.analysis.voi.run import voi
from estimates.inference.jobs import Progress, Workers
from estimates.model.io import load_json

type Ask = Callable[[xr.DataTree, Workers, Progress | None], Analysis | Result]

QUESTIONS: dict[str, Ask] = {
    "sensitivity": lambda fit, workers, told: sensitivity(fit, workers=workers, progress=told),
    "conflict": lambda fit, workers, told: conflict(fit, workers=workers, progress=told),
    "inverse": lambda fit, workers, told: inverse(fit, workers=workers, progress=told),
    "voi": lambda fit, workers, told: voi(fit, workers=workers, progress=told),
}
#: What the answer to each is called, as a part of a whole.
NAMES = {
    "sensitivity": "what carries the answer",
    "conflict": "whether the claims contradict each other",
    "inverse": "what would have to be true",
    "voi": "what to find out next",
}
#: What has to be cited for them to have an answer.
_NEED_A_FIGURE = ("inverse",)


def ask_all(
    fit: xr.DataTree, workers: Workers, progress: Progress | None = None, parts: Parts | None = None
) -> dict[str, Analysis | Result]:
    """Every question that a fit has an answer to, by the name of its command.

    Parameters
    ----------
    parts : makes each answer as a part; one that breaks is not there.  Without it every exception
        ends all
    """
    model = load_json(fit.attrs["model"])
    cited = any(use.held_out for use in model.uses)
    answers = {}
    for name, ask in QUESTIONS.items():
        if not cited and name in _NEED_A_FIGURE:
            continue
        work = partial(ask, fit, workers, progress)
        run = f"estimates {name} {fit.attrs['slug']}"
        found = work() if parts is None else parts.make(NAMES[name], work, run)
        if found is not None:
            answers[name] = found
    return answers
