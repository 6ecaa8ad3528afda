"""Every wording, alone against quadrature: what one claim says about one quantity.

One model holds them all, each claim about a quantity of its own.  Nothing connects them, so
every posterior is one-dimensional and the log evidence is the sum of them all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy.special import betaln, digamma, gammaln

from estimates import Sampling, fit

from . import widths as w
from .building import build, drawn
from .quadrature import beta, interval, posterior
from .tolerance import Truth, agree, near

Array = NDArray[np.float64]

pytestmark = pytest.mark.xdist_group("wordings")


@dataclass(frozen=True)
class Case:
    """A claim, and what it must mean."""

    says: str
    means: Callable[[Array], Array]
    ledger: dict[str, Any] = field(default_factory=dict)
    use: dict[str, Any] = field(default_factory=dict)


def case(says: str, means: Callable[[Array], Array], **entries: Any) -> Case:
    """Entries of the ledger, or of the use (`scale`, `tails`)."""
    use = {name: value for name, value in entries.items() if name in ("scale", "tails")}
    return Case(says, means, {k: v for k, v in entries.items() if k not in use}, use)


QUANTITIES = {
    "heads": {"unit": "person", "prior": "20 to 2000"},
    "part": {"unit": "share", "prior": "5 to 60 %"},
    "level": {"unit": "USD", "support": "real", "prior": "-50 to 150"},
    "ratio": {"prior": "0.7 to 1.5"},
    "chance": {"unit": "share", "prior": "Beta(alpha=2, beta=8)"},
}
PRIORS = {
    "heads": interval(20, 2000, "log"),
    "part": interval(0.05, 0.60, "logit"),
    "level": interval(-50, 150, "identity"),
    "ratio": interval(0.7, 1.5, "log"),
    "chance": beta(2, 8),
}
#: Claims that others dispute; no model uses them as evidence.
DISPUTED = {
    "crowd": "around 150 people",
    "crowd-range": "120 to 180 people",
    "third": "30 %",
    "forty": "40 USD",
    "loss": "-40 USD",
}


def growth(likelihood: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """A likelihood of a growth as one of the ratio."""
    return lambda ratio: likelihood(ratio - 1)


STUDENT = {"tails": "student-t"}
HEADS = [
    case("150 people", w.point(150, 10, "log")),
    case("around 150 people", w.point(150, 10, "log", "hearsay", hedged=True), basis="hearsay"),
    case("120 to 180 people", w.spread(120, 180, "log")),
    case("roughly 120-180 people @ 50%", w.spread(120, 180, "log", hedged=True, coverage=0.5)),
    case("149 to 151 people", w.spread(149, 151, "log", "statistics"), basis="statistics"),
    case("up to 100 people", w.bound(100, 100, "log", upper=True, soft=True)),
    case("at most 30 people", w.bound(30, 10, "log", "register", upper=True), basis="register"),
    case(
        "at least 5,000 people", w.bound(5000, 1000, "log", "rumour", upper=False), basis="rumour"
    ),
    case(
        "more than 20,000 people",
        w.bound(20000, 10000, "log", "register", upper=False),
        basis="register",
    ),
    case("a few hundred people", w.vague(320, 0.35)),
    case("dozens of people", w.vague(36, 0.5, "statistics"), basis="statistics"),
    case("hundreds of people", w.vague(320, 0.7, student=True), **STUDENT),
    case("300 ± 60 people", w.measured(300, 60)),
    case("150 people", w.point(150, 10, "log", student=True), **STUDENT),
    case("120 to 180 people", w.spread(120, 180, "log", student=True), **STUDENT),
    case("300 ± 60 people", w.measured(300, 60, student=True), **STUDENT),
    case(
        "around 1.5 thousand people", w.point(1500, 100, "log", hedged=True, sigma=0.2), sigma=0.2
    ),
    case(
        "lower than claimed",
        w.dispute(150, 10, "log", lower=True),
        disputes="crowd",
    ),
    case(
        "higher than claimed",
        w.dispute(np.sqrt(120 * 180), 0, "log", "hearsay", lower=False),
        disputes="crowd-range",
        basis="hearsay",
    ),
    case("several people", w.vague(5, 0.35, "rumour"), basis="rumour"),
]
PART = [
    case("30 %", w.point(0.30, 0.1, "logit")),
    case("around 5 %", w.point(0.05, 0.01, "logit", hedged=True)),
    case("20 to 30 %", w.spread(0.2, 0.3, "logit", "statistics"), basis="statistics"),
    case("up to 10 %", w.bound(0.1, 0.1, "logit", upper=True, soft=True)),
    case("at least 80 %", w.bound(0.8, 0.1, "logit", upper=False)),
    case("0.25", w.point(0.25, 0.01, "logit", "hearsay"), basis="hearsay"),
    case("99.5 %", w.point(0.995, 0.001, "logit", "register"), basis="register"),
    case("0.2 %", w.point(0.002, 0.001, "logit")),
    case("12 of 882", w.count(12, 882)),
    case("0 of 20", w.count(0, 20)),
    case("20 of 20", w.count(20, 20)),
    case("70 to 80 % @ 90%", w.spread(0.7, 0.8, "logit", coverage=0.9)),
    case("30 %", w.point(0.30, 0.1, "logit", student=True), **STUDENT),
    case("lower than claimed", w.dispute(0.3, 0.1, "logit", lower=True), disputes="third"),
    case("25 ± 5 %", w.measured(0.25, 0.05)),
    case("1 of 1,000,000", w.count(1, 1_000_000)),
    case("at most 0.1 %", w.bound(0.001, 0.001, "logit", upper=True)),
    case("30 %", w.point(0.30, 0.1, "log"), scale="log"),
    case("30 %", w.point(0.30, 0.1, "identity"), scale="identity"),
    case("999,999 of 1,000,000", w.count(999_999, 1_000_000)),
]
LEVEL = [
    case("40 USD", w.point(40, 10, "identity")),
    case("around 40 USD", w.point(40, 10, "identity", hedged=True)),
    case("-40 USD", w.point(-40, 10, "identity")),
    case("0 USD", w.point(0, 1, "identity", sigma=10), sigma=10),
    case("20 to 60 USD", w.spread(20, 60, "identity")),
    case("about 20 to 60 USD", w.spread(20, 60, "identity", hedged=True, sigma=90), sigma=90),
    case("up to 30 USD", w.bound(30, 10, "identity", upper=True, soft=True)),
    case("at most -20 USD", w.bound(-20, 10, "identity", upper=True)),
    case(
        "at least 300 USD", w.bound(300, 100, "identity", "register", upper=False), basis="register"
    ),
    case("40 ± 10 USD", w.measured(40, 10)),
    case("at most 1 USD", w.bound(1, 1, "identity", upper=True)),
    case("lower than claimed", w.dispute(40, 10, "identity", lower=True), disputes="forty"),
    case("higher than claimed", w.dispute(-40, 10, "identity", lower=False), disputes="loss"),
    case("40 USD", w.point(40, 10, "identity", student=True), **STUDENT),
    case("700 USD", w.point(700, 100, "identity", "register"), basis="register"),
    case("at least -10 USD", w.bound(-10, 10, "identity", upper=False)),
    case(
        "up to 200 USD",
        w.bound(200, 100, "identity", "rumour", upper=True, soft=True),
        basis="rumour",
    ),
    case("-60 to 10 USD", w.spread(-60, 10, "identity")),
    case("up to 0 USD", w.bound(0, 1, "identity", upper=True, soft=True, sigma=5), sigma=5),
    case("-10 ± 1 USD", w.measured(-10, 1, student=True), **STUDENT),
]
RATIO = [
    *(
        case(word, growth(w.direction(basis, rising=word == "rising")), basis=basis)
        for word in ("rising", "falling")
        for basis in w.WIDTH
    ),
    case("20 %", growth(w.point(0.2, 0.1, "identity"))),
    case("around 5 to 20 %", growth(w.spread(0.05, 0.2, "identity", hedged=True))),
    case("up to 15 %", growth(w.bound(0.15, 0.01, "identity", upper=True, soft=True))),
    case("at least 15 %", growth(w.bound(0.15, 0.01, "identity", upper=False))),
    case("-5 ± 2 %", growth(w.measured(-0.05, 0.02))),
]
CHANCE = [
    case(f"{r} of {n}", w.count(r, n))
    for r, n in ((12, 882), (0, 30), (30, 30), (7, 20), (1, 1), (0, 1), (500_000, 1_000_000))
]
CHANCE += [
    case("20 %", w.point(0.2, 0.1, "logit")),
    case("90 to 95 %", w.spread(0.9, 0.95, "logit")),
]

TABLE = {"heads": HEADS, "part": PART, "level": LEVEL, "ratio": RATIO, "chance": CHANCE}
CASES = {f"{family}_{i}": one for family, cases in TABLE.items() for i, one in enumerate(cases)}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """The posterior of as many quantities as there are claims."""
    quantities, says, claims = {}, dict(DISPUTED), {}
    for name, one in CASES.items():
        family = name.partition("_")[0]
        quantities[name] = QUANTITIES[family]
        says[name] = {"says": one.says, **one.ledger}
        claims[name] = {"about": f"{name} - 1" if family == "ratio" else name, **one.use}
    folder = tmp_path_factory.mktemp("wordings")
    model = build(folder, quantities=quantities, says=says, claims=claims)
    return fit(model, seed=3, sampling=Sampling(draws=1000))


@pytest.fixture(scope="module")
def truths() -> dict[str, tuple[float, Truth]]:
    """Log evidence and posterior of each claim."""
    priors = {name: PRIORS[name.partition("_")[0]] for name in CASES}
    return {name: posterior(priors[name], one.means) for name, one in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_one_claim_about_one_quantity(
    fitted: xr.DataTree, truths: dict[str, tuple[float, Truth]], name: str
) -> None:
    one, truth = CASES[name], truths[name][1]
    if one.use == STUDENT:
        truth = truth.without("sd")  # the sd of an sd of t₄ is infinite: its error cannot be known
    draws = PRIORS[name.partition("_")[0]].image(drawn(fitted, name))
    agree(f"{name} given '{one.says}'", draws, truth)


def test_the_evidence_is_that_of_all_claims(
    fitted: xr.DataTree, truths: dict[str, tuple[float, Truth]]
) -> None:
    readings = fitted["readings"].to_dataset()
    error = float(readings["log_evidence_se"].item())
    assert error < 0.1  # nats, over a hundred claims
    true = sum(log_evidence for log_evidence, _ in truths.values())
    near("log evidence", float(readings["log_evidence"].item()), error, true)


def test_the_whole_is_to_be_trusted(fitted: xr.DataTree) -> None:
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]


@pytest.mark.parametrize(("successes", "trials"), [(12, 882), (0, 30), (30, 30), (7, 20)])
def test_the_reference_knows_the_beta_binomial(successes: int, trials: int) -> None:
    """Quadrature against the closed form, so that the reference is held to truth as well."""
    log_evidence, truth = posterior(beta(2, 8), w.count(successes, trials))
    choose = gammaln(trials + 1) - gammaln(successes + 1) - gammaln(trials - successes + 1)
    a, b = 2 + successes, 8 + trials - successes
    assert log_evidence == pytest.approx(choose + betaln(a, b) - betaln(2, 8), rel=1e-9)
    assert truth.value["mean"] == pytest.approx(digamma(a) - digamma(b), rel=1e-7)
