"""Stocks under two scenarios: values by label, cells that reach zero, and how they are told."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from tests.truth.tolerance import near, statistic

import estimates as est
from estimates.cli.output import say
from estimates.errors import InputError
from estimates.inference.panel_table import tables_of
from estimates.model.describe import describe
from estimates.model.graph import graph_of
from estimates.model.io import load, load_json
from estimates.plots.paths import paths
from estimates.report.text.heading import frame_of
from estimates.report.text.show import of_account

_SHORT = est.Sampling(draws=250, tune=300, chains=2)
_OPEN = {"shut": "0 %", "else": "100 %"}
_STOCK = {
    "first": "now",
    "inflow": "now / stay * replaced * let_in",
    "stay": "stay",
    "leave": "term",
}
_PANEL: dict[str, Any] = {
    "format": 2,
    "title": "A ban",
    "targets": ["staff"],
    "dimensions": {"scenario": ["shut", "still_open"], "date": {"time": ["2017-08", "2019-08"]}},
    "quantities": {
        "now": {"unit": "person", "prior": "100 to 900"},
        "stay": {"unit": "year", "prior": "1 to 3"},
        "replaced": {
            "over": "scenario",
            "prior": "50 to 200 %",
            "note": "As many as leave, or so.",
        },
        "let_in": {"over": "scenario", "unit": "share", "value": _OPEN},
        "staff": {"over": ["scenario", "date"], "unit": "person", "stock": _STOCK},
    },
    "relations": {"sum_of": {"unit": "person * year", "is": "mean(staff.shut, date) * 2 year"}},
    "claims": {"now": "now", "stay": "stay", "staff.still_open": "grows"},
    "evidence": {
        "sources": {"s": {"title": "A source"}},
        "claims": {
            "now": {"source": "s", "says": "around 300 people"},
            "stay": {"source": "s", "says": "1.5 to 2 years"},
            "grows": {"source": "s", "says": "rising", "when": "2018"},
        },
    },
}


def _model(**quantities: Any) -> est.Model:
    parts = {**_PANEL, "quantities": {**_PANEL["quantities"], **quantities}}
    return load_json(json.dumps(parts), "stocks")


@cache
def model() -> est.Model:
    return _model()


@pytest.fixture(scope="module")
def fit() -> xr.DataTree:
    return est.fit(model(), seed=3, sampling=_SHORT)


def test_values_by_label_are_known(tmp_path: Path) -> None:
    known = {
        name: getattr(one.prior, "value", None)
        for name, one in model().quantities.items()
        if name.startswith("let_in")
    }
    assert known == {"let_in.shut": 0.0, "let_in.still_open": 1.0}
    assert load_json(model().to_json()) == model()
    assert load(model().to_yaml(tmp_path)) == model()
    same = _model(let_in={"over": "scenario", "unit": "share", "value": "100 %"})
    assert getattr(same.quantities["let_in.shut"].prior, "value", None) == 1.0


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"value": {"shut": "0 %"}}, "value of 'let_in' has no number for 'still_open'"),
        ({"value": {"shuut": "0 %", "else": 1}}, "unknown label 'shuut' of scenario in the value"),
        ({"value": {"shut": "0 to 9 %", "else": 1}}, "a value is one number"),
        ({"value": {"shut": "120 %", "else": 1}}, "a share lies between 0 and 1"),
        ({"value": _OPEN, "prior": "1 to 9 %"}, "is known, so it has neither a prior nor links"),
        (
            {"value": _OPEN, "alike": {"along": "scenario", "within": "10 %"}},
            "is known, so it has neither a prior nor links",
        ),
    ],
)
def test_values_that_cannot_be(said: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        _model(let_in={"over": "scenario", "unit": "share", **said})
    (fault,) = caught.value.faults
    assert sentence in fault.message


def test_a_known_cell_can_be_supposed_otherwise(fit: xr.DataTree) -> None:
    """With a quarter let in, a quarter of those come who would come if it were open."""
    found = est.whatif(fit, values={"let_in.shut": "25 %"}, sampling=_SHORT)
    (row,) = [one for one in found.targets if one.target == "staff.shut.2019-08"]
    drawn = fit.posterior
    stay, replaced = drawn["stay"], drawn["replaced"].sel(scenario="shut")
    came = 0.25 * drawn["now"] / stay * replaced * np.minimum(2, stay)
    by_hand = drawn["now"] * np.maximum(0, 1 - 2 / stay) + came
    true, error = statistic(np.asarray(by_hand.transpose("chain", "draw")), "median")
    near("median", row.supposed.median, row.supposed.mcse_median, true, error)
    assert row.base.median < 0.5 * row.supposed.median


def test_one_cell_of_a_known_table_cannot_be_set() -> None:
    """Of values by country a single year is no value of a label."""
    one = _model(
        let_in={"over": ["scenario", "date"], "unit": "share", "value": _OPEN},
    )
    with pytest.raises(InputError, match="so set all cells of a label"):
        est.whatif(one, values={"let_in.shut.2019-08": 0.5})


def test_a_cell_that_reaches_zero_is_told_of(fit: xr.DataTree) -> None:
    """On the log scale an interval from nobody has no width; as it is, it has."""
    one = est.summary(fit).quantities["staff.shut.2019-08"]
    assert one.q05 == 0
    prior = np.quantile(fit["prior"]["staff"].sel(scenario="shut", date="2019-08"), [0.05, 0.95])
    assert one.learnt == pytest.approx(1 - (one.q95 - one.q05) / np.ptp(prior), abs=0.02)


def test_known_cells_have_no_table_of_results(fit: xr.DataTree) -> None:
    tables = {one.name: one for one in tables_of(est.summary(fit), model())}
    assert tables.keys() == {"staff", "replaced"}
    assert tables["staff"].down == ("shut", "still open")


def test_what_is_declared_is_shown() -> None:
    shown = io.StringIO()
    with redirect_stdout(shown):
        say(of_account(describe(model()), [], model()), frame_of(model(), 3, []), True)
    text = " ".join(shown.getvalue().split())
    for words in (
        "about yearly growth of staff.still open in 2018",
        "= mean(staff.shut, date) * 2 year",
        "a stock: now at first, now / stay × replaced × let in a year come in, and all leave after",
        "Note: As many as leave, or so.",
    ):
        assert words in text
    details = {node.title: node.detail for node in graph_of(model()).nodes}
    assert details["let in"].endswith("shut 0 %, else 100 %")


def test_paths_write_the_dates_that_have_room(fit: xr.DataTree) -> None:
    """The first and the last date are written, none over another."""
    figure = paths(fit, "staff")
    figure.draw_without_rendering()
    for axes in figure.axes:
        labels = [one for one in axes.get_xticklabels() if one.get_text()]
        if not labels:
            continue
        assert [labels[0].get_text(), labels[-1].get_text()] == ["2017-08", "2019-08"]
        boxes = [one.get_window_extent() for one in labels]
        assert all(a.x1 < b.x0 for a, b in pairwise(boxes))


def test_a_share_may_depend_on_a_reading_through_another() -> None:
    """Whether it stays one is asked under each option."""
    parts = {
        "evidence": {"sources": {}, "claims": {}},
        "quantities": {"a": "1 to 9", "b": "1 to 9"},
        "relations": {
            "some": {"by": "which", "one": "a", "both": "a + b"},
            "part": {"unit": "share", "is": "some / (some + b)"},
        },
        "readings": {"which": {"one": 1, "both": 1}},
        "targets": ["part"],
    }
    assert load_json(json.dumps(parts), "part").unit_of("part") is not None
    parts["relations"]["part"]["is"] = "some / a"
    with pytest.raises(InputError, match="'part' is a share but can leave 0 to 1"):
        load_json(json.dumps(parts), "part")
