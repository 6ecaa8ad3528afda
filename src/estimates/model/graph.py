"""A model as a graph: claims, quantities, relations, targets and what is held out.

Plain values, to be drawn by a figure or written as Mermaid text, which code hosts render.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from estimates._util.format import brief, stated
from estimates.language.expression import Expression, Name, names
from estimates.language.phrases import called, option_words, question_of, told
from estimates.model.model import Model
from estimates.model.naming import in_words_of
from estimates.model.panel.words import in_panel
from estimates.model.panels import PanelQuantity
from estimates.model.priors import FixedValue, IntervalPrior, NamedPrior, Prior
from estimates.model.spec import Quantity, Relation


@dataclass(frozen=True, slots=True)
class Option:
    """One position of a switch: an option of a reading, and what the relation then is.

    Attributes
    ----------
    reading, name : as the model has them
    title, text : the option and the relation as they are called
    """

    reading: str
    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Node:
    """A box.

    Attributes
    ----------
    gid : `claim-ID`, `quantity-NAME`, `relation-NAME`, `expression-N` or `cited-ID`
    kind : claim, quantity, relation, expression or cited
    title, detail : what is written in it
    options : where it is a switch, its positions
    target : whether the reader asked for it
    """

    gid: str
    kind: str
    title: str
    detail: str
    options: tuple[Option, ...] = ()
    target: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from one box to another; into one `option` where that is a switch."""

    start: str
    end: str
    option: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes, in the order of the model, and arrows."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def document(self) -> dict[str, Any]:
        """Return the graph as plain values, with the Mermaid text."""
        nodes = [asdict(node) for node in self.nodes]
        return {"nodes": nodes, "edges": [asdict(e) for e in self.edges], "mermaid": mermaid(self)}


def graph_of(model: Model) -> Graph:
    """Return the graph of a model; nothing is sampled."""
    with in_words_of(model):
        made = _Maker(model)
    return Graph(tuple(made.nodes.values()), tuple(dict.fromkeys(made.edges)))


