"""Whether ranks are uniform and weights are right: one small picture a test quantity."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from estimates.analysis.calibrate.result import Calibration, Reliability, Tested
from estimates.language.phrases import spoken
from estimates.plots.parts.style import (
    BAND,
    BLUE,
    GREY,
    LINE,
    MARGIN,
    PALE,
    SMALL,
    VERMILLION,
    WIDTH,
    Footing,
    Heading,
    Sheet,
    house_style,
    shortened,
    wrap,
)
from estimates.stats.ecdf import ecdf

Array = NDArray[np.float64]
_COLUMNS, _MOST = 3, 24
_LEFT, _RIGHT, _HEIGHT = 0.42, 0.08, 0.82
_TITLE, _BELOW = 2 * LINE + 0.05, 0.34
#: Weights that differ by less say nothing about whether they are right.
_SPREAD = 0.05

#: What is drawn, under its name: ranks, or how often an option was true by its weight.
type _Panel = tuple[str, Tested | Reliability]


def calibration(found: Calibration) -> Figure:
    """Rank-ECDF differences with simultaneous bands, and the reliability of readings' weights.

    Parameters
    ----------
    found : what `estimates.calibrate` returned
    """
    panels = list(_panels(found))
    shown = panels
    if len(panels) > _MOST:  # the worst, in their own order
        order = sorted(range(len(panels)), key=lambda i: _worst(panels[i][1]))[:_MOST]
        shown = [panels[i] for i in sorted(order)]
    heading = Heading(_title(found), _seen(found))
    dots = any(isinstance(one, Reliability) for _, one in shown)
    footing = Footing(*_notes(found, len(panels) - len(shown), dots))
    rows = max(1, math.ceil(len(shown) / _COLUMNS))
    step = _TITLE + _HEIGHT + _BELOW
    with house_style():
        sheet = Sheet(heading.height + rows * step + footing.height)
        heading.draw(sheet)
        footing.draw(sheet)
        width = (WIDTH - MARGIN) / _COLUMNS - _LEFT - _RIGHT
        for number, (name, one) in enumerate(shown):
            row, column = divmod(number, _COLUMNS)
            left = _LEFT + column * (_LEFT + width + _RIGHT)
            top = heading.height + row * step
            _name(sheet, left, top, width, name)
            ax = sheet.axes(left, top + _TITLE, width, _HEIGHT)
            if isinstance(one, Reliability):
                _reliability(ax, one)
            else:
                _ranks(ax, one, found.band)
    return sheet.figure


def _panels(found: Calibration) -> Iterator[_Panel]:
    for name, test in found.quantities.items():
        yield test.label or name, test
    for axis, reading in found.readings.items():
        yield f"which {spoken(axis)} is true", reading
    for axis, reading in found.readings.items():
        options = list(reading.options.items())
        # The second of two options is the first one upside down.
        for option, one in options[: 1 if len(options) == 2 else None]:
            weights = [part.weight for part in one.bins]
            if max(weights) - min(weights) > _SPREAD:
                yield f"{spoken(axis)} is {spoken(option)}", one


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


def _name(sheet: Sheet, left: float, top: float, width: float, name: str) -> None:
    lines = shortened(wrap(name, width + _RIGHT, SMALL), 2)
    below = top + _TITLE - 0.05
    sheet.text(left, below, "\n".join(lines), va="bottom")


def _ranks(ax: Axes, test: Tested, band: float) -> None:
    ax.axhline(0, color=PALE, linewidth=0.5, zorder=1)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    if len(test.ranks) < 2:
        return
    found = ecdf(np.array(test.ranks), band)
    x = np.concatenate([[0], found.points, [1]])

    def ends(values: Array) -> Array:
        return np.concatenate([[0], values - found.points, [0]])

    ax.fill_between(x, ends(found.low), ends(found.high), color=BAND, linewidth=0, zorder=0)
    bad = test.calibrated is False
    ax.plot(x, ends(found.values), color=VERMILLION if bad else BLUE, zorder=2)
    most = 1.15 * max(float(np.abs(ends(v)).max()) for v in (found.low, found.high, found.values))
    ax.set_ylim(-most, most)
    step = _round_step(most)
    ax.set_yticks([-step, 0, step])
    if test.p_adjusted is not None:
        words = f"p = {test.p_adjusted:.2g}" if test.p_adjusted >= 0.001 else "p < 0.001"
        ax.text(0.98, 0.97, words + (" ✗" if bad else ""), transform=ax.transAxes, ha="right",
                va="top", size=SMALL - 1, color=VERMILLION if bad else GREY)  # fmt: skip


def _round_step(most: float) -> float:
    power = 10 ** math.floor(math.log10(most))
    return max(m * power for m in (0.5, 1, 2, 5) if m * power <= 0.9 * most)


def _reliability(ax: Axes, option: Reliability) -> None:
    ax.plot([0, 1], [0, 1], color=PALE, linewidth=0.5, zorder=1)
    for one in option.bins:
        if one.share is not None and one.low is not None and one.high is not None:
            ax.plot([one.weight] * 2, [one.low, one.high], color=BLUE, linewidth=0.8)
            ax.plot([one.weight], [one.share], "o", color=BLUE, markersize=2.5)
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(-0.03, 1.03)
    ax.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    ax.set_yticks([0, 0.5, 1], ["0", "½", "1"])
