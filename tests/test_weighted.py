"""One convention of quantiles, and one number for one question, wherever it is put."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from estimates import by_reading, fit, leave_one_out, load
from estimates.cli.app import app
from estimates.stats.importance import finite, smoothed
from estimates.stats.kde import kernel_density
from estimates.stats.weighted import WeightedDraws, quantiles

from .truth.building import build

P = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40).map(np.array)


@given(VALUES)
def test_equal_weights_are_numpys_quantiles(values: np.ndarray) -> None:
    """Its default, which is that of xarray and pandas."""
    truth = np.quantile(values, P)
    assert quantiles(values, P) == pytest.approx(truth, rel=1e-9, abs=1e-6)
    weights = np.full(len(values), 0.25)
    assert quantiles(values, P, weights) == pytest.approx(truth, rel=1e-9, abs=1e-6)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40, unique=True).map(np.array),
    st.randoms(use_true_random=False),
)
def test_weights(values: np.ndarray, random: Any) -> None:
    weights = np.array([random.uniform(0.1, 3.0) for _ in values])
    found = quantiles(values, P, weights)
    assert found[0] == values.min()
    assert found[-1] == values.max()
    assert (np.diff(found) >= 0).all()
    mirrored = quantiles(-values, [1 - p for p in P], weights)
    assert -mirrored == pytest.approx(found, rel=1e-6, abs=1e-6)
    order = np.array(random.sample(range(len(values)), len(values)))
    assert quantiles(values[order], P, weights[order]) == pytest.approx(found, rel=1e-9, abs=1e-6)
    none = np.concatenate([weights, [0.0]])  # a draw without weight is not there
    alike = pytest.approx(found, rel=1e-12, abs=1e-12 * max(1.0, float(np.abs(values).max())))
    assert quantiles(np.concatenate([values, [9e9]]), P, none) == alike


def test_what_weighs_nothing_beside_others_moves_nothing() -> None:
    """Draws of a reading that is absurd, at 1e-30, do not take the place of the lowest."""
    values = np.sin(np.arange(200.0))
    both = np.concatenate([values, values - 10, values + 10])
    weights = np.repeat([1.0, 1e-30, 1e-300], 200)
    np.testing.assert_allclose(quantiles(both, P, weights), np.quantile(values, P), rtol=1e-12)


def test_weights_are_repetitions() -> None:
    """Of many draws: within the distance of two of them."""
    rng = np.random.default_rng(1)
    values, counts = rng.normal(size=2000), rng.integers(1, 6, size=2000)
    repeated = np.quantile(np.repeat(values, counts), P[1:-1])
    found = WeightedDraws(values, counts.astype(float)).quantiles(P[1:-1])
    ordered = np.sort(values)
    places = np.searchsorted(ordered, repeated)
    assert (np.abs(found - repeated) <= ordered[places + 1] - ordered[places - 2]).all()


# Importance weights ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "logs",
    [
        np.zeros(1000),
        np.full(1000, -1e308),
        1e-14 * np.arange(1000.0),
        np.minimum(0.0, np.linspace(-3.0, 7.0, 1000)),  # a bound that most draws meet
        np.where(np.arange(1000) < 3, -np.inf, 0.0),
    ],
)
def test_weights_without_a_tail_are_as_they_are(logs: np.ndarray) -> None:
    found, pareto = smoothed(logs)
    assert pareto == -np.inf
    assert np.exp(found).sum() == pytest.approx(1.0)
    truth = np.exp(logs - logs.max())
    assert np.exp(found) == pytest.approx(truth / truth.sum(), abs=1e-12)


def test_weights_with_a_tail_are_smoothed() -> None:
    """Of a Pareto tail with k = 0.5, four of whose standard errors, (1 + k)/√tail, are 0.5."""
    uniform = (np.arange(4000) + 0.5) / 4000
    _, pareto = smoothed(-0.5 * np.log(np.random.default_rng(1).permutation(uniform)))
    assert pareto == pytest.approx(0.5, abs=4 * 1.5 / np.sqrt(3 * np.sqrt(4000)))
    one = np.zeros(1000)
    one[:10] = 10 * np.arange(10)  # ten draws carry all: no distribution fits, and nothing is sure
    assert smoothed(one)[1] > 0.7


def test_a_draw_without_weight_is_far_below_all_others() -> None:
    assert finite(np.array([0.0, -np.inf, -3.0])).tolist() == [0.0, -703.0, -3.0]
    assert finite(np.full(3, -np.inf)).tolist() == [-700.0] * 3


# One number ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    build(
        folder / "models" / "town",
        quantities={
            "people": {"unit": "person", "prior": "50 to 5,000"},
            "each": {"unit": "USD/person", "prior": "1 to 50"},
        },
        relations={
            "paid": {"unit": "USD", "is": "people * each"},
            "meant": {"by": "how", "gross": "each", "net": "each * 0.6"},
        },
        readings={"how": {"gross": 2, "net": 1}},
        says={
            "count": "around 700 people",
            "rate": "8 to 12 USD/person",
            "again": {"says": "around 9 USD/person", "basis": "hearsay"},
            "cited": "5,000 to 9,000 USD",
        },
        claims={"count": "people", "rate": "meant", "again": "meant"},
        compare={"cited": "paid"},
        targets=["paid", "people"],
    )
    return folder


def document(root: Path, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(
        app, [words[0], "town", *words[1:], "--json", "--root", str(root)], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def agree(one: Any, other: Any) -> None:
    """To the last digit but rounding: no figure may differ in what is shown of it."""
    assert one == pytest.approx(other, rel=1e-9, abs=1e-12)


@pytest.mark.usefixtures("undrawn")
def test_every_command_has_the_same_number(root: Path) -> None:
    keys = ("q05", "median", "q95")
    told = document(root, "fit")
    paid, people = (told["quantities"][name] for name in ("paid", "people"))
    by_reading = {r["reading"]["how"]: r for r in told["readings"]}

    beside = document(root, "compare")["comparisons"]
    mixture = next(row for row in beside if row["reading"] is None)
    agree([mixture[k] for k in keys], [paid[k] for k in keys])
    for row in beside:
        if row["reading"] is not None:
            own = by_reading[row["reading"]["how"]]
            agree([row[k] for k in keys], [own["quantities"]["paid"][k] for k in keys])
            agree(row["weight"], own["posterior"])

    sensitivity = document(root, "sensitivity")
    agree([sensitivity["base"][k] for k in keys], [paid[k] for k in keys])
    whole = [row for row in sensitivity["tornado"] if row["reading"] is None]
    agree([row["median"] for row in whole], [paid["median"]] * len(whole))

    dropped = document(root, "whatif", "--drop", "rate")
    for target, numbers in zip(dropped["targets"], (paid, people), strict=True):
        agree([target["base"][k] for k in keys], [numbers[k] for k in keys])
    agree([dropped["comparisons"][0]["base"][s] for s in ("below", "inside", "above")],
          [mixture[s] for s in ("below", "inside", "above")])  # fmt: skip

    # Left out: one fit, whoever asks.
    removed = {
        row["name"]: row for row in sensitivity["leave_one_out"] if row["without"] == "claim"
    }
    supposed = dropped["targets"][0]["supposed"]
    agree([supposed[k] for k in keys], [removed["rate"][k] for k in keys])
    alone = leave_one_out(load("town", root)).set_index("without")
    named = ["eti90_lb", "median", "eti90_ub"]
    agree(alone.loc["rate", named].tolist(), [removed["rate"][k] for k in keys])

    worth = document(root, "voi")
    assert worth["decision"]["claim"] == "cited"
    agree(worth["decision"]["above"], 1 - mixture["below"])
    agree(worth["estimation"]["sd_own"], paid["sd"])

    inverse = document(root, "inverse")
    moved = next(
        row
        for row in inverse["given_range"]
        if row["quantity"] == "people" and row["reading"] is None
    )
    agree(moved["median"], people["median"])


def test_the_export_and_the_draws_have_the_same_number(root: Path) -> None:
    told = document(root, "fit")["quantities"]["paid"]
    out = root / "out"
    done = CliRunner().invoke(
        app, ["export", "town", "--root", str(root), "--format", "csv", "--to", str(out)],
        catch_exceptions=False,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    rows = [
        row
        for path in sorted(out.rglob("*.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
        if row.get("quantity") == "paid" and row.get("median") and "mixture" in row.values()
    ]
    assert rows
    for row in rows:
        agree(float(row["median"]), told["median"])
    tree = fit(load("town", root))
    one = by_reading(tree)["paid"].isel(reading=0)
    own = document(root, "fit")["readings"][0]["quantities"]["paid"]
    agree(float(one.quantile(0.95)), own["q95"])


def test_a_density_of_few_effective_draws_has_no_bumps() -> None:
    # Draws of N(0, 1) drawn anew by the weights exp(2x), which make them N(2, 1).
    rng = np.random.default_rng(3)
    drawn = rng.normal(size=8000)
    weights = np.exp(2 * drawn)
    weights /= weights.sum()
    marks = (np.arange(8000) + 0.5) / 8000
    again = drawn[np.minimum(np.searchsorted(np.cumsum(weights), marks), 7999)]
    effective = 1 / np.sum(weights**2)
    grid, density = kernel_density(again)
    high = density > 0.05 * density.max()
    turns = np.diff(np.sign(np.diff(density[high])))
    assert (turns < 0).sum() <= 2  # and five or more where a copy counts as a draw
    # The mean absolute error of an estimate of so many draws is about their number to the −2/5.
    exact = np.exp(-((grid - 2) ** 2) / 2) / np.sqrt(2 * np.pi)
    assert np.trapezoid(np.abs(density - exact), grid) < 3 * effective ** (-2 / 5)
