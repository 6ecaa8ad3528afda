"""Claims that tie unknowns together, along ridges that bend, funnel or run straight.

Each posterior has a density in one dimension once the other unknown is integrated out, so its
quantiles are those of a fine sum.  What is asked of a fit: that its quantiles are within four of
its own errors, whatever the seed, or that it is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from tests.products import mostly_long

from estimates import Model, Sampling, fit
from estimates.inference.engine import Engine
from estimates.inference.question import Condition
from estimates.stats.convergence import mcse_quantile

from .building import build, drawn
from .quadrature import of_weights
from .tolerance import Truth, near

Array = NDArray[np.float64]
GRID = np.linspace(-14.0, 14.0, 400_001)
TO_TEN = stats.norm(np.log(10) / 2, np.log(10) / 2 / stats.norm.ppf(0.95))  # of log(1 to 10)


def normal(centre: float, sd: float) -> dict[str, str]:
    return {"prior": f"Normal(mu={centre}, sigma={sd})"}


#: The unknowns, what is claimed of what, the quantity looked at, and its density on the grid.
RIDGES: dict[str, tuple[dict[str, dict[str, str]], str, str, str, Callable[[Array], Array]]] = {
    "curved": (
        {"a": normal(1, 1), "b": normal(0, 10)},
        "b - a**2",
        "0 ± 0.05",
        "a",
        lambda a: stats.norm.pdf(a, 1, 1) * stats.norm.pdf(a**2, 0, np.hypot(10, 0.05)),
    ),
    "steep": (
        {"a": normal(1, 1), "b": normal(0, 10)},
        "b - exp(a)",
        "0 ± 0.05",
        "a",
        lambda a: stats.norm.pdf(a, 1, 1) * stats.norm.pdf(np.exp(a), 0, np.hypot(10, 0.05)),
    ),
    "funnel": (
        {"a": normal(0, 3), "b": normal(0, 1)},
        "b * exp(a / 2)",
        "0.5 ± 0.01",
        "a",
        lambda a: stats.norm.pdf(a, 0, 3) * stats.norm.pdf(0.5, 0, np.hypot(np.exp(a / 2), 0.01)),
    ),
    "product": (
        {"a": {"prior": "1 to 10"}, "b": {"prior": "1 to 10"}},
        "a * b",
        "10 ± 0.001",
        "log(a)",
        lambda u: TO_TEN.pdf(u) * TO_TEN.pdf(np.log(10) - u),
    ),
    "sum": (
        {f"x{i}": normal(10, 5) for i in range(10)},
        " + ".join(f"x{i}" for i in range(10)),
        "110 ± 0.001",
        "(x0 - 11) / 5",
        # Ten independent normals given their sum: variance 1 - 1/10.
        lambda u: stats.norm.pdf(u, 0, np.sqrt(0.9)),
    ),
}


def ridge(name: str, folder: Path) -> tuple[Model, Truth]:
    """A model, and what is true of its figure `seen`."""
    quantities, about, says, seen, density = RIDGES[name]
    model = build(
        folder,
        quantities=quantities,
        relations={"seen": seen},
        says={"tie": says},
        claims={"tie": about},
        targets=["seen"],
    )
    return model, of_weights(GRID, density(GRID))


@pytest.mark.parametrize("name", mostly_long(RIDGES, ["curved", "funnel"]))
def test_a_ridge_is_followed_to_its_ends(name: str, tmp_path: Path) -> None:
    model, true = ridge(name, tmp_path / name)
    found = fit(model, seed=5)
    assert found.attrs["converged"], found.attrs["failed"]
    draws = drawn(found, "seen")
    for statistic, probability in (("q05", 0.05), ("median", 0.5), ("q95", 0.95)):
        error = float(mcse_quantile(draws[None], probability)[0])
        assert error < 0.2 * true.value["sd"]
        near(
            f"{name}: {statistic}",
            float(np.quantile(draws, probability)),
            error,
            true.value[statistic],
        )


@pytest.mark.parametrize(
    ("unknowns", "about", "says", "feared"),
    [
        ({"a": normal(0, 100), "b": normal(0, 100)}, "a + 2 * b", "3 ± 0.5", False),
        (
            {"a": {"prior": "1 to 1e6"}, "b": {"prior": "1 to 1e6"}},
            "a * b",
            "1.99 to 2.01 @ 95%",
            False,
        ),
        ({"a": normal(0, 100), "b": normal(0, 100)}, "logistic(a + b)", "3000 of 9000", False),
        ({"a": normal(1, 10), "b": normal(0, 100)}, "b - a**2", "0 ± 0.05", True),
        ({"a": {"prior": "1 to 1e6"}, "b": {"prior": "1 to 1e6"}}, "a + b", "1,234 ± 1", True),
        ({"a": normal(0, 100), "b": normal(0, 100)}, "logistic(a * b)", "3000 of 9000", True),
    ],
)
def test_only_what_bends_has_to_be_confirmed(
    unknowns: dict[str, dict[str, str]], about: str, says: str, feared: bool, tmp_path: Path
) -> None:
    """A ridge that is straight to the sampler hides nothing, one that bends may."""
    model = build(
        tmp_path / "tied", quantities=unknowns, says={"tie": says}, claims={"tie": about},
        targets=["a"],
    )  # fmt: skip
    engine = Engine(model, seed=1)
    whole = Condition(model.combinations()[0].choice, engine.evidence_ids)
    assert engine.ridges.feared(whole) == feared


def test_a_trial_with_an_effect_of_its_own_is_straight_where_it_is_centred(tmp_path: Path) -> None:
    """m + e is a straight line of m and e, and none of m and of e's standard value times tau."""
    unknowns = {
        "m": normal(0, 100), "d": normal(0, 100), "tau": {"prior": "HalfNormal(sigma=5)"},
        "e": {"prior": "Normal(mu=d, sigma=tau)"},
    }  # fmt: skip
    model = build(
        tmp_path / "trial", quantities=unknowns, says={"arm": "30 of 90"},
        claims={"arm": "1 / (1 + exp(-m - e))"}, targets=["d"],
    )  # fmt: skip
    engine = Engine(model, seed=1)
    whole = Condition(model.combinations()[0].choice, engine.evidence_ids)
    assert engine.ridges.feared(whole)
    assert not engine.ridges.feared(whole, centred=True)


