"""A fit as netCDF and back: in this one place what a file cannot tell is made what it was.

netCDF knows no list of one text, which comes back as the text, and no empty one, which comes back
as an array of no numbers.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import h5netcdf
import xarray as xr

from estimates.inference.origin import Origin


def to_netcdf(fit: xr.DataTree) -> bytes:
    """Return the netCDF file of a fit as bytes, made in memory: no disk can be full."""
    return bytes(fit.to_netcdf(engine="h5netcdf"))


def from_netcdf(content: bytes, groups: Sequence[str] | None = None) -> xr.DataTree:
    """Return a fit from its file, with all of its groups or some of those that it has.

    What links the cells of a group comes with it: views of the fit look for both.

    Raises
    ------
    InputError : where it is of another form than this version's
    """
    with _opened(content, groups) as wanted:
        # Not `tree.load()`: it passes over variables that bear the name of a group.
        for node in wanted.subtree:
            for variable in node.variables.values():
                variable.load()
    origin = Origin.of(wanted)
    wanted.attrs |= {
        "targets": list(origin.targets),
        "failed": list(origin.failed),
        "sampling": origin.sampling.lengths,
    }
    return wanted


def _opened(content: bytes, groups: Sequence[str] | None) -> xr.DataTree:
    """Return the tree of a file, nothing of which is read that is not wanted."""
    if groups is None:
        return xr.open_datatree(io.BytesIO(content), engine="h5netcdf")
    with h5netcdf.File(io.BytesIO(content)) as file:
        there = [name for name in file.groups if name.removesuffix("_links") in groups]
    opened = {
        f"/{name or ''}": xr.open_dataset(io.BytesIO(content), engine="h5netcdf", group=name)
        for name in (None, *there)
    }
    return xr.DataTree.from_dict(opened)
