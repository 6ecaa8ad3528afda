"""`whatif` and `estimates whatif`: against closed forms, edited files and refits."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner, Result
from scipy import stats
from scipy.optimize import brentq

from estimates import Change, InputError, Model, Sampling, fit, refit, whatif
from estimates.analysis.whatif.result import WhatIf
from estimates.cli.app import app
from estimates.plots import whatif as whatif_figure

from .truth.building import build
from .truth.gaussian import Gaussian
from .truth.tolerance import near
from .truth.widths import point

SAMPLING = Sampling(draws=1000, tune=500)
QUANTITIES = {
    "people": {"unit": "person", "prior": "1,000 to 100,000", "label": "people employed"},
    "wage": {"unit": "USD/person/month", "prior": "50 to 2,000"},
    "skim": {"unit": "share", "prior": "20 to 95 %"},
    "months": {"value": 12},
}
SAYS: dict[str, Any] = {
    "people": "20,000 people",
    "people-too": {"says": "20,000 people", "origin": "ministry"},
    "people-again": {"says": "20,000 people", "origin": "ministry"},
    "wage": "120 to 150 USD/person/month",
    "total": "100 to 200 MUSD/year",
    "sample": {"says": "12 of 16", "basis": "statistics"},
    "fewer": {"says": "lower than claimed", "disputes": "people"},
}
PARTS: dict[str, Any] = {
    "relations": {
        "take_home": "wage * (1 - skim)",
        "quoted": {"by": "phrase", "gross": "wage", "net": "take_home"},
        "revenue": {
            "unit": "MUSD/year",
            "label": "annual revenue",
            "is": "people * wage * skim * months / 12",
        },
    },
    "readings": {"phrase": {"gross": 1, "net": 1}},
    "compare": {"total": "revenue"},
    "targets": ["revenue", "quoted"],
}
CLAIMS = {
    "people": "people",
    "people-too": "people",
    "people-again": "people",
    "wage": "quoted",
    "sample": "skim",
    "fewer": "people",
}


def written(folder: Path, **changed: Any) -> Model:
    """The invented ledger, with some things otherwise."""
    parts = PARTS | changed
    return build(
        folder,
        quantities=parts.pop("quantities", QUANTITIES),
        says=parts.pop("says", SAYS),
        claims=parts.pop("claims", CLAIMS),
        **parts,
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return written(tmp_path_factory.mktemp("models") / "invented")


@pytest.fixture(scope="module")
def base(model: Model) -> xr.DataTree:
    return fit(model, seed=4, sampling=SAMPLING)


def row(found: WhatIf, table: str, **where: Any) -> Mapping[str, Any]:
    return next(
        one
        for one in found.document[table]
        if all(one[key] == value for key, value in where.items())
    )


def same(what: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Two answers agree to four of their Monte Carlo errors."""
    for key in ("median", "q05", "q95"):
        error = other.get(f"mcse_{key}", one[f"mcse_{key}"])
        near(f"{what}, {key}", one[key], one[f"mcse_{key}"], other[key], error)


# Truth --------------------------------------------------------------------------------------------


def test_a_normal_pair_is_in_closed_form(tmp_path: Path) -> None:
    """log a and log b, and a claim on their product: a set, b responds; a dropped, it is freed."""
    pair = build(
        tmp_path,
        quantities={"a": "10 to 1000", "b": "2 to 50"},
        relations={"both": "a * b"},
        says={"product": "3,000", "a": "80"},
        claims={"product": "both", "a": "a"},
        targets=["b"],
    )
    sd = [math.log(100) / (2 * stats.norm.ppf(0.95)), math.log(25) / (2 * stats.norm.ppf(0.95))]
    prior = Gaussian(np.array([math.log(100), math.log(10)]), np.diag(np.square(sd)))
    product, a = point(3000, 1000, "log"), point(80, 10, "log")
    tree = fit(pair, seed=1, sampling=SAMPLING)

    def b_given(rows: list[list[float]], y: list[float], noise: list[float]) -> Gaussian:
        return prior.given(np.array(rows), np.array(y), np.array(noise))[0]

    both, one = [1.0, 1.0], [1.0, 0.0]
    truths: dict[str, tuple[dict[str, Any], Gaussian]] = {
        "set": (
            {"values": {"a": 300}},
            b_given([both, one], [product.y, math.log(300)], [product.sigma**2, 0.0]),
        ),
        "drop": ({"drop": ["a"]}, b_given([both], [product.y], [product.sigma**2])),
        "widen": (
            {"widen": {"a": 3}},
            b_given([both, one], [product.y, a.y], [product.sigma**2, 9 * a.sigma**2]),
        ),
        "says": (
            {"says": {"a": "500"}},
            b_given(
                [both, one],
                [product.y, math.log(500)],
                [product.sigma**2, point(500, 100, "log").sigma ** 2],
            ),
        ),
    }
    base_b = b_given([both, one], [product.y, a.y], [product.sigma**2, a.sigma**2])
    for what, (asked, after) in truths.items():
        found = whatif(tree, **asked)
        assert found.converged
        entry = row(found, "targets", target="b")
        mean, spread = after.mean[1], math.sqrt(after.covariance[1, 1])
        for key, z in (("q05", -1.645), ("median", 0.0), ("q95", 1.645)):
            near(f"{what}, {key}", entry["supposed"][key], entry["supposed"][f"mcse_{key}"],
                 math.exp(mean + z * spread))  # fmt: skip
        near(f"{what}, ratio", entry["ratio"], entry["mcse_ratio"], math.exp(mean - base_b.mean[1]))
        moved = row(found, "quantities", quantity="b")
        shift = (mean - base_b.mean[1]) / math.sqrt(base_b.covariance[1, 1])
        # The sd that it is divided by errs too, by some sd/√(2·2000 effective draws).
        near(f"{what}, shift", moved["shift"], moved["mcse_shift"] + abs(shift) / 60, shift)


