"""Conflict beside the literature: published splits through ledgers in the project's own format.

Each example is held to three things: the published numbers as far as they were printed; the same
model worked out here by quadrature or linear algebra, which shares no code with the package; and
that quiet examples stay quiet and loud ones do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logsumexp
from tests.truth.building import build
from tests.truth.tolerance import near

from estimates import Model, by_reading, conflict, fit
from estimates.analysis.conflict.bodies import bodies_of
from estimates.analysis.conflict.contrast import own_side, predictive
from estimates.analysis.conflict.node_split import Comparison, Judged, judge
from estimates.analysis.conflict.refits import LEAVE, Left
from estimates.inference.engine import Engine
from estimates.inference.jobs import sweep
from estimates.inference.sampling import Sampling
from estimates.stats.convergence import mcse_median

Array = NDArray[np.float64]
SHORT = Sampling(draws=500, tune=300)


def asked(model: Model) -> dict[str, Any]:
    found = conflict(fit(model, sampling=SHORT))
    assert found.converged, found.document["failed"]
    return dict(found.document)


def split(model: Model, names: Sequence[str], *, as_claims: bool = False) -> dict[str, Judged]:
    """Some bodies, each of one claim, against the rest, without asking the other questions."""
    engine = Engine(model, seed=model.seed)
    terms = engine.observations.terms
    bodies = [body for body in bodies_of(model) if body.name in names]
    items = [Left(body.ids, (body.first.id,)) for body in bodies]
    comparisons = [
        Comparison(
            body.name,
            predictive(terms[body.first.id]) if as_claims else own_side(body, engine.observations),
            body.first,
            body.ids,
            partial,
        )
        for body, partial in zip(bodies, sweep(engine, LEAVE, items), strict=True)
    ]
    found = judge(engine, comparisons)
    assert not any(one.failed or one.comparison.partial.failed for one in found)
    return {one.comparison.name: one for one in found}


# Bristol ---------------------------------------------------------------------------------------

#: Deaths and operations of children under one year in twelve hospitals, 1991–95, as in Lunn et al.
#: 2013, The BUGS Book, §8.3; the inquiry of which Marshall & Spiegelhalter 2007, Bayesian Analysis
#: 2:409, make their surgical example.
HOSPITALS = {
    "bristol": (41, 143), "leicester": (25, 187), "leeds": (24, 323), "oxford": (23, 122),
    "guys": (25, 164), "liverpool": (42, 405), "southampton": (24, 239),
    "great-ormond-street": (53, 482), "newcastle": (26, 195), "harefield": (25, 177),
    "birmingham": (58, 581), "brompton": (31, 301),
}  # fmt: skip


class RandomEffects:
    """logit θᵢ ~ Normal(μ, τ), μ ~ Normal(−2, 2), τ ~ HalfNormal(1), by quadrature.

    A grid over μ and τ; each hospital's own effect by Gauss–Hermite with 30 nodes.
    """

    def __init__(self) -> None:
        mu, tau = np.linspace(-3.0, -1.2, 61), np.linspace(0.01, 1.6, 107)
        self.mu, self.tau = (one.ravel() for one in np.meshgrid(mu, tau, indexing="ij"))
        self.prior = stats.norm.logpdf(self.mu, -2, 2) + stats.halfnorm.logpdf(self.tau)
        nodes, weights = np.polynomial.hermite_e.hermegauss(30)
        self.log_weights = np.log(weights / weights.sum())
        self.theta = expit(self.mu[:, None] + self.tau[:, None] * nodes)
        self.log_likelihood = {
            name: logsumexp(stats.binom.logpmf(r, n, self.theta) + self.log_weights, axis=1)
            for name, (r, n) in HOSPITALS.items()
        }

    def without(self, out: str) -> Array:
        """Weights of the grid by all other hospitals."""
        logs = self.prior + sum(v for name, v in self.log_likelihood.items() if name != out)
        return np.exp(logs - logsumexp(logs))

    def mid_p(self, out: str) -> float:
        """Of a hospital's deaths, two-sided, beside those of a new hospital like the others."""
        r, n = HOSPITALS[out]
        below = stats.binom.cdf(r - 1, n, self.theta) + stats.binom.pmf(r, n, self.theta) / 2
        low = float(self.without(out) @ (below @ np.exp(self.log_weights)))
        return 2 * min(low, 1 - low)

    def quantile(self, out: str, p: float) -> float:
        """Of the rate of a new hospital like the others."""
        logits = np.linspace(-5, 1, 301)
        weights = self.without(out)
        kept = weights > 1e-7
        cdf = weights[kept] @ stats.norm.cdf((logits - self.mu[kept, None]) / self.tau[kept, None])
        return float(expit(np.interp(p, cdf, logits)))


