"""Claims left out and foretold: closed forms, uniform places, and a model that is too sure."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from matplotlib.figure import Figure
from scipy import integrate, stats
from tests.screens import full_text
from tests.truth.building import SOURCE, build, save

import estimates as est
from estimates import InputError, Model, validate
from estimates.analysis.validate.choose import choose, labels_of
from estimates.analysis.validate.foretell import place_of
from estimates.analysis.validate.result import Validation
from estimates.analysis.validate.run import _power
from estimates.cli.app import app
from estimates.inference.sampling import Sampling
from estimates.model.likelihood import Count, Noisy, Rate, Skew, Yes
from estimates.stats.ecdf import ecdf
from estimates.stats.links import IDENTITY, LOG, LOGIT

SHORT = Sampling(draws=500, tune=300)
RNG = np.random.default_rng


def asked(model: Model, **options: Any) -> Validation:
    """The answer, which can be printed, drawn, and read back."""
    found = validate(est.fit(model, sampling=SHORT), sampling=SHORT, **options)
    assert found.converged, found.failed
    Draft202012Validator(Validation.schema()).validate(json.loads(found.to_json()))
    assert Validation.read(found.document).document == found.document
    assert full_text(found)
    assert isinstance(est.plot(found), Figure)
    return found


# One claim in closed form ----------------------------------------------------------------------


def test_a_conjugate_model(tmp_path: Path) -> None:
    """Of a normal, P is Φ((y − m)/√(s² + v)), m and v those of the posterior without the rest."""
    said = {"a": (1.0, 1.0), "b": (2.0, 0.5), "c": (-1.5, 1.0), "d": (4.0, 2.0)}
    model = build(
        tmp_path / "conjugate",
        quantities={"x": {"prior": "Normal(mu=1, sigma=3)", "support": "real"}},
        says={
            name: {"says": f"{y} ± {s}", "basis": "register" if name in "ab" else "hearsay"}
            for name, (y, s) in said.items()
        },
        claims=dict.fromkeys(said, "x"),
    )
    found = asked(model, kind="hearsay")
    assert found.rule == "all of the kind hearsay"
    assert (found.left_out, found.kept) == (2, 2)
    precision = 1 / 9 + 1 + 4
    mean, variance = (1 / 9 + 1 + 8) / precision, 1 / precision
    for row in found.claims:
        y, s = said[row.claim]
        spread = math.hypot(s, math.sqrt(variance))
        place = stats.norm.cdf((y - mean) / spread)
        # P is a mean over some 2,000 draws of Φ, whose sd is below 0.3: four errors of 500.
        assert row.place == pytest.approx(place, abs=4 * 0.3 / math.sqrt(500))
        assert row.median == pytest.approx(mean, abs=4 * 1.26 * spread / math.sqrt(500))
        assert row.q90 == pytest.approx(mean + 1.2816 * spread, abs=4 * 1.8 * spread / 500**0.5)
        assert row.error == pytest.approx(y - (row.median or 0))
    every = asked(model, share=1)
    assert (every.left_out, every.kept) == (4, 0)
    for row in every.claims:  # by the prior alone
        y, s = said[row.claim]
        place = stats.norm.cdf((y - 1) / math.hypot(s, 3))
        assert row.place == pytest.approx(place, abs=4 * 0.3 / math.sqrt(1000))


def test_places_of_every_kind() -> None:
    """Given one value, P is the distribution function of what may be said; equal is its step."""
    cases = [
        (Noisy(LOG, 2.0, 0.5), math.e**1.8, stats.norm.cdf(0.4), 0.0),
        (Noisy(IDENTITY, 2.0, 0.5, student=True), 1.0, stats.t(4).cdf(2.0), 0.0),
        (Count(3, 10), 0.25, stats.binom.cdf(2, 10, 0.25), stats.binom.pmf(3, 10, 0.25)),
        (Rate(4, 100.0), 0.05, stats.poisson.cdf(3, 5.0), stats.poisson.pmf(4, 5.0)),
        # Said: an upper bound lies below its denial, a lower one above.
        (Yes(LOG, 1.0, 0.3, upper=True), math.e**1.2, 0.0, stats.norm.cdf(-0.2 / 0.3)),
        (Yes(LOG, 1.0, 0.3, upper=False), math.e**1.2, stats.norm.cdf(-0.2 / 0.3),
         stats.norm.cdf(0.2 / 0.3)),
        (Yes(LOGIT, 0.0, 0.3, upper=True, said=False), 0.5, 0.5, 0.5),
    ]  # fmt: skip
    for term, theta, below, equal in cases:
        found = place_of(term, np.array([theta]))
        assert found[0][0] == pytest.approx(below, abs=1e-9), term
        assert found[1][0] == pytest.approx(equal, abs=1e-9), term
    skew = Skew(IDENTITY, 1.0, 2.0, 0.5)
    density = lambda y: (  # noqa: E731
        math.sqrt(2 / math.pi)
        / 2.5
        * math.exp(-((y - 0.2) ** 2) / 2 / (2.0 if y < 0.2 else 0.5) ** 2)
    )
    below = integrate.quad(density, -30, 0.2)[0] + integrate.quad(density, 0.2, 1.0)[0]
    assert place_of(skew, np.array([0.2]))[0][0] == pytest.approx(below, abs=1e-8)


def test_a_mixture_over_readings(tmp_path: Path) -> None:
    """The claim left out is foretold by each reading, with the weights of the refit."""
    model = build(
        tmp_path / "mixed",
        quantities={"x": {"prior": "Normal(mu=0, sigma=2)", "support": "real"}},
        relations={"said": {"by": "meant", "plain": "x", "shifted": "x + 3"}},
        readings={"meant": {o: {"weight": 1, "because": "-"} for o in ("plain", "shifted")}},
        says={"a": "0.5 ± 0.5", "b": "2.0 ± 1", "c": {"says": "3.5 ± 1", "basis": "rumour"}},
        claims={"a": "x", "b": "said", "c": "said"},
    )
    found = asked(model, kind="rumour")
    precision = 1 / 4 + 1 / 0.25
    before, sd = 2.0 / precision, precision**-0.5
    weights, places = [], []
    for shift in (0.0, 3.0):
        weights.append(stats.norm.pdf(2.0, before + shift, math.hypot(sd, 1)))
        exact = precision + 1
        mean = (precision * before + (2.0 - shift)) / exact
        places.append(stats.norm.cdf((3.5 - mean - shift) / math.hypot(1, exact**-0.5)))
    expected = np.dot(weights, places) / sum(weights)
    (row,) = found.claims
    assert row.place == pytest.approx(expected, abs=0.02)
    assert row.spoken == pytest.approx(1)


# Many claims -----------------------------------------------------------------------------------


def many(folder: Path, too_sure: float, n: int = 60) -> Model:
    """Two claims each of many things, whose truths are from the prior; widths too narrow so far."""
    rng = RNG(11)
    says, claims = {}, {}
    for i in range(n):
        truth = rng.normal(0, 4)
        for who in ("old", "new"):
            width = rng.uniform(0.5, 2.0)
            says[f"{who}-{i}"] = {
                "says": f"{truth + width * rng.standard_normal():.5f} ± {width / too_sure:.5f}",
                "basis": "register" if who == "old" else "statistics",
            }
            claims[f"{who}-{i}"] = f"x{i}"
    quantities = {f"x{i}": {"prior": "Normal(mu=0, sigma=4)", "support": "real"} for i in range(n)}
    return build(folder, quantities=quantities, says=says, claims=claims, targets=["x0"])


def test_a_right_model_has_uniform_places_and_one_too_sure_is_found_out(tmp_path: Path) -> None:
    right = asked(many(tmp_path / "right", 1.0), kind="statistics")
    assert right.left_out == 60
    # A false alarm once in ten thousand, whatever the seed.
    assert ecdf(np.array([row.place for row in right.claims]), 0.95).p > 1e-4
    assert right.p > 1e-4
    whole = right.groups[0]
    assert (whole.band_80_low, whole.band_80_high) == (42 / 60, 54 / 60)
    assert right.power > 0.99
    wrong = asked(many(tmp_path / "wrong", 3.0), kind="statistics")
    assert wrong.verdict == "too sure"
    assert wrong.p < 1e-6
    assert "too sure of itself" in wrong.sentence
    assert wrong.groups[0].inside_80 < 0.7


def test_power_is_that_of_the_test() -> None:
    """By simulation: shares of claims with true errors twice the widths, judged as ever."""
    rng, n = RNG(5), 12
    z = np.abs(2 * rng.standard_normal((40_000, n)))
    k80, k90 = (z < 1.2816).sum(axis=1), (z < 1.6449).sum(axis=1)
    p = 4 * np.minimum(stats.binom.cdf(k80, n, 0.8), stats.binom.cdf(k90, n, 0.9))
    share = float((p < 0.05).mean())
    assert _power(n) == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 40_000))


# What is left out ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Claims of several dates, two of them copies, about two things and their sum."""
    sources = {
        str(year): SOURCE["elsewhere"] | {"published": year}
        for year in ("2015", "2016-05", "2016-07-01", "2017")
    }
    claim = {"quote": "-", "basis": "expert"}
    claims = {
        "first": claim | {"source": "2015", "says": "around 100 people"},
        "copy": claim | {"source": "2017", "says": "around 120 people", "origin": "o"},
        "same": claim | {"source": "2016-05", "says": "around 130 people", "origin": "o"},
        "total": claim | {"source": "2016-07-01", "says": "at most 500 people"},
        "other": claim | {"source": "2016-05", "says": "around 200 people", "basis": "hearsay"},
        "last": claim | {"source": "2017", "says": "around 110 people"},
    }
    model = {
        "format": 1, "title": "Dated", "evidence": "evidence.yaml",
        "quantities": {
            "n": {"unit": "person", "prior": "10 to 1,000"},
            "m": {"unit": "person", "prior": "10 to 1,000"},
        },
        "relations": {"both": "n + m"},
        "claims": {
            **dict.fromkeys(("first", "copy", "same", "last"), "n"),
            "total": "both", "other": "m",
        },
        "targets": ["both"],
    }  # fmt: skip
    folder = tmp_path_factory.mktemp("dated") / "models" / "dated"
    return save(folder, {"sources": sources, "claims": claims}, model)


