"""Kinds of sources: random-effects meta-analyses with printed answers, and what each kind sees."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import minimize_scalar
from scipy.special import gammaln, log_ndtr, logit, logsumexp

from estimates import Model, Sampling, calibrate, fit, summary
from estimates.inference.engine import Engine

from .building import build, drawn, save
from .kinds_model import everything
from .quadrature import INVERSES, LINKS, interval, of_weights, posterior
from .tolerance import Truth, agree, near, statistic
from .widths import bound, count, point, spread

Array = NDArray[np.float64]
SHORT = Sampling(draws=500, tune=300)

#: Positive and negative among the vaccinated and among the others, in 13 trials of the BCG vaccine
#: (Colditz et al. 1994, JAMA 271:698; `dat.bcg` of R's metadat).
BCG = (
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
    (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
    (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)  # fmt: skip
#: Days in hospital after a stroke, by specialist care less by routine care, in nine studies, and
#: the variances (Normand 1999, Stat Med 18:321, Table VIII; `dat.normand1999` of R's metadat).
STAYS = (
    (-20, 40.59), (-2, 2.05), (-55, 15.28), (-71, 150.22), (-4, 20.19), (1, 1.22), (11, 95.38),
    (-10, 8.03), (7, 20.69),
)  # fmt: skip
#: Coaching in eight schools (Rubin 1981; `Rubin1981` of R's bayesmeta).
SCHOOLS = (
    (28.39, 14.9), (7.94, 10.2), (-2.75, 16.3), (6.82, 11.0), (-0.64, 9.4), (0.63, 11.4),
    (18.01, 10.4), (12.16, 17.6),
)  # fmt: skip


def ratios() -> tuple[Array, Array]:
    """The logarithms of the relative risks in the trials, and their standard errors."""
    a, b, c, d = np.array(BCG, dtype=float).T
    return np.log(a / (a + b) / (c / (c + d))), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


def odds_ratios() -> tuple[Array, Array]:
    """The same of the odds ratios."""
    a, b, c, d = np.array(BCG, dtype=float).T
    return np.log(a * d / (b * c)), np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)


def stays() -> tuple[Array, Array]:
    """The differences of the stays in days, and their standard errors."""
    days, variance = np.array(STAYS, dtype=float).T
    return days, np.sqrt(variance)


def meta(folder: Path, y: Array, error: Array, scatter: str, quantity: Mapping[str, Any]) -> Model:
    """A random-effects meta-analysis of figures that are published with their errors."""
    says = {
        f"trial-{i}": {"says": f"{one!r} ± {sigma!r}"}
        for i, (one, sigma) in enumerate(zip(y.tolist(), error.tolist(), strict=True))
    }
    return build(
        folder,
        quantities={"effect": dict(quantity)},
        says=says,
        claims=dict.fromkeys(says, "effect"),
        kinds={"trial": {"expert": {"scatter": scatter}}},
        format=2,
    )


def flat(size: float) -> dict[str, str]:
    return {"prior": f"Normal(mu=0, sigma={100 * size})"}


@pytest.mark.parametrize(
    ("table", "tau2", "mean", "se", "restricted"),
    [
        # metafor's documentation of `rma`: REML.  Under a flat prior of the mean, the density of
        # the scatter is the restricted likelihood, whose mode this is, and the mean given that
        # scatter is normal with the generalised least squares estimate and its standard error.
        (ratios, 0.3132, -0.7145, 0.1798, True),
        # Van Houwelingen, Arends & Stijnen 2002, Stat Med 21:589, their model by maximum
        # likelihood: the mean given their scatter.
        (odds_ratios, 0.3025, -0.7420, 0.1780, False),
        # Normand 1999, Table IX, by REML; the error is that of its interval, -32.67 to 2.43.
        (stays, 685.20, -15.12, 8.954, True),
    ],
)
def test_trials_as_they_are_printed(
    tmp_path: Path, table: Any, tau2: float, mean: float, se: float, restricted: bool
) -> None:
    y, error = table()
    size = math.sqrt(tau2 / 0.3)  # of effects, by which all that follows is scaled
    known = fit(meta(tmp_path / "known", y, error, repr(math.sqrt(tau2)), flat(size)))
    printed = 5e-5 if tau2 < 1 else 5e-3  # half of the last digit
    truth_known = Truth({"mean": mean, "sd": se}, {"mean": printed, "sd": printed})
    agree("effect", drawn(known, "effect"), truth_known)
    if not restricted:
        return
    uniform = f"Uniform(lower=0, upper={5 * size})"
    engine = Engine(meta(tmp_path / "free", y, error, uniform, flat(size)), seed=1)
    evidence = minimize_scalar(
        lambda tau: -_log_restricted(y, error, tau),
        bounds=(0.1 * size, 2 * size),
        method="bounded",
        options={"xatol": 1e-7 * size},
    )
    # Half of the last digit, and what the rounding of the printed variances does to the mode.
    assert evidence.x**2 == pytest.approx(tau2, abs=max(5e-5, 1.7e-5 * tau2))
    # The density that is sampled, at the best mean for each scatter, has its mode there too.
    for tau in (0.3 * size, math.sqrt(tau2), size):
        found = _marginal(engine, tau, size) - _marginal(engine, 0.6 * size, size)
        truth = _log_restricted(y, error, tau) - _log_restricted(y, error, 0.6 * size)
        assert found == pytest.approx(truth, abs=1e-3)


def _log_restricted(y: Array, error: Array, tau: float) -> float:
    """The log likelihood of the scatter with the mean integrated out."""
    variance = error**2 + tau**2
    best = np.sum(y / variance) / np.sum(1 / variance)
    fitted = stats.norm.logpdf(y, best, np.sqrt(variance)).sum()
    return float(fitted - 0.5 * math.log(np.sum(1 / variance)))


def _marginal(engine: Engine, tau: float, size: float) -> float:
    """The log likelihood of the model at a scatter, the mean integrated out on a grid."""
    from estimates.inference.log_likelihood import log_likelihood

    grid = size * np.linspace(-4, 3, 4001)
    values = {"effect": grid, "trial.expert.scatter": np.full(len(grid), tau)}
    found = log_likelihood(engine.model, engine.observations, values, {}, engine.evidence_ids)
    joint = np.sum(list(found.values()), axis=0)
    return float(np.log(np.exp(joint - joint.max()).sum()) + joint.max())


def test_eight_schools_as_they_are_printed(tmp_path: Path) -> None:
    """By the vignette of bayesmeta (Röver 2020, J Stat Softw 93:6), whose posteriors are exact."""
    quantity = {"unit": "point", "prior": "Normal(mu=0, sigma=50)"}
    says = {f"school-{i}": f"{a} ± {b} points" for i, (a, b) in enumerate(SCHOOLS)}
    model = build(
        tmp_path / "schools",
        quantities={"effect": quantity},
        says=says,
        claims=dict.fromkeys(says, "effect"),
        kinds={"school": {"unit": "point", "expert": {"scatter": "HalfCauchy(beta=25)"}}},
        format=2,
    )
    found = fit(model, seed=4)
    printed = {"mean": 7.985729, "median": 7.962961, "sd": 4.995762}
    agree("effect", drawn(found, "effect"), Truth(printed))
    scatter = {"mean": 5.884511, "median": 4.758539, "sd": 4.869904}
    # bayesmeta integrates numerically; its documented accuracy is one per cent.
    exact = Truth(scatter, dict.fromkeys(scatter, 0.01))
    agree("scatter", drawn(found, "school.expert.scatter"), exact)


SKIM = {
    "low": "30 %", "middle": "45 to 55 %", "high": "around 70 %", "bound": "at least 60 %",
    "count": "14 of 20", "other": "35 %", "known": "55 to 75 %",
}  # fmt: skip
ABOUT = {"middle": "same", "known": "part"}


def own_options(folder: Path, **reading: Any) -> Model:
    """Claims that each mean one of three things, of which one unknown is made."""
    says: dict[str, Any] = dict(SKIM)
    says |= {name: {"says": says[name], "origin": "copied"} for name in ("low", "other")}
    return build(
        folder,
        quantities={"part": {"unit": "share", "prior": "20 to 90 %"}},
        relations={
            "meant": {"by": "how", "whole": "part", "half": "part / 2", "rest": "1 - part"},
            "same": "meant * 1",
        },
        readings={"how": {"each": "claim", "whole": 1, "half": 3, "rest": 2} | reading},
        says=says,
        claims={name: ABOUT.get(name, "meant") for name in says},
        targets=["part"],
        format=2,
    )


@pytest.mark.parametrize("update", [True, False])
def test_a_reading_per_claim_is_the_sum_over_all_ways_to_read_them(
    tmp_path: Path, update: bool
) -> None:
    """By enumeration of kⁿ readings of the n data, each by quadrature.

    Under a Dirichlet the probability of an assignment with counts c is Γ(A)/Γ(A + n) · Π
    Γ(α_k + c_k)/Γ(α_k); held weights make it Π w_k^c_k.
    """
    model = own_options(tmp_path / "own", update=update)
    found = fit(model, seed=11, sampling=SHORT)
    u = np.linspace(-6, 6, 6001)
    part = 1 / (1 + np.exp(-u))
    low, high = np.log([0.2 / 0.8, 0.9 / 0.1])
    prior = stats.norm.logpdf(u, (low + high) / 2, (high - low) / 2 / stats.norm.ppf(0.95))
    prior += spread(0.55, 0.75, "logit")(part)
    means = {"whole": part, "half": part / 2, "rest": 1 - part}
    single = {
        "middle": spread(0.45, 0.55, "logit"),
        "high": point(0.7, 0.1, "logit", hedged=True),
        "bound": bound(0.6, "logit", upper=False),
        "count": count(14, 20),
    }
    data = [[likelihood(means[option]) for option in means] for likelihood in single.values()]
    copies = (point(0.3, 0.1, "logit"), point(0.35, 0.01, "logit"))
    data.append([_together(copies, means[option]) for option in means])
    weights = np.array([1, 3, 2]) / 6
    alpha = 3 * weights
    joint, total = np.zeros(len(u)), 0.0
    options = np.zeros((len(data), 3))
    for assignment in product(range(3), repeat=len(data)):
        counts = np.bincount(assignment, minlength=3)
        if update:
            log = gammaln(3) - gammaln(3 + len(data))
            log += float(np.sum(gammaln(alpha + counts) - gammaln(alpha)))
        else:
            log = float(counts @ np.log(weights))
        log_joint = prior + log + sum(data[i][k] for i, k in enumerate(assignment))
        here = np.exp(log_joint)
        joint += here
        options[range(len(data)), assignment] += here.sum()
        total += here.sum()
    agree("part", logit(drawn(found, "part")), of_weights(u, joint))
    row = summary(found).readings[0]
    near("evidence", row.log_evidence, row.log_evidence_se, float(np.log(total * (u[1] - u[0]))))
    told = {one.claim: list(one.options.values()) for one in summary(found).claims or ()}
    assert set(told) == {*single, "low", "other"}
    for name, truth in zip((*single, "low"), (options / total).tolist(), strict=True):
        # A mean of shares within 0 and 1, over at least 400 effective draws.
        assert told[name] == pytest.approx(truth, abs=5 * 0.5 / np.sqrt(400) * 0.5), name
    assert told["low"] == told["other"]


def _together(copies: Any, value: Array) -> Array:
    """The log density of two copies of one datum, their shared error integrated out."""
    first, second = copies
    s = min(first.sigma, second.sigma)
    shared = (1 - 0.15**2) * s**2
    covariance = np.array([[first.sigma**2, shared], [shared, second.sigma**2]])
    on_scale = np.log(value) - np.log1p(-value)
    residuals = np.stack([first.y - on_scale, second.y - on_scale], axis=-1)
    return np.asarray(stats.multivariate_normal(cov=covariance).logpdf(residuals))


# What a kind adds, against the same model written by hand ----------------------------------------


def by_hand(folder: Path) -> tuple[Model, Model]:
    """Counts by two kinds of sources: with `kinds:`, and as a hierarchy written out."""
    says: dict[str, Any] = {
        "a": {"says": "19,000 people", "source": "paper"},
        "b": {"says": "around 30,000 people", "source": "paper", "basis": "hearsay"},
        "c": {"says": "25,000 to 40,000 people", "source": "radio", "basis": "hearsay"},
        "d": {"says": "22,300 people", "basis": "register", "source": "office"},
        "e": {"says": "up to 60,000 people", "source": "radio", "basis": "hearsay"},
        "f": {"says": "more than 10,000 people", "source": "paper"},
    }
    quantities = {"n": {"unit": "person", "prior": "3,000 to 200,000"}}
    kinds = {
        "count": {
            "unit": "person",
            "expert": {"factor": "0.5 to 2", "scatter": "10 to 60 %"},
            "hearsay": {
                "factor": "0.35 to 7", "source": "10 to 60 %", "scatter": "HalfNormal(sigma=0.4)",
            },
            "register": {"factor": 1},
        }
    }  # fmt: skip
    sources = {name: {"title": name} for name in ("paper", "radio", "office")}
    ledger = {"sources": sources, "claims": says}
    model = {
        "format": 2, "evidence": "evidence.yaml", "quantities": quantities, "kinds": kinds,
        "claims": dict.fromkeys(says, "n"), "targets": ["n"],
    }  # fmt: skip
    one = save(folder / "kinds", ledger, model)
    # The same, each claim's own error an unknown, and the words' own widths as `sigma:`.
    widths = {"a": 0.015192, "b": 0.138779, "c": 0.142872}
    errors = {name: "expert" if name in ("a", "f") else "hearsay" for name in "abcef"}
    written = {
        "n": {"unit": "person", "prior": "3,000 to 200,000"},
        "b_expert": {"prior": "0.5 to 2"}, "t_expert": {"prior": "0.1 to 0.6"},
        "b_hearsay": {"prior": "0.35 to 7"}, "t_hearsay": {"prior": "HalfNormal(sigma=0.4)"},
        "s_hearsay": {"prior": "0.1 to 0.6"},
        "paper": {"prior": "Normal(mu=0, sigma=s_hearsay)"},
        "radio": {"prior": "Normal(mu=0, sigma=s_hearsay)"},
        **{f"u_{one}": {"prior": f"Normal(mu=0, sigma=t_{kind})"} for one, kind in errors.items()},
    }  # fmt: skip
    about = {
        "a": "n * b_expert * exp(u_a)", "f": "n * b_expert * exp(u_f)",
        "b": "n * b_hearsay * exp(paper + u_b)", "c": "n * b_hearsay * exp(radio + u_c)",
        "e": "n * b_hearsay * exp(radio + u_e)", "d": "n",
    }  # fmt: skip
    plain = {name: dict(entry) for name, entry in says.items()}
    for name, width in widths.items():
        plain[name]["sigma"] = width
    plain["e"]["sigma"], plain["f"]["sigma"] = 0.10, 0.03
    other = {
        "format": 1, "evidence": "evidence.yaml", "quantities": written, "claims": about,
        "targets": ["n"],
    }  # fmt: skip
    return one, save(folder / "hand", {"sources": sources, "claims": plain}, other)


def test_kinds_are_a_hierarchy_written_by_hand(tmp_path: Path) -> None:
    """The same posterior and evidence; there each claim's own error is a dimension more."""
    one, other = by_hand(tmp_path)
    here, there = fit(one, seed=5, sampling=SHORT), fit(other, seed=6, sampling=SHORT)
    pairs = {
        "n": "n", "count.expert.factor": "b_expert", "count.expert.scatter": "t_expert",
        "count.hearsay.factor": "b_hearsay", "count.hearsay.scatter": "t_hearsay",
        "count.hearsay.source": "s_hearsay",
    }  # fmt: skip
    for name, written in pairs.items():
        ours, theirs = np.log(drawn(here, name)), np.log(drawn(there, written))
        for statistic_of in ("mean", "q05", "q95"):
            (a, error), (b, other_error) = (statistic(x, statistic_of) for x in (ours, theirs))
            near(f"{name}, {statistic_of}", a, error, b, other_error)
    a, b = (summary(one).readings[0] for one in (here, there))
    near("evidence", a.log_evidence, a.log_evidence_se, b.log_evidence, b.log_evidence_se)


