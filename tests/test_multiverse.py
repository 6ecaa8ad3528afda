"""The answer under every declared way of analysing the claims, held to closed forms."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from matplotlib.collections import LineCollection
from scipy import optimize, stats
from tests.truth.building import build

import estimates as est
from estimates.analysis.multiverse.result import (
    VERDICTS,
    AxisRow,
    CellRow,
    CellVerdict,
    CitedRow,
    Multiverse,
    OptionRow,
    VerdictRow,
)
from estimates.analysis.multiverse.specifications import MOST_CELLS, plan
from estimates.analysis.multiverse.weight_flips import Weighing
from estimates.analysis.verdict import Sides, Standing
from estimates.cli.app import app
from estimates.errors import InputError
from estimates.inference.engine import Engine
from estimates.model import Model
from estimates.model.combinations import distinct_readings
from estimates.model.io import load_text
from estimates.plots import multiverse as multiverse_figure

_Z90 = stats.norm.ppf(0.95)
PRIOR, WIDER = 20.0 / (2 * _Z90), 40.0 / (2 * _Z90)  # sds of "−10 to 10" and "−20 to 20"
#: Measurements of x: value and standard error.
SAID = {"near": (2.0, 1.0), "far": (4.0, 2.0)}
ROOT = Path(__file__).parent.parent
VARIANTS: dict[str, Any] = {
    "prior": {"wider": {"priors": {"x": "-20 to 20"}}},
    "widths": {"doubled": {"widths": 2}, "of-one": {"widths": {"near": 0.5}}},
    "far": {"base": "heard", "unheard": {"without": ["far"]}},
    "cited": {"believed": {"pool": "independent"}},
}


def _normal(folder: Path, variants: Mapping[str, Any] | None = VARIANTS, **parts: Any) -> Model:
    """x measured twice; a cited figure of 6 ± 0.5 about it."""
    said = {name: f"{value} ± {error} m" for name, (value, error) in SAID.items()}
    claims = dict.fromkeys(SAID, "x")
    more = {} if variants is None else {"variants": variants}
    return build(
        folder,
        quantities={"x": {"unit": "m", "support": "real", "prior": "-10 to 10"}},
        says={**said, "cited": "6 ± 0.5 m"},
        claims=claims,
        **({"compare": {"cited": "x"}} | more | parts),
    )


def _posterior(cell: Mapping[str, str]) -> tuple[float, float]:
    """Mean and sd of x in a cell: precisions add."""
    said = {name: list(pair) for name, pair in SAID.items()}
    if cell["widths"] == "doubled":
        for one in said.values():
            one[1] *= 2
    if cell["widths"] == "of-one":
        said["near"][1] *= 0.5
    if cell["far"] == "unheard":
        del said["far"]
    if cell["cited"] == "believed":
        said["cited"] = [6.0, 0.5]
    prior = WIDER if cell["prior"] == "wider" else PRIOR
    precision = prior**-2 + sum(error**-2 for _, error in said.values())
    mean = sum(value * error**-2 for value, error in said.values()) / precision
    return mean, precision**-0.5


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Multiverse:
    return est.multiverse(_normal(tmp_path_factory.mktemp("normal")), seed=5)


def test_every_cell_is_the_posterior_that_precisions_give(varied: Multiverse) -> None:
    """Five Monte Carlo standard errors; 24 cells of three numbers each."""
    cells = varied.document["cells"]
    assert len(cells) == 2 * 3 * 2 * 2
    assert [cell["base"] for cell in cells] == [True] + [False] * 23
    assert varied.converged
    for cell in cells:
        mean, sd = _posterior(cell["options"])
        for name, z in (("q05", -_Z90), ("median", 0.0), ("q95", _Z90)):
            assert abs(cell[name] - (mean + z * sd)) < 5 * cell[f"mcse_{name}"], (cell, name)
            assert cell[f"mcse_{name}"] < 0.15 * sd  # 200 draws that count make so much at 5 %


def test_verdicts_follow_the_exact_probabilities(varied: Multiverse) -> None:
    """6 ± 0.5 is drawn as its central 70 %; where no threshold is near the verdict is known."""
    reach, told = stats.norm.ppf(0.85) * 0.5, 0
    for cell in varied.document["cells"]:
        answer = stats.norm(*_posterior(cell["options"]))
        below, above = answer.cdf(6 - reach), answer.sf(6 + reach)
        said = cell["cited"]["cited"]
        assert abs(said["below"] - below) < 4 * said["below_se"] + 1e-3
        assert abs(said["above"] - above) < 4 * said["above_se"] + 1e-3
        assert said["inside"] == pytest.approx(1 - said["below"] - said["above"])
        inside = 1 - below - above
        near = (below - 0.9, above - 0.9, inside - 0.5, below - 0.3, above - 0.3)
        if min(map(abs, near)) > 0.03:
            consistent = inside > 0.5 and max(below, above) < 0.3
            expected = "consistent" if consistent else "straddles"
            assert said["verdict"] == ("below" if below > 0.9 else expected)
            told += 1
    assert told > 12
    [verdicts] = varied.document["verdicts"]
    assert sum(verdicts["counts"].values()) == verdicts["compared"] == verdicts["believing"] == 12
    said = [cell["cited"]["cited"] for cell in varied.document["cells"]]
    counted = [one["verdict"] for one in said if one["pool"] == "held-out"]
    assert "12 ways of analysing the claims that hold the cited figure out" in varied.sentence
    assert verdicts["counts"]["below"] == counted.count("below") > 0


def test_effects_are_the_mean_change_from_the_base(varied: Multiverse) -> None:
    rows = varied.document["effects"]
    exact = {
        tuple(cell["options"].values()): math.log(_posterior(cell["options"])[0])
        for cell in varied.document["cells"]
    }
    for row in rows:
        axis = list(VARIANTS).index(row["axis"])
        changes = [
            value - exact[(*levels[:axis], next(iter(exact))[axis], *levels[axis + 1 :])]
            for levels, value in exact.items()
            if levels[axis] == row["option"]
        ]
        assert row["measure"] == "ratio"
        assert row["pairs"] == len(changes)
        assert abs(row["effect"] - math.exp(np.mean(changes))) < 4 * row["effect_se"]
    shares = {row["axis"]: row["share"] for row in rows}
    assert shares["cited"] > 0.5 > shares["prior"]
    assert sum(shares.values()) < 1


# Flips -----------------------------------------------------------------------------------------


def test_the_factor_on_widths_that_flips_is_the_exact_one(tmp_path: Path) -> None:
    """One measurement of 2 ± 1 and a bound at 4: below until P(x < 4) falls to 0.9."""
    model = build(
        tmp_path,
        quantities={"x": {"support": "real", "prior": "-10 to 10"}},
        says={"one": "2 ± 1", "cited": "at least 4"},
        claims={"one": "x"},
        compare={"cited": "x"},
        variants={"widths": {"doubled": {"widths": 2}}},
    )
    document = est.multiverse(model).document

    def below(factor: float) -> float:
        precision = PRIOR**-2 + factor**-2
        mean = 2 * factor**-2 / precision
        return float(stats.norm(mean, precision**-0.5).cdf(4)) - 0.9

    exact = optimize.brentq(below, 1, 10)
    [flip] = document["width_flips"]
    # Near the flip P(below) falls by d for each unit of the log factor: 4 errors of 0.01 over d.
    slope = abs(below(exact * 1.05) - below(exact / 1.05)) / (2 * math.log(1.05))
    assert abs(math.log(flip["factor"] / exact)) < 4 * 0.01 / slope
    # Undecided is what lies within two errors, and what ends it may itself be off by two.
    assert flip["low"] < flip["factor"] < flip["high"]
    assert math.log(flip["low"] / exact) < 2 * 0.01 / slope
    assert math.log(flip["high"] / exact) > -2 * 0.01 / slope
    assert math.log(flip["high"] / flip["low"]) < 2 * (4 * 0.01 / slope + math.log(1.03))
    assert flip["only_just"] is False
    assert flip["verdict"] == "straddles"
    assert "would make the answer straddle the figure" in document["sentence"]
    assert "In 1 of 2 ways" in document["sentence"]


def _read(folder: Path, update: bool, weights: tuple[float, float]) -> Model:
    """The total is x, or x and 30 more; if updated, the claim is of x, or of x and 2 more."""
    a, b = weights
    return build(
        folder,
        quantities={"x": {"support": "real", "prior": "-10 to 10"}},
        relations={
            "total": {"by": "counted", "few": "x", "many": "x + 30"},
            "spoken": {"by": "counted", "few": "x", "many": "x + 6" if update else "x"},
        },
        readings={"counted": {"update": update, "few": a, "many": b}},
        says={"one": "2 ± 0.5", "cited": "at least 15"},
        claims={"one": "spoken"},
        compare={"cited": "total"},
        targets=["total"],
        variants={"counted": {"even": {"weights": {"counted": {"few": 1, "many": 1}}}}},
    )


@pytest.mark.parametrize("update", [False, True])
def test_the_weight_that_flips_is_the_exact_one(tmp_path: Path, update: bool) -> None:
    """Below until the other reading holds a tenth of the weight, which then divides.

    Where the evidence moves the weights, by the ratio of two normal densities.
    """
    document = est.multiverse(_read(tmp_path, update, (0.97, 0.03))).document
    bayes = 1.0
    if update:
        sd = math.hypot(0.5, PRIOR)
        bayes = stats.norm.pdf(2, 6, sd) / stats.norm.pdf(2, 0, sd)
    odds = (0.1 / 0.9) / bayes
    base = document["cells"][0]
    assert base["cited"]["cited"]["verdict"] == "below"
    posterior = 0.03 / 0.97 * bayes
    assert base["weights"]["counted"]["many"] == pytest.approx(
        posterior / (1 + posterior), abs=0.01
    )
    [flip] = document["weight_flips"]
    assert (flip["reading"], flip["option"], flip["verdict"]) == ("counted", "many", "divided")
    assert flip["weight"] == pytest.approx(0.03)
    error = 4 * flip["odds_factor_se"] + 1e-6
    assert abs(flip["odds_factor"] - odds / (0.03 / 0.97)) < error
    assert error < 0.2 * flip["odds_factor"]
    assert document["cells"][1]["cited"]["cited"]["verdict"] == "divided"
    assert "would make the verdict depend on the reading" in document["sentence"]


def test_where_no_weight_can_flip_it_that_is_said(tmp_path: Path) -> None:
    model = build(
        tmp_path,
        quantities={"x": {"support": "real", "prior": "-10 to 10"}},
        relations={"total": {"by": "counted", "few": "x", "many": "x + 3"}},
        readings={"counted": {"few": 1, "many": 1}},
        says={"one": "2 ± 0.01", "cited": "at least 1000"},
        claims={"one": "x"},
        compare={"cited": "total"},
        targets=["total"],
        variants={"prior": {"wider": {"priors": {"x": "-20 to 20"}}}},
    )
    document = est.multiverse(model).document
    assert document["weight_flips"][0]["to"] is None
    [flip] = document["width_flips"]
    assert flip["factor"] is None
    assert flip["tried"] == pytest.approx([0.1, 10])
    assert flip["step"] == pytest.approx(10**0.25)
    assert document["sentence"] == (
        "In all 2 ways of analysing the claims the answer lies below the cited figure. No other "
        "weights of one reading and no widths up to 10 times larger or smaller would alter this."
    )


def test_a_target_has_its_own_numbers_and_the_figures_that_are_about_it(tmp_path: Path) -> None:
    model = _read(tmp_path, False, (1, 1))
    document = est.multiverse(model, "x").document
    assert (document["target"], document["cited"], document["verdicts"]) == ("x", [], [])
    assert document["cited_elsewhere"] == [{"claim": "cited", "about": "total"}]
    assert document["sentence"].endswith("; no cited figure is about it, only about total.")
    mean = 2 * 0.5**-2 / (0.5**-2 + PRIOR**-2)
    for cell in document["cells"]:
        assert abs(cell["median"] - mean) < 4 * cell["mcse_median"]
    with pytest.raises(InputError, match="relation 'totl'; did you mean 'total'"):
        est.multiverse(model, "totl")


def test_a_step_of_the_search_never_passes_over_another_verdict(tmp_path: Path) -> None:
    """Within the room that is told nothing changes, in mixtures that have other verdicts too."""
    model = _read(tmp_path, False, (1, 1))
    found = set()
    for shown in (
        (Sides(0.0, 0.45), Sides(0.45, 0.0)),  # consistent in the middle, straddling both ways
        (Sides(0.95, 0.0), Sides(0.1, 0.1)),
        (Sides(0.85, 0.0), Sides(0.89, 0.11)),
    ):
        standing = Standing(model.conventions, shown)
        exact = np.zeros((1, 2)), np.zeros(2, dtype=np.int64)
        distinct = distinct_readings(model)
        weighing = Weighing(model, distinct, np.zeros(2), standing, *exact, "counted", "few")
        for odds in np.linspace(-5, 5, 41):
            room = min(weighing.room(odds), 20.0)
            said = weighing.verdict(odds)
            found.add(said)
            for part in (-0.999, -0.5, 0.5, 0.999):
                assert weighing.verdict(odds + part * room) == said
    assert found >= {"straddles", "consistent", "below", "divided"}


# Cells -----------------------------------------------------------------------------------------


def test_cells_that_share_their_fits_agree_with_fits_of_their_own(tmp_path: Path) -> None:
    """Weights of readings move no fit: the even cell is the model with even weights written in."""
    varied = est.multiverse(_read(tmp_path / "a", True, (0.97, 0.03))).document["cells"][1]
    own = est.refit(_read(tmp_path / "b", True, (1, 1)), [est.Change()])[0]
    assert varied["median"] == own.targets["total"].median
    assert varied["weights"]["counted"] == own.weights["counted"]


def test_without_a_cited_figure_the_range_of_the_medians_is_told(tmp_path: Path) -> None:
    """Without claims, too: a forward estimate under two priors."""
    model = build(
        tmp_path,
        quantities={"x": {"prior": "1 to 100"}},
        says={},
        claims={},
        variants={"prior": {"higher": {"priors": {"x": "10 to 1000"}}}},
    )
    found = est.multiverse(model)
    assert found.converged
    assert found.document["verdicts"] == found.document["width_flips"] == []
    [effect] = found.document["effects"]
    assert abs(effect["effect"] - 10) < 4 * effect["effect_se"]
    assert re.match(r"Over 2 ways .* runs from .* to .*; as the model stands", found.sentence)


def test_an_answer_about_zero_has_differences_for_effects(tmp_path: Path) -> None:
    model = build(
        tmp_path,
        quantities={"x": {"support": "real", "prior": "-10 to 10"}},
        says={"one": "-1 ± 0.5"},
        claims={"one": "x"},
        variants={"prior": {"fixed": {"priors": {"x": "3"}}}},
    )
    document = est.multiverse(model).document
    mean = -1 * 0.5**-2 / (0.5**-2 + PRIOR**-2)
    [effect] = document["effects"]
    assert effect["measure"] == "difference"
    assert abs(effect["effect"] - (3 - mean)) < 4 * effect["effect_se"]
    assert document["cells"][1]["median"] == 3
    assert document["cells"][1]["mcse_median"] == 0


def test_redundant_pooling_is_the_geometric_mean(tmp_path: Path) -> None:
    """Two normals pooled with α = ½: the mean of their precisions; quantiles are approximate."""
    model = build(
        tmp_path,
        quantities={"x": {"support": "real", "prior": "-10 to 10"}},
        says={"one": "2 ± 1", "cited": "3.5 ± 0.5"},
        claims={"one": "x"},
        compare={"cited": "x"},
        variants={"cited": {"again": {"pool": "redundant"}}},
    )
    cell = est.multiverse(model).document["cells"][1]
    precision = (PRIOR**-2 + 1 + 0.5**-2) / 2
    pooled = (2 + 3.5 * 0.5**-2) / 2 / precision
    assert abs(cell["median"] - pooled) < 4 * cell["mcse_median"] + 0.1 * precision**-0.5


def test_admitted_figures_are_compared_with_no_more(tmp_path: Path) -> None:
    model = _normal(tmp_path, {"cited": {"evidence": {"admit": "cited"}}})
    document = est.multiverse(model).document
    cell = document["cells"][1]
    assert cell["cited"] == {}
    mean, _ = _posterior({"prior": "", "widths": "", "far": "", "cited": "believed"})
    assert abs(cell["median"] - mean) < 4 * cell["mcse_median"]
    assert document["verdicts"][0]["compared"] == document["verdicts"][0]["without"] == 1


def test_a_cell_that_cannot_be_fitted_counts_for_nothing_and_is_named(tmp_path: Path) -> None:
    model = build(
        tmp_path,
        quantities={"x": {"prior": "Uniform(lower=3, upper=9)"}},
        relations={"rest": "x - 2"},
        says={"one": "around 3", "cited": "at least 100"},
        claims={"one": {"about": "rest", "scale": "log"}},
        compare={"cited": "x"},
        variants={"prior": {"low": {"priors": {"x": "Uniform(lower=0.5, upper=1.5)"}}}},
    )
    found = est.multiverse(model)
    document = found.document
    assert not found.converged
    assert document["failed"][0] == "1 of 2 cells failed, and count for nothing"
    assert document["failed"][1].startswith("cell 1 (low): no draw of the priors is possible")
    assert document["cells"][1]["median"] is None
    assert document["fitted"] == document["verdicts"][0]["compared"] == 1


def test_a_sample_is_drawn_without_replacement_and_has_the_base(tmp_path: Path) -> None:
    model = _normal(tmp_path)
    for seed in range(20):
        cells = plan(model, 7, seed).cells
        assert len({cell.levels for cell in cells}) == 7
        assert cells[0].base
        assert plan(model, 7, seed) == plan(model, 7, seed)
    assert plan(model, 7, 1) != plan(model, 7, 2)
    often = [cell.levels for seed in range(400) for cell in plan(model, 7, seed).cells[1:]]
    counts = np.array([often.count(levels) for levels in set(often)])
    assert len(counts) == 23
    # 400 samples of 6 of the 23 others: each is in 104, give or take binomial errors.
    assert np.all(np.abs(counts - 400 * 6 / 23) < 5 * math.sqrt(400 * 6 / 23 * 17 / 23))
    assert plan(model, 100).total == len(plan(model, 100).cells) == 24


def test_too_many_cells_and_none_at_all_are_refused(tmp_path: Path) -> None:
    axes = {f"w{i}": {"doubled": {"widths": 2}} for i in range(11)}
    with pytest.raises(InputError, match=r"2,048 cells; say how many to draw: --sample"):
        plan(_normal(tmp_path / "many", axes))
    assert len(plan(_normal(tmp_path / "many", axes), MOST_CELLS).cells) == MOST_CELLS
    with pytest.raises(InputError, match=r"variants:\n  widths:\n    doubled: \{widths: 2\}"):
        est.multiverse(_normal(tmp_path / "none", None))


def test_a_run_that_was_stopped_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = _normal(tmp_path / "model", {k: VARIANTS[k] for k in ("widths", "far")})
    whole = est.multiverse(model).document
    workers = est.Workers(count=1, store=est.Store(tmp_path / "store"))

    def stop(done: int, total: int, what: str) -> None:
        assert total in (6, 24) or what == "other widths"
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        est.multiverse(model, workers=workers, progress=stop)
    asked: list[Any] = []
    ask = Engine.ask
    monkeypatch.setattr(Engine, "ask", lambda *args: asked.append(1) or ask(*args))
    assert est.multiverse(model, workers=workers).document == whole
    kept = len(asked)
    assert kept > 0
    assert est.multiverse(model, workers=workers).document == whole
    assert len(asked) == kept
    # A further option leaves what is there as it is.
    more = {"widths": VARIANTS["widths"], "far": VARIANTS["far"], "prior": VARIANTS["prior"]}
    est.multiverse(_normal(tmp_path / "model", more), workers=workers)
    assert len(asked) == kept + 6


# The file --------------------------------------------------------------------------------------

TEXT = """
quantities:
  x: {unit: m, prior: 1 to 9}
  n: {value: 3}
