"""What a wording implies, in words and as bars of characters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from rich.text import Text

from estimates._util.format import brief, stated
from estimates.analysis.explain.wording import SOURCES, Explanation, Implied
from estimates.language.wording import Bound, Direction, Disputed
from estimates.report.text.tables import WIDTH, paragraph

_BAR = 34  # columns of the drawing
_NAME = 11


def explain_report(found: Explanation, width: int = WIDTH) -> Iterator[Text]:
    """How it was read; a bar for each basis; where the widths come from."""
    yield paragraph(f"“{found.text}”", width=width, style="bold")
    unit = f", in {found.unit}" if found.unit else ""
    yield paragraph(f"read as {found.canonical}: {found.sense}{unit}", width=width)
    yield paragraph(f"errs on the {found.scale} scale: {found.why}", width=width)
    whose = f"the conventions of {found.model}" if found.model else "the default conventions"
    yield paragraph(f"by {whose}, with {found.conventions.tails} noise", width=width)
    yield Text()
    if found.bases[0].centre is None or isinstance(found.wording, Direction):
        yield from _beliefs(found, width)
    else:
        yield from _bars(found, width)
    yield Text()
    yield from _widths(found, width)


def _beliefs(found: Explanation, width: int) -> Iterator[Text]:
    """A direction or a dispute has no figure of its own: how far the speaker is believed."""
    for one in found.bases:
        bar = "█" * round(_BAR * one.truth)
        yield Text(f"{one.basis:{_NAME}} {bar:{_BAR}} right with probability {one.truth:g}")
    if isinstance(found.wording, Disputed):
        yield paragraph("What is disputed decides the width: say it with --disputes.", width=width)


def _bars(found: Explanation, width: int) -> Iterator[Text]:
    place = _axis(found)
    bound = isinstance(found.wording, Bound | Disputed)
    shown = _distinct(found)
    for name, one in shown:
        bar = _fading(one, found, place) if bound else _interval(one, place)
        line = f"{name:{_NAME}} {bar} {_ends(found, one.q05, one.q95)}"
        if bound and one.truth < 1:
            line += f"; right: {one.truth:g}"
        yield Text(line[:width])
    if bound:
        kept = (
            "All but surely kept where the bar is solid; the numbers are where it is kept with a "
            "probability of 0.95 and 0.05, in that order for an upper bound. A bound says nothing "
            "of how far within it the value lies."
        )
        yield paragraph(kept, width=width)
    else:
        inner = "; ".join(f"{name} {_ends(found, one.q25, one.q75)}" for name, one in shown)
        yield paragraph(
            "Thick: 50 % of the probability; thin: 90 %, whose ends are the numbers.", width=width
        )
        yield paragraph(f"50 %: {inner}", width=width)


def _distinct(found: Explanation) -> list[tuple[str, Implied]]:
    """The bases that differ: what is counted or measured is the same whoever says it."""
    first, *rest = found.bases
    if rest and all(replace(one, basis=first.basis) == first for one in rest):
        return [("any basis", first)]
    return [(one.basis, one) for one in found.bases]


def _axis(found: Explanation) -> Callable[[float], int]:
    """The column of a value; evenly spaced on the scale on which the wording errs."""
    ends = [x for one in found.bases for x in (one.q05, one.q95) if x is not None]
    logs = found.scale == "log" and min(ends) > 0

    def along(value: float) -> float:
        return math.log(value) if logs else value

    low, high = along(min(ends)), along(max(ends))
    if found.percent and found.scale == "logit":
        low, high = min(low, 0.0), max(high, 1.0)

    def column(value: float) -> int:
        share = (along(value) - low) / (high - low) if high > low else 0.5
        return min(max(round(share * (_BAR - 1)), 0), _BAR - 1)

    return column


def _interval(one: Implied, place: Callable[[float], int]) -> str:
    assert one.centre is not None
    q05, q25, q75, q95 = (place(x or 0.0) for x in (one.q05, one.q25, one.q75, one.q95))
    cells = [" "] * _BAR
    cells[q05 : q95 + 1] = "─" * (q95 + 1 - q05)
    cells[q25 : q75 + 1] = "━" * (q75 + 1 - q25)
    cells[place(one.centre)] = "●"
    return "".join(cells)


def _fading(one: Implied, found: Explanation, place: Callable[[float], int]) -> str:
    """Solid where the bound is kept, fading across its edge."""
    said = found.wording
    upper = said.lower if isinstance(said, Disputed) else isinstance(said, Bound) and said.upper
    q05, q25, q75, q95 = (place(x or 0.0) for x in (one.q05, one.q25, one.q75, one.q95))
    cells = []
    for column in range(_BAR):
        passed = sum(column > edge for edge in (q05, q25, q75, q95))
        shades = "█▓▒░ "
        cells.append(shades[passed if upper else 4 - passed])
    return "".join(cells)


def _ends(found: Explanation, low: float | None, high: float | None) -> str:
    factor, sign = (100, " %") if found.percent else (1, "")
    return " to ".join(brief(factor * (end or 0.0)) for end in (low, high)) + sign


def _widths(found: Explanation, width: int) -> Iterator[Text]:
    """Where each width comes from, in quadrature."""
    if all(one.width is None and not one.parts for one in found.bases):
        yield paragraph("A count has no width of its own: its chance is binomial.", width=width)
        return
    yield paragraph("Widths, which are conventions, not findings:", width=width)
    last = None
    for one in found.bases:
        parts = " and ".join(f"{name} {brief(value)}" for name, value in one.parts.items())
        same = last is not None and (one.width, dict(one.parts)) == last
        last = (one.width, dict(one.parts))
        if same:
            continue
        total = f"{brief(one.width)} from {parts}" if one.width is not None else parts
        holds = ""
        if one.coverage and "basis / 3" not in one.parts:
            holds = f"; the range holds the value in {stated(100 * one.coverage)} %"
        yield paragraph(f"{one.basis:{_NAME}} {total}{holds}", indent=2, width=width)
    named = dict.fromkeys(SOURCES[part] for one in found.bases for part in one.parts)
    yield paragraph(f"See {', '.join(named)}.", width=width)
