"""The basic quantities at points, and nothing that is derived from them.

An expression resolved to basic quantities needs no more, and a search or a simulation asks for it
thousands of times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from estimates.inference.forward import Layout, NumpyRegisters, bounds, constrain, placed
from estimates.inference.program import Derived, Latents, Step
from estimates.language.expression import names

Array = NDArray[np.float64]


def made_by(steps: Sequence[Step], wanted: Iterable[str]) -> tuple[Step, ...]:
    """The steps that some basic quantities are made by, those of their parents included."""
    needed, kept = set(wanted), []
    for step in reversed(steps):
        if isinstance(step, Derived) or not needed & set(step.members):
            continue
        kept.append(step)
        if isinstance(step, Latents):
            columns = (step.location, step.scale, *step.arguments.values())
            needed |= {name for column in columns for one in column for name in names(one)}
    return tuple(reversed(kept))


def columns_of(layout: Layout, steps: Sequence[Step]) -> NDArray[np.int64]:
    """The coordinates of points on which the quantities made by these steps depend."""
    inside = {step.name for step in steps if isinstance(step, Latents)}
    flags = [np.full(group.size, group.name in inside) for group in layout.groups]
    return np.flatnonzero(np.concatenate([*flags, np.zeros(layout.errors, dtype=bool)]))


def basic_quantities(steps: Sequence[Step], layout: Layout, points: Array) -> dict[str, Array]:
    """Every quantity that the steps make, (row,), at unconstrained points (row, dimension)."""
    registers = NumpyRegisters(len(points))
    parts = layout.parts(points)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        for step in steps:
            if isinstance(step, Latents):
                latent = constrain(parts[step.name], *bounds(step, registers))
                registers.add(step.members, placed(step, latent, registers))
            elif not isinstance(step, Derived):
                rows = np.tile(np.array(step.values)[:, None], (1, len(points)))
                registers.add(step.members, rows)
    return registers.values
