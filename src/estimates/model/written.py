"""A model written in Python: plain strings, and expressions of the quantities themselves.

    n = Quantity("50 to 2,000", unit="person")
    w = Quantity("20 to 40", unit="USD/person")
    total = n * w / 2

What is written here becomes what a model file would say, and is read and checked as a file is: the
same names, the same checks, the same sentences. A quantity, and a formula that is a relation, has
the name that the model gives it; a formula that is none is written out wherever it is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from estimates.errors import Faults
from estimates.language.expression import Binary, Call, Constant, Expression, Name, Unary
from estimates.language.wording import Width, point_for_thousands
from estimates.model import forms, ledger_forms
from estimates.model.ledger import Ledger, Source
from estimates.model.serialize import Plain, ledger_document

type Operand = Term | float
#: An expression: of quantities, or as text.
type Written = Term | str | float


class Term:
    """What can stand in an expression: quantities, relations, and what is made of them."""

    def __add__(self, other: Operand) -> Formula:
        return Formula("+", (self, other))

    def __radd__(self, other: float) -> Formula:
        return Formula("+", (other, self))

    def __sub__(self, other: Operand) -> Formula:
        return Formula("-", (self, other))

    def __rsub__(self, other: float) -> Formula:
        return Formula("-", (other, self))

    def __mul__(self, other: Operand) -> Formula:
        return Formula("*", (self, other))

    def __rmul__(self, other: float) -> Formula:
        return Formula("*", (other, self))

    def __truediv__(self, other: Operand) -> Formula:
        return Formula("/", (self, other))

    def __rtruediv__(self, other: float) -> Formula:
        return Formula("/", (other, self))

    def __pow__(self, other: Operand) -> Formula:
        return Formula("**", (self, other))

    def __rpow__(self, other: float) -> Formula:
        return Formula("**", (other, self))

    def __neg__(self) -> Formula:
        return Formula("neg", (self,))

    def __abs__(self) -> Formula:
        return Formula("abs", (self,))


@dataclass(frozen=True, eq=False)
class Formula(Term):
    """An operation or function of terms and numbers."""

    operation: str
    parts: tuple[Operand, ...]


@dataclass(frozen=True, eq=False)
class Quantity(Term):
    """A basic unknown, or with `value` a known constant, as one writes it.

    Parameters
    ----------
    prior : `"50 to 2,000"`, `"24 to 94 % @ 80%"` or `"Normal(mu=mu, sigma=tau)"`, whose arguments
        may name other quantities
    unit : `"person"`, `"USD/person/month"`, `"share"`; "" for a plain number
    value : instead of a prior, `"3 hours"` or a number
    support : `real`, `positive` or `share`; "" leaves it to the unit and the prior
    label, note : free text

    See Also
    --------
    Relation : a derived quantity

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> w = est.Quantity("20 to 40", unit="USD/person")
    >>> model = est.Model({"n": n, "w": w}, {"pay": n * w}, targets=["pay"])
    >>> model.units.show(model.unit_of("pay"))
    'USD'
    """

    prior: str | None = None
    unit: str = ""
    label: str = ""
    value: str | float | None = None
    support: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False)
class Relation(Term):
    """A derived quantity of which more is said than its expression.

    Parameters
    ----------
    expression : what it is; or with `by` an expression for each option of that reading, None where
        the option says nothing of it
    by : the name of a reading
    unit, label, note : as of a `Quantity`; without a unit, the one that the expression has

    See Also
    --------
    Reading : the phrase that `by` names
    Quantity : a basic unknown

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> double = est.Relation(2 * n, label="both ways")
    >>> est.Model({"n": n}, {"double": double}, targets=["double"]).relations["double"].label
    'both ways'
    """

    expression: Written | Mapping[str, Written | None]
    by: str = ""
    unit: str = ""
    label: str = ""
    note: str = ""


@dataclass(frozen=True)
class Option:
    """One way to read a phrase.

    Parameters
    ----------
    weight : its prior probability, in proportion to those of the other options
    because : why it has this weight
    label : a name for it, free text

    See Also
    --------
    Reading : the phrase

    Examples
    --------
    >>> import estimates as est
    >>> est.Option(2, because="the article says so elsewhere").weight
    2
    """

    weight: float = 1.0
    because: str = ""
    label: str = ""


@dataclass(frozen=True)
class Reading:
    """An ambiguous phrase.

    Parameters
    ----------
    options : by name an `Option` or its weight, in proportion to the others
    question : what has to be answered to choose one
    update : whether the claims may move the weights
    note : free text

    See Also
    --------
    Option : one way to read it
    Relation : takes an expression for each option

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> half = est.Reading({"all": 1, "half": 1}, question="Whom does it count?")
    >>> counted = est.Relation({"all": n, "half": n / 2}, by="scope")
    >>> parts = {"relations": {"counted": counted}, "readings": {"scope": half}}
    >>> model = est.Model({"n": n}, targets=["counted"], **parts)
    >>> len(model.combinations())
    2
    """

    options: Mapping[str, Option | float]
    question: str = ""
    update: bool = True
    note: str = ""


@dataclass(frozen=True)
class Claim:
    """What somebody said, and what of the model it is about.

    Parameters
    ----------
    says : the words as a wording, `"around 20,000 people"`
    about : a quantity, a relation or an expression; where it is left out, the claim is known to
        the model and not used, and `because` says why
    source : where it was published: a `Source`, the id of one of the model's `sources`, or a title
    speaker, quote, when, note, because : free text
    basis : how the speaker can know: register, statistics, expert, hearsay or rumour
    kind : what kind of source this is, of the model's `kinds`, where the basis is too coarse
    origin : claims of one origin are copies of one datum
    sigma : the whole width, as `"10 %"` or a number on the claim's scale
    disputes : the name of the claim that `"lower than claimed"` disputes
    scale, tails : as of a claim in a model file
    pool : of a claim that is compared, how it is admitted when asked

    See Also
    --------
    Source : where something was published

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> said = est.Claim("around 300 people", about=n, source="A newspaper")
    >>> said.basis
    'expert'
    """

    says: str | None = None
    about: Written | None = None
    source: Source | str = ""
    speaker: str = ""
    basis: str = "expert"
    kind: str = ""
    quote: str = ""
    origin: str = ""
    when: str = ""
    sigma: Width | str | float | None = None
    disputes: str = ""
    because: str = ""
    scale: str | None = None
    tails: str | None = None
    pool: str | None = None
    note: str = ""


# Functions of terms ---------------------------------------------------------------------------


def log(x: Operand) -> Formula:
    """Return the natural logarithm, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless, above 0

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.log(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'log(x)'
    """
    return Formula("log", (x,))


def exp(x: Operand) -> Formula:
    """Return the exponential, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.exp(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'exp(x)'
    """
    return Formula("exp", (x,))


def sqrt(x: Operand) -> Formula:
    """Return the square root, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; from 0

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.sqrt(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'sqrt(x)'
    """
    return Formula("sqrt", (x,))


def sin(x: Operand) -> Formula:
    """Return the sine, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless, in radians

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.sin(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'sin(x)'
    """
    return Formula("sin", (x,))


def cos(x: Operand) -> Formula:
    """Return the cosine, as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless, in radians

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.cos(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'cos(x)'
    """
    return Formula("cos", (x,))


def logistic(x: Operand) -> Formula:
    """Return 1 / (1 + exp(-x)), as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; dimensionless

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.logistic(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'logistic(x)'
    """
    return Formula("logistic", (x,))


def logit(x: Operand) -> Formula:
    """Return log(x / (1 - x)), as an expression of a model.

    Parameters
    ----------
    x : a quantity, a relation, an expression or a number; a share strictly between 0 and 1

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x = est.Quantity("0.1 to 0.9")
    >>> model = est.Model({"x": x}, {"y": est.logit(x)}, targets=["y"])
    >>> str(model.relations["y"].branches[None])
    'logit(x)'
    """
    return Formula("logit", (x,))


def minimum(*terms: Operand) -> Formula:
    """Return the least of two or more, as an expression of a model.

    Parameters
    ----------
    terms : quantities, relations, expressions or numbers, all of one dimension

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x, y = est.Quantity("1 to 9"), est.Quantity("2 to 8")
    >>> model = est.Model({"x": x, "y": y}, {"z": est.minimum(x, y)}, targets=["z"])
    >>> str(model.relations["z"].branches[None])
    'min(x, y)'
    """
    return Formula("min", terms)


def maximum(*terms: Operand) -> Formula:
    """Return the greatest of two or more, as an expression of a model.

    Parameters
    ----------
    terms : quantities, relations, expressions or numbers, all of one dimension

    Returns
    -------
    Formula, which stands in relations and in what claims are about.

    Examples
    --------
    >>> import estimates as est
    >>> x, y = est.Quantity("1 to 9"), est.Quantity("2 to 8")
    >>> model = est.Model({"x": x, "y": y}, {"z": est.maximum(x, y)}, targets=["z"])
    >>> str(model.relations["z"].branches[None])
    'max(x, y)'
    """
    return Formula("max", terms)


# What a file would say ------------------------------------------------------------------------


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
