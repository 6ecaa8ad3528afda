"""A fit as netCDF and back: in this one place what a file cannot tell is made what it was.

netCDF knows no list of one text, which comes back as the text, and no empty one, which comes back
as an array of no numbers.  What links cells is many arrays of one shape, which are one in the
file: each has a cost of its own, to write and to read.

A large fit, of a panel say, is written in single precision at most, and packed: what that changes
of a quantity is below a ten thousandth of its standard deviation (far out, of how far out it is),
where a Monte Carlo error is about a hundredth.  Whatever it would change more is written as it is.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import h5py
import numpy as np
import xarray as xr
from h5netcdf.attrs import Attributes
from h5netcdf.core import NOT_A_VARIABLE
from h5py.h5ds import get_scale_name, is_scale
from numpy.typing import NDArray

from estimates.inference.origin import Origin

_LARGE = 20_000_000  # bytes of a fit that is packed
_SMALL = 10_000  # bytes of a variable that is not
_VALUES, _ROWS = "values", "name"
_TOLD = ("unit", "label", "kind")  # of each of the arrays that are one in the file
_FEWEST, _BITS = 12, 23  # of a number in single precision, after the first
_OFF = 1e-4  # standard deviations by which a draw may be off


def to_netcdf(fit: xr.DataTree) -> bytes:
    """Return the netCDF file of a fit as bytes, made in memory: no disk can be full."""
    fit = _with_groups(fit, _stacked, "_links")
    if fit.nbytes <= _LARGE:
        return bytes(fit.to_netcdf(engine="h5netcdf"))
    fit = _with_groups(fit, _rounded)
    return bytes(fit.to_netcdf(engine="h5netcdf", encoding=_packing(fit)))


def _packing(fit: xr.DataTree) -> dict[str, dict[str, dict[str, bool | int]]]:
    """Return how a large fit is packed, by group and variable."""
    return {
        node.path: {
            str(name): {"zlib": True, "complevel": 1, "shuffle": True}
            for name, values in node.data_vars.items()
            if values.nbytes > _SMALL
        }
        for node in fit.subtree
    }


def _rounded(group: xr.Dataset) -> xr.Dataset:
    """Return a group with draws in as few digits as their spread asks for."""
    draws = {
        name: _brief(values)
        for name, values in group.data_vars.items()
        if values.nbytes > _SMALL and values.dtype == np.float64
    }
    return group.assign({name: values for name, values in draws.items() if values is not None})


def _brief(values: xr.DataArray) -> xr.DataArray | None:
    """Return draws in single precision, with the bits that their spread asks for alone.

    None where that would change them by more than next to nothing.
    """
    exact = values.values
    along = tuple(i for i, dim in enumerate(values.dims) if dim in ("chain", "draw"))
    there = np.isfinite(exact)
    known = np.where(there, exact, 0.0)
    mean, spread = known.mean(axis=along, keepdims=True), known.std(axis=along, keepdims=True)
    off = _OFF * np.maximum(spread, np.abs(exact - mean))  # far out, of how far that is
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        needed = np.ceil(np.log2((np.abs(mean) / spread + 1) / _OFF))
        bits = np.clip(np.where(np.isfinite(needed), needed, _BITS), _FEWEST, _BITS)
        brief = _with_bits(exact.astype(np.float32), bits.astype(np.uint32))
        beyond = np.abs(brief.astype(float) - exact) > off
    share = known.max(axis=along, keepdims=True) <= 1  # no draw of it may become 1
    edges = ((brief == 0) & (exact != 0)) | (share & (brief == 1) & (exact != 1))
    if (beyond & there).any() or edges.any():
        return None
    return None if (np.isfinite(brief) != there).any() else values.copy(data=brief)


def _with_bits(values: NDArray[np.float32], bits: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return numbers rounded to so many binary digits after the first, so that zeros are packed."""
    rest = np.uint32(_BITS) - bits
    half = (np.uint32(1) << rest) >> np.uint32(1)
    rounded = ((values.view(np.uint32) + half) >> rest << rest).view(np.float32)
    return np.where(np.isfinite(values), rounded, values)


