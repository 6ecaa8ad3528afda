"""A fit about whose evidence is asked, and who makes the refits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.carrying import Carrying
from estimates.analysis.conflict.bodies import Body, bodies_of
from estimates.analysis.conflict.contrast import Side, own_side
from estimates.analysis.conflict.node_split import Comparison
from estimates.analysis.conflict.refits import Partial
from estimates.analysis.conflict.result import LEVEL
from estimates.analysis.fit_view import FitView
from estimates.inference.engine import Engine
from estimates.inference.jobs import Job, Progress, Workers, sweep
from estimates.inference.observed import Observations
from estimates.inference.origin import Origin
from estimates.model import Model
from estimates.model.combinations import Distinct


@dataclass(frozen=True, eq=False)
class Case:
    """The model, fit and settings that every part of the question is asked of.

    Attributes
    ----------
    fit : what `estimates.fit` returned
    thorough : whether refits are made of a panel too, wherever one is called for
    compared : what was set against each rest so far
    """

    fit: xr.DataTree
    workers: Workers | None
    progress: Progress | None
    thorough: bool = False
    compared: dict[Partial, list[Comparison]] = field(default_factory=dict, repr=False)

    @property
    def sparing(self) -> bool:
        """Whether refits are spared: of a panel each takes long, and its claims are many."""
        return bool(self.model.panel) and not self.thorough

    @cached_property
    def view(self) -> FitView:
        """The fit by reading."""
        return FitView.of(self.fit)

    @property
    def model(self) -> Model:
        return self.view.model

    @property
    def readings(self) -> tuple[Distinct, ...]:
        return self.view.readings

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights (reading,) of the fit."""
        return self.view.weights

    @cached_property
    def stated(self) -> NDArray[np.float64]:
        """The weights (reading,) as the model states them."""
        weights = [one.weight for one in self.model.combinations()]
        return np.array([sum(weights[i] for i in one.members) for one in self.readings])

    @cached_property
    def engine(self) -> Engine:
        return Engine(self.model, seed=Origin.of(self.fit).seed)

    @cached_property
    def carrying(self) -> Carrying:
        return Carrying(self.view, self.engine)

    @cached_property
    def heavy(self) -> frozenset[int]:
        """The readings that have weight."""
        return frozenset(np.flatnonzero(self.weights > 0).tolist())

    @cached_property
    def bodies(self) -> tuple[Body, ...]:
        return bodies_of(self.model)

    @property
    def far(self) -> float:
        """A p that is no conflict even where half of the bodies are in a sharper one (Holm)."""
        return 2 * LEVEL / max(1, len(self.bodies))

    @cached_property
    def sides(self) -> dict[str, Side]:
        """What each body says by itself, by its name."""
        observations = self.engine.observations
        # The rest has the claim's own error (`refits`); here stays what each of copies errs by.
        own = {name: observations.copies_scatter * one for name, one in self._own.items()}
        copied = observations.settled(own)
        return {
            body.name: own_side(body, copied if len(body.claims) > 1 else observations)
            for body in self.bodies
        }

    @cached_property
    def whole(self) -> Observations:
        """The claims, each with an error of its own that is as wide as it is found to be."""
        return self.engine.observations.settled(self._own)

    @cached_property
    def whole_sides(self) -> dict[str, Side]:
        """The same, by the claims as they are there."""
        return {body.name: own_side(body, self.whole) for body in self.bodies}

    @cached_property
    def _own(self) -> dict[str, float]:
        claims = self.engine.observations.claims
        return {one.id: self.view.own_error(one) for one in claims if one.spread is not None}

    def sweep[Item, Found](self, job: Job[Item, Found], items: Sequence[Item]) -> list[Found]:
        """Finish every item and return the results."""
        return sweep(self.engine, job, items, self.workers, self.progress)

    def words_of(self, members: Sequence[int]) -> str:
        """Return the options that readings share, as `wage = net, gap = level`; "" for all."""
        words = []
        for axis, reading in self.model.readings.items():
            options = list(
                dict.fromkeys(o for i in members for o in self.readings[i].label[axis].split("|"))
            )
            if len(options) < len(reading.options):
                words.append(f"{axis} = {' or '.join(options)}")
        return ", ".join(words)
