"""`est.plot` draws every kind of result, into axes where one suffices."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import estimates as est
from estimates._util.format import median_and_interval
from estimates.analysis.registry import ANALYSES
from estimates.plots import drawings, model_graph

from .truth.building import build

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def fit(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    model = build(
        tmp_path_factory.mktemp("plot") / "small",
        quantities={"x": "5 to 20", "y": "1 to 10"},
        says={"a": "9 to 11", "b": "around 30", "c": "2 to 4", "d": "8 to 14"},
        claims={"a": "x", "c": "y", "d": "x"},
        compare={"b": "z"},
        relations={"z": "x * y"},
        targets=["z"],
    )
    return est.fit(model, seed=1, sampling=est.Sampling(draws=300, tune=200))


def axes() -> Axes:
    return Figure(figsize=(6, 4)).subplots()


def words_of(figure: Figure) -> str:
    figure.canvas.draw()
    labels = [label for ax in figure.axes for label in (*ax.get_yticklabels(), *ax.texts)]
    return " ".join(text.get_text() for text in (*figure.texts, *labels))


@pytest.mark.parametrize("name", [one.name for one in ANALYSES.values() if one.asked_of_every_fit])
def test_every_analysis_is_drawn(fit: xr.DataTree, name: str) -> None:
    found = getattr(est, name)(fit)
    figure = est.plot(found)
    assert isinstance(figure, Figure)
    assert figure.axes
    assert words_of(figure)
    every = [made for _, draw in drawings(found, fit) if (made := draw()) is not None]
    assert len(every[0].axes) == len(figure.axes)


def test_a_supposition_a_fit_a_comparison_and_a_model(fit: xr.DataTree) -> None:
    assert "as supposed" in words_of(est.plot(est.whatif(fit, values={"x": 9})))
    assert "cited: around 30" in words_of(est.plot(fit))
    assert "not computable" not in words_of(est.plot(est.compare(fit)))
    assert est.plot(est.load("scmp-2017", ROOT)).axes


def test_draws_weighed_anew_are_drawn(fit: xr.DataTree) -> None:
    ax = axes()
    found = est.reweight(fit, given={"x": (None, 50.0)}, between=(10.0, 40.0))
    assert found.numbers is not None
    assert est.plot(found, ax=ax) is ax.figure
    drawn = [list(line.get_xdata()) for line in ax.lines]
    assert [found.numbers.q05, found.numbers.q95] in drawn
    assert [found.numbers.median] in drawn
    few = est.reweight(fit, given={"x": (1e6, None)})
    with pytest.raises(est.InputError, match="nothing to draw"):
        est.plot(few)


@pytest.mark.parametrize(
    "result",
    [est.explain("around 20,000 people"), est.explain_prior("5 to 60 %", unit="share")],
)
def test_words_are_drawn_into_axes(result: Any) -> None:
    ax = axes()
    assert est.plot(result, ax=ax) is ax.figure
    assert ax.lines


def test_axes_of_ones_own_take_what_one_suffices_for(fit: xr.DataTree) -> None:
    ax = axes()
    assert est.plot(est.compare(fit), ax=ax) is ax.figure
    assert [label.get_text() for label in ax.get_yticklabels()] == ["the answer"]
    assert ax.get_xlabel() == "P(below), P(inside), P(above) the cited figure"
    assert sum(patch.get_width() for patch in ax.patches) == pytest.approx(1)
    ax = axes()
    assert est.plot(fit, ax=ax) is ax.figure
    assert ax.get_xlabel() == "z"


def test_what_needs_several_axes_says_so(fit: xr.DataTree) -> None:
    ax = axes()
    with pytest.raises(est.InputError, match=r"2 axes, so it takes no ax=; .* a fit, a comparison"):
        est.plot(est.voi(fit), ax=ax)
    assert not ax.lines


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(est.InputError, match="nothing to draw of this str"):
        est.plot("a fit")  # type: ignore[arg-type]


def test_a_fit_that_cannot_be_trusted_says_so(fit: xr.DataTree) -> None:
    assert "Not to be trusted" not in words_of(est.plot(fit))
    doubtful = fit.copy()
    doubtful.attrs["failed"] = ["z has an R-hat of 1.4"]
    assert "Not to be trusted: z has an R-hat of 1.4." in words_of(est.plot(doubtful))


def test_hierarchies_are_linked() -> None:
    model = est.load(ROOT / "tests/corpus/models/hierarchy")
    (ax,) = model_graph(model).axes
    gids = {patch.get_gid() for patch in ax.patches}
    assert {"edge-quantity-mu-quantity-th0", "edge-quantity-tau-quantity-th7"} <= gids


def test_a_graph_of_many_columns_goes_on_below() -> None:
    figure = model_graph(est.load(ROOT / "tests/corpus/models/identity-chain"))
    assert figure.get_figwidth() < 12
    figure.canvas.draw()
    (ax,) = figure.axes
    sheet = figure.bbox
    boxes = [p for p in ax.patches if str(p.get_gid()).startswith(("relation-", "quantity-"))]
    assert len(boxes) == 31
    for patch in ax.patches:
        found = patch.get_window_extent()
        assert sheet.x0 <= found.x0 < found.x1 <= sheet.x1, patch.get_gid()
    lines = {round(box.get_window_extent().x0) for box in boxes}
    assert len(lines) == 6  # columns, below each other


def test_captions_speak_of_what_is_there() -> None:
    bare = words_of(model_graph(est.load(ROOT / "models/piano-tuners")))
    assert "claims as quoted" not in bare  # it has none
    assert "Dashed: held out" in bare
    assert "a switch" not in bare


def test_a_notebook_shows_typed_rows(fit: xr.DataTree) -> None:
    """Numbers as everywhere, units in words, to the right; the names of fields nowhere."""
    for shown in (est.summary(fit)._repr_html_(), est.compare(fit)._repr_html_()):
        heads = re.findall(r"<th[^>]*>([^<]*)</th>", shown)
        assert "median" in heads
        assert not [head for head in heads if "_" in head or head.startswith("q0")]
        assert "text-align:right" in shown
    value = next(iter(est.summary(fit).quantities.values()))
    assert median_and_interval(value)[0] in est.summary(fit)._repr_html_()


def _bars(ax: Axes) -> list[tuple[float, float]]:
    """Return the ends of the horizontal bars."""
    found = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) == 2]
    return [(float(low), float(high)) for low, high in found if low != high]


def test_intervals_of_figures_hold_what_is_asked_for(fit: xr.DataTree) -> None:
    half = est.summary(fit, "z", ci_prob=0.5).quantities["z"]
    for figure in (est.plot(fit, ci_prob=0.5), est.plot(est.summary(fit, ci_prob=0.5))):
        assert any(
            bar == pytest.approx((half.ci_low, half.ci_high)) for bar in _bars(figure.axes[0])
        )
        assert "50 %" in words_of(figure)
    usual = est.summary(fit, "z").quantities["z"]
    assert any(bar == pytest.approx((usual.q05, usual.q95)) for bar in _bars(est.plot(fit).axes[0]))
    with pytest.raises(est.InputError, match="between 0 and 1"):
        est.plot(fit, ci_prob=90)
    with pytest.raises(est.InputError, match="intervals of this Forest are made"):
        est.plot(est.forest(fit), ci_prob=0.5)


def test_a_summary_is_drawn_into_axes(fit: xr.DataTree) -> None:
    ax = axes()
    assert est.plot(est.summary(fit), ax=ax) is ax.figure
