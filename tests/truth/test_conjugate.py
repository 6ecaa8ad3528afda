"""Normal priors and normal claims: posterior and evidence in closed form.

Two unconnected halves in one model.  One is normal on the identity scale, with measurements of
single quantities, of sums and of differences; the other on the log scale, with products and
ratios of quantities whose sizes span fifteen orders of magnitude.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from estimates import Model, fit, summary

from .building import build, drawn
from .gaussian import Gaussian
from .tolerance import agree, near
from .widths import Datum, measured, point, spread

Z = float(stats.norm.ppf(0.95))
#: Name, centre and sd of the priors: on the identity scale, then (decades) on the log scale.
PLAIN = {"level": (10.0, 20.0), "slope": (-3.0, 2.0), "lone": (0.0, 1.0), "shift": (100.0, 50.0)}
SIZES = {"tiny": (1e-9, 2.0), "small": (1e-4, 0.8), "middling": (3.0, 0.5), "huge": (2e6, 1.5)}
#: What each claim is about, as weights of the quantities, and what it says.
SUMS: dict[str, tuple[str, dict[str, float], str, Datum]] = {
    "one": ("level", {"level": 1}, "28 ± 15 ", measured(28, 15)),
    "again": ("level", {"level": 1}, "-3 ± 16", measured(-3, 16)),
    "sum": ("level + 2 * slope", {"level": 1, "slope": 2}, "7.5 ± 0.5", measured(7.5, 0.5)),
    "gap": (
        "(level - shift) / 4 + 1",
        {"level": 0.25, "shift": -0.25},
        "-20 ± 3",
        measured(-20 - 1, 3),
    ),
    "rate": ("slope", {"slope": 1}, "-5", point(-5, 1, "identity")),
}
PRODUCTS: dict[str, tuple[str, dict[str, float], str, Datum]] = {
    "product": (
        "tiny * huge",
        {"tiny": 1, "huge": 1},
        "around 0.02",
        point(0.02, 0.01, "log", hedged=True),
    ),
    "ratio": ("small / tiny", {"small": 1, "tiny": -1}, "2e5 to 8e5", spread(2e5, 8e5, "log")),
    "power": (
        "middling ** 2 * sqrt(huge)",
        {"middling": 2, "huge": 0.5},
        "12,500",
        point(12_500, 100, "log"),
    ),
    "own": ("middling", {"middling": 1}, "4.0", point(4, 0.1, "log")),
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    quantities: dict[str, Any] = {}
    for name, (centre, sd) in PLAIN.items():
        prior = f"{centre - Z * sd!r} to {centre + Z * sd!r}"
        quantities[name] = {"prior": prior, "support": "real"}
    quantities["lone"] = "Normal(mu=0, sigma=1)"
    for name, (centre, decades) in SIZES.items():
        low, high = centre * 10.0**-decades, centre * 10.0**decades
        quantities[name] = f"{low!r} to {high!r}"
    claims = SUMS | PRODUCTS
    return build(
        tmp_path_factory.mktemp("conjugate"),
        quantities=quantities,
        says={name: says for name, (_, _, says, _) in claims.items()},
        claims={name: about for name, (about, _, _, _) in claims.items()},
        targets=["level", "tiny"],
    )


@pytest.fixture(scope="module", params=["on", pytest.param("off", marks=pytest.mark.thorough)])
def fitted(request: pytest.FixtureRequest, model: Model) -> Iterator[xr.DataTree]:
    """By the machine code of this package, and by Numba, where it is switched off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESTIMATES_CODEGEN", request.param)
        yield fit(model, seed=11)


def half(
    priors: dict[str, tuple[float, float]],
    claims: dict[str, tuple[str, dict[str, float], str, Datum]],
) -> tuple[Gaussian, float]:
    """Posterior and log evidence of one of the halves."""
    prior = Gaussian(
        np.array([centre for centre, _ in priors.values()]),
        np.diag([sd**2 for _, sd in priors.values()]),
    )
    design = np.array([[w.get(name, 0.0) for name in priors] for _, w, _, _ in claims.values()])
    y = np.array([datum.y for _, _, _, datum in claims.values()])
    return prior.given(design, y, np.array([d.sigma**2 for _, _, _, d in claims.values()]))


