"""Where claims that were left out lie in what was foretold of them: the PIT, and its band."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.analysis.validate.result import Foretold, Validation
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Panel, Row, Strip
from estimates.plots.parts.style import BAND, BLUE, INK, PALE, VERMILLION
from estimates.plots.parts.text import Line
from estimates.stats.ecdf import ecdf

Array = NDArray[np.float64]
_PART = Ruler(0.0, 1.0, log=False, percent=False, label="P", unit="")
_HEIGHT, _BAND = 1.5, 0.95
_MOST = 24  # claims, the furthest out


def validate(found: Validation, *, ax: Axes | None = None) -> Figure:
    """Draw the place of each claim in its prediction, and whether all places are uniform.

    Parameters
    ----------
    found : what `estimates.validate` returned
    ax : draw into these axes the distribution of the places alone
    """
    panels = [] if len(found.claims) < 2 else [_together(found)]
    if ax is None or not panels:
        panels.append(_each(found.claims[:_MOST]))
    return Page(
        "Claims that were left out, in what the rest foretold of them",
        found.sentence,
        panels,
        list(_notes(found)),
    ).draw(ax)


def _notes(found: Validation) -> Iterator[str]:
    if len(found.claims) > 1:
        yield (
            "Line: empirical distribution of the places P, less that of uniform numbers; band: "
            "holds the whole line with a probability of 0.95, if the model is right and the claims "
            "do not depend on each other (Säilynoja, Bürkner & Vehtari 2022). A model too sure "
            "of itself has its claims at both ends: first above the band, then below it."
        )
    yield "Shaded: the central 80 and 90 %. Of bounds, counts and events P is randomised."
    if len(found.claims) > _MOST:
        yield f"{len(found.claims) - _MOST} claims nearer to the middle are not shown one by one."
    yield trust_note(found.failed)


def _together(found: Validation) -> Panel:
    """Return the difference of the empirical distribution of places from the uniform one."""
    curve = ecdf(np.array([row.place for row in found.claims]), _BAND)
    x = np.concatenate([[0], curve.points, [1]])
    low, high, values = (
        np.concatenate([[0], one - curve.points, [0]])
        for one in (curve.low, curve.high, curve.values)
    )
    colour = VERMILLION if found.verdict == "too sure" else BLUE

    def draw(ax: Axes, _: Array) -> None:
        ax.axhline(0, color=PALE, linewidth=0.5, zorder=1)
        ax.fill_between(x, low, high, color=BAND, linewidth=0, zorder=0)
        ax.plot(x, values, color=colour, zorder=2)

    most = 1.15 * float(np.abs([low, high, values]).max())
    up = Ruler(-most, most, log=False, percent=False, label="", unit="")
    head = [Line("All places together, less uniform ones", bold=True)]
    return Panel.plain(Strip(draw, _PART, up=up), _HEIGHT, head)


def _each(rows: tuple[Foretold, ...]) -> Panel:
    """Return the place of each claim, those furthest out first."""

    def draw(ax: Axes, middles: Array) -> None:
        for low, high in ((0.05, 0.95), (0.1, 0.9)):
            ax.axvspan(low, high, color=BAND, alpha=0.5, linewidth=0, zorder=0)
        ax.axvline(0.5, color=PALE, linewidth=0.5, zorder=1)
        for row, y in zip(rows, middles, strict=True):
            colour = INK if row.inside_90 else VERMILLION
            ax.plot([row.place], [y], "o", color=colour, markersize=3.2, zorder=2, clip_on=False)

    lines = [Row([[Line(row.claim, bold=not row.inside_90)]]) for row in rows]
    head = [Line("Each by itself: the share of what was foretold that lies below", bold=True)]
    return Panel([Strip(draw, _PART, "")], lines, head=head)
