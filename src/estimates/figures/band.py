"""A cited figure as a band behind the answer, with its words directly on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from estimates.figures.findings import Findings
from estimates.figures.ruler import Ruler
from estimates.figures.style import BAND, GREY, LINE, MARGIN, WIDTH, Sheet, text_width
from estimates.figures.words import as_said


@dataclass(frozen=True)
class Band:
    """A cited figure on a target's axis.

    Attributes
    ----------
    claim : its id
    low, high : in the target's unit; None where a bound leaves a side open
    words : `cited: US$100–200 million a year`
    lane : which line above the axes its words take, from below
    """

    claim: str
    low: float | None
    high: float | None
    words: str
    lane: int

    def draw(self, ax: Axes, ruler: Ruler) -> None:
        """The band and its edges, behind everything."""
        low, high = ruler.clip(self.low, ruler.low), ruler.clip(self.high, ruler.high)
        ax.axvspan(low, high, color=BAND, linewidth=0, zorder=0)
        for end in (self.low, self.high):
            if end is not None and ruler.low < end < ruler.high:
                ax.axvline(end, color=GREY, linewidth=0.5, linestyle=(0, (4, 2)), zorder=0.5)

    def draw_label(
        self, sheet: Sheet, ruler: Ruler, left: float, width: float, bottom: float
    ) -> None:
        """The words, over the middle of the band as far as the sheet has room."""
        ends = (ruler.clip(self.low, ruler.low), ruler.clip(self.high, ruler.high))
        middle = left + width * float(ruler.place(ends[0]) + ruler.place(ends[1])) / 2
        half = text_width(self.words, weight="bold") / 2
        middle = min(max(middle, left + half), WIDTH - MARGIN - half)
        sheet.text(middle, bottom - self.lane * LINE, self.words, va="bottom", ha="center",
                   weight="bold", color=GREY)  # fmt: skip


def bands(findings: Findings, target: str) -> Sequence[Band]:
    """The cited figures about a target, in its unit."""
    unit = findings.unit(target)
    units = findings.model.units
    found: list[Band] = []
    cited = findings.cited(target)
    for use in cited:
        factor = units.factor(units.parse(use.unit), unit)
        low, high = (end if end is None else end * factor for end in findings.ends(use.id))
        place = f" {len(found) + 1}" if len(cited) > 1 else ""
        words = f"cited{place}: {as_said(use.claim, findings.model)}"
        found.append(Band(use.id, low, high, words, len(found)))
    return [replace(band, lane=len(found) - 1 - i) for i, band in enumerate(found)]
