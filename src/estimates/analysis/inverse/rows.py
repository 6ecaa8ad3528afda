"""The answer to the inverse question, from what was found under each reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from estimates.analysis.fit_view import FitView
from estimates.analysis.inverse.conditional import Believed, reweighed, shifts
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
    ReadingRow,
)
from estimates.analysis.inverse.target import described, finite
from estimates.analysis.result import head_of
from estimates.inference.engine import Engine
from estimates.inference.statistics import mixture_of
from estimates.model.dimensions import variable

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Findings:
    """The findings under each reading.

    Attributes
    ----------
    found : one a reading, in the order of the fit
    """

    fit: xr.DataTree
    view: FitView
    engine: Engine
    request: Request
    found: Sequence[Inverted]

    def answer(self) -> Inverse:
        """Return the result, but for its sentence."""
        request, told = self.request, [one.told for one in self.found]
        names = {row.quantity for one in told for row in one.least}
        names |= {row.quantity for one in told for row in one.alone}
        names |= {name for one in self.found for name in one.values}
        failed = [
            f"{one.text}: {found.failed}".removeprefix(": ")
            for one, found in zip(self.view.readings, told, strict=True)
            if found.failed
        ]
        return Inverse(
            **head_of(self.fit, "", failed),
            target=request.target,
            label=self._label,
            unit=request.unit,
            claim=request.claim,
            low=request.low,
            high=request.high,
            levels=dict(request.levels),
            quantities={
                name: described(self.view.model, name) for name in self.view.drawn if name in names
            },
            readings=(*map(self._reading, range(len(told))), *self._mixture()),
            least_surprising=self._of_each([one.least for one in told]),
            alone=self._of_each([one.alone for one in told]),
            given_range=tuple(self._given()),
            options=tuple(self._options()),
            lines=self._of_each([one.lines for one in told]),
        )

    @cached_property
    def _label(self) -> str:
        """The target in words; of a claim about several cells as the model writes it."""
        about = {use.id: use for use in self.view.model.uses}
        use = about.get(self.request.claim or "")
        if use is not None and use.written and str(use.about) == self.request.target:
            return use.written
        return self.view.label(self.request.target)

    @cached_property
    def _believed(self) -> Believed | None:
        """The weights given the range; None where there is no range, or nothing reaches it."""
        if self.request.low == self.request.high:
            return None
        return reweighed(self.engine, self.view, self.view.log_evidence_se, self.found)

    @cached_property
    def _speaking(self) -> list[int]:
        """The readings that have an answer."""
        return [i for i, one in enumerate(self.found) if one.told.ok]

    def _of_each[R: (LeastRow, AloneRow, LineRow)](
        self, found: Sequence[tuple[R, ...]]
    ) -> tuple[R, ...]:
        """Yield the rows of each reading, under its name."""
        return tuple(
            replace(row, reading=dict(one.label))
            for one, rows in zip(self.view.readings, found, strict=True)
            for row in rows
        )

    # Readings --------------------------------------------------------------------------------

    def _reading(self, i: int) -> ReadingRow:
        found, view = self.found[i], self.view
        row = replace(
            found.told.row,
            reading=dict(view.readings[i].label),
            weight=float(view.weights[i]),
            weight_se=float(view.errors[i]),
        )
        if found.told.ok:
            row = replace(row, status=view.status[i])
            if self._believed is not None:
                given, error = self._believed.weights[i], self._believed.errors[i]
                row = replace(row, weight_given=float(given), weight_given_se=float(error))
        if len(found.log_shares):
            share = found.log_share()
            inside = float(np.exp(share))
            error = None if share == -np.inf else finite(inside * found.error_of_log_share)
            row = replace(row, inside=inside, inside_se=error)
        return row

    def _mixture(self) -> Iterator[ReadingRow]:
        """Yield the row of the readings together, where there are several."""
        speaking = self._speaking
        if len(self.found) < 2 or not speaking:
            return
        weights = self.view.weights[speaking]
        total = float(weights.sum())
        weights = weights / weights.sum()
        median, median_se = self._middle()
        least = self._least_of_all()
        row = ReadingRow(
            weight=total,
            status="ok",
            median=median,
            median_se=median_se,
            surprise={edge: surprise for edge, (surprise, _) in least.items()},
            above={edge: self._above(edge, weights) for edge in self.request.levels},
            under={edge: reading for edge, (_, reading) in least.items()},
        )
        if self._believed is not None:
            shares = np.array([np.exp(self.found[i].log_share()) for i in speaking])
            errors = np.array([self.found[i].error_of_log_share for i in speaking])
            parts = np.where(shares > 0, weights * shares * np.nan_to_num(errors, posinf=1.0), 0.0)
            inside, error = float(weights @ shares), float(np.linalg.norm(parts))
            row = replace(row, inside=inside, inside_se=error)
        yield row

    def _above(self, edge: Edge, weights: Array) -> Chance:
        """Return the probability of an edge or more, over the readings with an answer."""
        each = [self.found[i].told.row.above[edge] for i in self._speaking]
        shares, errors = np.array(each, dtype=float).T
        return float(weights @ shares), float(np.linalg.norm(weights * errors))

    def _least_of_all(self) -> dict[Edge, tuple[float | None, str | None]]:
        """Return by edge the least surprise over readings and quantities, and its reading.

        All readings share the space of unknowns, so that the joint posterior density of reading
        and unknowns, w · p(θ | r), has one top and one least surprising point on each edge.
        """
        view = self.view
        log = {
            i: float(np.log(view.weights[i]) - view.log_evidence[i])
            for i in self._speaking
            if view.weights[i] > 0
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
                found[edge] = surprise, view.readings[best].text
        return found

    def _middle(self) -> Chance:
        """Return the target's median over the readings and its error, where the fit has draws."""
        name, some, view = variable(self.request.target), self._speaking, self.view
        if name not in view.drawn:
            return None, None
        weights = view.weights[some] / view.weights[some].sum()
        draws = view.draws(name)[some]
        found = mixture_of(draws, weights, view.fits[some], view.simulated[:, some])
        return found.median, found.mcse_median

    # Given the range -------------------------------------------------------------------------

    def _given(self) -> Iterator[GivenRow]:
        if self._believed is None:
            return
        view, leading = self.view, not self.request.cells
        for i, one in enumerate(view.readings):
            alone = np.eye(len(self.found))[i]
            yield from shifts(view, dict(one.label), [i], alone, alone, self.found, leading=leading)
        if len(self.found) > 1:
            given = self._believed.weights
            yield from shifts(
                view, None, self._speaking, view.weights, given, self.found, leading=leading
            )

    def _options(self) -> Iterator[OptionRow]:
        for axis, options in self._believed.options.items() if self._believed else ():
            for option, (weight, error) in options.items():
                before = self.view.options[axis][option]
                yield OptionRow(
                    axis=axis,
                    option=option,
                    held=not self.view.model.readings[axis].update,
                    weight=before.posterior,
                    weight_se=before.posterior_se,
                    weight_given=weight,
                    weight_given_se=error,
                )
