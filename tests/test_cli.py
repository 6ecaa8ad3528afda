"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import io
import itertools
import json
import math
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from estimates._util.at_work import WORK, doing
from estimates._util.format import brief, median_and_interval, number, probability, stated
from estimates.analysis.compare.result import Comparison, Ends
from estimates.analysis.registry import ANALYSES
from estimates.cli import app
from estimates.cli.app import COMMANDS
from estimates.cli.progress import progress
from estimates.errors import NotConverged
from estimates.inference.result import ReadingSummary, Statistics, Summary
from estimates.language.cells import grid
from estimates.language.phrases import cited_range
from estimates.model import Model
from estimates.model.io import load
from estimates.report.text.answers import of_result
from estimates.report.text.compare import of_comparison
from estimates.report.text.condensed import condensed
from estimates.report.text.fit import of_fit
from estimates.report.text.screen import LINES, Frame, full, screen
from estimates.report.text.tables import lay

ROOT = Path(__file__).parent.parent
SLUG = "street-musicians"

EVIDENCE = """\
sources:
  gazette:
    title: Who plays in our streets
    publisher: The Gazette
    published: 2024-05
claims:
  how-many:
    source: gazette
    speaker: A. Clerk, town hall
    quote: there are around 40 street musicians in town
    says: around 40 people
    origin: town-register
  how-many-again:
    source: gazette
    speaker: the mayor
    quote: some 40 of them, I am told
    says: around 40 people
    origin: town-register
  takings:
    source: gazette
    speaker: B. Busker
    quote: we take 200 to 300 dollars a week
    says: 200 to 300 USD/person/week
  tips-in-coins:
    source: gazette
    quote: three in four tips are coins
    says: 75 %
  at-most:
    source: gazette
    quote: nobody takes more than 500 a week
    says: at most 500 USD/person/week
  licences:
    source: gazette
    quote: licences are dear
    because: It gives no figure.
  together:
    source: gazette
    speaker: the mayor
    quote: together they earn up to a million a year
    says: 0.5 to 1 MUSD/year
"""
MODEL = """\
format: 1
title: What the street musicians of a town take in a year
evidence: evidence.yaml
seed: 3
quantities:
  musicians: {unit: person, prior: 5 to 500, label: people who play in the streets}
  takings: {unit: USD/person/week, prior: 20 to 2000}
  coins: {unit: share, prior: 20 to 95 %}
relations:
  kept:
    by: whose
    musician: takings
    town: takings * 0.9
  revenue: {unit: MUSD/year, is: musicians * kept}
readings:
  whose:
    question: Are the takings before or after the town's tenth?
    update: false
    musician: {weight: 3, because: The speaker is a musician.}
    town: {weight: 1, because: The article is about the town's budget.}
claims:
  how-many: musicians
  how-many-again: musicians
  takings: takings
  tips-in-coins: coins
  at-most: takings
compare:
  together: revenue
targets: [revenue]
"""


def write_model(root: Path, slug: str = SLUG, model: str = MODEL, evidence: str = EVIDENCE) -> Path:
    """A model in a folder of its own under `root`/models."""
    folder = root / "models" / slug
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text(model)
    (folder / "evidence.yaml").write_text(evidence)
    return folder


def run(*words: str | Path) -> Result:
    """A command in this process, as on a pipe."""
    return CliRunner().invoke(app, [str(word) for word in words])


def start(*words: str | Path, **options: Any) -> subprocess.Popen[str]:
    """A command in a process of its own."""
    command = [sys.executable, "-m", "estimates", *map(str, words)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **(pipes | options))


def errors_of(result: Result) -> list[dict[str, Any]]:
    """The errors of a document that is nothing but errors."""
    document = json.loads(result.stdout)
    assert result.exit_code == 2
    assert list(document) == ["errors"]
    assert all(list(e) == ["file", "line", "column", "message"] for e in document["errors"])
    return list(document["errors"])


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """A folder with one small model."""
    write_model(tmp_path)
    return tmp_path


# Documents such as `fit` and `compare` make --------------------------------------------------

AXES = {
    "wage": ("gross", "net"),
    "revenue": ("share", "payroll"),
    "scope": ("china", "china_and_russia"),
    "gap": ("level", "rise"),
}


def log_normal(median: float, sd: float = 0.8, unit: str = "MUSD/year") -> dict[str, Any]:
    """Summary of a log-normal quantity with a Monte Carlo error of 1.2 % in its median."""
    quantiles = {"q05": -1.645, "q25": -0.674, "median": 0.0, "q75": 0.674, "q95": 1.645}
    return {
        "kind": "derived",
        "label": "annual revenue of the regime from these workers",
        "unit": unit,
        "mean": median * math.exp(sd**2 / 2),
        "sd": median,
        **{name: median * math.exp(z * sd) for name, z in quantiles.items()},
        "mcse_mean": 0.02 * median,
        "mcse_median": 0.012 * median,
        "mcse_q05": 0.02 * median * math.exp(-1.645 * sd),
        "mcse_q95": 0.02 * median * math.exp(1.645 * sd),
    }


def readings_of(axes: int) -> list[dict[str, str]]:
    names = list(AXES)[:axes]
    options = [AXES[name] for name in names]
    return [dict(zip(names, choice, strict=True)) for choice in itertools.product(*options)]


