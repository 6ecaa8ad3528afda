"""A cited figure as a band behind the answer, with its words above it."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes

from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.style import GREY
from estimates.plots.parts.text import Line

_SHADE = 0.085  # of black; where bands overlap it adds up
_DASHES = (0, (4, 2))


@dataclass(frozen=True)
class Band:
    """A cited figure on an axis.

    Attributes
    ----------
    low, high : in the unit of the axis; None where a bound leaves a side open
    said : `US$100–200 million a year`; "" where the band has no words
    number : `1`, `2`, ... where there are several; else ""
    part : of the height of the axes, from below
    claim : its id
    """

    low: float | None
    high: float | None
    said: str = ""
    number: str = ""
    part: tuple[float, float] = (0.0, 1.0)
    claim: str = ""

    @property
    def words(self) -> Line:
        """The words above the band."""
        return Line(f"cited {self.number}".rstrip() + f": {self.said}", GREY, bold=True)

    def ends(self, ruler: Ruler) -> tuple[float, float]:
        """Return where the band begins and ends; an open one ends with the axis."""
        return ruler.clip(self.low, ruler.low), ruler.clip(self.high, ruler.high)

    def draw(self, ax: Axes, ruler: Ruler) -> None:
        """Draw the band and its edges along an x axis, behind everything."""
        low, high = self.ends(ruler)
        if low >= high:
            return
        ax.axvspan(low, high, *self.part, color="black", alpha=_SHADE, linewidth=0, zorder=0)
        for end in (self.low, self.high):
            if end is not None and ruler.low < end < ruler.high:
                ax.axvline(
                    end, *self.part, color=GREY, linewidth=0.5, linestyle=_DASHES, zorder=0.5
                )
