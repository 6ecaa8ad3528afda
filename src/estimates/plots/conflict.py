"""Two partial posteriors face to face: what a body of evidence says, and what all the rest says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates._util.format import p_said
from estimates.analysis.conflict.result import (
    EVIDENCE,
    PRIOR,
    Conflict,
    Curves,
    SplitRow,
    SplitUnderReading,
)
from estimates.language.phrases import capitalised
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.marks import per_unit
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Panel, Strip
from estimates.plots.parts.style import BLUE, GREY, INK, PALE, SMALL, VERMILLION, WRITTEN
from estimates.plots.parts.text import Line

_MOST, _HEIGHT = 8, 0.92  # splits, and inches of each
_LEAST = 0.22  # of a half, the peak of the flatter density at the least

Array = NDArray[np.float64]
type _Split = SplitRow | SplitUnderReading


def conflict(found: Conflict, *, ax: Axes | None = None) -> Figure | None:
    """Draw the splits of `estimates.conflict`, those in the sharpest conflict first.

    Parameters
    ----------
    found : what `estimates.conflict` returned
    ax : draw into these axes, where there is one split

    Returns
    -------
    Figure; None where no body of evidence can be set against another.
    """
    whole = {row.body for row in found.splits if row.conflict}
    alone = [
        row
        for row in found.splits_by_reading
        if row.under and row.body not in whole and row.curve in found.densities
    ]
    rows: list[_Split] = [*alone, *(row for row in found.splits if row.curve in found.densities)]
    rows.sort(key=lambda row: row.p)
    if not rows:
        return None
    shown = rows[:_MOST]
    notes = _notes(found.level, shown, len(found.splits) + len(alone) - len(shown))
    return Page(
        "What each piece of evidence says, and what the rest says",
        found.sentence,
        [_panel(row, found.densities[row.curve]) for row in shown],
        [*notes, trust_note(found.failed)],
        columns=2,
    ).draw(ax)


def _panel(row: _Split, curves: Curves) -> Panel:
    """Return the panel of a split: its body, its reading if it is one alone, and both densities."""
    under = f"under {row.under}, on " if isinstance(row, SplitUnderReading) and row.under else ""
    head = [
        Line(row.body, bold=True),
        Line(capitalised(f"{under}{row.label}")),
        Line(_p(row), WRITTEN[VERMILLION] if row.conflict else GREY, bold=row.conflict),
    ]
    x, rest, body = (np.array(one, dtype=float) for one in (curves.x, curves.rest, curves.body))
    ruler = _ruler(row, x, rest, body)
    strip = Strip(partial(_draw, row, ruler, x, rest, body), ruler)
    return Panel.plain(strip, _HEIGHT, head)


def _p(row: _Split) -> str:
    z = f", {abs(row.z):.1f} standard errors" if row.z is not None and row.p < 0.05 else ""
    return f"{p_said(row.p)}{z}; {p_said(row.p_adjusted, 'adjusted')}"


def _draw(
    row: _Split, ruler: Ruler, x: Array, rest: Array, body: Array, ax: Axes, _: Array
) -> None:
    statement = row.kind == "statement"
    rest = per_unit(x, rest, row.scale, ruler)
    body = body if statement else per_unit(x, body, row.scale, ruler)
    peak = rest.max() if statement else max(rest.max(), body.max())
    up = rest / min(peak, rest.max() / _LEAST)
    down = body if statement else body / min(peak, body.max() / _LEAST)
    ax.set_ylim(-1.12, 1.12)
    ax.axhline(0, color=PALE, linewidth=0.5)
    colour = VERMILLION if row.conflict else INK
    ax.fill_between(x, 0, up, color=BLUE, alpha=0.45, linewidth=0)
    ax.plot(x, up, color=BLUE, linewidth=0.8)
    ax.fill_between(x, 0, -down, color=colour, alpha=0.35 if row.conflict else 0.22, linewidth=0)
    ax.plot(x, -down, color=colour, linewidth=0.8, linestyle="--" if statement else "-")
    _name(ax, ruler, x, up, 1, "the prior" if row.against == PRIOR else "the rest",
          WRITTEN[BLUE])  # fmt: skip
    _name(ax, ruler, x, down, -1, "would be said" if statement else "by itself",
          WRITTEN.get(colour, colour))  # fmt: skip


def _name(
    ax: Axes, ruler: Ruler, x: Array, height: Array, side: int, words: str, colour: str
) -> None:
    """Put a name beside its peak, in the half that it belongs to, where there is more room."""
    at = float(np.clip(ruler.place(x[int(np.argmax(height))]), 0.0, 1.0))
    right = at < 0.5
    ax.text(0.995 if right else 0.005, 0.5 + side * 0.40, words, transform=ax.transAxes,
            ha="right" if right else "left", va="center", size=SMALL, color=colour)  # fmt: skip


def _ruler(row: _Split, x: Array, rest: Array, body: Array) -> Ruler:
    """Return an axis over what can be seen of both sides."""
    seen = rest > 0.005 * rest.max()
    if row.kind != "statement":
        seen |= body > 0.005 * body.max()
    reach = [*x[seen].tolist(), *([] if row.limit is None else [row.limit])]
    return Ruler.around(reach, row.unit, scale=row.scale, pad=0.02)


def _notes(level: float, shown: Sequence[_Split], left: int) -> list[str]:
    clash = any(row.conflict for row in shown)
    notes = [
        "Up, blue: what all other evidence and the priors say, all readings by weight. Down: what "
        "the claim, or all claims of its origin, say by themselves, with no prior"
        + (f" (orange where the adjusted p is below {level:g})" if clash else "")
        + ". Each half has its own height where one is very much flatter."
    ]
    if any(row.kind == "statement" for row in shown):
        notes.append("Dashed: the probability that a bound or a direction would be stated.")
    if any(row.against != EVIDENCE for row in shown):
        notes.append("Where the other evidence says little, the rest is mostly the prior.")
    if left:
        notes.append(f"{left} further comparisons, with larger p, are not shown.")
    return notes
