"""What has no machine code is compiled by Numba: the same numbers, refits without compilation.

Numba takes long, so one small model is compiled here; `test_both_ways` has a whole one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
from scipy import stats

from estimates._util.notices import notice
from estimates.errors import InputError
from estimates.inference.codegen import density as densities
from estimates.inference.codegen.density import CompiledDensity, compiled_density
from estimates.inference.nuts import draw
from estimates.inference.sampling import Sampling, Way


def unknown() -> pm.Model:
    """A model of an operation (tan) that the machine code has not."""
    with pm.Model() as model:
        x = pm.Normal("x", shape=2)
        said = pm.Data("said", np.array([1.0, 3.0]))
        pm.Normal("y", mu=pt.tan(x / 9), sigma=2.0, observed=said)
    return model


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[CompiledDensity, list[str], Path]:
    """The model compiled once, where nothing is kept of before; what was said, and the cache."""
    cache = tmp_path_factory.mktemp("fallback") / "cache"
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESTIMATES_CACHE", str(cache))
        patch.setattr(densities, "_compiled", {})
        patch.setattr(densities, "notice", said.append)
        made = compiled_density("unknown", {}, unknown)
        # The same structure with other data is not compiled again, and nothing is said twice.
        assert compiled_density("unknown", {"said": [0.0, 1.0]}, unknown).code is made.code
    return made, said, cache


def test_an_unknown_operation_is_told_of_and_not_kept(
    compiled: tuple[CompiledDensity, list[str], Path],
) -> None:
    _, said, cache = compiled
    assert said == [
        "no machine code for the operation Tan, so this model is compiled by Numba: "
        "the same answer, later"
    ]
    assert list(cache.glob("*.code")) == []
    assert list(cache.iterdir()) != []  # its data are kept there


@pytest.mark.parametrize("said", [[1.0, 3.0], [2.0, -1.0]])
def test_an_unknown_operation_costs_time_and_not_the_answer(
    compiled: tuple[CompiledDensity, list[str], Path], said: list[float]
) -> None:
    points = np.random.default_rng(1).normal(size=(5, 2))
    values, slopes = compiled[0].with_data(said=said).surface(points)
    middle = np.tan(points / 9)
    expected = stats.norm.logpdf(points) + stats.norm.logpdf(said, middle, 2.0)
    steep = -points + (said - middle) / 4 * (1 + middle**2) / 9
    # PyTensor's rewriting takes constants in single precision: 6e-8 of a logarithm at most.
    np.testing.assert_allclose(values, expected.sum(axis=1), rtol=6e-8)
    np.testing.assert_allclose(slopes, steep, rtol=1e-13)  # a few units in the last place


def test_at_the_edges_there_is_no_density(
    compiled: tuple[CompiledDensity, list[str], Path],
) -> None:
    points = np.array([[0.0, 1.0], [np.inf, 0.0], [np.nan, 0.0]])
    values, slopes = compiled[0].surface(points)
    assert values[1:].tolist() == [-np.inf, -np.inf]
    assert compiled[0].logp(points).tolist() == values.tolist()
    assert np.isnan(slopes[1:, 0]).all()
    assert np.isfinite([values[0], *slopes[0]]).all()


def test_it_is_drawn_from(compiled: tuple[CompiledDensity, list[str], Path]) -> None:
    made = compiled[0]
    starts = np.random.default_rng(1).normal(size=(5, 2))
    draws = draw(made, starts, Way(Sampling(chains=2, draws=200, tune=200)), seed=1)
    assert draws.points.shape == (2, 200, 2)
    found = made.logp(draws.flat).reshape(2, 200)
    np.testing.assert_allclose(draws.logp, found, rtol=1e-13)


def test_a_notice_is_one_line_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    notice.cache_clear()
    for _ in range(2):
        notice("no machine code for this")
    assert capsys.readouterr().err == "no machine code for this\n"


def test_a_switch_has_two_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESTIMATES_CODEGEN", "0")
    with pytest.raises(InputError, match="ESTIMATES_CODEGEN is '0'; it can be on or off"):
        compiled_density("unknown", {}, unknown)
