"""Sensitivity analyses against closed forms, and what they say of models made for it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from numpy.typing import NDArray
from scipy import stats
from tests.screens import full_text
from tests.truth.building import build

from estimates import InputError, by_reading, fit
from estimates.analysis.sensitivity.power_scaling import psense
from estimates.analysis.sensitivity.result import Sensitivity
from estimates.analysis.sensitivity.run import sensitivity
from estimates.analysis.sensitivity.shapley import shapley_effects
from estimates.analysis.sensitivity.tornado import Pool
from estimates.cli.app import app
from estimates.plots import drawings

Z90 = 1.6448536269514722
PI = "3.141592653589793"


def draws(seed: int, *columns: Any) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([column.rvs(size=(4, 2000), random_state=rng) for column in columns])


def near(value: float, truth: float, error: float) -> None:
    """Within four of its standard errors."""
    assert abs(value - truth) <= 4 * error, (value, truth, error)


# Shapley effects ---------------------------------------------------------------------------


@pytest.mark.parametrize("correlation", [0.0, 0.5, -0.8])
def test_shapley_effects_of_a_correlated_gaussian_pair(correlation: float) -> None:
    """Y = aX₁ + bX₂: (a² + ρab ± ρ²(b² − a²)/2)/Var (Owen & Prieur 2017, §3.2, with sds of 1)."""
    a, b = 2.0, 1.0
    z = draws(1, stats.norm, stats.norm)
    x = np.stack([z[0], correlation * z[0] + math.sqrt(1 - correlation**2) * z[1]])
    effects, errors, unexplained = shapley_effects(x, a * x[0] + b * x[1])
    total = a**2 + b**2 + 2 * correlation * a * b
    first = a**2 * (1 - correlation**2 / 2) + correlation * a * b + b**2 * correlation**2 / 2
    near(effects[0], first / total, errors[0])
    near(effects[1], 1 - first / total, errors[1])
    assert errors.max() < 0.02
    assert abs(unexplained) < 1e-3  # ranks know the tails less well


def test_shapley_effects_of_ishigami() -> None:
    """S₁ + S₁₃/2, S₂ and S₁₃/2 (a = 7, b = 0.1; Ishigami & Homma 1990)."""
    x = draws(2, *[stats.uniform(-np.pi, 2 * np.pi)] * 3)
    y = np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    effects, errors, unexplained = shapley_effects(x, y)
    truth = ishigami()
    expected = [truth["a"][0] + truth["ac"] / 2, truth["b"][0], truth["ac"] / 2]
    for effect, error, true in zip(effects, errors, expected, strict=True):
        # What the polynomials leave may be any one's.
        assert abs(effect - true) < 4 * error + unexplained
    assert unexplained < 0.05


def test_of_very_many_inputs_the_strongest_are_shown(tmp_path: Path) -> None:
    names = [f"q{i}" for i in range(30)]
    terms = [f"{i + 1} * {name}" for i, name in enumerate(names)]
    model = build(
        tmp_path,
        quantities=dict.fromkeys(names, "Normal(mu=0, sigma=1)"),
        says={},
        claims={},
        relations={"y": " + ".join(terms)},
        targets=["y"],
    )
    rows = sensitivity(fit(model)).document["shapley"]
    # Neighbours differ by less than the error of their shares, so that they may change places.
    assert {row["quantity"] for row in rows[:3]} <= {f"q{i}" for i in range(22, 30)}
    assert [row["share"] for row in rows] == sorted((row["share"] for row in rows), reverse=True)
    assert len(rows) == 24
    left = sum(i**2 for i in range(1, 7)) / sum(i**2 for i in range(1, 31))
    assert rows[0]["unexplained"] == pytest.approx(left, abs=0.01)


def test_shapley_effects_of_many_inputs_add_up() -> None:
    """Twelve inputs, drawn orders: each of an additive function has its own part."""
    x = draws(3, *[stats.norm] * 12)
    sizes = np.arange(1, 13)
    effects, errors, _ = shapley_effects(x, np.einsum("i,icd->cd", sizes, x))
    assert effects.sum() == pytest.approx(1)
    for effect, error, size in zip(effects, errors, sizes, strict=True):
        near(effect, size**2 / np.sum(sizes**2), error + 1e-4)


# Sobol indices -----------------------------------------------------------------------------


def ishigami() -> dict[str, Any]:
    """First-order and total indices (7, 0.1)."""
    a, b = 7.0, 0.1
    one = 0.5 * (1 + b * np.pi**4 / 5) ** 2
    two, three = a**2 / 8, b**2 * np.pi**8 * (1 / 18 - 1 / 50)
    total = one + two + three
    return {
        "a": (one / total, (one + three) / total),
        "b": (two / total, two / total),
        "c": (0.0, three / total),
        "ac": three / total,
    }


def test_sobol_indices_of_ishigami(tmp_path: Path) -> None:
    uniform = f"Uniform(lower=-{PI}, upper={PI})"
    model = build(
        tmp_path,
        quantities=dict.fromkeys("abc", uniform),
        says={},
        claims={},
        relations={"y": "sin(a) + 7 * sin(b) ** 2 + 0.1 * c ** 4 * sin(a)"},
        targets=["y"],
    )
    found = sensitivity(fit(model)).document["sobol"]
    assert [row["quantity"] for row in found] == ["a", "b", "c"]
    for row in found:
        first, total = ishigami()[row["quantity"]]
        check(row, first, total)
    assert "negative by chance" in (found[2]["note"] or "") or found[2]["first_low"] < 0


def test_sobol_indices_of_sobols_g(tmp_path: Path) -> None:
    """∏ (|4x − 2| + a)/(1 + a): partial variances 1/3/(1 + a)² (Saltelli & Sobol' 1995)."""
    sizes = {"p": 0.0, "q": 1.0, "r": 9.0}
    terms = [f"((abs(4 * {name} - 2) + {a}) / (1 + {a}))" for name, a in sizes.items()]
    model = build(
        tmp_path,
        quantities=dict.fromkeys(sizes, "Uniform(lower=0, upper=1)"),
        says={},
        claims={},
        relations={"y": " * ".join(terms), "shifted": "y - 1"},
        targets=["shifted"],  # not positive, so that no logarithm is taken
    )
    parts = {name: 1 / 3 / (1 + a) ** 2 for name, a in sizes.items()}
    whole = math.prod(1 + v for v in parts.values()) - 1
    for row in sensitivity(fit(model)).document["sobol"]:
        mine = parts[row["quantity"]]
        others = math.prod(1 + v for name, v in parts.items() if name != row["quantity"])
        check(row, mine / whole, mine * others / whole)


def check(row: dict[str, Any], first: float, total: float) -> None:
    """Within four standard errors, which the 90 % interval (Student's t, 7) gives."""
    for name, true in (("first", first), ("total", total)):
        half = (row[f"{name}_high"] - row[f"{name}_low"]) / 2
        # Four normal standard errors are 6.4 of a t with 7 degrees of freedom; and 200,000 draws
        # stand for a prior that is not normal.
        near(row[name], true, 1.6 * half / stats.t.ppf(0.95, 7) + 5e-4)


def test_dependent_priors_have_no_sobol_indices(tmp_path: Path) -> None:
    model = build(
        tmp_path,
        quantities={
            "m": "Normal(mu=0, sigma=1)",
            "x": "Normal(mu=m, sigma=1)",
            "y": "Normal(mu=m, sigma=1)",
        },
        says={"c": "1 ± 1"},
        claims={"c": "x"},
        relations={"z": "x + y"},
        targets=["z"],
    )
    document = sensitivity(fit(model)).document
    assert document["sobol"] == []
    assert any("independent quantities" in note for note in document["notes"])
    assert {row["quantity"] for row in document["shapley"]} == {"x", "y"}


# Power-scaling -----------------------------------------------------------------------------


def test_a_power_scaled_normal() -> None:
    """Scaled by α, a normal likelihood about a normal posterior moves as the formula says.

    Posterior N(0, 1) of prior N(0, s²) and likelihood N(0, t²): scaling moves no mean, only the
    sd.  The distance is that of two normals, by quadrature here, per doubling of the power.
    """
    t2 = 2.0
    s2 = 1 / (1 - 1 / t2)
    x = draws(4, stats.norm)[0]
    found = psense(x, -(x**2) / (2 * t2))
    grid = np.linspace(x.min(), x.max(), 200_001)  # ArviZ integrates over the draws' range

    def sd(alpha: float) -> float:
        return float((1 / s2 + alpha / t2) ** -0.5)

    expected = np.mean([_cjs(grid, 1.0, sd(a)) / abs(math.log2(a)) for a in (0.99, 1.01)])
    assert found == pytest.approx(expected, rel=0.15)
    assert psense(x, np.zeros_like(x)) == 0


def _cjs(grid: np.ndarray, one: float, other: float) -> float:
    """ArviZ's symmetric cumulative Jensen–Shannon distance of N(0, one²) and N(0, other²)."""

    def half(p: np.ndarray, q: np.ndarray) -> float:
        step = grid[1] - grid[0]
        m = (p + q) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            kl = np.where(p > 0, p * np.log2(p / m), 0.0).sum() * step
        return float(kl + 0.5 / math.log(2) * (q - p).sum() * step)

    parts = []
    for sign in (1, -1):
        p, q = stats.norm.cdf(sign * grid / one), stats.norm.cdf(sign * grid / other)
        bound = (p + q).sum() * (grid[1] - grid[0])
        parts.append((half(p, q) + half(q, p)) / bound)
    return math.sqrt(max(parts))


# The whole ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def posterior(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """Log-linear, so that all is known: x·y with a reading that halves or doubles it."""
    root = tmp_path_factory.mktemp("root")
    model = build(
        root / "models" / "product",
        quantities={"x": "5 to 20", "y": "1 to 10"},
        says={"a": "9 to 11", "b": "8 to 12", "c": "2 to 4", "cited": "100 to 300"},
        claims={"a": "x", "b": "x", "c": "y"},
        compare={"cited": "z"},
        relations={"z": {"by": "r", "small": "x * y / 2", "large": "x * y * 2"}},
        readings={
            "r": {
                "question": "which?",
                "small": {"weight": 1, "because": "-"},
                "large": {"weight": 1, "because": "-"},
            }
        },
        targets=["z"],
    )
    return fit(model)


@pytest.fixture(scope="module")
def found(posterior: xr.DataTree) -> Sensitivity:
    return sensitivity(posterior)


def test_between_and_within(found: Sensitivity, posterior: xr.DataTree) -> None:
    """log z is ± log 2 about log xy: the share between is log²2 over all."""
    logs = np.log(by_reading(posterior)["z"].values)
    within = logs.var(axis=(1, 2)).mean()
    rows = found.document["variance"]
    between = next(row for row in rows if row["part"] == "between readings")
    near(between["share"], math.log(2) ** 2 / (math.log(2) ** 2 + within), between["share_se"])
    assert sum(r["share"] for r in rows if r["part"] == "within") == pytest.approx(
        1 - between["share"]
    )
    axis = next(row for row in rows if row["part"] == "axis")
    assert axis["share"] == pytest.approx(between["share"])
    assert 0 < between["share_se"] < 0.02


def test_the_tornado_is_the_normal_tail_mean(found: Sensitivity, posterior: xr.DataTree) -> None:
    """Of independent normals log x and log y the median given the lowest tenth of x is known."""
    rows = {
        row["quantity"]: row
        for row in found.document["tornado"]
        if row["reading"] == {"r": "large"}
    }
    x, y = (np.log(by_reading(posterior)[n].values[0]) for n in "xy")
    rng = np.random.default_rng(0)
    for name, mine, other in (("x", x, y), ("y", y, x)):
        tail = stats.norm.ppf(rng.uniform(0, 0.1, 400_000))
        z = mine.mean() + mine.std() * tail
        z = z + other.mean() + other.std() * rng.standard_normal(len(z)) + math.log(2)
        row = rows[name]
        near(row["median_low"], float(np.exp(np.median(z))), row["median_low_se"])


def test_the_tornado_of_the_mixture_counts_every_draw_by_its_weight(
    found: Sensitivity, posterior: xr.DataTree
) -> None:
    """Beside brute force: all draws sorted, each with its reading's weight."""
    rows = [row for row in found.document["tornado"] if row["reading"] is None]
    assert {row["median"] for row in rows} == {found.document["base"]["median"]}
    drawn, weights = by_reading(posterior), posterior["readings"]["posterior"].values
    z, x = (drawn[n].values.reshape(2, -1) for n in "zx")
    each = np.repeat(weights / x.shape[1], x.shape[1]).reshape(x.shape)

    def quantile(values: NDArray[np.float64], weight: NDArray[np.float64], p: float) -> float:
        order = np.argsort(values)
        place = np.searchsorted(np.cumsum(weight[order]), p * weight.sum())
        return float(values[order][place])

    row = next(row for row in rows if row["quantity"] == "x")
    assert row["low"] == pytest.approx(quantile(x.ravel(), each.ravel(), 0.1), rel=0.005)
    for key, part in (("low", x <= row["low"]), ("high", x >= row["high"])):
        # Between two draws there is a convention, and between the two readings a dip.
        low, high = (quantile(z[part], each[part], 0.5 + by) for by in (-0.005, 0.005))
        assert low <= row[f"median_{key}"] <= high
    large = next(row for row in rows if row["option"] == "large")
    own = drawn["z"].values[list(posterior["readings"]["axis_r"].values).index("large")]
    assert large["median_low"] == pytest.approx(float(np.median(own)), rel=1e-3)


def test_the_error_of_a_conditional_median_is_honest() -> None:
    """Over 200 repetitions the z-scores have sd 1, within the chi-square bounds of that many."""
    truth, z = _median_in_the_tail(), []
    for seed in range(200):
        x = draws(seed, stats.norm, stats.norm)[:, :, :250]
        alone = Pool((x[0] + x[1])[None], np.ones(1), np.zeros(1, int), np.ones((1, 1)))
        chosen = x[0] <= np.quantile(x[0], 0.1)
        middle, error = alone.conditional_median(chosen[None])
        assert error is not None
        z.append((middle - truth) / error)
    low, high = stats.chi2.ppf([1e-5, 1 - 1e-5], len(z) - 1) / (len(z) - 1)
    # The edge of the tenth is estimated too, which the error does not count: some 5 %.
    assert low < np.var(z, ddof=1) < 1.15 * high


def _median_in_the_tail() -> float:
    grid = np.linspace(-8, 4, 4001)
    edge = stats.norm.ppf(0.1)
    tail = np.linspace(-8, edge, 4001)
    weight = stats.norm.pdf(tail)
    below = [np.average(stats.norm.cdf(g - tail), weights=weight) for g in grid[::10]]
    return float(np.interp(0.5, below, grid[::10]))


def test_leaving_a_claim_out_is_the_fit_without_it(
    found: Sensitivity, posterior: xr.DataTree, tmp_path: Path
) -> None:
    """The same numbers as a model that never had the claim."""
    rows = {row["name"]: row for row in found.document["leave_one_out"]}
    assert set(rows) == {"a", "b", "c"}  # one source has all claims: it cannot be left out
    assert rows["c"]["shift"] == pytest.approx(
        rows["c"]["median"] - found.document["base"]["median"]
    )
    assert not rows["a"]["failed"]
    without = build(
        tmp_path,
        quantities={"x": "5 to 20", "y": "1 to 10"},
        says={"a": "9 to 11", "b": "8 to 12"},
        claims={"a": "x", "b": "x"},
        relations={"z": {"by": "r", "small": "x * y / 2", "large": "x * y * 2"}},
        readings={
            "r": {
                "question": "which?",
                "small": {"weight": 1, "because": "-"},
                "large": {"weight": 1, "because": "-"},
            }
        },
        targets=["z"],
    )
    from estimates import summary

    then = summary(fit(without)).document["quantities"]["z"]
    error = math.hypot(then["mcse_median"], rows["c"]["mcse_median"])
    near(rows["c"]["median"], then["median"], error)


def test_the_region_is_what_the_draws_say(found: Sensitivity, posterior: xr.DataTree) -> None:
    rows = [r for r in found.document["region"] if r["region"] == "inside"]
    z = by_reading(posterior)["z"].values
    assert rows[0]["probability"] == pytest.approx(((z >= 100) & (z <= 300)).mean())
    large = next(r for r in found.document["region"]
                 if r["region"] == "inside" and r["option"] == "large")  # fmt: skip
    assert large["weight"] is None or large["weight"] > 0.99
    above = [r for r in found.document["region"] if r["region"] == "above"]
    assert all(r["median"] is None for r in above), "no draws are there, so nothing is said"
    assert any("too few" in note for note in found.document["notes"])


def test_the_sentence_and_the_tables(found: Sensitivity) -> None:
    assert "is “which?”: it makes up" in found.sentence
    # Where two readings part, the median lies in a dip, and its error decides what is said of it.
    moved = [
        f"The claim that matters most is ‘{row['name']}’"
        for row in found.document["leave_one_out"]
        if row["without"] == "claim" and abs(row["shift"]) > 2 * row["shift_se"]
    ]
    none = "No single claim matters much"
    assert sum(words in found.sentence for words in (*moved, none)) == 1
    assert set(found.tables) >= {"tornado", "variance", "shapley", "leave_one_out", "region"}
    assert "<table" in found._repr_html_()
    json.dumps(found.document, allow_nan=False)
    assert Sensitivity.read(json.loads(found.to_json())) == found


def test_the_figures(found: Sensitivity) -> None:
    names = [name for name, draw in drawings(found) if draw() is not None]
    assert names == ["sensitivity-tornado", "sensitivity-shares", "sensitivity-without"]


def test_quantities_are_named_in_words(found: Sensitivity) -> None:
    name = found.shapley[0].quantity
    told = replace(found, labels={one: f"what {one} is" for one in found.labels})
    text = full_text(told)
    assert text.count(f"what {name} is ") >= 2
    figure = dict(drawings(told))["sensitivity-shares"]()
    assert figure is not None
    assert f"what {name} is" in [one.get_text() for one in figure.texts]


def test_without_claims_and_readings(tmp_path: Path) -> None:
    model = build(
        tmp_path,
        quantities={"x": "1 to 2"},
        says={},
        claims={},
        relations={"y": "2 * x"},
        targets=["y"],
    )
    found = sensitivity(model)  # is fitted first
    document = found.document
    assert document["leave_one_out"] == []
    assert document["power_scaling"] == []
    assert [row["quantity"] for row in document["shapley"]] == ["x"]
    assert document["shapley"][0]["share"] == pytest.approx(1)
    assert sum(draw() is not None for _, draw in drawings(found)) == 2


def test_a_target_that_is_not_there(posterior: xr.DataTree) -> None:
    with pytest.raises(InputError, match="no target 'zz'"):
        sensitivity(posterior, "zz")


@pytest.mark.usefixtures("undrawn")
def test_the_command(tmp_path: Path) -> None:
    build(
        tmp_path / "models" / "small",
        quantities={"x": "5 to 20", "y": "1 to 10"},
        says={"a": "9 to 11", "c": "2 to 4"},
        claims={"a": "x", "c": "y"},
        relations={"z": "x * y"},
        targets=["z"],
    )
    runner = CliRunner()
    shown = runner.invoke(app, ["sensitivity", "small", "--full", "--root", str(tmp_path)])
    assert shown.exit_code == 0, shown.output
    assert "What if this were left out" in shown.output
    written = tmp_path / "results" / "small"
    assert (written / "figures" / "sensitivity-tornado.svg").is_file()
    said = runner.invoke(app, ["sensitivity", "small", "--json", "--root", str(tmp_path)])
    assert json.loads(said.stdout) == json.loads((written / "sensitivity.json").read_text())
    wrong = runner.invoke(app, ["sensitivity", "small", "--target", "q", "--root", str(tmp_path)])
    assert wrong.exit_code == 2
    assert "no target 'q'" in wrong.output
