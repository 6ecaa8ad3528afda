"""A graph of PyTensor as stages of loops over vectors, before any instruction is written.

PyTensor's own compilation types, optimises and specialises every operation for arrays of any
shape, which takes seconds.  Here every length is known beforehand and nothing has more than one
axis.  An operation's *stage* is the number of reductions, gathers and the like that must be over
before it; all elementwise operations of one stage and length share a loop, so that what passes
between them never meets memory.  What depends on the data alone is computed once for all points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, Literal

import numpy as np
from pytensor.compile.builders import OpFromGraph
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.traversal import toposort
from pytensor.tensor.subtensor import indices_from_subtensor

from estimates.machine.scalars import Kind, Scalar, Writer, constant

type Base = Literal["point", "data", "workspace", "constants"]
#: What an elementwise operation writes for one element, given its inputs' elements.
type Write = Callable[[Writer, Sequence[Scalar]], Scalar]


@dataclass(frozen=True)
class Place:
    """Where a vector begins, in doubles; all numbers in memory are doubles."""

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
    guards : truth values, each with the value at which the elements are 0 by choice
    fixed : whether it depends on the data alone
    """

    size: int
    kind: Kind
    stage: int = 0
    known: tuple[Any, ...] | None = None
    place: Place | None = None
    node: Elementwise | None = None
    guards: tuple[tuple[Vector, bool], ...] = ()
    fixed: bool = False

    def __post_init__(self) -> None:
        if not self.size:
            raise NotImplementedError("no machine code for vectors of length 0")
        self.fixed = self.fixed or self.known is not None

    def there(self, early: bool) -> int:
        """The stage from which it is there, for an operation that is early or not."""
        return 0 if self.fixed and not early else self.stage

    def readable(self, early: bool) -> int:
        """The stage from which it can be read anywhere, not only in the loop that computes it."""
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
    """A sum, or whether all are true, in the loop that computes its input."""

    input: Vector
    output: Vector