def fit_document(axes: int, *, sway: float = 0.0, converged: bool = True) -> dict[str, Any]:
    combinations = readings_of(axes)
    weight = 1 / len(combinations)
    return {
        "format": 1,
        "model": "scmp-2017-headline",
        "seed": 1,
        "digest": "ab" * 32,
        "targets": ["revenue"],
        "quantities": {
            "workers": log_normal(20_123, 0.4, "person"),
            "revenue": log_normal(81, 1.1),
        },
        "readings": [
            {
                "reading": reading,
                "prior": weight,
                "posterior": weight,
                "posterior_se": 0.001,
                "posterior_range": [weight - sway / 2, weight + sway],
                "log_evidence": -3.2,
                "log_evidence_se": 0.01,
                "status": "ok",
                "quantities": {
                    "revenue": log_normal(25 * 1.7**i),
                    "workers": log_normal(20_123) | {"prior_only": True},
                },
            }
            for i, reading in enumerate(combinations)
        ],
        "diagnostics": {
            "max_rhat": 1.0031,
            "min_ess_bulk": 2311.3,
            "min_ess_tail": 1980.0,
            "divergences": 0 if converged else 3,
            "converged": converged,
            "failed": [] if converged else ["tau in gross: R-hat 1.04; try more draws"],
        },
        "options": {
            axis: {
                "update": True,
                "options": {
                    option: {
                        "prior": 0.5,
                        "posterior": 0.5,
                        "posterior_se": 0.001,
                        "posterior_range": [0.5, 0.5],
                        "set_by_prior": False,
                    }
                    for option in AXES[axis]
                },
            }
            for axis in list(AXES)[:axes]
        },
    }


def comparison(
    reading: Mapping[str, str] | None, median: float, sd: float, verdict: str, **more: Any
) -> dict[str, Any]:
    spread = log_normal(median, sd)
    below = 0.5 * (1 + math.erf(math.log(100 / median) / sd / math.sqrt(2)))
    above = 0.5 * (1 - math.erf(math.log(200 / median) / sd / math.sqrt(2)))
    return {
        "claim": "together",
        "reading": reading,
        "weight": 0.125,
        "low": 100.0,
        "high": 200.0,
        "unit": "MUSD/year",
        **{key: spread[key] for key in ("median", "q05", "q95")},
        "below": below,
        "inside": max(0.0, 1 - below - above),
        "above": above,
        "ratio": {key: spread[key] / 141.4 for key in ("q05", "median", "q95")},
        "factor_to_edge": 100 / median if median < 100 else 200 / median if median > 200 else 1.0,
        "overlap": 0.31,
        "conflict_p": 0.2,
        "verdict": verdict,
    } | more


def compare_document(axes: int, pool: str = "held-out", verdicts: Any = None) -> dict[str, Any]:
    rows = []
    for i, reading in enumerate(readings_of(axes)):
        median = 25 * 1.6 ** (i % 8)
        verdict = verdicts[i] if verdicts else "below" if i < 2 else "straddles"
        rows.append(comparison(reading, median, 0.8, verdict, weight=1 / 2**axes))
    opposed = {"conflict_p": None, "conflict_p_range": [0.2, 0.44]}
    rows.append(comparison(None, 80, 1.1, "divided", **opposed))
    return {"format": 1, "model": "m", "pool": pool, "comparisons": rows}


def rendered(parts: Iterable[Any], width: int = 80) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False)
    for part in parts:
        console.print(part)
    return out.getvalue()


# Numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (20_412.0, 130.0, "20,400"),
        (20_412.0, 1_300.0, "20,000"),
        (20_412.0, 0.1, "20,400"),
        (0.7431, 0.0001, "0.743"),
        (0.7431, 0.02, "0.74"),
        (0.0, None, "0"),
        (-3.25, 0.1, "−3.2"),
        (0.004, 0.02, "0.00"),
        (999.7, None, "1,000"),
        (0.9986, None, "0.999"),
        (0.9997, None, "1.00"),
        (0.00002345, None, "2.35×10⁻⁵"),
        (2.346e9, None, "2.35 billion"),
        (2.345e9, 3e8, "2.3 billion"),
        (None, None, "—"),
        (math.nan, None, "—"),
    ],
)
def test_no_digit_beyond_the_error_and_three_at_most(
    value: float | None, error: float | None, shown: str
) -> None:
    assert number(value, error) == shown


def test_a_probability_is_never_certain() -> None:
    shown = [probability(p) for p in (0.0, 0.004, 0.006, 0.5, 0.994, 0.9951, 1.0, None)]
    assert shown == ["<0.01", "<0.01", "0.01", "0.50", "0.99", ">0.99", ">0.99", "—"]


def test_the_ends_of_an_interval_lose_digits_with_their_own_errors() -> None:
    """A normal's 5 % quantile errs 1.69 times as much as its median."""
    normal = {"q05": 98.355, "q25": 99.326, "median": 100.0, "q75": 100.674, "q95": 101.645}

    def shown(**errors: float) -> tuple[str, str]:
        return median_and_interval(Statistics(**normal, **errors))

    assert shown(mcse_median=0.5) == ("100.0", "98.4 to 101.6")
    assert shown(mcse_median=0.7) == ("100.0", "98 to 102")
    assert shown(mcse_median=0.1, mcse_q95=30.0) == ("100.0", "98.4 to 100")
    small = {name: value / 100 for name, value in normal.items()}
    assert median_and_interval(Statistics(**small)) == (
        "1.000",
        "0.984 to 1.016",
    )  # as of 400 draws
    assert median_and_interval(Ends(q05=1e6, median=1e6, q95=1e6)) == ("1 million", "fixed")
    large = Statistics(q05=2.9e9, median=4.8e9, q95=7.1e9, mcse_median=1e8)
    assert median_and_interval(large) == ("4.8 billion", "2.9 to 7.1 billion")
    assert median_and_interval(Statistics()) == ("—", "—")