relations:
  y: {by: how, plain: x * n, more: x * n * 2}
readings:
  how: {plain: 1, more: 1}
evidence:
  sources: {s: {title: a}}
  claims:
    long: {source: s, says: around 4 m, speaker: Ann, origin: one}
    part: {source: s, says: 3 of 9}
    cited: {source: s, says: 20 to 30 m}
claims: {long: x}
compare: {cited: y}
targets: [y]
variants:
"""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a: {b: {prior: 1}}", "unknown key 'prior' in variant 'b' of 'a'; did you mean 'priors'?"),
        ("a: {b: {priors: {z: 1 to 2}}}", "variant 'b' of 'a': no basic quantity 'z' in the model"),
        ("a: {b: {priors: {x: 0 to 2}}}", "variant 'b' of 'a': the prior of 'x' starts at 0"),
        ("a: {b: {priors: {x: lots}}}", "a prior is an interval"),
        ("a: {b: {priors: {x: }}}", "has no prior for 'x'"),
        ("a: {b: {widths: {lnog: 2}}}", "no claim 'lnog' in the model; did you mean 'long'?"),
        ("a: {b: {widths: 0}}", "a factor on a width is a number above 0, not 0"),
        ("a: {b: {widths: {cited: 2}}}", "claim 'cited' is held out, so its width moves nothing"),
        ("a: {b: {tails: {long: fat}}}", "claim 'long' has unknown tails 'fat'"),
        ("a: {b: {conventions: {hegde: 1}}}", "unknown key 'hegde'"),
        ("a: {b: {conventions: {hedge: -1}}}", "convention 'hedge' is -1"),
        ("a: {b: {weights: {how: {plane: 2}}}}", "no option of reading 'how' 'plane'"),
        ("a: {b: {weights: {how: {plain: 0}}}}", "a weight is a number above 0"),
        ("a: {b: {without: [cited]}}", "claim 'cited' is held out, so there is nothing to leave"),
        ("a: {b: {without: {speakers: Anne}}}", "no evidence of speaker 'Anne' in the model"),
        ("a: {b: {without: {speaker: Ann}}}", "unknown key 'speaker' in `without:`"),
        ("a: {b: {admit: long}}", "claim 'long' is evidence already"),
        ("a: {b: {pool: independant}}", "unknown pool 'independant'; did you mean 'independent'?"),
        ("a: {b: {}}", "variant 'b' of 'a' changes nothing"),
        ("a: {label: x}", "the axis 'a' of `variants:` has no option beside the base"),
        ("a: {widths: {long: 2}}", "write the option's name first, as in `other: {widths: …}`"),
        ("a: {b: 2}", "unknown key 'b' in the axis 'a'"),
        ("a: {base: b, b: {widths: 2}}", "the base of the axis 'a' is called like its option 'b'"),
    ],
)
def test_faults_of_variants_have_their_place_and_a_way_out(line: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_text(f"{TEXT}  {line}\n")
    [fault] = caught.value.faults
    assert message in fault.message
    assert fault.place is not None
    assert fault.place.line == TEXT.count("\n") + 1


def test_axes_that_set_one_thing_twice_are_refused() -> None:
    axes = "  a: {b: {priors: {x: 1 to 5}}}\n  c: {d: {priors: {x: 1 to 7}}}\n"
    with pytest.raises(InputError, match="'a' and 'c' of `variants:` both set the prior of 'x'"):
        load_text(TEXT + axes)


ALL = """
  a:
    label: Everything
    base: plain
    note: All at once.
    b:
      label: Another
      because: Why not.
      priors: {x: Normal(mu=4, sigma=1), n: 2 to 4}
      conventions: {hedge: 0.2, basis: {expert: {width: 0.5}}, tails: student-t}
      widths: {long: 2}
      tails: {long: normal}
      weights: {how: {more: 3}}
      without: {origins: [one]}
      pool: {cited: redundant}
    c: {widths: 0.5, admit: [cited]}
