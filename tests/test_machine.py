"""Machine code answers what PyTensor itself answers, and what is damaged on disk is made anew.

PyTensor's own answer comes from its unrewritten graph, operation by operation in NumPy and SciPy:
of what makes the machine code, it shares nothing.
"""

from __future__ import annotations

import ctypes
import functools
import json
import operator
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, localcontext
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytensor.scalar as ps
import pytensor.tensor as pt
import pytest
from numpy.typing import ArrayLike, NDArray
from pymc.distributions import dist_math, transforms
from pytensor.compile.builders import OpFromGraph
from pytensor.compile.mode import Mode
from pytensor.graph import rewrite_graph
from pytensor.graph.replace import clone_replace
from pytensor.tensor.elemwise import Elemwise
from pytensor.tensor.shape import Shape_i
from scipy import special, stats

from estimates._util.notices import notice
from estimates.errors import InputError
from estimates.inference.codegen import cache
from estimates.inference.codegen import density as densities
from estimates.inference.codegen.density import CompiledDensity, compiled_density
from estimates.inference.codegen.jit import BAD_DENSITY, BAD_GRADIENT, assemble, load
from estimates.inference.codegen.llvm import Lowered, lower
from estimates.inference.codegen.scalars import OPERATIONS
from estimates.inference.codegen.schedule import arrange
from estimates.inference.tensors import TensorOps
from estimates.model.distributions import DISTRIBUTIONS

Array = NDArray[np.float64]
PLAIN = Mode(linker="py", optimizer=None)
#: The sum of a few numbers in another order, and C's functions against NumPy's: some units in the
#: last place (2e-16 each).
LAST_PLACES = 4e-15
_ONCE = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, *[ctypes.c_void_p] * 4)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is found that this test has not made."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("ESTIMATES_CACHE", str(folder))
    monkeypatch.setattr(densities, "_compiled", {})
    return folder


@pytest.fixture(autouse=True)
def without_c() -> Iterator[None]:
    """PyTensor compiles nothing, not even what is inside an operation, and notes no places."""
    with pytensor.config.change_flags(cxx="", traceback__limit=0):
        yield


# Both ways of computing a vector -----------------------------------------------------------------


def plain(results: list[Any], inputs: Mapping[Any, Any]) -> list[Array]:
    """By PyTensor in Python."""
    with np.errstate(all="ignore"):
        call = pytensor.function(list(inputs), results, mode=PLAIN, on_unused_input="ignore")
        return [np.asarray(found) for found in call(*inputs.values())]


def lowered(
    result: Any, inputs: Mapping[Any, Any], size: int, density: Any, early: bool = True
) -> Lowered:
    """A vector in the place of the gradient; the inputs are data.

    What depends on data alone is computed before any point. Unless `early`, each input is chosen
    by the point, and everything is computed with it.
    """
    point = pt.vector("point", shape=(size,))
    data = [(variable, np.size(array)) for variable, array in inputs.items()]
    outputs = [density, result]
    if not early:
        chosen = {x: pt.switch(point[0] < 1, x, 0).astype(x.dtype) for x in inputs}
        outputs = clone_replace(outputs, chosen)
    return lower(arrange(outputs, [point], data))


def computed(
    result: Any, inputs: Mapping[Any, Any], size: int, density: Any = None
) -> tuple[int, float, Array]:
    """By machine code: what it says of itself, the density (0 if not given) and the vector.

    Both ways of it, which must agree.
    """
    density = pt.constant(0.0) if density is None else density
    ways = [_computed(result, inputs, size, density, early) for early in (True, False)]
    for first, second in zip(*ways, strict=True):
        np.testing.assert_array_equal(first, second)
    return ways[0]


def _computed(
    result: Any, inputs: Mapping[Any, Any], size: int, density: Any, early: bool
) -> tuple[int, float, Array]:
    found = lowered(result, inputs, size, density, early)
    code = load(assemble(found.text), found.called)
    parts = [np.ravel(a).astype(float) for a in inputs.values()]
    data = np.concatenate([*parts, np.zeros(100_000)])  # room for what is derived
    point, vector, logp = np.zeros(size), np.empty(size), np.empty(1)
    arrays = (point, vector, logp, data)
    _ONCE(code.prepare)(size, *(array.ctypes.data for array in arrays))
    said = _ONCE(code.density)(size, *(array.ctypes.data for array in arrays))
    return said, logp[0], vector


def agree(result: Any, inputs: Mapping[Any, Any], tolerance: float = LAST_PLACES) -> None:
    (expected,) = plain([result], inputs)
    # As part of the density, not as a step of its gradient, where 0 times infinity is 0.
    _, _, found = computed(result, inputs, expected.size, density=result.sum())
    # What PyTensor computes as a subnormal number may come out as 0.
    np.testing.assert_allclose(found, expected.ravel(), rtol=tolerance, atol=1e-307)


def slope_of(result: Any, variable: Any) -> Any:
    """The gradient of the sum of squares, which is another one at every element."""
    return pt.grad((result.astype("float64") ** 2).sum(), variable, disconnected_inputs="ignore")


# Families ----------------------------------------------------------------------------------------

MEMBERS = 6  # with the points below, 48 sets of arguments for each form
POINTS = 8