def test_an_interval_far_narrower_than_its_middle_is_told_from_a_point() -> None:
    """The mass of the charged kaon, in MeV: three digits had it between 494 and 494."""
    kaon = Statistics(q05=493.6348, median=493.6671, q95=493.6966, mcse_median=0.0006)
    assert median_and_interval(kaon) == ("493.667", "493.635 to 493.697")
    assert cited_range(493.6638, 493.6905, "MeV") == "493.664 to 493.690 MeV"
    neutron = Statistics(q05=877.702, median=879.263, q95=881.12, mcse_median=0.03)
    assert median_and_interval(neutron) == ("879.3", "877.7 to 881.1")


def test_what_was_stated_is_neither_rounded_nor_padded() -> None:
    assert [stated(x) for x in (1113.0, 5.0, 0.0, -0.15, 2e9, 1_234_567.0, 3e-7, None)] == [
        "1,113", "5", "0", "−0.15", "2 billion", "1,234,567", "3×10⁻⁷", "—",
    ]  # fmt: skip
    assert [brief(x, 4) for x in (73.04, 20_000.0, 0.83333)] == ["73.04", "20,000", "0.8333"]


# Tables ---------------------------------------------------------------------------------------

FRAME = Frame("A model")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """Stands for the one whose documents are shown."""
    return load(write_model(tmp_path_factory.mktemp("shown")))


def shown_fit(document: Mapping[str, Any], model: Model, width: int = 80) -> Iterator[Text]:
    return full(of_fit(Summary.read(document), model), FRAME, width)


def shown_comparison(document: Mapping[str, Any], model: Model, width: int = 80) -> Iterator[Text]:
    found = Comparison.read({"model": "m"} | dict(document))
    return full(of_comparison(found, model, True), FRAME, width)


def test_divergences_that_are_excused_are_told(model: Model) -> None:
    """Where the fit converged: an answer that failed is excused nothing."""
    for converged, told in ((True, True), (False, False)):
        document = fit_document(3, converged=converged)
        document["diagnostics"]["at_bound"] = 2
        assert Summary.read(document).document["diagnostics"]["at_bound"] == 2
        text = " ".join(" ".join(one.plain for one in shown_fit(document, model)).split())
        said = "2 more trajectories ended at the edge of a stated bound"
        assert (said in text) is told
    assert "at_bound" not in Summary.read(fit_document(3)).document["diagnostics"]


def test_a_document_is_written_as_it_was_read() -> None:
    fit = fit_document(3, sway=0.05)
    assert Summary.read(fit).document == fit | {"readings": Summary.read(fit).document["readings"]}
    again = Summary.read(fit).document
    assert Summary.read(again) == Summary.read(fit)
    assert Summary.read(again).document == again
    beside = Comparison.read(compare_document(2))
    *readings, mixture = beside.document["comparisons"]
    assert mixture["conflict_p_range"] == [0.2, 0.44]
    assert not any("conflict_p_range" in one or "note" in one for one in readings)
    assert Comparison.read(beside.document) == beside
    with pytest.raises(ValueError, match="this is no Summary"):
        Summary.read({"quantities": []})


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("axes", [0, 1, 2, 3, 4])
def test_every_line_fits(axes: int, width: int, model: Model) -> None:
    fit = of_fit(Summary.read(fit_document(axes, sway=0.05, converged=False)), model)
    beside = Comparison.read({"model": "m"} | compare_document(axes))
    for answer in (fit, of_comparison(beside, model, True)):
        for show in (screen, full):
            lines = rendered(show(answer, FRAME, width), width).splitlines()
            assert all(cell_len(line) <= width for line in lines)
            assert show is full or len(lines) <= LINES


def test_no_reading_is_left_out_however_many_there_are(model: Model) -> None:
    """Sixteen of 0.06 each: the last phrase, which moves the answer least, is folded."""
    answer = of_fit(Summary.read(fit_document(4)), model)
    text = rendered(screen(answer, FRAME))
    assert len(re.findall(r": 2 .* 0\.12 ", text)) == 8
    assert re.search(r"net, payroll, china and russia: 2 ", text)
    assert not re.search(r"and \d+ more", text)
    assert re.search(r"\nall, by weight", text)


def weighing(*weights: float) -> list[Any]:
    fit = fit_document(4)
    for reading, weight in zip(fit["readings"], weights, strict=False):
        reading["posterior"] = weight
    return list(Summary.read(fit | {"readings": fit["readings"][: len(weights)]}).readings)


def _own(one: ReadingSummary) -> tuple[str, ...]:
    return tuple((one.reading or {}).values())


def test_a_phrase_that_changes_nothing_is_not_named() -> None:
    rows = weighing(*[1 / 16] * 16)
    axes = list(rows[0].reading or {})
    assert len(axes) == 4
    kept = [axes[1], axes[3]]

    def says(one: ReadingSummary) -> tuple[str, ...]:
        return tuple((one.reading or {})[axis] for axis in kept)

    groups = condensed(rows, lambda rows: 0.0, says)
    assert [list(one.label) for one in groups] == [kept] * 4
    assert [one.weight for one in groups] == pytest.approx([0.25] * 4)
    assert not condensed(rows, lambda rows: 0.0, lambda row: "all alike")
    assert len(condensed(rows[:1], lambda rows: 0.0, lambda row: "one alone")) == 1