def _mixture_quantile(parts: list[tuple[float, float, float]], p: float) -> float:
    """Of a mixture of log-normals: weight, mean and sd of the logarithm each."""

    def below(z: float) -> float:
        return sum(w * stats.norm.cdf(z, mean, sd) for w, mean, sd in parts) - p

    return math.exp(brentq(below, -20, 30))


@pytest.mark.parametrize("hold", [False, True])
def test_held_weights_by_enumeration(tmp_path: Path, hold: bool) -> None:
    """Two readings of one figure: b set says which was meant, unless the weights are held."""
    pair = build(
        tmp_path,
        quantities={"a": "10 to 1000", "b": {"prior": "2 to 50", "label": "b of each"}},
        relations={"both": "a * b", "meant": {"by": "how", "full": "a", "part": "a * 0.3"}},
        readings={"how": {"full": 1, "part": {"weight": 1, "label": "a third"}}},
        says={"figure": "80", "product": "3,000"},
        claims={"figure": "meant", "product": "both"},
        targets=["a"],
    )
    sd = [math.log(100) / (2 * stats.norm.ppf(0.95)), math.log(25) / (2 * stats.norm.ppf(0.95))]
    prior = Gaussian(np.array([math.log(100), math.log(10)]), np.diag(np.square(sd)))
    figure, product = point(80, 10, "log"), point(3000, 1000, "log")
    rows, noise = [[1.0, 0.0], [1.0, 1.0]], [figure.sigma**2, product.sigma**2]
    base, then = [], []
    for shift in (0.0, math.log(0.3)):
        y = [figure.y - shift, product.y]
        before = prior.given(np.array(rows), np.array(y), np.array(noise))
        after = prior.given(
            np.array([*rows, [0.0, 1.0]]), np.array([*y, math.log(40)]), np.array([*noise, 1e-12])
        )
        base.append(before[1])
        then.append((after[1], after[0].mean[0], math.sqrt(after[0].covariance[0, 0])))
    weights = np.exp(np.array(base) - max(base))
    weights /= weights.sum()
    moved = np.exp(np.array([one[0] for one in then]) - max(one[0] for one in then))
    moved /= moved.sum()
    assert abs(moved[0] - weights[0]) > 0.2  # else there is nothing to hold
    used = weights if hold else moved
    found = whatif(fit(pair, seed=2, sampling=SAMPLING), values={"b": 40}, hold_readings=hold)
    full = row(found, "options", reading="how", option="full")
    near("weight", full["supposed"], full["supposed_se"], used[0])
    target = row(found, "targets", target="a")
    for key, p in (("q05", 0.05), ("median", 0.5), ("q95", 0.95)):
        for kept, by in (("supposed", used), ("held", weights)):
            truth = _mixture_quantile(
                [(w, mean, sd) for w, (_, mean, sd) in zip(by, then, strict=True)], p
            )
            near(f"{kept} {key}", target[kept][key], target[kept][f"mcse_{key}"], truth)
    assert found.document["hold_readings"] is hold
    assert ("makes the reading" in found.sentence) is not hold
    assert ("keep the weights" in found.sentence) is hold


