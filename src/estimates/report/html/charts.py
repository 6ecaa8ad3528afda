"""The charts of the page, as Vega-Lite specifications with their data.

Two of them, `answer` and `readings`, are given their data by the page, which weighs draws anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from estimates._util.format import number
from estimates.analysis.conflict.result import Conflict
from estimates.analysis.sensitivity.result import Sensitivity, TornadoRow
from estimates.analysis.voi.result import SINGLE, FactRow, ValueOfInformation
from estimates.language.phrases import amount, spoken
from estimates.report.html.content import WEIGHTS, Gathered, anchor
from estimates.report.html.vega import (
    MAIN,
    RULE,
    SECOND,
    Spec,
    along,
    answer_chart,
    readings_chart,
    scale_of,
    spec,
)

_MOST = 14  # bars of a chart
_BAR = 26  # pixels that a bar takes
_BARS = {"type": "bar", "height": 12, "color": MAIN, "opacity": 0.75, "cursor": "pointer"}


def charts(found: Gathered) -> dict[str, Spec]:
    """Every chart that there is something to draw of, by its place in the page."""
    drawings: dict[str, Callable[[Gathered], Spec | None]] = {"answer": answer_chart}
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
    return {name: chart for name, chart in drawn.items() if chart is not None}


def _bars(
    found: Gathered,
    rows: Sequence[Mapping[str, Any]],
    base: float | None,
    tooltip: Sequence[Spec],
) -> Spec | None:
    """Horizontal bars of the answer from `from` to `to`, the base answer as a line."""
    if not rows:
        return None
    y = {"field": "name", "type": "nominal", "sort": None, "title": None,
         "axis": {"labelLimit": 260}}  # fmt: skip
    layers: list[Spec] = [
        {
            "mark": _BARS,
            "encoding": {
                "x": along(found, "from"),
                "x2": {"field": "to"},
                "y": y,
                "tooltip": list(tooltip),
            },
        }
    ]
    if base is not None:
        layers.append(
            {
                "data": {"values": [{"base": base}]},
                "mark": {"type": "rule", "color": RULE, "strokeDash": [4, 3]},
                "encoding": {"x": {"field": "base", "type": "quantitative"}},
            }
        )
    return spec(height=_BAR * len(rows), data={"values": list(rows)}, layer=layers)


class _Span(NamedTuple):
    """A bar of the answer from one end to the other, and what is low and high there."""

    name: str
    card: str
    start: float
    end: float
    low: str | float | None
    high: str | float | None

    @property
    def values(self) -> Spec:
        """As the chart reads them."""
        ends = {"from": self.start, "to": self.end}
        return {"name": self.name, "card": self.card, **ends, "low": self.low, "high": self.high}


def _tornado(found: Gathered) -> Spec | None:
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
    tooltip = [
        {"field": "name", "title": "what"},
        {"field": "low", "title": "at its low end"},
        {"field": "from", "format": ".3s", "title": "answer there"},
        {"field": "high", "title": "at its high end"},
        {"field": "to", "format": ".3s", "title": "answer there"},
    ]
    return _bars(found, [span.values for span in shown], answer.base.median, tooltip)


def _quantities(found: Gathered, rows: Sequence[TornadoRow]) -> Iterator[_Span]:
    for row in rows:
        if row.low is not None and row.high is not None and row.median_high:
            yield _Span(
                _name(found, row.quantity),
                anchor("quantity", row.quantity),
                row.median_low,
                row.median_high,
                _shown(row.low, found, row.quantity),
                _shown(row.high, found, row.quantity),
            )


def _axes(rows: Sequence[TornadoRow]) -> Iterator[_Span]:
    """From the option under which the answer is least to that under which it is most."""
    axes: dict[str, list[tuple[float, str]]] = {}
    for row in rows:  # a quantity may have the name of a reading
        if row.option is not None:
            axes.setdefault(row.quantity, []).append((row.median_low, row.option))
    for axis, options in axes.items():
        if len(options) > 1:
            (least, low), *_, (most, high) = sorted(options, key=lambda one: one[0])
            name = f"reading: {spoken(axis)}"
            yield _Span(name, anchor("reading", axis), least, most, spoken(low), spoken(high))


def _without(found: Gathered) -> Spec | None:
    answer = found.analysis(Sensitivity)
    base = answer.base.median
    if base is None:
        return None
    rows = [
        _Span(row.name, anchor("claim", row.name), base, row.median, row.q05, row.q95).values
        for row in answer.leave_one_out
        if row.without == "claim" and row.median is not None
    ]
    tooltip = [
        {"field": "name", "title": "left out"},
        {"field": "to", "format": ".3s", "title": "median without it"},
        {"field": "low", "format": ".3s", "title": "5 %"},
        {"field": "high", "format": ".3s", "title": "95 %"},
    ]
    return _bars(found, rows[:_MOST], base, tooltip)


def _shares(rows: Sequence[Mapping[str, Any]], title: str) -> Spec | None:
    """Bars of shares from 0 to 1, with their errors."""
    if not rows:
        return None
    y = {"field": "name", "type": "nominal", "sort": None, "title": None,
         "axis": {"labelLimit": 260}}  # fmt: skip
    tooltip = [
        {"field": "name", "title": "what"},
        {"field": "share", "format": ".3f"},
        {"field": "se", "format": ".3f", "title": "Monte Carlo error"},
    ]
    return spec(
        height=_BAR * len(rows),
        data={"values": list(rows)},
        mark=_BARS,
        encoding={
            "x": {
                "field": "share",
                "type": "quantitative",
                "title": title,
                "axis": {"format": "%", "tickCount": 5},
                "scale": {"domainMin": 0},
            },
            "y": y,
            "tooltip": tooltip,
        },
    )


def _variance(found: Gathered) -> Spec | None:
    answer = found.analysis(Sensitivity)
    rows = [
        {"name": row.part, "card": WEIGHTS, "share": row.share, "se": row.share_se}
        for row in answer.parts("between readings")
    ]
    rows += [
        {
            "name": f"reading: {spoken(row.name)}",
            "card": anchor("reading", row.name),
            "share": row.share,
            "se": row.share_se,
        }
        for row in answer.parts("axis")
    ]
    return _shares(rows[:_MOST], "share of the variance of the answer")


def _voi(found: Gathered) -> Spec | None:
    facts = found.analysis(ValueOfInformation).facts  # those that remove most first
    rows = [
        {
            "name": _fact(row),
            "card": anchor(row.kind, row.name),
            "share": max(row.share, 0.0),
            "se": row.share_se,
        }
        for row in facts
        if row.kind in SINGLE and row.share is not None
    ]
    return _shares(rows[:_MOST], "share of the answer’s variance that learning it would remove")


def _conflict(found: Gathered) -> Spec | None:
    conflict = found.analysis(Conflict)
    told = sorted(
        ((max(row.p, 1e-12), row) for row in conflict.claims if row.p is not None),
        key=lambda one: one[0],
    )[:_MOST]
    if not told:
        return None
    rows = [
        {
            "name": row.claim,
            "card": anchor("claim", row.claim),
            "p": p,
            "lies": row.lies or "",
            "against": row.against,
        }
        for p, row in told
    ]
    y = {"field": "name", "type": "nominal", "sort": None, "title": None,
         "axis": {"labelLimit": 260}}  # fmt: skip
    floor = min(0.001, told[0][0] / 2)
    return spec(
        height=_BAR * len(rows),
        data={"values": rows},
        layer=[
            {
                "data": {"values": [{"level": conflict.level}]},
                "mark": {"type": "rule", "color": SECOND, "strokeDash": [4, 3]},
                "encoding": {"x": {"field": "level", "type": "quantitative"}},
            },
            {
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 80,
                    "color": MAIN,
                    "cursor": "pointer",
                },
                "encoding": {
                    "x": {
                        "field": "p",
                        "type": "quantitative",
                        "title": "p of the claim given all others (dashed: the level)",
                        "scale": {"type": "log", "domain": [floor, 1], "nice": False},
                        "axis": {"format": "~g", "labelOverlap": True},
                    },
                    "y": y,
                    "tooltip": [
                        {"field": "name", "title": "claim"},
                        {"field": "p", "format": ".3g"},
                        {"field": "against"},
                    ],
                },
            },
        ],
    )


def _name(found: Gathered, name: str) -> str:
    for quantities in (found.model.quantities, found.model.relations):
        if name in quantities:
            return str(quantities[name].label or spoken(name))
    return spoken(name)


def _fact(row: FactRow) -> str:
    return (
        f"reading: {spoken(row.name)}" if row.kind == "reading" else row.label or spoken(row.name)
    )


def _shown(value: float, found: Gathered, name: str) -> str:
    unit = found.units_of(name)
    if str(unit) == "share":
        return f"{number(100 * value)} %"
    return amount(number(value), unit)
