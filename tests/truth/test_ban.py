"""The ban on new workers: the article's model against a hand-written recursion, weighted by NumPy.

Nothing here comes from the package: priors and claims are normal on log or log-odds scales, so what
they say together is known in closed form; the dispute and the two directions are weights on draws
of that; workers are followed cohort by cohort.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

import estimates as est

from .tolerance import chance, near, statistic

Array = NDArray[np.float64]
READINGS = list(itertools.product(("term", "rate"), ("gross", "net"), ("share", "payroll")))
DRAWS = 200_000
#: August 2017, then the ends of 2017 to 2020, in years since the ban; a month is its fifteenth.
YEARS = (0.0, 4 / 12, 16 / 12, 28 / 12, 40 / 12)
DATES = ("2017-08", "2017-12", "2018-12", "2019-12", "2020-12")
PLACE = {
    **{date: ("date", place) for place, date in enumerate(DATES)},
    **{"china": ("country", 0), "russia": ("country", 1), "no_ban": ("scenario", 1)},
}
Z90, Z70 = 1.6448536269514722, 1.0364333894937898


def _together(
    rng: np.random.Generator, low: float, high: float, said: float, width: float
) -> Array:
    """Draws of a normal prior with 90 % between two ends, and a normal error about what is said."""
    mean, precision = (low + high) / 2, (2 * Z90 / (high - low)) ** 2
    whole = precision + width**-2
    centre = (mean * precision + said / width**2) / whole
    return rng.normal(centre, whole**-0.5, DRAWS)


def _digit(step: float, said: float) -> float:
    """The width of rounding to a step, on the log scale."""
    return step / (2 * math.sqrt(3)) / said


def _people(rng: np.random.Generator) -> dict[str, Array]:
    ends = {"china": (1_400, 200_000), "russia": (4_200, 590_000)}
    widths = {
        "china": math.hypot(_digit(10_000, 20_000), 0.10, 0.35),
        "russia": math.hypot(_digit(100_000, 100_000), 0.10, 0.60),
    }
    said = {"china": 20_000, "russia": 100_000}
    found = {
        name: np.exp(_together(rng, *np.log(ends[name]), math.log(said[name]), widths[name]))
        for name in ends
    }
    stay = _together(rng, 0.0, math.log(6), math.log(3), math.hypot(_digit(1, 3), 0.35))
    sd = math.log(4) / 2 / Z90
    replaced = {f"replaced {name}": np.exp(rng.normal(0, sd, DRAWS)) for name in ends}
    return found | replaced | {"stay": np.exp(stay)}


def _stock(x: dict[str, Array], name: str, leaving: str, years: float, let_in: float) -> Array:
    """Workers after some years: those of August 2017 who are left, and newcomers who are."""
    now, stay = x[name], x["stay"]
    inflow = now / stay * x[f"replaced {name}"] * let_in
    if leaving == "term":
        return now * np.maximum(0, 1 - years / stay) + inflow * np.minimum(years, stay)
    left = np.exp(-years / stay)
    return now * left + inflow * stay * (1 - left)


def _both(x: dict[str, Array], leaving: str, years: float, let_in: float) -> Array:
    """Workers in both countries together."""
    return _stock(x, "china", leaving, years, let_in) + _stock(x, "russia", leaving, years, let_in)


def _paths(x: dict[str, Array], leaving: str) -> dict[tuple[str, float], Array]:
    """Workers in both countries together, by scenario and date."""
    scenarios = (("ban", 0.0), ("no_ban", 1.0))
    return {(name, at): _both(x, leaving, at, open_) for name, open_ in scenarios for at in YEARS}


def _right(probability: float, distance: Array) -> Array:
    """How likely one who is right so often would say so, where it is so in this degree."""
    return probability * ndtr(distance) + (1 - probability) * ndtr(-distance)


def _weights(x: dict[str, Array], paths: dict[tuple[str, float], Array], leaving: str) -> Array:
    first = YEARS[1]
    china = np.log(_stock(x, "china", leaving, first, 1.0) / x["china"]) / first
    both = np.log(paths["no_ban", first] / paths["no_ban", 0.0]) / first
    disputed = (math.log(20_000) - np.log(x["china"])) / math.hypot(0.10, 0.35)
    return _right(0.8, disputed) * _right(0.8, -china / 0.02) * _right(0.8, both / 0.02)


def _take(rng: np.random.Generator, wage: str, revenue: str) -> tuple[Array, Array]:
    """The state's take in millions of dollars per worker and year, and the weights of its draws."""
    width = (logit(0.8) - logit(0.7)) / 2 / Z70
    middle = float(logit(0.7) + logit(0.8)) / 2
    skim = expit(_together(rng, logit(0.24), logit(0.94), middle, width))
    said = math.log(120 * 150) / 2
    error = math.hypot(max(math.log(150 / 120) / 2 / Z70, 0.35 / 3), 0.10)
    low, high = math.log(68), math.log(1_113)
    kept = np.log(1 - skim) if wage == "net" else np.zeros(DRAWS)
    # Given the skim, the wage is normal about prior and claim, and the claim about the prior.
    mean, sd = (low + high) / 2, (high - low) / 2 / Z90
    whole = sd**-2 + error**-2
    log_wage = rng.normal((mean / sd**2 + (said - kept) / error**2) / whole, whole**-0.5)
    weights = np.exp(-((said - mean - kept) ** 2) / 2 / (sd**2 + error**2))
    share = skim if revenue == "share" else 1.0
    return np.exp(log_wage) * share * 12 / 1e6, weights


