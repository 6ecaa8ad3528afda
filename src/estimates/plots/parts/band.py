"""A cited figure as a band behind the answer, with its words directly on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from estimates.model.describe import as_said
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.findings import Findings
from estimates.plots.parts.style import GREY, LINE, MARGIN, WIDTH, Sheet, text_width

_SHADE = 0.085  # of black; where bands overlap it adds up
_BRACKET = 0.07  # inches that the line under the words of one of several bands takes


@dataclass(frozen=True)
class Band:
    """A cited figure on a target's axis.

    Attributes
    ----------
    claim : its id
    low, high : in the target's unit; None where a bound leaves a side open
    said : `US$100–200 million a year`
    number : `1`, `2`, ... where there are several; else ""
    lane : which lines above the axes its words take, from below
    """

    claim: str
    low: float | None
    high: float | None
    said: str
    number: str
    lane: int

    @property
    def room(self) -> float:
        """Inches that its words take above the axes."""
        return LINE + (_BRACKET if self.number else 0.0)

    def draw(self, ax: Axes, ruler: Ruler) -> None:
        """The band and its edges, behind everything."""
        low, high = ruler.clip(self.low, ruler.low), ruler.clip(self.high, ruler.high)
        ax.axvspan(low, high, color="black", alpha=_SHADE, linewidth=0, zorder=0)
        for end in (self.low, self.high):
            if end is not None and ruler.low < end < ruler.high:
                ax.axvline(end, color=GREY, linewidth=0.5, linestyle=(0, (4, 2)), zorder=0.5)

    def draw_label(
        self, sheet: Sheet, ruler: Ruler, left: float, width: float, bottom: float
    ) -> None:
        """The words, over the middle of the band as far as the sheet has room.

        One of several bands has a line as wide as itself under its words, with an arrow's head
        where it is open.
        """
        low, high = (
            left + width * float(ruler.place(ruler.clip(end, open_end)))
            for end, open_end in ((self.low, ruler.low), (self.high, ruler.high))
        )
        words = f"cited {self.number}".rstrip() + f": {self.said}"
        half = text_width(words, weight="bold") / 2
        middle = min(max((low + high) / 2, left + half), WIDTH - MARGIN - half)
        y = bottom - self.lane * self.room
        if self.number:
            sheet.rule(low, high, y - 0.01, color=GREY, linewidth=1.2)
            for x, end, head in ((low, self.low, "<"), (high, self.high, ">")):
                if end is None:
                    sheet.mark(x, y - 0.01, head, color=GREY)
            y -= _BRACKET
        sheet.text(middle, y, words, va="bottom", ha="center", weight="bold", color=GREY)


def bands(findings: Findings, target: str) -> Sequence[Band]:
    """The cited figures about a target, in its unit."""
    unit, units = findings.unit(target), findings.model.units
    cited = findings.cited(target)
    found: list[Band] = []
    for i, use in enumerate(cited):
        factor = units.factor(units.parse(use.unit), unit)
        low, high = (end if end is None else end * factor for end in findings.ends(use.id))
        number = str(i + 1) if len(cited) > 1 else ""
        words = as_said(use.claim, findings.model)
        found.append(Band(use.id, low, high, words, number, len(cited) - 1 - i))
    return found
