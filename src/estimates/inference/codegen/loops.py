"""Where vectors lie, and in which loop of which stage each is computed.

An operation's *stage* is the number of reductions, gathers and the like that must be over before
it; all elementwise operations of one stage and length share a loop, so that what passes between
them never meets memory.  What depends on the data alone is computed once for all points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray

from estimates.inference.codegen.ir import Elementwise, Move, Place, Stage, Vector, Write
from estimates.inference.codegen.scalars import Kind

#: A number of each kind as Python has it.
NATIVE: dict[Kind, type[float]] = {"f": float, "i": int, "b": bool}


class Loops:
    """Stages that grow by one operation after another, and the memory that they need."""

    def __init__(self, data: int) -> None:
        #: By whether they are early: done once for all points, of the data alone.
        self.stages: dict[bool, list[Stage]] = {True: [], False: []}
        self.workspace = self.derived = 0
        self.constants: list[float] = []
        self._data = data

    def read(self, vector: Vector, where: tuple[int, int] | None, *, early: bool) -> None:
        """Note that a vector is read, in the loop of that stage and length or from memory.

        What is read outside the loop that computes it must lie in memory; numbers need to only
        where they were computed early and are read later.
        """
        if vector.known is not None or vector.place is not None:
            return
        elsewhere = vector.node is not None and where != (vector.stage, vector.size)
        if (vector.fixed and not early) or (elsewhere and vector.size > 1):
            vector.place = self._reserve(vector.size, vector.fixed)

    def _reserve(self, size: int, fixed: bool) -> Place:
        if fixed:
            place = Place("data", self._data + self.derived)
            self.derived += size
        else:
            place = Place("workspace", self.workspace)
            self.workspace += size
        return place

    def stage(self, number: int, early: bool) -> Stage:
        """Return the stage of that number, early or not."""
        stages = self.stages[early]
        while len(stages) <= number:
            stages.append(Stage())
        return stages[number]

    def constant(self, array: NDArray[np.generic]) -> Vector:
        """Return a vector of known numbers, in memory only where they differ."""
        kind = kind_of(array.dtype)
        numbers = tuple(NATIVE[kind](number) for number in np.ravel(array).tolist())
        if len(set(numbers)) <= 1 and not any(n != n for n in numbers):
            return Vector(len(numbers), kind, known=numbers[:1])
        place = Place("constants", len(self.constants))
        self.constants += [float(n) for n in numbers]
        return Vector(len(numbers), kind, known=numbers, place=place)

    def loop(
        self,
        inputs: Sequence[Vector],
        kind: Kind,
        write: Write | None,
        *,
        size: int | None = None,
        gathered: Vector | None = None,
    ) -> Vector:
        """Return the result of an elementwise operation, in the first loop possible."""
        if size is None:
            lengths = {v.size for v in inputs} - {1}
            if len(lengths) > 1:
                raise ValueError(f"lengths {sorted(lengths)} do not go together")
            size = lengths.pop() if lengths else 1
        early = all(v.fixed for v in inputs) and (gathered is None or gathered.fixed)
        stage = max([0, *(v.there(early) for v in inputs)])
        if gathered is not None:
            stage = max(stage, gathered.readable(early))
            self.read(gathered, None, early=early)
        for vector in inputs:
            self.read(vector, (stage, size), early=early)
        output = Vector(size, kind, stage, fixed=early)
        output.node = Elementwise(tuple(inputs), output, write, gathered)
        self.stage(stage, early).loops.setdefault(size, []).append(output.node)
        return output

    def move(self, inputs: Sequence[Vector], move: Move) -> Vector:
        """Add an operation that needs its inputs whole, as soon as all of them exist."""
        early = move.output.fixed
        for vector in inputs:
            self.read(vector, None, early=early)
        stage = max(v.readable(early) for v in inputs)
        self.stage(stage, early).moves.append(move)
        move.output.stage = stage
        return move.output

    def in_memory(self, size: int, kind: Kind, inputs: Sequence[Vector]) -> Vector:
        """Return memory for what is made of these inputs."""
        early = all(v.fixed for v in inputs)
        return Vector(size, kind, place=self._reserve(size, early), fixed=early)

    def part(self, source: Vector, start: int, size: int) -> Vector:
        """Return `length` elements of a vector from a start on, where they lie."""
        if size == source.size:
            return source
        if source.known is not None:
            known = source.known if source.same else source.known[start : start + size]
            return self.constant(np.array(known)) if not source.same else Vector(
                size, source.kind, known=known)  # fmt: skip
        self.read(source, None, early=source.fixed)
        assert source.place is not None
        place = Place(source.place.base, source.place.start + start)
        stage = source.readable(early=source.fixed)
        return Vector(size, source.kind, stage, place=place, fixed=source.fixed)


def kind_of(dtype: DTypeLike) -> Kind:
    """Return the kind of number of a NumPy dtype."""
    kinds: dict[str, Kind] = {"f": "f", "i": "i", "u": "i", "b": "b"}
    return kinds[np.dtype(dtype).kind]
