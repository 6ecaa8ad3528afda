"""What a prior says: how it was read, its density in characters, its quantiles, and advice."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from estimates._util.format import brief
from estimates._util.records import Column
from estimates.analysis.explain.prior_words import Beforehand, percentage
from estimates.language.phrases import in_words
from estimates.report.text.screen import Answer, Sheet

_COLUMNS = 60  # of the drawing
_BLOCKS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class _Line:
    name: Annotated[str, Column(label=" ", first=1)]
    words: Annotated[str, Column(label=" ", first=2)]


def of_prior(found: Beforehand) -> Answer:
    """Return the family and its unit, then a picture and figures in words."""
    unit = in_words("share" if found.percent else found.unit)
    where = f", in {unit}" if unit else ""
    why = f" ({found.why})" if found.why else ""
    lines = [_Line("", drawn) for drawn in _drawn(found)]
    lines += [_Line(name, words) for name, words in _lines(found)]
    return Answer(
        finding=f"Read as {found.family}{why}{where}. {' '.join(found.advice)}".rstrip(),
        sheets=[Sheet("", lines)],
    )


def _drawn(found: Beforehand) -> Iterator[str]:
    """Yield the density in two lines of characters, and below it the 50 and 90 % intervals."""
    logs = found.scale == "log"

    def along(value: float) -> float:
        return math.log(value) if logs else value

    low, high = along(found.curve[0]), along(found.curve[-1])
    centres = low + (np.arange(_COLUMNS) + 0.5) / _COLUMNS * (high - low)
    heights = np.interp(centres, *found.profile(along), left=0.0, right=0.0)
    steps = np.rint(16 * heights).astype(int)
    for floor in (8, 0):
        yield "".join(_BLOCKS[min(max(one - floor, 0), 8)] for one in steps)
    q05, q25, mid, q75, q95 = (
        min(max(int((along(one) - low) / (high - low) * _COLUMNS), 0), _COLUMNS - 1)
        for one in (found.q05, found.q25, found.median, found.q75, found.q95)
    )
    cells = [" "] * _COLUMNS
    cells[q05 : q95 + 1] = "─" * (q95 + 1 - q05)
    cells[q25 : q75 + 1] = "━" * (q75 + 1 - q25)
    cells[mid] = "●"
    yield "".join(cells)


def _lines(found: Beforehand) -> Iterator[tuple[str, str]]:
    yield "median", found.amount(found.median)
    yield "50 %", found.span(found.q25, found.q75)
    yield "90 %", found.span(found.q05, found.q95)
    yield "98 %", found.span(found.q01, found.q99)
    if found.below is not None and found.above is not None:
        sides = f"{percentage(found.below)} below the interval, {percentage(found.above)} above"
        yield "outside", sides
    if found.orders is not None:
        factor = brief(10**found.orders, 2)
        times = "order" if brief(found.orders, 2) == "1" else "orders"
        spans = f"{brief(found.orders, 2)} {times} of magnitude (a factor of {factor})"
        yield "spans", spans
    if found.share_beside_expert is not None:
        kept = f"{brief(100 * found.share_beside_expert, 2)} % of the weight"
        yield "keeps", f"{kept} beside one expert's figure"
