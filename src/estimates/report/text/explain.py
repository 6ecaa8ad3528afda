"""What a wording implies, a row for each way in which its speaker can know, with a bar in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated

from estimates._util.format import brief, stated
from estimates._util.records import Column
from estimates.analysis.explain.wording import SOURCES, Explanation, Implied
from estimates.language.wording import Bound, Direction, Disputed, Events
from estimates.report.text.screen import Answer, Sheet

_BAR = 34  # columns of the drawing


@dataclass(frozen=True)
class _Basis:
    basis: Annotated[str, Column(first=1)]
    bar: Annotated[str, Column(label=" ", first=2)]
    ends: Annotated[str, Column(label="90 %", first=3)]
    inner: Annotated[str, Column(label="50 %")]
    right: Annotated[float | None, Column(label="right", form="stated", first=4)]
    width: Annotated[str, Column(label="width, from")]


def of_wording(found: Explanation) -> Answer:
    """Return how a wording is read, a bar for each basis, and where the widths come from."""
    unit = f", in {found.unit}" if found.unit else ""
    whose = f"the conventions of {found.model}" if found.model else "the default conventions"
    parts = dict.fromkeys(SOURCES[part] for one in found.bases for part in one.parts)
    return Answer(
        finding=(
            f"Read as {found.canonical}: {found.sense}{unit}. {_by_an_expert(found)}Its error is "
            f"measured on the {found.scale} scale: {found.why}. Widths are those of {whose}, with "
            f"{found.conventions.tails} noise; they are conventions, not findings."
        ),
        sheets=[Sheet("By how the speaker can know", list(_rows(found)))],
        state=_legend(found),
        notes=[f"See {', '.join(parts)}."] if parts else [],
    )


def _by_an_expert(found: Explanation) -> str:
    """Return what it comes to for the basis that a claim has unless it says otherwise."""
    one = next((one for one in found.bases if one.basis == "expert"), None)
    figure = not isinstance(found.wording, Bound | Disputed | Direction)
    if one is None or one.centre is None or not figure:
        return ""
    ends = _ends(found, one.q05, one.q95)
    return f"From an expert it is taken to mean {ends}, with a probability of 90 %. "


def _legend(found: Explanation) -> str:
    if found.bases[0].centre is None or isinstance(found.wording, Direction):
        disputes = isinstance(found.wording, Disputed)
        return "The disputed figure decides the width: give it with --disputes." if disputes else ""
    if isinstance(found.wording, Bound | Disputed):
        return (
            "Solid: almost surely kept. 90 %: from where it is kept with a probability of 0.95 to "
            "where with one of 0.05. How far inside the value lies, a bound does not say."
        )
    if all(one.width is None and not one.parts for one in found.bases):
        if isinstance(found.wording, Events):
            return "Only chance sets the width of a number of events (Poisson)."
        return "Only chance sets the width of a count (binomial)."
    return "Thick: 50 % of the probability; thin: 90 %."


def _rows(found: Explanation) -> Iterator[_Basis]:
    """Yield the bases that differ; a count or measurement is the same whoever reports it."""
    first, *rest = found.bases
    alike = rest and all(replace(one, basis=first.basis) == first for one in rest)
    bare = first.centre is None or isinstance(found.wording, Direction)
    bound = isinstance(found.wording, Bound | Disputed)
    place = None if bare else _axis(found)
    for one in [first] if alike else found.bases:
        if place is None:
            bar, ends, inner = "█" * round(_BAR * one.truth), "", ""
        else:
            bar = _fading(one, found, place) if bound else _interval(one, place)
            ends, inner = _ends(found, one.q05, one.q95), _ends(found, one.q25, one.q75)
        right = one.truth if place is None or one.truth < 1 else None
        yield _Basis("any basis" if alike else one.basis, bar, ends, inner, right, _width(one))


def _width(one: Implied) -> str:
    """Return the parts that make up a width, in quadrature."""
    parts = " and ".join(f"{name} {brief(value)}" for name, value in one.parts.items())
    total = f"{brief(one.width)} from {parts}" if one.width is not None else parts
    if one.coverage and "basis / 3" not in one.parts:
        total += f"; the range holds the value in {stated(100 * one.coverage)} %"
    return total


def _axis(found: Explanation) -> Callable[[float], int]:
    """Return the column of a value, evenly spaced on the scale on which the wording errs."""
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
    """Return a bar that is solid where the bound is kept, and fades across its edge."""
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
