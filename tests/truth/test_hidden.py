"""What is easily missed: a second mode, and an error that is stated too small."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from tests.products import mostly_long

from estimates import Sampling, fit
from estimates.stats.bridge import bridge

from . import widths as w
from .building import build
from .quadrature import interval, posterior
from .tolerance import near


@pytest.mark.parametrize("repetitions", [150, pytest.param(600, marks=pytest.mark.long)])
def test_the_error_of_a_normal_posterior_is_honest(repetitions: int) -> None:
    """The normal case, which is the commonest: z has sd 1 ± 0.23, over 600 repetitions 1 ± 0.11.

    ((n − 1)s² is chi-square; the bounds are broken once in ten thousand times.)
    """
    z = []
    for seed in range(repetitions):
        rng = np.random.default_rng(seed)
        points = rng.standard_normal((4, 200, 10))

        def density(rows: np.ndarray) -> np.ndarray:
            return -(rows**2 + np.log(2 * np.pi)).sum(axis=1) / 2

        found = bridge(points, density(points.reshape(-1, 10)).reshape(4, 200), density, rng)
        z.append(found.log / found.se)
    low, high = stats.chi2.ppf([5e-5, 1 - 5e-5], len(z) - 1) / (len(z) - 1)
    assert low < np.var(z, ddof=1) < high, np.std(z)


@pytest.mark.parametrize("seed", mostly_long(range(8), range(3)))
def test_two_answers_are_never_taken_for_one(tmp_path: Path, seed: int) -> None:
    """x² is 100 ± 1: −10 and 10 are equally good, and no chain goes from one to the other."""
    model = build(
        tmp_path,
        quantities={"x": "Normal(mu=1, sigma=10)"},
        says={"square": "100 ± 1"},
        claims={"square": "x ** 2"},
    )
    fitted = fit(model, seed=seed, sampling=Sampling(draws=200, tune=300))
    assert not fitted.attrs["converged"]


@pytest.mark.parametrize("seed", range(3))
def test_a_claim_far_beyond_the_prior_is_found(tmp_path: Path, seed: int) -> None:
    """Where every prior draw is, the likelihood of 200,000 ± 2,000 is all but flat."""
    model = build(
        tmp_path, quantities={"x": "1 to 10"}, says={"c": "200,000 ± 2,000"}, claims={"c": "x"}
    )
    fitted = fit(model, seed=seed)
    assert fitted.attrs["converged"]
    true = posterior(interval(1, 10, "log"), w.measured(200_000, 2_000))[0]
    readings = fitted["readings"]
    found, error = (float(readings[n].values[0]) for n in ("log_evidence", "log_evidence_se"))
    near("log evidence", found, error, true)


def test_of_two_answers_one_may_be_negligible(tmp_path: Path) -> None:
    """x² is 100 ± 1 and x about 9 ± 1: the other root holds e^−170 of the probability."""
    model = build(
        tmp_path,
        quantities={"x": "Normal(mu=1, sigma=10)"},
        says={"square": "100 ± 1", "root": "9 ± 1"},
        claims={"square": "x ** 2", "root": "x"},
    )
    for seed in range(3):
        fitted = fit(model, seed=seed, sampling=Sampling(draws=200, tune=300))
        assert fitted.attrs["converged"]
        assert float(fitted["posterior"]["x"].min()) > 0


@pytest.mark.parametrize(("width", "converges"), [("1", False), ("0.1", True)])
def test_claims_in_conflict_that_leave_two_answers_are_noticed(
    tmp_path: Path, width: str, converges: bool
) -> None:
    """Two counts, either of which may be far out: each is a mode of its own, equally good.

    If one is ten times as exact, missing it costs 10⁴ times as much, and there is one answer.
    """
    model = build(
        tmp_path,
        quantities={"x": "10 to 1000"},
        says={"low": f"20 ± {width}", "high": "500 ± 1"},
        claims={
            "low": {"about": "x", "tails": "student-t"},
            "high": {"about": "x", "tails": "student-t"},
        },
    )
    fits = [fit(model, seed=seed, sampling=Sampling(draws=200, tune=300)) for seed in range(4)]
    answers = [fitted for fitted in fits if fitted.attrs["converged"]]
    assert len(answers) == (len(fits) if converges else 0)
    assert all(fitted["posterior"]["x"].max() < 100 for fitted in answers)


@pytest.mark.parametrize("seed", mostly_long(range(4), range(2)))
def test_copies_under_a_very_wide_prior_are_fitted(tmp_path: Path, seed: int) -> None:
    """Starts from the prior may lie ten million log units below the posterior."""
    says = {
        "paper": {"says": "10.0 ± 1.0", "origin": "ministry"},
        "radio": {"says": "10.4 ± 1.5", "origin": "ministry"},
        "census": "14.0 ± 1.0",
    }
    model = build(
        tmp_path,
        quantities={"x": {"prior": "Normal(mu=0, sigma=1000)", "support": "real"}},
        says=says,
        claims=dict.fromkeys(says, "x"),
    )
    assert fit(model, seed=seed, sampling=Sampling(draws=500, tune=500)).attrs["converged"]
