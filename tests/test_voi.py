"""The value of information against closed forms, quadrature and what must hold of any model."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from matplotlib.figure import Figure
from scipy import stats
from tests.truth.building import build
from tests.truth.tolerance import near
from threadpoolctl import threadpool_limits

import estimates as est
from estimates import by_reading
from estimates.analysis.voi.checks import monotonicity
from estimates.analysis.voi.evppi import Worth
from estimates.analysis.voi.parameters import Fact
from estimates.analysis.voi.result import FactRow, Judged, Spread, ValueOfInformation
from estimates.analysis.voi.sample import Effect, Sample
from estimates.analysis.voi.sentences import sentence_of
from estimates.cli.app import app
from estimates.errors import InputError, NotConverged
from estimates.plots import voi as worth_figure
from estimates.stats.spline_regression import normal_scores, regress

#: So many digits that rounding adds nothing to a width.
GAUSS_SAYS = {"sum": {"says": "5.0000", "sigma": 0.5}, "c-says": {"says": "1.0000", "sigma": 1.0}}


def fact(found: ValueOfInformation, name: str, kind: str | None = None) -> Mapping[str, Any]:
    rows = [
        row
        for row in found.document["facts"]
        if row["name"] == name and kind in (None, row["kind"])
    ]
    assert len(rows) == 1, f"{len(rows)} rows of {name}"
    return dict(rows[0])


def share_is(found: ValueOfInformation, name: str, true: float) -> None:
    row = fact(found, name)
    near(f"share of {name}", row["share"], row["share_se"], true)


def with_draws(fit: xr.DataTree, **drawn: Any) -> xr.DataTree:
    """A fit of one reading with other draws (reading, chain, draw) in the place of its own."""
    draws = next(iter(drawn.values())).shape[-1]
    values = fit["posterior"].to_dataset().isel(draw=slice(draws))
    drawn_anew = values.assign(
        {name: (values[name].dims, one[0], values[name].attrs) for name, one in drawn.items()}
    )
    made = xr.DataTree.from_dict(
        {"readings": fit["readings"].to_dataset(), "posterior": drawn_anew}
    )
    made.attrs = dict(fit.attrs)
    return made


@pytest.fixture(scope="module")
def gaussian(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """Three normal unknowns, two of them dependent given a claim on their sum."""
    model = build(
        tmp_path_factory.mktemp("gaussian"),
        quantities={
            "a": {"prior": "Normal(mu=2, sigma=2)"},
            "b": {"prior": "Normal(mu=1, sigma=1)"},
            "c": {"prior": "Normal(mu=0, sigma=1.5)"},
            "idle": {"prior": "Normal(mu=0, sigma=1)"},
            "known": {"value": "3"},
        },
        relations={"t": "2 * a - b + c"},
        says=GAUSS_SAYS,
        claims={"sum": {"about": "a + b", "scale": "identity"},
                "c-says": {"about": "c", "scale": "identity"}},
        targets=["t"],
    )  # fmt: skip
    return est.fit(model, seed=3)


def gaussian_truth() -> tuple[np.ndarray, np.ndarray]:
    """Posterior mean and covariance of (a, b, c), by hand."""
    prior = np.diag([1 / 4, 1.0, 1 / 2.25])
    rows = np.array([[1, 1, 0], [0, 0, 1.0]])
    noise = np.diag([1 / 0.25, 1.0])
    covariance = np.linalg.inv(prior + rows.T @ noise @ rows)
    mean = covariance @ (prior @ [2, 1, 0] + rows.T @ noise @ [5, 1])
    return mean, covariance


def explained(covariance: np.ndarray, of: np.ndarray, known: list[int]) -> float:
    """Squared multiple correlation of a linear combination with some of its inputs."""
    cross = covariance[known] @ of
    part = cross @ np.linalg.solve(covariance[np.ix_(known, known)], cross)
    return float(part / (of @ covariance @ of))


WEIGHTS = np.array([2.0, -1.0, 1.0])


# Estimation --------------------------------------------------------------------------------------


def test_dependent_normals_have_the_squared_multiple_correlation(gaussian: xr.DataTree) -> None:
    found = est.voi(gaussian, groups=[["a", "c"], ["a", "b"], ["a", "b", "c"]])
    _, covariance = gaussian_truth()
    for name, known in (("a", [0]), ("b", [1]), ("c", [2]), ("a, c", [0, 2]), ("a, b", [0, 1])):
        share_is(found, name, explained(covariance, WEIGHTS, known))
    assert fact(found, "a, b, c")["share"] == pytest.approx(1, abs=1e-3)
    assert found.document["estimation"]["scale"] == "identity"
    assert found.document["decision"] is None
    idle = fact(found, "idle")
    assert abs(idle["share"]) < 4 * idle["share_se"]
    assert idle["share_se"] < 0.002
    assert not any(row["name"] == "known" for row in found.document["facts"])
    assert found.document["monotonicity"]["violations"] == []
    assert found.converged


def test_one_more_claim_brings_what_its_width_allows(gaussian: xr.DataTree) -> None:
    """Of normals: the share of knowing c, times v/(v + s²)."""
    found = fact(est.voi(gaussian), "c")
    _, covariance = gaussian_truth()
    true = explained(covariance, WEIGHTS, [2]) * covariance[2, 2] / (covariance[2, 2] + 1)
    assert found["claim"] == "c-says"
    near("a new claim on c", found["share_of_new_claim"], found["share_of_new_claim_se"], true)
    assert fact(est.voi(gaussian), "a")["share_of_new_claim"] is None


def test_ishigami(tmp_path: Path) -> None:
    """First-order indices 0.3139, 0.4424, 0, and 0.5576 of the pair (Ishigami & Homma 1990)."""
    uniform = f"Uniform(lower={-math.pi!r}, upper={math.pi!r})"
    model = build(
        tmp_path,
        quantities={f"x{i}": uniform for i in (1, 2, 3)},
        relations={"y": "sin(x1) + 7 * sin(x2)**2 + 0.1 * x3**4 * sin(x1)"},
        says={},
        claims={},
        targets=["y"],
    )
    found = est.voi(est.fit(model, seed=5), groups=[["x1", "x3"], ["x1", "x2", "x3"]])
    for name, true in (("x1", 0.3139), ("x2", 0.4424), ("x3", 0.0)):
        share_is(found, name, true)
    # A spline on a grid misses a little of sin(x)·z⁴, always on the side of too little: of 4000
    # independent draws 0.0025 (± 0.002 over draws), of three inputs on a coarser grid 0.010.
    pair = fact(found, "x1, x3")
    assert 0.5576 - 0.006 - 4 * pair["share_se"] < pair["share"] < 0.5576 + 4 * pair["share_se"]
    three = fact(found, "x1, x2, x3")["share"]
    assert 0.975 < three < 1.001


@pytest.fixture(scope="module")
def mixture(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """x, or x + 3, or (of y) nothing: weights 0.3 and 0.7, held."""
    model = build(
        tmp_path_factory.mktemp("mixture"),
        quantities={
            "x": {"prior": "Normal(mu=0, sigma=1)"},
            "z": {"prior": "Normal(mu=0, sigma=1)"},
        },
        relations={
            "t": {"by": "which", "first": "x", "second": "x + 3"},
            "y": {"by": "which", "first": "x", "second": "nothing"},
        },
        readings={
            "which": {"update": False, "first": {"weight": 3, "because": "-"},
                      "second": {"weight": 7, "because": "-"}},
            "moot": {"update": False, "yes": {"weight": 1, "because": "-"},
                     "no": {"weight": 1, "because": "-"}},
        },
        says={},
        claims={},
        targets=["t"],
    )  # fmt: skip
    return est.fit(model, seed=11)


def test_between_and_within_readings(mixture: xr.DataTree) -> None:
    found = est.voi(mixture, groups=[["x", "which"]])
    between = 9 * 0.3 * 0.7
    share_is(found, "which", between / (between + 1))
    share_is(found, "x", 1 / (between + 1))
    assert fact(found, "x, which")["share"] == pytest.approx(1, abs=1e-4)
    share_is(found, "moot", 0.0)
    share_is(found, "all readings", between / (between + 1))


def test_to_learn_that_it_is_nothing_is_to_learn_the_reading(mixture: xr.DataTree) -> None:
    """Then y says which reading holds, and under the first what x is: what is left is 0.7·1."""
    between = 9 * 0.3 * 0.7
    share_is(est.voi(mixture), "y", 1 - 0.7 / (between + 1))


def test_standard_errors_are_those_of_repetition(gaussian: xr.DataTree) -> None:
    """Autocorrelated draws of known truth: z-scores have an sd of one, for large and small shares.

    The sd of sixty z-scores is 1 ± 0.09: further off than 0.3 once in a thousand times.
    """
    rho, seeds, scores = 0.5, 60, {"a": [], "b": [], "idle": []}
    shape = (1, 4, 500)
    with threadpool_limits(1):
        for seed in range(seeds):
            rng = np.random.default_rng([7, seed])
            a, b, c, idle = (_autoregressive(rng, shape, rho) for _ in range(4))
            fit = with_draws(gaussian, a=a, b=b, c=c, idle=idle, t=2 * a + 0.5 * b + b**2 / 4 + c)
            total = 4 + 0.25 + 2 / 16 + 1
            sample = Sample.of(fit)
            values = sample.values("t")
            for name, true in (("a", 4 / total), ("b", 0.375 / total), ("idle", 0.0)):
                effect = _share(sample, values, name)
                scores[name].append((effect.value - true) / effect.se)
    for name in ("a", "b"):
        assert 0.7 < np.std(scores[name]) < 1.3, f"{name}: {np.std(scores[name]):.2f}"
        assert abs(np.mean(scores[name])) < 0.55, f"{name}: {np.mean(scores[name]):.2f}"
    # Of nothing there is no normal limit: the error may be too large, never much too small.
    assert np.sqrt(np.mean(np.square(scores["idle"]))) < 1.3


def test_pairs_and_what_is_nested_in_them_over_seeds(gaussian: xr.DataTree) -> None:
    """A linear target of dependent inputs, of which a pair and one of the pair are learned.

    The mean square of ten z-scores is 1 ± 0.45.
    """
    shape, scores = (1, 4, 250), {"ab": [], "a": []}
    truth = {"ab": 3.2 / 5.2, "a": 2.56 / 5.2}
    with threadpool_limits(1):
        for seed in range(10):
            z = np.random.default_rng([8, seed]).standard_normal((4, *shape))
            a, b, c = z[0], 0.6 * z[0] + 0.8 * z[1], z[2]
            sample = Sample.of(with_draws(gaussian, a=a, b=b, c=c, t=a + b + c + z[3]))
            for names, found in scores.items():
                effect = _share(sample, sample.values("t"), *names)
                found.append((effect.value - truth[names]) / effect.se)
    for names, found in scores.items():
        assert 0.1 < np.mean(np.square(found)) < 3.2, f"{names}: {np.round(found, 1)}"


def test_a_corner_without_points_spoils_nothing() -> None:
    """A fit to one fold reaches thirty times the response's sd where the fold has no points."""
    rng = np.random.default_rng([8, 15])
    x = rng.uniform(-math.pi, math.pi, (3, 4 * 300))
    known = np.sin(x[0]) * (1 + 0.1 * x[2] ** 4)
    y = known + 7 * np.sin(x[1]) ** 2
    found = regress(x[[0, 2]], y[None], np.ones(len(y)), np.repeat(np.arange(4), 300))
    assert y.min() <= found.predicted.min()
    assert found.predicted.max() <= y.max()
    assert np.abs(found.squared).max() <= np.ptp(y) ** 2
    # What is left is what the other input does, and the products tell how well that is known.
    left = found.squared[0] - (y - known - 3.5) ** 2
    assert abs(left.mean()) < 5 * left.std() / math.sqrt(len(y))
    assert left.std() / math.sqrt(len(y)) < 0.05 * y.var()


