"""Each claim as quoted, beside the posterior of what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.model import BoundClaim
from estimates.model.describe import as_said
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import key_note, sources_note, trust_note
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.marks import bound, interval
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.rows import Rows
from estimates.plots.parts.style import BAND, BLUE, GREY, INK, WRITTEN
from estimates.plots.parts.taken import Taken, taken
from estimates.plots.parts.text import Line, legible, width_of
from estimates.stats.natural import Natural

_MOST_CLAIMS, _MOST_LANES = 16, 8
_LEFT, _NARROWEST = 2.85, 1.3  # inches: all words, and a quote at the least
_LANE = 0.15
#: Readings whose intervals differ by less than this part are drawn together.
_ALIKE = 0.35


@dataclass(frozen=True)
class _Entry:
    """One claim, ready to be drawn."""

    use: BoundClaim
    taken: Taken
    rows: Rows
    ruler: Ruler


def claims(fit: xr.DataTree | Findings, *, ax: Axes | None = None) -> Figure | None:
    """Draw every claim of the model, what it is taken to say, and what is concluded.

    Each row has its own unit and axis.  None where the model uses no claims.
    """
    findings = Findings.of(fit)
    uses = findings.model.uses
    if not uses:
        return None
    held_out = [use for use in uses if use.held_out]
    evidence = [use for use in uses if not use.held_out]
    shown = evidence[: max(_MOST_CLAIMS - len(held_out), _MOST_CLAIMS // 2)]
    all_shown = len(shown) == len(evidence)
    shown += held_out[: _MOST_CLAIMS - len(shown)]
    entries = [_entry(findings, use) for use in shown]
    left_out = len(uses) - len(shown)
    return Page(
        "Each claim as quoted, beside the posterior of what it is about",
        _seen(entries, all_shown),
        [_panel(findings, entry) for entry in entries],
        [
            _key(entries, findings.held),
            f"{left_out} further claims are not shown." if left_out else "",
            sources_note(findings),
            trust_note(findings.failed),
        ],
        ruled=True,
    ).draw(ax)


def _entry(findings: Findings, use: BoundClaim) -> _Entry:
    values, support = findings.claimed(use), findings.claimed_support(use)
    natural = Natural.of(support, values)
    rows = findings.rows(values, natural.forward, _MOST_LANES, alike=_ALIKE)
    said = taken(findings, use)
    reach = [said.low, said.high, *(said.inner or ())]
    reach += [end for row in rows.rows for end in row.ends]
    unit = findings.model.units.parse(use.unit)
    pad = 0.12 if said.side else 0.06
    ruler = Ruler.of(support, unit, findings.label(use.topic), reach, pad=pad)
    return _Entry(use, said, rows, ruler)


def _panel(findings: Findings, entry: _Entry) -> Panel:
    claim, lanes = entry.use.claim, _lanes(entry.rows)
    widest = _LEFT - _NARROWEST
    room = _LEFT - min(width_of(lanes), widest)
    speaker = f"{claim.speaker or 'speaker not named'} ({entry.use.basis})"
    side = [
        *Line(as_said(claim, findings.model), bold=True).wrapped(room),
        *(Line(f"“{claim.quote}”").wrapped(room, 6) if legible(claim.quote) else []),
        *Line(speaker, GREY).wrapped(room, 2),
    ]
    if entry.use.held_out:
        side.append(Line("held out, not evidence", GREY))
    rows = [Row([[lane]], least=_LANE) for lane in lanes]
    strip = Strip(partial(_draw, entry), entry.ruler)
    column = Column(right=True, widest=widest, most=1)
    return Panel([strip], rows, side=side, before=[column], after=())


def _lanes(rows: Rows) -> list[Line]:
    """Return the labels of the bars, that of what was said first."""
    if not rows.rows:
        return [Line("as said"), Line("(no reading speaks of it)", WRITTEN[BLUE])]
    names = [row.text for row in rows.rows] if len(rows.rows) > 1 else ["posterior"]
    return [Line("as said"), *(Line(name, WRITTEN[BLUE]) for name in names)]


def _draw(entry: _Entry, ax: Axes, middles: NDArray[np.float64]) -> None:
    _draw_taken(ax, entry.taken, entry.ruler, float(middles[0]))
    for row, y in zip(entry.rows.rows, middles[1:], strict=False):
        interval(ax, row.ends, y, BLUE)


def _draw_taken(ax: Axes, said: Taken, ruler: Ruler, y: float) -> None:
    low, high = ruler.clip(said.low, ruler.low), ruler.clip(said.high, ruler.high)
    if said.side:
        end = ruler.low if said.side < 0 else ruler.high
        ax.axvspan(*sorted((said.centre, end)), color=BAND, linewidth=0, zorder=0)
        bound(ax, said.centre, end, y, colour=INK, half=0.28 * _LANE, width=1.4)
        ax.plot([low, high], [y, y], color=INK, linewidth=0.7)
        return
    ax.axvspan(low, high, color=BAND, linewidth=0, zorder=0)
    ax.plot([low, high], [y, y], color=INK, linewidth=1.0, solid_capstyle="butt")
    if said.inner is not None:
        ends = [ruler.clip(x, x) for x in said.inner]
        ax.plot(ends, [y, y], color=INK, linewidth=4.0, solid_capstyle="butt")
    else:
        ax.plot([said.centre], [y], "D", color=INK, markersize=3.6)


def _key(entries: Sequence[_Entry], held: str) -> str:
    said = [entry.taken for entry in entries]
    ends = [one.use.held_out for one in entries if one.taken.inner is not None]
    ranged = "Thick: " + " or, ".join(
        words
        for words, there in (
            ("the ends as quoted", not all(ends)),
            ("of a figure held out, the range that it is compared as", any(ends)),
        )
        if there
    )
    rows = [entry.rows.rows for entry in entries]
    split = ", by reading where that matters" if any(len(one) > 1 for one in rows) else ""
    return key_note(
        [
            ("Black and shaded: what the claim is taken to say, with 90 % probability.", True),
            (f"{ranged}.", bool(ends)),
            ("Arrow: a bound, and how sharp.", any(one.side for one in said)),
            (f"Blue: posterior, median and {held} interval{split}.", any(rows)),
        ]
    )


def _seen(entries: Sequence[_Entry], whole: bool) -> str:
    """Return how much of what was said the posterior keeps, of all evidence or what is shown."""
    kept, told = 0, 0
    for entry in entries:
        if entry.use.held_out or not entry.rows.rows:
            continue
        told += 1
        medians = np.array([row.median for row in entry.rows.rows])
        weights = np.array([row.weight for row in entry.rows.rows])
        said = entry.taken
        inside = (medians >= said.low) | (said.side < 0)
        inside &= (medians <= said.high) | (said.side > 0)
        kept += bool(weights @ inside >= 0.9 * weights.sum())
    held_out = sum(entry.use.held_out for entry in entries)
    if not told:
        return f"No evidence; {held_out} held out."
    of = f"{told} claims of the evidence" if whole else f"the {told} claims that are shown"
    kept_of = f"The posterior stays within what was said in {kept} of {of}"
    return kept_of + (f"; {held_out} held out." if held_out else ".")
