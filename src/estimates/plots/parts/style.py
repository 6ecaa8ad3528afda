"""One hand for all figures: colours, sizes, and Matplotlib's settings.

Colours are Okabe and Ito's (2008), which the colour-blind tell apart; wherever a colour says
something, a word beside it says it too.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
#: What lies below, inside and above a cited figure: colour, and how strong, unlike in grey, too.
SIDES = {"below": (BLUE, 0.75), "inside": (GREEN, 0.28), "above": (VERMILLION, 0.58)}
WRITTEN = {BLUE: "#00609a", GREEN: "#00694d", ORANGE: "#8a5f00", VERMILLION: "#a84a00"}

WIDTH = 6.3  # inches, the text width of a page
MARGIN = 0.06
SMALL, BODY, TITLE = 7.5, 8.0, 10.0
LEADING = 1.28  # of the size of the type, from one line to the next
LINE = LEADING * SMALL / 72  # the same of small type, in inches
DPI = 200
_SHOWN = 115  # pixels an inch in a notebook, whose pixels are larger than a printer's

_RC = {
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
    "lines.linewidth": 1.0,
    "patch.linewidth": 0.6,
    "hatch.linewidth": 0.4,
    "svg.hashsalt": "estimates",
}
_TICKS = {"labelsize": SMALL, "color": GREY, "labelcolor": INK, "major.width": 0.5,
          "major.size": 2.5, "major.pad": 2}  # fmt: skip
_RC |= {f"{axis}tick.{what}": value for axis in "xy" for what, value in _TICKS.items()}


@contextmanager
def house_style(*, svg_text: bool = False) -> Iterator[None]:
    """Set Matplotlib's defaults and the house's, whatever the user has set, and put those back.

    Parameters
    ----------
    svg_text : text in an SVG stays text, in whatever sans-serif the reader has, not outlines
    """
    with style.context(["default", _RC | ({"svg.fonttype": "none"} if svg_text else {})]):
        yield


def figure_of(ax: Axes) -> tuple[Figure, float, float]:
    """Return the figure that some axes belong to, and their width and height in inches."""
    figure = ax.get_figure(root=True)
    if not isinstance(figure, Figure):
        raise TypeError("these axes belong to no figure")
    box = ax.get_window_extent()
    return figure, box.width / figure.dpi, box.height / figure.dpi


class Drawn(Figure):
    """A figure that a notebook shows, whether or not Matplotlib's own display is set up there."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return a PNG twice as fine as it is shown, and the size to show it in."""
        content = io.BytesIO()
        with house_style():
            self.savefig(content, format="png", dpi=DPI)
        width, height = self.get_size_inches()
        return content.getvalue(), {
            "width": round(_SHOWN * width),
            "height": round(_SHOWN * height),
        }
