"""What the charts of the page have in common, and the two that the page itself gives data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from estimates._util.format import NONE, number
from estimates.language.phrases import capitalised, unit_words
from estimates.report.html.content import Gathered

type Spec = dict[str, Any]
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_MOST_READINGS = 40
#: Noughts up to a million, then M and G, as an axis in millions must not speak of "1k"; an empty
#: label is one for which a log axis has no room.
_LABELS = "datum.label && abs(datum.value) < 1e6 ? format(datum.value, ',~r') : datum.label"
#: Colours have these names in the page, which knows whether it is light or dark.
MAIN, SECOND, BAND, RULE = "main", "second", "band", "rule"


@dataclass(frozen=True)
class Table:
    """What a chart shows, to be read: for those who do not see it, and to follow its numbers.

    Attributes
    ----------
    columns : their headings
    rows : of each the card that it leads to, and its cells
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def table_of(chart: Spec) -> Table | None:
    """A chart's own rows with the columns that its tooltip has; None where the page gives them."""
    rows: Sequence[Mapping[str, Any]] = chart.get("data", {}).get("values", ())
    layers = chart.get("layer", (chart,))
    shown = next((one for one in (x["encoding"].get("tooltip") for x in layers) if one), None)
    if not rows or shown is None:
        return None
    columns = tuple(column.get("title", column["field"]) for column in shown)
    cells = [(row["card"], tuple(_cell(row[one["field"]], one) for one in shown)) for row in rows]
    return Table(columns, tuple(cells))


def _cell(value: float | str | None, column: Spec) -> str:
    if isinstance(value, str) or value is None:
        return value or NONE
    return f"{value:.3f}" if column.get("format") == ".3f" else number(value)


def _axis(found: Gathered) -> str:
    label = capitalised(found.label)
    words = unit_words(found.unit)
    return f"{label} ({words})" if words else label


def scale_of(found: Gathered) -> Spec:
    """The scale of the answer: logarithmic where it is positive and no share."""
    reach = found.model.support_of(found.target)
    if reach.low >= 0 and reach.high > 1:
        return {"type": "log", "nice": False}
    return {"type": "linear", "nice": False, "zero": False}


def along(found: Gathered, field: str, **more: Any) -> Spec:
    """The answer along the axis."""
    return {
        "field": field,
        "type": "quantitative",
        "scale": scale_of(found),
        "title": _axis(found),
        "axis": {
            "format": "~s",
            "labelExpr": _LABELS,
            "labelOverlap": True,
            "grid": True,
            "tickCount": 6,
        },
        **more,
    }


def spec(**parts: Any) -> Spec:
    """A chart as wide as its place."""
    return {"$schema": _SCHEMA, "width": "container", "autosize": {"type": "fit-x"}, **parts}


def _band() -> Spec:
    """The range that is compared with, behind everything."""
    return {
        "data": {"name": "range"},
        "mark": {"type": "rect", "opacity": 0.28, "fill": BAND, "clip": True},
        "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
    }


def answer_chart(found: Gathered) -> Spec:
    """The density of the answer, as supposed and as it is."""
    height = {"field": "height", "type": "quantitative", "axis": None}
    return spec(
        height=210,
        layer=[
            _band(),
            {
                "data": {"name": "density"},
                "transform": [{"filter": "datum.which === 'as supposed'"}],
                "mark": {"type": "area", "opacity": 0.55, "color": MAIN, "clip": True},
                "encoding": {
                    "x": along(found, "x"),
                    "y": height,
                    "tooltip": [{"field": "x", "format": ".3s", "title": found.label}],
                },
            },
            {
                "data": {"name": "density"},
                "transform": [{"filter": "datum.which === 'as it is'"}],
                "mark": {"type": "line", "color": RULE, "strokeWidth": 1.5, "clip": True},
                "encoding": {"x": along(found, "x"), "y": height},
            },
            {
                "data": {"name": "interval"},
                "mark": {"type": "rule", "color": MAIN, "strokeWidth": 3, "clip": True},
                "encoding": {
                    "x": {"field": "q05", "type": "quantitative"},
                    "x2": {"field": "q95"},
                    "y": {"value": 206},
                },
            },
            {
                "data": {"name": "interval"},
                "mark": {"type": "point", "filled": True, "size": 90, "color": MAIN, "clip": True},
                "encoding": {
                    "x": {"field": "median", "type": "quantitative"},
                    "y": {"value": 206},
                    "tooltip": [
                        {"field": "median", "format": ".3s", "title": "median"},
                        {"field": "q05", "format": ".3s", "title": "5 %"},
                        {"field": "q95", "format": ".3s", "title": "95 %"},
                    ],
                },
            },
        ],
    )


def readings_chart(found: Gathered) -> Spec:
    """Median and 90 % interval under each reading; the page gives the rows."""
    y = {
        "field": "reading",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {"labelLimit": 260},
    }
    tooltip = [
        {"field": "reading", "title": "reading"},
        {"field": "weight", "format": ".2f", "title": "weight"},
        {"field": "median", "format": ".3s"},
        {"field": "q05", "format": ".3s", "title": "5 %"},
        {"field": "q95", "format": ".3s", "title": "95 %"},
    ]
    opacity = {
        "field": "weight",
        "type": "quantitative",
        "scale": {"range": [0.25, 1], "type": "sqrt"},
        "legend": None,
    }
    return spec(
        height=22 * min(_MOST_READINGS, len(found.summary.readings)),
        layer=[
            _band(),
            {
                "data": {"name": "rows"},
                "mark": {"type": "rule", "strokeWidth": 2, "color": MAIN, "clip": True},
                "encoding": {
                    "x": along(found, "q05"),
                    "x2": {"field": "q95"},
                    "y": y,
                    "opacity": opacity,
                    "tooltip": tooltip,
                },
            },
            {
                "data": {"name": "rows"},
                "mark": {"type": "point", "filled": True, "color": MAIN, "clip": True},
                "encoding": {
                    "x": along(found, "median"),
                    "y": y,
                    "size": {
                        "field": "weight",
                        "type": "quantitative",
                        "scale": {"range": [20, 190]},
                        "legend": None,
                    },
                    "opacity": opacity,
                    "tooltip": tooltip,
                },
            },
        ],
    )
