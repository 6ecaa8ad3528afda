"""The forest plot: each claim alone, what is pooled, a next claim, against closed forms."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.figure import Figure
from scipy import optimize, stats
from tests.truth.building import build

import estimates as est
from estimates import Model
from estimates.analysis.forest.result import Forest, Line
from estimates.cli.app import app
from estimates.plots.forest import forest as forest_figure

#: Two measurements of x, with a prior N(0, 100): the posterior is normal.
MEASURED = ((10.0, 1.0), (12.0, 2.0))
EFFECTIVE = 2_000  # draws, at the least, of 4 × 1,500 that are nearly independent


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return build(
        tmp_path_factory.mktemp("models") / "forest",
        quantities={
            "x": "Normal(mu=0, sigma=100)",
            "share": "Beta(alpha=0.5, beta=0.5)",
            "n": "1 to 1,000",
        },
        says={
            "first": {"says": "10 ± 1", "speaker": "the first"},
            "second": "12 ± 2",
            "counted": "3 of 20",
            "bound": "at least 20",
            "cited": "9 to 14",
        },
        claims={"first": "x", "second": "x", "counted": "share", "bound": "n"},
        compare={"cited": "x"},
    )


@pytest.fixture(scope="module")
def found(model: Model) -> Forest:
    return est.forest(model)


def lines(found: Forest, about: str, kind: str) -> list[Line]:
    return [line for line in found.lines if (line.about, line.kind) == (about, kind)]


def test_each_claim_stands_for_itself(found: Forest) -> None:
    for line, (y, sigma) in zip(lines(found, "x", "claim"), MEASURED, strict=True):
        ends = stats.norm(y, sigma).ppf([0.05, 0.5, 0.95])
        assert (line.q05, line.median, line.q95) == pytest.approx(ends)
    (counted,) = lines(found, "share", "claim")
    ends = stats.beta(3.5, 17.5).ppf([0.05, 0.5, 0.95])
    assert (counted.q05, counted.median, counted.q95) == pytest.approx(ends)
    (bound,) = lines(found, "n", "claim")
    assert (bound.at_least, bound.at_most, bound.median) == (pytest.approx(20), None, None)
    (cited,) = lines(found, "x", "held out")
    assert cited.claim == "cited"


def test_what_states_its_error_is_as_wide_as_that_without_the_scatter_of_its_kind(
    tmp_path: Path,
) -> None:
    """As in every forest plot; what does not is as wide as its kind is found to scatter."""
    model = build(
        tmp_path / "trials",
        quantities={"ratio": {"prior": "0.1 to 4"}},
        says={
            "published": "0.5 (95% CI 0.25 to 1)",
            "free": "0.6",
            "own": {"says": "0.7", "sigma": "0.1"},
        },
        claims=dict.fromkeys(("published", "free", "own"), "ratio"),
        kinds={"trials": {"expert": {"scatter": "20 to 80 %"}}},
        format=2,
    )
    short = est.Sampling(draws=200, tune=200, chains=2)
    found = est.forest(est.fit(model, sampling=short))
    widths = {one.claim: math.log(one.q95 / one.q05) for one in found.lines if one.kind == "claim"}
    ninety = 2 * stats.norm.ppf(0.95)
    sigma = math.log(2) / stats.norm.ppf(0.975)
    assert widths["published"] == pytest.approx(ninety * sigma)
    assert widths["own"] == pytest.approx(ninety * 0.1)  # on the log scale
    assert widths["free"] > ninety * 0.2


def test_a_share_is_spoken_of_in_per_cent() -> None:
    part = est.Quantity("5 to 90 %", unit="share", label="people who vote")
    said = {
        name: est.Claim(f"{x} %", about=part, source=name) for name, x in (("a", 30), ("b", 34))
    }
    model = est.Model({"part": part}, claims=said, targets=["part"])
    short = est.Sampling(draws=200, tune=200, chains=2)
    told = est.forest(est.fit(model, sampling=short)).sentence
    assert told.startswith("2 claims speak of the share of people who vote. ")
    assert re.search(r"about 3\d(\.\d)? % \(90 %: [\d.]+ to [\d.]+ %\)", told)


def test_what_is_pooled_is_the_posterior(found: Forest) -> None:
    precision = sum(s**-2 for _, s in MEASURED) + 100.0**-2
    mean, sd = sum(y / s**2 for y, s in MEASURED) / precision, precision**-0.5
    (pooled,) = lines(found, "x", "pooled")
    ends = stats.norm(mean, sd).ppf([0.05, 0.5, 0.95])
    # Four errors of a quantile: sd·√(p(1−p)/n)/φ(z).
    errors = [
        4 * sd * math.sqrt(p * (1 - p) / EFFECTIVE) / stats.norm.pdf(stats.norm.ppf(p))
        for p in (0.05, 0.5, 0.95)
    ]
    told = (pooled.q05, pooled.median, pooled.q95)
    assert np.abs(np.array(told, dtype=float) - ends) == pytest.approx(0, abs=max(errors))
    assert pooled.mcse_median is not None
    assert 0 < pooled.mcse_median < errors[1]


def test_a_next_claim_is_as_wide_as_one_of_these(found: Forest) -> None:
    """A mixture, in equal parts, of normals with each claim's own width."""
    precision = sum(s**-2 for _, s in MEASURED) + 100.0**-2
    mean, variance = sum(y / s**2 for y, s in MEASURED) / precision, 1 / precision
    parts = [stats.norm(mean, math.sqrt(variance + s**2)) for _, s in MEASURED]
    (line,) = lines(found, "x", "next claim")
    for p, told in ((0.05, line.q05), (0.5, line.median), (0.95, line.q95)):
        exact = optimize.brentq(lambda x, p=p: np.mean([o.cdf(x) for o in parts]) - p, -50, 50)
        density = np.mean([one.pdf(exact) for one in parts])
        assert told == pytest.approx(exact, abs=4 * math.sqrt(p * (1 - p) / EFFECTIVE) / density)
    # Neither a bound nor a count says how wide the next would be.
    assert not lines(found, "n", "next claim")
    assert not lines(found, "share", "next claim")


def test_a_sentence_names_what_most_speak_of(found: Forest) -> None:
    assert found.sentence.startswith(
        "2 claims speak of x. All the evidence together puts it at about 10."
    )
    assert found.converged


def test_the_answer_survives_its_document(found: Forest, model: Model) -> None:
    again = Forest.read(json.loads(found.to_json()))
    assert again.document == found.document
    assert again.lines[0] == found.lines[0]
    assert found.tables["lines"]["kind"].tolist().count("claim") == 4


def test_the_figure_draws_every_subject(found: Forest, model: Model) -> None:
    figure = forest_figure(found, est.fit(model))
    assert isinstance(figure, Figure)
    assert len(figure.axes) == len(found.subjects) == 3


def test_a_folder_and_a_line_make_a_command(tmp_path: Path) -> None:
    """Nothing but the registry knows of it."""
    runner = CliRunner()
    build(
        tmp_path / "models" / "one", quantities={"x": "1 to 9"}, says={"c": "4 ± 1"},
        claims={"c": "x"},
    )  # fmt: skip
    done = runner.invoke(app, ["forest", "one", "--root", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert re.search(r"c +4(\.00)? +2\.36 to 5\.64", done.output), done.output
    assert (tmp_path / "results/one/figures/forest.png").is_file()
    document = json.loads((tmp_path / "results/one/forest.json").read_text())
    again = runner.invoke(app, ["forest", "one", "--json", "--root", str(tmp_path)])
    assert json.loads(again.stdout) == document
    assert "forest" in runner.invoke(app, ["--help"]).output
