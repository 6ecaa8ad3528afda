"""One hand for all figures: colours, sizes, and a sheet on which things are placed in inches.

Colours are Okabe and Ito's (2008), which the colour-blind tell apart; wherever a colour says
something, a word beside it says it too.
"""

from __future__ import annotations

import functools
import io
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.textpath import text_to_path

BLUE, GREEN, VERMILLION, ORANGE = "#0072B2", "#009E73", "#D55E00", "#E69F00"
PLAIN = "#4d7ea8"  # what nothing was cited against
INK, GREY, PALE, BAND = "#1a1a1a", "#5f5f5f", "#c4c4c4", "#ebebeb"
#: What each verdict is drawn in, and written in (darker, where it would be too pale to read).
VERDICTS = {
    "below": BLUE,
    "consistent": GREEN,
    "straddles": ORANGE,
    "above": VERMILLION,
    "divided": GREY,
}
WRITTEN = {BLUE: "#00609a", GREEN: "#00694d", ORANGE: "#8a5f00", VERMILLION: "#a84a00"}

WIDTH = 6.3  # inches, the text width of a page
MARGIN = 0.06
SMALL, BODY, TITLE = 7.5, 8.0, 10.0
LEADING = 1.28  # of the size of the type, from one line to the next
LINE = LEADING * SMALL / 72  # the same of small type, in inches
_MOST_TITLE, _MOST_LINES = 4, 14  # lines: a longer text would leave no room for the figure
_HINTED = 1.012  # type set on pixels is wider than its outlines by this much at the most
_CAPITAL = 0.73  # height of a capital in DejaVu Sans
DPI = 200
_SHOWN = 115  # pixels an inch in a notebook, whose pixels are larger than a printer's

_RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": SMALL,
    "text.parse_math": False,
    "text.color": INK,
    "axes.linewidth": 0.5,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.labelsize": SMALL,
    "axes.labelpad": 3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.5,
    "ytick.major.width": 0.5,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.pad": 2,
    "ytick.major.pad": 2,
    "xtick.minor.visible": False,
    "ytick.minor.visible": False,
    "lines.linewidth": 1.0,
    "patch.linewidth": 0.6,
    "hatch.linewidth": 0.4,
    "svg.fonttype": "path",
    "svg.hashsalt": "estimates",
}


@contextmanager
def house_style(*, svg_text: bool = False) -> Iterator[None]:
    """Matplotlib's own defaults and the house's, whatever the user has set; put back after.

    Parameters
    ----------
    svg_text : text in an SVG stays text, in whatever sans-serif the reader has, not outlines
    """
    with style.context(["default", _RC | ({"svg.fonttype": "none"} if svg_text else {})]):
        yield


@functools.lru_cache(maxsize=4096)
def text_width(text: str, size: float = SMALL, weight: str = "normal") -> float:
    """Width of the longest line of a text in inches."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    lines = text.split("\n")
    widths = [
        text_to_path.get_text_width_height_descent(x, font, ismath=False)[0] for x in lines if x
    ]
    return _HINTED * max(widths, default=0.0) / 72


def wrap(text: str, inches: float, size: float = SMALL, weight: str = "normal") -> list[str]:
    """A text in lines no wider than so many inches; a word that is wider is broken."""
    lines: list[str] = []
    for word in _pieces(text, inches, size, weight):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= inches:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _pieces(text: str, inches: float, size: float, weight: str) -> Iterator[str]:
    """Words, and of words wider than a line what a line holds."""
    most = max(1, int(5 * 72 * inches / size))  # no letter is narrower than a fifth of its height
    for word in text.split():
        rest = word
        while len(rest) > most or text_width(rest, size, weight) > inches:
            fitting = range(1, min(most, len(rest)) + 1)
            held = bisect_right(fitting, inches, key=lambda k: text_width(rest[:k], size, weight))
            held = max(1, held)
            if held >= len(rest):
                break
            yield rest[:held]
            rest = rest[held:]
        yield rest


def shortened(lines: list[str], most: int) -> list[str]:
    """The first lines of a text, the last ending in … where there are more."""
    if len(lines) <= most:
        return lines
    kept = lines[:most]
    if " " not in kept[-1]:
        kept[-1] = kept[-1][:-3]  # a word that was broken fills its line
    kept[-1] = kept[-1].rstrip(",;:. ") + " …"
    return kept


def figure_of(ax: Axes) -> tuple[Figure, float, float]:
    """The figure that some axes belong to, and their width and height in inches."""
    figure = ax.get_figure(root=True)
    if not isinstance(figure, Figure):
        raise TypeError("these axes belong to no figure")
    box = ax.get_window_extent()
    return figure, box.width / figure.dpi, box.height / figure.dpi


class Drawn(Figure):
    """A figure that a notebook shows, whether or not Matplotlib's own display is set up there."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Twice as fine as it is shown, for screens that can, with the size to show it in."""
        content = io.BytesIO()
        with house_style():
            self.savefig(content, format="png", dpi=DPI)
        width, height = self.get_size_inches()
        return content.getvalue(), {
            "width": round(_SHOWN * width),
            "height": round(_SHOWN * height),
        }