def test_readings_of_a_tenth_have_a_row_each_and_light_ones_share_one() -> None:
    weights = (0.3, 0.02, 0.25, 0.2, 0.1, 0.01, 0.08, 0.01, 0.01, 0.02)
    groups = condensed(weighing(*weights), lambda rows: 0.0, _own)
    assert len(groups) <= 8
    heavy = [one for one in groups if len(one.rows) == 1 and one.weight >= 0.1]
    assert [one.weight for one in heavy] == [0.3, 0.25, 0.2, 0.1]
    assert sum(one.weight for one in groups) == pytest.approx(sum(weights))
    light = condensed(weighing(*[0.31] * 3, *[0.01] * 7), lambda rows: 0.0, _own)
    assert light[-1].others
    assert (len(light), light[-1].label) == (4, {"": "7 others"})
    few = condensed(weighing(0.97, 0.01, 0.02), lambda rows: 0.0, _own)
    assert [len(one.rows) for one in few] == [1, 1, 1]


def test_beside_many_figures_one_table_leads(tmp_path: Path) -> None:
    said = EVIDENCE[EVIDENCE.index("  together:") :]
    evidence = EVIDENCE + "".join(said.replace("together:", f"together-{i}:") for i in range(3))
    cited = "".join(f"  together-{i}: revenue\n" for i in range(3))
    text = MODEL.replace("  together: revenue\n", cited)
    model = load(write_model(tmp_path, model=text, evidence=evidence))
    document = compare_document(1, verdicts=["below", "straddles"])
    rows = [
        {**row, "claim": f"{row['claim']}-{i}"} for i in range(3) for row in document["comparisons"]
    ]
    found = Comparison.read({**document, "comparisons": rows})
    answer = of_comparison(found, model, True)
    assert answer.finding.startswith("Of 3 cited figures, the answer ")
    assert answer.sheets[0].title == "The answer beside each cited figure, over all readings"
    assert [row.claim for row in answer.sheets[0].rows] == found.claims
    assert len(answer.sheets) == 1 + len(found.claims)


def test_a_comparison_shows_every_verdict(model: Model) -> None:
    verdicts = ["below"] * 7 + ["above"] + ["straddles"] * 8
    found = Comparison.read(compare_document(4, verdicts=verdicts))
    text = rendered(screen(of_comparison(found, model, True), FRAME))
    assert all(re.search(rf"^\w.* [<>]?\d\.\d\d  .*{one}\b", text, re.M)
               for one in ("below", "above", "straddles"))  # fmt: skip
    assert not re.search(r"and \d+ more", text)


@dataclass(frozen=True)
class Long:
    what: str
    size: int
    remark: str


def test_a_table_keeps_every_figure_however_narrow() -> None:
    rows = [Long("a name that goes on and on and on", 12_345, "a remark"), Long("short", 1, "")]
    lines = [line for laid in lay(grid(rows), 30) for row in laid.rows for line in row]
    assert max(map(cell_len, lines)) <= 30
    assert "12,345" in "\n".join(lines)
    assert "remark" in "\n".join(lines)


def test_a_fit_without_readings_is_one_table(model: Model) -> None:
    text = rendered(shown_fit(fit_document(0), model))
    assert "The quantities" in text
    assert "US$81.0 million a year" in " ".join(text.split())
    assert "weight" not in text
    assert "Converged." in text


def test_weights_that_echo_a_prior_are_said_to(model: Model) -> None:
    still = rendered(shown_fit(fit_document(3), model))
    assert "(range):" not in still
    assert "set by the prior" not in still
    moved = rendered(shown_fit(fit_document(3, sway=0.044), model))
    assert "0.10–0.17" in moved
    assert "(range): how far the weight moves if the priors" in moved
    assert "set by the prior" not in moved
    echo = fit_document(2, sway=0.044)
    gross = echo["options"]["wage"]["options"]["gross"]
    gross |= {"posterior": 0.46, "posterior_range": [0.29, 0.64], "set_by_prior": True}
    echo["options"]["revenue"]["update"] = False
    text = rendered(shown_fit(echo, model))
    assert re.search(r"wage +gross +0.50 +0.46 +0.29–0.64 †", text)
    assert re.search(r"revenue +share +0.50 +0.50 +held", text)
    assert "† This weight is set by the priors, not by the evidence." in text


def test_what_must_not_be_trusted_says_so(model: Model) -> None:
    doubtful = of_fit(Summary.read(fit_document(1, converged=False)), model)
    for show in (screen, full):
        text = " ".join(rendered(show(doubtful, FRAME)).split())
        assert "NOT CONVERGED" in text
        assert "au in gross: R-hat 1.04; try more draws" in text
    document = fit_document(3)
    document["readings"][1]["status"] = "negligible, not converged"
    blank = dict.fromkeys(document["readings"][1]["quantities"]["revenue"])
    document["readings"][1]["quantities"]["revenue"] = blank
    text = " ".join(rendered(shown_fit(document, model)).split())
    assert "negligible, not converged" in text
    assert "0.12 —" in text


def test_what_no_claim_informs_is_marked(model: Model) -> None:
    text = rendered(shown_fit(fit_document(2), model))
    assert "prior only" in text
    assert "Prior only: no claim speaks of it." in text


# What a comparison says -----------------------------------------------------------------------


def said(model: Model, verdicts: list[str], **more: Any) -> str:
    document = compare_document({1: 0, 2: 1, 4: 2, 8: 3}[len(verdicts)], verdicts=verdicts, **more)
    return " ".join(rendered(shown_comparison(document, model)).split())


