"""The site: it builds strictly and without the network, and its reference misses nothing."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

import estimates
from estimates import plots
from estimates.cli.app import app

ROOT = Path(__file__).parent.parent

#: `mkdocs build`, in a process in which whoever opens a connection fails.
BUILD = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        raise RuntimeError(f"the network was asked for: {event} {arguments[1:]}")
sys.addaudithook(refuse)
from mkdocs.__main__ import cli
cli(["build", "--strict", "--quiet", "--site-dir", sys.argv[1]])
"""


class Page(HTMLParser):
    """What a page refers to, and the places in it that can be referred to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.classes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.classes |= set(values.get("class", "").split())
        if "id" in values:
            self.places.add(values["id"])
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(values.get("href", ""))
        elif "src" in values:
            self.loaded.append(values["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    assert built.stdout + built.stderr == ""
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    found = [path for path in sorted(site.rglob("*.html")) if path.name != "404.html"]
    return {path: Page(path.read_text(encoding="utf-8")) for path in found}


def test_links_of_the_site_lead_somewhere(site: Path, pages: dict[Path, Page]) -> None:
    assert len(pages) > 15
    for path, page in pages.items():
        for link in page.links:
            if "://" in link or link.startswith("mailto:"):
                continue
            place, _, anchor = link.partition("#")
            target = (path.parent / unquote(place)).resolve() if place else path
            if target.is_dir():
                target /= "index.html"
            assert target.exists(), f"{path.relative_to(site)}: {link}"
            if anchor and target in pages:
                assert unquote(anchor) in pages[target].places, f"{path.relative_to(site)}: {link}"


def test_pages_load_nothing_from_elsewhere(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for loaded in page.loaded:
            assert "//" not in loaded, f"{path.name}: {loaded}"
            assert (path.parent / loaded).exists(), f"{path.name}: {loaded}"
        # Diagrams would be drawn by a script that Material fetches.
        assert "mermaid" not in page.classes


def test_styles_load_nothing_from_elsewhere(site: Path) -> None:
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", text), style.name


def test_the_reference_has_every_public_name(site: Path, pages: dict[Path, Page]) -> None:
    places = pages[site / "reference" / "api.html"].places
    for name in estimates.__all__:
        assert any(re.fullmatch(rf"estimates(\.\w+)*\.{name}", place) for place in places), name
    for name in plots.__all__:
        found = [place for place in places if place.endswith(f".{name}")]
        assert any(place.startswith("estimates.plots.") for place in found), name


def test_the_reference_has_every_command_and_option(site: Path) -> None:
    page = (site / "reference" / "cli.html").read_text(encoding="utf-8")
    sections = dict(re.findall(r'<h2 id="([\w-]+)">(.*?)(?=<h2 |</article>)', page, re.DOTALL))
    context = app.make_context("estimates", [], resilient_parsing=True)
    assert list(sections) == app.list_commands(context)
    for name, section in sections.items():
        command = app.get_command(context, name)
        assert isinstance(command, click.Command), name
        text = html.unescape(re.sub(r"<[^>]+>", "", section))
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else []:
                assert option in text, f"{name} {option}"


def test_pages_of_the_site_name_no_place_on_this_machine(site: Path) -> None:
    for path in site.rglob("*.html"):
        assert str(ROOT) not in path.read_text(encoding="utf-8"), path.name


def test_search_works_from_a_disk_and_asks_no_network(site: Path) -> None:
    """In a real browser, where there is one."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no browser on this machine")
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = opened.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("requestfailed", lambda request: asked.append(f"failed:{request.url}"))
        page.goto((site / "reference" / "api.html").as_uri() + "?q=hearsay")
        page.wait_for_selector(".md-search-result__link", state="attached", timeout=300_000)
        opened.close()
    assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in asked), asked
