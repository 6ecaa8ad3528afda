"""A network of trials with random effects, some of whose members the claims tell little of.

Hours a day that Parkinson's disease takes, in seven trials of five treatments (Dias, Sutton, Welton
& Ades 2011, NICE DSU Technical Support Document 2, example 5).  Given the spread τ everything is
normal, so that one dimension is left for quadrature.  With an arm missing, its trial tells nothing
of its own effect, while the other trials do: neither form of a hierarchy suits all its members.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray
from scipy import stats

from estimates import fit, summary

from .building import build, drawn
from .quadrature import of_weights
from .test_hierarchies import mixed
from .tolerance import Truth, agree

Array = NDArray[np.float64]

#: By trial the arms: treatment, change in hours, its standard error.
TRIALS = {
    1: [(1, -1.22, 0.504), (3, -1.53, 0.439)],
    2: [(1, -0.7, 0.282), (2, -2.4, 0.258)],
    3: [(1, -0.3, 0.505), (2, -2.6, 0.510), (4, -1.2, 0.478)],
    4: [(3, -0.24, 0.265), (4, -0.59, 0.354)],
    5: [(3, -0.73, 0.335), (4, -0.18, 0.442)],
    6: [(4, -2.2, 0.197), (5, -2.5, 0.190)],
    7: [(4, -1.8, 0.200), (5, -2.1, 0.250)],
}
VAGUE = 100.0  # sd of the priors of baselines and effects
WIDEST = 5.0  # of τ, whose prior is uniform
EFFECTS = ("d2", "d3", "d4", "d5")
#: Medians of that document, of a simulation of its own.
PUBLISHED = {"d2": -1.84, "d3": -0.50, "d4": -0.53, "d5": -0.83}


def written(folder: Path, without: str = "") -> Any:
    """The model as its authors write it: an effect of each trial's arm, beside its baseline."""
    vague = f"Normal(mu=0, sigma={VAGUE:g})"
    quantities = dict.fromkeys([*(f"m{t}" for t in TRIALS), *EFFECTS], vague)
    quantities["tau"] = f"Uniform(lower=0, upper={WIDEST:g})"
    says, claims = {}, {}
    for trial, arms in TRIALS.items():
        (base, *_), (first, *_) = arms[:2]
        for place, (arm, hours, error) in enumerate(arms):
            name, about = f"t{trial}a{arm}", f"m{trial}"
            if place:
                effect = f"x{trial}{arm}"
                about += f" + {effect}"
                mean = f"d{arm}" if base == 1 else f"d{arm} - d{base}"
                if place == 1:
                    quantities[effect] = f"Normal(mu={mean}, sigma=tau)"
                else:  # arms of one trial share its baseline, and half of their variance
                    mean += f" + (x{trial}{first} - d{first}) / 2"
                    quantities[effect] = f"Normal(mu={mean}, sigma=tau * sqrt(0.75))"
            if name != without:
                says[name], claims[name] = f"{hours} ± {error}", about
    return build(folder, quantities=quantities, says=says, claims=claims)


def solved(without: str = "") -> dict[str, Truth]:
    """What is true of the effects and of log τ."""
    rows, values, errors, places = [], [], [], []
    for trial, arms in TRIALS.items():
        base = arms[0][0]
        for place, (arm, hours, error) in enumerate(arms):
            if f"t{trial}a{arm}" == without:
                continue
            row = dict.fromkeys([*(f"m{t}" for t in TRIALS), *EFFECTS], 0.0)
            row[f"m{trial}"] = 1.0
            if place:
                row[f"d{arm}"] += 1.0
                if base > 1:
                    row[f"d{base}"] -= 1.0
            rows.append(list(row.values()))
            values.append(hours)
            errors.append(error)
            places.append((trial, place))
    design, y = np.array(rows), np.array(values)
    own = np.array([[(a[0] == b[0]) * (a[1] > 0) * (b[1] > 0) * (1 if a == b else 0.5)
                     for b in places] for a in places])  # fmt: skip
    u = np.linspace(-9, np.log(WIDEST), 2001)  # log τ
    log, means, variances = [], [], []
    for tau in np.exp(u):
        noise = np.diag(np.square(errors)) + tau**2 * own
        whole = noise + VAGUE**2 * design @ design.T
        log.append(stats.multivariate_normal.logpdf(y, np.zeros(len(y)), whole))
        gain = VAGUE**2 * np.linalg.solve(whole, design).T
        means.append(gain @ y)
        variances.append(VAGUE**2 - np.sum(gain * VAGUE**2 * design.T, axis=1))
    weights = np.exp(np.array(log) - max(log) + u)
    weights /= weights.sum()
    places_of = range(len(TRIALS), len(TRIALS) + len(EFFECTS))
    found = {
        name: mixed(weights, np.array(means)[:, k], np.array(variances)[:, k])
        for name, k in zip(EFFECTS, places_of, strict=True)
    }
    return found | {"log tau": of_weights(u, weights)}


@pytest.fixture(scope="module", params=["", "t1a1"], ids=["whole", "an arm missing"])
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[xr.DataTree, dict[str, Truth]]:
    model = written(tmp_path_factory.mktemp("network"), request.param)
    return fit(model, seed=3), solved(request.param)


def test_it_is_answered(asked: tuple[xr.DataTree, dict[str, Truth]]) -> None:
    assert summary(asked[0]).document["diagnostics"]["failed"] == []


def test_the_effects_are_those_of_quadrature(
    asked: tuple[xr.DataTree, dict[str, Truth]],
) -> None:
    fitted, truths = asked
    for name in EFFECTS:
        agree(name, drawn(fitted, name), truths[name])
    # τ may be next to nothing: its logarithm has a long tail, of which quantiles tell.
    agree("log tau", np.log(drawn(fitted, "tau")), truths["log tau"].without("mean", "sd"))


def test_the_reference_knows_what_is_published() -> None:
    truths = solved()
    for name, median in PUBLISHED.items():
        assert truths[name].value["median"] == pytest.approx(median, abs=0.03)
