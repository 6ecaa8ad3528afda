"""Quotes proved: word for word, whatever the typography, and never beyond what may be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import estimates as est
from estimates.cli import app
from estimates.model.io.quotes import address_at, find_quote
from estimates.report.manifest import manifest_in

TEXT = """He said: “We don’t know – it’s around
20,000 people, or 30,000.” The state – a ‘poor’ one – takes 70 per cent.
"""


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("around 20,000 people", "around\n20,000 people"),
        ("We don't know - it's around", "We don’t know – it’s around"),
        ('"We don’t know—it’s around 20,000 people', "We don’t know – it’s around\n20,000 people"),
        ('The state - a "poor" one - takes', "The state – a ‘poor’ one – takes"),
        ("We don’t know … 30,000", "We don’t know – it’s around\n20,000 people, or 30,000"),
        ("He said [...] takes 70 per cent.", TEXT.strip()),
        ("around 20,00", ""),  # part of a number is none of its words
        ("round 20,000 people", ""),
        ("around 20,000 persons", ""),
        ("30,000 … around", ""),  # the other way round
        ("", ""),
        ("…", ""),
        (".*", ""),
    ],
)
def test_a_quote_stands_there_word_for_word(quote: str, found: str) -> None:
    assert find_quote(quote, TEXT) == found


def test_an_address_opens_at_the_words() -> None:
    where = "https://example.org/a"
    said = "around\n20,000 people, or so-called"
    assert (
        address_at(where, said)
        == f"{where}#:~:text=around%2020%2C000%20people%2C%20or%20so%2Dcalled"
    )
    long = address_at(f"{where}#part", "one two three four " + "x " * 50 + "five six seven eight")
    assert long == f"{where}#part:~:text=one%20two%20three%20four,five%20six%20seven%20eight"
    assert address_at(where, "") == where
    assert address_at("", said) == ""


MODEL = """format: 1
evidence: evidence.yaml
quantities: {n: {unit: person, prior: "1,000 to 90,000"}}
claims: {right: n, wrong: n}
targets: [n]
"""
LEDGER = """sources:
  paper: {title: Paper, archived: https://example.org/kept, text: TEXT}
  other: {title: Other, text: missing.txt}
claims:
  right: {source: paper, quote: "around 20,000 people", says: "around 20,000 people"}
  wrong: {source: paper, quote: "around 25,000 people", says: "around 25,000 people"}
  open: {source: other, quote: nobody counted, because: It has no number.}
"""


@pytest.fixture
def town(tmp_path: Path) -> Path:
    folder = tmp_path / "root" / "models" / "town"
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "evidence.yaml").write_text(LEDGER.replace("TEXT", "article.txt"), encoding="utf-8")
    (folder / "article.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "secret.txt").write_text("around 25,000 people", encoding="utf-8")
    return tmp_path / "root"


def test_check_and_show_say_which_quotes_stand_there(town: Path) -> None:
    words = ["check", "town", "--root", str(town)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 1
    assert (
        "evidence.yaml:6:34: the quote of claim 'wrong' does not stand in article.txt"
        in told.stderr
    )
    assert "Of 2 quotes, 1 stand" in told.stdout.replace("\n", " ")
    assert "text of other is not here" in told.stdout.replace("\n", " ")
    document = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    assert (document["proved"], document["absent"]) == (1, ["other"])
    assert [one["line"] for one in document["unproved"]] == [6]
    shown = CliRunner().invoke(app, ["show", "town", "--full", "--root", str(town)]).stdout
    assert (
        shown.count("(stands in its source)") == shown.count("(does not stand in its source)") == 1
    )
    assert est.load("town", root=town).ledger.sources["paper"].address == "https://example.org/kept"


def test_a_text_outside_is_not_read(town: Path) -> None:
    ledger = town / "models" / "town" / "evidence.yaml"
    ledger.write_text(LEDGER.replace("TEXT", "../../../secret.txt"), encoding="utf-8")
    words = ["check", "town", "--root", str(town)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 2
    assert "lies outside" in told.stderr
    told = CliRunner().invoke(app, [*words, "--allow-outside"])
    assert told.exit_code == 1  # 20,000 does not stand there
    assert "claim 'right'" in told.stderr


def test_a_digest_does_not_depend_on_whether_the_text_is_here(town: Path) -> None:
    before = est.load("town", root=town).digest
    (town / "models" / "town" / "article.txt").unlink()
    assert est.load("town", root=town).digest == before
    assert est.prove(est.load("town", root=town), town).absent == ("paper", "other")


def test_a_manifest_says_which_quotes_were_proved(
    town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("estimates.report.reproduce._write", lambda entry, *_: entry)
    told = CliRunner().invoke(app, ["reproduce", "town", "--root", str(town)])
    assert told.exit_code == 0, told.output
    assert "(1 quote not in the source)" in told.stdout
    document = json.loads((town / "results" / "manifest.json").read_text(encoding="utf-8"))
    quotes = document["models"]["town"]["quotes"]
    assert quotes == {"proved": ["right"], "unproved": ["wrong"], "absent": ["other"]}
    again = manifest_in(town)
    assert again is not None
    assert again.document == document
    # Without a text there is nothing to say.
    ledger = town / "models" / "town" / "evidence.yaml"
    ledger.write_text(LEDGER.replace(", text: TEXT", "").replace(", text: missing.txt", ""))
    CliRunner().invoke(app, ["reproduce", "town", "--root", str(town)])
    document = json.loads((town / "results" / "manifest.json").read_text(encoding="utf-8"))
    assert "quotes" not in document["models"]["town"]
