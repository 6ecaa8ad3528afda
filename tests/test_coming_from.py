"""What arriving readers are shown is so: each page's numbers against an independent computation.

The programs on the other side are not here; what they print is from their own pages, which the
documents name. Ours are run, and what the pages print of them is held to closed forms, quadrature
and draws of NumPy's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

import estimates as est

from .test_docs import BLOCK, models_in
from .truth.quadrature import of_weights
from .truth.tolerance import STANDARD_ERRORS, Truth, agree, statistic

Array = NDArray[np.float64]
DOCS = Path(__file__).parent.parent / "docs"
Z90 = float(stats.norm.ppf(0.95))


def log_normal(low: float, high: float) -> tuple[float, float]:
    """The mean and standard deviation of the logarithm, by a 90 % interval."""
    return (math.log(low) + math.log(high)) / 2, (math.log(high) - math.log(low)) / 2 / Z90


def product(*factors: tuple[float, float]) -> tuple[float, float]:
    return sum(mean for mean, _ in factors), math.hypot(*(sd for _, sd in factors))


def updated(
    prior: tuple[float, float], heard: float, low: float, high: float
) -> tuple[float, float]:
    """A normal prior of a logarithm after a published figure."""
    (mean, sd), (_, error) = prior, log_normal(low, high)
    weight = 1 / sd**2 + 1 / error**2
    return (mean / sd**2 + math.log(heard) / error**2) / weight, weight**-0.5


def quantiles(log: tuple[float, float]) -> dict[str, float]:
    """The median and the 90 % interval of a log-normal quantity."""
    return {
        name: math.exp(log[0] + z * log[1])
        for name, z in (("q05", -Z90), ("median", 0.0), ("q95", Z90))
    }


TUNINGS = (log_normal(9e5, 1.2e6), log_normal(0.05, 0.2), log_normal(0.5, 2))
#: The inputs of the payroll, in people and in millions a year.
PAYROLL = (log_normal(1200, 1800), log_normal(2400 * 12 / 1e6, 3000 * 12 / 1e6))


def shifted(part: tuple[float, float]) -> tuple[float, float]:
    """A factor after something is heard of the product: normal regression on the logarithms."""
    before = product(*TUNINGS)
    after = updated(before, 60_000, 45_000, 80_000)
    slope = part[1] ** 2 / before[1] ** 2
    variance = part[1] ** 2 - slope * part[1] ** 2 + slope**2 * after[1] ** 2
    return part[0] + slope * (after[0] - before[0]), math.sqrt(variance)


def coffees() -> Truth:
    """Draws of the two conjugate posteriors, multiplied."""
    rng = np.random.default_rng(8)
    mean, sd = updated(log_normal(50, 2000), 300, 220, 410)
    draws = np.exp(rng.normal(mean, sd, 2_000_000)) * rng.beta(1 + 31, 1 + 19, 2_000_000)
    names = {"q05": 0.05, "median": 0.5, "q95": 0.95}
    return Truth({name: float(np.quantile(draws, at)) for name, at in names.items()})


#: By page and model: quantities, what is true of each, and a row of the page that prints ours.
PAGES = {
    ("squiggle", "tunings", "tunings"): Truth(quantiles(product(*TUNINGS))),
    ("squiggle", "tunings-heard", "tunings"): Truth(
        quantiles(updated(product(*TUNINGS), 60_000, 45_000, 80_000))
    ),
    ("squiggle", "tunings-heard", "with_piano"): Truth(quantiles(shifted(TUNINGS[1]))),
    ("squiggle", "tunings-heard", "tunings_each"): Truth(quantiles(shifted(TUNINGS[2]))),
    ("a-spreadsheet", "payroll", "payroll"): Truth(quantiles(product(*PAYROLL))),
    ("pymc", "coffees", "coffees"): coffees(),
}


@cache
def fitted(page: str, name: str, root: Path) -> xr.DataTree:
    for file, block in models_in(DOCS / "coming-from" / f"{page}.md").items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block, encoding="utf-8")
    return est.fit(est.load(name, root=root))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("coming-from")


def numbers(text: str) -> list[float]:
    return [float(one.replace(",", "")) for one in re.findall(r"\d[\d,]*\.?\d*", text)]


def rows(page: str) -> Iterator[list[str]]:
    """The cells of the tables of a page."""
    text = BLOCK.sub("", (DOCS / "coming-from" / f"{page}.md").read_text(encoding="utf-8"))
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def drawn(found: xr.DataTree, name: str) -> Array:
    values = found["posterior"][name].values
    return np.asarray(values.reshape(-1, *values.shape[-2:])[0], dtype=float)


@pytest.mark.parametrize(("page", "name", "quantity"), PAGES)
def test_what_a_page_prints_is_true(page: str, name: str, quantity: str, root: Path) -> None:
    truth = PAGES[page, name, quantity]
    draws = drawn(fitted(page, name, root), quantity)
    agree(f"{name}: {quantity}", draws, truth)
    printed = printed_of(page, name, quantity)
    assert len(printed) == 3, printed
    for at, statistic_of in enumerate(("median", "q05", "q95")):
        _, error = statistic(draws, statistic_of)
        true = truth.value[statistic_of]
        # A number is printed to as many digits as its Monte Carlo error allows.
        digit = 0.005 * true
        assert abs(printed[at] - true) < STANDARD_ERRORS * error + digit, (statistic_of, printed)


def printed_of(page: str, name: str, quantity: str) -> list[float]:
    """What a page prints of ours: median, low and high."""
    for cells in rows(page):
        if cells[0] == f"`estimates fit {name}`":
            found = numbers(" ".join(cells[1:]))
            # The spreadsheet's columns are low, middle, high.
            return found if page != "a-spreadsheet" else [found[1], found[0], found[2]]
        if name == "tunings-heard" and cells[0] == quantity:
            return numbers(cells[2])
    return []


def test_what_the_pages_compute_by_formula_is_so() -> None:
    def of(page: str, first: str, column: int = 1) -> list[float]:
        line = next(cells for cells in rows(page) if cells[0] == first)
        return numbers(" ".join(line[column:]))

    true = quantiles(product(*TUNINGS))
    three = [true["median"], true["q05"], true["q95"]]
    assert of("squiggle", "Squiggle, or by formula") == pytest.approx(three, rel=0.005)
    heard = PAGES["squiggle", "tunings-heard", "tunings"].value
    three = [heard["median"], heard["q05"], heard["q95"]]
    assert of("squiggle", "tunings", 3) == pytest.approx(three, rel=0.005)
    paid = PAGES["a-spreadsheet", "payroll", "payroll"].value
    three = [paid["q05"], paid["median"], paid["q95"]]
    assert of("a-spreadsheet", "by formula (log-normal)") == pytest.approx(three, rel=0.005)
    ends = [12 * staff * wage / 1e6 for staff, wage in ((1200, 2400), (1500, 2700), (1800, 3000))]
    assert of("a-spreadsheet", "the spreadsheet") == pytest.approx(ends, abs=0.05)
    exact = PAGES["pymc", "coffees", "coffees"].value
    three = [exact["median"], exact["q05"], exact["q95"]]
    assert of("pymc", "exact") == pytest.approx(three, rel=0.005)


def test_the_budget_lies_above_the_answer(root: Path) -> None:
    found = fitted("a-spreadsheet", "payroll", root)
    whole = est.compare(found).comparisons[0]
    below = float(stats.norm.cdf((math.log(60) - product(*PAYROLL)[0]) / product(*PAYROLL)[1]))
    assert below == pytest.approx(0.95, abs=0.005)  # as the page says
    assert whole.below == pytest.approx(below, abs=0.02)  # 5 errors of some thousand draws
    assert whole.verdict == "below"


# Meta-analysis


def table_of(page: str) -> str:
    text = (DOCS / "coming-from" / f"{page}.md").read_text(encoding="utf-8")
    return next(body for _, body in BLOCK.findall(text) if body.startswith("trial,"))


#: The vignette "Bayesian Meta-Analysis" of RoBMA 4.0.0 (Bartoš, 28 April 2026): mean and standard
#: deviation, quantiles at 0.025, 0.5 and 0.975; its priors are normal (0, 1) and half-normal (0.5).
ROBMA = {
    "mu": (-0.688, 0.186, -1.056, -0.682, -0.292),
    "tau": (0.563, 0.136, 0.334, 0.552, 0.858),
}


def exact() -> dict[str, tuple[Array, Array]]:
    """The posterior of the mean and of the scatter on a grid, by the counts themselves."""
    lines = table_of("metafor").splitlines()[1:]
    a, b, c, d = np.array([line.split(",")[-4:] for line in lines], dtype=float).T
    y = np.log(a / (a + b) / (c / (c + d)))
    error = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    mu, tau = np.linspace(-3, 2, 1001), np.linspace(1e-4, 3, 1000)
    log = stats.norm.logpdf(mu)[:, None] + stats.halfnorm.logpdf(tau, scale=0.5)[None, :]
    for one, sigma in zip(y, error, strict=True):
        log = log + stats.norm.logpdf(one, mu[:, None], np.hypot(sigma, tau)[None, :])
    weights = np.exp(log - log.max())
    return {"mu": (mu, weights.sum(axis=1)), "tau": (tau, weights.sum(axis=0))}


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    """The 13 trials of the page, by its own command."""
    folder = tmp_path_factory.mktemp("trials")
    (folder / "trials.csv").write_text(table_of("metafor"), encoding="utf-8")
    made = est.ingest(
        folder / "trials.csv", "bcg", root=folder, measure="RR", about="effect",
        prior="LogNormal(mu=0, sigma=1)", scatter="HalfNormal(sigma=0.5)",
    )  # fmt: skip
    return est.fit(est.load(made.folder))


def test_thirteen_trials_give_the_published_bayesian_answer(trials: xr.DataTree) -> None:
    draws = {
        "mu": np.log(drawn(trials, "effect")),
        "tau": drawn(trials, "claims.trial.scatter"),
    }
    for name, (grid, weights) in exact().items():
        agree(name, draws[name], of_weights(grid, weights))
        share = (np.cumsum(weights) - weights / 2) / weights.sum()
        true = [float(np.interp(at, share, grid)) for at in (0.025, 0.5, 0.975)]
        mean, sd, *printed = ROBMA[name]
        assert draws[name].mean() == pytest.approx(mean, abs=0.02)
        assert draws[name].std() == pytest.approx(sd, abs=0.02)
        # RoBMA samples too, and its tails have the larger error; the exact ones lie between.
        for one, at, truth in zip(printed, (0.025, 0.5, 0.975), true, strict=True):
            ours = float(np.quantile(draws[name], at))
            assert ours == pytest.approx(one, abs=0.06)
            assert ours == pytest.approx(truth, abs=0.03)


def test_the_page_of_metafor_prints_what_is_so(trials: xr.DataTree) -> None:
    lines = [cells for cells in rows("metafor") if cells[0] in ("by quadrature", "here")]
    for (quadrature, here), name, change in (
        (lines[:2], "mu", math.exp),
        (lines[2:], "tau", float),
    ):
        grid, weights = exact()[name]
        values = np.array([change(one) for one in grid])
        share = (np.cumsum(weights) - weights / 2) / weights.sum()
        ends = [change(float(np.interp(at, share, grid))) for at in (0.5, 0.025, 0.975)]
        true = [ends[0], float((values * weights).sum() / weights.sum()), *ends[1:]]
        assert numbers(" ".join(quadrature[1:])) == pytest.approx(true, abs=0.0006)
        # Five errors of our own draws, of which an end of the interval has the largest.
        assert numbers(" ".join(here[1:])) == pytest.approx(true, abs=0.03)
    assert est.forest(trials).lines[-1].kind in ("pooled", "next claim")
