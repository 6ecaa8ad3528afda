"""The evidence of readings and its standard error: closed forms, quadrature, brute force, SMC.

An evidence is a number that nobody can check by looking at draws, and weights of readings rest on
little else.  So it is held to truth where posteriors are normal and where they are not, where
readings are absurd, and where prior and claim have no mass in common; and its standard error is
held to what it says, over many seeds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pymc as pm
import pytest
import xarray as xr
from click.testing import CliRunner
from numpy.typing import NDArray
from scipy import stats
from scipy.special import betaln, expit, gammaln
from tests.products import mostly_long

from estimates import InputError, Model, Sampling, compare, fit, summary
from estimates.cli import app
from estimates.inference.engine import Engine
from estimates.inference.pymc_model import to_pymc
from estimates.inference.question import Condition

from . import widths as w
from .building import build, drawn
from .gaussian import Gaussian
from .quadrature import Prior, beta, interval, posterior
from .sampling import from_prior
from .tolerance import near

Array = NDArray[np.float64]
Z95 = float(stats.norm.ppf(0.95))


def evidence(fitted: xr.DataTree, number: int = 0) -> tuple[float, float]:
    """Log evidence and standard error of a reading."""
    readings = fitted["readings"]
    return tuple(
        float(readings[name].values[number]) for name in ("log_evidence", "log_evidence_se")
    )


def stated(**weights: float) -> dict[str, Any]:
    return {name: {"weight": weight, "because": "-"} for name, weight in weights.items()}


# Closed forms, and honest errors ------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A model without readings, as `build` takes it, and its log evidence."""

    quantities: dict[str, Any]
    says: dict[str, str]
    claims: dict[str, Any]
    true: float


def normals(sds: tuple[float, ...], error: float = 1.0) -> Case:
    """A chain of normal quantities, measured one by one and as sums of neighbours."""
    count = len(sds)
    measured = np.round(np.sin(np.arange(count)), 2)
    says = {f"one-{i}": f"{float(y)} ± {error}" for i, y in enumerate(measured)}
    says |= {f"sum-{i}": "0.5 ± 0.3" for i in range(count - 1)}
    claims = {f"one-{i}": f"x{i}" for i in range(count)}
    claims |= {f"sum-{i}": f"x{i} + x{i + 1}" for i in range(count - 1)}
    each = np.eye(count)
    truth = Gaussian(np.zeros(count), np.diag(np.square(sds))).given(
        np.concatenate([each, each[:-1] + each[1:]]),
        np.concatenate([measured, np.full(count - 1, 0.5)]),
        np.concatenate([np.full(count, error**2), np.full(count - 1, 0.3**2)]),
    )[1]
    quantities = {f"x{i}": f"Normal(mu=0, sigma={sd})" for i, sd in enumerate(sds)}
    return Case(quantities, says, claims, truth)


def share(a: float, b: float, successes: int, trials: int) -> Case:
    """A count of a share with a Beta prior."""
    choose = gammaln(trials + 1) - gammaln(successes + 1) - gammaln(trials - successes + 1)
    return Case(
        {"x": {"unit": "share", "prior": f"Beta(alpha={a}, beta={b})"}},
        {"count": f"{successes} of {trials}"},
        {"count": "x"},
        float(choose + betaln(a + successes, b + trials - successes) - betaln(a, b)),
    )