def test_weights_are_held_among_the_readings_that_are_left(base: xr.DataTree) -> None:
    """One that is ruled out loses its weight to the others."""
    found = whatif(base, reading={"phrase": "net"}, hold_readings=True)
    assert row(found, "options", option="net")["supposed"] == pytest.approx(1)
    assert row(found, "options", option="gross")["supposed"] == 0


def test_weights_respond_to_a_value(model: Model, base: xr.DataTree) -> None:
    """A wage of 140 is what `gross` says; under `net` the claim would be about a third of it."""
    found = whatif(base, values={"wage": "140 USD/person/month"})
    weight = row(found, "options", reading="phrase", option="gross")
    assert weight["base"] < 0.8 < 0.99 < weight["supposed"]
    assert row(found, "quantities", quantity="wage")["set"]
    assert row(found, "quantities", quantity="wage")["supposed"] == pytest.approx(140)


@pytest.mark.parametrize("option", ["gross", "net"])
def test_a_certain_reading_is_that_reading(base: xr.DataTree, option: str) -> None:
    found = whatif(base, reading={"phrase": option})
    number = ["gross", "net"].index(option)
    (other,) = {"gross", "net"} - {option}
    assert row(found, "options", option=option)["supposed"] == pytest.approx(1)
    assert row(found, "options", option=other)["supposed"] == 0
    mine = found.document["readings"][number]
    same(option, row(found, "targets", target="revenue")["supposed"], mine["base"] | ends(mine))
    assert found.document["readings"][1 - number]["supposed"]["median"] is None


def ends(entry: Mapping[str, Any]) -> dict[str, float]:
    """Errors of a reading's interval ends: twice that of its median, from the same draws."""
    return {f"mcse_{key}": 4 * entry["base"]["mcse_median"] for key in ("q05", "q95")}


def test_dropping_is_leaving_out(model: Model, base: xr.DataTree) -> None:
    found = whatif(base, drop=["wage"])
    (there,) = refit(model, [Change(without=frozenset({"wage"}))], seed=9, sampling=SAMPLING)
    entry = row(found, "targets", target="revenue")
    near("median", entry["supposed"]["median"], entry["supposed"]["mcse_median"],
         there.targets["revenue"].median, there.targets["revenue"].mcse_median)  # fmt: skip


def test_a_source_and_an_origin_are_dropped_with_all_their_claims(base: xr.DataTree) -> None:
    alone = whatif(base, drop=["people-too", "people-again"])
    whole = whatif(base, drop_origin=["ministry"])
    assert whole.document["targets"] == alone.document["targets"], "the very same fits"
    nothing = whatif(base, drop_source=["elsewhere"])
    people = row(nothing, "quantities", quantity="people")
    assert people["supposed"] == pytest.approx(10_000, rel=0.1), "the prior's own median"


def test_words_are_as_if_the_ledger_said_them(base: xr.DataTree, tmp_path: Path) -> None:
    """Of another kind, too: the model is bound, and compiled, anew."""
    words = "at least 60,000 people"
    found = whatif(base, says={"people": words}, drop=["fewer"])
    edited = written(tmp_path, says=SAYS | {"people": words})
    (there,) = refit(edited, [Change(without=frozenset({"fewer"}))], seed=9, sampling=SAMPLING)
    entry = row(found, "targets", target="revenue")["supposed"]
    other = there.targets["revenue"]
    near("median", entry["median"], entry["mcse_median"], other.median, other.mcse_median)


def test_a_constant_is_changed(base: xr.DataTree, tmp_path: Path) -> None:
    found = whatif(base, values={"months": 6})
    entry = row(found, "targets", target="revenue")
    near("ratio", entry["ratio"], entry["mcse_ratio"], 0.5)
    assert row(found, "quantities", quantity="months")["shift"] is None
    for name in ("people", "wage", "skim"):
        shift = row(found, "quantities", quantity=name)
        near(name, shift["shift"], shift["mcse_shift"], 0.0)


def test_nothing_moves_where_nothing_changes(base: xr.DataTree) -> None:
    found = whatif(base, widen={"people": 1.0, "wage": 1.0})
    entry = row(found, "targets", target="revenue")
    near("difference", entry["difference"], entry["mcse_difference"], 0.0)
    assert "would stay at about" in found.sentence


def test_identical_copies_are_widened_together(base: xr.DataTree) -> None:
    """They count once: widening the second of two is widening the datum."""
    wide = whatif(base, widen={"people-again": 50.0})
    gone = whatif(base, drop_origin=["ministry"])
    one, other = (row(found, "targets", target="revenue") for found in (wide, gone))
    same("revenue", one["supposed"], other["supposed"])


