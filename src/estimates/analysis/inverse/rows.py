"""The answer to the inverse question, from what was found under each reading."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates._util.records import read
from estimates.analysis.inverse.conditional import (
    Believed,
    Weighed,
    error_of_log_share,
    log_share,
    reweighed,
    shifts,
)
from estimates.analysis.inverse.job import Inverted
from estimates.analysis.inverse.request import Request
from estimates.analysis.inverse.result import (
    AloneRow,
    Chance,
    Edge,
    GivenRow,
    Inverse,
    LeastRow,
    LineRow,
    OptionRow,
    QuantityRow,
    ReadingRow,
)
from estimates.analysis.inverse.target import described, finite
from estimates.analysis.result import head_of
from estimates.inference.engine import Engine
from estimates.inference.program import variable
from estimates.inference.summary import mixture_of
from estimates.model import Model
from estimates.model.combinations import Distinct, distinct_readings

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Option:
    """An option's weight after the claims."""

    posterior: float
    posterior_se: float


@dataclass(frozen=True)
class _Axis:
    """The options of a reading, as a fit has them."""

    options: Mapping[str, _Option]


@dataclass(frozen=True, eq=False)
class Findings:
    """What was found under each reading.

    Attributes
    ----------
    found : one a reading, in the order of the fit
    """

    fit: xr.DataTree
    engine: Engine
    request: Request
    found: Sequence[Inverted]

    def answer(self) -> Inverse:
        """All of it, but the sentence."""
        request = self.request
        target = self.model.quantities.get(request.target) or self.model.relations.get(
            request.target
        )
        return Inverse(
            **head_of(self.fit, "", self._failed),
            target=request.target,
            label=(target.label if target else "") or request.target,
            unit=request.unit,
            claim=request.claim,
            low=request.low,
            high=request.high,
            levels=dict(request.levels),
            quantities=self._quantities(),
            readings=(*map(self._reading, range(len(self.found))), *self._mixture()),
            least_surprising=self._of_each([one.told.least for one in self.found]),
            alone=self._of_each([one.told.alone for one in self.found]),
            given_range=tuple(self._given()),
            options=tuple(self._options()),
            lines=self._of_each([one.told.lines for one in self.found]),
        )

    @property
    def model(self) -> Model:
        """The model."""
        return self.engine.model

    @cached_property
    def _distinct(self) -> tuple[Distinct, ...]:
        return distinct_readings(self.model)

    @cached_property
    def _weighed(self) -> Weighed:
        return Weighed.of(self.fit)

    @cached_property
    def _believed(self) -> Believed | None:
        """Weights given the range; None where there is no range, or nothing reaches it."""
        if self.request.low == self.request.high:
            return None
        return reweighed(self.engine, self._weighed, self._distinct, self.found)

    @cached_property
    def _speaking(self) -> list[int]:
        """The readings that have an answer."""
        return [i for i, one in enumerate(self.found) if one.told.ok]

    @property
    def _failed(self) -> list[str]:
        """Checks that failed, a sentence each."""
        return [
            f"{one.text}: {inverted.told.failed}".removeprefix(": ")
            for one, inverted in zip(self._distinct, self.found, strict=True)
            if inverted.told.failed
        ]

    def _quantities(self) -> dict[str, QuantityRow]:
        told = [one.told for one in self.found]
        names = {row.quantity for one in told for row in one.least}
        names |= {row.quantity for one in told for row in one.alone}
        names |= {name for one in self.found for name in one.values}
        order = [str(name) for name in self.fit["by_reading"].to_dataset() if name in names]
        return {name: described(self.model, name) for name in order}

    def _of_each[R: (LeastRow, AloneRow, LineRow)](
        self, found: Sequence[tuple[R, ...]]
    ) -> tuple[R, ...]:
        """Rows of each reading, under its name."""
        return tuple(
            replace(row, reading=dict(one.label))
            for one, rows in zip(self._distinct, found, strict=True)
            for row in rows
        )

    # Readings --------------------------------------------------------------------------------

    def _reading(self, i: int) -> ReadingRow:
        inverted, weighed = self.found[i], self._weighed
        told = inverted.told
        believed = self._believed if told.ok else None
        share = log_share(inverted) if len(inverted.log_shares) else None
        inside = None if share is None else float(np.exp(share))
        return ReadingRow(
            reading=dict(self._distinct[i].label),
            weight=float(weighed.posterior[i]),
            weight_se=float(weighed.posterior_se[i]),
            status=weighed.status[i] if told.ok else told.status,
            median=told.median,
            median_se=told.median_se,
            surprise=told.surprise,
            above=told.above,
            inside=inside,
            inside_se=None
            if inside is None or share == -np.inf
            else finite(inside * error_of_log_share(inverted)),
            weight_given=None if believed is None else float(believed.weights[i]),
            weight_given_se=None if believed is None else float(believed.simulated[:, i].std()),
            method=told.method,
            draws=told.draws,
            effective=told.effective,
            unpinned=", ".join(told.unpinned),
        )

    def _mixture(self) -> Iterator[ReadingRow]:
        """The readings together, where there are several."""
        speaking = self._speaking
        if len(self._distinct) < 2 or not speaking:
            return
        weights = self._weighed.posterior[speaking]
        shares = np.array([np.exp(log_share(self.found[i])) for i in speaking])
        errors = [error_of_log_share(self.found[i]) for i in speaking]
        total = float(weights.sum())
        weights = weights / weights.sum()
        parts = np.where(shares > 0, weights * shares * np.nan_to_num(errors, posinf=1.0), 0.0)
        ranged = self._believed is not None
        median, median_se = self._middle()
        least = self._least_of_all()
        yield ReadingRow(
            reading=None,
            weight=total,
            weight_se=0.0,
            status="ok",
            median=median,
            median_se=median_se,
            surprise={edge: surprise for edge, (surprise, _) in least.items()},
            above={edge: self._above(edge, weights) for edge in self.request.levels},
            inside=float(weights @ shares) if ranged else None,
            inside_se=float(np.linalg.norm(parts)) if ranged else None,
            weight_given=None,
            weight_given_se=None,
            method=None,
            draws=None,
            effective=None,
            unpinned="",
            under={edge: reading for edge, (_, reading) in least.items()},
        )

    def _above(self, edge: Edge, weights: Array) -> Chance:
        """The probability of an edge or more over the readings that have an answer."""
        each = [self.found[i].told.above[edge] for i in self._speaking]
        shares, errors = (np.array(column, dtype=float) for column in zip(*each, strict=True))
        return float(weights @ shares), float(np.linalg.norm(weights * errors))

    def _least_of_all(self) -> dict[Edge, tuple[float | None, str | None]]:
        """By edge the least surprise over readings and quantities together, and its reading.

        All readings share the space of unknowns, so that the joint posterior density of reading
        and unknowns, w · p(θ | r), has one top and one least surprising point on each edge.
        """
        weighed = self._weighed
        log = {
            i: float(np.log(weighed.posterior[i]) - weighed.log_evidence[i])
            for i in self._speaking
            if weighed.posterior[i] > 0
        }
        tops = {i: self.found[i].told.top for i in log}
        top = max(log[i] + one for i, one in tops.items() if one is not None)
        found: dict[Edge, tuple[float | None, str | None]] = {}
        for edge in self.request.levels:
            logs = {i: self.found[i].told.reached[edge] for i in log}
            reached = {i: log[i] + one for i, one in logs.items() if one is not None}
            best = max(reached, key=lambda i: reached[i], default=None)
            if best is None:
                found[edge] = None, None
            else:
                surprise = float(np.sqrt(max(0.0, 2 * (top - reached[best]))))
                found[edge] = surprise, self._distinct[best].text
        return found

    def _middle(self) -> Chance:
        """Median of the target over the readings, and its error, where the fit has its draws."""
        by_reading, name = self.fit["by_reading"].to_dataset(), variable(self.request.target)
        if name not in by_reading:
            return None, None
        some, weighed = self._speaking, self._weighed
        weights = weighed.posterior[some] / weighed.posterior[some].sum()
        draws = by_reading[name].values[some]
        found = mixture_of(draws, weights, weighed.fit[some], weighed.simulated[:, some])
        return found.median, found.mcse_median

    # Given the range -------------------------------------------------------------------------

    def _given(self) -> Iterator[GivenRow]:
        believed = self._believed
        if believed is None:
            return
        every = np.arange(len(self._distinct))
        for i, one in enumerate(self._distinct):
            whole = np.where(every == i, 1.0, 0.0)
            label = dict(one.label)
            yield from shifts(self.fit, self.model, label, [i], whole, whole, self.found)
        if len(every) > 1:
            weights, given = self._weighed.posterior, believed.weights
            yield from shifts(
                self.fit, self.model, None, self._speaking, weights, given, self.found
            )

    def _options(self) -> Iterator[OptionRow]:
        if self._believed is None:
            return
        before = json.loads(self.fit.attrs["options"])
        for axis, options in self._believed.options.items():
            known = read(_Axis, before[axis]).options
            for option, (weight, error) in options.items():
                yield OptionRow(
                    axis=axis,
                    option=option,
                    held=not self.model.readings[axis].update,
                    weight=known[option].posterior,
                    weight_se=known[option].posterior_se,
                    weight_given=weight,
                    weight_given_se=error,
                )
