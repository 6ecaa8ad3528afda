"""Calibration: quiet where the inference is right, loud where it is made wrong on purpose."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats
from tests.products import mostly_thorough
from tests.truth.building import build

from estimates import InputError, Model, Store, Workers, calibrate
from estimates.analysis.calibrate.judge import FALSE_ALARM, judge
from estimates.analysis.calibrate.result import Bin, Calibration, ReadingTest, Reliability
from estimates.analysis.calibrate.simulate import LIKELIHOOD, simulations
from estimates.cli.app import app
from estimates.inference.engine import Engine
from estimates.inference.predictive import speak
from estimates.plots import calibration as calibration_figure
from estimates.stats.ecdf import ecdf
from estimates.stats.multiple_testing import holm

#: Of the right inference and of wrong ones.
RIGHT, WRONG = 40, 60
#: One right inference in a hundred is called wrong (`FALSE_ALARM`), of the tests one in a thousand.
#: Less cannot be seen: a p-value is 1/20,001 at the least, and six of them are adjusted together.
RARE = 1e-3

#: Times that each claim is spoken about one truth.
SPOKEN = 1500

QUANTITIES = {
    "people": {"unit": "person", "prior": "1 to 100,000,000"},
    "wage": {"unit": "USD/person/month", "prior": "50 to 2000"},
    "skim": {"unit": "share", "prior": "10 to 90 %"},
}
SAYS: dict[str, Any] = {
    "heads": "around 20,000 people",
    "pay": "around 120 to 150 USD/person/month",
    "most": "up to 1,000 USD/person/month",
    "counted": "12 of 40",
    "gap": {"says": "up to 500 USD/person/month", "sigma": 40},
}
CLAIMS: dict[str, Any] = {
    "heads": "people", "pay": "quoted", "most": "wage", "counted": "skim",
    "gap": {"about": "difference", "scale": "identity"},
}  # fmt: skip
#: A reading that is learned and one that is held.
PARTS: dict[str, Any] = {
    "relations": {
        "net": "wage * (1 - skim)",
        "quoted": {"by": "reading", "gross": "wage", "net": "net"},
        "difference": {"by": "gap_reading", "level": "wage - net", "rise": "nothing"},
        "revenue": {"unit": "MUSD/year", "is": "people * wage * skim"},
    },
    "readings": {
        "reading": {
            "question": "which?",
            "gross": {"weight": 2, "because": "-"},
            "net": {"weight": 1, "because": "-"},
        },
        "gap_reading": {
            "question": "which?",
            "update": False,
            "level": {"weight": 1, "because": "-"},
            "rise": {"weight": 1, "because": "-"},
        },
    },
    "targets": ["revenue"],
}


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A model that fits quickly."""
    folder = tmp_path_factory.mktemp("light")
    return build(folder, quantities=QUANTITIES, says=SAYS, claims=CLAIMS, **PARTS)


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The same with one reading, so that a simulation is one fit."""
    claims = {name: about for name, about in CLAIMS.items() if name != "gap"} | {"pay": "wage"}
    return build(
        tmp_path_factory.mktemp("single"),
        quantities=QUANTITIES,
        says={name: SAYS[name] for name in claims},
        claims=claims,
        relations={"revenue": {"unit": "MUSD/year", "is": "people * wage * skim"}},
        targets=["revenue"],
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The same with every kind of claim, and copies."""
    return build(
        tmp_path_factory.mktemp("everything"),
        quantities={
            **QUANTITIES,
            "before": {"unit": "person", "prior": "1,000 to 100,000"},
            "part": {"unit": "share", "prior": "Beta(alpha=2, beta=5)"},
            "effect": {"prior": "-20 to 40", "support": "real"},
        },
        says={
            **SAYS,
            "copy": {"says": "around 20,000 people", "origin": "o"},
            "same": {"says": "around 20,000 people", "origin": "o"},
            "other": {"says": "18,000 to 30,000 people", "origin": "o"},
            "grow": {"says": "rising", "basis": "hearsay"},
            "less": {"says": "lower than claimed", "disputes": "heads"},
            "said": "28 ± 15",
        },
        claims={
            **CLAIMS,
            "pay": {"about": "quoted", "tails": "student-t"},
            "counted": "part",
            "copy": "before", "same": "before", "other": "before",
            "grow": "people / before - 1", "less": "people", "said": "effect",
        },
        **PARTS,
    )  # fmt: skip


@pytest.fixture(scope="module")
def found(light: Model) -> Calibration:
    return calibrate(light, RIGHT)


