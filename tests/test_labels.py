"""Labels stand wherever something is named: no id of a model is read in their place.

Every id of two models is a word that means nothing and has a label.  Nothing that commands print,
and no text of a report, may have one of these words where its label belongs.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from soak.sentences import ill_made
from soak.turns import banned

import estimates as est
from estimates.cli.app import app
from estimates.language.phrases import called, labelling
from estimates.model.graph import graph_of, mermaid

#: Pictures are looked at in `test_figures.py`.
pytestmark = pytest.mark.usefixtures("undrawn")

MARCH = {
    "evidence.yaml": """\
sources:
  paper: {title: A paper, publisher: The Paper, published: 2019-05}
  other: {title: Another, publisher: The Other, published: 2020-06}
claims:
  crowd:
    {source: paper, speaker: The police, quote: around 20,000 people,
     says: "around 20,000 people", basis: expert}
  crowd-again:
    {source: other, speaker: The organisers, quote: 60 to 70 thousand,
     says: "60,000 to 70,000 people", basis: register}
  denial:
    {source: other, speaker: A denier, quote: fewer than claimed,
     says: lower than claimed, disputes: crowd}
  each-gives:
    {source: paper, speaker: A giver, quote: 5 to 10 dollars,
     says: "5 to 10 USD/person", basis: hearsay}
  kept-share:
    {source: paper, speaker: A keeper, quote: 30 to 40 %,
     says: "30 to 40 %", basis: expert}
  total:
    {source: other, speaker: The town, quote: 100 to 200 thousand dollars,
     says: "100,000 to 200,000 USD", basis: expert}
  at-least:
    {source: other, speaker: The mayor, quote: more than 50,
     says: "more than 50,000 USD", basis: expert}
""",
    "model.yaml": """\
format: 1
title: A collection at a march
evidence: evidence.yaml
quantities:
  zorblat: {unit: person, label: people who marched, prior: "1,000 to 200,000"}
  quimfep: {unit: USD/person, label: gift of each of them, prior: 1 to 30}
  vexmull: {unit: share, label: share that was kept, prior: 5 to 80 %}
relations:
  drobnik: {label: money collected, unit: USD, is: zorblat * quimfep}
  flimwop:
    {label: money handed over, unit: USD, by: ploomsk,
     gnarfet: drobnik * (1 - vexmull), snirkle: drobnik}
  wubbadge:
    {label: heads that were counted, unit: person, by: crindle,
     hoxbury: zorblat, jentwig: zorblat * 2}
readings:
  ploomsk:
    question: Was anything kept back before it was counted?
    gnarfet: {weight: 1, label: after what was kept, because: a test}
    snirkle: {weight: 1, label: all of it, because: a test}
  crindle:
    question: Did they count each head once?
    update: true
    hoxbury: {weight: 2, label: heads once, because: a test}
    jentwig: {weight: 1, label: heads twice, because: a test}
claims:
  crowd: wubbadge
  crowd-again: zorblat
  denial: wubbadge
  each-gives: quimfep
  kept-share: vexmull
compare: {total: flimwop, at-least: flimwop}
targets: [flimwop, drobnik]
variants:
  blasque:
    label: How wide claims are
    base: as stated
    plinthor: {label: all of them doubled, widths: 2, because: a test}
  swerrow:
    label: The prior of the crowd
    base: as stated
    dwimble: {label: a much smaller crowd, because: a test, priors: {zorblat: "500 to 50,000"}}
""",
}
FARMS = {
    "evidence.yaml": """\
sources:
  paper: {title: A paper, publisher: The Paper, published: 2019-05}
claims:
  c1:
    {source: paper, speaker: Ann, quote: around 20 kg,
     says: "around 20 kg", when: 2018, basis: expert, kind: skropt}
  c2:
    {source: paper, speaker: Bob, quote: 30 kg,
     says: "30 kg", when: 2019, basis: expert, kind: skropt}
  c3:
    {source: paper, speaker: Cid, quote: 10 to 15 kg,
     says: "10 to 15 kg", when: 2018, basis: expert}
  c4:
    {source: paper, speaker: Dan, quote: 60 kg,
     says: "around 60 kg", when: 2019, basis: expert}
  c5:
    {source: paper, speaker: Eve, quote: 50 kg,
     says: "more than 50 kg", when: 2019, basis: expert}
""",
    "model.yaml": """\
format: 2
title: Potatoes on two farms
evidence: evidence.yaml
dimensions:
  brulf: {labels: {trogg: the north farm, mizzle: the south farm}}
  year: {time: [2018, 2019]}
quantities:
  zorblat:
    over: [brulf, year]
    unit: kg
    label: potatoes that were dug
    prior: 5 to 100
    alike: {along: brulf, within: 20 to 80 %}
    walk: {along: year, at: 2018, by: 10 to 40 %}
  vexmull:
    over: brulf
    unit: share
    label: share that was eaten
    prior: {trogg: 5 to 60 %, mizzle: 20 to 80 %}
kinds:
  farmish:
    unit: kg
    skropt: {factor: 0.5 to 1.5, label: figures of farmers, scatter: 10 to 30 %}
relations:
  drobnik: {unit: kg, label: potatoes that were sold, is: zorblat * (1 - vexmull)}
  flimwop: {unit: kg, label: all potatoes that were sold, is: "sum(drobnik, brulf)"}
