"""The report, opened in a browser without a network: its numbers, its controls, its manners."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from estimates import Sampling, Store, Workers, fit, load, reweight, whatif, write_report
from estimates._util.format import median_and_interval, number, probability
from estimates._util.parts import Parts
from estimates.analysis import registry
from estimates.cli.app import app
from estimates.errors import InputError
from estimates.plots import drawings
from estimates.report.html import Gathered, gather, html_of, write_page
from estimates.report.html.charts import charts
from estimates.report.html.content import Link
from estimates.report.html.live import ROOM, live
from estimates.report.html.notes import inline, noted, safe_url
from estimates.report.html.provenance import claims
from estimates.report.html.traces import linker
from estimates.stats.links import SCALES
from estimates.stats.weighted import quantiles

from .truth.building import build

playwright = pytest.importorskip("playwright.sync_api")

SAMPLING = Sampling(draws=1000, tune=500)
QUANTITIES = {
    "people": {"unit": "person", "prior": "1,000 to 100,000", "label": "people employed"},
    "wage": {"unit": "USD/person/month", "prior": "50 to 2,000", "label": "what employers pay"},
    "skim": {"unit": "share", "prior": "20 to 95 %", "label": "share skimmed"},
}
SAYS: dict[str, Any] = {
    "people": {"says": "around 20,000 people", "quote": "around 20,000 people", "basis": "expert"},
    "others": {"says": "35,000 people", "quote": "35,000 of them", "basis": "hearsay"},
    "wage": {"says": "120 to 150 USD/person/month", "quote": "US$120–150", "basis": "expert"},
    "skim": {"says": "70 to 80 %", "quote": "70 to 80 per cent", "basis": "expert"},
    "total": "100 to 200 MUSD/year",
    "unread": {"says": "5,000 people", "quote": "not used"},
}
PARTS: dict[str, Any] = {
    "question": "Do they add up?",
    "relations": {
        "take_home": "wage * (1 - skim)",
        "quoted": {"by": "phrase", "gross": "wage", "net": "take_home"},
        "workers": {"by": "scope", "here": "people", "twice": "2 * people"},
        "revenue": {"unit": "MUSD/year", "label": "annual revenue", "is": "workers * wage * skim"},
    },
    "readings": {
        "phrase": {"question": "Gross or net?", "gross": 2, "net": 1},
        "scope": {"update": False, "here": 1, "twice": 3},
    },
    "compare": {"total": "revenue"},
    "targets": ["revenue", "take_home"],
}
CLAIMS = {"people": "people", "others": "people", "wage": "quoted", "skim": "skim"}
EVIL = (
    "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
)


def browser_path() -> str:
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None and os.environ.get("CI"):
        pytest.fail("no Chromium: .ci/run installs it")
    if found is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    return found


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model and, once it is gathered, what was asked of it."""
    root = tmp_path_factory.mktemp("report")
    build(root / "models" / "invented", quantities=QUANTITIES, says=SAYS, claims=CLAIMS, **PARTS)
    return root


@pytest.fixture(scope="module")
def gathered(root: Path) -> Gathered:
    found = fit(load("invented", root), seed=5, sampling=SAMPLING)
    return gather(found, Workers(store=Store(root / "results" / "store")))


