"""Draws of a compiled density with nutpie's No-U-Turn sampler.

Only nutpie's compiled core is loaded: its Python package imports ArviZ, Matplotlib and Numba, which
takes seconds and which nothing here needs.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from contextlib import suppress
from importlib.machinery import PathFinder
from types import ModuleType
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import pyarrow
from numpy.typing import NDArray

from estimates._util.at_work import WORK
from estimates._util.parts import check, seconds_left
from estimates.inference.codegen.density import CompiledDensity
from estimates.inference.codegen.jit import BAD_DENSITY
from estimates.inference.sampling import Draws, Way

if TYPE_CHECKING:
    from nutpie._lib import ProgressType, PyMcModel, PySampler

Array = NDArray[np.float64]
_KEPT_STATISTICS = ("logp", "diverging", "n_steps", "energy", "depth")
#: Energy errors of this size are those of a density of 0, no matter how small the steps.
_WALL = 1e12
_LOOK = 0.2  # seconds after which it is asked whether the draws are still wanted
_LOADING = threading.Lock()
#: Milliseconds after which a sampler tells how far it is, and what it tells.
_EVERY, _COUNTS = 500, "{{ total_finished_draws }} {{ total_draws }}"


def draw(
    density: CompiledDensity,
    starts: Array,
    way: Way,
    seed: int,
    cores: int | None = None,
) -> Draws:
    """Sample a density; the seed alone decides the draws.

    Parameters
    ----------
    starts : points (rows) of positive density; each chain begins at one chosen by its seed
    cores : how many chains are drawn at a time (as many as there are processors, if not said);
        the draws do not depend on it
    """
    lib = _core()
    model = _model(lib, density, np.ascontiguousarray(starts, dtype=float))
    sampling = way.sampling
    make = lib.PyNutsSettings.LowRank if way.metric == "low_rank" else lib.PyNutsSettings.Diag
    settings = make(seed)
    settings.update(
        {
            "num_draws": sampling.draws,
            "num_tune": sampling.tune,
            "num_chains": sampling.chains,
            "target_accept": sampling.target_accept,
            "maxdepth": way.depth,
            "store_divergences": True,
        }
    )
    threads = min(cores or os.cpu_count() or 1, sampling.chains)
    sampler = lib.PySampler.from_pymc(
        settings,
        threads,
        model,
        _shown(lib, threads),
        None,
        1000,
        lib.PyStorage.arrow(),
    )
    try:
        _wait(sampler)
    except BaseException:
        # What went wrong is to be told, not that a broken sampler cannot be stopped either.
        with suppress(BaseException):
            sampler.abort()
        raise
    draws, statistics = sampler.take_results().get_arrow_trace()
    kept = [~_numbers(chain.column("tuning")).astype(bool) for chain in statistics]
    points = np.stack(
        [
            _numbers(chain.column("point")).reshape(-1, density.size)[keep]
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
    chains = zip(statistics, kept, stats["diverging"], strict=True)
    ends = np.concatenate([_ends(*chain, density.size) for chain in chains])
    return Draws(points=points, logp=stats["logp"], stats=stats, ends=ends)


def _shown(lib: ModuleType, threads: int) -> ProgressType:
    """Return how a sampler tells how far it is: not at all where nobody waits."""
    if not WORK.watched:
        return lib.ProgressType.none()
    asker = threading.get_ident()

    def told(counts: str) -> None:
        finished, total = map(int, counts.split())
        WORK.within(finished / total if total else 0.0, asker)

    return lib.ProgressType.template_callback(_EVERY, _COUNTS, threads, told)


def _wait(sampler: PySampler) -> None:
    """Wait for a sampler, as long as there is time for it (see `parts.check`)."""
    while True:
        try:
            sampler.wait(None if seconds_left() is None else _LOOK)
        except TimeoutError:
            check()
        else:
            return


def _ends(
    statistics: pyarrow.RecordBatch,
    kept: NDArray[np.bool_],
    diverging: NDArray[np.bool_],
    size: int,
) -> Array:
    """Return the points from and to which trajectories diverged, a row for each."""
    rows = np.flatnonzero(kept)[diverging]
    columns = [statistics.column(f"divergence_{name}") for name in ("start", "end")]
    pairs = [_numbers(pyarrow.array(column).take(pyarrow.array(rows))) for column in columns]
    return np.stack([pair.reshape(len(rows), size) for pair in pairs], axis=1)


def _model(lib: ModuleType, density: CompiledDensity, starts: Array) -> PyMcModel:
    """Return the density in the form that nutpie gives its own models."""

    def start(seed: int | None = None) -> Array:
        row = np.random.default_rng(seed).integers(len(starts))
        return starts[row].copy()

    dimensions: dict[str, int] = {}  # filled in by new_variables
    size, data = density.size, density.vector.ctypes.data
    variables = lib.PyVariable.new_variables(["point"], ["float64"], [[size]], dimensions, {})
    return lib.PyMcModel(
        lib.LogpFunc(density.code.density, data, density),
        lib.ExpandFunc(size, size, density.code.copy, data, density),
        variables,
        size,
        dimensions,
        {},
        start,
        _no_transform,
    )


def _no_transform(*_: Array) -> NoReturn:
    raise ValueError("no normalising flow is offered, only NUTS with a linear metric")


def _core() -> ModuleType:
    """Load nutpie's extension module, without the package around it.

    It is registered under its own name, so that the package finds it there if it is imported.
    """
    name = "nutpie._lib"
    with _LOADING:  # several threads may draw for the first time at once
        if name not in sys.modules:
            package = importlib.util.find_spec("nutpie")
            assert package is not None
            spec = PathFinder.find_spec(name, package.submodule_search_locations)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            sys.modules[name] = module
    return sys.modules[name]


def _numbers(column: pyarrow.Array) -> NDArray:
    """Return an arrow column as an array, lists of it flattened."""
    array = pyarrow.array(column)
    if hasattr(array, "flatten"):
        array = array.flatten()
    return np.asarray(array.to_numpy(zero_copy_only=False))
