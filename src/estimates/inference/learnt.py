"""How much the claims tell of each cell: by how much narrower it is than beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from estimates.inference.statistics import interval_of
from estimates.inference.tree_view import TreeView
from estimates.inference.var_names import CI_PROB
from estimates.language.expression import Expression, names
from estimates.model import Model
from estimates.model.panel.panel import Labels
from estimates.stats.natural import Natural

#: A cell of which no claim speaks by itself, and which is narrower by less than this part, is said
#: to be known from its prior alone.
LITTLE = 0.1


class Learnt:
    """What a fit has learnt of the cells of its panel."""

    def __init__(self, view: TreeView) -> None:
        self._view = view

    def of(self, name: str) -> dict[str, str | float | bool | Mapping[str, str] | None]:
        """Return what a summary says of a cell: its quantity and labels, and what was learnt."""
        model = self._view.model
        home = model.panel.home.get(name)
        if home is None:
            return {}
        quantity, labels = home
        share = self.share(name)
        return {
            "of": quantity,
            "labels": labels_of(model, quantity, labels),
            "learnt": share,
            "informed": self._informed(name, share),
        }

    def share(self, name: str) -> float | None:
        """Return by which part the 90 % interval of a cell is narrower than that of its prior.

        On the scale on which its prior is normal, or as they are where an end lies at the edge of
        that, such as nobody left.  None where either is not known.
        """
        view = self._view
        if name not in view.before:
            return None
        scale = Natural.of(view.model.support_of(name))
        ends = []
        for draws, weights in ((view.drawn, view.weights), (view.before, view.stated)):
            low, high = interval_of(draws[name], weights, CI_PROB)
            if low is None or high is None:
                return None
            ends.append((low, high))
        mapped = scale.forward(np.array(ends))
        after, before = np.diff(mapped if np.isfinite(mapped).all() else ends)[:, 0].tolist()
        found = 1 - after / before if before > 0 else np.nan
        return float(found) if np.isfinite(found) else None

    def _informed(self, name: str, share: float | None) -> bool:
        view = self._view
        heavy = np.flatnonzero(view.weights > 0)
        if all(view.prior_only(int(reading), name) for reading in heavy):
            return False
        return name in self._alone or share is None or share >= LITTLE

    @cached_property
    def _alone(self) -> frozenset[str]:
        """The cells that claims are about by themselves, not as a part of a sum."""
        model = self._view.model
        spoken = claims_of_cells(model)
        found: set[str] = set()
        for use in model.uses:
            places: dict[str, set[Labels]] = {}
            for cell in () if use.held_out else spoken[use.id]:
                places.setdefault(model.panel.home[cell][0], set()).add(_place(model, cell))
            found |= {
                cell
                for cell in spoken[use.id]
                if len(places.get(model.panel.home[cell][0], ())) == 1
            }
        return frozenset(found)


def claims_of_cells(model: Model) -> dict[str, frozenset[str]]:
    """Return the cells that each claim is about, by claim, those held out too.

    A claim about a relation is about what it is made of too: one about all workers of a year is
    about those of each country.
    """
    cells = model.panel.home
    return {
        use.id: frozenset(name for name in _within(model, use.about) if name in cells)
        for use in model.uses
    }


def _place(model: Model, cell: str) -> Labels:
    """Return the labels of a cell but its date."""
    quantity, labels = model.panel.home[cell]
    over = model.panel.grids[quantity].over
    time = model.panel.dimensions.time
    return tuple(
        label for name, label in zip(over, labels, strict=True) if time is None or name != time.name
    )


def _within(model: Model, about: Expression) -> set[str]:
    """Return the names in an expression, and in the relations among them."""
    found: set[str] = set()
    left = list(names(about))
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        relation = model.relations.get(name)
        for branch in relation.branches.values() if relation else ():
            left += names(branch) if branch is not None else ()
    return found


def labels_of(model: Model, quantity: str, labels: Labels) -> dict[str, str]:
    """Return the labels of a cell by dimension."""
    return dict(zip(model.panel.grids[quantity].over, labels, strict=True))
