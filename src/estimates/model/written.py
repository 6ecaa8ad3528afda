"""A model written in Python: plain strings, and expressions of the quantities themselves.

    n = Quantity("50 to 2,000", unit="person")
    w = Quantity("20 to 40", unit="USD/person")
    total = n * w / 2

What is written here becomes what a model file would say, and is read and checked as a file is: the
same names, the same checks, the same sentences. A quantity, and a formula that is a relation, has
the name that the model gives it; a formula that is none is written out wherever it is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from estimates.language.wording import Width
from estimates.model.ledger import Source
from estimates.model.terms import Term, Written
from estimates.model.written_links import Alike, Correlated, Stock, Walk


@dataclass(frozen=True, eq=False)
class Quantity(Term):
    """A basic unknown, or with `value` a known constant, as one writes it.

    Parameters
    ----------
    prior : `"50 to 2,000"`, `"24 to 94 % @ 80%"` or `"Normal(mu=mu, sigma=tau)"`, whose arguments
        may name other quantities; over a dimension also by label, with `"else"`
    unit : `"person"`, `"USD/person/month"`, `"share"`; "" for a plain number
    value : instead of a prior, `"3 hours"` or a number; over a dimension also by label
    support : `real`, `positive` or `share`; "" leaves it to the unit and the prior
    label, note : free text
    over : the dimensions that it is over, one or several
    alike, walk, correlated : what links its cells, or it to another quantity
    stock : instead of a prior, what it accumulates from

    See Also
    --------
    Relation : a derived quantity
    Dimension : countries, or years
    Alike, Walk, Stock, Correlated : links of cells

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> w = est.Quantity("20 to 40", unit="USD/person")
    >>> model = est.Model({"n": n, "w": w}, {"pay": n * w}, targets=["pay"])
    >>> model.units.show(model.unit_of("pay"))
    'USD'

    Of each country by itself, or of all that a dimension has:

    >>> n = est.Quantity("50 to 2,000", unit="person", over="country")
    >>> both = {"country": ["china", "russia"]}
    >>> model = est.Model({"n": n}, dimensions=both, targets=[n["china"], n.sum("country")])
    >>> model.targets
    ('n.china', 'sum(n, country)')
    """

    prior: str | Mapping[str, str] | None = None
    unit: str = ""
    label: str = ""
    value: str | float | Mapping[str, str | float] | None = None
    support: str = ""
    note: str = ""
    over: str | Sequence[str] = ()
    alike: Alike | None = None
    walk: Walk | None = None
    stock: Stock | None = None
    correlated: Correlated | None = None


@dataclass(frozen=True, eq=False)
class Relation(Term):
    """A derived quantity of which more is said than its expression.

    Parameters
    ----------
    expression : what it is; or with `by` an expression for each option of that reading, None where
        the option says nothing of it
    by : the name of a reading
    unit, label, note : as of a `Quantity`; without a unit, the one that the expression has
    over : the dimensions that it must turn out to be over; left out, those of its expression
    first : over time, what it is at the first date; the expression is then what it is at each
        later one, and has `previous(name)` of the relation's own name

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
    over: str | Sequence[str] = ()
    first: Written | None = None


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
    each : `"claim"` where every claim that depends on it has an option of its own

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
    each: str = ""


@dataclass(frozen=True)
class Claim:
    """What somebody said, and what of the model it is about.

    Parameters
    ----------
    says : the words as a wording, `"around 20,000 people"`
    about : a quantity, a relation or an expression; where it is left out, the claim is known to
        the model and not used, and `because` says why
    source : where it was published: a `Source`, the id of one of the model's `sources`, or a title
    speaker, quote, note, because : free text
    when : the date that the figure refers to, `2014`, `"2014-05"` or `"2015 to 2016"`
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
    when: str | int = ""
    sigma: Width | str | float | None = None
    disputes: str = ""
    derived: tuple[str, ...] | list[str] = ()
    copy_of: str = ""
    because: str = ""
    scale: str | None = None
    tails: str | None = None
    pool: str | None = None
    note: str = ""
