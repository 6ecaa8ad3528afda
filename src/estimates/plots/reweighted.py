"""The headline target under a supposition: its numbers, and small and quick its density."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.analysis.reweight import Draws, Interval, Reweighted
from estimates.language.phrases import capitalised
from estimates.model.panel.lookup import words_for
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.band import Band
from estimates.plots.parts.marks import interval
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import BLUE, GREY, PALE
from estimates.plots.parts.text import Line
from estimates.stats.kde import CUT, kernel_density
from estimates.stats.natural import Natural
from estimates.stats.weighted import WeightedDraws

Array = NDArray[np.float64]
_WIDTH, _HEIGHT = 5.2, 1.4


def supposed(
    draws: Draws,
    now: tuple[Array, Array] | None,
    between: Interval | None = None,
) -> Figure:
    """Draw the density of the headline target as it is (grey) and as supposed (blue).

    Parameters
    ----------
    now : (draw,) values and weights as supposed, from `Draws.pooled`; None where too few are left
    between : the range that it is compared with, in the target's unit
    """
    model, target = draws.model, draws.model.targets[0]
    every = np.ones((int(draws.fits.max()) + 1, draws.target.shape[1]), dtype=bool)
    base = draws.pooled(draws.weigh(draws.prior, every), every)
    support = model.support_of(target)
    natural = Natural.of(support, base[0])
    edges = [edge for edge in between or () if edge is not None]
    pooled = WeightedDraws(*base)
    reach = [pooled.quantile(p) for p in CUT]
    ruler = Ruler.of(support, model.unit_of(target), words_for(model, target), [*reach, *edges])
    curves = [(base, GREY, PALE), *([] if now is None else [(now, BLUE, BLUE)])]

    def draw(ax: Axes, _: Array) -> None:
        highest = [
            _density(ax, natural, ruler, values, weights, colour, fill)
            for (values, weights), colour, fill in curves
        ]
        ax.set_ylim(0, 1.05 * (max(highest) or 1.0))

    bands = [] if between is None else [Band(*between)]
    panel = Panel.plain(Strip(draw, ruler, bands=bands), _HEIGHT)
    return Page("", "", [panel], [], width=_WIDTH).draw()


def reweighted(found: Reweighted, *, ax: Axes | None = None) -> Figure | None:
    """Draw the median and 90 % interval of the headline target as supposed.

    Parameters
    ----------
    found : what `estimates.reweight` returned; the range it was asked about is a band
    ax : draw into these axes

    Returns
    -------
    Figure; None where too few draws are left to say anything.
    """
    one = found.numbers
    if one is None:
        return None
    ends = (one.q05, one.median, one.q95)
    edges = [edge for edge in found.between or () if edge is not None]
    scale = "logit" if found.unit == "share" else "log" if min(ends) > 0 else "identity"
    ruler = Ruler.around([*ends, *edges], found.unit, found.label, scale=scale, pad=0.06)

    def draw(ax: Axes, middles: Array) -> None:
        interval(ax, ends, float(middles[0]), BLUE)

    strip = Strip(draw, ruler, bands=[Band(*found.between)] if found.between else [])
    panel = Panel([strip], [Row([[Line("as supposed", BLUE)]])], before=[Column(right=True)])
    said = f"Dot: median; bar: 90 % interval, worth {found.effective:,.0f} independent draws."
    return Page(f"{capitalised(found.label)}, as supposed", "", [panel], [said]).draw(ax)


def _density(
    ax: Axes,
    natural: Natural,
    ruler: Ruler,
    values: Array,
    weights: Array,
    colour: str,
    fill: str,
) -> float:
    """Draw a density, or a line where there is but one value; return its greatest height."""
    on_scale = natural.forward(values)
    if not np.isfinite(on_scale).all() or np.ptp(on_scale) == 0:
        ax.axvline(float(np.median(values)), color=colour)
        return 0.0
    grid, density = kernel_density(on_scale, weights)
    x = natural.inverse(grid)
    height = density * natural.slope(x) * (x if ruler.log else 1.0)
    seen = (x >= ruler.low) & (x <= ruler.high)
    ax.fill_between(x[seen], height[seen], color=fill, alpha=0.35, linewidth=0)
    ax.plot(x[seen], height[seen], color=colour, linewidth=1.0)
    return float(height[seen].max(initial=0.0))