def _autoregressive(rng: np.random.Generator, shape: tuple[int, ...], rho: float) -> np.ndarray:
    noise = rng.standard_normal(shape)
    found = noise.copy()
    for i in range(1, shape[-1]):
        found[..., i] = rho * found[..., i - 1] + math.sqrt(1 - rho**2) * noise[..., i]
    return found


def _share(sample: Sample, values: np.ndarray, *members: str) -> Effect:
    from estimates.analysis.voi.evppi import Question, worth

    question = Question(sample, values[None], False, False)
    name = ", ".join(members)
    return worth(question, Fact(name, "quantity", name, members=members)).shares[0]


def test_share_grows_with_what_it_explains(gaussian: xr.DataTree) -> None:
    rng = np.random.default_rng(2)
    a, c = rng.standard_normal((2, 1, 4, 500))
    shares = []
    for strength in (0, 0.5, 1, 2):
        sample = Sample.of(with_draws(gaussian, a=a, c=c, t=strength * a + c))
        shares.append(_share(sample, sample.values("t"), "a").value)
    assert shares == sorted(shares)
    assert shares[0] < 0.02 < 0.75 < shares[-1]


# The decision ------------------------------------------------------------------------------------


def test_two_actions_with_normal_benefits(gaussian: xr.DataTree) -> None:
    """s·L(|m|/s), L the unit normal loss, s the sd of E[T | X] (Raiffa & Schlaifer 1961)."""
    mean, covariance = gaussian_truth()
    centre, sd = float(WEIGHTS @ mean), math.sqrt(WEIGHTS @ covariance @ WEIGHTS)
    threshold = centre - 0.5
    found = est.voi(gaussian, threshold=threshold, loss="linear", groups=[["a", "c"]])

    def loss(s: float) -> float:
        u = 0.5 / s
        return s * (stats.norm.pdf(u) - u * stats.norm.sf(u))

    judged = found.document["decision"]
    assert judged["said"] == "above"
    near("EVPI", judged["evpi"], judged["evpi_se"], loss(sd))
    for name, known in (("a", [0]), ("c", [2]), ("a, c", [0, 2])):
        row = fact(found, name)
        true = loss(sd * math.sqrt(explained(covariance, WEIGHTS, known)))
        near(name, row["loss_spared"], row["loss_spared_se"], true)


