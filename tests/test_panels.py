"""Results of panels: labelled arrays, names of cells, tables, and what analyses make of cells."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import arviz as az
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from scipy.integrate import quad
from scipy.stats import norm

import estimates as est
from estimates.analysis import weighed_out
from estimates.analysis.conflict import splits
from estimates.analysis.fit_view import FitView
from estimates.analysis.sensitivity.shapley import shapley_effects
from estimates.analysis.sensitivity.view import View
from estimates.analysis.validate.choose import choose
from estimates.analysis.voi.parameters import facts
from estimates.analysis.weighed_out import Weighing
from estimates.cli.output import say
from estimates.errors import InputError
from estimates.inference import nuts
from estimates.inference.engine import Engine
from estimates.inference.fit_job import _normal_ratio
from estimates.inference.panel_table import tables_of
from estimates.inference.question import Move
from estimates.inference.recalled import recall
from estimates.inference.result import Summary
from estimates.inference.stored import from_netcdf, to_netcdf
from estimates.model.combinations import stated
from estimates.model.graph import graph_of
from estimates.model.io import load_json
from estimates.model.panel.lookup import cells_of, one_of
from estimates.plots.figures import drawings
from estimates.plots.panel_table import panel_table
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.text import legible
from estimates.plots.paths import paths
from estimates.report.html.kinds import kinds, meanings
from estimates.report.manifest import Reproduced
from estimates.report.reproduce import reproduce
from estimates.report.text.fit import of_fit
from estimates.report.text.heading import frame_of

_SHORT = est.Sampling(draws=250, tune=300, chains=2)
_UNBIDDEN = ("sensitivity", "conflict", "inverse", "voi", "forest")
_YEARS = ["2013", "2016", "2017"]


@cache
def panel() -> est.Model:
    """Two countries of which claims speak, one of which none does."""
    return load_json(
        """
        {"format": 2, "title": "A panel", "targets": ["total", "workers", "pay / workers", "wage"],
         "dimensions": {"country": ["china", "russia", "rest"],
                        "north": {"of": "country", "members": ["china", "russia"]},
                        "year": {"time": [2013, 2016, 2017]}},
         "quantities": {
           "workers": {"over": ["country", "year"], "unit": "person",
                       "prior": "2,000 to 200,000",
                       "walk": {"along": "year", "by": "5 to 40 %", "at": 2017}},
           "wage": {"over": "country", "unit": "USD/person/month", "prior": "100 to 900"}},
         "relations": {
           "pay": {"unit": "MUSD/year", "is": "workers * wage"},
           "total": {"unit": "MUSD/year", "is": "sum(pay, country)"}},
         "claims": {"workers.china": ["one", "two"], "workers.russia": "three",
                    "wage.china": "wage"},
         "compare": {"pay.china": "cited"},
         "evidence": {
           "sources": {"s": {"title": "A source", "published": 2018}},
           "claims": {
             "one": {"source": "s", "says": "around 20,000 people", "when": 2017},
             "two": {"source": "s", "says": "30,000 people", "when": 2014},
             "three": {"source": "s", "says": "40,000 people", "when": 2016},
             "wage": {"source": "s", "says": "300 USD/person/month"},
             "cited": {"source": "s", "says": "100 to 200 MUSD/year", "when": 2017}}}}
        """,
        "panel",
    )


@pytest.fixture(scope="module")
def fit() -> xr.DataTree:
    return est.fit(panel(), seed=3, sampling=_SHORT)


#: Everyday tasks of a user of ArviZ, on a fit with dimensions.
TASKS: dict[str, Callable[[xr.DataTree], object]] = {
    "trace": lambda fit: az.plot_trace(fit, var_names="workers", coords={"country": ["china"]}),
    "forest": lambda fit: az.plot_forest(fit, var_names=["^w"], filter_vars="regex", combined=True),
    "rank": lambda fit: az.plot_rank(fit, var_names="wage"),
    "energy": az.plot_energy,
    "pair": lambda fit: az.plot_pair(
        fit, var_names=["wage"], coords={"country": ["china", "russia"]}
    ),
    "predictive": lambda fit: az.plot_ppc_dist(fit, num_samples=20),
    "prior predictive": lambda fit: az.plot_ppc_dist(fit, group="prior_predictive", num_samples=20),
    "loo_pit": az.plot_loo_pit,
    "prior beside posterior": lambda fit: az.plot_prior_posterior(fit, var_names="wage"),
    "psense": lambda fit: az.plot_psense_dist(fit, var_names="wage"),
    "ess": lambda fit: az.plot_ess(fit, var_names="wage"),
    "autocorrelation": lambda fit: az.plot_autocorr(fit, var_names="wage"),
    "drawn by estimates": lambda fit: est.plot(est.summary(fit)),
}


@pytest.mark.filterwarnings("ignore")  # what the libraries say of few claims
@pytest.mark.parametrize("task", TASKS)
def test_pictures_of_arviz(fit: xr.DataTree, task: str) -> None:
    assert TASKS[task](fit) is not None
    plt.close("all")


@pytest.mark.filterwarnings("ignore")
def test_tables_of_arviz(fit: xr.DataTree) -> None:
    cells = [f"workers[{c}, {y}]" for c in ("china", "russia", "rest") for y in _YEARS]
    assert list(az.summary(fit, var_names="workers").index) == cells
    assert list(az.summary(fit, var_names="ork", filter_vars="like").index)[:9] == cells
    china = az.summary(fit, var_names="workers", coords={"country": ["china"]}, ci_prob=0.8)
    assert list(china.index) == cells[:3]
    wages = ["wage[china]", "wage[russia]", "wage[rest]"]
    assert list(az.psense_summary(fit, var_names="wage").index) == wages
    assert az.loo(fit, pointwise=True).n_data_points == 4
    assert az.extract(fit, var_names="workers").sizes == {"country": 3, "year": 3, "sample": 500}
    assert az.hdi(fit, prob=0.9, var_names="workers")["workers"].sizes["year"] == 3
    own = est.summary(fit, "ork", filter_vars="like", ci_prob=0.8).quantities
    assert [one for one in own if one.count(".") == 2][:3] == [
        f"workers.china.{year}" for year in _YEARS
    ]


def test_a_quantity_is_one_labelled_array(fit: xr.DataTree) -> None:
    workers = fit.posterior["workers"]
    assert workers.dims == ("chain", "draw", "country", "year")
    assert workers.sizes == {"chain": 2, "draw": 250, "country": 3, "year": 3}
    assert workers["year"].values.tolist() == [2013, 2016, 2017]
    assert workers.attrs["unit"] == "person"
    pay = workers * fit.posterior["wage"] * 12 / 1e6
    xr.testing.assert_allclose(pay.transpose(*fit.posterior["pay"].dims), fit.posterior["pay"])
    total = fit.posterior["pay"].sum("country")
    np.testing.assert_allclose(total.values, fit.posterior["total"].values)
    ratio = fit.posterior["pay"] / workers
    np.testing.assert_allclose(ratio.values, fit.posterior["pay ÷ workers"].values)


def test_links_and_dated_cells_are_apart(fit: xr.DataTree) -> None:
    assert "workers.china.2014" not in fit.posterior
    assert "workers.china.2014" in fit.posterior_links
    assert "workers.by" in fit.posterior_links
    assert "workers.by" not in fit.posterior
    assert set(fit.prior.data_vars) == set(fit.posterior.data_vars)
    # Nothing is stored twice, and no cell stands beside its array.
    assert "workers.china.2017" not in fit.posterior


def test_a_fit_comes_back_from_its_file(fit: xr.DataTree) -> None:
    again = from_netcdf(to_netcdf(fit))
    assert again.posterior.identical(fit.posterior)
    assert again.posterior_links.identical(fit.posterior_links)
    assert est.summary(again).document == est.summary(fit).document
    part = from_netcdf(to_netcdf(fit), ["posterior", "readings"])
    assert "prior" not in part.children
    assert "workers.by" in FitView.of(part).drawn, "as `estimates whatif` reads it"


def test_arviz_takes_the_arrays(fit: xr.DataTree) -> None:
    table = az.summary(fit, var_names=["workers", "total"])
    assert len(table) == 9 + 3
    assert "workers[china, 2017]" in table.index
    az.plot_forest(fit, var_names=["workers"])


def test_summary_has_an_entry_a_cell(fit: xr.DataTree) -> None:
    found = est.summary(fit)
    one = found.quantities["workers.china.2017"]
    assert (one.of, one.labels) == ("workers", {"country": "china", "year": "2017"})
    draws = fit.posterior["workers"].sel(country="china", year=2017)
    assert one.median == pytest.approx(float(draws.median()), rel=1e-9)
    assert found.quantities["workers.by"].kind == "link"
    assert not [name for name in found.quantities if name[0].isdigit()]
    assert list(found.quantities)[:3] == ["total.2017", "total.2013", "total.2016"]


def test_names_stand_for_cells(fit: xr.DataTree) -> None:
    def named(*names: str) -> list[str]:
        return list(est.summary(fit, names).quantities)

    assert named("workers.2017.china") == ["workers.china.2017"]
    assert named("workers.china") == [f"workers.china.{year}" for year in _YEARS]
    assert named("workers.north.2013") == ["workers.china.2013", "workers.russia.2013"]
    assert named("workers.2014.china") == ["workers.china.2014"]
    assert len(named("workers", "wage")) == 12
    assert "workers.china.2017" not in named("~workers")
    assert est.by_reading(fit, "workers")["workers"].dims[-2:] == ("country", "year")
    assert list(est.by_reading(fit, "workers.china.2017")) == ["workers.china.2017"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("workers.chna", "unknown label 'chna' of country and year; did you mean 'china'?"),
        ("wage.2017", "'wage' is over country, not over year, as '2017' is"),
        ("workers.china.russia", "gives country twice"),
        ("wokers", "did you mean 'workers'?"),
    ],
)
def test_a_wrong_name_is_said_to_be_wrong(fit: xr.DataTree, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said.replace("?", r"\?")):
        est.summary(fit, name)


def test_the_headline_is_the_last_date_of_the_first_target() -> None:
    model = panel()
    assert model.targets[0] == "total.2017"
    assert one_of(model.panel, "workers", model.order) == "workers.china.2017"
    assert one_of(model.panel, "workers.russia", model.order) == "workers.russia.2017"
    assert one_of(model.panel, "pay / workers", model.order) == "pay ÷ workers.china.2017"
    assert cells_of(model.panel, "nothing", model.order) == ()


def test_what_claims_tell_of_each_cell(fit: xr.DataTree) -> None:
    found = est.summary(fit).quantities
    assert found["workers.china.2017"].informed
    assert found["workers.russia.2016"].informed
    assert not found["workers.rest.2017"].informed
    assert not found["wage.rest"].informed
    learnt = found["workers.china.2017"].learnt
    # The prior spans 2,000 to 200,000; the claim's width is that of a hedged figure of an expert.
    assert learnt is not None
    assert 0.5 < learnt < 0.9
    untold = found["wage.rest"].learnt
    # Of draws as few as these the interval of a prior is known to a tenth or two.
    assert untold is not None
    assert abs(untold) < 0.25


def _screen(fit: xr.DataTree, *, full: bool) -> list[str]:
    told = io.StringIO()
    with redirect_stdout(told):
        say(of_fit(est.summary(fit), panel()), frame_of(panel(), 3, []), full)
    return told.getvalue().splitlines()


def test_a_target_is_a_table(fit: xr.DataTree) -> None:
    lines = _screen(fit, full=False)
    assert len(lines) <= 25
    assert any("total in 2017" in line for line in lines)  # the headline names the cell
    full = _screen(fit, full=True)
    head = next(i for i, line in enumerate(full) if line.split() == ["country", *_YEARS])
    rows = full[head + 2 : head + 8]
    assert [row.split()[0] for row in rows[::2]] == ["china", "russia", "rest"]
    assert rows[4].count("°") == 3  # rest: nobody speaks of it
    assert all("–" in row for row in rows[1::2])
    assert any("What links the cells" in line for line in full)


@pytest.mark.parametrize("move", [(0.5, 1.0), (-0.5, 1.0), (0.0, 0.5), (0.0, 2.0)])
def test_evidence_under_a_moved_prior_by_the_normal_approximation(
    move: tuple[float, float],
) -> None:
    # Equally spaced quantiles of a normal posterior, whose mean and sd are all that is used.
    middle, sd = 0.7, 0.6
    draws = middle + sd * norm.ppf((np.arange(20_000) + 0.5) / 20_000)
    moved = norm(*move)
    told = norm(middle, sd)
    ratio, _ = quad(lambda z: told.pdf(z) / norm.pdf(z) * moved.pdf(z), -8, 8)
    found = _normal_ratio(draws, Move("x", *move))
    # The sd of so many quantiles is short of a normal's by some 1e-4.
    assert found == pytest.approx(np.log(ratio), abs=2e-3)


def test_priors_that_a_model_states_are_moved() -> None:
    model = panel()
    assert stated(model, ["workers.china.2013", "workers.china.2016"]) == ("workers.china.2017",)
    assert stated(model, ["wage.rest"]) == ("wage.rest",)


def test_facts_are_quantities_and_not_their_cells() -> None:
    found = {fact.name: fact for fact in facts(panel(), "total.2017", [])}
    assert found["workers"].label == "workers (9 cells)"
    assert len(found["workers"].members) == 9
    assert "workers.by" not in found
    each = {fact.name for fact in facts(panel(), "total.2017", [], cells=True)}
    assert {"workers.china.2017", "workers.by", "workers.china.2014"} <= each
    asked = facts(panel(), "total.2017", [["workers.china", "wage.china"]])
    group = next(fact for fact in asked if fact.kind == "group")
    assert set(group.members) == {*(f"workers.china.{year}" for year in _YEARS), "wage.china"}


def test_a_claim_is_weighed_out_where_that_can_be_trusted(
    fit: xr.DataTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = View.of(fit, "wage.china")
    weighing = Weighing(view.whole, Engine(view.whole.model, seed=3))
    # Without its only claim a cell is as wide as its prior, far beyond the draws of the fit: these
    # are carried there, and then say what the prior does, 100 to 900.
    monkeypatch.setattr(weighed_out, "ENOUGH", 200)  # the fit is short
    wage = frozenset({"wage"})
    only = weighing.without(wage)
    assert only is not None
    assert only.trusted
    told = weighing.answer(wage, only).targets["wage.china"]
    for found, error, expected in (
        (told.q05, told.mcse_q05, 100),
        (told.median, told.mcse_median, 300),
        (told.q95, told.mcse_q95, 900),
    ):
        assert found == pytest.approx(expected, abs=5 * (error or 0))
    # What is said of workers tells nothing of a wage.
    three = frozenset({"three"})
    found = weighing.without(three)
    assert found is not None
    numbers = weighing.answer(three, found).targets["wage.china"]
    assert numbers.median == pytest.approx(view.base.median, abs=6 * (numbers.mcse_median or 0))


def _refuse(*_: object, **__: object) -> None:
    raise AssertionError("nothing is fitted unasked")


def test_the_analyses_of_a_panel_fit_nothing_unasked(
    fit: xr.DataTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All are answered from the draws of the one fit."""
    monkeypatch.setattr(nuts, "draw", _refuse)
    monkeypatch.setattr(splits, "MOST_OF_PANEL", 0)
    monkeypatch.setattr(weighed_out, "ENOUGH", 10_000)  # more than there are
    found = est.sensitivity(fit)
    untold = [row for row in found.leave_one_out if row.weighed is False]
    assert "wage" in {row.name for row in untold}
    assert all(row.median is None and row.shift is None for row in untold)
    assert any("--refit-all" in note for note in found.notes)
    conflict = est.conflict(fit)
    assert len(conflict.splits) >= 2
    assert not any(row.refitted for row in conflict.splits)
    assert est.voi(fit).facts
    assert est.inverse(fit, "pay.china.2017", between=(100, 200)).readings
    with pytest.warns(RuntimeWarning, match="nothing is fitted unasked"):
        est.sensitivity(fit, refit_all=True)