def test_the_comparison_is_that_of_compare(base: xr.DataTree) -> None:
    from estimates import compare

    found = row(whatif(base, widen={"wage": 1.0}), "comparisons", claim="total")["base"]
    mixture = compare(base, "held-out").document["comparisons"][-1]
    for key in ("below", "inside", "above"):
        assert found[key] == pytest.approx(mixture[key], abs=1e-3)
    assert found["verdict"] == mixture["verdict"]


def test_a_cited_figure_may_be_re_worded(base: xr.DataTree) -> None:
    found = row(whatif(base, says={"total": "up to 5 MUSD/year"}), "comparisons", claim="total")
    assert (found["supposed"]["low"], found["supposed"]["high"]) == (None, 5.0)
    assert found["supposed"]["verdict"] == "above"
    assert found["base"]["low"] == 100


# Rare models --------------------------------------------------------------------------------------


def test_no_claims_no_readings_no_cited_figure(tmp_path: Path) -> None:
    """A forward estimate whose target can be negative: differences, no ratios."""
    forward = build(
        tmp_path,
        quantities={"x": "Normal(mu=0, sigma=1)", "y": "1 to 10"},
        relations={"z": "x - 1"},
        says={},
        claims={},
        targets=["z"],
    )
    found = whatif(forward, values={"x": 3}, sampling=SAMPLING)
    entry = row(found, "targets", target="z")
    assert (entry["ratio"], entry["supposed"]["median"]) == (None, 2.0)
    near("difference", entry["difference"], entry["mcse_difference"], 3.0)
    assert found.document["density"]["supposed"] is None
    assert found.document["comparisons"] == []
    assert whatif_figure(found) is not None


def test_a_reading_that_says_nothing_of_the_cited_figure(tmp_path: Path) -> None:
    silent = written(
        tmp_path,
        relations={
            "quoted": {"by": "phrase", "gross": "wage", "net": "nothing"},
            "revenue": {"unit": "MUSD/year", "is": "people * wage * skim"},
            "said": {"unit": "MUSD/year", "is": "people * quoted * skim"},
        },
        readings={"phrase": {"update": False, "gross": 1, "net": 1}},
        compare={"total": "said"},
        targets=["revenue"],
    )
    tree = fit(silent, seed=4, sampling=SAMPLING)
    found = whatif(tree, reading={"phrase": "gross"}, values={"skim": "80 %"})
    entry = row(found, "comparisons", claim="total")
    assert (entry["base"]["inside"], entry["base"]["verdict"]) == (None, None)
    assert entry["supposed"]["verdict"] is not None
    gone = whatif(tree, reading={"phrase": "net"})
    assert row(gone, "comparisons", claim="total")["supposed"]["verdict"] is None
    json.loads(gone.to_json())
    assert whatif_figure(gone) is not None


# Bad input ----------------------------------------------------------------------------------------

WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "nothing is supposed"),
    ({"values": {"skin": 0.9}}, "no quantity 'skin' in the model; did you mean 'skim'?"),
    ({"values": {"revenue": 5}}, "'revenue' is derived, so it cannot be set; set what it follows"),
    ({"values": {"skim": 90}}, "for per cent write 90%"),
    ({"values": {"skim": "120 %"}}, "'skim' cannot be 1.2"),
    ({"values": {"people": "-5"}}, "it lies above 0"),
    ({"values": {"people": "20 USD"}}, "value of 'people'"),
    ({"values": {"people": "about 20"}}, "value of 'people'"),
    ({"values": {"people": math.inf}}, "give a number"),
    ({"reading": {"phrases": "net"}}, "did you mean 'phrase'?"),
    ({"reading": {"phrase": "nett"}}, "did you mean 'net'?"),
    ({"drop": ["wages"]}, "did you mean 'wage'?"),
    ({"drop": ["total"]}, "is held out and moves nothing"),
    ({"drop_source": ["elsewher"]}, "did you mean 'elsewhere'?"),
    ({"drop_origin": ["nobody"]}, "there is ministry"),
    ({"says": {"people": "umpteen people"}}, "claim 'people'"),
    ({"says": {"people": "20,000 USD"}}, "USD where person is needed"),
    ({"says": {"people": "5,000"}, "drop": ["people"]}, "cannot be dropped and say something"),
    ({"widen": {"people": 2}, "drop": ["people"]}, "cannot be dropped and widened"),
    ({"widen": {"sample": 2}}, "is a count, which has no width"),
    ({"widen": {"people": 0}}, "give a number above 0"),
]