def test_bristol(tmp_path: Path) -> None:
    """Cross-validated mixed predictive mid-p (Marshall & Spiegelhalter 2007, §3), and the excess.

    Published (Aylin et al. 2001, Lancet 358:181, abstract), by a random-effects model of the other
    eleven centres: 24.1 excess deaths among 41 in Bristol, 95 % interval 12 to 34.  Its priors are
    not in the abstract; under those here quadrature gives the excess and interval asserted below,
    so a tenth of the published interval's width is left to the prior of τ.
    """
    quantities: dict[str, Any] = {
        "mu": {"prior": "Normal(mu=-2, sigma=2)", "support": "real"},
        "tau": {"prior": "HalfNormal(sigma=1)"},
    }
    names = {name: name.replace("-", "_") for name in HOSPITALS}
    quantities |= {
        f"b_{name}": {"prior": "Normal(mu=mu, sigma=tau)", "support": "real"}
        for name in names.values()
    }
    model = build(
        tmp_path / "bristol",
        quantities=quantities,
        relations={name: f"1 / (1 + exp(-b_{name}))" for name in names.values()},
        says={name: f"{r} of {n}" for name, (r, n) in HOSPITALS.items()},
        claims=names,
        targets=["mu"],
    )
    found = split(model, ["bristol", "leeds", "brompton"], as_claims=True)
    true = RandomEffects()
    for name, one in found.items():
        p, error = math.exp(one.log_p), one.error
        assert error is not None
        assert error < 0.1 * true.mid_p(name)
        assert abs(p - true.mid_p(name)) < 4 * error, (name, p, true.mid_p(name), error)
    # Loud for Bristol, also over the twelve; quiet for the lowest of the others.
    assert found["bristol"].above
    assert 12 * math.exp(found["bristol"].log_p) < 0.05
    assert math.exp(found["leeds"].log_p) > 0.1
    rates = found["bristol"].comparison.partial.values["bristol"].ravel()
    for q in (0.05, 0.5, 0.95):
        rank = float(np.mean(rates < true.quantile("bristol", q)))
        # Some 4,000 draws of an effective size of at least a quarter.
        assert abs(rank - q) < 4 * math.sqrt(q * (1 - q) / (len(rates) / 4)), (q, rank)
    deaths = stats.binom.rvs(143, rates, random_state=np.random.default_rng(1))
    low, high = np.quantile(41 - deaths, (0.025, 0.975))
    assert 41 - deaths.mean() == pytest.approx(24.1, abs=1.0)
    assert low == pytest.approx(12, abs=2.2)
    assert high == pytest.approx(34, abs=2.2)


# Direct and indirect evidence -------------------------------------------------------------------


def test_bucher(tmp_path: Path) -> None:
    """Two ratios about one drug beside another, directly and by way of placebo.

    Bucher et al. 1997, J Clin Epidemiol 50:683 (abstract): indirectly 0.37 (95 % CI 0.21 to 0.65),
    directly 0.64 (0.45 to 0.90), p for the difference 0.11.  From the printed intervals z is 1.61
    and p 0.108; rounded ends move it by 0.004.
    """
    says = {
        "indirect": {"says": "0.21 to 0.65 @ 95%", "basis": "register"},
        "direct": {"says": "0.45 to 0.90 @ 95%", "basis": "register"},
    }
    model = build(
        tmp_path / "bucher",
        quantities={"ratio": {"prior": "0.01 to 100"}},
        says=says,
        claims=dict.fromkeys(says, "ratio"),
    )
    found = asked(model)
    centre = [math.log(0.21 * 0.65) / 2, math.log(0.45 * 0.90) / 2]
    width = [math.log(0.65 / 0.21) / 3.92, math.log(0.90 / 0.45) / 3.92]
    p = 2 * stats.norm.sf(abs(centre[0] - centre[1]) / math.hypot(*width))
    assert found["pairs"][0]["p"] == pytest.approx(p, abs=1e-4)
    assert found["pairs"][0]["p"] == pytest.approx(0.11, abs=0.005)
    assert found["pairs"][0]["first_lies"] == "below"
    # One comparison seen from two sides and head to head: nothing to adjust for.
    assert (found["families"][0]["comparisons"], found["families"][0]["tests"]) == (3, 1)
    assert found["pairs"][0]["p_adjusted"] == pytest.approx(p, abs=0.02)
    assert found["conflicts"] == 0
    assert "No two independent pieces of evidence contradict each other" in found["sentence"]


