"""What is made while a model is written out: cells, and the unknowns that link them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from estimates.language.expression import MAGNITUDE, Binary, Call, Constant, Expression, Name
from estimates.language.phrases import published, spoken
from estimates.model.dates import Date
from estimates.model.dimensions import Position, cell_name, label_text
from estimates.model.ledger import Where
from estimates.model.panels import ELSE, PanelQuantity, Size
from estimates.model.priors import FixedValue, IntervalPrior, NamedPrior, Prior
from estimates.model.spec import Quantity, Relation

#: The distribution that is normal on each link scale.
FAMILIES = {"identity": "Normal", "log": "LogNormal", "logit": "LogitNormal"}


@dataclass(frozen=True)
class Made:
    """Quantities and relations that a model is written out into, as they come.

    Attributes
    ----------
    quantities, relations : by name
    links : unknowns that no user wrote: the size of steps, what is shared
    dated : cells at dates between the labels: the quantity and the labels, dates as written
    called : what readers see instead of a label
    """

    called: Callable[[str], str]
    quantities: dict[str, Quantity] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)
    links: set[str] = field(default_factory=set)
    dated: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def link(
        self,
        name: str,
        prior: Prior,
        where: Where,
        *,
        unit: str = "",
        support: str = "",
        label: str = "",
    ) -> Name:
        """Return an unknown that links cells, made once."""
        if name not in self.quantities:
            self.links.add(name)
            self.quantities[name] = Quantity(
                name, prior, unit, label or spoken(name), support, where=where
            )
        return Name(name)

    def figure(self, text: str) -> Name:
        """Return a number with a unit, as a known constant."""
        number, unit = text.split(" ", 1)
        if text not in self.quantities:
            self.links.add(text)
            self.quantities[text] = Quantity(text, FixedValue(float(number), unit), unit, text)
        return Name(text)

    def cell(self, quantity: PanelQuantity, at: Position, prior: Prior) -> Name:
        """Return a cell of a basic unknown."""
        name = cell_name(quantity.name, quantity.over, at)
        self.quantities[name] = Quantity(
            name,
            prior,
            quantity.unit,
            cell_label(quantity, quantity.over, at, self.called),
            quantity.support,
            quantity.note,
            where=prior_where(quantity, at),
        )
        return Name(name)


def cell_label(
    thing: PanelQuantity | Relation,
    over: tuple[str, ...],
    at: Position,
    called: Callable[[str], str],
) -> str:
    """Return the label of a cell that stands alone: `wage (China) in 2017`."""
    return in_cell(thing.label or spoken(thing.name), [at[one] for one in over], called)


def in_cell(what: str, labels: Iterable[str | Date], called: Callable[[str], str]) -> str:
    """Return what is called so, of some labels: `wage (China) in 2017`."""
    texts = list(map(label_text, labels))
    places = ", ".join(called(text) for text in texts if Date.of(text) is None)
    dates = " ".join(f"in {published(text)}" for text in texts if Date.of(text) is not None)
    return " ".join(filter(None, (what, f"({places})" if places else "", dates)))


def prior_where(quantity: PanelQuantity, at: Position) -> Where:
    """Return a quantity's places, with its prior or value at that of the cell's label."""
    spots, field_ = quantity.where.spots, quantity.field
    for label in (*map(label_text, at.values()), ELSE):
        if f"{field_} {label}" in spots:
            return Where({**spots, field_: spots[f"{field_} {label}"]})
    return quantity.where


def link_of(quantity: PanelQuantity) -> str:
    """Return the scale on which a quantity's cells are linked, where its prior is normal."""
    if quantity.unit == "share" or quantity.support == "share":
        return "logit"
    if quantity.support == "real":
        return "identity"
    priors = [one for one in quantity.priors.values() if isinstance(one, IntervalPrior)]
    return "log" if all(one.low > 0 for one in priors) else "identity"


def on_link(link: str, value: Expression) -> Expression:
    """Return a value on the link scale."""
    match link:
        case "log":
            return Call("log", (Call(MAGNITUDE, (value,)),))
        case "logit":
            return Call("logit", (value,))
        case _:
            return value


def normal(link: str, mu: Expression, sigma: Expression) -> NamedPrior:
    """Return the distribution that is normal on a link scale."""
    return NamedPrior(FAMILIES[link], {"mu": mu, "sigma": sigma})


def size_of(
    made: Made, name: str, size: Size, quantity: PanelQuantity, field_: str, label: str
) -> Expression:
    """Return a size on the link scale, an unknown where it is one."""
    identity = link_of(quantity) == "identity"
    if not identity and isinstance(size, FixedValue) and size.unit in (None, "", "%"):
        return Constant(size.value / (100 if size.unit == "%" else 1))
    where = Where({"": s} if (s := quantity.where.spots.get(field_)) else quantity.where.spots)
    return made.link(name, size, where, unit=quantity.unit if identity else "", label=label)


def times(*factors: Expression) -> Expression:
    """Return a product, without what changes nothing."""
    kept = [one for one in factors if one != Constant(1.0)] or [Constant(1.0)]
    whole = kept[0]
    for one in kept[1:]:
        whole = Binary("*", whole, one)
    return whole


def plus(left: Expression, right: Expression | None) -> Expression:
    """Return a sum, of which nothing need be added."""
    return left if right is None else Binary("+", left, right)


def at_time(at: Position, time: str, when: str | Date) -> dict[str, str | Date]:
    """Return the same cell at another time."""
    return {**at, time: when}


def renamed(relation: Relation, name: str, label: str) -> Relation:
    """Return a relation as one of its cells."""
    return replace(relation, name=name, label=label, over=(), first=None)