def forms(family: str) -> Iterator[tuple[str, ...]]:
    """The sets of arguments that define it: each with all that is optional, the first also without.

    What is left out is a constant in the same formula, except an end of the support: without it
    the formula is another, so that each end is also there alone.
    """
    distribution = DISTRIBUTIONS[family]
    sets = [needed | optional for needed, optional in distribution.forms]
    needed, optional = distribution.forms[0]
    ends = optional & {"lower", "upper"}
    sets += [needed, *(needed | {end} for end in sorted(ends))] if optional else []
    for given in sets:
        yield tuple(name for name in distribution.arguments if name in given)


def unknowns(family: str, names: tuple[str, ...], number: int) -> dict[str, Any]:
    """Arguments that are themselves unknown, where the family allows them."""

    def positive(name: str) -> Any:
        return pm.LogNormal(f"{name}_{number}", 0.0, 0.5, shape=MEMBERS)

    def share(name: str) -> Any:
        return pm.Beta(f"{name}_{number}", 3.0, 3.0, shape=MEMBERS)

    made: dict[str, Any] = {}
    for name in names:
        argument = DISTRIBUTIONS[family].arguments[name]
        match family, name:
            case "Wald", "alpha":  # PyMC draws from 0, not from here: a little above it
                made[name] = 0.05 * share(name)
            case "Beta", "sigma":  # at most that of a coin with this mean
                made[name] = share(name) * pt.sqrt(made["mu"] * (1 - made["mu"]))
            case _, "lower":
                made[name] = 0.4 - positive(name)
            case _, "upper":
                made[name] = 0.6 + positive(name)
            case "Triangular", "c":
                low, high = made.get("lower", 0.0), made.get("upper", 1.0)
                made[name] = low + (high - low) * share(name)
            case _ if argument.high == 1.0:
                made[name] = share(name)
            case _ if argument.low == 0.0:
                made[name] = positive(name)
            case _:
                made[name] = pm.Normal(f"{name}_{number}", 0.0, 1.0, shape=MEMBERS)
    return made


def hierarchy(family: str, every: bool) -> pm.Model:
    """Every form of a family, or the one with the most arguments, and claims about what has it.

    The arguments are unknown.
    """
    chosen = list(forms(family)) if every else [max(forms(family), key=len)]
    drawn = []
    with pm.Model() as model:
        for number, names in enumerate(chosen):
            arguments = unknowns(family, names, number)
            name = f"x_{number}"
            match family:
                case "LogitNormal":  # PyMC's has no transform: it is drawn as the compiler does
                    x = pt.sigmoid(pm.Normal(name, **arguments, shape=MEMBERS))
                case "VonMises" if number % 2:  # as the compiler does; else PyMC's own transform
                    circle = transforms.Interval(-np.pi, np.pi)
                    x = pm.VonMises(name, **arguments, shape=MEMBERS, default_transform=circle)
                case _:
                    x = getattr(pm, family)(name, **arguments, shape=MEMBERS)
            drawn.append(x)
        said = pm.Data("said", np.linspace(-1.2, 2.3, MEMBERS * len(drawn)))
        pm.Cauchy("claims", alpha=pt.concatenate(drawn), beta=1.0, observed=said)
    return model


def written(model: pm.Model) -> Any:
    """The model with its density written once, for both: PyMC takes long to write it."""
    # Two terms at a time: NumPy takes no more than 32 operands at once.
    density = functools.reduce(operator.add, (term.sum() for term in model.logp(sum=False)))
    return SimpleNamespace(
        value_vars=model.value_vars,
        data_vars=model.data_vars,
        logp=lambda: clone_replace(density),  # rewriting changes the graph that it is given
    )


def reference(model: Any, points: Array) -> tuple[Array, Array]:
    """PyTensor's own density and gradient at points (rows)."""
    values = model.value_vars
    density = model.logp()
    slopes = pt.concatenate(pt.grad(density, values))
    call = pytensor.function(values, [density, slopes], mode=PLAIN)
    ends = np.cumsum([value.type.shape[0] for value in values])[:-1]
    with np.errstate(all="ignore"):
        rows = [call(*np.split(point, ends)) for point in points]
    return np.array([row[0] for row in rows]), np.array([row[1] for row in rows])


def differences(density: CompiledDensity, points: Array, step: float = 5e-5) -> Array:
    """Central differences of the density, extrapolated once (Richardson)."""
    found = []
    for width in (step, 2 * step):
        shifts = width * np.eye(density.size)
        up, down = (density.logp((points[:, None] + s * shifts).reshape(-1, density.size))
                    for s in (1, -1))  # fmt: skip
        found.append((up - down).reshape(points.shape) / (2 * width))
    return (4 * found[0] - found[1]) / 3


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("family", DISTRIBUTIONS)
def test_density_and_gradient_of_every_family(family: str, every: bool) -> None:
    """In its fullest form always, in every other form if there is time."""
    model = written(hierarchy(family, every))
    compiled = compiled_density(family, {}, lambda: model)
    # Further out log(1 + erf(x)) and log(exp(x)) lose their digits, unrewritten as they are.
    spread = {"SkewNormal": 0.4, "Rice": 0.6}.get(family, 1.0)
    points = np.random.default_rng(len(family)).normal(0, spread, (POINTS, compiled.size))
    found, slopes = compiled.surface(points)
    expected, expected_slopes = reference(model, points)
    assert np.isfinite(expected).all()
    # A hundred terms in another order, some with the rounding of what they are made of a hundred
    # times: a loss of four digits would be far beyond it.
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    # PyTensor's gradient is nan where a branch that is not taken has an infinite slope: the
    # differences below know it all the same.
    known = np.isfinite(expected_slopes)
    assert known.mean() > 0.9
    steepest = np.abs(slopes).max(axis=1, keepdims=True)
    assert (np.abs(slopes - expected_slopes) < 1e-12 * (1 + steepest))[known].all()
    # To rounding the step leaves 2e-16 / 5e-5 = 4e-12 of the density's terms, and to curvature a
    # fourth of its fourth power, 2e-18 of the fifth derivative.
    error = np.abs(slopes - differences(compiled, points))
    assert (error < 1e-9 * (1 + steepest + np.abs(found)[:, None])).all()