def test_a_fit_is_recalled_as_it_was_drawn(fit: xr.DataTree) -> None:
    """Its points give its quantities again, at the density that they were drawn at."""
    view = FitView.of(fit)
    engine = Engine(view.model, seed=3)
    recall(engine, view)
    (answer,) = engine.recalled.values()
    values = engine.values(answer.draws.points, view.readings[0].choice)
    for name in ("workers.rest.2013", "wage.china", "total.2017"):
        np.testing.assert_allclose(values[name], view.draws(name)[0], rtol=1e-9)
    lp = fit["sample_stats"]["lp"].values
    np.testing.assert_allclose(np.ptp(answer.draws.logp - lp), 0.0, atol=1e-6)
    assert engine.ask(answer.question, _SHORT) is answer
    longer = est.Sampling(draws=2000, tune=300, chains=2)
    assert answer.draws.logp.size * 2 < longer.draws * longer.chains  # which would be drawn anew


def test_telling_cells_stand_for_their_quantities(fit: xr.DataTree) -> None:
    view = View.of(fit)
    assert view.target == "total.2017"
    assert {name.split(".")[0] for name in view.telling} == {"workers", "wage"}
    assert len(view.telling) == 2
    assert view.labels["workers"] == "workers (3 cells)"
    assert len(View.of(fit, cells=True).telling) == 6


