"""Simulates, fits, and judges."""

from __future__ import annotations

from collections.abc import Mapping

from estimates.analysis.calibrate.judge import judge
from estimates.analysis.calibrate.result import Calibration
from estimates.analysis.calibrate.simulate import simulations
from estimates.inference.jobs import Progress, Workers
from estimates.inference.sampling import Sampling
from estimates.model import Model


def calibrate(
    model: Model,
    n: int = 200,
    *,
    seed: int | None = None,
    sampling: Sampling | None = None,
    misfit: Mapping[str, float] | None = None,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Calibrate a model's whole pipeline by simulation (simulation-based calibration).

    Parameters
    ----------
    n : number of simulations
    seed, sampling, misfit, workers, progress : see `simulate.simulations`

    Returns
    -------
    Calibration, whose `.calibrated` is the verdict.
    """
    seed = model.seed if seed is None else seed
    found = simulations(
        model, n, seed=seed, sampling=sampling, misfit=misfit, workers=workers, progress=progress
    )
    return judge(model, seed, found)