def test_parameters_out_of_bounds_make_the_density_0() -> None:
    """PyMC's own compilation raises an error instead, which would stop a sampler."""
    with pm.Model() as model:
        width = pm.Normal("width", shape=2)
        pm.Normal("x", mu=0.0, sigma=width, shape=2)
    compiled = compiled_density("bounds", {}, lambda: model)
    points = np.array([[1.0, 2.0, 0.3, -1.0], [1.0, -2.0, 0.3, -1.0], [0.0, 1.0, 0.0, 0.0]])
    found, slopes = compiled.surface(points)
    width, x = points[0, :2], points[0, 2:]
    expected = stats.norm.logpdf(width).sum() + stats.norm.logpdf(x, scale=width).sum()
    assert found[0] == pytest.approx(expected, rel=1e-14)
    assert found[1:].tolist() == [-np.inf, -np.inf]
    assert np.isfinite(slopes[0]).all()
    assert np.isnan(slopes[1:, 0]).all()
    assert compiled.logp(points).tolist() == found.tolist()


def test_of_no_points_nothing_is_written() -> None:
    compiled = compiled_density("none", {}, small)
    untouched = np.full((4, 2), 7.0)
    address = untouched.ctypes.data
    densities._MANY(compiled.code.densities)(0, address, address, address, address)
    assert (untouched == 7.0).all()
    for found in compiled.surface(np.empty((0, 2))):
        assert len(found) == 0


# Operations on numbers ---------------------------------------------------------------------------

EDGE = [0.0, 1e-300, 1e-8, 0.5, 1.0, 2.5, 17.0, 40.0, 710.0, 1e300, np.inf]
EDGES = {
    "float64": np.array([np.nan, *EDGE, *(-x for x in EDGE)]),
    "int64": np.array([-3, -1, 0, 1, 2, 5, 40]),
    "bool": np.array([False, True]),
}
#: Where NumPy and SciPy answer otherwise than C, whose (inf at both) is the limit.
ELSEWHERE = {"Pow": -np.inf, "GammaLn": -np.inf}


def scalar_operations() -> dict[str, list[Any]]:
    """PyTensor's operations by the names of their classes."""
    found: dict[str, list[Any]] = {}
    for module in (ps, ps.math, dist_math):
        for operation in vars(module).values():
            if isinstance(operation, ps.ScalarOp):
                found.setdefault(type(operation).__name__, []).append(operation)
    casts = [ps.convert_to_float64, ps.convert_to_int64, ps.convert_to_bool]
    return {**found, "Cast": casts}


SCALARS = scalar_operations()


def applications(operation: Any) -> Iterator[tuple[Any, dict[Any, Array]]]:
    """The operation on vectors of every kind that it takes, over all combinations of edges."""
    name = type(operation).__name__
    counts = {"Switch": [3], "Add": [2, 3], "Mul": [2, 3]}.get(name, [max(operation.nin, 1)])
    kinds = [kind for count in counts for kind in product(EDGES, repeat=count)]
    for kind in kinds:
        columns = [EDGES[dtype] for dtype in kind]
        if name in ELSEWHERE and kind[0] == "float64":
            columns[0] = columns[0][columns[0] != ELSEWHERE[name]]
        if name == "Pow" and kind[1] == "int64":
            columns[1] = np.array([0, 1, 2, 5])  # integers have no other powers in NumPy
        if len(kind) == 3:
            columns = [column[::2] for column in columns]
        grid = [side.ravel() for side in np.meshgrid(*columns)]
        inputs = {pt.vector(dtype=side.dtype.name, shape=side.shape): side for side in grid}
        try:
            result = Elemwise(operation)(*inputs)
        except TypeError:  # not of this kind
            continue
        # Functions of truth values PyTensor computes with half the digits, or a quarter.
        if result.type.dtype in EDGES and not (name == "Softplus" and kind == ("bool",)):
            yield result.astype("float64"), inputs


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_on_edges(name: str) -> None:
    """0, infinities, nan, the tiny and the huge: the same as NumPy and SciPy, kind by kind."""
    results: list[Any] = []
    inputs: dict[Any, Array] = {}
    for operation in SCALARS[name]:
        for result, columns in applications(operation):
            results.append(result)
            inputs |= columns
    agree(pt.concatenate(results), inputs)


@pytest.mark.parametrize("exponent", [-17, -16, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 16, 17, 2.5])
def test_powers_that_are_known(exponent: float) -> None:
    x = pt.vector(shape=EDGES["float64"].shape)
    # PyTensor takes a power of 1/2 for the root, which -inf has not.
    edges = np.where(EDGES["float64"] == -np.inf, -1e300, EDGES["float64"])
    agree(x**exponent, {x: edges if exponent == 0.5 else EDGES["float64"]})


@pytest.mark.parametrize("exponent", [np.inf, -np.inf, np.nan])
def test_powers_without_end(exponent: float) -> None:
    x = pt.vector(shape=EDGES["float64"].shape)
    agree(x ** pt.constant(exponent), {x: EDGES["float64"]})


