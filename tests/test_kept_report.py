"""A report of which nothing has changed is what it was, and is not made again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.truth.building import build

import estimates as est
from estimates._util import source
from estimates._util.parts import Parts
from estimates._util.store import Store
from estimates.report.saved import Page, Saved

LIGHT = """
import json, sys
from estimates.cli import main
try:
    main()
except SystemExit as ended:
    print(json.dumps([ended.code, sorted(sys.modules)]), file=sys.stderr)
"""
#: What an answer that is kept must not wait for.
HEAVY = {"pymc", "pytensor", "arviz_stats", "arviz_base", "matplotlib", "pandas", "xarray", "scipy"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> est.Model:
    root = tmp_path_factory.mktemp("kept")
    return build(
        root / "models" / "kept",
        quantities={"x": {"prior": "Normal(mu=0, sigma=3)", "support": "real"}},
        says={"a": "1.5 ± 0.5"},
        claims={"a": "x"},
        targets=["x"],
    )


def test_a_page_comes_back_as_it_was(
    model: est.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = Saved.of(model, tmp_path, 1)
    page, picture = tmp_path / "a.html", tmp_path / "a-share.png"
    asked = {"address": "", "picture": picture.name}
    assert saved.page(asked, page, picture) is None
    page.write_bytes(b"<p>whole</p>")
    picture.write_bytes(b"drawn")
    told = Page(seed=1, failed=("a chain disagrees",), bytes=12)
    saved.keep_page(asked, told, page, picture)
    other, beside = tmp_path / "b.html", tmp_path / "b-share.png"
    assert saved.page(asked, other, beside) == told
    assert (other.read_bytes(), beside.read_bytes()) == (b"<p>whole</p>", b"drawn")
    assert saved.page(asked | {"address": "https://example.org/"}, other, beside) is None
    assert Saved.of(model, tmp_path, 2).page(asked, other, beside) is None
    assert [entry.kind for entry in Store(tmp_path / "results" / "store").entries()] == ["report"]
    # Of a page whose script or template has changed since, nothing is known.
    monkeypatch.setattr("estimates.report.saved.showing_digest", lambda: "another")
    assert saved.page(asked, other, beside) is None


def test_what_shows_is_all_that_pages_are_made_of(tmp_path: Path) -> None:
    """A page's script counts, code that computes does not, and the other way about."""
    for name in ("report/html/assets/page.js", "plots/a.py", "stats/a.py", "stats/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was")

    def digests() -> tuple[str, str]:
        return source.digest_of(tmp_path, shows=False), source.digest_of(tmp_path, shows=True)

    first = digests()
    (tmp_path / "report/html/assets/page.js").write_text("mended")
    second = digests()
    assert (second[0] == first[0], second[1] == first[1]) == (True, False)
    (tmp_path / "stats/a.py").write_text("mended")
    third = digests()
    assert (third[0] == second[0], third[1] == second[1]) == (False, True)


def test_a_kept_page_loads_nothing_heavy(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "kept"
    build(
        folder,
        quantities={"x": {"prior": "Normal(mu=0, sigma=3)", "support": "real"}},
        says={"a": "1.5 ± 0.5"},
        claims={"a": "x"},
        targets=["x"],
    )
    model = est.load("kept", root=tmp_path)
    saved = Saved.of(model, tmp_path)
    page = tmp_path / "page.html"
    page.write_bytes(b"kept")
    asked = {"address": "", "picture": "page-share.png", "words": {}}
    saved.keep_page(asked, Page(seed=model.seed, failed=(), bytes=4), page, page)
    page.unlink()
    words = ["report", "kept", "--output", str(page), "--root", str(tmp_path), "--json"]
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *words], capture_output=True, text=True, check=False,
        timeout=300,
    )  # fmt: skip
    code, loaded = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    assert not HEAVY & set(loaded)
    assert page.read_bytes() == b"kept"
    assert json.loads(done.stdout)["broken"] == []


def test_a_part_that_took_too_long_is_not_still_at_work() -> None:
    from estimates._util.at_work import WORK

    parts = Parts(0.2, lambda broken: None)

    def slow() -> None:
        while True:
            sum(range(1000))

    assert parts.make("something slow", slow) is None
    assert "something slow" not in WORK.parts