def test_probabilities_stand_together_and_before_distances(model: Model) -> None:
    text = said(model, ["below"] * 8)
    assert text.index("below inside above") < text.index("ratio")
    assert "0.20 to 0.44" in text  # the mixture's conflict is a range


def test_readings_of_a_verdict_are_described_by_what_they_share(model: Model) -> None:
    text = said(model, ["below", "below", *["straddles"] * 5, "above"])
    assert "Under “gross, share” the answer lies below" in text
    assert "under 5 of the 8 readings it straddles it" in text
    assert "under “net, payroll, china and russia” it lies above it" in text
    assert "The verdict is divided: readings" in text
    assert "Under every reading the answer lies below" in said(model, ["below"] * 8)


def test_straddling_with_a_wide_answer_is_too_uncertain_to_say(model: Model) -> None:
    assert "too wide to fit: its 90 % interval spans a factor of 14" in said(
        model, ["straddles"] * 4
    )
    narrow = compare_document(0)
    narrow["comparisons"] = [comparison({}, 100, 0.3, "straddles")]
    assert "too wide" not in rendered(shown_comparison(narrow, model))


def test_reaching_the_range_is_said_to_prove_little(model: Model) -> None:
    text = said(model, ["straddles", "below", "below", "below"])
    assert "That the two meet proves little: errors in opposite directions can" in text
    text = said(model, ["straddles", "consistent", "below", "below"])
    assert "2 of the 4 readings can reach the cited figure, so it cannot tell" in text
    assert "proves little" not in said(model, ["below"] * 4)


def test_an_admitted_figure_is_labelled(model: Model) -> None:
    assert "Held out: the cited figure has moved neither" in said(model, ["below"])
    for pool in ("independent", "redundant", "as declared"):
        text = said(model, ["below"], pool=pool)
        assert "If you believe the cited figure" in text
        assert "Held out" not in text


def test_bounds_differences_and_gaps_are_shown(model: Model) -> None:
    bound = {"low": None, "ratio": None, "overlap": None, "conflict_p": None}
    apart = {"q05": -20.0, "median": -5.0, "q95": 2.0}
    unknown = ["median", "q05", "q95", "below", "inside", "above", "verdict", "ratio"]
    unknown += ["factor_to_edge", "overlap", "conflict_p"]
    rows = [
        comparison({}, 50, 0.3, "below", **bound),
        comparison({}, 50, 0.3, "below", claim="other")
        | {"ratio": None, "factor_to_edge": None, "difference": apart, "difference_to_edge": 50.0},
        comparison({}, 50, 0.3, "below", claim="third")
        | dict.fromkeys(unknown)
        | {"note": "not computable: no draws near"},
    ]
    text = rendered(shown_comparison({"pool": "held-out", "comparisons": rows}, model))
    assert "up to US$200 million a year" in text
    assert "difference" in text
    assert "−20.0 to 2.0" in text
    assert "the answer: not computable: no draws near." in text
    assert "sets no cited figure" in rendered(
        shown_comparison({"pool": "x", "comparisons": []}, model)
    )


# Commands that sample nothing -----------------------------------------------------------------


def test_every_command_teaches() -> None:
    overview = run("--help").output
    for name in COMMANDS:
        assert f"\n  {name} " in overview
        text = run(name, "--help").output
        assert "Examples:" in text
        assert text.count(f"estimates {name}") >= 2 + ("Usage:" in text)
        assert "Exit codes:" in text
        assert "--json" in text
        assert "--seed" in text
        assert all(len(line) <= 80 for line in text.splitlines())
    assert "Exit codes:" in overview
    assert run().output == overview


def test_list_cuts_no_title_and_a_broken_model_does_not_stop_it(town: Path) -> None:
    write_model(town, "a-broken-one", MODEL.replace("musicians * kept", "musicans * kept"))
    result = run("list", "--root", town)
    assert result.exit_code == 0
    head, broken, whole, *on = result.stdout.splitlines()
    assert head.split() == ["model", "quantities", "claims", "readings", "title"]
    assert broken.startswith("a-broken-one")
    assert "broken: " in broken
    assert "model.yaml:14:34: " in broken
    assert "unknown quantity 'musicans'" in broken
    assert whole.split()[:4] == [SLUG, "3", "6", "1"]
    assert on
    assert all(cell_len(line) <= 80 for line in (whole, *on))
    title = " ".join((" ".join(whole.split()[4:]), *(line.strip() for line in on)))

    document = json.loads(run("list", "--root", town, "--json").stdout)
    assert [entry["model"] for entry in document["models"]] == ["a-broken-one", SLUG]
    assert "did you mean 'musicians'?" in document["models"][0]["errors"][0]["message"]
    assert document["models"][1]["combinations"] == 2
    assert document["models"][1]["title"] == title


def test_list_without_models_says_so(tmp_path: Path) -> None:
    result = run("list", "--root", tmp_path)
    assert result.exit_code == 0
    assert result.stdout.startswith("No models here")
    assert json.loads(run("list", "--root", tmp_path, "--json").stdout)["models"] == []


def test_check_counts_what_is_well_formed(town: Path) -> None:
    result = run("check", SLUG, "--root", town)
    assert result.exit_code == 0, result.output
    counts = "3 quantities, 2 relations, 5 claims as evidence and 1 to compare"
    assert counts in " ".join(result.stdout.split())
    document = json.loads(run("check", town / "models" / SLUG, "--json").stdout)
    assert document["model"] == SLUG
    assert len(document["digest"]) == 64


