"""Panels beside what is known of them: Kalman filters, bridges, stocks, hierarchies by hand.

With a known size of steps a walk is jointly normal on its link scale, so that its posterior is in
closed form, at the dates between its labels too.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from estimates import InputError, Model, Sampling, calibrate, load
from estimates.inference.engine import Engine
from estimates.inference.forward import points_of
from estimates.inference.question import Condition
from estimates.language.expression import MATH_OPS, NUMPY_OPS, evaluate, names
from estimates.model.dates import Date
from estimates.model.io import load_json

from .building import build
from .gaussian import Gaussian
from .panel_model import everything
from .tolerance import agree, near

Array = NDArray[np.float64]
Z = 1.6448536269514722  # of the 95 % point


def panel(folder: Path, **parts: Any) -> Model:
    """A model of the second format."""
    return build(folder, **{"format": 2, "says": {}, "claims": {}, **parts})


def years(text: str) -> float:
    date = Date.of(text)
    assert date is not None
    return date.years


def brownian(a: float, b: float, at: float) -> float:
    """The covariance of a Brownian path that starts, both ways, at a date."""
    a, b = a - at, b - at
    return min(abs(a), abs(b)) if a * b > 0 else 0.0


# A walk, against the closed form and a Kalman filter --------------------------------------------

DATES = ("2010", "2012", "2014", "2015", "2019")
SAID = {
    "before": ("2009-03", 80, 0.10),
    "first": ("2010", 120, 0.30),
    "between": ("2012-11-20", 150, 0.05),
    "later": ("2013-05", 90, 0.20),
    "label": ("2015", 200, 0.15),
    "beyond": ("2020-06-30", 260, 0.25),
}
STEP, LOW, HIGH, AT = 0.25, 50.0, 400.0, "2014"


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return panel(
        tmp_path_factory.mktemp("walk"),
        dimensions={"year": {"time": list(DATES)}},
        quantities={
            "x": {
                "over": "year",
                "unit": "person",
                "prior": f"{LOW} to {HIGH}",
                "walk": {"along": "year", "by": "25 %", "at": AT},
            }
        },
        says={
            name: {"says": f"{value} people", "when": when, "sigma": width}
            for name, (when, value, width) in SAID.items()
        },
        claims=dict.fromkeys(SAID, "x"),
        targets=["x"],
    )


def walked() -> tuple[list[str], Gaussian]:
    """All dates, and the joint posterior of log x at them."""
    at, dates = years(AT), list(dict.fromkeys([*DATES, *(when for when, _, _ in SAID.values())]))
    mean, sd = math.log(LOW * HIGH) / 2, math.log(HIGH / LOW) / 2 / Z
    covariance = [
        [sd**2 + STEP**2 * brownian(years(a), years(b), at) for b in dates] for a in dates
    ]
    design = np.array([[float(when == date) for date in dates] for when, _, _ in SAID.values()])
    y = np.log([value for _, value, _ in SAID.values()])
    noise = np.array([width**2 for _, _, width in SAID.values()])
    prior = Gaussian(np.full(len(dates), mean), np.array(covariance))
    return dates, prior.given(design, y, noise)[0]


def test_a_walk_is_its_closed_form(walk: Model) -> None:
    dates, truth = walked()
    engine = Engine(walk, seed=1)
    answer = engine.ask(Condition({}, engine.evidence_ids), Sampling(draws=1000))
    values = engine.values(answer.draws.points, {})
    assert answer.check.passed
    for place, date in enumerate(dates):
        agree(date, np.log(values[f"x.{date}"]), truth.of(np.eye(len(dates))[place]))


def test_the_closed_form_is_a_kalman_smoother() -> None:
    """A filter along each way, and Rauch, Tung & Striebel's way back to the middle."""
    dates, truth = walked()
    order = sorted(range(len(dates)), key=lambda i: years(dates[i]))
    mean, sd = math.log(LOW * HIGH) / 2, math.log(HIGH / LOW) / 2 / Z
    said = {when: (math.log(value), width**2) for when, value, width in SAID.values()}
    # From the middle, where the prior holds, two paths that know nothing of each other.
    middle = order.index(dates.index(AT))
    forward = _filtered([dates[i] for i in order[middle:]], said, mean, sd**2)
    backward = _filtered([dates[i] for i in order[: middle + 1]][::-1], said, mean, sd**2)
    # Both hold the prior of the middle, one of them once too often; nothing is said at it.
    precision = 1 / forward[0][1] + 1 / backward[0][1] - 1 / sd**2
    found = forward[0][0] / forward[0][1] + backward[0][0] / backward[0][1] - mean / sd**2
    place = np.eye(len(dates))[dates.index(AT)]
    assert found / precision == pytest.approx(float(place @ truth.mean))
    assert 1 / precision == pytest.approx(float(place @ truth.covariance @ place))


