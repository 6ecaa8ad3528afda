"""Every distribution that a prior can be, drawn forwards and through its compiled density.

Each quantity is looked at through its own distribution function as SciPy knows it (or as its
formula says): what comes out must be uniform between 0 and 1, whatever the tails.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from estimates import Sampling, fit, summary
from estimates.model.distributions import DISTRIBUTIONS

from .building import build, drawn
from .tolerance import UNIFORM, agree

Array = NDArray[np.float64]


def half_t(nu: float, sigma: float) -> Callable[[Array], Array]:
    return lambda x: 2 * stats.t(nu, scale=sigma).cdf(x) - 1


def kumaraswamy(a: float, b: float) -> Callable[[Array], Array]:
    return lambda x: 1 - (1 - x**a) ** b


def von_mises(mu: float, kappa: float) -> Callable[[Array], Array]:
    """From -π, wherever the centre is; SciPy's begins at mu - π."""
    circle = stats.vonmises(kappa, loc=mu)
    return lambda x: circle.cdf(x) - circle.cdf(-np.pi)


def logit_normal(mu: float, sigma: float) -> Callable[[Array], Array]:
    return lambda x: stats.norm(mu, sigma).cdf(np.log(x / (1 - x)))


def truncated(mu: float, sigma: float, low: float, high: float) -> Callable[[Array], Array]:
    return stats.truncnorm((low - mu) / sigma, (high - mu) / sigma, mu, sigma).cdf


def beta(mean: float, size: float) -> Callable[[Array], Array]:
    return stats.beta(mean * size, (1 - mean) * size).cdf


#: Prior, and the distribution function that it must have.
PRIORS: dict[str, Callable[[Array], Array]] = {
    "AsymmetricLaplace(kappa=2, mu=1, b=0.5)": stats.laplace_asymmetric(2, 1, 2).cdf,
    "AsymmetricLaplace(q=0.2, mu=1, b=0.5)": stats.laplace_asymmetric(0.5, 1, 2).cdf,
    "Beta(alpha=2, beta=5)": stats.beta(2, 5).cdf,
    "Beta(mu=0.3, sigma=0.1)": beta(0.3, 0.3 * 0.7 / 0.01 - 1),
    "Beta(mu=0.3, nu=10)": beta(0.3, 10),
    "Cauchy(alpha=1, beta=2)": stats.cauchy(1, 2).cdf,
    "ChiSquared(nu=3)": stats.chi2(3).cdf,
    "ExGaussian(mu=1, sigma=2, nu=3)": stats.exponnorm(1.5, 1, 2).cdf,
    "Exponential(lam=0.5)": stats.expon(scale=2).cdf,
    "Exponential(scale=3)": stats.expon(scale=3).cdf,
    "Gamma(alpha=2, beta=3)": stats.gamma(2, scale=1 / 3).cdf,
    "Gamma(mu=6, sigma=2)": stats.gamma(9, scale=2 / 3).cdf,
    "Gumbel(mu=1, beta=2)": stats.gumbel_r(1, 2).cdf,
    "HalfCauchy(beta=2)": stats.halfcauchy(scale=2).cdf,
    "HalfNormal(sigma=2)": stats.halfnorm(scale=2).cdf,
    "HalfNormal(tau=0.25)": stats.halfnorm(scale=2).cdf,
    "HalfStudentT(nu=4, sigma=2)": half_t(4, 2),
    "HalfStudentT(nu=4, lam=0.25)": half_t(4, 2),
    "InverseGamma(alpha=3, beta=2)": stats.invgamma(3, scale=2).cdf,
    "InverseGamma(mu=2, sigma=1)": stats.invgamma(6, scale=10).cdf,
    "Kumaraswamy(a=2, b=3)": kumaraswamy(2, 3),
    "Laplace(mu=1, b=2)": stats.laplace(1, 2).cdf,
    "LogNormal(mu=1, sigma=0.5)": stats.lognorm(0.5, scale=np.e).cdf,
    "LogNormal(mu=1, tau=4)": stats.lognorm(0.5, scale=np.e).cdf,
    "Logistic(mu=1, s=2)": stats.logistic(1, 2).cdf,
    "LogitNormal(mu=0.5, sigma=2)": logit_normal(0.5, 2),
    "LogitNormal(mu=0.5, tau=0.25)": logit_normal(0.5, 2),
    "Moyal(mu=1, sigma=2)": stats.moyal(1, 2).cdf,
    "Normal(mu=1, sigma=2)": stats.norm(1, 2).cdf,
    "Normal(mu=1, tau=0.25)": stats.norm(1, 2).cdf,
    "Normal(1, 2)": stats.norm(1, 2).cdf,
    "Pareto(alpha=3, m=2)": stats.pareto(3, scale=2).cdf,
    "Rice(nu=4, sigma=2)": stats.rice(2, scale=2).cdf,
    "Rice(b=2, sigma=2)": stats.rice(2, scale=2).cdf,
    "SkewNormal(alpha=3, mu=1, sigma=2)": stats.skewnorm(3, 1, 2).cdf,
    "SkewStudentT(a=3, b=2, mu=1, sigma=2)": stats.jf_skew_t(3, 2, 1, 2).cdf,
    "StudentT(nu=4, mu=1, sigma=2)": stats.t(4, 1, 2).cdf,
    "StudentT(nu=4, mu=1, lam=0.25)": stats.t(4, 1, 2).cdf,
    "Triangular(lower=1, c=2, upper=5)": stats.triang(0.25, 1, 4).cdf,
    "TruncatedNormal(mu=1, sigma=2, lower=0, upper=4)": truncated(1, 2, 0, 4),
    "TruncatedNormal(mu=1, sigma=2, lower=0)": truncated(1, 2, 0, np.inf),
    "TruncatedNormal(mu=1, tau=0.25, upper=4)": truncated(1, 2, -np.inf, 4),
    "Uniform(lower=2, upper=5)": stats.uniform(2, 3).cdf,
    "Uniform()": stats.uniform(0, 1).cdf,
    "VonMises(mu=0.5, kappa=2)": von_mises(0.5, 2),
    "Wald(mu=2, lam=3)": stats.invgauss(2 / 3, scale=3).cdf,
    "Wald(mu=2, phi=1.5, alpha=1)": stats.invgauss(2 / 3, 1, 3).cdf,
    "Weibull(alpha=2, beta=3)": stats.weibull_min(2, scale=3).cdf,
    "20 to 2000": stats.lognorm(np.log(10) / stats.norm.ppf(0.95), scale=200).cdf,
    "20 to 2000 @ 50%": stats.lognorm(np.log(10) / stats.norm.ppf(0.75), scale=200).cdf,
}
NAMES = {f"q{i}": prior for i, prior in enumerate(PRIORS)}
#: One of each distribution, and those that have ends or precisions, go through the density too;
#: other arguments are PyMC's own business, which the forward draws share.
COMPILED = {
    name: prior
    for name, prior in NAMES.items()
    if prior.partition("(")[0]
    not in {other.partition("(")[0] for other in list(PRIORS)[: list(PRIORS).index(prior)]}
    or prior.startswith(("Wald", "Truncated", "20"))
    or "tau" in prior
    or "lam=0.25" in prior
}


