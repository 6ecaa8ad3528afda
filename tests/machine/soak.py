"""Random models through compilation, held to PyTensor's own unrewritten graph.

PyTensor's value and gradient are computed operation by operation in NumPy and SciPy: of what makes
the machine code, they share nothing.  A quick sample is a test; for as long as one likes it is

    python -m tests.machine.soak SECONDS [SEED]
"""

from __future__ import annotations

import functools
import operator
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.compile.mode import Mode
from pytensor.graph.replace import clone_replace

from estimates.inference.codegen.density import CompiledDensity, compiled_density
from estimates.inference.engine import Engine
from estimates.inference.posing import data_of, numbers_of
from estimates.inference.pymc_model import build
from estimates.inference.question import Condition
from estimates.inference.signature import structure
from estimates.model import Model

from .models import random_model

Array = NDArray[np.float64]
PLAIN = Mode(linker="py", optimizer=None)
#: Digits that may go, beside those that the formula itself loses at the point.
_TOLERANCE = 1e-9
_NUDGE = 4e-16


@dataclass
class Found:
    """What one model showed: faults in sentences, and how many points could be compared."""

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def compare(model: Model, seed: int) -> Found:
    """The compiled density of a model under a few questions, beside PyTensor's own."""
    rng = np.random.default_rng(seed)
    engine = _engine(model, rng)
    found = Found()
    if not engine.layout.size:
        found.counts["models without an unknown"] += 1
        return found
    with pytensor.config.change_flags(cxx="", traceback__limit=0):
        graph = build(
            model,
            movable=frozenset(engine.movable),
            steps=engine.steps,
            observations=engine.observations,
        )
        terms = [term.sum() for term in graph.logp(sum=False)]
        compiled = _compiled(engine, graph, functools.reduce(operator.add, terms))
        call = _reference(graph, terms)
        points = _points(engine, rng)
        for _ in range(2):
            question = _question(model, engine, rng)
            data = data_of(model, engine.steps, engine.observations, question)
            density = compiled.with_data(**data)
            for variable in graph.data_vars:
                variable.set_value(np.asarray(density.data[variable.name], variable.dtype))
            _hold(density, call, points, found, rng)
    return found


def _compiled(engine: Engine, graph: pm.Model, density: Any) -> CompiledDensity:
    """As the engine compiles it, with the density written once for both ways."""
    written = SimpleNamespace(
        value_vars=graph.value_vars,
        data_vars=graph.data_vars,
        logp=lambda: clone_replace(density),  # rewriting changes the graph that it is given
    )
    form = structure(engine.model, frozenset(engine.movable), engine.steps, engine.observations)
    numbers = numbers_of(engine.model, engine.steps, engine.observations)
    return compiled_density(form, numbers, lambda: written)


def _engine(model: Model, rng: np.random.Generator) -> Engine:
    """An engine, sometimes one in which a few of the unknowns are pinned."""
    engine = Engine(model, seed=int(rng.integers(1000)))
    names = [name for group in engine.layout.groups for name in group.members]
    if len(names) < 2 or rng.random() < 0.8:
        return engine
    values = engine.values(engine.prior_points(2, "pins")[None], _choice(model, rng))
    pinned = rng.choice(names, size=rng.integers(1, len(names)), replace=False)
    return engine.pinning({str(name): float(values[name][0, 0]) for name in pinned})


def _choice(model: Model, rng: np.random.Generator) -> dict[str, str]:
    return {name: str(rng.choice(list(r.options))) for name, r in model.readings.items()}


def _question(model: Model, engine: Engine, rng: np.random.Generator) -> Condition:
    choice = _choice(model, rng)
    admitted = frozenset(use.id for use in model.uses if rng.random() < 0.85)
    return Condition(choice, engine.speaking(choice, admitted), pinned=engine.pinned)


def _points(engine: Engine, rng: np.random.Generator) -> Array:
    """Where the prior is, where no prior draw is, and the edges."""
    size = engine.layout.size
    drawn = engine.prior_points(3, "points")
    spread = np.array([0.3, 1.0, 3.0, 1000.0])[:, None] * rng.standard_normal((4, size))
    edges = np.array([0.0, 1e-300, 40.0, -40.0, 1e8, -1e8, 1e200, np.nan, np.inf])
    edge = rng.normal(size=(2, size))
    edge[np.arange(2), rng.integers(size, size=2)] = rng.choice(edges, size=2)
    return np.concatenate([drawn, spread, np.zeros((1, size)), edge])


