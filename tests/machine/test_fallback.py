"""What has no machine code is compiled by Numba: the same numbers, refits without compilation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
import yaml
from scipy import stats

from estimates import Model, load
from estimates import density as densities
from estimates.density import compiled_density
from estimates.engine import Engine
from estimates.errors import InputError
from estimates.notices import notice
from estimates.questions import Question
from estimates.sampler import draw
from estimates.sampling import Sampling


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is found that this test has not made."""
    monkeypatch.setenv("ESTIMATES_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(densities, "_compiled", {})
    notice.cache_clear()
    return tmp_path / "cache"


def unknown() -> pm.Model:
    """A model of an operation (tan) that the machine code has not."""
    with pm.Model() as model:
        x = pm.Normal("x", shape=2)
        said = pm.Data("said", np.array([1.0, 3.0]))
        pm.Normal("y", mu=pt.tan(x / 9), sigma=2.0, observed=said)
    return model


def test_an_unknown_operation_costs_time_and_not_the_answer(
    own_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = compiled_density("unknown", "unknown", unknown)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("no machine code for the operation Tan, so this model is compiled by")
    assert list(own_cache.glob("*.code")) == []
    points = np.random.default_rng(1).normal(size=(5, 2))
    for said in ([1.0, 3.0], [2.0, -1.0]):
        values, slopes = made.with_data(said=said).logp(points, gradient=True)
        middle = np.tan(points / 9)
        expected = stats.norm.logpdf(points) + stats.norm.logpdf(said, middle, 2.0)
        steep = -points + (said - middle) / 4 * (1 + middle**2) / 9
        # PyTensor's rewriting takes constants in single precision: 6e-8 of a logarithm at most.
        np.testing.assert_allclose(values, expected.sum(axis=1), rtol=6e-8)
        np.testing.assert_allclose(slopes, steep, rtol=1e-13)  # a few units in the last place
    draws = draw(made, points, Sampling(chains=2, draws=200, tune=200), seed=1)
    assert draws.points.shape == (2, 200, 2)
    found = made.logp(draws.flat).reshape(2, 200)
    np.testing.assert_allclose(draws.logp, found, rtol=1e-13)
    # The same structure with other data is not compiled again, and nothing is said twice.
    code = made.code
    assert compiled_density("unknown", "other", unknown).code is code
    assert capsys.readouterr().err == ""


MODEL = """
evidence: evidence.yaml
quantities:
  people: {unit: person, prior: "1,000 to 100,000"}
  part: {unit: share, prior: 5 to 60 %}
  spread: {prior: HalfNormal(sigma=2)}
  one: {prior: "Normal(mu=0, sigma=spread)"}
  two: {prior: "Normal(mu=0, sigma=spread)"}
relations:
  members: people * part
  grown: {by: sense, plain: one, steep: exp(exp(9 * one)), rooted: sqrt(one)}
readings: {sense: {plain: 1, steep: 1, rooted: 1}}
claims: {heads: people, some: part, joined: members, a: grown, b: two}
targets: [members]
"""
CLAIMS = {
    "heads": "around 20,000 people",
    "some": "12 of 70",
    "joined": "up to 5,000 people",
    "a": "1 ± 0.5",
    "b": "0.2 to 1.5",
}


def estimate(folder: Path) -> Model:
    claims = {key: {"source": "s", "says": says} for key, says in CLAIMS.items()}
    evidence = yaml.safe_dump({"sources": {"s": {"title": "S"}}, "claims": claims})
    (folder / "evidence.yaml").write_text(evidence, encoding="utf-8")
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    return load(folder / "model.yaml")


def test_both_ways_have_the_same_density_and_slopes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under every reading, without a claim, with a pinned quantity; at the edges too."""
    model = estimate(tmp_path)
    every = frozenset(use.id for use in model.uses)
    questions = [Question({"sense": option}, every) for option in ("plain", "steep", "rooted")]
    questions.append(Question({"sense": "plain"}, every - {"a"}))
    engines = []
    for way in ("on", "off"):
        monkeypatch.setenv("ESTIMATES_CODEGEN", way)
        engine = Engine(model, seed=1).pinning({"part": 0.3})
        assert engine.density.code is not None
        engines.append(engine)
    size = engines[0].layout.size
    rng = np.random.default_rng(1)
    points = rng.normal(size=(40, size)) * rng.choice([0.3, 1, 5, 300], size=(40, 1))
    points = np.concatenate([points, np.zeros((1, size)), np.full((1, size), np.inf)])
    for question in questions:
        (mine, slopes), (its, others) = (
            engine._posed(question).logp(points, gradient=True) for engine in engines
        )
        assert np.isfinite(mine).sum() >= 10
        np.testing.assert_allclose(mine, its, rtol=6e-8, atol=1e-6)  # single precision, as above
        # Where there is no slope, the first of them says so and the others are anything.
        known = ~np.isnan(slopes[:, 0])
        assert (known == ~np.isnan(others[:, 0])).all()
        assert known[np.isfinite(mine)].all()
        # Sums in another order, and another exp: digits of the latents that are multiplied.
        np.testing.assert_allclose(slopes[known], others[known], rtol=1e-9, atol=1e-9)
    assert capsys.readouterr().err == ""  # who switches it off need not be told


def test_a_switch_has_two_positions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESTIMATES_CODEGEN", "0")
    with pytest.raises(InputError, match="ESTIMATES_CODEGEN is '0'; it can be on or off"):
        compiled_density("unknown", "unknown", unknown)