def exactly(x: float) -> dict[Any, float]:
    """Functions that lose their digits if they are written plainly, as here: with 200 to lose."""
    with localcontext(prec=200) as context:
        power = Decimal(x).exp(context)
        return {
            pt.softplus: float((1 + power).ln()),
            pt.expm1: float(power - 1),
            pt.sigmoid: float(power / (1 + power)),
            pt.log1p: float((1 + Decimal(x)).ln()) if x >= -1 else np.nan,
            pt.log1mexp: float((1 - power).ln()) if x < 0 else np.nan,
        }


@pytest.mark.parametrize(
    "function", [pt.softplus, pt.expm1, pt.sigmoid, pt.log1p, pt.log1mexp], ids=str
)
def test_tails_keep_their_digits(function: Any) -> None:
    points = np.array([1e-50, 1e-9, 0.5, 0.693, 0.694, 1.0, 20.0, 37.0, 300.0])
    points = np.concatenate([-points[::-1], points])
    x = pt.vector(shape=points.shape)
    _, _, found = computed(function(x), {x: points}, len(points))
    expected = [exactly(point)[function] for point in points]
    np.testing.assert_allclose(found, expected, rtol=LAST_PLACES)


# Operations on vectors ---------------------------------------------------------------------------

X, Y, ONE = (pt.vector(shape=(size,)) for size in (5, 3, 1))
SOME, EACH, HERE = (pt.lvector(shape=(size,)) for size in (4, 3, 1))
INPUTS = {
    X: np.array([0.5, -1.5, 2.0, -0.25, 3.0]),
    Y: np.array([-2.0, 0.75, 1.25]),
    ONE: np.array([1.5]),
    SOME: np.array([3, 0, 3, -2]),  # 3 three times, once counted from the end
    EACH: np.array([4, 0, -4]),
    HERE: np.array([2]),
}
REPEATED = np.array([4, 1, 4, 4])
VALUES = np.array([10.0, 20.0, 40.0, 80.0])
STRUCTURES: dict[str, Any] = {
    "join": pt.concatenate([X, Y, ONE]),
    "join of computed": pt.concatenate([pt.exp(X), ONE * 2, Y + X.sum()]),
    "join of constants": pt.concatenate([X, pt.zeros(2), VALUES]),
    "split": pt.concatenate([part * (1 + n) for n, part in enumerate(pt.split(X, [2, 3]))]),
    "split of computed": pt.split(pt.exp(X), [1, 1, 3])[2],
    "gather": X[SOME],
    "gather of computed": pt.exp(X)[SOME] * Y.sum(),
    "gather of gathered": X[EACH][HERE] + Y,
    "gather of a number": (ONE * 2)[pt.zeros_like(EACH)],
    "gather of constants": pt.constant(VALUES)[SOME],
    "gather of one constant": pt.ones(5)[SOME] + X[0],
    "gather at constants": X[REPEATED],
    "gather at computed": X[pt.maximum(SOME, 0)],
    "gather of truth values": (X > 0)[SOME],
    "element": X[3],
    "element from the end": X[-1],
    "element of computed": pt.exp(X)[1],
    "element at data": X[HERE[0]],
    "element of a number": ONE[0] + Y,
    "slice": X[1:4],
    "slice from the end": X[-2:],
    "slice of all": X[:],
    "slice of computed": pt.exp(X)[:-1],
    "slice of constants": pt.constant(VALUES)[1:] * Y,
    "scatter adds": pt.inc_subtensor(X[SOME], VALUES),
    "scatter adds at constants": pt.inc_subtensor(X[REPEATED], VALUES),
    "scatter adds one number": pt.inc_subtensor(X[SOME], 2.5),
    "scatter adds computed": pt.inc_subtensor(pt.exp(X)[EACH], pt.exp(Y)),
    "scatter adds to zeros": pt.inc_subtensor(pt.zeros(5)[EACH], Y),
    "scatter puts": pt.set_subtensor(X[EACH], Y),
    "scatter puts the last": pt.set_subtensor(X[REPEATED], VALUES),
    "increase of a slice": pt.inc_subtensor(X[1:4], Y),
    "put in a slice": pt.set_subtensor(X[-3:], Y),
    "put one number in a slice": pt.set_subtensor(X[1:3], ONE[0]),
    "increase of an element": pt.inc_subtensor(X[3], ONE[0]),
    "put in the last element": pt.set_subtensor(X[-1], 7.0),
    "increase of an element at data": pt.inc_subtensor(X[HERE[0]], 2.0),
    "alloc": pt.alloc(ONE[0], 4),
    "alloc of a constant": pt.alloc(2.0, 4) + ONE,
    "alloc of a vector": pt.alloc(Y, 3) * 2,
    "broadcast": pt.broadcast_to(ONE, (4,)),
    "filled": pt.full_like(X, 3.0) + pt.second(X, ONE[0]) + pt.second(X, ONE[0] * 2),
    "made vector": pt.stack([X[0], Y[1] * 2, pt.constant(2.0), ONE[0]]),
    "made vector of constants": pt.stack([pt.constant(1.0), pt.constant(2.0), 3.0]) * Y,
    "sum": X.sum(),
    "sum of computed": pt.exp(X).sum() * Y,
    "sum of one": ONE.sum() + Y,
    "sum of one truth value": (ONE > 0).sum(),
    "sum of truth values": (X > 0).sum(),
    "sum of integers": SOME.sum(),
    "sum of constants": pt.constant(VALUES).sum() + Y,
    "sum of one constant": pt.constant(np.full(3, 2.5)).sum() + Y,
    "sum after sum": (X - X.sum() / 5).sum() + (X * X.sum()).sum(),
    "all": pt.stack([pt.all(X > -9), pt.all(X > 0), pt.all(ONE > 0), pt.all(ONE < 0)]),
    "all of numbers": pt.stack([pt.all(v) for v in (X, X * (X > 0), ONE, ONE - 1.5)]),
    "all of integers": pt.stack([pt.all(v) for v in (SOME, EACH, HERE)]),
    "all of constants": pt.stack([pt.all(pt.ones(3)), pt.all(pt.zeros(3)), X[0] > 0]),
    "shape": pt.concatenate([X.shape, Y.shape]) * 1.0,
    "length": Shape_i(0)(X) * Y,
    "number and vectors": ONE * X + Y.sum(),
    "column": (X[:, None] * 2)[:, 0] + pt.exp(X)[None, :].sum(axis=0),
    "sum along the other axis": X[:, None].sum(axis=1) * Y[None, :].sum(axis=1),
    "sum along both": (X[:, None] ** 2).sum() + Y[None, :].sum(axis=0),
    "row of a column": pt.concatenate([X[:, None][1], X[None, :][0], X[:, None][1:3, 0]]),
    "column gathered": X[:, None][SOME][:, 0] + X[None, :][0, SOME],
    "one element gathered": ONE[:, None][pt.zeros_like(EACH), 0] + Y,
    "column of gathered": X[SOME[:, None]][:, 0],
    "column that is increased": pt.inc_subtensor(X[:, None][1:3, 0], Y[:2])[:, 0],
    "columns joined": pt.concatenate([X[:, None], Y[:, None]], axis=0)[:, 0],
    "columns split": pt.split(X[:, None], [2, 3], axis=0)[1][:, 0],
    "column split along the other axis": pt.split(X[:, None], [1], axis=1)[:, 0],
    "column laid out": pt.alloc(ONE[:, None], 4, 1)[:, 0],
    "lengths of a column": pt.concatenate([X[:, None].shape, Shape_i(1)(Y[:, None])[None]]) * 1.0,
    "another shape": (X.reshape((5, 1)) * 2).reshape((1, 5))[0],
    "equal operations": pt.exp(X) + pt.exp(X) * pt.exp(X),
    "logaddexp": pt.logaddexp(Y, X[:3], ONE),
    "logaddexp of infinities": pt.logaddexp(Y - np.inf, pt.constant([-np.inf, 0.0, np.inf])),
    "quotient by a choice": (X[:3] + 1) / pt.switch(Y > 0, Y, 0.0),
    "quotient by 0": Y / 0.0,
    "constants": pt.constant(1.0) / pt.constant(0.0) + pt.log(pt.constant(0.0)) * Y,
}


