"""One compiled log density, evaluated under as many data as one likes.

A PyMC model becomes *one* machine-code function of two vectors: the point in unconstrained
space and the data.  Everything that differs between two fits (claim values, widths, which
claims speak, which branch a reading takes) is data, so a refit needs no compilation.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from estimates.machine import cache
from estimates.machine.code import Code, assemble, load

if TYPE_CHECKING:
    import pymc as pm

Array = NDArray[np.float64]
_MANY = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * 4)
_PREPARE = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, *[ctypes.c_void_p] * 4)
_ROWS = 4096  # points evaluated at a time, where their gradients are not kept


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
    data: Mapping[str, NDArray[Any]]
    code: Code
    derived: int
    vector: Array = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = [np.ravel(values).astype(float) for values in self.data.values()]
        vector = np.concatenate([*parts, np.zeros(self.derived + 1)])
        _PREPARE(self.code.prepare)(self.size, None, None, None, vector.ctypes.data)
        object.__setattr__(self, "vector", vector)

    def with_data(self, **updates: Any) -> CompiledDensity:
        """The same function under other data; a name or length it does not have is an error."""
        for name, value in updates.items():
            if name not in self.data:
                raise KeyError(f"the compiled density has no data called {name!r}")
            if np.shape(value) != np.shape(self.data[name]):
                raise ValueError(
                    f"data {name!r} has shape {np.shape(value)}, compiled for "
                    f"{np.shape(self.data[name])}"
                )
        data = {**self.data, **{name: np.asarray(value) for name, value in updates.items()}}
        return replace(self, data=data)

    def logp(self, points: Array, *, gradient: bool = False) -> Any:
        """Joint log density at points (rows); -inf outside the domain.

        With `gradient=True` the pair (densities, gradients); a gradient with nan in it where there
        is none.
        """
        points = np.ascontiguousarray(np.atleast_2d(points), dtype=float)
        if points.shape[1] != self.size:
            raise ValueError(f"points have {points.shape[1]} columns, the density {self.size}")
        values = np.empty(len(points))
        call = _MANY(self.code.densities)  # it lets other threads run meanwhile
        if gradient:
            slopes = np.empty_like(points)
            call(len(points), points.ctypes.data, slopes.ctypes.data, values.ctypes.data,
                 self.vector.ctypes.data)  # fmt: skip
            return values, slopes
        slopes = np.empty((min(_ROWS, len(points)), self.size))
        for start in range(0, len(points), _ROWS):
            rows, found = points[start : start + _ROWS], values[start : start + _ROWS]
            call(len(rows), rows.ctypes.data, slopes.ctypes.data, found.ctypes.data,
                 self.vector.ctypes.data)  # fmt: skip
        return values


@dataclass(frozen=True)
class _Compiled:
    size: int
    derived: int
    code: Code


#: Machine code of the structures met last; code is read-only, so sharing it is safe.
_compiled: dict[str, _Compiled] = {}
_KEPT = 16


def compiled_density(
    structure: str, content: str, build: Callable[[], pm.Model]
) -> CompiledDensity:
    """The compiled joint log density of a PyMC model, all `pm.Data` as one data vector.

    What was compiled before, in this process or another, is not compiled again; where the data are
    known too, the PyMC model is not even built.

    Parameters
    ----------
    structure : equal for models that differ in their data only; those share their code
    content : equal for models that are equal in everything
    build : makes the PyMC model, whose free variables are vectors and whose `pm.Data` are
        one-dimensional; lengths are fixed by the compilation, values are not
    """
    model = None
    data = cache.read_data(content)
    if data is None:
        model = build()
        data = {shared.name: shared.get_value() for shared in model.data_vars}
        cache.write_data(content, data)
    found = _compiled.get(structure)
    if found is None:
        entry = cache.read_code(structure)
        if entry is None:
            entry = _compile(model or build(), data)
            cache.write_code(structure, entry)
        code = load(entry.object, entry.called)
        found = _compiled[structure] = _Compiled(entry.size, entry.derived, code)
        while len(_compiled) > _KEPT:
            _compiled.pop(next(iter(_compiled)))
    return CompiledDensity(found.size, data, found.code, found.derived)


def _compile(model: pm.Model, data: Mapping[str, NDArray[Any]]) -> cache.Entry:
    import pytensor
    import pytensor.tensor as pt
    from pytensor.graph import rewrite_graph

    from estimates.machine.arrangement import arrange
    from estimates.machine.lowering import lower

    values = model.value_vars
    # Where each node was made is of no use here, and takes a tenth of the time to note.
    with pytensor.config.change_flags(traceback__limit=0):
        density = rewrite_graph(model.logp(), include=["canonicalize", "stabilize"])
        gradient = pt.concatenate([part.ravel() for part in pt.grad(density, values)])
        shared = [(variable, data[variable.name].size) for variable in model.data_vars]
        arrangement = arrange([density, gradient], values, shared)
        lowered = lower(arrangement)
    code = assemble(lowered.text)
    return cache.Entry(arrangement.size, arrangement.derived, lowered.called, code)
