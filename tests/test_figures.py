"""The figures: they say what the fit says, stay within bounds, and fit on their sheet.

Fits are made up with NumPy in the schema of `estimates.fit`, so that nothing is sampled.
"""

from __future__ import annotations

import io
import math
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from estimates._util.format import spelled, spelled_short
from estimates.inference.by_reading import Rows
from estimates.inference.origin import FORMAT
from estimates.inference.tables import OPTION_COLUMNS
from estimates.language.expression import NUMPY_OPS, Interval, evaluate
from estimates.language.phrases import published, said, unit_words
from estimates.language.units import Units
from estimates.language.wording import parse_wording
from estimates.model import FixedValue, IntervalPrior, Model
from estimates.model.combinations import distinct_readings
from estimates.model.io import load, load_text
from estimates.plots import (
    Findings,
    answer,
    claims,
    drawings,
    prior_posterior,
    probabilities,
    write_figures,
)
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.text import text_width, wrap
from estimates.stats.kde import curve
from estimates.stats.links import SCALES
from estimates.stats.natural import Natural

ROOT = Path(__file__).parent.parent

ALONE = """
title: One unknown that nobody has said anything about
quantities:
  drift: {unit: mm/year, prior: -3 to 8, support: real}
targets: [drift]
"""

# Every kind of wording, three cited figures (one open above, one below), a branch that says
# nothing, a constant, an expression as a target, twenty-four readings, long names.
MANY = """
title: A little of everything
evidence:
  sources:
    gazette:
      title: All the news
      publisher: The Gazette of a Town with a Rather Long Name
      published: 2024-05-11
    census: {title: A census}
  claims:
    households:
      source: gazette
      speaker: A. Clerk, of the office that counts
      quote: some 1200 households live here
      says: around 1200 households
      basis: register
    a-few:
      source: gazette
      quote: they throw away a few dozen kilos
      says: a few dozen kg/household/year
    counted:
      source: census
      speaker: B. Counter
      quote: 2 of 400 had composted nothing
      says: 2 of 400
    up-to: {source: gazette, quote: up to 30 %, says: up to 30 %}
    growth: {source: gazette, speaker: C. Mayor, quote: it is rising, says: rising, basis: rumour}
    fewer:
      source: gazette
      speaker: D. Doubter
      quote: those are far too many
      says: lower than claimed
      disputes: households
    measured: {source: census, quote: a drift of -3 with an error of 16, says: -3 ± 16}
    cited-range:
      source: gazette
      speaker: E. Editor
      quote: between 20 and 50 tonnes
      says: 20 to 50 tonnes/year
    cited-bound: {source: gazette, quote: up to 90 tonnes, says: up to 90 tonnes/year}
    cited-least: {source: census, quote: at least 10 tonnes, says: at least 10 tonnes/year}
quantities:
  households:
    unit: household
    label: households in the whole of the town and its villages
    prior: "400 to 4,000"
  waste: {unit: kg/household/year, prior: 5 to 300}
  nothing_composted: {unit: share, prior: 0.01 to 5 %}
  composted: {unit: share, label: share that is composted, prior: 5 to 60 %}
  change: {prior: -0.3 to 0.3, support: real}
  drift: {unit: "", prior: -30 to 30, support: real}
  weeks: {unit: week/year, value: 52}
relations:
  rate:
    by: place
    town: waste
    villages: waste / 2
    the_town_and_all_of_its_villages_together: waste * 1.5
  kept:
    by: method
    all: rate
    without_compost: rate * (1 - composted)
  spoken_drift:
    by: meaning
    said: drift * 2
    nothing_said: nothing
  total: {unit: tonne/year, label: household waste, is: households * kept}
readings:
  place:
    question: Where?
    town: {weight: 1, because: x}
    villages: {weight: 1, because: x}
    the_town_and_all_of_its_villages_together: {weight: 2, because: x}
  method:
    question: Which?
    all: {weight: 1, because: x}
    without_compost: {weight: 3, because: x}
  meaning:
    question: What is said?
    update: false
    said: {weight: 1, because: x}
    nothing_said: {weight: 1, because: x}
  season:
    question: When?
    summer: {weight: 1, because: x}
    winter: {weight: 1, because: x}
claims:
  households: households
  a-few: waste
  counted: nothing_composted
  up-to: composted
  growth: change
  fewer: households
  measured: spoken_drift
compare:
  cited-range: total
  cited-bound: total
  cited-least: total
targets: [total, kept * 3, nothing_composted]
"""


