"""Which cells of a model belong together: what results put back into tables and arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from estimates.language.expression import Expression
from estimates.model.dimensions import Dimensions

#: The labels of a cell, one a dimension.
type Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one quantity, relation or target.

    Attributes
    ----------
    name : as written
    over : its dimensions
    cells : the name of every cell by its labels, the last dimension varying fastest
    """

    name: str
    over: tuple[str, ...]
    cells: Mapping[Labels, str]

    def headline(self, dimensions: Dimensions) -> str:
        """Return the cell that stands for all: of its first labels, at the last date."""
        first, time = next(iter(self.cells)), dimensions.time
        if time is None or time.name not in self.over:
            return self.cells[first]
        place = self.over.index(time.name)
        return self.cells[*first[:place], time.labels[-1], *first[place + 1 :]]


#: Sparse rows: of each the columns and their weights.
type Rows = tuple[tuple[tuple[int, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Path:
    """The cells of a walk as one linear map, on the link scale, of standard normal steps.

    h(cells) = start · h(starts) + by · (√ρ · shared · (what is shared) + √(1−ρ) · own · steps). It
    is what the cells' own priors say one after another, and is computed at once.

    Attributes
    ----------
    link : `identity`, `log` or `logit`
    members : the cells, all but those at which the path starts
    starts : the cells at which the path starts
    by : the size of a year's step
    parts : √(1−ρ) of a cell's own steps, √ρ of what is shared
    common : unknowns that cells share
    start : of each member the place of its start among `starts`
    own, shared : the maps, a row a member
    """

    link: str
    members: tuple[str, ...]
    starts: tuple[str, ...]
    by: Expression
    parts: tuple[Expression, Expression]
    common: tuple[str, ...]
    start: tuple[int, ...]
    own: Rows
    shared: Rows


@dataclass(frozen=True)
class Panel:
    """The dimensions of a model and what is over them; empty where a model has none.

    Attributes
    ----------
    dimensions : by name, parts too
    grids : by name, quantities and relations over dimensions
    targets : the targets as written; one without dimensions is its own only cell
    dated : cells at dates between the labels, which claims need: the quantity and the labels
    made : basic unknowns that the program made, such as the size of steps
    paths : the walks, each as one map
    """

    dimensions: Dimensions = field(default_factory=Dimensions)
    grids: Mapping[str, Grid] = field(default_factory=dict)
    targets: tuple[Grid, ...] = ()
    dated: Mapping[str, tuple[str, Labels]] = field(default_factory=dict)
    made: frozenset[str] = frozenset()
    paths: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dimensions)

    @cached_property
    def home(self) -> Mapping[str, tuple[str, Labels]]:
        """The quantity and labels of every cell, those at dates too."""
        found = {
            cell: (grid.name, labels)
            for grid in self.grids.values()
            for labels, cell in grid.cells.items()
        }
        return {**found, **self.dated}

    @property
    def linking(self) -> frozenset[str]:
        """What is no cell of the model as written: what the program made, and cells at dates."""
        return self.made | self.dated.keys()

    def quantity(self, name: str) -> str:
        """Return the quantity that a cell belongs to; of whatever is no cell, itself."""
        return self.home[name][0] if name in self.home else name
