"""A sheet on which words, axes and rules are placed in inches from its top left corner."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D

from estimates.plots.parts.style import PALE, Drawn
from estimates.plots.parts.text import KEY, Text, height_of

_CAPITAL = 0.73  # height of a capital in DejaVu Sans
_ASCENT, _DESCENT = 0.80, 0.22  # of the size of the type, above and below the baseline


class Sheet:
    """A figure of a size in inches."""

    def __init__(self, height: float, width: float) -> None:
        self.width, self.height = width, height
        self.figure = Drawn(figsize=(width, height), facecolor="white")
        FigureCanvasAgg(self.figure)

    def block(self, x: float, y: float, text: Text, *, va: str = "top", ha: str = "left") -> None:
        """Set lines of words on baselines, so that neighbours agree with and without descenders.

        y is the top of the first line, the `center` of all of them, or the `bottom` of the last.
        """
        if not text:
            return
        em = text[0].size / 72
        match va:
            case "top":
                y += _ASCENT * em
            case "center":
                y += (_CAPITAL * em - height_of(text[:-1])) / 2
            case _:
                y -= _DESCENT * em + height_of(text[:-1])
        for line in text:
            left = x
            if line.key:
                self.mark(x + KEY / 3, y - _CAPITAL * em / 2, "s", color=line.key)
                left = x + KEY
            self.figure.text(
                left / self.width, 1 - y / self.height, line.text, va="baseline", ha=ha,
                size=line.size, color=line.colour, weight=line.weight,
            )  # fmt: skip
            y += line.height

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Add axes in a rectangle."""
        return self.figure.add_axes(
            (
                left / self.width,
                1 - (top + height) / self.height,
                width / self.width,
                height / self.height,
            )
        )

    def rule(
        self, left: float, right: float, y: float, *, color: str = PALE, linewidth: float = 0.5
    ) -> None:
        """Draw a horizontal line."""
        x, up = (left / self.width, right / self.width), 1 - y / self.height
        self.figure.add_artist(Line2D(x, (up, up), color=color, linewidth=linewidth))

    def mark(self, x: float, y: float, marker: str, *, color: str) -> None:
        """Draw a small mark."""
        at = [x / self.width], [1 - y / self.height]
        self.figure.add_artist(Line2D(*at, marker=marker, markersize=4, linestyle="", color=color))
