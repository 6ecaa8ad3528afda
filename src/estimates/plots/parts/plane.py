"""What lies on the plane of a count and a rate: clouds of draws, lines of equal product, claims."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from estimates.language.expression import Expression, Scale
from estimates.language.units import Unit
from estimates.language.wording import Direction, Disputed
from estimates.model import BoundClaim
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.rows import Row, Rows
from estimates.plots.parts.style import BAND, GREY, INK, LINE, SMALL, WRITTEN, text_width
from estimates.plots.parts.taken import Taken, taken
from estimates.plots.parts.words import amount, as_said, brief, joined, spoken
from estimates.stats.weighted import quantiles

Array = NDArray[np.float64]
_GRID = 160
_REACH = 4.0  # sds from the mean, as far as a cloud's grid goes
_HALF = 0.5  # of the posterior lies inside a contour


@dataclass(frozen=True, eq=False)
class Cloud:
    """The joint posterior of x and y in one row: draws of their logarithms, with weights."""

    row: Row
    log: Array  # (2, draw)
    weights: Array
    colour: str

    @staticmethod
    def of(row: Row, x: Array, y: Array, colour: str) -> Cloud:
        """From draws (member, draw)."""
        weights = np.repeat(row.share / x.shape[1], x.shape[1])
        return Cloud(row, np.log(np.stack([x.ravel(), y.ravel()])), weights, colour)

    @cached_property
    def middle(self) -> tuple[float, float]:
        """The medians of x and y."""
        return self._quantile(0, 0.5), self._quantile(1, 0.5)

    def reach(self, axis: int) -> tuple[float, float]:
        """Ends of its contour along x (0) or y (1)."""
        edges, inside = self._edges[axis], self._inside.any(axis=1 - axis)
        found = np.flatnonzero(inside)
        return float(np.exp(edges[found[0]])), float(np.exp(edges[found[-1]]))

    def draw(self, ax: Axes) -> None:
        """The contour, filled, and the medians."""
        x, y = (np.exp(edges) for edges in self._edges)
        density, level = self._density.T, self._level
        ax.contourf(x, y, density, [level, np.inf], colors=[self.colour], alpha=0.3)
        ax.contour(x, y, density, [level], colors=[self.colour], linewidths=0.9)
        ax.plot(*self.middle, "o", color=INK, markersize=4, markeredgecolor="white",
                markeredgewidth=0.6, zorder=4)  # fmt: skip

    @cached_property
    def _edges(self) -> tuple[Array, Array]:
        """The middles of the grid's cells along each axis, on logarithms."""
        found = []
        for values in self.log:
            mean = np.average(values, weights=self.weights)
            sd = max(math.sqrt(np.average((values - mean) ** 2, weights=self.weights)), 1e-9)
            found.append(np.linspace(mean - _REACH * sd, mean + _REACH * sd, _GRID))
        return found[0], found[1]

    @cached_property
    def _density(self) -> Array:
        """Draws counted on the grid and smoothed, with the bandwidth of Scott's rule, doubled."""
        bins = []
        for edges in self._edges:
            half = (edges[1] - edges[0]) / 2
            bins.append(np.concatenate([edges - half, [edges[-1] + half]]))
        counts, _ = np.histogramdd(self.log.T, bins=bins, weights=self.weights)
        cells_per_sd = (_GRID - 1) / (2 * _REACH)
        return gaussian_filter(counts, 2 * cells_per_sd * self.weights.size ** (-1 / 6))

    @cached_property
    def _level(self) -> float:
        """The density above which half of the posterior lies."""
        ranked = np.sort(self._density, axis=None)[::-1]
        return float(ranked[np.searchsorted(np.cumsum(ranked), _HALF * ranked.sum())])

    @cached_property
    def _inside(self) -> NDArray[np.bool_]:
        return self._density >= self._level

    def _quantile(self, axis: int, p: float) -> float:
        return float(quantiles(np.exp(self.log[axis]), [p], self.weights)[0])


@dataclass(frozen=True)
class Line:
    """Along it the product is `value`, in the target's unit; `first` if the first cited has it."""

    value: float
    words: str
    first: bool