def test_probability_of_being_wrong_by_quadrature(gaussian: xr.DataTree) -> None:
    """Losses 1 and 3: E[max(0, 3·P(T > c | X) − P(T ≤ c | X))] less what is known now."""
    mean, covariance = gaussian_truth()
    centre, sd = float(WEIGHTS @ mean), math.sqrt(WEIGHTS @ covariance @ WEIGHTS)
    threshold = centre + 0.8
    found = est.voi(gaussian, threshold=threshold, loss_false_below=3.0)
    above = stats.norm.sf(0.8 / sd)
    assert found.document["decision"]["said"] == "above"
    near("now", found.document["decision"]["evpi"], found.document["decision"]["evpi_se"],
         1 - above)  # fmt: skip
    u, du = np.linspace(-9, 9, 20001, retstep=True)
    for name, known in (("a", [0]), ("c", [2])):
        share = explained(covariance, WEIGHTS, known)
        chance = stats.norm.sf((0.8 - sd * math.sqrt(share) * u) / (sd * math.sqrt(1 - share)))
        gain = np.maximum(0, 3 * chance - (1 - chance)) * stats.norm.pdf(u)
        true = float(gain.sum() * du) - (3 * above - (1 - above))
        row = fact(found, name)
        near(name, row["loss_spared"], row["loss_spared_se"], true)