def _reference(graph: pm.Model, terms: list[Any]) -> Any:
    """PyTensor's own: the density, the sum of the sizes of its terms, and the gradient."""
    density, size = terms[0], pt.abs(terms[0])
    for term in terms[1:]:
        density, size = density + term, size + pt.abs(term)
    slopes = pt.concatenate([s.ravel() for s in pt.grad(density, graph.value_vars)])
    call = pytensor.function(
        graph.value_vars, [density, size, slopes], mode=PLAIN, on_unused_input="ignore"
    )
    ends = np.cumsum([np.prod(value.type.shape, dtype=int) for value in graph.value_vars])[:-1]

    def at(point: Array) -> tuple[float, float, Array]:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                value, size, slope = call(*np.split(point, ends))
            except Exception as error:  # PyTensor raises where a parameter is out of bounds
                if type(error).__name__ != "ParameterValueError":
                    raise
                return -np.inf, 0.0, np.full(len(point), np.nan)
        return float(value), float(size), np.asarray(slope)

    return at


def _hold(
    density: CompiledDensity, call: Any, points: Array, found: Found, rng: np.random.Generator
) -> None:
    values, slopes = density.surface(points)
    alone = density.logp(points)
    for point, value, slope, other in zip(points, values, slopes, alone, strict=True):
        found.counts["points"] += 1
        where = f"at {point.tolist()}"
        if value != other or np.isnan(value) or value == np.inf:
            found.faults.append(f"{where}: density {value}, without gradient {other}")
        expected, size, steep = call(point)
        if np.isfinite(value) and not np.isfinite(slope).all():
            found.counts["density without slope"] += 1
            if np.isfinite(steep).all() or np.max(np.abs(point)) < 50:
                found.faults.append(f"{where}: slope {slope.tolist()}, expected {steep.tolist()}")
        if not np.isfinite(expected):
            # Rewriting may see further (log of exp of a huge number), not the other way.
            found.counts["PyTensor has no density"] += 1
            continue
        found.counts["densities"] += 1
        known = np.isfinite(steep)
        found.counts["slopes"] += int(known.sum())
        found.counts["slopes that PyTensor has not"] += int((~known).sum())
        most = 1 + np.max(np.abs(steep), where=known, initial=0.0)
        error = max(
            abs(value - expected) / (1 + size),
            np.max(np.abs(slope - steep) / most, where=known, initial=0.0),
        )
        if error <= _TOLERANCE:
            continue
        # What the formula itself loses at the point, seen by moving it by its last digit.
        nudges = rng.choice([-_NUDGE, _NUDGE], (6, len(point)))
        nudged = [call(point * (1 + nudge)) for nudge in nudges]
        lost = 100 * max(abs(one - expected) for one, _, _ in nudged)
        if not abs(value - expected) <= _TOLERANCE * (1 + size) + lost and np.isfinite(lost):
            found.faults.append(f"{where}: density {value}, expected {expected} ± {lost}")
        lost = 100 * np.max([np.abs(one - steep) for _, _, one in nudged], axis=0)
        wrong = known & np.isfinite(lost) & ~(np.abs(slope - steep) <= _TOLERANCE * most + lost)
        if np.isfinite(value) and wrong.any():
            found.faults.append(f"{where}: slope {slope.tolist()}, expected {steep.tolist()}")


def main(seconds: float, seed: int = 0) -> int:
    """Models one after another until the time is over; answers how many showed a fault."""
    end, number, bad = time.monotonic() + seconds, 0, 0
    total: Counter[str] = Counter()
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory() as folder:
            which = seed * 1_000_000 + number
            model = random_model(Path(folder), which)
            try:
                found = compare(model, which)
            except Exception:
                found = Found([traceback.format_exc()])
            number += 1
            total += found.counts
            if found.faults:
                bad += 1
                print(f"--- model {which}\n{(Path(folder) / 'model.yaml').read_text()}")
                print((Path(folder) / "evidence.yaml").read_text())
                print("\n".join(found.faults[:4]), flush=True)
    print(f"{number} models, {bad} with faults; {dict(total)}")
    return bad


if __name__ == "__main__":
    sys.exit(min(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0), 1))
