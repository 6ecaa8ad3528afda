"""What each kind of source is found to see of what there is, and how far its claims err."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates.errors import Fault, InputError
from estimates.inference.panel_table import figure
from estimates.language.phrases import called, spoken
from estimates.model import Model
from estimates.model.naming import in_words_of
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.marks import interval
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Array, Column, Panel, Row, Strip
from estimates.plots.parts.style import BLUE, GREY, PALE
from estimates.plots.parts.text import Line
from estimates.stats.weighted import WeightedDraws

_TITLES = {
    "factor": "Factor: what claims of a kind see of what there is",
    "odds": "Odds ratio: what claims of a kind see of a share",
    "scatter": "Scatter: how far each claim of a kind is off by itself",
}
_ENDS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class _Learnt:
    """A factor or a scatter, now and beforehand: low, median, high."""

    kind: str
    now: tuple[float, float, float]
    before: tuple[float, float, float]


def has_kinds(model: Model) -> bool:
    """Return whether a model learns what kinds of sources see."""
    return any(True for what in _TITLES for _ in _names(model, what))


def kinds(fit: xr.DataTree | Findings, *, ax: Axes | None = None) -> Figure:
    """Draw what each kind of source is found to see, and how far its claims err by themselves.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    ax : draw into these axes, where there is one panel

    Raises
    ------
    InputError : where the model has no kinds of which something is learnt
    """
    findings = Findings.of(fit)
    with in_words_of(findings.model):
        learnt = {what: list(_learnt(findings, what)) for what in _TITLES}
    panels = [_panel(what, rows) for what, rows in learnt.items() if rows]
    if not panels:
        raise InputError([Fault("this model has no kinds of sources of which anything is learnt")])
    notes = ["Blue: median and 90 % interval. Grey: the same before any claim was heard."]
    return Page("What each kind of source is found to see", "", panels, notes).draw(ax)


def _names(model: Model, what: str) -> Iterator[tuple[str, str]]:
    for group in model.parts.kinds.values():
        for kind in group.kinds:
            name = f"{group.name}.{kind}.{what}"
            if name in model.quantities:
                yield f"{spoken(group.name)}: {called(kind)}", name


def _learnt(findings: Findings, what: str) -> Iterator[_Learnt]:
    view = findings.view
    for kind, name in _names(findings.model, what):
        found = []
        for draws, weights in ((view.drawn, view.weights), (view.before, view.stated)):
            heavy = weights > 0
            pooled = WeightedDraws(draws[name][heavy], weights[heavy])
            low, middle, high = (pooled.quantile(end) for end in _ENDS)
            found.append((low, middle, high))
        now, before = found
        if np.isfinite([*now, *before]).all():
            yield _Learnt(kind, now, before)


def _panel(what: str, learnt: list[_Learnt]) -> Panel:
    reach = [end for one in learnt for ends in (one.now, one.before) for end in ends]
    at_one = what != "scatter"
    ruler = Ruler.around([*reach, *([1.0] if at_one else [])], "", scale="log")

    def draw(ax: Axes, middles: Array) -> None:
        if at_one:
            ax.axvline(1, color=PALE, linewidth=0.6, zorder=0)
        for one, y in zip(learnt, middles.tolist(), strict=True):
            ax.plot([one.before[0], one.before[2]], [y, y], color=PALE, linewidth=3.5,
                    solid_capstyle="butt", zorder=0)  # fmt: skip
            ax.plot([one.before[1]], [y], "|", color=GREY, markersize=6)
            interval(ax, one.now, y, BLUE)

    rows = [
        Row(before=[[Line(one.kind)]], after=[[Line(_told(one.now))]], least=0.24) for one in learnt
    ]
    head = [Line(_TITLES[what], bold=True)]
    return Panel([Strip(draw, ruler)], rows, head, before=(Column(),), after=(Column(),))


def _told(ends: tuple[float, float, float]) -> str:
    low, middle, high = map(figure, ends)
    return f"{middle} ({low}–{high})"