def left_out(model: Model, **how: Any) -> list[str]:
    return sorted(choose(model, RNG(0), **how).ids)


def test_rules(dated: Model) -> None:
    assert left_out(dated, as_of="2016") == ["copy", "last", "same"]  # copies go together
    assert left_out(dated, as_of="2016-05") == ["copy", "last", "same", "total"]
    assert left_out(dated, hold_out="latest") == ["copy", "last", "same"]
    assert left_out(dated, hold_out="latest", share=0.9) == [
        *("copy", "last", "other", "same", "total"),
    ]
    assert left_out(dated, hold_out="m") == ["other", "total"]
    assert left_out(dated, hold_out="both") == ["total"]
    assert left_out(dated, kind="hearsay") == ["other"]
    assert left_out(dated, kind="expert", hold_out="m") == ["total"]
    assert len(choose(dated, RNG(1), share=0.4).bodies) == 2
    assert left_out(dated, share=1) == sorted(dated.claims)
    assert labels_of(dated, next(u for u in dated.uses if u.id == "total")) == ("both", "m", "n")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"hold_out": "latset"}, "no claim is about 'latset'; did you mean 'latest'?"),
        ({"hold_out": "k"}, "no claim is about 'k'"),
        ({"kind": "expret"}, "no claim is of the kind 'expret'; did you mean 'expert'?"),
        ({"as_of": "May 2016"}, "'May 2016' is no date"),
        ({"as_of": "2019"}, "no claim is left out by this rule: all published after 2019"),
        ({"as_of": "2016", "hold_out": "n"}, "a date goes with the latest claims, not with 'n'"),
        ({"as_of": "2016", "share": 0.5}, "leave the share away"),
        ({"share": 1.5}, "the share is 1.5"),
    ],
)
def test_what_cannot_be_left_out(dated: Model, how: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("?", r"\?")):
        choose(dated, RNG(0), **how)


