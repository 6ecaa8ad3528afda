"""An ambiguous phrase weighed by a figure that is held out, in closed form and by quadrature."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats
from tests.truth.building import build

import estimates as est
from estimates.analysis.compare.result import Comparison, PhraseRow
from estimates.inference.sampling import Sampling
from estimates.report.text.compare import of_comparison
from estimates.report.text.screen import Frame, full

LONG = Sampling(draws=2000, tune=300)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """A figure, a bound and a count held out, of which some depend on how a phrase is read."""
    one = {"because": "-"}
    model = build(
        tmp_path_factory.mktemp("weighing") / "weighing",
        quantities={
            "x": {"prior": "Normal(mu=0, sigma=3)", "support": "real"},
            "s": {"unit": "share", "prior": "20 to 60 %"},
        },
        relations={
            "said": {"by": "meant", "plain": "x", "doubled": "2 * x"},
            "part": {"by": "meant", "plain": "s", "doubled": "s / 2"},
            "some": {"by": "held", "told": "x", "untold": "nothing"},
        },
        readings={
            "meant": {"plain": one | {"weight": 3}, "doubled": one | {"weight": 1}},
            "held": {
                "update": False,
                "told": {"weight": 1, "because": "-"},
                "untold": {"weight": 1, "because": "-"},
            },
        },
        says={
            "a": "1.5 ± 0.5", "figure": "3.6 ± 0.8", "least": "at least 2",
            "count": "3 of 20", "plain": "2 ± 1", "silent": "1 ± 1",
        },
        claims={"a": "x"},
        compare={
            "figure": "said", "least": {"about": "said", "scale": "identity"}, "count": "part",
            "plain": "x", "silent": "some",
        },
        targets=["x"],
    )  # fmt: skip
    tree = est.fit(model, sampling=LONG)
    compared = est.compare(tree)
    text = "\n".join(line.plain for line in full(of_comparison(compared, model, True), Frame("t")))
    assert "How well each reading of a phrase foretells figure" in text
    return compared


MEAN, SD = 6.0 / (1 / 9 + 4), (1 / 9 + 4) ** -0.5  # of x, given `a`


def row_of(found: Comparison, claim: str, option: str) -> PhraseRow:
    return next(row for row in found.phrases if (row.claim, row.option) == (claim, option))


@pytest.mark.parametrize(("option", "factor"), [("plain", 1), ("doubled", 2)])
def test_each_option_foretells(found: Comparison, option: str, factor: int) -> None:
    """A normal in closed form, a bound and a count by quadrature; within four errors."""
    figure = row_of(found, "figure", option)
    expected = stats.norm.pdf(3.6, factor * MEAN, math.hypot(0.8, factor * SD))
    assert figure.density == pytest.approx(expected, abs=4 * (figure.mcse_density or 0))
    assert (figure.kind, figure.stated) == ("density", 0.75 if option == "plain" else 0.25)
    assert figure.weight == pytest.approx(figure.stated, abs=0.02)  # nothing heard tells them apart

    x = np.linspace(MEAN - 9 * SD, MEAN + 9 * SD, 20_001)
    width = 2 * math.hypot(0.03, 0.35)
    said = stats.norm.cdf((factor * x - 2) / width) * stats.norm.pdf(x, MEAN, SD)
    bound = row_of(found, "least", option)
    assert bound.kind == "probability"
    assert bound.density == pytest.approx(np.trapezoid(said, x), abs=4 * (bound.mcse_density or 0))

    low, high = (math.log(p / (1 - p)) for p in (0.2, 0.6))
    m, sd = (low + high) / 2, (high - low) / 2 / 1.6448536
    share = lambda u: 1 / (1 + math.exp(-u)) / factor  # noqa: E731
    count = row_of(found, "count", option)
    expected, _ = integrate.quad(
        lambda u: stats.binom.pmf(3, 20, share(u)) * stats.norm.pdf(u, m, sd),
        m - 9 * sd,
        m + 9 * sd,
    )
    assert count.density == pytest.approx(expected, abs=4 * (count.mcse_density or 0))


def test_what_is_not_weighed(found: Comparison) -> None:
    """A figure that no phrase concerns has no row; an option that says nothing has no density."""
    assert not found.weighing("plain")
    assert row_of(found, "silent", "untold").density is None
    told = row_of(found, "silent", "told")
    assert told.density is not None
    assert told.if_heard is None  # of one option alone there is nothing to weigh


def test_it_would_move_and_did_not(found: Comparison) -> None:
    plain, doubled = (row_of(found, "figure", one) for one in ("plain", "doubled"))
    assert plain.if_heard is not None
    assert doubled.if_heard is not None
    assert plain.if_heard + doubled.if_heard == pytest.approx(1)
    odds = plain.weight * (plain.density or 0) / (doubled.weight * (doubled.density or 1))
    assert plain.if_heard / doubled.if_heard == pytest.approx(odds)
    assert "The figure fits best if “doubled” is what was meant" in found.sentence
    assert "It is none." in found.sentence
    assert set(found.tables["phrases"]["axis"]) == {"meant", "held"}
    assert Comparison.read(found.document).document == found.document
