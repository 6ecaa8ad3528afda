"""`estimates explain`, and the graph of a model: what can be seen before anything is fitted."""

from __future__ import annotations

import io
import json
import math
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

import estimates as est
from estimates.analysis.explain.wording import Implied
from estimates.cli import app
from estimates.model.graph import graph_of, mermaid
from estimates.model.ledger import BASES
from estimates.model.scaffold import new_estimate
from estimates.plots.parts.graph_layout import lay_out

ROOT = Path(__file__).parent.parent
SAYINGS = [
    *("around 20,000 people", "70 to 80 %", "up to 1,000 CNY/month", "at least 5", "41 of 143"),
    *("dozens of factories", "rising", "falling", "lower than claimed", "67.4 ± 0.5 km/s/Mpc"),
    *("-3 to 5", "0", "120 %", "1e-9 to 1e9 kg", "a few thousand"),
]


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def implied(text: str, basis: str, **options: str) -> Implied:
    (one,) = est.explain(text, basis=basis, **options).bases
    return one


def test_the_example_of_the_manual() -> None:
    """docs/wording.md works it out by hand."""
    one = implied("around 20,000 people", "expert")
    assert one.parts == pytest.approx({"rounding": 0.1443, "hedge": 0.1, "basis": 0.35}, abs=1e-4)
    assert one.width == pytest.approx(math.sqrt(0.1443**2 + 0.1**2 + 0.35**2), abs=1e-4)
    assert (one.q05, one.q95) == pytest.approx((10_500, 38_100), rel=0.005)
    middle = NormalDist(math.log(20_000), one.width)
    assert one.q25 == pytest.approx(math.exp(middle.inv_cdf(0.25)))


@pytest.mark.parametrize("text", SAYINGS)
def test_any_wording_is_explained_in_words_in_json_and_drawn(text: str, tmp_path: Path) -> None:
    found = est.explain(text)
    assert [one.basis for one in found.bases] == list(BASES)
    for one in found.bases:
        ends = [one.q05, one.q25, one.centre, one.q75, one.q95]
        if None not in ends and found.wording.kind != "direction":
            assert all(a <= b for a, b in pairwise(ends))
    result = run("explain", "--", text)
    assert result.exit_code == 0, result.output
    assert all(cell_len(line) <= 80 for line in result.stdout.splitlines())
    assert json.loads(run("explain", "--json", "--", text).stdout)["kind"] == found.wording.kind
    file = tmp_path / "a.png"
    drawn = run("explain", "--figure", file, "--", text)
    assert drawn.exit_code == 0, drawn.output
    assert file.stat().st_size > 1000


def test_worse_speakers_imply_wider_intervals() -> None:
    widths = [one.width or 0.0 for one in est.explain("around 20,000 people").bases]
    assert widths == sorted(widths)
    assert len(set(widths)) == 5


def test_what_is_counted_is_the_same_whoever_says_it() -> None:
    assert "any basis" in run("explain", "41 of 143").stdout


def test_a_model_lends_its_conventions_and_units(tmp_path: Path) -> None:
    folder = new_estimate("cafe", tmp_path).folder / "model.yaml"
    folder.write_text(folder.read_text() + "conventions: {basis: {expert: 0.5}}\n")
    words = ("explain", "around 300 people", "--model", "cafe", "--root", tmp_path, "--json")
    rows = {row["basis"]: row for row in json.loads(run(*words).stdout)["bases"]}
    assert rows["expert"]["parts"]["basis"] == 0.5
    unknown = run("explain", "300 CNY", "--model", "cafe", "--root", tmp_path)
    assert unknown.exit_code == 2
    assert "no rate for the currency 'CNY'" in unknown.stderr
    assert run("explain", "300 CNY").exit_code == 0


def test_the_same_width_as_in_a_model() -> None:
    """Each claim of a shipped model, read alone, is as wide as `show` says it is."""
    model = est.load("scmp-2017", ROOT)
    checked = 0
    for claim in est.describe(model).evidence:
        alone = est.explain(str(claim.says), basis=claim.basis, model=model)
        if alone.scale == claim.scale and claim.width and not claim.disputes:
            assert alone.bases[0].width == pytest.approx(claim.width)
            checked += 1
    assert checked >= 5