#: 50 trials of thrombolytics, deaths and patients an arm: treatments are 1 SK, 2 t-PA,
#: 3 accelerated t-PA, 4 SK + t-PA, 5 r-PA, 6 TNK, 7 PTCA, 8 UK, 9 ASPAC (Dias et al. 2010, Stat
#: Med 29:932; as in the R package multinma, data-raw/thrombolytics).  Trials of two arms:
TRIALS = """
9 130 6 123 1 2; 5 63 2 59 1 2; 3 65 3 64 1 2; 887 10396 929 10372 1 2; 7 85 4 86 1 2;
12 159 7 157 1 2; 10 135 5 135 1 2; 4 107 6 109 1 4; 285 3004 270 3006 1 5; 11 149 2 152 1 7;
1 50 3 50 1 7; 8 58 5 54 1 7; 1 53 1 47 1 7; 4 45 0 42 1 7; 14 99 7 101 1 7; 9 41 3 46 1 7;
42 421 29 429 1 7; 2 44 3 46 2 7; 13 200 5 195 2 7; 2 56 2 47 2 7; 3 55 1 55 3 7; 10 94 3 95 3 7;
40 573 32 565 3 7; 2 61 3 62 3 7; 16 419 20 421 3 7; 5 69 3 71 3 7; 5 75 5 75 3 7;
59 782 52 790 3 7; 5 81 2 81 3 7; 16 226 12 225 3 7; 8 66 6 71 3 7; 522 8488 523 8461 3 6;
356 4921 757 10138 3 5; 13 155 7 169 3 5; 10 203 7 198 1 8; 3 58 2 52 1 9; 3 86 6 89 1 9;
3 58 2 58 1 9; 13 182 11 188 1 9; 2 26 7 54 3 8; 12 268 16 350 3 8; 5 210 17 211 3 9;
3 138 13 147 3 9; 8 132 4 66 2 8; 10 164 6 166 2 8; 6 124 5 121 2 8; 13 164 10 161 2 9;
7 93 5 90 2 9
"""
#: And of three arms: (deaths, patients) by treatment.
THREE_ARMS = (
    {1: (1472, 20251), 3: (652, 10396), 4: (723, 10374)},
    {1: (1455, 13780), 2: (1418, 13746), 9: (1448, 13773)},
)


def log_odds(r: float, n: float) -> tuple[float, float]:
    """With its variance; half a death more where there is none (Haldane 1956)."""
    if r == 0:
        r, n = r + 0.5, n + 1
    return math.log(r / (n - r)), 1 / r + 1 / (n - r)


def contrasts() -> dict[tuple[int, int], tuple[float, float]]:
    """By two treatments the pooled log odds ratio of their own trials, and its standard error."""
    sums: dict[tuple[int, int], tuple[float, float]] = {}
    for trial in TRIALS.replace("\n", " ").split(";"):
        r1, n1, r2, n2, one, other = (int(word) for word in trial.split())
        (y1, v1), (y2, v2) = log_odds(r1, n1), log_odds(r2, n2)
        total, precision = sums.get((one, other), (0.0, 0.0))
        sums[one, other] = total + (y2 - y1) / (v1 + v2), precision + 1 / (v1 + v2)
    return {key: (total / w, w**-0.5) for key, (total, w) in sums.items()}


