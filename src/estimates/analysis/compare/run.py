"""The answer beside the cited figure, which is held out: it moves neither answer nor weights.

For each reading and for their mixture: where the answer lies, by what factor it misses, and
whether the two could be the same number.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.compare.cited import Cited, cited, to_scale
from estimates.analysis.compare.pooling import (
    Pooled,
    answers,
    held_out,
    independent,
    redundant,
    sides,
)
from estimates.analysis.compare.result import (
    POOLS,
    Comparison,
    Ends,
    ManyReadings,
    OneReading,
    Row,
)
from estimates.analysis.verdict import Sides, divided, mixed, only_just, possible, verdict
from estimates.errors import Fault, InputError
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers
from estimates.inference.posterior import fitted
from estimates.inference.question import Condition
from estimates.inference.sampling import Sampling
from estimates.model import Model
from estimates.model.combinations import Distinct, distinct_readings
from estimates.model.io import load_json
from estimates.stats.kde import kernel_density
from estimates.stats.model_weights import cells, update
from estimates.stats.weighted import quantiles

Array = NDArray[np.float64]
#: P(below) and P(above) a range, by its two ends.
type Beside = Callable[[float | None, float | None], Sides]


def compare(
    model_or_fit: Model | xr.DataTree,
    pool: str | None = None,
    *,
    workers: Workers | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """The answer beside the cited figures, which are held out.

    Parameters
    ----------
    model_or_fit : a model, which is fitted first, or what `estimates.fit` returned
    pool : how cited figures are admitted, `held-out`, `independent` or `redundant`; as the model
        declares of each if left out
    workers, progress : as in `fit`

    Returns
    -------
    Comparison, whose `.document` is what `estimates compare --json` prints (docs/commands.md, JSON)
    and whose `.table` has a row for each cited figure and reading, and one for their mixture.  It
    has no rows where no figure is held out.

    Raises
    ------
    InputError : where `pool` is no way of pooling
    """
    if pool is not None and pool not in POOLS:
        raise InputError([Fault(f"unknown pool {pool!r}: it is {', '.join(POOLS)}")])
    fit = fitted(model_or_fit, workers, progress)
    model = load_json(fit.attrs["model"])
    figures = [(cited(use, model.conventions), use.pool) for use in model.uses if use.held_out]
    pools = {pool or declared or "held-out" for _, declared in figures} or {pool or "held-out"}
    return Comparison(
        model=fit.attrs["slug"],
        pool=pools.pop() if len(pools) == 1 else "as declared",
        comparisons=tuple(
            row
            for figure, declared in figures
            for row in _Comparison(fit, model, figure, pool or declared or "held-out").rows()
        ),
    )


@dataclass(frozen=True)
class _Comparison:
    """One cited figure beside the answer, pooled one way."""

    fit: xr.DataTree
    model: Model
    figure: Cited
    pool: str

    def rows(self) -> Iterator[Row]:
        """One for each reading, and one over all of them."""
        readings = self.fit["readings"].to_dataset()
        distinct = distinct_readings(self.model)
        pooled = [self._pooled(i, one.choice, readings) for i, one in enumerate(distinct)]
        weights = self._weights(pooled, distinct, readings)
        alone = [
            self._row(p, _alone(p), float(weight), one.label)
            for p, weight, one in zip(pooled, weights, distinct, strict=True)
        ]
        yield from alone
        together = self._mixture(pooled, weights)
        simulated = _simulated(readings, weights)

        def beside(low: float | None, high: float | None) -> list[Sides | None]:
            return [None if p is None else sides(p, low, high) for p in pooled]

        def all_of_them(low: float | None, high: float | None) -> Sides:
            return mixed(beside(low, high), weights, readings["fit"].values, simulated)

        whole = self._row(together, all_of_them, None if together is None else 1.0)
        if together is not None:
            low, high, conventions = self.figure.low, self.figure.high, self.model.conventions
            just = only_just(
                beside(low, high), weights, simulated, all_of_them(low, high), conventions
            )
            whole = replace(whole, only_just=just)
        yield whole if len(distinct) == 1 else self._over(whole, alone, weights)

    def _pooled(
        self, number: int, choice: Mapping[str, str], readings: xr.Dataset
    ) -> Pooled | None:
        if readings["status"].values[number] != "ok":
            return None
        group = self.fit["by_reading"].to_dataset().isel(reading=number)
        values = {str(name): value.values.ravel() for name, value in group.items()}
        chains = group.sizes["chain"]
        draws = answers(self.model, self.figure.claim, values, choice)
        if np.isnan(draws).any():
            return None
        if self.pool == "held-out":
            return held_out(draws, chains)
        draws_, tune, chains = json.loads(self.fit.attrs["sampling"])
        sampling = Sampling(draws=draws_, tune=tune, chains=chains)
        engine = functools.partial(_engine, self.fit.attrs["model"], int(self.fit.attrs["seed"]))
        said = frozenset(
            use.id
            for use in self.model.uses
            if not use.held_out and self.model.resolve(use.value, choice) is not None
        )
        question = Condition(choice, said)
        if self.pool == "redundant":
            return redundant(draws, self.figure, engine, question, sampling)
        log_evidence = float(readings["log_evidence"].values[number])
        return independent(draws, self.figure, engine, question, sampling, log_evidence)

    def _weights(
        self, pooled: Sequence[Pooled | None], distinct: Sequence[Distinct], readings: xr.Dataset
    ) -> Array:
        weights = readings["posterior"].values
        if self.pool != "independent" or any(p is None for p in pooled):
            return np.asarray(weights)
        combinations = self.model.combinations()
        log = np.empty(len(combinations))
        for number, (one, part) in enumerate(zip(distinct, pooled, strict=True)):
            assert part is not None
            log[list(one.members)] = readings["log_evidence"].values[number] + part.log_multiplier
        held = [name for name, reading in self.model.readings.items() if not reading.update]
        prior = np.array([c.weight for c in combinations])
        found = update(prior, log, cells([c.choice for c in combinations], held))
        return np.array([found[list(one.members)].sum() for one in distinct])

    def _mixture(self, pooled: Sequence[Pooled | None], weights: Array) -> Pooled | None:
        """All readings together; None where one that matters cannot be computed."""
        if any(p is None and w >= 1e-3 for p, w in zip(pooled, weights, strict=True)):
            return None
        parts = [(p, w) for p, w in zip(pooled, weights, strict=True) if p is not None]
        total = sum(w for _, w in parts)
        return Pooled(
            np.concatenate([p.values for p, _ in parts]),
            np.concatenate([p.weights * w / total for p, w in parts]),
            0.0,
        )

    def _row(
        self,
        pooled: Pooled | None,
        beside: Beside,
        weight: float | None,
        reading: Mapping[str, str] | None = None,
    ) -> OneReading:
        """Of a reading or the mixture; `beside` tells where it lies beside a range."""
        figure = self.figure
        row = OneReading(
            claim=figure.claim.id,
            reading=reading,
            weight=weight,
            low=figure.low,
            high=figure.high,
            unit=figure.claim.unit,
        )
        if pooled is None:
            return replace(row, note="not computable: no draws near")
        middle, low, high = (_quantile(pooled, level, beside) for level in (0.5, 0.05, 0.95))
        ends = Ends(q05=low.value, median=middle.value, q95=high.value)
        known = beside(figure.low, figure.high)
        conventions = self.model.conventions
        return replace(
            _far(row, figure, ends),
            median=middle.value,
            q05=low.value,
            q95=high.value,
            mcse_median=middle.error,
            mcse_q05=low.error,
            mcse_q95=high.error,
            below=known.below,
            inside=known.inside,
            above=known.above,
            mcse_below=known.below_se,
            mcse_inside=known.inside_se,
            mcse_above=known.above_se,
            overlap=_overlap(pooled, figure),
            conflict_p=_conflict(pooled, figure),
            verdict=verdict(known.below, known.inside, known.above, conventions),
            only_just=len(possible(known, conventions)) > 1,
        )

    def _over(self, whole: OneReading, alone: Sequence[OneReading], weights: Array) -> ManyReadings:
        """Opposite conflicts cancel in a mixture, and verdicts may differ: say so instead."""
        found = [row.conflict_p for row in alone if row.conflict_p is not None]
        if divided([row.verdict for row in alone], weights, self.model.conventions):
            whole = replace(whole, verdict="divided")
        bounds = (min(found), max(found)) if found else None
        return ManyReadings(**vars(replace(whole, conflict_p=None)), conflict_p_range=bounds)


class _Quantile(NamedTuple):
    value: float
    error: float


def _quantile(pooled: Pooled, level: float, beside: Beside) -> _Quantile:
    """With its Monte Carlo error, by how far those one error of its probability away are apart."""
    (value,) = quantiles(pooled.values, [level], pooled.weights).tolist()
    of = beside(value, None).below_se
    around = max(level - of, 0.0), min(level + of, 1.0)
    low, high = quantiles(pooled.values, around, pooled.weights).tolist()
    return _Quantile(value, (high - low) / 2)


def _alone(pooled: Pooled | None) -> Beside:
    """Of one reading, if it can be computed."""

    def beside(low: float | None, high: float | None) -> Sides:
        assert pooled is not None
        return sides(pooled, low, high)

    return beside


def _simulated(readings: xr.Dataset, weights: Array) -> Array:
    """(simulation, reading) weights under their own error; pooled ones err as those they were."""
    before = readings["posterior"].values
    moved = np.divide(weights, before, out=np.zeros_like(weights), where=before > 0)
    simulated = readings["weight_simulated"].values * moved
    return np.asarray(simulated / simulated.sum(axis=1, keepdims=True))


@functools.lru_cache(maxsize=4)
def _engine(model_json: str, seed: int) -> Engine:
    return Engine(load_json(model_json), seed=seed)


def _far(row: OneReading, figure: Cited, ends: Ends) -> OneReading:
    """With ratios to the centre and to the nearest edge; on the identity scale differences."""
    edge = median = ends.median
    if figure.low is not None and median < figure.low:
        edge = figure.low
    elif figure.high is not None and median > figure.high:
        edge = figure.high
    centre = figure.centre
    if figure.scale.name == "identity":
        difference = centre if centre is None else _each(ends, lambda value: value - centre)
        return replace(row, difference=difference, difference_to_edge=edge - median)
    ratio = centre if centre is None else _each(ends, lambda value: value / centre)
    return replace(row, ratio=ratio, factor_to_edge=edge / median)


def _each(ends: Ends, of: Callable[[float], float]) -> Ends:
    return Ends(q05=of(ends.q05), median=of(ends.median), q95=of(ends.q95))


def _overlap(pooled: Pooled, figure: Cited) -> float | None:
    """∫ min of the two densities on the claim's scale: 1 the same, 0 apart."""
    on_scale = to_scale(figure.scale, pooled.values)
    if figure.density(np.zeros(1)) is None or not np.isfinite(on_scale).all():
        return None
    if np.ptp(on_scale) == 0:
        return 0.0
    grid, answer = kernel_density(on_scale, pooled.weights)
    other = figure.density(grid)
    assert other is not None
    return float(np.clip(np.trapezoid(np.minimum(answer, other), grid), 0.0, 1.0))


def _conflict(pooled: Pooled, figure: Cited) -> float | None:
    """2·min(P(δ>0), P(δ<0)), δ = g(answer) − g(cited).

    Marshall & Spiegelhalter 2007 (Bayesian Analysis 2:409); the cited figure's own uncertainty
    is integrated in closed form for each draw.
    """
    exceeded = figure.probability_exceeded(to_scale(figure.scale, pooled.values))
    if exceeded is None or not np.isfinite(exceeded).all():
        return None
    above = float(pooled.weights @ exceeded)
    return float(np.clip(2 * min(above, 1 - above), 0.0, 1.0))