class Sheet:
    """A figure measured in inches from its top left corner."""

    def __init__(self, height: float, width: float = WIDTH) -> None:
        self.width, self.height = width, height
        self.figure = Drawn(figsize=(width, height), facecolor="white")
        FigureCanvasAgg(self.figure)

    def text(
        self, x: float, y: float, text: str, *, va: str = "top", size: float = SMALL, **kwargs: Any
    ) -> None:
        """Lines of text, set on baselines, so that neighbours with and without descenders agree.

        y is the top of the first line, the `center` of all of them, or the `bottom` of the last.
        """
        lines = text.split("\n")
        em = size / 72
        step = LEADING * em
        match va:
            case "top":
                y += 0.80 * em
            case "center":
                y += (_CAPITAL * em - (len(lines) - 1) * step) / 2
            case "bottom":
                y -= 0.22 * em + (len(lines) - 1) * step
        for i, line in enumerate(lines):
            self.figure.text(
                x / self.width,
                1 - (y + i * step) / self.height,
                line,
                va="baseline",
                size=size,
                **kwargs,
            )

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes in a rectangle."""
        return self.figure.add_axes(
            (
                left / self.width,
                1 - (top + height) / self.height,
                width / self.width,
                height / self.height,
            )
        )

    def rule(self, left: float, right: float, y: float, **kwargs: Any) -> None:
        """A thin horizontal line."""
        options: dict[str, Any] = {"color": PALE, "linewidth": 0.5}
        self.figure.add_artist(
            Line2D(
                (left / self.width, right / self.width),
                (1 - y / self.height, 1 - y / self.height),
                **(options | kwargs),
            )
        )

    def mark(self, x: float, y: float, marker: str, **kwargs: Any) -> None:
        """A small mark."""
        self.figure.add_artist(
            Line2D([x / self.width], [1 - y / self.height], marker=marker, markersize=4, **kwargs)
        )


class Heading:
    """Title and what is seen, wrapped; knows its height before there is a sheet."""

    def __init__(self, title: str, seen: str, width: float = WIDTH) -> None:
        inches = width - 2 * MARGIN
        self._title = shortened(wrap(title, inches, TITLE, "bold"), _MOST_TITLE)
        self._seen = shortened(wrap(seen, inches, BODY), _MOST_LINES)
        self._title_line = TITLE * LEADING / 72
        self._seen_line = BODY * LEADING / 72
        self.height = (
            MARGIN
            + len(self._title) * self._title_line
            + 0.04
            + len(self._seen) * self._seen_line
            + 0.1
        )

    def draw(self, sheet: Sheet) -> None:
        """At the top of the sheet."""
        y = MARGIN
        for line in self._title:
            sheet.text(MARGIN, y, line, size=TITLE, weight="bold")
            y += self._title_line
        y += 0.04
        for line in self._seen:
            sheet.text(MARGIN, y, line, size=BODY)
            y += self._seen_line


class Footing:
    """The small print at the bottom: what is drawn, what is held out, the sources."""

    def __init__(self, *sentences: str, width: float = WIDTH) -> None:
        inches = width - 2 * MARGIN
        self._lines = [
            line for s in sentences if s for line in shortened(wrap(s, inches), _MOST_LINES)
        ]
        self.height = 0.06 + len(self._lines) * LINE + MARGIN

    def draw(self, sheet: Sheet) -> None:
        """At the bottom of the sheet."""
        y = sheet.height - MARGIN - len(self._lines) * LINE
        for line in self._lines:
            sheet.text(MARGIN, y, line, color=GREY)
            y += LINE
