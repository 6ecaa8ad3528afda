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

from estimates.language.phrases import capitalised, counted, joined
from estimates.model import Model
from estimates.model.graph import Edge, Graph, Node, graph_of
from estimates.model.panel.lookup import words_for
from estimates.plots.parts.captions import key_note
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
_MOST, _IN_ALL = 12, 60  # claims drawn one by one about one thing, and in all, where there are many
_ACROSS = 6  # columns side by side; more go on below, as lines of a text do
_LANE = 0.07  # inches between arrows from one line of columns to the next
_FILL = {"claim": "#ffffff", "quantity": "#e6f0f7", "relation": "#ffffff", "cited": "#ffffff"}
_LINE = {"claim": GREY, "quantity": BLUE, "relation": BLUE, "cited": VERMILLION}
_SWITCH, _TARGET = "#fdf3df", "#dff1eb"


type _Point = tuple[float, float]


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
    """A drawing with everything in its place.

    Attributes
    ----------
    left : of each column the left edge
    down : of each column how far its boxes are moved down from where the layout has them
    tops : of each line of columns where it begins
    across : columns of a line
    margin : inches beside them, and half of those between two lines
    """

    edges: Sequence[tuple[Edge, str, str]]
    boxes: Mapping[str, _Box]
    column: Mapping[str, int]
    layout: Layout
    left: Sequence[float]
    down: Sequence[float]
    tops: Sequence[float]
    across: int
    margin: float

    def middle(self, gid: str) -> float:
        """Return the middle of a box, in inches from the top."""
        return self.layout.middle[gid] + self.down[self.column[gid]]


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
    if max(column.values()) >= _ACROSS:  # else their arrows would go through every line
        column |= {s: column[e] - 1 for s, e in ends if boxes[s].node.kind == "claim"}
    tall = {gid: box.height for gid, box in boxes.items()}
    layout = lay_out(column, tall, ends, _GAP / 2 if many else _GAP)
    count = max(column.values()) + 1
    lines = -(-count // _ACROSS)
    across = -(-count // lines)
    margin = _margin(edges, column, across)
    wide = across * (_BOX + _BETWEEN) - _BETWEEN
    width = max(WIDTH, wide + 2 * (MARGIN + margin))
    start = (width - 2 * MARGIN - wide) / 2
    left = [start + i % across * (_BOX + _BETWEEN) for i in range(count)]
    down, tops, height = _stacked(column, boxes, layout, across, margin)
    drawing = _Drawing(edges, boxes, column, layout, left, down, tops, across, margin)

    def draw(ax: Axes, _: NDArray[float64]) -> None:
        ax.set_xlim(0, width - 2 * MARGIN)
        for number in range(len(edges)):
            _arrow(ax, drawing, number)
        for gid in boxes:
            _draw(ax, drawing, gid)

    note = _key(graph)
    panel = Panel.plain(Strip(draw), height + 0.04)
    return Page(model.title or model.slug, _seen(model), [panel], [note], width=width).draw(ax)


def _margin(
    edges: Sequence[tuple[Edge, str, str]], column: Mapping[str, int], across: int
) -> float:
    """Return the inches that arrows from one line of columns to the next take beside them."""
    crossing = [
        sum(column[start] // across <= line < column[end] // across for _, start, end in edges)
        for line in range(max(column.values()) // across)
    ]
    return _LANE * (max(crossing) + 1) if crossing else 0.0


def _stacked(
    column: Mapping[str, int], boxes: Mapping[str, _Box], layout: Layout, across: int, gutter: float
) -> tuple[list[float], list[float], float]:
    """Return how far down each column is moved, so that lines of columns stand in order.

    That by column, where each line begins, and the height of the whole.
    """
    down, tops, y = list[float](), list[float](), 0.0
    for line in range(max(column.values()) // across + 1):
        ends = [
            (middle - boxes[gid].height / 2, middle + boxes[gid].height / 2)
            for gid, middle in layout.middle.items()
            if column[gid] // across == line
        ]
        ends += [(at, at) for path in layout.paths for c, at in path if c // across == line]
        top = min(end[0] for end in ends)
        down += [y - top] * across
        tops.append(y)
        y += max(end[1] for end in ends) - top + 2 * gutter
    return down, tops, y - 2 * gutter


def _key(graph: Graph) -> str:
    kinds = {node.kind for node in graph.nodes}
    others = [node for node in graph.nodes if not node.target]
    plain = {node.kind for node in others if not node.options}
    blue = [
        ("filled blue: quantities with their priors", "quantity" in plain),
        ("edged blue: what follows from them", bool(plain & {"relation", "expression"})),
    ]
    said = "; ".join(words for words, there in blue if there)
    return key_note(
        [
            ("White, edged grey: claims as quoted.", "claim" in kinds),
            (f"{capitalised(said)}.", bool(said)),
            ("Green: what is asked for.", any(node.target for node in graph.nodes)),
            (
                "Yellow: a switch; how the text is read chooses one of its lines.",
                any(node.options for node in others),
            ),
            ("Dashed: held out, set beside the answer and no part of it.", "cited" in kinds),
        ]
    )


def _folded(graph: Graph) -> Graph:
    """Return the first few of very many claims about one thing, and how many more there are."""
    claims = [node.gid for node in graph.nodes if node.kind == "claim"]
    if len(claims) <= _MANY:
        return graph
    about: dict[str, list[str]] = {}
    for edge in graph.edges:
        if edge.start.startswith("claim-"):
            about.setdefault(edge.end, []).append(edge.start)
    most = min(_MOST, max(1, _IN_ALL // len(about)))
    hidden: set[str] = set()
    more: list[Node] = []
    arrows: list[Edge] = []
    for end, starts in about.items():
        if len(starts) > most:
            gid = f"claims-about-{end.split('-', 1)[1]}"
            hidden.update(starts[most - 1 :])
            rest = len(starts) - most + 1
            title = f"and {rest} more" if most > 1 else f"{rest} claims"
            more.append(Node(gid, "claim", title, ""))
            arrows.append(Edge(gid, end))
    nodes = [node for node in graph.nodes if node.gid not in hidden]
    edges = [edge for edge in graph.edges if edge.start not in hidden]
    return Graph((*nodes, *more), (*edges, *arrows))


def _seen(model: Model) -> str:
    panel = bool(model.panel)
    declared = model.parts if panel else model
    quantities = len(declared.quantities) + len(model.parts.panels)
    counts = {
        "claim": len(model.claims),
        "quantity": quantities,
        "relation": len(declared.relations),
        "reading": len(model.readings),
    }
    targets = [grid.name for grid in model.panel.targets] if panel else model.targets
    asked = joined(words_for(model, name) for name in targets)
    return f"{joined(counted(n, what) for what, n in counts.items() if n)}, for {asked}."


def _box(node: Node, many: bool) -> _Box:
    inches = _BOX - 2 * _PAD
    alone = many and node.kind == "claim"
    title = Line(node.title, bold=node.kind in ("quantity", "relation"))
    lines = [(line, "") for line in title.wrapped(inches, 1 if alone else 3)]
    if not alone:
        lines += [(line, "") for line in Line(node.detail, GREY).wrapped(inches, 3)]
    for option in node.options:
        first, *rest = Line(f"◦ {option.title}: {option.text}").wrapped(inches, 3)
        gid = f"option-{option.reading}-{option.name}\0{option.name}"
        lines += [(first, gid), *((line, "") for line in rest)]
    return _Box(node, tuple(lines))


def _draw(ax: Axes, drawing: _Drawing, gid: str) -> None:
    box = drawing.boxes[gid]
    node, left = box.node, drawing.left[drawing.column[gid]]
    kind = "relation" if node.kind == "expression" else node.kind
    fill = _TARGET if node.target else _SWITCH if node.options else _FILL[kind]
    edge = GREEN if node.target else ORANGE if node.options else _LINE[kind]
    top = drawing.middle(gid) - box.height / 2
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
    left, passed = drawing.left, [at for at, _ in drawing.layout.paths[number]]
    columns = [drawing.column[start], *passed, drawing.column[end]]
    points = [(left[columns[0]] + _BOX, drawing.middle(start))]
    for at, height in drawing.layout.paths[number]:
        y = height + drawing.down[at]
        points += [(left[at], y), (left[at] + _BOX, y)]
    points.append((left[columns[-1]], drawing.middle(end) + drawing.boxes[end].port(edge.option)))
    vertices, codes = [points[0]], [Path.MOVETO]
    for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        if i % 2:  # along a column
            vertices.append((x1, y1))
            codes.append(Path.LINETO)
        elif columns[i // 2] // drawing.across < columns[i // 2 + 1] // drawing.across:
            vertices += _around(drawing, number, columns[i // 2 + 1], ((x0, y0), (x1, y1)))
            codes += [Path.LINETO] * 5
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


def _around(
    drawing: _Drawing, number: int, column: int, ends: tuple[_Point, _Point]
) -> list[_Point]:
    """Return the way from the end of a line of columns to the beginning of the next.

    Each arrow has a lane of its own, so that none lies on another.
    """
    (x0, y0), (x1, y1) = ends
    line = column // drawing.across
    crossing = [
        i for i, (_, start, end) in enumerate(drawing.edges)
        if drawing.column[start] // drawing.across < line <= drawing.column[end] // drawing.across
    ]  # fmt: skip
    lane = _LANE * (1 + crossing.index(number))
    between = drawing.tops[line] - 2 * drawing.margin + lane
    right, far = x0 + lane, x1 - drawing.margin - _LANE + lane
    return [(right, y0), (right, between), (far, between), (far, y1), (x1, y1)]
