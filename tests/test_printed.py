"""One number has one rounding, and stands as an editor sets it, wherever it is printed."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from estimates import Sampling, compare, fit, whatif
from estimates._util.format import (
    cited,
    grown,
    median_and_interval,
    number,
    p_said,
    p_value,
    stated,
)
from estimates.analysis.compare.result import OneReading
from estimates.analysis.forest.result import Line
from estimates.analysis.forest.run import _foretold
from estimates.analysis.result import Numbers
from estimates.inference.statistics import ERRORS, alike, interval_of, mixture_of, statistics_of
from estimates.inference.summary import summary
from estimates.language.cells import Grid, grid
from estimates.language.finding import finding
from estimates.language.phrases import capitalised, cited_range, compared, told
from estimates.model import Model
from estimates.plots.answer import prepared
from estimates.plots.inverse import level_words
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.marks import figures_of
from estimates.report.export.folder import export
from estimates.report.html.content import begun
from estimates.report.html.page import write_page
from estimates.report.text.compare import _first, of_comparison
from estimates.report.text.fit import of_fit
from estimates.report.text.screen import Answer
from estimates.report.text.tables import lay

from .truth.building import build

SHORT = Sampling(draws=500, tune=300)
#: By name the unit of the answer, those of the two that make it, and their priors; what is said of
#: the first, and what is cited of the answer.
MAGNITUDES = {
    "money": ("EUR", "person", "EUR/person", "40,000 to 400,000", "20,000 to 90,000",
              "around 120,000 people", "€4bn to €6bn"),
    "millions": ("MUSD/year", "person", "USD/person/month", "50,000 to 500,000", "50 to 900",
                 "around 160,000 people", "500 to 900 MUSD/year"),
    "rate": ("1/year", "", "1/year", "0.001 to 0.1", "1e-7 to 1e-5", "around 0.01",
             "1e-8 to 3e-8 /year"),
    "share": ("share", "share", "share", "0.2 to 0.6", "0.3 to 0.8", "around 35 %", "5 to 15 %"),
    "huge": ("kg", "", "kg", "1e12 to 1e14", "1e20 to 1e22", "around 1e13", "1e33 to 1e34 kg"),
}  # fmt: skip


def model_of(folder: Path, kind: str) -> Model:
    unit, of_many, of_each, many, each, says, cited = MAGNITUDES[kind]
    return build(
        folder / kind,
        currencies={"EUR": "1.1 USD"},
        quantities={
            "many": {"unit": of_many, "prior": many} if of_many else {"prior": many},
            "each": {"unit": of_each, "prior": each},
        },
        relations={
            "each_meant": {"unit": of_each, "by": "how", "gross": "each", "net": "each / 2"},
            "answer": {"unit": unit, "is": "many * each_meant"},
        },
        readings={"how": {"gross": 2, "net": 1}},
        says={"count": says, "cited": cited},
        claims={"count": "many"},
        compare={"cited": "answer"},
        targets=["answer"],
    )


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Model, xr.DataTree]]:
    folder = tmp_path_factory.mktemp("printed")
    models = {kind: model_of(folder, kind) for kind in MAGNITUDES}
    return {kind: (model, fit(model, sampling=SHORT, seed=1)) for kind, model in models.items()}


def cells_of(answer: Answer) -> str:
    """All that its tables show, at once and in full."""
    texts = [answer.finding]
    for sheet in answer.sheets:
        for rows in filter(None, (sheet.rows, sheet.first)):
            shown = grid(rows, sheet.answer)
            texts += [cell for row in shown.rows for cell in row]
    return " | ".join(texts)


def printed(model: Model, tree: xr.DataTree, folder: Path) -> Iterator[tuple[str, str]]:
    """What each command, the figure, the report and the export print of the answer."""
    told = summary(tree)
    yield "fit", cells_of(of_fit(told, model))
    yield "compare", cells_of(of_comparison(compare(tree), model, True))
    supposed = whatif(tree, widen={"count": 2.0})
    yield "whatif", " | ".join(c for row in grid(supposed.targets, supposed).rows for c in row)
    figure = prepared(Findings.of(tree), "answer")
    yield "figure", " (".join(figures_of(figure.ridges[-1].row, figure.ruler))
    export(tree, folder, formats=["markdown"])
    yield "export", "".join(path.read_text() for path in sorted(folder.rglob("*.md")))
    page = write_page(begun(tree), folder / "report.html").read_text(encoding="utf-8")
    yield "report", re.sub(r"<[^>]+>", "", page)


@pytest.mark.parametrize("kind", MAGNITUDES)
def test_the_same_figures_are_printed_everywhere(
    trees: dict[str, tuple[Model, xr.DataTree]], kind: str, tmp_path: Path
) -> None:
    model, tree = trees[kind]
    whole = summary(tree).quantities["answer"]
    factor = 100.0 if whole.unit == "share" else 1.0
    median, interval = median_and_interval(whole, factor)
    assert whole.mcse_q05
    assert whole.mcse_q95
    assert not re.search(r"\de", f"{median} {interval}")
    for where, text in printed(model, tree, tmp_path / "out"):
        if where == "export":
            errors = whole.mcse_q05, whole.mcse_median, whole.mcse_q95
            ends = zip((whole.q05, whole.median, whole.q95), errors, strict=True)
            wanted = [number(value, error) for value, error in ends]
        else:
            wanted = [median, interval]
        missing = [one for one in wanted if one not in text]
        assert not missing, (where, missing)


def test_ends_err_as_much_as_they_scatter() -> None:
    """Of a mixture of two normals, as 200 repetitions say; their own error is five per cent."""
    rng = np.random.default_rng(3)
    weights, fits = np.array([0.3, 0.7]), np.array([0, 1])
    simulated = np.tile(weights, (50, 1))
    found = []
    for _ in range(200):
        values = rng.normal(size=(2, 2, 500)) + np.array([0.0, 2.0])[:, None, None]
        found.append(mixture_of(values, weights, fits, simulated))
    for name, error in zip(("q05", "median", "q95"), sorted(ERRORS, key=ERRORS.__getitem__),
                           strict=True):  # fmt: skip
        scatter = np.std([getattr(one, name) for one in found], ddof=1)
        told = np.mean([getattr(one, error) for one in found])
        assert abs(told / scatter - 1) < 0.25  # four errors of a sd of 200 are 0.2


def test_a_mixture_of_one_reading_is_that_reading() -> None:
    values = np.random.default_rng(1).lognormal(size=(3, 2, 400))
    one = mixture_of(values, np.array([0, 1.0, 0]), np.arange(3), np.tile([0, 1.0, 0], (5, 1)))
    assert one == statistics_of(values[1])


def test_readings_with_the_same_draws_count_as_one() -> None:
    """However their weights are split, and wherever another reading stands between them."""
    rng = np.random.default_rng(4)
    one, other = rng.lognormal(size=(2, 2, 400))
    simulated = rng.dirichlet([30, 50, 20], size=200)
    split = mixture_of(
        np.stack([one, other, one]), np.array([0.3, 0.5, 0.2]), np.array([0, 1, 0]), simulated
    )
    joined = np.stack([simulated[:, 0] + simulated[:, 2], simulated[:, 1]], axis=1)
    whole = mixture_of(np.stack([one, other]), np.array([0.5, 0.5]), np.array([0, 1]), joined)
    assert vars(split) == pytest.approx(vars(whole))
    assert alike(np.stack([one, other, one])).tolist() == [0, 1, 0]
    same = np.broadcast_to(one, (3, *one.shape))
    assert mixture_of(same, np.full(3, 1 / 3), np.zeros(3, int), simulated) == statistics_of(one)
    assert interval_of(same, np.full(3, 1 / 3), 0.9) == interval_of(one[None], np.ones(1), 0.9)


@pytest.mark.parametrize(
    ("figures", "multiplier", "shown"),
    [
        ("1,200", "million", ("1.2", "billion")),
        ("938", "million", ("938", "million")),
        ("18.0 and 1,240", "million", ("18.0 million and 1.24 billion", "")),
        ("0.0212", "billion", ("21.2", "million")),
        ("0.50", "million", ("0.50", "million")),
        ("0.0212", "million", ("21,200", "")),
        ("1.20 million", "million", ("1.20", "trillion")),
        ("1,050 to 2,000", "million", ("1.05 to 2", "billion")),
        ("5,000,000", "million", ("5", "trillion")),
        ("3.2×10⁻⁷", "million", ("3.2×10⁻⁷", "million")),
        ("0", "million", ("0", "million")),
        ("1,200", "", ("1,200", "")),
    ],
)
def test_a_multiplier_that_is_outgrown(
    figures: str, multiplier: str, shown: tuple[str, str]
) -> None:
    assert grown(figures, multiplier) == shown if multiplier else told(figures, "person")


def test_money_and_counts_as_an_editor_sets_them() -> None:
    assert told(number(4.8e9, 1e8), "EUR") == "€4.8 billion"
    assert told(number(6.000e9), "EUR") == "€6.00 billion"
    assert told("1,200", "MUSD/year") == "US$1.2 billion a year"
    assert compared(("18.0", "938"), "MUSD/year", " and ") == "US$18.0 and US$938 million a year"
    assert cited_range(1e9, 2e9, "EUR") == "€1 to 2 billion"
    assert told(number(2.1e-6), "1/year") == "2.10×10⁻⁶ a year"
    assert stated(1_234_567.0) == "1,234,567"
    assert [p_value(p) for p in (0.31, 0.0042, 1e-4, 3e-7, 0.0)] == [
        "0.31", "0.0042", "0.00010", "<0.0001", "<0.0001",
    ]  # fmt: skip
    assert p_said(0.02) == "p = 0.020"
    assert p_said(3e-7) == "p less than one in 10,000"


@pytest.mark.parametrize(
    ("low", "high", "cited"), [(500.0, None, "at least 500"), (None, 500.0, "at most 500")]
)
def test_beside_a_bound_a_table_says_whether_it_is_met(
    low: float | None, high: float | None, cited: str
) -> None:
    missed = 0.2
    row = OneReading(
        claim="c", reading={}, weight=1.0, low=low, high=high, unit="person", median=1000.0,
        q05=600.0, q95=1500.0, below=0.0 if low is None else missed, inside=1 - missed,
        above=0.0 if high is None else missed, mcse_median=5.0, mcse_q05=5.0, mcse_q95=5.0,
        factor_to_edge=1.0, verdict="straddles",
    )  # fmt: skip
    assert row.bound == 500.0
    assert row.times_bound == 2.0
    assert row.times_error == pytest.approx(0.01)
    shown = grid(list(_first([row])), first=True)
    cells = dict(zip(shown.heads, shown.rows[0], strict=True))
    assert (cells["met"], cells["× the bound"]) == ("0.80", "2.00")
    assert not {"below", "inside", "above"} & set(cells)
    whole = grid([row])
    cells = dict(zip(whole.heads, whole.rows[0], strict=True))
    assert cells["cited"] == cited
    assert (cells["met"], cells["× the bound"]) == ("0.80", "2.00")
    assert not {"below", "inside", "above"} & set(cells)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (2.0, 8.0, "One more claim would most likely say 2.00 to 8.00."),
        (2.0, math.inf, "One more claim would most likely say 2.00 or more, without an upper end."),
        (
            0.0,
            math.inf,
            "One more claim could say anything: the size of such errors is hardly known.",
        ),
    ],
)
def test_a_next_claim_without_an_upper_end_is_said_in_words(
    low: float, high: float, said: str
) -> None:
    line = Line(about="x", kind="next claim", unit="", scale="log", median=4.0, q05=low, q95=high)
    assert _foretold(line) == said


def test_a_name_of_the_model_is_no_beginning_of_a_sentence() -> None:
    assert capitalised("what they pay") == "What they pay"
    assert capitalised("wage.china * kept in 2012") == "wage.china * kept in 2012"
    assert capitalised("in_hand in 2012") == "in_hand in 2012"
    assert capitalised("") == ""


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (77.4948, "77.5"),
        (68.04, "68.04"),
        (1234.0, "1,234"),
        (100.0, "100"),
        (1 / 3, "0.333"),
        (164.83, "165"),
        (0.5, "0.5"),
        (-20.0, "−20"),
    ],
)
def test_an_end_that_nobody_wrote_has_three_digits(end: float, said: str) -> None:
    assert cited(end) == said


def test_a_per_cent_sign_stays_with_its_number() -> None:
    """Neither a head nor a cell is broken before it, however narrow the column."""
    table = Grid(
        ["claims of", "in 80 %", "says"],
        [["all that were left out of the model", "100 %", "a share of 36.21 ± 0.79 %"]],
        [False, True, False],
    )
    for width in range(28, 60):
        for laid in lay(table, width):
            lines = [*laid.head, *(line for row in laid.rows for line in row)]
            assert not [line for line in lines if line.split()[:1] == ["%"]], width
            assert all(len(line) <= width for line in lines)


def test_without_evidence_no_claim_is_said_to_put_a_figure() -> None:
    spread = Numbers(median=79.0, q05=17.6, q95=336.0)
    said = finding(spread, "", [], "guests", heard=False)
    assert said.startswith("No claim bears on it: the model's own ranges put the number of guests")


def test_figures_have_an_end_as_tables_do() -> None:
    """A share is in per cent, as everywhere else on the page."""
    assert [level_words(end, "share") for end in (0.5256, 0.54287)] == ["52.56 %", "54.3 %"]
    assert [level_words(end, "MUSD/year") for end in (100.0, 141.421, 0.0)] == ["100", "141", "0"]
