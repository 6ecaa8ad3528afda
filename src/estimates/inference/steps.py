"""The steps by which a model's quantities are computed, each a vector of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from estimates.language.expression import Expression, names
from estimates.model import Relation
from estimates.model.panel.panel import Path, Rows

type Array = NDArray[np.float64]


@dataclass(frozen=True)
class Latents:
    """Basic quantities that are drawn as one vector.

    Attributes
    ----------
    name : of the free random variable
    family : the PyMC distribution of the latent vector
    members : the quantities
    arguments : of the latent distribution, one expression a member
    location, scale : one expression a member
    link : `identity`, `log` or `logit`
    hierarchical : whether location or scale are themselves unknown
    """

    name: str
    family: str
    members: tuple[str, ...]
    arguments: Mapping[str, tuple[Expression, ...]]
    location: tuple[Expression, ...]
    scale: tuple[Expression, ...]
    link: str
    hierarchical: bool

    @property
    def size(self) -> int:
        return len(self.members)

    @property
    def plain(self) -> bool:
        """Whether the latents are standard normal, so that moving a prior is a change of data."""
        return self.family == "Normal" and not self.arguments

    @property
    def centrable(self) -> bool:
        """Whether they may also be drawn about their unknown location."""
        return self.plain and self.hierarchical


@dataclass(frozen=True)
class Walk(Latents):
    """The cells of a walk over time, drawn as one vector of steps.

    `location` and `scale` say of each cell what it follows from; `path` says all of it at once.
    """

    path: Path = field(kw_only=True)

    @property
    def centrable(self) -> bool:
        return False

    @cached_property
    def maps(self) -> tuple[Array, Array]:
        """What the cells have of their own steps, and of what is shared: (member, step)."""
        return (
            _dense(self.path.own, len(self.path.members)),
            _dense(self.path.shared, len(self.path.common)),
        )


@dataclass(frozen=True)
class Fixed:
    """Constants that are known."""

    members: tuple[str, ...]
    values: tuple[float, ...]

    def changed(self, values: Mapping[str, float]) -> tuple[float, ...]:
        """Return the constants, some of them with other values."""
        return tuple(values.get(n, v) for n, v in zip(self.members, self.values, strict=True))


@dataclass(frozen=True)
class Pinned:
    """Basic unknowns that are supposed to have a value; the density of their priors there stays.

    A pinned member of a hierarchy is pinned as a value: what it says of its parents is the density
    of that value given them.

    Attributes
    ----------
    prior : what they would be drawn as
    values : in each one's own unit
    """

    prior: Latents
    values: tuple[float, ...]

    @property
    def members(self) -> tuple[str, ...]:
        return self.prior.members

    @property
    def parents(self) -> frozenset[str]:
        """The quantities on which the density of the values depends."""
        prior = self.prior
        columns = (prior.location, prior.scale, *prior.arguments.values())
        return frozenset(name for column in columns for one in column for name in names(one))


@dataclass(frozen=True)
class Derived:
    """Relations of one level: those that follow one reading, or (axis None) none."""

    axis: str | None
    relations: tuple[Relation, ...]


type Step = Latents | Pinned | Fixed | Derived


def _dense(rows: Rows, columns: int) -> Array:
    found = np.zeros((len(rows), columns))
    for place, row in enumerate(rows):
        for column, weight in row:
            found[place, column] = weight
    return found