def test_a_decision_that_is_clear(gaussian: xr.DataTree) -> None:
    found = est.voi(gaussian, threshold=1e6)
    judged = found.document["decision"]
    assert judged["clear"]
    assert judged["evpi"] == 0
    assert fact(found, "a")["loss_spared"] == 0
    assert "clear already" in found.sentence
    assert found.converged


def test_threshold_is_the_low_end_of_the_cited_figure_in_the_target_s_unit(tmp_path: Path) -> None:
    model = build(
        tmp_path,
        quantities={
            "n": {"unit": "person", "prior": "500 to 20,000"},
            "pay": {"unit": "USD/person/year", "prior": "50 to 2,000"},
        },
        relations={"paid": {"unit": "kUSD/year", "is": "n * pay"}},
        says={"cited": "between 1 and 2 MUSD/year"},
        claims={},
        compare={"cited": "paid"},
        targets=["paid"],
    )  # fmt: skip
    found = est.voi(est.fit(model, seed=1))
    judged = found.document["decision"]
    assert judged["threshold"] == pytest.approx(1000)
    assert judged["claim"] == "cited"
    assert found.document["estimation"]["scale"] == "log"
    # The log of a product of independent log-normals: shares of its variance.
    logs = np.log([20_000 / 500, 2_000 / 50]) ** 2
    share_is(found, "n", logs[0] / logs.sum())
    share_is(found, "pay", logs[1] / logs.sum())
    assert fact(found, "n")["share_own"] < fact(found, "n")["share"]


