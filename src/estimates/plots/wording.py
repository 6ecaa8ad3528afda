"""What a wording implies, a row for each basis: 50 and 90 % intervals, or the edge of a bound."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates._util.format import brief
from estimates.analysis.explain.wording import Explanation, Implied
from estimates.language.wording import Bound, Direction, Disputed
from estimates.plots.parts.style import (
    BLUE,
    GREY,
    INK,
    MARGIN,
    SMALL,
    WIDTH,
    Footing,
    Heading,
    Sheet,
    house_style,
    text_width,
)

_ROW, _AXIS = 0.24, 0.5  # inches
_NAME, _VALUE = 0.75, 1.55


def wording(found: Explanation) -> Figure:
    """Draw what `estimates.explain` returned.

    The axis is that on which the wording errs, so that intervals are symmetric: logarithmic for
    what is positive.  A direction, or a dispute of no stated figure, is drawn as the probability
    that its speaker is right.
    """
    with house_style():
        belief = found.bases[0].centre is None or isinstance(found.wording, Direction)
        unit = f", in {found.unit}" if found.unit else ""
        heading = Heading(f"“{found.text}”", f"Read as {found.canonical}: {found.sense}{unit}.")
        whose = f"of {found.model}" if found.model else "by default"
        footing = Footing(
            _legend(found, belief),
            f"Widths are conventions ({whose}), not findings: {_widths(found)}.",
        )
        height = _ROW * len(found.bases)
        sheet = Sheet(heading.height + height + _AXIS + footing.height)
        heading.draw(sheet)
        footing.draw(sheet)
        inner = WIDTH - 2 * MARGIN - _NAME - _VALUE
        ax = sheet.axes(MARGIN + _NAME, heading.height, inner, height)
        ax.set_ylim(len(found.bases) - 0.5, -0.5)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        for i, one in enumerate(found.bases):
            y = heading.height + (i + 0.5) * _ROW
            sheet.text(MARGIN, y, one.basis, va="center")
            sheet.text(WIDTH - MARGIN, y, _numbers(one, found, belief), va="center", ha="right")
            artists = len(ax.lines)
            _row(ax, one, i, found, belief)
            for line in ax.lines[artists:]:
                line.set_gid(f"basis-{one.basis}-{line.get_gid()}")
        _axis(ax, found, belief, inner)
        return sheet.figure


def _row(ax: Axes, one: Implied, y: int, found: Explanation, belief: bool) -> None:
    if belief:
        ax.plot([0, one.truth], [y, y], color=BLUE, linewidth=6, solid_capstyle="butt", gid="truth")
        return
    factor = 100 if found.percent else 1
    q05, q25, mid, q75, q95 = (
        factor * (x or 0.0) for x in (one.q05, one.q25, one.centre, one.q75, one.q95)
    )
    edge = isinstance(found.wording, Bound | Disputed)
    colour = GREY if edge else BLUE
    ax.plot([q05, q95], [y, y], color=colour, linewidth=1, solid_capstyle="butt", gid="90")
    ax.plot([q25, q75], [y, y], color=colour, linewidth=4, solid_capstyle="butt", gid="50")
    marker = "|" if edge else "o"
    ax.plot([mid], [y], marker, color=INK, markersize=5 if edge else 4, gid="centre")


def _axis(ax: Axes, found: Explanation, belief: bool, inches: float) -> None:
    if belief:
        ax.set_xlim(0, 1)
        ax.set_xlabel("probability that the speaker is right")
        return
    ends = [x for one in found.bases for x in (one.q05, one.q95) if x is not None]
    factor = 100 if found.percent else 1
    low, high = factor * min(ends), factor * max(ends)
    if found.scale == "log" and low > 0:
        ax.set_xscale("log")
        ticks = _ticks(low, high, inches)
        ax.set_xticks(ticks, [brief(tick) for tick in ticks])
        ax.minorticks_off()
        reach = (high / low) ** 0.04
        ax.set_xlim(low / reach, high * reach)
    else:
        reach = 0.04 * (high - low)
        left, right = low - reach, high + reach
        if found.percent:
            left, right = max(left, 0.0), min(right, 100.0)
        ax.set_xlim(left, right)
    ax.set_xlabel("%" if found.percent else found.unit)


def _ticks(low: float, high: float, inches: float) -> list[float]:
    """1, 2 and 5 times powers of ten, as many as have the room side by side."""
    powers = range(-12, 16)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = [step * 10.0**p for p in powers for step in steps if low <= step * 10.0**p <= high]
        if sum(text_width(brief(one), SMALL) + 0.15 for one in found) <= inches:
            return found
    return [low, high]


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
