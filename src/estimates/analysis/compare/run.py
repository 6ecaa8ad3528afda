"""The answer beside the cited figure, which is held out: it moves neither answer nor weights.

For each reading and for their mixture: where the answer lies, by what factor it misses, and
whether the two could be the same number.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.cited import Cited, to_scale
from estimates.analysis.compare.phrases import phrases_of
from estimates.analysis.compare.pooling import (
    Pooled,
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
from estimates.analysis.fit_view import FitView
from estimates.analysis.result import Numbers
from estimates.analysis.verdict import (
    NEGLIGIBLE,
    Sides,
    Standing,
    divided,
    mixed,
    possible,
    verdict,
)
from estimates.errors import Fault, InputError
from estimates.inference.engine import Engine
from estimates.inference.jobs import Progress, Workers
from estimates.inference.meant import claimed
from estimates.inference.origin import Origin
from estimates.inference.posterior import fitted
from estimates.inference.question import Condition
from estimates.inference.result import Statistics
from estimates.inference.statistics import mixture_of, statistics_of
from estimates.model import Model
from estimates.model.io import load_json
from estimates.model.naming import labels_in
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
    """Set the answer beside the cited figures, which are held out.

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

    See Also
    --------
    inverse : what would have to be true for the answer to be what was cited

    Examples
    --------
    >>> import estimates as est
    >>> fit = est.fit(est.load("scmp-2017-headline"), seed=1)
    >>> found = est.compare(fit)
    >>> sorted(set(found.table["claim"]))
    ['cited-revenue']
    """
    if pool is not None and pool not in POOLS:
        raise InputError([Fault(f"unknown pool {pool!r}: it is {', '.join(POOLS)}")])
    fit = fitted(model_or_fit, workers, progress)
    view = FitView.of(fit)
    figures = [(view.yardstick(use), pool or use.pool or "held-out") for use in view.cited()]
    pools = {one for _, one in figures} or {pool or "held-out"}
    return Comparison(
        model=Origin.of(fit).slug,
        pool=pools.pop() if len(pools) == 1 else "as declared",
        comparisons=tuple(
            row for figure, one in figures for row in _Comparison(fit, view, figure, one).rows()
        ),
        phrases=tuple(
            row
            for figure, one in figures
            if one == "held-out"
            for row in phrases_of(view, figure.claim)
        ),
        **labels_in(view.model),
    )


@dataclass(frozen=True)
class _Comparison:
    """One cited figure beside the answer, pooled one way."""

    fit: xr.DataTree
    view: FitView
    figure: Cited
    pool: str

    def rows(self) -> Iterator[Row]:
        """Yield a row for each reading, and one over all of them."""
        readings, conventions = self.view.readings, self.view.model.conventions
        pooled = [self._pooled(number) for number in range(len(readings))]
        weights = self._weights(pooled)
        alone = [
            self._row(
                one,
                None if one is None else functools.partial(sides, one),
                weight,
                reading.label,
                statistics_of(one.by_chain) if one and self.pool == "held-out" else None,
            )
            for one, weight, reading in zip(pooled, weights.tolist(), readings, strict=True)
        ]
        yield from alone
        simulated = self._simulated(weights)

        def under(low: float | None, high: float | None) -> list[Sides | None]:
            return [None if one is None else sides(one, low, high) for one in pooled]

        def over(low: float | None, high: float | None) -> Sides:
            return mixed(under(low, high), weights, self.view.fits, simulated)

        together = self._mixture(pooled, weights)
        mixture = self._statistics(pooled) if together and self.pool == "held-out" else None
        whole = self._row(together, over, None if together is None else 1.0, None, mixture)
        if together is not None:
            ends = self.figure.low, self.figure.high
            standing = Standing(conventions, tuple(under(*ends)))
            just = standing.only_just(weights, simulated, over(*ends))
            whole = replace(whole, only_just=just)
        if len(readings) == 1:
            yield whole
            return
        # Opposite conflicts cancel in a mixture, and verdicts may differ: say so instead.
        found = [row.conflict_p for row in alone if row.conflict_p is not None]
        if divided([row.verdict for row in alone], weights, conventions):
            whole = replace(whole, verdict="divided")
        bounds = (min(found), max(found)) if found else None
        yield ManyReadings(**vars(replace(whole, conflict_p=None)), conflict_p_range=bounds)

    def _pooled(self, number: int) -> Pooled | None:
        view, choice = self.view, self.view.readings[number].choice
        if not view.usable[number]:
            return None
        values = {name: view.draws(name)[number].ravel() for name in view.drawn}
        draws = claimed(view.model, self.figure.claim, values, choice)
        if np.isnan(draws).any():
            return None
        if self.pool == "held-out":
            return held_out(draws, view.shape[1])
        sampling = Origin.of(self.fit).sampling
        engine = functools.partial(_engine, self.fit.attrs["model"], Origin.of(self.fit).seed)
        said = frozenset(
            use.id
            for use in view.model.uses
            if not use.held_out and view.model.resolve(use.value, choice) is not None
        )
        condition = Condition(choice, said)
        if self.pool == "redundant":
            return redundant(draws, self.figure, engine, condition, sampling)
        log_evidence = float(view.log_evidence[number])
        return independent(draws, self.figure, engine, condition, sampling, log_evidence)

    def _weights(self, pooled: Sequence[Pooled | None]) -> Array:
        view, model = self.view, self.view.model
        there = [one for one in pooled if one is not None]
        if self.pool != "independent" or len(there) < len(pooled):
            return view.weights
        combinations = model.combinations()
        log = np.empty(len(combinations))
        for reading, before, one in zip(view.readings, view.log_evidence, there, strict=True):
            log[list(reading.members)] = before + one.log_multiplier
        held = [name for name, reading in model.readings.items() if not reading.update]
        prior = np.array([c.weight for c in combinations])
        found = update(prior, log, cells([c.choice for c in combinations], held))
        return np.array([found[list(one.members)].sum() for one in view.readings])

    def _simulated(self, weights: Array) -> Array:
        """Return weights (simulation, reading) under their own error, pooled as the others are."""
        before = self.view.weights
        moved = np.divide(weights, before, out=np.zeros_like(weights), where=before > 0)
        simulated = self.view.simulated * moved
        return np.asarray(simulated / simulated.sum(axis=1, keepdims=True))

    def _mixture(self, pooled: Sequence[Pooled | None], weights: Array) -> Pooled | None:
        """Return the mixture of readings; None where one that matters cannot be computed."""
        pairs = list(zip(pooled, weights, strict=True))
        if any(one is None and weight >= NEGLIGIBLE for one, weight in pairs):
            return None
        parts = [(one, weight) for one, weight in pairs if one is not None]
        total = sum(weight for _, weight in parts)
        return Pooled(
            np.concatenate([one.values for one, _ in parts]),
            np.concatenate([one.weights * weight / total for one, weight in parts]),
            0.0,
        )

    def _lacking(self) -> str:
        """Return why there are no numbers."""
        if self.pool == "redundant" and self.figure.centre is None:
            return "a bound states no density, of which a mean could be taken"
        return "not computable: no draws near"

    def _statistics(self, pooled: Sequence[Pooled | None]) -> Statistics:
        """Return statistics over all readings of what is held out, as `fit` has them."""
        view, there = self.view, [one is not None for one in pooled]
        drawn = [one.by_chain for one in pooled if one is not None]
        weights, simulated = view.weights[there], view.simulated[:, there]
        return mixture_of(
            np.stack(drawn),
            weights / weights.sum(),
            view.fits[there],
            simulated / simulated.sum(axis=1, keepdims=True),
        )

    def _row(
        self,
        pooled: Pooled | None,
        beside: Beside | None,
        weight: float | None,
        reading: Mapping[str, str] | None,
        found: Statistics | None,
    ) -> OneReading:
        """Return the row of a reading or the mixture.

        Parameters
        ----------
        beside : tells where it lies beside a range
        found : its draws in numbers, where it is held out
        """
        figure, conventions = self.figure, self.view.model.conventions
        row = OneReading(
            claim=figure.claim.id,
            reading=reading,
            weight=weight,
            low=figure.low,
            high=figure.high,
            unit=self.view.unit_of(figure.claim),
        )
        if pooled is None or beside is None:
            return replace(row, note=self._lacking())
        known = beside(figure.low, figure.high)
        numbers = Numbers.of(found) if found else _numbers(pooled, beside)
        return replace(
            _far(row, figure, numbers),
            **vars(numbers),
            **vars(known.columns),
            overlap=_overlap(pooled, figure),
            conflict_p=_conflict(pooled, figure),
            verdict=verdict(known.below, known.inside, known.above, conventions),
            only_just=len(possible(known, conventions)) > 1,
        )


def _numbers(pooled: Pooled, beside: Beside) -> Numbers:
    """Return quantiles with errors: how far apart those one error of probability away are."""
    levels, errors = (0.5, 0.05, 0.95), []
    ends = quantiles(pooled.values, levels, pooled.weights).tolist()
    for level, end in zip(levels, ends, strict=True):
        of = beside(end, None).below_se
        around = max(level - of, 0.0), min(level + of, 1.0)
        low, high = quantiles(pooled.values, around, pooled.weights).tolist()
        errors.append((high - low) / 2)
    return Numbers(*ends, *errors)


@functools.lru_cache(maxsize=4)
def _engine(model_json: str, seed: int) -> Engine:
    return Engine(load_json(model_json), seed=seed)


def _far(row: OneReading, figure: Cited, found: Numbers) -> OneReading:
    """Return ratios to the centre and to the nearest edge; differences on the identity scale."""
    assert found.median is not None
    median, centre, plain = found.median, figure.centre, figure.scale.name == "identity"
    edge = median
    if figure.low is not None and median < figure.low:
        edge = figure.low
    elif figure.high is not None and median > figure.high:
        edge = figure.high
    ends = None
    if centre is not None:
        of = (found.q05 or 0.0, median, found.q95 or 0.0)
        q05, middle, q95 = (one - centre if plain else one / centre for one in of)
        ends = Ends(q05=q05, median=middle, q95=q95)
    if plain:
        return replace(row, difference=ends, difference_to_edge=edge - median)
    return replace(row, ratio=ends, factor_to_edge=edge / median)


def _overlap(pooled: Pooled, figure: Cited) -> float | None:
    """Return ∫ min of the two densities on the claim's scale: 1 if the same, 0 if apart."""
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
    """Return 2·min(P(δ>0), P(δ<0)), where δ = g(answer) − g(cited).

    Marshall & Spiegelhalter 2007 (Bayesian Analysis 2:409); the cited figure's own uncertainty
    is integrated in closed form for each draw.
    """
    exceeded = figure.probability_exceeded(to_scale(figure.scale, pooled.values))
    if exceeded is None or not np.isfinite(exceeded).all():
        return None
    above = float(pooled.weights @ exceeded)
    return float(np.clip(2 * min(above, 1 - above), 0.0, 1.0))