def test_the_graph_is_of_quantities() -> None:
    graph = graph_of(panel())
    names = {node.gid for node in graph.nodes}
    assert {"quantity-workers", "quantity-wage", "relation-pay", "relation-total"} <= names
    assert not [name for name in names if "china" in name]
    edges = {(edge.start, edge.end) for edge in graph.edges}
    assert ("quantity-workers", "relation-pay") in edges
    assert ("claim-two", "quantity-workers") in edges


def test_figures_of_a_panel(fit: xr.DataTree) -> None:
    findings = Findings.of(fit)
    drawn = [name for name, _ in drawings(findings)]
    assert drawn[:3] == ["panel", "paths-total", "paths-workers"]
    assert sum(name.startswith("answer") for name in drawn) == 1
    figure = panel_table(findings)
    texts = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert sum("°" in text for text in texts) >= 4
    figure = paths(findings, "workers")
    assert len(figure.axes) == 3
    china = figure.axes[0]
    marks = [line for line in china.lines if line.get_marker() == "o"]
    # Two claims, at the first of July of their years.
    assert sorted(float(line.get_xdata()[0]) for line in marks) == [2014.5, 2017.5]
    assert sorted(float(line.get_ydata()[0]) for line in marks) == pytest.approx([20_000, 30_000])


