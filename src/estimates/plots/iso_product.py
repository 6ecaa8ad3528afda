"""A count times a rate: where each reading puts the two, and the lines along which their product
is what was cited."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates.language.expression import Interval
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import (
    beside_the_cited,
    held_out_note,
    left_out_note,
    sources_note,
)
from estimates.plots.parts.factors import Factors, factors
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.natural import Natural
from estimates.plots.parts.plane import (
    Cloud,
    Line,
    Patch,
    Said,
    about,
    draw_labels,
    draw_lines,
    lines,
    on_left,
)
from estimates.plots.parts.rows import Rows
from estimates.plots.parts.style import (
    GREY,
    INK,
    LINE,
    MARGIN,
    PLAIN,
    SMALL,
    VERDICTS,
    WIDTH,
    Footing,
    Heading,
    Sheet,
    figure_of,
    house_style,
    text_width,
    wrap,
)
from estimates.plots.parts.words import amount, as_said, brief, capitalised

_HEIGHT = 4.2  # inches, of the axes
_LABEL = 1.05  # inches, the widest line of a reading's label
_POSITIVE = Interval(0.0, math.inf)


@dataclass(frozen=True)
class _Plane:
    """Everything on the figure."""

    findings: Findings
    target: str
    factors: Factors
    rows: Rows
    clouds: tuple[Cloud, ...]
    lines: tuple[Line, ...]
    on_x: tuple[Said, ...]
    on_y: tuple[Said, ...]


def iso_product(
    fit: xr.DataTree | Findings, target: str | None = None, *, ax: Axes | None = None
) -> Figure | None:
    """A target that is a count times a rate: posteriors, claims and lines of equal product.

    Parameters
    ----------
    fit : what `estimates.fit` returned
    target : one of the model's targets; the first that is such a product if not given
    ax : draw into these axes alone

    Returns
    -------
    Figure; None where no target is such a product (see `estimates.plots.parts.factors`), or nothing
    is said of the count and the rate has no name, so that there is nothing to see.  Lines are
    drawn at the cited low and high, or at the 5, 50 and 95 % quantiles where nothing is cited.
    """
    findings = Findings.of(fit)
    targets = findings.model.targets if target is None else (target,)
    found = ((one, factors(findings, one)) for one in targets)
    pair = next(((one, two) for one, two in found if two is not None), None)
    if pair is None:
        return None
    with house_style():
        plane = _prepare(findings, *pair)
        if plane is None:
            return None
        return _sheet(plane) if ax is None else _alone(plane, ax)


def _prepare(findings: Findings, target: str, pair: Factors) -> _Plane | None:
    values, x = findings.values(target), findings.values(pair.x)
    rows = findings.rows(values, Natural.of(findings.support(target), values).forward)
    members = [i for row in rows.rows for i in row.members]
    if not members or not np.all((values[members] > 0) & (x[members] > 0)):
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        y = values / x * pair.per_target
    cited = findings.cited(target)
    clouds = []
    for row in rows.rows:
        against = findings.against(cited[0].id, row) if cited else None
        colour = VERDICTS[against.verdict] if against else PLAIN
        index = list(row.members)
        clouds.append(Cloud.of(row, x[index], y[index], colour if cited else PLAIN))
    on_x = about(findings, pair.x, pair.x_unit)
    if not on_x and not pair.y:
        return None
    return _Plane(
        findings,
        target,
        pair,
        rows,
        tuple(clouds),
        lines(findings, target, rows),
        on_x,
        about(findings, pair.y, pair.y_unit) if pair.y else (),
    )


# Drawing ---------------------------------------------------------------------------------------


def _sheet(plane: _Plane) -> Figure:
    label, rate = plane.findings.label, plane.factors.y_label
    title = f"{capitalised(label(plane.target))}: {label(plane.factors.x)} times {rate}"
    heading = Heading(title, _seen(plane))
    cited = [use.id for use in plane.findings.cited(plane.target)]
    said = plane.on_x + plane.on_y
    footing = Footing(
        "Contours hold half of the posterior of each reading; dots: medians. Along a slanted line "
        "the product is the same."
        + (" Dashed: what was said of either factor." if said else "")
        + (" Squares: what it and the cited figure together imply." if _implied(plane) else ""),
        left_out_note(plane.findings, plane.rows),
        held_out_note(plane.findings, cited),
        sources_note(plane.findings),
    )
    y = _ruler_of_y(plane)
    left = 0.24 + max(map(text_width, y.ticks(_HEIGHT, wide=False)[1]), default=0.0)
    right = 1.1 if plane.on_y else 0.15
    width = WIDTH - left - right
    over = [wrap(one.words, width) for one in plane.on_x]
    top = heading.height + sum(map(len, over)) * LINE + 0.08
    sheet = Sheet(top + _HEIGHT + 0.45 + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    ax = sheet.axes(left, top, width, _HEIGHT)
    x = _draw(plane, ax, y, width, _HEIGHT)
    bottom = top - 0.05
    for one, words in zip(plane.on_x, over, strict=True):
        half = max(map(text_width, words)) / 2
        at = left + width * float(x.place(one.taken.centre))
        at = min(max(at, left + half), WIDTH - MARGIN - half)
        sheet.text(at, bottom, "\n".join(words), va="bottom", ha="center", color=GREY)
        bottom -= len(words) * LINE
    lowest = math.inf
    for one in sorted(plane.on_y, key=lambda said: said.taken.centre):
        words = wrap(one.words, right - 0.12)
        half = len(words) * LINE / 2
        at = min(top + _HEIGHT * (1 - float(y.place(one.taken.centre))), lowest - half)
        sheet.text(left + width + 0.06, at, "\n".join(words), va="center", color=GREY)
        lowest = at - half - 0.05
    return sheet.figure


def _ruler_of_y(plane: _Plane) -> Ruler:
    reach = [end for cloud in plane.clouds for end in cloud.reach(1)]
    reach += [end for said in plane.on_y for end in said.taken.inner or (said.taken.centre,)]
    reach += [value for _, value in _implied(plane)]
    pair = plane.factors
    return Ruler.of(_POSITIVE, pair.y_unit, pair.y_label, reach, pad=0.06).logarithmic()


def _draw(plane: _Plane, ax: Axes, y: Ruler, width: float, height: float) -> Ruler:
    """Everything inside the axes; returns the ruler along x."""
    pair = plane.factors
    labels = [wrap(cloud.row.text, _LABEL) for cloud in plane.clouds]
    reach = _with_room(plane.clouds, labels, width) + [said.taken.centre for said in plane.on_x]
    label = plane.findings.label(pair.x)
    x = Ruler.of(_POSITIVE, pair.x_unit, label, reach, pad=0.02).logarithmic()
    x.along_x(ax, width)
    y.along_y(ax, height)
    for said in plane.on_x:
        said.draw(ax, vertical=True)
    for said in plane.on_y:
        said.draw(ax, vertical=False)
    for cloud in plane.clouds:
        cloud.draw(ax)
    taken_up = draw_labels(ax, plane.clouds, labels, (x, y), (width, height))
    for at, value in _implied(plane):
        ax.plot([at], [value], "s", color=INK, markersize=3.6, zorder=5)
        ax.annotate(brief(value), (at, value), (5, 1), textcoords="offset points", size=SMALL,
                    weight="bold", zorder=6)  # fmt: skip
        across, up = float(x.place(at)) * width, float(y.place(value)) * height
        right = across + 0.1 + text_width(brief(value), weight="bold")
        taken_up.append(Patch.between(across - 0.05, right, up - 0.08, up + 0.12))
    draw_lines(ax, plane.lines, taken_up, (x, y), pair.per_target, (width, height))
    return x


def _implied(plane: _Plane) -> list[tuple[float, float]]:
    """Where the first figure said of x meets the first that is cited: the rates they imply."""
    said = next((one for one in plane.on_x if not one.taken.side), None)
    if said is None or not plane.findings.cited(plane.target):
        return []
    at = said.taken.centre
    first = [line for line in plane.lines if line.first]
    return [(at, line.value / at * plane.factors.per_target) for line in first]


def _with_room(
    clouds: Sequence[Cloud], labels: Sequence[Sequence[str]], width: float
) -> list[float]:
    """Ends of x that leave room beside the clouds for their labels."""
    ends = [math.log(end) for cloud in clouds for end in cloud.reach(0)]
    low, high = min(ends), max(ends)
    for _ in range(30):
        inch = (high - low) / width
        room = [(max(map(text_width, label), default=0.0) + 0.16) * inch for label in labels]
        sides = zip(clouds, room, on_left(clouds), strict=True)
        wanted = [
            math.log(cloud.reach(0)[0]) - r if left else math.log(cloud.reach(0)[1]) + r
            for cloud, r, left in sides
        ]
        low, high = min(low, *wanted), max(high, *wanted)
        if high - low > 40:
            break
    return [math.exp(low), math.exp(high)]


def _seen(plane: _Plane) -> str:
    cited = plane.findings.cited(plane.target)
    sentences = []
    implied = _implied(plane)
    if implied:
        said = next(one for one in plane.on_x if not one.taken.side)
        rates = "–".join(brief(value) for _, value in implied)
        sentences.append(
            f"With {said.figure}, the cited {as_said(cited[0].claim, plane.findings.model)} "
            f"would be {amount(rates, plane.factors.y_unit)}."
        )
    if cited:
        sentences.append(beside_the_cited(plane.findings, cited[0].id, plane.rows.rows))
    return " ".join(sentences) or "Where each reading puts the two factors."


def _alone(plane: _Plane, ax: Axes) -> Figure:
    figure, width, height = figure_of(ax)
    _draw(plane, ax, _ruler_of_y(plane), width, height)
    return figure
