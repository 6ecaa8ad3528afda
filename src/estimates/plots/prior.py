"""What a prior says: its density, with the 50 and 90 % intervals, before any claim is heard."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates._util.format import brief
from estimates.analysis.explain.prior_words import Beforehand, percentage
from estimates.language.phrases import in_words
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Panel, Strip
from estimates.plots.parts.style import BLUE, GREY, INK, PALE, SMALL, figure_of
from estimates.plots.parts.text import text_width

_HEIGHT = 1.15  # inches
_HEADROOM = 1.32  # of the highest point
_GAP = 0.12  # inches between two labels


def prior(found: Beforehand, *, ax: Axes | None = None) -> Figure:
    """Draw what `estimates.explain_prior` returned, into axes if some are given.

    The axis is logarithmic where errors are factors, so that equal lengths are equal factors.
    """
    unit = in_words("share" if found.percent else found.unit)
    where = f", in {unit}" if unit else ""
    ends = found.curve[0], found.curve[-1]
    ruler = Ruler(*ends, found.scale == "log", found.percent, "", unit)

    def draw(ax: Axes, _: NDArray[np.float64]) -> None:
        ax.set_ylim(0, _HEADROOM)
        _density(ax, found, ruler)
        _labels(ax, found, ruler)

    return Page(
        f"Prior: {found.text}",
        f"Read as {found.family}{where}{f': {found.why}' if found.why else ''}.",
        [Panel.plain(Strip(draw, ruler), _HEIGHT)],
        [_legend(found), *found.advice],
    ).draw(ax)


def _density(ax: Axes, found: Beforehand, ruler: Ruler) -> None:
    places, heights = found.profile(lambda value: float(ruler.place(value)))
    x = np.array([ruler.at(one) for one in places])
    ax.fill_between(x, 0, heights, color=PALE, linewidth=0, gid="prior")
    fine = np.linspace(0, 1, 801)
    values, curve = np.array([ruler.at(one) for one in fine]), np.interp(fine, places, heights)
    for low, high, alpha, name in (
        (found.q05, found.q95, 0.30, "90"),
        (found.q25, found.q75, 0.45, "50"),
    ):
        inside = (values >= low) & (values <= high)
        ax.fill_between(
            values[inside], 0, curve[inside], color=BLUE, alpha=alpha, linewidth=0, gid=name
        )
    ax.plot(x, heights, color=BLUE, linewidth=0.9)


def _labels(ax: Axes, found: Beforehand, ruler: Ruler) -> None:
    """Label the middle and the ends over the curve, as many as have room side by side."""
    inches = figure_of(ax)[1]
    named = [
        (found.q05, f"5 % below {found.amount(found.q05)}"),
        (found.median, f"half below {found.amount(found.median)}"),
        (found.q95, f"5 % above {found.amount(found.q95)}"),
    ]
    for labels in (named, named[::2], named[1:2]):
        spots = []
        for value, text in labels:
            half = text_width(text, SMALL) / 2
            at = float(ruler.place(value)) * inches
            spots.append((min(max(at, half), inches - half), half, value, text))
        if all(a[0] + a[1] + _GAP <= b[0] - b[1] for a, b in pairwise(spots)):
            break
    places, heights = found.profile(lambda value: float(ruler.place(value)))
    for at, _, value, text in spots:
        here = float(np.interp(float(ruler.place(value)), places, heights))
        ax.plot([value, value], [0, here], color=INK, linewidth=0.7)
        ax.plot([value, value], [here, 1.1], color=GREY, linewidth=0.5, linestyle=(0, (2, 2)))
        ax.text(at / inches, 1.15 / _HEADROOM, text, transform=ax.transAxes, ha="center",
                va="bottom", size=SMALL, parse_math=False)  # fmt: skip


def _legend(found: Beforehand) -> str:
    held = (
        f"Dark: 50 %, {found.span(found.q25, found.q75)}; blue: 90 %; "
        f"98 % lie within {found.span(found.q01, found.q99)}."
    )
    if found.coverage is not None and round(found.coverage, 9) != 0.9:
        held += f" The interval as written holds {percentage(found.coverage)}."
    if found.share_beside_expert is not None:
        kept = brief(100 * found.share_beside_expert, 2)
        held += f" Beside one expert's figure it keeps {kept} % of the weight."
    return held
