"""Runs a model's program on NumPy arrays: prior draws, and every quantity of given draws."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from estimates.inference.arrays import NumpyRegisters, Value
from estimates.inference.program import batch, names_of, support_ends
from estimates.inference.steps import Derived, Fixed, Latents, Pinned, Step, Walk
from estimates.language.expression import Constant, Expression, names
from estimates.model import Model

Array = NDArray[np.float64]
#: Held while PyTensor works, which does not compile in two threads at once.
PYTENSOR = threading.RLock()


@dataclass(frozen=True)
class Layout:
    """The place of each vector of latents in the flat unconstrained point."""

    groups: tuple[Latents, ...]
    errors: int  # shared errors of origins, at the end

    @property
    def size(self) -> int:
        return sum(group.size for group in self.groups) + self.errors

    def parts(self, points: Array) -> dict[str, Array]:
        """Return the unconstrained latents (member, draw) by group, of points (draw, dimension)."""
        result, start = {}, 0
        for group in self.groups:
            result[group.name] = points[:, start : start + group.size].T
            start += group.size
        return result


def layout(steps: Sequence[Step], errors: int) -> Layout:
    """Return the layout of points for these steps and a number of shared errors."""
    return Layout(tuple(step for step in steps if isinstance(step, Latents)), errors)


def quantities(
    model: Model,
    steps: Sequence[Step],
    latents: Mapping[str, Array],
    choice: Mapping[str, str],
    draws: int,
    *,
    constrained: bool = False,
) -> dict[str, Array]:
    """Return every quantity, basic and derived, of the given latents under one choice of readings.

    Parameters
    ----------
    latents : per group (member, draw); in unconstrained space unless `constrained`
    choice : option by reading
    draws : number of draws

    Returns
    -------
    mapping of name to array (draw,), in the quantity's own unit; all nan where the reading says
    `nothing` of it
    """
    found = _run(steps, latents, NumpyRegisters(draws), choice, constrained=constrained)
    return {name: found[name] for name in names_of(model)}


def basic_quantities(steps: Sequence[Step], layout: Layout, points: Array) -> dict[str, Array]:
    """Return every quantity (row,) that the steps make, at unconstrained points (row, dimension).

    An expression resolved to basic quantities needs no more than the steps that they are made by,
    and a search or a simulation asks for it thousands of times.
    """
    return _run(steps, layout.parts(points), NumpyRegisters(len(points)))


def made_by(steps: Sequence[Step], wanted: Iterable[str]) -> tuple[Step, ...]:
    """Return the steps that make some basic quantities, with those of their parents."""
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
    """Return the coordinates of points on which the quantities made by these steps depend."""
    inside = {step.name for step in steps if isinstance(step, Latents)}
    flags = [np.full(group.size, group.name in inside) for group in layout.groups]
    return np.flatnonzero(np.concatenate([*flags, np.zeros(layout.errors, dtype=bool)]))


def groups_of(steps: Sequence[Step], registers: NumpyRegisters) -> Iterator[Latents]:
    """Yield the latents of the steps in order, each after what is fixed before it."""
    for step in steps:
        if isinstance(step, Fixed | Pinned):
            registers.fix(step)
        elif isinstance(step, Latents):
            yield step


def _run(
    steps: Sequence[Step],
    latents: Mapping[str, Array],
    registers: NumpyRegisters,
    choice: Mapping[str, str] | None = None,
    *,
    constrained: bool = False,
) -> dict[str, Array]:
    """Return everything that the steps make of latents."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        for step in steps:
            match step:
                case Fixed() | Pinned():
                    registers.fix(step)
                case Latents():
                    latent = latents[step.name]
                    if not constrained:
                        latent = constrain(latent, *bounds(step, registers))
                    registers.add(step.members, placed(step, latent, registers))
                case Derived():
                    _derive(step, registers, choice or {})
    return registers.values