def _filtered(
    dates: list[str], said: dict[str, tuple[float, float]], mean: float, variance: float
) -> list[tuple[float, float]]:
    """The smoothed mean and variance at each date of a path that starts at the first."""
    predicted, updated = [], []
    for i, date in enumerate(dates):
        if i:
            variance += STEP**2 * abs(years(date) - years(dates[i - 1]))
        predicted.append((mean, variance))
        if date in said:
            y, noise = said[date]
            gain = variance / (variance + noise)
            mean, variance = mean + gain * (y - mean), (1 - gain) * variance
        updated.append((mean, variance))
    smooth = [updated[-1]]
    for i in range(len(dates) - 2, -1, -1):
        gain = updated[i][1] / predicted[i + 1][1]
        m = updated[i][0] + gain * (smooth[0][0] - predicted[i + 1][0])
        v = updated[i][1] + gain**2 * (smooth[0][1] - predicted[i + 1][1])
        smooth.insert(0, (m, v))
    return smooth


# Two paths that go together ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Two countries whose steps are correlated, with claims about each between the labels."""
    return panel(
        tmp_path_factory.mktemp("together"),
        dimensions={"country": ["north", "south"], "year": {"time": [2010, 2013, 2014]}},
        quantities={
            "x": {
                "over": ["country", "year"],
                "unit": "share",
                "prior": {"north": "10 to 40 %", "else": "30 to 70 %"},
                "walk": {"along": "year", "by": "30 %", "at": 2013, "together": {"country": 0.6}},
            }
        },
        says={
            f"{country}-{when}": {"says": "30 %", "when": when}
            for country, dates in {
                "north": ["2011", "2012", "2013-09", "2014-12"],
                "south": ["2011-04", "2012", "2009", "2014-12"],
            }.items()
            for when in dates
        },
        claims={
            f"{country}-{when}": f"x.{country}"
            for country, dates in {
                "north": ["2011", "2012", "2013-09", "2014-12"],
                "south": ["2011-04", "2012", "2009", "2014-12"],
            }.items()
            for when in dates
        },
        targets=["x.north", "x.south"],
    )


def _linked(model: Model, points: Array) -> dict[str, Array]:
    """Log-odds of every cell at points (row, dimension)."""
    engine = Engine(model, seed=1)
    values = engine.values(points[None], model.combinations()[0].choice)
    return {
        name: np.log(values[name][0]) - np.log1p(-values[name][0])
        for name in values
        if name.startswith(("x.north", "x.south"))
    }


def test_paths_that_go_together_have_their_covariance(together: Model) -> None:
    """The map from steps to cells is linear: its covariance is exact, without a draw."""
    engine = Engine(together, seed=1)
    size = engine.layout.size
    points = np.vstack([np.zeros(size), np.eye(size)])
    linked = _linked(together, points)
    rows = {name: values[1:] - values[0] for name, values in linked.items()}
    sd = {
        "north": _sd(0.1, 0.4),
        "south": _sd(0.3, 0.7),
    }
    cells = [name for name in rows if name.count(".") == 2]
    assert {name.split(".", 2)[2] for name in cells} >= {"2011", "2012", "2009", "2014-12"}
    for a in cells:
        for b in cells:
            (_, one, when), (_, other, then) = (name.split(".", 2) for name in (a, b))
            shared = brownian(years(when), years(then), years("2013"))
            expected = 0.3**2 * shared * (1.0 if one == other else 0.6)
            expected += sd[one] ** 2 if one == other else 0.0
            assert float(rows[a] @ rows[b]) == pytest.approx(expected, abs=1e-9), (a, b)


def _sd(low: float, high: float) -> float:
    odds = [math.log(p / (1 - p)) for p in (low, high)]
    return (odds[1] - odds[0]) / 2 / Z