@pytest.mark.parametrize("name", STRUCTURES)
def test_operations_on_vectors(name: str) -> None:
    result = pt.atleast_1d(STRUCTURES[name]).astype("float64")
    slopes = [slope_of(result, variable) for variable in (X, Y, ONE)]
    agree(pt.concatenate([result, *slopes]), INPUTS)


@pytest.mark.parametrize("size", [40, 5000])
def test_memory_between_loops(size: int) -> None:
    """Long vectors lie on the heap, short ones on the stack."""
    x = pt.vector("x", shape=(size,))
    order = pt.lvector("order", shape=(size,))
    share = pt.exp(x) / pt.exp(x).sum()
    result = pt.inc_subtensor(share[order], pt.log(share)[order] - x) * pt.sqr(share).sum()
    rng = np.random.default_rng(size)
    inputs = {x: rng.normal(size=size), order: rng.integers(0, size, size)}
    # Sums of this many numbers, one after another and in pairs.
    agree(result, inputs, size * 2e-16)
    found = lowered(result, inputs, size, pt.constant(0.0), early=False)
    assert ("malloc" in found.called) == ("free" in found.called) == (size > 4096)


def test_graphs_within_graphs() -> None:
    """Each has its own constants, though all hold the same operations."""
    rates = np.linspace(0.1, 3.0, 30)
    x, total = pt.vector("x", shape=(1,)), Y[:1]
    for rate in rates:
        total = total + OpFromGraph([x], [x * pt.exp(pt.constant([rate]))])(Y[:1])
    _, _, found = computed(total, INPUTS, 1)
    assert found[0] == pytest.approx(INPUTS[Y][0] * (1 + np.exp(rates).sum()), rel=1e-14)