claims: {c1: zorblat.trogg, c2: zorblat.mizzle, c3: zorblat.mizzle * vexmull.mizzle}
compare: {c4: flimwop, c5: drobnik.trogg}
targets: [flimwop, drobnik]
""",
}
#: Ids with a label.  Readings have a question instead, and dimensions (`brulf`) their name alone.
IDS = re.compile(
    r"zorblat|quimfep|vexmull|drobnik|flimwop|wubbadge|ploomsk|crindle|gnarfet|snirkle|hoxbury"
    r"|jentwig|blasque|swerrow|plinthor|dwimble|trogg|mizzle|skropt"
)
ASKED = (
    *("fit", "compare", "sensitivity", "inverse", "voi", "conflict", "conflict --as-said"),
    *("forest", "validate --share 100%"),
)
OF_MARCH = (
    *("whatif --set quimfep=5", "whatif --reading ploomsk=gnarfet", "whatif --drop crowd"),
    "compare --pool independent",
)
OF_FARMS = ("whatif --drop c1", "whatif --widen c1=2", "calibrate -n 3")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, few_draws: None) -> Path:
    """Both models, and fits of few draws."""
    folder = tmp_path_factory.mktemp("labels")
    for name, files in (("march", MARCH), ("farms", FARMS)):
        (folder / "models" / name).mkdir(parents=True)
        for file, text in files.items():
            (folder / "models" / name / file).write_text(text, encoding="utf-8")
    return folder


def printed(root: Path, model: str, words: str) -> str:
    """What a command prints, on its first screen and in full."""
    command, *options = words.split()
    said = ""
    for more in ([], ["--full"]):
        given = [command, model, *options, *more, "--root", str(root), "--debug"]
        result = CliRunner().invoke(app, given)
        assert result.exit_code in (0, 1), result.output  # few draws may not converge
        if not more:
            assert len(result.stdout.splitlines()) <= 25
        said += result.stdout
        assert list(ill_made(result.stdout)) == []
        assert list(banned(result.stdout, quoted=False)) == []
    return said


def unlabelled(text: str) -> list[str]:
    return [line for line in text.splitlines() if IDS.search(line)]


@pytest.mark.parametrize("words", [*ASKED, *OF_MARCH])
def test_a_command_calls_things_by_their_labels(root: Path, words: str) -> None:
    assert unlabelled(printed(root, "march", words)) == []


@pytest.mark.parametrize("words", [*ASKED, *OF_FARMS])
def test_so_it_does_of_a_panel(root: Path, words: str) -> None:
    assert unlabelled(printed(root, "farms", words)) == []


@pytest.mark.long
def test_so_it_does_of_other_ways_to_analyse(root: Path) -> None:
    assert unlabelled(printed(root, "march", "multiverse")) == []


@pytest.mark.parametrize("model", ["march", "farms"])
def test_a_graph_calls_things_by_their_labels(root: Path, model: str) -> None:
    graph = graph_of(est.load(root / "models" / model))
    boxes = [(one.title, one.detail, *((o.title, o.text) for o in one.options))
             for one in graph.nodes]  # fmt: skip
    assert unlabelled(f"{boxes}\n{mermaid(graph)}") == []


@pytest.mark.parametrize("model", ["march", "farms"])
def test_a_notebook_shows_a_model_by_its_labels(root: Path, model: str) -> None:
    """Names stand in the tables that are folded, of what one writes on with, and head readings."""
    loaded = est.load(root / "models" / model)
    open_, _, rest = loaded._repr_html_().partition("<details")
    last = rest.rpartition("</details>")[2]
    for name in loaded.readings:
        open_ = open_.replace(name, "")
    assert unlabelled(open_.replace(">", ">\n")) == []
    assert "It asks for" in last
    assert unlabelled(last) == []


@pytest.mark.parametrize("model", ["march", "farms"])
def test_a_model_is_introduced_by_labels(root: Path, model: str) -> None:
    """Only `--full` tells ids too, as files and options need them."""
    result = CliRunner().invoke(app, ["show", model, "--root", str(root)])
    assert unlabelled(result.stdout) == []


class _Text(HTMLParser):
    """The text of a page, without scripts, styles and code."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside and data.strip():
            self.said.append(data.strip())


@pytest.mark.long
@pytest.mark.parametrize("model", ["march", "farms"])
def test_a_report_calls_things_by_their_labels(root: Path, model: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    result = CliRunner().invoke(app, ["report", model, "--output", str(page), "--root", str(root)])
    assert result.exit_code in (0, 1), result.output
    text = _Text()
    text.feed(page.read_text(encoding="utf-8"))
    assert unlabelled("\n".join(text.said)) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("wage", "pay"),
        ("wage.cn", "pay (China)"),
        ("wage.cn.2017", "pay (China) in 2017"),
        ("wage.cn.2017-08", "pay (China) in August 2017"),
        ("wage.cn * (1 - kept) in 2017-08", "pay (China) × (1 - share kept) in August 2017"),
        ("mean(wage, gulf)", "mean(pay, gulf)"),
        ("two_words", "two words"),
        ("two_words.cn", "two words (China)"),
        ("a.b", "a.b"),
    ],
)
def test_names_cells_and_expressions_are_called_by_labels(name: str, said: str) -> None:
    with labelling({}, {"wage": "pay", "cn": "China", "kept": "share kept"}):
        assert called(name) == said