def test_the_map_says_what_the_priors_of_the_cells_say(together: Model) -> None:
    """A cell's own prior, given the others, is where the map puts it."""
    engine = Engine(together, seed=1)
    points = np.random.default_rng(2).standard_normal((5, engine.layout.size))
    values = {k: v[0] for k, v in engine.values(points[None], {}).items()}
    basic = {name: values[name] for name in together.quantities}
    again = points_of(engine.steps, basic, engine.layout.errors)
    np.testing.assert_allclose(again, points, atol=1e-8)


def test_compiled_and_drawn_alike(together: Model) -> None:
    """The machine code and NumPy agree on the claims' densities, about the cells at dates too."""
    engine = Engine(together, seed=1)
    active = engine.evidence_ids
    points = 0.5 * np.random.default_rng(3).standard_normal((20, engine.layout.size))
    said = engine.posed(Condition({}, active)).logp(points)
    prior = engine.posed(Condition({}, frozenset())).logp(points)
    found = engine.log_likelihood(points[None], Condition({}, active))[0]
    np.testing.assert_allclose(said - prior, found - (found - (said - prior)).mean(), atol=1e-6)


# Hierarchies, correlations ----------------------------------------------------------------------


def test_alike_is_the_hierarchy_written_by_hand(tmp_path: Path) -> None:
    pooled = panel(
        tmp_path / "alike",
        dimensions={"country": ["a", "b", "c"]},
        quantities={
            "x": {
                "over": "country",
                "unit": "USD",
                "prior": "50 to 2,000",
                "alike": {"along": "country", "within": "10 to 90 %"},
            }
        },
        says={"one": "300 USD", "two": "500 USD"},
        claims={"one": "x.a", "two": "x.b"},
        targets=["x"],
    )
    hand = build(
        tmp_path / "hand",
        quantities={
            "centre": "50 to 2,000",
            "within": "10 to 90 %",
            **{f"x_{c}": {"prior": "LogNormal(mu=log(centre), sigma=within)"} for c in "abc"},
        },
        says={"one": "300", "two": "500"},
        claims={"one": "x_a", "two": "x_b"},
    )
    points = np.random.default_rng(1).standard_normal((50, 5))
    ours, theirs = (_density(model, points) for model in (pooled, hand))
    np.testing.assert_allclose(ours - ours[0], theirs - theirs[0], rtol=1e-9)


def _density(model: Model, points: Array) -> Array:
    """The joint log density where the basic quantities lie as they do at latents in their order."""
    engine = Engine(model, seed=1)
    return engine.posed(Condition({}, engine.evidence_ids)).logp(points)


@pytest.mark.parametrize("rho", ["0.6", "-0.5 to 0.7", "0.2 to 0.8"])
def test_correlated_quantities_are(tmp_path: Path, rho: str) -> None:
    model = panel(
        tmp_path,
        dimensions={"country": ["a", "b"]},
        quantities={
            "x": {"over": "country", "unit": "share", "prior": "10 to 60 %"},
            "y": {
                "over": "country",
                "unit": "USD",
                "prior": "20 to 900",
                "correlated": {"with": "x", "rho": rho},
            },
        },
        targets=["y"],
    )
    engine = Engine(model, seed=1)
    points = engine.prior_points(200_000, "a test")
    values = {k: v[0] for k, v in engine.values(points[None], {}).items()}
    x, y = values["x.a"], np.log(values["y.a"])
    x = np.log(x / (1 - x))
    # y is, on its own, what its interval says.
    low, high = math.log(20), math.log(900)
    near("mean", y.mean(), y.std() / len(y) ** 0.5, (low + high) / 2)
    near("sd", y.std(), y.std() / (2 * len(y)) ** 0.5, (high - low) / 2 / Z)
    r = (x - x.mean()) / x.std() * (y - y.mean()) / y.std()
    true = 0.6 if rho == "0.6" else float(np.mean(_rho(values)))
    near("correlation", r.mean(), r.std() / len(r) ** 0.5, true, 2e-3)


def _rho(values: dict[str, Array]) -> Array:
    return 2 * values["y.rho.share"] - 1 if "y.rho.share" in values else values["y.rho"]


# Stocks -----------------------------------------------------------------------------------------


def _at(model: Model, name: str, **given: float) -> float:
    """The value of a name where basic quantities have these values, constants their own."""
    expression = model.resolve(name, {})
    assert expression is not None
    known = {one: getattr(model.quantities[one].prior, "value", None) for one in names(expression)}
    return float(evaluate(expression, {**known, **given}, MATH_OPS))


