"""Events in an exposure, lopsided errors and published intervals, against known answers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, stats

from estimates import InputError, Model, fit
from estimates.analysis.cited import cited, halves_below
from estimates.analysis.conflict.contrast import predictive
from estimates.inference.log_likelihood import log_density
from estimates.inference.observed import observe
from estimates.inference.predictive import replicate
from estimates.model.likelihood import Noisy, Rate, Skew, sampling_model
from estimates.stats.links import IDENTITY

from .building import build, drawn
from .tolerance import PROBABILITIES, Truth, agree

PER_YEAR = {"unit": "1/person/year", "prior": "Gamma(alpha=2, beta=100)"}
ASYMMETRIC = Skew(IDENTITY, 73.2, 1.9, 1.7)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return build(
        tmp_path_factory.mktemp("models") / "everyday",
        quantities={
            "rate": PER_YEAR,
            "monthly": {"unit": "1/person/month", "prior": "Gamma(alpha=2, beta=1200)"},
            "level": "Normal(mu=70, sigma=4)",
            "risk": "LogNormal(mu=0, sigma=1)",
        },
        says={
            "seen": "31 deaths in 2,400 person-years",
            "none": "0 events in 800 person-years",
            "years": "31 events in 2,400 person-years",
            "early": "73.2 +1.9 -0.4",
            "late": "70 +1 -5",
            "ratio": "0.72 (95% CI 0.55 to 0.94)",
            "held": "8 events in 500 person-years",
            "beside": "71 +3 -1",
        },
        claims={
            "seen": "rate", "none": "rate", "years": "monthly", "early": "level", "late": "level",
            "ratio": "risk",
        },
        compare={"held": "rate", "beside": "level"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def answer(model: Model) -> object:
    return fit(model, seed=4)


def of_law(law: stats.rv_frozen) -> Truth:
    values = {name: float(law.ppf(p)) for name, p in PROBABILITIES.items()}
    return Truth({"mean": float(law.mean()), "sd": float(law.std()), **values})


def test_events_of_a_gamma_prior_leave_a_gamma(answer: object) -> None:
    """Gamma(2, 100) with 31 events in 2,400 and none in 800 is Gamma(33, 3,300)."""
    agree("rate", drawn(answer, "rate"), of_law(stats.gamma(33, scale=1 / 3300)))


def test_a_year_of_exposure_is_twelve_months(answer: object) -> None:
    agree("monthly", drawn(answer, "monthly"), of_law(stats.gamma(33, scale=1 / (1200 + 28800))))


def test_lopsided_errors_multiply(answer: object) -> None:
    """By quadrature: the prior's normal times the halves of two."""
    x = np.linspace(50, 90, 400_001)
    log_density = stats.norm(70, 4).logpdf(x)
    for y, up, down in ((73.2, 1.9, 0.4), (70, 1, 5)):
        log_density += -0.5 * ((y - x) / np.where(x > y, up, down)) ** 2
    weights = np.exp(log_density - log_density.max())
    weights /= weights.sum()
    below = np.cumsum(weights)
    mean = float(weights @ x)
    values = {name: float(x[np.searchsorted(below, p)]) for name, p in PROBABILITIES.items()}
    sd = float(np.sqrt(weights @ (x - mean) ** 2))
    agree("level", drawn(answer, "level"), Truth({"mean": mean, "sd": sd, **values}))


def test_a_published_interval_is_its_whole_width(answer: object) -> None:
    """On the log scale, normal with normal: the width of 0.55 to 0.94 is theirs alone."""
    z = stats.norm.ppf(0.975)
    sigma = (np.log(0.94) - np.log(0.55)) / (2 * z)
    weight = 1 / (1 + sigma**2)
    law = stats.norm(weight * np.log(0.72), np.sqrt(weight * sigma**2))
    agree("risk", np.log(drawn(answer, "risk")), of_law(law))


@pytest.mark.parametrize("theta", [60.0, 73.2, 74.0, 90.0])
def test_the_density_of_a_lopsided_reading_is_one_in_all(theta: float) -> None:
    def density(y: float) -> float:
        term = Skew(IDENTITY, y, 1.9, 1.7)
        return float(np.exp(log_density(term, np.array([theta])))[0])

    assert integrate.quad(density, theta - 40, theta + 40, points=[theta])[0] == pytest.approx(1)


def test_the_truth_lies_above_as_the_errors_say() -> None:
    """A flat prior gives P(θ > X) = a/(a + b); quantiles and distribution are inverse."""
    theta = np.linspace(60, 90, 30_001)
    density = np.exp(log_density(ASYMMETRIC, theta))
    above = density[theta > 73.2].sum() / density.sum()
    assert above == pytest.approx(1.9 / 3.6, abs=1e-3)
    for p in (0.001, 0.05, 0.47, 0.48, 0.5, 0.9, 0.999):
        assert halves_below(ASYMMETRIC, np.array(ASYMMETRIC.quantile(p))) == pytest.approx(p)