def test_thrombolytics(tmp_path: Path) -> None:
    """ASPAC beside accelerated t-PA in a network of nine treatments: the conflict that is there.

    Published (R package multinma, vignette example_thrombolytics, fixed effects, exact binomial):
    direct 1.41 (sd 0.42), indirect 0.16 (0.06), difference 1.25 (0.42), p < 0.01; and, quiet,
    PTCA beside accelerated t-PA −0.22 (0.12), −0.47 (0.17), difference 0.25 (0.21).  Here the arms
    are normal on the logit scale and a contrast's trials are pooled into one claim, which moves
    the direct 1.41 to 1.36 (two trials with 5 and 3 deaths): a seventh of its sd.
    """
    pooled = contrasts()
    quantities: dict[str, Any] = {
        f"d{i}": {"prior": "Normal(mu=0, sigma=10)", "support": "real"} for i in range(2, 10)
    }
    quantities |= {
        f"base{i}": {"prior": "Normal(mu=0, sigma=10)", "support": "real"} for i in range(2)
    }

    def effect(i: int) -> str:
        return "0" if i == 1 else f"d{i}"

    says = {f"c{a}-{b}": f"{y:.6f} ± {s:.6f}" for (a, b), (y, s) in pooled.items()}
    claims = {f"c{a}-{b}": f"{effect(b)} - {effect(a)}" for a, b in pooled}
    for number, arms in enumerate(THREE_ARMS):
        for i, (r, n) in arms.items():
            y, v = log_odds(r, n)
            says[f"arm{number}-{i}"] = f"{y:.6f} ± {v**0.5:.6f}"
            claims[f"arm{number}-{i}"] = f"base{number} + {effect(i)}"
    model = build(
        tmp_path / "thrombolytics", quantities=quantities, says=says, claims=claims, targets=["d9"]
    )
    found = split(model, ["c3-9", "c3-7"])
    published = {"c3-9": (1.41, 0.42, 0.16, 0.06), "c3-7": (-0.22, 0.12, -0.47, 0.17)}
    for (a, b), name in (((3, 9), "c3-9"), ((3, 7), "c3-7")):
        y, s = pooled[a, b]
        mean, sd = indirect(pooled, (a, b))
        z = (y - mean) / math.hypot(s, sd)
        one, p = found[name], 2 * stats.norm.sf(abs(z))
        assert one.error is not None
        assert one.error < 0.12 * p
        assert abs(math.exp(one.log_p) - p) < 4 * one.error, (name, math.exp(one.log_p), p)
        draws = one.comparison.partial.values[name].ravel()
        direct, direct_sd, rest, rest_sd = published[name]
        # Two decimals are printed; the normal arms are worth up to a quarter of an sd.
        assert y == pytest.approx(direct, abs=0.25 * direct_sd)
        assert s == pytest.approx(direct_sd, abs=0.02)
        assert draws.mean() == pytest.approx(rest, abs=0.25 * rest_sd + 0.005)
        assert draws.std() == pytest.approx(rest_sd, abs=0.02)
    assert found["c3-9"].above
    assert math.exp(found["c3-9"].log_p) < 0.01
    assert math.exp(found["c3-7"].log_p) > 0.1


def indirect(
    pooled: dict[tuple[int, int], tuple[float, float]], out: tuple[int, int]
) -> tuple[float, float]:
    """Of a contrast without its own trials, by generalised least squares."""
    rows, ys, variances = [], [], []
    for (a, b), (y, s) in pooled.items():
        if (a, b) != out:
            row = np.zeros(12)  # d1 … d9 at 1 … 9, the baselines at 10 and 11
            row[b] += 1
            row[a] -= 1
            rows.append(row)
            ys.append(y)
            variances.append(s**2)
    for number, arms in enumerate(THREE_ARMS):
        for i, (r, n) in arms.items():
            row = np.zeros(12)
            row[i] += 1
            row[10 + number] += 1
            y, v = log_odds(r, n)
            rows.append(row)
            ys.append(y)
            variances.append(v)
    design, weights = np.array(rows)[:, 2:], 1 / np.array(variances)
    covariance = np.linalg.inv(design.T * weights @ design + np.eye(10) / 100)
    mean = covariance @ (design.T @ (weights * np.array(ys)))
    pick = np.zeros(12)
    pick[out[1]] += 1
    pick[out[0]] -= 1
    return float(pick[2:] @ mean), float(np.sqrt(pick[2:] @ covariance @ pick[2:]))