@pytest.mark.parametrize("leave", ["exponential", "term"])
def test_a_stock_is_its_recursion(tmp_path: Path, leave: str) -> None:
    labels = [2010, 2012, 2013, 2016]
    model = panel(
        tmp_path,
        dimensions={"year": {"time": labels}},
        quantities={
            "w0": {"unit": "person", "prior": "50 to 2,000"},
            "stay": {"unit": "year", "prior": "1 to 6"},
            "inflow": {"over": "year", "unit": "person/year", "prior": "5 to 900"},
            "x": {
                "over": "year",
                "unit": "person",
                "stock": {"first": "w0", "inflow": "inflow", "stay": "stay", "leave": leave},
            },
        },
        says={"one": {"says": "300 people", "when": 2014}},
        claims={"one": "x"},
        targets=["x"],
    )
    first, stay, came = 700.0, 2.5, {2010: 10.0, 2012: 200.0, 2013: 50.0, 2016: 120.0}
    given = {"w0": first, "stay": stay, **{f"inflow.{y}": came[y] for y in labels}}
    for when in (*labels, 2014):
        assert _at(model, f"x.{when}", **given) == pytest.approx(
            _stock(leave, when, first, stay, came)
        )


def _stock(leave: str, when: int, first: float, stay: float, came: dict[int, float]) -> float:
    """By brute force: in steps of a thousandth of a year, everyone by the day they came."""
    start, step = 2010, 1e-3
    moments = np.arange(start + step / 2, when, step)
    labels = sorted(came)
    rate = np.array([came[next((y for y in labels if y >= t), labels[-1])] for t in moments])
    age = when - moments
    if leave == "exponential":
        gone = math.exp(-(when - start) / stay)
        return first * gone + float(np.sum(rate * np.exp(-age / stay)) * step)
    left = max(0.0, 1 - (when - start) / stay)
    return first * left + float(np.sum(rate * (age < stay)) * step)


def test_what_follows_from_the_date_before(tmp_path: Path) -> None:
    model = panel(
        tmp_path,
        dimensions={"year": {"time": [2010, 2011, 2012]}},
        quantities={"x0": "10 to 1,000", "growth": "0.8 to 1.4"},
        relations={"x": {"first": "x0", "then": "previous(x) * growth + 5"}},
        targets=["x"],
    )
    found = _at(model, "x.2012", x0=100.0, growth=1.1)
    assert found == pytest.approx((100 * 1.1 + 5) * 1.1 + 5)


# Spans, unknown dates, directions, rates --------------------------------------------------------


def _value_of(model: Model, claim: str, values: dict[str, Array]) -> Array:
    use = next(use for use in model.uses if use.id == claim)
    expression = model.resolve(use.value, {})
    assert expression is not None
    return np.asarray(evaluate(expression, values, NUMPY_OPS))


def test_dates_spans_and_directions(tmp_path: Path) -> None:
    model = panel(
        tmp_path,
        dimensions={"year": {"time": [2010, 2014, 2016]}},
        currencies={"CNY": {2012: "0.16 USD", 2016: "0.14 USD"}},
        quantities={
            "x": {
                "over": "year",
                "unit": "USD",
                "prior": "50 to 400",
                "walk": {"along": "year", "by": "40 %"},
            }
        },
        says={
            "span": {"says": "100 USD", "when": "2012 to 2016"},
            "some": {"says": "100 USD", "when": "some time in 2012 to 2016"},
            "falls": {"says": "shrinking", "when": "2013"},
            "early": {"says": "1,000 CNY", "when": "2012"},
            "late": {"says": "1,000 CNY", "when": "2017"},
        },
        claims=dict.fromkeys(("span", "some", "falls", "early", "late"), "x"),
        targets=["x"],
    )
    engine = Engine(model, seed=1)
    points = engine.prior_points(100_000, "a test")
    values = {k: v[0] for k, v in engine.values(points[None], {}).items()}
    x = {when: values[f"x.{when}"] for when in ("2012", "2014", "2016")}
    mean = (x["2012"] + 2 * x["2014"] + x["2016"]) / 4
    np.testing.assert_allclose(_value_of(model, "span", values), mean)
    growth = np.log(x["2014"] / values["x.2010"]) / 4
    np.testing.assert_allclose(_value_of(model, "falls", values), growth)
    # The currency of a claim is worth what it was at its date.
    np.testing.assert_allclose(_value_of(model, "early", values), x["2012"] / 0.16)
    np.testing.assert_allclose(_value_of(model, "late", values), values["x.2017"] / 0.14)
    # At a date evenly likely over a span: a bridge, whose variance there averages to a sixth of
    # each step between known values.
    some = np.log(_value_of(model, "some", values))
    u = next(v for k, v in values.items() if k.endswith(".when"))
    assert (u.min(), u.max()) == (pytest.approx(0, abs=1e-3), pytest.approx(1, abs=1e-3))
    dates = ["2012-01-01", "2014", "2016", "2016-12-31"]
    at = np.array([years(date) for date in dates])
    ends = np.log(np.stack([values[f"x.{date}"] for date in dates]))
    when = at[0] + u * (at[-1] - at[0])
    left = np.clip(np.searchsorted(at, when) - 1, 0, len(at) - 2)
    share = (when - at[left]) / np.diff(at)[left]
    rows = np.arange(len(u))
    straight = ends[left, rows] * (1 - share) + ends[left + 1, rows] * share
    by = values["x.by"] if "x.by" in values else np.full(len(u), 0.4)
    off = (some - straight) / by
    true = float(np.sum(np.diff(at) ** 2) / 6 / (at[-1] - at[0]))
    near("bridge", np.mean(off**2), np.std(off**2) / len(u) ** 0.5, true)
    near("bridge", np.mean(off), np.std(off) / len(u) ** 0.5, 0.0)