def made_up(model: Model, draws: int = 200, chains: int = 2) -> xr.DataTree:
    """A fit without fitting: priors as stated, posteriors narrower and moved by the reading."""
    rng = np.random.default_rng(3)
    readings = distinct_readings(model)
    size = draws * chains
    noise = {name: rng.standard_normal(size) for name in model.quantities}

    # What is learnt depends on the first reading alone, as if the others bore on no claim.
    options = [next(iter(reading.label.values()), "") for reading in readings]
    first = [options.index(option) for option in options]

    def basic(number: int, spread: float) -> dict[str, np.ndarray]:
        found = {}
        for i, (name, quantity) in enumerate(model.quantities.items()):
            prior = quantity.prior
            if isinstance(prior, FixedValue):
                found[name] = np.full(size, prior.value)
                continue
            assert isinstance(prior, IntervalPrior)
            moved = 0.0 if spread == 1 else 0.2 * math.cos(i + first[number])
            z = prior.loc + prior.scale * (spread * noise[name] + moved)
            link = {"lognormal": "log", "logitnormal": "logit", "normal": "identity"}[prior.family]
            found[name] = np.vectorize(SCALES[link].inverse)(z)
        return found

    def all_of(number: int, spread: float) -> dict[str, np.ndarray]:
        values = basic(number, spread)
        for name in [*model.relations, *model.targets]:
            expression = model.resolve(name, readings[number].choice)
            found = np.nan if expression is None else evaluate(expression, values, NUMPY_OPS)
            values[name] = np.broadcast_to(np.asarray(found, dtype=float), size)
        return values

    names = list(dict.fromkeys([*model.order, *model.targets]))

    def group(spread: float) -> xr.Dataset:
        rows = Rows(names, len(readings))
        for number in range(len(readings)):
            for name, values in all_of(number, spread).items():
                rows.take(number, name, values.reshape(chains, draws))
        apart = rows.dataset([reading.text for reading in readings], whole=False)
        assert apart is not None
        return apart

    weights = np.array([sum(model.combinations()[i].weight for i in r.members) for r in readings])
    told = {name for use in model.uses if not use.held_out for name in _names(model, use.value)}
    untouched = [not _names(model, name) & told for name in names]
    same = np.ones(len(readings))
    columns: dict[str, Any] = {
        "prior": weights, "posterior": weights, "posterior_se": 0 * same,
        "posterior_low": 0.5 * weights, "posterior_high": np.minimum(1.5 * weights, 1),
        "log_evidence": same, "log_evidence_se": same, "fit": np.arange(len(readings)),
        "status": np.array(["ok"] * len(readings)),
    }  # fmt: skip
    axes = {
        f"axis_{axis}": ("reading", [reading.label[axis] for reading in readings])
        for axis in model.readings
    }
    weighed = [
        (axis, option, True, 0.5, 0.5, 0.0, 0.2, 0.8, True)
        for axis, reading in model.readings.items()
        if reading.update
        for option in reading.options
    ]
    options_columns = {
        name: ("option", np.array(column))
        for name, column in zip(OPTION_COLUMNS, zip(*weighed, strict=True), strict=bool(weighed))
    }
    tree = xr.DataTree.from_dict(
        {
            "by_reading": group(0.35),
            "prior_by_reading": group(1.0),
            "readings": xr.Dataset(
                {k: ("reading", v) for k, v in columns.items()}
                | {
                    "weight_simulated": (("simulation", "reading"), np.tile(weights, (10, 1))),
                    "prior_only": (("reading", "quantity"), np.tile(untouched, (len(readings), 1))),
                },
                coords={**axes, "quantity": names},
            ),
            **({"options": xr.Dataset(options_columns)} if weighed else {}),
        }
    )
    tree.attrs = {
        "model": model.to_json(),
        "slug": model.slug,
        "estimates_format": FORMAT,
        "digest": model.digest,
        "failed": [],
        "seed": 1,
        "targets": list(model.targets),
        "sampling": [draws, 20, chains],
    }
    return tree


def _names(model: Model, what: Any) -> set[str]:
    from estimates.language.expression import names

    found = set()
    for combination in model.combinations():
        resolved = model.resolve(what, combination.choice)
        found |= set() if resolved is None else set(names(resolved))
    return found