# By treatment (1 none, 2 self-help, 3 individual, 4 group counselling) who stopped smoking, of how
# many: the 24 trials of Hasselblad 1998, as in NICE's Technical Support Document 4.
SMOKING = """1 9/140 3 23/140 4 10/138; 2 11/78 3 12/85 4 29/170; 1 75/731 3 363/714;
1 2/106 3 9/205; 1 58/549 3 237/1561; 1 0/33 3 9/48; 1 3/100 3 31/98; 1 1/31 3 26/95;
1 6/39 3 17/77; 1 79/702 2 77/694; 1 18/671 2 21/535; 1 64/642 3 107/761; 1 5/62 3 8/90;
1 20/234 3 34/237; 1 0/20 4 9/20; 1 8/116 2 19/149; 1 95/1107 3 143/1031; 1 15/187 3 36/504;
1 78/584 3 73/675; 1 69/1177 3 54/888; 2 20/49 3 16/43; 2 7/66 4 32/127; 3 12/76 4 20/74;
3 9/55 4 3/26"""


@pytest.mark.parametrize(
    ("against", "direct", "indirect", "tau"),
    [(2, (0.0640, 0.0042), (0.5009, 0.0032), (0.8358, 0.0014)),
     pytest.param(3, (-0.0712, 0.0033), (0.6136, 0.0026), (0.8293, 0.0011),
                  marks=pytest.mark.thorough)],
)  # fmt: skip
def test_smoking_cessation_split_by_hand(
    tmp_path: Path,
    against: int,
    direct: tuple[float, float],
    indirect: tuple[float, float],
    tau: tuple[float, float],
) -> None:
    """Individual counselling less self-help, by the two trials that compare them and by the rest.

    The true medians, with their Monte Carlo errors, are those of Gibbs and Metropolis steps written
    for this model in NumPy, a hundred chains of 5000 to 8000 steps.

    Published (R package multinma, vignette example_smoking): 0.07 directly and −0.61 otherwise, of
    self-help less individual counselling, so −0.07 and 0.61 here.  The second trial has group
    counselling as a third arm, whose effect is that of group counselling less either self-help
    or individual counselling; and with a node split these are two models.  The published one takes
    individual counselling; taking self-help gives 0.06 and 0.50.
    """
    quantities = {f"d{i}": {"prior": "Normal(mu=0, sigma=100)"} for i in (2, 3, 4)}
    quantities |= {"direct": quantities["d2"], "tau": {"prior": "HalfNormal(sigma=5)"}}
    says, claims = {}, {}
    for number, trial in enumerate(SMOKING.replace("\n", " ").split(";")):
        words = trial.split()
        arms = dict(zip(map(int, words[::2]), words[1::2], strict=True))
        split = {2, 3} <= arms.keys()
        base = against if split else min(arms)
        quantities[f"m{number}"] = {"prior": "Normal(mu=0, sigma=100)"}
        beyond = ""
        for arm, counted in arms.items():
            name, about = f"e{number}_{arm}", f"logistic(m{number})"
            if arm != base:
                mean = f"d{arm}" + (f" - d{base}" if base > 1 else "")
                if split and arm < 4:
                    mean = "direct" if against == 2 else "-direct"
                first, beyond = not beyond, beyond or f"{name} - ({mean})"
                prior = f"Normal(mu={mean}, sigma=tau)"
                if not first:  # effects in one trial have correlation 1/2
                    prior = f"Normal(mu={mean} + ({beyond}) / 2, sigma=tau * {0.75**0.5!r})"
                quantities[name] = {"prior": prior}
                about = f"1 / (1 + exp(-m{number} - {name}))"
            says[f"s{number}-{arm}"] = counted.replace("/", " of ")
            claims[f"s{number}-{arm}"] = about
    model = build(
        tmp_path, quantities=quantities, relations={"indirect": "d3 - d2"}, says=says,
        claims=claims, targets=["direct", "indirect", "tau"],
    )  # fmt: skip
    draws = by_reading(fit(model, seed=1, sampling=Sampling(draws=1000, tune=600)))
    for name, (true, error) in {"direct": direct, "indirect": indirect, "tau": tau}.items():
        values = draws[name].values
        found, own = float(np.median(values)), float(mcse_median(values)[0])
        near(name, found, own, true, error)
        assert own < 0.1 * values.std()
