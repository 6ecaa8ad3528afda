"""Where what a claim is about leaves its domain the claim has probability 0, and only there.

Pairs of quantities with walls in between: differences that must be positive, sums that must stay
below 1, roots and logarithms of what may be negative.  One model holds all pairs; its reading
decides of which of them something is said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from estimates import fit

from . import widths as w
from .building import build, drawn
from .quadrature import INVERSES, LINKS
from .sampling import Sample, from_prior
from .tolerance import agree, near

Array = NDArray[np.float64]
DRAWS = 1_000_000


def root(values: Array) -> Array:
    return np.sqrt(np.where(values >= 0, values, np.nan))


def impossible(likelihood: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """Probability 0 where there is no value."""
    return lambda theta: np.where(np.isnan(theta), -np.inf, likelihood(theta))


#: Of each pair the priors, what the claim is about, what it says, and what that must mean.
PAIRS: dict[str, tuple[dict[str, Any], dict[str, Any], str, Any, Any]] = {
    "gap": (
        {"u": (50, 150, "log"), "v": (30, 120, "log")},
        {"about": "{u} - {v}", "scale": "log"},
        "around 50",
        lambda u, v: u - v,
        w.point(50, 10, "log", hedged=True),
    ),
    "all": (
        {"u": (0.1, 0.6, "logit"), "v": (0.2, 0.7, "logit")},
        {"about": "{u} + {v}", "scale": "logit"},
        "80 %",
        lambda u, v: u + v,
        w.point(0.8, 0.1, "logit"),
    ),
    "root": (
        {"u": (0.5, 2, "log"), "v": (0.5, 2, "log")},
        {"about": "sqrt({u} - {v})"},
        "0.8 ± 0.3",
        lambda u, v: root(u - v),
        impossible(w.measured(0.8, 0.3)),
    ),
    "logarithm": (
        {"u": (-1, 3, "identity"), "v": (0.5, 2, "log")},
        {"about": "log({u} / {v})"},
        "0.3 ± 0.3",
        lambda u, v: w.transform("log", u / v),
        impossible(w.measured(0.3, 0.3)),
    ),
}


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> xr.DataTree:
    quantities, says, claims, relations = {}, {}, {}, {}
    for name, (priors, use, words, _, _) in PAIRS.items():
        for letter, (low, high, link) in priors.items():
            entry = {"prior": f"{low} to {high}"}
            entry |= {"unit": "share"} if link == "logit" else {}
            quantities[f"{name}_{letter}"] = entry | (
                {"support": "real"} if link == "identity" else {}
            )
        says[name] = words
        about = use["about"].format(u=f"{name}_u", v=f"{name}_v")
        branches = {other: about if other == name else "nothing" for other in PAIRS}
        relations[f"of_{name}"] = {"by": "said", **branches}
        claims[name] = use | {"about": f"of_{name}"}
    stated = {name: {"weight": 1, "because": "-"} for name in PAIRS}
    model = build(
        tmp_path_factory.mktemp("domain"),
        quantities=quantities,
        says=says,
        relations=relations,
        readings={"said": {"update": False} | stated},
        claims=claims,
    )
    return fit(model, seed=2)


@pytest.fixture(scope="module")
def samples() -> dict[str, Sample]:
    """Each pair by brute force: prior draws on the link scales, weighted by the claim."""
    rng = np.random.default_rng(9)
    found = {}
    for name, (priors, _, _, about, likelihood) in PAIRS.items():
        links = [link for _, _, link in priors.values()]
        columns = [
            stats.norm.rvs(
                (LINKS[link](low) + LINKS[link](high)) / 2,
                (LINKS[link](high) - LINKS[link](low)) / (2 * stats.norm.ppf(0.95)),
                size=DRAWS,
                random_state=rng,
            )
            for low, high, link in priors.values()
        ]
        x = [INVERSES[link](column) for link, column in zip(links, columns, strict=True)]
        with np.errstate(divide="ignore"):
            log = likelihood(about(*x))
        keep = log > log.max() - 25
        sample = from_prior(np.stack(columns, axis=1), log)
        found[name] = Sample(
            sample.points[keep],
            sample.weights[keep] / sample.weights[keep].sum(),
            sample.log_evidence,
            sample.log_evidence_se,
        )
    return found


@pytest.mark.parametrize("name", PAIRS)
def test_posterior(fitted: xr.DataTree, samples: dict[str, Sample], name: str) -> None:
    sample = samples[name]
    assert sample.effective > 20_000
    x = {}
    for letter, (*_, link), points in zip(
        "uv", PAIRS[name][0].values(), sample.points.T, strict=True
    ):
        draws = drawn(fitted, f"{name}_{letter}", list(PAIRS).index(name))
        x[letter] = draws
        agree(f"{letter} of {name}", LINKS[link](draws), sample.of(points))
    # Not a draw beyond the wall.
    assert np.isfinite(PAIRS[name][4](PAIRS[name][3](x["u"], x["v"]))).all()


@pytest.mark.parametrize("name", PAIRS)
def test_evidence(fitted: xr.DataTree, samples: dict[str, Sample], name: str) -> None:
    """That the prior may be where nothing can be said is part of the evidence."""
    reading, sample = (
        fitted["readings"].to_dataset().isel(reading=list(PAIRS).index(name)),
        samples[name],
    )
    found, error = float(reading["log_evidence"]), float(reading["log_evidence_se"])
    assert error < 0.02
    near("log evidence", found, error, sample.log_evidence, sample.log_evidence_se)


def test_the_whole_is_to_be_trusted(fitted: xr.DataTree) -> None:
    """A trajectory that meets a wall is turned back; that is no sign of a bad fit."""
    assert fitted.attrs["converged"] == 1, fitted.attrs["failed"]
