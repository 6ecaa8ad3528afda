"""What a wording implies, a row for each basis: 50 and 90 % intervals, or the edge of a bound."""

from __future__ import annotations

from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import float64
from numpy.typing import NDArray

from estimates._util.format import brief
from estimates.analysis.explain.wording import Explanation, Implied
from estimates.language.wording import Bound, Direction, Disputed
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import BLUE, GREY, INK
from estimates.plots.parts.text import Line

_ROW = 0.24  # inches


def wording(found: Explanation, *, ax: Axes | None = None) -> Figure:
    """Draw what `estimates.explain` returned, into axes if some are given.

    The axis is that on which the wording errs, so that intervals are symmetric: logarithmic for
    what is positive.  A direction, or a dispute of no stated figure, is drawn as the probability
    that its speaker is right.
    """
    belief = found.bases[0].centre is None or isinstance(found.wording, Direction)
    rows = [
        Row([[Line(one.basis)]], [[Line(_numbers(one, found, belief))]], least=_ROW)
        for one in found.bases
    ]
    strip = Strip(partial(_draw, found, belief), _ruler(found, belief))
    panel = Panel([strip], rows, before=[Column()], after=[Column(right=True)])
    unit = f", in {found.unit}" if found.unit else ""
    whose = f"of {found.model}" if found.model else "by default"
    return Page(
        f"“{found.text}”",
        f"Read as {found.canonical}: {found.sense}{unit}.",
        [panel],
        [
            _legend(found, belief),
            f"Widths are conventions ({whose}), not findings: {_widths(found)}.",
        ],
    ).draw(ax)


def _ruler(found: Explanation, belief: bool) -> Ruler:
    if belief:
        label = "probability that the speaker is right"
        return Ruler(0.0, 1.0, log=False, percent=False, label=label, unit="")
    ends = [x for one in found.bases for x in (one.q05, one.q95) if x is not None]
    unit = "share" if found.percent else found.unit
    return Ruler.around(ends, unit, scale=found.scale, pad=0.04)


def _draw(found: Explanation, belief: bool, ax: Axes, middles: NDArray[float64]) -> None:
    for one, y in zip(found.bases, middles, strict=True):
        artists = len(ax.lines)
        _row(ax, one, float(y), found, belief)
        for line in ax.lines[artists:]:
            line.set_gid(f"basis-{one.basis}-{line.get_gid()}")


def _row(ax: Axes, one: Implied, y: float, found: Explanation, belief: bool) -> None:
    if belief:
        ax.plot([0, one.truth], [y, y], color=BLUE, linewidth=6, solid_capstyle="butt", gid="truth")
        return
    q05, q25, mid, q75, q95 = (x or 0.0 for x in (one.q05, one.q25, one.centre, one.q75, one.q95))
    edge = isinstance(found.wording, Bound | Disputed)
    colour = GREY if edge else BLUE
    ax.plot([q05, q95], [y, y], color=colour, linewidth=1, solid_capstyle="butt", gid="90")
    ax.plot([q25, q75], [y, y], color=colour, linewidth=4, solid_capstyle="butt", gid="50")
    marker = "|" if edge else "o"
    ax.plot([mid], [y], marker, color=INK, markersize=5 if edge else 4, gid="centre")


def _numbers(one: Implied, found: Explanation, belief: bool) -> str:
    if belief:
        return f"{one.truth:g}"
    factor, sign = (100, " %") if found.percent else (1, "")
    return f"{brief(factor * (one.q05 or 0.0))} to {brief(factor * (one.q95 or 0.0))}{sign}"


def _legend(found: Explanation, belief: bool) -> str:
    if belief:
        return "Bars: how far such a speaker is believed."
    if isinstance(found.wording, Bound | Disputed):
        return (
            "The edge of the bound: where it is kept with a probability between 0.95 and 0.05 "
            "(thin), and between 0.75 and 0.25 (thick). It says nothing of how far within it the "
            "value lies."
        )
    return "Thick: 50 % of the probability, thin: 90 %, of the wording by itself."


def _widths(found: Explanation) -> str:
    shown = {one.basis: brief(one.width) for one in found.bases if one.width is not None}
    if not shown:
        return "it has none of its own"
    if len(set(shown.values())) == 1 and len(shown) > 1:
        return f"{next(iter(shown.values()))} for every basis"
    return ", ".join(f"{basis} {width}" for basis, width in shown.items())