# What is refused, and where ---------------------------------------------------------------------

BROKEN = {
    "over": (
        {"claims": {"one": "x"}},
        "'x' is over country and year, 'one' gives no country: say x.a or sum(x, country)",
    ),
    "label": ({"claims": {"one": "x.aa"}}, "unknown label 'aa' of country and year"),
    "when": ({"says": {"one": "100 people"}}, "claim 'one' has no when:, and x.a is over year"),
    "far": ({"says": {"one": {"says": "100 people", "when": "1990"}}}, "more than a step outside"),
    "twice": (
        {"dimensions": {"country": ["a", "b"], "kind": ["a"], "year": {"time": [2010, 2012]}}},
        "label 'a' is in both 'country' and 'kind': rename one",
    ),
    "prior": (
        {"prior": {"a": "1 to 5"}},
        "prior of 'x' has no interval for 'b'; give it, or else: …",
    ),
    "sum": ({"targets": ["sum(x.a, country)"]}, "not over country"),
    "dimension": ({"targets": ["sum(x, region)"]}, "'region' is no dimension"),
    "span": ({"targets": ["mean(x, country, 2010 to 2012)"]}, "is a span of time"),
    "time": ({"walk": {"along": "country", "by": "10 %"}}, "which is no time"),
    "named": ({"prior": "HalfNormal(sigma=3)"}, "linked cells, so its prior is an interval"),
    "rho": ({"walk": {"along": "year", "by": "1 %", "together": {"country": 2}}}, "correlation"),
    "except": ({"targets": ["sum(x, country except c)"]}, "unknown label 'c' of country"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_cannot_be_is_refused_in_a_sentence(tmp_path: Path, case: str) -> None:
    changes, sentence = BROKEN[case]
    quantity = {
        "over": ["country", "year"],
        "unit": "person",
        "prior": "10 to 1,000",
        "walk": {"along": "year", "by": "20 %"},
        **{key: one for key, one in changes.items() if key in ("prior", "walk")},
    }
    parts: dict[str, Any] = {
        "dimensions": {"country": ["a", "b"], "year": {"time": [2010, 2012]}},
        "says": {"one": {"says": "100 people", "when": "2011"}},
        "claims": {"one": "x.a"},
        "targets": ["sum(x, country)"],
        **{key: one for key, one in changes.items() if key not in ("prior", "walk")},
    }
    with pytest.raises(InputError) as caught:
        panel(tmp_path, quantities={"x": quantity}, **parts)
    (fault,) = caught.value.faults
    assert sentence in fault.message
    assert fault.place is not None
    assert fault.place.line is not None


def test_a_panel_is_written_and_read_back(tmp_path: Path, together: Model, walk: Model) -> None:
    for number, model in enumerate((together, walk)):
        assert load_json(model.to_json()) == model
        folder = model.to_yaml(tmp_path / str(number))
        assert load(folder) == model


# Everything at once -----------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("simulations", [24, 500])
def test_a_panel_with_everything_is_calibrated(simulations: int) -> None:
    """Simulated truths have the ranks that they should have among the draws."""
    assert calibrate(everything(), simulations, seed=5).calibrated
