"""An unknown pinned at a value: the posterior given x = v, and the evidence p(claims, x = v).

The density of x at v stays, on the quantity's own scale; so the evidence integrates over v to what
it is without a pin, and a pinned member of a hierarchy says of its parents what an exact
observation of it would.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq

from estimates import Change, Sampling
from estimates.inference.engine import Engine
from estimates.inference.fitting import Fitted, fit_readings
from estimates.inference.forward import pinned_log_density
from estimates.inference.program import plan
from estimates.inference.question import Condition

from .building import build
from .gaussian import Gaussian
from .quadrature import LINKS, Prior, interval, posterior
from .test_hierarchies import RUBIN, Hierarchy
from .test_priors import NAMES, PRIORS
from .tolerance import Truth, agree, near
from .widths import point

Array = NDArray[np.float64]
SAMPLING = Sampling(draws=1000, tune=500)


def drawn(fitted: Fitted, reading: int = 0) -> dict[str, Array]:
    """Every quantity (chain, draw) under a reading."""
    one = fitted.readings[reading]
    assert fitted.answers[one.fit].check.passed
    return fitted.engine.values(fitted.answers[one.fit].draws.points, one.choice)


def agree_in_evidence(what: str, fitted: Fitted, reading: int, true: float) -> None:
    evidence = fitted.answers[fitted.readings[reading].fit].evidence
    assert evidence.se < 0.05
    near(f"log evidence of {what}", evidence.log, evidence.se, true)


# A product, correlated by a claim on it, under two readings ---------------------------------------

A, B = interval(10, 1000, "log"), interval(2, 50, "log")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    model = build(
        tmp_path_factory.mktemp("product"),
        quantities={"a": "10 to 1000", "b": "2 to 50"},
        relations={
            "both": "a * b",
            "said": {"by": "phrase", "product": "a * b", "part": "10 * b"},
        },
        readings={"phrase": {"product": 1, "part": 3}},
        says={"total": "3,000", "a": "80"},
        claims={"total": "said", "a": "a"},
        targets=["both"],
    )
    return Engine(model, seed=3)


def solved(pin: float | None) -> dict[str, tuple[Gaussian, float]]:
    """Under each reading the posterior of log a and log b, and the log evidence."""
    found = {}
    total, a = point(3000, 1000, "log"), point(80, 10, "log")
    for reading, (weight, shift) in {"product": (1.0, 0.0), "part": (0.0, math.log(10))}.items():
        mean, sd = np.array([4.605170, 2.302585]), np.ones(2)
        ends = ((10, 1000), (2, 50))
        for i, (low, high) in enumerate(ends):
            mean[i] = (math.log(low) + math.log(high)) / 2
            sd[i] = math.log(high / low) / (2 * stats.norm.ppf(0.95))
        design = [[weight, 1.0], [1.0, 0.0]]
        y, noise = [total.y - shift, a.y], [total.sigma**2, a.sigma**2]
        jacobian = 0.0
        if pin is not None:  # an exact observation of log a; a's own density has 1/a beside it
            design.append([1.0, 0.0])
            y.append(math.log(pin))
            noise.append(0.0)
            jacobian = -math.log(pin)
        after, log = Gaussian(mean, np.diag(sd**2)).given(
            np.array(design), np.array(y), np.array(noise)
        )
        found[reading] = after, log + jacobian
    return found


@pytest.mark.parametrize("value", [80.0, 400.0, 5000.0])
def test_what_is_correlated_with_it_and_the_weights_respond(product: Engine, value: float) -> None:
    fitted = fit_readings(
        product.model, engine=product, sampling=SAMPLING, change=Change(pinned={"a": value})
    )
    truth = solved(value)
    for i, reading in enumerate(("product", "part")):
        after, log = truth[reading]
        agree_in_evidence(reading, fitted, i, log)
        found = drawn(fitted, i)
        assert np.all(found["a"] == value)
        normal = stats.norm(after.mean[1], math.sqrt(after.covariance[1, 1]))
        for name, scale in (("b", 1.0), ("both", value)):
            agree(
                f"log {name} given a = {value}, {reading}",
                np.log(found[name] / scale),
                Truth(
                    {"mean": normal.mean(), "sd": normal.std(), "median": normal.ppf(0.5),
                     "q05": normal.ppf(0.05), "q95": normal.ppf(0.95)}
                ),
            )  # fmt: skip
    odds = math.log(3) + truth["part"][1] - truth["product"][1]
    near("weight", fitted.weights.mean[1], fitted.weights.se[1], 1 / (1 + math.exp(-odds)))


def test_the_evidence_integrates_to_what_it_is_without_a_pin(product: Engine) -> None:
    """Over v the trapezoid rule on log v is exact to rounding for a normal."""
    u = np.linspace(math.log(80) - 3, math.log(80) + 3, 17)
    question = Condition({"phrase": "product"}, frozenset({"total", "a"}))
    logs = [
        product.ask(replace(question, pinned={"a": math.exp(one)}), SAMPLING).evidence.log + one
        for one in u
    ]
    total = math.log(np.sum(np.exp(logs)) * (u[1] - u[0]))
    whole = product.ask(question, SAMPLING).evidence
    near("log evidence", whole.log, whole.se, total, 0.002)
    assert total == pytest.approx(solved(None)["product"][1], abs=0.002)


def test_a_pin_has_its_place_in_the_question(product: Engine) -> None:
    question = Condition({"phrase": "product"}, frozenset({"total", "a"}))
    keys = {
        product.key(replace(question, pinned=pinned))
        for pinned in ({}, {"a": 80.0}, {"a": 81.0}, {"b": 80.0})
    }
    assert len(keys) == 4
    answer = product.ask(replace(question, pinned={"a": 80.0, "b": 9.0}), SAMPLING)
    assert answer.draws.points.shape[-1] == 0, "nothing is unknown any more"
    truth = solved(80.0)["product"]
    normal = stats.norm(truth[0].mean[1], math.sqrt(truth[0].covariance[1, 1]))
    assert answer.evidence.se == 0
    assert answer.evidence.log == pytest.approx(truth[1] + normal.logpdf(math.log(9)) - math.log(9))


def test_a_value_does_not_depend_on_what_was_asked_before(product: Engine) -> None:
    question = Condition({"phrase": "part"}, frozenset({"total", "a"}), pinned={"a": 300.0})
    again = Engine(product.model, seed=3).ask(question, SAMPLING)
    assert np.array_equal(product.ask(question, SAMPLING).draws.points, again.draws.points)


# Hierarchies --------------------------------------------------------------------------------------


def schools(folder: Path, **parts: Any) -> Engine:
    quantities: dict[str, Any] = {"mu": "Normal(mu=0, sigma=5)", "tau": "HalfCauchy(beta=5)"}
    quantities |= {f"s{j}": "Normal(mu=mu, sigma=tau)" for j in range(len(RUBIN))}
    quantities |= {"t": "LogNormal(mu=0.1 * mu, sigma=0.5)"}
    says = {f"s{j}": f"{y} ± {s}" for j, (y, s) in enumerate(RUBIN)}
    model = build(folder, quantities=quantities, says=says, claims={s: s for s in says}, **parts)
    return Engine(model, seed=8)


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    return schools(tmp_path_factory.mktemp("schools"))


def exact(pins: dict[int, float]) -> tuple[float, dict[str, Truth]]:
    """The hierarchy with some members observed all but exactly, beside what is claimed of them."""
    y = np.array([float(y) for y, _ in RUBIN])
    s = np.array([float(s) for _, s in RUBIN])
    own = 0.0
    for j, value in pins.items():
        own += float(stats.norm.logpdf(y[j], value, s[j]))
        y[j], s[j] = value, 1e-6
    log, truths = Hierarchy(y, s, 0.0, 5.0, stats.halfcauchy(scale=5).logpdf).solve()
    return log + own, truths


@pytest.mark.parametrize("pins", [{0: 28.0}, {0: 20.0, 3: -6.0}], ids=["one", "two"])
def test_a_member_of_a_hierarchy_is_pinned_as_a_value(
    eight: Engine, pins: dict[int, float]
) -> None:
    change = Change(pinned={f"s{j}": value for j, value in pins.items()})
    fitted = fit_readings(eight.model, engine=eight, sampling=Sampling(), change=change)
    assert fitted.failed == ()
    log, truths = exact(pins)
    agree_in_evidence("the schools", fitted, 0, log)
    found = drawn(fitted)
    agree("mu", found["mu"], truths["mu"])
    agree("log tau", np.log(found["tau"]), truths["log tau"])
    for j in range(len(RUBIN)):
        if j in pins:
            assert np.all(found[f"s{j}"] == pins[j])
        else:
            agree(f"school {j}", found[f"s{j}"], truths[f"member {j}"])


def test_without_claims_a_pinned_member_still_informs_its_parents(eight: Engine) -> None:
    """t = v is an observation of mu: ln v = 0.1 mu + 0.5 noise."""
    claims = frozenset(f"s{j}" for j in range(len(RUBIN)))
    value = 3.0
    change = Change(pinned={"t": value}, without=claims)
    fitted = fit_readings(eight.model, engine=eight, sampling=SAMPLING, change=change)
    after, log = Gaussian(np.zeros(1), np.array([[25.0]])).given(
        np.array([[0.1]]), np.array([math.log(value)]), np.array([0.25])
    )
    agree_in_evidence("t alone", fitted, 0, log - math.log(value))
    sd = math.sqrt(after.covariance[0, 0])
    agree("mu", drawn(fitted)["mu"], Truth({"mean": after.mean[0], "sd": sd}))


def test_parents_that_are_pinned_leave_the_evidence_exact(eight: Engine) -> None:
    pinned = {"mu": 2.0, "tau": 3.0, "s0": 5.0, "t": 1.5}
    answer = eight.ask(Condition(pinned=pinned), SAMPLING)
    true = (
        stats.norm(0, 5).logpdf(2)
        + stats.halfcauchy(scale=5).logpdf(3)
        + stats.norm(2, 3).logpdf(5)
        + stats.lognorm(0.5, scale=math.exp(0.2)).logpdf(1.5)
    )
    assert answer.evidence.se == 0
    assert answer.evidence.log == pytest.approx(true)
    schools_left = eight.pinning(pinned).values(answer.draws.points, {})["s1"]
    agree("school 1", stats.norm(2, 3).cdf(schools_left), Truth({"mean": 0.5, "sd": 12**-0.5}))


# Every family -------------------------------------------------------------------------------------


def middle(cdf: Callable[[Any], Any]) -> float:
    """A value with 40 % below it."""
    for low, high in ((1e-9, 1 - 1e-9), (1e-9, 50.0), (-50.0, 50.0), (1e-9, 1e4)):
        if cdf(low) < 0.4 < cdf(high):
            return float(brentq(lambda x: cdf(x) - 0.4, low, high, xtol=1e-13))
    raise AssertionError("no quantile found")


def slope(cdf: Callable[[Any], Any], x: float) -> float:
    """Five points: a relative error of some 1e-8."""
    h = 1e-3 * max(abs(x), 0.1)
    return float(8 * (cdf(x + h) - cdf(x - h)) - (cdf(x + 2 * h) - cdf(x - 2 * h))) / (12 * h)


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    quantities = {**NAMES, "other": "Normal(mu=0, sigma=1)"}
    folder = tmp_path_factory.mktemp("families")
    says = {"other": "1 ± 1"}
    return Engine(
        build(folder, quantities=quantities, says=says, claims={"other": "other"}), seed=1
    )


@pytest.mark.parametrize("name", NAMES, ids=PRIORS)
def test_every_density_is_the_slope_of_its_distribution(families: Engine, name: str) -> None:
    cdf = PRIORS[NAMES[name]]
    value = middle(cdf)
    found = pinned_log_density(plan(families.model, {name: value}))
    assert found == pytest.approx(math.log(slope(cdf, value)), abs=1e-5)


def test_the_machine_code_has_the_same_densities(families: Engine) -> None:
    pinned = {name: middle(PRIORS[prior]) for name, prior in NAMES.items()}
    engine = families.pinning(pinned)
    assert engine.layout.size == 1
    question = Condition(active=frozenset({"other"}), pinned=pinned)
    answer = engine.ask(question, SAMPLING)
    # other ~ N(0, 1), 1 ~ N(other, 1)
    true = pinned_log_density(engine.steps) + stats.norm(0, math.sqrt(2)).logpdf(1)
    near("log evidence", answer.evidence.log, answer.evidence.se, true)
    agree(
        "other",
        engine.values(answer.draws.points, {})["other"],
        Truth({"mean": 0.5, "sd": math.sqrt(0.5)}),
    )


# Families whose parents are unknown: the density at the pin has the parent in it ------------------

NORMAL = Prior("identity", stats.norm(0, 2).logpdf, -60, 60)
PAIRS: dict[str, tuple[str, str, Prior, float, Callable[..., Array]]] = {
    # by child: its parent's prior, its own, the parent's prior again, the pin, the child's density
    "student": (
        "Normal(mu=0, sigma=2)", "StudentT(nu=4, mu=parent, sigma=1.5)", NORMAL, 4.0,
        lambda m, v: stats.t(4, m, 1.5).logpdf(v),
    ),
    "cauchy": (
        "Normal(mu=0, sigma=2)", "Cauchy(alpha=parent, beta=1)", NORMAL, -3.0,
        lambda m, v: stats.cauchy(m, 1).logpdf(v),
    ),
    "lognormal": (
        "Normal(mu=0, sigma=2)", "LogNormal(mu=parent, sigma=0.7)", NORMAL, 9.0,
        lambda m, v: stats.lognorm(0.7, scale=np.exp(m)).logpdf(v),
    ),
    "logitnormal": (
        "Normal(mu=0, sigma=2)", "LogitNormal(mu=parent, sigma=0.7)", NORMAL, 0.9,
        lambda m, v: stats.norm(m, 0.7).logpdf(math.log(9)) - math.log(0.09),
    ),
    "skewed": (
        "Normal(mu=0, sigma=2)", "SkewNormal(alpha=3, mu=parent, sigma=1)", NORMAL, 2.0,
        lambda m, v: stats.skewnorm(3, m, 1).logpdf(v),
    ),
    "truncated": (
        "Normal(mu=0, sigma=2)", "TruncatedNormal(mu=parent, sigma=1, lower=0)", NORMAL, 0.5,
        lambda m, v: stats.norm(m, 1).logpdf(v) - stats.norm(m, 1).logsf(0),
    ),
    "half": (
        "0.5 to 5", "HalfNormal(sigma=parent)", interval(0.5, 5, "log"), 4.0,
        lambda s, v: stats.halfnorm(scale=s).logpdf(v),
    ),
    "half_cauchy": (
        "0.5 to 5", "HalfCauchy(beta=parent)", interval(0.5, 5, "log"), 0.1,
        lambda s, v: stats.halfcauchy(scale=s).logpdf(v),
    ),
    "laplace": (
        "0.5 to 5", "Laplace(mu=1, b=parent)", interval(0.5, 5, "log"), 6.0,
        lambda s, v: stats.laplace(1, s).logpdf(v),
    ),
    "gamma": (
        "0.5 to 5", "Gamma(alpha=2, beta=parent)", interval(0.5, 5, "log"), 3.0,
        lambda k, v: stats.gamma(2, scale=1 / k).logpdf(v),
    ),
    "exponential": (
        "0.5 to 5", "Exponential(scale=parent)", interval(0.5, 5, "log"), 7.0,
        lambda s, v: stats.expon(scale=s).logpdf(v),
    ),
    "beta": (
        "20 to 80 %", "Beta(mu=parent, nu=8)", interval(0.2, 0.8, "logit"), 0.9,
        lambda m, v: stats.beta(8 * m, 8 * (1 - m)).logpdf(v),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def parents(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    quantities: dict[str, Any] = {}
    for name, (parent, child, *_) in PAIRS.items():
        unit = {"unit": "share"} if "%" in parent else {}
        quantities[f"{name}_parent"] = {"prior": parent, **unit}
        quantities[name] = child.replace("parent", f"{name}_parent")
    model = build(tmp_path_factory.mktemp("parents"), quantities=quantities, says={}, claims={})
    change = Change(pinned={name: pin for name, (*_, pin, _) in PAIRS.items()})
    return fit_readings(model, seed=5, sampling=Sampling(), change=change)


@pytest.mark.parametrize("name", PAIRS)
def test_what_a_pin_says_of_a_parent(parents: Fitted, name: str) -> None:
    _, _, prior, pin, density = PAIRS[name]
    _, truth = posterior(prior, lambda x: density(x, pin))
    agree(name, LINKS[prior.link](drawn(parents)[f"{name}_parent"]), truth)


def test_the_evidence_of_all_pins_is_that_of_quadrature(parents: Fitted) -> None:
    total = 0.0
    for _, _, prior, pin, density in PAIRS.values():
        total += posterior(prior, partial(density, v=pin))[0]
    agree_in_evidence("all pairs", parents, 0, total)


# Beside pins --------------------------------------------------------------------------------------


def test_known_constants_of_a_prior_change_the_prior(tmp_path: Path) -> None:
    model = build(
        tmp_path,
        quantities={"k": {"value": 2}, "x": "Gamma(alpha=3, beta=k)", "y": "HalfNormal(sigma=k)"},
        says={},
        claims={},
    )
    engine = Engine(model, seed=2)
    fitted = fit_readings(model, engine=engine, sampling=SAMPLING, change=Change(fixed={"k": 5.0}))
    draws = engine.values(fitted.answers[0].draws.points, {}, {"k": 5.0})
    for name, truth in (("x", stats.gamma(3, scale=0.2)), ("y", stats.halfnorm(scale=5))):
        agree(name, truth.cdf(draws[name]), Truth({"mean": 0.5, "sd": 12**-0.5}))
    pinned = engine.ask(Condition(pinned={"x": 0.7}, fixed={"k": 5.0}), SAMPLING)
    assert pinned.evidence.log == pytest.approx(stats.gamma(3, scale=0.2).logpdf(0.7))


def test_a_silent_claim_says_nothing_however_wide(product: Engine) -> None:
    question = Condition({"phrase": "product"}, frozenset({"a"}), widened={"total": 7.0})
    plain = Condition({"phrase": "product"}, frozenset({"a"}))
    logs = [product.posed(one).logp(np.array([[0.3, -0.2]])) for one in (question, plain)]
    assert logs[0] == logs[1]
