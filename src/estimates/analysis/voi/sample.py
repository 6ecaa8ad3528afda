"""The posterior as one weighted sample over readings and draws, with honest errors of its means.

Each reading weighs what it weighs, whatever its share of the draws; draws that readings of one fit
have in common count as what they are, the same; and the weights' own Monte Carlo error is carried
along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.fit_view import FitView
from estimates.language.expression import NUMPY_OPS, Expression, evaluate, names
from estimates.model import Model
from estimates.model.combinations import Distinct
from estimates.stats.convergence import mcse_mean
from estimates.stats.model_weights import cells, update

Array = NDArray[np.float64]
_POINTS = 32_000  # at most, unless that left a reading fewer than _FEWEST draws of a chain
#: Of a panel, where a fact is of many cells: regressions on all of them take far longer.
_POINTS_OF_PANEL = 12_000
_FEWEST = 50
_FOLDS = 4


@dataclass(frozen=True)
class Effect:
    """A mean over the posterior, with what its Monte Carlo error is made of.

    Attributes
    ----------
    value, se : the mean and its standard error
    series : (chain, draw) what each draw adds to it, over the readings by their weight
    by_reading : (reading,) how far each reading lies from it
    """

    value: float
    se: float
    series: Array
    by_reading: Array


@dataclass(frozen=True, eq=False)
class Sample:
    """Draws of everything under every reading that has weight, and of no other."""

    view: FitView

    @staticmethod
    def of(fit: xr.DataTree) -> Sample:
        """Return the sample of what `estimates.fit` returned."""
        return Sample(FitView.of(fit))

    @property
    def model(self) -> Model:
        """The model that was fitted."""
        return self.view.model

    @cached_property
    def kept(self) -> list[int]:
        """Indices of the readings among those of the fit."""
        return list(self.view.with_draws)

    @cached_property
    def readings(self) -> tuple[Distinct, ...]:
        """The readings, in the order of the weights."""
        return tuple(self.view.readings[i] for i in self.kept)

    @cached_property
    def weights(self) -> Array:
        """The weights (reading,), which sum to one."""
        chosen = self.view.weights[self.kept]
        return np.asarray(chosen / chosen.sum())

    @cached_property
    def _taken(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The draws taken (reading, draw): evenly spaced, others from each reading."""
        _, chains, have = self.view.shape
        readings = len(self.kept)
        points = _POINTS_OF_PANEL if self.model.panel else _POINTS
        count = min(have, max(_FEWEST, points // (readings * chains)))
        step = have / count
        offset = (np.arange(readings) * step / readings).astype(int)[:, None]
        draw = (np.arange(count) * step).astype(int)[None] + offset
        return np.arange(readings)[:, None], np.minimum(draw, have - 1)

    @cached_property
    def shape(self) -> tuple[int, int, int]:
        """The numbers of readings, chains, and draws of each."""
        return len(self.kept), self.view.shape[1], self._taken[1].shape[1]

    @cached_property
    def fold(self) -> NDArray[np.int64]:
        """The fold (reading, chain, draw) of each draw: its chain, or a stretch of it."""
        _, chains, draws = self.shape
        stretches = -(-_FOLDS // chains)
        within = np.arange(draws) * stretches // draws
        whole = np.arange(chains)[:, None] * stretches + within
        return np.broadcast_to(whole, self.shape)

    def values(self, name: str) -> Array:
        """Draws of a quantity or relation, (reading, chain, draw); nan where it says nothing."""
        row, draw = self._taken
        return self.whole(name)[row, :, draw].transpose(0, 2, 1)

    def whole(self, name: str) -> Array:
        """Return all draws of a variable, as other commands have them; no thinning is needed."""
        return self.view.draws(name)[self.kept]

    def worked_out(self, bound: Expression) -> Array:
        """Draws of a bound expression, (reading, chain, draw); nan where it says nothing."""
        with np.errstate(all="ignore"):
            found = evaluate(bound, {name: self.values(name) for name in names(bound)}, NUMPY_OPS)
        return np.broadcast_to(np.asarray(found, dtype=float), self.shape)

    @cached_property
    def _by_option(self) -> list[tuple[Mapping[str, str], int, float]]:
        """Every combination of options, its reading, and its posterior weight."""
        combinations = self.model.combinations()
        log = np.full(len(combinations), -np.inf)
        for reading, found in zip(self.view.readings, self.view.log_evidence, strict=True):
            log[list(reading.members)] = found
        held = [name for name, reading in self.model.readings.items() if not reading.update]
        prior = np.array([c.weight for c in combinations])
        weight = update(prior, log, cells([c.choice for c in combinations], held))
        rows = []
        for i, reading in enumerate(self.readings):
            total = weight[list(reading.members)].sum()
            for member in reading.members:
                part = self.weights[i] * weight[member] / total
                rows.append((combinations[member].choice, i, float(part)))
        return rows

    def options(self, axes: Sequence[str]) -> list[Array]:
        """Return weights (reading,) by choice of options of some axes, which sum to `weights`.

        Readings that are the same in everything are one, and such a one may stand under several
        options.
        """
        if not axes:
            return [self.weights]
        found = []
        for choice in product(*(self.model.readings[axis].options for axis in axes)):
            wanted = dict(zip(axes, choice, strict=True))
            weight = np.zeros(len(self.kept))
            for options, reading, part in self._by_option:
                if all(options[axis] == option for axis, option in wanted.items()):
                    weight[reading] += part
            if weight.any():
                found.append(weight)
        return found

    def mean(self, values: Array) -> float:
        """Return the mean over the posterior of values (reading, chain, draw)."""
        return float(self.weights @ values.mean(axis=(1, 2)))

    def effect(self, values: Array) -> Effect:
        """Return the mean with its error: that of the draws, and that of the readings' weights.

        Parameters
        ----------
        values : (reading, chain, draw), a mean, or the influence of each draw on an estimate
        """
        series = np.tensordot(self.weights, values, axes=1)
        by_reading = values.mean(axis=(1, 2))
        by_reading = by_reading - self.weights @ by_reading
        return Effect(self.mean(values), self.error(series, by_reading), series, by_reading)

    def error(self, series: Array, by_reading: Array) -> float:
        """Return the standard error of a mean from its parts (see `Effect`)."""
        drawn = 0.0
        if np.ptp(series) > 1e-12 * max(1e-300, float(np.abs(series).max())):
            drawn = float(mcse_mean(series[None])[0])
        of_weights = np.std(self.view.simulated[:, self.kept] @ by_reading)
        return float(np.hypot(drawn, of_weights))
