"""Several claims of several kinds about one quantity, and counts under Beta priors.

Unconnected quantities again: each posterior is one-dimensional, the log evidence their sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.special import betaln, gammaln

from estimates import fit

from . import widths as w
from .building import build, drawn
from .quadrature import Prior, beta, interval, posterior
from .tolerance import PROBABILITIES, Truth, agree, near

pytestmark = pytest.mark.xdist_group("several")

STUDENT = {"tails": "student-t"}
MONTHS = 12  # a known constant of the model


def times(factor: float, likelihood: Any) -> Any:
    return lambda theta: likelihood(theta * factor)


#: Of each quantity its entry, its prior, and its claims: says, entries of the ledger, the use,
#: and what it must mean.
SEVERAL: dict[str, tuple[Any, Prior, list[tuple[str, dict[str, Any], dict[str, Any], Any]]]] = {
    "rate": (  # two measurements that cannot both be right, with tails that allow for it
        {"support": "real", "prior": "50 to 90"},
        interval(50, 90, "identity"),
        [
            ("67.4 ± 0.5", {}, STUDENT, w.measured(67.4, 0.5, student=True)),
            ("73.04 ± 1.04", {}, STUDENT, w.measured(73.04, 1.04, student=True)),
            (
                "70 to 74 @ 68%",
                {},
                STUDENT,
                w.spread(70, 74, "identity", coverage=0.68, student=True),
            ),
        ],
    ),
    "monthly": (
        "10 to 10000",
        interval(10, 10000, "log"),
        [
            (
                "around 4,000",
                {},
                {"about": "monthly * months"},
                times(MONTHS, w.point(4000, 1000, "log", hedged=True)),
            ),
            (
                "at most 900",
                {"basis": "register"},
                {},
                w.bound(900, 100, "log", "register", upper=True),
            ),
            (
                "at least 250",
                {"basis": "statistics"},
                {},
                w.bound(250, 10, "log", "statistics", upper=False),
            ),
            ("a few hundred", {"basis": "rumour"}, {}, w.vague(320, 0.35, "rumour")),
        ],
    ),
    "portion": (
        {"unit": "share", "prior": "Beta(alpha=2, beta=2)"},
        beta(2, 2),
        [
            ("12 of 40", {}, {}, w.count(12, 40)),
            ("30 of 60", {}, {}, w.count(30, 60)),
            ("up to 40 %", {}, {}, w.bound(0.4, 0.1, "logit", upper=True, soft=True)),
            (
                "30 to 45 %",
                {"basis": "hearsay"},
                STUDENT,
                w.spread(0.3, 0.45, "logit", "hearsay", student=True),
            ),
        ],
    ),
    "growth": (
        {"support": "real", "prior": "-0.2 to 0.3"},
        interval(-0.2, 0.3, "identity"),
        [
            ("rising", {"basis": "hearsay"}, {}, w.direction("hearsay", rising=True)),
            ("falling", {"basis": "statistics"}, {}, w.direction("statistics", rising=False)),
            ("2 ± 4 %", {}, {}, w.measured(0.02, 0.04)),
        ],
    ),
}
#: Beta priors and counts: none, all, and shares near 0 and 1.
COUNTS = [
    ((2, 8), (12, 882)),
    ((0.5, 0.5), (0, 30)),
    ((0.5, 0.5), (30, 30)),
    ((1, 1), (7, 20)),
    ((1, 1), (1, 1)),
    ((3, 2), (999_990, 1_000_000)),
    ((1, 20), (3, 1_000_000)),
]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    quantities: dict[str, Any] = {"months": {"value": str(MONTHS)}}
    says: dict[str, Any] = {}
    claims: dict[str, Any] = {}
    for name, (entry, _, several) in SEVERAL.items():
        quantities[name] = entry
        for i, (words, ledger, use, _) in enumerate(several):
            says[f"{name}-{i}"] = {"says": words, **ledger}
            claims[f"{name}-{i}"] = {"about": name, **use}
    for i, ((a, b), (successes, trials)) in enumerate(COUNTS):
        prior = f"Beta(alpha={a}, beta={b})"
        quantities[f"share_{i}"] = {"unit": "share", "prior": prior}
        says[f"count-{i}"] = f"{successes:,} of {trials:,}"
        claims[f"count-{i}"] = f"share_{i}"
    folder = tmp_path_factory.mktemp("several")
    return fit(build(folder, quantities=quantities, says=says, claims=claims), seed=10)


@pytest.mark.parametrize("name", SEVERAL)
def test_several_claims_about_one_quantity(fitted: xr.DataTree, name: str) -> None:
    _, prior, several = SEVERAL[name]
    _, truth = posterior(prior, *(likelihood for _, _, _, likelihood in several))
    agree(name, prior.image(drawn(fitted, name)), truth)


@pytest.mark.parametrize("number", range(len(COUNTS)), ids=[f"{r} of {n}" for _, (r, n) in COUNTS])
def test_counts_under_beta_priors(fitted: xr.DataTree, number: int) -> None:
    """The posterior is Beta(a + r, b + n − r); seen through its own distribution function."""
    (a, b), (successes, trials) = COUNTS[number]
    draws = drawn(fitted, f"share_{number}")
    found = stats.beta(a + successes, b + trials - successes).cdf(draws)
    agree("probability", found, Truth({"mean": 0.5, "sd": 12**-0.5, **PROBABILITIES}))


def test_the_evidence_is_beta_binomial_and_quadrature(fitted: xr.DataTree) -> None:
    total = sum(
        posterior(prior, *(likelihood for *_, likelihood in several))[0]
        for _, prior, several in SEVERAL.values()
    )
    for (a, b), (r, n) in COUNTS:
        total += gammaln(n + 1) - gammaln(r + 1) - gammaln(n - r + 1)
        total += betaln(a + r, b + n - r) - betaln(a, b)
    found, error = (
        float(fitted["readings"][n].item()) for n in ("log_evidence", "log_evidence_se")
    )
    assert error < 0.03
    near("log evidence", found, error, float(total))


def test_what_is_known_stays(fitted: xr.DataTree) -> None:
    assert np.all(drawn(fitted, "months") == MONTHS)


def test_the_whole_is_to_be_trusted(fitted: xr.DataTree) -> None:
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]