# What must hold --------------------------------------------------------------------------------


def test_more_knowledge_that_is_worth_less_is_said(gaussian: xr.DataTree) -> None:
    sample = Sample.of(gaussian)
    chains, draws = sample.shape[1:]
    noise = np.random.default_rng(0).standard_normal((chains, draws))

    def worth(value: float) -> Worth:
        return Worth((Effect(value, 0.01, noise, np.zeros(1)),), None)

    one = Fact("a", "quantity", "a", members=("a",))
    two = Fact("a, b", "group", "a, b", members=("a", "b"))
    assert not monotonicity(sample, [(one, worth(0.3)), (two, worth(0.5))], None).violations
    for found in (
        [(one, worth(0.5)), (two, worth(0.3))],
        [(one, worth(-0.5))],
        [(one, worth(1.5))],
    ):
        assert len(monotonicity(sample, found, None).violations) == 1


def test_a_fit_of_noise_explains_nothing_and_ranks_share_ties() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((2, 4000))
    fold = np.repeat(np.arange(4), 1000)
    found = regress(x[None], y[None], np.ones(4000), fold)
    assert found.squared[0].mean() == pytest.approx(y.var(), rel=0.003)
    scores = normal_scores(np.array([2.0, 1.0, 2.0, 3.0]), np.ones(4))
    assert scores[0] == scores[2] == pytest.approx(0)
    assert scores[1] == pytest.approx(-scores[3])


def test_the_same_fit_gives_the_same_document_whatever_the_threads(mixture: xr.DataTree) -> None:
    documents = [est.voi(mixture, workers=est.Workers(count=count)).to_json() for count in (1, 3)]
    assert documents[0] == documents[1]


def test_no_draws_no_answer(gaussian: xr.DataTree) -> None:
    made = with_draws(gaussian, a=by_reading(gaussian)["a"].values)
    readings = made["readings"].to_dataset()
    readings["status"] = ("reading", np.array(["impossible"]))
    made["readings"] = xr.DataTree(readings)
    with pytest.raises(NotConverged, match="no reading has draws"):
        est.voi(made)


def test_nothing_to_learn_where_all_is_known(tmp_path: Path) -> None:
    model = build(
        tmp_path,
        quantities={"known": {"value": "3"}, "x": {"prior": "1 to 2"}},
        relations={"t": "known * 2"},
        says={},
        claims={},
        targets=["t", "x"],
    )
    fit = est.fit(model, seed=1)
    found = est.voi(fit, threshold=5)
    assert fact(found, "x")["share"] is None
    assert "nothing to find out" in found.sentence
    assert isinstance(worth_figure(found), Figure)
    assert fact(est.voi(fit, "x"), "t", "derived")["share"] == 0


