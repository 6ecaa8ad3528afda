"""Everyday tasks of a user of ArviZ, tried on what `estimates.fit` returns."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import arviz as az
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import estimates as est

_SHORT = est.Sampling(draws=300, tune=300)


def written(around: str = "around 300 people") -> est.Model:
    """Two readings, two claims as evidence, one quantity that follows from others."""
    n = est.Quantity("50 to 2,000", unit="person")
    w = est.Quantity("20 to 40", unit="USD/person")
    part = est.Relation({"all": n, "half": n / 2}, by="scope")
    return est.Model(
        {"n": n, "w": w},
        {"counted": part, "pay": n * w},
        readings={"scope": est.Reading({"all": 1, "half": 1})},
        claims={
            "count": est.Claim(around, about=part, source="A newspaper"),
            "wage": est.Claim("around 30 USD/person", about=w, source="A newspaper"),
        },
        targets=["pay"],
        slug="tasks",
    )


@pytest.fixture(scope="module")
def fit() -> xr.DataTree:
    return est.fit(written(), seed=5, sampling=_SHORT)


@pytest.fixture(scope="module")
def other() -> xr.DataTree:
    """The same claims under another wording of one."""
    return est.fit(written("200 to 400 people"), seed=5, sampling=_SHORT)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the libraries say of few claims
        yield
    plt.close("all")


NAMES = ["n", "w", "counted", "pay"]


def test_summary(fit: xr.DataTree) -> None:
    assert list(az.summary(fit).index) == NAMES
    assert list(az.summary(fit, var_names="~pay", kind="stats").index) == NAMES[:-1]


def test_hdi(fit: xr.DataTree) -> None:
    low, high = az.hdi(fit, prob=0.9, var_names="pay")["pay"].values
    assert 0 < low < float(fit.posterior["pay"].median()) < high


def test_eti(fit: xr.DataTree) -> None:
    ends = az.eti(fit, prob=0.9)["pay"].values
    np.testing.assert_allclose(ends, fit.posterior["pay"].quantile([0.05, 0.95]))


PLOTS: dict[str, Callable[..., Any]] = {
    "trace": lambda fit: az.plot_trace(fit, var_names="pay"),
    "forest": lambda fit: az.plot_forest(fit, var_names=["n", "pay"], combined=True),
    "forest by reading": lambda fit: az.plot_forest(est.by_reading(fit, "pay")),
    "rank": lambda fit: az.plot_rank(fit, var_names="pay"),
    "energy": az.plot_energy,
    "pair": lambda fit: az.plot_pair(fit, var_names=["n", "w"]),
    "predictive": lambda fit: az.plot_ppc_dist(fit, num_samples=20),
    "prior predictive": lambda fit: az.plot_ppc_dist(fit, group="prior_predictive", num_samples=20),
    "loo_pit": az.plot_loo_pit,
    "prior beside posterior": lambda fit: az.plot_prior_posterior(fit, var_names="n"),
    "several": lambda fit: az.combine_plots(
        fit, [(az.plot_trace, {}), (az.plot_rank, {})], var_names="n"
    ),
}


@pytest.mark.parametrize("name", PLOTS)
def test_pictures(fit: xr.DataTree, name: str) -> None:
    drawn = PLOTS[name](fit)
    assert drawn.viz is not None


def test_loo(fit: xr.DataTree) -> None:
    found = az.loo(fit, pointwise=True)
    assert found.n_data_points == 2
    assert list(found.pareto_k["claim"].values) == ["count", "wage"]
    az.plot_khat(found)


def test_compare(fit: xr.DataTree, other: xr.DataTree) -> None:
    table = az.compare({"around": fit, "range": other})
    assert set(table.index) == {"around", "range"}
    assert float(table["weight"].sum()) == pytest.approx(1.0)


def test_psense_summary(fit: xr.DataTree) -> None:
    assert list(az.psense_summary(fit).index) == NAMES


def test_extract(fit: xr.DataTree) -> None:
    assert az.extract(fit, var_names="pay").sizes == {"sample": 1200}
    assert az.extract(fit, num_samples=50, random_seed=1).sizes["sample"] == 50
    assert fit.posterior.to_dataset().stack(sample=("chain", "draw")).sizes == {"sample": 1200}


def test_a_reading(fit: xr.DataTree) -> None:
    draws = est.by_reading(fit)
    all_of_them = draws.sel(reading="all")
    np.testing.assert_array_equal(all_of_them["counted"], all_of_them["n"])
    means = draws["counted"].groupby("axis_scope").mean(...)
    assert means.sel(axis_scope="all") == pytest.approx(float(all_of_them["counted"].mean()))
    weighted = draws["n"].weighted(fit.readings["posterior"]).mean()
    assert float(weighted) == pytest.approx(est.summary(fit, "n").quantities["n"].mean)
    which = fit.readings["reading"].values[fit.sample_stats["reading"]]
    halves = fit.posterior["counted"].where(which == "half")
    np.testing.assert_allclose(
        halves.mean(), (fit.posterior["n"] / 2).where(which == "half").mean()
    )


def test_files(fit: xr.DataTree, tmp_path: Path) -> None:
    fit.to_netcdf(tmp_path / "fit.nc")
    with az.from_netcdf(tmp_path / "fit.nc") as again:
        assert est.summary(again) == est.summary(fit)
        assert list(again.children) == list(fit.children)
    fit.to_zarr(tmp_path / "fit.zarr")
    with az.from_zarr(tmp_path / "fit.zarr") as again:
        assert est.summary(again) == est.summary(fit)


def test_what_is_added_stays_and_is_in_nobodys_way(fit: xr.DataTree) -> None:
    mine = fit.copy()
    mine["mine"] = xr.Dataset({"twice": 2 * fit.posterior["pay"]})
    mine.posterior["per"] = fit.posterior["pay"] / fit.posterior["n"]
    assert list(az.summary(mine, group="mine").index) == ["twice"]
    assert list(az.summary(mine, var_names="per").index) == ["per"]
    assert est.summary(mine) == est.summary(fit)
    assert list(est.by_reading(mine)) == NAMES


def test_parts_of_a_fit(fit: xr.DataTree) -> None:
    half = fit.sel(chain=[0, 1], draw=slice(100, None))
    assert az.summary(half, var_names="pay").shape[0] == 1
    assert est.by_reading(half, "pay").sizes["chain"] == 2
    assert est.summary(half).diagnostics.converged


def test_rc_params(fit: xr.DataTree) -> None:
    with az.rc_context({"stats.ci_prob": 0.8, "stats.ci_kind": "hdi"}):
        assert "hdi80_lb" in az.summary(fit).columns
        assert "eti90_lb" in est.summary(fit).table.columns  # its own default, as documented


def test_units_and_labels(fit: xr.DataTree) -> None:
    assert fit.posterior["pay"].attrs["unit"] == "USD"
    assert fit.prior["pay"].attrs == fit.posterior["pay"].attrs


def test_prior_predictive_is_as_wide_as_priors_and_claims(fit: xr.DataTree) -> None:
    """On the log scale of the claim about w: the variances of prior and claim add up."""
    said = fit.prior_predictive["claims"].sel(claim="wage")
    width = float(fit.observed_data["width"].sel(claim="wage"))
    spread = np.log(2) / 3.2897  # 20 to 40 hold 90 %, which 3.29 sds do
    # Four standard errors of an sd of 1200 independent draws.
    sd = float(said.std())
    assert sd == pytest.approx(np.hypot(width, spread), rel=4 / np.sqrt(2400))
    assert float(said.mean()) == pytest.approx(
        np.log(800) / 2, abs=4 * float(said.std()) / np.sqrt(1200)
    )
