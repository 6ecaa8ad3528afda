"""Several claims as one body against the rest, in closed form on normal models."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from scipy import stats
from tests.screens import full_text
from tests.truth.building import build

from estimates import InputError, Model, conflict, fit
from estimates.analysis.conflict.result import Conflict, SetRow
from estimates.cli.app import app
from estimates.inference.sampling import Sampling

SHORT = Sampling(draws=500, tune=300)
#: What claims are about (coefficients of x and y), what they say, and how wide.
SAID = {
    "x1": ((1, 0), 1.0, 1.0), "x2": ((1, 0), 2.5, 0.7), "y1": ((0, 1), 4.0, 1.0),
    "x3": ((1, 0), -0.5, 0.8), "sum": ((1, 1), 1.5, 1.2), "y2": ((0, 1), 1.0, 2.0),
}  # fmt: skip
PRIOR = 5.0


def two(folder: Path) -> Model:
    """Claims about two unknowns and their sum, one of them a bound."""
    prior = {"prior": f"Normal(mu=0, sigma={PRIOR})", "support": "real"}
    about = {(1, 0): "x", (0, 1): "y", (1, 1): "x + y"}
    says = {name: f"{y} ± {s}" for name, (_, y, s) in SAID.items()}
    return build(
        folder,
        quantities={"x": prior, "y": prior},
        says=says | {"bound": "at least -6", "far": "at least -3", "held": "9 ± 1"},
        claims={name: about[a] for name, (a, _, _) in SAID.items()}
        | {
            "bound": {"about": "x", "scale": "identity"},
            "far": {"about": "y", "scale": "identity"},
        },
        compare={"held": "x"},
    )


def normal(names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of x and y by the prior and by measurements."""
    a = np.array([SAID[name][0] for name in names], dtype=float).reshape(-1, 2)
    y, w = (np.array([SAID[name][i] for name in names]) for i in (1, 2))
    cov = np.linalg.inv(np.eye(2) / PRIOR**2 + a.T @ np.diag(w**-2.0) @ a)
    return cov @ a.T @ (y / w**2), cov


def chi2(names: list[str]) -> float:
    """P(χ² > δᵀV⁻¹δ), δ the least squares of the set less the posterior of the rest.

    Without the two bounds, which are so wide and far that they say next to nothing here.
    """
    mean, cov = normal([name for name in SAID if name not in names])
    things = sorted({SAID[name][0] for name in names})
    own = []
    for thing in things:
        y, w = np.array([SAID[name][1:] for name in names if SAID[name][0] == thing]).T
        own.append(((y / w**2).sum() / (w**-2.0).sum(), 1 / (w**-2.0).sum()))
    b = np.array(things, dtype=float)
    delta = np.array([m for m, _ in own]) - b @ mean
    v = np.diag([s for _, s in own]) + b @ cov @ b.T
    return float(stats.chi2.sf(delta @ np.linalg.solve(v, delta), len(things)))


SETS = [["x1", "x2"], ["x2", "y1"], ["y1"], ["x1", "y1", "y2"], ["x2", "sum"]]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Conflict:
    model = two(tmp_path_factory.mktemp("together") / "two")
    return conflict(fit(model, sampling=SHORT), together=[*SETS, ["bound", "far"], ["x1", "far"]])


def row_of(found: Conflict, names: list[str]) -> SetRow:
    return next(row for row in found.sets if row.body == ", ".join(names))


@pytest.mark.parametrize("names", SETS, ids="+".join)
def test_sets_in_closed_form(found: Conflict, names: list[str]) -> None:
    """p within four Monte Carlo errors, and what the rest's own drawn covariance errs by."""
    row, p = row_of(found, names), chi2(names)
    # Where too few draws lie so far out, it is the tail of χ² itself.
    error = 4 * row.mcse_p + 0.01 if row.mcse_p is not None else 0.0
    assert row.p == pytest.approx(p, abs=error, rel=0.25 if row.mcse_p is None else 0.08)
    assert (row.method == "normal tail") == (row.mcse_p is None)
    assert row.things == len({SAID[name][0] for name in names})


def test_statements_alone_and_beside_figures(found: Conflict) -> None:
    """Of statements p is that they would all be said; beside a figure they are not compared."""
    alone = row_of(found, ["bound", "far"])
    assert alone.things == 0
    x, y = np.random.default_rng(0).multivariate_normal(*normal(list(SAID)), 400_000).T
    wide = math.hypot(0.03, 0.35)  # of the figure, on the identity scale
    said = stats.norm.cdf((x + 6) / (6 * wide)) * stats.norm.cdf((y + 3) / (3 * wide))
    assert alone.p == pytest.approx(said.mean(), abs=0.02)
    beside = row_of(found, ["x1", "far"])
    assert (beside.things, beside.aside) == (1, "far")


def test_what_is_said_of_sets(found: Conflict) -> None:
    Draft202012Validator(Conflict.schema()).validate(json.loads(found.to_json()))
    assert Conflict.read(found.document).document == found.document
    assert "Several claims taken together" in full_text(found)
    assert "Together ‘x2’ and ‘y1’" in found.sentence
    things = [one for one in found.things if one.body == "x1, x2"]
    middle = (1.0 + 2.5 / 0.49) / (1 + 1 / 0.49)
    assert [one.body_median for one in things] == [pytest.approx(middle, abs=1e-3)]
    assert things[0].body_q95 == pytest.approx(middle + 1.645 / math.sqrt(1 + 1 / 0.49), abs=2e-3)


@pytest.mark.usefixtures("undrawn")
def test_the_command(tmp_path: Path) -> None:
    two(tmp_path / "models" / "two")
    ask = ["conflict", "two", "--root", str(tmp_path), "--body"]
    one = CliRunner().invoke(app, [*ask, "x1, y1"])
    assert one.exit_code == 0, one.output
    assert "Together ‘x1’ and ‘y1’" in one.output
    assert len(one.stdout.splitlines()) <= 25
    for name, said in (
        ("x1,yy1", "no claim 'yy1' in the evidence; did you mean 'y1'?"),
        ("held", "'held' is held out"),
    ):
        refused = CliRunner().invoke(app, [*ask, name])
        assert refused.exit_code == 2
        assert said in refused.output


def test_a_name_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no claim 'z'"):
        conflict(fit(two(tmp_path / "two"), sampling=SHORT), together=[["z"]])
