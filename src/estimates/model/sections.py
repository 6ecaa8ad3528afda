"""What is written in Python, as the text of a model file: named, and put into its sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from estimates.errors import Faults
from estimates.language.expression import Binary, Call, Constant, Expression, Name, Unary
from estimates.language.wording import point_for_thousands
from estimates.model import forms, ledger_forms
from estimates.model.ledger import Ledger, Source
from estimates.model.reader.read_ledger import ReadLedger, read_ledger
from estimates.model.reader.read_model import ModelReader, model_fields
from estimates.model.reader.yaml_nodes import nodes_of
from estimates.model.serialize import Plain, currency_document, ledger_document
from estimates.model.spec import Currency, Parts
from estimates.model.terms import Cell, Formula, Operand, Term, Word, Written
from estimates.model.written import Claim, Option, Quantity, Reading, Relation
from estimates.model.written_links import Dimension, SourceGroup

TARGETS = "the targets"
#: A section, or a part of one, as in a model file.
type Keys = Mapping[str, Any]


@dataclass(frozen=True)
class Sections:
    """What `Model` is given, under the names of a model file."""

    quantities: Mapping[str, Quantity | str | float | Keys]
    relations: Mapping[str, Written | Relation | Keys]
    readings: Mapping[str, Reading | Keys]
    claims: Mapping[str, Claim | Written | Keys]
    compare: Mapping[str, Claim | Written | Keys]
    targets: Written | Iterable[Written]
    sources: Mapping[str, Source | Keys]
    ledger: Ledger | None
    dimensions: Mapping[str, Dimension | Iterable[str | int] | Keys]
    kinds: Mapping[str, SourceGroup | Keys]
    currencies: Mapping[str, str | Currency | Keys]
    rest: Plain = field(default_factory=dict)

    def document(self, faults: Faults) -> Plain:
        """Return the model as a file with its ledger inside; what cannot be written is a fault."""
        return _Writer(self, faults).document()


class _Writer:
    """Gives every term its name, and writes each section."""

    def __init__(self, given: Sections, faults: Faults) -> None:
        self._given = given
        self._faults = faults
        self._names: dict[int, str] = {}
        for section in (given.relations, given.quantities):
            for name, one in section.items():
                if isinstance(one, Term):
                    self._names[id(one)] = name
                if isinstance(one, Relation) and isinstance(one.expression, Term):
                    self._names.setdefault(id(one.expression), name)
        ledger = ledger_document(given.ledger) if given.ledger else {}
        sources = {
            name: ledger_forms.SOURCE.plain(one) if isinstance(one, Source) else one
            for name, one in given.sources.items()
        }
        self._sources: Plain = {**ledger.get("sources", {}), **sources}
        self._claims: Plain = dict(ledger.get("claims", {}))

    def document(self) -> Plain:
        given = self._given
        sections: Keys = {
            "dimensions": {name: _dimension(one) for name, one in given.dimensions.items()},
            "currencies": {
                code: currency_document(one) if isinstance(one, Currency) else one
                for code, one in given.currencies.items()
            },
            "kinds": {name: _group(one) for name, one in given.kinds.items()},
            "quantities": {name: self._quantity(name, q) for name, q in given.quantities.items()},
            "relations": {name: self._relation(name, r) for name, r in given.relations.items()},
            "readings": {name: _reading(one) for name, one in given.readings.items()},
            "claims": dict(self._uses(given.claims, "claims")),
            "compare": dict(self._uses(given.compare, "compare")),
            "targets": self._targets(given.targets),
        }
        written = {name: one for name, one in sections.items() if one}
        evidence = {"sources": self._sources, "claims": self._claims}
        return {
            **given.rest,
            **written,
            **({"evidence": evidence} if any(evidence.values()) else {}),
        }

    def _quantity(self, name: str, quantity: Quantity | str | float | Keys) -> Any:
        what = f"quantity '{name}'"
        if not isinstance(quantity, Quantity):
            return self._written(quantity, what)
        said = forms.QUANTITY.without("prior", "value", "over").plain(quantity)
        known = {"prior": quantity.prior, "value": quantity.value}
        for one in known.values():
            by_label = one.values() if isinstance(one, Mapping) else (one,)
            self._check_points(what, *by_label)
        parts: Plain = {key: one for key, one in known.items() if one is not None}
        for key in ("alike", "walk", "stock"):
            link = getattr(quantity, key)
            if link is not None:
                kept = ((field.name, getattr(link, field.name)) for field in fields(link))
                parts[key] = {name: one for name, one in kept if one not in ("", {})}
        if quantity.correlated is not None:
            parts["correlated"] = {
                "with": quantity.correlated.other,
                "rho": quantity.correlated.rho,
            }
        return self._written(parts, what) | said | _over(quantity.over)

    def _relation(self, name: str, relation: Written | Relation | Keys) -> Any:
        what = f"relation '{name}'"
        if isinstance(relation, Mapping):
            return self._written(relation, what)
        if not isinstance(relation, Relation):
            return self._written(relation, what, own=True)
        said = forms.RELATION_BY_READING.without("by", "over").plain(relation)
        said |= _over(relation.over)
        if relation.first is not None:
            then = relation.expression
            said["first"] = self._written(relation.first, what)
            return said | {"then": self._written(then, what, own=True)}
        said |= {"by": relation.by} if relation.by else {}
        if isinstance(relation.expression, Mapping):
            branches = relation.expression.items()
            return said | {
                option: "nothing" if one is None else self._written(one, what)
                for option, one in branches
            }
        return said | {"is": self._written(relation.expression, what, own=True)}

    def _uses(
        self, uses: Mapping[str, Claim | Written | Keys], section: str
    ) -> Iterable[tuple[str, Any]]:
        form = forms.COMPARED if section == "compare" else forms.USE
        for name, claim in uses.items():
            what = f"claim '{name}'"
            if not isinstance(claim, Claim):
                yield name, self._written(claim, what)
            else:
                self._claims[name] = self._said(what, claim)
                if claim.about is not None:
                    use = form.plain(claim) | {"about": self._written(claim.about, what)}
                    yield name, {key: one for key, one in use.items() if key != "note"}

    def _said(self, what: str, claim: Claim) -> Plain:
        """Return the claim as the ledger has it."""
        self._check_points(what, claim.says, claim.sigma)
        said = ledger_forms.CLAIM.plain(claim)
        source = claim.source
        if isinstance(source, Source):
            self._sources.setdefault(source.id, ledger_forms.SOURCE.plain(source))
            said["source"] = source.id
        elif source and source not in self._sources:
            said["source"] = name = re.sub(r"[^\w.]+", "-", source).strip("-.")
            self._sources.setdefault(name, {"title": source})
        return said

    def _targets(self, targets: Written | Iterable[Written]) -> list[Any]:
        several = [targets] if isinstance(targets, Term | str | float | int) else list(targets)
        return [self._written(one, TARGETS) for one in several]

    def _written(self, one: Any, what: str, *, own: bool = False) -> Any:
        """Return expressions as text, others as they are; `own` keeps its name out of it."""
        if isinstance(one, Mapping):
            return {key: self._written(inner, what) for key, inner in one.items()}
        if isinstance(one, list | tuple):
            return [self._written(inner, what) for inner in one]
        if not isinstance(one, Term):
            return one
        return str(self._expression(one, what, own=own))

    def _expression(self, term: Operand, what: str, *, own: bool = False) -> Expression:
        if not isinstance(term, Term):
            return Constant(float(term))
        if not own and id(term) in self._names:
            return Name(self._names[id(term)])
        match term:
            case Word(text):
                return Name(text)
            case Cell(inner, labels):
                return self._cell(inner, labels, what)
            case Formula("neg", (operand,)):
                return Unary("-", self._expression(operand, what))
            case Formula("+" | "-" | "*" | "/" | "**" as sign, (left, right)):
                return Binary(sign, self._expression(left, what), self._expression(right, what))
            case Formula(function, arguments):
                return Call(function, tuple(self._expression(one, what) for one in arguments))
            case Relation(expression=Term() as inner):
                return self._expression(inner, what)
            case _ if id(term) in self._names:
                return Name(self._names[id(term)])
            case _:
                kind = "relation" if isinstance(term, Relation) else "quantity"
                verb = "use" if what == TARGETS else "uses"
                section = "relations" if kind == "relation" else "quantities"
                self._faults.add(
                    f"{what} {verb} a {kind} to which the model gives no name; add it, as in "
                    f"`{section}={{'name': …}}`"
                )
                return Name("unnamed")

    def _cell(self, term: Term, labels: Iterable[str | int], what: str) -> Name:
        """Return a quantity or relation at some labels."""
        inner = self._expression(term, what)
        if not isinstance(inner, Name):
            verb = "take" if what == TARGETS else "takes"
            self._faults.add(
                f"{what} {verb} a label of a formula; give the formula a name among the relations, "
                "or the labels to the quantities in it"
            )
            return Name("unnamed")
        return Name(".".join([inner.name, *map(str, labels)]))

    def _check_points(self, what: str, *texts: Any) -> None:
        for text in texts:
            found = point_for_thousands(text) if isinstance(text, str) and "(" not in text else None
            if found:
                self._faults.add(f"{what}: {found[0]}")


def _over(over: str | Sequence[str]) -> Plain:
    return {"over": [over] if isinstance(over, str) else list(over)} if over else {}


def _dimension(one: Dimension | Iterable[str | int] | Keys) -> Any:
    """Return a dimension as a file has it."""
    if not isinstance(one, Dimension):
        return dict(one) if isinstance(one, Mapping) else list(one)
    if isinstance(one.labels, Mapping):
        return {"labels": dict(one.labels)}
    labels = [str(label) for label in one.labels]
    if one.of:
        return {"of": one.of, "members": labels}
    return {"time": labels} if one.time else labels


def _group(one: SourceGroup | Keys) -> Plain:
    """Return kinds of sources as a file has them."""
    if not isinstance(one, SourceGroup):
        return dict(one)
    return forms.SOURCE_GROUP.plain(one) | {
        name: forms.SOURCE_KIND.plain(kind) for name, kind in one.kinds.items()
    }


def _reading(reading: Reading | Keys) -> Plain:
    """Return a reading as a file has it, its options with their weights."""
    if not isinstance(reading, Reading):
        return dict(reading)
    options = {
        name: {"weight": float(one.weight)} | forms.OPTION.plain(one)
        if isinstance(one, Option)
        else one
        for name, one in reading.options.items()
    }
    return options | forms.READING.plain(reading)


def parts_of(content: Plain, slug: str, faults: Faults) -> Parts:
    """Return the parts of a model written in Python, read as those of a file are."""
    try:
        node = nodes_of(content)
    except ValueError as error:
        faults.add(str(error))
        raise faults.error from None
    top = model_fields(node, faults)
    evidence = top.node("evidence")
    ledger = ReadLedger() if evidence is None else read_ledger(evidence, faults)
    return ModelReader(top, faults).parts(ledger, slug)