def from_netcdf(content: bytes, groups: Sequence[str] | None = None) -> xr.DataTree:
    """Return a fit from its file, with all of its groups or some of those that it has.

    What links the cells of a group comes with it: views of the fit look for both.

    Raises
    ------
    InputError : where it is of another form than this version's
    """
    wanted = _opened(content, groups)
    # Not `tree.load()`: it passes over variables that bear the name of a group.
    for node in wanted.subtree:
        for variable in node.variables.values():
            variable.load()
            if variable.dtype == np.float32:
                variable.values = variable.values.astype(float)
    wanted = _with_groups(wanted, _unstacked, "_links")
    origin = Origin.of(wanted)
    wanted.attrs |= {
        "targets": list(origin.targets),
        "failed": list(origin.failed),
        "sampling": origin.sampling.lengths,
    }
    return wanted


def _opened(content: bytes, groups: Sequence[str] | None) -> xr.DataTree:
    """Return the tree of a file, nothing of which is read that is not wanted.

    HDF5 is asked itself: h5netcdf looks up each of a hundred small arrays forty times, which was
    most of what an answer from the store took.
    """
    with h5py.File(io.BytesIO(content)) as file:
        wanted = [name for name in file if groups is None or name.removesuffix("_links") in groups]
        return xr.DataTree.from_dict(
            {"/": xr.Dataset(attrs=_told(file))} | {name: _group(file[name]) for name in wanted}
        )


def _group(group: h5py.Group) -> xr.Dataset:
    """Return a group of a file as xarray has it; what is a dimension alone is no array."""
    arrays = {
        name.removeprefix("_nc4_non_coord_"): (_dims(one), _values(one), _told(one))
        for name, one in group.items()
        if not (is_scale(one.id) and get_scale_name(one.id).startswith(NOT_A_VARIABLE))
    }
    return xr.decode_cf(xr.Dataset(arrays, attrs=_told(group)))


def _dims(array: h5py.Dataset) -> list[str]:
    """Return the dimensions of an array, which are named by the arrays that scale them."""
    scales = (dim[0] if len(dim) else array for dim in array.dims)
    return [one.name.rsplit("/", 1)[1] for one in scales]


def _values(array: h5py.Dataset) -> NDArray[np.generic]:
    text = h5py.check_string_dtype(array.dtype) is not None
    return np.asarray(array.asstr()[()].astype(str) if text else array[()])


def _told(one: h5py.Group | h5py.Dataset) -> dict[str, object]:
    """Return the attributes of a group or an array, without those of the format."""
    return dict(Attributes(one.attrs, None, h5py))


def _with_groups(
    fit: xr.DataTree, made: Callable[[xr.Dataset], xr.Dataset], called: str = ""
) -> xr.DataTree:
    """Return a fit with other groups for those whose names end so; the one given stays."""
    groups = {
        name: xr.DataTree(made(one.to_dataset()))
        for name, one in fit.children.items()
        if name.endswith(called)
    }
    return fit.assign(groups) if groups else fit


def _stacked(links: xr.Dataset) -> xr.Dataset:
    """Return a group with its arrays (chain, draw) as one."""
    names = [name for name, one in links.data_vars.items() if one.dims == ("chain", "draw")]
    if not names:
        return links
    told = {key: ("name", [str(links[name].attrs.get(key, "")) for name in names]) for key in _TOLD}
    values = ("name", "chain", "draw"), np.stack([links[name].values for name in names])
    return links.drop_vars(names).assign({_VALUES: values} | told).assign_coords(name=names)


def _unstacked(links: xr.Dataset) -> xr.Dataset:
    """Return a group with each of its arrays by itself again."""
    if _VALUES not in links:
        return links
    (values,) = (one.values for name, one in links.data_vars.items() if name == _VALUES)
    (names,) = (one.values.tolist() for name, one in links.coords.items() if name == _ROWS)
    told = {key: links[key].values.tolist() for key in _TOLD}
    found = {
        name: (("chain", "draw"), values[i], {key: told[key][i] for key in _TOLD})
        for i, name in enumerate(names)
    }
    return links.drop_vars([_VALUES, *_TOLD, "name"]).assign(found)
