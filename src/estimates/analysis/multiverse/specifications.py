"""The ways of analysing the claims: every combination of an option of each axis, or some of them.

A cell is one combination.  What it makes of the model falls into two: other priors, conventions
and tails, which make a model of its own; and claims in or out, widths, weights of readings and
pooling, which are data to a model that is compiled already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from estimates.errors import Fault, Faults, InputError
from estimates.language.wording import Counted, Events
from estimates.model import Axis, Model, Parts, Variant
from estimates.model.variants import (
    datum_of,
    densities,
    dropped,
    named_alike,
    pools_of,
    reweighted,
)

#: Cells of a full factorial, above which a number to draw must be said.
MOST_CELLS = 1000

EXAMPLE = """variants:
  widths:
    doubled: {widths: 2}"""

type Levels = tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """One way of analysing the claims.

    Attributes
    ----------
    levels : the option of each axis, in the order of the axes
    variants : the options that are not the base
    base : whether it is the model as it stands
    """

    levels: Levels
    variants: tuple[Variant, ...]

    @property
    def base(self) -> bool:
        return not self.variants


@dataclass(frozen=True)
class Plan:
    """The cells to be fitted; the base is the first.

    Attributes
    ----------
    axes : the choices
    cells : those to be fitted
    total : how many the full factorial has
    """

    axes: tuple[Axis, ...]
    cells: tuple[Cell, ...]
    total: int

    @property
    def words(self) -> str:
        """The cells in words: `48 cells: tails (2) × widths (3) × prior (8)`."""
        factors = " × ".join(f"{axis.name} ({len(axis.levels)})" for axis in self.axes)
        few = "" if len(self.cells) == self.total else f"{len(self.cells):,} of "
        return f"{few}{self.total:,} cells: {factors}"


def plan(model: Model, sample: int | None = None, seed: int | None = None) -> Plan:
    """Return the cells of a model's variants.

    Parameters
    ----------
    sample : so many cells, drawn without replacement, the base among them; all if not said
    seed : of that draw; else the model's

    Raises
    ------
    InputError : where the model declares no variants, `sample` is below 2, or the full factorial
        is too large and nothing is said of a sample
    """
    axes = tuple(model.variants.values())
    if not axes:
        raise InputError(
            [
                Fault(
                    "the model declares no other way to analyse its claims; add to model.yaml, "
                    f"for example\n{EXAMPLE}\n(see docs/format.md)"
                )
            ]
        )
    sizes = [len(axis.levels) for axis in axes]
    total = prod(sizes)
    if sample is not None and sample < 2:
        raise InputError([Fault(f"a sample of {sample} cells cannot vary; draw 2 at least")])
    if sample is None and total > MOST_CELLS:
        raise InputError(
            [Fault(f"the variants make {total:,} cells; say how many to draw: --sample 200")]
        )
    if sample is None or sample >= total:
        chosen: Sequence[Levels] = list(product(*(axis.levels for axis in axes)))
    else:
        rng = np.random.default_rng(model.seed if seed is None else seed)
        chosen = [_levels(axes, n) for n in sorted({0, *_others(total, sample - 1, rng)})]
    return Plan(axes, tuple(_cell(axes, levels) for levels in chosen), total)


def _others(total: int, count: int, rng: np.random.Generator) -> set[int]:
    """Return `count` different numbers below `total` (Floyd's sampling; Bentley & Floyd 1987)."""
    found: set[int] = set()
    for last in range(total - count, total):
        number = int(rng.integers(1, last, endpoint=True))
        found.add(last if number in found else number)
    return found


def _levels(axes: Sequence[Axis], number: int) -> Levels:
    """Return the combination of this number, the last axis running fastest."""
    levels: list[str] = []
    for axis in reversed(axes):
        number, level = divmod(number, len(axis.levels))
        levels.append(axis.levels[level])
    return tuple(reversed(levels))


def _cell(axes: Sequence[Axis], levels: Levels) -> Cell:
    pairs = zip(axes, levels, strict=True)
    return Cell(
        levels, tuple(axis.options[level] for axis, level in pairs if level in axis.options)
    )


# What a cell asks for -----------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """A way to look at one set of fits: weights of readings, and how cited figures are pooled.

    Attributes
    ----------
    weights : other stated weights, by reading and option
    redundant : held-out claims taken as the same information said twice
    """

    weights: Mapping[str, Mapping[str, float]]
    redundant: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """The claims that speak, and the factors on their widths.

    Attributes
    ----------
    without : evidence left out
    admitted : held-out claims that count as evidence
    uncompared : those of them that are compared with no more
    widths : factors by claim
    """

    without: tuple[str, ...] = ()
    admitted: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()
    widths: tuple[tuple[str, float], ...] = ()


def own_model(model: Model, cell: Cell) -> Model:
    """Return the model under a cell's priors, conventions and tails; raise `InputError`."""
    parts = densities(model.parts, cell.variants)
    try:
        return Model.of(parts, Faults())
    except InputError as error:
        ways = ", ".join(cell.levels)
        faults = [Fault(f"cell ({ways}): {one.message}", one.place) for one in error.faults]
        raise InputError(faults) from None


def own_key(cell: Cell) -> str:
    """Return a key that is equal for cells with the same priors, conventions and tails."""
    return repr(
        [
            (
                sorted((name, str(prior)) for name, prior in one.priors.items()),
                one.conventions,
                sorted(one.tails.items()),
            )
            for one in cell.variants
            if one.priors or one.conventions or one.tails
        ]
    )


def evidence_of(model: Model, cell: Cell) -> Evidence:
    """Return the evidence of a cell."""
    parts = model.parts
    without = {claim for one in cell.variants for claim in dropped(parts, one)}
    admitted = {claim for one in cell.variants for claim in one.admit}
    data = {datum_of(parts, claim) for claim in admitted}
    uncompared = {use.claim for use in parts.compare if datum_of(parts, use.claim) in data}
    pooled = {c for c, pool in _pools(parts, cell).items() if pool == "independent"}
    factors: dict[str, float] = {}
    for one in cell.variants:
        for claim in with_widths(model):
            factor = one.width * one.widths.get(claim, 1.0)
            factors[claim] = factors.get(claim, 1.0) * factor
    widths = tuple(sorted((name, factor) for name, factor in factors.items() if factor != 1.0))
    return Evidence(
        tuple(sorted(without)),
        _once(parts, sorted(admitted) + sorted(pooled - admitted)),
        tuple(sorted(uncompared)),
        widths,
    )


def _once(parts: Parts, claims: Sequence[str]) -> tuple[str, ...]:
    """Return claims in order, each datum once whatever names a model has for it."""
    again = named_alike(parts, claims)
    return tuple(sorted(name for name in claims if name not in again))


def with_widths(model: Model) -> tuple[str, ...]:
    """Return the evidence that has a width: all but counts."""
    return tuple(
        use.id
        for use in model.uses
        if not use.held_out and not isinstance(use.wording, Counted | Events)
    )


def view_of(model: Model, cell: Cell) -> View:
    """Return the view of a cell."""
    readings = reweighted(model.parts, cell.variants).readings
    weights = {
        name: {option: one.weight for option, one in readings[name].options.items()}
        for name in sorted({name for variant in cell.variants for name in variant.weights})
    }
    pools = _pools(model.parts, cell)
    return View(weights, tuple(sorted(c for c, pool in pools.items() if pool == "redundant")))


def _pools(parts: Parts, cell: Cell) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in cell.variants:
        found |= pools_of(parts, one)
    return found


def grouped(plan: Plan) -> Iterator[list[int]]:
    """Yield the numbers of the cells that share a model of their own, group by group."""
    groups: dict[str, list[int]] = {}
    for number, cell in enumerate(plan.cells):
        groups.setdefault(own_key(cell), []).append(number)
    yield from groups.values()