def test_dismod_finds_its_multipliers(tmp_path: Path) -> None:
    """`user_subgroup_mulcov.py` of DisMod-AT 2022 (Bell): six rows of a group, three of none.

    A rate of .01; the group's effect .3 on the log scale, its sources ± .1, children ± .2; data
    without noise and an error of 10 %. There as here random effects have priors a hundred times as
    wide as they are, and sum to zero; here that constraint is what symmetry makes of the means.
    """
    children = {"c1": 0.2, "c2": -0.2, "p1": 0.0}
    subgroups = {"none": None, "s1": 0.4, "s2": 0.2}
    says: dict[str, Any] = {}
    about = {}
    for subgroup, effect in subgroups.items():
        for child, own in children.items():
            value = 0.01 * math.exp((effect or 0.0) + own)
            name = f"{subgroup}-{child}"
            kind = "register" if effect is None else "expert"
            says[name] = {
                "says": f"{value!r} case/person/year", "sigma": 0.1, "source": subgroup,
                "basis": kind,
            }  # fmt: skip
            about[name] = "rate" if child == "p1" else f"rate * {child}"
    ledger = {"sources": {name: {"title": name} for name in subgroups}, "claims": says}
    model = {
        "format": 2, "evidence": "evidence.yaml", "claims": about, "targets": ["rate"],
        "quantities": {
            "rate": {"unit": "case/person/year", "prior": "0.0001 to 1"},
            "c1": {"prior": "0.01 to 100"}, "c2": {"prior": "0.01 to 100"},
        },
        "kinds": {
            "rates": {
                "unit": "case/person/year",
                "expert": {"factor": "0.01 to 100", "source": "10"},
                "register": {"factor": 1},
            }
        },
    }  # fmt: skip
    found = fit(save(tmp_path / "dismod", ledger, model), seed=3)
    effect = {name: drawn(found, f"rates.expert.{name}") for name in ("s1", "s2")}
    factor = drawn(found, "rates.expert.factor")
    for name, truth in (("s1", 0.4), ("s2", 0.2)):
        whole = np.log(factor * effect[name])
        value, error = statistic(whole, "mean")
        # Three rows against three: an sd of .1·√(2/3), which wide priors pull by next to nothing.
        near(name, value, math.hypot(error, 0.001), truth)
        assert float(whole.std()) == pytest.approx(0.1 * math.sqrt(2 / 3), rel=0.05)
    rate, error = statistic(np.log(drawn(found, "rate")), "mean")
    near("rate", rate, math.hypot(error, 0.003), math.log(0.01))


NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(120)


def scattered(likelihood: Any, link: str, size: float) -> Any:
    """A likelihood with a normal error of its own on the link scale (Gauss–Hermite)."""
    forward, inverse = LINKS[link], INVERSES[link]

    def log_density(x: Array) -> Array:
        moved = np.stack([likelihood(inverse(forward(x) + size * u)) for u in NODES])
        return np.asarray(logsumexp(moved + np.log(WEIGHTS / WEIGHTS.sum())[:, None], axis=0))

    return log_density


def heavy(y: float, width: float, size: float) -> Any:
    """A normal error beside a Student's t with four degrees of freedom, on the log scale."""
    log_weights = np.log(WEIGHTS / WEIGHTS.sum())

    def log_density(x: Array) -> Array:
        rest = (y - np.log(x))[:, None] - width * NODES
        return np.asarray(logsumexp(stats.t(4).logpdf(rest / size) + log_weights, axis=1))

    return log_density


def test_errors_of_a_known_size_by_quadrature(tmp_path: Path) -> None:
    """Counts, events, bounds, heavy tails, ranges and ±, each about a quantity of its own."""
    people = {"unit": "person", "prior": "1,000 to 90,000"}
    model = build(
        tmp_path / "sizes",
        quantities={
            "part": {"unit": "share", "prior": "5 to 90 %"},
            "rate": {"unit": "1/person/year", "prior": "0.001 to 0.1"},
            "most": people, "heavy": dict(people), "said": dict(people), "told": dict(people),
            "seen": {"unit": "share", "prior": "5 to 90 %"},
        },
        kinds={
            "shares": {"unit": "share", "expert": {"scatter": "50 %"}},
            "rates": {"unit": "1/person/year", "expert": {"scatter": "40 %"}},
            "people": {"unit": "person", "expert": {"factor": 2, "scatter": "30 %"}},
        },
        says={
            "part": "12 of 40", "rate": "31 events in 2,400 person-years",
            "most": "up to 10,000 people", "heavy": "8,200 people", "said": "7,000 to 9,000 people",
            "told": "8,000 ± 900 people", "seen": "30 ± 4 %",
        },
        claims={
            "part": "part", "rate": "rate", "most": "most",
            "heavy": {"about": "heavy", "tails": "student-t"}, "said": "said", "told": "told",
            "seen": "seen",
        },
        format=2,
    )  # fmt: skip
    found = fit(model, seed=9)
    heads = interval(1_000, 90_000, "log")
    rounding = 100 / 8_200 / math.sqrt(12)
    ends = math.log(9 / 7) / 2 / float(stats.norm.ppf(0.95))
    within = math.hypot(0.10, 0.30)
    cases = {
        "part": (interval(0.05, 0.9, "logit"), scattered(count(12, 40), "logit", 0.5)),
        "rate": (
            interval(0.001, 0.1, "log"),
            scattered(lambda x: stats.poisson.logpmf(31, 2_400 * x), "log", 0.4),
        ),
        "most": (heads, lambda x: log_ndtr((math.log(10_000) - np.log(2 * x)) / within)),
        "heavy": (heads, heavy(math.log(8_200 / 2), rounding, 0.3)),
        "said": (
            heads,
            lambda x: stats.norm.logpdf(
                math.log(63_000_000) / 2, np.log(2 * x), math.hypot(ends, 0.3)
            ),
        ),
        # A standard error on the scale on which its kind errs, by the slope there.
        "told": (
            heads,
            lambda x: stats.norm.logpdf(
                math.log(8_000), np.log(2 * x), math.hypot(900 / 8_000, 0.3)
            ),
        ),
        "seen": (
            interval(0.05, 0.9, "logit"),
            lambda x: stats.norm.logpdf(logit(0.3), logit(x), math.hypot(0.04 / (0.3 * 0.7), 0.5)),
        ),
    }
    for name, (prior, likelihood) in cases.items():
        _, truth = posterior(prior, likelihood)
        agree(name, prior.image(drawn(found, name)), truth)


@pytest.mark.long
def test_everything_at_once_is_calibrated() -> None:
    """Simulated truths, of factors and sources too, have the ranks that they should have."""
    assert calibrate(everything(), 24, seed=5).calibrated


@pytest.mark.long
def test_everything_at_once_is_calibrated_by_five_hundred() -> None:
    assert calibrate(everything(), 500, seed=5).calibrated
