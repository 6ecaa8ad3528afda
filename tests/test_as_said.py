"""What one speaker says, by the words alone: closed forms and quadrature, two claims each."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats
from scipy.special import owens_t
from tests.screens import full_text
from tests.truth.building import build

from estimates import Model, conflict, fit
from estimates.analysis.conflict.as_said import alone, speakers_of
from estimates.analysis.conflict.result import Conflict, SpeakerRow
from estimates.cli.app import app
from estimates.inference.sampling import Sampling

SHORT = Sampling(draws=500, tune=300)
#: Of x and y beforehand, on the log scale.
MEAN, SD = math.log(math.sqrt(2000)), math.log(2000) / (2 * 1.6448536)
GRID = np.linspace(MEAN - 8 * SD, MEAN + 8 * SD, 200_001)


def speakers(folder: Path) -> Model:
    """Two speakers of two figures each, one held out; one who says one thing; one of bounds."""
    said = {
        "a": ("Ann", "around 40 people"), "a-total": ("Ann", "70 people"),
        "b": ("Bob", "around 40 people"), "b-least": ("Bob", "at least 50 people"),
        "c": ("Cy", "400 people"),
    }  # fmt: skip
    says = {
        name: {"says": words, "speaker": who, "basis": "rumour"}
        for name, (who, words) in said.items()
    }
    quantity = {"unit": "person", "prior": "1 to 2,000"}
    return build(
        folder,
        quantities={"x": quantity, "y": quantity},
        says=says,
        claims={"a": "x", "b": "y", "b-least": "y", "c": "x"},
        compare={"a-total": "x"},
    )


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Conflict:
    model = speakers(tmp_path_factory.mktemp("said") / "said")
    return conflict(fit(model, sampling=SHORT), as_said=True)


def width(figure: float, step: float, hedge: float = 0.0) -> float:
    return math.hypot(hedge, step / (2 * math.sqrt(3) * figure))


A, SIGMA_A = math.log(40), width(40, 10, 0.1)
B, SIGMA_B = math.log(70), width(70, 10)
L, SHARP, MEANT = math.log(50), 0.03, 0.25


def two_sided(y: float, sigma: float, u: np.ndarray, weight: np.ndarray) -> float:
    """2·min(P(δ < 0), P(δ > 0)) of a reading and a rest of some density on a grid."""
    below = float(stats.norm.cdf((y - u) / sigma) @ weight / weight.sum())
    return 2 * min(below, 1 - below)


def row_of(found: Conflict, who: str, hearing: str) -> SpeakerRow:
    return next(row for row in found.speakers if (row.speaker, row.hearing) == (who, hearing))


def test_two_figures_in_closed_form(found: Conflict) -> None:
    """No basis: 40 and 70 differ by four widths of their words, though both are rumours."""
    row = row_of(found, "Ann", "")
    ps = [2 * stats.norm.sf(abs(B - A) / math.hypot(SIGMA_A, SIGMA_B))]
    for y, s, other, w in ((A, SIGMA_A, B, SIGMA_B), (B, SIGMA_B, A, SIGMA_A)):
        precision = SD**-2 + w**-2
        mean = (MEAN / SD**2 + other / w**2) / precision
        ps.append(2 * stats.norm.sf(abs(y - mean) / math.hypot(s, precision**-0.5)))
    assert row.p == pytest.approx(max(ps), rel=0.2)  # one comparison, of which the largest counts
    assert not row.can_be_meant
    assert row.claims == "a, a-total"
    assert row.claim in ("a", "a-total")


def test_a_bound_as_logic_has_it_by_quadrature(found: Conflict) -> None:
    """Above the bound everything is as likely as beforehand; below it next to nothing."""
    prior = stats.norm.pdf(GRID, MEAN, SD)
    said = stats.norm.cdf((GRID - L) / SHARP)
    of_figure = two_sided(A, SIGMA_A, GRID, prior * said)
    figure = prior * stats.norm.pdf(GRID, A, SIGMA_A)
    of_bound = float(said @ figure / figure.sum())
    p = min(1.0, 2 * min(of_figure, of_bound))  # Holm, of two
    assert row_of(found, "Bob", "as logic has it").p == pytest.approx(p, rel=0.12, abs=0.01)


def test_a_bound_as_people_mean_it_by_quadrature(found: Conflict) -> None:
    """The truth is skew-normal above the bound (Azzalini 1985)."""
    prior = stats.norm.pdf(GRID, MEAN, SD)
    omega = math.hypot(MEANT, SHARP)
    meant = stats.skewnorm.pdf(GRID, MEANT / SHARP, L, omega)
    of_figure = two_sided(A, SIGMA_A, GRID, prior * meant)
    figure = prior * stats.norm.pdf(GRID, A, SIGMA_A)
    at = (GRID - L) / omega
    below = stats.norm.cdf(at) - 2 * owens_t(at, MEANT / SHARP)  # of a skew-normal, to each value
    above = float(below @ figure / figure.sum())
    of_bound = 2 * min(above, 1 - above)
    p = min(1.0, 2 * min(of_figure, of_bound))
    assert row_of(found, "Bob", "as people mean it").p == pytest.approx(p, rel=0.12, abs=0.01)


def test_what_is_said(found: Conflict) -> None:
    assert [row.speaker for row in found.speakers] == ["Ann", "Bob", "Bob"]  # Cy says one thing
    assert "What Ann says cannot all be meant" in found.sentence
    assert "By words alone" in full_text(found)
    assert Conflict.read(found.document).document == found.document


def test_every_scale_has_bounds_as_people_mean_them(tmp_path: Path) -> None:
    """On log, logit and identity, above and below, the model of a speaker stands."""
    model = build(
        tmp_path / "scales",
        quantities={
            "n": {"unit": "person", "prior": "10 to 900"},
            "s": {"unit": "share", "prior": "5 to 95 %"},
            "d": {"unit": "m", "prior": "Normal(mu=0, sigma=10)", "support": "real"},
        },
        says={
            name: {"says": words, "speaker": "Dee"}
            for name, words in {
                "n-up": "up to 300 people", "s-least": "at least 20 %",
                "d-least": "at least 300 cm", "d-most": "at most 8 m",
            }.items()
        },
        claims={"n-up": "n", "s-least": "s", "d-least": "d", "d-most": "d"},
    )  # fmt: skip
    (speaker,) = speakers_of(model)
    made = alone(model, speaker, meant=True)
    about = {use.id: (str(use.about), use.scale) for use in made.uses}
    assert about["n-up"] == ("n * exp(beyond_0)", "log")
    assert about["s-least"] == ("logistic(logit(s) + -beyond_1)", "logit")
    assert about["d-least"][1] == "identity"
    assert made.quantities["limit_2"].prior == made.quantities["limit_2"].prior
    sigma = {use.id: use.sigma for use in made.uses}
    assert sigma["d-least"] == pytest.approx(9)  # .03 of 300 cm
    assert sigma["s-least"] == pytest.approx(0.03)


@pytest.mark.usefixtures("undrawn")
def test_the_command(tmp_path: Path) -> None:
    speakers(tmp_path / "models" / "said")
    ask = ["conflict", "said", "--root", str(tmp_path), "--as-said"]
    one = CliRunner().invoke(app, ask)
    assert one.exit_code == 0, one.output
    assert "What Ann says cannot all be meant" in one.output
    both = CliRunner().invoke(app, [*ask, "--body", "a,b"])
    assert both.exit_code == 2
    assert "two questions" in both.output