def test_many_quantities(tmp_path: Path) -> None:
    """A sum of sixty: each removes a sixtieth of the variance, and all of them all of it."""
    names = [f"q{i}" for i in range(60)]
    model = build(
        tmp_path,
        quantities={name: {"prior": "Normal(mu=0, sigma=1)"} for name in names},
        relations={"t": " + ".join(names)},
        says={},
        claims={},
        targets=["t"],
    )
    fit = est.fit(model, seed=1, sampling=est.Sampling(draws=500, tune=100))
    found = est.voi(fit, groups=[names[:30]])
    for name in names[:10]:
        share_is(found, name, 1 / 60)
    # All of them are the target; of thirty a regression takes those that matter most.
    assert fact(found, "all quantities")["share"] == pytest.approx(1, abs=1e-3)
    some = fact(found, ", ".join(names[:30]))
    assert some["at_least"]
    assert 0.2 < some["share"] < 0.5 + 4 * some["share_se"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"target": "tt"}, "no target, quantity or relation 'tt'"),
        ({"groups": [["aa", "b"]]}, "no quantity, relation or reading 'aa' to learn"),
        ({"groups": [[]]}, "a group of nothing"),
        ({"threshold": math.nan}, "finite number"),
        ({"threshold": 1, "loss": "squared"}, "unknown loss 'squared'"),
        ({"threshold": 1, "loss_false_above": 0}, "positive number"),
    ],
)
def test_bad_questions(gaussian: xr.DataTree, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        est.voi(gaussian, **arguments)


# The command -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    build(
        root / "models" / "market",
        quantities={
            "visitors": {"unit": "person/day", "prior": "500 to 20,000"},
            "buyers": {"unit": "share", "prior": "3 to 60 %"},
            "rate": {"unit": "pretzel/person", "prior": "1 to 2.5"},
        },
        relations={
            "sold": {"unit": "pretzel/day", "by": "each", "one": "visitors * buyers * rate",
                     "dozen": "visitors * buyers * rate * 12"},
        },
        readings={"each": {"one": {"weight": 1, "because": "-"},
                           "dozen": {"weight": 1, "because": "-"}}},
        says={"visitors": "around 4,000 people/day", "cited": "up to 2,000 pretzels/day"},
        claims={"visitors": "visitors"},
        compare={"cited": "sold"},
        targets=["sold"],
    )  # fmt: skip
    return root


def run(root: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, ["voi", "market", "--root", str(root), *arguments])


@pytest.mark.usefixtures("undrawn")
def test_the_command(market: Path) -> None:
    result = run(market, "--group", "visitors, each", "--full")
    assert result.exit_code == 0, result.output
    assert "Learning whether ‘each’ means ‘one’ or ‘dozen’ would remove" in " ".join(
        result.output.split()
    )
    assert "visitors" in result.output
    assert max(map(len, result.stdout.splitlines()[:60])) <= 80
    document = json.loads((market / "results/market/voi.json").read_text())
    assert document["decision"]["threshold"] == 2000
    for kind in ("png", "svg"):
        assert (market / f"results/market/figures/voi.{kind}").is_file()


