"""What `estimates.fit` returns is a tree of ArviZ: every function that takes one takes it."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import arviz as az
import arviz_plots
import arviz_stats
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from tests.truth.building import build

import estimates as est
from estimates.inference.stored import from_netcdf, to_netcdf

_SHORT = est.Sampling(draws=300, tune=300)
#: What a call needs beside the tree.
_WITH: Mapping[str, Mapping[str, Any]] = {
    "plot_bf": {"var_names": "x"},
    "plot_pair_focus": {"focus_var": "x"},
    "plot_ppc_tstat": {"coords": {"claim": ["c0", "c1"]}},
    "bayes_factor": {"var_names": "x"},
    "ci_in_rope": {"var_names": ["x"], "rope": (800, 1000)},
    "loo_subsample": {"observations": 3},
    "thin": {"factor": 2},
}
_CURVES = "is of a regression: there is no predictor along which claims lie"
_SURVIVAL = "is of times to an event, and no claim is one"
_REFIT = "fits anew by a wrapper of its own; `sensitivity` and `leave_one_out` do"
_ARRAYS = "takes arrays, no tree"
_LOO = "takes what loo found besides"
#: Functions of these libraries that do not apply, and why.
_NOT: Mapping[str, str] = {
    "plot_compare": "takes a table of compare, no tree",
    "plot_khat": "takes what loo found, no tree",
    "plot_ecdf_pit": "is of simulation-based calibration; `calibrate` does that",
    "plot_lm": _CURVES,
    "plot_ppc_pava_residuals": _CURVES,
    "plot_ppc_rootogram": "is of counts, and claims are of several kinds",
    "bayesian_r2": _CURVES,
    "residual_r2": _CURVES,
    "loo_r2": _CURVES,
    "compare": "takes several trees",
    "weight_predictions": "takes several trees",
    "kl_divergence": "takes two trees",
    "wasserstein": "takes two trees",
    "ecdf": "has no method for trees yet",
    "generate_survival_curves": _SURVIVAL,
    "kaplan_meier": _SURVIVAL,
    "get_function": "takes a name, no tree",
    "hexbin": _ARRAYS,
    "histogram2d": _ARRAYS,
    "kde2d": _ARRAYS,
    "lfo_cv": _REFIT,
    "loo_kfold": _REFIT,
    "reloo": _REFIT,
    "loo_approximate_posterior": "is of approximate posteriors, and these are draws",
    "loo_moment_match": _LOO,
    "update_subsample": _LOO,
    "loo_i": "is called with the place first; see test_one_claim",
    "rhat_nested": "asks for chains in several superchains",
}


def _functions() -> dict[str, Callable[..., Any]]:
    found = {n: getattr(arviz_plots, n) for n in dir(arviz_plots) if n.startswith("plot_")}
    found |= {n: getattr(arviz_stats, n) for n in dir(arviz_stats) if n[0].islower()}
    return {n: one for n, one in found.items() if inspect.isfunction(one)}


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """Two readings with a fit each, three claims."""
    model = build(
        tmp_path_factory.mktemp("root") / "models" / "m",
        quantities={n: {"unit": "person", "prior": "200 to 5000"} for n in ("x", "y")},
        says={f"c{i}": f"around {900 + 100 * i} people" for i in range(3)},
        claims={"c0": "x", "c1": "seen", "c2": "y"},
        relations={
            "seen": {"unit": "person", "by": "r", "all": "x + y", "part": "x"},
            "total": {"unit": "person", "is": "x + y"},
        },
        readings={
            "r": {
                "question": "which?",
                "all": {"weight": 1, "because": "-"},
                "part": {"weight": 1, "because": "-"},
            }
        },
        targets=["total"],
    )
    return est.fit(model, seed=3, sampling=_SHORT)


@pytest.mark.parametrize("name", sorted(_functions().keys() - _NOT.keys()))
def test_every_function_takes_a_fit(fit: xr.DataTree, name: str) -> None:
    """A new function of the libraries is called too: then it works, or stands in `_NOT`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of few claims, and what the libraries warn of themselves
        _functions()[name](fit, **_WITH.get(name, {}))
    plt.close("all")


def test_what_does_not_apply_is_there() -> None:
    assert _NOT.keys() <= _functions().keys()


def test_one_claim(fit: xr.DataTree) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Estimated shape parameter")
        assert np.isfinite(az.loo_i(0, fit).elpd)


