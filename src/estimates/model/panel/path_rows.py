"""The cells of a walk as rows of one linear map, added one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from estimates.language.expression import Expression
from estimates.model.panel.panel import Path, Rows

#: Weights by name.
type Weights = dict[str, float]


@dataclass(frozen=True)
class PathRows:
    """What each cell is made of: the cell where its path starts, its own steps, what is shared."""

    starts: dict[str, str] = field(default_factory=dict)
    own: dict[str, Weights] = field(default_factory=dict)
    shared: dict[str, Weights] = field(default_factory=dict)

    def begin(self, cell: str) -> None:
        """Begin a path at a cell."""
        self.starts[cell], self.own[cell], self.shared[cell] = cell, {}, {}

    def add(
        self,
        cell: str,
        line: Sequence[tuple[float, str]],
        common: Mapping[str, float],
        sd: float,
    ) -> None:
        """Add a cell that lies about a line of others by a step of its own, and shares others.

        The weights of a line add up to 1, and all of it begins at one start.
        """
        self.starts[cell] = self.starts[line[0][1]]
        for rows in (self.own, self.shared):
            rows[cell] = _mixed([(weight, rows[other]) for weight, other in line])
        self.own[cell][cell] = sd
        for name, weight in common.items():
            self.shared[cell][name] = self.shared[cell].get(name, 0.0) + weight

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells with a step of their own."""
        return tuple(cell for cell, steps in self.own.items() if cell in steps)

    def path(self, link: str, by: Expression, parts: tuple[Expression, Expression]) -> Path:
        """Return the whole as one map."""
        cells = self.cells
        starts = tuple(cell for cell in self.starts if cell not in cells)
        common = tuple(dict.fromkeys(name for cell in cells for name in self.shared[cell]))
        return Path(
            link,
            cells,
            starts,
            by,
            parts,
            common,
            tuple(starts.index(self.starts[cell]) for cell in cells),
            _rows(cells, self.own, cells),
            _rows(cells, self.shared, common),
        )


def _mixed(parts: Sequence[tuple[float, Weights]]) -> Weights:
    found: Weights = {}
    for weight, weights in parts:
        for name, one in weights.items():
            found[name] = found.get(name, 0.0) + weight * one
    return found


def _rows(cells: Sequence[str], of: Mapping[str, Weights], columns: Sequence[str]) -> Rows:
    place = {name: i for i, name in enumerate(columns)}
    return tuple(
        tuple((place[name], weight) for name, weight in of[cell].items() if weight)
        for cell in cells
    )
