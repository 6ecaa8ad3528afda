"""The numbers of a fit: of each target its median and interval, under each reading and over all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy import float64
from numpy.typing import NDArray

from estimates._util.format import probability
from estimates.inference.result import QuantitySummary, Statistics, Summary
from estimates.inference.var_names import CI_PROB
from estimates.language.cells import reading
from estimates.language.phrases import called, capitalised, labelling, spoken
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.captions import trust_note
from estimates.plots.parts.marks import interval
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Column, Panel, Row, Strip
from estimates.plots.parts.style import BLUE, INK
from estimates.plots.parts.text import Line

_MOST = 12  # rows of a panel, the heaviest readings first
_PANELS, _CELLS = 6, 40
type _Bar = tuple[str, str, Statistics, str]  # name, weight, numbers, colour


def numbers(found: Summary, *, ax: Axes | None = None) -> Figure | None:
    """Draw the median and interval of each target, under each reading and over all of them.

    Parameters
    ----------
    found : what `estimates.summary` returned; its intervals hold its own `ci_prob`
    ax : draw into these axes, where there is one target

    Returns
    -------
    Figure; None where the summary has no number.  A target has a panel of its own, one over
    dimensions with a row for each cell; where no target was asked for, each quantity has one.
    """
    asked = [name for name in found.targets if name in found.quantities] or list(found.quantities)
    groups: dict[str, list[str]] = {}
    for name in asked:
        groups.setdefault(found.quantities[name].of or name, []).append(name)
    with labelling(found.option_labels, found.name_labels, found.questions):
        drawn = [_panel(found, *one) for one in list(groups.items())[:_PANELS]]
    panels = [one for one in drawn if one is not None]
    if not panels:
        return None
    left = len(groups) - len(drawn)
    notes = [
        f"Dot: median; bar: {100 * (found.ci_prob or CI_PROB):.6g} % interval.",
        f"{left} further quantities are not shown." if left else "",
        trust_note(found.diagnostics.failed),
    ]
    return Page("The answer in numbers", found.sentence, panels, notes).draw(ax)


def _panel(found: Summary, title: str, names: list[str]) -> Panel | None:
    """Return the panel of a target by reading, or of a quantity over dimensions by cell."""
    whole = found.quantities[names[0]]
    cells = whole.of is not None
    bars = list(_cells(found, names) if cells else _bars(found, names[0]))
    ends = [end for _, _, one, _ in bars for end in _ends(found, one)]
    if not ends:
        return None
    label = capitalised(called(title) if cells else whole.label or spoken(title))
    ruler = Ruler.around(ends, whole.unit, label, scale=_scale(ends, whole), pad=0.06)
    weighed = any(weight for _, weight, _, _ in bars)
    rows = [
        Row([[Line(words, colour)], *([[Line(weight, colour)]] if weighed else [])])
        for words, weight, _, colour in bars
    ]
    columns = [Column(right=True, most=1), *([Column("weight", right=True)] if weighed else [])]
    strip = Strip(partial(_draw, found, bars), ruler, "")
    return Panel([strip], rows, head=[Line(ruler.title, bold=True)], before=columns)


def _cells(found: Summary, names: list[str]) -> Iterator[_Bar]:
    for name in names[:_CELLS]:
        one = found.quantities[name]
        if one.median is not None:
            yield ", ".join((one.labels or {}).values()), "", one, BLUE


def _bars(found: Summary, name: str) -> Iterator[_Bar]:
    several = sorted(found.readings, key=lambda one: -one.posterior) if found.readings[1:] else []
    for one in several[:_MOST]:
        under = one.quantities.get(name)
        if under is not None and under.median is not None:
            yield reading(one.reading), probability(one.posterior), under, INK
    whole = found.quantities[name]
    if whole.median is not None:
        yield "all, by weight" if several else "posterior", "", whole, BLUE


def _ends(found: Summary, one: Statistics) -> tuple[float, ...]:
    both = (one.q05, one.q95) if found.ci_prob is None else (one.ci_low, one.ci_high)
    known = (both[0], one.median, both[1])
    return tuple(end for end in known if end is not None)


def _scale(ends: list[float], whole: QuantitySummary) -> str:
    if whole.unit == "share":
        return "logit" if min(ends) > 0 and max(ends) < 1 else "identity"
    return "log" if min(ends) > 0 and max(ends) > 3 * min(ends) else "identity"


def _draw(found: Summary, bars: list[_Bar], ax: Axes, middles: NDArray[float64]) -> None:
    for (_, _, one, colour), y in zip(bars, middles, strict=True):
        low, median, high = _ends(found, one)
        interval(ax, (low, median, high), float(y), colour)