def test_of_claims_that_go_together_the_latest_counts(dated: Model) -> None:
    found = asked(dated, share=1)
    every, latest = found.groups[:2]
    assert (every.by, every.n) == ("all", 6)
    assert latest.by == "latest"
    assert found.judged is latest
    assert latest.n < 6
    assert found.verdict == "cannot tell"
    by_label = {row.name: row.n for row in found.groups if row.by == "label"}
    assert by_label == {"n": 5, "m": 2}
    bound = next(row for row in found.claims if row.claim == "total")
    assert bound.error is None
    assert bound.figure == pytest.approx(500)
    assert found.groups[0].scale == "log"


@pytest.mark.usefixtures("undrawn")
def test_the_command(dated: Model, tmp_path: Path) -> None:
    dated.to_yaml(tmp_path / "models" / "dated")
    ask = ["validate", "dated", "--root", str(tmp_path)]
    first = CliRunner().invoke(app, [*ask, "--as-of", "2016"])
    assert first.exit_code == 0, first.output
    said = " ".join(first.output.split())
    # The verdict stands before the counts that it is from.
    assert said.index("too few to tell") < said.index("lay within the central 80 %")
    assert "too few to tell whether the model is too sure of itself" in said
    assert len(first.stdout.splitlines()) <= 25
    found = CliRunner().invoke(app, [*ask, "--share", "40 %", "--json"])
    assert json.loads(found.stdout)["left_out"] >= 2
    assert (tmp_path / "results" / "dated" / "figures" / "validate.png").is_file()
    refused = CliRunner().invoke(app, [*ask, "--share", "40"])
    assert refused.exit_code == 2
    assert "'40' is not a share; write 20% or 0.2" in refused.output
    unknown = CliRunner().invoke(app, [*ask, "--hold-out", "nn"])
    assert unknown.exit_code == 2
    assert "no claim is about 'nn'" in unknown.output


def test_nothing_to_leave_out(tmp_path: Path) -> None:
    model = build(
        tmp_path / "bare", quantities={"x": "1 to 2"}, says={"a": "1.5"}, claims={},
        compare={"a": "x"},
    )  # fmt: skip
    with pytest.raises(InputError, match="no claims as evidence"):
        validate(est.fit(model, sampling=SHORT))


def test_the_shell_completes_rules() -> None:
    shell = ShellComplete(app, {}, "estimates", "_ESTIMATES_COMPLETE")
    found = shell.get_completions(["validate", "model", "--hold-out"], "la")
    assert [one.value for one in found] == ["latest"]
