"""A model without claims: the prior, its consequences in closed form, and known constants."""

from __future__ import annotations

import math

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.special import logit

from estimates import compare, fit, summary

from .building import build
from .gaussian import normal
from .tolerance import agree, near

Z90 = stats.norm.ppf(0.95)


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    model = build(
        tmp_path_factory.mktemp("forward"),
        quantities={
            "people": {"unit": "person", "prior": "1 to 4 million"},
            "per_tuning": {"unit": "hour", "value": "2 hours"},
            "often": {"unit": "1/person/year", "prior": "0.01 to 0.1 @ 80%"},
            "spare": {"unit": "share", "prior": "10 to 40 %"},
            "centre": "Normal(mu=3, sigma=2)",
            "member": "Normal(mu=centre, sigma=1.5)",
            "shape": "Gamma(alpha=centre ** 2 + 1, beta=2)",
        },
        relations={
            "work": {"unit": "hour/day", "is": "people * often * per_tuning"},
            "odds": "spare / (1 - spare)",
            "gap": "member - centre",
        },
        says={"cited": "1,000 to 2,000 hours/day"},
        claims={},
        compare={"cited": "work"},
        targets=["work", "log(odds)"],
    )
    return fit(model, seed=1)


def test_medians_are_closed_forms(fitted: xr.DataTree) -> None:
    entries = summary(fitted).document["quantities"]
    truths = {
        "people": 2e6,
        "often": math.sqrt(0.001),
        "work": 2e6 * math.sqrt(0.001) * 2 / 365.25,
        "odds": math.exp((logit(0.1) + logit(0.4)) / 2),
        "centre": 3.0,
        "gap": 0.0,
    }
    for name, true in truths.items():
        near(name, entries[name]["median"], entries[name]["mcse_median"], true)


def test_distributions_are_closed_forms(fitted: xr.DataTree) -> None:
    draws = {str(name): value.values for name, value in fitted["posterior"].items()}
    spread = math.hypot(math.log(2) / Z90, math.log(math.sqrt(10)) / stats.norm.ppf(0.9))
    mean = math.log(2e6 * math.sqrt(0.001) * 2 / 365.25)
    agree("log work", np.log(draws["work"]), normal(mean, spread))
    odds = normal((logit(0.1) + logit(0.4)) / 2, (logit(0.4) - logit(0.1)) / (2 * Z90))
    agree("log odds", np.log(draws["odds"]), odds)
    agree("log odds, as a target", draws["log(odds)"], odds)
    agree("member", draws["member"], normal(3, 2.5))
    agree("gap", draws["gap"], normal(0, 1.5))
    assert np.corrcoef(draws["gap"].ravel(), draws["centre"].ravel())[0, 1] == pytest.approx(
        0, abs=0.05
    )
    # Whatever its parent, a Gamma seen through its own distribution function is uniform.
    parts = stats.gamma(draws["centre"] ** 2 + 1, scale=0.5).cdf(draws["shape"])
    assert stats.kstest(parts.ravel(), "uniform").pvalue > 1e-4


def test_constants_are_constant_and_the_evidence_is_one(fitted: xr.DataTree) -> None:
    document = summary(fitted).document
    entry = document["quantities"]["per_tuning"]
    assert entry["median"] == entry["q05"] == entry["q95"] == 2
    assert entry["sd"] == entry["mcse_mean"] == 0
    assert document["readings"][0]["log_evidence"] == 0
    assert document["diagnostics"]["converged"] is True
    untouched = document["readings"][0]["quantities"]
    assert untouched["people"]["prior_only"]
    assert untouched["work"]["prior_only"]


def test_comparison_without_evidence(fitted: xr.DataTree) -> None:
    entry = compare(fitted).document["comparisons"][0]
    spread = math.hypot(math.log(2) / Z90, math.log(math.sqrt(10)) / stats.norm.ppf(0.9))
    answer = stats.norm(math.log(2e6 * math.sqrt(0.001) * 2 / 365.25), spread)
    for name, true in {
        "below": answer.cdf(math.log(1000)),
        "above": answer.sf(math.log(2000)),
    }.items():
        near(name, entry[name], math.sqrt(true * (1 - true) / 8000), true)
