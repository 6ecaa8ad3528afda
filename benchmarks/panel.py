"""A panel of countries and years: a model of `estimates`, and the same by hand in PyMC with dims.

`python -m benchmarks.panel COUNTRIES YEARS` draws the model by hand and prints one JSON document.
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Countries and years: of a hundred claims and some more unknowns, and of a thousand of both.
SIZES = ((10, 10), (50, 20))
_FIRST = 2000
_LOW, _HIGH = 2_000, 200_000  # prior of a cell in the first year
_STEP = 0.05, 0.40  # prior of the size of a yearly step
_WIDTH = 0.35  # of a claim: an expert's basis; exact figures are hardly rounded
_Z = 1.6448536


def figures(countries: int, years: int) -> NDArray[np.int64]:
    """What is said of each country in each year (country, year): a walk and the claims' errors."""
    rng = np.random.default_rng(7)
    start = rng.normal(math.log(20_000), 1.0, (countries, 1))
    steps = rng.normal(0.0, 0.15, (countries, years - 1)).cumsum(axis=1)
    path = np.concatenate([start, start + steps], axis=1)
    return np.round(np.exp(path + rng.normal(0.0, 0.3, path.shape))).astype(int)


def write_panel(root: Path, countries: int, years: int) -> str:
    """Write the model with one claim about each cell, and return its slug."""
    said = figures(countries, years)
    slug = f"panel-{countries * years}"
    folder = root / "models" / slug
    folder.mkdir(parents=True, exist_ok=True)
    cells = [(c, y) for c in range(countries) for y in range(years)]
    ledger = "".join(
        f"  k{c}-{y}: {{source: s, quote: q, says: '{said[c, y]} people', basis: expert, "
        f"when: {_FIRST + y}}}\n"
        for c, y in cells
    )
    (folder / "evidence.yaml").write_text(f"sources:\n  s: {{title: t}}\nclaims:\n{ledger}")
    names = ", ".join(f"c{c}" for c in range(countries))
    labels = ", ".join(str(_FIRST + y) for y in range(years))
    claims = "".join(
        f"  workers.c{c}: [{', '.join(f'k{c}-{y}' for y in range(years))}]\n"
        for c in range(countries)
    )
    low, high = (f"{100 * one:g}" for one in _STEP)
    (folder / "model.yaml").write_text(
        f"format: 2\ntitle: {len(cells)} cells\nevidence: evidence.yaml\n"
        f"dimensions:\n  country: [{names}]\n  year: {{time: [{labels}]}}\n"
        "quantities:\n  workers:\n    over: [country, year]\n    unit: person\n"
        f'    prior: "{_LOW:,} to {_HIGH:,}"\n'
        f"    walk: {{along: year, by: {low} to {high} %}}\n"
        'relations:\n  total: {unit: person, is: "sum(workers, country)"}\n'
        f"claims:\n{claims}targets: [total]\n"
    )
    return slug


def by_hand(countries: int, years: int) -> dict[str, Any]:
    """The same in PyMC with dims, drawn by `pm.sample`; its time, and the smallest bulk ESS."""
    import arviz as az
    import pymc as pm

    middle, sd = math.log(_LOW * _HIGH) / 2, math.log(_HIGH / _LOW) / (2 * _Z)
    low, high = _STEP
    coords = {"country": range(countries), "year": range(years), "later": range(1, years)}
    start = time.perf_counter()
    with pm.Model(coords=coords):
        first = pm.Normal("first", middle, sd, dims="country")
        by = pm.LogNormal("by", math.log(low * high) / 2, math.log(high / low) / (2 * _Z))
        steps = pm.Normal("steps", dims=("country", "later"))
        later = first[:, None] + by * pm.math.cumsum(steps, axis=1)
        path = pm.math.concatenate([first[:, None], later], axis=1)
        workers = pm.Deterministic("workers", pm.math.exp(path), dims=("country", "year"))
        pm.Deterministic("total", workers.sum(axis=0), dims="year")
        said = np.log(figures(countries, years))
        pm.Normal("claims", path, _WIDTH, observed=said, dims=("country", "year"))
        trace = pm.sample(2000, tune=1000, chains=4, random_seed=1, progressbar=False)
    seconds = time.perf_counter() - start
    total = trace["posterior"]["total"]
    return {
        "seconds": seconds,
        "ess": float(az.ess(trace, var_names=["total"])["total"].min()),
        "median": float(total.isel(year=-1).median()),
    }


if __name__ == "__main__":
    print(json.dumps(by_hand(*map(int, sys.argv[1:]))))
