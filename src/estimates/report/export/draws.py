"""The draws of a fit, which is in the schema of ArviZ, as a netCDF file or a Zarr store."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from estimates._util.files import replacing, scratch_beside
from estimates.errors import Fault, InputError

if TYPE_CHECKING:
    import xarray as xr

#: What a file of draws may be called.
ENDINGS = (".nc", ".zarr", ".zarr.zip")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows: the same draws, the same bytes
_MARKS = (".zgroup", "zarr.json")


def write_draws(fit: xr.DataTree, path: Path) -> None:
    """Write the draws in ArviZ's schema, whole or not at all, in place of what is there.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    path : `NAME.nc` (netCDF 4), `NAME.zarr` (a folder, Zarr format 2, which every reader knows) or
        `NAME.zarr.zip` (the same as one file)

    Raises
    ------
    InputError : for another name, or where the path is a folder that is no Zarr store

    See Also
    --------
    export : tables and draws in a folder

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import xarray as xr
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> with TemporaryDirectory() as folder:
    ...     est.write_draws(fit, Path(folder) / "fit.nc")
    ...     sizes = xr.load_datatree(Path(folder) / "fit.nc")["posterior"].sizes
    >>> dict(sizes) == dict(fit["posterior"].sizes)
    True
    """
    path = Path(path)
    check_path(path)
    if path.name.endswith(".nc"):
        with replacing(path) as temporary:
            fit.to_netcdf(temporary, engine="h5netcdf")
        return
    with scratch_beside(path) as scratch:
        store = scratch / "new"
        fit.to_zarr(store, zarr_format=2, consolidated=True)
        if path.name.endswith(".zip"):
            with replacing(path) as temporary:
                _zip(store, temporary)
            return
        if path.exists():
            path.rename(scratch / "old")
        store.rename(path)


def check_path(path: Path) -> None:
    """Refuse what draws cannot be written to; see `write_draws`."""
    if not path.name.endswith(ENDINGS):
        endings = ", ".join(ENDINGS[:-1]) + f" or {ENDINGS[-1]}"
        raise InputError([Fault(f"{path}: draws are written to a name that ends in {endings}")])
    is_store = path.name.endswith(".zarr")
    if path.is_dir() and not (is_store and any((path / mark).is_file() for mark in _MARKS)):
        raise InputError([Fault(f"{path} is a folder that is not a Zarr store; name another path")])
    if is_store and path.is_file():
        raise InputError([Fault(f"{path} is a file; a Zarr store is a folder, or ends in .zip")])


def _zip(store: Path, path: Path) -> None:
    """Store a Zarr folder as one file, uncompressed since its chunks are compressed already."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(p for p in store.rglob("*") if p.is_file()):
            info = zipfile.ZipInfo(file.relative_to(store).as_posix(), _EPOCH)
            archive.writestr(info, file.read_bytes())