@dataclass(frozen=True)
class Said:
    """A claim about x or y, in that factor's unit."""

    taken: Taken
    figure: str
    condition: str

    @property
    def words(self) -> str:
        """`said: around 20,000 people`, and under which readings it is said of this factor."""
        return f"said: {self.figure}" + (f" ({self.condition})" if self.condition else "")

    def draw(self, ax: Axes, *, vertical: bool) -> None:
        """Dashed at the figure, or at both ends of a range."""
        for at in self.taken.inner or (self.taken.centre,):
            line = ax.axvline if vertical else ax.axhline
            line(at, color=GREY, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)


def lines(findings: Findings, target: str, rows: Rows) -> tuple[Line, ...]:
    """The ends of what was cited of the target; where nothing was, quantiles of the posterior."""
    unit = findings.unit(target)
    found: dict[float, bool] = {}
    for i, use in enumerate(findings.cited(target)):
        factor = findings.model.units.factor(findings.model.units.parse(use.unit), unit)
        for end in findings.ends(use.id):
            if end:
                found.setdefault(end * factor, i == 0)
    if not found and rows.rows:
        row = findings.together(findings.values(target)) or rows.rows[0]
        found = dict.fromkeys((row.q05, row.median, row.q95), True)
    return tuple(
        Line(value, amount(brief(value), unit), first) for value, first in sorted(found.items())
    )


def about(findings: Findings, name: str, unit: Unit) -> tuple[Said, ...]:
    """The claims of the evidence that are about a factor under some readings, in its unit."""
    model = findings.model
    found = []
    for use in model.uses:
        if use.held_out or isinstance(use.wording, Direction | Disputed):
            continue  # the latter two state no figure of their own
        choices = [c.choice for c in model.combinations()]
        same = [choice for choice in choices if _is_about(findings, use, name, choice)]
        if same:
            factor = model.units.factor(model.units.parse(use.unit), unit)
            condition = _condition(findings, same)
            what = taken(findings, use).times(factor)
            found.append(Said(what, as_said(use.claim, model), condition))
    return tuple(found)


def _is_about(findings: Findings, use: BoundClaim, name: str, choice: Mapping[str, str]) -> bool:
    mine, theirs = findings.model.resolve(name, choice), findings.model.resolve(use.value, choice)
    return mine is not None and theirs is not None and _bare(mine) == _bare(theirs)


def _bare(expression: Expression) -> Expression:
    while isinstance(expression, Scale):
        expression = expression.operand
    return expression


def _condition(findings: Findings, choices: Sequence[Mapping[str, str]]) -> str:
    parts = []
    for axis, reading in findings.model.readings.items():
        options = dict.fromkeys(choice[axis] for choice in choices)
        if len(options) < len(reading.options):
            words = joined((reading.options[o].label or spoken(o) for o in options), "or")
            parts.append(f"{spoken(axis)} is {words}")
    return f"if {joined(parts)}" if parts else ""


# Drawing ---------------------------------------------------------------------------------------


def on_left(clouds: Sequence[Cloud]) -> list[bool]:
    """Which clouds have their labels on the left: those left of the middle, if there is one."""
    middles = [math.log(cloud.middle[0]) for cloud in clouds]
    centre = (min(middles) + max(middles)) / 2
    apart = max(middles) - min(middles) > 0.2
    return [apart and middle < centre for middle in middles]


