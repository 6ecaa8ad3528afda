"""A graph of PyTensor as stages of loops over vectors, before any instruction is written.

PyTensor's own compilation types, optimises and specialises every operation for arrays of any
shape, which takes seconds.  Here every length is known beforehand and nothing has more than one
axis that is longer than 1, so that a tensor of any rank is the vector of its elements.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from math import prod

import numpy as np
from pytensor.compile.builders import OpFromGraph
from pytensor.graph.basic import Apply, Constant, Variable
from pytensor.graph.op import Op
from pytensor.graph.traversal import toposort
from pytensor.scalar.basic import Mul, TrueDiv
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.subtensor import indices_from_subtensor

from estimates.inference.codegen.ir import (
    Arrangement,
    Copy,
    Place,
    Reduction,
    Scatter,
    Vector,
    needed_for,
)
from estimates.inference.codegen.loops import NATIVE, Loops, kind_of
from estimates.inference.codegen.scalars import Kind, Number, Scalar, Writer, constant


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
    arranger.forward = set(toposort(outputs[:1]))
    density, gradient = arranger.take(toposort(outputs), outputs, arranger.vectors)
    assert (density.size, gradient.size) == (1, size)
    arranger.read(density, None, early=False)
    arranger.read(gradient, None, early=False)
    return Arrangement(
        tuple(arranger.stages[True]),
        tuple(arranger.stages[False]),
        needed_for(arranger.stages[False], density),
        density,
        gradient,
        size,
        arranger.derived,
        arranger.workspace,
        tuple(arranger.constants),
    )


def is_product(operation: Op) -> bool:
    """Return whether an operation is a product or quotient, element by element."""
    return isinstance(operation, Elemwise) and isinstance(operation.scalar_op, Mul | TrueDiv)


class _Arranger(Loops):
    """Turns a graph into an arrangement, node after node."""

    def __init__(self, data: int) -> None:
        super().__init__(data)
        self.vectors: dict[Variable, Vector] = {}
        #: The nodes that the density itself is made of; the others are steps of its gradient alone.
        self.forward: set[Apply] = set()
        self._backward = False
        # With the inputs, so that none is freed and its id never another's.
        self._same: dict[tuple[Hashable, ...], tuple[list[Vector], list[Vector]]] = {}

    def take(
        self, nodes: Iterable[Apply], outputs: Sequence[Variable], scope: dict[Variable, Vector]
    ) -> list[Vector]:
        """Arrange the nodes of a graph, in their order; answers its outputs.

        `scope` holds the graph's inputs. Equal operations on equal inputs are one.
        """
        inner = scope is not self.vectors  # a graph within a node is as that node is
        for node in nodes:
            self._backward = self._backward if inner else node not in self.forward
            inputs = [self._vector(i, scope) for i in node.inputs]
            key = (node.op, self._backward and is_product(node.op), *map(id, inputs))
            if key not in self._same:
                self._same[key] = inputs, self._taken(node, inputs)
            scope |= zip(node.outputs, self._same[key][1], strict=True)
        return [self._vector(output, scope) for output in outputs]

    def _taken(self, node: Apply, inputs: list[Vector]) -> list[Vector]:
        if isinstance(node.op, OpFromGraph):
            inner = node.op.fgraph
            scope = dict(zip(inner.inputs, inputs, strict=True))
            return self.take(inner.toposort(), inner.outputs, scope)
        method = getattr(self, f"_{type(node.op).__name__.lower()}", None)
        if method is None:
            raise NotImplementedError(f"no machine code for {node.op}")
        if any(len(_long(v)) > 1 for v in (*node.inputs, *node.outputs)):
            raise NotImplementedError(f"no machine code for {node.op} with more than one axis")
        found = method(node, inputs)
        return found if isinstance(found, list) else [found]

    def _vector(self, variable: Variable, scope: dict[Variable, Vector]) -> Vector:
        if variable not in scope and isinstance(variable, Constant):
            scope[variable] = self.constant(np.asarray(variable.data))
        return scope[variable]

    # One method for each of PyTensor's operations on tensors, by its lower-case name ---------

    def _elemwise(self, node: Apply, inputs: list[Vector]) -> Vector:
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
            return Vector(size, kind, known=(NATIVE[kind](found),))
        if operation in ("Mul", "TrueDiv") and any(_zero(v) for v in _factors(operation, inputs)):
            return Vector(size, kind, known=(NATIVE[kind](0),))  # PyTensor's rule, too
        if operation == "Switch" and inputs[0].same:
            chosen = inputs[1] if inputs[0].known and inputs[0].known[0] else inputs[2]
            if chosen.kind == kind and chosen.size == size:
                return chosen
        uncertain = [v for v in inputs if not (v.same and v.known and np.isfinite(v.known[0]))]
        if not self._backward or operation not in ("Mul", "TrueDiv") or len(uncertain) < 2:
            return self.loop(inputs, kind, lambda w, found: w.operation(operation, found, kind))
        return self._step_of_gradient(operation, inputs, kind)

    def _step_of_gradient(self, operation: str, inputs: Sequence[Vector], kind: Kind) -> Vector:
        """Return a product of slopes, which is 0 where one of them is, whatever the others.

        The gradient of a branch that was not taken is 0 times its own slope, which may be infinite
        or no number at all.
        """

        def write(w: Writer, found: Sequence[Scalar]) -> Scalar:
            value, zero = w.operation(operation, found, kind), constant(NATIVE[kind](0))
            for factor in _factors(operation, found):
                if factor.known is None:
                    none = w.operation("EQ", [factor, zero], "b")
                    value = w.operation("Switch", [none, zero, value], kind)
            return value

        return self.loop(inputs, kind, write)

    def _dimshuffle(self, node: Apply, inputs: list[Vector]) -> Vector:
        return inputs[0]  # at most one axis is longer than 1

    _specifyshape = _scalarfromtensor = _tensorfromscalar = _reshape = _dimshuffle

    def _checkparametervalue(self, node: Apply, inputs: list[Vector]) -> Vector:
        """Make the density 0 where a parameter is out of bounds, as PyMC does when it samples."""
        value, *conditions = inputs
        if all(c.same and c.known and c.known[0] for c in conditions):
            return value

        def write(w: Writer, found: Sequence[Scalar]) -> Scalar:
            good = w.operation("AND", found[1:], "b")
            return w.operation("Switch", [good, found[0], constant(-np.inf)], "f")

        return self.loop(inputs, "f", write)

    def _shape(self, node: Apply, inputs: list[Vector]) -> Vector:
        return self.constant(np.array(_lengths(node.inputs[0], inputs[0]), dtype=np.int64))

    def _shape_i(self, node: Apply, inputs: list[Vector]) -> Vector:
        return self.constant(np.array(_lengths(node.inputs[0], inputs[0])[node.op.i]))

    def _alloc(self, node: Apply, inputs: list[Vector]) -> Vector:
        value, *lengths = inputs
        size = prod(map(_whole, lengths))
        if value.same:
            return Vector(size, value.kind, known=value.known)
        if value.size == size:
            return value
        if value.size > 1:
            raise ValueError(f"length {value.size} does not go into {size}")
        return self.loop([value], value.kind, lambda w, found: found[0], size=size)

    def _makevector(self, node: Apply, inputs: list[Vector]) -> Vector:
        if all(v.same for v in inputs):
            return self.constant(np.array([_known(v)[0] for v in inputs]))
        return self._join(node, inputs)

    def _join(self, node: Apply, inputs: list[Vector]) -> Vector:
        if len(inputs) == 1:
            return inputs[0]
        kind = kind_of(node.outputs[0].type.dtype)
        output = self.in_memory(sum(v.size for v in inputs), kind, inputs)
        return self.move(inputs, Copy(tuple(inputs), output))

    def _split(self, node: Apply, inputs: list[Vector]) -> list[Vector]:
        source, lengths = inputs
        sizes = [int(size) for size in _known(lengths)]
        if source.size > 1 and node.op.axis not in _long(node.inputs[0]):
            return [source]  # along an axis of length 1 there is one part
        starts = np.cumsum([0, *sizes]).tolist()
        return [self.part(source, start, size) for start, size in zip(starts, sizes, strict=False)]

    def _subtensor(self, node: Apply, inputs: list[Vector]) -> Vector:
        source, *numbers = inputs
        entry = _entry(node, source, numbers)
        if isinstance(entry, slice):
            return self.part(source, *_ends(entry, source.size))
        if entry.same and entry.size == 1:
            return self.part(source, range(source.size)[_whole(entry)], 1)
        return self._gather(source, entry)

    _advancedsubtensor = _subtensor

    def _gather(self, source: Vector, index: Vector) -> Vector:
        if source.same:
            return Vector(index.size, source.kind, known=source.known)
        if source.size == 1:
            return self.loop([source], source.kind, lambda w, found: found[0], size=index.size)
        return self.loop([index], source.kind, None, gathered=source)

    def _incsubtensor(self, node: Apply, inputs: list[Vector]) -> Vector:
        base, value, *numbers = inputs
        if getattr(node.op, "ignore_duplicates", False):
            raise NotImplementedError(f"no machine code for {node.op} that ignores duplicates")
        index = _entry(node, base, numbers)
        if isinstance(index, slice):
            start, size = _ends(index, base.size)
            index = self.constant(np.arange(start, start + size))
        if value.size not in (1, index.size):
            raise ValueError(f"lengths {sorted({value.size, index.size})} do not go together")
        output = self.in_memory(base.size, "f", [base, value, index])
        replaces = bool(node.op.set_instead_of_inc)
        return self.move([base, value, index], Scatter(base, value, index, output, replaces))

    _advancedincsubtensor = _incsubtensor

    def _sum(self, node: Apply, inputs: list[Vector]) -> Vector:
        return self._reduce(node, inputs[0], "f" if inputs[0].kind == "f" else "i")

    def _all(self, node: Apply, inputs: list[Vector]) -> Vector:
        return self._reduce(node, inputs[0], "b")

    def _reduce(self, node: Apply, source: Vector, kind: Kind) -> Vector:
        axes = node.op.axis  # None for all of them
        along = axes is None or not set(_long(node.inputs[0])).isdisjoint(axes)
        if source.size == 1 or not along:
            if source.kind == kind:
                return source
            return self.loop([source], kind, lambda w, found: w.read_as(found[0], kind))
        if source.same and source.known is not None:
            (number,) = source.known
            return Vector(1, kind, known=(NATIVE[kind](number if kind == "b" else
                                                        number * source.size),))  # fmt: skip
        output = Vector(1, kind, source.stage + 1, fixed=source.fixed)
        stage = self.stage(source.stage, source.fixed)
        stage.loops.setdefault(source.size, [])
        stage.reductions.setdefault(source.size, []).append(Reduction(source, output))
        return output


def _long(variable: Variable) -> list[int]:
    """Return the axes of a variable that are, or may be, longer than 1."""
    shape = getattr(variable.type, "shape", ())
    return [axis for axis, length in enumerate(shape) if length != 1]


def _lengths(variable: Variable, vector: Vector) -> list[int]:
    """Return the lengths of a variable's axes."""
    long = _long(variable)
    return [vector.size if axis in long else 1 for axis in range(variable.type.ndim)]


