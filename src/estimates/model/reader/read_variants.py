"""Reads `conventions:`, and `variants:`, the other ways to analyse the same claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from estimates.errors import Faults, did_you_mean
from estimates.model.convention_forms import CONVENTIONS
from estimates.model.conventions import Conventions, differing
from estimates.model.form import OPEN, Form
from estimates.model.forms import AXIS, VARIANT, WITHOUT
from estimates.model.ledger import Spot, Where
from estimates.model.priors import Prior, parse_belief
from estimates.model.reader.fields import Fields
from estimates.model.reader.yaml_nodes import Entries, Items, Node, Text, place_of
from estimates.model.variants import Axis, Variant, overridden

_CHANGES = VARIANT.known[2:]  # without `label` and `because`


def read_variants(top: Fields, conventions: Conventions, faults: Faults) -> dict[str, Axis]:
    """Return the axes of choices by name; what an option changes is checked with the model.

    Parameters
    ----------
    conventions : of the model, from which those of an option differ
    """
    return {
        key.value: _axis(key, node, conventions, faults) for key, node in top.entries("variants")
    }


def _axis(key: Text, node: Node, conventions: Conventions, faults: Faults) -> Axis:
    name = key.value
    fields = Fields(f"the axis '{name}' of `variants:`", key, node, AXIS, faults)
    options = {}
    for option, value in fields.rest():
        hint = did_you_mean(option.value, AXIS.known)
        if isinstance(value, Text) and not value.empty:
            hint = hint or f"; an option says what it changes: {', '.join(_CHANGES)}"
            message = f"unknown key '{option.value}' in {fields.what}{hint}"
            fields.fault(message, place_of(option))
        elif option.value in _CHANGES:
            fields.fault(
                f"'{option.value}' is what an option changes; in {fields.what} write the option's "
                f"name first, as in `other: {{{option.value}: …}}`",
                place_of(option),
            )
        else:
            options[option.value] = _Reader(name, option, value, faults).variant(conventions)
    return Axis(name, options, **fields.values(), where=fields.where)


class _Reader:
    """Reads one option, remembering where everything in it is written."""

    def __init__(self, axis: str, key: Text, node: Node, faults: Faults) -> None:
        self._what = f"variant '{key.value}' of '{axis}'"
        self._fields = Fields(self._what, key, node, VARIANT, faults)
        self._faults = faults
        self._spots: dict[str, Spot] = dict(self._fields.where.spots)

    def variant(self, conventions: Conventions) -> Variant:
        fields = self._fields
        overrides: Mapping[str, Any] = {}
        if "conventions" in fields:
            changes, spots = _changes(fields, self._faults)
            overrides = differing(asdict(overridden(conventions, changes)), asdict(conventions))
            self._spots |= spots
        width, widths = self._widths()
        pool = fields.text("pool") if isinstance(fields.node("pool"), Text) else ""
        pools = {} if pool else dict(self._texts("pool"))
        return Variant(
            priors=dict(self._priors()),
            conventions=overrides,
            width=width,
            widths=widths,
            tails=dict(self._texts("tails")),
            weights=dict(self._weights()),
            without=self._without(),
            admit=self._names(fields.node("admit"), "admit"),
            pool=pool,
            pools=pools,
            **fields.values(),
            where=Where(self._spots),
        )

    def _inside(self, field: str) -> Fields | None:
        """Return the entries under a key, whatever their names."""
        node = self._fields.node(field)
        if node is None:
            return None
        key = self._fields.key(field)
        inside = Fields(f"`{field}:` of {self._what}", key, node, OPEN, self._faults)
        for name, spot in inside.where.spots.items():
            if name:
                self._spots[f"{field} {name}"] = spot
        return inside

    def _priors(self) -> Iterator[tuple[str, Prior]]:
        inside = self._inside("priors")
        for key, _ in inside.rest() if inside else ():
            prior = inside.parsed(key.value, parse_belief) if inside else None
            if inside and key.value not in inside:
                inside.fault(f"{inside.what} has no prior for '{key.value}'", place_of(key))
            if prior is not None:
                yield key.value, prior

    def _texts(self, field: str) -> Iterator[tuple[str, str]]:
        inside = self._inside(field)
        for key, _ in inside.rest() if inside else ():
            assert inside is not None
            yield key.value, inside.text(key.value)

    def _widths(self) -> tuple[float, dict[str, float]]:
        """Return one factor for all claims, or one for each claim named."""
        if isinstance(self._fields.node("widths"), Text):
            number = self._fields.number("widths")
            return (1.0 if number is None else number), {}
        inside = self._inside("widths")
        found = {}
        for key, _ in inside.rest() if inside else ():
            assert inside is not None
            number = inside.number(key.value)
            if number is not None:
                found[key.value] = number
        return 1.0, found

    def _weights(self) -> Iterator[tuple[str, dict[str, float]]]:
        inside = self._inside("weights")
        for key, node in inside.rest() if inside else ():
            name = key.value
            what = f"`weights:` of {self._what}, reading '{name}',"
            options = Fields(what, key, node, OPEN, self._faults)
            for option, spot in options.where.spots.items():
                if option:
                    self._spots[f"weights {name} {option}"] = spot
            numbers = {option.value: options.number(option.value) for option, _ in options.rest()}
            yield name, {one: number for one, number in numbers.items() if number is not None}

    def _without(self) -> dict[str, tuple[str, ...]]:
        """Return the claims that are left out, by id or by `{sources: …, origins: …}`."""
        node = self._fields.node("without")
        if not isinstance(node, Entries):
            names = self._names(node, "without")
            return {"claims": names} if names else {}
        what, key = f"`without:` of {self._what}", self._fields.key("without")
        inside = Fields(what, key, node, WITHOUT, self._faults)
        found = {kind: self._names(inside.node(kind), "without") for kind in WITHOUT.known}
        return {kind: names for kind, names in found.items() if names}

    def _names(self, node: Node | None, field: str) -> tuple[str, ...]:
        """Return the names of a list, or the only one."""
        names = []
        for item in node.values if isinstance(node, Items) else (node,) if node else ():
            if not isinstance(item, Text) or item.empty:
                message = f"`{field}:` of {self._what} is a name, or a list of them"
                self._fields.fault(message, place_of(item) or self._fields.where(field))
                continue
            names.append(item.value)
            if item.spot:
                self._spots[f"{field} {item.value}"] = item.spot
        return tuple(dict.fromkeys(names))


#: What a file changes in the conventions, nested as it is written there.
type Changes = dict[str, float | str | Changes]


def read_conventions(top: Fields, faults: Faults) -> tuple[Conventions, dict[str, Spot]]:
    """Return the defaults with what `conventions:` overrides, and where each override is written.

    A number where several belong together is the first of them: `expert: 0.4` is a width.
    """
    changes, spots = _changes(top, faults)
    return overridden(Conventions(), changes), spots


def _changes(fields: Fields, faults: Faults) -> tuple[Changes, dict[str, Spot]]:
    """Return the overrides under `conventions:`, and their places."""
    spots: dict[str, Spot] = {}
    node = fields.node("conventions")
    if node is None:
        return {}, spots
    key = fields.key("conventions")
    return _written("conventions", key, node, CONVENTIONS, faults, spots), spots


def _written(
    path: str, key: Text, node: Node, form: Form, faults: Faults, spots: dict[str, Spot]
) -> Changes:
    """Return the values written of a form; groups of conventions are read one by one."""
    here = Fields(f"'{path}'", key, node, form, faults)
    changes: Changes = dict(here.values())
    for one in form.keys:
        written = here.node(one.name)
        if written is None:
            continue
        below = f"{path} {one.name}"
        spots |= {below: here.where.spots[one.name]} if one.name in here.where.spots else {}
        for inner in one.kind.forms:
            changes[one.name] = _written(below, here.key(one.name), written, inner, faults, spots)
    return changes