def test_a_right_inference_passes(found: Calibration) -> None:
    document = found.document
    tested = [*document["quantities"].values(), *document["readings"].values()]
    assert min(one["p_adjusted"] for one in tested) > RARE, document
    assert document["calibrated"] == all(one["p_adjusted"] >= FALSE_ALARM for one in tested)
    assert document["simulations"] == RIGHT
    assert set(document["quantities"]) == {"people", "wage", "skim", "revenue", LIKELIHOOD}
    assert set(document["readings"]) == {"reading"}  # the other is held
    for name, entry in document["quantities"].items():
        share = entry["coverage"]["90%"]["share"]
        # Binomial with p = 0.9: beyond 4.5 sd once in a hundred thousand.
        assert abs(share - 0.9) < 4.5 * np.sqrt(0.09 / entry["simulations"]), name
    options = document["readings"]["reading"]["options"]
    assert sum(option["expected"] for option in options.values()) == pytest.approx(1)
    assert abs(options["net"]["z"]) < 4.5


# Next to the prior the claim is exact; so the errors are 2.9 or 0.34 of the fit's sd.  Of 60 normal
# ranks, p adjusted for six tests, either is caught in 400 of 400 cases.
@pytest.mark.parametrize("factor", mostly_thorough([0.33, 4.0], [4.0]))
def test_a_wrong_likelihood_is_caught(single: Model, factor: float) -> None:
    """The fit takes a claim to be three times as sharp, or four times as vague, as it was."""
    found = calibrate(single, WRONG, misfit={"heads": factor}).document
    assert not found["calibrated"]
    assert found["quantities"]["people"]["calibrated"] is False
    assert found["quantities"]["people"]["p_adjusted"] < FALSE_ALARM
    assert all(found["quantities"][other]["p_adjusted"] > RARE for other in ("wage", "skim"))
    too_narrow = found["quantities"]["people"]["coverage"]["50%"]["share"] < 0.5
    assert too_narrow == (factor < 1)


def test_simulations_do_not_depend_on_who_does_them_and_are_kept(
    light: Model, tmp_path: Path
) -> None:
    model = light
    alone = simulations(model, 6, workers=Workers(count=1))
    store = Store(tmp_path)
    assert simulations(model, 4, workers=Workers(count=3, store=store)) == alone[:4]
    told: list[int] = []
    kept = Workers(count=2, store=store)
    more = simulations(model, 6, workers=kept, progress=lambda done, total, what: told.append(done))
    assert more == alone
    assert told[0] == 4
    assert len(told) == 3


def test_claims_are_spoken_with_the_ledgers_widths(model: Model) -> None:
    """Many data about one truth: their moments are those of the sampling models."""
    engine = Engine(model, seed=1)
    choice = {"reading": "net", "gap_reading": "level"}
    active = engine.speaking(choice, engine.evidence_ids)
    point = engine.candidates[:1][None]
    values = {n: v.ravel() for n, v in engine.values(point, choice).items()}
    rng = np.random.default_rng(3)
    errors = rng.standard_normal((SPOKEN, 1))
    spoken = [speak(model, engine.observations, values, e, choice, active, rng) for e in errors]
    data = {name: np.array([s[name] for s in spoken if s is not None]) for name in spoken[0] or {}}
    assert set(data) == active
    terms = engine.observations.terms

    def agrees(name: str, mean: float, sd: float) -> None:
        n = len(data[name])
        # Four standard errors of a mean and of a normal's sd.
        assert data[name].mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(n))
        assert data[name].std() == pytest.approx(sd, abs=4 * sd / np.sqrt(2 * n))

    agrees("heads", np.log(values["people"][0]), terms["heads"].sigma)
    agrees("said", values["effect"][0], terms["said"].sigma)
    # Copies of one datum: each with its own full width, the identical ones the same.
    for name in ("copy", "other"):
        agrees(name, np.log(values["before"][0]), terms[name].sigma)
    np.testing.assert_array_equal(data["copy"], data["same"])
    smaller = min(terms["copy"].sigma, terms["other"].sigma)
    shared = (1 - model.conventions.copies**2) * smaller**2
    correlation = shared / (terms["copy"].sigma * terms["other"].sigma)
    found = np.corrcoef(data["copy"], data["other"])[0, 1]
    assert found == pytest.approx(correlation, abs=4 * (1 - correlation**2) / np.sqrt(SPOKEN))
    agrees("counted", 40 * values["part"][0],
           np.sqrt(40 * values["part"][0] * (1 - values["part"][0])))  # fmt: skip
    z = (terms["most"].limit - np.log(values["wage"][0])) / terms["most"].width
    yes = stats.norm.cdf(z)
    assert data["most"].mean() == pytest.approx(
        yes, abs=4 * np.sqrt(yes * (1 - yes) / SPOKEN) + 1e-9
    )
    t = (data["pay"] - np.log(values["net"][0])) / terms["pay"].sigma
    assert stats.kstest(t, stats.t(4).cdf).pvalue > 1e-5