def test_shapley_effects_of_groups() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4, 4, 1000))
    y = x[0] + x[1] + 2 * x[2]  # variances 1, 1 and 4, and a bystander
    effects, _, left = shapley_effects(x, y, [0, 0, 1, 2])
    # Of independent inputs a group's effect is its share: a sixth has an error of some 1 % with
    # 4,000 draws.
    np.testing.assert_allclose(effects, [2 / 6, 4 / 6, 0], atol=0.05)
    assert left < 0.01


def _with_kinds(about: str) -> str:
    """A permit and a register of one path at two dates, and a share that differs by country."""
    return f"""
        {{"format": 2, "title": "Kinds", "targets": ["total"],
         "dimensions": {{"country": ["china", "russia"], "year": {{"time": [2013, 2016]}}}},
         "quantities": {{
           "workers": {{"over": ["country", "year"], "unit": "person", "prior": "2,000 to 200,000",
                       "walk": {{"along": "year", "by": "5 to 40 %"}}}},
           "used": {{"unit": "share", "prior": "50 to 90 %"}},
           "kept": {{"over": "country", "unit": "share", "prior": "10 to 60 %",
                    "label": "share that is kept",
                    "alike": {{"along": "country", "within": "30 to 90 %"}}}}}},
         "readings": {{"whose": {{"each": "claim", "one": 1, "both": 1}}}},
         "relations": {{"total": {{"is": "sum(workers, country) * used"}},
                       "meant": {{"by": "whose", "one": "workers.china",
                                 "both": "sum(workers, country)"}}}},
         "kinds": {{"count": {{"unit": "person", "register": {{"factor": 1}},
                             "permits": {{"factor": "0.5 to 2"}}}}}},
         "claims": {{"{about}": ["permit"], "workers.russia": "listed", "meant": "said",
                    "kept.china": "part"}},
         "evidence": {{
           "sources": {{"s": {{"title": "A source", "published": 2018}}}},
           "claims": {{
             "permit": {{"source": "s", "says": "40,000 people", "kind": "permits", "when": 2016}},
             "listed": {{"source": "s", "says": "30,000 people", "basis": "register",
                        "when": 2014}},
             "said": {{"source": "s", "says": "60,000 people", "when": 2016}},
             "part": {{"source": "s", "says": "20 %"}}}}}}}}
        """