def test_check_warns_without_refusing(town: Path) -> None:
    """A prior centred on its own claim would use the datum twice."""
    write_model(town, "twice", MODEL.replace("prior: 5 to 500", "prior: 20 to 80"))
    result = run("check", "twice", "--root", town)
    assert result.exit_code == 0
    assert "musicians" in result.stderr
    assert json.loads(run("check", "twice", "--root", town, "--json").stdout)["warnings"]


def test_check_names_every_fault_at_once(town: Path) -> None:
    faulty = MODEL.replace("musicians * kept", "musicans * kept").replace(
        "coins: {unit: share, prior: 20 to 95 %}", "coins: {unit: share, prior: 20 to 120 %}"
    )
    write_model(town, "faulty", faulty)
    result = run("check", "faulty", "--root", town)
    assert result.exit_code == 2
    assert not result.stdout
    assert "unknown quantity 'musicans'" in result.stderr
    assert "share" in result.stderr
    assert "Traceback" not in result.stderr
    found = errors_of(run("check", "faulty", "--root", town, "--json"))
    assert len(found) == 2
    assert all(error["file"].endswith("model.yaml") and error["line"] for error in found)


def test_show_tells_the_model_in_words(town: Path) -> None:
    result = run("show", SLUG, "--full", "--root", town)
    assert result.exit_code == 0, result.output
    text = result.stdout
    for part in (
        "What the street musicians of a town take in a year",
        "“there are around 40 street musicians in town”",
        "A. Clerk, town hall",
        "around 40 people: taken as 40 people (90 % between 21.7 and 73.6)",
        "log scale, width",
        "hedge 0.10",
        "rounding 0.072",  # 10/(2·√3)/40
        "basis (expert) 0.35",
        "a copy, with how-many-again, of one datum (town-register)",
        "logit scale",
        "75 %: taken as 75 % (90 % between 62.8 and 84.2)",
        "below 500 USD/person/week",
        "Held out, and set beside the answer",
        "In the ledger, not used here",
        "Because: It gives no figure.",
        "5 to 500 with probability 0.90, log-normal",
        "20 to 95 % with probability 0.90, logit-normal",
        "= musicians * kept",
        "if “town” is meant: = takings * 0.9",
        "Are the takings before or after the town's tenth?",
        "Held at the stated weights.",
        "musician, weight 0.75: The speaker is a musician.",
        "Conventions (choices, not findings):",
        "tens to trillions 3.2 (0.7)",
        "The Gazette",
    ):
        assert " ".join(part.split()) in " ".join(text.split()), part
    assert all(cell_len(line) <= 80 for line in text.splitlines())


def test_show_json_carries_centres_and_widths(town: Path) -> None:
    document = json.loads(run("show", SLUG, "--root", town, "--json").stdout)
    claim = document["evidence"][0]
    assert claim["claim"] == "how-many"
    assert claim["centre"] == pytest.approx(40)
    width = math.sqrt(0.1**2 + (10 / 40 / (2 * math.sqrt(3))) ** 2 + 0.35**2)
    assert claim["width"] == pytest.approx(width)
    assert claim["q95"] == pytest.approx(40 * math.exp(1.6448536 * width))
    assert claim["copies"] == ["how-many-again"]
    assert [entry["claim"] for entry in document["compare"]] == ["together"]
    assert [entry["claim"] for entry in document["unused"]] == ["licences"]


