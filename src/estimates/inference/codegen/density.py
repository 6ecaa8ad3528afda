"""One compiled log density, evaluated under as many data as one likes.

A PyMC model becomes *one* machine-code function of two vectors: the point in unconstrained
space and the data.  Everything that differs between two fits (claim values, widths, which
claims speak, which branch a reading takes) is data, so a refit needs no compilation.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from estimates._util.notices import notice
from estimates.errors import Fault, InputError
from estimates.inference.codegen import cache
from estimates.inference.codegen.jit import Code, assemble, load, processor

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.graph.basic import Variable

Array = NDArray[np.float64]
_MANY = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * 4)
_PREPARE = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, *[ctypes.c_void_p] * 4)


@dataclass(frozen=True)
class CompiledDensity:
    """A log density as machine code, with the data that it is currently given.

    `with_data` answers the same density under other data, at no cost.

    Attributes
    ----------
    size : length of a point
    data : the data by name
    code : the machine code
    derived : how many numbers are computed of the data alone, once for all points
    vector : all data, one after another, and behind them what is derived from them
    """

    size: int
    data: Mapping[str, NDArray[np.generic]]
    code: Code
    derived: int
    vector: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = [np.ravel(values).astype(float) for values in self.data.values()]
        vector = np.concatenate([*parts, np.zeros(self.derived + 1)])
        _PREPARE(self.code.prepare)(self.size, None, None, None, vector.ctypes.data)
        object.__setattr__(self, "vector", vector)

    def with_data(self, **updates: ArrayLike) -> CompiledDensity:
        """Return the function under other data; raise on an unknown name or another length."""
        return replace(self, data=_updated(self.data, updates))

    def logp(self, points: Array) -> Array:
        """Return the joint log density (row,) at points (row, dimension); -inf off the domain."""
        points = self._rows(points)
        values = np.empty(len(points))
        self._evaluate(self.code.values, points, None, values)
        return values

    def surface(self, points: Array) -> tuple[Array, Array]:
        """Return log densities at points (rows) and their gradients; one with nan is none."""
        points = self._rows(points)
        values, slopes = np.empty(len(points)), np.empty_like(points)
        self._evaluate(self.code.densities, points, slopes, values)
        return values, slopes

    def _rows(self, points: Array) -> Array:
        points = np.ascontiguousarray(np.atleast_2d(points), dtype=float)
        if points.shape[1] != self.size:
            raise ValueError(f"points have {points.shape[1]} columns, the density {self.size}")
        return points

    def _evaluate(self, code: int, points: Array, slopes: Array | None, values: Array) -> None:
        call = _MANY(code)  # it lets other threads run meanwhile
        nowhere = None if slopes is None else slopes.ctypes.data
        call(len(points), points.ctypes.data, nowhere, values.ctypes.data, self.vector.ctypes.data)


def _updated(
    data: Mapping[str, NDArray[np.generic]], updates: Mapping[str, ArrayLike]
) -> dict[str, NDArray[np.generic]]:
    """Return data, some of them others; raise on an unknown name or another length."""
    for name, value in updates.items():
        if name not in data:
            raise KeyError(f"the compiled density has no data called {name!r}")
        if np.shape(value) != np.shape(data[name]):
            raise ValueError(
                f"data {name!r} has shape {np.shape(value)}, compiled for {np.shape(data[name])}"
            )
    return {**data, **{name: np.asarray(value) for name, value in updates.items()}}


@dataclass(frozen=True)
class _Compiled:
    size: int
    derived: int
    code: Code
    data: Mapping[str, NDArray[np.generic]]


#: Machine code of the structures met last; code is read-only, so sharing it is safe.
_compiled: dict[str, _Compiled] = {}
_KEPT = 16


def compiled_density(
    structure: str, numbers: Mapping[str, ArrayLike], build: Callable[[], pm.Model]
) -> CompiledDensity:
    """Return the compiled joint log density of a PyMC model, all `pm.Data` as one data vector.

    What was compiled before, in this process or another, is not compiled again, and its PyMC model
    not even built.  An operation that has no machine code here leaves the model to PyTensor and
    Numba, with a line of notice.

    Parameters
    ----------
    structure : equal for models that differ in `numbers` only; those share their code
    numbers : the data by name that models of one structure may have of their own
    build : makes the PyMC model, whose free variables are vectors and whose `pm.Data` are
        one-dimensional; lengths are fixed by the compilation, values are not
    """
    ours = _codegen()
    key = f"{processor() if ours else 'elsewhere'}\n{structure}"
    found = _compiled.get(key)
    if found is None:
        found = _compiled[key] = _made(structure, build, ours)
        while len(_compiled) > _KEPT:
            _compiled.pop(next(iter(_compiled)))
    data = _updated(found.data, numbers)
    return CompiledDensity(found.size, data, found.code, found.derived)


def _codegen() -> bool:
    """Return whether machine code is made here; `ESTIMATES_CODEGEN=off` leaves it to Numba."""
    said = os.environ.get("ESTIMATES_CODEGEN", "on")
    if said not in ("on", "off"):
        raise InputError([Fault(f"ESTIMATES_CODEGEN is '{said}'; it can be on or off")])
    return said == "on"


def _made(structure: str, build: Callable[[], pm.Model], ours: bool) -> _Compiled:
    """Return the compilation of a structure, kept on disk unless it was compiled elsewhere."""
    entry = cache.read_code(structure) if ours else None
    data = cache.read_data(structure)
    if entry is not None and data is not None:
        return _Compiled(entry.size, entry.derived, load(entry.object, entry.called), data)
    model = build()
    data = {shared.name: shared.get_value() for shared in model.data_vars}
    cache.write_data(structure, data)
    graph = _graph(model, data)
    if ours:
        try:
            entry = _compile(*graph)
        except NotImplementedError as error:
            notice(f"{error}, so this model is compiled by Numba: the same answer, later")
        else:
            cache.write_code(structure, entry)
            return _Compiled(entry.size, entry.derived, load(entry.object, entry.called), data)
    from estimates.inference.codegen.fallback import compile_elsewhere

    size = sum(prod(value.type.shape) for value in graph[1])
    return _Compiled(size, 0, compile_elsewhere(*graph), data)


type _Graph = tuple[list[Variable], list[Variable], list[tuple[Variable, int]]]


def _graph(model: pm.Model, data: Mapping[str, NDArray[np.generic]]) -> _Graph:
    """Return the density and its gradient, the free vectors, and the data with their lengths."""
    import pytensor
    import pytensor.tensor as pt
    from pytensor.graph import rewrite_graph

    values = model.value_vars
    # Where each node was made is of no use here, and takes a tenth of the time to note.
    with pytensor.config.change_flags(traceback__limit=0):
        density = rewrite_graph(model.logp(), include=["canonicalize", "stabilize"])
        gradient = pt.concatenate([part.ravel() for part in pt.grad(density, values)])
    shared = [(variable, data[variable.name].size) for variable in model.data_vars]
    return [density, gradient], values, shared


def _compile(
    outputs: list[Variable], values: list[Variable], data: list[tuple[Variable, int]]
) -> cache.Entry:
    from estimates.inference.codegen.llvm import lower
    from estimates.inference.codegen.schedule import arrange

    arrangement = arrange(outputs, values, data)
    lowered = lower(arrangement)
    code = assemble(lowered.text)
    return cache.Entry(arrangement.size, arrangement.derived, lowered.called, code)
