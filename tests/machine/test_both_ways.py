"""Numba and the machine code of this package make the same density of a whole model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from estimates import Model, load
from estimates.inference.codegen import density as densities
from estimates.inference.engine import Engine
from estimates.inference.question import Condition

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


@pytest.mark.long  # Numba takes half a minute; a small model is compiled in `test_fallback`
def test_both_ways_have_the_same_density_and_slopes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under every reading, without a claim, with a pinned quantity; at the edges too."""
    monkeypatch.setenv("ESTIMATES_CACHE", str(tmp_path / "cache"))  # nothing is found there
    monkeypatch.setattr(densities, "_compiled", {})
    model = estimate(tmp_path)
    every = frozenset(use.id for use in model.uses)
    questions = [Condition({"sense": option}, every) for option in ("plain", "steep", "rooted")]
    questions.append(Condition({"sense": "plain"}, every - {"a"}))
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
            engine.posed(question).surface(points) for engine in engines
        )
        assert np.isfinite(mine).sum() >= 10
        for engine, values in zip(engines, (mine, its), strict=True):
            assert engine.posed(question).logp(points).tolist() == values.tolist()
        np.testing.assert_allclose(mine, its, rtol=6e-8, atol=1e-6)  # single precision, as above
        # Where there is no slope, the first of them says so and the others are anything.
        known = ~np.isnan(slopes[:, 0])
        assert (known == ~np.isnan(others[:, 0])).all()
        assert known[np.isfinite(mine)].all()
        # Sums in another order, and another exp: digits of the latents that are multiplied.
        np.testing.assert_allclose(slopes[known], others[known], rtol=1e-9, atol=1e-9)
    assert capsys.readouterr().err == ""  # who switches it off need not be told
