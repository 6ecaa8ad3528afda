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
    model : a checked model (see `estimates.load`)
    n : number of simulations
    seed : decides every draw; the model's own if left out
    sampling : of each fit; by default short ones
    misfit : by claim a factor by which the fit takes its width wrongly, to see that it is noticed
    workers, progress : as in `fit`; with a store finished simulations are kept

    Returns
    -------
    Calibration: the rank of each truth among its draws, how often intervals held it, and the
    reliability of readings' weights; `.calibrated` is the verdict.

    Raises
    ------
    InputError : where the model has no evidence, or hardly any draw of its priors is possible

    See Also
    --------
    fit : what is calibrated

    Notes
    -----
    Talts, Betancourt, Simpson, Vehtari & Gelman 2018 (arXiv:1804.06788), with the simultaneous
    bands of Säilynoja, Bürkner & Vehtari 2022 (Stat Comput 32:32).

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> said = {"a": est.Claim("around 300 people", about=n, source="A newspaper")}
    >>> model = est.Model({"n": n}, claims=said, targets=["n"])
    >>> est.calibrate(model, 5).simulations
    5
    """
    seed = model.seed if seed is None else seed
    found = simulations(
        model, n, seed=seed, sampling=sampling, misfit=misfit, workers=workers, progress=progress
    )
    return judge(model, seed, found)
