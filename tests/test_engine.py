"""The compiled model is the model: its density, its data, and what a refit may change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pymc as pm
import pytest
from scipy import stats
from tests.products import mostly_long
from tests.truth.building import build

from estimates.errors import InputError
from estimates.inference.engine import Engine
from estimates.inference.log_likelihood import log_likelihood
from estimates.inference.posterior import fit
from estimates.inference.pymc_model import to_pymc
from estimates.inference.question import Condition
from estimates.inference.sampling import Sampling
from estimates.inference.summary import summary
from estimates.model import Model
from estimates.model.io import load_text

EVIDENCE = """
sources:
  s: {title: A source, published: 2017}
claims:
  heads: {source: s, quote: q, says: "around 20,000 people"}
  copy: {source: s, quote: q, says: "around 20,000 people", origin: o}
  same: {source: s, quote: q, says: "around 20,000 people", origin: o}
  other: {source: s, quote: q, says: "18,000 to 30,000 people", origin: o}
  pay: {source: s, quote: q, says: "around 120 to 150 USD/person/month"}
  most: {source: s, quote: q, says: "up to 1,000 USD/person/month"}
  gap: {source: s, quote: q, says: "up to 500 USD/person/month", sigma: 40}
  part: {source: s, quote: q, says: "12 of 882"}
  grow: {source: s, quote: q, says: "rising", basis: hearsay}
  less: {source: s, quote: q, says: "lower than claimed", disputes: heads}
  effect: {source: s, quote: q, says: "28 ± 15"}
  cited: {source: s, quote: q, says: "20 to 60 MUSD/year"}
"""
MODEL = """
format: 1
title: Something of everything
evidence: evidence.yaml
quantities:
  people: {unit: person, prior: "1,000 to 100,000"}
  before: {unit: person, prior: "1,000 to 100,000"}
  wage: {unit: USD/person/month, prior: 50 to 2000}
  skim: {unit: share, prior: 10 to 90 %}
  mu: {prior: -20 to 40, support: real}
  tau: {prior: HalfCauchy(beta=5)}
  theta: {prior: "Normal(mu=mu, sigma=tau)"}
  share: {unit: share, prior: "Beta(alpha=1, beta=3)"}
relations:
  net: wage * (1 - skim)
  quoted: {by: wage_reading, gross: wage, net: net}
  difference: {by: gap_reading, level: wage - net, rise: nothing}
  revenue: {unit: MUSD/year, is: people * wage * skim}
readings:
  wage_reading:
    question: which?
    gross: {weight: 2, because: a}
    net: {weight: 1, because: b}
  gap_reading:
    question: which?
    update: false
    level: {weight: 1, because: a}
    rise: {weight: 1, because: b}
claims:
  heads: people
  copy: before
  same: before
  other: before
  pay: {about: quoted, tails: student-t}
  most: wage
  gap: {about: difference, scale: identity}
  part: share
  grow: people / before - 1
  less: people
  effect: theta
compare: {cited: revenue}
targets: [revenue]
"""
LIGHT = """
format: 1
title: Two readings
evidence: evidence.yaml
quantities:
  people: {unit: person, prior: "1,000 to 100,000"}
  wage: {unit: USD/person/month, prior: 50 to 2000}
  skim: {unit: share, prior: 10 to 90 %}
relations:
  net: wage * (1 - skim)
  quoted: {by: wage_reading, gross: wage, net: net}
  difference: {by: gap_reading, level: wage - net, rise: nothing}
  take: {by: taking, share: wage * skim, payroll: wage}
readings:
  wage_reading:
    question: which?
    update: false
    gross: {weight: 2, because: a}
    net: {weight: 1, because: b}
  gap_reading:
    question: which?
    update: false
    level: {weight: 1, because: a}
    rise: {weight: 1, because: b}
  taking:
    question: which?
    share: {weight: 1, because: a}
    payroll: {weight: 1, because: b}
