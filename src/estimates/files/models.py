"""Reads the form of model.yaml into the parts of a model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from estimates.errors import Faults, did_you_mean
from estimates.evidence import Spot, Where
from estimates.expression import Expression, parse_expression
from estimates.files.conventions import read_conventions
from estimates.files.fields import Fields, read
from estimates.files.ledgers import ReadLedger
from estimates.files.nodes import Entries, Items, Node, Text, place_of
from estimates.files.variants import read_variants
from estimates.model import (
    DEFAULT_SEED,
    Currency,
    Option,
    Parts,
    Prior,
    Quantity,
    Reading,
    Relation,
    Use,
)
from estimates.model.document import FORMAT
from estimates.model.priors import parse_prior, parse_value
from estimates.wording import Point, parse_wording

_MODEL = (
    *("format", "title", "question", "note", "evidence", "seed", "currencies", "quantities"),
    *("relations", "readings", "claims", "compare", "targets", "conventions", "variants"),
)
_SECTIONS = (
    *("currencies", "quantities", "relations", "readings", "claims", "compare", "variants"),
)
_QUANTITY = ("unit", "label", "prior", "value", "support", "note")
_RELATION = ("is", "by", "unit", "label", "note")
_READING = ("question", "update", "note")
_OPTION = ("weight", "because", "label")
_USE = ("about", "scale", "tails", "note")
_COMPARE = (*_USE, "pool")
_CURRENCY = ("rate", "date", "note")


def model_fields(node: Node, faults: Faults) -> Fields:
    """The top of a model file, its keys checked."""
    return Fields("the model", None, node, _MODEL, faults)


class ModelReader:
    """Reads one model file, remembering the names of what could not be read."""

    def __init__(self, top: Fields, faults: Faults) -> None:
        self._top = top
        self._faults = faults
        self._broken: set[str] = set()

    def parts(self, ledger: ReadLedger, slug: str = "") -> Parts:
        """The parts of the model, as declared."""
        top, before = self._top, len(self._faults)
        for section in _SECTIONS:
            top.check_entries(section)
        misspelt = any(did_you_mean(key.value, _SECTIONS) for key, _ in top.rest())
        # With a section missing, every name would be unknown.
        if len(self._faults) > before or misspelt:
            self._faults.raise_if_any()
        version = top.whole("format")
        if version not in (None, FORMAT):
            top.fault(
                f"this is format {version}; only format {FORMAT} is known", top.where("format")
            )
        seed = top.whole("seed")
        spots = dict(top.where.spots)
        conventions, overrides = read_conventions(top, self._faults)
        spots |= overrides
        targets = self._targets(spots)
        quantities = {one.name: one for one in self._quantities()}
        relations = {one.name: one for one in self._relations()}
        readings = {one.name: one for one in self._readings()}
        claims, compare = tuple(self._uses("claims")), tuple(self._uses("compare"))
        broken = self._broken | ledger.broken
        if ledger.lost:
            broken |= {use.claim for use in (*claims, *compare)}
        return Parts(
            ledger=ledger.ledger,
            quantities=quantities,
            relations=relations,
            readings=readings,
            claims=claims,
            compare=compare,
            targets=targets,
            currencies={one.code: one for one in self._currencies()},
            conventions=conventions,
            variants=read_variants(top, conventions, self._faults),
            seed=DEFAULT_SEED if seed is None else seed,
            title=top.text("title"),
            question=top.text("question"),
            note=top.text("note"),
            slug=slug,
            broken=frozenset(broken),
            where=Where(spots),
        )

    def _quantities(self) -> Iterator[Quantity]:
        for key, node in self._top.entries("quantities"):
            name = key.value
            fields = Fields(
                f"quantity '{name}'", key, _long(key, node, "prior"), _QUANTITY, self._faults
            )
            prior: Prior | None = fields.parsed("prior", parse_prior)
            value = fields.parsed("value", parse_value)
            if "prior" in fields and "value" in fields:
                fields.fault(f"quantity '{name}' has both a prior and a value; keep one")
            elif not ("prior" in fields or "value" in fields):
                fields.fault(
                    f"quantity '{name}' has no prior; add `prior: A to B`, "
                    "or `value:` for a known constant"
                )
            quantity_prior = value if prior is None else prior
            if not name.isidentifier():  # a fault by itself; who uses it writes it rightly
                self._broken.add(re.sub(r"\W+", "_", name))
            texts = {field: fields.text(field) for field in ("unit", "label", "support", "note")}
            if quantity_prior is None or fields.broken:
                self._broken.add(name)
            else:
                yield Quantity(name, quantity_prior, **texts, where=fields.where)

    def _relations(self) -> Iterator[Relation]:
        for key, node in self._top.entries("relations"):
            name, node = key.value, _long(key, node, "is")
            chosen = isinstance(node, Entries) and "by" in node.values
            fields = Fields(f"relation '{name}'", key, node, _RELATION, self._faults, others=chosen)
            branches: dict[str | None, Expression | None] = {}
            keys: dict[str, Spot] = {}
            if chosen:
                if "is" in fields:
                    fields.fault(
                        f"relation '{name}' goes by a reading, so write a branch for each option "
                        "instead of `is:`",
                        fields.where("is"),
                    )
                for option, _ in fields.rest():
                    branches[option.value] = self._branch(fields, option.value)
                    keys |= {f"{option.value}:": option.spot} if option.spot else {}
            elif "is" in fields:
                branches[None] = self._branch(fields, "is")
            else:
                fields.fault(
                    f"relation '{name}' has no expression; "
                    "add `is:`, or `by:` and the reading whose options it lists"
                )
            texts = {field: fields.text(field) for field in ("unit", "label", "note")}
            by = fields.text("by") or None
            if fields.broken:
                self._broken.add(name)
            else:
                where = Where({**fields.where.spots, **keys})
                yield Relation(name, branches, by, **texts, where=where)

    def _branch(self, fields: Fields, field: str) -> Expression | None:
        if field not in fields:
            fields.fault(
                f"{fields.what} has nothing under '{field}'; write an expression, or `nothing`",
                fields.where(field),
            )
        if fields.text(field) == "nothing":
            return None
        return fields.parsed(field, parse_expression)

    def _readings(self) -> Iterator[Reading]:
        for key, node in self._top.entries("readings"):
            name = key.value
            fields = Fields(f"reading '{name}'", key, node, _READING, self._faults, others=True)
            options = {}
            for option, value in fields.rest():
                hint = did_you_mean(option.value, _READING)
                if hint and isinstance(value, Text):
                    message = f"unknown key '{option.value}' in reading '{name}'{hint}"
                    fields.fault(message, place_of(option))
                    continue
                if option.value in _RELATION:
                    fields.fault(
                        f"an option cannot be called '{option.value}', "
                        "which means something else in a relation",
                        place_of(option),
                    )
                options[option.value] = self._option(name, option, value)
            question, note = fields.text("question"), fields.text("note")
            update = fields.flag("update", True)
            if fields.broken:
                self._broken.add(name)
            else:
                yield Reading(name, options, question, update, note, where=fields.where)

    def _option(self, reading: str, key: Text, node: Node) -> Option:
        fields = Fields(
            f"option '{key.value}' of reading '{reading}'",
            key,
            _long(key, node, "weight"),
            _OPTION,
            self._faults,
        )
        weight = fields.number("weight")
        if "weight" not in fields:
            fields.fault(f"{fields.what} has no weight; add `weight: 1`")
        return Option(
            1.0 if weight is None else weight, fields.text("because"), fields.text("label")
        )

    def _uses(self, section: str) -> Iterator[Use]:
        known = _COMPARE if section == "compare" else _USE
        for key, node in self._top.entries(section):
            fields = Fields(
                f"claim '{key.value}' in `{section}:`",
                key,
                _long(key, node, "about"),
                known,
                self._faults,
            )
            about = fields.parsed("about", parse_expression)
            if "about" not in fields:
                fields.fault(f"{fields.what} is about nothing; name a quantity or a relation")
            options = {
                name: fields.text(name) or None
                for name in ("scale", "tails", "pool")
                if name in known
            }
            note = fields.text("note")
            if about is not None:
                yield Use(key.value, about, **options, note=note, where=fields.where)

    def _targets(self, spots: dict[str, Spot]) -> tuple[Expression, ...]:
        node = self._top.node("targets")
        targets: list[Expression] = []
        for item in node.values if isinstance(node, Items) else (node,) if node else ():
            target = None
            if isinstance(item, Text) and item.spot:
                spots[f"targets {len(targets)}"] = item.spot
            if isinstance(item, Text):
                at = Where(spots).within(f"targets {len(targets)}")
                target = read(item.value, parse_expression, at, "the targets", self._faults)
            else:
                self._top.fault("a target is a text, as in `targets: [revenue]`", place_of(item))
            if target is None:
                self._broken.add("targets")
            else:
                targets.append(target)
        return tuple(targets)

    def _currencies(self) -> Iterator[Currency]:
        for key, node in self._top.entries("currencies"):
            fields = Fields(
                f"currency '{key.value}'", key, _long(key, node, "rate"), _CURRENCY, self._faults
            )
            rate = fields.parsed("rate", parse_wording)
            if "rate" not in fields:
                fields.fault(f"currency '{key.value}' has no rate; write it as `0.1493 USD`")
            known = isinstance(rate, Point) and not rate.hedged and rate.unit
            if rate is not None and not known:
                fields.fault(
                    f"the rate of '{key.value}' is one number in another currency, "
                    "such as `0.1493 USD`",
                    fields.where("rate"),
                )
            # After a fault any rate will do, so that what is in this currency has none of its own.
            value, base = (
                (rate.figure.value, rate.unit)
                if isinstance(rate, Point) and known
                else (1.0, "USD")
            )
            yield Currency(
                key.value, value, base, fields.text("note"), fields.text("date"), fields.where
            )


def _long(key: Text, node: Node, field: str) -> Node:
    """The long form of a thing of which only the most important field is written."""
    if isinstance(node, Text) and not node.empty:
        return Entries({field: (key, node)}, node.spot)
    return node