_NAMED = """
    {"format": 2, "title": "Named", "targets": ["paid"],
     "dimensions": {"country": {"labels": {"uae": "UAE", "the_rest": "elsewhere", "oman": "oman"}},
                    "year": {"time": [2016, 2017]}},
     "quantities": {"paid": {"over": ["country", "year"], "unit": "USD", "prior": "1 to 9"}}}
    """


def test_readers_see_the_name_of_a_label() -> None:
    model = load_json(_NAMED, "named")
    assert model.panel.dimensions["country"].labels == ("uae", "the_rest", "oman")
    assert model.quantities["paid.uae.2016"].label == "paid (UAE) in 2016"
    assert model.quantities["paid.oman.2016"].label == "paid (oman) in 2016"
    assert load_json(model.to_json(), "named") == model
    found = est.fit(model, sampling=_SHORT)
    (table,) = tables_of(est.summary(found), model)
    assert table.down == ("UAE", "elsewhere", "oman")
    assert [row[0].name for row in table.cells][:2] == ["paid.uae.2016", "paid.the_rest.2016"]
    assert list(found.posterior["country"].values) == ["uae", "the_rest", "oman"]


def test_a_name_of_a_label_is_a_text() -> None:
    with pytest.raises(
        InputError, match="the name of label 'uae' of dimension 'country' is a text"
    ):
        load_json(_NAMED.replace('"UAE"', "[1]"), "named")


