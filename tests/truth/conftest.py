"""What several files need: the headline model, fitted once."""

from __future__ import annotations

from pathlib import Path

import pytest
import xarray as xr

from estimates import fit, load

MODELS = Path(__file__).parents[2] / "models"


@pytest.fixture(scope="session")
def headline() -> xr.DataTree:
    """The fit of the headline model under its own seed."""
    return fit(load(MODELS / "scmp-2017-headline"))
