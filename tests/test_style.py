"""English that users see: none of the turns that docs/style.md bans."""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from soak.sentences import ill_made
from soak.turns import banned

from estimates.cli.app import COMMANDS, app
from estimates.language.glossary import glossary, term

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "src" / "estimates"
MODELS = sorted(path.name for path in (ROOT / "models").iterdir())
#: Texts for machines and for authors of the package.
OUTSIDE = ("inference/codegen/",)


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every text in a module that may be shown, with its line: no docstring, no key, no word."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    left_out: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            left_out.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(part) for part in ast.walk(node) if part is not node}
            parts = (str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
            yield node.lineno, "".join(parts)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) not in left_out and len(node.value.split()) > 2:
            yield node.lineno, node.value


def test_no_message_has_a_banned_turn() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {one}"
        for path in sorted(HOUSE.rglob("*.py"))
        if not path.relative_to(HOUSE).as_posix().startswith(OUTSIDE)
        for line, text in strings(path)
        for one in banned(text)
    ]
    assert found == []


def test_no_page_of_the_report_has_a_banned_turn() -> None:
    template = (HOUSE / "report/html/assets/page.html.jinja").read_text(encoding="utf-8")
    text = re.sub(r"\{[%{#].*?[%}#]\}|<[^>]*>", " ", template, flags=re.DOTALL)
    script = (HOUSE / "report/html/assets/page.js").read_text(encoding="utf-8")
    said = re.findall(r"`[^`]*`|'[^'\n]*'|\"[^\"\n]*\"", script)
    assert list(banned(text)) == []
    words = [line for line in said if len(line.split()) > 2 and not re.search(r"[;{]\s", line)]
    assert [one for line in words for one in banned(line)] == []


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("command", ["check", "show", "show --full"])
def test_no_screen_of_a_model_has_a_banned_turn(command: str, model: str) -> None:
    name, *options = command.split()
    result = CliRunner().invoke(app, [name, model, *options, "--root", str(ROOT)])
    assert result.exit_code == 0
    assert list(banned(result.output, quoted=False)) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_no_help_has_a_banned_turn(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert list(banned(result.output)) == []


def test_a_banned_turn_is_found() -> None:
    for turn in (
        "it is neither inside nor on one side",
        "If people who took part is at least 5",
        "It errs on the log scale",
        "the answer hardly leans on it",
        "No single body resolves it",
        "perfect information would spare it",
        "Learning number of guests would remove half",
    ):
        assert list(banned(turn)), turn
    assert not list(banned("“It errs”, he said", quoted=False))


def test_the_style_page_shows_what_was_and_what_is() -> None:
    page = (ROOT / "docs" / "style.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?!Before|-)(.+?) \| (.+?) \|$", page, re.MULTILINE)
    assert len(rows) >= 20
    for before, after in rows:
        assert before != after
        assert not list(banned(after)), after


# Terms -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", glossary(), ids=lambda one: one.name)
def test_a_term_has_three_lines_and_a_reference(one: object) -> None:
    assert isinstance(one, type(glossary()[0]))
    assert 1 <= len(textwrap.wrap(one.says, 80)) <= 3
    assert not list(banned(one.says))
    page, _, heading = one.see.partition("; ")[0].partition(", ")
    if page.startswith("docs/"):
        text = (ROOT / page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        assert not heading or any(heading.lower() in line.lower() for line in headings), one.see
    else:
        assert re.search(r"\b(1[89]|20)\d\d\b", one.see), one.see


def test_every_word_leads_to_one_term() -> None:
    names = [name.lower() for one in glossary() for name in (one.name, *one.also)]
    assert len(names) == len(set(names))
    assert all(term(name).says for name in names)


#: What screens print and a reader may not know.
PRINTED = (
    "Shapley effect", "power-scaling sensitivity", "Holm adjustment", "R-hat", "ESS", "MCSE",
    "Pareto k", "marginal likelihood", "node-split", "leave-one-out", "EVPPI", "EVPI", "tornado",
    "PIT", "posterior", "prior", "credible interval", "reading", "claim", "basis", "origin",
    "hedge", "logit", "Sobol indices", "divergences", "verdict", "straddles", "divided",
    "consistent", "held out", "weight", "stated", "median", "90 % interval", "below", "inside",
    "above", "z", "p", "adjusted p", "conflict p", "overlap", "ratio", "to edge", "effect", "cell",
    "base", "pooled", "next claim", "removes", "risk avoided", "expected loss", "threshold", "sd",
    "surprise", "prior only", "converged", "seed", "digest", "conventions", "width", "tails",
    "copies", "coverage", "log scale", "odds", "Poisson", "binomial", "calibrated", "rank",
    "bridge sampling", "effective draws", "chains", "target", "only just", "break-even",
)  # fmt: skip


@pytest.mark.parametrize("word", PRINTED)
def test_what_screens_print_is_explained(word: str) -> None:
    result = CliRunner().invoke(app, ["help", *word.split()])
    assert result.exit_code == 0
    assert "See " in result.output
    assert all(len(line) <= 80 for line in result.output.splitlines())


def test_a_term_that_is_not_known_is_suggested() -> None:
    result = CliRunner().invoke(app, ["help", "posteriro"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "no term 'posteriro'; did you mean 'posterior'?\n"
    asked = CliRunner().invoke(app, ["help", "qwxyz", "--json"])
    assert asked.exit_code == 2
    assert "`estimates help` lists the terms" in json.loads(asked.stdout)["errors"][0]["message"]


def test_terms_as_json() -> None:
    result = CliRunner().invoke(app, ["help", "rhat", "--json"])
    (one,) = json.loads(result.stdout)["terms"]
    assert one["name"] == "R-hat"
    assert {"name", "says", "see", "also"} == set(one)
    every = json.loads(CliRunner().invoke(app, ["help", "--json"]).stdout)["terms"]
    assert len(every) == len(glossary())


# Sentences ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "the answer lies in the cited figure.",
        "It lies inside the the cited figure of all.",
        "There is a other way to read the phrase.",
        "An claim of the ledger says the same.",
        "Of 1 claims left out none lay there.",
        "Without 5 claim is too few to tell.",
        "The claim {name} has no value at all.",
        "It lies below, , and above the figure.",
        "It lies below the cited figure by half",
        "The claim ‘’ is what matters most here.",
    ],
)
def test_an_ill_made_sentence_is_found(said: str) -> None:
    assert list(ill_made(f"A title\n\n{said}\n"))


def test_what_is_well_made_is_not() -> None:
    screen = """A title

It depends on what was meant: for an hour of a European user, 1 of 5 claims says €1.5 or 2; over
all of them −1 to 3, with a probability of 90 %. “A unit”, he said.

How often they lay where they should
claims  in 80 %
───────────────
expert   100 %

Held out: a and b. Converged.
--full prints every table, the notes and the conventions.
"""
    assert list(ill_made(screen)) == []
