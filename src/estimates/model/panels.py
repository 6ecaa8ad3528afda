"""Quantities over dimensions as they are declared, and what links their cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from estimates.errors import Place
from estimates.language.expression import Expression
from estimates.model.ledger import NOWHERE, Where
from estimates.model.priors import FixedValue, IntervalPrior, NamedPrior, Prior

#: The key of the prior that the labels have which are not named.
ELSE = "else"
#: A size, known or not: of steps, of differences between members.
type Size = IntervalPrior | NamedPrior | FixedValue


@dataclass(frozen=True, slots=True)
class Alike:
    """Partial pooling: members of a dimension differ from one another by an unknown amount.

    Attributes
    ----------
    along : the dimension
    within : the sd of the members about their centre, on the link scale
    """

    along: str
    within: Size


@dataclass(frozen=True, slots=True)
class Walk:
    """A path over time in steps of an unknown size.

    Attributes
    ----------
    along : the time
    by : the sd of a year's step, on the link scale
    at : the label at which the prior holds, the first where none is said
    together : by dimension, the correlation of the steps of its members
    """

    along: str
    by: Size
    at: str = ""
    together: Mapping[str, Size] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stock:
    """What accumulates: a first value, what comes in per year, and for how long it stays.

    `leave` is `exponential`, or `term` where everyone leaves after exactly that time.
    """

    first: Expression
    inflow: Expression
    stay: Expression
    leave: str = "exponential"


@dataclass(frozen=True, slots=True)
class Correlated:
    """The correlation with another quantity, on the two link scales."""

    other: str
    rho: Size


@dataclass(frozen=True, slots=True)
class PanelQuantity:
    """A basic unknown over dimensions, or a stock.

    Attributes
    ----------
    name : an identifier
    over : its dimensions; of one with a `walk` the time among them
    priors : under None the prior of all cells, else by label, `else` for the labels not named
    alike, walk, stock, correlated : what links the cells, None where nothing does
    unit, label, support, note : as of a `Quantity`
    """

    name: str
    over: tuple[str, ...]
    priors: Mapping[str | None, Prior] = field(default_factory=dict)
    alike: Alike | None = None
    walk: Walk | None = None
    stock: Stock | None = None
    correlated: Correlated | None = None
    unit: str = ""
    label: str = ""
    support: str = ""
    note: str = ""
    where: Where = field(default=NOWHERE, compare=False, repr=False)

    @property
    def field(self) -> str:
        """The key under which it is said what is known: `value` of what is known, else `prior`."""
        known = any(isinstance(one, FixedValue) for one in self.priors.values())
        return "value" if known else "prior"

    @property
    def place(self) -> Place | None:
        """Where the quantity was written, if in a file."""
        return self.where()
