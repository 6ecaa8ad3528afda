"""What would have to be true: against closed forms, and under every kind of model."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats
from tests.screens import full_text
from tests.truth.building import build, save

import estimates as est
from estimates.analysis.inverse.result import Inverse
from estimates.cli.app import app
from estimates.errors import InputError
from estimates.inference.sampling import Sampling
from estimates.model import Model
from estimates.plots import break_even
from estimates.plots import inverse as inverse_figure

Z90 = 1.6448536269514722
SHORT = Sampling(draws=600, tune=300)


def interval(centre: float, sd: float) -> str:
    """A log-normal prior of this median and log sd, exactly."""
    low, high = (centre * math.exp(sign * Z90 * sd) for sign in (-1, 1))
    return f"{low!r} to {high!r}"


def rows(found: Inverse, table: str, **where: Any) -> list[dict[str, Any]]:
    return [
        row
        for row in found.document[table]
        if all(row[key] == value for key, value in where.items())
    ]


def one(found: Inverse, table: str, **where: Any) -> dict[str, Any]:
    (row,) = rows(found, table, **where)
    return row


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Any]:
    """x·y with log sds 0.3 and 0.4: log(x·y) ~ Normal(log 1000, 0.5), exactly."""
    model = build(
        tmp_path_factory.mktemp("models") / "product",
        quantities={"x": interval(100, 0.3), "y": interval(10, 0.4), "idle": "1 to 2"},
        relations={"total": "x * y"},
        says={"cited": "2000 to 4000"},
        claims={},
        compare={"cited": "total"},
        targets=["total"],
    )
    return model, est.fit(model, sampling=SHORT)


@pytest.fixture(scope="module")
def answered(product: tuple[Model, Any]) -> Inverse:
    return est.inverse(product[1])


# Closed forms ----------------------------------------------------------------------------------


def test_of_a_product_each_factor_takes_its_share_of_the_gap(answered: Inverse) -> None:
    reading = one(answered, "readings")
    for edge, level in {"low": 2000.0, "centre": math.sqrt(8e6), "high": 4000.0}.items():
        gap = math.log(level / 1000)
        assert reading[f"surprise_{edge}"] == pytest.approx(gap / 0.5, abs=1e-3)
        for name, middle, sd in (("x", 100, 0.3), ("y", 10, 0.4)):
            row = one(answered, "least_surprising", edge=edge, quantity=name)
            assert math.log(row["value"] / middle) == pytest.approx(sd**2 / 0.25 * gap, abs=1e-3)
            shift = sd * gap / 0.25
            # The median errs by 0.026 sds (2400 draws), the sd by 1.45 % of itself.
            assert row["shift_sd"] == pytest.approx(
                shift, abs=4 * math.hypot(0.026, 0.0145 * shift)
            )
            assert row["shift_se"] < 0.1
        idle = one(answered, "least_surprising", edge=edge, quantity="idle")
        assert idle["moved_sd"] == pytest.approx(0, abs=1e-3)
    assert answered.converged


def test_alone_a_factor_takes_the_whole_gap(answered: Inverse) -> None:
    for name, other, sd in (("x", 10, 0.3), ("y", 100, 0.4)):
        row = one(answered, "alone", edge="low", quantity=name)
        assert row["value"] == pytest.approx(2000 / other, rel=4 * 0.02)
        assert abs(row["value"] - 2000 / other) < 5 * row["value_se"]
        assert row["shift_sd"] == pytest.approx(math.log(2) / sd, abs=0.3)
        assert row["share_below"] == pytest.approx(stats.norm.cdf(math.log(2) / sd), abs=0.02)
    assert not rows(answered, "alone", quantity="idle")


def test_lines_hold_the_product(answered: Inverse) -> None:
    for edge, level in answered.document["levels"].items():
        line = rows(answered, "lines", edge=edge)
        assert len(line) > 20
        for row in line:
            assert row["x_value"] * row["y_value"] == pytest.approx(level, rel=1e-6)


def test_given_the_range_it_is_the_truncated_normal(answered: Inverse) -> None:
    truth = stats.truncnorm(math.log(2) / 0.5, math.log(4) / 0.5, math.log(1000), 0.5)
    inside = stats.norm.cdf(math.log(4) / 0.5) - stats.norm.cdf(math.log(2) / 0.5)
    reading = one(answered, "readings")
    assert abs(reading["inside"] - inside) < 4 * reading["inside_se"]
    total = one(answered, "given_range", quantity="total")
    assert abs(total["given_median"] - math.exp(truth.median())) < 4 * total["given_se"]
    y = one(answered, "given_range", quantity="y")
    # log y given log total is normal about 0.16/0.25 of the gap.
    rng = np.random.default_rng(1)
    draws = 0.64 * (truth.rvs(400_000, random_state=rng) - math.log(1000))
    draws += rng.normal(0, 0.4 * 0.6, draws.size)
    expected = 10 * math.exp(np.median(draws))
    assert abs(y["given_median"] - expected) < 4 * y["given_se"]


@pytest.mark.parametrize("sds", [2.5, 4.5, 7.0])
def test_a_range_that_no_draw_reaches_is_simulated(product: tuple[Model, Any], sds: float) -> None:
    low = 1000 * math.exp(0.5 * sds)
    found = est.inverse(product[1], between=(low, None))
    reading = one(found, "readings")
    assert reading["method"] == "subset simulation"
    assert reading["surprise_low"] == pytest.approx(sds, abs=1e-3)
    truth = stats.norm.sf(sds)
    assert abs(math.log(reading["inside"] / truth)) < 4 * max(
        reading["inside_se"] / reading["inside"], 0.02
    )
    total = one(found, "given_range", quantity="total")
    expected = 1000 * math.exp(0.5 * stats.norm.isf(truth / 2))
    assert abs(total["given_median"] - expected) < 5 * max(total["given_se"], 0.002 * expected)
    assert found.converged


def test_many_dimensions_do_not_draw_the_simulation_together(tmp_path: Path) -> None:
    """Steps fitted to the very draws that they move would make the range seem rarer than it is."""
    names = [f"q{i}" for i in range(20)]
    model = build(
        tmp_path / "many",
        quantities={name: {"support": "real", "prior": "-1 to 1"} for name in names},
        relations={"total": " + ".join(names)},
        says={},
        claims={},
        targets=["total"],
    )
    sds = 4.0
    found = est.inverse(
        est.fit(model, sampling=SHORT), between=(sds * math.sqrt(len(names)) / Z90, None)
    )
    reading = one(found, "readings")
    assert reading["surprise_low"] == pytest.approx(sds, abs=1e-3)
    error = reading["inside_se"] / reading["inside"]
    # Of a perfectly mixing simulation of 2000 draws and 8 steps it would be about 0.04.
    assert error < 0.15
    assert abs(math.log(reading["inside"] / stats.norm.sf(sds))) < 4 * error


def test_correlated_quantities_move_as_the_normal_has_it(tmp_path: Path) -> None:
    """A claim on x/y ties the two together; their product then moves them along that tie."""
    model = build(
        tmp_path / "tied",
        quantities={"x": interval(100, 0.5), "y": interval(10, 0.6)},
        relations={"gap": "log(x / y)", "total": "x * y**2"},
        says={"tie": "2.6 ± 0.2"},
        claims={"tie": "gap"},
        targets=["total"],
    )
    design, noise = np.array([1.0, -1.0]), 0.2**2
    prior = np.diag([0.25, 0.36])
    spread = design @ prior @ design + noise
    gain = prior @ design / spread
    mean = np.log([100, 10]) + gain * (2.6 - math.log(10))
    covariance = prior - np.outer(gain, design @ prior)
    a = np.array([1.0, 2.0])
    level = 60_000.0
    found = est.inverse(est.fit(model, sampling=SHORT), between=(level, level))
    gap = math.log(level) - a @ mean
    along = covariance @ a
    assert one(found, "readings")["surprise_at"] == pytest.approx(
        abs(gap) / math.sqrt(a @ along), abs=1e-3
    )
    moved = mean + along * gap / (a @ along)
    for name, value in zip(("x", "y"), moved, strict=True):
        row = one(found, "least_surprising", quantity=name)
        assert math.log(row["value"]) == pytest.approx(value, abs=1e-3)
    assert not rows(found, "given_range")  # of a single value


def test_a_nonlinear_target_beats_every_draw_beyond(tmp_path: Path) -> None:
    """No draw at or beyond the edge is likelier than the least surprising values."""
    from estimates.analysis.inverse.design_point import Landscape, least_surprising, most_likely
    from estimates.analysis.inverse.request import request
    from estimates.analysis.inverse.target import Posterior
    from estimates.inference.engine import Engine
    from estimates.inference.question import Condition

    model = build(
        tmp_path / "bent",
        quantities={
            "a": interval(5, 0.4),
            "b": interval(3, 0.5),
            "s": {"unit": "share", "prior": "10 to 60 %"},
        },
        relations={"total": "a * s + b * b * (1 - s)"},
        says={"a": "around 6"},
        claims={"a": "a"},
        targets=["total"],
    )
    engine = Engine(model, seed=3)
    answer = engine.ask(Condition({}, frozenset({"a"})), SHORT)
    asked = request(model, None, (25.0, None))
    expression = model.resolve(asked.target, {})
    assert expression is not None
    posterior = Posterior(engine, answer, {}, expression)
    landscape = Landscape(posterior)
    top = most_likely(landscape)
    found = least_surprising(landscape, top, 25.0)
    assert found is not None
    assert found.pinned
    assert posterior.target_at(found.point[None])[0] == pytest.approx(25.0, rel=1e-6)
    rng = np.random.default_rng(4)
    near = found.point + rng.normal(0, 0.3, (200_000, len(found.point)))
    beyond = near[posterior.target_at(near) >= 25.0]
    assert len(beyond) > 1000
    assert posterior.density.logp(beyond).max() <= found.logp + 1e-6
    assert posterior.density.logp(posterior.points).max() <= top.logp


# Readings --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ambiguous(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Any]:
    """Counted alone or twice, updated; and a held reading that leaves the target or the claims."""
    model = build(
        tmp_path_factory.mktemp("models") / "ambiguous",
        quantities={"x": interval(100, 0.3), "y": interval(10, 0.4)},
        relations={
            "counted": {"by": "scope", "once": "x", "twice": "2 * x"},
            "total": {"by": "sense", "product": "counted * y", "none": "nothing"},
        },
        readings={
            "scope": {
                "once": {"weight": 1, "because": "-"},
                "twice": {"weight": 3, "because": "-"},
            },
            "sense": {
                "update": False,
                "product": {"weight": 1, "because": "-"},
                "none": {"weight": 1, "because": "-"},
            },
        },
        says={},
        claims={},
        targets=["x"],
    )
    return model, est.fit(model, sampling=SHORT)


def test_weights_follow_the_probability_of_the_range(ambiguous: tuple[Model, Any]) -> None:
    found = est.inverse(ambiguous[1], "total", (4000, 8000))
    inside = {
        name: stats.norm.cdf(math.log(8000 / m) / 0.5) - stats.norm.cdf(math.log(4000 / m) / 0.5)
        for name, m in (("once", 1000), ("twice", 2000))
    }
    odds = inside["once"] / (3 * inside["twice"])
    expected = 0.5 * odds / (1 + odds)
    row = one(found, "readings", reading={"scope": "once", "sense": "product"})
    assert abs(row["weight_given"] - expected) < 4 * row["weight_given_se"]
    # The held reading stays where it is, and where it is silent the range says nothing.
    sense = {r["option"]: r["weight_given"] for r in rows(found, "options", axis="sense")}
    assert sense == pytest.approx({"product": 0.5, "none": 0.5})
    silent = one(found, "readings", reading={"scope": "once", "sense": "none"})
    assert silent["status"] == "says nothing of it"
    assert silent["surprise_low"] is None
    assert not rows(found, "least_surprising", reading={"scope": "once", "sense": "none"})


def test_over_readings_the_least_surprise_counts_their_weights(
    ambiguous: tuple[Model, Any],
) -> None:
    found = est.inverse(ambiguous[1], "total", (4000, 8000))
    mixture = one(found, "readings", reading=None)
    # Joint density of reading and unknowns: twice is 3 times as heavy, and nearer.
    assert mixture["surprise_low"] == pytest.approx(math.log(2) / 0.5, abs=0.01)
    assert mixture["under_low"] == "twice, product"


def test_the_figures_and_the_report_are_drawn(ambiguous: tuple[Model, Any]) -> None:
    found = est.inverse(ambiguous[1], "total", (4000, 8000))
    assert inverse_figure(found) is not None
    drawn = break_even(found, ambiguous[1])
    assert drawn is not None
    words = [text.get_text() for text in drawn.texts]
    assert set(words) >= {"8,000"}
    text = full_text(found)
    assert "under this reading nothing is said of it" in text
    assert "held" in text
    assert set(found.tables) >= {"readings", "least_surprising", "alone", "given_range", "lines"}
    assert Inverse.read(found.document).document == found.document


def test_what_is_told_by_edge_stands_in_the_document_under_names_of_its_own(
    ambiguous: tuple[Model, Any],
) -> None:
    found = est.inverse(ambiguous[1], "total", (None, 8000))
    row = one(found, "readings", reading=None)
    assert row["surprise_high"] == found.readings[-1].surprise["high"]
    assert (row["above_high"], row["above_high_se"]) == found.readings[-1].above["high"]
    assert not {"surprise_low", "surprise", "above_low"} & set(row)
    silent = one(found, "readings", reading={"scope": "once", "sense": "none"})
    assert silent["surprise_high"] is None  # asked about, and nothing found
    properties = Inverse.schema()["properties"]["readings"]["items"]["properties"]
    assert set(row) <= set(properties)
    assert Inverse.read(found.document) == Inverse.read(json.loads(found.to_json()))


# Edges of what can be asked -----------------------------------------------------------------


def test_an_edge_inside_the_posterior_is_no_surprise(product: tuple[Model, Any]) -> None:
    found = est.inverse(product[1], between=(900, 1100))
    reading = one(found, "readings")
    assert reading["surprise_low"] < 0.25
    assert reading["surprise_centre"] < 0.05
    assert found.sentence.startswith("Nothing would have to change")


def test_surprise_grows_with_the_distance(product: tuple[Model, Any]) -> None:
    far = [
        one(est.inverse(product[1], between=(level, level)), "readings")["surprise_at"]
        for level in (1000, 3000, 1e6)
    ]
    assert far == sorted(far)
    assert far[0] < 1e-3
    assert far[-1] == pytest.approx(math.log(1000) / 0.5, abs=1e-3)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("formula", ["a - a", "a / b"])
def test_a_target_that_stands_still_or_has_a_pole_is_told_of_in_words(
    tmp_path: Path, formula: str
) -> None:
    """Nothing moves the first; the second runs off to infinity where b is 0."""
    model = build(
        tmp_path / "m",
        quantities={"a": "1 to 10", "b": {"prior": "-10 to 10", "support": "real"}},
        relations={"t": formula},
        says={"c": "around 5", "e": "0 ± 0.5"},
        claims={"c": "a", "e": "b"},
        targets=["t"],
    )
    fit = est.fit(model, seed=1, sampling=Sampling(draws=250, tune=200))
    found = est.inverse(fit, "t", between=(2, 20))
    document = found.document
    named = {row["quantity"] for row in [*document["least_surprising"], *document["alone"]]}
    assert named <= set(document["quantities"])
    assert any(row["possible"] for row in document["alone"]) is (formula == "a / b")
    assert "possible" in full_text(found)


def test_a_share_cannot_do_it_alone(tmp_path: Path) -> None:
    model = build(
        tmp_path / "share",
        quantities={
            "people": {"unit": "person", "prior": "800 to 1,250"},
            "half": {"unit": "share", "prior": "40 to 60 %"},
            "known": {"unit": "person", "value": "5 people"},
        },
        relations={"some": {"unit": "person", "is": "people * half + known"}},
        says={},
        claims={},
        targets=["some"],
    )
    found = est.inverse(est.fit(model, sampling=SHORT), between=(1500, None))
    half = one(found, "alone", quantity="half")
    assert not half["possible"]
    assert half["value"] is None
    assert half["closest"] == pytest.approx(1005, rel=0.03)
    assert one(found, "alone", quantity="people")["possible"]
    assert not rows(found, "least_surprising", quantity="known")
    assert one(found, "least_surprising", quantity="half")["value"] > 0.5


def test_a_target_that_may_be_negative_takes_the_mean_as_centre(tmp_path: Path) -> None:
    model = build(
        tmp_path / "difference",
        quantities={
            "a": {"support": "real", "prior": "-2 to 4"},
            "b": {"support": "real", "prior": "-1 to 3"},
        },
        relations={"net": "a - b"},
        says={},
        claims={},
        targets=["net"],
    )
    found = est.inverse(est.fit(model, sampling=SHORT), between=(-6, 0))
    assert found.document["levels"] == {"low": -6, "centre": -3, "high": 0}
    sds = np.array([3.0, 2.0]) / Z90
    assert one(found, "readings")["surprise_low"] == pytest.approx(
        6 / np.linalg.norm(sds), abs=1e-3
    )
    expression = est.inverse(est.fit(model, sampling=SHORT), "a - 2 * b", (1, 3))
    assert expression.document["target"] == "a - 2 * b"


def test_a_hierarchy_moves_as_a_whole(tmp_path: Path) -> None:
    model = build(
        tmp_path / "hierarchy",
        quantities={
            "mu": {"support": "real", "prior": "-3 to 3"},
            "tau": {"prior": "HalfNormal(sigma=1)"},
            **{f"s{i}": {"prior": "Normal(mu=mu, sigma=tau)"} for i in range(4)},
        },
        relations={"mean": "(s0 + s1 + s2 + s3) / 4"},
        says={f"c{i}": f"{i - 1} ± 0.8" for i in range(4)},
        claims={f"c{i}": f"s{i}" for i in range(4)},
        targets=["mean"],
    )
    found = est.inverse(est.fit(model, sampling=SHORT), between=(2, 3))
    reading = one(found, "readings")
    assert 2 < reading["surprise_low"] < reading["surprise_high"]
    moved = [
        one(found, "least_surprising", edge="low", quantity=f"s{i}")["moved_sd"] for i in range(4)
    ]
    assert min(moved) > 0.5
    assert found.converged


def test_a_range_beyond_the_support_of_one_reading(tmp_path: Path) -> None:
    model = build(
        tmp_path / "bounded",
        quantities={"s": {"unit": "share", "prior": "20 to 60 %"}},
        relations={"answer": {"by": "sense", "plain": "s", "double": "2 * s"}},
        readings={
            "sense": {
                "plain": {"weight": 1, "because": "-"},
                "double": {"weight": 1, "because": "-"},
            }
        },
        says={},
        claims={},
        targets=["answer"],
    )
    found = est.inverse(est.fit(model, sampling=SHORT), between=(1.2, 1.6))
    plain = one(found, "readings", reading={"sense": "plain"})
    assert plain["surprise_low"] is None
    assert plain["weight_given"] == 0
    assert one(found, "readings", reading={"sense": "double"})["weight_given"] == pytest.approx(1)
    assert "no values of the quantities" in full_text(found)
    assert inverse_figure(found) is not None


@pytest.mark.parametrize(
    ("target", "between", "says"),
    [
        ("totl", (1, 2), "did you mean 'total'?"),
        ("x", None, "nothing is cited about 'x'"),
        ("total", (5, 2), "is empty"),
        ("total", (-5, -2), "never at"),
        ("total", (None, None), "open on both sides"),
        ("total", (0, None), "always lies"),
        ("total", (math.nan, 3), "give a number"),
        ("x +", (1, 2), "target"),
    ],
)
def test_bad_questions_are_refused(
    product: tuple[Model, Any], target: str, between: Any, says: str
) -> None:
    with pytest.raises(InputError, match=says.replace("?", r"\?")):
        est.inverse(product[1], target, between)


# The command -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    save(
        folder / "models" / "small",
        {
            "sources": {"s": {"title": "-"}},
            "claims": {"cited": {"source": "s", "quote": "-", "says": "100 to 200"}},
        },
        {
            "evidence": "evidence.yaml",
            "quantities": {"x": {"prior": "5 to 20"}, "y": {"prior": "2 to 8"}},
            "relations": {"total": "x * y"},
            "compare": {"cited": "total"},
            "targets": ["total"],
        },
    )
    return folder


def run(root: Path, *words: str) -> Any:
    return CliRunner().invoke(app, ["inverse", "small", "--root", str(root), *words])


def test_the_command_writes_document_and_figures(root: Path) -> None:
    said = run(root)
    assert said.exit_code == 0, said.output
    assert "How surprising it would be" in said.output
    assert max(map(len, said.stdout.splitlines())) <= 100
    where = root / "results" / "small"
    document = json.loads((where / "inverse.json").read_text())
    assert (document["low"], document["high"], document["claim"]) == (100, 200, "cited")
    for name in ("inverse.png", "inverse.svg", "inverse-break-even.png"):
        assert (where / "figures" / name).stat().st_size > 1000
    as_json = run(root, "--json")
    assert json.loads(as_json.stdout) == document


def test_the_command_takes_a_value_or_an_open_side(root: Path) -> None:
    at = json.loads(run(root, "--at", "90", "--json").output)
    assert list(at["levels"]) == ["at"]
    one_sided = json.loads(run(root, "--between", "90", "inf", "--json").output)
    assert list(one_sided["levels"]) == ["low"]
    assert one_sided["high"] is None


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--target", "z", "--at", "3"), "unknown target 'z'"),
        (("--at", "3", "--between", "1", "2"), "exclude each other"),
        (("--target", "x"), "nothing is cited"),
        (("--between", "3", "1"), "did you mean 1 to 3?"),
    ],
)
def test_the_command_refuses_bad_input(root: Path, words: tuple[str, ...], says: str) -> None:
    said = run(root, *words)
    assert said.exit_code == 2
    assert says in said.output
