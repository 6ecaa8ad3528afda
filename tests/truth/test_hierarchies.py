"""Hierarchies with few members, where the funnel is: converged without the user's help, and right.

Given the spread τ everything is normal, so μ and the members are integrated out in closed form
and one dimension is left for quadrature.  The eight schools of Rubin 1981, whose claims say
little of each member; one of whose members nothing is said; and, in a model of its own, one
whose claims say far more of the members than the hierarchy does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import brentq
from scipy.special import logsumexp

from estimates import Sampling, fit, summary

from .building import build, drawn
from .quadrature import of_weights
from .tolerance import PROBABILITIES, Truth, agree, near
from .widths import point

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Hierarchy:
    """θⱼ ~ N(μ, τ), yⱼ ~ N(θⱼ, sⱼ); a member of whom nothing is said has an infinite s.

    Attributes
    ----------
    y, s : (member,)
    centre, spread : μ ~ N(centre, spread)
    prior : log density of τ
    """

    y: Array
    s: Array
    centre: float
    spread: float
    prior: Callable[[Array], Array]

    def solve(self) -> tuple[float, dict[str, Truth]]:
        """The log evidence, and what is true of `mu`, `log tau` and each member."""
        u = np.linspace(-25, 15, 20001)  # log τ
        tau = np.exp(u)[:, None]
        said = np.isfinite(self.s)
        precision = np.where(said, 1 / (self.s**2 + tau**2), 0.0)
        total = 1 / self.spread**2 + precision.sum(axis=1)
        mean = (self.centre / self.spread**2 + precision @ np.where(said, self.y, 0.0)) / total
        # p(y | τ) = p(y, μ | τ) / p(μ | y, τ), at any μ: at its posterior mean.
        log = stats.norm.logpdf(mean, self.centre, self.spread)
        spreads = np.sqrt(self.s[said] ** 2 + tau**2)
        log += stats.norm.logpdf(self.y[said], mean[:, None], spreads).sum(axis=1)
        log += 0.5 * np.log(2 * np.pi / total)
        log += self.prior(tau[:, 0]) + u
        weights = np.exp(log - log.max())
        weights /= weights.sum()
        found = {"mu": mixed(weights, mean, 1 / total), "log tau": of_weights(u, weights)}
        for j in range(len(self.y)):
            # θⱼ | μ, τ is normal with mean a + b·μ and variance c.
            b = self.s[j] ** 2 / (self.s[j] ** 2 + tau[:, 0] ** 2) if said[j] else 1.0
            a = (1 - b) * self.y[j] if said[j] else 0.0
            c = b * tau[:, 0] ** 2
            found[f"member {j}"] = mixed(weights, a + b * mean, c + b**2 / total)
        return float(logsumexp(log) + np.log(u[1] - u[0])), found


def mixed(weights: Array, mean: Array, variance: Array) -> Truth:
    """What is true of a mixture of normals."""
    keep = weights > 1e-14
    weights, mean, sd = weights[keep], mean[keep], np.sqrt(variance[keep])
    centre = float(weights @ mean)
    spread = float(np.sqrt(weights @ (sd**2 + (mean - centre) ** 2)))

    def quantile(p: float) -> float:
        return brentq(
            lambda x: weights @ stats.norm.cdf(x, mean, sd) - p,
            centre - 20 * spread,
            centre + 20 * spread,
        )

    quantiles = {name: quantile(p) for name, p in PROBABILITIES.items()}
    return Truth({"mean": centre, "sd": spread, **quantiles})


RUBIN = [(28, 15), (8, 10), (-3, 16), (7, 11), (-1, 9), (1, 11), (18, 10), (12, 18)]
SHARP = [(1.2, 0.05), (4.4, 0.04), (-2.1, 0.05), (0.3, 0.02)]
TOWNS = [point(20_000, 10_000, "log"), point(3_000, 1_000, "log", "register")]

HIERARCHIES = {
    "school": Hierarchy(
        np.array([float(y) for y, _ in RUBIN]),
        np.array([float(s) for _, s in RUBIN]),
        0.0,
        5.0,
        stats.halfcauchy(scale=5).logpdf,
    ),
    "sharp": Hierarchy(
        np.array([y for y, _ in SHARP]),
        np.array([s for _, s in SHARP]),
        2.0,
        10.0,
        stats.halfnorm(scale=3).logpdf,
    ),
    "town": Hierarchy(
        np.array([*(datum.y for datum in TOWNS), np.nan]),
        np.array([*(datum.sigma for datum in TOWNS), np.inf]),
        8.0,
        2.0,
        stats.halfnorm(scale=1).logpdf,
    ),
}
PRIORS = {
    "school": ("Normal(mu=0, sigma=5)", "HalfCauchy(beta=5)", "Normal(mu={}, sigma={})"),
    "sharp": ("Normal(mu=2, sigma=10)", "HalfNormal(sigma=3)", "Normal(mu={}, tau={} ** -2)"),
    "town": ("Normal(mu=8, sigma=2)", "HalfNormal(sigma=1)", "LogNormal(mu={}, sigma={})"),
}
SAYS: dict[str, list[Any]] = {
    "school": [f"{y} ± {s}" for y, s in RUBIN],
    "sharp": [f"{y} ± {s}" for y, s in SHARP],
    "town": ["20,000", {"says": "3,000", "basis": "register"}],
}


#: The hierarchies of each model.
MODELS = {"vague": ("school", "town"), "sharp": ("sharp",)}
#: Few draws: with them the sharp one passes the gates only if it is drawn in the form that suits.
SAMPLING = {"vague": Sampling(), "sharp": Sampling(draws=500, tune=500)}


@pytest.fixture(scope="module")
def fits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, xr.DataTree]:
    """By hierarchy the fit of the model that it is in."""
    found = {}
    for title, members in MODELS.items():
        quantities: dict[str, Any] = {}
        says: dict[str, Any] = {}
        for name in members:
            centre, spread, member = PRIORS[name]
            quantities |= {f"{name}_mu": centre, f"{name}_tau": spread}
            for j in range(len(HIERARCHIES[name].y)):
                quantities[f"{name}_{j}"] = member.format(f"{name}_mu", f"{name}_tau")
            says |= {f"{name}_{j}": one for j, one in enumerate(SAYS[name])}
        model = build(
            tmp_path_factory.mktemp(title),
            quantities=quantities,
            says=says,
            claims={name: name for name in says},
        )
        found |= dict.fromkeys(members, fit(model, seed=8, sampling=SAMPLING[title]))
    return found


@pytest.fixture(scope="module")
def solved() -> dict[str, tuple[float, dict[str, Truth]]]:
    return {name: hierarchy.solve() for name, hierarchy in HIERARCHIES.items()}


@pytest.mark.parametrize("name", HIERARCHIES)
def test_the_posterior_is_that_of_quadrature(
    fits: dict[str, xr.DataTree], solved: dict[str, tuple[float, dict[str, Truth]]], name: str
) -> None:
    fitted, truths = fits[name], solved[name][1]
    agree(f"mu of {name}", drawn(fitted, f"{name}_mu"), truths["mu"])
    agree(f"log tau of {name}", np.log(drawn(fitted, f"{name}_tau")), truths["log tau"])
    for j in range(len(HIERARCHIES[name].y)):
        draws = drawn(fitted, f"{name}_{j}")
        agree(f"{name} {j}", np.log(draws) if name == "town" else draws, truths[f"member {j}"])


@pytest.mark.parametrize("title", MODELS)
def test_the_evidence_is_that_of_quadrature(
    fits: dict[str, xr.DataTree], solved: dict[str, tuple[float, dict[str, Truth]]], title: str
) -> None:
    readings = fits[MODELS[title][0]]["readings"].to_dataset()
    error = float(readings["log_evidence_se"].item())
    assert error < 0.05
    true = sum(solved[name][0] for name in MODELS[title])
    near("log evidence", float(readings["log_evidence"].item()), error, true)


@pytest.mark.parametrize("name", HIERARCHIES)
def test_the_gates_pass_without_help(fits: dict[str, xr.DataTree], name: str) -> None:
    diagnostics = summary(fits[name]).document["diagnostics"]
    assert diagnostics["failed"] == []
    assert diagnostics["divergences"] == 0
    assert diagnostics["max_rhat"] < 1.01
    assert min(diagnostics["min_ess_bulk"], diagnostics["min_ess_tail"]) >= 400


def test_the_reference_knows_the_eight_schools(
    solved: dict[str, tuple[float, dict[str, Truth]]],
) -> None:
    """The summaries that are published of this model (posteriordb, eight_schools_centered)."""
    truths = solved["school"][1]
    assert truths["mu"].value["mean"] == pytest.approx(4.4, abs=0.1)
    assert truths["mu"].value["sd"] == pytest.approx(3.3, abs=0.1)
    assert truths["member 0"].value["mean"] == pytest.approx(6.2, abs=0.2)
