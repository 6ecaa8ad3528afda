"""Twelve claims on nonlinear functions of nine shares: the HIV synthesis of Ades & Cliffe 2002.

(Med Decis Making 22:359; the data as in Welton et al. 2012, Evidence Synthesis for Decision
Making.)  Women in London who give birth: a were born in sub-Saharan Africa, b inject drugs;
prevalences c, d and e in these two groups and the rest; diagnosed shares f, g and h; and w, the
share of a virus subtype.
"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats
from scipy.special import betaln, expit, logit

from estimates import fit

from .building import build, drawn
from .sampling import Sample, importance
from .tolerance import agree, near

Array = NDArray[np.float64]

#: The basic shares and their Beta priors; z is the share of injectors among the others than a.
PRIORS = dict.fromkeys("azcdefghw", (1.0, 1.0)) | {"a": (1.0, 2.0)}
RELATIONS = {
    "b": "z * (1 - a)",
    "rest": "(1 - a) * (1 - z)",
    "known": "f * c * a + g * d * b + h * e * rest",
    "positive": "c * a + d * b + e * rest",
}
DATA = {
    "born-there": ("a", 11_044, 104_577),
    "inject": ("b", 12, 882),
    "prevalence-there": ("c", 252, 15_428),
    "prevalence-injecting": ("d", 10, 473),
    "prevalence-elsewhere": ("(d * b + e * rest) / (1 - a)", 74, 136_139),
    "prevalence": ("positive", 254, 102_287),
    "known-there": ("f * c * a / known", 43, 60),
    "known-injecting": ("g * d * b / (g * d * b + h * e * rest)", 4, 17),
    "known-of-all": ("known / positive", 87, 254),
    "known-of-injecting": ("g", 12, 15),
    "subtype-there": ("w", 14, 118),
    "subtype-elsewhere": ("(d * b + w * e * rest) / (d * b + e * rest)", 5, 31),
}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    model = build(
        tmp_path_factory.mktemp("synthesis"),
        quantities={
            name: {"unit": "share", "prior": f"Beta(alpha={a:g}, beta={b:g})"}
            for name, (a, b) in PRIORS.items()
        },
        relations={name: {"is": text, "unit": "share"} for name, text in RELATIONS.items()},
        says={name: f"{r:,} of {n:,}" for name, (_, r, n) in DATA.items()},
        claims={name: about for name, (about, _, _) in DATA.items()},
        targets=["positive", "e"],
    )
    return fit(model, seed=6)


def shares(points: Array) -> dict[str, Array]:
    """Basic shares and relations of logits (draw, 9)."""
    x = dict(zip(PRIORS, expit(points.T), strict=True))
    for name, text in RELATIONS.items():
        x[name] = eval(text, {}, x)
    return x


def log_density(points: Array) -> Array:
    """Priors of the logits, and binomial claims."""
    total = np.zeros(len(points))
    for (a, b), u in zip(PRIORS.values(), points.T, strict=True):
        total += -a * np.logaddexp(0, -u) - b * np.logaddexp(0, u) - betaln(a, b)
    x = shares(points)
    for about, successes, trials in DATA.values():
        total += stats.binom.logpmf(successes, trials, eval(about, {}, x))
    return total


@pytest.fixture(scope="module")
def sample() -> Sample:
    guess = {"a": 0.1, "z": 0.01, "c": 0.016, "d": 0.02, "e": 5e-4, "f": 0.4}
    start = logit(np.array([(guess | {"g": 0.7, "h": 0.3, "w": 0.1})[name] for name in PRIORS]))
    return importance(log_density, start, 200_000, np.random.default_rng(7))


def test_the_reference_is_worth_many_draws(sample: Sample) -> None:
    assert sample.effective > 20_000


@pytest.mark.parametrize("name", [*PRIORS, *RELATIONS])
def test_posterior(fitted: xr.DataTree, sample: Sample, name: str) -> None:
    agree(
        f"logit of {name}",
        logit(drawn(fitted, name)),
        sample.of(logit(shares(sample.points)[name])),
    )


def test_evidence(fitted: xr.DataTree, sample: Sample) -> None:
    found, error = (
        float(fitted["readings"][n].item()) for n in ("log_evidence", "log_evidence_se")
    )
    assert error < 0.05
    near("log evidence", found, error, sample.log_evidence, sample.log_evidence_se)


def test_the_whole_is_to_be_trusted(fitted: xr.DataTree) -> None:
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]
