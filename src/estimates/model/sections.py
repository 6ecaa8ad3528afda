"""What is written in Python, as the text of a model file: named, and put into its sections."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from estimates.errors import Faults
from estimates.language.expression import Binary, Call, Constant, Expression, Name, Unary
from estimates.language.wording import point_for_thousands
from estimates.model import forms, ledger_forms
from estimates.model.ledger import Ledger, Source
from estimates.model.reader.read_ledger import ReadLedger, read_ledger
from estimates.model.reader.read_model import ModelReader, model_fields
from estimates.model.reader.yaml_nodes import nodes_of
from estimates.model.serialize import Plain, ledger_document
from estimates.model.spec import Parts
from estimates.model.written import (
    Claim,
    Formula,
    Operand,
    Option,
    Quantity,
    Reading,
    Relation,
    Term,
    Written,
)


@dataclass(frozen=True)
class Sections:
    """What `Model` is given, under the names of a model file."""

    quantities: Mapping[str, Quantity | str | float | Mapping[str, Any]]
    relations: Mapping[str, Written | Relation | Mapping[str, Any]]
    readings: Mapping[str, Reading | Mapping[str, Any]]
    claims: Mapping[str, Claim | Written | Mapping[str, Any]]
    compare: Mapping[str, Claim | Written | Mapping[str, Any]]
    targets: Written | Iterable[Written]
    sources: Mapping[str, Source | Mapping[str, Any]]
    ledger: Ledger | None
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
        sections: Mapping[str, Any] = {
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

    def _quantity(self, name: str, quantity: Quantity | str | float | Mapping[str, Any]) -> Any:
        if not isinstance(quantity, Quantity):
            return quantity
        self._check_points(f"quantity '{name}'", quantity.prior, quantity.value)
        return forms.QUANTITY.plain(quantity)

    def _relation(self, name: str, relation: Written | Relation | Mapping[str, Any]) -> Any:
        what = f"relation '{name}'"
        if isinstance(relation, Mapping):
            return {key: self._written(one, what) for key, one in relation.items()}
        if not isinstance(relation, Relation):
            return self._written(relation, what, own=True)
        said = forms.RELATION_BY_READING.plain(relation)
        if isinstance(relation.expression, Mapping):
            branches = relation.expression.items()
            return said | {
                option: "nothing" if one is None else self._written(one, what)
                for option, one in branches
            }
        return said | {"is": self._written(relation.expression, what, own=True)}

    def _uses(
        self, uses: Mapping[str, Claim | Written | Mapping[str, Any]], section: str
    ) -> Iterable[tuple[str, Any]]:
        form = forms.COMPARED if section == "compare" else forms.USE
        for name, claim in uses.items():
            what = f"claim '{name}'"
            if isinstance(claim, Mapping):
                yield name, {key: self._written(one, what) for key, one in claim.items()}
            elif not isinstance(claim, Claim):
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
        return [self._written(one, "the targets") for one in several]

    def _written(self, one: Any, what: str, *, own: bool = False) -> Any:
        """Return an expression as text, others as they are; `own` keeps its name out of it."""
        if not isinstance(one, Term):
            return one
        return str(self._expression(one, what, own=own))

    def _expression(self, term: Operand, what: str, *, own: bool = False) -> Expression:
        if not isinstance(term, Term):
            return Constant(float(term))
        if not own and id(term) in self._names:
            return Name(self._names[id(term)])
        match term:
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
                self._faults.add(
                    f"{what} uses a {kind} to which the model gives no name; add it, as in "
                    f"`{'relations' if kind == 'relation' else 'quantities'}={{'name': …}}`"
                )
                return Name("unnamed")

    def _check_points(self, what: str, *texts: Any) -> None:
        for text in texts:
            found = point_for_thousands(text) if isinstance(text, str) and "(" not in text else None
            if found:
                self._faults.add(f"{what}: {found[0]}")


def _reading(reading: Reading | Mapping[str, Any]) -> Plain:
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
