"""One compiled log density, sampled as often as one likes.

A PyMC model becomes *one* machine-code function of two vectors: the point in unconstrained
space and the data.  Everything that differs between two fits (claim values, widths, which
claims speak, which branch a reading takes) is data, so a refit costs a tenth of a second and
no compilation.  nutpie's own wrapper unrolls every shared variable into the type system, which
makes its compilation some three times slower; here all of them are slices of a single vector.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
import nutpie
import pyarrow
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray
from nutpie import _lib
from nutpie.sample import CompiledModel
from pytensor.graph import clone_replace, rewrite_graph

from estimates.sampling import Adaptation, Draws, Sampling

if TYPE_CHECKING:
    import pymc as pm

Array = NDArray[np.float64]
_DOUBLES = numba.types.CPointer(numba.types.double)
_LOGP_SIGNATURE = numba.types.int64(numba.types.uint64, _DOUBLES, _DOUBLES, _DOUBLES, _DOUBLES)
_EXPAND_SIGNATURE = numba.types.int64(
    numba.types.uint64, numba.types.uint64, _DOUBLES, _DOUBLES, numba.types.voidptr
)
_C_FUNCTION = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)

#: What the compiled function answers instead of 0 where the density cannot be used.
BAD_GRADIENT, BAD_DENSITY = 3, 4
_KEPT_STATISTICS = ("logp", "diverging", "n_steps", "energy", "depth")
#: Energy errors of this size are those of a density of 0, no matter how small the steps.
_WALL = 1e12


@dataclass(frozen=True)
class CompiledDensity(CompiledModel):
    """A log density compiled to machine code, with the data it is currently given.

    `with_data` returns the same density under other data, at no cost.  It subclasses nutpie's
    `CompiledModel`, so that `nutpie.sample` takes it as it takes its own.
    """

    size: int
    data: Mapping[str, NDArray[Any]]
    _function: Any = field(repr=False, default=None)  # numba cfunc
    _layout: tuple[str, ...] = ()
    _vector: Array = field(repr=False, default_factory=lambda: np.empty(0))
    _starts: Array | None = field(repr=False, default=None)

    @property
    def n_dim(self) -> int:
        return self.size

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        return {"point": (self.size,)}

    @property
    def coords(self) -> dict[str, Any]:
        return {}

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
        return replace(self, data=data, _vector=_pack(data, self._layout))

    def with_starts(self, starts: Array) -> CompiledDensity:
        """Chains begin at one of these points (rows), chosen by the seed of each chain."""
        return replace(self, _starts=np.ascontiguousarray(starts, dtype=float))

    def logp(self, points: Array, *, gradient: bool = False) -> Any:
        """Joint log density at points (rows); -inf outside the domain.

        With `gradient=True` the pair (densities, gradients), a gradient of nan where there is
        none.
        """
        points = np.ascontiguousarray(np.atleast_2d(points), dtype=float)
        values = np.empty(len(points))
        slopes = np.empty_like(points)
        call = _C_FUNCTION(self._function.address)
        # Plain addresses: making a ctypes pointer costs ten times the evaluation itself.
        point, slope, value = points.ctypes.data, slopes.ctypes.data, values.ctypes.data
        data, stride = self._vector.ctypes.data, 8 * self.size
        for i in range(len(points)):
            code = call(self.size, point + i * stride, slope + i * stride, value + 8 * i, data)
            if code not in (0, BAD_GRADIENT):
                values[i] = -np.inf
            if code != 0:
                slopes[i] = np.nan
        return (values, slopes) if gradient else values

    # What nutpie asks of a model -------------------------------------------------------------

    def _make_sampler(
        self,
        settings: Any,
        init_mean: Any,
        cores: int,
        progress_type: Any,
        extra_callback: Any,
        extra_callback_rate: int,
        store: Any,
    ) -> Any:
        return _lib.PySampler.from_pymc(
            settings,
            cores,
            self._make_model(init_mean),
            progress_type,
            extra_callback,
            extra_callback_rate,
            store,
        )

    def _make_model(self, init_mean: Any) -> Any:
        address = self._vector.ctypes.data
        copy = _identity()
        dimensions: dict[str, int] = {}  # filled in by new_variables
        variables = _lib.PyVariable.new_variables(
            ["point"], ["float64"], [[self.size]], dimensions, {}
        )
        return _lib.PyMcModel(
            _lib.LogpFunc(self._function.address, address, self),
            _lib.ExpandFunc(self.size, self.size, copy.address, address, self),
            variables,
            self.size,
            dimensions,
            {},
            self._start,
            _no_transform,
        )

    def _start(self, seed: int | None = None) -> Array:
        if self._starts is None:
            raise ValueError("a density needs starting points before it can be sampled")
        row = np.random.default_rng(seed).integers(len(self._starts))
        return self._starts[row].copy()


def compile_density(model: pm.Model, structure: str) -> CompiledDensity:
    """Compile a PyMC model's joint log density and gradient, all `pm.Data` as one data vector.

    Parameters
    ----------
    model : pymc.Model whose free variables are vectors and whose `pm.Data` are one-dimensional;
        lengths are fixed by the compilation, values are not
    structure : equal for models that differ in their data only; those share their code
    """
    data = {shared.name: shared.get_value() for shared in model.data_vars}
    code = _compiled.get(structure)
    if code is None:
        # Where each node was made is of no use here, and takes a tenth of the time to note.
        with pytensor.config.change_flags(traceback__limit=0):
            code = _compiled[structure] = _compile(model, data)
        while len(_compiled) > _KEPT:
            _compiled.pop(next(iter(_compiled)))
    layout = tuple(data)
    return CompiledDensity(
        dims={},
        size=code.size,
        data=data,
        _function=code.function,
        _layout=layout,
        _vector=_pack(data, layout),
    )


@dataclass(frozen=True)
class _Code:
    size: int
    function: Any  # numba cfunc


#: Machine code of the structures met last; code is read-only, so sharing it is safe.
_compiled: dict[str, _Code] = {}
_KEPT = 16


def _compile(model: pm.Model, data: Mapping[str, NDArray[Any]]) -> _Code:
    values = model.value_vars
    density = rewrite_graph(model.logp(), include=["canonicalize", "stabilize"])
    gradient = pt.concatenate([part.ravel() for part in pt.grad(density, values)])

    sizes = [prod(value.type.shape) for value in values]
    point = pt.TensorType("float64", shape=(sum(sizes),))("point")
    vector = pt.dvector("data")

    replacements: dict[Any, Any] = {}
    offset = 0
    for value, size in zip(values, sizes, strict=True):
        replacements[value] = point[offset : offset + size]
        offset += size

    used = 0
    for shared in model.data_vars:
        size = data[shared.name].size
        part = vector[used : used + size]
        if shared.dtype != "float64":
            part = part.astype(shared.dtype)
        replacements[shared] = pt.specify_shape(part, (size,))
        used += size

    outputs = clone_replace([density, gradient], replacements)
    function = pytensor.function(
        [pytensor.In(point, borrow=True), pytensor.In(vector, borrow=True)],
        outputs,
        mode="NUMBA",
        on_unused_input="ignore",
        trust_input=True,
    )
    size = int(point.type.shape[0])
    return _Code(size, _as_c_function(function.vm.jit_fn, size, used))


def draw(
    density: CompiledDensity,
    sampling: Sampling,
    seed: int,
    adaptation: Adaptation = "diag",
) -> Draws:
    """Sample the density with nutpie's NUTS; the seed alone decides the draws."""
    trace = nutpie.sample(
        density,
        draws=sampling.draws,
        tune=sampling.tune,
        chains=sampling.chains,
        target_accept=sampling.target_accept,
        adaptation=adaptation,
        seed=seed,
        save_warmup=False,
        progress_bar=False,
        return_raw_trace=True,
    )
    draws, statistics = trace.get_arrow_trace()
    kept = [~_numbers(chain.column("tuning")).astype(bool) for chain in statistics]
    points = np.stack(
        [
            _matrix(chain.column("point"), density.size)[keep]
            for chain, keep in zip(draws, kept, strict=True)
        ]
    )
    stats = {
        name: np.stack(
            [_numbers(s.column(name))[keep] for s, keep in zip(statistics, kept, strict=True)]
        )
        for name in (*_KEPT_STATISTICS, "divergence_energy_error", "divergence_message")
    }
    # A trajectory that leaves the domain ends as a divergence does, but is no numerical failure:
    # density 0 was found where density is 0.
    error = stats.pop("divergence_energy_error").astype(float)
    refused = np.char.endswith(stats.pop("divergence_message").astype(str), f": {BAD_DENSITY}")
    stats["left_domain"] = stats["diverging"] & (refused | (error > _WALL))
    stats["diverging"] = stats["diverging"] & ~stats["left_domain"]
    return Draws(points=points, logp=stats["logp"], stats=stats)