"""


def test_a_model_with_variants_survives_as_json() -> None:
    model = load_text(TEXT + ALL)
    again = est.load_json(model.to_json())
    assert again == model
    assert again.variants == model.variants
    assert again.to_json() == model.to_json()
    plain = load_text(TEXT)
    assert plain.digest != model.digest
    assert "variants" not in plain.to_dict()
    assert model.variants["a"].options["b"].priors["n"].low == 2


def test_variants_differ_from_the_conventions_of_their_own_model() -> None:
    text = TEXT.replace("targets: [y]", "targets: [y]\nconventions: {hedge: 0.3, copies: 0.2}")
    model = load_text(text + "  a: {b: {conventions: {copies: 0.4}}}\n")
    assert model.variants["a"].options["b"].conventions == {"copies": 0.4}


# The command -----------------------------------------------------------------------------------


def _copied(folder: Path, variants: Mapping[str, Any] | None) -> Path:
    _normal(folder / "models" / "lengths", variants)
    return folder


def test_the_command_prints_counts_effects_and_flips(tmp_path: Path) -> None:
    root = _copied(tmp_path, {k: VARIANTS[k] for k in ("prior", "far", "cited")})
    asked = ["multiverse", "lengths", "--root", str(root)]
    done = CliRunner().invoke(app, [*asked, "--json"])
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert "8 cells: prior (2) × far (2) × cited (2)" in done.stderr
    assert list(document)[:7] == [
        *("format", "model", "seed", "digest", "converged", "failed", "sentence"),
    ]
    assert "NaN" not in done.stdout
    text = CliRunner().invoke(app, [*asked, "--full"]).stdout
    assert " ".join(document["sentence"].split()) in " ".join(text.split())
    for words in ("prior: wider", "far: unheard", "What each choice does"):
        assert words in text
    assert max(map(len, text.splitlines()[:-4])) <= 80
    figures = root / "results" / "lengths" / "figures"
    assert (figures / "multiverse.png").stat().st_size > 10_000
    assert (root / "results" / "lengths" / "multiverse.json").is_file()


def test_show_lists_the_declared_variants(tmp_path: Path) -> None:
    asked = ["show", "lengths", "--root", str(_copied(tmp_path, VARIANTS))]
    [axis, *others] = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)["variants"]
    assert (axis["axis"], axis["base"], len(others)) == ("prior", "as is", 3)
    assert axis["options"][0]["changes"] == [{"kind": "prior", "to": "x -20 to 20"}]
    text = " ".join(CliRunner().invoke(app, [*asked, "--full"]).stdout.split())
    for words in ("doubled: widths all × 2", "of-one: width near × 0.5",
                  "unheard: without claims far",
                  "believed: pool independent", "heard: the model as it stands"):  # fmt: skip
        assert words in text
    shipped = CliRunner().invoke(app, ["show", "scmp-2017", "--full", "--root", str(ROOT)]).stdout
    assert "wider: prior gross_wage 28 to 2,750; prior skim 10 to 98 %" in shipped
    plain = ["show", "lengths", "--root", str(_copied(tmp_path / "none", None)), "--json"]
    assert json.loads(CliRunner().invoke(app, plain).stdout)["variants"] == []


def test_the_command_refuses_a_model_without_variants(tmp_path: Path) -> None:
    root = _copied(tmp_path, None)
    asked = ["multiverse", "lengths", "--root", str(root), "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 2
    assert "variants:" in json.loads(done.stdout)["errors"][0]["message"]


def _divided(cells: int) -> Multiverse:
    """An answer in which every cell is divided about 100 to 200."""
    said = CellVerdict(
        pool="held-out", below=0.4, inside=0.25, above=0.35, below_se=0.01, above_se=0.01,
        verdict="divided", only_just=False,
    )  # fmt: skip
    made = (
        CellRow(
            cell=i, base=i == 0, options={"tails": "normal" if i % 2 == 0 else "heavy"},
            median=110.0 + i, q05=20.0, q95=900.0, mcse_median=1.0, mcse_q05=1.0, mcse_q95=1.0,
            weights={}, cited={"c": said}, failed=(),
        )
        for i in range(cells)
    )  # fmt: skip
    counts = dict.fromkeys(VERDICTS, 0) | {"divided": cells}
    return Multiverse(
        model="m", seed=1, digest="", converged=True, failed=(), sentence="Divided.",
        target="revenue", label="revenue", unit="MUSD/year",
        axes=(AxisRow(axis="tails", label="Tails", base="normal",
                      options=(OptionRow(option="heavy", label="heavy", because=""),)),),
        total=cells, fitted=cells,
        cited=(CitedRow(claim="c", says="100 to 200 MUSD/year", low=100.0, high=200.0,
                        unit="MUSD/year", target_low=100.0, target_high=200.0),),
        cited_elsewhere=(),
        verdicts=(VerdictRow(claim="c", counts=counts, compared=cells, believing=0, without=0,
                             only_just=0),),
        readings=(), effects=(), width_limit=10.0, weight_flips=(), width_flips=(),
        cells=tuple(made),
    )  # fmt: skip


def test_where_all_are_divided_the_curve_shows_on_which_sides_they_lie() -> None:
    found = _divided(4)
    figure = multiverse_figure(found)
    texts = [text.get_text() for text in figure.texts]
    assert {"P(below)", "P(inside)", "P(above)", "4 divided"} <= set(texts)
    assert "band: the cited US$100 to 200 million a year" in texts
    curve, sides, *_ = figure.axes
    (bars,) = [one for one in curve.collections if isinstance(one, LineCollection)]
    ends = [sorted(float(y) for _, y in piece) for piece in bars.get_segments()]
    assert ends == 4 * [[20, 100], [100, 200], [200, 900]]
    heights = np.array([bar.get_height() for bar in sides.patches]).reshape(3, 4)
    assert np.allclose(heights.sum(axis=0), 1)
    # A cell without probabilities cannot stand among those that have them.
    first, second, *others = found.cells
    less = replace(found, cells=(first, replace(second, cited={}), *others))
    assert "P(below)" not in [text.get_text() for text in multiverse_figure(less).texts]


def test_a_table_of_the_cells_in_python(varied: Multiverse) -> None:
    table = varied.tables["cells"]
    assert len(table) == 24
    assert {"median", "options.far", "cited.cited.verdict"} <= set(table.columns)


def test_the_answer_comes_back_from_its_document(varied: Multiverse) -> None:
    assert Multiverse.read(json.loads(varied.to_json())) == varied
