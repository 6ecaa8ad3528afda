"""What simulations say of the calibration of a model: the document of `estimates calibrate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from estimates.analysis.calibrate.simulate import LIKELIHOOD, Simulation, simulations
from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import attributes
from estimates.inference.sampling import Sampling
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


def calibrate(
    model: Model,
    n: int = 200,
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    misfit: Mapping[str, float] | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Simulation-based calibration of a model's whole pipeline, judged.

    Parameters
    ----------
    n : number of simulations
    seed, sampling, misfit, workers, progress : see `calibration.simulations`

    Returns
    -------
    The document that `estimates calibrate --json` prints; `["calibrated"]` is the verdict.
    """
    found = simulations(
        model, n, seed=seed, sampling=sampling, misfit=misfit, workers=workers, progress=progress
    )
    return calibration_document(model, model.seed if seed is None else seed, found)


def calibration_document(
    model: Model, seed: int, simulations: Sequence[Simulation]
) -> dict[str, Any]:
    """Ranks, coverage and reliability judged; what is not defined is None, never nan.

    Every test quantity and every updated reading has a p-value for the uniformity of its ranks
    (see `uniformity`); they are adjusted together after Holm 1979 (Scand J Statist 6:65), and the
    calibration fails where an adjusted one lies below 0.01.
    """
    good = [simulation for simulation in simulations if not simulation.failed]
    ranks = {name: _ranks(good, name) for name in _names(good)}
    places = {axis: _places(good, axis) for axis in _axes(good)}
    tested = {**ranks, **{f"reading {axis}": found for axis, found in places.items()}}
    p = {name: ecdf(found, 0.95).p for name, found in tested.items() if len(found) >= FEWEST}
    adjusted = dict(zip(p, holm(list(p.values())), strict=True))
    failed = len(simulations) - len(good)
    enough = len(good) >= FEWEST and failed <= MOST_FAILED * len(simulations)
    passed = bool(p) and enough and min(adjusted.values()) >= FALSE_ALARM
    return {
        "format": 1,
        "model": model.slug,
        "seed": seed,
        "digest": model.digest,
        "simulations": len(simulations),
        "failed": failed,
        "failures": _counted([s for simulation in simulations for s in simulation.failed]),
        "band": 1 - FALSE_ALARM / max(1, len(p)),
        "calibrated": passed,
        "quantities": {
            name: {**_heading(model, name), **_judged(name, found, p, adjusted)}
            for name, found in ranks.items()
        },
        "readings": {
            axis: {
                **_judged(f"reading {axis}", found, p, adjusted),
                "options": {
                    option: _reliability(good, axis, option)
                    for option in model.readings[axis].options
                },
            }
            for axis, found in places.items()
        },
    }


def _heading(model: Model, name: str) -> dict[str, str]:
    if name == LIKELIHOOD:
        return {"label": "joint log likelihood of the claims", "unit": "", "kind": "likelihood"}
    return attributes(model, name)


def _judged(
    name: str, ranks: Array, p: Mapping[str, float], adjusted: Mapping[str, float]
) -> dict[str, Any]:
    found = adjusted.get(name)
    return {
        "simulations": len(ranks),
        "p": p.get(name),
        "p_adjusted": found,
        "calibrated": None if found is None else found >= FALSE_ALARM,
        "coverage": {f"{c:.0%}": _share(np.abs(ranks - 0.5) < c / 2) for c in COVERAGES},
        "ranks": [round(float(rank), 6) for rank in ranks],
    }


def _share(hits: NDArray[np.bool_]) -> dict[str, float | None]:
    """A share with its central 95 % Jeffreys interval (Brown, Cai & DasGupta 2001)."""
    n, k = len(hits), int(np.sum(hits))
    if not n:
        return {"share": None, "low": None, "high": None}
    low = 0.0 if k == 0 else float(betaincinv(k + 0.5, n - k + 0.5, 0.025))
    high = 1.0 if k == n else float(betaincinv(k + 0.5, n - k + 0.5, 0.975))
    return {"share": k / n, "low": low, "high": high}


def _reliability(simulations: Sequence[Simulation], axis: str, option: str) -> dict[str, Any]:
    """How often an option was the truth, beside the weight that the fits gave it.

    `z` compares the two sums; under calibration it is about standard normal where weights are not
    all near 0 and 1.  Bins of equal size are in the order of the weights.
    """
    weights = np.array([s.weights[axis][option] for s in simulations])
    right = np.array([s.truth[axis] == option for s in simulations])
    variance = float(np.sum(weights * (1 - weights)))
    bins = []
    order = np.argsort(weights, kind="stable")
    for part in np.array_split(order, max(1, min(_BINS, len(order) // FEWEST))):
        bins.append(
            {"weight": float(np.mean(weights[part])), "n": len(part), **_share(right[part])}
        )
    return {
        "expected": float(np.mean(weights)),
        "observed": float(np.mean(right)),
        "z": float(np.sum(right - weights)) / variance**0.5 if variance > 0 else None,
        "bins": bins,
    }


def _names(simulations: Sequence[Simulation]) -> list[str]:
    return list(dict.fromkeys(name for s in simulations for name in s.ranks))


def _axes(simulations: Sequence[Simulation]) -> list[str]:
    return list(dict.fromkeys(axis for s in simulations for axis in s.weights))


def _ranks(simulations: Sequence[Simulation], name: str) -> Array:
    found = [s.ranks.get(name) for s in simulations]
    return np.array([rank for rank in found if rank is not None])


def _places(simulations: Sequence[Simulation], axis: str) -> Array:
    """Where the true option lies in the cumulative weights, spread evenly over its own share.

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


def _counted(sentences: Sequence[str]) -> dict[str, int]:
    return {sentence: sentences.count(sentence) for sentence in dict.fromkeys(sentences)}
