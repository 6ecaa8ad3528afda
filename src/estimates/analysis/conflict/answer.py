"""The fit itself, as what is left when nothing is left out: what held-out figures stand beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from estimates.analysis.conflict.refits import Partial
from estimates.language.expression import NUMPY_OPS, evaluate, names
from estimates.model import BoundClaim, Model
from estimates.model.combinations import Distinct


def answer_of(
    fit: xr.DataTree, model: Model, readings: Sequence[Distinct], use: BoundClaim
) -> Partial:
    """The answer under each reading, with draws of what a held-out figure is about."""
    told = fit["readings"].to_dataset()
    drawn = fit["by_reading"].to_dataset()
    env = {name: drawn[name].values for name in names(use.value)}
    shape = (len(readings), drawn.sizes["chain"], drawn.sizes["draw"])
    every = np.broadcast_to(np.asarray(evaluate(use.value, env, NUMPY_OPS), dtype=float), shape)
    part = np.full(len(readings), -1, dtype=np.int64)
    place: dict[tuple[int, str], int] = {}
    values: list[Any] = []
    for number, reading in enumerate(readings):
        resolved = model.resolve(use.value, reading.choice)
        if resolved is None or told["status"].values[number] != "ok":
            continue
        key = (int(told["fit"].values[number]), str(resolved))
        if key not in place:
            place[key] = len(values)
            values.append(every[number])
        part[number] = place[key]
    return Partial(
        np.asarray(told["posterior"].values, dtype=float),
        np.atleast_2d(np.cov(told["weight_simulated"].values, rowvar=False)),
        np.asarray(told["log_evidence"].values),
        np.asarray(told["log_evidence_se"].values),
        {use.id: np.stack(values) if values else np.empty((0, *shape[1:]))},
        {use.id: part},
        (),
    )