LOGS = {name: (np.log(centre), np.log(10) * d / Z) for name, (centre, d) in SIZES.items()}
IDENTITY, LOG = half(PLAIN, SUMS), half(LOGS, PRODUCTS)


@pytest.mark.parametrize("name", [*PLAIN, *SIZES])
def test_the_posterior_is_the_closed_form(fitted: xr.DataTree, name: str) -> None:
    draws = drawn(fitted, name)
    (posterior, _), names = (IDENTITY, PLAIN) if name in PLAIN else (LOG, SIZES)
    weights = np.array([float(other == name) for other in names])
    agree(name, draws if name in PLAIN else np.log(draws), posterior.of(weights))


def test_quantities_hang_together_as_they_should(fitted: xr.DataTree) -> None:
    """Margins can be right and the joint wrong: sums that claims pull in opposite ways."""
    draws = {name: drawn(fitted, name) for name in (*PLAIN, *SIZES)}
    total = draws["level"] - draws["shift"] + 3 * draws["slope"]
    agree("level - shift + 3 slope", total, IDENTITY[0].of(np.array([1.0, 3.0, 0.0, -1.0])))
    power = np.log(draws["tiny"] / draws["small"] / draws["huge"])
    agree("log of tiny / (small · huge)", power, LOG[0].of(np.array([1.0, -1.0, 0.0, -1.0])))


def test_the_evidence_is_the_closed_form(fitted: xr.DataTree) -> None:
    """Normal posteriors are the bridge's home: its error must be small as well as honest."""
    readings = fitted["readings"].to_dataset()
    error = float(readings["log_evidence_se"].item())
    assert error < 0.01
    near("log evidence", float(readings["log_evidence"].item()), error, IDENTITY[1] + LOG[1])


def test_the_summary_says_what_the_draws_say(fitted: xr.DataTree) -> None:
    document = summary(fitted).document
    posterior = IDENTITY[0].of(np.array([1.0, 0.0, 0.0, 0.0])).value
    for entry in (document["quantities"]["level"], document["readings"][0]["quantities"]["level"]):
        near("mean", entry["mean"], entry["mcse_mean"], posterior["mean"])
        near("median", entry["median"], entry["mcse_median"], posterior["median"])
        assert 0 < entry["mcse_mean"] < 0.1 * posterior["sd"]
        assert 0.7 * entry["mcse_mean"] < entry["mcse_median"] < 2 * entry["mcse_mean"]
        assert entry["sd"] == pytest.approx(posterior["sd"], rel=0.05)
    assert document["diagnostics"]["converged"] is True
    assert document["readings"][0]["reading"] == {}
    assert document["readings"][0]["posterior"] == pytest.approx(1)


def test_without_readings_the_posterior_is_the_only_reading(fitted: xr.DataTree) -> None:
    """Draw by draw and in the same order: shuffled draws would hide how few they are worth."""
    for name in (*PLAIN, *SIZES):
        np.testing.assert_array_equal(fitted["posterior"][name].values, drawn(fitted, name))


def test_what_no_claim_informs_keeps_its_prior(fitted: xr.DataTree) -> None:
    entry = summary(fitted).document["readings"][0]
    prior_only = {name for name, q in entry["quantities"].items() if q["prior_only"]}
    assert prior_only == {"lone"}


def test_equal_seeds_give_equal_bits_on_one_core_or_more(model: Model, fitted: xr.DataTree) -> None:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        again = fit(model, seed=11)
    finally:
        os.sched_setaffinity(0, cores)
    assert again.attrs == fitted.attrs
    for group in ("posterior", "prior", "readings", "log_likelihood", "posterior_predictive"):
        assert again[group].to_dataset().identical(fitted[group].to_dataset()), group


def test_another_seed_gives_other_bits_and_the_same_answer(
    model: Model, fitted: xr.DataTree
) -> None:
    other = drawn(fit(model, seed=12), "level")
    assert not np.isin(other, drawn(fitted, "level")).any()
    agree("level", other, IDENTITY[0].of(np.array([1.0, 0.0, 0.0, 0.0])))
