"""Paths over time as small multiples, with the dated claims as marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates.errors import Fault, InputError
from estimates.language.expression import Name
from estimates.language.phrases import capitalised
from estimates.model import BoundClaim, Model
from estimates.model.account import Taken
from estimates.model.dates import Date, When
from estimates.model.describe import describe
from estimates.model.panel.lookup import words_for
from estimates.model.panel.panel import Grid, Labels
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Array, Panel, Strip
from estimates.plots.parts.style import BLUE, GREY, INK, VERMILLION, figure_of
from estimates.plots.parts.text import Line, text_width
from estimates.stats.weighted import WeightedDraws

_COLUMNS, _HEIGHT = 3, 1.15
_BETWEEN = 0.1  # inches between the labels of dates
_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class _Mark:
    """A claim about a path: where, and what it says."""

    years: float
    low: float | None
    middle: float | None
    high: float | None
    held_out: bool
    above: bool | None = None  # of a bound, the side on which it lies


def grids_with_paths(model: Model) -> Iterator[Grid]:
    """Yield what is over time: targets, then quantities that claims are about."""
    time = model.panel.dimensions.time
    if time is None:
        return
    spoken_of = {
        model.panel.home[use.about.name][0]
        for use in model.uses
        if isinstance(use.about, Name) and use.about.name in model.panel.home
    }
    seen: set[tuple[str, ...]] = set()
    named = (grid for name, grid in model.panel.grids.items() if name in spoken_of)
    for grid in (*model.panel.targets, *named):
        cells = tuple(grid.cells.values())
        if time.name in grid.over and cells not in seen and model.apart.keys().isdisjoint(cells):
            seen.add(cells)
            yield grid


def paths(
    fit: xr.DataTree | Findings, quantity: str | None = None, *, ax: Axes | None = None
) -> Figure:
    """Draw the paths of a quantity over time, one picture a label, with the claims about them.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    quantity : a quantity, relation or target over time; the first target that is, if left out
    ax : draw into these axes, where there is one path

    Raises
    ------
    InputError : where nothing of that name is over time
    """
    findings = Findings.of(fit)
    model = findings.model
    grids = {grid.name: grid for grid in grids_with_paths(model)}
    every = {**model.panel.grids, **grids}
    grid = next(iter(grids.values()), None) if quantity is None else every.get(quantity)
    time = model.panel.dimensions.time
    if grid is None or time is None or time.name not in grid.over:
        raise InputError([Fault(f"{quantity or 'nothing in this model'} is not over time")])
    rows = _rows(grid, time.name)
    drawn = {label: _path(findings, grid, label) for label in rows}
    marks = {label: list(_marks(findings, drawn[label][2])) for label in rows}
    called = model.panel.dimensions.called
    lines = dict.fromkeys(label[:-1] for label in rows)  # of several dimensions, the last across
    panels: list[Panel] = []
    for line in lines:
        alike = [label for label in rows if label[:-1] == line]
        ruler = _ruler(findings, grid, [drawn[one] for one in alike], [marks[one] for one in alike])
        panels += [
            _panel(", ".join(map(called, one)), drawn[one], marks[one], ruler, time.dates)
            for one in alike
        ]
    title = capitalised(words_for(model, grid.name))
    across = len(rows) // len(lines)
    columns = across if len(lines) > 1 and across <= _COLUMNS else min(_COLUMNS, len(panels))
    return Page(title, _seen(marks, called), panels, _NOTES, columns=columns).draw(ax)


_NOTES = (
    "Line: the median; bands: 50 and 90 % intervals. Points: what a claim says at its date, with "
    "its own 90 % interval where its width is known; arrows: bounds. Hollow: held out. A claim "
    "about a sum or a mean over a span is not drawn here.",
)


def _seen(marks: dict[Labels, list[_Mark]], called: Callable[[str], str]) -> str:
    number = sum(map(len, marks.values()))
    without = [", ".join(map(called, label)) for label, some in marks.items() if not some]
    if len(marks) == 1 or not number:
        drawn = "1 claim about it is" if number == 1 else f"{number} claims about it are"
        return f"{drawn} drawn." if number else "No claim is about it alone."
    if not without:
        return f"{number} claims, about every one of them."
    drawn = "1 claim is drawn" if number == 1 else f"{number} claims are drawn"
    return f"{drawn}; none is about {', '.join(without)} alone."


def _rows(grid: Grid, time: str) -> list[Labels]:
    place = grid.over.index(time)
    return list(dict.fromkeys((*at[:place], *at[place + 1 :]) for at in grid.cells))


#: Dates in years, quantiles (level, date), and the names of the cells.
type _Path = tuple[Array, Array, dict[str, float]]


def _path(findings: Findings, grid: Grid, label: Labels) -> _Path:
    """Return the path of one label: at the dates of the model, and at those that claims need."""
    panel = findings.model.panel
    homes = {cell: at for at, cell in grid.cells.items()}
    homes |= {cell: at for cell, (name, at) in panel.dated.items() if name == grid.name}
    found: dict[str, float] = {}
    for cell, at in homes.items():
        dates = [date for one in at if (date := Date.of(one)) is not None]
        others = tuple(one for one in at if Date.of(one) is None)
        if dates and others == label:
            found[cell] = dates[0].years
    ordered = dict(sorted(found.items(), key=lambda pair: pair[1]))
    values = [_quantiles(findings, cell) for cell in ordered]
    return np.array(list(ordered.values())), np.array(values).T, ordered


def _quantiles(findings: Findings, cell: str) -> list[float]:
    view = findings.view
    drawn = view.draws(cell)[view.weighty]
    if not np.isfinite(drawn).all():
        return [float("nan")] * len(_LEVELS)
    pooled = WeightedDraws(drawn, view.weights[view.weighty])
    return [pooled.quantile(level) for level in _LEVELS]


def _marks(findings: Findings, cells: dict[str, float]) -> Iterator[_Mark]:
    """Yield the claims about cells of a path."""
    model = findings.model
    account = describe(model)
    taken = {one.claim: one for one in (*account.evidence, *account.compare)}
    for use in model.uses:
        if isinstance(use.about, Name) and use.id in taken:
            name = use.about.name
            years = cells.get(name)
            if years is None and (when := When.of(use.claim.when)) and _same(model, name, cells):
                years = when.middle  # at a date that is not known: in the middle of its span
            if years is not None:
                yield _mark(model, use, taken[use.id], years)


def _same(model: Model, name: str, cells: dict[str, float]) -> bool:
    """Return whether a cell at an unknown date is of this path."""
    home = model.panel.home.get(name)
    first = model.panel.home.get(next(iter(cells), ""))
    if home is None or first is None or home[0] != first[0]:
        return False
    return home[1][:-1] == first[1][:-1]


def _mark(model: Model, use: BoundClaim, taken: Taken, years: float) -> _Mark:
    factor = model.units.factor(model.units.parse(use.unit), model.unit_of(use.about))

    def own(value: float | None) -> float | None:
        return None if value is None else value * factor

    if taken.bound is not None:
        above = taken.bound.side == "above"
        return _Mark(years, None, own(taken.bound.at), None, use.held_out, above)
    return _Mark(years, own(taken.q05), own(taken.centre), own(taken.q95), use.held_out)


def _ruler(
    findings: Findings,
    grid: Grid,
    drawn: Sequence[_Path],
    marks: Sequence[Sequence[_Mark]],
) -> Ruler:
    cell = next(iter(grid.cells.values()))
    reach = [float(one) for _, values, _ in drawn for one in values.ravel()]
    reach += [
        end
        for some in marks
        for one in some
        for end in (one.low, one.middle, one.high)
        if end is not None
    ]
    return Ruler.of(findings.support(cell), findings.unit(cell), "", reach)


def _panel(
    head: str, path: _Path, marks: Sequence[_Mark], up: Ruler, dates: Sequence[Date]
) -> Panel:
    years, values, _ = path
    span = [float(years.min()), float(years.max()), *(one.years for one in marks)]
    pad = 0.05 * max(max(span) - min(span), 1)
    along = Ruler(min(span) - pad, max(span) + pad, log=False, percent=False, label="", unit="")

    def draw(ax: Axes, _: Array) -> None:
        for (bottom, top), strength in (((0, 4), 0.18), ((1, 3), 0.35)):
            ax.fill_between(
                years, values[bottom], values[top], color=BLUE, alpha=strength, linewidth=0
            )
        ax.plot(years, values[2], color=BLUE)
        for one in marks:
            _draw_mark(ax, one)
        _date_ticks(ax, along, dates)

    lines = [Line(head, bold=True)] if head else []
    return Panel.plain(Strip(draw, along, up=up), _HEIGHT, lines)


def _date_ticks(ax: Axes, along: Ruler, dates: Sequence[Date]) -> None:
    """Write as many dates under an axis as have room, the first and the last before others.

    Each is centred under its tick, the last ends with the axis where it would go beyond.
    """
    _, inches, _ = figure_of(ax)
    taken: dict[Date, tuple[float, float]] = {}
    for date in (dates[0], dates[-1], *dates[1:-1]):
        half = text_width(date.text) / 2
        at = min(float(along.place(date.years)) * inches, inches - half)
        start, end = at - half - _BETWEEN, at + half + _BETWEEN
        if all(start >= other[1] or end <= other[0] for other in taken.values()):
            taken[date] = at - half, at + half
    kept = sorted(taken)
    ticks = ax.set_xticks([one.years for one in kept], [one.text for one in kept])
    last = kept[-1]
    if float(along.place(last.years)) * inches + text_width(last.text) / 2 > inches:
        ticks[-1].label1.set_horizontalalignment("right")


def _draw_mark(ax: Axes, one: _Mark) -> None:
    colour = VERMILLION if one.held_out else INK
    if one.middle is None:
        return
    if one.above is not None:
        marker = "^" if one.above else "v"
        ax.plot([one.years], [one.middle], marker, color=colour, markersize=4)
        return
    if one.low is not None and one.high is not None:
        ax.plot([one.years] * 2, [one.low, one.high], color=GREY, linewidth=0.8)
    face = "white" if one.held_out else colour
    ax.plot([one.years], [one.middle], "o", color=colour, markerfacecolor=face, markersize=3.5)