def test_what_cannot_be_followed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ridge that winds through three dimensions, a million times as long as wide."""
    monkeypatch.setattr("estimates.inference.engine._WORK", 1e6)  # a second, not a minute
    names = [f"x{i}" for i in range(3)]
    model = build(
        tmp_path / "winding",
        quantities=dict.fromkeys(names, "1 to 10"),
        says={"tie": "15 ± 0.00001"},
        claims={"tie": " + ".join(names)},
    )
    found = fit(model, seed=3, sampling=Sampling(draws=200, tune=300))
    if found.attrs["converged"]:
        draws = drawn(found, "x0")
        error = float(mcse_quantile(draws[None], 0.95)[0])
        near("q95", float(np.quantile(draws, 0.95)), error, *_of_three(15.0))
    else:
        assert "so sharply" in str(found.attrs["failed"])


def _of_three(total: float) -> tuple[float, float]:
    """The 95 % quantile of one of three log-normals given their sum, and no error."""
    grid = np.linspace(1e-3, total - 2e-3, 2001)
    spread = stats.lognorm(TO_TEN.std(), scale=np.exp(TO_TEN.mean()))
    x, y = np.meshgrid(grid, grid, indexing="ij")
    rest = total - x - y
    joint = spread.pdf(x) * spread.pdf(y) * np.where(rest > 0, spread.pdf(np.abs(rest)), 0)
    return of_weights(grid, joint.sum(axis=1)).value["q95"], 0.0
