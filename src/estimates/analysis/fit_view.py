"""One view of a fit."""

from __future__ import annotations

import xarray as xr

from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import fit
from estimates.model import Model


def fitted(
    what: Model | xr.DataTree, workers: Workers | None = None, progress: Progress | None = None
) -> xr.DataTree:
    """The fit itself; of a model, one with its own seed."""
    return fit(what, workers=workers, progress=progress) if isinstance(what, Model) else what
