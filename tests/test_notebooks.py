"""The notebooks run from top to bottom without a warning, say what the API says, and are clean."""

from __future__ import annotations

import html
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from math import comb, exp, log, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import nbformat
import numpy as np
import pytest

import estimates as est
from estimates._util.at_work import WORK
from estimates._util.html import line, table
from estimates._util.progress import Bar, _data, _NotebookLine

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
BOOKS = sorted(FOLDER.glob("*.ipynb"))
# In a process of their own: a kernel is reached over sockets, which tests here may not open. One
# kernel after the other would import everything anew: one runs them all, and forgets in between.
RUN = """
import sys, nbformat
from nbclient import NotebookClient
how = {"timeout": 900, "resources": {"metadata": {"path": sys.argv[1]}}, "allow_errors": True}
first = NotebookClient(nbformat.v4.new_notebook(), kernel_name="python3", **how)
with first.setup_kernel():
    for path in sys.argv[2:]:
        book = nbformat.read(path, as_version=4)
        book.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
        client = NotebookClient(book, first.km, **how)
        client.kc = first.kc
        client.execute()
        del book.cells[0]
        nbformat.write(book, path)
"""


def name_of(path: Path) -> str:
    return path.stem


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Those notebooks that are tested, as they are after every cell was run."""
    folder = tmp_path_factory.mktemp("notebooks")
    asked = {item.name for item in request.session.items}
    copies = [
        shutil.copy(path, folder) for path in BOOKS if f"{RUNS.__name__}[{path.stem}]" in asked
    ]
    environment = os.environ | {"IPYTHONDIR": str(folder), "JUPYTER_PLATFORM_DIRS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(FOLDER), *map(str, copies)],
        capture_output=True, text=True, check=False, timeout=1800, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {Path(copy).stem: nbformat.read(copy, as_version=4) for copy in copies}


def outputs(book: Any) -> list[Any]:
    return [output for cell in book.cells for output in cell.get("outputs", [])]


def said(book: Any) -> str:
    """All that a notebook prints or shows as text or tables."""
    return "\n".join(
        output.get("text", "")
        + "".join(str(output.get("data", {}).get(f"text/{kind}", "")) for kind in ("plain", "html"))
        for output in outputs(book)
    )


def told(book: Any) -> str:
    """The words of a notebook."""
    return "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")


def numbers(pattern: str, text: str) -> list[float]:
    """What the groups of a pattern hold where it is first found."""
    found = re.search(pattern, text)
    assert found is not None, f"nowhere said: {pattern}"
    return [float(group.replace(",", "")) for group in found.groups()]


@pytest.fixture(scope="module")
def fit() -> Any:
    return est.fit(est.load(ROOT / "models/scmp-2017-headline"), seed=1)


@pytest.fixture(scope="module")
def drivers(fit: Any) -> Any:
    return est.sensitivity(fit)


def check_article(text: str, words: str, fit: Any, drivers: Any) -> None:
    model = est.load(ROOT / "models/scmp-2017-headline")
    for use in model.uses:
        assert use.claim.quote in text
        assert use.claim.speaker in text
    assert "= US$24.3 million a year" in text  # 20,000 × 135 × 12 × 0.75
    naive = {
        f"{paid}, {kept}, {where}": people * 135 * 12e-6 * paid_out * taken
        for paid, paid_out in (("gross", 1), ("net", 4))
        for kept, taken in (("share", 0.75), ("payroll", 1))
        for where, people in (("china", 20_000), ("china_and_russia", 120_000))
    }
    for reading, product in naive.items():
        assert f"{product:6.1f}  {reading}\n" in text
    assert max(naive.values()) > 30 * min(naive.values())
    assert sum(100 <= product <= 200 for product in naive.values()) == 3
    assert "Three of the eight products lie within the cited range" in words
    table = est.compare(fit).table
    for median in table["median"]:
        assert f">{median:.0f}</td>" in text
    counts = table["verdict"][:-1].value_counts()
    for verdict in ("straddles", "below", "above"):
        assert numbers(rf"{verdict} +(\d)\n", text) == [counts[verdict]]
    # A lognormal prior and a lognormal claim: the means of the logarithms, by precision.
    prior, prior_sd = log(4_200 * 590_000) / 2, log(590_000 / 4_200) / (2 * 1.644854)
    width = sqrt(0.6**2 + 0.1**2 + 1 / 12)
    trust = prior_sd**2 / (prior_sd**2 + width**2)
    exact = exp(trust * log(100_000) + (1 - trust) * prior)
    by_hand, by_fit = numbers(r"in Russia: by hand ([\d,]+), by the fit ([\d,]+)", text)
    assert by_hand == pytest.approx(exact, rel=1e-3)
    assert abs(log(by_fit / exact)) < 4 * 1.2533 * width * sqrt(trust) / sqrt(4_000)


def check_readings(text: str, words: str, fit: Any, drivers: Any) -> None:
    shares = drivers.tables["variance"].query("part != 'within'")
    between, *by_axis = shares["share"]
    assert numbers(r"by hand: ([\d.]+) of the variance", text)[0] == pytest.approx(
        between, abs=1e-3
    )
    for name, share in zip(shares["name"][1:], by_axis, strict=True):
        assert numbers(rf"\n  {name} ([\d.]+)", text)[0] == pytest.approx(share, abs=1e-3)
    assert between == pytest.approx(5 / 6, abs=0.01)
    assert "five sixths of the uncertainty is about words" in words
    mixed = est.summary(fit).quantities["revenue"]
    (said_median,) = numbers(r"median, (\d+) million dollars", words)
    assert abs(said_median - mixed.median) < 0.5 + 4 * sqrt(2) * mixed.mcse_median
    for pair, on_paper in {"gross → net": 4, "china → china_and_russia": 6}.items():
        low, high = numbers(rf"{pair}: × ([\d.]+) to ([\d.]+)", text)
        assert 0.85 * on_paper < low <= high < on_paper
    low, high = numbers(r"share → payroll: × ([\d.]+) to ([\d.]+)", text)
    # Ratios of two medians of 2,000 effective draws with a sd of 0.45 in logs: four errors.
    assert [low, high] == pytest.approx([4 / 3] * 2, rel=4 * sqrt(2) * 1.25 * 0.45 / sqrt(2_000))
    np.testing.assert_allclose(fit["readings"]["posterior"], 1 / 8, atol=1e-9)
    certain = est.whatif(fit, reading={"wage": "net"})
    assert certain.sentence in text
    afresh, weighed = numbers(r"would be US\$(\d+) instead[^@]*weighed anew: (\d+)", text)
    assert weighed == pytest.approx(afresh, rel=0.05)  # four errors of a median of 4,000 draws


def check_sensitivity(text: str, words: str, fit: Any, drivers: Any) -> None:
    assert drivers.sentence in text
    for name in ("workers_china", "gross_wage"):
        by_hand, shapley = numbers(rf"{name}: by hand ([\d.]+), Shapley ([\d.]+)", text)
        assert shapley == pytest.approx(by_hand, abs=0.03)
    without = drivers.tables["leave_one_out"].query("without == 'claim'")["median"]
    median = est.compare(fit).table["median"].iloc[-1]
    assert ((without / median - 1).abs() < 1 / 3).all()
    assert "No claim moves the median by more than a third" in words
    tornado = drivers.tables["tornado"].query("quantity == 'scope'")["median_low"]
    assert 5.5 < tornado.max() / tornado.min() < 6
    # Two lognormal claims of a factor of ten: hedge and basis of each, and rounding to a thousand
    # in four thousand and to ten thousand in forty.
    z = log(10) / sqrt(0.35**2 + 0.6**2 + 2 * 0.1**2 + 2 * (0.25 / sqrt(12)) ** 2)
    for who in ("hand", "the tool"):
        found = numbers(rf"by {who}: z = ([\d.]+), p = ([\d.]+)", text)
        assert found == pytest.approx([z, 2 * NormalDist().cdf(-z)], abs=1e-3)
    net = est.reweight(fit, weights={"wage": {"gross": 0, "net": 1}}, between=(100, 200))
    assert net._repr_html_() in text


def check_ledger(text: str, words: str, fit: Any, drivers: Any) -> None:
    assert "Made " in text
    assert "model.yaml:6:" in text
    assert "did you mean 'visitors'" in text
    assert "market-pretzels is well formed" in text
    by_hand = numbers(r"by hand (\d+), (\d+), (\d+)", text)
    median, low, high, below, inside = numbers(
        r"verdict\s+([\d.]+) ([\d.]+) ([\d.]+) +([\d.]+) +([\d.]+)", text
    )
    # Four errors of quantiles of 8,000 draws of a lognormal with a sd of 0.45.
    assert by_hand[1] == pytest.approx(median, rel=4 * 1.25 * 0.45 / sqrt(8_000) + 0.005)
    assert [by_hand[0], by_hand[2]] == pytest.approx([low, high], rel=0.06)
    assert (below, *numbers(r"within 2,000 with probability ([\d.]+)", text)) == (
        0, pytest.approx(inside, abs=0.02),
    )  # fmt: skip
    assert "report.html" in text


def check_by_hand(text: str, words: str, fit: Any, drivers: Any) -> None:
    mean, sd = 68.4588, 0.4506  # (67.4/0.5² + 73.04/1.04²) / (1/0.5² + 1/1.04²), and its sd
    assert numbers(r"on paper +([\d.]+) ± ([\d.]+)", text) == [round(mean, 2), round(sd, 2)]
    for who, effective in (("hand", 200), ("the program", 4_000)):
        found, spread = numbers(rf"by {who} +([\d.]+) ± ([\d.]+)", text)
        assert abs(found - mean) < 4 * sd / sqrt(effective) + 0.01
        assert abs(spread - sd) < 4 * sd / sqrt(2 * effective) + 0.01
    exact = [(y - mean) / sqrt(sd**2 + e**2) for y, e in ((67.4, 0.5), (73.04, 1.04))]
    assert numbers(r"Planck lies ([-\d.]+), SH0ES \+([\d.]+)", text) == pytest.approx(
        exact, abs=0.25
    )
    third = (mean / sd**2 + 69.8 / 1.7**2) / (sd**-2 + 1.7**-2)
    assert numbers(r"three, on paper ([\d.]+)", text)[0] == pytest.approx(third, abs=0.006)
    assert numbers(r"three, by hand  ([\d.]+)", text)[0] == pytest.approx(third, abs=0.13)
    assert (third - mean) / sd == pytest.approx(1 / 5, abs=0.02)
    assert "a fifth of its error" in words
    prior, likelihood = numbers(r"H0 +([\d.]+) +([\d.]+) +✓", text)
    assert prior < 0.05 < likelihood


def _at_least(misses: int) -> float:
    """Probability of as many misses or more in 100 rounds, each with one chance in ten."""
    return sum(comb(100, k) * 0.1**k * 0.9 ** (100 - k) for k in range(misses, 101))


def check_calibration(text: str, words: str, fit: Any, drivers: Any) -> None:
    normal = NormalDist()
    for believed in (0.5, 0.125):
        trust = 1 / (1 + believed**2)
        off = sqrt((1 - trust) ** 2 + (trust / 2) ** 2)
        exact = 2 * normal.cdf(1.644854 * believed * sqrt(trust) / off) - 1
        simulated, paper = numbers(rf"taken as {believed}: .* hold ([\d.]+), on paper (.*)", text)
        assert paper == round(exact, 3)
        assert abs(simulated - exact) < 4 * sqrt(exact * (1 - exact) / 20_000)
    assert "100 rounds, 0 failed, calibrated: True" in text
    assert "calibrated: False" in text
    held, low, high = numbers(r"revenue +([\d.]+) \(([\d.]+) to ([\d.]+)\)", text)
    # Binomial with p = 0.9: beyond 4.5 sd once in a hundred thousand.
    assert low < held < high
    assert abs(held - 0.9) < 4.5 * sqrt(0.9 * 0.1 / 100)
    misses, chance = numbers(r"(\d+) misses; .*: ([\d.]+)", text)
    assert misses == round(100 * (1 - held))
    assert chance == round(_at_least(int(misses)), 2)
    assert round(_at_least(15), 2) == round(1 / 14, 2)
    assert "15 misses in 100" in words
    assert "one time in fourteen" in words
    # What the wrong width is about is told nearly always, what depends on it mostly, the rest by
    # chance alone.
    wage, workers = (
        numbers(rf"{name} +[\d.]+ \(p = ([\d.]+)\)", text)[0]
        for name in ("gross_wage", "workers_china")
    )
    assert wage < 0.01 < 10 * workers


def check_python(text: str, words: str, fit: Any, drivers: Any) -> None:
    assert "Twelve quantities" in words
    assert "couriers 200 to 5000 person" in text
    assert "(12 quantities)" in text
    assert "unknown quantity 'paces' in relation 'deliveries'; did you mean 'pace'?" in text
    assert "claim 'riders' about 'pace': person where delivery per hour is needed" in text
    assert "says: around 1,200 people" in text


def check_world(text: str, words: str, fit: Any, drivers: Any) -> None:
    for where, wage, product in (
        ("China", "gross", 24), ("China", "net  ", 97), ("China and Russia", "net  ", 583)
    ):  # fmt: skip
        assert f"{where:>16}, wage {wage}: {product:5.0f} \n" in text
    assert "China and Russia, wage gross:   146 *" in text  # 120,000 × 135 × 12 × 0.75
    (net,) = numbers(r"asan-wage  net +0\.50 -> ([\d.]+)", text)
    assert net > 0.99
    meant = numbers(
        r"far_east +0\.80 -> ([\d.]+)\s.*russia +0\.10 -> ([\d.]+)\s.*world +0\.10 -> ([\d.]+)",
        text,
    )
    assert sum(meant) == pytest.approx(1, abs=0.02)
    # The words lose more than half of their weight; its Monte Carlo error is about 0.01.
    assert meant[0] < 0.4
    low, times, high = numbers(r"\[ *([\d.]+) +([\d.]+) +([\d.]+)\]", text)
    assert 5 < low < times < high < 12
    assert "eight times" in words
    for scope, verdict in (("northeast", "below"), ("world", "above")):
        assert re.search(rf"state, {scope} .* {verdict}\b", text)
    count, wage, share = (
        numbers(rf"{name} +[\d,.]+, found ([\d,.]+)", text)[0]
        for name in ("workers", "wage, dollars a month", "share skimmed")
    )
    assert [120_000 / count, wage / 135] == pytest.approx([1.5, 3.6], rel=0.1)
    assert share == pytest.approx(0.75, abs=0.05)
    assert count * wage * share / (120_000 * 135 * 0.75) == pytest.approx(2.3, rel=0.1)


CHECKS = {
    "1": check_article,
    "2": check_readings,
    "3": check_sensitivity,
    "4": check_ledger,
    "5": check_by_hand,
    "6": check_calibration,
    "7": check_python,
    "8": check_world,
}


#: A report, PyMC's own sampler, two calibrations and the world take as long as the other files.
SLOW = {"4", "5", "6", "8"}
#: The analyses and the objects of these two are asked for by tests of their own.
THOROUGH = {"3", "7"}


def _marks(path: Path) -> list[pytest.MarkDecorator]:
    number = path.stem[0]
    if number in SLOW:
        return [pytest.mark.long]
    return [pytest.mark.thorough] if number in THOROUGH else []


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=_marks(path)) for path in BOOKS], ids=name_of
)
def test_a_notebook_runs_and_says_what_the_api_says(
    path: Path, runs: dict[str, Any], fit: Any, drivers: Any
) -> None:
    book = runs[path.stem]
    failed = [one.traceback for one in outputs(book) if one.output_type == "error"]
    assert failed == []
    # Warnings are written there, whatever they are of.
    assert [output.text for output in outputs(book) if output.get("name") == "stderr"] == []
    for cell in book.cells:
        shown = [output.data for output in cell.get("outputs", []) if "data" in output]
        for data in shown:  # a picture is a picture, not the name of its class
            assert ("image/png" in data) == str(data.get("text/plain", "")).startswith(
                ("<Figure", "<Drawn")
            )
        assert sum(data.get("text/html") == "" for data in shown) <= 1  # a bar that is done
        assert "<progress" not in str(shown)
    CHECKS[path.stem[0]](said(book), told(book), fit, drivers)


RUNS = test_a_notebook_runs_and_says_what_the_api_says


@pytest.mark.parametrize("path", BOOKS, ids=name_of)
def test_the_words_of_a_notebook_are_no_formulas(path: Path) -> None:
    # What stands between two dollar signs is typeset as TeX, escaped or not.
    assert "$" not in told(nbformat.read(path, as_version=4))


@pytest.mark.parametrize("path", BOOKS, ids=name_of)
def test_a_notebook_is_kept_clean(path: Path, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("strip", FOLDER / "strip.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    copy = tmp_path / path.name
    shutil.copy(path, copy)
    module.strip(copy)
    assert copy.read_bytes() == path.read_bytes()
    assert nbformat.read(path, as_version=4).metadata.kernelspec.name == "python3"
    assert not re.search(r"/(home|work|Users|tmp)/", path.read_text(encoding="utf-8"))


def test_there_are_eight() -> None:
    assert [path.stem[0] for path in BOOKS] == list("12345678")


def test_the_what_if_answers_as_reweigh(fit: Any) -> None:
    found = est.explore(fit)
    assert found.result == est.reweight(fit, between=(100, 200))
    found.weights["wage"]["gross"].value = 0
    found.given["skim"].index = (20, 40)
    found.between.index = (0, len(found.between.options) // 2)
    wish = found.wish
    assert wish.weights == {"wage": {"gross": 0, "net": 1}}
    assert found.result == est.reweight(
        fit, weights=wish.weights, given=wish.given, between=wish.between
    )
    picture = found.picture.value
    found.given["gross_wage"].index = (0, 1)
    assert found.result.numbers is None
    assert "too few" in found.text.value
    assert found.picture.value != picture
    found.weights["wage"]["net"].value = 0
    assert found.result is None
    assert "not all 0" in found.text.value
    found.reset.click()
    assert found.result == est.reweight(fit, between=(100, 200))


def test_a_slider_of_the_what_if_is_open_at_both_ends_until_it_is_moved(fit: Any) -> None:
    found = est.explore(fit)
    for _ in range(2):
        for slider in found.given.values():
            assert slider.index == (0, len(slider.options) - 1)
        assert found.wish.given == {}
        assert found.wish.between == (100, 200)
        found.given["workers_china"].index = (0, 30)
        low, high = found.wish.given["workers_china"]
        assert (low, high) == (None, found.given["workers_china"].options[30][1])
        found.between.index = (0, len(found.between.options) - 1)
        assert found.wish.between is None
        found.reset.click()
    said = [slider.description for slider in found.given.values()]
    assert said[2] == "what employers pay for a worker, US$ per person per month"
    assert found.given["skim"].options[1][0] == f"{100 * found.given['skim'].options[1][1]:.1f}"


def test_without_ipywidgets_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, fit: Any
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match=r"pip install ipywidgets"):
        est.explore(fit)


def test_nothing_of_a_ledger_acts_as_markup() -> None:
    model = est.load(ROOT / "models/scmp-2017-headline")
    text = model.to_json().replace("estimates that", "<script>alert(1)</script> &")
    shown = est.load_json(text)._repr_html_()
    assert "<script" not in shown
    assert html.escape("<script>") in shown


def test_dollars_are_not_typeset() -> None:
    for shown in (line("US$100 to US$200"), table(["US$"], [["US$1 and \\(x\\)"]])):
        assert not re.search(r"[$\\][^<]", shown)
    assert re.sub("</?span>", "", line("US$100 to US$200")) == "<p>US$100 to US$200</p>"


class _Line:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def show(self, done: int, far: float, total: int, what: str, left: float | None) -> None:
        rest = "" if left is None else f", {left:.0f} s left"
        self.calls.append(f"{far:g}/{total}{rest}")

    def clear(self) -> None:
        self.calls.append("cleared")


def test_a_bar_goes_when_the_work_is_done_and_after_an_error() -> None:
    line = _Line()
    bar = Bar(line)
    bar(3, 3, "found in the store")
    bar(0, 2, "a")
    bar(2, 2, "b")
    bar(0, 2, "again")
    bar.close()
    bar.close()
    assert line.calls == ["0/2", "cleared", "0/2", "cleared"]


def test_a_bar_says_how_long_it_may_still_take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a piece that is at work, too, which tells from a thread of its own."""
    now = [100.0]
    monkeypatch.setattr("estimates._util.at_work.time.monotonic", lambda: now[0])
    line = _Line()
    with Bar(line) as bar:
        bar(0, 4, "a")
        assert WORK.watched
        now[0] += 20.0
        thread = threading.Thread(target=WORK.within, args=(0.5, 1))
        thread.start()
        thread.join()
        now[0] += 20.0
        bar(2, 4, "b")
    assert line.calls == ["0/4", "0.5/4, 140 s left", "2.5/4, 24 s left", "cleared"]
    assert not WORK.watched
    assert "1/4, 40 s, about 2 min 0 s left" in _data(1, 1.5, 4, "x", 40.0, 120.0)["text/plain"]


def test_a_bar_leaves_one_empty_output_in_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    cells: list[list[str]] = []

    class Handle:
        def __init__(self, data: dict[str, str]) -> None:
            self.number = len(cells)
            cells.append([data["text/html"]])

        def update(self, data: dict[str, str], raw: bool) -> None:
            cells[self.number].append(data["text/html"])

    class Shell:
        execution_count = 1

    monkeypatch.setattr("IPython.display.display", lambda data, **_: Handle(data))
    bar = Bar(_NotebookLine(Shell()))
    for _ in range(2):
        bar(0, 2, "<a>")
        bar(2, 2, "b")
    assert [len(shown) for shown in cells] == [4]
    assert "&lt;a&gt; 0/2" in cells[0][0]
    assert cells[0][1::2] == ["", ""]
    Shell.execution_count = 2
    bar(0, 2, "c")
    bar.close()
    assert [shown[-1] for shown in cells] == ["", ""]


def test_where_nobody_watches_nothing_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    est.progress_bar()(1, 2, "x")
    assert capfd.readouterr() == ("", "")