claims: {heads: people, pay: quoted, gap: difference}
targets: [take]
"""
SHORT = Sampling(draws=500, tune=300)


def model_of(text: str, folder: Path, evidence: str = EVIDENCE) -> Model:
    (folder / "evidence.yaml").write_text(evidence, encoding="utf-8")
    return load_text(text, folder=folder)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return model_of(MODEL, tmp_path_factory.mktemp("everything"))


@pytest.fixture(scope="module")
def engine(everything: Model) -> Engine:
    return Engine(everything, seed=7)


CHOICES = [
    {"wage_reading": wage, "gap_reading": gap}
    for wage in ("gross", "net")
    for gap in ("level", "rise")
]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: "-".join(c.values()))
def test_compiled_density_is_prior_times_claims(engine: Engine, choice: dict[str, str]) -> None:
    """Machine code against SciPy's densities of the claims."""
    active = engine.speaking(choice, engine.evidence_ids)
    points = engine.prior_points(20, "test")
    prior = engine.posed(Condition(choice)).logp(points)
    values = {n: v[0] for n, v in engine.values(points[None], choice).items()}
    claims = log_likelihood(engine.model, engine.observations, values, choice, active)
    # The copies' joint density is not the sum of their margins: leave them out of this check.
    alone = active - {"copy", "same", "other"}
    difference = engine.posed(Condition(choice, alone)).logp(points) - prior
    expected = sum(claims[name] for name in alone)
    # A difference of sums of some hundreds: their last digits are lost.
    np.testing.assert_allclose(difference, expected, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(
    "choice", mostly_long(CHOICES, CHOICES[1:2]), ids=lambda c: "-".join(c.values())
)
def test_compiled_density_is_that_of_pymc(engine: Engine, choice: dict[str, str]) -> None:
    active = engine.speaking(choice, engine.evidence_ids)
    points = engine.prior_points(20, "test")[:3]
    whole = engine.posed(Condition(choice, active)).logp(points)
    plain = to_pymc(engine.model, choice)
    compiled = plain.compile_logp(mode="FAST_COMPILE")
    for point, value in zip(points, whole, strict=True):
        start, parts = 0, {}
        for variable in plain.value_vars:
            size = variable.type.shape[0]
            parts[variable.name] = point[start : start + size]
            start += size
        assert float(compiled(parts)) == pytest.approx(value, rel=1e-9)


def test_gradient_is_the_slope_of_the_density(engine: Engine) -> None:
    choice = CHOICES[0]
    density = engine.posed(Condition(choice, engine.speaking(choice, engine.evidence_ids)))
    point = engine.prior_points(50, "slope")[7]
    _, slopes = density.surface(point)
    step = 1e-6
    for i in range(len(point)):
        ends = np.stack([point, point])
        ends[0, i] -= step
        ends[1, i] += step
        low, high = density.logp(ends)
        assert slopes[0, i] == pytest.approx((high - low) / (2 * step), rel=1e-4, abs=1e-4)


def test_silent_claims_have_density_one(engine: Engine) -> None:
    """Leaving every claim out leaves the prior, which integrates to one by construction."""
    points = engine.prior_points(10, "silent")
    density = engine.posed(Condition(CHOICES[0])).logp(points)
    with to_pymc(engine.model, CHOICES[0]) as plain:
        free = plain.compile_logp(vars=plain.free_RVs, mode="FAST_COMPILE")
    for point, value in zip(points, density, strict=True):
        start, parts = 0, {}
        for variable in plain.value_vars:
            size = variable.type.shape[0]
            parts[variable.name] = point[start : start + size]
            start += size
        assert float(free(parts)) == pytest.approx(value, rel=1e-9, abs=1e-9)


def test_unconstrained_points_lead_back_to_the_values(engine: Engine) -> None:
    """Prior draws, carried to the real line and back, have the prior's own quantiles."""
    points = engine.prior_points(20_000, "round trip")
    values = engine.values(points[None], CHOICES[0])
    assert np.quantile(values["people"], [0.05, 0.95]) == pytest.approx([1000, 100_000], rel=0.1)
    assert np.median(values["tau"]) == pytest.approx(5, rel=0.05)  # of HalfCauchy(5)
    assert values["share"].mean() == pytest.approx(0.25, abs=0.01)  # of Beta(1, 3)


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return model_of(LIGHT, tmp_path_factory.mktemp("light"))


def test_combinations_of_the_same_density_share_a_fit(light: Model) -> None:
    tree = fit(light, seed=3, sampling=SHORT)
    fits = tree["readings"]["fit"].values
    assert len(fits) == 8
    assert len(set(fits)) == 4
    again = fit(light, seed=3, sampling=SHORT)
    assert tree["posterior"].identical(again["posterior"])
    other = fit(light, seed=4, sampling=SHORT)
    assert not tree["posterior"].identical(other["posterior"])


def test_nothing_is_nowhere(light: Model) -> None:
    """A quantity of which a reading says nothing has no numbers there, and none in the mixture."""
    document = summary(fit(light, seed=3, sampling=SHORT)).document
    for entry in document["readings"]:
        median = entry["quantities"]["difference"]["median"]
        assert (median is None) == (entry["reading"]["gap_reading"] == "rise")
    assert document["quantities"]["difference"]["median"] is None
    assert sum(e["posterior"] for e in document["readings"]) == pytest.approx(1)
    held = [e["posterior"] for e in document["readings"] if e["reading"]["gap_reading"] == "rise"]
    assert sum(held) == pytest.approx(0.5)


def test_models_that_differ_in_numbers_share_machine_code(tmp_path: Path, engine: Engine) -> None:
    other = model_of(
        MODEL.replace("50 to 2000", "60 to 900").replace(
            "HalfCauchy(beta=5)", "HalfCauchy(beta=2)"
        ),
        tmp_path,
        EVIDENCE.replace("12 of 882", "30 of 500").replace("28 ± 15", "8 ± 10"),
    )
    assert Engine(other, seed=1).density.code is engine.density.code


def test_plain_pymc_model_samples_the_same_posterior(tmp_path: Path) -> None:
    """The model handed over, sampled by PyMC itself, agrees with the engine."""
    text = """
format: 1
title: One count
evidence: evidence.yaml
quantities:
  people: {unit: person, prior: "1,000 to 100,000"}
claims: {heads: people}
targets: [people]
"""
    model = model_of(text, tmp_path)
    document = summary(fit(model, seed=1)).document
    mine = document["quantities"]["people"]
    with to_pymc(model):
        draws = pm.sample(
            1000, tune=500, chains=2, cores=1, random_seed=1, progressbar=False, nuts_sampler="pymc"
        )
    theirs = draws["posterior"]["people"].values
    se = theirs.std() / np.sqrt(500)  # an ESS of a quarter of the draws is conservative here
    assert mine["mean"] == pytest.approx(theirs.mean(), abs=4 * np.hypot(se, mine["mcse_mean"]))


def test_unknown_reading_for_pymc_is_bad_input(everything: Model) -> None:
    with pytest.raises(InputError, match="no reading 'wage'"):
        to_pymc(everything, {"wage": "gross"})


def test_evidence_bound_is_the_greatest_likelihood(tmp_path: Path) -> None:
    text = """
format: 1
title: One effect
evidence: evidence.yaml
quantities: {theta: {prior: -50 to 50, support: real}}
claims: {effect: theta}
targets: [theta]
"""
    engine = Engine(model_of(text, tmp_path), seed=1)
    bound = engine.most_likely(Condition({}, frozenset({"effect"})))
    assert bound == pytest.approx(stats.norm.logpdf(0, scale=15), abs=1e-6)


def test_targets_may_be_expressions(tmp_path: Path) -> None:
    """A slash cannot be in the name of a labelled array; the answer is there all the same."""
    text = """
format: 1
title: A ratio
evidence: evidence.yaml
quantities:
  people: {unit: person, prior: "1,000 to 100,000"}
  homes: {unit: home, prior: 500 to 5000}
targets: [people / homes, people * 2]
"""
    tree = fit(model_of(text, tmp_path), seed=1, sampling=SHORT)
    ratio = tree["posterior"]["people ÷ homes"]
    np.testing.assert_allclose(ratio, tree["posterior"]["people"] / tree["posterior"]["homes"])
    assert ratio.attrs["unit"] == "person/home"
    assert summary(tree).document["targets"] == ["people ÷ homes", "people * 2"]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"draws": 4}, "draws"),
        ({"tune": 0}, "tune"),
        ({"chains": 1}, "chains"),
        ({"target_accept": 1.0}, "target_accept"),
    ],
)
def test_a_sampling_that_could_not_be_judged_is_refused(
    settings: dict[str, Any], name: str
) -> None:
    with pytest.raises(ValueError, match=name):
        Sampling(**settings)


def test_the_shortest_sampling_is_made_longer_until_it_can_be_judged(tmp_path: Path) -> None:
    model = build(tmp_path, quantities={"x": "1 to 10"}, says={"c": "3 ± 1"}, claims={"c": "x"})
    fitted = fit(model, sampling=Sampling(draws=20, tune=20, chains=2))
    assert fitted.attrs["converged"] == (float(fitted["readings"]["min_ess_bulk"][0]) >= 400)
    assert fitted["posterior"].sizes["draw"] == 20
