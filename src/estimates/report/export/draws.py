"""The draws of a fit in the schema of ArviZ, as netCDF or Zarr.

The groups of a fit, with four changes for tools that know nothing of readings:

- `posterior` and `prior` hold quantities only; the reading that a draw comes from is in
  `sample_stats`, its names in the attribute `readings`;
- `sample_stats` is of the draws of `posterior` (chain, draw), under ArviZ's names. Energies and
  densities of several fits are of different densities and cannot stand side by side: then they are
  in `sample_stats_by_fit` alone;
- `log_likelihood` is one variable, `claims` (chain, draw, claim), so that `arviz.loo` takes each
  claim for an observation; a copy that repeats another word for word is none and is left out;
- `observed_data` has the datum of each claim on its own scale, beside its kind and width.

https://python.arviz.org/projects/base/en/latest/how_to/InferenceData_schema.html
"""

from __future__ import annotations

import json
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from estimates._util.files import replacing, scratch_beside
from estimates.errors import Fault, InputError

if TYPE_CHECKING:
    import xarray as xr

#: What a file of draws may be called.
ENDINGS = (".nc", ".zarr", ".zarr.zip")
_NAMES = {"depth": "tree_depth", "logp": "lp"}
#: Statistics that mean something only beside others of the same fit.
_OF_ONE_DENSITY = ("energy", "lp")
_ALIKE = ("by_reading", "prior_by_reading", "readings")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip knows: the same draws, the same bytes
_MARKS = (".zgroup", "zarr.json")


def arviz_tree(fit: xr.DataTree) -> xr.DataTree:
    """A fit as ArviZ expects it: see this module.

    Parameters
    ----------
    fit : what `estimates.fit` returned

    Returns
    -------
    DataTree with the fit's attributes and those of the schema. Group by group: posterior, prior,
    sample_stats, sample_stats_by_fit, log_likelihood and observed_data (where claims are evidence),
    by_reading, prior_by_reading, readings.
    """
    import xarray as xr

    posterior = fit["posterior"].to_dataset()
    tree = {
        "posterior": posterior.drop_vars("reading"),
        "prior": fit["prior"].to_dataset().drop_vars("reading"),
        "sample_stats": _statistics(fit, posterior["reading"]),
        "sample_stats_by_fit": _renamed(fit),
    }
    if "log_likelihood" in fit.children:
        told = fit["log_likelihood"].to_dataset()
        # A copy that repeats another is counted once: it is silent, and no observation.
        told = told.drop_vars([name for name in told if not told[name].values.any()])
        tree["log_likelihood"] = _pointwise(told)
        tree["observed_data"] = _observed(fit, [str(name) for name in told.data_vars])
    tree |= {name: fit[name].to_dataset() for name in _ALIKE}
    result = xr.DataTree.from_dict(tree)
    result.attrs = {
        **fit.attrs,
        "inference_library": "estimates",
        "inference_library_version": version("estimates"),
    }
    return result


def write_draws(fit: xr.DataTree, path: Path) -> None:
    """Write the draws in ArviZ's schema, whole or not at all, in place of what is there.

    Parameters
    ----------
    path : `NAME.nc` (netCDF 4), `NAME.zarr` (a folder, Zarr format 2, which every reader knows) or
        `NAME.zarr.zip` (the same as one file)

    Raises
    ------
    InputError : for another name, or where the path is a folder that is no Zarr store
    """
    path = Path(path)
    check_path(path)
    tree = arviz_tree(fit)
    if path.name.endswith(".nc"):
        with replacing(path) as temporary:
            tree.to_netcdf(temporary, engine="h5netcdf")
        return
    with scratch_beside(path) as scratch:
        store = scratch / "new"
        tree.to_zarr(store, zarr_format=2, consolidated=True)
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
        raise InputError([Fault(f"{path} is a folder that is no Zarr store; name another path")])
    if is_store and path.is_file():
        raise InputError([Fault(f"{path} is a file; a Zarr store is a folder, or ends in .zip")])


def _renamed(fit: xr.DataTree) -> xr.Dataset:
    found = fit["sample_stats"].to_dataset()
    return found.rename({old: new for old, new in _NAMES.items() if old in found})


def _statistics(fit: xr.DataTree, reading: xr.DataArray) -> xr.Dataset:
    """The sampler's statistics of each draw of the posterior, and its reading.

    A draw of the mixture is the draw of its reading's fit at the same place; with very many
    readings fewer are kept of each fit, and then only the reading can be told.
    """
    import xarray as xr

    labels = fit["readings"].to_dataset()["reading"].values.tolist()
    which = reading.assign_attrs(readings=json.dumps(labels, ensure_ascii=False))
    found = _renamed(fit)
    fits = fit["readings"].to_dataset()["fit"].values
    places: dict[str, Any] = {"reading": which}
    for name, values in found.data_vars.items():
        several = values.sizes["fit"] > 1
        if values.shape[1:] != reading.shape or (several and name in _OF_ONE_DENSITY):
            continue
        chain, draw = np.indices(reading.shape)
        of_draw = values.values[fits[reading.values], chain, draw]
        places[str(name)] = (("chain", "draw"), of_draw, values.attrs)
    return xr.Dataset(places, coords={dim: reading[dim] for dim in ("chain", "draw")})


def _pointwise(told: xr.Dataset) -> xr.Dataset:
    names = list(told.data_vars)
    stacked = np.stack([told[name].values for name in names], axis=-1)
    return told.drop_vars(names).assign(claims=(("chain", "draw", "claim"), stacked)).assign_coords(
        claim=[str(name) for name in names]
    )  # fmt: skip


def _observed(fit: xr.DataTree, names: list[str]) -> xr.Dataset:
    """The datum of each claim: y on its scale, the number of successes, or 1 for a statement."""
    import xarray as xr

    from estimates.model.io import load_json
    from estimates.model.likelihood import Count, Noisy, Yes, sampling_model

    model = load_json(fit.attrs["model"])
    uses = {use.id: use for use in model.uses}
    data: dict[str, list[Any]] = {name: [] for name in ("claims", "width", "trials")}
    words: dict[str, list[str]] = {name: [] for name in ("kind", "scale", "unit")}
    for name in names:
        term = sampling_model(uses[name], model.conventions)
        match term:
            case Noisy(y=datum, sigma=width):
                trials = np.nan
            case Yes(width=width, said=said):
                datum, trials = float(said), np.nan
            case Count(successes=successes, trials=asked):
                datum, width, trials = float(successes), np.nan, float(asked)
        for column, number in (("claims", datum), ("width", width), ("trials", trials)):
            data[column].append(number)
        for column, word in (
            ("kind", type(term).__name__.lower()),
            ("scale", term.scale.name),
            ("unit", uses[name].unit),
        ):
            words[column].append(word)
    along = {name: ("claim", column) for name, column in (data | words).items()}
    observed = xr.Dataset({"claims": along.pop("claims")}, coords={"claim": names, **along})
    observed["claims"].attrs["description"] = (
        "noisy: the datum on its scale, in its unit; count: successes of trials; yes: 1, said"
    )
    return observed


def _zip(store: Path, path: Path) -> None:
    """A Zarr folder as one file: stored as it is, since its chunks are compressed already."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(p for p in store.rglob("*") if p.is_file()):
            info = zipfile.ZipInfo(file.relative_to(store).as_posix(), _EPOCH)
            archive.writestr(info, file.read_bytes())