def test_a_dispute_takes_the_figure_that_it_disputes() -> None:
    one = implied("lower than claimed", "expert", disputes="20,000 people")
    assert one.centre == pytest.approx(20_000)
    assert one.truth == 0.8
    assert run("explain", "20,000", "--disputes", "30,000").exit_code == 2
    assert run("explain", "lower than claimed", "--disputes", "rising").exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["arround 300"], "did you mean 'around'?"),
        ([""], "says nothing"),
        (["300 poeple"], "did you mean 'people'?"),
        (["300", "--basis", "gossip"], "a basis is one of register"),
        (["300", "--figure", "a.pdf"], "writes .png and .svg"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(words: list[str], said: str) -> None:
    result = run("explain", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["explain", "around 300"], ["show", "scmp-2017", "--graph", "-"]]
)
def test_nothing_heavy_is_loaded_without_a_figure(words: list[str]) -> None:
    code = (
        "import sys\nfrom estimates.cli import app\n"
        f"app.main({words!r}, standalone_mode=False)\n"
        "assert not {'matplotlib', 'pandas', 'pymc', 'xarray'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


# The graph -------------------------------------------------------------------------------------


def test_every_part_of_a_model_is_in_its_graph_and_drawing() -> None:
    from estimates.plots import model_graph

    model = est.load("scmp-2017", ROOT)
    graph = graph_of(model)
    gids = {node.gid for node in graph.nodes}
    assert gids == (
        {f"claim-{use.id}" for use in model.uses if not use.held_out}
        | {f"cited-{use.id}" for use in model.uses if use.held_out}
        | {f"quantity-{name}" for name in model.quantities}
        | {f"relation-{name}" for name in model.relations}
    )
    assert all(edge.start in gids and edge.end in gids for edge in graph.edges)
    svg = io.StringIO()
    model_graph(model).savefig(svg, format="svg")
    for gid in (*gids, "option-wage-gross", "option-gap-rise"):
        assert f'id="{gid}"' in svg.getvalue()


def many(tmp_path: Path, claims: int) -> est.Model:
    """A model with many claims about one thing."""
    folder = new_estimate("many", tmp_path).folder
    ledger, model = folder / "evidence.yaml", folder / "model.yaml"
    said = "".join(
        f"  count-{i}: {{source: my-count, says: {200 + i} people/day}}\n" for i in range(claims)
    )
    ledger.write_text(ledger.read_text() + said)
    uses = "".join(f"  count-{i}: guests\n" for i in range(claims))
    model.write_text(model.read_text().replace("  guests: guests\n", f"  guests: guests\n{uses}"))
    return est.load(folder)


def test_forty_claims_stay_readable(tmp_path: Path) -> None:
    from estimates.plots import model_graph

    figure = model_graph(many(tmp_path, 40))
    width, height = figure.get_size_inches()
    assert height < 8
    assert width < 12
    texts = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert "and 30 more" in texts


def test_boxes_never_overlap(tmp_path: Path) -> None:
    from estimates.plots import model_graph

    for model in (est.load("scmp-2017", ROOT), many(tmp_path, 40)):
        (ax,) = model_graph(model).axes
        boxes = [p for p in ax.patches if p.get_gid() and not p.get_gid().startswith("edge-")]
        spans = sorted((p.get_x(), p.get_y(), p.get_y() + p.get_height()) for p in boxes)
        for (x, _, bottom), (next_x, top, _) in pairwise(spans):
            assert x != next_x or bottom <= top + 1e-9


def test_a_layout_uncrosses_what_can_be_uncrossed() -> None:
    column = {"a": 0, "b": 0, "c": 0, "x": 1, "y": 1, "z": 1}
    layout = lay_out(column, dict.fromkeys(column, 0.3), [("a", "z"), ("b", "y"), ("c", "x")], 0.1)
    left = sorted("abc", key=lambda name: layout.middle[name])
    right = sorted("xyz", key=lambda name: layout.middle[name])
    assert [{"a": "z", "b": "y", "c": "x"}[name] for name in left] == right


def test_mermaid_text_escapes_what_is_its_own(tmp_path: Path) -> None:
    folder = new_estimate("cafe", tmp_path).folder / "model.yaml"
    folder.write_text(folder.read_text().replace("guests on a weekday", "'<b> \"x\" [#1] | {y}'"))
    text = mermaid(graph_of(est.load(folder.parent)))
    assert text.startswith("flowchart LR\n")
    assert "<b>" not in text
    for line in text.splitlines():
        assert line.count('"') in (0, 2)


def test_show_graph_writes_what_it_is_asked_for(tmp_path: Path) -> None:
    new_estimate("cafe", tmp_path)
    show = ("show", "cafe", "--root", tmp_path)
    assert run(*show, "--graph", "-").stdout.startswith("flowchart LR")
    for name in ("a.png", "a.svg", "a.mmd"):
        result = run(*show, "--graph", tmp_path / name)
        assert result.exit_code == 0, result.output
        assert (tmp_path / name).stat().st_size > 100
    assert run(*show, "--graph").exit_code == 0
    drawn = tmp_path / "results" / "cafe" / "figures"
    assert sorted(path.name for path in drawn.iterdir()) == ["graph.png", "graph.svg"]
    document = json.loads(run(*show, "--json", "--graph", "-").stdout)
    assert {"nodes", "edges", "mermaid"} <= set(document)
    refused = run(*show, "--graph", "a.pdf")
    assert refused.exit_code == 2
    assert "writes .png, .svg and .mmd" in refused.stderr


# Priors ----------------------------------------------------------------------------------------


def test_an_interval_is_told_by_its_own_ends() -> None:
    found = est.explain_prior("1,000 to 100,000", unit="person")
    assert found.family == "log-normal"
    assert (found.q05, found.median, found.q95) == pytest.approx((1000, 10_000, 100_000))
    width = math.log(100) / (2 * NormalDist().inv_cdf(0.95))
    assert found.width == pytest.approx(width)
    assert found.q25 == pytest.approx(10_000 * math.exp(width * NormalDist().inv_cdf(0.25)))
    assert (found.below, found.above, found.orders) == pytest.approx((0.05, 0.05, 2.0))
    assert found.share_beside_expert == pytest.approx(0.35**2 / (0.35**2 + width**2))
    assert "A factor of 100 between the ends: says little" in found.advice[0]


def test_a_prior_is_told_as_a_model_reads_it() -> None:
    """Of every interval prior of a shipped model, 5 and 95 % are its ends."""
    model = est.load("scmp-2017", ROOT)
    for name, quantity in model.quantities.items():
        prior = quantity.prior
        if isinstance(prior, est.IntervalPrior):
            text = f"{prior.low!r} to {prior.high!r}"
            found = est.explain_prior(
                text, unit=quantity.unit, support=quantity.support, model=model
            )
            assert (found.q05, found.q95) == pytest.approx((prior.low, prior.high)), name
            assert found.median == pytest.approx(prior.centre), name
            assert found.model == "scmp-2017"


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("1 to 2", {}, "says much"),
        ("1 to 30", {}, "says something"),
        ("1 to 1000000", {}, "says hardly anything"),
        ("1,000 to 100,000", {}, "Its middle is 10,000, not 50,500"),
        ("1 to 99 %", {}, "piles up near 0 and near 100 %"),
        ("40 to 50 %", {}, "Ends so near say much"),
        ("1 to 5", {"support": "real"}, "lies below 0"),
        ("Uniform(1000, 100000)", {"unit": "person"}, "91 % of it lies above 10,000 people"),
        ("HalfCauchy(beta=5)", {}, "Heavy tails"),
    ],
)
def test_what_to_think_of(text: str, options: dict[str, str], said: str) -> None:
    assert any(said in one for one in est.explain_prior(text, **options).advice)


