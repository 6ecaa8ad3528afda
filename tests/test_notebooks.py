"""The notebooks run from top to bottom without a warning, say what the API says, and are clean."""

from __future__ import annotations

import html
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

import estimates as est
from estimates.watching import Bar

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
BOOKS = sorted(FOLDER.glob("*.ipynb"))
# In a process of its own: a kernel is reached over sockets, which tests here may not open.
RUN = """
import sys, nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], as_version=4)
where = {"metadata": {"path": sys.argv[2]}}
NotebookClient(book, timeout=120, kernel_name="python3", resources=where).execute()
nbformat.write(book, sys.argv[1])
"""


def name_of(path: Path) -> str:
    return path.stem


def run(path: Path, tmp_path: Path) -> Any:
    copy = tmp_path / path.name
    shutil.copy(path, copy)
    environment = os.environ | {"IPYTHONDIR": str(tmp_path), "JUPYTER_PLATFORM_DIRS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(copy), str(FOLDER)],
        capture_output=True, text=True, check=False, timeout=150, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return nbformat.read(copy, as_version=4)


def said(book: Any) -> str:
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return "\n".join(
        output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
        for output in outputs
    )


#: What each must say, by the number at its head; worked out by the API in `truth`.
@pytest.fixture(scope="module")
def fit() -> Any:
    return est.fit(est.load(ROOT / "models/scmp-2017-headline"), seed=1)


def truth(number: str, fit: Any) -> list[str]:
    match number:
        case "1":
            return [f"{value:.3f}" for value in est.compare(fit)["median"][:2]]
        case "2":
            return [est.find_drivers(fit).sentence]
        case "3":
            return [est.value_information(fit).sentence]
        case "4":
            return ["consistent", "did you mean 'visitors'"]
        case "5":
            hubble = est.fit(est.load(ROOT / "models/hubble-constant"), seed=1)
            first = hubble["by_reading"]["H0"].sel(reading="both_right")
            return [f"by the program {float(first.median()):.1f}"]
        case _:
            return ["(60, 0, True)", "False"]


@pytest.mark.parametrize("path", BOOKS, ids=name_of)
def test_a_notebook_runs_and_says_what_the_api_says(path: Path, tmp_path: Path, fit: Any) -> None:
    book = run(path, tmp_path)
    errors = [
        output.text
        for cell in book.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]
    assert errors == []
    for words in truth(path.stem[0], fit):
        assert words in said(book)
    by_hand = re.search(r"by hand ([\d.]+)", said(book))
    assert (by_hand is None) == (path.stem[0] != "5")
    if (
        by_hand
    ):  # some 300 effective draws of a posterior with an sd of 0.45: four errors of the median
        ours = re.search(r"by the program ([\d.]+)", said(book))
        assert ours is not None
        assert abs(float(by_hand[1]) - float(ours[1])) < 4 * 1.25 * 0.45 / 300**0.5 + 0.1


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


def test_there_are_six() -> None:
    assert [path.stem[0] for path in BOOKS] == list("123456")


def test_the_what_if_answers_as_reweigh(fit: Any) -> None:
    found = est.explore(fit)
    assert found.result == est.reweigh(fit, between=(100, 200))
    found.weights["wage"]["gross"].value = 0
    found.given["skim"].index = (20, 40)
    found.between.index = (0, len(found.between.options) // 2)
    wish = found.wish
    assert wish.weights == {"wage": {"gross": 0, "net": 1}}
    assert found.result == est.reweigh(
        fit, weights=wish.weights, given=wish.given, between=wish.between
    )
    picture = found.picture.value
    found.given["gross_wage"].index = (0, 1)
    assert found.result.numbers == {}
    assert "too few" in found.text.value
    assert found.picture.value != picture
    found.weights["wage"]["net"].value = 0
    assert found.result is None
    assert "not all 0" in found.text.value
    found.reset.click()
    assert found.result == est.reweigh(fit, between=(100, 200))


def test_without_ipywidgets_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, fit: Any
) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match=r"pip install 'estimates\[notebook\]'"):
        est.explore(fit)


def test_nothing_of_a_ledger_acts_as_markup() -> None:
    model = est.load(ROOT / "models/scmp-2017-headline")
    text = model.to_json().replace("estimates that", "<script>alert(1)</script> &")
    shown = est.load_json(text)._repr_html_()
    assert "<script" not in shown
    assert html.escape("<script>") in shown


class _Line:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def show(self, done: int, total: int, what: str) -> None:
        self.calls.append(f"{done}/{total}")

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


def test_where_nobody_watches_nothing_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    est.progress_bar()(1, 2, "x")
    assert capfd.readouterr() == ("", "")
