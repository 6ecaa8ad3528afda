"""What the machine code is arranged of: vectors, and stages of loops over them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from estimates.inference.codegen.scalars import Kind, Number, Scalar, Writer

type Base = Literal["point", "data", "workspace", "constants"]
#: What an elementwise operation writes for one element, given its inputs' elements.
type Write = Callable[[Writer, Sequence[Scalar]], Scalar]


@dataclass(frozen=True)
class Place:
    """The place where a vector begins, in doubles; all numbers in memory are doubles."""

    base: Base
    start: int


@dataclass(eq=False)
class Vector:
    """A vector in the function to be written; one of length 1 is a number.

    Attributes
    ----------
    size, kind : its length, and the kind of its elements as they are read
    stage : from which on it is there
    known : its elements, where they are constants (a single one stands for all)
    place : where it lies in memory, if it does
    node : the elementwise operation that computes it, if one does
    fixed : whether it depends on the data alone
    """

    size: int
    kind: Kind
    stage: int = 0
    known: tuple[Number, ...] | None = None
    place: Place | None = None
    node: Elementwise | None = None
    fixed: bool = False

    def __post_init__(self) -> None:
        if not self.size:
            raise NotImplementedError("no machine code for vectors of length 0")
        self.fixed = self.fixed or self.known is not None

    def there(self, early: bool) -> int:
        """Return the stage from which the vector exists, for an operation that is early or not."""
        return 0 if self.fixed and not early else self.stage

    def readable(self, early: bool) -> int:
        """Return the stage from which any loop can read the vector."""
        return 0 if self.fixed and not early else self.stage + (self.node is not None)

    @property
    def same(self) -> bool:
        """Whether all elements are one known number."""
        return self.known is not None and len(self.known) == 1


@dataclass(eq=False)
class Elementwise:
    """An operation on elements; `gathered` is read at the place that the input names."""

    inputs: tuple[Vector, ...]
    output: Vector
    write: Write | None
    gathered: Vector | None = None


@dataclass(eq=False)
class Reduction:
    """A sum, or a test that all are true, in the loop that computes its input."""

    input: Vector
    output: Vector


@dataclass(eq=False)
class Copy:
    """An operation that writes vectors one after another into memory."""

    parts: tuple[Vector, ...]
    output: Vector


@dataclass(eq=False)
class Scatter:
    """A copy of `base` to which each value is added (or put) at the place that its index names."""

    base: Vector
    value: Vector
    index: Vector
    output: Vector
    replaces: bool


type Move = Copy | Scatter


@dataclass
class Stage:
    """A stage: moves, then loops (by length), each with the reductions of what it computes."""

    moves: list[Move] = field(default_factory=list)
    loops: dict[int, list[Elementwise]] = field(default_factory=dict)
    reductions: dict[int, list[Reduction]] = field(default_factory=dict)


@dataclass(frozen=True)
class Arrangement:
    """A density and its gradient as stages, with the memory that they need.

    Attributes
    ----------
    before : what depends on the data alone
    stages : what depends on the point
    of_density : of these what the density itself is made of, without its gradient
    size : length of the point
    derived : doubles behind the data, for what `before` computes of them
    workspace : doubles of memory for what passes between loops
    constants : numbers known beforehand that lie in memory
    """

    before: tuple[Stage, ...]
    stages: tuple[Stage, ...]
    of_density: tuple[Stage, ...]
    density: Vector
    gradient: Vector
    size: int
    derived: int
    workspace: int
    constants: tuple[float, ...]


def needed_for(stages: Sequence[Stage], wanted: Vector) -> tuple[Stage, ...]:
    """Return what of these stages a vector is made of, in the same order."""
    needed: set[Vector] = set()
    memory: set[int] = set()  # the doubles of it, as a part of a vector lies within that

    def need(*vectors: Vector) -> None:
        needed.update(vectors)
        for one in vectors:
            memory.update(_doubles(one))

    def is_needed(one: Vector) -> bool:
        return one in needed or not memory.isdisjoint(_doubles(one))

    need(wanted)
    return tuple([_kept(stage, need, is_needed) for stage in reversed(stages)][::-1])


def _doubles(vector: Vector) -> range:
    """Return the doubles of the workspace in which a vector lies."""
    place = vector.place
    if place is None or place.base != "workspace":
        return range(0)
    return range(place.start, place.start + vector.size)


def _kept(stage: Stage, need: Callable[..., None], is_needed: Callable[[Vector], bool]) -> Stage:
    """Return what is needed of a stage, from its end to its beginning."""
    kept = Stage()
    for size in sorted(stage.loops, reverse=True):  # numbers are there before loops
        sums = [one for one in stage.reductions.get(size, []) if is_needed(one.output)]
        need(*(one.input for one in sums))
        nodes: list[Elementwise] = []
        for node in reversed(stage.loops[size]):
            if is_needed(node.output):
                nodes.insert(0, node)
                need(*node.inputs, *(() if node.gathered is None else (node.gathered,)))
        if nodes or sums:
            kept.loops[size], kept.reductions[size] = nodes, sums
    for move in reversed(stage.moves):
        if is_needed(move.output):
            kept.moves.insert(0, move)
            need(*(move.parts if isinstance(move, Copy) else (move.base, move.value, move.index)))
    return kept