def test_what_the_density_does_not_depend_on_has_slope_0() -> None:
    x, y = pt.vector("x", shape=(2,)), pt.vector("y", shape=(3,))
    density = pt.sqr(x).sum()
    slopes = pt.grad(density, [x, y], disconnected_inputs="ignore")
    found = lower(arrange([density, pt.concatenate(slopes)], [x, y], []))
    compiled = CompiledDensity(5, {}, load(assemble(found.text), found.called), 0)
    logp, gradient = compiled.surface(np.array([1.0, -2.0, 7.0, np.inf, np.nan]))
    assert logp.tolist() == [5.0]
    assert gradient.tolist() == [[2.0, -4.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_cannot_be_used_is_said(bad: float) -> None:
    """A sampler must not go on from a density, or along a gradient, that is not a number."""
    said, logp, _ = computed(Y, INPUTS, 3, density=X.sum() + bad)
    assert said == BAD_DENSITY
    assert np.array_equal(logp, INPUTS[X].sum() + bad, equal_nan=True)
    for place in range(3):
        said, logp, _ = computed(pt.set_subtensor(Y[place], bad), INPUTS, 3, density=X.sum())
        assert (said, logp) == (BAD_GRADIENT, INPUTS[X].sum())
    assert computed(Y, INPUTS, 3, density=X.sum())[0] == 0


# Branches that are not taken ---------------------------------------------------------------------

Z = pt.vector("z", shape=(5,))
AT = np.array([-2.0, -1.0, 0.0, 0.5, 4.0])


@pytest.mark.parametrize(
    ("density", "slopes"),
    [
        (pt.switch(Z > 0, pt.log(Z), 0.0).sum(), [0.0, 0.0, 0.0, 2.0, 0.25]),
        (pt.switch(Z <= 0, 0.0, pt.sqrt(Z)).sum(), [0.0, 0.0, 0.0, 0.5**0.5, 0.25]),
        (pt.switch(pt.neq(Z, 0), 1 / Z, 3.0).sum(), [-0.25, -1.0, 0.0, -4.0, -0.0625]),
        (
            pt.switch(Z > 0, 0.0, pt.switch(Z < -1, pt.sqrt(-1 - Z), pt.sqrt(4 - Z))).sum(),
            [-0.5, -(20**-0.5), -0.25, 0.0, 0.0],
        ),
        (pt.switch(Z.sum() < 0, pt.log(Z).sum(), 2 * Z.sum()), [2.0] * 5),
        (pt.switch(Z[:2].sum() > 0, pt.log(Z - AT).sum(), -Z[4]), [0.0, 0.0, 0.0, 0.0, -1.0]),
        (-pt.switch(Z > 0, pt.log(Z), 0.0).sum() / 2, [0.0, 0.0, 0.0, -1.0, -0.125]),
        (pt.switch(Z > 0, pt.log(Z), 0.0)[[2, 3, 3]].sum(), [0.0, 0.0, 0.0, 4.0, 0.0]),
        (pt.concatenate([pt.exp(pt.exp(9 * Z)), Z])[[5, 6]].sum(), [1.0, 1.0, 0.0, 0.0, 0.0]),
        (pt.stack([Z[4] ** 600, Z[4]])[HERE[0] - 1], [0.0, 0.0, 0.0, 0.0, 1.0]),
    ],
    ids=[
        "log",
        "root",
        "reciprocal",
        "nested",
        "number",
        "other",
        "scaled",
        "gather",
        "overflow",
        "power",
    ],
)
def test_a_branch_that_is_not_taken_has_no_slope(density: Any, slopes: Any) -> None:
    """Its own may be infinite there: the gradient is that of the other branch alone."""
    inputs = {Z: AT, HERE: INPUTS[HERE]}
    said, _, found = computed(pt.grad(density, Z), inputs, 5, density=density)
    assert said == 0
    np.testing.assert_allclose(found, slopes, rtol=LAST_PLACES)


@pytest.mark.parametrize(
    ("rewritten", "tolerance"),
    [
        # erfc multiplies the rounding of its argument by the square of it, here up to 1400.
        (False, 1e-12),
        # Rewriting takes the root of 2, which PyMC writes so, in single precision: off by 2e-8,
        # and at 5 by 25 times that.
        (True, 1e-6),
    ],
    ids=["plain", "rewritten"],
)
def test_the_normal_distribution_function_in_both_tails(rewritten: bool, tolerance: float) -> None:
    """Of its two formulas each overflows where the other is meant."""
    points = np.array([-1e3, -40.0, -5.0, -0.9, 0.0, 5.0, 37.0, 40.0, 1e3])
    x = pt.vector("x", shape=points.shape)
    value = TensorOps.log_ndtr(x)
    if rewritten:
        value = rewrite_graph(value, include=["canonicalize", "stabilize"])
    # Below 1e-200 nothing is added to a density.
    _, _, found = computed(value, {x: points}, len(points))
    np.testing.assert_allclose(found, special.log_ndtr(points), rtol=tolerance, atol=1e-200)
    _, _, slopes = computed(pt.grad(value.sum(), x), {x: points}, len(points))
    steepness = np.sqrt(2 / np.pi) / special.erfcx(-points / np.sqrt(2))
    np.testing.assert_allclose(slopes, steepness, rtol=tolerance, atol=1e-200)


# What has no machine code ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "named"),
    [
        (pt.tan(X), "operation Tan"),
        (pt.exp(X).max(), "Max"),
        (pt.cumsum(X), "Cumsum"),
        (OpFromGraph([Y], [pt.sort(Y)])(Y), "Sort"),
        (X[::2], "slices with a step"),
        (X[::-1], "slices with a step"),
        (X[: HERE[0]], "lengths that depend on data"),
        (pt.alloc(ONE[0], HERE[0]), "lengths that depend on data"),
        (pt.zeros_like(X)[HERE[0] :], "lengths that depend on data"),
        (X[2:2].sum(), "length 0"),
        (X[:, None] * Y, "more than one axis"),
        ((X[:, None] * Y).sum(axis=0), "more than one axis"),
        (X[X > 0], "mask"),
    ],
    ids=lambda value: value if isinstance(value, str) else "graph",
)
def test_what_has_no_machine_code_is_named(result: Any, named: str) -> None:
    with pytest.raises(NotImplementedError, match=named):
        lowered(pt.atleast_1d(result), INPUTS, 5, pt.constant(0.0))


def test_lengths_that_do_not_go_together() -> None:
    free, other = pt.vector("free", shape=(None,)), pt.vector("other", shape=(None,))
    with pytest.raises(ValueError, match=r"lengths \[3, 5\]"):
        lowered(free + other, {free: INPUTS[X], other: INPUTS[Y]}, 5, pt.constant(0.0))


# Kept on disk ------------------------------------------------------------------------------------


def small() -> pm.Model:
    with pm.Model() as model:
        x = pm.Normal("x", shape=2)
        pm.Normal("y", mu=x, sigma=2.0, observed=pm.Data("said", np.array([1.0, 3.0])))
    return model


class Counted:
    """Makes the small model, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> pm.Model:
        self.times += 1
        return small()


def in_a_new_process(
    monkeypatch: pytest.MonkeyPatch, build: Any, **numbers: ArrayLike
) -> CompiledDensity:
    """The density of a process that has compiled nothing itself."""
    monkeypatch.setattr(densities, "_compiled", {})
    return compiled_density("small", numbers, build)


POINT = np.array([[0.25, -1.5]])


def test_an_entry_is_found_again(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again, other = Counted(), Counted(), Counted()
    made = in_a_new_process(monkeypatch, first)
    found = in_a_new_process(monkeypatch, again)
    assert (first.times, again.times) == (1, 0)
    assert found.logp(POINT) == made.logp(POINT)
    assert found.data["said"].tolist() == [1.0, 3.0]
    # Other data share the code, and nothing is built for them.
    changed = in_a_new_process(monkeypatch, other, said=[5.0, 3.0])
    assert other.times == 0
    assert changed.logp(POINT) == made.with_data(said=[5.0, 3.0]).logp(POINT) != made.logp(POINT)
    assert sorted(path.suffix for path in own_cache.iterdir()) == [".code", ".data"]


def flipped(place: float) -> Callable[[bytes], bytes]:
    def damage(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[int(place * (len(content) - 1))] ^= 1
        return bytes(changed)

    return damage


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "one more": lambda content: content + b"\0",
    "first": flipped(0.0),
    "last": flipped(1.0),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_entry_is_made_anew(
    damage: Callable[[bytes], bytes], own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = in_a_new_process(monkeypatch, small)
    for path in own_cache.iterdir():
        path.write_bytes(damage(path.read_bytes()))
    again, afterwards = Counted(), Counted()
    assert in_a_new_process(monkeypatch, again).logp(POINT) == made.logp(POINT)
    assert again.times == 1
    assert in_a_new_process(monkeypatch, afterwards).logp(POINT) == made.logp(POINT)
    assert afterwards.times == 0


def test_a_folder_that_cannot_be_written_costs_time_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv("ESTIMATES_CACHE", str(tmp_path / "file" / "below"))
    first, again = Counted(), Counted()
    made = in_a_new_process(monkeypatch, first)
    assert in_a_new_process(monkeypatch, again).logp(POINT) == made.logp(POINT)
    assert (first.times, again.times) == (1, 1)


def exposed(folder: Path, how: str) -> None:
    """The folder, or what is in it, as another user could have written it."""
    files = list(folder.iterdir())
    match how:
        case "a folder open to all":
            folder.chmod(0o777)
        case "a folder open to a group":
            folder.chmod(0o770)
            os.chown(folder, -1, 12345) if os.getuid() == 0 else folder.chmod(0o772)
        case "files open to all":
            for file in files:
                file.chmod(0o666)
        case "links":
            for file in files:
                file.rename(folder.parent / file.name)
                file.symlink_to(folder.parent / file.name)
        case "pipes":
            for file in files:
                file.unlink()
                os.mkfifo(file)
        case "a folder below one that is open":
            folder.parent.chmod(0o777)


EXPOSED = [
    "a folder open to all", "a folder open to a group", "files open to all", "links", "pipes",
    "a folder below one that is open",
]  # fmt: skip


@pytest.mark.parametrize("how", EXPOSED)
def test_what_another_can_have_written_is_not_run(
    how: str,
    own_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    notice.cache_clear()
    made = in_a_new_process(monkeypatch, small)
    assert stat.S_IMODE(own_cache.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in own_cache.iterdir()} == {0o600}
    exposed(own_cache, how)
    again = Counted()
    assert in_a_new_process(monkeypatch, again).logp(POINT) == made.logp(POINT)
    assert again.times == 1
    said = capsys.readouterr().err.splitlines()
    assert said
    assert all("another user may have written there" in line for line in said)
    if "folder" not in how:  # what stood there was replaced by our own, which is used
        afterwards = Counted()
        assert in_a_new_process(monkeypatch, afterwards).logp(POINT) == made.logp(POINT)
        assert afterwards.times == 0
        assert {stat.S_IMODE(path.lstat().st_mode) for path in own_cache.iterdir()} == {0o600}
    own_cache.parent.chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="takes a second user")
@pytest.mark.parametrize("of_the_folder", [True, False])
def test_what_is_anothers_is_not_run(
    of_the_folder: bool,
    own_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    notice.cache_clear()
    made = in_a_new_process(monkeypatch, small)
    for path in [own_cache] if of_the_folder else own_cache.iterdir():
        os.chown(path, 12345, -1)
    again = Counted()
    assert in_a_new_process(monkeypatch, again).logp(POINT) == made.logp(POINT)
    assert again.times == 1
    assert "another user may have written there" in capsys.readouterr().err


def test_an_entry_under_the_name_of_another_is_not_used(own_cache: Path) -> None:
    cache.write_code("a", cache.Entry(1, 0, (), b"code of a"))
    (of_a,) = own_cache.iterdir()
    cache.write_code("b", cache.Entry(1, 0, (), b"code of b"))
    (of_b,) = set(own_cache.iterdir()) - {of_a}
    of_b.replace(of_a)
    assert cache.read_code("a") is None


def test_what_a_killed_process_left_goes(own_cache: Path) -> None:
    cache.write_code("a", cache.Entry(1, 0, (), b"code"))
    old, young = own_cache / ".new-old", own_cache / ".new-young"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    cache.write_code("b", cache.Entry(1, 0, (), b"code"))
    assert not old.exists()
    assert young.exists()


def test_a_generic_processor_has_code_of_its_own(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    native = in_a_new_process(monkeypatch, small)
    monkeypatch.setenv("ESTIMATES_CPU", "generic")
    generic = in_a_new_process(monkeypatch, small)
    np.testing.assert_allclose(generic.logp(POINT), native.logp(POINT), rtol=LAST_PLACES)
    assert len(list(own_cache.glob("*.code"))) == 2
    monkeypatch.setenv("ESTIMATES_CPU", "pentium")
    with pytest.raises(InputError, match="ESTIMATES_CPU is 'pentium'"):
        in_a_new_process(monkeypatch, small)


def test_a_full_disk_leaves_nothing_behind(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    cache.write_code("a", cache.Entry(1, 0, (), b"code"))
    assert cache.read_code("a") is None
    assert list(own_cache.iterdir()) == []


def test_what_is_used_stays(own_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the older half goes; reading an entry makes it young."""
    monkeypatch.setattr(cache, "_LARGEST", 10)
    names = [f"entry {n}" for n in range(10)]
    for age, name in enumerate(reversed(names)):
        cache.write_code(name, cache.Entry(3, 7, ("exp",), name.encode()))
        for path in own_cache.glob("*.code"):  # each written a minute before the next
            if path.stat().st_mtime > 1e9:
                os.utime(path, (1e8 + 60 * age, 1e8 + 60 * age))
    (own_cache / "notes.txt").write_text("mine", encoding="utf-8")
    assert len(list(own_cache.glob("*.code"))) == 10
    assert cache.read_code("entry 9") == cache.Entry(3, 7, ("exp",), b"entry 9")  # the oldest
    cache.write_data("more", {"x": np.arange(3)})
    kept = {name for name in names if cache.read_code(name) is not None}
    assert kept == {"entry 9", "entry 0", "entry 1", "entry 2"}
    found = cache.read_data("more")
    assert found is not None
    assert found["x"].tolist() == [0, 1, 2]
    assert (own_cache / "notes.txt").exists()


ESTIMATE = """
format: 1
title: A share
evidence: evidence.yaml
quantities:
  people: {unit: person, prior: "1,000 to 100,000"}
  share: {unit: share, prior: "Beta(alpha=2, beta=3)"}
relations: {members: people * share}
claims: {heads: people, part: share, joined: members}
targets: [members]
"""
EVIDENCE = """
sources:
  s: {title: A source, published: 2017}
claims:
  heads: {source: s, quote: q, says: "around 20,000 people"}
  part: {source: s, quote: q, says: "12 of 82"}
  joined: {source: s, quote: q, says: "at least 2,000 people"}
"""
PROCESS = """
import json, sys
from pathlib import Path
import numpy as np
from estimates.inference.engine import Engine
from estimates.model.io import load_text

density = Engine(load_text(Path("model.yaml").read_text(), folder=Path()), seed=1).density
points = np.random.default_rng(1).normal(size=(50, density.size))
logp, slopes = density.surface(points)
json.dump({
    "heavy": sorted({"pymc", "pytensor", "numba"} & set(sys.modules)),
    "found": [x.hex() for x in [*logp, *slopes.ravel()]],
}, sys.stdout)
"""


def test_processes_share_machine_code(tmp_path: Path) -> None:
    """The second imports neither PyMC nor PyTensor, and answers the same to the last bit."""
    (tmp_path / "model.yaml").write_text(ESTIMATE, encoding="utf-8")
    (tmp_path / "evidence.yaml").write_text(EVIDENCE, encoding="utf-8")

    def run() -> dict[str, Any]:
        command = [sys.executable, "-c", PROCESS]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    first, second = run(), run()
    assert {"pymc", "pytensor"} <= set(first["heavy"])
    assert second["heavy"] == []
    assert len(second["found"]) == 150
    assert second["found"] == first["found"]


# Many threads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [30, 3000], ids=["stack", "heap"])
def test_threads_do_not_disturb_one_another(size: int) -> None:
    rng = np.random.default_rng(size)
    with pm.Model() as model:
        x = pm.Normal("x", shape=4)
        width = pm.HalfNormal("width", shape=1)
        group = pm.Data("group", rng.integers(0, 4, size))
        said = pm.Data("said", rng.normal(size=size))
        pm.StudentT("y", nu=4.0, mu=pt.exp(x)[group], sigma=width, observed=said)
    compiled = compiled_density("threads", {}, lambda: model)
    points = rng.normal(size=(40, compiled.size))
    questions = [
        compiled.with_data(group=rng.integers(0, 4, size), said=rng.normal(k, size=size))
        for k in range(48)
    ]

    def answer(density: CompiledDensity) -> bytes:
        logp, slopes = density.surface(points)
        return logp.tobytes() + slopes.tobytes() + density.logp(points).tobytes()

    alone = [answer(question) for question in questions]
    assert len(set(alone)) == len(questions)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(answer, questions)) == alone