@pytest.fixture(scope="module")
def page_path(gathered: Gathered, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    with pytest.MonkeyPatch.context() as patch:  # the figures of the fit are pictures enough
        patch.setattr(
            "estimates.report.html.pictures.drawings",
            lambda found, fit=None: drawings(found) if fit is None else iter(()),
        )
        path.write_text(html_of(gathered), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = browser_path()
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take most of the time, and say nothing here."""
    monkeypatch.setattr("estimates.report.html.page.drawn", lambda found: {})


class Opened:
    """A page with all that it said and asked for."""

    def __init__(self, browser: Any, path: Path, **options: Any) -> None:
        self.context = browser.new_context(offline=True, **options)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda m: self.said.append(f"{m.type}: {m.text}"))
        self.page.on("pageerror", lambda e: self.said.append(str(e)))
        self.page.on("request", lambda r: self.asked.append(r.url))
        self.page.goto(path.as_uri())

    def ready(self) -> Any:
        self.page.wait_for_selector("html[data-ready=yes]", timeout=300_000)
        return self.page

    def move(self, selector: str, value: float) -> None:
        self.page.eval_on_selector(
            selector,
            "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }",
            value,
        )

    def result(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("window.estimates.result")
        return found

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("window.estimates.state")
        return found

    def text(self, row: str, key: str) -> str:
        found: str = self.page.text_content(f"#{row} [data-key={key}]")
        return found

    def close(self) -> None:
        self.context.close()
        assert not self.said
        assert all(url.startswith(("file:", "data:", "blob:")) for url in self.asked), self.asked


@pytest.fixture(scope="module")
def shared(browser: Any, page_path: Path) -> Iterator[Opened]:
    one = Opened(browser, page_path, viewport={"width": 1300, "height": 900})
    one.ready()
    yield one
    one.close()


@pytest.fixture
def opened(shared: Opened) -> Opened:
    """The one page, as it is at first."""
    shared.page.emulate_media(media="screen")
    shared.page.keyboard.press("Escape")
    shared.page.evaluate("document.activeElement.blur()")
    shared.page.click("#reset")
    return shared


KEYS = ("q05", "q25", "median", "q75", "q95", "below", "inside", "above")


def same(found: dict[str, Any], truth: Any) -> None:
    for key in KEYS:
        # The page holds single precision.
        assert found[key] == pytest.approx(getattr(truth, key), rel=2e-6, abs=2e-9), key
    assert found["verdict"] == truth.verdict


# Numbers ------------------------------------------------------------------------------------------


def test_at_rest_the_page_shows_what_the_command_line_shows(
    opened: Opened, gathered: Gathered
) -> None:
    same(opened.result(), reweight(gathered.fit, between=(100, 200)).numbers)
    row = gathered.cited[0]
    numbers = gathered.summary.quantities["revenue"]
    for key in ("below", "inside", "above"):
        true = getattr(row, key)
        assert opened.result()[key] == pytest.approx(true, abs=1e-9)
        assert float(opened.text("as-is", key).strip("<>")) == pytest.approx(true, abs=0.0051)
    for key in ("q05", "median", "q95"):
        assert opened.result()[key] == pytest.approx(getattr(numbers, key), rel=2e-6)
    assert opened.result()["weights"] == pytest.approx(
        [one.posterior for one in gathered.summary.readings], abs=1e-12
    )
    median, interval = median_and_interval(numbers)
    assert opened.text("as-is", "median") == median
    assert opened.text("as-is", "interval") == interval
    assert opened.page.is_hidden("#as-supposed")


@pytest.mark.parametrize("percent", [0, 20, 85, 100])
def test_the_weights_of_a_reading(opened: Opened, gathered: Gathered, percent: int) -> None:
    opened.move("#reading-0-0", percent)
    opened.move("#reading-1-0", 40)
    weights = {
        "phrase": {"gross": percent, "net": 100 - percent},
        "scope": {"here": 40, "twice": 60},
    }
    truth = reweight(gathered.fit, weights=weights, between=(100, 200))
    same(opened.result(), truth.numbers)
    assert opened.result()["weights"] == pytest.approx(list(truth.readings.values()), abs=1e-9)
    assert opened.result()["effective"] == pytest.approx(truth.effective, rel=1e-9)
    assert opened.page.is_visible("#as-supposed")


def test_a_reading_that_is_certain_is_as_in_whatif(opened: Opened, gathered: Gathered) -> None:
    opened.move("#reading-0-0", 0)
    truth = whatif(gathered.fit, reading={"phrase": "net"}).document
    supposed, compared = truth["targets"][0]["supposed"], truth["comparisons"][0]["supposed"]
    found = opened.result()
    for key in ("q05", "median", "q95"):
        assert found[key] == pytest.approx(supposed[key], abs=4 * supposed[f"mcse_{key}"])
    for key in ("below", "inside", "above"):
        assert found[key] == pytest.approx(compared[key], abs=4 * compared[f"mcse_{key}"] + 1e-9)


def test_the_edges_of_the_range(opened: Opened, gathered: Gathered) -> None:
    opened.move("#edge-low", 350)
    opened.move("#edge-high", 800)
    low, high = opened.state()["edges"]
    assert 0 < low < high
    same(opened.result(), reweight(gathered.fit, between=(low, high)).numbers)
    opened.page.fill("#edge-low-number", "30")
    opened.page.dispatch_event("#edge-low-number", "change")
    assert opened.state()["edges"][0] == 30
    same(opened.result(), reweight(gathered.fit, between=(30, high)).numbers)
    opened.page.fill("#edge-high-number", "")
    opened.page.dispatch_event("#edge-high-number", "change")
    found = opened.result()
    assert found["above"] == 0
    assert found["below"] == pytest.approx(
        reweight(gathered.fit, between=(30, None)).numbers.below, abs=1e-9
    )


def interval_of(gathered: Gathered, name: str, given: list[int | None]) -> tuple[Any, Any]:
    """The interval of which the page's places are exactly what is inside."""
    described = live(gathered)
    assert described is not None
    one = next(q for q in described[0]["quantities"] if q["name"] == name)
    width = (one["high"] - one["low"]) / 65_535
    ends = []
    for code, half in zip(given, (-0.5, 0.5), strict=True):
        inverse = SCALES[one["scale"]].inverse
        ends.append(None if code is None else inverse(one["low"] + (code + half) * width))
    return ends[0], ends[1]


def test_a_quantity_in_an_interval(opened: Opened, gathered: Gathered) -> None:
    names = [q["name"] for q in opened.page.evaluate("window.estimates.live.quantities")]
    assert set(names) == set(QUANTITIES)
    people, skim = names.index("people"), names.index("skim")
    opened.move(f"#given-{people}-low", 60)
    opened.move(f"#given-{people}-high", 170)
    opened.move(f"#given-{skim}-high", 150)
    given = {
        name: interval_of(gathered, name, ends)
        for name, ends in opened.state()["given"].items()
        if ends != [None, None]
    }
    assert set(given) == {"people", "skim"}
    truth = reweight(gathered.fit, given=given, between=(100, 200))
    same(opened.result(), truth.numbers)
    assert opened.result()["effective"] == pytest.approx(truth.effective, rel=1e-9)
    assert opened.result()["weights"] == pytest.approx(list(truth.readings.values()), abs=1e-9)


def test_the_readings_can_keep_their_weights(opened: Opened, gathered: Gathered) -> None:
    """As --hold-readings: what a supposed share of the wage says of the phrase is left aside."""
    names = [q["name"] for q in opened.page.evaluate("window.estimates.live.quantities")]
    skim = names.index("skim")
    opened.move(f"#given-{skim}-high", 60)
    opened.move("#reading-0-0", 50)
    free = opened.result()
    opened.page.check("#hold")
    given = {"skim": interval_of(gathered, "skim", opened.state()["given"]["skim"])}
    even = {"phrase": {"gross": 1, "net": 1}}
    truth = reweight(
        gathered.fit, weights=even, given=given, between=(100, 200), hold_readings=True
    )
    same(opened.result(), truth.numbers)
    assert opened.result()["weights"] == pytest.approx(list(truth.readings.values()), abs=1e-9)
    as_it_is = reweight(gathered.fit, weights=even).readings
    assert truth.readings == pytest.approx(as_it_is)
    assert free["weights"] != pytest.approx(list(as_it_is.values()), abs=0.01)
    opened.page.click("#reset")
    assert not opened.page.is_checked("#hold")


def test_beside_a_bound_it_says_whether_it_is_met(opened: Opened, gathered: Gathered) -> None:
    assert opened.page.is_hidden("th[data-column=met]")
    opened.page.fill("#edge-high-number", "")
    opened.page.dispatch_event("#edge-high-number", "change")
    assert opened.state()["edges"] == [100, None]
    for column, hidden in (("met", False), ("times", False), ("inside", True), ("below", True)):
        assert opened.page.is_hidden(f"th[data-column={column}]") == hidden
    truth = reweight(gathered.fit, between=(100, None)).numbers
    assert truth is not None
    same(opened.result(), truth)
    met = opened.page.get_attribute("#as-supposed [data-key=met]", "data-value")
    times = opened.page.get_attribute("#as-supposed [data-key=times]", "data-value")
    assert float(met) == pytest.approx(truth.inside, abs=1e-6)
    assert float(times) == pytest.approx(truth.median / 100, rel=1e-5)


def test_too_few_draws_are_refused(opened: Opened, gathered: Gathered) -> None:
    opened.move("#given-0-low", 198)
    assert opened.result()["effective"] < 400
    assert "median" not in opened.result()
    assert "too few to show numbers" in opened.page.text_content("#caution")
    for key in ("median", "half", "interval", "below", "inside", "above"):
        assert opened.text("as-supposed", key) == "—"
    opened.page.click("#reset")
    assert opened.page.is_hidden("#caution")
    assert opened.page.is_hidden("#as-supposed")
    same(opened.result(), reweight(gathered.fit, between=(100, 200)).numbers)


def test_one_claim_at_a_time_is_left_out(opened: Opened, gathered: Gathered) -> None:
    rows = {
        row["name"]: row
        for row in gathered.analyses["sensitivity"].document["leave_one_out"]
        if row["without"] == "claim"
    }
    assert set(rows) == set(CLAIMS)
    for claim, row in rows.items():
        opened.page.select_option("#claim", claim)
        for key in ("q05", "median", "q95"):
            assert opened.result()[key] == pytest.approx(row[key], rel=1e-12)
        assert opened.page.is_disabled("#given-0-low")
    # With another weight too: of the refit's quantiles, within what 200 of them resolve.
    opened.move("#reading-0-0", 100)
    one = gathered.without["skim"]
    opened.page.select_option("#claim", "skim")
    kept = [r for r in one.readings if r.reading["phrase"] == "gross"]
    total = sum(r.weight for r in kept)
    values = np.concatenate([r.targets["revenue"].curve for r in kept])
    weights = np.repeat([r.weight / total / 200 for r in kept], 200)
    (median,) = quantiles(values, [0.5], weights)
    assert opened.result()["median"] == pytest.approx(median, rel=2e-6)
    opened.page.select_option("#claim", "")
    assert not opened.page.is_disabled("#given-0-low")


def test_charts_follow(opened: Opened) -> None:
    before = opened.page.inner_html("#chart-answer")
    opened.move("#reading-1-0", 90)
    opened.page.wait_for_function(
        "h => document.getElementById('chart-answer').innerHTML !== h", arg=before
    )
    for name in ("answer", "readings", "tornado", "without", "variance", "conflict", "voi"):
        assert opened.page.query_selector(f"#chart-{name} svg"), name


# Where numbers come from --------------------------------------------------------------------------


def test_a_number_leads_to_its_claims(opened: Opened) -> None:
    page = opened.page
    page.click("#by-reading a.number >> nth=0")
    assert page.is_visible("dialog[open]")
    page.keyboard.press("Escape")
    page.click("article#quantity-people a[href='#claim-others'] >> nth=0")
    shown = page.inner_text("#card-body")
    assert "35,000 of them" in shown
    assert "hearsay" in shown
    page.click("#card-body a.go")
    assert page.is_hidden("dialog")
    assert page.evaluate("location.hash") == "#claim-others"


# Text with a digit that no link holds: in sentences, in tables of results and of charts.
LOOSE = """() => {
  const places = '.lead p, p.lead, .says li, #limits > ul > li, #by-reading td, '
    + '#by-reading dd .quiet, #result td, .data td';
  const loose = [];
  for (const place of document.querySelectorAll(places)) {
    const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode;
      if (/[0-9]/.test(text.data) && !text.parentElement.closest('a')) loose.push(text.data);
    }
  }
  return loose;
}"""


def test_every_number_of_a_sentence_or_a_table_leads_to_the_claims_behind_it(
    opened: Opened,
) -> None:
    page = opened.page
    opened.move("#reading-1-0", 90)
    assert page.is_visible("#as-supposed")
    assert page.evaluate(LOOSE) == []
    told = page.evaluate(
        """() => Object.fromEntries(Array.from(document.querySelectorAll('a.number'), (link) => {
          link.click();
          const text = document.getElementById('card-body').textContent;
          const quotes = document.querySelectorAll('#card-body blockquote').length;
          document.getElementById('card').close();
          return [link.getAttribute('href'), [quotes, text]];
        }))"""
    )
    for card, (quotes, text) in told.items():
        assert quotes > 0, card
        assert "Width" in text, card
    assert {"#trace-answer", "#trace-weights", "#trace-comparison-total"} <= set(told)
    for command in ("sensitivity", "conflict", "voi"):
        assert f"estimates {command} invented" in told[f"#trace-{command}"][1]


def test_numbers_and_names_in_a_sentence() -> None:
    linked = linker(
        [
            Link("quantity-workers", "workers in 2017"),
            Link("quantity-skim", "skim"),
        ]
    )
    says = linked(
        "For workers in 2017: 20,800, <0.01 or US$100–200; 3.2e-5, 57 % & −0.5 (of x2).", "t"
    )
    assert re.findall('href="#t">(.*?)</a>', says) == [
        "20,800",
        "&lt;0.01",
        "100–200",
        "3.2e-5",
        "57 %",
        "−0.5",
    ]
    assert 'href="#quantity-workers">workers in 2017</a>' in says
    assert "&amp;" in says
    assert "x2)." in says
    assert "<script" not in linked(EVIL, "t")


def test_charts_can_be_read_as_tables_and_their_marks_lead_on(
    opened: Opened, gathered: Gathered
) -> None:
    page = opened.page
    document = gathered.analyses["sensitivity"].document
    rows = [row for row in document["leave_one_out"] if row["without"] == "claim"]
    table = page.locator("figure:has(#chart-without) details")
    table.locator("summary").click()
    shown = {
        row.locator("th").inner_text(): row.locator("td").first.inner_text()
        for row in table.locator("tbody tr").all()
    }
    assert shown == {row["name"]: number(row["median"]) for row in rows}
    page.locator("#chart-without path[aria-roledescription=bar]").first.click()
    assert page.is_visible("dialog[open]")
    assert page.inner_text("#card-body h4") == rows[0]["name"]
    page.keyboard.press("Escape")


def test_without_readings(tmp_path: Path, no_pictures: None) -> None:
    """One reading is the whole answer: its tornado is drawn; a count and a ratio are shares."""
    model = build(
        tmp_path / "plain",
        quantities={
            "guests": {"unit": "person/day", "prior": "50 to 2,000"},
            "drinkers": {"unit": "share", "prior": "20 to 95 %"},
            "open": {"unit": "share", "prior": "5 to 95 %"},
        },
        says={
            "guests": "around 300 people/day",
            "had": "31 of 50",
            "hours": "6 to 12 hours/day",
            "cited": "at least 100 people/day",
        },
        claims={"guests": "guests", "had": "drinkers", "hours": "open"},
        relations={"cups": {"unit": "person/day", "is": "guests * drinkers * open"}},
        compare={"cited": "cups"},
        targets=["cups"],
    )
    store = Store(tmp_path / "store")
    found = gather(fit(model, seed=1, sampling=SAMPLING), Workers(store=store))
    rows = {row.name for row in charts(found)["tornado"].rows}
    assert rows == {"guests", "drinkers", "open"}
    taken = {card.said.claim: card.taken for card in claims(found)}
    assert taken["had"].startswith("62 %; 90 %: 50.4 to 72.6 %")
    assert re.match(r"\d\d(\.\d)? %; 90 %: \d\d(\.\d)? to \d\d(\.\d)? %$", taken["hours"])
    assert taken["guests"].startswith("300 people a day")
    page = html_of(found)
    assert "nothing to draw" not in page
    (row,) = found.cited
    said = re.search(r"The cited figure is at least .*</p>", page)
    assert said
    assert f"meets it with a probability of {probability(row.inside)}" in unescape(
        re.sub(r"<[^>]+>", "", said[0])
    )
    assert "above" not in said[0]  # there is no such side
    assert row.times_bound == pytest.approx(row.median / 100)


def test_every_link_leads_somewhere(opened: Opened) -> None:
    missing = opened.page.evaluate(
        "[...document.querySelectorAll(\"a[href^='#']\")].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(id))"
    )
    assert not missing
    ids = opened.page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


# Manners ------------------------------------------------------------------------------------------


def test_by_keyboard_alone(opened: Opened) -> None:
    page = opened.page
    page.evaluate("document.querySelector('.skip').focus()")
    assert page.evaluate("getComputedStyle(document.activeElement).left") == "16px"
    page.focus("#reading-0-0")
    before = opened.result()["median"]
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    assert opened.result()["median"] != before
    page.focus("#reset")
    page.keyboard.press("Enter")
    assert opened.result()["median"] == before


def test_everything_that_is_operated_has_a_name(opened: Opened) -> None:
    unnamed = opened.page.evaluate(
        """[...document.querySelectorAll('input, select, button, a')].filter(e =>
             !(e.getAttribute('aria-label') || e.labels?.length || e.textContent.trim())).length"""
    )
    assert unnamed == 0
    assert opened.page.evaluate("document.documentElement.lang") == "en"
    heads = opened.page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4')].filter(e => !e.closest('dialog'))"
        ".map(e => Number(e.tagName[1]))"
    )
    assert heads[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(heads))
    assert opened.page.evaluate("[...document.images].every(i => i.alt)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1800])
def test_every_width_and_scheme(browser: Any, page_path: Path, width: int, scheme: str) -> None:
    one = Opened(browser, page_path, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = one.ready()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    contrast = page.evaluate(
        """() => { const rgb = c => c.match(/[\\d.]+/g).slice(0, 3).map(Number);
          const light = c => { const [r, g, b] = rgb(c).map(v => { v /= 255;
            return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
            return .2126 * r + .7152 * g + .0722 * b; };
          const paper = light(getComputedStyle(document.body).backgroundColor);
          return ['body', '.quiet', 'a.number', 'nav a'].map(s => {
            const ink = light(getComputedStyle(document.querySelector(s)).color);
            return (Math.max(ink, paper) + .05) / (Math.min(ink, paper) + .05); }); }"""
    )
    assert min(contrast) >= 4.5  # WCAG 2.2, AA
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") != scheme
    one.close()


def test_it_prints(opened: Opened) -> None:
    opened.page.emulate_media(media="print")
    assert opened.page.is_hidden("#controls")
    assert opened.page.is_visible("#as-is")
    assert opened.page.pdf()[:5] == b"%PDF-"


@pytest.mark.parametrize("name", ["answer", "readings", "tornado"])
def test_a_chart_can_be_had_as_a_drawing_and_as_numbers(opened: Opened, name: str) -> None:
    """Under a policy that allows no script or style but the page's own."""
    policy = opened.page.get_attribute("meta[http-equiv=Content-Security-Policy]", "content")
    assert "unsafe" not in policy

    def taken(kind: str) -> str:
        with opened.page.expect_download() as coming:
            opened.page.click(f".take button[data-chart={name}][data-kind={kind}]")
        assert coming.value.suggested_filename == f"invented-{name}.{kind}"
        return Path(coming.value.path()).read_text(encoding="utf-8")

    drawing = ElementTree.fromstring(taken("svg"))
    words = " ".join(drawing.itertext())
    label = opened.page.get_attribute(f"#chart-{name}", "aria-label")
    assert label.split(",")[0] in words
    assert "var(--" not in ElementTree.tostring(drawing, encoding="unicode")
    heads, *rows = csv.reader(taken("csv").splitlines())
    assert len(set(heads)) == len(heads)
    assert rows
    assert all(len(row) == len(heads) for row in rows)
    if name == "readings":
        shown = opened.result()["readings"]
        told = {row[0]: float(row[heads.index("weight")]) for row in rows}
        assert sorted(told.values()) == pytest.approx(sorted(one["weight"] for one in shown))
    if name == "tornado":
        assert any(row[0] == "share skimmed" for row in rows)


def test_how_it_is_shown_where_it_is_linked_and_cited(
    gathered: Gathered, tmp_path: Path, no_pictures: None
) -> None:
    path = write_page(gathered, tmp_path / "a.html", "https://example.org/work/")
    page = path.read_text(encoding="utf-8")
    assert '<meta property="og:image" content="https://example.org/work/a-share.png">' in page
    assert '<meta property="og:url" content="https://example.org/work/">' in page
    assert f"digest {gathered.account.digest[:12]}" in page
    assert "og:image" not in html_of(gathered)  # where no picture stands beside it
    with pytest.raises(InputError, match="is not a web address"):
        write_report(gathered.fit, tmp_path / "b.html", address="example.org")
    assert not (tmp_path / "b.html").exists()


def test_notes_are_set_and_nothing_in_them_runs() -> None:
    assert noted("Either reading of `wage`.\n\n- *one*\n- two") == (
        "<p>Either reading of <code>wage</code>.</p>\n"
        "<ul>\n<li><em>one</em></li>\n<li>two</li>\n</ul>"
    )
    assert inline("a * b < 2 * c & snake_case_name") == "a * b &lt; 2 * c &amp; snake_case_name"
    assert inline("[x](https://example.org)") == '<a href="https://example.org">x</a>'
    for evil in ("[x](javascript:alert(1))", "![x](https://example.org/x.png)", EVIL, "<b>x</b>"):
        tags = set(re.findall(r"<(\w+)", inline(evil))) | set(re.findall(r"<(\w+)", noted(evil)))
        assert tags <= {"p", "a"}
        assert "javascript" not in "".join(re.findall(r'href="[^"]*', noted(evil)))


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1400, "light")])
def test_nothing_is_cut_off_or_stacked(
    browser: Any, page_path: Path, width: int, scheme: str
) -> None:
    one = Opened(browser, page_path, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = one.ready()
    beyond = page.evaluate(
        """() => [...document.querySelectorAll('.chart svg text')].filter(t => {
          const box = t.getBoundingClientRect(), all = t.ownerSVGElement.getBoundingClientRect();
          return box.width && (box.left < all.left - 1 || box.right > all.right + 1); })
          .map(t => t.textContent)"""
    )
    assert beyond == []
    lines = page.evaluate(
        """() => [...document.querySelectorAll('#as-is th, #as-is td')].map(c =>
          c.getBoundingClientRect().height / parseFloat(getComputedStyle(c).lineHeight))"""
    )
    assert max(lines) < 2
    blank = page.evaluate(
        """() => { const [out, aside] = ['.live-out', '#controls'].map(s =>
          document.querySelector(s).getBoundingClientRect()); return aside.bottom - out.bottom; }"""
    )
    assert width < 1000 or blank <= 1
    one.close()


def test_without_scripts_the_answer_is_there(browser: Any, page_path: Path) -> None:
    one = Opened(browser, page_path, java_script_enabled=False)
    assert "It depends on what was meant: for the annual revenue" in one.page.inner_text("#answer")
    assert one.page.is_hidden("#controls")
    one.close()


@pytest.mark.usefixtures("no_pictures")
def test_a_strangers_ledger_stays_text(browser: Any, tmp_path: Path) -> None:
    says = {
        "people": {
            "says": "around 20,000 people", "quote": EVIL, "speaker": EVIL, "note": EVIL,
        },
        "total": "100 to 200 MUSD/year",
    }  # fmt: skip
    model = build(
        tmp_path / "evil",
        quantities={
            "people": {"unit": "person", "prior": "1,000 to 100,000", "label": EVIL, "note": EVIL},
            "pay": {"unit": "USD/person/year", "value": 5_000},
        },
        says=says,
        claims={"people": "people"},
        relations={"revenue": {"unit": "MUSD/year", "is": "people * pay", "label": EVIL}},
        compare={"total": "revenue"},
        targets=["revenue"],
        question=EVIL,
        note=EVIL,
    )
    path = write_report(fit(model, seed=1, sampling=SAMPLING), tmp_path / "evil.html")
    one = Opened(browser, path)
    page = one.ready()
    page.hover("#chart-answer")
    assert page.title() == model.title
    assert page.query_selector("img[src=x]") is None
    assert EVIL in page.inner_text("#claim-people")
    page.click("a[href='#claim-people'] >> nth=0")
    assert EVIL in page.inner_text("#card-body")
    one.close()


@pytest.fixture(scope="module")
def prototypes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Gathered, Path]:
    """A model of names that every object of a script has, and its page."""
    folder = tmp_path_factory.mktemp("prototypes")
    model = build(
        folder / "prototype",
        quantities={
            "hasOwnProperty": {"unit": "person", "prior": "1,000 to 100,000", "label": "__proto__"},
            "constructor": {"unit": "USD/person/year", "prior": "2,000 to 9,000"},
            "toString": {"prior": "1 to 3", "label": "toLocaleString"},
        },
        says={
            "hasOwnProperty": "around 20,000 people",
            "constructor": "around 4,000 USD/person/year",
            "valueOf": "2",
            "total": "100 to 200 MUSD/year",
        },
        claims={
            "hasOwnProperty": "hasOwnProperty",
            "constructor": "constructor",
            "valueOf": "toString",
        },
        readings={
            "constructor": {"hasOwnProperty": {"weight": 1}, "toString": {"weight": 1}},
            "hasOwnProperty": {"valueOf": {"weight": 1}, "constructor": {"weight": 2}},
        },
        relations={
            "valueOf": {
                "unit": "MUSD/year",
                "by": "constructor",
                "hasOwnProperty": "hasOwnProperty * constructor",
                "toString": "hasOwnProperty * constructor * toString",
            },
            "isPrototypeOf": {
                "unit": "MUSD/year",
                "by": "hasOwnProperty",
                "valueOf": "valueOf",
                "constructor": "valueOf / 2",
            },
        },
        compare={"total": "isPrototypeOf"},
        targets=["isPrototypeOf"],
    )
    found = gather(fit(model, seed=1, sampling=SAMPLING), Workers())
    path = folder / "page.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("estimates.report.html.page.drawn", lambda found: {})  # as `no_pictures`
        write_page(found, path)
    return found, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_that_every_object_of_the_script_has(
    browser: Any, prototypes: tuple[Gathered, Path], scheme: str
) -> None:
    """Such as `constructor`; and the page's policy is never violated on the way.

    `__proto__` itself names nothing (names of programs are refused); a label may be anything.
    """
    found, path = prototypes
    policy = path.read_text(encoding="utf-8").partition("Content-Security-Policy")[2][:600]
    assert "unsafe" not in policy
    assert "blob:" not in policy
    one = Opened(browser, path, color_scheme=scheme, viewport={"width": 1300, "height": 900})
    page = one.ready()
    drawn = page.eval_on_selector_all(
        ".chart > div[id^=chart-]", "divs => divs.map(d => d.querySelectorAll('svg path').length)"
    )
    assert len(drawn) >= 5
    assert min(drawn) > 0, drawn
    shown = page.eval_on_selector_all("#chart-tornado .mark-rect path", "paths => paths.length")
    assert shown == 5  # three quantities and two readings, each a bar of its own
    for chart, marks in (("without", ".mark-rect"), ("conflict", ".mark-symbol")):
        paths = page.query_selector_all(f"#chart-{chart} {marks} path")
        rows = page.query_selector_all(f"figure:has(#chart-{chart}) tbody tr")
        assert len(paths) == len(rows) >= 3, chart  # a mark for each claim, whatever its name
    at_rest = one.result()
    for slider, value in (("#reading-0-0", 100), ("#reading-1-0", 0)):
        one.move(slider, value)
    assert one.result()["median"] != at_rest["median"]
    one.move("#given-0-low", 60)
    given = json.loads(page.evaluate("JSON.stringify(window.estimates.state.given)"))
    assert given["hasOwnProperty"][0] is not None
    page.click("#reset")
    page.select_option("#claim", "hasOwnProperty")
    without = found.without["hasOwnProperty"].targets["isPrototypeOf"]
    assert one.result()["median"] == pytest.approx(without.median, rel=1e-6)
    page.hover("#chart-tornado .mark-rect path >> nth=0")
    page.wait_for_selector("#vg-tooltip-element.visible")
    page.click("#theme")
    page.wait_for_timeout(200)
    one.close()


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b=c", True),
        ("javascript:alert(1)", False),
        (' https://example.org/" onclick="x', False),
        ("data:text/html,x", False),
        ("", False),
    ],
)
def test_which_addresses_are_linked(url: str, safe: bool) -> None:
    assert safe_url(url) == (url if safe else "")


