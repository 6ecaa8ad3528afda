"""Reads which claim is about what, by claim or by what it is about."""

from __future__ import annotations

from collections.abc import Iterator, Set

from estimates.errors import Faults
from estimates.language.expression import parse_expression
from estimates.model.forms import ABOUT, COMPARED, COMPARED_ABOUT, NEWEST, USE
from estimates.model.ids import fault_of_id
from estimates.model.ledger import Where
from estimates.model.reader.fields import Fields, read
from estimates.model.reader.yaml_nodes import Items, Node, Text, place_of
from estimates.model.spec import Use


class UsesReader:
    """Reads the sections `claims` and `compare` of a model file.

    Attributes
    ----------
    other : other names that the model gives to claims, each with the claim's own
    """

    def __init__(self, top: Fields, ledger: Set[str], named: Set[str], faults: Faults) -> None:
        self._top = top
        self._ledger = ledger
        self._named = named
        self._apart = ledger - named  # claims whose names are those of no quantity
        self._faults = faults
        self.other: dict[str, str] = {}

    def read(self, section: str) -> Iterator[Use]:
        """Yield the uses of claims in a section; those with a fault are left out."""
        form = COMPARED if section == "compare" else USE
        for key, node in self._top.entries(section):
            if self._turned(key, node):
                yield from self._about(section, key, node)
                continue
            what = f"claim '{key.value}' in `{section}:`"
            fields = Fields(what, key, node, form, self._faults)
            written = fields.node("about")
            turned = key.value in self._named
            if (
                isinstance(written, Text)
                and written.value in self._apart
                and (turned or not written.value.isidentifier())  # else a quantity may be missing
            ):
                hint = f"write `{written.value}: {key.value}`" if turned else "name a quantity"
                fields.fault(
                    f"'{written.value}' is a claim, and no claim is about another; {hint}",
                    fields.where("about"),
                )
                continue
            said = fields.values()
            claim = self._called(key.value, said.pop("as", ""), fields)
            if "about" not in said and fields.lacks("about"):
                fields.fault(f"{fields.what} is about nothing; name a quantity or a relation")
            if "about" in said and claim is not None:
                yield Use(claim, **said, where=fields.where)

    def _called(self, claim: str, other: str, fields: Fields) -> str | None:
        """Return the name of a claim here, its own or another; None where it cannot have that."""
        if not other or claim not in self._ledger:
            return claim
        wrong = fault_of_id(other)
        if other in self._ledger:
            wrong = "a claim has it"
        elif other in self.other:
            wrong = "two figures cannot have one name"
        if wrong:
            message = f"claim '{claim}' cannot be compared as '{other}': {wrong}"
            fields.fault(message, fields.where("as"))
        else:
            self.other[other] = claim
        return None if wrong else other

    def _turned(self, key: Text, node: Node) -> bool:
        """Return whether an entry goes from a quantity to its claims, as lists do."""
        if isinstance(node, Items):
            return key.value not in self._ledger
        if not isinstance(node, Text) or self._top.whole("format") != NEWEST:
            return False
        return node.value in self._ledger and key.value not in self._ledger

    def _about(self, section: str, key: Text, node: Node) -> Iterator[Use]:
        """Yield the claims about one expression."""
        at = Where({"": key.spot} if key.spot else {}).within("")
        what = f"`{key.value}` in `{section}:`"
        about = read(key.value, parse_expression, at, what, self._faults)
        form = COMPARED_ABOUT if section == "compare" else ABOUT
        for item in node.values if isinstance(node, Items) else (node,):
            if isinstance(item, Items) or (isinstance(item, Text) and item.empty):
                self._faults.add(f"{what} lists claims by their ids", place_of(item))
                continue
            called = Text("id", item.spot)
            fields = Fields(f"a claim of {what}", called, item, form, self._faults)
            said = fields.values()
            claim = said.pop("id", None)
            if claim is None and fields.lacks("id"):
                fields.fault(f"{fields.what} has no `id:`")
            if claim is not None:
                claim = self._called(claim, said.pop("as", ""), fields)
            if claim is not None and about is not None:
                spots = {**fields.where.spots, **({"about": key.spot} if key.spot else {})}
                yield Use(claim, about, **said, where=Where(spots))
