"""Whether ranks are uniform and weights are right: one small picture a test quantity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.analysis.calibrate.result import Calibration, Reliability, Tested
from estimates.language.phrases import joined, option_words
from estimates.plots.parts.axis import Ruler
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Panel, Strip
from estimates.plots.parts.style import BAND, BLUE, GREY, PALE, SMALL, VERMILLION
from estimates.plots.parts.text import Line
from estimates.stats.ecdf import ecdf

Array = NDArray[np.float64]
_COLUMNS, _MOST, _HEIGHT = 3, 24, 0.82  # pictures side by side, in all, and inches of each
#: Weights that differ by less say nothing about whether they are right.
_SPREAD = 0.05
_PART = Ruler(0.0, 1.0, log=False, percent=False, label="", unit="")

#: What is drawn, under its name: ranks, or how often an option was true by its weight.
type _Named = tuple[str, Tested | Reliability]


def calibration(found: Calibration, *, ax: Axes | None = None) -> Figure:
    """Draw rank-ECDF differences with simultaneous bands, and the reliability of weights.

    Parameters
    ----------
    found : what `estimates.calibrate` returned
    ax : draw into these axes, where one quantity is tested
    """
    every = list(_panels(found))
    order = sorted(range(len(every)), key=lambda i: _worst(every[i][1]))[:_MOST]
    shown = [every[i] for i in sorted(order)]  # the worst, in their own order
    panels = [
        _reliability(name, one) if isinstance(one, Reliability) else _ranks(name, one, found.band)
        for name, one in shown
    ]
    dots = any(isinstance(one, Reliability) for _, one in shown)
    notes = list(_notes(found, len(every) - len(shown), dots))
    return Page(_title(found), _seen(found), panels, notes, columns=_COLUMNS).draw(ax)


def _panels(found: Calibration) -> Iterator[_Named]:
    for name, test in found.quantities.items():
        yield test.label or name, test
    for reading in found.readings.values():
        yield f"which is true: {joined(map(option_words, reading.options), 'or')}", reading
    for reading in found.readings.values():
        options = list(reading.options.items())
        # The second of two options is the first one upside down.
        for option, one in options[: 1 if len(options) == 2 else None]:
            weights = [part.weight for part in one.bins]
            if max(weights) - min(weights) > _SPREAD:
                yield f"“{option_words(option)}”", one


def _worst(one: Tested | Reliability) -> float:
    return 1.0 if isinstance(one, Reliability) or one.p is None else one.p


def _title(found: Calibration) -> str:
    state = "is calibrated" if found.calibrated else "is not calibrated"
    return f"{found.model}: the inference {state}"


def _seen(found: Calibration) -> str:
    count, tests = found.simulations - found.failed, found.tests
    bad = sum(test.calibrated is False for test in tests)
    ranks = (
        f"In {bad} of {len(tests)} tests the ranks leave the band of uniform ones."
        if bad
        else f"In all {len(tests)} tests the ranks are those of uniform numbers."
    )
    return (
        f"{count:,} times a truth was drawn from the priors, the claims were spoken anew about it "
        f"and the model was fitted to them. {ranks}"
    )


def _notes(found: Calibration, hidden: int, dots: bool) -> Iterator[str]:
    yield (
        "Line: empirical distribution of the rank of the truth among the posterior's draws, less "
        "that of uniform numbers; p adjusted for all tests. Band: holds the whole line with "
        f"probability {found.band:.4g}, so that all bands together give a false alarm once "
        "in a hundred (Säilynoja, Bürkner & Vehtari 2022)."
    )
    if dots:
        yield (
            "Dots (last panels): how often a reading was true (upwards), by the weight that the "
            "fit gave it (to the right); bars: 95 % intervals."
        )
    if hidden:
        yield f"The {hidden} panels with the largest p-values are not shown."
    if found.failed:
        yield f"{found.failed} fits that failed their checks are left out."


def _ranks(name: str, test: Tested, band: float) -> Panel:
    if len(test.ranks) < 2:
        return Panel.plain(Strip(lambda *_: None, _PART), _HEIGHT, [Line(name)])
    found = ecdf(np.array(test.ranks), band)
    x = np.concatenate([[0], found.points, [1]])
    low, high, values = (
        np.concatenate([[0], one - found.points, [0]])
        for one in (found.low, found.high, found.values)
    )
    bad = test.calibrated is False
    colour = VERMILLION if bad else BLUE

    def draw(ax: Axes, _: Array) -> None:
        ax.axhline(0, color=PALE, linewidth=0.5, zorder=1)
        ax.fill_between(x, low, high, color=BAND, linewidth=0, zorder=0)
        ax.plot(x, values, color=colour, zorder=2)
        if test.p_adjusted is not None:
            p = f"p = {test.p_adjusted:.2g}" if test.p_adjusted >= 0.001 else "p < 0.001"
            ax.text(0.98, 0.97, p + (" ✗" if bad else ""), transform=ax.transAxes, ha="right",
                    va="top", size=SMALL, color=colour if bad else GREY)  # fmt: skip

    most = 1.15 * float(np.abs([low, high, values]).max())
    up = Ruler(-most, most, log=False, percent=False, label="", unit="")
    return Panel.plain(Strip(draw, _PART, up=up), _HEIGHT, [Line(name)])


def _reliability(name: str, option: Reliability) -> Panel:
    def draw(ax: Axes, _: Array) -> None:
        ax.plot([0, 1], [0, 1], color=PALE, linewidth=0.5, zorder=1)
        for one in option.bins:
            if one.share is not None and one.low is not None and one.high is not None:
                ax.plot([one.weight] * 2, [one.low, one.high], color=BLUE, linewidth=0.8)
                ax.plot([one.weight], [one.share], "o", color=BLUE, markersize=2.5, clip_on=False)

    return Panel.plain(Strip(draw, _PART, up=_PART), _HEIGHT, [Line(name)])