@pytest.fixture(scope="module")
def fits() -> dict[str, xr.DataTree]:
    models = {
        "headline": load("scmp-2017-headline", ROOT),
        "hubble": load("hubble-constant", ROOT),
        "forward": load("piano-tuners", ROOT),
        "alone": load_text(ALONE),
        "many": load_text(MANY),
    }
    return {name: made_up(model) for name, model in models.items()}


NAMES = ("headline", "hubble", "forward", "alone", "many")


def drawn(fit: xr.DataTree) -> dict[str, Figure]:
    """Every figure of a fit by the name of its file."""
    made = ((name, draw()) for name, draw in drawings(Findings.of(fit)))
    return {name: figure for name, figure in made if figure is not None}


@pytest.fixture(scope="module")
def figures(fits: dict[str, xr.DataTree]) -> dict[str, dict[str, Figure]]:
    return {name: drawn(fit) for name, fit in fits.items()}


# What is there -----------------------------------------------------------------------------------


def test_which_figures_a_model_has(figures: dict[str, dict[str, Figure]]) -> None:
    assert {name: sorted(made) for name, made in figures.items()} == {
        "headline": [
            "answer", "answer-take_per_worker", "claims", "prior_posterior", "probabilities",
        ],
        "hubble": ["answer", "claims", "prior_posterior", "probabilities"],
        "forward": ["answer", "claims", "prior_posterior", "probabilities"],
        "alone": ["answer", "prior_posterior"],
        "many": [
            "answer", "answer-kept-3", "answer-nothing_composted", "claims",
            "prior_posterior", "probabilities", "probabilities-cited-bound",
            "probabilities-cited-least",
        ],
    }  # fmt: skip


def words_of(figure: Figure) -> str:
    """All that is written on a figure, lines joined."""
    return " ".join(text.get_text() for text in figure.findobj(Text) if text.get_text())


def test_the_answer_says_its_verdicts_and_what_is_held_out(figures: Any) -> None:
    words = words_of(figures["headline"]["answer"])
    for phrase in (
        "Annual revenue of the regime from these workers", "cited: US$100–200 million a year",
        "US$ million a year", "Held out, no part of the evidence", "Go Myong-hyun",
        "South China Morning Post (August 2017)", "all, by weight", "wage", "China and Russia",
        "below", "straddles", "divided",
    ):  # fmt: skip
        assert phrase in words, phrase


def test_many_readings_are_cut_and_counted(fits: Any, figures: Any) -> None:
    findings = Findings.of(fits["many"])
    values = findings.values("total")
    rows = findings.rows(values, np.log, 5)
    assert len(rows.rows) == 5
    # 24 combinations; season and meaning change nothing in the total: six rows, and one is left.
    assert rows.axes == ("place", "method")
    assert rows.left_out == 1
    shown = sum(row.weight for row in rows.rows)
    assert shown + rows.weight_left_out == pytest.approx(1)
    assert rows.weight_left_out == min(row.weight for row in findings.rows(values, np.log).rows)
    assert "cited 1: 20–50 tonnes a year" in words_of(figures["many"]["answer"])
    assert "cited 2: up to 90 tonnes a year" in words_of(figures["many"]["answer"])
    assert "cited 3: at least 10 tonnes a year" in words_of(figures["many"]["answer"])


def test_rows_are_the_readings_own_numbers(fits: Any) -> None:
    findings = Findings.of(fits["headline"])
    values = findings.values("take_per_worker")
    rows = findings.rows(values, np.log)
    assert rows.axes == ("wage", "revenue")  # the scope changes nothing in it
    for row in rows.rows:
        assert row.weight == pytest.approx(0.25)
        assert row.median == pytest.approx(np.median(values[row.members[0]]), rel=1e-2)
        assert row.ends[0] == pytest.approx(np.quantile(values[row.members[0]], 0.05), rel=2e-2)
    assert [row.median for row in rows.rows] == sorted(row.median for row in rows.rows)


def test_a_reading_that_failed_is_not_drawn(fits: Any) -> None:
    fit = fits["headline"].copy(deep=True)
    fit["readings"]["status"].values[:] = ["negligible, not converged"] + ["ok"] * 7
    fit["readings"]["posterior"].values[:] = [0.0005] + [0.9995 / 7] * 7
    findings = Findings.of(fit)
    rows = findings.rows(findings.values("revenue"), np.log)
    assert (len(rows.rows), rows.silent) == (7, 1)
    assert findings.together(findings.values("revenue")) is not None
    assert "1 readings say nothing of it or have no weight" in words_of(answer(fit))