def _entry(node: Apply, source: Vector, numbers: Sequence[Vector]) -> slice | Vector:
    """Return how an index picks on the one axis longer than 1: by a slice, or by places."""
    entries: list[slice | Vector] = [*indices_from_subtensor(numbers, node.op.idx_list)]
    if any(entry.kind != "i" for entry in entries if isinstance(entry, Vector)):
        raise NotImplementedError(f"no machine code for {node.op} with a mask")
    long = _long(node.inputs[0])
    entries += [slice(None)] * (node.inputs[0].type.ndim - len(entries))
    found = entries[long[0]] if long else slice(None)
    for axis, entry in enumerate(entries):
        if axis in long:
            continue
        if isinstance(entry, slice):
            _ends(entry, 1)
        elif entry.size > 1 and source.size == 1:
            found = entry  # the one element, repeated
        elif entry.size > 1 and (isinstance(found, slice) or found.size != entry.size):
            raise NotImplementedError(f"no machine code for {node.op} with several indices")
    return found


def _factors[T](operation: str, inputs: Sequence[T]) -> Sequence[T]:
    """Return those inputs of a product or quotient that make it 0 where they are 0."""
    return inputs[:1] if operation == "TrueDiv" else inputs


def _zero(vector: Vector) -> bool:
    return vector.same and vector.known is not None and vector.known[0] == 0


def _known(vector: Vector) -> tuple[Number, ...]:
    if vector.known is None:
        raise NotImplementedError("no machine code for lengths that depend on data")
    return vector.known * vector.size if vector.same else vector.known


def _whole(vector: Vector) -> int:
    """Return a length or place that is known as a whole number."""
    return int(_known(vector)[0])


def _ends(entry: slice, length: int) -> tuple[int, int]:
    """Return start and length of a slice whose ends are known."""
    ends = [None if v is None else _whole(v) for v in (entry.start, entry.stop, entry.step)]
    start, stop, step = slice(*ends).indices(length)
    if step != 1:
        raise NotImplementedError("no machine code for slices with a step")
    return start, max(0, stop - start)
