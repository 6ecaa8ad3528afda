"""Every function and operator of the expression language, compiled, against brute force.

Unconnected pairs of normal quantities; a measurement of a function of each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

from estimates import Sampling, fit

from .building import build, drawn
from .sampling import Sample, from_prior
from .tolerance import agree, near
from .widths import measured

Array = NDArray[np.float64]

#: Expression, what it must compute, and its measurement.
FUNCTIONS: dict[str, tuple[str, Callable[[Array, Array], Array], tuple[float, float]]] = {
    "sum": ("{x} + 2 * {y} - 1", lambda x, y: x + 2 * y - 1, (2.5, 0.5)),
    "quotient": ("{x} / (1 + {y} ** 2)", lambda x, y: x / (1 + y**2), (1.0, 0.3)),
    "square": ("{x} ** 2 + {y}", lambda x, y: x**2 + y, (0.5, 0.5)),
    "cube": ("{x} ** 3 + {y}", lambda x, y: x**3 + y, (-0.5, 0.5)),
    "inverse": ("(3 + exp({x})) ** -1 + {y}", lambda x, y: 1 / (3 + np.exp(x)) + y, (0.5, 0.3)),
    "power": ("exp({x}) ** {y}", lambda x, y: np.exp(x * y), (2.0, 1.5)),
    "root": ("sqrt(max({x}, 0)) + {y}", lambda x, y: np.sqrt(np.maximum(x, 0)) + y, (0.2, 0.5)),
    "half": ("max({x}, 0) ** 0.5 + {y}", lambda x, y: np.sqrt(np.maximum(x, 0)) + y, (0.2, 0.5)),
    "least": ("min({x}, {y}, 0.5)", lambda x, y: np.minimum(np.minimum(x, y), 0.5), (0.3, 0.2)),
    "most": ("max({x}, -{y})", lambda x, y: np.maximum(x, -y), (1.2, 0.4)),
    "size": ("abs({x} + 1) + {y}", lambda x, y: np.abs(x + 1) + y, (2.0, 0.5)),
    "wave": ("sin({x}) + cos({y} / 2)", lambda x, y: np.sin(x) + np.cos(y / 2), (1.2, 0.6)),
    "logarithm": ("log(1 + exp({x})) - {y}", lambda x, y: np.logaddexp(0, x) - y, (0.5, 0.3)),
}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    quantities: dict[str, Any] = {}
    relations: dict[str, Any] = {}
    for name, (text, _, _) in FUNCTIONS.items():
        quantities |= {f"{name}_{letter}": "Normal(mu=0.5, sigma=1)" for letter in "xy"}
        relations[f"of_{name}"] = text.format(x=f"{name}_x", y=f"{name}_y")
    model = build(
        tmp_path_factory.mktemp("functions"),
        quantities=quantities,
        relations=relations,
        says={name: f"{value} ± {error}" for name, (_, _, (value, error)) in FUNCTIONS.items()},
        claims={name: f"of_{name}" for name in FUNCTIONS},
    )
    return fit(model, seed=12, sampling=Sampling(draws=1000, tune=600))


@pytest.fixture(scope="module")
def samples() -> dict[str, Sample]:
    points = 0.5 + np.random.default_rng(13).standard_normal((400_000, 2))
    return {
        name: from_prior(points, measured(*said)(compute(*points.T)))
        for name, (_, compute, said) in FUNCTIONS.items()
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_posterior(fitted: xr.DataTree, samples: dict[str, Sample], name: str) -> None:
    sample, compute = samples[name], FUNCTIONS[name][1]
    x, y = (drawn(fitted, f"{name}_{letter}") for letter in "xy")
    agree(f"x of {name}", x, sample.of(sample.points[:, 0]))
    agree(f"y of {name}", y, sample.of(sample.points[:, 1]))
    np.testing.assert_allclose(drawn(fitted, f"of_{name}"), compute(x, y), rtol=1e-9, atol=1e-12)


def test_evidence(fitted: xr.DataTree, samples: dict[str, Sample]) -> None:
    found, error = (
        float(fitted["readings"][n].item()) for n in ("log_evidence", "log_evidence_se")
    )
    assert error < 0.1
    true = sum(sample.log_evidence for sample in samples.values())
    true_error = np.hypot.reduce([sample.log_evidence_se for sample in samples.values()])
    near("log evidence", found, error, true, float(true_error))


def test_the_whole_is_to_be_trusted(fitted: xr.DataTree) -> None:
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]