# What is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["chek"], "no command 'chek'; did you mean 'check'?"),
        (["check"], "missing argument 'MODEL'"),
        (["check", "x", "--jsn"], "no such option"),
        (["fit", SLUG, "--seed", "many"], "'many' is not a valid integer"),
        (["fit", SLUG, "--seed", "-1"], "-1 is not in the range"),
        (["compare", SLUG, "--pool", "both"], "'both' is not one of"),
        (["check", "street-musician"], "did you mean 'street-musicians'?"),
        (["completion", "tcsh"], "'tcsh' is not one of"),
        (["list", "extra"], "unexpected extra argument"),
        (["list", "--root", "nowhere"], "'nowhere' does not exist"),
    ],
)
def test_a_refusal_is_a_sentence(
    words: list[str], sentence: str, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(town)
    result = run(*words)
    assert result.exit_code == 2
    assert not result.stdout
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    error = errors_of(run(*words, "--json"))[0]
    assert sentence in error["message"]


def test_a_model_can_be_called_anything(town: Path) -> None:
    """After `--` a word is never an option, so nor is `--json`."""
    result = run("check", "--root", town, "--", "--json")
    assert result.exit_code == 2
    assert not result.stdout


def test_all_faults_of_all_models_are_named_before_anything_is_made(town: Path) -> None:
    for slug in ("one", "two"):
        write_model(town, slug, MODEL.replace("musicians * kept", f"musicans * {slug}"))
    result = run("reproduce", "--root", town)
    assert result.exit_code == 2
    assert "one/model.yaml" in result.stderr
    assert "two/model.yaml" in result.stderr
    assert not (town / "results").exists()


@pytest.mark.parametrize(
    ("raised", "code", "message"),
    [
        (NotConverged("tau has not converged"), 1, "tau has not converged"),
        (PermissionError(13, "Permission denied", "results"), 2, "results: Permission denied"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_failures_have_their_exit_codes(
    raised: BaseException, code: int, message: str, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise raised

    monkeypatch.setattr("estimates.model.io.load", fail)
    result = run("check", SLUG, "--root", town)
    assert (result.exit_code, result.stderr.strip()) == (code, message)
    if message:
        document = json.loads(run("check", SLUG, "--root", town, "--json").stdout)
        assert document["errors"][0]["message"] == message


# In a process of its own ----------------------------------------------------------------------

LIGHT = """
import json, runpy, sys
sys.argv = ["estimates", *sys.argv[1:]]
try:
    runpy.run_module("estimates", run_name="__main__")
except SystemExit as leave:
    print(json.dumps([leave.code, sorted({name.split(".")[0] for name in sys.modules})]),
          file=sys.stderr)
"""
HEAVY = {"pymc", "pytensor", "nutpie", "numba", "arviz", "arviz_stats", "matplotlib", "pandas"}


@pytest.mark.parametrize(
    "words",
    [
        ["--help"], ["fit", "--help"], ["calibrate", "--help"], ["list"], ["check", SLUG],
        ["show", SLUG], ["store"],
    ],
)  # fmt: skip
def test_what_samples_nothing_loads_nothing_heavy(words: list[str], town: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *words],
        cwd=town, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    assert done.stdout
    code, loaded = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    assert not HEAVY & set(loaded)


def test_without_a_terminal_there_is_no_colour_and_no_progress(town: Path) -> None:
    forced = {name: value for name, value in os.environ.items() if name != "FORCE_COLOR"}
    with start("show", SLUG, cwd=town, env=forced) as process:
        out, err = process.communicate(timeout=900)
    assert "\x1b" not in out + err
    assert not err


def test_off_a_terminal_a_long_fit_says_now_and_then_that_it_is_at_work(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with progress() as report:
        report(1, 3, "net, share")
    assert capfd.readouterr().err == ""  # half a minute is not over
    monkeypatch.setattr("estimates.cli.progress.EVERY", 0.05)
    with progress() as report:
        report(1, 3, "net, share")
        time.sleep(0.5)
    said = capfd.readouterr().err.splitlines()
    assert len(said) >= 2
    assert set(said) <= {f"still at work after {n} s: 1 of 3 done, at net, share" for n in (0, 1)}
    monkeypatch.setattr("estimates._util.at_work._SECONDS", 0.1)
    with progress() as report, doing("what carries the answer"):
        report(1, 3, "c7")
        report(2, 3, "c8")
        time.sleep(0.4)
        WORK.within(0.5, 1)
        time.sleep(0.4)
        report(3, 3, "c9")
        with doing("the figure tornado"):
            time.sleep(0.3)
    said = capfd.readouterr().err.splitlines()
    assert any(
        re.search(r"carries the answer: 2 of 3 done, at c8; about . s left$", x) for x in said
    )
    assert any(x.endswith("at c8 (50 % drawn); about 0 s left") for x in said)
    assert said[-1].endswith(": what carries the answer: the figure tornado")
    time.sleep(0.2)
    assert capfd.readouterr().err == ""  # and no more when it is done


def test_json_is_utf8_and_words_survive_any_locale(town: Path) -> None:
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    with start("show", SLUG, "--full", cwd=town, env=ascii_only) as process:
        out, _ = process.communicate(timeout=900)
    assert process.returncode == 0
    assert '"there are around 40 street musicians in town"' in out
    words = [sys.executable, "-m", "estimates", "show", SLUG, "--json"]
    raw = subprocess.run(words, cwd=town, env=ascii_only, capture_output=True, check=True).stdout
    assert json.loads(raw.decode())["model"] == SLUG


def test_a_closed_pipe_is_no_error(town: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with start("show", SLUG, cwd=town, stdout=writer) as process:
        os.close(writer)
        _, err = process.communicate(timeout=900)
    assert process.returncode == 141
    assert not err


WAIT = """
import signal, sys, time
import estimates.model.io

signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs ignore it

def wait(*_, **__):
    print("ready", flush=True)
    time.sleep(60)

estimates.model.io.load = wait
sys.argv = ["estimates", "check", "anything"]
from estimates.cli import main
main()
"""


def test_an_interrupt_leaves_quietly() -> None:
    words = [sys.executable, "-c", WAIT]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, text=True, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=900)
    assert (process.returncode, out, err.strip()) == (130, "", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    result = run("completion", shell)
    assert result.exit_code == 0
    assert "_ESTIMATES_COMPLETE" in result.stdout
    assert json.loads(run("completion", shell, "--json").stdout)["script"] in result.stdout


@pytest.mark.parametrize(
    ("typed", "wanted"), [("estimates che", "check"), ("estimates fit stre", SLUG)]
)
def test_completion_offers_commands_and_models(typed: str, wanted: str, town: Path) -> None:
    asked = os.environ | {
        "_ESTIMATES_COMPLETE": "bash_complete",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    with start(cwd=town, env=asked) as process:
        out, _ = process.communicate(timeout=900)
    assert out.split() == [f"plain,{wanted}"]


# Commands that fit ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The model of `town`, fitted once, and what `fit --json` said."""
    root = tmp_path_factory.mktemp("town")
    write_model(root)
    return root, run("fit", SLUG, "--root", root, "--json")


def test_fit_prints_its_document_and_saves_the_draws(fitted: tuple[Path, Result]) -> None:
    root, result = fitted
    assert result.exit_code == 0, result.output
    assert not result.stderr
    document = json.loads(result.stdout)
    contract = ["format", "model", "seed", "digest", "targets", "quantities", "readings"]
    assert list(document)[: len(contract) + 1] == [*contract, "diagnostics"]
    assert document["seed"] == 3
    assert document["diagnostics"]["converged"] is True
    assert [entry["prior"] for entry in document["readings"]] == [0.75, 0.25]
    assert (root / "results" / SLUG / "fit.nc").is_file()


@pytest.mark.parametrize("command", ["fit", "compare"])
def test_an_answer_from_the_store_loads_nothing_heavy(
    fitted: tuple[Path, Result], command: str
) -> None:
    root, result = fitted
    run("compare", SLUG, "--root", root)
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, command, SLUG, "--json"],
        cwd=root, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    code, loaded = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    assert not (HEAVY | {"scipy", "xarray", "llvmlite"}) & set(loaded)
    if command == "fit":
        assert json.loads(done.stdout) == json.loads(result.stdout)


def test_fresh_fits_anew_and_finds_the_same(
    fitted: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, result = fitted
    from estimates.report import reproduce as results

    calls: list[None] = []
    real = results.fit
    monkeypatch.setattr(results, "fit", lambda *a, **k: calls.append(None) or real(*a, **k))
    assert run("fit", SLUG, "--root", root, "--json").stdout == result.stdout
    assert not calls
    assert run("fit", SLUG, "--root", root, "--json", "--fresh").stdout == result.stdout
    assert len(calls) == 1


def test_compare_uses_the_stored_fit(
    fitted: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = fitted

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("fitted anew")

    monkeypatch.setattr("estimates.report.reproduce.fit", refuse)
    result = run("compare", SLUG, "--root", root, "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["comparisons"]
    assert [row["reading"] for row in rows] == [{"whose": "musician"}, {"whose": "town"}, None]
    for row in rows:
        assert row["below"] + row["inside"] + row["above"] == pytest.approx(1)
    text = run("compare", SLUG, "--root", root).stdout
    assert "together: US$0.5 to 1 million a year, held out" in text
    assert "Conventions" in run("compare", SLUG, "--full", "--root", root).stdout
    assert all(cell_len(line) <= 80 for line in text.splitlines())


def test_a_fit_that_has_not_converged_exits_1(
    fitted: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from estimates.report.reproduce import stored_fit

    root, _ = fitted
    from estimates.model.io import load

    doubtful = stored_fit(load(SLUG, root), root=root)
    doubtful.attrs["converged"] = 0
    doubtful.attrs["failed"] = ["takings: R-hat 1.20; sample longer"]
    root = tmp_path
    write_model(root)
    monkeypatch.setattr("estimates.report.reproduce.fit", lambda *_, **__: doubtful)
    result = run("fit", SLUG, "--root", root, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["diagnostics"]["converged"] is False
    result = run("fit", SLUG, "--root", root)
    assert result.exit_code == 1
    assert "NOT CONVERGED" in result.stdout
    for command in ("compare", "figures"):
        result = run(command, SLUG, "--root", root)
        assert result.exit_code == 1
        assert "not converged" in result.stderr


# One screen -----------------------------------------------------------------------------------

ASKED: dict[str, list[str]] = {
    "whatif": ["--drop", "tips-in-coins"],
    "multiverse": ["--sample", "2"],
    "calibrate": ["-n", "3"],
}
VARIANTS = """\
variants:
  tails: {heavy: {conventions: {tails: student-t}}}
"""


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory, few_draws: None) -> Path:
    """The same with a variant, so that every command has something to say."""
    root = tmp_path_factory.mktemp("varied")
    write_model(root, model=MODEL + VARIANTS)
    return root


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("command", ["fit", "compare", "show", *ANALYSES, "calibrate"])
def test_every_answer_is_one_screen_and_full_has_every_row(
    command: str, varied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for how in ("_PRECISE", "_UNDECIDED"):  # where a verdict flips is not looked at here
        monkeypatch.setattr(f"estimates.analysis.multiverse.width_flips.{how}", 10.0)
    monkeypatch.setattr("estimates.analysis.multiverse.width_flips._FINER", 1)
    asked = [command, SLUG, *ASKED.get(command, []), "--root", varied]
    first, whole = run(*asked), run(*asked, "--full")
    assert first.exit_code in (0, 1), first.output
    lines = first.stdout.splitlines()
    assert len(lines) <= LINES, first.stdout
    assert all(cell_len(line) <= 80 for line in lines)
    assert "--full" in lines[-1]
    told = [line for line in whole.stdout.splitlines() if "results" not in line]
    assert all(cell_len(line) <= 80 for line in told)
    if command not in ("show", "calibrate", "conflict"):
        assert re.search(r"US\$|million|people|%", first.stdout)
    if command in ANALYSES:
        document = json.loads(run(*asked, "--json").stdout)
        found = ANALYSES[command].answer().read(document)
        flat = "".join(whole.stdout.split())
        for sheet in of_result(found).sheets:
            shown = grid(sheet.rows, found)
            assert len(shown.rows) == len(sheet.rows)
            for row in shown.rows:
                numbers = itertools.compress(row, shown.numeric)
                # An interval may stand under its median.
                parts = [part for cell in numbers for part in cell.split(" (")]
                assert all("".join(part.split()) in flat for part in parts), row


@pytest.mark.parametrize("words", [["70 to 80 %"], ["--prior", "1,000 to 100,000"]])
def test_an_explanation_is_one_screen(words: list[str]) -> None:
    for more in ([], ["--full"]):
        lines = run("explain", *words, *more).stdout.splitlines()
        assert all(cell_len(line) <= 80 for line in lines)
        assert more or len(lines) <= LINES
