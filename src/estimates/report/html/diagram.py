"""The model as a diagram whose boxes lead to their cards."""

from __future__ import annotations

import io
from xml.etree import ElementTree

from estimates.plots import house_style, model_graph
from estimates.report.html.anchors import anchor
from estimates.report.html.content import Gathered

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
#: Which card a box of each kind leads to.
_CARDS = {"claim": "claim", "cited": "claim", "quantity": "quantity", "relation": "quantity"}


def diagram(found: Gathered) -> str:
    """SVG of claims, quantities, relations and targets, each box a link to its card."""
    figure, content = model_graph(found.model), io.BytesIO()
    with house_style(svg_text=True):
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    for prefix, address in (("", _SVG), ("xlink", _XLINK)):
        ElementTree.register_namespace(prefix, address)
    root = ElementTree.fromstring(content.getvalue())
    for parent in [root, *root.iter(f"{{{_SVG}}}defs")]:
        for name in ("metadata", "style"):  # a style would reach beyond the drawing
            for child in parent.findall(f"{{{_SVG}}}{name}"):
                parent.remove(child)
    root.attrib |= {"stroke-linejoin": "round", "stroke-linecap": "butt"}
    for element in root.iter():
        _without_style(element)
    root.set("role", "group")
    root.set("aria-label", "The model: claims, quantities, relations and what is asked for")
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            card = _card(child.get("id", ""))
            if "id" in child.attrib:  # ids of cards are the page's own
                child.set("id", f"diagram-{child.get('id')}")
            if card:
                link = ElementTree.Element(f"{{{_SVG}}}a", {"href": f"#{card}", "aria-label": card})
                parent.remove(child)
                link.append(child)
                parent.insert(place, link)
    _rename_references(root)
    return ElementTree.tostring(root, encoding="unicode")


def _without_style(element: ElementTree.Element) -> None:
    """What a style says as attributes: the page's policy allows no style but its own sheet."""
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if value:
            element.set(name.strip(), value.strip())


def _card(gid: str) -> str | None:
    kind, _, name = gid.partition("-")
    return anchor(_CARDS[kind], name) if kind in _CARDS and name else None


def _rename_references(root: ElementTree.Element) -> None:
    """What refers to an element by its id refers to the new one."""
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == f"{{{_XLINK}}}href" and value.startswith("#"):
                element.set(name, f"#diagram-{value[1:]}")
            elif value.startswith("url(#"):
                element.set(name, f"url(#diagram-{value[5:]}")
