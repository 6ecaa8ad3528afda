"""A model as a picture: from the claims through quantities and relations to the target.

Every box is an artist whose gid is that of its node (`claim-ID`, `quantity-NAME`, `relation-NAME`,
`cited-ID`), so that an SVG's elements can be found and linked; a switch has `option-READING-NAME`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from estimates.language.phrases import counted, joined
from estimates.model import Model
from estimates.model.graph import Edge, Graph, Node, graph_of
from estimates.plots.parts.graph_layout import Layout, lay_out
from estimates.plots.parts.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LINE,
    MARGIN,
    ORANGE,
    SMALL,
    VERMILLION,
    WIDTH,
    Footing,
    Heading,
    Sheet,
    house_style,
    shortened,
    wrap,
)

_BOX, _BETWEEN, _GAP = 1.5, 0.42, 0.12  # inches: a box, from column to column, between boxes
_PAD = 0.05
_MANY = 16  # claims above which each is a single line
_MOST = 12  # claims about one thing that are drawn one by one, where there are many
_FILL = {"claim": "#ffffff", "quantity": "#e6f0f7", "relation": "#ffffff", "cited": "#ffffff"}
_LINE = {"claim": GREY, "quantity": BLUE, "relation": BLUE, "cited": VERMILLION}
_SWITCH, _TARGET = "#fdf3df", "#dff1eb"


@dataclass(frozen=True, slots=True)
class _Box:
    """A node with its lines set: (text, bold, colour, gid of a switch's position)."""

    node: Node
    lines: tuple[tuple[str, bool, str, str], ...]

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + 2 * _PAD

    def port(self, option: str) -> float:
        """Where an arrow into a position of the switch ends, from the middle of the box."""
        for i, (_, _, _, gid) in enumerate(self.lines):
            if option and gid.endswith(f"\0{option}"):
                return (i + 0.5) * LINE + _PAD - self.height / 2
        return 0.0


def model_graph(model: Model) -> Figure:
    """The model as boxes and arrows, left to right.

    Readings are drawn as switches: a relation that goes by one has a line for each option, and
    what only some options use leads to these.  Cited figures hang off what they are about, dashed,
    because they are held out.  Many claims about one thing are drawn together.
    """
    graph = _folded(graph_of(model))
    with house_style():
        many = sum(node.kind == "claim" for node in graph.nodes) > _MANY
        boxes = {node.gid: _box(node, many) for node in graph.nodes}
        layout, ends = _laid_out(graph, boxes, _GAP / 2 if many else _GAP)
        wide = (max(layout.column.values()) + 1) * (_BOX + _BETWEEN) - _BETWEEN + 2 * MARGIN
        width = max(WIDTH, wide)
        heading = Heading(model.title or model.slug, _seen(model), width)
        footing = Footing(
            "White: claims as quoted. Blue: quantities with their priors, and what follows from "
            "them. Green: what is asked for."
            + (" Yellow: a switch; how the text is read chooses one of its lines."
               if model.readings else "")
            + (" Dashed: held out, set beside the answer and no part of it."
               if model.compare else ""),
            width=width,
        )  # fmt: skip
        sheet = Sheet(heading.height + layout.height + 0.1 + footing.height, width)
        heading.draw(sheet)
        footing.draw(sheet)
        ax = sheet.axes(0, heading.height, width, layout.height + 0.1)
        ax.set_xlim(0, width)
        ax.set_ylim(layout.height + 0.05, -0.05)
        ax.axis("off")
        left = [
            (width - wide) / 2 + MARGIN + i * (_BOX + _BETWEEN)
            for i in range(max(layout.column.values()) + 1)
        ]
        for edge, (start, end), path in zip(graph.edges, ends, layout.paths, strict=True):
            _arrow(ax, edge, start, end, path, boxes, layout, left)
        for gid, box in boxes.items():
            _draw(ax, box, left[layout.column[gid]], layout.middle[gid])
        return sheet.figure


def _folded(graph: Graph) -> Graph:
    """Of very many claims about one thing, the first few, and how many more there are."""
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
    bold = node.kind in ("quantity", "relation")
    most = 1 if many and node.kind == "claim" else 3
    lines = [
        (text, bold, INK, "")
        for text in shortened(wrap(node.title, inches, SMALL, "bold" if bold else "normal"), most)
    ]
    if node.detail and not (many and node.kind == "claim"):
        lines += [(text, False, GREY, "") for text in shortened(wrap(node.detail, inches), 3)]
    for option in node.options:
        gid = f"option-{option.reading}-{option.name}\0{option.name}"
        first, *rest = shortened(wrap(f"◦ {option.name}: {option.text}", inches), 3)
        lines += [(first, False, INK, gid), *((text, False, INK, "") for text in rest)]
    return _Box(node, tuple(lines))


def _laid_out(
    graph: Graph, boxes: Mapping[str, _Box], gap: float
) -> tuple[Layout, list[tuple[str, str]]]:
    """Columns by the longest way from a claim or quantity; a cited figure after its target."""
    ends = [
        (edge.end, edge.start) if edge.start.startswith("cited-") else (edge.start, edge.end)
        for edge in graph.edges
    ]
    column = {node.gid: 0 if node.kind == "claim" else 1 for node in graph.nodes}
    if not any(node.kind == "claim" for node in graph.nodes):
        column = dict.fromkeys(column, 0)
    for _ in graph.nodes:  # as often as the longest way can be
        before = dict(column)
        for start, end in ends:
            column[end] = max(column[end], column[start] + 1)
        if column == before:
            break
    tall = {gid: box.height for gid, box in boxes.items()}
    return lay_out(column, tall, ends, gap), ends


def _draw(ax: Axes, box: _Box, left: float, middle: float) -> None:
    node = box.node
    kind = "relation" if node.kind == "expression" else node.kind
    fill = _TARGET if node.target else _SWITCH if node.options else _FILL[kind]
    line = GREEN if node.target else ORANGE if node.options else _LINE[kind]
    top = middle - box.height / 2
    patch = FancyBboxPatch(
        (left, top), _BOX, box.height, boxstyle="round,pad=0,rounding_size=0.05",
        facecolor=fill, edgecolor=line, linewidth=1.4 if node.target else 0.8,
        linestyle=(0, (3, 2)) if kind == "cited" else "-",
    )  # fmt: skip
    patch.set_gid(node.gid)
    ax.add_patch(patch)
    for i, (text, bold, colour, gid) in enumerate(box.lines):
        artist = ax.text(
            left + _PAD, top + _PAD + (i + 0.78) * LINE, text, size=SMALL, color=colour,
            weight="bold" if bold else "normal", va="baseline", parse_math=False,
        )  # fmt: skip
        if gid:
            artist.set_gid(gid.split("\0")[0])


def _arrow(
    ax: Axes,
    edge: Edge,
    start: str,
    end: str,
    path: Sequence[tuple[int, float]],
    boxes: Mapping[str, _Box],
    layout: Layout,
    left: Sequence[float],
) -> None:
    """A curve from the right of a box to the left of another, past those between."""
    points = [(left[layout.column[start]] + _BOX, layout.middle[start])]
    for column, height in path:
        points += [(left[column], height), (left[column] + _BOX, height)]
    points.append((left[layout.column[end]], layout.middle[end] + boxes[end].port(edge.option)))
    vertices, codes = [points[0]], [Path.MOVETO]
    for i in range(0, len(points) - 1):
        (x0, y0), (x1, y1) = points[i], points[i + 1]
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
        linestyle=(0, (3, 2)) if held_out else "-", zorder=0.5,
    )  # fmt: skip
    patch.set_gid(f"edge-{edge.start}-{edge.end}{f'-{edge.option}' if edge.option else ''}")
    ax.add_patch(patch)
    if not held_out:
        x, y = points[-1]
        ax.plot([x - 0.025], [y], ">", color=colour, markersize=3, zorder=0.6)
