"""One reading of scmp-2017-headline (gross, share, china) as one would write it by hand in PyMC.

Priors and widths are worked out on paper from docs/method.md, for comparison in time only.
"""

from __future__ import annotations

import math

import pymc as pm


def centre_and_sd(low: float, high: float) -> tuple[float, float]:
    """Of a normal whose central 90 % runs from low to high."""
    return (low + high) / 2, (high - low) / (2 * 1.6448536)


def log_odds(share: float) -> float:
    """The logit."""
    return math.log(share / (1 - share))


def model() -> pm.Model:
    """Workers, wage and skim, a claim about each, and the revenue."""
    with pm.Model() as written:
        workers = pm.Normal("workers", *centre_and_sd(math.log(1400), math.log(200_000)))
        wage = pm.Normal("wage", *centre_and_sd(math.log(68), math.log(1113)))
        skim = pm.Normal("skim", *centre_and_sd(log_odds(0.24), log_odds(0.94)))
        # Around 20,000: hedge, rounding and an expert's basis.
        pm.Normal("a", workers, math.hypot(0.10, 0.144, 0.35), observed=math.log(20_000))
        # Around 120 to 150: an expert's range, never narrower than a third of the basis.
        pm.Normal("b", wage, math.hypot(0.35 / 3, 0.10), observed=math.log(120 * 150) / 2)
        # 70 to 80 %.
        width = max((log_odds(0.8) - log_odds(0.7)) / (2 * 1.0364334), 0.35 / 3)
        pm.Normal("c", skim, width, observed=(log_odds(0.7) + log_odds(0.8)) / 2)
        revenue = 12e-6 * pm.math.exp(workers + wage) * pm.math.sigmoid(skim)
        pm.Deterministic("revenue", revenue)
    return written


if __name__ == "__main__":
    with model():
        draws = pm.sample(2000, tune=1000, chains=4, random_seed=1, progressbar=False)
    print(float(draws["posterior"]["revenue"].median()))
