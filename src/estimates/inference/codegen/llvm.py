"""An arrangement of loops as an LLVM module in text.

The module has six functions.  `prepare(…, data)` computes what depends on the data alone and puts
it behind them.  `density(size, point, gradient, logp, data)` answers 0, or a code where the density
cannot be used; this is the form in which nutpie calls it.  `value` is the same without a gradient.
`densities` and `values` do these for many points at once, and `copy` is what nutpie keeps of a
draw: the point itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from llvmlite import ir

from estimates.inference.codegen.ir import (
    Arrangement,
    Copy,
    Elementwise,
    Reduction,
    Scatter,
    Stage,
    Vector,
)
from estimates.inference.codegen.jit import BAD_DENSITY, BAD_GRADIENT, NO_MEMORY
from estimates.inference.codegen.scalars import (
    DOUBLE,
    INTEGER,
    TRUTH,
    Kind,
    Scalar,
    Writer,
    constant,
)

_POINTER = DOUBLE.as_pointer()
#: More memory than this many doubles is taken from the heap: a thread's stack is small.
_STACK = 4096


@dataclass(frozen=True)
class Lowered:
    """An LLVM module in text, and the functions of the C library and SciPy that it calls."""

    text: str
    called: tuple[str, ...]


def lower(arrangement: Arrangement) -> Lowered:
    """Write the module of an arrangement."""
    module = ir.Module("estimates")
    if arrangement.constants:
        type_ = ir.ArrayType(DOUBLE, len(arrangement.constants))
        stored = ir.GlobalVariable(module, type_, "constants")
        stored.initializer = ir.Constant(type_, list(arrangement.constants))
        stored.global_constant, stored.linkage = True, "internal"
    prepare, density, value = (
        _Function(module, name, arrangement) for name in ("prepare", "density", "value")
    )
    prepare.write_early()
    density.write_density()
    value.write_value()
    _densities(module, arrangement.size)
    _values(module, value.function, arrangement.size)
    _copy(module, arrangement.size)
    called = prepare.writer.called | density.writer.called | value.writer.called
    return Lowered(str(module), tuple(sorted(called)))


def _whole(number: int) -> ir.Value:
    return ir.Constant(INTEGER, number)


@contextmanager
def _loop(builder: ir.IRBuilder, count: ir.Value) -> Iterator[ir.Value]:
    """Write code that runs with an index from 0 to count, count being at least 1."""
    before = builder.block
    body = builder.append_basic_block("loop")
    builder.branch(body)
    builder.position_at_end(body)
    index = builder.phi(INTEGER)
    index.add_incoming(_whole(0), before)
    yield index
    following = builder.add(index, _whole(1))
    index.add_incoming(following, builder.block)
    after = builder.append_basic_block("after")
    builder.cbranch(builder.icmp_signed("<", following, count), body, after)
    builder.position_at_end(after)


class _Function:
    """Writes one of the functions that compute."""

    def __init__(self, module: ir.Module, name: str, arrangement: Arrangement) -> None:
        signature = ir.FunctionType(INTEGER, [INTEGER, *[_POINTER] * 4])
        self.function = ir.Function(module, signature, name)
        for argument in self.function.args[1:]:
            argument.add_attribute("noalias")
        self.builder = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.writer = Writer(module, self.builder)
        self.arrangement = arrangement
        self._module = module
        _, point, self._gradient, self._logp, data = self.function.args
        self._bases = {"point": point, "data": data}
        if arrangement.constants:
            stored = module.globals["constants"]
            self._bases["constants"] = self.builder.bitcast(stored, _POINTER)
        self._numbers: dict[Vector, Scalar] = {}

    def write_early(self) -> None:
        """Write the part that depends on the data alone; its results go behind the data."""
        for stage in self.arrangement.before:
            self._stage(stage)
        self.builder.ret(_whole(0))

    def write_density(self) -> None:
        """Write the density and its gradient at a point."""
        free = self._take_memory(self.arrangement.workspace)
        for stage in self.arrangement.stages:
            self._stage(stage)
        self._finish(free)

    def write_value(self) -> None:
        """Write the density alone at a point."""
        free = self._take_memory(self.arrangement.workspace)
        for stage in self.arrangement.of_density:
            self._stage(stage)
        density = self.writer.real(self._read(self.arrangement.density, None))
        self.builder.store(density, self._logp)
        self._give_back(free)
        self.builder.ret(self.builder.select(self._finite(density), _whole(0), _whole(BAD_DENSITY)))

    def _take_memory(self, size: int) -> ir.Function | None:
        """Take memory for what passes between loops; return the code that frees it, if needed."""
        if size <= _STACK:
            self._bases["workspace"] = self.builder.alloca(DOUBLE, size=_whole(max(size, 1)))
            return None
        byte = ir.IntType(8).as_pointer()
        take = self._outside("malloc", ir.FunctionType(byte, [INTEGER]))
        give = self._outside("free", ir.FunctionType(ir.VoidType(), [byte]))
        self.writer.called |= {"malloc", "free"}
        memory = self.builder.call(take, [_whole(8 * size)])
        with self.builder.if_then(self.builder.icmp_unsigned("==", memory, byte(None))):
            self.builder.ret(_whole(NO_MEMORY))
        self._bases["workspace"] = self.builder.bitcast(memory, _POINTER)
        return give

    def _outside(self, name: str, signature: ir.FunctionType) -> ir.Function:
        """Return a function of the C library; the module names it once."""
        return self._module.globals.get(name) or ir.Function(self._module, signature, name)

    def _give_back(self, free: ir.Function | None) -> None:
        """Free the memory that was taken from the heap."""
        if free is not None:
            byte = ir.IntType(8).as_pointer()
            memory = self.builder.bitcast(self._bases["workspace"], byte)
            self.builder.call(free, [memory])

    def _stage(self, stage: Stage) -> None:
        for move in stage.moves:
            match move:
                case Copy():
                    self._copy(move)
                case Scatter():
                    self._scatter(move)
        # Numbers first: loops of the same stage may use them.
        for size in sorted(stage.loops):
            nodes, reductions = stage.loops[size], stage.reductions.get(size, [])
            if size == 1:
                for node in nodes:
                    self._note(node.output, self._computed(node, None, self._numbers))
            else:
                self._write_loop(size, nodes, reductions)

    def _write_loop(self, size: int, nodes: list[Elementwise], reductions: list[Reduction]) -> None:
        before = self.builder.block
        with _loop(self.builder, _whole(size)) as i:
            sums = [self._accumulator(r, before) for r in reductions]
            here: dict[Vector, Scalar] = {}
            for node in nodes:
                value = here[node.output] = self._computed(node, i, here)
                if node.output.place is not None:
                    self._store(node.output, i, value)
            totals = [
                self.writer.operation(
                    "AND" if r.output.kind == "b" else "Add",
                    [Scalar(r.output.kind, running), self._element(r, i, here)],
                    r.output.kind,
                )
                for r, running in zip(reductions, sums, strict=True)
            ]
            for running, total in zip(sums, totals, strict=True):
                running.add_incoming(total.value, self.builder.block)
        for reduction, total in zip(reductions, totals, strict=True):
            self._note(reduction.output, total)

    def _note(self, number: Vector, value: Scalar) -> None:
        """Note a number that exists from now on, for other functions too if it has a place."""
        self._numbers[number] = value
        if number.place is not None:
            self._store(number, _whole(0), value)

    def _accumulator(self, reduction: Reduction, before: ir.Block) -> ir.PhiInstr:
        kind = reduction.output.kind
        empty: dict[Kind, Scalar] = {"f": constant(0.0), "i": constant(0), "b": constant(True)}
        running = self.builder.phi(empty[kind].value.type)
        running.add_incoming(empty[kind].value, before)
        return running

    def _element(self, reduction: Reduction, i: ir.Value, here: dict[Vector, Scalar]) -> Scalar:
        return self.writer.read_as(self._read(reduction.input, i, here), reduction.output.kind)

    def _computed(
        self, node: Elementwise, i: ir.Value | None, here: dict[Vector, Scalar]
    ) -> Scalar:
        found = [self._read(vector, i, here) for vector in node.inputs]
        if node.gathered is not None:
            return self._load(node.gathered, self._position(found[0], node.gathered.size))
        assert node.write is not None
        return node.write(self.writer, found)

    def _read(
        self, vector: Vector, i: ir.Value | None, here: dict[Vector, Scalar] | None = None
    ) -> Scalar:
        """Return an element of a vector, or the number itself."""
        if vector.same and vector.known is not None:
            return constant(vector.known[0])
        if here is not None and vector in here:
            return here[vector]
        if vector in self._numbers:
            return self._numbers[vector]
        return self._load(vector, _whole(0) if vector.size == 1 or i is None else i)

    def _load(self, vector: Vector, i: ir.Value) -> Scalar:
        return self.writer.read_as(
            Scalar("f", self.builder.load(self._address(vector, i))), vector.kind
        )

    def _store(self, vector: Vector, i: ir.Value, value: Scalar) -> None:
        self.builder.store(self.writer.real(value), self._address(vector, i))

    def _address(self, vector: Vector, i: ir.Value) -> ir.Value:
        assert vector.place is not None
        start = self.builder.gep(self._bases[vector.place.base], [_whole(vector.place.start)])
        return self.builder.gep(start, [i])

    def _position(self, index: Scalar, size: int) -> ir.Value:
        """Return the position of an index in a vector; a negative one counts from the end."""
        place = self.writer.read_as(index, "i").value
        negative = self.builder.icmp_signed("<", place, _whole(0))
        return self.builder.select(negative, self.builder.add(place, _whole(size)), place)

    def _copy(self, move: Copy) -> None:
        start = 0
        for part in move.parts:
            self._fill(move.output, part, start)
            start += part.size

    def _fill(self, output: Vector, part: Vector, start: int) -> None:
        if part.size == 1:
            self._store(output, _whole(start), self._read(part, None))
        elif part.size:
            with _loop(self.builder, _whole(part.size)) as i:
                place = self.builder.add(i, _whole(start))
                self._store(output, place, self._read(part, i))

    def _scatter(self, move: Scatter) -> None:
        self._fill(move.output, move.base, 0)
        with _loop(self.builder, _whole(move.index.size)) as i:
            place = self._position(self._read(move.index, i), move.output.size)
            value = self._read(move.value, i)
            if not move.replaces:
                value = self.writer.operation("Add", [self._load(move.output, place), value], "f")
            self._store(move.output, place, value)

    def _finish(self, free: ir.Function | None) -> None:
        build, a = self.builder, self.arrangement
        density = self.writer.real(self._read(a.density, None))
        build.store(density, self._logp)
        good = constant(True)
        with _loop(build, _whole(a.size)) as i:
            fine = build.phi(TRUTH)
            fine.add_incoming(good.value, build.block.function.blocks[-2])
            slope = self._read(a.gradient, i)
            build.store(self.writer.real(slope), build.gep(self._gradient, [i]))
            now = build.and_(fine, self._finite(self.writer.real(slope)))
            fine.add_incoming(now, build.block)
        self._give_back(free)
        code = build.select(now, _whole(0), _whole(BAD_GRADIENT))
        build.ret(build.select(self._finite(density), code, _whole(BAD_DENSITY)))

    def _finite(self, x: ir.Value) -> ir.Value:
        size = self.writer.intrinsic("fabs", x)
        return self.builder.fcmp_ordered("<", size, ir.Constant(DOUBLE, float("inf")))


def _densities(module: ir.Module, size: int) -> None:
    """Write `densities(count, points, gradients, logp, data)`, row by row.

    Where there is no density it is -inf; where there is no gradient, its first element is nan.
    """
    signature = ir.FunctionType(ir.VoidType(), [INTEGER, *[_POINTER] * 4])
    function = ir.Function(module, signature, "densities")
    count, points, gradients, logp, data = function.args
    build = ir.IRBuilder(function.append_basic_block("entry"))
    one = module.globals["density"]
    some = build.icmp_signed(">", count, _whole(0))
    with build.if_then(some), _loop(build, count) as i:
        row = build.mul(i, _whole(size))
        value, slope = build.gep(logp, [i]), build.gep(gradients, [row])
        code = build.call(one, [_whole(size), build.gep(points, [row]), slope, value, data])
        nan, low = ir.Constant(DOUBLE, float("nan")), ir.Constant(DOUBLE, float("-inf"))
        bad = build.icmp_signed("!=", code, _whole(0))
        build.store(build.select(bad, nan, build.load(slope)), slope)
        impossible = build.and_(bad, build.icmp_signed("!=", code, _whole(BAD_GRADIENT)))
        build.store(build.select(impossible, low, build.load(value)), value)
    build.ret_void()


def _values(module: ir.Module, one: ir.Function, size: int) -> None:
    """Write `values(count, points, …, logp, data)`, row by row; -inf where there is no density."""
    signature = ir.FunctionType(ir.VoidType(), [INTEGER, *[_POINTER] * 4])
    function = ir.Function(module, signature, "values")
    count, points, gradients, logp, data = function.args
    build = ir.IRBuilder(function.append_basic_block("entry"))
    some = build.icmp_signed(">", count, _whole(0))
    with build.if_then(some), _loop(build, count) as i:
        row, value = build.gep(points, [build.mul(i, _whole(size))]), build.gep(logp, [i])
        code = build.call(one, [_whole(size), row, gradients, value, data])
        low = ir.Constant(DOUBLE, float("-inf"))
        bad = build.icmp_signed("!=", code, _whole(0))
        build.store(build.select(bad, low, build.load(value)), value)
    build.ret_void()


def _copy(module: ir.Module, size: int) -> None:
    """Write `copy(size, expanded, point, out, data)`, which copies the point as it is."""
    signature = ir.FunctionType(INTEGER, [INTEGER, INTEGER, *[_POINTER] * 3])
    function = ir.Function(module, signature, "copy")
    _, _, point, out, _ = function.args
    build = ir.IRBuilder(function.append_basic_block("entry"))
    with _loop(build, _whole(size)) as i:
        build.store(build.load(build.gep(point, [i])), build.gep(out, [i]))
    build.ret(_whole(0))
