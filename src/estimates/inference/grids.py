"""Draws of cells as labelled arrays, and back: `workers(chain, draw, country, year)`.

Within the program a cell is a quantity of its own; whoever looks at a fit has one array for each
quantity.  What the program made to link cells, such as the size of steps, and cells at dates that
only claims need, are in a group of their own, `posterior_links` and `prior_links`, known numbers as
one number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.errors import Fault, InputError, did_you_mean
from estimates.inference.program import names_of
from estimates.inference.var_names import FilterVars, VarNames, chosen
from estimates.model import FixedValue, Model
from estimates.model.dimensions import Dimension
from estimates.model.panel.lookup import cells_of, known_names
from estimates.model.panel.panel import Grid

Array = NDArray[np.float64]
type Labelled = dict[str, tuple[tuple[str, ...], Array]]


def coordinate(dimension: Dimension) -> list[str] | list[int]:
    """Return the labels of a dimension as a coordinate, years as numbers, as they are written."""
    if dimension.time and all(label.isdigit() for label in dimension.labels):
        return [int(label) for label in dimension.labels]
    return list(dimension.labels)


def coordinates(model: Model, over: Iterable[str]) -> dict[str, list[str] | list[int]]:
    """Return the coordinates of some dimensions."""
    return {name: coordinate(model.panel.dimensions[name]) for name in over}


def gathered(model: Model, values: Mapping[str, Array], dims: tuple[str, ...]) -> Labelled:
    """Return arrays by name, the cells of a quantity in one.

    Parameters
    ----------
    values : by name, of the shape of `dims`; a quantity is gathered if all of its cells are here

    Returns
    -------
    by name, in the order of the names, dimensions and values
    """
    found: Labelled = {}
    grids = {
        cell: grid
        for grid in model.panel.grids.values()
        if all(cell in values for cell in grid.cells.values())
        for cell in grid.cells.values()
        if model.panel.home.get(cell, (grid.name,))[0] == grid.name
    }
    for name, array in values.items():
        grid = grids.get(name)
        if grid is None:
            found[name] = (dims, array)
        elif grid.name not in found:
            found[grid.name] = ((*dims, *grid.over), _stacked(model, grid, values))
    return found


def _stacked(model: Model, grid: Grid, values: Mapping[str, Array]) -> Array:
    lengths = [len(model.panel.dimensions[one].labels) for one in grid.over]
    stacked = np.stack([values[cell] for cell in grid.cells.values()], axis=-1)
    return np.ascontiguousarray(stacked.reshape(*stacked.shape[:-1], *lengths))


def dataset(
    model: Model, values: Mapping[str, Array], dims: tuple[str, ...] = ("chain", "draw")
) -> xr.Dataset:
    """Return arrays by name as a labelled dataset, the cells of a quantity in one array."""
    found = gathered(model, values, dims)
    used = dict.fromkeys(dim for axes, _ in found.values() for dim in axes[len(dims) :])
    shape = next(iter(values.values())).shape if values else ()
    along = {dim: np.arange(size) for dim, size in zip(dims, shape, strict=False)}
    return xr.Dataset(found, coords=along | coordinates(model, used))


def links_dataset(model: Model, values: Mapping[str, Array]) -> xr.Dataset:
    """Return what links cells (chain, draw); of known numbers one value each."""
    made = {name: values[name] for name in values if name in model.panel.linking}
    known = {
        name
        for name in made
        if name in model.panel.made and isinstance(model.quantities[name].prior, FixedValue)
    }
    found = dataset(model, {name: one for name, one in made.items() if name not in known})
    return found.assign({name: ((), float(made[name].flat[0])) for name in made if name in known})


def draws_of(fit: xr.DataTree, group: str, model: Model) -> dict[str, Array]:
    """Return the arrays (chain, draw) of a group of a fit, with its links, by cell; none if absent.

    Parameters
    ----------
    group : `posterior` or `prior`
    """
    mixed, links = (
        fit[name].to_dataset() if name in fit.children else xr.Dataset()
        for name in (group, f"{group}_links")
    )
    return by_cell(model, mixed, links)


def by_cell(model: Model, mixed: xr.Dataset, links: xr.Dataset) -> dict[str, Array]:
    """Return the arrays (chain, draw) of a group, and of its links, by cell."""
    shape = tuple(mixed.sizes[dim] for dim in ("chain", "draw") if dim in mixed.sizes)
    found: dict[str, Array] = {}
    for name, values in mixed.data_vars.items():
        grid = model.panel.grids.get(str(name))
        array = np.asarray(values.values, dtype=float)
        if grid is None:
            found[str(name)] = array
            continue
        cells = np.moveaxis(array.reshape(*array.shape[:2], -1), -1, 0)
        found.update(zip(grid.cells.values(), np.ascontiguousarray(cells), strict=True))
    for name, values in links.data_vars.items():
        array = np.asarray(values.values, dtype=float)
        found[str(name)] = np.broadcast_to(array, shape) if array.ndim == 0 else array
    # A group may have been given further variables, of which the model knows nothing.
    return {name: found[name] for name in names_of(model) if name in found}


def wanted(
    model: Model, var_names: VarNames, there: Iterable[str], filter_vars: FilterVars = None
) -> list[str]:
    """Return the names that are asked for, as ArviZ reads `var_names`; of quantities the cells.

    Raises
    ------
    InputError : for a name that matches nothing
    """
    there = list(there)
    if not model.panel:
        return chosen(var_names, there, filter_vars)
    there = ordered(model, there)
    if var_names is None or filter_vars is not None:
        return chosen(var_names, there, filter_vars)
    asked = [var_names] if isinstance(var_names, str) else list(var_names)
    spread = [
        f"{'~' * one.startswith('~')}{cell}"
        for one in asked
        for cell in named(model, one.removeprefix("~"), there)
    ]
    return chosen(spread, there, filter_vars)


def ordered(model: Model, there: Iterable[str]) -> list[str]:
    """Return names in the order of the cells of each quantity, what the program made last.

    Figures within expressions, such as `2 year`, are left out.
    """
    there = [name for name in there if not _figure(model, name)]
    panel, known = model.panel, set(there)
    cells = [cell for grid in panel.grids.values() for cell in grid.cells.values()]
    first = dict.fromkeys([*model.targets, *cells])
    rest = [name for name in there if name not in first]
    last = [name for name in rest if name in panel.made]
    middle = [name for name in rest if name not in panel.made]
    return [name for name in (*first, *middle, *last) if name in known]


def _figure(model: Model, name: str) -> bool:
    quantity = model.quantities.get(name) if name in model.panel.made else None
    return quantity is not None and isinstance(quantity.prior, FixedValue)


def named(model: Model, name: str, there: Iterable[str]) -> tuple[str, ...]:
    """Return the cells that a name stands for.

    Raises
    ------
    InputError : where nothing is called so
    """
    there = list(there)
    found = cells_of(model.panel, name, there)
    if not found:
        hint = did_you_mean(name, known_names(model.panel, there))
        raise InputError([Fault(f"no '{name}' in the fit{hint}")])
    return found
