"""What one would believe given the range: the readings' weights, and every quantity anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from estimates.analysis.fit_view import FitView
from estimates.analysis.inverse.job import SILENT, Inverted
from estimates.analysis.inverse.result import GivenRow, Reading
from estimates.inference.engine import Engine
from estimates.inference.program import target_text
from estimates.stats.jackknife import batches, standard_error
from estimates.stats.model_weights import cells, update
from estimates.stats.natural import Natural
from estimates.stats.weighted import quantiles

Array = NDArray[np.float64]
_SIMULATIONS = 4000
_ENDS = (0.5, 0.05, 0.95)


@dataclass(frozen=True)
class Believed:
    """The weights of readings given the range.

    Attributes
    ----------
    weights, errors : (reading,) with their Monte Carlo errors, of evidence and shares
    options : by axis and option the weight and its error
    """

    weights: Array
    errors: Array
    options: Mapping[str, Mapping[str, tuple[float, float]]]


def reweighed(
    engine: Engine, view: FitView, log_evidence_se: Array, found: Sequence[Inverted]
) -> Believed | None:
    """Return the weights of readings given the range; None where no reading reaches it.

    Each is multiplied by the probability that the range has under it.  Held readings keep their
    weights, except that a branch under which nothing reaches the range is left out; where the
    target is `nothing` the range says nothing.
    """
    model = engine.model
    combinations = model.combinations()
    prior = np.array([c.weight for c in combinations])
    held = [name for name, reading in model.readings.items() if not reading.update]
    cell = cells([c.choice for c in combinations], held)
    merge = np.zeros((len(prior), len(found)))
    for number, one in enumerate(view.readings):
        merge[list(one.members), number] = 1
    reading = merge.argmax(axis=1)
    silent = np.array([one.told.row.status == SILENT for one in found])
    shares = np.array([one.log_share() for one in found])
    errors = np.array([min(one.error_of_log_share, 1.0) for one in found])
    log = (view.log_evidence + np.where(silent, 0.0, shares))[reading]
    alive = np.array(
        [any(np.isfinite(log[i]) for i in range(len(log)) if cell[i] == name) for name in cell]
    )
    if not alive.any():
        return None
    rng = engine.rng("weights given a range", "")
    fits = view.fits[reading]
    noise = rng.standard_normal((_SIMULATIONS, int(fits.max()) + 1))[:, fits]
    noise = noise * log_evidence_se[reading]
    noise += rng.standard_normal((_SIMULATIONS, len(prior))) * np.where(silent, 0, errors)[reading]
    kept = [name for name, one in zip(cell, alive, strict=True) if one]
    weights, simulated = np.zeros(len(prior)), np.zeros((_SIMULATIONS, len(prior)))
    weights[alive] = update(prior[alive], log[alive], kept) / prior[alive].sum()
    simulated[:, alive] = update(prior[alive], (log + noise)[:, alive], kept) / prior[alive].sum()
    options: dict[str, dict[str, tuple[float, float]]] = {axis: {} for axis in model.readings}
    for axis, declared in model.readings.items():
        for option in declared.options:
            which = np.array([c.choice[axis] == option for c in combinations])
            error = float(simulated[:, which].sum(axis=1).std())
            options[axis][option] = float(weights[which].sum()), error
    spread = np.array([one.std() for one in (simulated @ merge).T])
    return Believed(weights @ merge, spread, options)


def shifts(
    view: FitView,
    reading: Reading | None,
    members: Sequence[int],
    weights: Array,
    given: Array,
    found: Sequence[Inverted],
    *,
    leading: bool = False,
) -> Iterator[GivenRow]:
    """Yield every quantity before and given the range, under one reading or several together.

    Parameters
    ----------
    reading : the one, or None for several
    members : the readings
    weights, given : their weights before and given the range
    leading : whether to tell, of the cells of a quantity, only of the one that shifts most

    Yields
    ------
    Rows with the medians in the quantity's unit, the 90 % interval given the range, and the shift
    of the median in sds of the posterior before; leaves out what some of the readings is silent on.
    """
    batch = batches(*view.shape[1:])
    spoken = [i for i in members if weights[i] > 0]
    inside = [i for i in members if given[i] > 0 and found[i].values]
    if not inside or sum(given[i] for i in inside) < 0.999 * sum(given[i] for i in members):
        return
    every = _beside(view, spoken, inside, (weights, given), found, batch)
    if leading and view.model.panel:
        most: dict[str, _Beside] = {}
        for one in every:
            owner = view.model.panel.quantity(one.name)
            if owner not in most or abs(one.shift or 0.0) > abs(most[owner].shift or 0.0):
                most[owner] = one
        every = iter(most.values())
    for one in every:
        yield one.row(reading, view.unit(one.name))


def _beside(
    view: FitView,
    spoken: Sequence[int],
    inside: Sequence[int],
    believed: tuple[Array, Array],
    found: Sequence[Inverted],
    batch: NDArray[np.int64],
) -> Iterator[_Beside]:
    weights, given = believed
    for name in found[inside[0]].values:
        before = view.draws(name)[spoken].reshape(len(spoken), -1)
        if not (np.isfinite(before).all() and all(name in found[i].values for i in inside)):
            continue
        natural = Natural.of(view.model.support_of(target_text(name)), before, on_bound=0.0)
        old = _Sample.of(
            (row, batch, np.full(row.size, weights[i] / row.size))
            for i, row in zip(spoken, before, strict=True)
        )
        new = _Sample.of(
            (found[i].values[name], found[i].batch, given[i] * _within(found[i])) for i in inside
        )
        yield _Beside(name, natural, old, new)


@dataclass(frozen=True, eq=False)
class _Beside:
    """A quantity before and given the range; errors are found only where they are told."""

    name: str
    natural: Natural
    old: _Sample
    new: _Sample

    @cached_property
    def _z(self) -> Array:
        return self.natural.forward(self.old.x)

    @cached_property
    def _sd(self) -> float:
        return _sd(self._z, self.old.weights)

    @cached_property
    def _told(self) -> tuple[float, Array]:
        """The median before, and the median and interval given the range."""
        return float(self.old.quantiles()[0]), self.new.quantiles()

    @cached_property
    def shift(self) -> float | None:
        """The shift of the median, in sds before."""
        before, (middle, _, _) = self._told
        z_before, z_after = self.natural.forward(np.array([before, middle]))
        return float(z_after - z_before) / self._sd if self._sd > 0 else None

    def row(self, reading: Reading | None, unit: str) -> GivenRow:
        """Return what is told of it."""
        rest = []
        for batch in np.unique(self.old.batch):
            was, now = self.old.without(batch), self.new.without(batch)
            if now.weights.sum() > 0:
                spread = _sd(self._z[self.old.batch != batch], was.weights)
                rest.append((was.quantiles()[0], now.quantiles()[0], spread))
        medians, again, sds = np.array(rest).T
        forward = self.natural.forward
        shift = (forward(again) - forward(medians)) / sds if self._sd > 0 else None
        before, (middle, low, high) = self._told
        return GivenRow(
            reading=reading,
            quantity=self.name,
            unit=unit,
            median=before,
            given_median=float(middle),
            given_se=float(standard_error(again)),
            given_q05=float(low),
            given_q95=float(high),
            shift_sd=self.shift,
            shift_se=None if shift is None else float(standard_error(shift)),
        )


def _within(one: Inverted) -> Array:
    """Return weights of a reading's draws, summing to one: batches by their share of the range."""
    shares = np.exp(one.log_shares - one.log_shares.max())
    counts = np.bincount(one.batch, minlength=len(shares))
    each = np.where(counts > 0, shares / np.maximum(counts, 1), 0.0)[one.batch]
    return np.asarray(each / each.sum())


@dataclass(frozen=True)
class _Sample:
    """Weighted draws of one quantity in ascending order, with the batch of each."""

    x: Array
    batch: NDArray[np.int64]
    weights: Array

    @staticmethod
    def of(parts: Iterable[tuple[Array, NDArray[np.int64], Array]]) -> _Sample:
        x, batch, weights = map(np.concatenate, zip(*parts, strict=True))
        order = np.argsort(x, kind="stable")  # once, for all that is asked of it
        return _Sample(x[order], batch[order], weights[order])

    def without(self, batch: int) -> _Sample:
        kept = self.batch != batch
        return _Sample(self.x[kept], self.batch[kept], self.weights[kept])

    def quantiles(self) -> Array:
        """Return the median and 90 % interval, in the quantity's unit."""
        return quantiles(self.x, _ENDS, self.weights)


def _sd(z: Array, weights: Array) -> float:
    """Return the weighted sd of values on a quantity's natural scale."""
    share = weights / weights.sum()
    return float(np.sqrt(share @ (z - float(share @ z)) ** 2))
