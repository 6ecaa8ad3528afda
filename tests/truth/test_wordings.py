"""Every wording against quadrature: alone about a quantity, and several kinds together.

One model holds them all (the tables are in `claims`).  Nothing connects the quantities, so every
posterior is one-dimensional and the log evidence is the sum of them all.
"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.special import betaln, digamma, gammaln

from estimates import Sampling, fit

from .building import build, drawn
from .claims import BETAS, CASES, DISPUTED, MONTHS, PRIORS, QUANTITIES, family_of
from .quadrature import posterior
from .tolerance import UNIFORM, Truth, agree, near

#: Counts alone under a Beta prior, where the posterior is Beta as well.
COUNTS = [
    name
    for name, cases in CASES.items()
    if family_of(name) in BETAS and len(cases) == 1 and " of " in cases[0].says
]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """The posterior of all quantities at once."""
    quantities, says, claims = {"months": {"value": str(MONTHS)}}, dict(DISPUTED), {}
    for name, cases in CASES.items():
        quantities[name] = QUANTITIES[family_of(name)]
        about = f"{name} - 1" if family_of(name) == "ratio" else name
        for i, one in enumerate(cases):
            says[f"{name}-{i}"] = {"says": one.says, **one.ledger}
            claims[f"{name}-{i}"] = {"about": about, **one.use}
            if "about" in one.use:
                claims[f"{name}-{i}"]["about"] = one.use["about"].format(name)
    folder = tmp_path_factory.mktemp("wordings")
    model = build(folder, quantities=quantities, says=says, claims=claims)
    return fit(model, seed=4, sampling=Sampling(draws=700, tune=500))


@pytest.fixture(scope="module")
def truths() -> dict[str, tuple[float, Truth]]:
    """Log evidence and posterior of each quantity."""
    return {
        name: posterior(PRIORS[family_of(name)], *(one.means for one in cases))
        for name, cases in CASES.items()
    }


@pytest.mark.parametrize("name", CASES)
def test_posterior(fitted: xr.DataTree, truths: dict[str, tuple[float, Truth]], name: str) -> None:
    cases, truth = CASES[name], truths[name][1]
    if all(one.student for one in cases):
        truth = truth.without("sd")  # the sd of an sd of t₄ is infinite: its error cannot be known
    draws = PRIORS[family_of(name)].image(drawn(fitted, name))
    agree(f"{name} given {' and '.join(one.says for one in cases)}", draws, truth)


@pytest.mark.parametrize("name", COUNTS)
def test_counts_under_beta_priors(fitted: xr.DataTree, name: str) -> None:
    """The posterior is Beta(a + r, b + n − r); seen through its own distribution function."""
    successes, trials = read(name)
    a, b = BETAS[family_of(name)]
    found = stats.beta(a + successes, b + trials - successes).cdf(drawn(fitted, name))
    agree(f"probability of {CASES[name][0].says}", found, UNIFORM)


def read(name: str) -> tuple[int, int]:
    successes, trials = CASES[name][0].says.replace(",", "").split(" of ")
    return int(successes), int(trials)


def test_the_evidence_is_that_of_all_claims(
    fitted: xr.DataTree, truths: dict[str, tuple[float, Truth]]
) -> None:
    readings = fitted["readings"].to_dataset()
    error = float(readings["log_evidence_se"].item())
    assert error < 0.1  # nats, over a hundred claims
    true = sum(log_evidence for log_evidence, _ in truths.values())
    near("log evidence", float(readings["log_evidence"].item()), error, true)


@pytest.mark.parametrize("name", COUNTS)
def test_the_reference_knows_the_beta_binomial(
    truths: dict[str, tuple[float, Truth]], name: str
) -> None:
    """Quadrature against the closed form, so that the reference is held to truth as well."""
    log_evidence, truth = truths[name]
    successes, trials = read(name)
    prior = BETAS[family_of(name)]
    choose = gammaln(trials + 1) - gammaln(successes + 1) - gammaln(trials - successes + 1)
    a, b = prior[0] + successes, prior[1] + trials - successes
    assert log_evidence == pytest.approx(choose + betaln(a, b) - betaln(*prior), rel=1e-6)
    assert truth.value["mean"] == pytest.approx(digamma(a) - digamma(b), rel=1e-6)


def test_what_is_known_stays(fitted: xr.DataTree) -> None:
    assert np.all(drawn(fitted, "months") == MONTHS)


def test_the_whole_is_to_be_trusted(fitted: xr.DataTree) -> None:
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]
