"""Reads the form of model.yaml into the parts of a model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from estimates.errors import Faults, did_you_mean
from estimates.language.expression import Expression, parse_expression
from estimates.model.forms import (
    FORMAT,
    MODEL,
    NEWEST,
    OPTION,
    QUANTITY,
    READING,
    RELATION,
    RELATION_BY_READING,
)
from estimates.model.ledger import Spot, Where
from estimates.model.panels import PanelQuantity
from estimates.model.reader.fields import Fields, read
from estimates.model.reader.hints import excused
from estimates.model.reader.read_currencies import read_currencies
from estimates.model.reader.read_kinds import read_kinds
from estimates.model.reader.read_ledger import ReadLedger
from estimates.model.reader.read_panel import (
    is_panel,
    names_under,
    read_dimensions,
    read_panel_quantity,
)
from estimates.model.reader.read_uses import UsesReader
from estimates.model.reader.read_variants import read_conventions, read_variants
from estimates.model.reader.yaml_nodes import Entries, Items, Node, Text, place_of
from estimates.model.spec import (
    Option,
    Parts,
    Quantity,
    Reading,
    Relation,
)
from estimates.model.validation.names import name_nodes

_SECTIONS = (
    *("dimensions", "currencies", "quantities", "relations", "readings", "kinds", "claims"),
    "compare",
    "variants",
)


def model_fields(node: Node, faults: Faults) -> Fields:
    """Return the top of a model file, its keys checked."""
    return Fields("the model", None, node, MODEL, faults)


class ModelReader:
    """Reads one model file, remembering the names of what could not be read."""

    def __init__(self, top: Fields, faults: Faults) -> None:
        self._top = top
        self._faults = faults
        self._broken: set[str] = set()
        self._written: dict[tuple[str, ...], frozenset[str]] = {}
        self._claims: Set[str] = frozenset()  # claims whose names are those of no quantity

    def parts(self, ledger: ReadLedger, slug: str = "") -> Parts:
        """Return the parts of the model, as declared."""
        top, before = self._top, len(self._faults)
        for section in _SECTIONS:
            top.check_entries(section)
        misspelt = any(did_you_mean(key.value, _SECTIONS) for key, _ in top.rest())
        if "targets" not in top and not top.lacks("targets"):
            self._broken.add("targets")
        # With a section missing, every name would be unknown.
        if len(self._faults) > before or misspelt:
            self._faults.raise_if_any()
        version, said = top.whole("format"), top.values()
        self._check_version(version)
        spots = dict(top.where.spots)
        conventions, overrides = read_conventions(top, self._faults)
        spots |= overrides
        self._claims = ledger.ledger.claims.keys() - self._names("quantities", "relations")
        targets = self._targets(spots)
        dimensions = read_dimensions(top, self._faults)
        every = {one.name: one for one in self._quantities()}
        quantities = {name: one for name, one in every.items() if isinstance(one, Quantity)}
        panels = {name: one for name, one in every.items() if isinstance(one, PanelQuantity)}
        relations = {one.name: one for one in self._relations()}
        readings = {one.name: one for one in self._readings()}
        named = self._names("quantities", "relations")
        uses = UsesReader(top, ledger.ledger.claims.keys(), named, self._faults)
        claims, compare = tuple(uses.read("claims")), tuple(uses.read("compare"))
        broken = self._broken | ledger.broken
        cited = [use.claim for use in (*claims, *compare)]
        broken |= set(cited) if ledger.lost else ledger.excused(cited)
        used = [one for relation in relations.values() for one in relation.branches.values()]
        used += [*(use.about for use in (*claims, *compare)), *targets]
        broken |= self._excused(("quantities", "relations"), _named(used))
        broken |= self._excused(("readings",), (one.by or "" for one in relations.values()))
        return Parts(
            ledger=ledger.ledger.named(uses.other),
            quantities=quantities,
            relations=relations,
            readings=readings,
            kinds=read_kinds(top, self._faults),
            claims=claims,
            compare=compare,
            targets=targets,
            currencies={one.code: one for one in read_currencies(top, self._faults)},
            conventions=conventions,
            variants=read_variants(top, conventions, self._faults),
            slug=slug,
            **said,
            broken=frozenset(broken),
            dimensions=dimensions,
            panels=panels,
            where=Where(spots),
        )

    def _check_version(self, version: int | None) -> None:
        top = self._top
        if version not in (None, FORMAT, NEWEST):
            message = f"this is format {version}; formats {FORMAT} and {NEWEST} are known"
            top.fault(message, top.where("format"))
        for section in ("dimensions", "kinds"):
            if section in top and version != NEWEST:
                message = f"`{section}:` asks for `format: {NEWEST}`; write it at the head"
                top.fault(message, top.where("format"))

    def _names(self, *sections: str) -> frozenset[str]:
        """Return the names that are written in some sections."""
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
        return excused((one for one in used if one and one not in known), known, dropped)

    def _quantities(self) -> Iterator[Quantity | PanelQuantity]:
        twice = self._top.twice("quantities")
        for key, node in self._top.entries("quantities"):
            name = key.value
            if is_panel(node):
                panel = read_panel_quantity(key, node, self._faults)
                if panel is None or name in twice:
                    self._broken.add(name)
                else:
                    yield panel
                continue
            fields = Fields(f"quantity '{name}'", key, node, QUANTITY, self._faults)
            said = fields.values()
            prior, value = said.pop("prior", None), said.pop("value", None)
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
            if quantity_prior is None or fields.broken or name in twice:
                self._broken.add(name)
            else:
                yield Quantity(name, quantity_prior, **said, where=fields.where)

    def _relations(self) -> Iterator[Relation]:
        twice = self._top.twice("relations")
        for key, node in self._top.entries("relations"):
            name = key.value
            if self._misspelt_by(node, name):
                self._broken.add(name)
                continue
            chosen = isinstance(node, Entries) and "by" in node.values
            form = RELATION_BY_READING if chosen else RELATION
            fields = Fields(f"relation '{name}'", key, node, form, self._faults)
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
            elif "first" in fields or "then" in fields:
                branches[None] = self._then(fields)
            elif "is" in fields:
                branches[None] = self._branch(fields, "is")
            elif fields.lacks("is", "by"):
                fields.fault(
                    f"relation '{name}' has no expression; "
                    "add `is:`, or `by:` and the reading whose options it lists"
                )
            said = fields.values()
            for key_of_branch in ("is", "then"):
                said.pop(key_of_branch, None)
            over = names_under(fields, "over", self._faults)
            if fields.broken or name in twice:
                self._broken.add(name)
            else:
                spots = fields.where.spots
                if "then" in spots:
                    spots = {**spots, "is": spots["then"]}
                where = Where({**spots, **keys})
                yield Relation(name, branches, **said, over=over, where=where)

    def _then(self, fields: Fields) -> Expression | None:
        """Return what a relation over time is after its first date."""
        for key in ("first", "then"):
            if key not in fields:
                fields.fault(
                    f"{fields.what} has `first:` and `then:`, one of them is missing; write "
                    "`first:` for the first date and `then:` with `previous(…)` for the others"
                )
                return None
        return self._branch(fields, "then")

    def _misspelt_by(self, node: Node, name: str) -> bool:
        """Return whether a relation misspells `by:`, so that its options look unknown."""
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
        """Return a claim whose name, with its hyphens, stands where quantities should."""
        known = self._names("quantities", "relations")
        for word in re.findall(r"(?<!\w)\w+(?:-\w+)+", text):
            if word in self._claims and not known.issuperset(word.split("-")):
                return str(word)
        return None

    def _readings(self) -> Iterator[Reading]:
        twice = self._top.twice("readings")
        for key, node in self._top.entries("readings"):
            name = key.value
            fields = Fields(f"reading '{name}'", key, node, READING, self._faults)
            options = {}
            for option, value in fields.rest():
                hint = did_you_mean(option.value, READING.known)
                if hint and isinstance(value, Text):
                    message = f"unknown key '{option.value}' in reading '{name}'{hint}"
                    fields.fault(message, place_of(option))
                    continue
                if option.value in RELATION_BY_READING.known:
                    fields.fault(
                        f"an option cannot be called '{option.value}', "
                        "which means something else in a relation",
                        place_of(option),
                    )
                options[option.value] = self._option(name, option, value)
            said = fields.values()
            if "each" in fields and self._top.whole("format") != NEWEST:
                fields.fault(f"`each:` asks for `format: {NEWEST}`", fields.where("each"))
            if fields.broken or name in twice:
                self._broken.add(name)
            else:
                yield Reading(name, options, **said, where=fields.where)

    def _option(self, reading: str, key: Text, node: Node) -> Option:
        what = f"option '{key.value}' of reading '{reading}'"
        fields = Fields(what, key, node, OPTION, self._faults)
        said = fields.values()
        if fields.lacks("weight"):
            fields.fault(f"{what} has no weight; add `weight: 1`")
        return Option(**{"weight": 1.0} | said)

    def _targets(self, spots: dict[str, Spot]) -> tuple[Expression, ...]:
        node = self._top.node("targets")
        if isinstance(node, Text) and re.fullmatch(r"[\w-]+(\s*,\s*[\w-]+)+", node.value):
            message = f"several targets go in brackets: `targets: [{node.value}]`"
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


def _named(expressions: Iterable[Expression | None]) -> Iterator[str]:
    """Yield the names in some expressions, in the order in which they are written."""
    return (node.name for one in expressions if one is not None for node in name_nodes(one))
