"""What simulations say of the calibration of a model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from estimates.analysis.calibrate.result import (
    Bin,
    Calibration,
    Named,
    QuantityTest,
    ReadingTest,
    Reliability,
    Share,
    Tested,
)
from estimates.analysis.calibrate.simulate import LIKELIHOOD, Simulation
from estimates.inference.posterior import attributes
from estimates.model import Model
from estimates.stats.ecdf import ecdf
from estimates.stats.multiple_testing import holm

Array = NDArray[np.float64]
COVERAGES = (0.50, 0.80, 0.90, 0.95)
#: A sound model is called uncalibrated with at most this probability, over all of its tests.
FALSE_ALARM = 0.01
#: More fits than this share that must not be trusted, and neither must the calibration.
MOST_FAILED = 0.05
FEWEST = 20  # simulations, below which nothing can be said
_BINS = 10


def judge(model: Model, seed: int, simulations: Sequence[Simulation]) -> Calibration:
    """Judge ranks, coverage and reliability.

    Every test quantity and every updated reading has a p-value for the uniformity of its ranks
    (see `ecdf`); they are adjusted together after Holm 1979 (Scand J Statist 6:65), and the
    calibration fails where an adjusted one lies below 0.01.
    """
    good = [simulation for simulation in simulations if not simulation.failed]
    failed = len(simulations) - len(good)
    names = list(dict.fromkeys(name for s in good for name in s.ranks))
    axes = list(dict.fromkeys(axis for s in good for axis in s.weights))
    tests = _tested([_ranks(good, name) for name in names] + [_places(good, axis) for axis in axes])
    judged = [one.calibrated for one in tests if one.calibrated is not None]
    enough = len(good) >= FEWEST and failed <= MOST_FAILED * len(simulations)
    sentences = [sentence for simulation in simulations for sentence in simulation.failed]
    return Calibration(
        model=model.slug,
        seed=seed,
        digest=model.digest,
        simulations=len(simulations),
        failed=failed,
        failures={one: sentences.count(one) for one in dict.fromkeys(sentences)},
        band=1 - FALSE_ALARM / max(1, len(judged)),
        calibrated=bool(judged) and enough and all(judged),
        quantities={
            name: QuantityTest(**vars(one), **vars(_named(model, name)))
            for name, one in zip(names, tests, strict=False)
        },
        readings={
            axis: ReadingTest(**vars(one), options=_options(good, model, axis))
            for axis, one in zip(axes, tests[len(names) :], strict=True)
        },
    )


def _tested(ranks: Sequence[Array]) -> list[Tested]:
    """Return whether each of these is uniform, where there are enough of them."""
    p = [ecdf(one, 0.95).p if len(one) >= FEWEST else None for one in ranks]
    left = iter(holm([one for one in p if one is not None]))
    adjusted = [None if one is None else next(left) for one in p]
    return [
        Tested(
            simulations=len(found),
            p=own,
            p_adjusted=together,
            calibrated=None if together is None else together >= FALSE_ALARM,
            coverage={f"{c:.0%}": _share(np.abs(found - 0.5) < c / 2) for c in COVERAGES},
            ranks=tuple(round(float(rank), 6) for rank in found),
        )
        for found, own, together in zip(ranks, p, adjusted, strict=True)
    ]


def _named(model: Model, name: str) -> Named:
    if name == LIKELIHOOD:
        return Named(unit="", label="joint log likelihood of the claims", kind="likelihood")
    return Named(**attributes(model, name))


def _share(hits: NDArray[np.bool_]) -> Share:
    """Return a share with its central 95 % Jeffreys interval (Brown, Cai & DasGupta 2001)."""
    n, k = len(hits), int(np.sum(hits))
    if not n:
        return Share(share=None, low=None, high=None)
    low = 0.0 if k == 0 else float(betaincinv(k + 0.5, n - k + 0.5, 0.025))
    high = 1.0 if k == n else float(betaincinv(k + 0.5, n - k + 0.5, 0.975))
    return Share(share=k / n, low=low, high=high)


def _options(good: Sequence[Simulation], model: Model, axis: str) -> dict[str, Reliability]:
    return {option: _reliability(good, axis, option) for option in model.readings[axis].options}


def _reliability(simulations: Sequence[Simulation], axis: str, option: str) -> Reliability:
    """Return how often an option was the truth, beside the weight that the fits gave it."""
    weights = np.array([s.weights[axis][option] for s in simulations])
    right = np.array([s.truth[axis] == option for s in simulations])
    variance = float(np.sum(weights * (1 - weights)))
    order = np.argsort(weights, kind="stable")
    parts = np.array_split(order, max(1, min(_BINS, len(order) // FEWEST)))
    return Reliability(
        expected=float(np.mean(weights)),
        observed=float(np.mean(right)),
        z=float(np.sum(right - weights)) / variance**0.5 if variance > 0 else None,
        bins=tuple(
            Bin(weight=float(np.mean(weights[part])), n=len(part), **vars(_share(right[part])))
            for part in parts
        ),
    )


def _ranks(simulations: Sequence[Simulation], name: str) -> Array:
    found = [s.ranks.get(name) for s in simulations]
    return np.array([rank for rank in found if rank is not None])


def _places(simulations: Sequence[Simulation], axis: str) -> Array:
    """Return where the true option lies in the cumulative weights, spread over its own share.

    Uniform where an option given the weight w is right with frequency w (Czado, Gneiting & Held
    2009, Biometrics 65:1254: the randomised PIT).
    """
    found = []
    for simulation in simulations:
        weights = simulation.weights[axis]
        options = list(weights)
        before = sum(weights[o] for o in options[: options.index(simulation.truth[axis])])
        found.append(before + simulation.spread[axis] * weights[simulation.truth[axis]])
    return np.array(found)
