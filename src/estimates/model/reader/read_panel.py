"""Reads what a model has over dimensions: the dimensions, and quantities with links of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from estimates.errors import Faults
from estimates.model.dimensions import Dimension
from estimates.model.forms import QUANTITY
from estimates.model.ledger import Spot, Where
from estimates.model.panel_forms import ALIKE, CORRELATED, DIMENSION, STOCK, WALK
from estimates.model.panels import (
    Alike,
    Correlated,
    PanelQuantity,
    Size,
    Stock,
    Walk,
)
from estimates.model.priors import Prior, parse_belief, parse_prior, parse_value
from estimates.model.reader.fields import Fields, read
from estimates.model.reader.yaml_nodes import Entries, Items, Node, Text, place_of

#: Keys that make a quantity one over dimensions.
PANEL_KEYS = ("over", "alike", "walk", "stock", "correlated")
_FORMS = {"alike": ALIKE, "walk": WALK, "stock": STOCK, "correlated": CORRELATED}
#: What is known of a quantity beforehand, by key: how its text is read, and what it is.
_KNOWN: Mapping[str, tuple[Callable[[str], Prior], str]] = {
    "prior": (parse_prior, "an interval, `A to B`"),
    "value": (parse_value, "one number, as in `100 %`"),
}
#: A correlation of which nothing is known.
_ANY = "Beta(alpha=2, beta=2)"


def read_dimensions(top: Fields, faults: Faults) -> dict[str, Dimension]:
    """Return the dimensions of a model, by name, as written."""
    found = {}
    for key, node in top.entries("dimensions"):
        name, spots = key.value, {"": key.spot} if key.spot else {}
        if isinstance(node, Items):
            labels = _labels(node, f"dimension '{name}'", spots, faults)
            found[name] = Dimension(name, labels, where=Where(spots))
            continue
        fields = Fields(f"dimension '{name}'", key, node, DIMENSION, faults)
        of = fields.text("of") if "of" in fields else ""
        held = "members" if of else "time" if "time" in fields else "labels"
        listed = fields.node(held)
        if listed is None:
            fields.fault(
                f"dimension '{name}' has no labels; write `{name}: [one, another]`, "
                f"`{{time: [2016, 2017]}}` or `{{of: another, members: [one]}}`"
            )
            continue
        named: dict[str, str] = {}
        if held == "labels" and isinstance(listed, Entries):
            named = _named(listed, f"dimension '{name}'", faults)
            listed = Items(tuple(label for label, _ in listed.values.values()), listed.spot)
        labels = _labels(listed, f"dimension '{name}'", spots, faults)
        found[name] = Dimension(name, labels, held == "time", of, named, where=Where(spots))
    return found


def _labels(node: Node, what: str, spots: dict[str, Spot], faults: Faults) -> tuple[str, ...]:
    """Return a list of labels, noting where each stands."""
    values = node.values if isinstance(node, Items) else (node,)
    labels = []
    for one in values:
        if not isinstance(one, Text) or one.empty:
            faults.add(f"the labels of {what} are words or dates", place_of(one))
            continue
        labels.append(one.value)
        if one.spot is not None:
            spots.setdefault(one.value, one.spot)
    return tuple(labels)


def _named(node: Entries, what: str, faults: Faults) -> dict[str, str]:
    """Return what readers see instead of labels, where that is another."""
    said: dict[str, str] = {}  # labels by what readers see
    for key, one in node.values.values():
        if not isinstance(one, Text) or one.empty:
            faults.add(f"the name of label '{key.value}' of {what} is a text", place_of(key))
        elif one.value in said:
            message = f"labels '{said[one.value]}' and '{key.value}' of {what} have one name"
            faults.add(
                f"{message}, '{one.value}'; readers could not tell them apart", place_of(one)
            )
        else:
            said[one.value] = key.value
    return {label: name for name, label in said.items() if name != label}


def names_under(fields: Fields, key: str, faults: Faults) -> tuple[str, ...]:
    """Return a name, or a list of names, under a key."""
    node = fields.node(key)
    if node is None:
        return ()
    if isinstance(node, Entries):
        fields.fault(f"`{key}:` of {fields.what} is a name or a list of names", place_of(node))
        return ()
    return _labels(node, fields.what, {}, faults)


def is_panel(node: Node) -> bool:
    """Return whether a quantity is written as one over dimensions."""
    if not isinstance(node, Entries):
        return False
    known = (node.values.get(key) for key in _KNOWN)
    by_label = any(pair is not None and isinstance(pair[1], Entries) for pair in known)
    return by_label or not node.values.keys().isdisjoint(PANEL_KEYS)


def read_panel_quantity(key: Text, node: Node, faults: Faults) -> PanelQuantity | None:
    """Return a quantity over dimensions; None where it could not be read."""
    assert isinstance(node, Entries)
    return _Reader(key, node, faults).quantity()


class _Reader:
    """Reads one quantity."""

    def __init__(self, key: Text, node: Entries, faults: Faults) -> None:
        self._name = key.value
        self._faults = faults
        self._node = node
        self._all = Fields(f"quantity '{key.value}'", key, node, QUANTITY, faults)
        self._spots = dict(self._all.where.spots)

    def quantity(self) -> PanelQuantity | None:
        fields = self._all
        over = names_under(fields, "over", self._faults)
        said = Fields(fields.what, None, self._plain_node, QUANTITY, self._faults).values()
        priors: dict[str | None, Prior] = {}
        for key in _KNOWN:
            if (whole := said.pop(key, None)) is not None:
                priors[None] = whole
            priors |= self._labelled(key)
        stock = self._stock()
        if "value" in fields and any(key in fields for key in ("prior", *_FORMS)):
            fields.fault(f"{fields.what} is known, so it has neither a prior nor links")
        elif stock is None and "stock" not in fields and fields.lacks("prior", "value"):
            fields.fault(f"{fields.what} has no prior; add `prior: A to B`")
        alike, walk, correlated = self._alike(), self._walk(), self._correlated()
        if fields.broken:
            return None
        return PanelQuantity(
            self._name, over, priors, alike, walk, stock, correlated, **said,
            where=Where(self._spots),
        )  # fmt: skip

    @property
    def _plain_node(self) -> Entries:
        by_label = (key for key in _KNOWN if isinstance(self._all.node(key), Entries))
        left_out = (*PANEL_KEYS, *by_label)
        kept = {name: one for name, one in self._node.values.items() if name not in left_out}
        return Entries(kept, self._node.spot, self._node.flow)

    def _labelled(self, field: str) -> dict[str | None, Prior]:
        """Return what is known by label, under `prior` or `value`."""
        node, (parse, form) = self._all.node(field), _KNOWN[field]
        found: dict[str | None, Prior] = {}
        for key, value in node.values.values() if isinstance(node, Entries) else ():
            what = f"{field} of '{self._name}' for '{key.value}'"
            if not isinstance(value, Text) or value.empty:
                self._faults.add(f"the {what} is {form}", place_of(value))
                continue
            spot = f"{field} {key.value}"
            if value.spot is not None:
                self._spots[spot] = value.spot
            at = Where(self._spots).within(spot)
            prior = read(value.value, parse, at, f"the {what}", self._faults)
            if prior is not None:
                found[key.value] = prior
        return found

    def _inner(self, key: str) -> Fields | None:
        """Return the fields of a mapping under a key, None where there is none."""
        node = self._all.node(key)
        if node is None:
            return None
        form = _FORMS[key]
        fields = Fields(f"`{key}:` of '{self._name}'", self._all.key(key), node, form, self._faults)
        for one in form.keys:
            if one.required and fields.lacks(one.name) and not fields.broken:
                fields.fault(f"{fields.what} lacks `{one.name}:`")
        for name, spot in fields.where.spots.items():
            self._spots.setdefault(f"{key} {name}".strip(), spot)
        return fields

    def _alike(self) -> Alike | None:
        fields = self._inner("alike")
        said = fields.values() if fields else {}
        return Alike(said["along"], said["within"]) if {"along", "within"} <= said.keys() else None

    def _walk(self) -> Walk | None:
        fields = self._inner("walk")
        if fields is None:
            return None
        together = dict(self._together(fields))
        said = fields.values()
        if not {"along", "by"} <= said.keys():
            return None
        return Walk(said["along"], said["by"], said.get("at", ""), together)

    def _together(self, fields: Fields) -> Iterator[tuple[str, Size]]:
        node = fields.node("together")
        if node is not None and not isinstance(node, Entries):
            fields.fault("`together:` says along which dimension, as in `together: {country: 0.5}`")
            return
        for key, value in node.values.values() if isinstance(node, Entries) else ():
            if not isinstance(value, Text):
                fields.fault("a correlation is a number, an interval or `true`", place_of(value))
                continue
            text = _ANY if value.value.lower() == "true" else value.value
            at = Where({"": value.spot} if value.spot else {}).within("")
            size = read(text, parse_belief, at, fields.what, self._faults)
            if size is not None:
                yield key.value, size

    def _stock(self) -> Stock | None:
        fields = self._inner("stock")
        said = fields.values() if fields else {}
        if not {"first", "inflow", "stay"} <= said.keys():
            return None
        return Stock(said["first"], said["inflow"], said["stay"], said.get("leave", "exponential"))

    def _correlated(self) -> Correlated | None:
        fields = self._inner("correlated")
        said = fields.values() if fields else {}
        return Correlated(said["with"], said["rho"]) if {"with", "rho"} <= said.keys() else None