class _Maker:
    """Gathers the boxes and arrows of one model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._expressions: dict[Expression, str] = {}
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        for use in model.uses:
            if not use.held_out:
                self._claim(use.id, "claim", str(use.claim.says), use.claim.speaker)
        panel = bool(model.panel)
        # Of a panel its quantities are drawn as they are declared, not their cells.
        self._targets = frozenset(map(str, model.parts.targets)) if panel else set(model.targets)
        for quantity in (model.parts if panel else model).quantities.values():
            self._quantity(quantity.name, _prior(quantity), [quantity.prior])
        for one in model.parts.panels.values():
            self._quantity(one.name, in_panel(one), one.priors.values())
            self._stock(one)
        relations = model.parts.relations if panel else {**model.relations, **model.apart}
        for name, relation in relations.items():
            self._relation(name, relation)
        written = {use.claim: use.about for use in (*model.parts.claims, *model.parts.compare)}
        for use in model.uses:
            about = self._about(written[use.id] if panel else use.about)
            if use.held_out:
                self._claim(use.id, "cited", str(use.claim.says), use.claim.speaker)
                self.edges.append(Edge(f"cited-{use.id}", about))
            else:
                self.edges.append(Edge(f"claim-{use.id}", about))
        for wanted in model.parts.targets:
            self._about(wanted, target=True)

    def _quantity(self, name: str, detail: str, priors: Iterable[Prior]) -> None:
        gid = f"quantity-{name}"
        self._add(Node(gid, "quantity", called(name), detail, (), name in self._targets))
        for prior in priors:
            if isinstance(prior, NamedPrior):  # a hierarchy: arguments lead to it
                used = (one for value in prior.arguments.values() for one in self._names(value))
                self.edges += [Edge(self._of(one), gid) for one in used]

    def _stock(self, quantity: PanelQuantity) -> None:
        stock = quantity.stock
        for one in (stock.first, stock.inflow, stock.stay) if stock else ():
            gid = f"quantity-{quantity.name}"
            self.edges += [Edge(self._of(name), gid) for name in self._names(one)]

    def _names(self, expression: Expression) -> list[str]:
        """Return what an expression names; of cells their quantity, and no dimension or figure."""
        if not self._model.panel:
            return list(names(expression))
        parts = self._model.parts
        heads = dict.fromkeys(name.split(".")[0] for name in names(expression))
        known = {*parts.quantities, *parts.panels, *parts.relations}
        return [name for name in heads if name in known]

    def _add(self, node: Node) -> None:
        self.nodes[node.gid] = node

    def _claim(self, name: str, kind: str, says: str, speaker: str) -> None:
        self._add(Node(f"{kind}-{name}", kind, f"“{says}”", speaker.split(",")[0]))

    def _relation(self, name: str, relation: Relation) -> None:
        gid = f"relation-{name}"
        options = []
        for option, branch in relation.branches.items():
            if option is not None:
                text = "nothing" if branch is None else called(str(branch))
                options.append(Option(relation.by or "", option, option_words(option), text))
            for one in () if branch is None else self._names(branch):
                self.edges.append(Edge(self._of(one), gid, option or ""))
        plain = relation.branches.get(None)
        detail = question_of(relation.by) if relation.by else f"= {called(str(plain))}"
        self._add(
            Node(gid, "relation", called(name), detail, tuple(options), name in self._targets)
        )

    def _of(self, name: str) -> str:
        basic = name in self._model.quantities or name in self._model.parts.panels
        return f"{'quantity' if basic else 'relation'}-{name}"

    def _about(self, about: Expression, *, target: bool = False) -> str:
        """Return the box of the value that a claim is about; an expression gets one of its own."""
        if isinstance(about, Name):
            found = self._names(about)
            return self._of(found[0] if found else about.name)
        if about not in self._expressions:
            gid = f"expression-{len(self._expressions) + 1}"
            self._expressions[about] = gid
            self._add(Node(gid, "expression", f"= {called(str(about))}", "", target=target))
            self.edges += [Edge(self._of(name), gid) for name in self._names(about)]
        return self._expressions[about]


def _prior(quantity: Quantity) -> str:
    """Return a prior as text: `1,400 to 200,000 people`, `24 to 94 %`, or a distribution."""
    prior, unit = quantity.prior, quantity.unit
    if isinstance(prior, IntervalPrior):
        # Of a panel priors are as they were written, which may be in per cent.
        factor = 100 if unit == "share" and prior.unit != "%" else 1
        shown = [brief(factor * end) for end in (prior.low, prior.high)]
        return told(" to ".join(shown), unit)
    if isinstance(prior, FixedValue):
        return f"known: {told(stated(prior.value), unit)}"
    return str(prior)


_SHAPES = {"claim": ("[", "]"), "quantity": ("([", "])"), "relation": ("[[", "]]")}
_SHAPES |= {"expression": ("[[", "]]"), "cited": (">", "]")}


def mermaid(graph: Graph) -> str:
    """Return the graph as Mermaid text; code hosts draw it in a block of language `mermaid`."""
    return "\n".join(_mermaid(graph)) + "\n"


def _mermaid(graph: Graph) -> Iterator[str]:
    ids = {node.gid: f"n{i}" for i, node in enumerate(graph.nodes)}
    titles = {(node.gid, one.name): one.title for node in graph.nodes for one in node.options}
    yield "flowchart LR"
    for node in graph.nodes:
        lines = [node.title, node.detail, *(f"{o.title}: {o.text}" for o in node.options)]
        opening, closing = ("{{", "}}") if node.options else _SHAPES[node.kind]
        text = "<br/>".join(_escaped(line) for line in lines if line)
        yield f'  {ids[node.gid]}{opening}"{text}"{closing}:::{_class(node)}'
    for edge in graph.edges:
        start, end = ids[edge.start], ids[edge.end]
        if edge.start.startswith("cited-"):
            yield f"  {end} -.-|held out| {start}"
        elif edge.option:
            yield f'  {start} -->|"{_escaped(titles[edge.end, edge.option])}"| {end}'
        else:
            yield f"  {start} --> {end}"
    yield "  classDef claim fill:#fff,stroke:#5f5f5f"
    yield "  classDef quantity fill:#e6f0f7,stroke:#0072B2"
    yield "  classDef relation fill:#fff,stroke:#0072B2"
    yield "  classDef switch fill:#fdf3df,stroke:#E69F00"
    yield "  classDef target fill:#dff1eb,stroke:#009E73,stroke-width:2px"
    yield "  classDef cited fill:#fff,stroke:#D55E00,stroke-dasharray:4 3"


def _class(node: Node) -> str:
    if node.target:
        return "target"
    if node.options:
        return "switch"
    return "relation" if node.kind == "expression" else node.kind


def _escaped(text: str) -> str:
    """Return the text with entities for signs that Mermaid or HTML would take for its own."""
    return re.sub(r'["<>#&`|{}\[\]\\]', lambda sign: f"#{ord(sign[0])};", " ".join(text.split()))
