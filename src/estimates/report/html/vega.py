"""What the charts of the page have in common, and the two that the page itself gives data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from estimates._util.format import NONE, number
from estimates._util.records import Column, Field, fields_of, plain
from estimates.language.phrases import capitalised, unit_words
from estimates.report.html.content import Gathered

type Spec = dict[str, Any]
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_MOST_READINGS = 40
_BAR = 26  # pixels that a bar takes
#: Noughts up to a million, then M and G, as an axis in millions must not speak of "1k"; an empty
#: label is one for which a log axis has no room.
_LABELS = "datum.label && abs(datum.value) < 1e6 ? format(datum.value, ',~r') : datum.label"
#: Colours have these names in the page, which knows whether it is light or dark.
MAIN, SECOND, BAND, EDGE, RULE = "main", "second", "band", "edge", "rule"


_FORMATS = {"number": ".3s", "share": ".3f", "probability": ".3g"}
#: The names of rows, each whole, from the top.
NAMES: Spec = {"type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 260}}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A row of a chart, with the columns that a tooltip and a table show."""

    name: Annotated[str, Column(label="what")]
    card: str


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite specification, and its rows where it has any of its own."""

    spec: Spec
    rows: Sequence[Mark] = ()

    @property
    def columns(self) -> list[str]:
        """The headings of what each row tells."""
        return [field.column.label for field in _told(type(self.rows[0]))] if self.rows else []

    @property
    def table(self) -> list[tuple[str, list[str]]]:
        """Each row's card and what it tells, for those who read it."""
        return [
            (row.card, [_cell(getattr(row, field.name), field) for field in _told(type(row))])
            for row in self.rows
        ]


def tooltip(mark: type[Mark]) -> list[Spec]:
    """Return what is shown where one points at a row."""
    return [
        {"field": field.key, "title": field.column.label}
        | ({"format": _FORMATS[field.column.form]} if field.column.form else {})
        for field in _told(mark)
    ]


def _told(mark: type[Mark]) -> list[Field]:
    return [field for field in fields_of(mark) if field.column.label]


def _cell(value: float | str | None, field: Field) -> str:
    if isinstance(value, str) or value is None:
        return value or NONE
    return f"{value:.3f}" if field.column.form == "share" else number(value)


def _axis(found: Gathered) -> str:
    label = capitalised(found.label)
    words = unit_words(found.unit)
    return f"{label} ({words})" if words else label


def scale_of(found: Gathered) -> Spec:
    """Return the scale of the answer: logarithmic where it is positive and no share."""
    reach = found.model.support_of(found.target)
    if reach.low >= 0 and reach.high > 1:
        return {"type": "log", "nice": False}
    return {"type": "linear", "nice": False, "zero": False}


def along(found: Gathered, field: str, **more: Any) -> Spec:
    """Return the encoding of the answer along the axis."""
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


def chart(rows: Sequence[Mark] = (), **parts: Any) -> Chart:
    """Return a chart as wide as its place, and as high as its rows need."""
    if rows:
        told = [(field.key, field.column.label) for field in _told(type(rows[0]))]
        parts["usermeta"] = _file(told)
        parts |= {"height": _BAR * len(rows), "data": {"values": [plain(row) for row in rows]}}
    whole = {"$schema": _SCHEMA, "width": "container", "autosize": {"type": "fit-x"}}
    return Chart(whole | parts, rows)


def _file(columns: Sequence[tuple[str, str]], of: str = "") -> Spec:
    """Return what stands in the chart's file of numbers: keys of its rows and their heads.

    Parameters
    ----------
    of : the name of the data, where the page gives them
    """
    return {"columns": [list(column) for column in columns], "of": of}


def line_at(value: float, colour: str) -> Spec:
    """Return a dashed line across the rows."""
    return {
        "data": {"values": [{"at": value}]},
        "mark": {"type": "rule", "color": colour, "strokeDash": [4, 3]},
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }


def _band() -> list[Spec]:
    """Return the range that is compared with, its edges and what it is called."""
    return [
        {
            "data": {"name": "range"},
            "mark": {"type": "rect", "opacity": 0.28, "fill": BAND, "clip": True},
            "encoding": {"x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
        },
        {
            "data": {"name": "edges"},
            "mark": {"type": "rule", "color": EDGE, "strokeDash": [4, 3]},
            "encoding": {"x": {"field": "at", "type": "quantitative"}},
        },
        {
            "data": {"name": "range"},
            "mark": {"type": "text", "color": EDGE, "fontSize": 12, "baseline": "bottom"},
            "encoding": {
                "x": {"field": "middle", "type": "quantitative"},
                "y": {"value": -4},
                "text": {"field": "words"},
            },
        },
    ]


def answer_chart(found: Gathered) -> Chart:
    """Return the density of the answer, as supposed and as it is."""
    height = {"field": "height", "type": "quantitative", "axis": None}
    columns = [("which", "which"), ("x", _axis(found)), ("height", "density")]
    return chart(
        usermeta=_file(columns, "density"),
        height=210,
        layer=[
            *_band(),
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


def readings_chart(found: Gathered) -> Chart:
    """Return the chart of median and interval by reading; the page gives the rows."""
    y = {"field": "reading", **NAMES}
    told = [
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
    columns = [(name, name) for name in ("reading", "weight")]
    columns += [("median", f"median of {_axis(found)}"), ("q05", "5 %"), ("q95", "95 %")]
    return chart(
        usermeta=_file(columns, "rows"),
        height=22 * min(_MOST_READINGS, len(found.summary.readings)),
        layer=[
            *_band(),
            {
                "data": {"name": "rows"},
                "mark": {"type": "rule", "strokeWidth": 2, "color": MAIN, "clip": True},
                "encoding": {
                    "x": along(found, "q05"),
                    "x2": {"field": "q95"},
                    "y": y,
                    "opacity": opacity,
                    "tooltip": told,
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
                    "tooltip": told,
                },
            },
        ],
    )