@dataclass(eq=False)
class Copy:
    """Vectors one after another into memory."""

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
    """Moves, then loops (by length), each with the reductions of what it computes."""

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
    size : length of the point
    derived : doubles behind the data, for what `before` computes of them
    workspace : doubles of memory for what passes between loops
    constants : numbers known beforehand that lie in memory
    """

    before: tuple[Stage, ...]
    stages: tuple[Stage, ...]
    density: Vector
    gradient: Vector
    size: int
    derived: int
    workspace: int
    constants: tuple[float, ...]


def arrange(
    outputs: Sequence[Variable], values: Sequence[Variable], data: Sequence[tuple[Variable, int]]
) -> Arrangement:
    """Arrange a density (a number) and its gradient (a vector).

    Parameters
    ----------
    outputs : the density and the gradient with respect to all values, joined
    values : the free vectors, in the order in which the point holds them; their lengths are static
    data : the shared vectors and their lengths, in the order in which the data vector holds them

    Raises
    ------
    NotImplementedError : where the graph holds an operation that has no machine code here
    """
    arranger = _Arranger(sum(length for _, length in data))
    start = 0
    for value in values:
        size = prod(value.type.shape)
        arranger.vectors[value] = Vector(size, "f", place=Place("point", start))
        start += size
    size = start
    start = 0
    for shared, length in data:
        kind = kind_of(shared.type.dtype)
        arranger.vectors[shared] = Vector(length, kind, place=Place("data", start), fixed=True)
        start += length
    density, gradient = arranger.take(toposort(outputs), outputs, arranger.vectors)
    assert (density.size, gradient.size) == (1, size)
    arranger.read(density, None, early=False)
    arranger.read(gradient, None, early=False)
    return Arrangement(
        tuple(arranger.stages[True]),
        tuple(arranger.stages[False]),
        density,
        gradient,
        size,
        arranger.derived,
        arranger.workspace,
        tuple(arranger.constants),
    )


def kind_of(dtype: Any) -> Kind:
    """The kind of number of a NumPy dtype."""
    kinds: dict[str, Kind] = {"f": "f", "i": "i", "u": "i", "b": "b"}
    return kinds[np.dtype(dtype).kind]


class _Arranger:
    """Takes the nodes of a graph one after another."""

    def __init__(self, data: int) -> None:
        self.vectors: dict[Variable, Vector] = {}
        #: By whether they are early: done once for all points, of the data alone.
        self.stages: dict[bool, list[Stage]] = {True: [], False: []}
        self.workspace = self.derived = 0
        self._data = data
        self.constants: list[float] = []
        # With the inputs, so that none is freed and its id never another's.
        self._same: dict[Any, tuple[list[Vector], list[Vector]]] = {}

    def take(
        self, nodes: Iterable[Any], outputs: Sequence[Variable], scope: dict[Variable, Vector]
    ) -> list[Vector]:
        """Arrange the nodes of a graph, in their order; answers its outputs.

        `scope` holds the graph's inputs. Equal operations on equal inputs are one.
        """
        for node in nodes:
            inputs = [self._vector(i, scope) for i in node.inputs]
            key = (node.op, *map(id, inputs))
            if key not in self._same:
                self._same[key] = inputs, self._taken(node, inputs)
            scope |= zip(node.outputs, self._same[key][1], strict=True)
        return [self._vector(output, scope) for output in outputs]

    def _taken(self, node: Any, inputs: list[Vector]) -> list[Vector]:
        if isinstance(node.op, OpFromGraph):
            inner = node.op.fgraph
            scope = dict(zip(inner.inputs, inputs, strict=True))
            return self.take(inner.toposort(), inner.outputs, scope)
        method = getattr(self, f"_{type(node.op).__name__.lower()}", None)
        if method is None:
            raise NotImplementedError(f"no machine code for {node.op}")
        if any(getattr(v.type, "ndim", 0) > 1 for v in (*node.inputs, *node.outputs)):
            raise NotImplementedError(f"no machine code for {node.op} with more than one axis")
        found = method(node, inputs)
        return found if isinstance(found, list) else [found]

    def _vector(self, variable: Variable, scope: dict[Variable, Vector]) -> Vector:
        if variable not in scope and isinstance(variable, Constant):
            scope[variable] = self._constant(np.asarray(variable.data))
        return scope[variable]

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

    def _stage(self, number: int, early: bool) -> Stage:
        stages = self.stages[early]
        while len(stages) <= number:
            stages.append(Stage())
        return stages[number]

    def _constant(self, array: Any) -> Vector:
        kind = kind_of(array.dtype)
        numbers = tuple(_NATIVE[kind](number) for number in np.ravel(array).tolist())
        if len(set(numbers)) <= 1 and not any(n != n for n in numbers):
            return Vector(len(numbers), kind, known=numbers[:1])
        place = Place("constants", len(self.constants))
        self.constants += [float(n) for n in numbers]
        return Vector(len(numbers), kind, known=numbers, place=place)

    def _loop(
        self,
        inputs: Sequence[Vector],
        kind: Kind,
        write: Write | None,
        *,
        size: int | None = None,
        gathered: Vector | None = None,
    ) -> Vector:
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
        self._stage(stage, early).loops.setdefault(size, []).append(output.node)
        return output

    def _move(self, inputs: Sequence[Vector], move: Move) -> Vector:
        """Something that needs its inputs whole, and comes when all of them are there."""
        early = move.output.fixed
        for vector in inputs:
            self.read(vector, None, early=early)
        stage = max(v.readable(early) for v in inputs)
        self._stage(stage, early).moves.append(move)
        move.output.stage = stage
        return move.output

    def _in_memory(self, size: int, kind: Kind, inputs: Sequence[Vector]) -> Vector:
        early = all(v.fixed for v in inputs)
        return Vector(size, kind, place=self._reserve(size, early), fixed=early)

    # One method for each of PyTensor's operations on tensors, by its lower-case name ---------

    def _elemwise(self, node: Any, inputs: list[Vector]) -> Vector:
        operation = type(node.op.scalar_op).__name__
        kind = kind_of(node.outputs[0].type.dtype)
        size = max(v.size for v in inputs)
        if operation == "Second" and inputs[1].kind == kind and inputs[1].size == size:
            return inputs[1]
        if operation == "Second" and inputs[1].same:
            inputs = inputs[1:]
            operation = "Identity"
        if all(v.same for v in inputs):
            if operation != "Identity":
                with np.errstate(all="ignore"):
                    found = node.op.scalar_op.impl(*(v.known[0] for v in inputs if v.known))
            else:
                found = inputs[0].known[0] if inputs[0].known else None
            return Vector(size, kind, known=(_NATIVE[kind](found),))
        if operation in ("Mul", "TrueDiv") and any(_zero(v) for v in _factors(operation, inputs)):
            return Vector(size, kind, known=(_NATIVE[kind](0),))  # PyTensor's rule, too
        if operation == "Switch" and inputs[0].same:
            chosen = inputs[1] if inputs[0].known and inputs[0].known[0] else inputs[2]
            if chosen.kind == kind and chosen.size == size:
                return chosen
        guards = _guards(operation, inputs)
        if operation not in ("Mul", "TrueDiv") or not guards:
            output = self._loop(inputs, kind, lambda w, found: w.operation(operation, found, kind))
        else:
            output = self._guarded(operation, inputs, kind, guards)
        output.guards = guards
        return output

    def _guarded(
        self,
        operation: str,
        inputs: Sequence[Vector],
        kind: Kind,
        guards: tuple[tuple[Vector, bool], ...],
    ) -> Vector:
        """A product with a factor that was chosen to be 0: it is 0, whatever the other factor.

        The gradient of the branch that was not taken is 0 times its slope, which may be infinite;
        PyTensor moves products into the choice for the same reason.
        """

        def write(w: Writer, found: Sequence[Scalar]) -> Scalar:
            value = w.operation(operation, found[: len(inputs)], kind)
            for (_, zero_at), truth in zip(guards, found[len(inputs) :], strict=True):
                zero = constant(_NATIVE[kind](0))
                value = w.operation("Switch", [truth, *((zero, value) if zero_at else
                                                        (value, zero))], kind)  # fmt: skip
            return value

        return self._loop([*inputs, *(truth for truth, _ in guards)], kind, write)

    def _dimshuffle(self, node: Any, inputs: list[Vector]) -> Vector:
        return inputs[0]  # at most one axis is longer than 1

    _specifyshape = _scalarfromtensor = _tensorfromscalar = _dimshuffle

    def _checkparametervalue(self, node: Any, inputs: list[Vector]) -> Vector:
        """A parameter out of bounds makes the density 0, as PyMC has it when it samples."""
        value, *conditions = inputs
        if all(c.same and c.known and c.known[0] for c in conditions):
            return value

        def write(w: Writer, found: Sequence[Scalar]) -> Scalar:
            good = w.operation("AND", found[1:], "b")
            return w.operation("Switch", [good, found[0], constant(-np.inf)], "f")

        return self._loop(inputs, "f", write)

    def _shape(self, node: Any, inputs: list[Vector]) -> Vector:
        return self._constant(np.full(node.inputs[0].type.ndim, inputs[0].size, dtype=np.int64))

    def _shape_i(self, node: Any, inputs: list[Vector]) -> Vector:
        return self._constant(np.array(inputs[0].size))

    def _alloc(self, node: Any, inputs: list[Vector]) -> Vector:
        value, *lengths = inputs
        size = prod(_known(v)[0] for v in lengths)
        if value.same:
            return Vector(size, value.kind, known=value.known)
        if value.size == size:
            return value
        return self._loop([value], value.kind, lambda w, found: found[0], size=size)

    def _makevector(self, node: Any, inputs: list[Vector]) -> Vector:
        if all(v.same for v in inputs):
            return self._constant(np.array([_known(v)[0] for v in inputs]))
        return self._join(node, inputs)

    def _join(self, node: Any, inputs: list[Vector]) -> Vector:
        if len(inputs) == 1:
            return inputs[0]
        kind = kind_of(node.outputs[0].type.dtype)
        output = self._in_memory(sum(v.size for v in inputs), kind, inputs)
        return self._move(inputs, Copy(tuple(inputs), output))

    def _split(self, node: Any, inputs: list[Vector]) -> list[Vector]:
        source, lengths = inputs
        sizes = _known(lengths)
        starts = np.cumsum([0, *sizes]).tolist()
        return [
            self._slice(source, start, size) for start, size in zip(starts, sizes, strict=False)
        ]

    def _subtensor(self, node: Any, inputs: list[Vector]) -> Vector:
        source, *numbers = inputs
        (entry,) = indices_from_subtensor(numbers, node.op.idx_list)
        if isinstance(entry, slice):
            return self._slice(source, *_ends(entry, source.size))
        if entry.same:
            return self._slice(source, range(source.size)[_known(entry)[0]], 1)
        return self._gather(source, entry)

    def _advancedsubtensor(self, node: Any, inputs: list[Vector]) -> Vector:
        return self._gather(*inputs)

    def _gather(self, source: Vector, index: Vector) -> Vector:
        if source.same:
            return Vector(index.size, source.kind, known=source.known)
        if source.size == 1:
            return self._loop([source], source.kind, lambda w, found: found[0], size=index.size)
        return self._loop([index], source.kind, None, gathered=source)

    def _incsubtensor(self, node: Any, inputs: list[Vector]) -> Vector:
        base, value, *numbers = inputs
        (entry,) = indices_from_subtensor(numbers, node.op.idx_list)
        if isinstance(entry, slice):
            start, size = _ends(entry, base.size)
            entry = self._constant(np.arange(start, start + size))
        return self._scatter(node, base, value, entry)

    def _advancedincsubtensor(self, node: Any, inputs: list[Vector]) -> Vector:
        return self._scatter(node, *inputs)

    def _scatter(self, node: Any, base: Vector, value: Vector, index: Vector) -> Vector:
        output = self._in_memory(base.size, "f", [base, value, index])
        replaces = bool(node.op.set_instead_of_inc)
        return self._move([base, value, index], Scatter(base, value, index, output, replaces))

    def _sum(self, node: Any, inputs: list[Vector]) -> Vector:
        return self._reduce(node, inputs[0], "f" if inputs[0].kind == "f" else "i")

    def _all(self, node: Any, inputs: list[Vector]) -> Vector:
        return self._reduce(node, inputs[0], "b")

    def _reduce(self, node: Any, source: Vector, kind: Kind) -> Vector:
        if source.size == 1 or node.op.axis == ():  # along no axis nothing is reduced
            if source.kind == kind:
                return source
            return self._loop([source], kind, lambda w, found: w.cast(found[0], kind))
        if source.same and source.known is not None:
            (number,) = source.known
            return Vector(1, kind, known=(_NATIVE[kind](number if kind == "b" else
                                                        number * source.size),))  # fmt: skip
        output = Vector(1, kind, source.stage + 1, fixed=source.fixed)
        stage = self._stage(source.stage, source.fixed)
        stage.loops.setdefault(source.size, [])
        stage.reductions.setdefault(source.size, []).append(Reduction(source, output))
        return output

    def _slice(self, source: Vector, start: int, size: int) -> Vector:
        if size == source.size:
            return source
        if source.known is not None:
            known = source.known if source.same else source.known[start : start + size]
            return self._constant(np.array(known)) if not source.same else Vector(
                size, source.kind, known=known)  # fmt: skip
        self.read(source, None, early=source.fixed)
        assert source.place is not None
        place = Place(source.place.base, source.place.start + start)
        stage = source.readable(early=source.fixed)
        return Vector(size, source.kind, stage, place=place, fixed=source.fixed)


_NATIVE: dict[Kind, Callable[[Any], Any]] = {"f": float, "i": int, "b": bool}


def _factors(operation: str, inputs: Sequence[Vector]) -> Sequence[Vector]:
    """Those inputs of a product or quotient that make it 0 where they are."""
    return inputs[:1] if operation == "TrueDiv" else inputs


def _guards(operation: str, inputs: Sequence[Vector]) -> tuple[tuple[Vector, bool], ...]:
    """The truth values that make what the operation answers 0, whatever else."""
    match operation:
        case "Mul" | "TrueDiv" | "Neg":
            found = [guard for v in _factors(operation, inputs) for guard in v.guards]
        case "Switch":
            condition, yes, no = inputs
            found = [(condition, True), *no.guards] if _zero(yes) else []
            found += [(condition, False), *yes.guards] if _zero(no) else []
        case "Second":
            found = [*inputs[1].guards]
        case _:
            found = []
    return tuple(dict.fromkeys(found))


def _zero(vector: Vector) -> bool:
    return vector.same and vector.known is not None and vector.known[0] == 0


def _known(vector: Vector) -> tuple[Any, ...]:
    if vector.known is None:
        raise NotImplementedError("no machine code for lengths that depend on data")
    return vector.known * vector.size if vector.same else vector.known


def _ends(entry: slice, length: int) -> tuple[int, int]:
    """Start and length of a slice whose ends are known."""
    ends = [None if v is None else int(_known(v)[0]) for v in (entry.start, entry.stop, entry.step)]
    start, stop, step = slice(*ends).indices(length)
    if step != 1:
        raise NotImplementedError("no machine code for slices with a step")
    return start, max(0, stop - start)