@pytest.mark.parametrize(("asked", "says"), WRONG, ids=[says for _, says in WRONG])
def test_what_cannot_be_supposed(model: Model, asked: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError) as caught:
        whatif(model, **asked)
    assert says in str(caught.value)
    assert all(fault.place is None for fault in caught.value.faults)


def test_values_that_the_claims_rule_out(tmp_path: Path) -> None:
    clash = build(
        tmp_path,
        quantities={"a": "10 to 100", "b": "1 to 50"},
        relations={"rest": "a - b"},
        says={"rest": "30"},
        claims={"rest": {"about": "rest", "scale": "log"}},
        targets=["rest"],
    )
    with pytest.raises(InputError, match="with a = 10 and b = 20 the claims rest are impossible"):
        whatif(clash, values={"a": 10, "b": 20}, sampling=SAMPLING)


# The command --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("root")
    written(folder / "models" / "invented", seed=3)
    return folder


def run(root: Path, *words: str) -> Result:
    return CliRunner().invoke(
        app, ["whatif", "invented", *words, "--root", str(root)], catch_exceptions=False
    )


@pytest.mark.usefixtures("undrawn")
def test_the_command_prints_both_answers(root: Path) -> None:
    found = run(
        root, "--full", "--set", "skim=90%", "--reading", "phrase=net", "--drop", "fewer",
        "--says", "people=around 50,000 people", "--widen", "wage=2",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    for words in ("as it is", "as supposed", "skim at 90 %", "answered by “net”",
                  "saying “around 50,000 people”", "without the claim fewer"):  # fmt: skip
        assert words in " ".join(found.output.split()), words
    assert (root / "results" / "invented" / "whatif.json").is_file()
    assert (root / "results" / "invented" / "figures" / "whatif.png").is_file()


@pytest.mark.usefixtures("undrawn")
def test_the_command_prints_one_document(root: Path) -> None:
    found = run(root, "--set", "people=30,000 people", "--json")
    document = json.loads(found.stdout)
    assert document == json.loads((root / "results" / "invented" / "whatif.json").read_text())
    assert document["supposed"][0]["value"] == 30_000
    assert document["converged"]
    keys = ["format", "model", "seed", "digest", "converged", "failed", "sentence", "supposed"]
    labels = ("option_labels", "name_labels", "questions")  # where the model has some
    assert [key for key in document if key not in labels][: len(keys)] == keys


def test_what_was_asked_before_is_answered_from_the_store(root: Path) -> None:
    words = ("--set", "people=40,000 people", "--json")
    first = run(root, *words)
    results = root / "results" / "invented"
    picture = (results / "figures" / "whatif.png").read_bytes()
    run(root, "--set", "people=45,000 people")
    assert (results / "figures" / "whatif.png").read_bytes() != picture
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "estimates", "whatif", "invented", *words],
        cwd=root, capture_output=True, text=True, check=True, timeout=900,
    )  # fmt: skip
    assert done.stdout == first.stdout
    assert (results / "figures" / "whatif.png").read_bytes() == picture
    assert json.loads((results / "whatif.json").read_text()) == json.loads(first.stdout)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not loaded & {"scipy", "xarray", "matplotlib", "estimates.analysis.whatif.run"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "nothing is supposed: say what is to be otherwise with --set QUANTITY=VALUE"),
        (["--set", "skim"], "--set takes a name, =, and what it is to be: skim=0.9"),
        (["--set", "skim=0.5", "--set", "skim=0.6"], "--set skim is given twice; keep one"),
        (["--widen", "people=wide"], "'wide' is not a number"),
        (["--set", "skin=0.5"], "did you mean 'skim'?"),
    ],
)
def test_the_command_refuses(root: Path, words: list[str], says: str) -> None:
    found = run(root, *words)
    assert found.exit_code == 2
    assert says in found.output
    as_json = run(root, *words, "--json")
    assert says in json.loads(as_json.stdout)["errors"][0]["message"]


def test_the_figure_shows_what_moved(base: xr.DataTree) -> None:
    figure = whatif_figure(whatif(base, values={"wage": 400}))
    assert figure is not None
    words = " ".join(text.get_text() for text in figure.texts)
    assert "as it is" in words
    assert "as supposed" in words
    assert "cited: US$100 to 200 million a year" in words
    assert len(figure.axes) == 2