HALF_NORMAL = Prior("log", lambda u: stats.halfnorm.logpdf(np.exp(u)) + u, -40.0, 10.0)
CLOSED = {
    "one, sharp prior": normals((0.01,)),
    "one, even": normals((1.0,)),
    "one, vague prior": normals((1000.0,)),
    "one, sharp claim": normals((1.0,), error=0.001),
    "twenty, sharp priors": normals((0.2,) * 20),
    "twenty, vague priors": normals((1000.0,) * 20),
    "share, sharp prior": share(200, 100, 3, 10),
    "share, vague prior": share(1, 1, 3, 10),
    "share, a million trials": share(1, 1, 1, 1_000_000),
}
#: Evidences that are estimated again and again: two with normal posteriors; two of shares, one of
#: them small, of which none was seen; and one piled up at an end of its domain.
REPEATED = {
    "one": normals((1000.0,)),
    "ten": normals((0.2, 100.0) * 5),
    "share": share(2, 5, 3, 10),
    "none seen": Case(
        {"x": {"unit": "share", "prior": "0.001 to 0.5"}},
        {"count": "0 of 20"},
        {"count": "x"},
        posterior(interval(0.001, 0.5, "logit"), w.count(0, 20))[0],
    ),
    "at an end": Case(
        {"x": "HalfNormal(sigma=1)"},
        {"low": "-2 ± 0.5"},
        {"low": {"about": "x", "scale": "identity"}},
        posterior(HALF_NORMAL, w.measured(-2, 0.5))[0],
    ),
}
#: Of how many seeds, always and if there is time.
SEEDS = (16, 40)
#: Few draws, so that the errors are large and only the seed's.
FEW = Sampling(draws=500, tune=300)
#: A bound on a statistic that an honest error breaks once in ten thousand cases.
RARE = 1e-4


def load_case(folder: Path, case: Case) -> Model:
    return build(folder, quantities=case.quantities, says=case.says, claims=case.claims)


@pytest.mark.parametrize("name", CLOSED)
def test_the_closed_form(tmp_path: Path, name: str) -> None:
    fitted = fit(load_case(tmp_path, CLOSED[name]), seed=6)
    found, error = evidence(fitted)
    assert 0 < error < 0.01
    near(name, found, error, CLOSED[name].true)


def asked_evidence(model: Model, seed: int) -> tuple[float, float]:
    """As of a fit, without its other quantities and its tree of results."""
    engine = Engine(model, seed=seed)
    found = engine.ask(Condition({}, engine.evidence_ids), FEW).evidence
    return found.log, found.se


@pytest.fixture(scope="module", params=[SEEDS[0], pytest.param(SEEDS[1], marks=pytest.mark.long)])
def scores(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Array]:
    """Of each case, by how many of its own standard errors the log evidence is off, by seed."""
    found = {}
    for number, (name, case) in enumerate(REPEATED.items()):
        model = load_case(tmp_path_factory.mktemp(f"case{number}"), case)
        asked = [asked_evidence(model, seed) for seed in range(request.param)]
        found[name] = np.array([(log - case.true) / error for log, error in asked])
    return found


def test_what_is_asked_so_often_is_what_a_fit_says(tmp_path: Path) -> None:
    model = load_case(tmp_path, REPEATED["one"])
    assert evidence(fit(model, seed=3, sampling=FEW)) == asked_evidence(model, 3)


@pytest.mark.parametrize("name", REPEATED)
def test_the_error_is_honest(scores: dict[str, Array], name: str) -> None:
    """Errors in units of the standard error have mean 0 and sd 1.

    The mean of n has sd 1/√n, and (n − 1)s² is chi-square.  For n = 40 that leaves a mean of
    ± 0.61 and an sd from 0.59 to 1.47: a standard error wrong by half is found in one case alone.
    For n = 16 it is ± 0.97 and 0.41 to 1.74: one that is wrong by half is found by all together.
    """
    z = scores[name]
    assert abs(z.mean()) < stats.norm.isf(RARE / 2) / math.sqrt(z.size), z.mean()
    low, high = stats.chi2.ppf([RARE / 2, 1 - RARE / 2], z.size - 1) / (z.size - 1)
    assert low < z.var(ddof=1) < high, z.std(ddof=1)


def test_the_errors_are_honest_together(scores: dict[str, Array]) -> None:
    """All cases together: an sd from 0.71 to 1.33 (of 40 seeds 0.81 to 1.20), a mean near 0.

    A ratio estimator is biased by about its variance, and where a tail is drawn too rarely its
    error is stated too small as well; both are of second order, and neither reaches these bounds.
    """
    z = np.concatenate(list(scores.values()))
    assert abs(z.mean()) < stats.norm.isf(RARE / 2) / math.sqrt(z.size), z.mean()
    low, high = stats.chi2.ppf([RARE / 2, 1 - RARE / 2], z.size) / z.size
    assert low < np.mean(z**2) < high, np.sqrt(np.mean(z**2))
    # The largest of 200 beyond 4.9 is as rare again.
    assert np.abs(z).max() < stats.norm.isf(RARE / 2 / z.size), np.abs(z).max()