def test_no_advice_where_none_is_needed() -> None:
    assert est.explain_prior("20 to 60 %").advice == ()
    assert est.explain_prior("5 to 95 %").advice[0].startswith("Most shares are possible")


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("Beta(alpha=2, beta=2)", "share", (0.1354, 0.5, 0.8646)),
        ("LogNormal(mu=0, sigma=1)", "", (0.19304, 1.0, 5.1803)),
        ("VonMises(mu=0, kappa=1)", "", (-2.21, 0.0, 2.21)),  # of draws
    ],
)
def test_named_distributions_have_their_quantiles(
    text: str, unit: str, expected: tuple[float, ...]
) -> None:
    found = est.explain_prior(text, unit=unit)
    assert (found.q05, found.median, found.q95) == pytest.approx(expected, abs=0.02)
    assert found.width is None
    assert found.coverage is None


@pytest.mark.parametrize(
    "words",
    [
        ["1,000 to 100,000", "--unit", "person"],
        ["24 to 94 %"],
        ["-5 to 10 %", "--support", "real"],
        ["1e-6 to 1e9 kg"],
        ["10 to 20 @ 50%"],
        ["100 to 5,000 CNY/month"],
        ["HalfCauchy(beta=5)", "--unit", "person"],
        ["Uniform(1000, 100000)", "--unit", "MUSD/year"],
    ],
)
def test_every_prior_is_told_drawn_and_written(words: list[str], tmp_path: Path) -> None:
    asked = ["explain", f"--prior={words[0]}", *words[1:]]
    result = run(*asked)
    assert result.exit_code == 0, result.output
    assert "●" in result.stdout
    assert all(cell_len(line) <= 80 for line in result.stdout.splitlines())
    document = json.loads(run(*asked, "--json").stdout)
    assert document["q01"] <= document["q05"] < document["median"] < document["q99"]
    assert "curve" not in document
    file = tmp_path / "a.svg"
    assert run(*asked, "--figure", file).exit_code == 0
    assert file.stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a WORDING in quotes, or a prior"),
        (["300", "--prior", "1 to 2"], "not both"),
        (["300", "--unit", "person"], "a wording takes no --unit"),
        (["--prior", "1 to 2", "--basis", "expert"], "a prior takes no --basis"),
        (["--prior", "around 300"], "write both ends"),
        (["--prior", "0 to 300"], "the prior starts at 0; start it above 0"),
        (["--prior", "20.000 to 30.000"], "write 20.000 as 20,000"),
        (["--prior", "lognormal(1, 2)"], "did you mean 'LogNormal'?"),
        (["--prior", "Normal(mu=other, sigma=1)"], "depends on 'other'"),
        (["--prior", "1 to 2", "--unit", "persn"], "did you mean"),
        (["--prior", "10 to 200 %", "--unit", "share"], "strictly between 0 and 1"),
        (["--prior", "10 to 20 CNY", "--unit", "USD"], "needs the rate of a model"),
        (["20.000 people"], "write 20.000 as 20,000"),
        (["around 300 people in 2017"], "is a date"),
    ],
)
def test_a_prior_that_cannot_be_read_is_one_sentence(words: list[str], said: str) -> None:
    result = run("explain", *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