def test_readers_can_tell_labels_apart() -> None:
    with pytest.raises(
        InputError, match="'uae' and 'the_rest' of dimension 'country' have one name"
    ):
        load_json(_NAMED.replace('"elsewhere"', '"UAE"'), "named")


@pytest.mark.parametrize("held", ['"time"', '"of": "country", "members"'])
def test_only_labels_have_names(held: str) -> None:
    """What would not be shown is not taken without a word."""
    written = f'"when": {{{held}: {{"2018": "the year of the ban"}}}}, "year"'
    with pytest.raises(InputError, match="the labels of dimension 'when' are words or dates"):
        load_json(_NAMED.replace('"year"', written, 1), "named")


def test_a_kind_is_learnt_along_a_path() -> None:
    """A register of the same path at another date ties the level of permits."""
    said = [one.message for one in load_json(_with_kinds("workers.russia"), "one").warnings]
    assert not [one for one in said if "level" in one or "kept.within" in one]


def test_another_path_ties_no_kind() -> None:
    """A register of another country does not."""
    said = [one.message for one in load_json(_with_kinds("workers.china"), "two").warnings]
    assert [one for one in said if "level of kind 'count.permits'" in one]


def test_a_kind_is_told_by_what_is_learnt_of_it() -> None:
    """A row for each kind, of what its kind states no number for."""
    model = load_json(_with_kinds("workers.china"), "told")
    told = est.summary(est.fit(model, seed=1, sampling=_SHORT))
    rows = {row.name: row.learnt for row in kinds(told, model)}
    assert set(rows) == {"count: permits"}  # of a register, the anchor, nothing is learnt
    factor, *_ = rows["count: permits"]
    whole = told.quantities["count.permits.factor"]
    assert whole.median is not None
    assert float(factor.split(" ")[0]) == pytest.approx(whole.median, rel=0.06)  # as printed