# Brute force, and another sampler -----------------------------------------------------------

WAGES = ("gross", "net")
PRIOR_DRAWS = 1_000_000
PARTICLES, CHAINS = 400, 2


@pytest.fixture(scope="module")
def wages(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return build(
        tmp_path_factory.mktemp("wages"),
        quantities={
            "workers": {"prior": "1,000 to 100,000", "unit": "person"},
            "wage": {"prior": "50 to 500", "unit": "USD/person"},
            "skim": {"prior": "20 to 80 %", "unit": "share"},
        },
        relations={
            "take_home": "wage * (1 - skim)",
            "quoted": {"by": "wage_is", "gross": "wage", "net": "take_home"},
        },
        readings={"wage_is": stated(gross=1, net=1)},
        says={
            "heads": "around 20,000 people",
            "wages": "120 to 150 USD/person",
            "asked": "7 of 10",
            "highest": "at most 95 USD/person",
        },
        claims={"heads": "workers", "wages": "quoted", "asked": "skim", "highest": "take_home"},
    )


@pytest.fixture(scope="module")
def wages_fitted(wages: Model) -> xr.DataTree:
    return fit(wages, seed=1)


@pytest.mark.parametrize("reading", WAGES)
def test_brute_force(wages_fitted: xr.DataTree, reading: str) -> None:
    """The evidence is the mean of the likelihood over the prior: a million draws of it."""
    rng = np.random.default_rng(31)
    ends = {"workers": (1e3, 1e5, "log"), "wage": (50, 500, "log"), "skim": (0.2, 0.8, "logit")}
    x = {}
    for name, (low, high, link) in ends.items():
        a, b = (float(w.transform(link, np.array(end))) for end in (low, high))
        u = rng.normal((a + b) / 2, (b - a) / 2 / Z95, PRIOR_DRAWS)
        x[name] = expit(u) if link == "logit" else np.exp(u)
    take_home = x["wage"] * (1 - x["skim"])
    log = w.point(20_000, 10_000, "log", hedged=True)(x["workers"])
    log += w.spread(120, 150, "log")(x["wage"] if reading == "gross" else take_home)
    log += w.count(7, 10)(x["skim"])
    log += w.bound(95, "log", upper=True)(take_home)
    sample = from_prior(np.empty((0, 0)), log)
    assert sample.log_evidence_se < 0.01
    found, error = evidence(wages_fitted, WAGES.index(reading))
    assert error < 0.01
    near(reading, found, error, sample.log_evidence, sample.log_evidence_se)


@pytest.mark.parametrize("reading", mostly_long(WAGES, ["net"]))
def test_sequential_monte_carlo(wages: Model, wages_fitted: xr.DataTree, reading: str) -> None:
    """PyMC's own sampler, on the plain PyMC model, by way of tempering instead of a bridge.

    At each of its stages the weights leave half the particles' worth, that is, have a relative
    variance of 1, so that each adds 1/N to the variance of the log evidence of a chain; four
    stages of four hundred particles in two chains make ± 0.07.
    """
    with to_pymc(wages, {"wage_is": reading}):
        found = pm.sample_smc(
            PARTICLES,
            chains=CHAINS,
            cores=1,
            random_seed=3,
            progressbar=False,
            compute_convergence_checks=False,
        )
    # One entry a chain, of as many stages as that took: nan up to the last, which has the estimate.
    chains = found["sample_stats"]["log_marginal_likelihood"].values
    stages = [np.array(list(chain), dtype=float) for chain in chains]
    assert len(stages) == CHAINS
    last = np.array([chain[-1] for chain in stages])
    theirs = float(np.log(np.mean(np.exp(last))))
    mine, error = evidence(wages_fitted, WAGES.index(reading))
    their_error = math.sqrt(sum(map(len, stages)) / PARTICLES) / CHAINS
    near(reading, mine, error, theirs, their_error)


# Absurd readings ----------------------------------------------------------------------------

#: Which share was counted, 20 of 40, by its prior.  Against the sane reading the others have
#: evidences of 1e-30, of 1e-300 and of 1e-2800, which is no float.
SHARES = {
    "sane": (0.2, 0.6),
    "absurd": (3.36e-5, 3.36e-4),
    "hopeless": (5.6e-19, 5.6e-18),
    "beyond": (5.6e-144, 5.6e-143),
}
STATED = {"sane": 1, "absurd": 2, "hopeless": 3, "beyond": 4}
MOVES = ((0.5, 1.0), (-0.5, 1.0), (0.0, 0.5), (0.0, 2.0))


def counted(name: str, shift: float = 0.0, stretch: float = 1.0) -> float:
    """Log evidence of 20 of 40, by quadrature, with a prior moved by parts of its sd."""
    a, b = (float(w.transform("logit", np.array(end))) for end in SHARES[name])
    centre, sd = (a + b) / 2, (b - a) / (2 * Z95)
    normal = stats.norm(centre + shift * sd, stretch * sd)
    # The claim pulls upwards: from below the prior to above one half.
    ends = normal.mean() - 10 * normal.std(), 10.0
    return posterior(Prior("logit", normal.logpdf, *ends), w.count(20, 40))[0]


TRUE = {name: counted(name) for name in SHARES}


def absurd_model(folder: Path) -> Model:
    return build(
        folder,
        quantities={
            name: {"unit": "share", "prior": f"{low} to {high}"}
            for name, (low, high) in SHARES.items()
        },
        relations={"meant": {"by": "reading"} | {name: name for name in SHARES}},
        readings={"reading": stated(**STATED)},
        says={"counted": "20 of 40", "cited": "40 to 60 %"},
        claims={"counted": "meant"},
        compare={"cited": "meant"},
        targets=["meant"],
        seed=21,
    )


@pytest.fixture(scope="module")
def absurd(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    return fit(absurd_model(tmp_path_factory.mktemp("absurd")))


def shares_of_evidence(logs: dict[str, float]) -> Array:
    """Weights of the readings, smaller than any float being 0."""
    joint = np.array([math.log(STATED[name]) + log for name, log in logs.items()])
    return np.exp(joint - np.logaddexp.reduce(joint))


def test_the_absurd_is_as_absurd_as_it_should_be() -> None:
    for name, size in {"absurd": 30, "hopeless": 300, "beyond": 2800}.items():
        assert (TRUE[name] - TRUE["sane"]) / math.log(10) == pytest.approx(-size, abs=1)


@pytest.mark.parametrize("name", SHARES)
def test_the_evidence_of_an_absurd_reading(absurd: xr.DataTree, name: str) -> None:
    number = list(SHARES).index(name)
    found, error = evidence(absurd, number)
    assert 0 < error < 0.01
    near(name, found, error, TRUE[name])
    assert absurd["readings"]["status"].values[number] == "ok"


def test_an_absurd_reading_has_a_tiny_weight(absurd: xr.DataTree) -> None:
    """Not nan, and not more than the evidence gives it."""
    found = absurd["readings"]["posterior"].values
    # The logarithm of a ratio is off by the errors of two evidences, each below .01.
    np.testing.assert_allclose(found, shares_of_evidence(TRUE), rtol=4 * math.hypot(0.01, 0.01))
    assert found[0] == 1
    assert found[2] > 0
    assert found[3] == 0
    error = absurd["readings"]["posterior_se"].values
    assert error[0] == pytest.approx(0, abs=1e-12)
    assert 0 < error[1] < 0.02 * found[1]
    assert np.isfinite(error).all()


def test_no_moved_prior_makes_sense_of_it(absurd: xr.DataTree) -> None:
    """The weights range over many orders of magnitude, and are right over all of them."""
    weights = [shares_of_evidence(TRUE)]
    weights += [
        shares_of_evidence(TRUE | {name: counted(name, *move)}) for name in SHARES for move in MOVES
    ]
    readings = absurd["readings"]
    # A log evidence under a moved prior is taken as it is if its error is below .02.
    for column, true in {
        "posterior_low": np.min(weights, axis=0),
        "posterior_high": np.max(weights, axis=0),
    }.items():
        np.testing.assert_allclose(readings[column].values, true, rtol=4 * 0.02, err_msg=column)
    assert readings["posterior_high"].values[1] < 1e-3


def test_the_mixture_is_the_sane_reading(absurd: xr.DataTree) -> None:
    assert (absurd["sample_stats"]["reading"].values == 0).all()
    for name in ("sane", "meant"):
        np.testing.assert_array_equal(absurd["posterior"][name].values, drawn(absurd, name, 0))
    assert np.isfinite(absurd["log_likelihood"]["claims"].sel(claim="counted").values).all()
    sane, *_, mixture = compare(absurd).document["comparisons"]
    for key in ("below", "inside", "above", "median"):
        assert mixture[key] == pytest.approx(sane[key], rel=1e-9), key
    # Common areas of densities that are estimated on grids of their own.
    assert mixture["overlap"] == pytest.approx(sane["overlap"], abs=1e-3)
    assert mixture["verdict"] == sane["verdict"]


def test_an_absurd_reading_is_no_failure(absurd: xr.DataTree) -> None:
    assert absurd.attrs["converged"] == 1, absurd.attrs["failed"]


def test_the_command_ends_well(
    absurd: xr.DataTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status 0, and JSON in which every number is one."""
    absurd_model(tmp_path / "models" / "absurd")
    monkeypatch.setattr("estimates.report.reproduce.fit", lambda *_, **__: absurd)
    result = CliRunner().invoke(app, ["fit", "absurd", "--root", str(tmp_path), "--json"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout, parse_constant=pytest.fail)
    assert [entry["posterior"] for entry in document["readings"]] == list(
        absurd["readings"]["posterior"].values
    )


def test_an_absurd_reading_may_fail_to_converge(tmp_path: Path) -> None:
    """A reading with many separate answers, all far from what was said: passed over, by name.

    The sine of x should be 3 ± 0.1, and comes as near as 1 at places 2π apart, of which the prior
    has thirty: the chains cannot agree.  Its likelihood is nowhere above exp(-200).
    """
    model = build(
        tmp_path,
        quantities={"x": "Normal(mu=0, sigma=30)", "y": "Normal(mu=0, sigma=3)"},
        relations={"meant": {"by": "reading", "plain": "y", "folded": "sin(x)"}},
        readings={"reading": stated(plain=1, folded=1)},
        says={"said": "3 ± 0.1"},
        claims={"said": "meant"},
    )
    fitted = fit(model, seed=2, sampling=Sampling(draws=100, tune=200))
    entries = summary(fitted).document["readings"]
    assert [entry["status"] for entry in entries] == ["ok", "negligible, not converged"]
    assert entries[0]["posterior"] == pytest.approx(1, abs=1e-12)
    assert entries[1]["posterior"] < 1e-80
    # Nothing is said of it that its draws cannot bear out.
    assert entries[1]["log_evidence"] is None
    assert entries[1]["quantities"]["x"]["median"] is None
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]


# Readings that the evidence cannot tell apart -------------------------------------------------


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """One reading whose options are one thing by three names or another; one of the derived."""
    return fit(
        build(
            tmp_path_factory.mktemp("alike"),
            quantities={"a": "10 to 1000", "b": "1 to 100"},
            relations={
                "meant": {"by": "phrase", "one": "a", "same": "a", "other": "b", "again": "a"},
                "answer": {"by": "aspect", "product": "a * b", "ratio": "a / b", "sum": "a + b"},
            },
            readings={
                "phrase": stated(one=1, same=2, other=3, again=4),
                "aspect": stated(product=0.3, ratio=0.6, sum=0.1),
            },
            says={"said": "around 150"},
            claims={"said": "meant"},
            targets=["answer"],
        ),
        seed=5,
        sampling=FEW,
    )


def test_what_is_the_same_is_merged_and_its_weights_added(alike: xr.DataTree) -> None:
    entries = summary(alike).document["readings"]
    phrases = list(dict.fromkeys(entry["reading"]["phrase"] for entry in entries))
    assert phrases == ["one|same|again", "other"]
    assert len(entries) == 2 * 3
    said = w.point(150, 10, "log", hedged=True)
    log = {
        name: posterior(interval(low, high, "log"), said)[0]
        for name, low, high in (("one", 10, 1000), ("other", 1, 100))
    }
    # Three names have seven tenths of the stated weight together.
    odds = 7 / 3 * math.exp(log["one"] - log["other"])
    for phrase, prior, true in zip(
        phrases, (0.7, 0.3), (odds / (1 + odds), 1 / (1 + odds)), strict=True
    ):
        mine = [entry for entry in entries if entry["reading"]["phrase"] == phrase]
        assert sum(entry["prior"] for entry in mine) == pytest.approx(prior, abs=1e-12)
        # Their errors are one, as they share the two evidences: they add up as they are.
        error = sum(entry["posterior_se"] for entry in mine)
        assert 0 < error <= 0.005
        near(phrase, sum(entry["posterior"] for entry in mine), error, true)


def test_options_of_a_merged_reading_keep_their_shares(alike: xr.DataTree) -> None:
    """By its own name each option has its part of what the three have together."""
    options = summary(alike).document["options"]["phrase"]["options"]
    for other, times in (("same", 2), ("again", 4)):
        assert options[other]["posterior"] == pytest.approx(
            times * options["one"]["posterior"], rel=1e-12
        )


def test_what_differs_only_in_what_is_derived_shares_a_fit(alike: xr.DataTree) -> None:
    readings = alike["readings"]
    fits, logs = readings["fit"].values, readings["log_evidence"].values
    assert len(set(fits)) == 2
    for number in set(fits):
        mine = fits == number
        assert mine.sum() == 3
        assert len(set(logs[mine])) == 1
        assert len(set(readings["log_evidence_se"].values[mine])) == 1
        # The stated weights within, exactly; and so is every one that the error might have made.
        shares = np.array([0.3, 0.6, 0.1])
        found = readings["posterior"].values[mine]
        np.testing.assert_allclose(found / found.sum(), shares, rtol=1e-12)
        simulated = readings["weight_simulated"].values[:, mine]
        expected = simulated.sum(axis=1, keepdims=True) * shares
        np.testing.assert_allclose(simulated, expected, rtol=1e-12)
    for name in ("a", "b"):
        for number in (1, 2):
            np.testing.assert_array_equal(drawn(alike, name, number), drawn(alike, name, 0))


def test_weights_that_no_evidence_can_move_have_no_error(alike: xr.DataTree) -> None:
    """Though the evidence that all share has one, and though the reading may be updated."""
    assert (alike["readings"]["log_evidence_se"].values > 0).all()
    aspects = summary(alike).document["options"]["aspect"]
    assert aspects["update"] is True
    for name, weight in {"product": 0.3, "ratio": 0.6, "sum": 0.1}.items():
        found = aspects["options"][name]
        assert found["posterior"] == pytest.approx(weight, abs=1e-12)
        assert found["posterior_se"] == pytest.approx(0, abs=1e-12)
        assert found["posterior_range"] == pytest.approx([weight, weight], abs=1e-12)
        assert found["set_by_prior"] is False


# Priors and claims without mass in common -----------------------------------------------------

FAR = 30  # sds of the prior


def ranged(first: Callable[..., float], second: Callable[..., float]) -> tuple[float, list[float]]:
    """Weight of the first of two readings, and its range as either prior is moved."""
    logs = [(first(), second())]
    logs += [(first(*move), second()) for move in MOVES]
    logs += [(first(), second(*move)) for move in MOVES]
    weights = [float(expit(one - other)) for one, other in logs]
    return weights[0], [min(weights), max(weights)]


@pytest.mark.parametrize("scale", ["identity", "log"])
def test_a_claim_far_from_a_normal_prior(tmp_path: Path, scale: str) -> None:
    """Two readings, both thirty sds off; the second a little less, so that it has more weight.

    On the scale of prior and claim everything is normal: a log-normal prior and a point on the log
    scale are the same thing as a normal prior and a measurement.
    """
    if scale == "identity":
        said, words = w.measured(FAR, 0.5), f"{FAR} ± 0.5"
        spreads = {"first": 1.0, "second": 1.001}
        quantities = {name: f"Normal(mu=0, sigma={sd})" for name, sd in spreads.items()}
    else:
        said, words = w.point(3e9, 1e9, "log"), "3e9"
        spreads = {name: said.y / sd for name, sd in (("first", FAR), ("second", FAR - 0.03))}
        quantities = {
            name: f"{math.exp(-Z95 * sd)!r} to {math.exp(Z95 * sd)!r}"
            for name, sd in spreads.items()
        }
    model = build(
        tmp_path,
        quantities=quantities,
        relations={"meant": {"by": "reading", **{name: name for name in spreads}}},
        readings={"reading": stated(first=1, second=1)},
        says={"said": words},
        claims={"said": {"about": "meant", "scale": scale}},
    )

    def log(name: str) -> Callable[..., float]:
        sd = spreads[name]
        return lambda shift=0.0, stretch=1.0: float(
            stats.norm.logpdf(said.y, shift * sd, math.hypot(stretch * sd, said.sigma))
        )

    fitted = fit(model, seed=3)
    entries = summary(fitted).document["readings"]
    for name, entry in zip(spreads, entries, strict=True):
        # Nowhere near: of a million million prior draws none would come half as far.
        assert log(name)() < -200
        assert 0 < entry["log_evidence_se"] < 0.01
        near(name, entry["log_evidence"], entry["log_evidence_se"], log(name)())
        assert entry["status"] == "ok"
    weight, ends = ranged(log("first"), log("second"))
    assert 0.1 < weight < 0.9
    near("weight", entries[0]["posterior"], entries[0]["posterior_se"], weight)
    # Each end rests on evidences known to .005 or better, or on a fit of its own.
    assert entries[0]["posterior_range"] == pytest.approx(ends, abs=0.01)
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]


def test_a_claim_far_beyond_the_edge_of_a_prior(tmp_path: Path) -> None:
    """x lies between 0 and 1, and is said to be 30 ± 1: all that can be is just below 1.

    A prior with edges is moved on its own scale without edges, which here is the logit; its unit
    there is half the distance between the 16 % and 84 % quantiles, and these are estimated from
    2,000 draws.  A quantile of a logistic has an error of √(p(1 − p)/2000)/f = 0.061 there, half
    the distance of the two one of 0.04, and half of that again moves a log evidence by ± 0.02,
    a weight by a quarter of it: the bound of 0.03 is six times that.
    """
    factors = {"x": 1.0, "y": 1.02}
    model = build(
        tmp_path,
        quantities=dict.fromkeys("xy", "Uniform(lower=0, upper=1)"),
        relations={"meant": {"by": "reading", "first": "x", "second": "1.02 * y"}},
        readings={"reading": stated(first=1, second=1)},
        says={"said": "30 ± 1"},
        claims={"said": {"about": "meant", "scale": "identity"}},
    )
    uniform = beta(1, 1)
    unit = float(stats.logistic.ppf(0.84) - stats.logistic.ppf(0.16)) / 2

    def log(name: str) -> Callable[..., float]:
        def of(shift: float = 0.0, stretch: float = 1.0) -> float:
            moved = Prior(
                "logit",
                lambda u: uniform.log_density((u - shift * unit) / stretch) - math.log(stretch),
                -60.0,
                60.0,
            )
            return posterior(moved, lambda x: w.measured(30, 1)(factors[name] * x))[0]

        return of

    fitted = fit(model, seed=12)
    entries = summary(fitted).document["readings"]
    for name, entry in zip(factors, entries, strict=True):
        assert log(name)() < -400
        assert 0 < entry["log_evidence_se"] < 0.02
        near(name, entry["log_evidence"], entry["log_evidence_se"], log(name)())
        assert entry["status"] == "ok"
    weight, ends = ranged(log("x"), log("y"))
    near("weight", entries[0]["posterior"], entries[0]["posterior_se"], weight)
    assert ends[1] - ends[0] > 0.3  # the range is worth holding it to
    assert entries[0]["posterior_range"] == pytest.approx(ends, abs=0.03)
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]
    assert drawn(fitted, "x", 0).max() < 1


@pytest.fixture
def never() -> dict[str, Any]:
    """Parts of a model: under one reading, what is said to be 30 is negative whatever x is."""
    return {
        "quantities": {"x": "Uniform(lower=0, upper=1)", "y": "10 to 100"},
        "relations": {"meant": {"by": "reading", "can_be": "y", "never": "x - 5"}},
        "says": {"said": "30"},
        "claims": {"said": {"about": "meant", "scale": "log"}},
    }


def test_a_claim_that_the_edges_forbid(tmp_path: Path, never: dict[str, Any]) -> None:
    fitted = fit(build(tmp_path, readings={"reading": stated(can_be=1, never=3)}, **never), seed=1)
    entries = summary(fitted).document["readings"]
    assert [entry["status"] for entry in entries] == ["ok", "impossible"]
    assert [entry["posterior"] for entry in entries] == [1, 0]
    assert entries[1]["posterior_range"] == [0, 0]
    assert entries[0]["posterior_range"] == [1, 1]
    assert fitted["readings"]["log_evidence"].values[1] == -math.inf
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]


def test_a_held_reading_cannot_be_impossible(tmp_path: Path, never: dict[str, Any]) -> None:
    """It would keep its weight, and there are no draws to give that weight to."""
    held = {"reading": {"update": False} | stated(can_be=1, never=3)}
    with pytest.raises(InputError, match=r"possible where reading is never under the claim 'said'"):
        fit(build(tmp_path, readings=held, **never), seed=1)


# Held readings --------------------------------------------------------------------------------


def test_no_evidence_moves_a_held_reading(tmp_path: Path) -> None:
    """Not even one of 1e-30 against it; within each of its options the other is updated."""
    held = {"sane": 0.75, "absurd": 0.25}
    free = {"once": w.count(20, 40), "twice": lambda p: w.count(20, 40)(p / 2)}
    model = build(
        tmp_path,
        quantities={
            name: {"unit": "share", "prior": "{} to {}".format(*SHARES[name])} for name in held
        },
        relations={
            "which": {"by": "held"} | {name: name for name in held},
            "meant": {"by": "free", "once": "which", "twice": "which / 2"},
        },
        readings={"held": {"update": False} | stated(**held), "free": stated(once=1, twice=3)},
        says={"counted": "20 of 40"},
        claims={"counted": "meant"},
    )
    fitted = fit(model, seed=9, sampling=FEW)
    entries = summary(fitted).document["readings"]
    options = summary(fitted).document["options"]["held"]["options"]
    for name, weight in held.items():
        mine = [entry for entry in entries if entry["reading"]["held"] == name]
        assert sum(entry["posterior"] for entry in mine) == pytest.approx(weight, abs=1e-12)
        prior = interval(*SHARES[name], "logit")
        once, twice = (posterior(prior, likelihood)[0] for likelihood in free.values())
        true = weight * float(expit(once - twice - math.log(3)))
        for entry, expected in zip(mine, (true, weight - true), strict=True):
            near(str(entry["reading"]), entry["posterior"], entry["posterior_se"] + 1e-12, expected)
        assert options[name]["posterior"] == pytest.approx(weight, abs=1e-12)
        assert options[name]["posterior_se"] == pytest.approx(0, abs=1e-12)
        assert options[name]["posterior_range"] == pytest.approx([weight, weight], abs=1e-12)
        assert options[name]["set_by_prior"] is False
    # A quarter of the mixture is from what the evidence all but rules out, to a draw or two a
    # chain.
    which = fitted["sample_stats"]["reading"].values
    assert np.mean(which >= 2) == pytest.approx(0.25, abs=2 / which.shape[1])
