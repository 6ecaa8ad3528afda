"""Whether ranks are uniform and weights are right: one small picture a test quantity."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
from estimates.plots.parts.words import spoken
from estimates.stats.ecdf import ecdf

_COLUMNS, _MOST = 3, 24
_LEFT, _RIGHT, _HEIGHT = 0.42, 0.08, 0.82
_TITLE, _BELOW = 2 * LINE + 0.05, 0.34
#: Weights that differ by less say nothing about whether they are right.
_SPREAD = 0.05

type _Panel = tuple[str, str, Mapping[str, Any]]


def calibration(document: Mapping[str, Any]) -> Figure:
    """Rank-ECDF differences with simultaneous bands, and the reliability of readings' weights.

    Parameters
    ----------
    document : what `estimates.calibrate` returned
    """
    panels = _panels(document)
    shown = panels
    if len(panels) > _MOST:  # the worst, in their own order
        order = sorted(range(len(panels)), key=lambda i: _worst(panels[i][2]))[:_MOST]
        shown = [panels[i] for i in sorted(order)]
    heading = Heading(_title(document), _seen(document))
    dots = any(kind == "bins" for kind, _, _ in shown)
    footing = Footing(*_notes(document, len(panels) - len(shown), dots))
    rows = max(1, math.ceil(len(shown) / _COLUMNS))
    step = _TITLE + _HEIGHT + _BELOW
    with house_style():
        sheet = Sheet(heading.height + rows * step + footing.height)
        heading.draw(sheet)
        footing.draw(sheet)
        width = (WIDTH - MARGIN) / _COLUMNS - _LEFT - _RIGHT
        for number, (kind, name, entry) in enumerate(shown):
            row, column = divmod(number, _COLUMNS)
            left = _LEFT + column * (_LEFT + width + _RIGHT)
            top = heading.height + row * step
            _name(sheet, left, top, width, name)
            ax = sheet.axes(left, top + _TITLE, width, _HEIGHT)
            if kind == "ranks":
                _ranks(ax, entry, document["band"])
            else:
                _reliability(ax, entry)
    return sheet.figure


def _panels(document: Mapping[str, Any]) -> list[_Panel]:
    panels: list[_Panel] = []
    for name, entry in document["quantities"].items():
        panels.append(("ranks", entry["label"] or name, entry))
    for axis, entry in document["readings"].items():
        panels.append(("ranks", f"which {spoken(axis)} is true", entry))
    for axis, entry in document["readings"].items():
        options = list(entry["options"].items())
        # The second of two options is the first one upside down.
        for option, found in options[: 1 if len(options) == 2 else None]:
            weights = [one["weight"] for one in found["bins"]]
            if max(weights) - min(weights) > _SPREAD:
                panels.append(("bins", f"{spoken(axis)} is {spoken(option)}", found))
    return panels


def _worst(entry: Mapping[str, Any]) -> float:
    p = entry.get("p")
    return 1.0 if p is None else float(p)


def _title(document: Mapping[str, Any]) -> str:
    state = "is calibrated" if document["calibrated"] else "is not calibrated"
    return f"{document['model']}: the inference {state}"


def _seen(document: Mapping[str, Any]) -> str:
    count = document["simulations"] - document["failed"]
    tests = [*document["quantities"].values(), *document["readings"].values()]
    bad = sum(test["calibrated"] is False for test in tests)
    found = (
        f"In {bad} of {len(tests)} tests the ranks leave the band of uniform ones."
        if bad
        else f"In all {len(tests)} tests the ranks are those of uniform numbers."
    )
    return (
        f"{count:,} times a truth was drawn from the priors, the claims were spoken anew about it "
        f"and the model was fitted to them. {found}"
    )


def _notes(document: Mapping[str, Any], hidden: int, dots: bool) -> list[str]:
    notes = [
        "Line: empirical distribution of the rank of the truth among the posterior's draws, less "
        "that of uniform numbers; p adjusted for all tests. Band: holds the whole line with "
        f"probability {document['band']:.4g}, so that all bands together give a false alarm once "
        "in a hundred (Säilynoja, Bürkner & Vehtari 2022)."
    ]
    if dots:
        notes.append(
            "Dots (last panels): how often a reading was true (upwards), by the weight that the "
            "fit gave it (to the right); bars: 95 % intervals."
        )
    if hidden:
        notes.append(f"The {hidden} panels with the largest p-values are not shown.")
    if document["failed"]:
        notes.append(f"{document['failed']} fits that failed their checks are left out.")
    return notes


def _name(sheet: Sheet, left: float, top: float, width: float, name: str) -> None:
    lines = shortened(wrap(name, width + _RIGHT, SMALL), 2)
    below = top + _TITLE - 0.05
    sheet.text(left, below, "\n".join(lines), va="bottom")


def _ranks(ax: Axes, entry: Mapping[str, Any], band: float) -> None:
    found = ecdf(np.array(entry["ranks"]), band) if len(entry["ranks"]) > 1 else None
    ax.axhline(0, color=PALE, linewidth=0.5, zorder=1)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    if found is None:
        return
    x = np.concatenate([[0], found.points, [1]])

    def ends(values: Any) -> Any:
        return np.concatenate([[0], values - found.points, [0]])

    ax.fill_between(x, ends(found.low), ends(found.high), color=BAND, linewidth=0, zorder=0)
    bad = entry["calibrated"] is False
    ax.plot(x, ends(found.values), color=VERMILLION if bad else BLUE, zorder=2)
    most = 1.15 * max(np.abs(ends(v)).max() for v in (found.low, found.high, found.values))
    ax.set_ylim(-most, most)
    step = _round_step(most)
    ax.set_yticks([-step, 0, step])
    p = entry["p_adjusted"]
    if p is not None:
        words = f"p = {p:.2g}" if p >= 0.001 else "p < 0.001"
        ax.text(
            0.98,
            0.97,
            words + (" ✗" if bad else ""),
            transform=ax.transAxes,
            ha="right",
            va="top",
            size=SMALL - 1,
            color=VERMILLION if bad else GREY,
        )


def _round_step(most: float) -> float:
    power = 10 ** math.floor(math.log10(most))
    return max(m * power for m in (0.5, 1, 2, 5) if m * power <= 0.9 * most)


def _reliability(ax: Axes, entry: Mapping[str, Any]) -> None:
    bins: Sequence[Mapping[str, Any]] = entry["bins"]
    ax.plot([0, 1], [0, 1], color=PALE, linewidth=0.5, zorder=1)
    for one in bins:
        ax.plot([one["weight"]] * 2, [one["low"], one["high"]], color=BLUE, linewidth=0.8)
        ax.plot([one["weight"]], [one["share"]], "o", color=BLUE, markersize=2.5)
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(-0.03, 1.03)
    ax.set_xticks([0, 0.5, 1], ["0", "½", "1"])
    ax.set_yticks([0, 0.5, 1], ["0", "½", "1"])
