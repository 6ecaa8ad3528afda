"""A model written in Python: plain strings, and expressions of the quantities themselves.

    n = Quantity("50 to 2,000", unit="person")
    w = Quantity("20 to 40", unit="USD/person")
    total = n * w / 2

What is written here becomes what a model file would say, and is read and checked as a file is: the
same names, the same checks, the same sentences. A quantity, and a formula that is a relation, has
the name that the model gives it; a formula that is none is written out wherever it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from estimates.language.wording import Width
from estimates.model.ledger import Source

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
    derived : the names of the claims of which this is a total that its author added up
    copy_of : the name of the claim that this one repeats, for another year say
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
    derived: tuple[str, ...] | list[str] = ()
    copy_of: str = ""
    because: str = ""
    scale: str | None = None
    tails: str | None = None
    pool: str | None = None
    note: str = ""