def simulate(
    model: Model, steps: Sequence[Step], draws: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Draw all latents independently from their priors, ancestors first.

    Returns
    -------
    mapping of group name to constrained latents (member, draw)
    """
    registers = NumpyRegisters(draws)
    latents: dict[str, Array] = {}
    for step in groups_of(steps, registers):
        latents[step.name] = _draw(step, registers, draws, rng)
        with np.errstate(over="ignore", under="ignore"):
            registers.add(step.members, placed(step, latents[step.name], registers))
    return latents


def unconstrained(steps: Sequence[Step], latents: Mapping[str, Array], errors: Array) -> Array:
    """Return points (draw, dimension) of constrained latents and shared errors (draw, origin)."""
    registers = NumpyRegisters(len(errors))
    columns = []
    with np.errstate(all="ignore"):
        for step in groups_of(steps, registers):
            columns.append(_unconstrain(latents[step.name], *bounds(step, registers)).T)
            registers.add(step.members, placed(step, latents[step.name], registers))
    return np.concatenate([*columns, errors], axis=1)


def points_of(steps: Sequence[Step], values: Mapping[str, Array], errors: int) -> Array:
    """Return the points (draw, dimension) at which basic quantities have these values (draw,).

    What is not told by the quantities, the shared errors of origins, is 0.
    """
    draws = len(next(iter(values.values())))
    registers = NumpyRegisters(draws)
    latents: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for step in groups_of(steps, registers):
            rows = np.stack([values[name] for name in step.members])
            if isinstance(step, Walk):  # each cell lies about others of them
                registers.add(step.members, rows)
            on_link = {"log": np.log, "logit": logit}.get(step.link, np.asarray)(rows)
            location, scale = rows_of(step.location, registers), rows_of(step.scale, registers)
            latents[step.name] = (on_link - location) / scale
            registers.add(step.members, rows)
    return unconstrained(steps, latents, np.zeros((draws, errors)))


def pinned_log_density(steps: Sequence[Step]) -> float:
    """Return the log density of pinned values, where no unknown has a part in their priors.

    Each is taken on the quantity's own scale: p(x) = p(z) · |link′(x)| / scale with
    z = (link(x) − location)/scale.
    """
    registers = NumpyRegisters(1)
    total = 0.0
    for step in steps:
        if isinstance(step, Pinned):
            total += _log_density(step, registers)
        if isinstance(step, Fixed | Pinned):
            registers.fix(step)
    return total


def _log_density(step: Pinned, registers: NumpyRegisters) -> float:
    group, values = step.prior, np.array(step.values)[:, None]
    linked, log_slope = values, np.zeros_like(values)
    if group.link == "log":
        linked, log_slope = np.log(values), -np.log(values)
    elif group.link == "logit":
        linked, log_slope = logit(values), -np.log(values) - np.log1p(-values)
    scale = rows_of(group.scale, registers)
    standard = (linked - rows_of(group.location, registers)) / scale
    if group.plain:
        density = -(standard**2) / 2 - math.log(2 * math.pi) / 2
    else:
        import pymc as pm  # only where a prior is PyMC's own

        arguments = {key: rows_of(column, registers) for key, column in group.arguments.items()}
        distribution = getattr(pm, group.family).dist(**arguments, shape=values.shape)
        with PYTENSOR:
            density = np.asarray(pm.logp(distribution, standard).eval(mode="FAST_COMPILE"))
    return float(np.sum(density - np.log(scale) + log_slope))


def bounds(group: Latents, registers: NumpyRegisters) -> tuple[Value | None, Value | None]:
    """Return the ends of the latent's support: numbers, (member, draw), or None for none."""
    return support_ends(
        group, {key: rows_of(column, registers) for key, column in group.arguments.items()}
    )


def constrain(latent: Array, low: Value | None, high: Value | None) -> Array:
    """Map the real line to (low, high), by PyMC's log, log-odds and interval transforms."""
    if low is not None and high is not None:
        return np.asarray(low + (high - low) * expit(latent))
    if low is not None:
        return np.asarray(low + np.exp(latent))
    if high is not None:
        return np.asarray(high - np.exp(latent))
    return latent


def _unconstrain(latent: Array, low: Value | None, high: Value | None) -> Array:
    if low is not None and high is not None:
        return np.asarray(np.log(latent - low) - np.log(high - latent))
    if low is not None:
        return np.asarray(np.log(latent - low))
    if high is not None:
        return np.asarray(np.log(high - latent))
    return latent


def placed(group: Latents, latent: Array, registers: NumpyRegisters) -> Array:
    """Return x = link⁻¹(location + scale · latent)."""
    if isinstance(group, Walk):
        values = _walked(group, latent, registers)
    else:
        values = rows_of(group.location, registers) + rows_of(group.scale, registers) * latent
    match group.link:
        case "log":
            return np.asarray(np.exp(values))
        case "logit":
            return np.asarray(expit(values))
        case _:
            return np.asarray(values)


def _walked(walk: Walk, steps: Array, registers: NumpyRegisters) -> Array:
    """Return the cells of a walk on its link scale (member, draw), of its steps."""
    path, (own, shared) = walk.path, walk.maps
    starts = np.stack([registers.values[name] for name in path.starts])[list(path.start)]
    on_link = {"log": np.log, "logit": logit}.get(path.link, np.asarray)(starts)
    by, own_part, shared_part = (rows_of((one,), registers) for one in (path.by, *path.parts))
    moved = own_part * (own @ steps)
    if path.common:
        common = np.stack([registers.values[name] for name in path.common])
        moved = moved + shared_part * (shared @ common)
    return np.asarray(on_link + by * moved)


def rows_of(expressions: Sequence[Expression], registers: NumpyRegisters) -> Array:
    if all(isinstance(e, Constant) for e in expressions):
        return np.array([e.value for e in expressions if isinstance(e, Constant)])[:, None]
    return batch(expressions, registers)


def _draw(group: Latents, registers: NumpyRegisters, draws: int, rng: np.random.Generator) -> Array:
    if group.plain:
        return rng.standard_normal((group.size, draws))
    import pymc as pm  # only where a prior is PyMC's own

    arguments = {key: rows_of(column, registers) for key, column in group.arguments.items()}
    distribution = getattr(pm, group.family).dist(**arguments, shape=(group.size, draws))
    seed = int(rng.integers(2**31))
    with PYTENSOR:
        found = pm.draw(distribution, random_seed=seed, mode="FAST_COMPILE")
    return np.asarray(found, dtype=float)


def _derive(step: Derived, registers: NumpyRegisters, choice: Mapping[str, str]) -> None:
    option = None if step.axis is None else choice[step.axis]
    spoken = []
    for relation in step.relations:
        branch = relation.branches[option]
        if branch is None:
            registers.values[relation.name] = np.full(registers.draws, math.nan)
        else:
            spoken.append((relation.name, branch))
    if spoken:
        members, branches = zip(*spoken, strict=True)
        registers.add(members, batch(branches, registers))
