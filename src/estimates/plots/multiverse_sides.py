"""How much of each cell's answer lies below, inside and above the cited figure.

A verdict is one word, and where all cells have the same one the curve would say no more than that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from estimates.plots.parts.style import (
    BLUE,
    GREEN,
    GREY,
    VERMILLION,
    WRITTEN,
    Sheet,
)

HEIGHT = 0.52  # inches
#: From the lowest to the highest; unlike in grey, too.
SIDES = (("below", BLUE, 0.75), ("inside", GREEN, 0.28), ("above", VERMILLION, 0.58))

type Cell = Mapping[str, Any]


def sides_known(cells: Sequence[Cell], claim: str) -> bool:
    """Whether every cell that is drawn has the three probabilities."""
    said = [cell["cited"].get(claim) for cell in cells]
    return bool(said) and all(one is not None and one["inside"] is not None for one in said)


def draw_sides(
    sheet: Sheet, cells: Sequence[Cell], claim: str, place: tuple[float, float, float]
) -> None:
    """A bar of height one for each cell, and at the left what its colours are."""
    left, top, width = place
    ax = sheet.axes(left, top, width, HEIGHT)
    ax.set_axis_off()
    ax.set_xlim(-0.6, len(cells) - 0.4)
    ax.set_ylim(0, 1)
    at, floor = np.arange(len(cells)), np.zeros(len(cells))
    for side, colour, strength in SIDES:
        share = np.array([cell["cited"][claim][side] for cell in cells])
        ax.bar(at, share, 0.86, bottom=floor, color=colour, alpha=strength, linewidth=0)
        floor = floor + share
    step = HEIGHT / len(SIDES)
    for n, (side, colour, _) in enumerate(reversed(SIDES)):
        y = top + (n + 0.5) * step
        words = f"P({side})"
        sheet.text(left - 0.1, y, words, va="center", ha="right", color=WRITTEN.get(colour, GREY))


def segments(
    number: int, cell: Cell, low: float | None, high: float | None
) -> Iterator[tuple[list[tuple[float, float]], str]]:
    """The interval of a cell in its pieces below, inside and above the cited figure."""
    edges = [cell["q05"], low, high, cell["q95"]]
    for i, (_, colour, _) in enumerate(SIDES):
        start = cell["q05"] if edges[i] is None else max(edges[i], cell["q05"])
        end = cell["q95"] if edges[i + 1] is None else min(edges[i + 1], cell["q95"])
        if (i == 1 or (low if i == 0 else high) is not None) and start < end:
            yield [(number, start), (number, end)], colour
