"""A model as a picture: from the claims through quantities and relations to the target.

Every box is an artist whose gid is that of its node (`claim-ID`, `quantity-NAME`, `relation-NAME`,
`cited-ID`), so that an SVG's elements can be found and linked; a switch has `option-READING-NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path
from numpy import float64
from numpy.typing import NDArray

from estimates.language.phrases import counted, joined
from estimates.model import Model
from estimates.model.graph import Edge, Graph, Node, graph_of
from estimates.plots.parts.graph_layout import Layout, depths, lay_out
from estimates.plots.parts.page import Page
from estimates.plots.parts.panel import Panel, Strip
from estimates.plots.parts.style import (
    BLUE,
    GREEN,
    GREY,
    LINE,
    MARGIN,
    ORANGE,
    VERMILLION,
    WIDTH,
)
from estimates.plots.parts.text import Line

_BOX, _BETWEEN, _GAP = 1.5, 0.42, 0.12  # inches: a box, from column to column, between boxes
_PAD = 0.05
_MANY = 16  # claims above which each is a single line
_MOST = 12  # claims about one thing that are drawn one by one, where there are many
_FILL = {"claim": "#ffffff", "quantity": "#e6f0f7", "relation": "#ffffff", "cited": "#ffffff"}
_LINE = {"claim": GREY, "quantity": BLUE, "relation": BLUE, "cited": VERMILLION}
_SWITCH, _TARGET = "#fdf3df", "#dff1eb"


@dataclass(frozen=True, slots=True)
class _Box:
    """A node with its words set; each line has the gid of the option that it begins."""

    node: Node
    lines: tuple[tuple[Line, str], ...]

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + 2 * _PAD

    def port(self, option: str) -> float:
        """Return where an arrow into a position of the switch ends, from the middle of the box."""
        for i, (_, gid) in enumerate(self.lines):
            if option and gid.endswith(f"\0{option}"):
                return (i + 0.5) * LINE + _PAD - self.height / 2
        return 0.0


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A drawing with everything in its place; `left` has the edges of the columns."""

    edges: Sequence[tuple[Edge, str, str]]
    boxes: Mapping[str, _Box]
    column: Mapping[str, int]
    layout: Layout
    left: Sequence[float]


def model_graph(model: Model, *, ax: Axes | None = None) -> Figure:
    """Draw the model as boxes and arrows, left to right.

    Readings are drawn as switches: a relation that goes by one has a line for each option, and
    what only some options use leads to these.  Cited figures hang off what they are about, dashed,
    because they are held out.  Many claims about one thing are drawn together.
    """
    graph = _folded(graph_of(model))
    many = sum(node.kind == "claim" for node in graph.nodes) > _MANY
    boxes = {node.gid: _box(node, many) for node in graph.nodes}
    edges = [
        (edge, edge.end, edge.start) if edge.start.startswith("cited-")
        else (edge, edge.start, edge.end)
        for edge in graph.edges
    ]  # fmt: skip
    ends = [(start, end) for _, start, end in edges]
    # Claims have a column of their own, if there are any.
    claims = any(node.kind == "claim" for node in graph.nodes)
    first = {node.gid: int(claims and node.kind != "claim") for node in graph.nodes}
    column = depths(first, ends)
    tall = {gid: box.height for gid, box in boxes.items()}
    layout = lay_out(column, tall, ends, _GAP / 2 if many else _GAP)
    count = max(column.values()) + 1
    wide = count * (_BOX + _BETWEEN) - _BETWEEN
    width = max(WIDTH, wide + 2 * MARGIN)
    start = (width - 2 * MARGIN - wide) / 2
    left = [start + i * (_BOX + _BETWEEN) for i in range(count)]
    drawing = _Drawing(edges, boxes, column, layout, left)

    def draw(ax: Axes, _: NDArray[float64]) -> None:
        ax.set_xlim(0, width - 2 * MARGIN)
        for number in range(len(edges)):
            _arrow(ax, drawing, number)
        for gid in boxes:
            _draw(ax, drawing, gid)

    note = (
        "White: claims as quoted. Blue: quantities with their priors, and what follows from them. "
        "Green: what is asked for."
    )
    if model.readings:
        note += " Yellow: a switch; how the text is read chooses one of its lines."
    if model.compare:
        note += " Dashed: held out, set beside the answer and no part of it."
    panel = Panel.plain(Strip(draw), layout.height + 0.04)
    return Page(model.title or model.slug, _seen(model), [panel], [note], width=width).draw(ax)


