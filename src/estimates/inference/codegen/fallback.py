"""A density compiled by PyTensor and Numba, as nutpie does it: for what has no machine code here.

It takes twenty times as long and is kept by this process alone, but knows every operation of
PyTensor.  The functions are called like those of `lowering`, so that nothing above can tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.compile.mode import get_mode
from pytensor.graph.basic import Variable
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import toposort
from pytensor.scalar.basic import TrueDiv

from estimates.inference.codegen.jit import BAD_DENSITY, BAD_GRADIENT, Code
from estimates.inference.codegen.schedule import is_product

if TYPE_CHECKING:
    from numba.types import CPointer
    from pytensor.compile.executor import Function

Array = NDArray[np.float64]
_FAILED = 1  # what the functions answer where PyTensor's own raises an error


def compile_elsewhere(
    outputs: Sequence[Variable], values: Sequence[Variable], data: Sequence[tuple[Variable, int]]
) -> Code:
    """Compile a density (a number) and its gradient (a vector) to functions that can be called.

    Parameters
    ----------
    outputs, values, data : as `arrangement.arrange` takes them
    """
    # The lenient arithmetic that PyTensor lets Numba use takes no notice of infinities.
    with pytensor.config.change_flags(numba__fastmath=False):
        point, vector, outputs = _of_vectors(_zero_steps(outputs), values, data)
        # A parameter out of bounds makes the density 0, as PyMC has it when it samples.
        mode = get_mode("NUMBA").including("local_check_parameter_to_ninf_switch")
        made = pytensor.function([point, vector], outputs, mode=mode, on_unused_input="ignore")
        return _code(made, point.type.shape[0], vector.type.shape[0])


def _zero_steps(outputs: Sequence[Variable]) -> list[Variable]:
    """Return the graph with products of slopes that are 0 if one factor is (see `arrangement`)."""
    forward = set(toposort(outputs[:1]))
    made: dict[Variable, Variable] = {}
    for node in toposort(outputs):
        if node in forward:
            continue
        inputs = [made.get(variable, variable) for variable in node.inputs]
        results = list(node.clone_with_new_inputs(inputs, strict=False).outputs)
        if is_product(node.op):
            factors = inputs[:1] if isinstance(node.op.scalar_op, TrueDiv) else inputs
            for factor in factors:
                none = pt.zeros((), dtype=results[0].type.dtype)
                results[0] = pt.switch(pt.eq(factor, 0), none, results[0])
        made |= zip(node.outputs, results, strict=True)
    return [made.get(variable, variable) for variable in outputs]


def _of_vectors(
    outputs: Sequence[Variable], values: Sequence[Variable], data: Sequence[tuple[Variable, int]]
) -> tuple[Variable, Variable, list[Variable]]:
    """Return the graph as one of two vectors: the point, and all data one after another."""
    sizes = [prod(value.type.shape) for value in values]
    point = pt.vector("point", shape=(sum(sizes),))
    vector = pt.vector("data", shape=(sum(size for _, size in data),))
    parts: dict[Variable, Variable] = {}
    start = 0
    for value, size in zip(values, sizes, strict=True):
        parts[value] = point[start : start + size].reshape(value.type.shape)
        start += size
    start = 0
    for shared, size in data:
        part = vector[start : start + size].astype(shared.type.dtype)
        parts[shared] = part if shared.type.ndim else part[0]
        start += size
    return point, vector, clone_replace(list(outputs), parts)


def _code(made: Function, size: int, length: int) -> Code:
    """Return the code of `prepare`, `density`, `densities`, `values` and `copy`; see `llvm`."""
    import numba

    compute = made.vm.jit_fn

    whole, pointer = numba.types.int64, numba.types.CPointer(numba.types.double)
    four = (pointer, pointer, pointer, pointer)

    @numba.njit
    def one(point: Array, gradient: Array, logp: Array, data: Array) -> int:
        try:
            value, slopes = compute(point, data)
            logp[()] = value
            gradient[...] = slopes
        except Exception:
            return _FAILED
        if not np.isfinite(logp[()]):
            return BAD_DENSITY
        return 0 if np.all(np.isfinite(gradient)) else BAD_GRADIENT

    @numba.cfunc(whole(whole, *four))
    def prepare(_: int, point: CPointer, gradient: CPointer, logp: CPointer, data: CPointer) -> int:
        return 0  # nothing is computed beforehand

    @numba.cfunc(whole(whole, *four))
    def density(_: int, point: CPointer, gradient: CPointer, logp: CPointer, data: CPointer) -> int:
        return one(
            numba.carray(point, (size,)),
            numba.carray(gradient, (size,)),
            numba.carray(logp, ()),
            numba.carray(data, (length,)),
        )

    @numba.cfunc(numba.types.void(whole, *four))
    def densities(
        count: int, points: CPointer, gradients: CPointer, logp: CPointer, data: CPointer
    ) -> None:
        rows, slopes = numba.carray(points, (count, size)), numba.carray(gradients, (count, size))
        values, given = numba.carray(logp, (count, 1)), numba.carray(data, (length,))
        for i in range(count):
            code = one(rows[i], slopes[i], values[i].reshape(()), given)
            if code != 0:
                slopes[i, 0] = np.nan
            if code not in (0, BAD_GRADIENT):
                values[i, 0] = -np.inf

    @numba.cfunc(numba.types.void(whole, *four))
    def many(
        count: int, points: CPointer, gradients: CPointer, logp: CPointer, data: CPointer
    ) -> None:
        rows, slopes = numba.carray(points, (count, size)), np.empty(size)
        values, given = numba.carray(logp, (count, 1)), numba.carray(data, (length,))
        for i in range(count):
            code = one(rows[i], slopes, values[i].reshape(()), given)
            if code not in (0, BAD_GRADIENT):
                values[i, 0] = -np.inf

    @numba.cfunc(whole(whole, whole, pointer, pointer, pointer))
    def copy(_: int, expanded: int, point: CPointer, out: CPointer, data: CPointer) -> int:
        numba.carray(out, (size,))[...] = numba.carray(point, (size,))
        return 0

    kept = made, prepare, density, densities, many, copy
    return Code(
        prepare.address, density.address, densities.address, many.address, copy.address, kept
    )