@pytest.mark.usefixtures("no_pictures")
def test_without_a_cited_figure(browser: Any, tmp_path: Path) -> None:
    model = build(
        tmp_path / "plain",
        quantities={"a": {"prior": "1 to 100", "unit": "person"}, "b": "5 to 20 %"},
        says={"a": "around 10 people"},
        claims={"a": "a"},
        relations={"some": "a * b"},
        targets=["some", "b"],
    )
    one = Opened(browser, write_report(fit(model, seed=1, sampling=SAMPLING), tmp_path / "p.html"))
    page = one.ready()
    assert one.text("as-is", "below") == "—"
    page.fill("#edge-low-number", "1")
    page.dispatch_event("#edge-low-number", "change")
    assert 0 < one.result()["below"] < 1
    assert "b beyond what the model's author put into the prior" in page.inner_text("#limits")
    one.close()


# The file -----------------------------------------------------------------------------------------


def test_the_size_stays_within_bounds(page_path: Path) -> None:
    text = page_path.read_text(encoding="utf-8")
    found = re.search(r'id="draws-data">([^<]*)<', text)
    assert found is not None
    # However many draws there are, ROOM bytes of them are carried, as base64.
    assert len(text.encode()) - len(found[1]) + ROOM * 4 / 3 < 3_000_000