@pytest.mark.usefixtures("undrawn")
def test_the_command_as_json(market: Path) -> None:
    result = run(market, "--threshold", "1000", "--loss", "linear", "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert document["decision"]["loss_unit"] == "pretzel/day"
    assert document["sentence"]
    shares = [row["share"] for row in document["facts"]]
    assert shares == sorted(shares, reverse=True)
    assert set(ValueOfInformation.read(document).tables) == {"facts"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "solt"], "did you mean 'sold'?"),
        (["--group", "visiters"], "did you mean 'visitors'?"),
        (["--loss-false-above", "-1"], "positive number"),
    ],
)
def test_the_command_refuses(market: Path, arguments: list[str], message: str) -> None:
    result = run(market, *arguments)
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize(
    ("spared", "says"),
    [
        (0.0, "would be wrong with a probability of 0.11; no single fact would lower that."),
        (0.004, "; no single fact would lower that by much."),
        (0.05, "; learning x would lower that to 0.06."),
    ],
)
def test_what_a_fact_would_spare_is_said_only_where_it_shows(spared: float, says: str) -> None:
    decision = Judged(
        threshold=2000.0, unit="person", claim=None, loss="probability", loss_unit="",
        loss_false_above=1, loss_false_below=1, above=0.888, above_se=0.001, said="above",
        evpi=0.112, evpi_se=0.001, clear=False,
    )  # fmt: skip
    row = FactRow(
        name="x", kind="quantity", label="x", unit="", learned=("x",), at_least=False, share=0.4,
        share_se=0.01, share_own=0.4, share_own_se=0.01, loss_spared=spared, loss_spared_se=0.001,
    )  # fmt: skip
    spread = Spread(scale="log", sd=1.0, sd_own=1.0)
    sentence = sentence_of("z", spread, decision, [row])
    assert "above 2,000 people" in sentence
    assert sentence.endswith(says)


# One set of facts, one value ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def nested(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """Products and squares of four quantities, of which no claim speaks."""
    model = build(
        tmp_path_factory.mktemp("models") / "nested",
        quantities={
            "a": "Beta(alpha=2, beta=8)",
            "b": "0.2 to 5",
            "c": {"prior": "-2 to 2", "support": "real"},
            "e": "0.5 to 2",
        },
        relations={"double": "2 * a", "gain": "10*a*b - 3*a*c**2 - e"},
        says={},
        claims={},
        targets=["gain"],
    )
    return est.fit(model, seed=1, sampling=est.Sampling(draws=500, tune=100))


def test_the_same_facts_have_the_same_value(nested: xr.DataTree) -> None:
    """In any order, under any name, with what follows from them; all of them are everything."""
    groups = [
        *(["a", "c"], ["c", "a"], ["c", "double", "a"], ["a", "a", "c"]),
        *(["a", "b", "c", "e"], ["e", "double", "c", "b", "a"]),
    ]
    found = est.voi(nested, groups=groups, threshold=1.0)
    rows = [row for row in found.document["facts"] if row["kind"] == "group"]
    keys = ("share", "share_se", "share_own", "loss_spared")
    pairs = [row for row in rows if set(row["learned"]) <= {"a", "c", "double"}]
    assert len(pairs) == 4
    assert len({tuple(row[key] for key in keys) for row in pairs}) == 1
    every = [row for row in rows if "e" in row["learned"]]
    every += [row for row in found.document["facts"] if row["kind"] == "quantities"]
    assert [row["share"] for row in every] == [1.0] * 3
    evpi = found.document["decision"]["evpi"]
    assert [row["loss_spared"] for row in every] == pytest.approx([evpi] * 3, rel=1e-9)
    assert found.document["failed"] == []


@pytest.mark.parametrize("names", ["ace", pytest.param("abce", marks=pytest.mark.long)])
def test_more_is_never_worth_less(nested: xr.DataTree, names: str) -> None:
    """Of every set of quantities and each set that it is part of, in each column."""
    sets = [list(one) for size in range(2, len(names) + 1) for one in combinations(names, size)]
    found = est.voi(nested, groups=sets, threshold=1.0)
    rows = {
        frozenset(row["learned"]): row
        for row in found.document["facts"]
        if row["kind"] in ("group", "quantity")
    }
    assert len(rows) == 4 + len(sets)
    most = {"share": 1.0, "share_own": 1.0, "loss_spared": found.document["decision"]["evpi"]}
    for one, row in rows.items():
        for key in most:
            assert 0 <= row[key] <= most[key]
            for other in rows:
                assert not one < other or row[key] <= rows[other][key]
