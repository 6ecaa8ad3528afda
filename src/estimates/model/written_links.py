"""Countries, years and kinds of sources, as one writes them in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from estimates.model.terms import Term, Written

#: A size: a number, or a text as of a prior, `"10 to 150 %"`.
type Size = str | float


@dataclass(frozen=True)
class Dimension:
    """What quantities can be over: countries, years.

    Parameters
    ----------
    labels : its members in order; as a mapping, each with what readers see instead
    time : whether the labels are dates: years, months or days
    of : of a part, the dimension of which it has some members

    See Also
    --------
    Quantity : says in `over` which dimensions it is over

    Examples
    --------
    >>> import estimates as est
    >>> dimensions = {
    ...     "country": est.Dimension({"china": "China", "qatar": "Qatar", "uae": "UAE"}),
    ...     "gulf": est.Dimension(["qatar", "uae"], of="country"),
    ...     "year": est.Dimension([2013, 2017], time=True),
    ... }
    >>> n = est.Quantity("50 to 2,000", unit="person", over=["country", "year"])
    >>> est.Model({"n": n}, dimensions=dimensions, targets=[n[2017].sum("gulf")]).targets
    ('sum(n.2017, gulf)',)
    """

    labels: Sequence[str | int] | Mapping[str, str]
    time: bool = False
    of: str = ""


@dataclass(frozen=True)
class Alike:
    """Partial pooling: members of a dimension differ from one another by an unknown amount.

    Parameters
    ----------
    along : the dimension
    within : the standard deviation of the members about their centre on the link scale, a number
        or an interval: `"10 to 150 %"` is .1 to 1.5 on the log scale

    See Also
    --------
    Walk : a path over time

    Examples
    --------
    >>> import estimates as est
    >>> alike = est.Alike("country", within="10 to 150 %")
    >>> wage = est.Quantity("150 to 1,300", unit="USD", over="country", alike=alike)
    >>> places = {"country": ["china", "russia"]}
    >>> "wage.within" in est.Model({"wage": wage}, dimensions=places, targets="wage").quantities
    True
    """

    along: str
    within: Size


@dataclass(frozen=True)
class Walk:
    """A path over time, in steps of an unknown size.

    Parameters
    ----------
    along : the dimension of time
    by : the standard deviation of a year's step on the link scale, a number or an interval
    at : the date at which the prior holds; left out, the first
    together : by dimension, the correlation of its members' steps: a number, an interval, or True
        where it is not known

    See Also
    --------
    Alike : members of a dimension
    Stock : what accumulates

    Examples
    --------
    >>> import estimates as est
    >>> walk = est.Walk("year", by="5 to 80 %", at=2017)
    >>> n = est.Quantity("500 to 20,000", unit="person", over="year", walk=walk)
    >>> years = {"year": est.Dimension([2013, 2017], time=True)}
    >>> "n.by" in est.Model({"n": n}, dimensions=years, targets="n").quantities
    True
    """

    along: str
    by: Size
    at: str | int = ""
    together: Mapping[str, Size | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Stock:
    """What accumulates: a first value, what comes in per year, and for how long it stays.

    Parameters
    ----------
    first : what there is at the first date, an expression
    inflow : what comes in per year, an expression
    stay : for how long it stays, in years, an expression
    leave : `"exponential"`, the same part each year, or `"term"`, each after exactly that time

    See Also
    --------
    Walk : a path over time

    Examples
    --------
    >>> import estimates as est
    >>> come = est.Quantity("500 to 9,000", unit="person/year", over="year")
    >>> stay = est.Quantity("1 to 5", unit="year")
    >>> first = est.Quantity("3,000 to 9,000", unit="person")
    >>> there = est.Quantity(unit="person", over="year", stock=est.Stock(first, come, stay))
    >>> named = {"come": come, "stay": stay, "first": first, "there": there}
    >>> years = {"year": est.Dimension([2013, 2017], time=True)}
    >>> est.Model(named, dimensions=years, targets=[there]).targets
    ('there.2017', 'there.2013')
    """

    first: Written
    inflow: Written
    stay: Written
    leave: str = "exponential"


@dataclass(frozen=True)
class Correlated:
    """The correlation with another quantity, on the two link scales.

    Parameters
    ----------
    other : the other quantity, or its name
    rho : the correlation, a number or an interval

    See Also
    --------
    Alike : members of a dimension

    Examples
    --------
    >>> import estimates as est
    >>> n = est.Quantity("50 to 2,000", over="place")
    >>> both = est.Correlated(n, rho="0.2 to 0.8")
    >>> m = est.Quantity("5 to 200", over="place", correlated=both)
    >>> places = {"place": ["here", "there"]}
    >>> "m.rho" in est.Model({"n": n, "m": m}, dimensions=places, targets="m").quantities
    True
    """

    other: Term | str
    rho: Size


@dataclass(frozen=True)
class SourceKind:
    """What sources of a kind see of what there is, and how far off each of their claims is.

    Parameters
    ----------
    factor : the part of what there is that they see, a number or an interval; 1 for those against
        which the others are learnt
    odds : the same of claims about shares, as a ratio of odds
    source : the size of each source's own factor, `"10 to 60 %"`
    scatter : the size of each claim's own error, `"up to 80 %"`, in place of its basis
    label, note : free text

    See Also
    --------
    SourceGroup : kinds of claims in one sort of unit

    Examples
    --------
    >>> import estimates as est
    >>> est.SourceKind(factor="0.5 to 4", scatter="up to 80 %").factor
    '0.5 to 4'
    """

    factor: Size | None = None
    odds: Size | None = None
    source: Size | None = None
    scatter: Size | None = None
    label: str = ""
    note: str = ""


@dataclass(frozen=True)
class SourceGroup:
    """Kinds of sources, of the claims whose unit is the group's.

    Parameters
    ----------
    kinds : by the `kind` or basis of the claims
    unit : that of the claims; `"share"` for claims whose error is in log-odds, "" for other plain
        numbers
    note : free text

    See Also
    --------
    SourceKind : one of them

    Examples
    --------
    >>> import estimates as est
    >>> kinds = {"register": est.SourceKind(factor=1), "expert": est.SourceKind("0.5 to 2")}
    >>> n = est.Quantity("50 to 2,000", unit="person")
    >>> said = {
    ...     "counted": est.Claim("300 people", about=n, source="A", basis="register"),
    ...     "guessed": est.Claim("200 people", about=n, source="B", basis="expert"),
    ... }
    >>> count = {"count": est.SourceGroup(kinds, unit="person")}
    >>> est.Model({"n": n}, claims=said, kinds=count, targets="n").order
    ('n', 'count.expert.factor')
    """

    kinds: Mapping[str, SourceKind]
    unit: str = ""
    note: str = ""