def test_probabilities_add_up(fits: Any) -> None:
    figure = probabilities(fits["headline"])
    bars = [patch.get_width() for patch in figure.axes[0].patches]
    assert len(bars) == 3 * 9
    assert sum(bars) == pytest.approx(9)
    with pytest.raises(ValueError, match="holds out no claim"):
        probabilities(fits["alone"])
    with pytest.raises(ValueError, match="holds out no claim households"):
        probabilities(fits["many"], "households")


def test_claims_of_every_wording_are_drawn(figures: Any) -> None:
    words = words_of(figures["many"]["claims"])
    for phrase in (
        "around 1,200 households", "a few dozen kg per household per year", "2 of 400",
        "up to 30 %", "rising", "lower than claimed", "−3 ± 16", "speaker not named",
        "held out, not evidence",
    ):  # fmt: skip
        assert phrase in words, phrase


# Hard bounds -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_drawn_past_a_hard_bound(
    name: str, fits: dict[str, xr.DataTree], figures: dict[str, dict[str, Figure]]
) -> None:
    findings = Findings.of(fits[name])
    shown = [n for n in findings.names if not findings.constant(n)]
    panels = figures[name]["prior_posterior"].axes
    assert len(panels) == len(shown)
    for quantity, ax in zip(shown, panels, strict=True):
        support = findings.support(quantity)
        assert support.low <= ax.get_xlim()[0] < ax.get_xlim()[1] <= support.high
        for line in ax.lines:
            x = line.get_xdata()
            assert support.low < np.min(x)
            assert np.max(x) < support.high


@pytest.mark.parametrize(
    ("support", "draws"),
    [
        (Interval(0, 1), lambda rng: rng.beta(0.5, 0.5, 2000)),
        (Interval(0, 1), lambda rng: rng.beta(0.3, 3000, 2000)),
        (Interval(0, math.inf), lambda rng: rng.exponential(size=2000)),
        (Interval(-math.inf, 5), lambda rng: 5 - rng.exponential(size=2000)),
        (Interval(2, 3), lambda rng: rng.uniform(2, 3, 2000)),
        (Interval(0, math.inf), lambda rng: np.maximum(rng.standard_normal(2000), 0)),
        (Interval(-math.inf, math.inf), lambda rng: rng.standard_t(3, 2000)),
        (Interval(-math.inf, math.inf), lambda rng: rng.standard_cauchy(2000)),
    ],
)
@pytest.mark.parametrize("log", [False, True])
def test_a_density_stays_inside_and_adds_up(support: Interval, draws: Any, log: bool) -> None:
    values = draws(np.random.default_rng(5))[None]
    log = log and support.low >= 0
    natural = Natural.of(support, values)
    found = curve(values, np.ones(1), natural, log=log)
    assert found is not None
    assert support.low <= found.x.min()
    assert found.x.max() <= support.high
    assert np.isfinite(found.height).all()
    if natural == Natural(support.low, support.high):
        # Trapezoids over 240 points and 2,000 draws: the area is .99 to within 4 %.
        axis = np.log(found.x) if log else found.x
        assert np.trapezoid(found.height, axis) == pytest.approx(0.99, abs=0.04)


def test_the_mixture_is_the_weighted_sum() -> None:
    rng = np.random.default_rng(2)
    draws = np.stack([rng.normal(0, 1, 4000), rng.normal(6, 1, 4000)])
    natural = Natural.of(Interval(), draws)
    found = curve(draws, np.array([0.25, 0.75]), natural, log=False)
    assert found is not None
    left = found.x < 3
    assert np.trapezoid(found.height[left], found.x[left]) == pytest.approx(0.25, abs=0.02)
    without = curve(np.stack([draws[0], np.full(4000, np.nan)]), np.ones(2), natural, log=False)
    assert without is not None
    assert without.x.max() < 4
    assert curve(np.full((1, 9), 2.0), np.ones(1), natural, log=False) is None


