"""One reading's posterior as the inverse question needs it: draws, density, and the target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.inverse.result import AloneRow, LeastRow, QuantityRow
from estimates.inference.arrays import NumpyOps
from estimates.inference.codegen.density import CompiledDensity
from estimates.inference.engine import Engine
from estimates.inference.forward import basic_quantities, columns_of, made_by
from estimates.inference.posterior import attributes
from estimates.inference.program import names_of, target_text
from estimates.inference.question import Fit
from estimates.inference.steps import Fixed, Latents, Step
from estimates.language.expression import Expression, evaluate, names, support
from estimates.model import Model
from estimates.stats.jackknife import batches, without_each
from estimates.stats.natural import Natural

Array = NDArray[np.float64]


def described(model: Model, name: str) -> QuantityRow:
    """Return a quantity, a relation or an expression in words."""
    return QuantityRow(**attributes(model, name))


def finite(value: float | np.floating | Array) -> float | None:
    """Return a number; None where it is not finite."""
    return float(value) if np.isfinite(value) else None


@dataclass(frozen=True, eq=False)
class Posterior:
    """A finished fit under one choice of readings.

    Attributes
    ----------
    engine, answer : what was fitted
    choice : option by reading (of those that share the fit one may derive other things)
    expression : the target in basic quantities, in its own unit
    target_name : what the target is called
    cells : whether to tell of every cell of a quantity over dimensions
    """

    engine: Engine
    answer: Fit
    choice: Mapping[str, str]
    expression: Expression
    target_name: str = ""
    cells: bool = False

    @cached_property
    def points(self) -> Array:
        """The draws in unconstrained space, (draw, dimension)."""
        return self.answer.draws.flat

    @cached_property
    def batch(self) -> NDArray[np.int64]:
        """The batch of each draw, for Monte Carlo errors."""
        return batches(*self.answer.draws.points.shape[:2])

    @cached_property
    def density(self) -> CompiledDensity:
        """The joint log density of unknowns and claims."""
        return self.engine.posed(self.answer.question)

    @cached_property
    def logp(self) -> Array:
        """The joint log density (draw,) at the draws."""
        return np.asarray(self.density.logp(self.points))

    @cached_property
    def constants(self) -> dict[str, float]:
        """The known constants."""
        found: dict[str, float] = {}
        for step in self.engine.steps:
            if isinstance(step, Fixed):
                found |= dict(zip(step.members, step.values, strict=True))
        return found

    @cached_property
    def unknowns(self) -> tuple[str, ...]:
        """The basic quantities that are not known."""
        latents = (step for step in self.engine.steps if isinstance(step, Latents))
        order = {name: place for place, name in enumerate(self.engine.model.order)}
        return tuple(sorted((n for step in latents for n in step.members), key=order.__getitem__))

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        """The quantities that can vary and that this reading says something about."""
        return tuple(
            name
            for name in names_of(self.engine.model)
            if name not in self.constants
            and self._told(name)
            and np.isfinite(self.values[name]).all()
        )

    def _told(self, name: str) -> bool:
        """Return whether to tell of a quantity: of cells those that make the target."""
        panel = self.engine.model.panel
        if self.cells or not panel:
            return True
        if name in panel.made:
            return False
        return name not in panel.home or name in self.of_target or name == self.target_name

    @property
    def tells_all(self) -> bool:
        """Whether every quantity stands by itself, instead of one for all its cells."""
        return self.cells or not self.engine.model.panel

    def leading[Row: LeastRow | AloneRow](
        self, rows: Iterable[Row], size: Callable[[Row], float]
    ) -> tuple[Row, ...]:
        """Return rows, at each edge of the cells of a quantity only the one of greatest size."""
        if self.tells_all:
            return tuple(rows)
        found: dict[tuple[str, str], Row] = {}
        for row in rows:
            key = row.edge, self.engine.model.panel.quantity(row.quantity)
            if row.quantity == self.target_name:
                key = row.edge, row.quantity
            if key not in found or size(row) > size(found[key]):
                found[key] = row
        return tuple(found.values())

    @cached_property
    def of_target(self) -> tuple[str, ...]:
        """The unknowns in the target."""
        inside = set(names(self.expression))
        return tuple(name for name in self.unknowns if name in inside)

    @cached_property
    def support(self) -> Natural:
        """Where the target can lie under this reading."""
        found = support(self.expression, self.engine.model.support_of)
        return Natural.of(found)

    @cached_property
    def values(self) -> dict[str, Array]:
        """Draws (draw,) of every quantity, in its own unit."""
        return self.at(self.points)

    @cached_property
    def target(self) -> Array:
        """Draws (draw,) of the target, in its own unit; nan where it is not defined."""
        return self.target_of(self.values)

    def at(self, points: Array) -> dict[str, Array]:
        """Return every quantity (row,) at unconstrained points (row, dimension)."""
        found = self.engine.values(points[None], self.choice)
        return {name: value[0] for name, value in found.items()}

    def target_of(self, values: Mapping[str, Array | float]) -> Array:
        """Return the target's value from values of the basic quantities, broadcast together."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
            found = np.asarray(evaluate(self.expression, values, NumpyOps()), dtype=float)
        shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()), found.shape)
        return np.broadcast_to(found, shape)

    def basic(self, points: Array) -> dict[str, Array]:
        """Return the basic quantities (row,) at unconstrained points (row, dimension)."""
        return basic_quantities(self._basic_steps, self.engine.layout, points)

    def target_at(self, points: Array) -> Array:
        """Return the target (row,) at unconstrained points (row, dimension)."""
        found = basic_quantities(self._steps, self.engine.layout, points)
        return self.target_of({name: found[name] for name in self._inside})

    @cached_property
    def columns(self) -> NDArray[np.int64]:
        """The coordinates of points on which the target depends."""
        return columns_of(self.engine.layout, self._steps)

    @cached_property
    def _inside(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(names(self.expression)))

    @cached_property
    def _steps(self) -> tuple[Step, ...]:
        return made_by(self.engine.steps, self._inside)

    @cached_property
    def _basic_steps(self) -> tuple[Step, ...]:
        return made_by(self.engine.steps, self.engine.model.quantities)

    def unit(self, name: str) -> str:
        """Return the unit of a quantity, as documents write it."""
        return described(self.engine.model, name).unit

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where each quantity lies on its natural scale, by its draws."""
        return {name: Place.of(self, name) for name in self.quantities}


@dataclass(frozen=True, eq=False)
class Place:
    """A quantity's posterior on its natural scale.

    Attributes
    ----------
    natural : the scale
    z : draws on it (draw,)
    batch : (draw,) the batch of each
    """

    natural: Natural
    z: Array
    batch: NDArray[np.int64]

    @staticmethod
    def of(posterior: Posterior, name: str) -> Place:
        """Return the place of a quantity."""
        support = posterior.engine.model.support_of(target_text(name))
        natural = Natural.of(support, posterior.values[name], on_bound=0.0)
        return Place(natural, natural.forward(posterior.values[name]), posterior.batch)

    @cached_property
    def median(self) -> float:
        """The median of the draws; the quantity's own is the natural scale's inverse of it."""
        return float(np.median(self.z))

    @cached_property
    def sd(self) -> float:
        """The sd of the draws."""
        return float(self.z.std(ddof=1))

    @cached_property
    def medians(self) -> Array:
        """The medians (batch,) without each batch."""
        return without_each(self.batch, lambda kept: np.median(self.z[kept]))

    @cached_property
    def sds(self) -> Array:
        """The sds (batch,) without each batch."""
        return without_each(self.batch, lambda kept: self.z[kept].std(ddof=1))

    @property
    def middle(self) -> float:
        """The posterior median in the quantity's unit."""
        return float(self.natural.inverse(self.median))