def _mean(values: Array, weights: Array) -> tuple[float, float]:
    """A weighted mean and its standard error."""
    w = weights / weights.sum()
    mean = float(w @ values)
    return mean, float(np.sqrt(w**2 @ (values - mean) ** 2))


@pytest.fixture(scope="module")
def fit() -> xr.DataTree:
    return est.fit(est.load("scmp-2017-ban"), sampling=est.Sampling(draws=750, tune=500, chains=2))


def test_readings_come_in_the_order_assumed(fit: xr.DataTree) -> None:
    model = est.load("scmp-2017-ban")
    every = itertools.product(*(model.readings[name].options for name in model.readings))
    assert list(every) == READINGS
    assert fit["readings"].sizes["reading"] == len(READINGS)


#: One of each way to leave and each wage, both meanings of revenue among them.
SOME = (0, 3, 5, 6)


@pytest.mark.parametrize("number", SOME, ids=["-".join(READINGS[one]) for one in SOME])
def test_the_article_by_hand(fit: xr.DataTree, number: int) -> None:
    leaving, wage, revenue = READINGS[number]
    rng = np.random.default_rng([20170808, number])
    x = _people(rng)
    paths = _paths(x, leaving)
    take, weights = _take(rng, wage, revenue)
    weights = weights * _weights(x, paths, leaving)
    names = ["stay", "replaced", "left", "total", "total_earned", "lost", "lost_in_all"]
    every = est.by_reading(fit, names)

    def drawn(name: str) -> Array:
        head, *labels = name.split(".")
        return np.asarray(every[head].isel(reading=number, **dict(PLACE[one] for one in labels)))

    def same(what: str, found: Array, true: Array) -> None:
        near(what, *statistic(found, "mean"), *_mean(true, weights))

    same("stay", np.log(drawn("stay")), np.log(x["stay"]))
    for name in ("china", "russia"):
        same(f"replaced {name}", np.log(drawn(f"replaced.{name}")), np.log(x[f"replaced {name}"]))
    left = {years: 100 * paths["ban", years] / paths["ban", 0.0] for years in YEARS}
    for date, years in zip(DATES[1:], YEARS[1:], strict=True):
        same(f"left {date}", drawn(f"left.{date}"), left[years])
        for name, of in (("total", 1.0), ("total_earned", take)):
            found = drawn(f"{name}.no_ban.{date}")
            same(f"{name} {date}", np.log(found), np.log(paths["no_ban", years] * of))
        lost = (paths["no_ban", years] - paths["ban", years]) * take
        same(f"lost {date}", np.log(drawn(f"lost.{date}")), np.log(lost))
    gone, error = chance(drawn("left.2020-12") == 0)
    near("nobody left", gone, error, *_mean(left[YEARS[-1]] == 0, weights))
    rates = [(paths["no_ban", years] - paths["ban", years]) * take for years in YEARS]
    whole = np.trapezoid(rates, YEARS, axis=0)
    same("lost in all", np.log(drawn("lost_in_all")), np.log(whole))


@pytest.mark.parametrize("leaving", ["term", "rate"])
def test_what_straight_lines_between_dates_miss(leaving: str) -> None:
    """Of the sum over the path, day by day, they miss a few parts in a hundred at the most."""
    x = {name: one[:4000] for name, one in _people(np.random.default_rng(1)).items()}
    days = np.linspace(0, YEARS[-1], 241)
    lost = {
        day: _both(x, leaving, day, 1.0) - _both(x, leaving, day, 0.0)
        for day in (*days.tolist(), *YEARS)
    }
    exact, rough = (
        np.trapezoid([lost[day] for day in along], along, axis=0)
        for along in (days.tolist(), YEARS)
    )
    low, middle, high = np.quantile(rough / exact, [0.05, 0.5, 0.95])
    assert abs(middle - 1) < 0.02
    assert low > 0.95
    assert high < 1.02
