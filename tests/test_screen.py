"""Bodies weighed out of the one fit: closed forms, and the refits that they stand for."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats
from tests.truth.building import build

from estimates import Model, conflict, fit
from estimates.analysis.conflict.case import Case
from estimates.analysis.conflict.result import WEIGHTED, Conflict
from estimates.analysis.conflict.screen import RELIABLE, deleted_log_p, weighed
from estimates.cli.app import app
from estimates.inference.sampling import Sampling

SHORT = Sampling(draws=500, tune=300)
#: Six measurements that go together, and one far off.
SAID = ((1.0, 1.0), (1.6, 0.8), (0.3, 1.2), (1.9, 1.0), (0.9, 0.9), (1.2, 1.1), (6.5, 1.0))
PRIOR = 100.0


def seven(folder: Path) -> Model:
    """Seven measurements of one quantity; under `doubled` the last two are of twice of it."""
    says = {f"m{i}": f"{y} ± {s}" for i, (y, s) in enumerate(SAID)}
    about = dict.fromkeys(says, "x") | {"m5": "said", "m6": "said"}
    return build(
        folder,
        quantities={"x": {"prior": f"Normal(mu=0, sigma={PRIOR})", "support": "real"}},
        relations={"said": {"by": "meant", "plain": "x", "doubled": "2 * x"}},
        readings={
            "meant": {
                "plain": {"weight": 1, "because": "a test"},
                "doubled": {"weight": 1, "because": "a test"},
            }
        },
        says=says,
        claims=about,
    )


def closed_form(out: int) -> tuple[float, float]:
    """The p of a measurement beside the rest, by the readings' weights; and that of `plain`."""
    p, log_evidence = [], []
    for factor in (1.0, 2.0):
        slope = np.array([1.0] * 5 + [factor] * 2)
        y, s = np.array(SAID).T
        rest = np.arange(len(y)) != out
        precision = PRIOR**-2 + np.sum((slope / s)[rest] ** 2)
        mean = np.sum((slope * y / s**2)[rest]) / precision
        sd = math.hypot(s[out], slope[out] / math.sqrt(precision))
        p.append(2 * stats.norm.sf(abs(y[out] - slope[out] * mean) / sd))
        cov = np.diag(s[rest] ** 2) + PRIOR**2 * np.outer(slope[rest], slope[rest])
        log_evidence.append(stats.multivariate_normal.logpdf(y[rest], cov=cov))
    weights = np.exp(log_evidence - np.logaddexp(*log_evidence))
    return float(np.dot(weights, p)), float(weights[0])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Conflict:
    return conflict(fit(seven(tmp_path_factory.mktemp("seven")), sampling=SHORT))


def test_what_is_weighed_out_is_as_refitted(found: Conflict) -> None:
    """Every p and every weight as in closed form, from one fit where nothing looks bad."""
    assert found.converged
    weighed_out = [row for row in found.splits if not row.refitted]
    assert len(weighed_out) >= 4  # those in the middle, whatever the seed
    for row in found.splits:
        p, plain = closed_form(int(row.body[1:]))
        assert row.k_hat is not None
        assert row.mcse_p is not None
        # Four Monte Carlo errors, and what a weight of half a per cent off does.
        assert row.p == pytest.approx(p, abs=4 * row.mcse_p + 0.01 * p, rel=0.12 * (p < 0.01))
        assert (row.method == WEIGHTED) == (not row.refitted)
        if row.refitted:
            assert row.k_hat > RELIABLE or row.p < 0.15
        under = [one for one in found.splits_by_reading if one.body == row.body]
        for one in under:
            assert one.weight_without == pytest.approx(
                plain if "plain" in one.under else 1 - plain, abs=0.03
            )


def test_what_stands_out_is_refitted(found: Conflict) -> None:
    far = next(row for row in found.splits if row.body == "m6")
    assert far.refitted
    assert far.p < 0.1


def test_all_can_be_refitted(tmp_path: Path, found: Conflict) -> None:
    all_of_them = conflict(fit(seven(tmp_path), sampling=SHORT), refit_all=True)
    assert all(row.refitted and row.k_hat is None for row in all_of_them.splits)
    exact = {row.body: row for row in all_of_them.splits}
    for row in found.splits:
        other = exact[row.body]
        assert row.mcse_p is not None
        assert other.mcse_p is not None
        assert row.p == pytest.approx(other.p, abs=4 * math.hypot(row.mcse_p, other.mcse_p) + 0.01)


def test_weights_give_mean_evidence_and_error() -> None:
    """A normal without one of its factors, of which all is known, from draws with it."""
    rng = np.random.default_rng(3)
    draws = rng.normal(size=(4, 2000))  # the posterior, with a datum at 0 of width 2
    log_density = stats.norm.logpdf(draws, 0, 2)
    found = weighed(-log_density)
    sd = (1 - 1 / 4) ** -0.5
    rest = draws.ravel()[found.rows]
    # 1/E[p⁻¹] is the evidence of the datum by the rest, N(0; 0, sd² + 2²).
    assert found.log_ratio == pytest.approx(
        -stats.norm.logpdf(0, 0, math.hypot(sd, 2)), abs=4 * found.se + 1e-9
    )
    assert found.se < 0.02
    assert found.k < RELIABLE
    assert rest.std() == pytest.approx(sd, abs=4 * sd / math.sqrt(2 * 4000))
    assert np.all(np.diff(found.rows.ravel()) >= 0)  # each beside its copies
    even = weighed(np.zeros((2, 50)))
    assert even.k == -math.inf
    assert even.log_ratio == pytest.approx(0)
    assert np.array_equal(even.rows.ravel(), np.arange(100))


@pytest.mark.usefixtures("undrawn")
def test_the_option(tmp_path: Path) -> None:
    seven(tmp_path / "models" / "seven")
    ask = ["conflict", "seven", "--root", str(tmp_path), "--json"]
    one = CliRunner().invoke(app, ask)
    all_of_them = CliRunner().invoke(app, [*ask, "--refit-all"])
    assert one.exit_code == all_of_them.exit_code == 0, one.output
    assert '"method": "weighted draws"' in one.output
    assert '"method": "weighted draws"' not in all_of_them.output
    full = CliRunner().invoke(app, ["conflict", "seven", "--root", str(tmp_path), "--full"])
    assert "left out by weighing the draws of the one fit" in " ".join(full.output.split())


def test_the_deletion_residual_of_normals_is_exact(tmp_path: Path) -> None:
    """A claim against the rest by the whole answer alone, of one reading that is normal."""
    says = {f"m{i}": f"{y} ± {s}" for i, (y, s) in enumerate(SAID)}
    model = build(
        tmp_path,
        quantities={"x": {"prior": f"Normal(mu=0, sigma={PRIOR})", "support": "real"}},
        says=says,
        claims=dict.fromkeys(says, "x"),
    )
    case = Case(fit(model, sampling=SHORT), None, None)
    y, s = np.array(SAID).T
    for out, body in enumerate(case.bodies):
        rest = np.arange(len(y)) != out
        precision = PRIOR**-2 + np.sum(s[rest] ** -2.0)
        mean = np.sum((y / s**2)[rest]) / precision
        z = abs(y[out] - mean) / math.hypot(s[out], precision**-0.5)
        found = -stats.norm.ppf(math.exp(deleted_log_p(case, body)) / 2)
        # Of 2,000 draws the mean errs by 1/45 of its sd, which is a third of the width at most.
        assert found == pytest.approx(z, abs=0.06 + 0.04 * z)