def test_quantities_alone_and_values(fit: xr.DataTree) -> None:
    assert list(az.summary(fit).index) == ["x", "y", "seen", "total"]
    assert fit.attrs["failed"] == []
    assert fit.attrs["targets"] == ["total"]
    again = from_netcdf(to_netcdf(fit))
    assert {key: again.attrs[key] for key in fit.attrs} == fit.attrs
    for group in fit.children:
        assert again[group].identical(fit[group])


def test_no_draw_is_stored_twice(fit: xr.DataTree) -> None:
    rows = fit["by_reading"]["values"].values
    assert len({row.tobytes() for row in rows}) == len(rows)
    # The prior draws are the same under both readings but for what a phrase stands for.
    assert list(fit["prior_by_reading"]["quantity"].values) == ["seen"]
    drawn = est.by_reading(fit, group="prior")
    np.testing.assert_array_equal(drawn["x"][0], fit["prior"]["x"])
    np.testing.assert_array_equal(drawn["seen"][0], drawn["x"][0] + drawn["y"][0])


def test_replicates_are_as_wide_as_claims_and_the_posterior(fit: xr.DataTree) -> None:
    """On the log scale of a claim about x: the variances of posterior and claim add up."""
    said = fit["posterior_predictive"]["claims"].sel(claim="c0")
    width = float(fit["observed_data"]["width"].sel(claim="c0"))
    spread = float(np.log(fit["posterior"]["x"]).std())
    # Four standard errors of an sd of some 400 independent draws or more.
    assert float(said.std()) == pytest.approx(np.hypot(width, spread), rel=4 / np.sqrt(800))


def test_a_fit_of_an_older_form_is_refused(fit: xr.DataTree) -> None:
    older = fit.copy()
    older.attrs = {**fit.attrs, "estimates_format": 1}
    with pytest.raises(est.InputError, match="have the form 1, and this version reads 2; fit"):
        est.summary(older)


def test_names_and_intervals_are_chosen_as_in_arviz(fit: xr.DataTree) -> None:
    for asked, named in (
        ("x", None),
        (["y", "x"], None),
        ("~x", None),
        ("e", "like"),
        ("^[xy]$", "regex"),
        (["~e"], "like"),
    ):
        rows = az.summary(fit, var_names=asked, filter_vars=named).index
        assert list(est.summary(fit, asked, named).quantities) == list(rows)
        assert list(est.by_reading(fit, asked, named)) == list(rows)
    wide = az.summary(fit, ci_prob=0.8, ci_kind="eti", round_to="none")
    table = est.summary(fit, ci_prob=0.8).table.query("reading == 'mixture'").set_index("quantity")
    ends = ["eti80_lb", "eti80_ub"]
    # The mixture in numbers weighs every draw of every reading; the tree holds some of each. Four
    # Monte Carlo errors of a quantile of some 300 draws, of whose density the sd gives the height.
    error = 4 * wide["sd"].astype(float) * np.sqrt(0.1 * 0.9 / 300) / 0.17
    for end in ends:
        assert (abs(table[end] - wide[end].astype(float)) < error).all()
    usual = est.summary(fit)
    assert usual.table["eti90_lb"].iloc[0] == usual.quantities["x"].q05
    assert "ci_prob" not in usual.document
    for wrong in ({"ci_prob": 1.0}, {"var_names": "z"}, {"var_names": "(", "filter_vars": "regex"}):
        with pytest.raises(est.InputError):
            est.summary(fit, **wrong)


def test_without_a_claim_by_another_interval() -> None:
    n = est.Quantity("50 to 2,000", unit="person")
    said = {"a": est.Claim("around 300 people", about=n, source="A newspaper")}
    model = est.Model({"n": n}, claims=said, targets=["n"])
    one, two = (est.leave_one_out(model, ci_prob=p, sampling=_SHORT) for p in (0.9, 0.5))
    assert list(one.columns[2:4]) == ["eti90_lb", "eti90_ub"]
    # 200 quantiles are kept, at (i + 1/2)/200.
    kept = est.refit(model, [est.Change()], sampling=_SHORT)[0]
    curve = np.array(kept.readings[0].targets["n"].curve)
    assert curve[49] <= two["eti50_lb"][0] <= curve[51]
    assert curve[149] <= two["eti50_ub"][0] <= curve[151]
