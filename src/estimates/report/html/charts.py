"""The charts of the page, as Vega-Lite specifications with their data.

Two of them, `answer` and `readings`, are given their data by the page, which weighs draws anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from estimates._util.format import number
from estimates._util.records import Column
from estimates.analysis.conflict.result import Conflict
from estimates.analysis.sensitivity.result import Sensitivity, TornadoRow
from estimates.analysis.voi.result import SINGLE, FactRow, ValueOfInformation
from estimates.language.phrases import amount, option_words, question_of, spoken
from estimates.report.html.content import WEIGHTS, Gathered, anchor
from estimates.report.html.vega import (
    MAIN,
    NAMES,
    RULE,
    SECOND,
    Chart,
    Mark,
    Spec,
    along,
    answer_chart,
    chart,
    line_at,
    readings_chart,
    scale_of,
    tooltip,
)

_MOST = 14  # bars of a chart
_Y = {"field": "name", **NAMES}
_BARS = {"type": "bar", "height": 12, "color": MAIN, "opacity": 0.75, "cursor": "pointer"}


def charts(found: Gathered) -> dict[str, Chart]:
    """Return every chart that has something to show, by its place in the page."""
    drawings: dict[str, Callable[[Gathered], Chart | None]] = {"answer": answer_chart}
    if found.model.readings:
        drawings["readings"] = readings_chart
    if "sensitivity" in found.analyses:
        drawings |= {"tornado": _tornado, "without": _without, "variance": _variance}
    if "conflict" in found.analyses:
        drawings["conflict"] = _conflict
    if "voi" in found.analyses:
        drawings["voi"] = _voi
    drawn = {
        name: found.parts.make(f"the chart {name}", partial(draw, found))
        for name, draw in drawings.items()
    }
    return {name: one for name, one in drawn.items() if one is not None}


@dataclass(frozen=True, kw_only=True)
class _Span(Mark):
    """A bar of the answer from one end to the other, with what is low and high there."""

    low: Annotated[str, Column(label="its low end")]
    start: Annotated[float, Column(label="answer at its low end", key="from", form="number")]
    high: Annotated[str, Column(label="its high end")]
    end: Annotated[float, Column(label="answer at its high end", key="to", form="number")]


@dataclass(frozen=True, kw_only=True)
class _Without(Mark):
    """A bar from the answer as it is to that without a claim."""

    name: Annotated[str, Column(label="left out")]
    start: Annotated[float, Column(key="from")]
    end: Annotated[float, Column(label="median without it", key="to", form="number")]
    low: Annotated[float | None, Column(label="5 %", form="number")]
    high: Annotated[float | None, Column(label="95 %", form="number")]


@dataclass(frozen=True, kw_only=True)
class _Share(Mark):
    """A bar from nought to a share."""

    share: Annotated[float, Column(label="share", form="share")]
    se: Annotated[float | None, Column(label="Monte Carlo error", form="share")]


@dataclass(frozen=True, kw_only=True)
class _Surprise(Mark):
    """A claim, by its p."""

    name: Annotated[str, Column(label="claim")]
    p: Annotated[float, Column(label="p", form="probability")]
    against: Annotated[str, Column(label="against")]


def _bars(found: Gathered, rows: Sequence[Mark], base: float | None) -> Chart | None:
    """Return horizontal bars of the answer from `from` to `to`, with a line at the base answer."""
    if not rows:
        return None
    bars: Spec = {
        "mark": _BARS,
        "encoding": {
            "x": along(found, "from"),
            "x2": {"field": "to"},
            "y": _Y,
            "tooltip": tooltip(type(rows[0])),
        },
    }
    return chart(rows, layer=[bars] if base is None else [bars, line_at(base, RULE)])


def _tornado(found: Gathered) -> Chart | None:
    answer = found.analysis(Sensitivity)
    every = [row for row in answer.tornado if row.reading is None]
    if len(answer.readings) == 1:
        every = list(answer.tornado)  # the only reading is the mixture
    spans = [*_quantities(found, every), *_axes(every)]
    positive = scale_of(found)["type"] == "log"

    def length(span: _Span) -> float:
        low, high = sorted((span.start, span.end))
        return high / low if positive else high - low

    spans = [span for span in spans if not positive or min(span.start, span.end) > 0]
    shown = sorted(spans, key=length, reverse=True)[:_MOST]
    return _bars(found, shown, answer.base.median)


def _quantities(found: Gathered, rows: Sequence[TornadoRow]) -> Iterator[_Span]:
    for row in rows:
        if row.low is not None and row.high is not None and row.median_high:
            yield _Span(
                name=_name(found, row.quantity),
                card=anchor("quantity", row.quantity),
                start=row.median_low,
                end=row.median_high,
                low=_shown(row.low, found, row.quantity),
                high=_shown(row.high, found, row.quantity),
            )


def _axes(rows: Sequence[TornadoRow]) -> Iterator[_Span]:
    """Yield for each axis the options under which the answer is least and most."""
    axes: dict[str, list[tuple[float, str]]] = {}
    for row in rows:  # a quantity may have the name of a reading
        if row.option is not None:
            axes.setdefault(row.quantity, []).append((row.median_low, row.option))
    for axis, options in axes.items():
        if len(options) > 1:
            (least, low), *_, (most, high) = sorted(options, key=lambda one: one[0])
            name = question_of(axis)
            yield _Span(
                name=name,
                card=anchor("reading", axis),
                start=least,
                end=most,
                low=option_words(low),
                high=option_words(high),
            )


def _without(found: Gathered) -> Chart | None:
    answer = found.analysis(Sensitivity)
    base = answer.base.median
    if base is None:
        return None
    rows = [
        _Without(
            name=row.name,
            card=anchor("claim", row.name),
            start=base,
            end=row.median,
            low=row.q05,
            high=row.q95,
        )
        for row in answer.leave_one_out
        if row.without == "claim" and row.median is not None
    ]
    return _bars(found, rows[:_MOST], base)


def _shares(rows: Sequence[_Share], title: str) -> Chart | None:
    """Return bars of shares from 0 to 1, with their errors."""
    if not rows:
        return None
    x = {
        "field": "share",
        "type": "quantitative",
        "title": title,
        "axis": {"format": "%", "tickCount": 5},
        "scale": {"domainMin": 0},
    }
    return chart(rows[:_MOST], mark=_BARS, encoding={"x": x, "y": _Y, "tooltip": tooltip(_Share)})


def _variance(found: Gathered) -> Chart | None:
    answer = found.analysis(Sensitivity)
    between = [(row.part, WEIGHTS, row) for row in answer.parts("between readings")]
    axes = [
        (question_of(row.name), anchor("reading", row.name), row) for row in answer.parts("axis")
    ]
    rows = [
        _Share(name=name, card=card, share=row.share, se=row.share_se)
        for name, card, row in (*between, *axes)
    ]
    return _shares(rows, "share of the variance of the answer")


def _voi(found: Gathered) -> Chart | None:
    rows = [
        _Share(
            name=_fact(row),
            card=anchor(row.kind, row.name),
            share=max(row.share, 0.0),
            se=row.share_se,
        )
        for row in found.analysis(ValueOfInformation).facts  # those that remove most first
        if row.kind in SINGLE and row.share is not None
    ]
    return _shares(rows, "share of the answer’s variance that learning it would remove")


def _conflict(found: Gathered) -> Chart | None:
    conflict = found.analysis(Conflict)
    every = [
        _Surprise(
            name=row.claim,
            card=anchor("claim", row.claim),
            p=max(row.p, 1e-12),
            against=row.against,
        )
        for row in conflict.claims
        if row.p is not None
    ]
    rows = sorted(every, key=lambda row: row.p)[:_MOST]
    if not rows:
        return None
    x = {
        "field": "p",
        "type": "quantitative",
        "title": "p of the claim given all others (dashed: the level)",
        "scale": {"type": "log", "domain": [min(0.001, rows[0].p / 2), 1], "nice": False},
        "axis": {"format": "~g", "labelOverlap": True},
    }
    points = {"type": "point", "filled": True, "size": 80, "color": MAIN, "cursor": "pointer"}
    return chart(
        rows,
        layer=[
            line_at(conflict.level, SECOND),
            {"mark": points, "encoding": {"x": x, "y": _Y, "tooltip": tooltip(_Surprise)}},
        ],
    )


def _name(found: Gathered, name: str) -> str:
    for quantities in (found.model.quantities, found.model.relations):
        if name in quantities:
            return str(quantities[name].label or spoken(name))
    return spoken(name)


def _fact(row: FactRow) -> str:
    return question_of(row.name) if row.kind == "reading" else row.label or spoken(row.name)


def _shown(value: float, found: Gathered, name: str) -> str:
    unit = found.units_of(name)
    if str(unit) == "share":
        return f"{number(100 * value)} %"
    return amount(number(value), unit)