def test_the_band_holds_what_it_says_and_p_is_uniform() -> None:
    rng = np.random.default_rng(5)
    curves = [ecdf(rng.uniform(size=150), 0.9) for _ in range(600)]
    inside = np.mean([np.all((c.low <= c.values) & (c.values <= c.high)) for c in curves])
    # Binomial error of 600 trials, four sd; the statistic is discrete, so the band may hold more.
    assert inside > 0.9 - 4 * np.sqrt(0.09 / 600)
    p = np.array([c.p for c in curves])
    for level in (0.05, 0.2, 0.5):
        assert np.mean(p <= level) < level + 4 * np.sqrt(level * (1 - level) / 600)
        assert np.mean(p <= level) > level / 2 - 4 * np.sqrt(level / 600)


@pytest.mark.parametrize("shape", [(1.6, 1.6), (0.6, 0.6), (1.4, 1.0)])
def test_p_is_small_where_numbers_are_not_uniform_and_falls_with_their_count(
    shape: tuple[float, float],
) -> None:
    rng = np.random.default_rng(6)
    numbers = rng.beta(*shape, size=(5, 600))
    found = [np.median([ecdf(one[:n], 0.95).p for one in numbers]) for n in (50, 200, 600)]
    assert found[2] < 1e-3
    assert found[0] >= found[1] >= found[2]


def test_holm_against_a_published_example() -> None:
    """0.01, 0.04, 0.03, 0.005: the adjusted ones are 0.03, 0.06, 0.06, 0.02 (as R's p.adjust)."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_the_document_is_honest_about_too_little(light: Model) -> None:
    few = simulations(light, 5)
    found = judge(light, 1, few)
    assert not found.calibrated
    assert all(entry.p is None for entry in found.quantities.values())
    json.dumps(found.document, allow_nan=False)


def test_the_answer_comes_back_from_its_document(found: Calibration) -> None:
    assert Calibration.read(json.loads(found.to_json())) == found


def test_the_figure_shows_every_test(found: Calibration) -> None:
    figure = calibration_figure(found)
    texts = " ".join(text.get_text() for text in figure.texts)
    assert ("is calibrated" in texts) == found.calibrated
    assert len(figure.axes) >= len(found.tests)


def test_the_figure_speaks_of_dots_only_where_it_has_some(found: Calibration) -> None:
    def speaks(spread: float) -> bool:
        bins = tuple(
            Bin(weight=0.5 + side * spread, n=20, share=0.5, low=0.3, high=0.7) for side in (-1, 1)
        )
        option = Reliability(expected=0.5, observed=0.5, z=0.0, bins=bins)
        reading = ReadingTest(
            simulations=40, p=None, p_adjusted=None, calibrated=True, coverage={}, ranks=(),
            options={"a": option, "b": option},
        )  # fmt: skip
        figure = calibration_figure(replace(found, readings={"r": reading}))
        return any("Dots" in text.get_text() for text in figure.texts)

    assert speaks(0.3)
    assert not speaks(0.0)


def test_a_model_without_evidence_is_bad_input(tmp_path: Path) -> None:
    forward = build(tmp_path / "forward", quantities={"x": "1 to 2"}, says={}, claims={})
    with pytest.raises(InputError, match="nothing to calibrate"):
        calibrate(forward, 3)


@pytest.mark.usefixtures("undrawn")
def test_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "coin"
    build(
        folder,
        quantities={"share": "Beta(alpha=1, beta=1)"},
        says={"heads": "7 of 20"},
        claims={"heads": "share"},
    )
    runner = CliRunner()
    arguments = ["calibrate", "coin", "-n", "40", "--root", str(tmp_path)]
    result = runner.invoke(app, arguments)
    again = runner.invoke(app, [*arguments, "--json"])
    document = json.loads(again.stdout)
    assert min(one["p_adjusted"] for one in document["quantities"].values()) > RARE
    right = document["calibrated"]
    assert result.exit_code == (0 if right else 1), result.output
    assert ("Calibrated: nothing is further off than chance allows." in result.stdout) == right
    assert ("✗" not in result.stdout) == right
    where = tmp_path / "results" / "coin"
    assert (where / "figures" / "calibration.svg").is_file()
    assert json.loads(again.stdout) == json.loads((where / "calibration.json").read_text())
    few = runner.invoke(app, ["calibrate", "coin", "-n", "5", "--root", str(tmp_path)])
    assert few.exit_code == 1
    assert "TOO FEW TO SAY" in few.stdout
    listed = runner.invoke(app, ["store", "--root", str(tmp_path)])
    assert "calibration" in listed.stdout
    assert "40" in listed.stdout
    pruned = runner.invoke(app, ["store", "--prune", "--root", str(tmp_path), "coin"])
    assert "Removed 40 entries" in pruned.stdout
    assert "empty" in runner.invoke(app, ["store", "--root", str(tmp_path)]).stdout
