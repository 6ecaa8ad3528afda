"""Where each number comes from: of every quantity the claims behind it, as cards for the page."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from estimates._util.format import NONE, brief, probability, stated
from estimates.inference.learnt import claims_of_cells
from estimates.language.expression import Expression, names
from estimates.language.phrases import amount, option_words, published, spoken
from estimates.language.units import Unit
from estimates.model import Model
from estimates.model.account import QuantityRow, RelationRow, SourceRow, Taken
from estimates.model.dimensions import variable
from estimates.model.io.quotes import address_at
from estimates.plots import house_style, model_graph
from estimates.report.html.content import Gathered, Link, anchor
from estimates.report.html.notes import safe_url
from estimates.report.html.prose import figures_of, label_of

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
#: Which card a box of the diagram leads to, by its kind.
_CARDS = {"claim": "claim", "cited": "claim", "quantity": "quantity", "relation": "quantity"}
_LONG = re.compile(r"\d+\.\d{4,}")  # decimals of a prior that links of cells have made
_PARTS = {
    "basis": "the basis",
    "range": "the range’s own width",
    "stated range": "the range’s stated coverage",
    "basis / 3": "a third of the basis, the range being narrower",
    "sigma": "the claim’s own sigma",
    "hedge": "the hedge (“around”)",
    "rounding": "the rounding of the figure",
    "vague": "the vague count",
    "stated": "the stated error",
    "error": "the stated error",
    "error up": "how far it may lie above",
    "error down": "how far it may lie below",
    "width": "the model’s own width",
    "bound": "how sharp the bound is",
    "soft": "how sharp the bound is",
    "δ": "how sharp the bound is",
    "copies": "repeating a common origin",
}


@dataclass(frozen=True, kw_only=True)
class QuantityCard:
    """The card of a quantity.

    Attributes
    ----------
    id : of the card
    median, interval : of the answer, with their unit in words
    known : whether it is a constant
    prior, family : of a basic quantity; None of a derived one
    branches : of a derived one the expressions, by option in words ("" where there is none)
    inputs : what it follows from
    claims, behind : those about it, and those that bear on it through others
    """

    id: str
    name: str
    label: str
    target: bool
    median: str
    interval: str
    known: bool
    prior: str | None
    family: str | None
    branches: Sequence[tuple[str, str | None]]
    note: str
    inputs: Sequence[Link]
    claims: Sequence[Link]
    behind: Sequence[Link]

    @property
    def link(self) -> Link:
        """The link to the card."""
        return Link(self.id, self.label)


@dataclass(frozen=True, kw_only=True)
class ClaimCard:
    """The card of a claim.

    Attributes
    ----------
    said : the claim as the model takes it
    about : what it is about
    taken, width : in words
    parts : of the width, by name in words
    source, url : where it was published, and its address if that may be linked to
    """

    id: str
    said: Taken
    held_out: bool
    about: Link
    taken: str
    width: str
    parts: Sequence[tuple[str, str]]
    source: str
    url: str


def quantities(found: Gathered) -> Iterator[QuantityCard]:
    """Yield a card of every quantity: targets first, then what they follow from.

    Of a panel a card of every cell that is asked for or that a claim is about.
    """
    model, account = found.model, found.account
    claims = [*account.evidence, *account.compare]
    spoken_of = claims_of_cells(model) if model.panel else {}
    if model.panel:
        told = (cell for cells in spoken_of.values() for cell in sorted(cells))
        order = list(dict.fromkeys([*model.targets, *told, *model.parts.quantities]))
        basics: dict[str, set[str]] = {}
    else:
        order = list(dict.fromkeys([*_down(model), *model.relations, *model.quantities]))
        basics = {name: _basics(model, name) for name in {*order, *(one.about for one in claims)}}
    carded = frozenset(order)
    for name in order:
        row = account.rows.get(name)
        if row is None:
            continue
        if model.panel:
            about = [one.claim for one in claims if name in spoken_of[one.claim]]
            behind = []
        else:
            about = [one.claim for one in claims if _speaks_of(model, one, name)]
            behind = [
                one.claim
                for one in account.evidence
                if one.claim not in about and basics[one.about] & basics[name]
            ]
        inputs = [one for one in _inputs(model, name) if not model.panel or one in carded]
        yield _card_of(found, name, row, inputs, about, behind)


def _card_of(
    found: Gathered,
    name: str,
    row: QuantityRow | RelationRow,
    inputs: Sequence[str],
    about: Sequence[str],
    behind: Sequence[str],
) -> QuantityCard:
    model = found.model
    unit = model.unit_of(name)
    median, interval = _answer(found, name, unit)
    basic = row if isinstance(row, QuantityRow) else None
    if basic is not None and basic.value is not None:
        median, interval = amount(stated(basic.value), unit), ""
    return QuantityCard(
        id=anchor("quantity", name),
        name=name,
        label=row.label or spoken(name),
        target=name in model.targets,
        median=median,
        interval=interval,
        known=basic is not None and basic.value is not None,
        prior=None if basic is None else _prior(basic, unit),
        family=None if basic is None else basic.family,
        branches=() if isinstance(row, QuantityRow) else _branches(row),
        note=row.note,
        inputs=[Link(anchor("quantity", n), label_of(found, n)) for n in inputs],
        claims=list(map(Link.to_claim, about)),
        behind=list(map(Link.to_claim, behind)),
    )


def claims(found: Gathered) -> Iterator[ClaimCard]:
    """Yield a card of every claim that the model uses: quote, wording, width, source."""
    sources = {source.id: source for source in found.account.sources}
    evidence = len(found.account.evidence)
    about = {use.id: _main(use.about) for use in found.model.uses if found.model.panel}
    for place, claim in enumerate((*found.account.evidence, *found.account.compare)):
        source = sources.get(claim.source)
        yield ClaimCard(
            id=anchor("claim", claim.claim),
            said=claim,
            held_out=place >= evidence,
            about=Link(
                anchor("quantity", about.get(claim.claim, claim.about)),
                label_of(found, claim.about),
            ),
            taken=_taken(claim, found.model),
            width=_width(claim),
            parts=[
                (_PARTS.get(name, name), brief(size)) for name, size in claim.width_from.items()
            ],
            source="" if source is None else source_words(source),
            url="" if source is None else _at(source, found.words.get(claim.claim, "")),
        )


def _main(about: Expression) -> str:
    """Return the first name in what a claim is about; of a panel each of them has a card."""
    return next(iter(names(about)), str(about))


def _at(source: SourceRow, words: str) -> str:
    """Return the address of a source, at the words of a quote where they stand there."""
    return address_at(safe_url(source.url), words)


def source_words(source: SourceRow) -> str:
    """Return a source in words: `Gaps in records …, South China Morning Post, August 2017`."""
    when = published(source.published) if source.published else ""
    return ", ".join(filter(None, (source.author, source.title, source.publisher, when)))


def _answer(found: Gathered, name: str, unit: Unit) -> tuple[str, str]:
    """Return the median and the interval of a quantity, over all readings."""
    numbers = found.summary.quantities.get(variable(name))
    if numbers is None:
        return NONE, NONE
    if numbers.median is None:
        return "nothing is said of it under some reading", ""
    return figures_of(numbers, unit)


def _taken(claim: Taken, model: Model) -> str:
    """Return what a claim is taken to say, in words."""
    unit = model.units.parse(claim.unit) if claim.unit else None
    factor = 100 if claim.share else 1

    def worded(*values: float) -> str:
        figures = " to ".join(brief(factor * value) for value in values)
        if claim.share:
            return f"{figures} %"
        return figures if unit is None else amount(figures, unit)

    if claim.bound is not None:
        said = f"{claim.bound.side} {worded(claim.bound.at)}"
        if claim.truth and claim.truth < 1:
            said += f", right with probability {probability(claim.truth)}"
        return said
    if claim.centre is None or claim.q05 is None or claim.q95 is None:
        return ""
    if not math.isfinite(claim.centre):
        return ""
    return f"{worded(claim.centre)}; 90 %: {worded(claim.q05, claim.q95)}"


def _width(claim: Taken) -> str:
    """Return a width in words: `0.39 on the log scale`."""
    if claim.width is None:
        if claim.kind == "rate":
            return "none: the uncertainty of events is Poisson’s"
        return "none: a count’s uncertainty is binomial"
    where = "in its own unit" if claim.scale == "identity" else f"on the {claim.scale} scale"
    return f"{brief(claim.width)} {where}"


def _prior(row: QuantityRow, unit: Unit) -> str:
    """Return a prior with its unit in words, where it is an interval."""
    if row.low is None or row.high is None:
        return _LONG.sub(lambda found: brief(float(found[0])), row.prior)
    percent = str(unit) == "share"
    low, high = (brief(100 * end if percent else end) for end in (row.low, row.high))
    return f"{low} to {high} %" if percent else amount(f"{low} to {high}", unit)


def _branches(row: RelationRow) -> list[tuple[str, str | None]]:
    if row.is_:
        return [("", row.is_)]
    return [(option_words(option), branch) for option, branch in row.branches.items()]


def _down(model: Model) -> Iterator[str]:
    """Yield the targets and, breadth first, what they follow from."""
    queue, seen = [str(target) for target in model.targets], set()
    while queue:
        name = queue.pop(0)
        if name in seen:
            continue
        seen.add(name)
        yield name
        queue += [n for n in _inputs(model, name) if n not in seen]


def _inputs(model: Model, name: str) -> list[str]:
    """Return what a relation names, in its own words."""
    relation = model.bound_relations.get(name)
    if relation is None:
        return []
    branches = [branch for branch in relation.branches.values() if branch is not None]
    return list(dict.fromkeys(n for branch in branches for n in names(branch)))


def _basics(model: Model, name: str) -> set[str]:
    """Return the basic quantities that something follows from, under any reading."""
    resolved = (model.resolve(str(name), one.choice) for one in model.combinations())
    return {n for one in resolved if one is not None for n in names(one)}


def _speaks_of(model: Model, claim: Taken, name: str) -> bool:
    """Return whether a claim is about a quantity, or about an expression that names it."""
    return claim.about == name or (
        claim.about not in model.quantities
        and claim.about not in model.relations
        and re.search(rf"\b{re.escape(name)}\b", claim.about) is not None
    )


def diagram(found: Gathered) -> str:
    """Return an SVG of claims, quantities, relations and targets, each box a link to its card."""
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
    """Turn styles into attributes: the page's policy allows no style but its own sheet."""
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if value:
            element.set(name.strip(), value.strip())


def _card(gid: str) -> str | None:
    kind, _, name = gid.partition("-")
    return anchor(_CARDS[kind], name) if kind in _CARDS and name else None


def _rename_references(root: ElementTree.Element) -> None:
    """Make references to an element by its id refer to its new one."""
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == f"{{{_XLINK}}}href" and value.startswith("#"):
                element.set(name, f"#diagram-{value[1:]}")
            elif value.startswith("url(#"):
                element.set(name, f"url(#diagram-{value[5:]}")