def draw_labels(
    ax: Axes,
    clouds: Sequence[Cloud],
    labels: Sequence[Sequence[str]],
    rulers: tuple[Ruler, Ruler],
    size: tuple[float, float],
) -> list[Patch]:
    """Each reading's name beside its cloud, moved apart where two would overlap.

    Returns the patches of the axes that names and clouds take up.
    """
    x, y = rulers
    taken_up = [
        Patch.between(
            *(float(x.place(end)) * size[0] for end in cloud.reach(0)),
            *(float(y.place(end)) * size[1] for end in cloud.reach(1)),
        )
        for cloud in clouds
    ]
    for side in (True, False):
        mine = [i for i, left in enumerate(on_left(clouds)) if left is side and labels[i]]
        mine.sort(key=lambda i: clouds[i].middle[1])
        lowest = -math.inf
        for i in mine:
            height, width = len(labels[i]) * LINE, max(map(text_width, labels[i]))
            at = max(float(y.place(clouds[i].middle[1])) * size[1], lowest + height / 2)
            lowest = at + height / 2 + 0.02
            edge = float(x.place(clouds[i].reach(0)[0 if side else 1])) * size[0]
            edge += -0.07 if side else 0.07
            ax.text(
                edge / size[0], at / size[1], "\n".join(labels[i]), transform=ax.transAxes,
                va="center", ha="right" if side else "left", size=SMALL, linespacing=1.1,
                color=WRITTEN.get(clouds[i].colour, INK), parse_math=False, zorder=6,
            )  # fmt: skip
            ends = (edge - width, edge) if side else (edge, edge + width)
            taken_up.append(Patch.between(*ends, at - height / 2, at + height / 2))
    return taken_up


@dataclass(frozen=True)
class Patch:
    """An ellipse on the axes, in inches: its middle and half its width and height."""

    x: float
    y: float
    a: float
    b: float

    @staticmethod
    def between(left: float, right: float, bottom: float, top: float) -> Patch:
        """The ellipse that fills a box."""
        return Patch((left + right) / 2, (bottom + top) / 2, (right - left) / 2, (top - bottom) / 2)

    def away(self, x: float, y: float) -> float:
        """How far outside a point lies, about, in inches; below 0 inside."""
        reach = math.hypot((x - self.x) / self.a, (y - self.y) / self.b)
        return (reach - 1) * min(self.a, self.b)


def draw_lines(
    ax: Axes,
    found: Sequence[Line],
    taken_up: Sequence[Patch],
    rulers: tuple[Ruler, Ruler],
    per_target: float,
    size: tuple[float, float],
) -> None:
    """The lines, the space between the outer two shaded, each with its words along it."""
    x, y = rulers
    ends = np.array([x.low, x.high])
    shaded = [line.value for line in found if line.first]
    if len(shaded) > 1:
        low, high = shaded[0], shaded[-1]
        ax.fill_between(ends, low * per_target / ends, high * per_target / ends, color=BAND,
                        linewidth=0, zorder=0)  # fmt: skip
    slope = math.log(x.high / x.low) / math.log(y.high / y.low) * size[1] / size[0]
    for line in found:
        ax.plot(ends, line.value * per_target / ends, color=GREY, linewidth=0.8, zorder=0.5)
        at = _free_place(line, taken_up, rulers, per_target, size, slope)
        if at is not None:
            ax.text(
                at[0] / size[0], at[1] / size[1], line.words, transform=ax.transAxes,
                rotation=-math.degrees(math.atan(slope)), rotation_mode="anchor", ha="center",
                va="bottom", size=SMALL, color=GREY, parse_math=False, zorder=3,
            )  # fmt: skip


def _free_place(
    line: Line,
    taken_up: Sequence[Patch],
    rulers: tuple[Ruler, Ruler],
    per_target: float,
    size: tuple[float, float],
    slope: float,
) -> tuple[float, float] | None:
    """Where along a line its words fit into the axes and are farthest from all that is there."""
    x, y = rulers
    long = math.hypot(1, slope)
    half = (text_width(line.words) / 2 + 0.06) / long  # of the words, across
    best, farthest = None, -math.inf
    for across in np.linspace(half, size[0] - half, 121):
        up = float(y.place(line.value * per_target / x.at(across / size[0]))) * size[1]
        if not half * slope <= up <= size[1] - half * slope - 0.12:
            continue
        # The words stand on the line: their middle is half a line's height beside it.
        beside = (across + 0.07 * slope / long, up + 0.07 / long)
        away = min(
            (
                patch.away(beside[0] + part * half, beside[1] - part * half * slope)
                for patch in taken_up
                for part in np.linspace(-1, 1, 9)
            ),
            default=1.0,
        )
        if away > farthest:
            best, farthest = (float(across), up), away
    return best
