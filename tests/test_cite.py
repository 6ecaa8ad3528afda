"""`bibtex`, `csl_json` and `estimates cite`: what is cited, and that nothing breaks out of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from tests.test_cli import write_model
from tests.truth.building import made

from estimates import Ledger, Source, bibtex, load
from estimates.cli import app
from estimates.language.expression import Name
from estimates.language.wording import parse_wording
from estimates.model import Model, Quantity, Use, parse_prior
from estimates.model.describe import describe
from estimates.model.ledger import Claim
from estimates.report.export.citation import cff
from estimates.report.export.references import bibtex_text, csl_text, references

ROOT = Path(__file__).parent.parent
#: Required and optional keys, and those of an author that is no person (CFF 1.2.0).
REQUIRED = {"cff-version", "message", "title", "authors"}
OPTIONAL = {"abstract", "keywords", "license", "type", "version", "date-released", "url"}


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def entry(**fields: str) -> str:
    return bibtex_text(references(Ledger.of([Source("key", **fields)])))


def item(**fields: str) -> dict[str, Any]:
    (found,) = json.loads(csl_text(references(Ledger.of([Source("key", **fields)]))))
    return dict(found)


@pytest.mark.parametrize(
    ("publisher", "url", "kind", "csl"),
    [
        ("Astronomy & Astrophysics 641, A6", "", "article", "article-journal"),
        ("South China Morning Post", "https://scmp.com/a", "article", "article-newspaper"),
        ("Asan Institute for Policy Studies", "", "report", "report"),
        ("A. Walker, blog", "https://example.org", "online", "webpage"),
        ("", "https://example.org", "online", "webpage"),
        ("", "", "misc", "document"),
    ],
)
def test_the_kind_is_read_off_the_publisher(publisher: str, url: str, kind: str, csl: str) -> None:
    fields = {"title": "T", "publisher": publisher, "url": url}
    assert entry(**fields).startswith(f"@{kind}{{key,")
    assert item(**fields)["type"] == csl


def test_a_journal_has_its_volume_and_its_eprint() -> None:
    text = bibtex(load("hubble-constant", ROOT))
    assert "journal = {Astronomy \\& Astrophysics}" in text
    assert "volume = {641}" in text
    assert "pages = {A6}" in text
    assert "eprint = {1807.06209}" in text
    result = run("cite", "hubble-constant", "--root", ROOT, "--format", "csl-json")
    ids = [one["id"] for one in json.loads(result.stdout)]
    assert ids == ["planck-2018", "shoes-2022", "freedman-2021"]


def test_all_that_the_ledger_knows_is_there_but_no_quote() -> None:
    model = load("scmp-2017", ROOT)
    text = bibtex(model)
    for source in model.ledger.sources.values():
        assert f"{{{source.id}," in text
        assert f"date = {{{source.published}}}" in text
        assert not source.url or f"url = {{{source.url}}}" in text
        assert not source.note or "note = {" in text
    assert not any(c.quote and c.quote in text for c in model.ledger.claims.values())


@pytest.mark.parametrize(
    "evil",
    ["100 % of $5 & #1_a ~ ^ \\", '}}\n@preamble{"\\write18{rm}"}', "{{{", "}", "a\u202eb"],
)
def test_no_text_breaks_out_of_its_field(evil: str) -> None:
    text = entry(title=evil, note=evil, publisher=evil, author=evil, url="https://a.b/" + evil)
    assert len(re.findall(r"^@", text, re.MULTILINE)) == 1
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        assert depth > 0 or at < text.index("{") or at >= len(text.rstrip()) - 1
    assert depth == 0
    assert "\u202e" not in text
    assert not re.search(r"(?<!\\)[$&#%_^]", re.search("title = (.*)", text)[1])  # type: ignore[index]


def test_authors_are_names_or_whole() -> None:
    assert "author = {Ada Lovelace and Boole, George}" in entry(
        author="Ada Lovelace and Boole, George"
    )
    assert "author = {Ada Lovelace and George Boole}" in entry(author="Ada Lovelace, George Boole")
    assert "author = {{Ministry of Health and Care}}" in entry(author="Ministry of Health and Care")
    assert item(author="Boole, George")["author"] == [{"family": "Boole", "given": "George"}]
    assert item(author="Go Myong-hyun")["author"] == [{"literal": "Go Myong-hyun"}]


def test_keys_are_stable_ascii_and_apart() -> None:
    both = Ledger.of([Source("straße 1"), Source("straße 2"), Source("plain-1")])
    keys = [one.key for one in references(both)]
    assert len(set(keys)) == 3
    assert keys[2] == "plain-1"
    assert all(re.fullmatch(r"[A-Za-z0-9:_.-]+", key) for key in keys)
    assert references(Ledger.of([Source("straße 2")]))[0].key == keys[1]


def test_the_citation_file_is_the_package_and_keeps_the_rules() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert text == cff() == run("cite", "--format", "cff").stdout
    document = yaml.safe_load(text)
    assert set(document) >= REQUIRED
    assert set(document) <= REQUIRED | OPTIONAL
    assert document["cff-version"] == "1.2.0"
    assert document["type"] == "software"
    assert document["license"] == "MIT"
    for author in document["authors"]:
        assert set(author) == {"name"}
        assert author["name"]
    assert all(isinstance(word, str) and word for word in document["keywords"])
    assert all(isinstance(document[key], str) for key in REQUIRED - {"authors"})


def test_cite_prints_writes_and_tells(tmp_path: Path) -> None:
    assert run("cite").stdout.startswith("@software{estimates-")
    assert json.loads(run("cite", "--format", "csl-json").stdout)[0]["type"] == "software"
    write_model(tmp_path, "town")
    path = tmp_path / "new" / "sources.bib"
    result = run("cite", "town", "--root", tmp_path, "--output", path)
    assert (result.exit_code, result.stdout) == (0, f"{path}\n")
    assert path.read_text(encoding="utf-8") == bibtex(load("town", tmp_path))
    document = json.loads(run("cite", "town", "--root", tmp_path, "--json").stdout)
    assert document["keys"] == ["gazette"]
    assert document["text"].startswith("@article{gazette,")


@pytest.mark.parametrize(
    "words", [("cite", "nowhere"), ("cite", "town", "--format", "cff"), ("cite", "--format", "x")]
)
def test_what_cannot_be_cited_is_bad_input(words: tuple[str, ...], tmp_path: Path) -> None:
    write_model(tmp_path, "town")
    result = run(*words, "--root", tmp_path)
    assert result.exit_code == 2
    assert not result.stdout
    assert result.stderr


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", " java\tscript:alert(1)", "java\nscript:x",
        "\x01javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
        "file:///etc/passwd", "http://", "https:///x", "//evil.example", "https://a.b/\u202ec",
        "https://a.b/\nc", "view-source:https://a.b", "example.org/page",
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_are_passed_on(url: str) -> None:
    assert "url = " not in entry(title="T", url=url)
    assert "URL" not in item(title="T", url=url)
    model = written(url)
    assert [fault.message for fault in model.warnings if "is not a web address" in fault.message]
    assert describe(model).sources[0].url == ""


@pytest.mark.parametrize(
    "url", ["", "https://example.org/a?b=c#d", " http://localhost:80/", "HTTPS://X.Y"]
)
def test_addresses_of_the_web_draw_no_warning(url: str) -> None:
    assert ("url = " in entry(title="T", url=url)) == bool(url)
    assert not written(url).warnings


def written(url: str) -> Model:
    """A model whose only source has this address."""
    return made(
        quantities=[Quantity("n", parse_prior("50 to 200"), unit="person")],
        targets=["n"],
        ledger=Ledger.of(
            [Source("s", url=url)], [Claim("c", "s", parse_wording("around 70 people"))]
        ),
        claims=[Use("c", Name("n"))],
    )