def _folded(graph: Graph) -> Graph:
    """Return the first few of very many claims about one thing, and how many more there are."""
    claims = [node.gid for node in graph.nodes if node.kind == "claim"]
    if len(claims) <= _MANY:
        return graph
    about: dict[str, list[str]] = {}
    for edge in graph.edges:
        if edge.start.startswith("claim-"):
            about.setdefault(edge.end, []).append(edge.start)
    hidden: set[str] = set()
    more: list[Node] = []
    arrows: list[Edge] = []
    for end, starts in about.items():
        if len(starts) > _MOST:
            gid = f"claims-about-{end.split('-', 1)[1]}"
            hidden.update(starts[_MOST - 1 :])
            more.append(Node(gid, "claim", f"and {len(starts) - _MOST + 1} more", ""))
            arrows.append(Edge(gid, end))
    nodes = [node for node in graph.nodes if node.gid not in hidden]
    edges = [edge for edge in graph.edges if edge.start not in hidden]
    return Graph((*nodes, *more), (*edges, *arrows))


def _seen(model: Model) -> str:
    parts = [
        counted(len(model.claims), "claim"),
        counted(len(model.quantities), "quantity"),
        counted(len(model.relations), "relation"),
        counted(len(model.readings), "reading"),
    ]
    return f"{joined(parts)}, for {', '.join(model.targets)}."


def _box(node: Node, many: bool) -> _Box:
    inches = _BOX - 2 * _PAD
    alone = many and node.kind == "claim"
    title = Line(node.title, bold=node.kind in ("quantity", "relation"))
    lines = [(line, "") for line in title.wrapped(inches, 1 if alone else 3)]
    if not alone:
        lines += [(line, "") for line in Line(node.detail, GREY).wrapped(inches, 3)]
    for option in node.options:
        first, *rest = Line(f"◦ {option.name}: {option.text}").wrapped(inches, 3)
        gid = f"option-{option.reading}-{option.name}\0{option.name}"
        lines += [(first, gid), *((line, "") for line in rest)]
    return _Box(node, tuple(lines))


def _draw(ax: Axes, drawing: _Drawing, gid: str) -> None:
    box = drawing.boxes[gid]
    node, left = box.node, drawing.left[drawing.column[gid]]
    kind = "relation" if node.kind == "expression" else node.kind
    fill = _TARGET if node.target else _SWITCH if node.options else _FILL[kind]
    edge = GREEN if node.target else ORANGE if node.options else _LINE[kind]
    top = drawing.layout.middle[gid] - box.height / 2
    patch = FancyBboxPatch(
        (left, top), _BOX, box.height, boxstyle="round,pad=0,rounding_size=0.05",
        facecolor=fill, edgecolor=edge, linewidth=1.4 if node.target else 0.8,
        linestyle=(0, (3, 2)) if kind == "cited" else "-", clip_on=False,
    )  # fmt: skip
    patch.set_gid(gid)
    ax.add_patch(patch)
    for i, (line, option) in enumerate(box.lines):
        artist = ax.text(
            left + _PAD, top + _PAD + (i + 0.78) * LINE, line.text, size=line.size,
            color=line.colour, weight=line.weight, va="baseline", parse_math=False,
        )  # fmt: skip
        if option:
            artist.set_gid(option.split("\0")[0])


def _arrow(ax: Axes, drawing: _Drawing, number: int) -> None:
    """Draw a curve from the right of a box to the left of another, past those between."""
    edge, start, end = drawing.edges[number]
    column, left, middle = drawing.column, drawing.left, drawing.layout.middle
    points = [(left[column[start]] + _BOX, middle[start])]
    for at, height in drawing.layout.paths[number]:
        points += [(left[at], height), (left[at] + _BOX, height)]
    points.append((left[column[end]], middle[end] + drawing.boxes[end].port(edge.option)))
    vertices, codes = [points[0]], [Path.MOVETO]
    for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        if i % 2:  # along a column
            vertices.append((x1, y1))
            codes.append(Path.LINETO)
        else:
            bend = (x1 - x0) / 2
            vertices += [(x0 + bend, y0), (x1 - bend, y1), (x1, y1)]
            codes += [Path.CURVE4] * 3
    held_out = edge.start.startswith("cited-")
    colour = VERMILLION if held_out else ORANGE if edge.option else GREY
    patch = PathPatch(
        Path(vertices, codes), facecolor="none", edgecolor=colour, linewidth=0.8,
        linestyle=(0, (3, 2)) if held_out else "-", zorder=0.5, clip_on=False,
    )  # fmt: skip
    patch.set_gid(f"edge-{edge.start}-{edge.end}{f'-{edge.option}' if edge.option else ''}")
    ax.add_patch(patch)
    if not held_out:
        x, y = points[-1]
        ax.plot([x - 0.025], [y], ">", color=colour, markersize=3, zorder=0.6, clip_on=False)