def _matrix(column: Any, width: int) -> Array:
    """An arrow column of equal lists, one a draw, as a matrix (draw, width)."""
    return _numbers(column).reshape(-1, width)


def _numbers(column: Any) -> NDArray[Any]:
    array = pyarrow.array(column)
    if hasattr(array, "flatten"):
        array = array.flatten()
    return array.to_numpy(zero_copy_only=False)


def _as_c_function(jitted: Callable[..., Any], size: int, data_size: int) -> Any:
    def density(size_, point_, gradient_, logp_, data_):  # type: ignore[no-untyped-def]
        try:
            point = numba.carray(point_, (size,))
            data = numba.carray(data_, (data_size,))
            value, slope = jitted(point, data)
        except Exception:
            logp_[0] = -np.inf
            return 1
        logp_[0] = value.item()
        if not np.isfinite(logp_[0]):
            return 4
        for i in range(size):
            gradient_[i] = slope[i]
            if not np.isfinite(slope[i]):
                return 3
        return 0

    return numba.cfunc(_LOGP_SIGNATURE)(density)


@functools.cache
def _identity() -> Any:
    """nutpie expands draws into derived quantities with this; ours are derived afterwards."""

    def copy(size, expanded, point_, out_, data_):  # type: ignore[no-untyped-def]
        for i in range(size):
            out_[i] = point_[i]
        return 0

    return numba.cfunc(_EXPAND_SIGNATURE)(copy)


def _no_transform(*args: Any, **kwargs: Any) -> Any:
    raise ValueError("no normalising flow is offered, only NUTS with a linear metric")


def _pack(data: Mapping[str, NDArray[Any]], layout: tuple[str, ...]) -> Array:
    parts = [np.ravel(data[name]).astype(float) for name in layout]
    return np.concatenate(parts) if parts else np.zeros(0)