def test_equal_errors_are_the_normal() -> None:
    theta = np.linspace(20, 36, 9)
    same, plain = Skew(IDENTITY, 28, 2, 2), Noisy(IDENTITY, 28, 2)
    assert log_density(same, theta) == pytest.approx(log_density(plain, theta))
    for one, other in zip(
        predictive(same).tails(theta), predictive(plain).tails(theta), strict=True
    ):
        assert one == pytest.approx(other)


def test_events_are_poisson() -> None:
    rates = np.array([0.0, 1e-4, 0.01, 2.0, -1.0])
    found = log_density(Rate(31, 2400.0), rates)
    assert found[:4] == pytest.approx(stats.poisson.logpmf(31, 2400 * rates[:4]))
    assert found[4] == -np.inf
    assert log_density(Rate(0, 10.0), np.array([0.0]))[0] == 0.0


def test_what_is_simulated_has_the_model_s_own_moments(model: Model) -> None:
    draws, rng = 200_000, np.random.default_rng(3)
    values = {name: np.full(draws, at) for name, at in
              {"rate": 0.012, "monthly": 0.001, "level": 72.0, "risk": 1.0}.items()}  # fmt: skip
    said = replicate(model, observe(model), values, {}, frozenset(("seen", "early")), rng)
    seen, early = said["seen"], said["early"]
    assert seen.mean() == pytest.approx(28.8, abs=5 * np.sqrt(28.8 / draws))
    assert seen.var() == pytest.approx(28.8, rel=0.03)
    # Below the truth, by the error up, with its share of the probability.
    assert (early < 72).mean() == pytest.approx(1.9 / 2.3, abs=5 * 0.5 / np.sqrt(draws))
    assert (72 - early[early < 72]).mean() == pytest.approx(1.9 * np.sqrt(2 / np.pi), rel=0.02)


def test_what_is_cited_has_the_ends_of_the_method(model: Model) -> None:
    by_id = {use.id: cited(use, model.conventions) for use in model.uses if use.held_out}
    rate, level = by_id["held"], by_id["beside"]
    law = stats.gamma(8.5, scale=1 / 500)
    assert (rate.low, rate.high, rate.centre) == pytest.approx(tuple(law.ppf([0.05, 0.95, 0.5])))
    assert rate.probability_exceeded(np.log([0.02])) == pytest.approx(law.cdf([0.02]))
    term = sampling_model(level.claim, model.conventions)
    assert isinstance(term, Skew)
    assert (level.low, level.high) == pytest.approx((term.quantile(0.15), term.quantile(0.85)))
    for figure, grid in (
        (rate, np.linspace(-9, -1, 20_001)),
        (level, np.linspace(40, 100, 20_001)),
    ):
        density = figure.density(grid)
        assert density is not None
        assert np.trapezoid(density, grid) == pytest.approx(1, abs=1e-5)


def test_a_conflict_of_events_is_that_of_gamma_and_poisson() -> None:
    u = np.log(np.array([0.005, 0.0129, 0.03]))
    expected = 2400 * np.exp(u)
    below, above = predictive(Rate(31, 2400.0)).tails(u)
    half = stats.poisson.pmf(31, expected) / 2
    assert np.exp(below) == pytest.approx(stats.poisson.cdf(30, expected) + half)
    assert np.exp(above) == pytest.approx(stats.poisson.sf(31, expected) + half)


@pytest.mark.parametrize("unit", ["event/day", "tank/day", "1/day"])
def test_a_rate_of_things_counted_is_a_rate(tmp_path: Path, unit: str) -> None:
    # Gehrels 1986: eight counts on a source, nine in three hours beside it.
    model = build(
        tmp_path / "rate",
        quantities={"rate": {"unit": unit, "prior": "Gamma(alpha=2, beta=0.02)"}},
        says={"on": "8 events in 1 hour", "off": "9 events in 3 hours"},
        claims={"on": "rate", "off": "rate"},
    )
    agree(
        "rate",
        drawn(fit(model, seed=2), "rate"),
        of_law(stats.gamma(19, scale=1 / (0.02 + 4 / 24))),
    )


@pytest.mark.parametrize("unit", ["USD/day", "kg/day", "km"])
def test_no_event_is_a_dollar_or_a_kilogram(tmp_path: Path, unit: str) -> None:
    with pytest.raises(InputError, match="is needed"):
        build(
            tmp_path / "rate",
            quantities={"rate": {"unit": unit, "prior": "1 to 10"}},
            says={"on": "8 events in 1 hour"},
            claims={"on": "rate"},
        )
