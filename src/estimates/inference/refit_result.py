"""What a refit says: statistics of every target, over the readings and under each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from estimates._util.html import line
from estimates.inference.fit_job import thinned_rows
from estimates.inference.result import Shown, Statistics
from estimates.inference.statistics import alike, interval_of, mixture_of, statistics_of
from estimates.inference.var_names import CI_PROB
from estimates.language.cells import notebook
from estimates.model.dimensions import variable
from estimates.stats.model_weights import Weights
from estimates.stats.weighted import WeightedDraws

_CURVE = 200

type Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Ends:
    """A target under one reading, with its quantiles at (i + 1/2)/200; None where it has none."""

    q05: float | None = None
    median: float | None = None
    q95: float | None = None
    mcse_q05: float | None = None
    mcse_median: float | None = None
    mcse_q95: float | None = None
    curve: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class UnderReading:
    """A reading, its weight, and what it says of each target."""

    reading: Mapping[str, str]
    weight: float
    targets: Mapping[str, Ends]


@dataclass(frozen=True)
class Refit:
    """The answer under one change.

    Attributes
    ----------
    label : of the change
    targets : by target the statistics of the mixture over readings
    readings : each of them
    weights : by reading and option the posterior weight
    failed : why it must not be trusted, a sentence each; empty where it may be
    weighed : whether it comes from the draws of the whole fit, weighed, and not from a fit anew
    """

    label: str
    targets: Mapping[str, Statistics]
    readings: tuple[UnderReading, ...]
    weights: Mapping[str, Mapping[str, float]]
    failed: tuple[str, ...]
    weighed: bool = False

    def interval(self, target: str, ci_prob: float = CI_PROB) -> tuple[float | None, float | None]:
        """Return the equal-tailed interval of a target's mixture, in its unit.

        One other than of 90 % is interpolated between the quantiles kept of each reading.
        """
        name, numbers = variable(target), self.targets[variable(target)]
        if ci_prob == CI_PROB or numbers.median is None:
            return numbers.q05, numbers.q95
        spoken = [(one.targets[name].curve, one.weight) for one in self.readings if one.weight > 0]
        curves = [curve for curve, _ in spoken if curve is not None]
        if len(curves) < len(spoken):
            return None, None
        return interval_of(np.array(curves), np.array([w for _, w in spoken]), ci_prob)

    def _repr_html_(self) -> str:
        rows = [Shown.of(name, one) for name, one in self.targets.items()]
        broken = line(f"Not to be trusted: {'; '.join(self.failed)}.") if self.failed else ""
        return broken + notebook(rows, title=self.label)


def told_of(
    label: str,
    drawn: Sequence[Mapping[str, Array]],
    labels: Sequence[Mapping[str, str]],
    weights: Weights,
    fits: NDArray[np.int64],
    options: Mapping[str, Mapping[str, float]],
    failed: tuple[str, ...],
    kept: int,
) -> Refit:
    """Return an answer in numbers.

    Parameters
    ----------
    drawn : by reading each target's draws (chain, draw)
    labels : the options of each reading
    weights : of the readings
    fits : (reading,) the fit that each reading's draws come from
    kept : draws of each chain that are mixed
    """
    targets = {
        name: mixture_of(
            np.stack([thinned_rows(values[name], kept) for values in drawn]),
            weights.mean,
            fits,
            weights.simulated,
        )
        for name in drawn[0]
    }
    ends = {name: _ends_of([values[name] for values in drawn]) for name in drawn[0]}
    readings = tuple(
        UnderReading(
            reading=dict(said),
            weight=float(weight),
            targets={name: found[number] for name, found in ends.items()},
        )
        for number, (said, weight) in enumerate(zip(labels, weights.mean, strict=True))
    )
    return Refit(label, targets, readings, options, failed)


def _ends_of(drawn: Sequence[Array]) -> list[Ends]:
    """Return what each reading says of a target; most have the same draws."""
    if len({one.shape for one in drawn}) > 1:
        return list(map(_ends, drawn))
    group = alike(np.stack(drawn))
    _, first = np.unique(group, return_index=True)
    found = [_ends(drawn[number]) for number in first]
    return [found[number] for number in group]


def _ends(values: Array) -> Ends:
    if not np.all(np.isfinite(values)):
        return Ends()
    draws = WeightedDraws(values, np.ones(1))
    curve = draws.quantiles((np.arange(_CURVE) + 0.5) / _CURVE)
    found = statistics_of(values)
    return Ends(
        q05=found.q05,
        median=found.median,
        q95=found.q95,
        mcse_q05=found.mcse_q05,
        mcse_median=found.mcse_median,
        mcse_q95=found.mcse_q95,
        curve=tuple(float(f"{one:.7g}") for one in curve),
    )
