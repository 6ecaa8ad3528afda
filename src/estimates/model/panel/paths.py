"""Paths over time: steps between the model's dates, and values at the dates of claims.

On the link scale a path is Brownian, its yearly standard deviation s: from one date to another it
moves by s·√Δt·(√ρ·a + √(1−ρ)·e), a shared by what moves together, e its own.  Given the two ends
of a step, a value between them has the mean of the straight line and the variance
s²·(t − t₀)(t₁ − t)/(t₁ − t₀): the Brownian bridge (Karatzas & Shreve 1991, section 5.6.B), whose
shared part is shared as the steps are.  Values at several dates of one step follow one another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from estimates.errors import Faults
from estimates.language.expression import Binary, Call, Constant, Expression, Name
from estimates.model.dates import Date
from estimates.model.dimensions import Dimension, Position, cell_name
from estimates.model.panel.base import Base, correlation
from estimates.model.panel.cells import (
    Made,
    at_time,
    link_of,
    normal,
    on_link,
    plus,
    size_of,
    times,
)
from estimates.model.panel.panel import Path
from estimates.model.panel.path_rows import PathRows
from estimates.model.panel.scope import PanelError, Scope
from estimates.model.panels import PanelQuantity, Walk
from estimates.model.priors import NamedPrior

#: Standard normal unknowns that cells have in common, with their weights.
Shared = dict[str, float]
#: What no label and no date is called by.
type Others = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sometime(Date):
    """One date of a span that is not known, evenly likely over it; `text` names it.

    Attributes
    ----------
    first, last : the ends of the span, in years
    """

    first: Date
    last: Date


class Paths:
    """The paths of one quantity, and the dates at which claims need them."""

    def __init__(
        self, quantity: PanelQuantity, scope: Scope, made: Made, base: Base, faults: Faults
    ) -> None:
        assert quantity.walk is not None
        self._quantity = quantity
        self._walk: Walk = quantity.walk
        self._made = made
        self._base = base
        self._faults = faults
        self._time: Dimension = scope.dimensions[self._walk.along]
        self._link = link_of(quantity)
        self._needed: dict[Others, dict[float, Date]] = {}
        self._known: dict[float, Date] = {}
        self._sometime: dict[Others, dict[str, Sometime]] = {}
        self._rows = PathRows()

    # What claims need ------------------------------------------------------------------------

    def need(self, at: Position) -> Name:
        """Return the name of a path's value at a date that is no label.

        Raises `PanelError` where the date lies far outside.
        """
        when = at[self._time.name]
        assert isinstance(when, Date)
        others = self._others(at)
        if isinstance(when, Sometime):
            for date in self._points(when):
                if self._label(date) is None:
                    self.need(at_time(at, self._time.name, date))
            self._sometime.setdefault(others, {})[when.text] = when
            return self._remember(at)
        self._check_reach(when)
        key = round(when.years, 6)
        date = self._known.setdefault(key, when)
        self._needed.setdefault(others, {})[key] = date
        return self._remember(at_time(at, self._time.name, date))

    def _remember(self, at: Position) -> Name:
        name = cell_name(self._quantity.name, self._quantity.over, at)
        labels = tuple(name[len(self._quantity.name) + 1 :].split("."))
        self._made.dated[name] = (self._quantity.name, labels)
        return Name(name)

    def _check_reach(self, when: Date) -> None:
        dates = [one.years for one in self._time.dates]
        if len(dates) < 2:
            low = high = 0.0
        else:
            low, high = dates[1] - dates[0], dates[-1] - dates[-2]
        if not dates[0] - low - 1e-6 <= when.years <= dates[-1] + high + 1e-6:
            raise PanelError(
                f"{when.text} lies more than a step outside {self._time.name} "
                f"({self._time.labels[0]} to {self._time.labels[-1]}); add a date to it"
            )

    def _label(self, date: Date) -> str | None:
        for label, own in zip(self._time.labels, self._time.dates, strict=True):
            if abs(own.years - date.years) < 1e-6:
                return label
        return None

    def _points(self, when: Sometime) -> list[Date]:
        inside = [d for d in self._time.dates if when.first.years < d.years < when.last.years]
        return [when.first, *inside, when.last]

    def _others(self, at: Position) -> Others:
        return tuple((d, str(at[d])) for d in self._quantity.over if d != self._time.name)

    # What is made ----------------------------------------------------------------------------

    def make(self, positions: Sequence[Mapping[str, str | Date]]) -> None:
        """Make the cells of every path.

        Parameters
        ----------
        positions : the other labels of each path
        """
        start = self._start()
        for others in positions:
            at = at_time(others, self._time.name, self._time.labels[start])
            prior = self._base.prior(self._quantity, at)
            if prior is None:
                continue
            self._rows.begin(self._made.cell(self._quantity, at, prior).name)
            for index in range(start, len(self._time.labels) - 1):
                self._step(others, index, index + 1)
            for index in range(start, 0, -1):
                self._step(others, index, index - 1)
            self._make_dates(others)

    def _start(self) -> int:
        at = self._walk.at
        return self._time.labels.index(at) if at in self._time.labels else 0

    def _step(self, others: Position, known: int, wanted: int) -> None:
        dates, labels = self._time.dates, self._time.labels
        gap = abs(dates[wanted].years - dates[known].years)
        new = self._shared(others, labels[max(known, wanted)], gap)
        self._cell(others, labels[wanted], [(1.0, labels[known])], new, gap)

    def _cell(
        self,
        others: Position,
        when: str | Date,
        line: Sequence[tuple[float, str | Date]],
        shared: Shared,
        variance: float,
    ) -> None:
        """Make a cell, normal on the link scale about a line of others and what is shared."""
        mu: Expression | None = None
        for weight, date in line:
            mu = _added(mu, times(Constant(weight), self._h(others, date)))
        for name, weight in shared.items():
            mu = _added(mu, times(Constant(weight), self._by, self._part(own=False), Name(name)))
        assert mu is not None
        sigma = times(self._by, Constant(sqrt(variance)), self._part(own=True))
        cell = self._make_cell(others, when, normal(self._link, mu, sigma))
        self._rows.add(
            cell,
            [(weight, self._name(others, date)) for weight, date in line],
            shared,
            sqrt(variance),
        )

    def _make_cell(self, others: Position, when: str | Date, prior: NamedPrior) -> str:
        return self._made.cell(self._quantity, at_time(others, self._time.name, when), prior).name

    def _name(self, others: Position, when: str | Date) -> str:
        at = at_time(others, self._time.name, when)
        return cell_name(self._quantity.name, self._quantity.over, at)

    def path(self) -> Path | None:
        """Return the walk as one map; None where a single date leaves nothing to walk."""
        rows = self._rows
        if not rows.cells:
            return None
        parts = self._part(own=True), self._part(own=False)
        return rows.path(self._link, self._by, parts)

    def _h(self, others: Position, when: str | Date) -> Expression:
        return on_link(self._link, Name(self._name(others, when)))

    @property
    def _by(self) -> Expression:
        name = f"{self._quantity.name}.by"
        label = f"{self._quantity.label or self._quantity.name}, sd of a year's step"
        return size_of(self._made, name, self._walk.by, self._quantity, "walk", label)

    # What is shared --------------------------------------------------------------------------

    @property
    def _together(self) -> tuple[str, ...]:
        return tuple(self._walk.together)

    def _part(self, *, own: bool) -> Expression:
        """Return √(1 − ρ) of a cell's own steps, √ρ of those that are shared."""
        if not self._walk.together:
            return Constant(1.0)
        rho = correlation(
            self._made,
            f"{self._quantity.name}.together",
            next(iter(self._walk.together.values())),
            self._quantity,
            "walk",
            self._faults,
            positive=True,
        )
        if isinstance(rho, Constant):
            return Constant(sqrt(1 - rho.value if own else rho.value))
        return Call("sqrt", (Binary("-", Constant(1.0), rho) if own else rho,))

    def _shared(
        self, others: Position, when: str, variance: float, before: Shared | None = None
    ) -> Shared:
        """Return what the members of `together` share at a date: known before it, and new."""
        if not self._walk.together:
            return {}
        kept = [d for d in self._quantity.over if d not in (*self._together, self._time.name)]
        name = cell_name(f"{self._quantity.name}.shared", [*kept, ""], {**others, "": when})
        prior = NamedPrior("Normal", {"mu": Constant(0.0), "sigma": Constant(1.0)})
        label = f"{self._quantity.label or self._quantity.name}, shared step to {when}"
        self._made.link(name, prior, self._quantity.where, label=label)
        return {**(before or {}), name: sqrt(variance)}

    # Dates between and beyond ----------------------------------------------------------------

    def _make_dates(self, others: Position) -> None:
        needed = self._needed.get(self._others(others), {})
        dates = self._time.dates
        for index in range(len(dates) - 1):
            self._bridge(others, needed, index)
        for end, step in ((0, -1), (len(dates) - 1, 1)):
            self._beyond(others, needed, end, step)
        for when in self._sometime.get(self._others(others), {}).values():
            self._make_sometime(others, when)

    def _between(self, dates: Mapping[float, Date], low: float, high: float) -> list[Date]:
        return [dates[key] for key in sorted(dates) if low + 1e-6 < dates[key].years < high - 1e-6]

    def _shared_bridge(self, others: Position, low: float, high: float) -> dict[str, Shared]:
        """Return what is shared at each date within a step, beside the line between its ends."""
        found: dict[str, Shared] = {}
        left, before = low, Shared()
        for date in self._between(self._known, low, high):
            kept = (high - date.years) / (high - left)
            variance = (date.years - left) * (high - date.years) / (high - left)
            before = self._shared(others, date.text, variance, _weighed(before, kept))
            found[date.text], left = before, date.years
        return found

    def _bridge(self, others: Position, needed: Mapping[float, Date], index: int) -> None:
        low, high = (self._time.dates[i].years for i in (index, index + 1))
        mine = self._between(needed, low, high)
        if not mine:
            return
        shared = self._shared_bridge(others, low, high)
        before: str | Date = self._time.labels[index]
        left, was = low, Shared()
        for date in mine:
            kept = (high - date.years) / (high - left)
            variance = (date.years - left) * (high - date.years) / (high - left)
            line = [(kept, before), (1 - kept, self._time.labels[index + 1])]
            now = shared[date.text]
            self._cell(others, date, line, _less(now, _weighed(was, kept)), variance)
            left, before, was = date.years, date, now

    def _beyond(self, others: Position, needed: Mapping[float, Date], end: int, step: int) -> None:
        edge = self._time.dates[end].years
        outside = (edge, float("inf")) if step > 0 else (float("-inf"), edge)
        mine = self._between(needed, *outside)[::step]
        if not mine:
            return
        shared: dict[str, Shared] = {}
        last, at = Shared(), edge
        for date in self._between(self._known, *outside)[::step]:
            last = self._shared(others, date.text, abs(date.years - at), last)
            shared[date.text], at = last, date.years
        before: str | Date = self._time.labels[end]
        was, at = Shared(), edge
        for date in mine:
            now = shared[date.text]
            self._cell(others, date, [(1.0, before)], _less(now, was), abs(date.years - at))
            before, was, at = date, now, date.years

    def _make_sometime(self, others: Position, when: Sometime) -> None:
        """Make the value at an unknown date: on the line of the points, with the bridge between."""
        points = self._points(when)
        span = when.last.years - when.first.years
        where = self._made.link(
            f"{when.text}.when",
            NamedPrior("Uniform", {"lower": Constant(0.0), "upper": Constant(1.0)}),
            self._quantity.where,
            label=f"{when.text}, at which part of its span",
        )
        labels = [self._label(date) or self._canonical(date) for date in points]
        mu = self._h(others, labels[0])
        variance: Expression | None = None
        for (a, b), (from_, to) in zip(pairwise(points), pairwise(labels), strict=True):
            start, length = (a.years - when.first.years) / span, (b.years - a.years) / span
            done = _clipped(Binary("/", Binary("-", where, Constant(start)), Constant(length)))
            rise = Binary("-", self._h(others, to), self._h(others, from_))
            mu = plus(mu, times(rise, done))
            left = Binary("-", Constant(1.0), done)
            here = times(Constant(b.years - a.years), done, left)
            variance = here if variance is None else plus(variance, here)
        assert variance is not None
        root = Call("sqrt", (variance,))
        for name in self._shared(others, when.text, 1.0):
            mu = plus(mu, times(self._by, self._part(own=False), root, Name(name)))
        sigma = times(self._by, root, self._part(own=True))
        self._make_cell(others, when, normal(self._link, mu, sigma))

    def _canonical(self, date: Date) -> Date:
        return self._known[round(date.years, 6)]


def _weighed(shared: Shared, weight: float) -> Shared:
    return Shared({name: weight * one for name, one in shared.items()})


def _less(shared: Shared, other: Shared) -> Shared:
    """Return what is shared, less what of it was there before."""
    names = dict.fromkeys((*shared, *other))
    found = {name: shared.get(name, 0.0) - other.get(name, 0.0) for name in names}
    return Shared({name: one for name, one in found.items() if abs(one) > 1e-12})


def _added(whole: Expression | None, term: Expression) -> Expression:
    return term if whole is None else Binary("+", whole, term)


def _clipped(value: Expression) -> Expression:
    return Call("min", (Constant(1.0), Call("max", (Constant(0.0), value))))