# The sheet ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_off_and_no_words_overlap(
    name: str, figures: dict[str, dict[str, Figure]]
) -> None:
    for stem, figure in figures[name].items():
        figure.canvas.draw()
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        whole = figure.bbox
        boxes = []
        for text in figure.findobj(Text):
            if not text.get_text().strip() or not text.get_visible():
                continue
            assert text.get_fontsize() >= 7.5
            box = text.get_window_extent(renderer)
            if not box.width:
                continue
            where = f"{stem}: {text.get_text()!r}"
            assert box.x0 >= whole.x0 - 0.5, where
            assert box.x1 <= whole.x1 + 0.5, where
            assert box.y0 >= whole.y0 - 0.5, where
            assert box.y1 <= whole.y1 + 0.5, where
            if text.get_rotation() in (0, 90):
                boxes.append((box.padded(-1.0), text.get_text()))
        for (one, first), (other, second) in combinations(boxes, 2):
            assert not one.overlaps(other), f"{stem}: {first!r} over {second!r}"


@pytest.mark.parametrize("inches", [0.8, 1.9, 4.5])
@pytest.mark.parametrize(
    ("low", "high"), [(1e-9, 30), (0.02, 0.03), (3, 4e5), (1e3, 9e3), (1, 1e14), (67.1, 74.9)]
)
@pytest.mark.parametrize("log", [False, True])
def test_ticks_fit_beside_each_other(low: float, high: float, inches: float, log: bool) -> None:
    ruler = Ruler(low, high, log, False, "", "")
    places, labels = ruler.ticks(inches)
    assert places == sorted(places)
    slack = 1e-6 * (low if log else high - low)
    assert all(low - slack <= x <= high + 1e-6 * high for x in places)
    at = [float(ruler.place(x)) * inches for x in places]
    half = [text_width(label) / 2 for label in labels]
    for i in range(len(at) - 1):
        assert at[i] + half[i] < at[i + 1] - half[i + 1]
    if inches > 1.5:
        assert len(places) >= (2 if log else 1)
        assert len(set(labels)) == len(labels)


def test_wrapping() -> None:
    lines = wrap("three workers are a crew " * 3, 1.0)
    assert " ".join(lines) == ("three workers are a crew " * 3).strip()
    assert all(text_width(line) <= 1.0 for line in lines)
    assert wrap("", 1.0) == []
    broken = wrap("incomprehensibilities", 0.5)
    assert len(broken) > 1
    assert "".join(broken) == "incomprehensibilities"
    assert all(text_width(piece) <= 0.5 for piece in broken)
    assert wrap("it is", 1e-3) == ["i", "t", "i", "s"]  # a letter is not broken


# Words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (20_000, "20,000"), (1_234_567, "1.23 million"), (0.354, "0.354"), (-12.34, "−12.3"),
        (0, "0"), (3.2e9, "3.20 billion"), (999.9, "1,000"), (2.5e-7, "2.50×10⁻⁷"),
        (math.inf, "∞"),
    ],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert spelled(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "0.25"), (3000, "3,000"), (2e6, "2 million"), (1.5e6, "1.5 million"), (-0.5, "−0.5"),
        (1e-6, "1×10⁻⁶"), (10, "10"), (0.30000000000000004, "0.3"),
    ],
)  # fmt: skip
def test_round_numbers(value: float, text: str) -> None:
    assert spelled_short(value) == text


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("MUSD/year", "US$ million a year"), ("person", "people"), ("", ""), ("share", ""),
        ("USD/person/month", "US$ per person per month"), ("CNY/month", "CNY a month"),
        ("km/s/Mpc", "km/s/Mpc"), ("piano/household", "pianos per household"),
        ("%", "%"), ("1/year", "a year"), ("mm/year", "mm a year"),
        ("kg/household/year", "kg per household per year"),
    ],
)  # fmt: skip
def test_units(unit: str, words: str) -> None:
    assert unit_words(Units({"CNY": (0.15, "USD")}).parse(unit)) == words


@pytest.mark.parametrize(
    ("wording", "words"),
    [
        ("around 120 to 150 USD/person/month", "around US$120–150 per person per month"),
        ("100 to 200 MUSD/year", "US$100–200 million a year"),
        ("70 to 80 %", "70–80 %"),
        ("-3 to 4", "−3 to 4"),
        ("up to 1,000 CNY/month", "up to CNY 1,000 a month"),
        ("a few thousand CNY/month", "a few thousand CNY a month"),
        ("28 ± 15", "28 ± 15"),
        ("12 of 882", "12 of 882"),
        ("hundreds of people", "hundreds of people"),
        ("at least 5 people", "at least 5 people"),
    ],
)
def test_wordings(wording: str, words: str) -> None:
    parsed = parse_wording(wording)
    units = Units({"CNY": (0.15, "USD")})
    assert said(parsed, units.parse(parsed.unit)) == words


