"""Reads the form of model.yaml into the parts of a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache

from estimates.errors import Faults, did_you_mean
from estimates.language.expression import Expression, parse_expression
from estimates.language.wording import Point, parse_wording
from estimates.model.io import hints as misplaced
from estimates.model.io.fields import Fields, long_form, read
from estimates.model.io.read_ledger import ReadLedger
from estimates.model.io.read_variants import read_conventions, read_variants
from estimates.model.io.yaml_nodes import Entries, Items, Node, Text, place_of
from estimates.model.ledger import Spot, Where
from estimates.model.priors import Prior, parse_prior, parse_value
from estimates.model.serialize import FORMAT
from estimates.model.spec import (
    DEFAULT_SEED,
    Currency,
    Option,
    Parts,
    Quantity,
    Reading,
    Relation,
    Use,
)
from estimates.model.validation.names import name_nodes

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
    return Fields("the model", None, node, _MODEL, faults, advice=misplaced.MODEL)


@lru_cache(1000)
def _expression(text: str) -> Expression:
    """An expression; what many claims are about is parsed once."""
    return parse_expression(text)


class ModelReader:
    """Reads one model file, remembering the names of what could not be read."""

    def __init__(self, top: Fields, faults: Faults) -> None:
        self._top = top
        self._faults = faults
        self._broken: set[str] = set()
        self._written: dict[tuple[str, ...], frozenset[str]] = {}
        self._claims: Set[str] = frozenset()  # claims whose names are those of no quantity

    def parts(self, ledger: ReadLedger, slug: str = "") -> Parts:
        """The parts of the model, as declared."""
        top, before = self._top, len(self._faults)
        for section in _SECTIONS:
            top.check_entries(section)
        misspelt = any(did_you_mean(key.value, _SECTIONS) for key, _ in top.rest())
        if "targets" not in top and not top.lacks("targets"):
            self._broken.add("targets")
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
        self._claims = ledger.ledger.claims.keys() - self._names("quantities", "relations")
        targets = self._targets(spots)
        quantities = {one.name: one for one in self._quantities()}
        relations = {one.name: one for one in self._relations()}
        readings = {one.name: one for one in self._readings()}
        claims, compare = tuple(self._uses("claims")), tuple(self._uses("compare"))
        broken = self._broken | ledger.broken
        cited = [use.claim for use in (*claims, *compare)]
        broken |= set(cited) if ledger.lost else ledger.excused(cited)
        used = [one for relation in relations.values() for one in relation.branches.values()]
        used += [*(use.about for use in (*claims, *compare)), *targets]
        broken |= self._excused(("quantities", "relations"), _named(used))
        broken |= self._excused(("readings",), (one.by or "" for one in relations.values()))
        return Parts(
            ledger=ledger.ledger,
            quantities=quantities,
            relations=relations,
            readings=readings,
            claims=claims,
            compare=compare,
            targets=targets,
            currencies={one.code: one for one in _currencies(top, self._faults)},
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

    def _names(self, *sections: str) -> frozenset[str]:
        """The names that are written in some sections, gone through once."""
        names = self._written.get(sections)
        if names is None:
            names = frozenset(
                key.value for section in sections for key, _ in self._top.entries(section)
            )
            self._written[sections] = names
        return names

    def _excused(self, sections: tuple[str, ...], used: Iterable[str]) -> frozenset[str]:
        """Names that are unknown because what they name was given the name of another."""
        known = self._names(*sections)
        dropped = sum(len(self._top.twice(section)) for section in sections)
        return misplaced.excused((one for one in used if one and one not in known), known, dropped)

    def _quantities(self) -> Iterator[Quantity]:
        twice = self._top.twice("quantities")
        for key, node in self._top.entries("quantities"):
            name = key.value
            fields = Fields(
                f"quantity '{name}'", key, long_form(key, node, "prior"), _QUANTITY, self._faults,
                advice=misplaced.QUANTITY,
            )  # fmt: skip
            prior: Prior | None = fields.parsed("prior", parse_prior)
            value = fields.parsed("value", parse_value)
            if "prior" in fields and "value" in fields:
                fields.fault(f"quantity '{name}' has both a prior and a value; keep one")
            elif fields.lacks("prior", "value"):
                fields.fault(
                    f"quantity '{name}' has no prior; add `prior: A to B`, "
                    "or `value:` for a known constant"
                )
            quantity_prior = value if prior is None else prior
            if not name.isidentifier():  # a fault by itself; who uses it writes it rightly
                self._broken.add(re.sub(r"\W+", "_", name))
            texts = {field: fields.text(field) for field in ("unit", "label", "support", "note")}
            if quantity_prior is None or fields.broken or name in twice:
                self._broken.add(name)
            else:
                yield Quantity(name, quantity_prior, **texts, where=fields.where)

    def _relations(self) -> Iterator[Relation]:
        twice = self._top.twice("relations")
        for key, node in self._top.entries("relations"):
            name, node = key.value, long_form(key, node, "is")
            if self._misspelt_by(node, name):
                self._broken.add(name)
                continue
            chosen = isinstance(node, Entries) and "by" in node.values
            fields = Fields(
                f"relation '{name}'", key, node, _RELATION, self._faults, others=chosen,
                advice=misplaced.RELATION,
            )  # fmt: skip
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
            elif fields.lacks("is", "by"):
                fields.fault(
                    f"relation '{name}' has no expression; "
                    "add `is:`, or `by:` and the reading whose options it lists"
                )
            texts = {field: fields.text(field) for field in ("unit", "label", "note")}
            by = fields.text("by") or None
            if fields.broken or name in twice:
                self._broken.add(name)
            else:
                where = Where({**fields.where.spots, **keys})
                yield Relation(name, branches, by, **texts, where=where)

    def _misspelt_by(self, node: Node, name: str) -> bool:
        """Whether a relation has another word for `by:`, so that its options look unknown."""
        if not isinstance(node, Entries) or not node.values.keys().isdisjoint(("is", "by")):
            return False
        for key, _ in node.values.values():
            hint = did_you_mean(key.value, ("by",))
            if hint:
                message = f"unknown key '{key.value}' in relation '{name}'{hint}"
                self._faults.add(message, place_of(key))
                return True
        return False

    def _branch(self, fields: Fields, field: str) -> Expression | None:
        if field not in fields:
            fields.fault(
                f"{fields.what} has nothing under '{field}'; write an expression, or `nothing`",
                fields.where(field),
            )
        if fields.text(field) == "nothing":
            return None
        claim = self._claim_in(fields.text(field))
        if claim is not None:
            fields.fault(
                f"'{claim}' in {fields.what} is a claim; name the quantity that it is about",
                fields.where(field, fields.text(field).find(claim)),
            )
            return None
        return fields.parsed(field, parse_expression)

    def _claim_in(self, text: str) -> str | None:
        """A claim whose name, with its hyphens, stands where quantities should."""
        known = self._names("quantities", "relations")
        for word in re.findall(r"(?<!\w)\w+(?:-\w+)+", text):
            if word in self._claims and not known.issuperset(word.split("-")):
                return str(word)
        return None

    def _readings(self) -> Iterator[Reading]:
        twice = self._top.twice("readings")
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
            if fields.broken or name in twice:
                self._broken.add(name)
            else:
                yield Reading(name, options, question, update, note, where=fields.where)

    def _option(self, reading: str, key: Text, node: Node) -> Option:
        fields = Fields(
            f"option '{key.value}' of reading '{reading}'",
            key,
            long_form(key, node, "weight"),
            _OPTION,
            self._faults,
        )
        weight = fields.number("weight")
        if fields.lacks("weight"):
            fields.fault(f"{fields.what} has no weight; add `weight: 1`")
        return Option(
            1.0 if weight is None else weight, fields.text("because"), fields.text("label")
        )

    def _uses(self, section: str) -> Iterator[Use]:
        known = _COMPARE if section == "compare" else _USE
        options = [name for name in ("scale", "tails", "pool") if name in known]
        named = self._names("quantities", "relations")
        for key, node in self._top.entries(section):
            fields = Fields(
                f"claim '{key.value}' in `{section}:`",
                key,
                long_form(key, node, "about"),
                known,
                self._faults,
                advice=misplaced.USE,
            )
            written = fields.node("about")
            turned = key.value in named
            if (
                isinstance(written, Text)
                and written.value in self._claims
                and (turned or not written.value.isidentifier())  # else a quantity may be missing
            ):
                hint = f"write `{written.value}: {key.value}`" if turned else "name a quantity"
                fields.fault(
                    f"'{written.value}' is a claim, and no claim is about another; {hint}",
                    fields.where("about"),
                )
                continue
            about = fields.parsed("about", _expression)
            if about is None and fields.lacks("about"):
                fields.fault(f"{fields.what} is about nothing; name a quantity or a relation")
            given = {name: fields.text(name) or None for name in options}
            note = fields.text("note")
            if about is not None:
                yield Use(key.value, about, **given, note=note, where=fields.where)

    def _targets(self, spots: dict[str, Spot]) -> tuple[Expression, ...]:
        node = self._top.node("targets")
        if isinstance(node, Text) and re.fullmatch(r"[\w-]+(\s*,\s*[\w-]+)+", node.value):
            message = f"several targets stand in brackets: `targets: [{node.value}]`"
            self._top.fault(message, place_of(node))
            self._broken.add("targets")
            return ()
        targets: list[Expression] = []
        known: dict[str, Expression | None] = {}
        for item in node.values if isinstance(node, Items) else (node,) if node else ():
            target = None
            if isinstance(item, Text) and item.spot:
                spots[f"targets {len(targets)}"] = item.spot
            if isinstance(item, Text) and item.value in self._claims:
                self._top.fault(
                    f"'{item.value}' is a claim; a target is the quantity or relation that the "
                    "answer is about",
                    place_of(item),
                )
            elif isinstance(item, Text):
                if item.value not in known:
                    at = Where(spots).within(f"targets {len(targets)}")
                    known[item.value] = read(
                        item.value, parse_expression, at, "the targets", self._faults
                    )
                target = known[item.value]
            else:
                self._top.fault("a target is a text, as in `targets: [revenue]`", place_of(item))
            if target is None:
                self._broken.add("targets")
            else:
                targets.append(target)
        return tuple(targets)


def _currencies(top: Fields, faults: Faults) -> Iterator[Currency]:
    """The currencies of a model, each with its rate."""
    for key, node in top.entries("currencies"):
        fields = Fields(
            f"currency '{key.value}'", key, long_form(key, node, "rate"), _CURRENCY, faults
        )
        rate = fields.parsed("rate", parse_wording)
        if fields.lacks("rate"):
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
            (rate.figure.value, rate.unit) if isinstance(rate, Point) and known else (1.0, "USD")
        )
        yield Currency(
            key.value, value, base, fields.text("note"), fields.text("date"), fields.where
        )


def _named(expressions: Iterable[Expression | None]) -> Iterator[str]:
    """The names in some expressions, in the order in which they are written."""
    return (node.name for one in expressions if one is not None for node in name_nodes(one))
