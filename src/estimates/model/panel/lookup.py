"""What a name stands for: a cell, or the cells of a quantity, with labels in any order."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING

from estimates.errors import Fault, InputError, did_you_mean
from estimates.language.phrases import spoken
from estimates.model.dates import Date
from estimates.model.dimensions import in_words
from estimates.model.panel.panel import Grid, Panel

if TYPE_CHECKING:
    from estimates.model.model import Model

_LABEL = re.compile(r"[\w-]+")


def cells_of(panel: Panel, name: str, there: Iterable[str]) -> tuple[str, ...]:
    """Return the names that a name stands for, in the order of the cells.

    `workers` stands for all cells of workers, `workers.china` for those of one label,
    `workers.gulf` for those of a part; `workers.2017.china` is `workers.china.2017`.

    Parameters
    ----------
    there : the names that there are

    Returns
    -------
    The names; none where nothing is called so

    Raises
    ------
    InputError : for a label that the quantity has not
    """
    there = frozenset(there)
    if name in there:
        return (name,)
    if not panel:
        return ()
    grids = {**panel.grids, **{grid.name: grid for grid in panel.targets}}
    if name in grids:
        return _unique(grids[name].cells.values(), there)
    heads = [one for one in grids if name.startswith(f"{one}.")]
    if not heads:
        return ()
    grid = grids[max(heads, key=len)]
    labels = name[len(grid.name) + 1 :].split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        return ()  # an expression that begins with a cell
    for dated, (quantity, where) in panel.dated.items():
        if quantity == grid.name and sorted(where) == sorted(labels):
            return _unique([dated], there)
    return _unique(_chosen(panel, grid, labels, name), there)


def one_of(panel: Panel, name: str, there: Iterable[str]) -> str:
    """Return the one name that stands where a target is asked for.

    Of a quantity over dimensions its headline, the last date of its first labels; a name that
    stands for nothing comes back as it is.

    Raises
    ------
    InputError : for a label that the quantity has not
    """
    there = frozenset(there)
    found = cells_of(panel, name, there)
    for grid in (*panel.grids.values(), *panel.targets):
        lead = grid.headline(panel.dimensions)
        if name == grid.name and lead in there:
            return lead
    if len(found) < 2:
        return found[0] if found else name
    *_, last = (one for one in found if one.split(".")[1:2] == found[0].split(".")[1:2])
    return last


def known_names(panel: Panel, there: Iterable[str]) -> list[str]:
    """Return the names that a hint may offer: quantities and targets first, then cells."""
    return list(dict.fromkeys([*panel.grids, *(grid.name for grid in panel.targets), *there]))


def label_of(model: Model, name: str) -> str:
    """Return the label of a quantity, as it is declared, or of one of its cells; may be ""."""
    parts = model.parts
    written = parts.panels.get(name) or parts.relations.get(name) or parts.quantities.get(name)
    found = written or model.quantities.get(name) or model.relations.get(name)
    return found.label if found else ""


def words_for(model: Model, name: str) -> str:
    """Return the label of a quantity or a cell, or its name in words where it has none."""
    return label_of(model, name) or spoken(name)


def _chosen(panel: Panel, grid: Grid, labels: list[str], name: str) -> list[str]:
    """Return the cells that have some labels."""
    dimensions = panel.dimensions
    wanted: dict[str, tuple[str, ...]] = {}
    for label in labels:
        part = label in dimensions and bool(dimensions[label].of)
        owner = dimensions[label].of if part else dimensions.dimension_of.get(label)
        if owner is None or owner not in grid.over:
            raise InputError([Fault(f"{_wrong(panel, grid, label, owner)} (in '{name}')")])
        if owner in wanted:
            raise InputError([Fault(f"'{name}' gives {owner} twice")])
        wanted[owner] = dimensions[label].labels if part else (label,)
    every = (wanted.get(one) or dimensions[one].labels for one in grid.over)
    return [grid.cells[at] for at in product(*every)]


def _wrong(panel: Panel, grid: Grid, label: str, owner: str | None) -> str:
    if owner is not None:
        return f"'{grid.name}' is over {in_words(grid.over)}, not over {owner}, as '{label}' is"
    known = [one for name in grid.over for one in panel.dimensions[name].labels]
    date = Date.of(label)
    if date is not None and any(panel.dimensions[name].time for name in grid.over):
        hint = f"; no claim is about {label}, so the fit has no value of it"
    else:
        hint = did_you_mean(label, known) or f"; there are {', '.join(known)}"
    return f"unknown label '{label}' of {in_words(grid.over)}{hint}"


def _unique(cells: Iterable[str], there: frozenset[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell for cell in cells if cell in there))