def test_a_broken_quantity_beside_a_reading_per_claim_is_a_fault() -> None:
    """What is wrong is said, though the cells that follow from it are not there."""
    broken = _with_kinds("workers.russia").replace('"50 to 90 %"}', '"50 to 90 %", "often": 1}')
    with pytest.raises(InputError, match="often"):
        load_json(broken, "three")


def test_all_of_a_panel_is_reproduced(tmp_path: Path) -> None:
    """With what each claim reads for itself, and a quote in letters that the figures have not."""
    model = load_json(
        """
        {"format": 2, "title": "Another", "targets": ["x"],
         "dimensions": {"year": {"time": [2013, 2016]}},
         "quantities": {
           "x": {"over": "year", "unit": "person", "prior": "20 to 2,000",
                 "walk": {"along": "year", "by": "20 %"}}},
         "relations": {"told": {"by": "sense", "all": "x", "half": "x / 2"}},
         "readings": {"sense": {"each": "claim", "all": 1, "half": 1}},
         "claims": {"told": "one", "x": "two"}, "compare": {"x": ["cited"]},
         "evidence": {"sources": {"s": {}}, "claims": {
           "one": {"source": "s", "says": "300 people", "when": "2013"},
           "two": {"source": "s", "says": "300 people", "when": "2016", "quote": "300명"},
           "cited": {"source": "s", "says": "200 to 400 people", "when": "2016"}}}}
        """,
        "another",
    )
    told: dict[str, bool] = {}

    def ended(one: est.Model, entry: Reproduced) -> None:
        """Note that all of a model is there when it is told of."""
        told[one.slug] = (tmp_path / "results" / one.slug / "summary.csv").is_file()
        assert not entry.broken

    entry = reproduce([model], root=tmp_path, sampling=_SHORT, ended=ended).models["another"]
    assert not entry.broken
    assert told == {"another": True}
    made = {path.name for path in (tmp_path / "results" / "another").iterdir()}
    # Where cited figures are admitted, each takes refits: that is asked for by its own command.
    assert "compare-independent.json" not in made
    assert {f"{one}.json" for one in ("fit", "compare", *_UNBIDDEN)} <= made
    told = Summary.read(json.loads((tmp_path / "results" / "another" / "fit.json").read_text()))
    (table,) = meanings(told, model)
    assert table.options == ("all", "half")
    ((claim, cells),) = table.rows
    assert claim == "one"
    assert sum(float(cell) for cell in cells) == pytest.approx(1.0, abs=0.011)  # as printed
    figures = {path.name for path in (tmp_path / "results" / "another" / "figures").iterdir()}
    assert "paths.png" in figures or "paths-x.png" in figures
    assert "paths-told.png" not in figures


def test_what_the_font_of_figures_can_show() -> None:
    assert legible("around 20,000 – “labourers” é")
    assert not legible("5만 8천 명")
    assert not legible("")


@pytest.mark.parametrize(
    ("label", "ids"),
    [
        ("workers", {"one", "two", "three"}),
        ("workers.china", {"one", "two"}),
        ("workers.china.2014", {"two"}),
        ("workers.2017.china", {"one"}),
        ("workers.north", {"one", "two", "three"}),
        ("china", {"one", "two", "wage"}),
        ("wage.china", {"wage"}),
    ],
)
def test_claims_about_a_path_are_held_out(label: str, ids: set[str]) -> None:
    assert choose(panel(), np.random.default_rng(0), hold_out=label).ids == ids


def test_a_path_that_is_none_is_said_so() -> None:
    with pytest.raises(InputError, match=r"'workers\.chna'; did you mean 'workers\.china'\?"):
        choose(panel(), np.random.default_rng(0), hold_out="workers.chna")
    with pytest.raises(InputError, match=r"no claim is about 'workers\.rest'"):
        choose(panel(), np.random.default_rng(0), hold_out="workers.rest")