def test_dates() -> None:
    assert [published(date) for date in ("2017", "2017-08", "2017-08-05")] == [
        "2017", "August 2017", "5 August 2017",
    ]  # fmt: skip


# Files -------------------------------------------------------------------------------------------


def test_files_are_the_same_on_a_rerun_whatever_the_user_has_set(
    fits: dict[str, xr.DataTree], tmp_path: Path
) -> None:
    first = write_figures(fits["forward"], tmp_path / "a" / "figures")
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.hashsalt": "mine"}):
        second = write_figures(fits["forward"], tmp_path / "b" / "figures")
    assert dict(matplotlib.rcParams) == before
    assert [path.name for path in first] == [path.name for path in second]
    assert [path.name for path in first] == [
        f"{stem}.{kind}"
        for stem in ("answer", "claims", "prior_posterior", "probabilities")
        for kind in ("png", "svg")
    ]
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert first[0].read_bytes().startswith(b"\x89PNG")
    svg = first[1].read_text()
    assert "<text" not in svg  # outlines, so that no reader's fonts matter
    assert "dc:date" not in svg
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["figures"]


def test_a_failure_leaves_what_was_there(
    fits: dict[str, xr.DataTree], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "figures"
    folder.mkdir()
    (folder / "answer.png").write_bytes(b"old")

    def broken(findings: Findings) -> Figure:
        raise RuntimeError("out of ink")

    monkeypatch.setattr("estimates.plots.figures.prior_posterior", broken)
    with pytest.raises(RuntimeError, match="out of ink"):
        write_figures(fits["alone"], folder)
    assert [(p.name, p.read_bytes()) for p in folder.iterdir()] == [("answer.png", b"old")]
    assert [p.name for p in tmp_path.iterdir()] == ["figures"]


def test_axes_of_ones_own(fits: dict[str, xr.DataTree]) -> None:
    figure = Figure(figsize=(8, 8))
    axes = figure.subplots(2, 2).ravel()
    assert answer(fits["headline"], ax=axes[0]) is figure
    assert probabilities(fits["headline"], ax=axes[1]) is figure
    assert answer(fits["hubble"], "H0", ax=axes[3]) is figure
    assert len(axes[0].get_yticks()) == 9  # eight readings, and all of them
    assert axes[0].get_xscale() == "log"
    assert axes[3].get_xscale() == "linear"
    figure.canvas.draw()


def test_some_quantities_only(fits: dict[str, xr.DataTree]) -> None:
    assert len(prior_posterior(fits["headline"], ["skim"]).axes) == 1
    assert claims(fits["alone"]) is None


def test_a_notebook_shows_a_figure_without_being_told_to(figures: Any) -> None:
    from IPython.core.formatters import DisplayFormatter

    figure = figures["headline"]["answer"]
    data, metadata = DisplayFormatter().format(figure)
    picture = Image.open(io.BytesIO(data["image/png"]))
    shown = metadata["image/png"]
    assert picture.width / shown["width"] == pytest.approx(picture.height / shown["height"], 0.01)
    assert 1.5 < picture.width / shown["width"] < 2  # finer than it is shown


def test_readings_that_change_nothing_share_a_panel_of_the_tornado() -> None:
    from estimates.analysis.sensitivity.result import TornadoRow
    from estimates.plots.parts.readings import ALL, key_of
    from estimates.plots.tornado import _apart

    def row(median: float, **reading: str) -> TornadoRow:
        return TornadoRow(
            reading=reading or None, quantity="n", median=median, median_low=median - 1,
            median_low_se=0.1, median_high=median + 1, median_high_se=0.1,
        )  # fmt: skip

    rows = [row(5.0)] + [
        row(4.0 if means == "state" else 6.0, means=means, scope=scope)
        for means in ("state", "skim")
        for scope in ("near", "world")
    ]
    panels = {ALL if one.reading is None else key_of(one.reading): [one] for one in rows}
    assert [title for title, _, _ in _apart(panels)] == ["all readings, by weight", "state", "skim"]
    alone = {ALL: [rows[0]], **{key_of(one.reading): [one] for one in rows[1:3]}}
    titles = [title for title, _, _ in _apart(alone)]
    assert titles == ["all readings, by weight", "state"]