def test_boxes_of_the_diagram_lead_to_their_cards(opened: Opened) -> None:
    page = opened.page
    assert page.locator(".diagram svg a").count() == len(CLAIMS) + 1 + len(QUANTITIES) + 4
    page.click(".diagram svg a[href='#claim-others']")
    assert "35,000 of them" in page.inner_text("#card-body")


def test_many_draws_are_thinned(gathered: Gathered, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("estimates.report.html.live.ROOM", 40_000)
    carried = live(gathered)
    assert carried is not None
    description, packed = carried
    assert description["step"] > 1
    assert len(packed) < 40_000 * 1.5 + 4 * 200 * 4 * len(CLAIMS) * 4 / 3
    assert description["share"] >= live(gathered)[0]["share"]  # type: ignore[index]


@pytest.mark.usefixtures("no_pictures")
def test_the_command(
    gathered: Gathered, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a fit that is at hand; what it is asked is in the store."""
    monkeypatch.setattr("estimates.report.reproduce.fit", lambda *_, **__: gathered.fit)

    def run(*words: str) -> Any:
        words = ("report", "invented", *words, "--seed", "5", "--root", str(root))
        return CliRunner().invoke(app, words, catch_exceptions=False)

    done = run("--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    path = root / "results" / "invented" / "report.html"
    assert document["bytes"] == path.stat().st_size
    picture = path.with_name("report-share.png")
    assert document["picture"] == picture.as_posix()
    with Image.open(picture) as shown:
        assert shown.size == (1200, 630)
    assert document["converged"]
    assert document["broken"] == []
    first = path.read_bytes()
    elsewhere = tmp_path / "mine.html"
    assert run("--output", str(elsewhere)).exit_code == 0
    # The same on every run, byte for byte, but for the name of its picture.
    assert elsewhere.read_bytes() == first.replace(b"report-share.png", b"mine-share.png")
    assert (tmp_path / "mine-share.png").read_bytes() == picture.read_bytes()
    refused = run("--output", str(tmp_path / "no" / "x.html"))
    assert refused.exit_code == 2
    assert "there is no folder" in refused.output


# Parts --------------------------------------------------------------------------------------------


class Bug(RuntimeError):
    pass


def broken_ask(*_: Any, **__: Any) -> NoReturn:
    raise Bug("a fault <made> for this test\nand more of it")


@pytest.mark.usefixtures("no_pictures")
def test_a_part_that_breaks_leaves_a_box_and_all_else_stands(
    gathered: Gathered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a question, of a chart, of the draws of the what-if, and what takes too long."""
    told: list[str] = []
    parts = Parts(2.0, lambda broken: told.append(broken.sentence))

    def endless(*_: Any, **__: Any) -> NoReturn:
        while True:
            pass

    ask = {"conflict": broken_ask, "inverse": endless}
    ask |= {n: lambda *_, n=n, **__: gathered.analyses[n] for n in ("sensitivity", "voi", "forest")}
    monkeypatch.setattr(registry.Analysis, "run", lambda one: ask[one.name])
    monkeypatch.setattr("estimates.report.html.content.without_each", lambda *_, **__: {})
    monkeypatch.setattr("estimates.report.html.charts._voi", broken_ask)
    found = gather(gathered.fit, Workers(), None, parts)
    page = html_of(found)
    assert [one.part for one in parts.broken] == [
        "the answer without each claim",  # none are too few
        "whether the claims contradict each other",
        "what would have to be true",
        "the chart voi",
    ]
    assert told == [one.sentence for one in parts.broken]
    assert parts.broken[1].error == "Bug"
    assert parts.broken[2].seconds == 2.0
    section = page[
        page.index('id="conflict"') : page.index("</section>", page.index('id="conflict"'))
    ]
    assert "This part is missing" in section
    assert "Bug: a fault &lt;made&gt; for this test" in section
    assert f"estimates conflict {found.fit.attrs['slug']}" in section
    section = page[page.index('<section id="inverse"') :]
    assert "it took more than 2 seconds" in section[: section.index("</section>")]
    assert gathered.analyses["sensitivity"].sentence.split()[0] in page
    assert "4 parts of this report could not be made" in page


@pytest.mark.usefixtures("no_pictures")
def test_the_command_says_which_part_broke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(tmp_path / "models" / "one", quantities={"x": "1 to 9"}, says={}, claims={})
    run_of = registry.Analysis.run
    monkeypatch.setattr(
        registry.Analysis, "run", lambda one: broken_ask if one.name == "voi" else run_of(one)
    )
    words = ["report", "one", "--json", "--root", str(tmp_path), "--part-seconds", "60"]
    done = CliRunner().invoke(app, words, catch_exceptions=False)
    assert done.exit_code == 1
    said = "what to find out next could not be made: Bug: a fault <made> for this test"
    assert done.stderr.splitlines() == [f"error: {said}"]
    (one,) = json.loads(done.stdout)["broken"]
    assert (one["error"], one["run"]) == ("Bug", "estimates voi one")
    assert (tmp_path / "results" / "one" / "report.html").is_file()


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("power", [-140, 140])
def test_a_page_of_any_magnitude(browser: Any, tmp_path: Path, power: int) -> None:
    """More than 32 bits hold."""
    model = build(tmp_path / "big", quantities={"x": f"1e{power} to 2e{power}"}, says={}, claims={})
    found = gather(fit(model, seed=1, sampling=SAMPLING), Workers())
    assert not found.parts.broken
    path = tmp_path / "page.html"
    path.write_text(html_of(found), encoding="utf-8")
    opened = Opened(browser, path)
    opened.ready()
    for key in ("q05", "median", "q95"):
        assert opened.result()[key] == pytest.approx(getattr(found.numbers, key), rel=1e-12)
    opened.close()
