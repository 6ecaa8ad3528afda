"""What one would believe given the range: the readings' weights, and every quantity anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.inverse.job import SILENT, Inverted
from estimates.analysis.inverse.result import GivenRow, Reading
from estimates.analysis.inverse.target import described
from estimates.inference.engine import Engine
from estimates.inference.program import target_text
from estimates.model import Model
from estimates.model.combinations import Distinct
from estimates.stats.jackknife import batches, standard_error
from estimates.stats.model_weights import cells, update
from estimates.stats.natural import Natural
from estimates.stats.weighted import quantiles

Array = NDArray[np.float64]
_SIMULATIONS = 4000
_ENDS = (0.5, 0.05, 0.95)


@dataclass(frozen=True, eq=False)
class Weighed:
    """The readings of a fit.

    Attributes
    ----------
    posterior, posterior_se, log_evidence, log_evidence_se : (reading,)
    fit : (reading,) which fit each shares
    status : how each ended
    simulated : (simulation, reading) weights under the Monte Carlo error of the evidence
    """

    posterior: Array
    posterior_se: Array
    log_evidence: Array
    log_evidence_se: Array
    fit: NDArray[np.int64]
    status: tuple[str, ...]
    simulated: Array

    @staticmethod
    def of(fit: xr.DataTree) -> Weighed:
        """Of what `estimates.fit` returned."""
        readings = fit["readings"].to_dataset()
        return Weighed(
            np.asarray(readings["posterior"].values, dtype=float),
            readings["posterior_se"].values,
            readings["log_evidence"].values,
            readings["log_evidence_se"].values,
            readings["fit"].values,
            tuple(map(str, readings["status"].values)),
            readings["weight_simulated"].values,
        )


@dataclass(frozen=True)
class Believed:
    """Weights given the range.

    Attributes
    ----------
    weights : (reading,)
    simulated : (simulation, reading) the same under the Monte Carlo errors of evidence and shares
    options : by axis and option the weight and its error
    """

    weights: Array
    simulated: Array
    options: Mapping[str, Mapping[str, tuple[float, float]]]


def log_share(found: Inverted, without: int | None = None) -> float:
    """Log posterior probability of the range under a reading, of all batches or all but one."""
    logs = found.log_shares
    if not len(logs):
        return -np.inf
    kept = logs if without is None else np.delete(logs, without)
    top = kept.max()
    return -np.inf if top == -np.inf else float(top + np.log(np.mean(np.exp(kept - top))))


def error_of_log_share(found: Inverted) -> float:
    """Its Monte Carlo standard error."""
    if not np.isfinite(log_share(found)):
        return 0.0
    rest = np.array([log_share(found, b) for b in range(len(found.log_shares))])
    return float(standard_error(rest)) if np.isfinite(rest).all() else np.inf


def reweighed(
    engine: Engine, weighed: Weighed, distinct: Sequence[Distinct], found: Sequence[Inverted]
) -> Believed | None:
    """The weights of readings given the range; None where no reading reaches it.

    Each is multiplied by the probability that the range has under it.  Held readings keep their
    weights, except that a branch under which nothing reaches the range is left out; where the
    target is `nothing` the range says nothing.
    """
    model = engine.model
    combinations = model.combinations()
    prior = np.array([c.weight for c in combinations])
    held = [name for name, reading in model.readings.items() if not reading.update]
    cell = cells([c.choice for c in combinations], held)
    log, error_z, error_p = (np.zeros(len(prior)) for _ in range(3))
    fits = np.zeros(len(prior), dtype=np.int64)
    for number, (one, inverted) in enumerate(zip(distinct, found, strict=True)):
        index = list(one.members)
        silent = inverted.told.status == SILENT
        log[index] = weighed.log_evidence[number]
        log[index] += 0.0 if silent else log_share(inverted)
        error_z[index] = weighed.log_evidence_se[number]
        error_p[index] = 0.0 if silent else min(error_of_log_share(inverted), 1.0)
        fits[index] = weighed.fit[number]
    alive = np.array(
        [any(np.isfinite(log[i]) for i in range(len(log)) if cell[i] == name) for name in cell]
    )
    if not alive.any():
        return None
    rng = engine.rng("weights given a range", "")
    noise = rng.standard_normal((_SIMULATIONS, int(fits.max()) + 1))[:, fits] * error_z
    noise = noise + rng.standard_normal((_SIMULATIONS, len(prior))) * error_p
    kept = [name for name, one in zip(cell, alive, strict=True) if one]
    weights, simulated = np.zeros(len(prior)), np.zeros((_SIMULATIONS, len(prior)))
    weights[alive] = update(prior[alive], log[alive], kept) / prior[alive].sum()
    simulated[:, alive] = update(prior[alive], (log + noise)[:, alive], kept) / prior[alive].sum()
    options = {
        axis: {
            option: _sum(weights, simulated, [c.choice[axis] == option for c in combinations])
            for option in reading.options
        }
        for axis, reading in model.readings.items()
    }
    merge = np.zeros((len(prior), len(distinct)))
    for number, one in enumerate(distinct):
        merge[list(one.members), number] = 1
    return Believed(weights @ merge, simulated @ merge, options)


def _sum(weights: Array, simulated: Array, inside: Sequence[bool]) -> tuple[float, float]:
    which = np.array(inside)
    return float(weights[which].sum()), float(simulated[:, which].sum(axis=1).std())


def shifts(
    fit: xr.DataTree, model: Model, reading: Reading | None, members: Sequence[int],
    weights: Array, given: Array, found: Sequence[Inverted],
) -> list[GivenRow]:  # fmt: skip
    """Every quantity before and given the range, under one reading or several together.

    Parameters
    ----------
    reading : the one, or None for several
    members : the readings
    weights, given : their weights before and given the range

    Returns
    -------
    Rows with the medians in the quantity's unit, the 90 % interval given the range, and the shift
    of the median in sds of the posterior before; leaves out what some of the readings is silent on.
    """
    by_reading = fit["by_reading"].to_dataset()
    chains, draws = by_reading.sizes["chain"], by_reading.sizes["draw"]
    batch = batches(chains, draws)
    spoken = [i for i in members if weights[i] > 0]
    inside = [i for i in members if given[i] > 0 and found[i].values]
    if not inside or sum(given[i] for i in inside) < 0.999 * sum(given[i] for i in members):
        return []
    rows = []
    for name in found[inside[0]].values:
        if not all(name in found[i].values for i in inside):
            continue
        before = by_reading[name].values.reshape(by_reading.sizes["reading"], -1)[spoken]
        if not np.isfinite(before).all():
            continue
        natural = Natural.of(model.support_of(target_text(name)), before, on_bound=0.0)
        each = [
            np.full(row.size, weights[i] / row.size) for i, row in zip(spoken, before, strict=True)
        ]
        old = _Sample.of(natural, list(before), [batch] * len(spoken), each)
        new = _Sample.of(
            natural,
            [found[i].values[name] for i in inside],
            [found[i].batch for i in inside],
            [given[i] * _within(found[i]) for i in inside],
        )
        change = _change(old, new, int(batch.max()) + 1)
        unit = described(model, name).unit
        rows.append(GivenRow(reading=reading, quantity=name, unit=unit, **change))
    return rows


def _within(one: Inverted) -> Array:
    """Weights of the draws of a reading, summing to one: batches by their share of the range."""
    shares = np.exp(one.log_shares - one.log_shares.max())
    counts = np.bincount(one.batch, minlength=len(shares))
    each = np.where(counts > 0, shares / np.maximum(counts, 1), 0.0)[one.batch]
    return np.asarray(each / each.sum())


@dataclass(frozen=True)
class _Sample:
    """Weighted draws of one quantity in ascending order, with batches, and its natural scale."""

    natural: Natural
    x: Array
    batch: NDArray[np.int64]
    weights: Array

    @staticmethod
    def of(
        natural: Natural,
        x: Sequence[Array],
        batch: Sequence[NDArray[np.int64]],
        weights: Sequence[Array],
    ) -> _Sample:
        values = np.concatenate(x)
        order = np.argsort(values, kind="stable")  # once, for all that is asked of it
        return _Sample(
            natural, values[order], np.concatenate(batch)[order], np.concatenate(weights)[order]
        )

    def without(self, batch: int) -> _Sample:
        kept = self.batch != batch
        return _Sample(self.natural, self.x[kept], self.batch[kept], self.weights[kept])

    def quantiles(self) -> Array:
        """Median and 90 % interval, in the quantity's unit as everywhere."""
        return quantiles(self.x, _ENDS, self.weights)

    def sd(self) -> float:
        share = self.weights / self.weights.sum()
        z = self.natural.forward(self.x)
        return float(np.sqrt(share @ (z - float(share @ z)) ** 2))


class _Change(TypedDict):
    """The part of a `GivenRow` that is worked out."""

    median: float
    given_median: float
    given_se: float
    given_q05: float
    given_q95: float
    shift_sd: float | None
    shift_se: float | None


def _change(old: _Sample, new: _Sample, count: int) -> _Change:
    before, after, sd = old.quantiles(), new.quantiles(), old.sd()
    rest = []
    for batch in range(count):
        old_, new_ = old.without(batch), new.without(batch)
        if new_.weights.sum() > 0:
            rest.append((old_.quantiles()[0], new_.quantiles()[0], old_.sd()))
    medians, again, sds = np.array(rest).T
    forward = old.natural.forward
    middle, low, high = after.tolist()
    return _Change(
        median=float(before[0]),
        given_median=middle,
        given_se=float(standard_error(again)),
        given_q05=low,
        given_q95=high,
        shift_sd=float(forward(after[:1])[0] - forward(before[:1])[0]) / sd if sd > 0 else None,
        shift_se=float(standard_error((forward(again) - forward(medians)) / sds))
        if sd > 0
        else None,
    )