@pytest.fixture(scope="module")
def forwards(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """Without claims the posterior is the prior, drawn directly."""
    folder = tmp_path_factory.mktemp("forwards")
    return fit(build(folder, quantities=NAMES, says={}, claims={}), seed=1)


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """With one claim, though it says nothing, everything is drawn by the sampler."""
    claim = next(name for name, prior in COMPILED.items() if prior.startswith("Normal"))
    folder = tmp_path_factory.mktemp("sampled")
    model = build(folder, quantities=COMPILED, says={"weak": "1 ± 1e6"}, claims={"weak": claim})
    return fit(model, seed=2, sampling=Sampling(draws=800, tune=600))


def test_every_distribution_is_looked_at() -> None:
    assert {prior.partition("(")[0] for prior in PRIORS if "(" in prior} == set(DISTRIBUTIONS)


@pytest.mark.parametrize("name", NAMES, ids=PRIORS)
def test_forward_draws(forwards: xr.DataTree, name: str) -> None:
    for group in ("posterior", "prior"):
        draws = forwards[group][name].values
        agree(f"{group} of {NAMES[name]}", PRIORS[NAMES[name]](draws), UNIFORM)


@pytest.mark.parametrize("name", COMPILED, ids=COMPILED.values())
def test_draws_through_the_density(sampled: xr.DataTree, name: str) -> None:
    agree(NAMES[name], PRIORS[NAMES[name]](drawn(sampled, name)), UNIFORM)


def test_the_evidence_of_a_claim_that_says_nothing(sampled: xr.DataTree) -> None:
    """It is the claim's density at the centre: every prior is normalised."""
    found, error = (
        float(sampled["readings"][n].item()) for n in ("log_evidence", "log_evidence_se")
    )
    assert abs(found - stats.norm.logpdf(0, 0, 1e6)) < 4 * error
    assert error < 0.5  # many of these are far from normal on the sampler's scale


def test_the_whole_is_to_be_trusted(forwards: xr.DataTree, sampled: xr.DataTree) -> None:
    for tree in (forwards, sampled):
        diagnostics = summary(tree).document["diagnostics"]
        assert diagnostics["failed"] == []
