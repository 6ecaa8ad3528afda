"""Each claim as quoted, beside the posterior of what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from estimates.model import BoundClaim
from estimates.model.describe import as_said
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import sources_note
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.marks import interval
from estimates.plots.parts.rows import Rows
from estimates.plots.parts.style import (
    BAND,
    BLUE,
    GREY,
    INK,
    LINE,
    MARGIN,
    WIDTH,
    WRITTEN,
    Footing,
    Heading,
    Sheet,
    house_style,
    shortened,
    text_width,
    wrap,
)
from estimates.plots.parts.taken import Taken, taken
from estimates.stats.natural import Natural

_MOST_CLAIMS, _MOST_LANES = 16, 8
_LEFT, _RIGHT, _GAP = 3.12, 0.24, 0.09  # inches: where the axes begin, and end; between texts
_NARROWEST = 1.3  # inches, of a quote
_LANE = 0.15
_BETWEEN = 0.2
_QUOTE_LINES, _SPEAKER_LINES = 6, 2
_TICKS = 0.20
#: Readings whose intervals differ by less than this part are drawn together.
_ALIKE = 0.35


@dataclass(frozen=True)
class _Entry:
    """One claim, ready to be drawn."""

    use: BoundClaim
    taken: Taken
    rows: Rows
    ruler: Ruler
    lanes: list[str]
    wording: list[str]
    quote: list[str]
    speaker: list[str]
    title: list[str]

    @property
    def height(self) -> float:
        """In inches, with the space to the next entry."""
        words = (len(self.wording) + len(self.quote) + len(self.speaker)) * LINE
        drawn = len(self.lanes) * _LANE + _TICKS + len(self.title) * LINE
        return max(words, drawn) + _BETWEEN


def claims(fit: xr.DataTree | Findings) -> Figure | None:
    """Every claim that the model uses, what it is taken to say, and what is concluded.

    Each row has its own unit and axis.  None where the model uses no claims.
    """
    findings = Findings.of(fit)
    uses = findings.model.uses
    if not uses:
        return None
    with house_style():
        held_out = [use for use in uses if use.held_out]
        evidence = [use for use in uses if not use.held_out]
        shown = evidence[: max(1, _MOST_CLAIMS - len(held_out))] + held_out[:_MOST_CLAIMS]
        return _sheet(findings, [_entry(findings, use) for use in shown], len(uses) - len(shown))


def _entry(findings: Findings, use: BoundClaim) -> _Entry:
    values, support = findings.claimed(use), findings.claimed_support(use)
    natural = Natural.of(support, values)
    rows = findings.rows(values, natural.forward, _MOST_LANES, alike=_ALIKE)
    said = taken(findings, use)
    reach = [said.low, said.high, *(said.inner or ())]
    reach += [end for row in rows.rows for end in (row.q05, row.q95)]
    unit = findings.model.units.parse(use.unit)
    pad = 0.12 if said.side else 0.06
    ruler = Ruler.of(support, unit, findings.label(str(use.about)), reach, pad=pad)
    lanes = _lanes(rows)
    room = max(_LEFT - MARGIN - 2 * _GAP - max(map(text_width, lanes)), _NARROWEST)
    speaker = f"{use.claim.speaker or 'speaker not named'} ({use.basis})"
    words = shortened(wrap(speaker, room), _SPEAKER_LINES)
    quote = wrap(f"“{use.claim.quote}”", room) if use.claim.quote else []
    return _Entry(
        use,
        said,
        rows,
        ruler,
        lanes,
        wrap(as_said(use.claim, findings.model), room, weight="bold"),
        shortened(quote, _QUOTE_LINES),
        [*words, "held out, not evidence"] if use.held_out else words,
        wrap(ruler.title, WIDTH - _LEFT - MARGIN),
    )


def _lanes(rows: Rows) -> list[str]:
    """The labels of the bars, that of what was said first, no wider than leaves room for it."""
    if not rows.rows:
        return ["as said", "(no reading speaks of it)"]
    names = [row.text for row in rows.rows] if len(rows.rows) > 1 else ["posterior"]
    most = _LEFT - MARGIN - 2 * _GAP - _NARROWEST
    return ["as said", *(shortened(wrap(name, most), 1)[0] for name in names)]


# Drawing ---------------------------------------------------------------------------------------


def _sheet(findings: Findings, entries: Sequence[_Entry], left_out: int) -> Figure:
    title = "Each claim as quoted, beside the posterior of what it is about"
    heading = Heading(title, _seen(entries))
    footing = Footing(
        "Black and shaded: what the claim is taken to say, with 90 % probability; thick: the ends "
        "as quoted or, of a figure held out, the range that it is compared as; arrow: a bound, and "
        "how sharp. Blue: posterior, median and 90 % interval, by reading where that matters.",
        f"{left_out} further claims are not shown." if left_out else "",
        sources_note(findings),
    )
    left, width = _LEFT, WIDTH - _LEFT - _RIGHT
    top = heading.height
    sheet = Sheet(top + sum(entry.height for entry in entries) + footing.height)
    heading.draw(sheet)
    footing.draw(sheet)
    for number, entry in enumerate(entries):
        if number:
            sheet.rule(MARGIN, WIDTH - MARGIN, top - _BETWEEN / 2)
        y = top
        for words, colour, weight in (
            (entry.wording, INK, "bold"),
            (entry.quote, INK, "normal"),
            (entry.speaker, GREY, "normal"),
        ):
            if words:
                sheet.text(MARGIN, y, "\n".join(words), color=colour, weight=weight)
            y += len(words) * LINE
        _draw(sheet.axes(left, top, width, len(entry.lanes) * _LANE), entry, width)
        for i, lane in enumerate(entry.lanes):
            sheet.text(left - _GAP, top + (i + 0.5) * _LANE, lane, va="center", ha="right",
                       color=WRITTEN[BLUE] if i else INK)  # fmt: skip
        title = "\n".join(entry.title)
        sheet.text(left, top + len(entry.lanes) * _LANE + _TICKS, title)
        top += entry.height
    return sheet.figure


def _draw(ax: Axes, entry: _Entry, inches: float) -> None:
    ax.set_ylim(len(entry.lanes), 0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    entry.ruler.along_x(ax, inches, "")
    _draw_taken(ax, entry.taken, entry.ruler)
    for i, row in enumerate(entry.rows.rows, start=1):
        interval(ax, row, i + 0.5, BLUE)


def _draw_taken(ax: Axes, said: Taken, ruler: Ruler) -> None:
    y = 0.5
    low, high = ruler.clip(said.low, ruler.low), ruler.clip(said.high, ruler.high)
    if said.side:
        end = ruler.low if said.side < 0 else ruler.high
        ax.axvspan(*sorted((said.centre, end)), color=BAND, linewidth=0, zorder=0)
        ax.annotate(
            "", xy=(end, y), xytext=(said.centre, y), annotation_clip=False,
            arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.4, "shrinkA": 0,
                        "shrinkB": 0, "mutation_scale": 7},
        )  # fmt: skip
        ax.plot([said.centre] * 2, [y - 0.28, y + 0.28], color=INK, linewidth=1.4)
        ax.plot([low, high], [y, y], color=INK, linewidth=0.7)
        return
    ax.axvspan(low, high, color=BAND, linewidth=0, zorder=0)
    ax.plot([low, high], [y, y], color=INK, linewidth=1.0, solid_capstyle="butt")
    if said.inner is not None:
        ends = [ruler.clip(x, x) for x in said.inner]
        ax.plot(ends, [y, y], color=INK, linewidth=4.0, solid_capstyle="butt")
    else:
        ax.plot([said.centre], [y], "D", color=INK, markersize=3.6)


def _seen(entries: Sequence[_Entry]) -> str:
    """How much of what was said the posterior keeps."""
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
    kept_of = f"The posterior stays within what was said in {kept} of {told} claims of the evidence"
    return kept_of + (f"; {held_out} held out." if held_out else ".")
